// SPDX-License-Identifier: Apache-2.0
// The commands, and what is said of them together.
#include "harness/command/commands.h"

#include "conformance/base/text.h"
#include "conformance/base/wording.h"

#include <stdlib.h>
#include <string.h>

const struct command commands[] = {
    {"init", "DIR", "write a starter project, to judge and to mend", command_init,
     &command_init_argp},
    {"run", "", "judge an implementation in scenarios", command_run, &command_run_argp},
    {"list", "WHAT", "the clauses, or the scenarios", command_list, &command_list_argp},
    {"explain", "CLAUSE", "what a clause demands, why, and how it is tried", command_explain,
     &command_explain_argp},
    {"judge", "TRANSCRIPT...", "judge recorded calls again, without an implementation",
     command_judge, &command_judge_argp},
    {"replay", "TRANSCRIPT...", "make recorded calls again, without tgtd", command_replay,
     &command_replay_argp},
    {"fuzz", "", "seek failures that no set of probes thought of", command_fuzz,
     &command_fuzz_argp},
    {"convert", "FILE", "turn a case into its other form, text or binary", command_convert,
     &command_convert_argp},
    {"emulate", "SCENARIO", "hold a scenario's targets and sessions up", command_emulate,
     &command_emulate_argp},
    {"diff", "OLD NEW", "what changed between two results", command_diff, &command_diff_argp},
    {"merge", "RESULT...", "join the results of shards", command_merge, &command_merge_argp},
    {0},
};

const struct command command_words[] = {
    {.name = "help", .arguments = "[COMMAND]", .summary = "this text, or that of a command"},
    {.name = "version", .arguments = "", .summary = "the version of the kit"},
    {0},
};

static const char doc[] =
    "Technology compatibility kit for GetIScsiSessionListA and GetIScsiSessionListW: brings real "
    "iSCSI sessions up (tgtd and libiscsi), calls an implementation in a process of its own "
    "through every edge of the buffer contract, and judges what came back, clause by clause."
    "\v"
    "Commands:\n"
    "Each of them answers --help.\n"
    "\n"
    "Examples:\n"
    "  iscsidsc-tck run -i ./libiscsidsc.so\n"
    "  iscsidsc-tck run -i ./libiscsidsc.so -s single -c SIZE-3 --json x.json\n"
    "  iscsidsc-tck explain SIZE-3\n"
    "\n"
    "Exit status:\n"
    "  0  every must clause held\n"
    "  1  the implementation broke one\n"
    "  2  the command line, a scenario or another input file is wrong\n"
    "  3  the run can't be trusted: the emulator failed, the implementation could\n"
    "     not be loaded, or fewer checks ran than were planned\n"
    "  128 + N  signal N ended it\n";

static void print_commands(FILE *stream, const struct command *command)
{
    for (; command->name != NULL; command++) {
        int wide = fprintf(stream, "  %s%s%s", command->name,
                           command->arguments[0] == '\0' ? "" : " ", command->arguments);
        fprintf(stream, "%*s%s\n", wide < 23 ? 23 - wide : 1, "", command->summary);
    }
}

char *commands_fill_help(const char *text)
{
    static const char heading[] = "Commands:\n";
    char *filled = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&filled, &size);
    if (stream == NULL)
        return NULL;
    if (strncmp(text, heading, sizeof heading - 1) == 0) {
        text += sizeof heading - 1;
        fputs(heading, stream);
        print_commands(stream, commands);
        print_commands(stream, command_words);
    }
    fputs(text, stream);
    return text_close(stream, &filled) ? filled : NULL;
}

static char *filter_help(int key, const char *text, void *input)
{
    char *filled = key == ARGP_KEY_HELP_POST_DOC && text != NULL ? commands_fill_help(text) : NULL;
    if (filled == NULL)
        return (char *)text;
    char *wrapped = command_filter_help(key, filled, input);
    if (wrapped != filled)
        free(filled);
    return wrapped;
}

static const struct command *find(const char *name)
{
    for (const struct command *command = commands; command->name != NULL; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

static void refuse(const struct argp_state *state, const char *name)
{
    struct choices choices;
    choices_begin(&choices, name);
    for (const struct command *command = commands; command->name != NULL; command++)
        choices_add(&choices, command->name);
    for (const struct command *word = command_words; word->name != NULL; word++)
        choices_add(&choices, word->name);
    argp_error(state, "%s: no such command%s", name, choices_end(&choices, "commands").text);
}

static void choose(struct command_choice *choice, const char *name, struct argp_state *state)
{
    choice->at = state->next - 1;
    choice->command = find(name);
    if (choice->command != NULL) {
        state->next = state->argc; // all that follows is the command's own
    } else if (strcmp(name, "help") == 0) {
        choice->help = true; // the next argument may be a command
    } else if (strcmp(name, "version") == 0) {
        choice->version = true;
        state->next = state->argc;
    } else {
        refuse(state, name);
    }
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct command_choice *choice = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        choose(choice, argument, state);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which command? run, list, explain, judge, replay, fuzz, convert, "
                          "emulate, diff, merge or init");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp commands_argp = {
    .parser = parse, .args_doc = "COMMAND [ARGUMENT...]", .doc = doc, .help_filter = filter_help};

void commands_print_version(FILE *stream, struct argp_state *state)
{
    (void)state;
    fprintf(stream, "iscsidsc-tck %s\n", TCK_VERSION);
}
