// SPDX-License-Identifier: Apache-2.0
// Asks a listener what it is, before the run.
#include "harness/command/remote_host.h"

#include "harness/command/command.h"
#include "harness/driver/host.h"

#include <stdlib.h>
#include <string.h>

enum option_key {
    OPTION_HOST = 0xA00,
    OPTION_TOKEN_FILE,
};

static const struct argp_option options_of_remote[] = {
    {"host", OPTION_HOST, "tcp://ADDRESS:PORT", 0,
     "What a listener there has loaded (iscsidsc-tck-host --listen), instead of a file", 0},
    {"token-file", OPTION_TOKEN_FILE, "FILE", 0, "The file with the listener's token", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct remote_arguments *arguments = state->input;
    switch (key) {
    case OPTION_HOST:
        arguments->host = argument;
        return 0;
    case OPTION_TOKEN_FILE:
        arguments->token_file = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp remote_argp = {.options = options_of_remote, .parser = parse_option};

static int parse(const struct remote_arguments *arguments, struct remote_options *options,
                 struct failure *failure)
{
    if (arguments->token_file == NULL)
        return failure_set(failure, STATUS_USAGE,
                           "--host %s: give also --token-file, with the file that the listener was "
                           "given",
                           arguments->host);
    if (remote_parse(options, arguments->host, failure) != 0)
        return -1;
    return remote_read_token(options, arguments->token_file, failure);
}

static int ask(struct remote_options *options, struct supervisor *supervisor, unsigned timeout_ms,
               char **library, struct failure *failure)
{
    static const char windows[] = "windows";
    const struct host_options host_options = {.program = "",
                                              .library = options->text,
                                              .own_environment = true,
                                              .timeout_ms = timeout_ms,
                                              .remote = options};
    struct host *host = NULL;
    if (host_start(&host, supervisor, &host_options, failure) != 0)
        return -1;
    options->is_windows = strncmp(host_hello(host)->platform, windows, sizeof windows - 1) == 0;
    options->pointer_size = host_hello(host)->pointer_size;
    *library = strdup(host_remote_library(host));
    host_stop(host);
    return *library != NULL ? 0 : failure_set(failure, STATUS_UNTRUSTED, "out of memory");
}

int remote_host_check(const struct remote_arguments *arguments, const char *implementation,
                      const char *jobs, unsigned timeout_ms, bool dry,
                      struct remote_options *options, char **library, struct failure *failure)
{
    struct supervisor *supervisor = NULL;
    if (arguments->host == NULL && arguments->token_file != NULL)
        return failure_set(failure, STATUS_USAGE,
                           "--token-file %s: it is for --host tcp://ADDRESS:PORT, which is missing",
                           arguments->token_file);
    if (arguments->host == NULL)
        return 0;
    if (implementation != NULL)
        return failure_set(failure, STATUS_USAGE,
                           "--implementation %s: the listener of --host has loaded what is judged; "
                           "give one of the two",
                           implementation);
    if (jobs != NULL)
        return failure_set(failure, STATUS_USAGE,
                           "--jobs %s: a listener has one host at a time; leave --jobs out", jobs);
    if (parse(arguments, options, failure) != 0)
        return -1;
    if (dry)
        return (*library = strdup(options->text)) != NULL
                   ? 0
                   : failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    if (supervisor_create(&supervisor, failure) != 0)
        return -1;
    int status = ask(options, supervisor, timeout_ms, library, failure);
    supervisor_destroy(supervisor);
    return status;
}

int remote_host_name(const char *library, char **implementation, char **host_program,
                     struct failure *failure)
{
    *implementation = strdup(library);
    *host_program = strdup("");
    return *implementation != NULL && *host_program != NULL
               ? 0
               : failure_set(failure, STATUS_UNTRUSTED, "out of memory");
}

void remote_host_note(const struct remote_options *options, const char *name)
{
    struct failure note = {0};
    if (strncmp(options->address, "127.", 4) == 0 || strcmp(options->address, "::1") == 0 ||
        strcmp(options->address, "localhost") == 0)
        return;
    snprintf(note.text, sizeof note.text,
             "note: %s: if that is another machine, the implementation there can't read the "
             "session table of this one, and will fail for that; let it log in by itself "
             "(--login command), or run the listener on this machine",
             options->text);
    command_complain(name, &note);
}

void remote_arguments_append(const struct remote_arguments *arguments, FILE *stream)
{
    if (arguments->host == NULL)
        return;
    command_append(stream, "--host", arguments->host);
    command_append(stream, "--token-file", arguments->token_file);
}
