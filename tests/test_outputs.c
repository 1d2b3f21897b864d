// SPDX-License-Identifier: Apache-2.0
// Where reports go: never over a file that the command reads or another report, but into devices
// and pipes; and a kit that was started with a closed standard stream.
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

// A command line of bash in the test's folder, where KIT is the kit, and what is to come of it. In
// the folder: lib.so, the reference; s.yaml, the scenario "single"; w.yaml, waivers; b.json, a
// result; calls/single.jsonl, a transcript. INPUTS are all of them.
struct row {
    int status;
    const char *said;  // somewhere in what it prints or complains
    const char *other; // NULL, or the same
    const char *line;
};

static const char preparation[] =
    "set -e; cp '" TCK_REFERENCE "' lib.so; "
    "cp '" TCK_SOURCE_DIR "/scenarios/single.yaml' s.yaml; "
    "printf 'waivers: []\\n' >w.yaml; "
    "$KIT run -q -s single -c SIZE-3 --json b.json --transcript calls >run.txt; "
    "cp b.json c.json; ln -s lib.so sym.so; ln lib.so hard.so; cp /bin/true login; "
    "mkdir saved; cp lib.so s.yaml w.yaml b.json c.json calls/single.jsonl login saved";

// Says what is not as it was.
static const char comparison[] =
    "for file in lib.so s.yaml w.yaml b.json c.json calls/single.jsonl login; do "
    "cmp $file saved/${file##*/} || echo \"CHANGED $file\"; done";

static const struct row refused[] = {
    {2, "--json ./lib.so", "--implementation", "$KIT run -i lib.so --json ./lib.so"},
    {2, "--tap lib.so", "--implementation", "$KIT run -i sym.so --tap lib.so"},
    {2, "--html sym.so", "--implementation", "$KIT run -i lib.so --html sym.so"},
    {2, "--junit hard.so", "--implementation", "$KIT run -i lib.so --junit hard.so"},
    {2, "--check-xml lib.so", "--implementation", "$KIT run -i lib.so --check-xml lib.so"},
    {2, "--json lib.so", "--implementation",
     "$KIT run -i b.json -i lib.so --json lib.so || "
     "$KIT run -i sym.so -i lib.so --json lib.so"},
    {2, "--json s.yaml", "--scenario", "$KIT run -s ./s.yaml --json s.yaml --tap w.yaml"},
    {2, "--tap w.yaml", "--waivers", "$KIT run -s ./s.yaml --waivers w.yaml --tap w.yaml"},
    {2, "--tap b.json", "--baseline", "$KIT run -s single --baseline b.json --tap b.json"},
    {2, "--json ./login", "--login-command",
     "$KIT run -s single --login command --login-command './login {target}' "
     "--logout-command true --json ./login"},
    {2, "--json", "the host program",
     "cp ${KIT%/*}/iscsidsc-tck-host host; ISCSIDSC_TCK_HOST=$PWD/host $KIT run --json host"},
    {2, "--json", "--tap", "$KIT run -s single --json x --tap ./x"},
    {2, "--junit", "--check-xml", "$KIT run -s single --junit x --check-xml calls/../x"},
    {2, "--tap", "--html", "$KIT run -s single --tap lib.so --html sym.so"},
    {2, "--json", "--transcript",
     "$KIT run -s single --json calls/single.jsonl --transcript calls"},
    {2, "--json", "--html", "$KIT run -s single --json - --html /dev/stdout"},
    {2, "--json", "TRANSCRIPT", "$KIT judge calls/single.jsonl --json calls/single.jsonl"},
    {2, "--tap", "--waivers", "$KIT judge calls/single.jsonl --waivers w.yaml --tap w.yaml"},
    {2, "--json", "RESULT", "$KIT merge b.json c.json --json c.json"},
    {2, "--json", "OLD", "$KIT diff b.json c.json --json b.json"},
    {2, "--html", "NEW", "$KIT diff b.json c.json --html ./c.json"},
};

