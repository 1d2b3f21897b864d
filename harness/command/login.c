// SPDX-License-Identifier: Apache-2.0
// Reads how sessions are to reach the implementation.
#include "harness/command/login.h"

#include "conformance/base/wording.h"
#include "conformance/transcript/transcript.h"
#include "emulator/scenario/listening.h"
#include "harness/command/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_LOGIN = 0x600,
    OPTION_LOGIN_COMMAND,
    OPTION_LOGOUT_COMMAND,
    OPTION_LIST_COMMAND,
    OPTION_LOGIN_CAN,
    OPTION_LOGIN_TIMEOUT,
    OPTION_LISTEN,
};

static const char default_timeout[] = "30";

static const struct argp_option options[] = {
    {"login", OPTION_LOGIN, "HOW", 0,
     "How sessions reach the implementation: table (default): by the session table; command: by "
     "commands, on an initiator of its own (docs/login-command.md); api: by its own "
     "LoginIScsiTarget and LogoutIScsiTarget (docs/login-api.md)",
     3},
    {"login-command", OPTION_LOGIN_COMMAND, "TEMPLATE", 0,
     "With --login command: logs in, with {portal}, {target}, {initiator}, {isid}, {session}, ...",
     3},
    {"logout-command", OPTION_LOGOUT_COMMAND, "TEMPLATE", 0, "With --login command: logs out", 3},
    {"list-command", OPTION_LIST_COMMAND, "TEMPLATE", 0,
     "With --login command: prints the initiator's sessions; without it, what only the initiator "
     "knows is not judged",
     3},
    {"login-can", OPTION_LOGIN_CAN, "WORDS", 0,
     "With --login command: what the initiator does: recovery, redirects; with --login api: "
     "redirects",
     3},
    {"login-timeout", OPTION_LOGIN_TIMEOUT, "SECONDS", 0,
     "With --login command or api: for one command or login; 30 by default", 3},
    {"listen", OPTION_LISTEN, "ADDRESS", 0,
     "The targets listen on that address of this machine instead of loopback, for an initiator on "
     "another machine: whoever reaches it can log in (with run: only with --login command or api)",
     3},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct login_arguments *arguments = state->input;
    switch (key) {
    case OPTION_LOGIN:
        arguments->way = argument;
        return 0;
    case OPTION_LOGIN_COMMAND:
        arguments->templates[LOGIN_STEP_LOGIN] = argument;
        return 0;
    case OPTION_LOGOUT_COMMAND:
        arguments->templates[LOGIN_STEP_LOGOUT] = argument;
        return 0;
    case OPTION_LIST_COMMAND:
        arguments->templates[LOGIN_STEP_LIST] = argument;
        return 0;
    case OPTION_LOGIN_CAN:
        arguments->can = argument;
        return 0;
    case OPTION_LOGIN_TIMEOUT:
        arguments->timeout = argument;
        return 0;
    case OPTION_LISTEN:
        arguments->listen = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp login_argp = {.options = options, .parser = parse};

// An option and what it was given.
struct given {
    const char *option;
    const char *value;
};

enum { GIVEN = 5 };

static void list_given(const struct login_arguments *arguments, struct given given[static GIVEN])
{
    given[0] = (struct given){"--login-command", arguments->templates[LOGIN_STEP_LOGIN]};
    given[1] = (struct given){"--logout-command", arguments->templates[LOGIN_STEP_LOGOUT]};
    given[2] = (struct given){"--list-command", arguments->templates[LOGIN_STEP_LIST]};
    given[3] = (struct given){"--login-can", arguments->can};
    given[4] = (struct given){"--login-timeout", arguments->timeout};
}

static int check_timeout(const char *text, unsigned *timeout_ms, struct failure *failure)
{
    char *end = NULL;
    errno = 0;
    double seconds = strtod(text, &end);
    if (errno != 0 || end == text || *end != '\0' || text[strspn(text, "0123456789.")] != '\0' ||
        !(seconds >= 0.001 && seconds <= 3600))
        return failure_set(failure, STATUS_USAGE,
                           "--login-timeout %s: give seconds from 0.001 to 3600, such as 30", text);
    *timeout_ms = (unsigned)(seconds * 1000 + 0.5);
    return 0;
}

// The first option that was given of those from `from` on; NULL: none was.
static const struct given *find_given(const struct given given[static GIVEN], size_t from,
                                      size_t end)
{
    for (size_t i = from; i < end; i++)
        if (given[i].value != NULL)
            return &given[i];
    return NULL;
}

static int check_way(const struct login_arguments *arguments, enum login_way *way,
                     struct failure *failure)
{
    struct given given[GIVEN];
    const char *name = arguments->way == NULL ? "table" : arguments->way;
    const struct given *odd = NULL;
    list_given(arguments, given);
    if (strcmp(name, "command") == 0) {
        *way = LOGIN_COMMAND;
    } else if (strcmp(name, "api") == 0) {
        *way = LOGIN_API;
        odd = find_given(given, 0, LOGIN_STEPS);
    } else if (strcmp(name, "table") == 0) {
        *way = LOGIN_TABLE;
        odd = find_given(given, 0, GIVEN);
    } else {
        return failure_set(failure, STATUS_USAGE, "--login %s: give table, command or api", name);
    }
    return odd == NULL ? 0
                       : failure_set(failure, STATUS_USAGE, "%s %s: only with --login command",
                                     odd->option, quote(odd->value).text);
}

int login_arguments_check(const struct login_arguments *arguments, struct login_command **command,
                          struct failure *failure)
{
    struct login_options login = {.can = arguments->can};
    const char *timeout = arguments->timeout == NULL ? default_timeout : arguments->timeout;
    enum login_way way = LOGIN_TABLE;
    *command = NULL;
    if (check_way(arguments, &way, failure) != 0)
        return -1;
    if (way == LOGIN_TABLE)
        return 0;
    if (check_timeout(timeout, &login.timeout_ms, failure) != 0)
        return -1;
    if (way == LOGIN_API)
        return login_command_create_api(command, &login, failure);
    memcpy(login.templates, arguments->templates, sizeof login.templates);
    return login_command_create(command, &login, failure);
}

int login_check_listen(const struct login_arguments *arguments, bool run, struct failure *failure)
{
    bool open = false;
    if (arguments->listen == NULL)
        return 0;
    if (run && (arguments->way == NULL || strcmp(arguments->way, "table") == 0))
        return failure_set(failure, STATUS_USAGE,
                           "--listen %s: only with --login command or api, because otherwise the "
                           "kit's own initiators log in, on this machine",
                           arguments->listen);
    if (listening_check(arguments->listen, &open, failure) != 0)
        return -1;
    if (open)
        fprintf(stderr,
                "note: the targets listen on %s: whoever reaches that address can log in to those "
                "that ask for no password, and write to their disks, which are files of the kit\n",
                arguments->listen);
    return 0;
}

static void add_words(const struct given *given, struct files *files)
{
    char *text = given->value == NULL ? NULL : strdup(given->value);
    char *rest = NULL;
    files->no_memory = files->no_memory || (text == NULL && given->value != NULL);
    for (char *word = text == NULL ? NULL : strtok_r(text, " \t\n'\"", &rest); word != NULL;
         word = strtok_r(NULL, " \t\n'\"", &rest))
        if (strchr(word, '/') != NULL)
            files_add_input(files, given->option, word);
    free(text);
}

void login_arguments_add_inputs(const struct login_arguments *arguments, struct files *files)
{
    struct given given[GIVEN];
    list_given(arguments, given);
    for (size_t i = 0; i < GIVEN; i++)
        add_words(&given[i], files);
}

void login_arguments_append(const struct login_arguments *arguments, FILE *stream)
{
    struct given given[GIVEN];
    if (arguments->way != NULL)
        command_append(stream, "--login", arguments->way);
    list_given(arguments, given);
    for (size_t i = 0; i < GIVEN; i++)
        if (given[i].value != NULL)
            command_append(stream, given[i].option, given[i].value);
    if (arguments->listen != NULL)
        command_append(stream, "--listen", arguments->listen);
}
