// SPDX-License-Identifier: Apache-2.0
// The options of the command `run`.
#include "harness/command/run_arguments.h"

enum option_key {
    OPTION_SET = 0x200,
    OPTION_EFFORT,
    OPTION_CHECK_XML,
    OPTION_TRANSCRIPT,
    OPTION_TIMEOUT,
    OPTION_TIME_LIMIT,
    OPTION_SHARD,
    OPTION_EXCLUDE_SCENARIO,
    OPTION_OFFLINE,
    OPTION_DRY_RUN,
    OPTION_FAIL_FAST,
    OPTION_REPEAT,
    OPTION_UNTIL_FAIL,
    OPTION_WATCH,
    OPTION_CONFIG,
    OPTION_NO_CONFIG,
    OPTION_RERUN_FAILED,
};

static const char doc[] =
    "Judges an implementation of GetIScsiSessionListA and GetIScsiSessionListW in scenarios."
    "\v"
    "The implementation learns the sessions from the file that the environment variable "
    "ISCSIDSC_SESSION_TABLE names (docs/session-table.md). It is loaded in a process of its own: a "
    "crash, a hang or an exit in it is a finding, not the end of the run.\n"
    "\n"
    "Examples:\n"
    "  iscsidsc-tck run                               (judges the reference)\n"
    "  iscsidsc-tck run -i ./libx.so --json x.json\n"
    "  iscsidsc-tck run -i ./libx.so -s single -c SIZE -c BOUNDS-1\n"
    "  iscsidsc-tck run -i ./libx.so -j 2 --baseline last.json\n"
    "  iscsidsc-tck run -i ./old.so -i ./new.so       (and where they differ)\n"
    "  iscsidsc-tck run -i ./libx.so --offline        (where tgtd can't run)\n"
    "  iscsidsc-tck run -i ./libx.so --shard 1/3 --json 1.json\n"
    "  iscsidsc-tck run -i ./iscsidsc.dll             (a Windows DLL, by Wine)\n"
    "  iscsidsc-tck run --dry-run                     (what would be run)\n"
    "  iscsidsc-tck run --rerun-failed last.json\n"
    "  iscsidsc-tck run --host tcp://127.0.0.1:40123 --token-file token\n"
    "  iscsidsc-tck run -i ./libx.so --login command \\\n"
    "    --login-command 'xadm login {target} {portal}' --logout-command 'xadm logout {target}'\n"
    "\n"
    "Exit status: 0 every must clause held, 1 one was broken, 2 the command line or a scenario is "
    "wrong, 3 the run can't be trusted.\n";

