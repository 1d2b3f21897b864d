// SPDX-License-Identifier: Apache-2.0
// The command `merge`: joins the results of shards into that of the whole run.
#include "harness/command/judging.h"

#include "harness/result/merge.h"
#include "harness/result/result_read.h"

#include <stdlib.h>
#include <string.h>

static const char doc[] =
    "Joins the results that the shards of one run left (run --shard I/N --json FILE), after it has "
    "proven that they are all of them, each there once, of the same plan. Baseline and waivers are "
    "for the whole: give them here."
    "\v"
    "Example:\n"
    "  iscsidsc-tck merge 1.json 2.json 3.json --json whole.json\n"
    "\n"
    "Exit status: as of run; 3 also when the results are not one whole run, 2 when a file can't be "
    "read.\n";

static error_t parse(int key, char *argument, struct argp_state *state)
{
    return judging_parse_files(
        key, argument, state,
        "which results? `iscsidsc-tck run --shard I/N --json FILE` makes them");
}

static int join(const struct judged_files *arguments, struct result *merged,
                struct failure *failure)
{
    size_t count = arguments->paths.count;
    struct result *parts = calloc(count, sizeof *parts);
    int status = parts == NULL ? failure_set(failure, STATUS_UNTRUSTED, "out of memory") : 0;
    for (size_t i = 0; status == 0 && i < count; i++)
        status = result_read(&parts[i], arguments->paths.items[i], failure);
    if (status == 0)
        status = merge_results(merged, parts, arguments->paths.items, count, failure);
    for (size_t i = 0; parts != NULL && i < count; i++)
        result_free(&parts[i]);
    free(parts);
    return status;
}

static int report(const struct judged_files *arguments, const char *name,
                  const struct excuses *excuses, struct result *merged)
{
    struct judging_report reports;
    if (judging_report(&reports, &arguments->judging, excuses, merged, merged->command) != 0) {
        const struct failure failure = {.status = STATUS_UNTRUSTED, .text = "out of memory"};
        return command_complain(name, &failure);
    }
    regression_tell(&reports.reporter, merged);
    judging_report_free(&reports);
    return outputs_write(&arguments->judging.outputs, name, merged, result_exit_status(merged));
}

static const struct argp_child children[] = {{&reporting_argp, 0, NULL, 0}, {0}};
const struct argp command_merge_argp = {.parser = parse,
                                        .args_doc = "RESULT.json...",
                                        .doc = doc,
                                        .help_filter = command_filter_help,
                                        .children = children};

int command_merge(int argc, char **argv)
{
    struct judged_files arguments = {.judging = {.profile = "documented"}};
    struct excuses excuses = {0};
    struct result merged = {0};
    struct failure failure = {0};
    int status = STATUS_USAGE;
    if (command_parse(&command_merge_argp, argc, argv, 0, NULL, &arguments) != 0)
        goto out;
    if (judging_check(&arguments.judging, &failure) != 0 ||
        judging_check_files(&arguments.judging, "RESULT", &arguments.paths, &failure) != 0 ||
        judging_excuses(&arguments.judging, &excuses, &failure) != 0 ||
        join(&arguments, &merged, &failure) != 0)
        status = command_complain(argv[0], &failure);
    else
        status = report(&arguments, argv[0], &excuses, &merged);
out:
    result_free(&merged);
    excuses_free(&excuses);
    texts_free(&arguments.paths);
    return status;
}
