// SPDX-License-Identifier: Apache-2.0
// Recorded calls are made again, without tgtd: the verdicts are those of the run; another
// implementation is judged by the same calls; and what can't be replayed is refused.
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A recorded scenario: its folder and its file.
struct calls {
    char *folder;
    char *path;
};

// The run's result is in run.json.
static void record(struct calls *calls, const char *library, const char *scenario, int status)
{
    struct kit kit;
    char *json = place_path(&place, "run.json");
    calls->folder = place_path(&place, "calls");
    ck_assert_int_gt(asprintf(&calls->path, "%s/%s.jsonl", calls->folder, scenario), 0);
    kit_run(&kit, &place, "run", "-i", library, "-s", scenario, "--effort", "quick", "--exclude",
            "STABLE-4", "--timeout", "2", "--json", json, "--transcript", calls->folder, NULL);
    kit_expect_status(&kit, status);
    kit_free(&kit);
    free(json);
}

static void calls_free(struct calls *calls)
{
    free(calls->folder);
    free(calls->path);
}

// ---- The same verdicts

struct replayed {
    const char *library; // "libshape-reversed"
    const char *scenario;
    int status;
};

static const struct replayed replayed[] = {
    {"libiscsidsc-reference", "events-sessions", 0},
    {"libiscsidsc-reference", "empty", 0},
    {"libshape-interleaved", "mixed", 0},
    {"libshape-reversed", "mixed", 0},
    {"libshape-limited", "mixed", 0},
    {"libfaulty-insufficient_is_hresult", "mixed", 1},
    {"libfaulty-required_one_too_many", "mixed", 1},
    {"libfaulty-count_not_set", "mixed", 1},
    {"libfaulty-pointers_are_offsets", "mixed", 1},
    {"libfaulty-connections_left_out", "mixed", 1},
    {"libfaulty-w_drops_a_session", "mixed", 1},
    {"libfaulty-only_a", "mixed", 1},
    {"libfaulty-crashes", "mixed", 1},
    {"libfaulty-ids_are_new_each_call", "mixed", 1},
    {"libfaulty-missing_source_crashes", "mixed", 1},
};

enum { REPLAYED_COUNT = sizeof replayed / sizeof replayed[0] };

static json_t *checks_of(const json_t *result)
{
    const json_t *scenarios = json_object_get(result, "scenarios");
    ck_assert_uint_eq(json_array_size(scenarios), 1);
    return json_object_get(json_array_get(scenarios, 0), "checks");
}

static void expect_same_verdicts(const json_t *run, const json_t *again)
{
    size_t i = 0;
    json_t *check = NULL;
    ck_assert_uint_gt(json_array_size(checks_of(run)), 50);
    ck_assert_uint_eq(json_array_size(checks_of(run)), json_array_size(checks_of(again)));
    json_array_foreach(checks_of(run), i, check)
    {
        const json_t *other = json_array_get(checks_of(again), i);
        for (const char *const *member =
                 (const char *const[]){"clause", "charset", "verdict", NULL};
             *member != NULL; member++)
            ck_assert_msg(
                json_equal(json_object_get(check, *member), json_object_get(other, *member)),
                "%s: %s in the run, %s replayed",
                json_string_value(json_object_get(check, "clause")),
                json_string_value(json_object_get(check, *member)),
                json_string_value(json_object_get(other, *member)));
    }
}

START_TEST(replayed_calls_get_the_verdicts_of_the_run)
{
    const struct replayed *one = &replayed[_i];
    struct calls calls;
    struct kit kit;
    char library[512];
    char *run = place_path(&place, "run.json");
    char *again = place_path(&place, "again.json");
    snprintf(library, sizeof library, "%s/%s.so", TCK_LIBRARIES, one->library);
    record(&calls, library, one->scenario, one->status);
    // Nothing of tgt or of the initiator is to be found.
    ck_assert_int_eq(setenv("PATH", place.folder, 1), 0);
    kit_run(&kit, &place, "replay", calls.path, "--timeout", "2", "--json", again, NULL);
    kit_expect_status(&kit, one->status);
    kit_expect_said(&kit, "\nreplayed ");
    ck_assert_msg(strstr(kit.said, "were left out") == NULL, "%s", kit.said);
    ck_assert_str_eq(kit.complained, "");
    kit_free(&kit);
    json_t *first = kit_load_json(run);
    json_t *second = kit_load_json(again);
    expect_same_verdicts(first, second);
    json_decref(first);
    json_decref(second);
    calls_free(&calls);
    free(run);
    free(again);
}
END_TEST

