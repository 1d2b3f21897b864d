// SPDX-License-Identifier: Apache-2.0
// No call goes without a verdict: in the transcript of a run in which everything holds, calls are
// made not to return, or never to have been made, and then the transcript is judged again.
#include "conformance/clauses/groups.h"
#include "conformance/transcript/circumstance.h"
#include "harness/run/run.h"
#include "tests/kit.h"
#include "tests/main.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SETS_MAX = 128 };

static struct transcript *transcript;
static const char *sets[SETS_MAX]; // the sets of probes in it
static size_t set_count;
static const struct clause **clauses;
static size_t clause_count;

static const uint8_t losses[] = {OUTCOME_FAULT, OUTCOME_ENDED, OUTCOME_HUNG, OUTCOME_DAMAGED};
static const char *const loss_names[] = {"fault", "end", "hang", "damage"};

enum { LOSS_COUNT = sizeof losses / sizeof losses[0] };

// ---- The transcript

static void find_sets(void)
{
    for (size_t i = 0; i < transcript->record_count; i++) {
        const char *set = transcript->records[i].probe_set;
        bool known = false;
        for (size_t j = 0; j < set_count && !known; j++)
            known = strcmp(sets[j], set) == 0;
        if (known)
            continue;
        ck_assert_uint_lt(set_count, SETS_MAX);
        sets[set_count++] = set;
    }
}

static void find_clauses(void)
{
    for (size_t i = 0; clause_groups[i] != NULL; i++)
        clause_count += clause_groups[i]->count;
    clauses = calloc(clause_count, sizeof(struct clause *));
    ck_assert_ptr_nonnull(clauses);
    size_t next = 0;
    for (size_t i = 0; clause_groups[i] != NULL; i++)
        for (size_t j = 0; j < clause_groups[i]->count; j++)
            clauses[next++] = &clause_groups[i]->clauses[j];
}

