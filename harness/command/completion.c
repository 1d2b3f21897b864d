// SPDX-License-Identifier: Apache-2.0
// Writes what completes command lines in bash and in zsh.
//
// What is offered comes from the options' own tables: their names, what their values are called
// (FILE, DIR, ID), and the words that some of them take.
#include "harness/command/completion.h"

#include "conformance/clauses/groups.h"
#include "harness/command/commands.h"
#include "harness/command/option_list.h"
#include "harness/command/settings.h"

#include <string.h>

// What can be offered for a value, or for an argument that is no option.
enum offer_kind {
    OFFER_NOTHING, // a number, an address
    OFFER_WORDS,
    OFFER_CLAUSES,        // and groups
    OFFER_SCENARIOS,      // those that ship
    OFFER_SCENARIO_FILES, // those and files
    OFFER_COMMANDS,       // of the kit
    OFFER_FILES,
    OFFER_FOLDERS,
    OFFER_PROGRAMS, // and files
};

struct offered {
    enum offer_kind kind;
    const char *const *words; // OFFER_WORDS: these, up to a NULL,
    const char *choice;       // or, without them, these, such as "clauses|scenarios"
};

static enum offer_kind find_value(const struct option_entry *option)
{
    bool scenario = strstr(option->name, "scenario") != NULL;
    if (scenario)
        return strstr(option->argument, "FILE") != NULL ? OFFER_SCENARIO_FILES : OFFER_SCENARIOS;
    if (strcmp(option->argument, "ID") == 0)
        return OFFER_CLAUSES;
    if (strcmp(option->argument, "DIR") == 0)
        return OFFER_FOLDERS;
    if (strcmp(option->argument, "PROGRAM") == 0)
        return OFFER_PROGRAMS;
    return strcmp(option->argument, "FILE") == 0 || strcmp(option->argument, "PATH") == 0
               ? OFFER_FILES
               : OFFER_NOTHING;
}

static enum offer_kind find_argument(const struct command *command)
{
    static const struct {
        const char *argument;
        enum offer_kind kind;
    } table[] = {
        {"", OFFER_NOTHING},           {"DIR", OFFER_FOLDERS},
        {"CLAUSE", OFFER_CLAUSES},     {"SCENARIO", OFFER_SCENARIO_FILES},
        {"[COMMAND]", OFFER_COMMANDS}, {"WHAT", OFFER_WORDS},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(command->arguments, table[i].argument) == 0)
            return table[i].kind;
    return OFFER_FILES;
}

static struct offered offer_of_value(const struct option_entry *option)
{
    const char *const *words = option_words(option->name);
    return words != NULL ? (struct offered){.kind = OFFER_WORDS, .words = words}
                         : (struct offered){.kind = find_value(option)};
}

static struct offered offer_of_argument(const struct command *command)
{
    struct offered offered = {.kind = find_argument(command)};
    if (offered.kind == OFFER_WORDS)
        offered.choice = command->argp->args_doc;
    return offered;
}

// With blanks between them.
static void print_words(FILE *stream, const struct offered *offered)
{
    for (size_t i = 0; offered->words != NULL && offered->words[i] != NULL; i++)
        fprintf(stream, "%s%s", i == 0 ? "" : " ", offered->words[i]);
    for (const char *at = offered->choice; at != NULL && *at != '\0'; at++)
        putc(*at == '|' ? ' ' : *at, stream);
}

// ---- bash

static void print_bash_head(FILE *stream)
{
    fputs("# Completion for iscsidsc-tck in bash; made by the build.\n"
          "_iscsidsc_tck_scenarios() {\n"
          "    # As it was typed: what the shell would make of it is done here.\n"
          "    local program=${COMP_WORDS[0]//\\\\/}\n"
          "    [[ $program == '~'/* ]] && program=$HOME/${program#*/}\n"
          "    \"$program\" list scenarios 2>/dev/null | cut -d ' ' -f 1\n"
          "}\n"
          "\n"
          "_iscsidsc_tck() {\n"
          "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
          "    local command= options= words= actions= argument= action i\n"
          "    local clauses='",
          stream);
    for (size_t i = 0; clause_groups[i] != NULL; i++) {
        fprintf(stream, "%s%s", i == 0 ? "" : " ", clause_groups[i]->name);
        for (size_t j = 0; j < clause_groups[i]->count; j++)
            fprintf(stream, " %s", clause_groups[i]->clauses[j].id);
    }
    fputs("'\n    local commands='", stream);
    for (const struct command *command = commands; command->name != NULL; command++)
        fprintf(stream, "%s ", command->name);
    fputs("help version'\n"
          "    # Bash has --option=value as three words.\n"
          "    [[ $current == = ]] && current=\n"
          "    [[ $before == = ]] && before=${COMP_WORDS[COMP_CWORD - 2]}\n"
          "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
          "        [[ ${COMP_WORDS[i]} == -* ]] && continue\n"
          "        command=${COMP_WORDS[i]}\n"
          "        break\n"
          "    done\n"
          "    case $command in\n",
          stream);
}

