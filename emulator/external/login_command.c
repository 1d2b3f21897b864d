// SPDX-License-Identifier: Apache-2.0
// Reads the command templates, and fills them in. docs/login-command.md is for their authors.
#include "emulator/external/login_command.h"

#include "conformance/base/text.h"
#include "conformance/base/wording.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORDS_MAX = 256,
    NAME_MAX_SIZE = 32, // of a variable
};

static const char *const step_options[LOGIN_STEPS] = {"--login-command", "--logout-command",
                                                      "--list-command"};

// ---- templates ----

struct command_line {
    char *given;
    char *words; // one after the other, each ended by a NUL, with "{{" for "{"
    size_t word_count;
};

struct login_command {
    struct command_line lines[LOGIN_STEPS];
    char *can;
    unsigned timeout_ms;
    bool recovers;
    bool follows_redirects;
    bool api;
};

__attribute__((format(printf, 3, 4))) static int
refuse(struct failure *failure, enum login_step step, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return failure_set(failure, STATUS_USAGE, "%s: %s", step_options[step], text);
}

// A template being split.
struct splitting {
    const char *rest;
    char *to;
    bool in_word;
    char quote; // '\'' or '"' inside one, else 0
};

// Takes one letter, quote, or backslash with the letter after it. A brace after a backslash is
// doubled, because that is how a brace is written that begins no variable.
static void split_letter(struct splitting *splitting)
{
    char letter = *splitting->rest++;
    if (letter == splitting->quote && letter != '\0') {
        splitting->quote = '\0';
        return;
    }
    if (splitting->quote == '\0' && (letter == '\'' || letter == '"')) {
        splitting->quote = letter;
        splitting->in_word = true; // also where nothing stands between the quotes
        return;
    }
    if (letter == '\\' && splitting->quote != '\'' && *splitting->rest != '\0') {
        letter = *splitting->rest++;
        if (letter == '{' || letter == '}')
            *splitting->to++ = letter;
    }
    *splitting->to++ = letter;
    splitting->in_word = true;
}

static bool is_blank(char letter)
{
    return letter == ' ' || letter == '\t' || letter == '\n';
}

static void end_word(struct splitting *splitting, struct command_line *line)
{
    if (!splitting->in_word)
        return;
    *splitting->to++ = '\0';
    line->word_count++;
    splitting->in_word = false;
}