static void record_transcript(void)
{
    struct place place;
    struct kit kit;
    struct failure failure = {0};
    place_open(&place);
    char *folder = place_path(&place, "transcripts");
    char *path = place_path(&place, "transcripts/single.jsonl");
    kit_run(&kit, &place, "run", "-s", "single", "--effort", "quick", "--transcript", folder, NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
    ck_assert_msg(transcript_load(&transcript, fopen(path, "re"), path, &failure) == 0, "%s",
                  failure.text);
    free(path);
    free(folder);
    place_close(&place);
    find_sets();
    find_clauses();
}

static void free_transcript(void)
{
    transcript_free(transcript);
    free(clauses);
}

// ---- Judging

static void judge(struct result *result)
{
    const struct judge_options options = {.profile = "documented"};
    *result = (struct result){.profile = "documented"};
    ck_assert_int_eq(run_judge(transcript, clauses, clause_count, &options, result), 0);
    ck_assert_uint_eq(result->scenario_count, 1);
}

static bool warns(const struct result *result, const char *id)
{
    const struct scenario_result *scenario = &result->scenarios[0];
    for (size_t i = 0; i < scenario->check_count; i++)
        if (strncmp(scenario->checks[i].clause->id, id, strlen(id)) == 0 &&
            scenario->checks[i].verdict.kind == VERDICT_WARN)
            return true;
    return false;
}

// The clauses that a call breaks that should, but need not, return, as their identifiers begin;
// NULL: it must.
static const char *should_return(const struct record *record)
{
    const char *circumstance = record->circumstance;
    const struct call *call = &record->call;
    if (circumstance != NULL &&
        strncmp(circumstance, CIRCUMSTANCE_DETAIL, strlen(CIRCUMSTANCE_DETAIL)) == 0)
        return "FAULT-3";
    if ((call->flags & (CALL_SIZE_NULL | CALL_COUNT_NULL)) != 0)
        return "ARGS-";
    bool exact = call->placement == PLACE_EXACT && call->offered % 8 != 0;
    bool beside = call->placement == PLACE_MIDDLE && call->misalignment % 8 != 0;
    return exact || beside ? "BOUNDS-8" : NULL;
}

// ---- Calls that did not return

static void lose(struct record *record, uint8_t kind)
{
    struct outcome *outcome = &record->outcome;
    *outcome = (struct outcome){.kind = kind,
                                .inside = extent_none(),
                                .before = extent_none(),
                                .after = extent_none(),
                                .base = outcome->base,
                                .began_ns = outcome->began_ns,
                                .ended_ns = outcome->ended_ns};
    outcome_single(outcome);
    if (kind == OUTCOME_FAULT)
        outcome->signal_number = 11;
    if (kind == OUTCOME_ENDED)
        outcome->exit_code = 7;
}

// Whether the verdict says that this call did not return.
static bool is_noticed(size_t index, size_t loss)
{
    struct record *record = &transcript->records[index];
    const struct record kept = *record;
    const char *should = should_return(record);
    struct result result;
    lose(record, losses[loss]);
    judge(&result);
    int status = result_exit_status(&result);
    bool noticed = status != 0 || (should != NULL && warns(&result, should));
    if (!noticed)
        fprintf(stderr, "%s: record %zu (%s, charset %d, offered %u): exit status 0 with a %s\n",
                record->probe_set, index,
                record->circumstance != NULL ? record->circumstance : "quiet", record->call.charset,
                record->call.offered, loss_names[loss]);
    result_free(&result);
    *record = kept;
    return noticed;
}

START_TEST(what_did_not_return_is_never_green)
{
    size_t loss = (size_t)_i;
    size_t missed = 0;
    for (size_t i = 0; i < set_count; i++) {
        size_t count = 0;
        size_t *records = calloc(transcript->record_count, sizeof *records);
        ck_assert_ptr_nonnull(records);
        for (size_t j = 0; j < transcript->record_count; j++) {
            const struct record *record = &transcript->records[j];
            if (strcmp(record->probe_set, sets[i]) == 0 && record->outcome.kind == OUTCOME_RETURNED)
                records[count++] = j;
        }
        const size_t places[] = {0, count / 2, count - 1};
        for (size_t j = 0; count > 0 && j < sizeof places / sizeof places[0]; j++)
            missed += !is_noticed(records[places[j]], loss);
        free(records);
    }
    ck_assert_msg(missed == 0, "%zu calls that did not return were not noticed", missed);
}
END_TEST

// ---- Calls that were not made

static bool needs(const struct clause *clause, const char *set)
{
    for (size_t i = 0; clause->probe_sets != NULL && clause->probe_sets[i] != NULL; i++)
        if (strcmp(clause->probe_sets[i], set) == 0)
            return true;
    return false;
}

// How many of the checks that need the set were judged all the same.
static size_t judged_all_the_same(const struct result *result, const char *set, bool *needed)
{
    const struct scenario_result *scenario = &result->scenarios[0];
    size_t count = 0;
    for (size_t i = 0; i < scenario->check_count; i++) {
        const struct check *check = &scenario->checks[i];
        if (!needs(check->clause, set))
            continue;
        *needed = *needed || check->clause->level != LEVEL_NOTE;
        if (verdict_unjudged(&check->verdict))
            continue;
        count++;
        fprintf(stderr, "%s not tried: %s (%s) is %s: %s\n", set, check->clause->id,
                check_charset_name(check->charset), verdict_kind_name(check->verdict.kind),
                check->verdict.got);
    }
    return count;
}

START_TEST(what_was_not_called_is_not_judged)
{
    struct record *kept = calloc(transcript->record_count, sizeof *kept);
    size_t wrong = 0;
    ck_assert_ptr_nonnull(kept);
    memcpy(kept, transcript->records, transcript->record_count * sizeof *kept);
    for (size_t i = 0; i < set_count; i++) {
        bool needed = false;
        struct result result;
        for (size_t j = 0; j < transcript->record_count; j++)
            if (strcmp(transcript->records[j].probe_set, sets[i]) == 0)
                lose(&transcript->records[j], OUTCOME_NOT_TRIED);
        judge(&result);
        result.strict = true; // a should is needed too
        wrong += judged_all_the_same(&result, sets[i], &needed);
        int status = result_exit_status(&result);
        if (status != (needed ? 3 : 0)) {
            fprintf(stderr, "%s not tried: exit status %d\n", sets[i], status);
            wrong++;
        }
        result_free(&result);
        memcpy(transcript->records, kept, transcript->record_count * sizeof *kept);
    }
    free(kept);
    ck_assert_msg(wrong == 0, "%zu verdicts are not as they should be", wrong);
}
END_TEST

// Unchanged, it holds: else the tests above would prove nothing.
START_TEST(the_transcript_holds)
{
    struct result result;
    judge(&result);
    ck_assert_int_eq(result_exit_status(&result), 0);
    ck_assert_uint_gt(set_count, 10);
    result_free(&result);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("verdict");
    TCase *tests = tcase_create("verdict");
    tcase_set_timeout(tests, 300);
    tcase_add_unchecked_fixture(tests, record_transcript, free_transcript);
    tcase_add_test(tests, the_transcript_holds);
    tcase_add_loop_test(tests, what_did_not_return_is_never_green, 0, LOSS_COUNT);
    tcase_add_test(tests, what_was_not_called_is_not_judged);
    suite_add_tcase(suite, tests);
    return suite;
}
