// SPDX-License-Identifier: Apache-2.0
// Memory that runs out while calls are judged is nobody's failure. Each allocation of the judges
// fails once, and then all from there on: every verdict is as it was, or an error. The linker puts
// the functions below in the place of those of the C library.
#include "conformance/clauses/groups.h"
#include "conformance/judge/judge.h"
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- Allocations that fail

static bool counting;
static bool for_good;    // all that follow fail, too
static size_t countdown; // to the one that fails; 0: none does
static size_t made;

static bool refuses(void)
{
    if (!counting)
        return false;
    made++;
    if (countdown == 0)
        return false;
    if (countdown > 1) {
        countdown--;
        return false;
    }
    if (!for_good)
        countdown = 0;
    return true;
}

// NOLINTBEGIN(bugprone-reserved-identifier): the linker's names
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

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
    return refuses() ? NULL : __real_realloc(memory, size);
}
// NOLINTEND(bugprone-reserved-identifier)

// ---- Verdicts

enum { VERDICTS_MAX = 512 };

static struct scene scene;

struct verdicts {
    size_t count;
    const char *clause[VERDICTS_MAX];
    enum verdict_kind kind[VERDICTS_MAX];
};

static void judge_one(const struct clause *clause, struct evidence_store *store,
                      enum charset charset, struct verdicts *verdicts)
{
    const struct judge_options options = {.profile = scene.profile, .strict = scene.strict};
    const struct evidence evidence = {
        .transcript = scene.transcript, .charset = charset, .abi = scene.abi, .store = store};
    struct verdict verdict = {.kind = VERDICT_ERROR};
    if (store != NULL) // else the run can't be judged at all
        clause_judge(clause, &evidence, &options, &verdict);
    if (verdicts->count == VERDICTS_MAX)
        abort(); // Check would allocate
    verdicts->clause[verdicts->count] = clause->id;
    verdicts->kind[verdicts->count++] = verdict.kind;
}

// Judges all clauses one after the other, as a run does: with one store.
static void judge_all(struct verdicts *verdicts, size_t failing)
{
    *verdicts = (struct verdicts){0};
    made = 0;
    countdown = failing;
    counting = true;
    struct evidence_store *store = evidence_store_create(scene.transcript);
    for (size_t i = 0; clause_groups[i] != NULL; i++)
        for (size_t j = 0; j < clause_groups[i]->count; j++)
            for (int charset = CHARSET_A; charset <= CHARSET_W; charset++)
                judge_one(&clause_groups[i]->clauses[j], store, (enum charset)charset, verdicts);
    counting = false;
    evidence_store_free(store);
}

static void expect_errors_only(void)
{
    static struct verdicts right;
    static struct verdicts now;
    judge_all(&right, 0);
    size_t allocations = made;
    ck_assert_uint_gt(allocations, 50);
    // Where all that follow fail, each starting point says much the same as the one before.
    for (size_t i = 1; i <= allocations; i += for_good ? 5 : 1) {
        bool any = false;
        judge_all(&now, i);
        ck_assert_uint_eq(now.count, right.count);
        for (size_t j = 0; j < now.count; j++) {
            any = any || now.kind[j] == VERDICT_ERROR;
            ck_assert_msg(now.kind[j] == right.kind[j] || now.kind[j] == VERDICT_ERROR,
                          "allocation %zu of %zu fails%s: %s says %s, not %s", i, allocations,
                          for_good ? " and all that follow" : "", now.clause[j],
                          verdict_kind_name(now.kind[j]), verdict_kind_name(right.kind[j]));
        }
        ck_assert_msg(any, "allocation %zu of %zu fails, and nobody says so", i, allocations);
    }
}

static void wrong_answers(void)
{
    struct record *fetch = scene_record(&scene, "fetch", CHARSET_A, 0);
    struct record *steps = scene_record(&scene, "steps", CHARSET_A, 2);
    *scene_member(&scene, fetch, SCENE_TWO, scene.abi->isid) ^= 1;
    *scene_member(&scene, steps, SCENE_TWO, scene.abi->tsid) ^= 1;
    scene_refuse(&scene, scene_record(&scene, "short", CHARSET_W, 0), 234);
    scene_record(&scene, "short", CHARSET_A, 1)->outcome.kind = OUTCOME_FAULT;
    scene_record(&scene, "fills", CHARSET_A, 0)->outcome.kind = OUTCOME_NOT_TRIED;
}

// 0: all is right; 1: some is wrong; 2 and 3: the same where memory does not come back; 4 and 5:
// with no sessions at first.
START_TEST(a_verdict_is_right_or_an_error)
{
    scene_open(&scene, _i >= 4 ? 0 : SCENE_SESSIONS);
    scene_call_quiet(&scene);
    if (_i < 4)
        scene_call_changing(&scene);
    if (_i == 1 || _i == 3)
        wrong_answers();
    if (_i >= 4) {
        scene_log_in(&scene);
        scene_call_under(&scene, "steps", "after a login", CHARSET_A,
                         scene_required(&scene, CHARSET_A));
    }
    for_good = _i == 2 || _i == 3 || _i == 5;
    expect_errors_only();
    scene_close(&scene);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("memory");
    TCase *tests = tcase_create("memory");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, a_verdict_is_right_or_an_error, 0, 6);
    suite_add_tcase(suite, tests);
    return suite;
}