static int split(struct command_line *line, enum login_step step, struct failure *failure)
{
    // A backslash and a brace become two braces; the last word's end takes one byte more.
    line->words = calloc(1, strlen(line->given) + 2);
    if (line->words == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    struct splitting splitting = {.rest = line->given, .to = line->words};
    while (*splitting.rest != '\0') {
        if (splitting.quote == '\0' && is_blank(*splitting.rest)) {
            end_word(&splitting, line);
            splitting.rest++;
        } else {
            split_letter(&splitting);
        }
    }
    end_word(&splitting, line);
    if (splitting.quote != '\0')
        return refuse(failure, step, "a %c is not closed: %s", splitting.quote,
                      quote(line->given).text);
    if (line->word_count == 0)
        return refuse(failure, step, "the command is empty; give a program and its arguments");
    if (line->word_count > WORDS_MAX)
        return refuse(failure, step, "%zu words; at most %d are taken", line->word_count,
                      WORDS_MAX);
    return 0;
}

// The piece of a word at `at`: a letter, a doubled brace, or a variable. `*length` is how long it
// is, 0 for a variable that is not closed; `*name` is NULL unless it is a variable.
static void read_piece(const char *at, size_t *length, const char **name, size_t *name_length)
{
    *name = NULL;
    *length = 1;
    if ((at[0] == '{' || at[0] == '}') && at[1] == at[0]) {
        *length = 2;
    } else if (at[0] == '{') {
        *name = at + 1;
        *name_length = strcspn(*name, "{}");
        *length = (*name)[*name_length] == '}' ? *name_length + 2 : 0;
    }
}

static int refuse_variable(const char *name, size_t length, enum login_step step,
                           struct failure *failure)
{
    struct choices choices;
    char text[NAME_MAX_SIZE];
    snprintf(text, sizeof text, "%.*s", (int)length, name);
    choices_begin(&choices, text);
    for (size_t i = 0; login_variable_name(i) != NULL; i++)
        choices_add(&choices, login_variable_name(i));
    return refuse(failure, step, "there is no variable {%s}%s; a brace itself is written {{", text,
                  choices_end(&choices, "variables").text);
}

static int check_word(const char *word, enum login_step step, struct failure *failure)
{
    const char *name = NULL;
    size_t length = 0;
    size_t name_length = 0;
    for (const char *at = word; *at != '\0'; at += length) {
        read_piece(at, &length, &name, &name_length);
        if (length == 0)
            return refuse(failure, step,
                          "a { is not closed by a }: %s; a brace itself is written "
                          "{{",
                          quote(word).text);
        if (name != NULL && login_variable_find(name, name_length) == NULL)
            return refuse_variable(name, name_length, step, failure);
        if (name != NULL && step == LOGIN_STEP_LIST)
            return refuse(failure, step,
                          "it has the variable {%.*s}, and is for all sessions at "
                          "once; leave it out",
                          (int)name_length, name);
    }
    return 0;
}

static int read_template(struct login_command *command, enum login_step step, const char *given,
                         struct failure *failure)
{
    struct command_line *line = &command->lines[step];
    if (given == NULL && step == LOGIN_STEP_LIST)
        return 0;
    if (given == NULL)
        return refuse(failure, step,
                      "missing; --login command needs --login-command and "
                      "--logout-command");
    line->given = strdup(given);
    if (line->given == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    if (split(line, step, failure) != 0)
        return -1;
    const char *word = line->words;
    for (size_t i = 0; i < line->word_count; i++, word += strlen(word) + 1)
        if (check_word(word, step, failure) != 0)
            return -1;
    return 0;
}

// ---- what the initiator can do ----

static int read_can_word(struct login_command *command, const char *word, struct failure *failure)
{
    struct choices choices;
    if (strcmp(word, "recovery") == 0) {
        command->recovers = true;
    } else if (strcmp(word, "redirects") == 0) {
        command->follows_redirects = true;
    } else {
        choices_begin(&choices, word);
        choices_add(&choices, "recovery");
        choices_add(&choices, "redirects");
        return failure_set(failure, STATUS_USAGE, "--login-can: no such word, %s%s",
                           quote(word).text, choices_end(&choices, "words").text);
    }
    return 0;
}

static int read_can(struct login_command *command, const char *can, struct failure *failure)
{
    if (can == NULL)
        return 0;
    command->can = strdup(can);
    char *words = strdup(can);
    int result = 0;
    char *rest = NULL;
    if (command->can == NULL || words == NULL)
        result = failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    for (char *word = result == 0 ? strtok_r(words, ", ", &rest) : NULL;
         word != NULL && result == 0; word = strtok_r(NULL, ", ", &rest))
        result = read_can_word(command, word, failure);
    free(words);
    return result;
}

static int create(struct login_command **command, const struct login_options *options, bool api,
                  struct failure *failure)
{
    struct login_command *created = calloc(1, sizeof *created);
    int result = 0;
    if (created == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    for (int step = 0; step < LOGIN_STEPS && result == 0 && !api; step++)
        result = read_template(created, (enum login_step)step, options->templates[step], failure);
    if (result == 0)
        result = read_can(created, options->can, failure);
    if (result == 0 && api && created->recovers)
        result = failure_set(failure, STATUS_USAGE,
                             "--login-can recovery: only with --login command, because the API has "
                             "no way to connect a session again");
    if (result != 0) {
        login_command_free(created);
        return -1;
    }
    created->timeout_ms = options->timeout_ms;
    created->api = api;
    *command = created;
    return 0;
}

int login_command_create(struct login_command **command, const struct login_options *options,
                         struct failure *failure)
{
    return create(command, options, false, failure);
}

int login_command_create_api(struct login_command **command, const struct login_options *options,
                             struct failure *failure)
{
    return create(command, options, true, failure);
}

bool login_command_is_api(const struct login_command *command)
{
    return command->api;
}

void login_command_free(struct login_command *command)
{
    if (command == NULL)
        return;
    for (int step = 0; step < LOGIN_STEPS; step++) {
        free(command->lines[step].given);
        free(command->lines[step].words);
    }
    free(command->can);
    free(command);
}

const char *login_command_template(const struct login_command *command, enum login_step step)
{
    return command->lines[step].given;
}

const char *login_command_can(const struct login_command *command)
{
    return command->can;
}

unsigned login_command_timeout_ms(const struct login_command *command)
{
    return command->timeout_ms;
}

bool login_command_recovers(const struct login_command *command)
{
    return command->recovers;
}

bool login_command_passes(const struct login_command *command, const char *variable)
{
    const struct command_line *line = &command->lines[LOGIN_STEP_LOGIN];
    const char *word = line->words;
    if (command->api)
        return strcmp(variable, "user") == 0 || strcmp(variable, "password") == 0;
    for (size_t i = 0; i < line->word_count; i++, word += strlen(word) + 1) {
        const char *name = NULL;
        size_t length = 0;
        size_t name_length = 0;
        for (const char *at = word; *at != '\0'; at += length) {
            read_piece(at, &length, &name, &name_length);
            if (name != NULL && strlen(variable) == name_length &&
                strncmp(name, variable, name_length) == 0)
                return true;
        }
    }
    return false;
}

// ---- which topologies suit it ----

// What a topology needs of an initiator.
struct needs {
    bool recovering;
    bool header_digest;
    bool connections; // several in one session
    bool chap;
    bool mutual;
    bool redirects;
    bool names;      // names of initiators: several, in access lists, or as long as can be
    bool isid_forms; // other ISIDs than those that sessions get where the scenario gives none
    bool same_isids; // the same one in several sessions
};

static void add_session(struct needs *needs, const struct topology_session *session,
                        const struct topology_session *first)
{
    uint8_t usual[6];
    topology_isid(ISID_OUI, 1, usual);
    needs->recovering |= session->recovering;
    needs->header_digest |= session->header_digest;
    needs->connections |= session->further_count > 0;
    needs->mutual |= session->mutual.user != NULL;
    needs->names |= strcmp(session->initiator_name, first->initiator_name) != 0 ||
                    strlen(session->initiator_name) == ISCSI_NAME_MAX;
    needs->isid_forms |= memcmp(session->isid, usual, 3) != 0;
    needs->same_isids |= session != first && memcmp(session->isid, first->isid, 6) == 0;
}

static struct needs read_needs(const struct topology *topology)
{
    struct needs needs = {0};
    for (size_t i = 0; i < topology->session_count; i++)
        add_session(&needs, &topology->sessions[i], topology->sessions);
    for (size_t i = 0; i < topology->target_count; i++) {
        const struct topology_target *target = &topology->targets[i];
        needs.chap |= target->chap.user != NULL;
        needs.redirects |= target->redirect.is;
        needs.names |= target->allowed_initiator_count > 0;
    }
    return needs;
}

// What stands in the way of a topology: what the scenario has, and what commands and the API lack
// for it.
struct obstacle {
    bool is;
    const char *has;
    const char *command;
    const char *api;
};

static const struct obstacle *find_obstacle(const struct obstacle *obstacles, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (obstacles[i].is)
            return &obstacles[i];
    return NULL;
}

bool login_command_suits(const struct login_command *command, const struct topology *topology,
                         char *reason, size_t size)
{
    const struct needs needs = read_needs(topology);
    const bool isid = login_command_passes(command, "isid");
    const bool chap =
        login_command_passes(command, "user") && login_command_passes(command, "password");
    const bool mutual = login_command_passes(command, "mutual-user") &&
                        login_command_passes(command, "mutual-password");
    const struct obstacle obstacles[] = {
        {topology->unlisted_count > 0, "logins that are refused, or discovery sessions",
         "a command can't make those", "the kit does not ask the implementation for those"},
        {topology->event_count > 0, "events",
         "what an initiator that isn't the kit's own makes of them isn't known",
         "what an initiator that isn't the kit's own makes of them isn't known"},
        {needs.header_digest, "header digests", "there is no variable for them",
         "the kit does not ask the implementation for them"},
        {needs.connections && !login_command_passes(command, "connections"),
         "sessions of several connections", "the login command has no {connections}",
         "LoginIScsiTarget makes one"},
        {needs.recovering && !command->recovers, "a session that lost its connection",
         "--login-can does not say recovery",
         "what an initiator that isn't the kit's own makes of it isn't known"},
        {needs.redirects && !command->follows_redirects, "targets that redirect",
         "--login-can does not say redirects", "--login-can does not say redirects"},
        {needs.chap && !chap, "targets that ask for CHAP",
         "the login command has no {user} and {password}", ""},
        {needs.mutual && !mutual, "mutual CHAP",
         "the login command has no {mutual-user} and {mutual-password}",
         "LoginIScsiTarget is not given the target's secret"},
        {needs.names && !login_command_passes(command, "initiator"),
         "initiators with names that matter", "the login command has no {initiator}",
         "LoginIScsiTarget logs in by the machine's own name"},
        {needs.isid_forms && !isid, "ISIDs that are chosen", "the login command has no {isid}",
         "LoginIScsiTarget chooses the ISID itself"},
        // Where an initiator chooses, that happens as it will.
        {needs.same_isids && !isid && !command->api, "ISIDs that are chosen",
         "the login command has no {isid}", ""},
    };
    const struct obstacle *obstacle =
        find_obstacle(obstacles, sizeof obstacles / sizeof obstacles[0]);
    if (obstacle != NULL)
        snprintf(reason, size, "the scenario has %s, and %s", obstacle->has,
                 command->api ? obstacle->api : obstacle->command);
    return obstacle == NULL;
}

// ---- filling in ----

static void print_word(FILE *stream, const char *word, const struct login_variables *variables)
{
    const char *name = NULL;
    size_t length = 0;
    size_t name_length = 0;
    for (const char *at = word; *at != '\0'; at += length) {
        read_piece(at, &length, &name, &name_length);
        if (name != NULL)
            login_variable_print(login_variable_find(name, name_length), stream, variables);
        else
            putc(*at, stream);
    }
    putc('\0', stream);
}

// All words, filled in, each ended by a NUL; malloc'ed.
static char *print_words(const struct command_line *line, const struct login_variables *variables,
                         size_t *size)
{
    char *text = NULL;
    FILE *stream = open_memstream(&text, size);
    if (stream == NULL)
        return NULL;
    const char *word = line->words;
    for (size_t i = 0; i < line->word_count; i++, word += strlen(word) + 1)
        print_word(stream, word, variables);
    return text_close(stream, &text) ? text : NULL;
}

char **login_command_arguments(const struct login_command *command, enum login_step step,
                               const struct login_variables *variables)
{
    const struct command_line *line = &command->lines[step];
    size_t size = 0;
    char *text = print_words(line, variables, &size);
    size_t head = (line->word_count + 1) * sizeof(char *);
    char **arguments = text == NULL ? NULL : malloc(head + size);
    if (arguments != NULL) {
        char *word = (char *)arguments + head;
        memcpy(word, text, size);
        for (size_t i = 0; i < line->word_count; i++, word += strlen(word) + 1)
            arguments[i] = word;
        arguments[line->word_count] = NULL;
    }
    free(text);
    return arguments;
}
