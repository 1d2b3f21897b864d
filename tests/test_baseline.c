// SPDX-License-Identifier: Apache-2.0
// What is done with the result of an earlier run: reading it back, baselines, waivers, differences.
#include "conformance/clauses/groups.h"
#include "harness/report/json.h"
#include "harness/result/diff.h"
#include "harness/result/result_read.h"
#include "harness/result/result_write.h"
#include "tests/made_result.h"
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

// ---- Reading back

// The file's own words again, from what was read of it.
static void expect_round_trip(const char *path)
{
    struct failure failure = {0};
    struct result result = {0};
    ck_assert_msg(result_read(&result, path, &failure) == 0, "%s", failure.text);
    json_t *written = kit_load_json(path);
    json_t *made = report_json(&result);
    ck_assert_ptr_nonnull(made);
    for (const char *name = NULL; json_object_size(written) > 0;) {
        name = json_object_iter_key(json_object_iter(written));
        ck_assert_msg(json_equal(json_object_get(written, name), json_object_get(made, name)),
                      "%s: \"%s\" is not as it was", path, name);
        json_object_del(written, name);
    }
    json_decref(written);
    json_decref(made);
    result_free(&result);
}

// What overruns, crashes, hangs, exits, prints: everything that evidence can hold.
static const char *const faults[] = {
    "byte_after_success", "crashes",       "exits",     "prints",
    "one_less_is_enough", "names_overlap", "tsid_zero", "returned_is_offered",
};

START_TEST(results_are_read_back_whole)
{
    struct kit kit;
    char *faulty = kit_faulty(faults[_i]);
    char *json = place_path(&place, "result.json");
    kit_run(&kit, &place, "run", "-q", "-i", faulty, "-s", "single", "-c", "SIZE", "-c", "BOUNDS",
            "-c", "LAYOUT", "-c", "CONTENT", "--json", json, NULL);
    ck_assert_msg(kit.status <= 1, "%s", kit.complained);
    expect_round_trip(json);
    kit_free(&kit);
    free(faulty);
    free(json);
}
END_TEST

// Whatever stands where something else should: an answer, and no crash.
static void spoil(json_t *value, size_t *left, json_t *instead)
{
    const char *key = NULL;
    json_t *member = NULL;
    void *next = NULL;
    json_object_foreach_safe(value, next, key, member)
    {
        if ((*left)-- == 0) {
            json_object_set(value, key, instead);
            return;
        }
        spoil(member, left, instead);
        if (*left == SIZE_MAX)
            return;
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        if ((*left)-- == 0) {
            json_array_set(value, i, instead);
            return;
        }
        spoil(json_array_get(value, i), left, instead);
        if (*left == SIZE_MAX)
            return;
    }
}

static void try_spoiled(const json_t *good, json_t *instead)
{
    for (size_t place_of = 0;; place_of++) {
        size_t left = place_of;
        struct result result = {0};
        struct failure failure = {0};
        json_t *bad = json_deep_copy(good);
        spoil(bad, &left, instead);
        bool spoiled = left == SIZE_MAX;
        if (result_from_json(&result, bad, "spoiled.json", &failure) != 0)
            ck_assert_int_eq(failure.status, STATUS_USAGE);
        else
            json_decref(report_json(&result));
        result_free(&result);
        json_decref(bad);
        if (!spoiled)
            return;
    }
}

START_TEST(spoiled_results_are_survived)
{
    struct kit kit;
    char *faulty = kit_faulty("byte_after_success");
    char *json = place_path(&place, "result.json");
    kit_run(&kit, &place, "run", "-q", "-i", faulty, "-s", "single", "-c", "BOUNDS-1", "-c",
            "SIZE-1", "--json", json, NULL);
    kit_expect_status(&kit, 1);
    json_t *good = kit_load_json(json);
    json_t *const instead[] = {
        json_null(),  json_integer(-1), json_integer(INT64_MAX), json_string("\xC3\xA4"),
        json_array(), json_object(),    json_string("0f0f")};
    for (size_t i = 0; i < COUNT_OF(instead); i++) {
        try_spoiled(good, instead[i]);
        json_decref(instead[i]);
    }
    json_decref(good);
    kit_free(&kit);
    free(faulty);
    free(json);
}
END_TEST

