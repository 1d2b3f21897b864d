// SPDX-License-Identifier: Apache-2.0
// Which records a judge sees, and as what: kinds of calls and answers, sets of probes, the moment
// of a call, lists that are the same; and the ways in which a clause fails.
#include "conformance/judge/evidence.h"
#include "conformance/judge/quiet.h"
#include "conformance/judge/symptom.h"
#include "conformance/transcript/circumstance.h"
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- Kinds of calls

START_TEST(calls_that_a_caller_may_make)
{
    static const struct {
        struct call call;
        bool legitimate;
    } cases[] = {
        {{.placement = PLACE_NULL, .offered = 3}, true},
        {{.placement = PLACE_END, .offered = 3}, true},
        {{.placement = PLACE_START, .offered = 3}, true},
        {{.placement = PLACE_MIDDLE, .misalignment = 0}, true},
        {{.placement = PLACE_MIDDLE, .misalignment = 8}, true},
        {{.placement = PLACE_MIDDLE, .misalignment = 1}, false},
        {{.placement = PLACE_MIDDLE, .misalignment = 4}, false},
        {{.placement = PLACE_MIDDLE, .misalignment = 7}, false},
        {{.placement = PLACE_MIDDLE, .misalignment = 9}, false},
        {{.placement = PLACE_EXACT, .offered = 64}, true},
        {{.placement = PLACE_EXACT, .offered = 56, .misalignment = 1}, true},
        {{.placement = PLACE_EXACT, .offered = 63}, false},
        {{.placement = PLACE_EXACT, .offered = 65}, false},
        {{.placement = PLACE_EXACT, .offered = 68}, false},
        {{.placement = PLACE_END, .flags = CALL_SIZE_NULL}, false},
        {{.placement = PLACE_END, .flags = CALL_COUNT_NULL}, false},
        {{.placement = PLACE_END, .flags = CALL_SPARSE | CALL_MEASURE}, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct record record = {.call = cases[i].call};
        ck_assert_msg(record_legitimate(&record) == cases[i].legitimate, "case %zu", i);
    }
}
END_TEST

START_TEST(calls_that_a_careful_caller_makes)
{
    static const struct {
        struct call call;
        bool usual;
        bool plain;
    } cases[] = {
        {{.placement = PLACE_END, .offered = 128, .count_in = 2}, true, true},
        {{.placement = PLACE_END, .offered = 127, .count_in = 1}, true, true},
        {{.placement = PLACE_END, .offered = 128, .count_in = 1}, false, false},
        {{.placement = PLACE_END, .offered = 128, .count_in = 3}, false, false},
        {{.placement = PLACE_NULL, .offered = 128, .count_in = 2}, true, false},
        {{.placement = PLACE_END, .offered = 128, .count_in = 2, .flags = CALL_COUNT_NULL},
         false,
         false},
        {{.placement = PLACE_END, .offered = 128, .count_in = 2, .flags = CALL_SIZE_NULL},
         true,
         false},
        {{.placement = PLACE_MIDDLE, .offered = 128, .count_in = 2, .misalignment = 4},
         true,
         false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct record record = {.call = cases[i].call};
        ck_assert_msg(record_usual_count(&record, scene.abi) == cases[i].usual, "case %zu", i);
        ck_assert_msg(record_plain(&record, scene.abi) == cases[i].plain, "case %zu", i);
    }
}
END_TEST

START_TEST(answers)
{
    static const struct {
        enum outcome_kind kind;
        uint32_t status;
        uint32_t count;
        uint32_t size;
        bool succeeded;
        bool insufficient;
        bool asks_for_none;
    } cases[] = {
        {OUTCOME_RETURNED, 0, 0, 101, true, false, false},
        {OUTCOME_RETURNED, 122, 0, 101, false, true, true},
        {OUTCOME_RETURNED, 122, 0, 100, false, true, false},
        {OUTCOME_RETURNED, 122, 1, 101, false, true, false},
        {OUTCOME_RETURNED, 121, 0, 101, false, false, false},
        {OUTCOME_RETURNED, 1, 0, 101, false, false, false},
        {OUTCOME_HUNG, 0, 0, 101, false, false, false},
        {OUTCOME_NOT_TRIED, 122, 0, 101, false, false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct record record = {.call.offered = 100,
                                      .outcome = {.kind = (uint8_t)cases[i].kind,
                                                  .status = cases[i].status,
                                                  .count_out = cases[i].count,
                                                  .size_out = cases[i].size}};
        const struct quiet quiet = {.insufficient = 121};
        ck_assert(record_returned(&record) == (cases[i].kind == OUTCOME_RETURNED));
        ck_assert(record_succeeded(&record) == cases[i].succeeded);
        ck_assert(record_insufficient(&record) == cases[i].insufficient);
        ck_assert(record_asks_for_none(&record) == cases[i].asks_for_none);
        ck_assert(quiet_insufficient(&quiet, &record) ==
                  (cases[i].insufficient || cases[i].status == 121));
    }
}
END_TEST

START_TEST(circumstances)
{
    struct record record = {.threads = 1};
    ck_assert(record_quiet(&record) && !record_under(&record, "") &&
              !record_under_prefix(&record, ""));
    record.threads = 2;
    ck_assert(!record_quiet(&record));
    record.threads = 0;
    ck_assert(record_quiet(&record));
    record.circumstance = "after a";
    ck_assert(!record_quiet(&record));
    ck_assert(record_under(&record, "after a") && !record_under(&record, "after"));
    ck_assert(record_under_prefix(&record, "after") && !record_under_prefix(&record, "after ab") &&
              !record_under_prefix(&record, "fter"));
}
END_TEST

// ---- Which records are seen

// How many records the evidence shows, of that set or of the clause's.
static size_t count_seen(const struct evidence *evidence, const char *set)
{
    size_t count = 0;
    for (const struct record *record = evidence_next(evidence, NULL, set); record != NULL;
         record = evidence_next(evidence, record, set))
        count++;
    return count;
}

START_TEST(records_of_sets_scopes_and_circumstances)
{
    static const char *const sets[] = {"query", "short", NULL};
    struct clause clause = {.probe_sets = sets};
    struct evidence evidence = {.transcript = scene.transcript, .clause = &clause};
    ck_assert_uint_eq(count_seen(&evidence, NULL), 0);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, 1);
    scene_call(&scene, "query", CHARSET_A, PLACE_END, 2);
    scene_call(&scene, "query", CHARSET_W, PLACE_END, 3);
    scene_call_under(&scene, "query", "now", CHARSET_A, 4);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, 5);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, 6)->threads = 2;
    scene_call(&scene, "short", CHARSET_A, PLACE_END, 7);
    scene_call_under(&scene, "fetch", "then", CHARSET_A, 8);
    ck_assert_uint_eq(count_seen(&evidence, NULL), 3);
    ck_assert_uint_eq(count_seen(&evidence, "fetch"), 4);
    ck_assert_uint_eq(count_seen(&evidence, "none"), 0);
    clause.scope = SCOPE_QUIET;
    ck_assert_uint_eq(count_seen(&evidence, NULL), 5);
    ck_assert_uint_eq(count_seen(&evidence, "query"), 2);
    clause.scope = SCOPE_EVERY;
    ck_assert_uint_eq(count_seen(&evidence, NULL), 7);
    evidence.only = "now";
    ck_assert_uint_eq(count_seen(&evidence, NULL), 1);
    evidence = evidence_of(&evidence, CHARSET_W);
    ck_assert_uint_eq(count_seen(&evidence, NULL), 0);
    evidence.only = NULL;
    ck_assert_uint_eq(count_seen(&evidence, NULL), 1);
}
END_TEST

