// SPDX-License-Identifier: Apache-2.0
// When one finding is taken for the consequence of another: each bond by itself.
#include "conformance/judge/consequence.h"
#include "conformance/transcript/circumstance.h"
#include "tests/main.h"

#include <check.h>

// A finding: of which clause, at which call, and what that call did.
struct side {
    const char *id;
    struct outcome outcome;
    const char *probe_set;
    const char *circumstance;
    const char *about;
    size_t index;
    bool without_record;
};

static bool follows(const struct side *one, const struct side *other)
{
    const struct side *sides[] = {one, other};
    struct clause clauses[2];
    struct record records[2];
    struct verdict verdicts[2];
    struct finding findings[2];
    for (size_t i = 0; i < 2; i++) {
        const struct side *side = sides[i];
        clauses[i] = (struct clause){.id = side->id};
        records[i] =
            (struct record){.probe_set = side->probe_set != NULL ? side->probe_set : "fetch",
                            .circumstance = side->circumstance,
                            .outcome = side->outcome};
        verdicts[i] = (struct verdict){.kind = VERDICT_FAIL,
                                       .record = side->without_record ? NULL : &records[i],
                                       .about = side->about};
        findings[i] = (struct finding){&clauses[i], &verdicts[i], side->index};
    }
    return is_consequence(&findings[0], &findings[1]);
}

struct pair_of_findings {
    struct side one;
    struct side other;
    bool follows;
};

static void expect(const struct pair_of_findings *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(follows(&pairs[i].one, &pairs[i].other) == pairs[i].follows,
                      "pair %zu: %s and %s", i, pairs[i].one.id, pairs[i].other.id);
}

START_TEST(the_same_call)
{
    static const struct pair_of_findings pairs[] = {
        {{.id = "SIZE-4", .index = 3}, {.id = "SIZE-1", .index = 3}, true},
        {{.id = "SIZE-4", .index = 3}, {.id = "SIZE-1", .index = 4}, false},
        {{.id = "SIZE-4", .without_record = true}, {.id = "SIZE-1"}, false},
        {{.id = "SIZE-4"}, {.id = "SIZE-1", .without_record = true}, false},
    };
    expect(pairs, sizeof pairs / sizeof pairs[0]);
}
END_TEST

START_TEST(names_are_those_of_clauses_and_groups)
{
    static const struct pair_of_findings pairs[] = {
        {{.id = "SIZE-999"}, {.id = "BOUNDS-1"}, true}, // of a group that is named
        {{.id = "SIZE-1"}, {.id = "BOUNDS-2"}, true},
        {{.id = "SIZE-1"}, {.id = "BOUNDS-12"}, false}, // another clause
        {{.id = "SIZE-1"}, {.id = "BOUNDS-3"}, false},
        {{.id = "SIZ-1"}, {.id = "BOUNDS-1"}, false},
        {{.id = "SIZES-1"}, {.id = "BOUNDS-1"}, false},
        {{.id = "BOUNDS-3"}, {.id = "BOUNDS-1"}, true},
        {{.id = "BOUNDS-5"}, {.id = "BOUNDS-1"}, false},
        {{.id = "FAULT-2"}, {.id = "BOUNDS-1"}, true}, // the last name
        {{.id = "CHARSET-1"}, {.id = "CONTENT-6"}, true},
        {{.id = "CHARSET-1"}, {.id = "CONTENT-7"}, false},
    };
    expect(pairs, sizeof pairs / sizeof pairs[0]);
}
END_TEST

#define FAULT(number)                                                                              \
    {                                                                                              \
        .kind = OUTCOME_FAULT, .signal_number = (number)                                           \
    }
#define ENDED(code)                                                                                \
    {                                                                                              \
        .kind = OUTCOME_ENDED, .exit_code = (code)                                                 \
    }
#define RETURNED(code)                                                                             \
    {                                                                                              \
        .kind = OUTCOME_RETURNED, .status = (code)                                                 \
    }

