// SPDX-License-Identifier: Apache-2.0
// Replays what was judged as a Check suite. The tests do not fork: they only tell what is known.
#include "harness/run/suite.h"

#include "conformance/clauses/groups.h"
#include "harness/run/judgement.h"

#include <check.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

// Check hands nothing to a test but a number, so the result stands here while it is replayed. One
// process replays one at a time.
static const struct result *replayed;

static void clause_tags(const struct clause *clause, char *tags, size_t size)
{
    snprintf(tags, size, "%s %s %s", clause_group_of(clause)->name, level_name(clause->level),
             basis_name(clause->basis));
}

static const struct check *find_check(size_t number)
{
    for (size_t i = 0; i < replayed->scenario_count; i++) {
        // The checks behind the planned ones, which prove a skip, are no tests.
        const struct scenario_result *scenario = &replayed->scenarios[i];
        if (number < scenario->planned_count)
            return &scenario->checks[number];
        number -= scenario->planned_count;
    }
    return NULL;
}

static void replay_check(int number)
{
    const struct check *check = find_check((size_t)number);
    if (check == NULL)
        ck_abort_msg("test %d was not planned", number);
    if (!check->judged)
        ck_abort_msg("not judged: %s", replayed->failure.text);
    // Waivers and baselines are the kit's: Check is told what the judge said.
    enum verdict_kind kind =
        check->excuse.kind == EXCUSE_NONE ? check->verdict.kind : check->excuse.was;
    if (kind == VERDICT_FAIL || kind == VERDICT_ERROR)
        ck_abort_msg("%s; expected: %s", check->verdict.got, check->verdict.expected);
}

// A test's name and entry; Check keeps pointers to them.
struct test {
    char name[32];
    TTest entry;
};

static Suite *make_suite(const struct scenario_result *scenario, struct test *tests, int first)
{
    Suite *suite = suite_create(scenario->name);
    TCase *clause_case = NULL;
    for (size_t i = 0; i < scenario->planned_count; i++) {
        const struct check *check = &scenario->checks[i];
        if (i == 0 || scenario->checks[i - 1].clause != check->clause) {
            char tags[128];
            clause_tags(check->clause, tags, sizeof tags);
            clause_case = tcase_create(check->clause->id);
            tcase_set_tags(clause_case, tags);
            suite_add_tcase(suite, clause_case);
        }
        struct test *test = &tests[i];
        judgement_name(check, test->name, sizeof test->name);
        test->entry = (TTest){test->name, replay_check, __FILE__, __LINE__};
        _tcase_add_test(clause_case, &test->entry, 0, 0, first + (int)i, first + (int)i + 1);
    }
    return suite;
}

// Check ends the whole process group at SIGINT and SIGTERM: they have to wait for its end.
static void run_all(SRunner *runner)
{
    sigset_t before;
    sigset_t held;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &held, &before);
    srunner_run_all(runner, CK_SILENT);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int suite_replay(const struct result *result, const char *xml_file, const char *folder,
                 struct failure *failure)
{
    static const char *const selections[] = {"CK_RUN_SUITE", "CK_RUN_CASE", "CK_INCLUDE_TAGS",
                                             "CK_EXCLUDE_TAGS"};
    size_t planned = 0;
    for (size_t i = 0; i < result->scenario_count; i++)
        planned += result->scenarios[i].planned_count;
    if (planned == 0 || planned > INT_MAX)
        return 0;
    struct test *tests = calloc(planned, sizeof *tests);
    if (tests == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "memory ran out");
    for (size_t i = 0; i < sizeof selections / sizeof *selections; i++)
        unsetenv(selections[i]);
    setenv("TEMP", folder, 1); // else /tmp, and where that can't be written to, Check exits
    SRunner *runner = srunner_create(NULL);
    size_t first = 0;
    for (size_t i = 0; i < result->scenario_count; i++) {
        const struct scenario_result *scenario = &result->scenarios[i];
        if (scenario->planned_count > 0)
            srunner_add_suite(runner, make_suite(scenario, tests + first, (int)first));
        first += scenario->planned_count;
    }
    srunner_set_fork_status(runner, CK_NOFORK);
    if (xml_file != NULL)
        srunner_set_xml(runner, xml_file);
    replayed = result;
    run_all(runner);
    replayed = NULL;
    srunner_free(runner);
    free(tests);
    return 0;
}