struct visits {
    size_t made;
    size_t fail_at;
};

static bool visit(const struct evidence *evidence, const struct record *record, void *context,
                  struct verdict *verdict)
{
    struct visits *visits = context;
    (void)evidence;
    if (++visits->made == visits->fail_at)
        verdict->kind = VERDICT_FAIL;
    return record->call.offered != 1;
}

START_TEST(records_are_judged_up_to_the_first_failure)
{
    static const char *const sets[] = {"query", NULL};
    const struct clause clause = {.probe_sets = sets};
    const struct evidence evidence = {.transcript = scene.transcript, .clause = &clause};
    for (uint32_t offered = 0; offered < 4; offered++)
        scene_call(&scene, "query", CHARSET_A, PLACE_END, offered);
    for (size_t fail_at = 0; fail_at < 4; fail_at++) {
        struct visits visits = {.fail_at = fail_at};
        struct verdict verdict = {0};
        size_t judged = judge_each_record(&evidence, visit, &visits, &verdict);
        ck_assert_uint_eq(visits.made, fail_at == 0 ? 4 : fail_at);
        ck_assert_uint_eq(judged, fail_at == 1 ? 1 : visits.made - 1);
    }
}
END_TEST

// Fails for each call but those that hung; the verdict is tolerated for a call that ended.
static bool fail_in_each_way(const struct evidence *evidence, const struct record *record,
                             void *context, struct verdict *verdict)
{
    (void)evidence;
    (void)context;
    if (record->outcome.kind == OUTCOME_HUNG)
        return true;
    verdict->kind = VERDICT_FAIL;
    verdict->record = record;
    if (record->outcome.kind == OUTCOME_ENDED)
        verdict->deviation = "empty-needs-a-buffer";
    return true;
}