START_TEST(the_same_answer)
{
    static const struct pair_of_findings pairs[] = {
        {{.id = "SIZE-7", .outcome = RETURNED(5)}, {.id = "SIZE-2", .outcome = RETURNED(5)}, true},
        {{.id = "SIZE-7", .outcome = RETURNED(5)}, {.id = "SIZE-2", .outcome = RETURNED(6)}, false},
        {{.id = "SIZE-7", .outcome = RETURNED(0)}, {.id = "SIZE-2", .outcome = FAULT(11)}, false},
        {{.id = "SIZE-7", .outcome = FAULT(11)}, {.id = "SIZE-2", .outcome = RETURNED(0)}, false},
        {{.id = "SIZE-7", .outcome = FAULT(11)}, {.id = "SIZE-2", .outcome = FAULT(11)}, true},
        {{.id = "SIZE-7", .outcome = FAULT(11)}, {.id = "SIZE-2", .outcome = FAULT(7)}, false},
        {{.id = "SIZE-7", .outcome = ENDED(1)}, {.id = "SIZE-2", .outcome = ENDED(1)}, true},
        {{.id = "SIZE-7", .outcome = ENDED(1)}, {.id = "SIZE-2", .outcome = ENDED(2)}, false},
        {{.id = "SIZE-7", .outcome = ENDED(0)}, {.id = "SIZE-2", .outcome = FAULT(0)}, false},
    };
    expect(pairs, sizeof pairs / sizeof pairs[0]);
}
END_TEST

START_TEST(the_same_loss)
{
    static const struct pair_of_findings pairs[] = {
        {{.id = "THREADS-1", .outcome = FAULT(11)}, {.id = "STATUS-1", .outcome = FAULT(11)}, true},
        {{.id = "THREADS-1", .outcome = RETURNED(5)},
         {.id = "STATUS-1", .outcome = RETURNED(5)},
         false},
        {{.id = "THREADS-1", .outcome = FAULT(11)}, {.id = "STATUS-1", .outcome = FAULT(7)}, false},
        // What is late is itself the consequence of a change.
        {{.id = "THREADS-1", .outcome = FAULT(11)},
         {.id = "STATUS-1", .outcome = FAULT(11), .probe_set = "steps"},
         false},
        {{.id = "THREADS-1", .outcome = FAULT(11), .probe_set = "steps"},
         {.id = "STATUS-1", .outcome = FAULT(11)},
         true},
    };
    expect(pairs, sizeof pairs / sizeof pairs[0]);
}
END_TEST

START_TEST(what_was_called_late)
{
    static const struct pair_of_findings pairs[] = {
        {{.id = "COUNT-1", .probe_set = "caller-x"}, {.id = "CHANGE-1"}, true},
        {{.id = "COUNT-1", .probe_set = "steps"}, {.id = "CHANGE-1"}, true},
        {{.id = "COUNT-1", .probe_set = "changing"}, {.id = "CHANGE-1"}, true},
        {{.id = "COUNT-1", .probe_set = PROBE_SET_EVENTS}, {.id = "CHANGE-1"}, true},
        {{.id = "COUNT-1", .probe_set = "fetch"}, {.id = "CHANGE-1"}, false},
        {{.id = "COUNT-1", .probe_set = "caller"}, {.id = "CHANGE-1"}, false},
        {{.id = "COUNT-1", .probe_set = "callers"}, {.id = "CHANGE-1"}, false},
        {{.id = "COUNT-1", .probe_set = "step"}, {.id = "CHANGE-1"}, false},
        {{.id = "COUNT-1", .probe_set = "steps", .without_record = true},
         {.id = "CHANGE-1"},
         false},
    };
    expect(pairs, sizeof pairs / sizeof pairs[0]);
}
END_TEST