static const struct argp_option options[] = {
    {"implementation", 'i', "PATH", 0,
     "The shared library or Windows DLL to judge; without it, the reference; may be repeated, to "
     "compare them",
     0},
    {"scenario", 's', "NAME|FILE", 0, "Run in this scenario; may be repeated", 0},
    {"exclude-scenario", OPTION_EXCLUDE_SCENARIO, "NAME", 0,
     "Leave this scenario out; may be repeated", 0},
    {"set", OPTION_SET, "NAME", 0, "Run in a set of scenarios: standard (default), scale or all",
     0},
    {"effort", OPTION_EFFORT, "HOW", 0, "How many sizes are tried: quick, standard (default), full",
     0},
    {"timeout", OPTION_TIMEOUT, "SECONDS", 0, "For one call, and for loading; 10 by default", 0},
    {"time-limit", OPTION_TIME_LIMIT, "SECONDS", 0,
     "For all: a run that takes longer ends with exit status 3; by default far more than it needs",
     0},
    {"jobs", 'j', "N", 0, "So many scenarios side by side; 1 by default", 0},
    {"offline", OPTION_OFFLINE, NULL, 0,
     "Where tgtd can't run: with the sessions that an earlier run had, which can't change", 0},
    {"shard", OPTION_SHARD, "I/N", 0,
     "Only this machine's part of the run; the command merge joins the results", 0},
    {"dry-run", OPTION_DRY_RUN, NULL, 0,
     "Only print what would be run, and where each option comes from; start nothing", 0},
    {"fail-fast", OPTION_FAIL_FAST, NULL, 0,
     "End after the first scenario in which a check fails; the others are skipped", 0},
    {"repeat", OPTION_REPEAT, "N", 0,
     "Run so many times, and say which clauses failed how often; the exit status is the worst", 0},
    {"until-fail", OPTION_UNTIL_FAIL, NULL, 0,
     "Run again until a run does not hold; with --repeat at most so many times", 0},
    {"watch", OPTION_WATCH, NULL, 0,
     "Run again whenever the library's file has changed, until Ctrl-C", 0},
    {"rerun-failed", OPTION_RERUN_FAILED, "FILE", 0,
     "Only what failed in that earlier result (JSON): its scenarios, clauses and options", 0},
    {"config", OPTION_CONFIG, "FILE", 0,
     "Read options from this file; without it, from iscsidsc-tck.yaml in the working folder or "
     "above it",
     0},
    {"no-config", OPTION_NO_CONFIG, NULL, 0, "Read no configuration file", 0},
    {"verbose", 'v', NULL, 0, "Every call, with what came of it", 2},
    {"check-xml", OPTION_CHECK_XML, "FILE", 0, "Have Check write its own XML", 2},
    {"transcript", OPTION_TRANSCRIPT, "DIR", 0,
     "Keep every call there, one file a scenario, for the command judge", 2},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct run_arguments *arguments = state->input;
    switch (key) {
    case 'i':
        return texts_add(&arguments->implementations, argument);
    case 'j':
        arguments->jobs = argument;
        return 0;
    case OPTION_SHARD:
        arguments->shard = argument;
        return 0;
    case 'v':
        arguments->judging.outputs.verbose = true;
        return 0;
    case 's':
        return texts_add(&arguments->selection.names, argument);
    case OPTION_EXCLUDE_SCENARIO:
        return texts_add(&arguments->selection.excluded, argument);
    case OPTION_SET:
        arguments->selection.set = argument;
        return 0;
    case OPTION_EFFORT:
        arguments->effort = argument;
        return 0;
    case OPTION_TIMEOUT:
        arguments->timeout = argument;
        return 0;
    case OPTION_TIME_LIMIT:
        arguments->time_limit = argument;
        return 0;
    case OPTION_CHECK_XML:
        arguments->check_xml_file = argument;
        return 0;
    case OPTION_TRANSCRIPT:
        arguments->transcript_folder = argument;
        return 0;
    case OPTION_OFFLINE:
        arguments->offline = true;
        return 0;
    case OPTION_DRY_RUN:
        arguments->dry_run = true;
        return 0;
    case OPTION_FAIL_FAST:
        arguments->fail_fast = true;
        return 0;
    case OPTION_REPEAT:
        arguments->repeat = argument;
        return 0;
    case OPTION_UNTIL_FAIL:
        arguments->until_fail = true;
        return 0;
    case OPTION_WATCH:
        arguments->watch = true;
        return 0;
    case OPTION_CONFIG: // these are read before (config.h, rerun.h)
    case OPTION_NO_CONFIG:
    case OPTION_RERUN_FAILED:
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->judging;
        state->child_inputs[1] = &arguments->login;
        state->child_inputs[2] = &arguments->target;
        state->child_inputs[3] = &arguments->remote;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state,
                   "%s: run takes options only; an implementation is given with -i, a scenario "
                   "with -s",
                   argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&judging_argp, 0, NULL, 0},
                                             {&login_argp, 0, NULL, 0},
                                             {&target_argp, 0, NULL, 0},
                                             {&remote_argp, 0, NULL, 0},
                                             {0}};
const struct argp command_run_argp = {.options = options,
                                      .parser = parse,
                                      .doc = doc,
                                      .help_filter = command_filter_help,
                                      .children = children};

void run_arguments_free(struct run_arguments *arguments)
{
    texts_free(&arguments->implementations);
    texts_free(&arguments->selection.names);
    texts_free(&arguments->selection.excluded);
    judging_free(&arguments->judging);
}