static void print_bash_offer(FILE *stream, struct offered offered)
{
    static const char *const texts[] = {
        [OFFER_NOTHING] = ":",
        [OFFER_CLAUSES] = "words=$clauses",
        [OFFER_SCENARIOS] = "words=$(_iscsidsc_tck_scenarios)",
        [OFFER_SCENARIO_FILES] = "words=$(_iscsidsc_tck_scenarios) actions=file",
        [OFFER_COMMANDS] = "words=$commands",
        [OFFER_FILES] = "actions=file",
        [OFFER_FOLDERS] = "actions=directory",
        [OFFER_PROGRAMS] = "actions='command file'",
    };
    if (offered.kind != OFFER_WORDS) {
        fputs(texts[offered.kind], stream);
        return;
    }
    fputs("words='", stream);
    print_words(stream, &offered);
    fputs("'", stream);
}

static void print_bash_value(FILE *stream, const struct option_entry *option)
{
    if (option->argument == NULL)
        return;
    fprintf(stream, "        --%s", option->name);
    if (option->letter != '\0')
        fprintf(stream, "|-%c", option->letter);
    fputs(") ", stream);
    print_bash_offer(stream, offer_of_value(option));
    fputs(" ;;\n", stream);
}

static void print_bash_command(FILE *stream, const struct command *command,
                               const struct option_list *options)
{
    fprintf(stream, "    %s)\n        options='", command->name);
    for (size_t i = 0; i < options->count; i++)
        fprintf(stream, "%s--%s", i == 0 ? "" : " ", options->items[i].name);
    fputs("'\n        case $before in\n", stream);
    for (size_t i = 0; i < options->count; i++)
        print_bash_value(stream, &options->items[i]);
    fputs("        *) argument=1; ", stream);
    print_bash_offer(stream, offer_of_argument(command));
    fputs(" ;;\n        esac ;;\n", stream);
}

// What words there are is said line by line, so that one with a blank stays whole.
static void print_bash_tail(FILE *stream)
{
    fputs(
        "    esac\n"
        "    [[ -n $argument && $current == -* ]] && words=$options actions=\n"
        "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
        "    [[ -n $actions ]] && compopt -o filenames 2>/dev/null\n"
        "    for action in $actions; do\n"
        "        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -A $action -- \"$current\")\n"
        "    done\n"
        "    return 0\n"
        "}\n"
        "complete -F _iscsidsc_tck iscsidsc-tck\n",
        stream);
}

// ---- zsh

// In single quotes, as a part of a specification of _arguments or _describe. `special`: the letters
// that mean something there.
static void print_zsh_text(FILE *stream, const char *text, const char *special)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\''", stream);
        else if (strchr(special, *text) != NULL)
            fprintf(stream, "\\%c", *text);
        else
            putc(*text == '\n' ? ' ' : *text, stream);
    }
}

static void print_zsh_offer(FILE *stream, struct offered offered)
{
    static const char *const texts[] = {
        [OFFER_NOTHING] = " ",
        [OFFER_CLAUSES] = "_iscsidsc_tck_clauses",
        [OFFER_SCENARIOS] = "_iscsidsc_tck_scenarios",
        [OFFER_SCENARIO_FILES] = "_iscsidsc_tck_scenario_files",
        [OFFER_COMMANDS] = "_iscsidsc_tck_commands",
        [OFFER_FILES] = "_files",
        [OFFER_FOLDERS] = "_files -/",
        [OFFER_PROGRAMS] = "_iscsidsc_tck_programs",
    };
    if (offered.kind != OFFER_WORDS) {
        fputs(texts[offered.kind], stream);
        return;
    }
    putc('(', stream);
    print_words(stream, &offered);
    putc(')', stream);
}

// '(-j --jobs)'{-j+,--jobs=}'[SENTENCE]:N: '
static void print_zsh_option(FILE *stream, const struct option_entry *option, const char *indent)
{
    const char *equals = option->argument == NULL ? "" : "=";
    const char *plus = option->argument == NULL ? "" : "+";
    fputs(indent, stream);
    if (settings_repeats(option->name))
        fputs("\\*", stream);
    else if (option->letter != '\0')
        fprintf(stream, "'(-%c --%s)'", option->letter, option->name);
    if (option->letter != '\0')
        fprintf(stream, "{-\\%c%s,--%s%s}'[", option->letter, plus, option->name, equals);
    else
        fprintf(stream, "'--%s%s[", option->name, equals);
    print_zsh_text(stream, option->sentence, "\\[]:");
    putc(']', stream);
    if (option->argument != NULL) {
        putc(':', stream);
        print_zsh_text(stream, option->argument, "\\:");
        putc(':', stream);
        print_zsh_offer(stream, offer_of_value(option));
    }
    fputs("' \\\n", stream);
}

static void print_zsh_described(FILE *stream, const char *word, const char *sentence)
{
    fprintf(stream, "        '%s:", word);
    print_zsh_text(stream, sentence, "\\:");
    fputs("'\n", stream);
}