START_TEST(while_sessions_come_and_go)
{
    static const struct pair_of_findings pairs[] = {
        {{.id = "THREADS-1", .circumstance = CIRCUMSTANCE_CHANGING},
         {.id = "CHANGE-3", .circumstance = CIRCUMSTANCE_CHANGING},
         true},
        {{.id = "THREADS-1"}, {.id = "CHANGE-3", .circumstance = CIRCUMSTANCE_CHANGING}, false},
        {{.id = "THREADS-1", .circumstance = CIRCUMSTANCE_CHANGING}, {.id = "CHANGE-3"}, false},
        {{.id = "THREADS-1", .circumstance = CIRCUMSTANCE_SETTLED},
         {.id = "CHANGE-3", .circumstance = CIRCUMSTANCE_CHANGING},
         false},
    };
    expect(pairs, sizeof pairs / sizeof pairs[0]);
}
END_TEST

START_TEST(what_a_list_differs_in)
{
    static const struct pair_of_findings pairs[] = {
        // In what the cause is the clause of.
        {{.id = "FAULT-2", .about = "CONTENT-4"}, {.id = "CONTENT-4"}, true},
        {{.id = "FAULT-2", .about = "CONTENT-5"}, {.id = "CONTENT-4"}, false},
        {{.id = "FAULT-2"}, {.id = "CONTENT-4"}, false},
        {{.id = "FAULT-2", .about = "CONTENT-4"},
         {.id = "CONTENT-4", .probe_set = "changing"},
         false},
        // In the same.
        {{.id = "CHANGE-3", .about = "CONTENT-4"}, {.id = "CHANGE-1", .about = "CONTENT-4"}, true},
        {{.id = "CHANGE-3", .about = "CONTENT-4"}, {.id = "CHANGE-1", .about = "CONTENT-5"}, false},
        {{.id = "CHANGE-3"}, {.id = "CHANGE-1"}, false},
        {{.id = "CHANGE-3", .about = "CONTENT-4"}, {.id = "CHANGE-1"}, false},
        {{.id = "CHANGE-3"}, {.id = "CHANGE-1", .about = "CONTENT-4"}, false},
        // In nothing.
        {{.id = "SIZE-6", .about = "CONTENT-4"}, {.id = "CONTENT-1"}, true},
        {{.id = "CALLERS-1"}, {.id = "SIZE-6"}, true},
        {{.id = "CALLERS-1", .about = "CONTENT-4"}, {.id = "SIZE-6"}, false},
    };
    expect(pairs, sizeof pairs / sizeof pairs[0]);
}
END_TEST

START_TEST(whatever_the_call_was)
{
    static const struct pair_of_findings pairs[] = {
        {{.id = "STATUS-5", .without_record = true},
         {.id = "BOUNDS-1", .without_record = true, .index = 1},
         true},
        {{.id = "THREADS-2"}, {.id = "THREADS-1"}, true},
        {{.id = "THREADS-1"}, {.id = "THREADS-2"}, false},
    };
    expect(pairs, sizeof pairs / sizeof pairs[0]);
}
END_TEST

START_TEST(a_failure_counts_for_more_than_a_warning)
{
    static const struct clause clauses[] = {{.id = "STATUS-5"}, {.id = "BOUNDS-1"}};
    for (int own = VERDICT_PASS; own <= VERDICT_ERROR; own++)
        for (int cause = VERDICT_PASS; cause <= VERDICT_ERROR; cause++) {
            const struct verdict verdicts[] = {{.kind = (enum verdict_kind)own},
                                               {.kind = (enum verdict_kind)cause}};
            const struct finding findings[] = {{&clauses[0], &verdicts[0], 0},
                                               {&clauses[1], &verdicts[1], 0}};
            bool expected = cause == VERDICT_FAIL ? own == VERDICT_FAIL || own == VERDICT_WARN
                                                  : cause == VERDICT_WARN && own == VERDICT_WARN;
            ck_assert(is_consequence(&findings[0], &findings[1]) == expected);
            ck_assert(!is_consequence(&findings[0], &findings[0])); // nor of itself
        }
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        the_same_call,
        names_are_those_of_clauses_and_groups,
        the_same_answer,
        the_same_loss,
        what_was_called_late,
        while_sessions_come_and_go,
        what_a_list_differs_in,
        whatever_the_call_was,
        a_failure_counts_for_more_than_a_warning,
    };
    Suite *suite = suite_create("limits_consequence");
    TCase *limits = tcase_create("limits_consequence");
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