#define SMALL "$KIT run -q -s single -c SIZE-3 "
static const struct row accepted[] = {
    {0, "Held", "1 differ",
     SMALL "--baseline b.json --json b.json; status=$?; "
           "cmp -s b.json saved/b.json || echo 1 differ; cp saved/b.json b.json; "
           "exit $status"},
    {0, "\"differs\"", NULL, // a reader that has gone takes no file along
     "env --default-signal=PIPE $KIT diff b.json c.json --json changes.json | (exec <&-; sleep "
     "0.2); cat changes.json"},
    {0, "Held", NULL, SMALL "--json /dev/null --tap /dev/null --junit /dev/null"},
    {0, "\"schema_version\"", NULL, SMALL "--json /dev/stdout"},
    {0, "\"schema_version\"", "Held", SMALL "--json /dev/stdout >out 2>err; cat out err"},
    {0, "\"schema_version\"", "Held", SMALL "--json /dev/stderr 2>err; cat err"},
    {0, "\"schema_version\"", NULL,
     SMALL "--json >(cat >fifo.json; echo done >&2) && sleep 1; "
           "cat fifo.json"},
    {0, "\"schema_version\"", NULL, "mkfifo pipe; cat pipe & " SMALL "--json pipe && wait"},
    // Standard streams that are closed, as by nohup's and init's relatives.
    {0, "Held", NULL, SMALL "<&-"},
    {0, NULL, NULL, SMALL ">&-"},
    {0, "Held", NULL, SMALL "2>&-"},
    {0, "\"schema_version\"", NULL, SMALL "--json x.json <&- >&- 2>&-; s=$?; cat x.json; exit $s"},
    {2, NULL, NULL, "$KIT run --nonsense 2>&-"},
    {0, NULL, NULL, "$KIT --help >&-"},
    {0, "right", NULL, "$KIT emulate single --check <&-"},
    // Output that can't be written is told.
    {3, "could not be written", NULL, "$KIT --help >/dev/full"},
    {3, "could not be written", NULL, "$KIT --version >/dev/full"},
    {3, "could not be written", NULL, "$KIT run --help >/dev/full"},
    {3, "could not be written", NULL, "$KIT list clauses >/dev/full"},
};

static char *run_bash(const char *line, int *status)
{
    char *command = NULL;
    ck_assert_int_gt(asprintf(&command,
                              "export TMPDIR='%s' KIT='" TCK_PROGRAM "'; cd '%s'; "
                              "exec bash -c '%s' 2>&1",
                              place.temporary, place.folder, "eval \"$LINE\""),
                     0);
    ck_assert_int_eq(setenv("LINE", line, 1), 0);
    char *said = kit_shell(command, status);
    free(command);
    return said;
}

static void expect_row(const struct row *row)
{
    int status = 0;
    char *said = run_bash(preparation, &status);
    ck_assert_msg(status == 0, "%s: %d: %s", preparation, status, said);
    free(said);
    said = run_bash(row->line, &status);
    ck_assert_msg(status == row->status, "%s: %d, expected %d: %s", row->line, status, row->status,
                  said);
    ck_assert_msg(row->said == NULL || strstr(said, row->said) != NULL, "%s: no \"%s\" in: %s",
                  row->line, row->said, said);
    ck_assert_msg(row->other == NULL || strstr(said, row->other) != NULL, "%s: no \"%s\" in: %s",
                  row->line, row->other, said);
    free(said);
    said = run_bash(comparison, &status);
    ck_assert_msg(said[0] == '\0', "%s: %s", row->line, said);
    free(said);
}

START_TEST(a_report_replaces_no_input_and_no_other_report)
{
    expect_row(&refused[_i]);
}
END_TEST

START_TEST(devices_pipes_and_closed_streams_are_fine)
{
    expect_row(&accepted[_i]);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("outputs");
    TCase *tests = tcase_create("outputs");
    tcase_add_checked_fixture(tests, place_set_up, place_tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, a_report_replaces_no_input_and_no_other_report, 0,
                        sizeof refused / sizeof *refused);
    tcase_add_loop_test(tests, devices_pipes_and_closed_streams_are_fine, 0,
                        sizeof accepted / sizeof *accepted);
    suite_add_tcase(suite, tests);
    return suite;
}
