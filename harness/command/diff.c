// SPDX-License-Identifier: Apache-2.0
// The command `diff`: what changed from one result to another.
#include "harness/command/command.h"
#include "harness/command/outputs.h"

#include "harness/report/html/diff_page.h"
#include "harness/report/report_file.h"
#include "harness/report/terminal_regression.h"
#include "harness/result/diff.h"
#include "harness/result/result_read.h"
#include "harness/result/result_write.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char doc[] =
    "Compares two results that `run --json` left: what fails only now, what is fixed, what was "
    "observed otherwise, what is no longer run."
    "\v"
    "Examples:\n"
    "  iscsidsc-tck diff last.json today.json\n"
    "  iscsidsc-tck diff --json - last.json today.json\n"
    "  iscsidsc-tck diff --html changes.html last.json today.json\n"
    "\n"
    "Exit status: 0 nothing differs, 1 something does, 2 a file can't be read.\n";

enum option_key {
    OPTION_JSON = 0x300,
    OPTION_HTML,
    OPTION_COLOR,
};

static const struct argp_option options[] = {
    {"json", OPTION_JSON, "FILE", 0, "Write the differences as JSON (- is standard output)", 0},
    {"html", OPTION_HTML, "FILE", 0, "Write the differences as a page for people", 0},
    {"color", OPTION_COLOR, "WHEN", 0, "auto (default), always or never", 0},
    {"quiet", 'q', NULL, 0, "Say nothing: the exit status tells", 0},
    {0},
};

struct arguments {
    struct outputs outputs; // JSON and HTML only
    struct texts paths;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case OPTION_JSON:
        arguments->outputs.json_file = argument;
        return 0;
    case OPTION_HTML:
        arguments->outputs.html_file = argument;
        return 0;
    case OPTION_COLOR:
        arguments->outputs.color = argument;
        return 0;
    case 'q':
        arguments->outputs.quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        return texts_add(&arguments->paths, argument);
    case ARGP_KEY_END:
        if (arguments->paths.count != 2)
            argp_error(state, "two results are needed, the older one first");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int check(const struct arguments *arguments, struct failure *failure)
{
    struct files files = {0};
    if (outputs_check(&arguments->outputs, failure) != 0)
        return -1;
    outputs_add_files(&arguments->outputs, 1, &files);
    files_add_input(&files, "OLD", arguments->paths.items[0]);
    files_add_input(&files, "NEW", arguments->paths.items[1]);
    int status = files_check(&files, failure);
    files_free(&files);
    return status;
}

static int write_differences(FILE *stream, const void *document)
{
    json_t *differences = diff_to_json(document);
    json_t *object =
        differences == NULL
            ? NULL
            : json_pack("{s:i, s:b, s:o}", "schema_version", REPORT_JSON_VERSION, "differs",
                        (int)diff_differs(document), "differences", differences);
    if (object == NULL)
        return -1;
    int status = json_dumpf(object, stream, JSON_INDENT(2));
    json_decref(object);
    if (status == 0)
        fputc('\n', stream);
    return status;
}

static int report(const struct arguments *arguments, const char *name,
                  const struct diff_document *document)
{
    const struct outputs *outputs = &arguments->outputs;
    const struct diff *diff = document->diff;
    struct failure failure = {0};
    int status = diff_differs(diff) ? 1 : 0;
    FILE *stream = outputs_stream(outputs);
    // The files first: the reader of the text may close the pipe (`| head`).
    if (outputs->json_file != NULL &&
        report_write_document(outputs->json_file, write_differences, diff, &failure) != 0)
        return command_complain(name, &failure);
    if (outputs->html_file != NULL && report_html_diff(document, outputs->html_file, &failure) != 0)
        return command_complain(name, &failure);
    if (!outputs->quiet) {
        fprintf(stream, "%s -> %s\n", arguments->paths.items[0], arguments->paths.items[1]);
        report_diff(stream, diff, false, outputs_colour(outputs));
        if (diff->of[DIFFERENCE_KNOWN] > 0)
            fprintf(stream, "  (%zu failed before and still do)\n", diff->of[DIFFERENCE_KNOWN]);
        fflush(stream);
    }
    return command_flush(name, status);
}

static int compare(const struct arguments *arguments, const char *name, struct failure *failure)
{
    struct result before = {0};
    struct result after = {0};
    struct diff diff = {0};
    int status = -1;
    if (result_read(&before, arguments->paths.items[0], failure) != 0 ||
        result_read(&after, arguments->paths.items[1], failure) != 0)
        goto out;
    if (diff_make(&diff, &before, &after) != 0)
        failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    else
        status = report(arguments, name,
                        &(struct diff_document){.diff = &diff,
                                                .before = &before,
                                                .after = &after,
                                                .before_path = arguments->paths.items[0],
                                                .after_path = arguments->paths.items[1]});
out:
    diff_free(&diff);
    result_free(&before);
    result_free(&after);
    return status;
}

const struct argp command_diff_argp = {.options = options,
                                       .parser = parse,
                                       .args_doc = "OLD.json NEW.json",
                                       .doc = doc,
                                       .help_filter = command_filter_help};

int command_diff(int argc, char **argv)
{
    struct arguments arguments = {.outputs = {.color = "auto"}};
    struct failure failure = {0};
    int status = STATUS_USAGE;
    if (command_parse(&command_diff_argp, argc, argv, 0, NULL, &arguments) != 0)
        goto out;
    if (check(&arguments, &failure) == 0)
        status = compare(&arguments, argv[0], &failure);
    if (failure.status != 0)
        status = command_complain(argv[0], &failure);
out:
    texts_free(&arguments.paths);
    return status;
}