START_TEST(the_other_ways_to_fail_are_looked_for)
{
    static const char *const sets[] = {"query", NULL};
    static const uint8_t kinds[] = {OUTCOME_HUNG,  OUTCOME_RETURNED, OUTCOME_HUNG,
                                    OUTCOME_ENDED, OUTCOME_FAULT,    OUTCOME_RETURNED};
    const struct clause clause = {.id = "EMPTY-1", .probe_sets = sets};
    struct evidence evidence = {
        .transcript = scene.transcript, .clause = &clause, .profile = "windows"};
    struct verdict verdict = {0};
    for (size_t i = 0; i < sizeof kinds; i++)
        scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0)->outcome.kind = kinds[i];
    ck_assert_uint_eq(judge_each_record(&evidence, fail_in_each_way, NULL, &verdict), 2);
    ck_assert_uint_eq(verdict.symptoms, SYMPTOM_ANSWER | SYMPTOM_FAULT);
    evidence.profile = "documented"; // which tolerates nothing
    verdict = (struct verdict){0};
    judge_each_record(&evidence, fail_in_each_way, NULL, &verdict);
    ck_assert_uint_eq(verdict.symptoms, SYMPTOM_ANSWER | SYMPTOM_FAULT | SYMPTOM_END);
}
END_TEST

START_TEST(what_holds_or_is_judged_has_no_symptom)
{
    static const char *const sets[] = {"query", NULL};
    const struct clause clause = {.probe_sets = sets};
    const struct evidence evidence = {.transcript = scene.transcript, .clause = &clause};
    struct verdict verdict = {0};
    struct visits visits = {0};
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0)->outcome.kind = OUTCOME_FAULT;
    ck_assert_uint_eq(judge_each_record(&evidence, visit, &visits, &verdict), 2);
    ck_assert_uint_eq(verdict.symptoms, 0);
    verdict.kind = VERDICT_FAIL;
    ck_assert_uint_eq(judge_each_record(&evidence, visit, &visits, &verdict), 0);
    ck_assert_uint_eq(verdict.symptoms, 0);
    ck_assert_uint_eq(visits.made, 2);
}
END_TEST

// ---- The moment of a call

START_TEST(a_call_belongs_to_the_state_that_was_settled_when_it_began)
{
    const struct evidence evidence = {.transcript = scene.transcript};
    struct record record = {.probe_set = "fetch"};
    struct truth **truths = scene.transcript->truths;
    ck_assert_ptr_eq(evidence_query_truth(&evidence), truths[0]); // there is no query
    scene_log_in(&scene);
    scene_log_out(&scene);
    truths = scene.transcript->truths;
    for (size_t i = 0; i < 3; i++) {
        for (uint64_t late = 0; late < 3; late++) {
            record.outcome.began_ns = truths[i]->settled_ns + late;
            ck_assert_ptr_eq(evidence_truth(&evidence, &record), truths[i]);
        }
        record.outcome.began_ns = truths[i]->settled_ns - 1;
        ck_assert_ptr_eq(evidence_truth(&evidence, &record), truths[i == 0 ? 0 : i - 1]);
    }
    ck_assert_ptr_eq(evidence_first_truth(&evidence), truths[0]);
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    ck_assert_ptr_eq(evidence_query_truth(&evidence), truths[2]);
    record.outcome.began_ns = truths[1]->settled_ns;
    ck_assert(!evidence_as_queried(&evidence, &record));
    record.outcome.began_ns = truths[0]->settled_ns; // as many sessions
    ck_assert(evidence_as_queried(&evidence, &record));
}
END_TEST