// What the result says of the comparison.
static json_int_t answered_otherwise(const char *path)
{
    json_t *result = kit_load_json(path);
    const json_t *scenario = json_array_get(json_object_get(result, "scenarios"), 0);
    const json_t *replay = json_object_get(scenario, "replay");
    json_int_t other = -1; // it was no replay
    if (json_is_object(replay)) {
        other = json_integer_value(json_object_get(replay, "other"));
        ck_assert_int_gt(json_integer_value(json_object_get(replay, "compared")), other);
        ck_assert_int_eq(json_integer_value(json_object_get(replay, "left_out")), 0);
        ck_assert_int_eq(json_is_string(json_object_get(replay, "first_other")), other > 0);
        ck_assert(json_is_null(json_object_get(replay, "left_why")));
    }
    json_decref(result);
    return other;
}

// ---- Another implementation, and what comes of it

START_TEST(a_mended_library_is_held_by_the_same_calls)
{
    struct calls calls;
    struct kit kit;
    char *library = kit_faulty("count_not_set");
    char *again = place_path(&place, "again");
    char *run = place_path(&place, "run.json");
    char *json = place_path(&place, "again.json");
    record(&calls, library, "single", 1);
    ck_assert_int_eq(answered_otherwise(run), -1);
    kit_run(&kit, &place, "replay", "-i", TCK_LIBRARIES "/libiscsidsc-reference.so", calls.path,
            "--transcript", again, "--json", json, NULL);
    ck_assert_int_gt(answered_otherwise(json), 0);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "\nHeld: ");
    kit_expect_said(&kit, "returned 0 (ERROR_SUCCESS)");
    kit_expect_said(&kit, "; recorded: returned 0 (ERROR_SUCCESS)");
    ck_assert_ptr_null(strstr(kit.said, "of which 0 were answered otherwise"));
    kit_free(&kit);
    // What was replayed is a transcript like any other.
    char path[512];
    snprintf(path, sizeof path, "%s/single.jsonl", again);
    kit_run(&kit, &place, "judge", path, NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
    kit_run(&kit, &place, "replay", path, "--json", json, NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "of which 0 were answered otherwise");
    ck_assert_int_eq(answered_otherwise(json), 0);
    kit_free(&kit);
    calls_free(&calls);
    free(again);
    free(json);
    free(run);
    free(library);
}
END_TEST

// After too many crashes the run made no more calls: what they would have shown is not known.
START_TEST(a_short_recording_proves_nothing_of_a_mended_library)
{
    struct calls calls;
    struct kit kit;
    char *library = kit_faulty("crashes");
    record(&calls, library, "single", 1);
    kit_run(&kit, &place, "replay", "-i", TCK_LIBRARIES "/libiscsidsc-reference.so", calls.path,
            NULL);
    kit_expect_status(&kit, 3);
    kit_expect_said(&kit, "could not be judged: calls were not made");
    kit_expect_said(&kit, "; recorded: SIGSEGV writing");
    ck_assert_ptr_null(strstr(kit.said, "\nFAIL"));
    kit_free(&kit);
    calls_free(&calls);
    free(library);
}
END_TEST

// Whose lists have another size: the recorded offers would be judged as if they were made for it.
// That of the second one has the same size for one session, and another for two.
static const struct {
    const char *library;
    const char *said;
} other_sizes[] = {
    {TCK_LIBRARIES "/libshape-padded.so",
     "the recorded one required 234, so that the recorded offers do not suit"},
    {TCK_LIBRARIES "/libshape-interleaved.so",
     "the recorded one required 468, so that the recorded offers do not suit"},
};

START_TEST(a_library_that_requires_another_size_is_not_judged)
{
    struct calls calls;
    struct kit kit;
    record(&calls, TCK_LIBRARIES "/libiscsidsc-reference.so", "single", 0);
    kit_run(&kit, &place, "replay", "-i", other_sizes[_i].library, calls.path, NULL);
    kit_expect_status(&kit, 3);
    kit_expect_said(&kit, other_sizes[_i].said);
    ck_assert_ptr_null(strstr(kit.said, "\nFAIL"));
    kit_free(&kit);
    calls_free(&calls);
}
END_TEST

// The sessions come and go again while the calls are made. Of a race the same moment need not come
// again, so that there are several chances.
START_TEST(what_breaks_by_a_change_breaks_again)
{
    enum { CHANCES = 5 };
    struct calls calls;
    struct kit kit;
    char *library = kit_faulty("shrinking_list_crashes");
    record(&calls, library, "single", 1);
    kit_run(&kit, &place, "replay", calls.path, NULL);
    for (int i = 1; i < CHANCES && strstr(kit.said, "CHANGE-3") == NULL; i++) {
        kit_free(&kit);
        kit_run(&kit, &place, "replay", calls.path, NULL);
    }
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "CHANGE-3");
    kit_expect_said(&kit, "SIGSEGV reading");
    kit_free(&kit);
    calls_free(&calls);
    free(library);
}
END_TEST

