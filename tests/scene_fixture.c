// SPDX-License-Identifier: Apache-2.0
// The scene of the test under way.
#include "tests/scene_fixture.h"

#include <check.h>
#include <string.h>

struct scene scene;
uint32_t required;
struct record *fetch;

void scene_set_up(void)
{
    scene_open(&scene, SCENE_SESSIONS);
    required = scene_required(&scene, CHARSET_A);
}

void scene_set_up_quiet(void)
{
    scene_set_up();
    scene_call_quiet(&scene);
}

void scene_set_up_changing(void)
{
    scene_set_up_quiet();
    scene_call_changing(&scene);
}

void scene_tear_down(void)
{
    scene_close(&scene);
}

void reopen(size_t sessions)
{
    scene_close(&scene);
    scene_open(&scene, sessions);
}

void reopen_with_fetches(size_t fetches)
{
    reopen(SCENE_SESSIONS);
    for (int charset = CHARSET_A; charset <= CHARSET_W; charset++) {
        uint32_t size = scene_required(&scene, (enum charset)charset);
        scene_call(&scene, "query", (enum charset)charset, PLACE_NULL, 0);
        for (size_t i = 0; i < fetches; i++)
            scene_call(&scene, "fetch", (enum charset)charset, PLACE_END, size);
    }
}

void call_large(void)
{
    scene_call(&scene, "large", CHARSET_A, PLACE_START, 0x80000000)->call.flags = CALL_SPARSE;
}

struct record *in(const char *set, size_t index)
{
    return scene_record(&scene, set, CHARSET_A, index);
}

size_t index_of(const struct record *record)
{
    return (size_t)(record - scene.transcript->records);
}

void spoil(struct record *record)
{
    *scene_member(&scene, record, SCENE_ONE, scene.abi->isid + 5) ^= 0x40;
}

uint8_t *member(size_t session, uint32_t offset)
{
    return scene_member(&scene, fetch, session, offset);
}

uint8_t *connection(size_t session, size_t index, uint32_t offset)
{
    return scene_connection(&scene, fetch, session, index, offset);
}

void swap(uint8_t *bytes)
{
    uint8_t first = bytes[0];
    bytes[0] = bytes[1];
    bytes[1] = first;
}

void expect(const char *clause, enum verdict_kind kind)
{
    scene_expect(&scene, clause, kind);
}

void expect_of_w(const char *clause, enum verdict_kind kind)
{
    scene_expect_in(&scene, clause, CHARSET_W, kind);
}

static void expect_told_in(const char *clause, enum charset charset, enum verdict_kind kind,
                           const char *told)
{
    struct verdict verdict = scene_judge(&scene, clause, charset);
    ck_assert_msg(verdict.kind == kind && strstr(verdict.got, told) != NULL, "%s says %s: %s",
                  clause, verdict_kind_name(verdict.kind), verdict.got);
}

void expect_told(const char *clause, enum verdict_kind kind, const char *told)
{
    expect_told_in(clause, CHARSET_A, kind, told);
}

void expect_told_of_w(const char *clause, enum verdict_kind kind, const char *told)
{
    expect_told_in(clause, CHARSET_W, kind, told);
}

void expect_at(const char *clause, size_t record, const char *got)
{
    struct verdict verdict = scene_judge(&scene, clause, CHARSET_A);
    ck_assert_int_eq(verdict.kind, VERDICT_FAIL);
    ck_assert_ptr_eq(verdict.record, &scene.transcript->records[record]);
    ck_assert_msg(strstr(verdict.got, got) != NULL, "%s: %s", clause, verdict.got);
}