START_TEST(the_first_size_that_a_query_asks_for)
{
    static const uint32_t sizes[] = {500, 0, 64, 65, 600};
    static const uint32_t statuses[] = {0, 122, 122, 122, 122};
    const struct evidence evidence = {.transcript = scene.transcript};
    uint32_t asked = 7;
    ck_assert(!evidence_required(&evidence, &asked));
    for (size_t i = 0; i < 5; i++) {
        struct outcome *outcome = &scene_call(&scene, "query", CHARSET_A, PLACE_END, 64)->outcome;
        outcome->status = statuses[i];
        outcome->size_out = sizes[i];
        ck_assert(evidence_required(&evidence, &asked) == (i >= 3));
        ck_assert_uint_eq(asked, i < 3 ? 7 : 65);
    }
}
END_TEST

// Under one circumstance alone, what was asked for under it counts.
START_TEST(the_size_asked_for_under_a_circumstance)
{
    struct evidence evidence = {.transcript = scene.transcript};
    const struct record *record = scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    uint32_t usual = record->outcome.size_out;
    uint32_t asked = 0;
    scene_call_under(&scene, "query", "now", CHARSET_A, 0)->outcome.size_out = 1;
    scene_call_under(&scene, "query", "never", CHARSET_A, 0)->outcome.size_out = 0;
    evidence.store = evidence_store_create(scene.transcript);
    record = scene.transcript->records;
    ck_assert(evidence_asked(&evidence, record, &asked));
    ck_assert_uint_eq(asked, usual);
    evidence.only = "now";
    ck_assert(evidence_asked(&evidence, record, &asked));
    ck_assert_uint_eq(asked, 1);
    evidence.only = "never";
    ck_assert(!evidence_asked(&evidence, record, &asked));
    evidence_store_free(evidence.store);
    scene.transcript->records[0].outcome.size_out = 1; // the least that can be asked for
    evidence = (struct evidence){.transcript = scene.transcript,
                                 .store = evidence_store_create(scene.transcript)};
    ck_assert(evidence_asked(&evidence, record, &asked));
    ck_assert_uint_eq(asked, 1);
    evidence_store_free(evidence.store);
}
END_TEST

// ---- Lists that are the same

// Is the second of two fetches, of which the first was altered so, looked at by itself?
static bool is_example(void (*alter)(struct record *record))
{
    scene_tear_down();
    scene_set_up();
    scene_call(&scene, "query", CHARSET_A, PLACE_END, 0);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, required);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, required);
    if (alter != NULL)
        alter(in("fetch", 1));
    struct evidence evidence = {.transcript = scene.transcript,
                                .abi = scene.abi,
                                .store = evidence_store_create(scene.transcript)};
    ck_assert_ptr_nonnull(evidence.store);
    ck_assert(evidence_is_example(&evidence, in("query", 0)));
    ck_assert(evidence_is_example(&evidence, in("fetch", 0)));
    bool is = evidence_is_example(&evidence, in("fetch", 1));
    const struct listing *listing = evidence_listing(&evidence, in("fetch", 0));
    const struct matching *matching = evidence_matching(&evidence, in("fetch", 0));
    ck_assert(listing != NULL && matching != NULL);
    ck_assert((evidence_listing(&evidence, in("fetch", 1)) == listing) == !is);
    ck_assert((evidence_matching(&evidence, in("fetch", 1)) == matching) == !is);
    ck_assert(evidence_listing(&evidence, in("query", 0)) == NULL);
    ck_assert(evidence_matching(&evidence, in("query", 0)) == NULL);
    ck_assert(!evidence_exhausted(&evidence));
    evidence_store_free(evidence.store);
    return is;
}

static void offer_more(struct record *record)
{
    record->call.offered++;
}

static void move(struct record *record)
{
    record->outcome.base += 16;
}

static void grow(struct record *record)
{
    record->outcome.size_out++;
}

static void count_less(struct record *record)
{
    record->outcome.count_out--;
}

static void make_wide(struct record *record)
{
    // Of three the second is W: the first and the third are of A.
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, record->call.offered);
    in("fetch", 1)->call.charset = CHARSET_W;
    in("fetch", 1)->same_as = in("fetch", 0)->same_as;
}