START_TEST(only_the_clauses_that_are_asked_for)
{
    struct calls calls;
    struct kit kit;
    char *json = place_path(&place, "again.json");
    record(&calls, TCK_LIBRARIES "/libiscsidsc-reference.so", "single", 0);
    kit_run(&kit, &place, "replay", calls.path, "-c", "SIZE-5", "--json", json, NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
    json_t *result = kit_load_json(json);
    ck_assert_uint_eq(json_array_size(checks_of(result)), 2);
    json_decref(result);
    calls_free(&calls);
    free(json);
}
END_TEST

// ---- What can't be replayed

// The file again, with the first of that text replaced by another.
static void rewrite(const char *path, const char *from, const char *to)
{
    FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    char *text = NULL;
    size_t size = 0;
    ck_assert_int_gt(getdelim(&text, &size, '\0', file), 0);
    fclose(file);
    char *at = strstr(text, from);
    ck_assert_ptr_nonnull(at);
    file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_gt(fprintf(file, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)), 0);
    ck_assert_int_eq(fclose(file), 0);
    free(text);
}

// `option` with its value may be NULL.
static void expect_refused(const char *path, const char *option, const char *value,
                           const char *complaint)
{
    struct kit kit;
    kit_run(&kit, &place, "replay", path, option, value, NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, complaint);
    kit_free(&kit);
}

START_TEST(what_cannot_be_replayed_is_refused)
{
    struct calls calls;
    struct kit kit;
    kit_run(&kit, &place, "replay", NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "which transcripts or cases?");
    kit_free(&kit);
    record(&calls, TCK_LIBRARIES "/libiscsidsc-reference.so", "single", 0);
    expect_refused(calls.path, "-i", "/nowhere.so", "/nowhere.so");
    expect_refused(calls.path, "--json", calls.path, "--json");
    expect_refused(calls.path, "--transcript", calls.folder, "--transcript");
    expect_refused(calls.path, "-s", "mixed", "--scenario mixed: none of the transcripts");
    expect_refused(calls.path, "--timeout", "never", "--timeout never");
    // From a library of 32 bits, whose lists have another size.
    rewrite(calls.path, "\"pointer_size\":8", "\"pointer_size\":4");
    expect_refused(calls.path, NULL, NULL, "pointers");
    // Of sessions whose ISIDs the recording kit did not know.
    rewrite(calls.path, "\"pointer_size\":4", "\"pointer_size\":8");
    rewrite(calls.path, "\"isid\":\"00023d000001\"", "\"isid\":null");
    expect_refused(calls.path, NULL, NULL, "(ISID)");
    // Of sessions that the library itself made.
    rewrite(calls.path, "\"isid\":null", "\"isid\":\"00023d000001\"");
    rewrite(calls.path, "\"scenario\":", "\"login\":\"api\",\"scenario\":");
    expect_refused(calls.path, NULL, NULL, "functions of the library");
    calls_free(&calls);
}
END_TEST

START_TEST(a_library_that_cannot_be_loaded_proves_nothing)
{
    struct calls calls;
    struct kit kit;
    record(&calls, TCK_LIBRARIES "/libiscsidsc-reference.so", "single", 0);
    kit_run(&kit, &place, "replay", calls.path, "-i", TCK_TEST_LIBRARIES "/undefined.so", NULL);
    kit_expect_status(&kit, 3);
    kit_expect_said(&kit, "undefined symbol");
    kit_free(&kit);
    calls_free(&calls);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("replay");
    TCase *tests = tcase_create("replay");
    tcase_add_checked_fixture(tests, place_set_up, place_tear_down);
    tcase_set_timeout(tests, 240);
    tcase_add_loop_test(tests, replayed_calls_get_the_verdicts_of_the_run, 0, REPLAYED_COUNT);
    tcase_add_test(tests, a_mended_library_is_held_by_the_same_calls);
    tcase_add_test(tests, a_short_recording_proves_nothing_of_a_mended_library);
    tcase_add_loop_test(tests, a_library_that_requires_another_size_is_not_judged, 0, 2);
    tcase_add_test(tests, what_breaks_by_a_change_breaks_again);
    tcase_add_test(tests, only_the_clauses_that_are_asked_for);
    tcase_add_test(tests, what_cannot_be_replayed_is_refused);
    tcase_add_test(tests, a_library_that_cannot_be_loaded_proves_nothing);
    suite_add_tcase(suite, tests);
    return suite;
}