static void print_zsh_clauses(FILE *stream)
{
    fputs("_iscsidsc_tck_clauses() {\n    local -a groups=(\n", stream);
    for (size_t i = 0; clause_groups[i] != NULL; i++)
        print_zsh_described(stream, clause_groups[i]->name, clause_groups[i]->title);
    fputs("    ) clauses=(\n", stream);
    for (size_t i = 0; clause_groups[i] != NULL; i++)
        for (size_t j = 0; j < clause_groups[i]->count; j++)
            print_zsh_described(stream, clause_groups[i]->clauses[j].id,
                                clause_groups[i]->clauses[j].sentence);
    fputs("    )\n"
          "    _describe -t groups group groups -- clauses\n"
          "}\n"
          "\n",
          stream);
}

static void print_zsh_head(FILE *stream)
{
    fputs("#compdef iscsidsc-tck\n"
          "# Completion for iscsidsc-tck in zsh; made by the build.\n"
          "\n"
          "_iscsidsc_tck_scenarios() {\n"
          "    local line\n"
          "    local -a scenarios\n"
          "    for line in ${(f)\"$(_call_program scenarios $program list scenarios)\"}; do\n"
          "        scenarios+=(\"${line%% *}:${line##*  }\")\n"
          "    done\n"
          "    _describe -t scenarios scenario scenarios\n"
          "}\n"
          "\n"
          "_iscsidsc_tck_scenario_files() {\n"
          "    _alternative 'scenarios:scenario:_iscsidsc_tck_scenarios' 'files:file:_files'\n"
          "}\n"
          "\n"
          "_iscsidsc_tck_programs() {\n"
          "    _alternative 'commands:program:_path_commands' 'files:file:_files'\n"
          "}\n"
          "\n",
          stream);
    print_zsh_clauses(stream);
    fputs("_iscsidsc_tck_commands() {\n    local -a commands=(\n", stream);
    for (const struct command *command = commands; command->name != NULL; command++)
        print_zsh_described(stream, command->name, command->summary);
    for (const struct command *word = command_words; word->name != NULL; word++)
        print_zsh_described(stream, word->name, word->summary);
    fputs("    )\n"
          "    _describe -t commands command commands\n"
          "}\n"
          "\n",
          stream);
}

static void print_zsh_command(FILE *stream, const struct command *command,
                              const struct option_list *options)
{
    fprintf(stream, "    %s)\n        _arguments -s -S \\\n", command->name);
    for (size_t i = 0; i < options->count; i++)
        print_zsh_option(stream, &options->items[i], "            ");
    struct offered offered = offer_of_argument(command);
    if (offered.kind != OFFER_NOTHING) {
        fputs("            '*:", stream);
        print_zsh_text(stream, command->arguments, "\\:");
        putc(':', stream);
        print_zsh_offer(stream, offered);
        fputs("' \\\n", stream);
    }
    fputs("            && result=0 ;;\n", stream);
}

// ---- Both

typedef void print_command(FILE *stream, const struct command *command,
                           const struct option_list *options);

// Each command, and each word that is none of its own, in the order of the help.
static int print_each(FILE *stream, print_command *print, struct failure *failure)
{
    struct option_list options = {0};
    for (const struct command *command = commands; command->name != NULL; command++) {
        if (option_list_make(&options, command->argp, failure) != 0)
            return -1;
        print(stream, command, &options);
        option_list_free(&options);
    }
    for (const struct command *word = command_words; word->name != NULL; word++)
        print(stream, word, &options);
    return 0;
}

int completion_print_bash(FILE *stream, struct failure *failure)
{
    static const struct command none = {.name = "''", .arguments = "[COMMAND]"};
    struct option_list options;
    print_bash_head(stream);
    if (print_each(stream, print_bash_command, failure) != 0 ||
        option_list_make(&options, &commands_argp, failure) != 0)
        return -1;
    print_bash_command(stream, &none, &options);
    option_list_free(&options);
    print_bash_tail(stream);
    return 0;
}

int completion_print_zsh(FILE *stream, struct failure *failure)
{
    struct option_list options;
    print_zsh_head(stream);
    fputs("_iscsidsc_tck() {\n"
          "    local curcontext=$curcontext program=$words[1] state result=1\n"
          "    local -a line\n"
          "    local -A opt_args\n"
          "    _arguments -C -S \\\n",
          stream);
    if (option_list_make(&options, &commands_argp, failure) != 0)
        return -1;
    for (size_t i = 0; i < options.count; i++)
        print_zsh_option(stream, &options.items[i], "        ");
    option_list_free(&options);
    fputs("        '1:command:_iscsidsc_tck_commands' \\\n"
          "        '*::argument:->arguments' \\\n"
          "        && result=0\n"
          "    [[ $state == arguments ]] || return result\n"
          "    curcontext=${curcontext%:*:*}:iscsidsc-tck-$line[1]:\n"
          "    case $line[1] in\n",
          stream);
    if (print_each(stream, print_zsh_command, failure) != 0)
        return -1;
    fputs("    esac\n"
          "    return result\n"
          "}\n"
          "\n"
          "_iscsidsc_tck \"$@\"\n",
          stream);
    return 0;
}