// ---- The kit itself

static void record(const char *implementation, const char *json)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "-q", "-i", implementation, "-s", "single", "-c", "SIZE", "-c",
            "COUNT", "-c", "CONTENT-5", "--json", json, NULL);
    ck_assert_msg(kit.status <= 1, "%s", kit.complained);
    kit_free(&kit);
}

static char *shape(const char *name)
{
    char *path = NULL;
    ck_assert_int_gt(asprintf(&path, "%s/libshape-%s.so", TCK_SHAPES_FOLDER, name), 0);
    return path;
}

static void expect_diff(const char *old, const char *new, int status, const char *expected)
{
    struct kit kit;
    struct diff diff;
    kit_run(&kit, &place, "diff", "--json", "-", old, new, NULL);
    kit_expect_status(&kit, status);
    json_t *json = json_loads(kit.said, 0, NULL);
    ck_assert_ptr_nonnull(json);
    ck_assert_int_eq(diff_from_json(&diff, json_object_get(json, "differences")), 0);
    char *listed = list_differences(&diff);
    ck_assert_str_eq(listed, expected);
    free(listed);
    diff_free(&diff);
    json_decref(json);
    kit_free(&kit);
}

START_TEST(seeded_changes_are_found)
{
    struct kit kit;
    char *rounded = kit_faulty("required_rounded_up");
    char *less = kit_faulty("one_less_is_enough");
    char *limited = shape("limited");
    char *old = place_path(&place, "old.json");
    char *new = place_path(&place, "new.json");
    char *honours = place_path(&place, "honours.json");
    record(rounded, old);
    record(less, new);
    record(limited, honours);
    expect_diff(old, new, 1,
                "new SIZE-5 single A\nnew SIZE-5 single W\n"
                "known SIZE-3 single A\nknown SIZE-3 single W\n"
                "changed required size single A\nchanged required size single W\n");
    expect_diff(new, old, 1,
                "fixed SIZE-5 single A\nfixed SIZE-5 single W\n"
                "known SIZE-3 single A\nknown SIZE-3 single W\n"
                "changed required size single A\nchanged required size single W\n");
    expect_diff(new, honours, 1,
                "fixed SIZE-3 single A\nfixed SIZE-3 single W\n"
                "fixed SIZE-5 single A\nfixed SIZE-5 single W\n"
                "changed COUNT-3 single A\nchanged COUNT-3 single W\n"
                "changed COUNT-5 single A\nchanged COUNT-5 single W\n");
    expect_diff(new, new, 0,
                "known SIZE-3 single A\nknown SIZE-3 single W\n"
                "known SIZE-5 single A\nknown SIZE-5 single W\n");
    kit_run(&kit, &place, "run", "-i", less, "-s", "single", "-c", "SIZE", "--baseline", old, NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "2 new, 0 fixed");
    kit_expect_said(&kit, "what does not hold: SIZE-5");
    kit_free(&kit);
    kit_run(&kit, &place, "run", "-i", less, "-s", "single", "-c", "SIZE", "--baseline", new, NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "4 known");
    kit_free(&kit);
    free(rounded);
    free(less);
    free(limited);
    free(old);
    free(new);
    free(honours);
}
END_TEST

// The differences when all clauses of a group are there in one of two results only. Malloc'ed.
static char *list_group(const char *kind, const char *name)
{
    char *lines = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&lines, &size);
    const struct clause_group *group = clause_group_find(name);
    ck_assert(stream != NULL && group != NULL);
    for (size_t i = 0; i < group->count; i++)
        for (int each = 0; each < 2; each++)
            fprintf(stream, "%s %s single %c\n", kind, group->clauses[i].id, "AW"[each]);
    ck_assert_int_eq(fclose(stream), 0);
    return lines;
}