static void make_later(struct record *record)
{
    scene_change(&scene);
    record->outcome.began_ns = scene.now_ns;
}

static void make_other(struct record *record)
{
    *scene_member(&scene, record, 0, 0) ^= 1;
}

START_TEST(the_same_list_is_looked_at_once)
{
    ck_assert(!is_example(NULL));
    ck_assert(is_example(offer_more));
    ck_assert(is_example(move));
    ck_assert(is_example(grow));
    ck_assert(is_example(count_less));
    ck_assert(is_example(make_later));
    ck_assert(is_example(make_other));
    ck_assert(is_example(make_wide)); // the one before is of W
}
END_TEST

START_TEST(a_list_is_compared_with_the_last_of_its_bytes)
{
    static const bool examples[] = {true, false, true, false, true};
    for (size_t i = 0; i < 5; i++) {
        struct record *record =
            scene_call(&scene, "fetch", CHARSET_A, PLACE_END, scene_required(&scene, CHARSET_A));
        record->outcome.base += i == 2 || i == 3 ? 16 : 0;
    }
    const struct evidence evidence = {.transcript = scene.transcript,
                                      .store = evidence_store_create(scene.transcript)};
    ck_assert_ptr_nonnull(evidence.store);
    for (size_t i = 0; i < 5; i++)
        ck_assert_msg(evidence_is_example(&evidence, in("fetch", i)) == examples[i], "%zu", i);
    evidence_store_free(evidence.store);
}
END_TEST

// ---- The ways in which a clause fails

enum { WAYS = 20 };

static char ways[WAYS][200];

// As many ways to damage the source, each with a call that is answered with a success.
static void damage(size_t count, size_t length)
{
    scene_call_quiet(&scene);
    for (size_t i = 0; i < count; i++) {
        snprintf(ways[i], sizeof ways[i], "%s%0*zu", CIRCUMSTANCE_DAMAGED, (int)length, i);
        for (int call = 0; call < 2; call++)
            scene_call_under(&scene, "damage", ways[i], CHARSET_A, 0)->outcome.status =
                ERROR_SUCCESS;
    }
}

static size_t line_count(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += *text == '\n';
    return count;
}

START_TEST(one_way_to_fail_is_not_listed)
{
    damage(1, 1);
    struct verdict verdict = scene_judge(&scene, "FAULT-1", CHARSET_A);
    ck_assert_int_eq(verdict.kind, VERDICT_FAIL);
    ck_assert_str_eq(verdict.ways, "");
}
END_TEST

START_TEST(each_way_to_fail_is_listed_once)
{
    damage(3, 1);
    in("damage", 5)->outcome.kind = OUTCOME_HUNG; // of the second: it hangs in its first call
    struct verdict verdict = scene_judge(&scene, "FAULT-1", CHARSET_A);
    ck_assert_int_eq(verdict.kind, VERDICT_FAIL);
    ck_assert_uint_eq(line_count(verdict.ways), 2);
    ck_assert_ptr_eq(strstr(verdict.ways, "0: 0 (ERROR_SUCCESS)"), verdict.ways);
    ck_assert_ptr_nonnull(strstr(verdict.ways, "\n1: the call did not return\n2: 0 ("));
    for (size_t i = 5; i <= 6; i++) {
        in("damage", i)->outcome.kind = OUTCOME_RETURNED;
        in("damage", i)->outcome.status = 5;
    }
    verdict = scene_judge(&scene, "FAULT-1", CHARSET_A);
    ck_assert_uint_eq(line_count(verdict.ways), 1);
    ck_assert_ptr_nonnull(strstr(verdict.ways, "\n2: 0 ("));
    in("damage", 3)->outcome.status = in("damage", 4)->outcome.status = 5;
    in("damage", 7)->outcome.status = in("damage", 8)->outcome.status = 5;
    scene_expect(&scene, "FAULT-1", VERDICT_PASS);
    ck_assert_str_eq(scene_judge(&scene, "FAULT-1", CHARSET_A).ways, "");
}
END_TEST

