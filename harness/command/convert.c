// SPDX-License-Identifier: Apache-2.0
// The command `convert`: turns a case into its other form, and a transcript into a case.
#include "harness/command/command.h"

#include "conformance/transcript/case_file.h"
#include "harness/command/files.h"
#include "harness/command/outputs.h"
#include "harness/command/transcripts.h"
#include "harness/report/wrapping.h"
#include "harness/run/case_of.h"

#include <string.h>

static const char doc[] =
    "Turns a case into its other form: text, which people read and edit, or binary, which is small "
    "and what fuzzers change. Nothing is lost in either direction. Of a transcript, which "
    "`run --transcript` recorded, it makes a case: its sessions and calls, without what came of "
    "them."
    "\v"
    "The ending of the output's name decides the form: .jsonl is text, .case is binary. Without "
    "-o, the text goes to standard output.\n"
    "\n"
    "Examples:\n"
    "  iscsidsc-tck convert found.case                   (shows it)\n"
    "  iscsidsc-tck convert found.case -o found.jsonl\n"
    "  iscsidsc-tck convert mine.jsonl -o mine.case\n"
    "\n"
    "Exit status: 0, 2 when the file is no case, 3 when the output can't be written.\n";

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "Where it goes: NAME.jsonl or NAME.case", 0},
    {0},
};

struct arguments {
    const char *path;
    const char *output; // NULL: standard output
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case 'o':
        arguments->output = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->path != NULL)
            argp_error(state, "%s: one file at a time", argument);
        arguments->path = argument;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which case? give its file");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text);
    return length > strlen(ending) && strcmp(text + length - strlen(ending), ending) == 0;
}

static int check(const struct arguments *arguments, struct failure *failure)
{
    struct files files = {0};
    if (arguments->output == NULL)
        return 0;
    if (!ends_with(arguments->output, ".jsonl") && !ends_with(arguments->output, ".case"))
        return failure_set(failure, STATUS_USAGE,
                           "--output %s: give a name that ends with .jsonl, for text, or with "
                           ".case, for the binary form",
                           arguments->output);
    files_add_input(&files, "FILE", arguments->path);
    files_add_output(&files, "--output", arguments->output);
    int status = files_check(&files, failure);
    files_free(&files);
    return status != 0 ? -1 : outputs_check_file("--output", arguments->output, failure);
}

static int load(struct transcript **one, const char *path, struct failure *failure)
{
    struct transcript *loaded = NULL;
    *one = NULL;
    if (transcripts_read(&loaded, path, failure) != 0)
        return -1;
    if (loaded->calls_only) {
        *one = loaded;
        return 0;
    }
    int status = case_of_transcript(one, loaded, path, failure);
    transcript_free(loaded);
    return status;
}

static int write_case(const struct transcript *one, const char *output, struct failure *failure)
{
    if (output == NULL) {
        wrapping_end();
        return case_file_write(stdout, one) == 0
                   ? 0
                   : failure_set(failure, STATUS_UNTRUSTED, "standard output can't be written to");
    }
    return ends_with(output, ".case") ? transcript_save_binary(one, output, failure)
                                      : transcript_save(one, output, failure);
}

const struct argp command_convert_argp = {.options = options,
                                          .parser = parse,
                                          .args_doc = "FILE",
                                          .doc = doc,
                                          .help_filter = command_filter_help};

int command_convert(int argc, char **argv)
{
    struct arguments arguments = {0};
    struct transcript *one = NULL;
    struct failure failure = {0};
    if (command_parse(&command_convert_argp, argc, argv, 0, NULL, &arguments) != 0)
        return STATUS_USAGE;
    int status = 0;
    if (check(&arguments, &failure) != 0 || load(&one, arguments.path, &failure) != 0 ||
        write_case(one, arguments.output, &failure) != 0)
        status = command_complain(argv[0], &failure);
    transcript_free(one);
    return command_flush(argv[0], status);
}