// What no clause demands, but callers may have come to rely on; and what is no longer tried.
START_TEST(seeded_observations_are_found)
{
    struct kit kit;
    char *limited = shape("limited");
    char *turned = shape("tsid_host_order");
    char *old = place_path(&place, "old.json");
    char *new = place_path(&place, "new.json");
    char *fewer = place_path(&place, "fewer.json");
    record(limited, old);
    record(turned, new);
    expect_diff(old, new, 1,
                "changed COUNT-3 single A\nchanged COUNT-3 single W\n"
                "changed COUNT-5 single A\nchanged COUNT-5 single W\n"
                "changed CONTENT-5 single A\nchanged CONTENT-5 single W\n");
    kit_run(&kit, &place, "run", "-q", "-i", turned, "-s", "single", "-c", "SIZE", "-c",
            "CONTENT-5", "--json", fewer, NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
    char *gone = list_group("gone", "COUNT");
    char *added = list_group("added", "COUNT");
    expect_diff(new, fewer, 1, gone);
    expect_diff(fewer, new, 1, added);
    free(gone);
    free(added);
    free(limited);
    free(turned);
    free(old);
    free(new);
    free(fewer);
}
END_TEST

START_TEST(files_that_are_none_of_it)
{
    struct kit kit;
    char *nothing = place_path(&place, "nothing.json");
    char *text = place_path(&place, "text.json");
    char *waivers = place_path(&place, "waivers.yaml");
    write_file(text, "{\"schema_version\": 1,\n oops}\n");
    write_file(waivers, "waivers:\n  - clause: SIZE-1\n");
    kit_run(&kit, &place, "diff", nothing, text, NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "can't be opened");
    kit_free(&kit);
    kit_run(&kit, &place, "diff", text, text, NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "text.json:2:");
    kit_free(&kit);
    kit_run(&kit, &place, "run", "-s", "single", "--baseline", text, NULL);
    kit_expect_status(&kit, 2);
    kit_free(&kit);
    kit_run(&kit, &place, "run", "-s", "single", "--waivers", waivers, NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "waivers.yaml:2:5: the key \"reason\" is missing");
    kit_free(&kit);
    free(nothing);
    free(text);
    free(waivers);
}
END_TEST

START_TEST(waivers_of_a_run)
{
    struct kit kit;
    char *less = kit_faulty("one_less_is_enough");
    char *waivers = place_path(&place, "waivers.yaml");
    char *json = place_path(&place, "result.json");
    write_file(waivers, "waivers:\n"
                        "  - clause: SIZE-3\n    reason: known to the vendor\n    reference: B-1\n"
                        "  - clause: SIZE-5\n    reason: the same\n"
                        "  - clause: SIZE-1\n    reason: held all along\n");
    kit_run(&kit, &place, "run", "-i", less, "-s", "single", "-c", "SIZE", "--waivers", waivers,
            "--json", json, NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "known to the vendor (B-1)");
    kit_expect_said(&kit, "unused: what it waives holds");
    kit_free(&kit);
    expect_round_trip(json);
    kit_run(&kit, &place, "run", "-q", "--strict", "-i", less, "-s", "single", "-c", "SIZE",
            "--waivers", waivers, NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "waivers are expired or unused");
    kit_free(&kit);
    free(less);
    free(waivers);
    free(json);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("baseline");
    TCase *tcase = tcase_create("baseline");
    tcase_set_timeout(tcase, 300);
    tcase_add_checked_fixture(tcase, place_set_up, place_tear_down);
    tcase_add_loop_test(tcase, results_are_read_back_whole, 0, (int)COUNT_OF(faults));
    tcase_add_test(tcase, spoiled_results_are_survived);
    tcase_add_test(tcase, seeded_changes_are_found);
    tcase_add_test(tcase, seeded_observations_are_found);
    tcase_add_test(tcase, files_that_are_none_of_it);
    tcase_add_test(tcase, waivers_of_a_run);
    suite_add_tcase(suite, tcase);
    return suite;
}