START_TEST(ways_that_there_is_no_room_for_are_counted)
{
    damage(WAYS, 120);
    struct verdict verdict = scene_judge(&scene, "FAULT-1", CHARSET_A);
    size_t lines = line_count(verdict.ways);
    char last[32];
    snprintf(last, sizeof last, "\nand %zu more", WAYS - lines);
    ck_assert_uint_gt(strlen(verdict.ways), sizeof verdict.ways - 64 - 250);
    ck_assert_uint_lt(strlen(verdict.ways), sizeof verdict.ways - 1);
    ck_assert_str_eq(strrchr(verdict.ways, '\n'), last);
}
END_TEST

START_TEST(what_has_no_ways_lists_none)
{
    scene_call_quiet(&scene);
    scene_refuse(&scene, in("fetch", 0), 5);
    struct verdict verdict = scene_judge(&scene, "STATUS-1", CHARSET_A);
    ck_assert_int_eq(verdict.kind, VERDICT_FAIL);
    ck_assert_str_eq(verdict.ways, "");
    scene_expect(&scene, "FAULT-1", VERDICT_PASS);
}
END_TEST

// ---- What is tolerated, what is not known

START_TEST(what_is_not_tolerated_is_told_instead)
{
    scene.profile = "windows";
    scene_call_quiet(&scene);
    call_large();
    scene_refuse(&scene, in("large", 0), ERROR_NOACCESS);
    scene_expect(&scene, "SIZE-10", VERDICT_KNOWN);
    scene_refuse(&scene, in("large", 1), 5);
    struct verdict verdict = scene_judge(&scene, "SIZE-10", CHARSET_A);
    ck_assert_int_eq(verdict.kind, VERDICT_FAIL);
    ck_assert_ptr_eq(verdict.record, in("large", 1));
}
END_TEST

START_TEST(a_function_that_is_not_exported_is_named)
{
    scene_call_quiet(&scene);
    scene.transcript->hello.has_w = 0;
    struct verdict verdict = scene_judge(&scene, "CHARSET-1", CHARSET_W);
    ck_assert_int_eq(verdict.kind, VERDICT_SKIP);
    ck_assert_ptr_nonnull(strstr(verdict.got, "GetIScsiSessionListW "));
    ck_assert_str_eq(verdict.blocked_by, "EXPORT-1");
}
END_TEST

START_TEST(the_first_charset_that_did_not_return_is_told)
{
    scene_call_quiet(&scene);
    struct record *a = in(PROBE_SET_THREADS_BOTH, 0);
    struct record *w = scene_record(&scene, PROBE_SET_THREADS_BOTH, CHARSET_W, 0);
    a->outcome.kind = w->outcome.kind = OUTCOME_HUNG;
    ck_assert_ptr_eq(scene_judge(&scene, "THREADS-2", CHARSET_W).record, a);
    a->outcome.kind = OUTCOME_RETURNED;
    ck_assert_ptr_eq(scene_judge(&scene, "THREADS-2", CHARSET_W).record, w);
    w->outcome.kind = OUTCOME_NOT_TRIED;
    struct verdict verdict = scene_judge(&scene, "THREADS-2", CHARSET_W);
    ck_assert_int_eq(verdict.kind, VERDICT_SKIP);
    ck_assert_ptr_nonnull(strstr(verdict.got, "1 of the calls"));
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        calls_that_a_caller_may_make,
        calls_that_a_careful_caller_makes,
        answers,
        circumstances,
        records_of_sets_scopes_and_circumstances,
        records_are_judged_up_to_the_first_failure,
        the_other_ways_to_fail_are_looked_for,
        what_holds_or_is_judged_has_no_symptom,
        a_call_belongs_to_the_state_that_was_settled_when_it_began,
        the_first_size_that_a_query_asks_for,
        the_size_asked_for_under_a_circumstance,
        the_same_list_is_looked_at_once,
        a_list_is_compared_with_the_last_of_its_bytes,
        one_way_to_fail_is_not_listed,
        each_way_to_fail_is_listed_once,
        ways_that_there_is_no_room_for_are_counted,
        what_has_no_ways_lists_none,
        what_is_not_tolerated_is_told_instead,
        a_function_that_is_not_exported_is_named,
        the_first_charset_that_did_not_return_is_told,
    };
    Suite *suite = suite_create("limits_records");
    TCase *limits = tcase_create("limits_records");
    tcase_add_checked_fixture(limits, scene_set_up, scene_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
