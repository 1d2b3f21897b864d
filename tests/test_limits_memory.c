// SPDX-License-Identifier: Apache-2.0
// Memory that runs out while a clause is judged: whichever piece of memory it is, the clause says
// that it could not be judged and blames nobody. And all memory is given back.
#include "conformance/clauses/groups.h"
#include "conformance/judge/difference.h"
#include "conformance/judge/evidence.h"
#include "conformance/judge/judge.h"
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

// ---- The judges' memory: the linker's --wrap leads here (see CMakeLists.txt)

static bool watched; // what is asked for is counted
static long until;   // how many pieces are given before one isn't; below 0: all are
static bool ran_out; // one wasn't
static long in_use;  // pieces that were not given back

// Reserved names are what --wrap asks for.
// NOLINTBEGIN(bugprone-reserved-identifier)
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);

static bool refuses(void)
{
    if (!watched)
        return false;
    if (until-- == 0) {
        ran_out = true;
        return true;
    }
    in_use++;
    return false;
}

void *__wrap_malloc(size_t size)
{
    return refuses() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return refuses() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    if (refuses())
        return NULL;
    in_use -= watched && memory != NULL;
    return __real_realloc(memory, size);
}

void __wrap_free(void *memory)
{
    in_use -= watched && memory != NULL;
    __real_free(memory);
}
// NOLINTEND(bugprone-reserved-identifier)

static void watch(long pieces)
{
    watched = true;
    ran_out = false;
    until = pieces;
    in_use = 0;
}

// ---- The clauses

static void tear_down(void)
{
    watched = false;
    scene_tear_down();
}

// Judges with so many pieces of memory. False: there was not even enough to begin with.
static bool judge_with(const struct clause *clause, long pieces, struct verdict *verdict)
{
    const struct judge_options options = {.profile = scene.profile};
    struct evidence evidence = {.transcript = scene.transcript, .abi = scene.abi};
    watch(pieces);
    evidence.store = evidence_store_create(scene.transcript);
    if (evidence.store != NULL)
        clause_judge(clause, &evidence, &options, verdict);
    evidence_store_free(evidence.store);
    watched = false;
    ck_assert_msg(in_use == 0, "%s leaves %ld pieces of memory behind after %ld were given",
                  clause->id, in_use, pieces);
    return evidence.store != NULL;
}

static void expect_error_without_memory(const struct clause *clause)
{
    for (long pieces = 0;; pieces++) {
        struct verdict verdict = {0};
        bool began = judge_with(clause, pieces, &verdict);
        if (!ran_out)
            return;
        ck_assert_msg(!began || verdict.kind == VERDICT_ERROR,
                      "%s says %s (%s) with memory for %ld pieces", clause->id,
                      verdict_kind_name(verdict.kind), verdict.got, pieces);
    }
}

START_TEST(a_clause_without_memory_is_not_judged)
{
    const struct clause_group *group = clause_groups[_i];
    for (size_t i = 0; i < group->count; i++)
        expect_error_without_memory(&group->clauses[i]);
}
END_TEST

// Check asks for memory, too: nothing may be asserted while memory is watched.
static void expect_nothing_left(void)
{
    watched = false;
    ck_assert(ran_out);
    ck_assert_int_eq(in_use, 0);
}

START_TEST(what_judges_are_built_from_says_so)
{
    struct measure measure;
    struct piece *pieces = NULL;
    const struct record *record = scene_record(&scene, "fetch", CHARSET_A, 0);
    const struct truth *truth = scene.transcript->truths[0];
    struct listing *listing = listing_decode(record, scene.abi, 65001);
    ck_assert_ptr_nonnull(listing);
    watch(0);
    int measured = measure_truth(&measure, truth, scene.abi, CHARSET_A);
    expect_nothing_left();
    watch(0);
    long count = listing_pieces(listing, scene.abi, &pieces);
    expect_nothing_left();
    watch(0);
    int repeated = repeated_identifiers(listing);
    expect_nothing_left();
    ck_assert(measured == -1 && count == -1 && repeated == -1);
    for (long given = 0; given < 5; given++) {
        watch(given);
        const struct matching *matching = matching_create(listing, truth);
        expect_nothing_left();
        ck_assert_ptr_null(matching);
    }
    for (long given = 0; given < 6; given++) {
        watch(given);
        const struct listing *none = listing_decode(record, scene.abi, 65001);
        expect_nothing_left();
        ck_assert_ptr_null(none);
    }
    listing_free(listing);
}
END_TEST

Suite *test_suite(void)
{
    int groups = 0;
    Suite *suite = suite_create("limits_memory");
    TCase *tests = tcase_create("limits_memory");
    tcase_add_checked_fixture(tests, scene_set_up_changing, tear_down);
    while (clause_groups[groups] != NULL)
        groups++;
    tcase_add_loop_test(tests, a_clause_without_memory_is_not_judged, 0, groups);
    tcase_add_test(tests, what_judges_are_built_from_says_so);
    suite_add_tcase(suite, tests);
    return suite;
}
