// SPDX-License-Identifier: Apache-2.0
// What a clause passes over: calls that were not made, what a profile tolerates while sessions come
// and go, and what is another clause's business.
#include "conformance/clauses/groups.h"
#include "conformance/judge/evidence.h"
#include "conformance/transcript/circumstance.h"
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <string.h>

// ---- Calls that were not made

static void expect_skipped_without(const struct clause *clause, const char *set)
{
    struct record *record = in(set, 0);
    const struct record kept = *record;
    record->outcome.kind = OUTCOME_NOT_TRIED;
    record->outcome.status = 0xC0000005;
    record->outcome.size_out = record->outcome.count_out = 1;
    record->outcome.inside = record->outcome.after = (struct extent){5000, 5000};
    record->outcome.before = (struct extent){1, 1};
    record->outcome.size_cell_damaged = record->outcome.count_cell_damaged = true;
    expect(clause->id, VERDICT_SKIP);
    record->outcome.status = ERROR_SUCCESS;
    expect(clause->id, VERDICT_SKIP);
    *record = kept;
}

START_TEST(nothing_is_made_of_a_call_that_was_not_made)
{
    for (size_t i = 0; clause_groups[i] != NULL; i++)
        for (size_t j = 0; j < clause_groups[i]->count; j++) {
            const struct clause *clause = &clause_groups[i]->clauses[j];
            if (clause->family > FAMILY_EX || strncmp(clause->id, "CALLERS", 7) == 0 ||
                strncmp(clause->id, "EMPTY", 5) == 0)
                continue;
            for (const char *const *set = clause->probe_sets; *set != NULL; set++)
                if (strcmp(*set, PROBE_SET_EVENTS) != 0)
                    expect_skipped_without(clause, *set);
        }
}
END_TEST

// ---- What is tolerated

// The list that is altered, a right one of the changing topology.
static struct record *changing(void)
{
    return in("changing", CHANGING);
}

static void expect_tolerated(bool tolerated)
{
    scene.profile = "documented";
    expect("CHANGE-3", VERDICT_FAIL);
    scene.profile = "windows";
    expect("CHANGE-3", tolerated ? VERDICT_PASS : VERDICT_FAIL);
}

START_TEST(a_node_name_while_sessions_come_and_go)
{
    uint8_t *name = scene_member(&scene, changing(), SCENE_ONE, scene.abi->target_node_name);
    scene_text(&scene, changing(), name)[0] ^= 1;
    expect_tolerated(false);
    scene_text(&scene, changing(), name)[0] ^= 1;
    memset(name, 0, 8);
    expect_tolerated(true);
    *scene_member(&scene, changing(), SCENE_ONE, scene.abi->isid) ^= 1;
    expect_tolerated(false);
}
END_TEST

START_TEST(a_tsid_while_sessions_come_and_go)
{
    uint8_t *none = scene_member(&scene, changing(), SCENE_NONE, scene.abi->tsid);
    none[0] = 0;
    expect_tolerated(false);
    none[1] = 0;
    expect_tolerated(true);
    memset(scene_member(&scene, changing(), SCENE_ONE, scene.abi->tsid), 0, TSID_SIZE);
    expect_tolerated(false);
}
END_TEST

START_TEST(an_initiator_address_while_sessions_come_and_go)
{
    for (size_t i = 0; i < 3; i++) {
        scene_tear_down();
        scene_set_up_changing();
        char *said = (char *)scene_text(
            &scene, changing(),
            scene_connection(&scene, changing(), i / 2, i % 2, scene.abi->initiator_address));
        memcpy(said, i == 0 ? "0.0.0.1" : "::1", i == 0 ? 8 : 4);
        expect_tolerated(false);
        memcpy(said, i == 0 ? "0.0.0.0" : "::", i == 0 ? 8 : 3);
        expect_tolerated(true);
        uint8_t *other =
            scene_connection(&scene, changing(), i / 2, i % 2, scene.abi->target_address);
        scene_text(&scene, changing(), other)[0] ^= 1;
        expect_tolerated(false);
    }
    // Of two, one says nothing and the other something wrong.
    scene_tear_down();
    scene_set_up_changing();
    for (size_t i = 0; i < 2; i++)
        memcpy(scene_text(&scene, changing(),
                          scene_connection(&scene, changing(), SCENE_TWO, i,
                                           scene.abi->initiator_address)),
               i == 0 ? "0.0.0.0" : "::2", i == 0 ? 8 : 4);
    expect_tolerated(false);
    // One that can't be told by its CID is CONTENT-6's business.
    scene_connection(&scene, changing(), SCENE_TWO, 1, scene.abi->cid)[0] ^= 0x40;
    expect_tolerated(false);
}
END_TEST

// ---- BOUNDS

START_TEST(what_is_no_write_outside)
{
    struct record *record = in("fetch", 0);
    scene_fault(record, FAULT_WRITE, record->outcome.base + record->call.offered);
    expect("BOUNDS-1", VERDICT_FAIL);
    struct verdict verdict = scene_judge(&scene, "BOUNDS-1", CHARSET_A);
    ck_assert_ptr_nonnull(strstr(verdict.expected, "nothing at or past SessionInfo + BufferSize"));
    record->outcome.fault_has_address = false;
    expect("BOUNDS-1", VERDICT_PASS); // STATUS-1's business
    record->outcome.fault_has_address = true;
    record->outcome.after = (struct extent){5000, 5000};
    record->outcome.size_cell_damaged = record->outcome.count_cell_damaged = true;
    record->outcome.fault_address = (uint64_t)1 << 40;
    expect("BOUNDS-1", VERDICT_PASS);
    record->outcome.before = (struct extent){1, 1};
    expect("BOUNDS-2", VERDICT_PASS);
    record->outcome.fault_address = record->outcome.base - 1;
    verdict = scene_judge(&scene, "BOUNDS-2", CHARSET_A);
    ck_assert_int_eq(verdict.kind, VERDICT_FAIL);
    ck_assert_str_eq(verdict.expected, "nothing before SessionInfo is written");
    scene_tear_down();
    scene_set_up_changing();
    ck_assert_str_eq(scene_judge(&scene, "BOUNDS-1", CHARSET_A).expected, "");
    ck_assert_str_eq(scene_judge(&scene, "BOUNDS-2", CHARSET_A).expected, "");
    record = in("query", 0);
    scene_fault(record, FAULT_WRITE, record->outcome.base);
    expect("BOUNDS-1", VERDICT_PASS); // there is no buffer: BOUNDS-3's business
}
END_TEST

START_TEST(no_call_without_a_buffer_was_answered)
{
    struct record *null = in("null", 0);
    null->call.flags = CALL_COUNT_NULL;
    expect("BOUNDS-4", VERDICT_ERROR);
    null->call.flags = 0;
    null->call.offered = 0;
    null->outcome.status = ERROR_SUCCESS;
    expect("BOUNDS-4", VERDICT_ERROR);
    null->call.offered = 1;
    expect("BOUNDS-4", VERDICT_FAIL);
    reopen(0);
    scene_call(&scene, "null", CHARSET_A, PLACE_NULL, 10);
    expect("BOUNDS-4", VERDICT_PASS); // there is nothing to report
    reopen(1);
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 10);
    expect("BOUNDS-3", VERDICT_ERROR);
    reopen(0);
    scene_refuse(&scene, scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0), 5);
    expect("BOUNDS-3", VERDICT_FAIL);
}
END_TEST

START_TEST(fillings_of_other_calls_are_not_compared)
{
    reopen(1);
    required = scene_required(&scene, CHARSET_A);
    scene_call(&scene, "fills", CHARSET_A, PLACE_END, required);
    struct record *record = scene_call(&scene, "fills", CHARSET_A, PLACE_START, required);
    record->outcome.count_out = 7;
    expect("BOUNDS-5", VERDICT_PASS);
    scene_call(&scene, "fills", CHARSET_A, PLACE_START, required);
    in("fills", 1)->outcome.count_out = 7;
    scene_call(&scene, "fills", CHARSET_A, PLACE_START, required)->outcome.size_out++;
    expect_told("BOUNDS-5", VERDICT_WARN, "*SessionCount depends on");
}
END_TEST

START_TEST(what_is_written_behind_the_size)
{
    struct record *record = in("fetch", 1);
    record->outcome.inside = (struct extent){0, required};
    expect("BOUNDS-7", VERDICT_WARN);
    record->call.flags = CALL_SIZE_NULL;
    expect("BOUNDS-7", VERDICT_PASS); // there is no size
    record->call.flags = 0;
    scene_refuse(&scene, record, 5);
    record->outcome.inside = (struct extent){0, required};
    expect("BOUNDS-7", VERDICT_PASS); // no success
    record = in("fetch", 0);
    record->outcome.inside = extent_none();
    record->outcome.size_out = 0;
    expect("BOUNDS-7", VERDICT_PASS);
    for (size_t i = 0; i < scene.transcript->record_count; i++)
        scene_refuse(&scene, &scene.transcript->records[i], 5);
    expect_told("BOUNDS-7", VERDICT_SKIP, "no call succeeded");
}
END_TEST

// ---- EMPTY

START_TEST(what_is_called_without_sessions)
{
    reopen(0);
    static const char *const sets[] = {"query", "fetch", "short", "repeat", "sweep"};
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        scene_call(&scene, sets[i], CHARSET_A, i == 0 ? PLACE_NULL : PLACE_END, i == 0 ? 0 : 64);
    scene_refuse(&scene, in("fetch", 0), 5);
    expect("EMPTY-1", VERDICT_FAIL);
    in("fetch", 0)->call.flags = CALL_COUNT_NULL;
    expect("EMPTY-1", VERDICT_PASS); // ARGS-2's business
    in("fetch", 0)->call.flags = 0;
    in("fetch", 0)->call.placement = PLACE_NULL;
    expect("EMPTY-1", VERDICT_PASS); // BOUNDS-4's business
    in("fetch", 0)->call.offered = 0;
    expect("EMPTY-1", VERDICT_FAIL);
    in("fetch", 0)->call.offered = 1;
    expect("EMPTY-1", VERDICT_PASS);
    in("fetch", 0)->call.placement = PLACE_END;
    scene.profile = "windows";
    in("fetch", 0)->call.flags = CALL_SPARSE;
    expect("EMPTY-1", VERDICT_FAIL);
    in("fetch", 0)->outcome.status = 998;
    in("fetch", 0)->call.flags = 0;
    expect("EMPTY-1", VERDICT_FAIL);
}
END_TEST

// ---- COUNT

START_TEST(counts_after_an_insufficient_buffer)
{
    in("short", 0)->outcome.count_out = 7;
    in("short", 1)->outcome.count_out = 8;
    struct verdict verdict = scene_judge(&scene, "COUNT-2", CHARSET_A);
    ck_assert_int_eq(verdict.kind, VERDICT_WARN);
    ck_assert_ptr_eq(verdict.record, in("short", 0));
    in("short", 0)->call.flags = in("short", 1)->call.flags = CALL_SIZE_NULL;
    expect("COUNT-2", VERDICT_PASS);
    in("short", 0)->call.flags = in("short", 1)->call.flags = 0;
    scene_succeed(&scene, in("short", 0));
    in("short", 0)->outcome.count_out = 7;
    in("short", 1)->outcome.count_out = SCENE_SESSIONS;
    expect("COUNT-2", VERDICT_PASS); // COUNT-1's business
}
END_TEST

// What *SessionCount was instead is said where it was that in every call.
START_TEST(counts_that_are_always_the_same)
{
    for (size_t i = 0; i < scene.transcript->record_count; i++) {
        struct record *record = &scene.transcript->records[i];
        record->call.count_in += record->call.charset == CHARSET_A && record_insufficient(record);
        record->outcome.count_out = record_insufficient(record) ? 0 : record->outcome.count_out;
    }
    scene.strict = true;
    expect_told("COUNT-2", VERDICT_FAIL, "= 0 after insufficient, in every call");
    for (size_t i = 0; i < scene.transcript->record_count; i++) {
        struct record *record = &scene.transcript->records[i];
        if (record_insufficient(record))
            record->outcome.count_out = record->call.count_in = 77;
    }
    expect_told("COUNT-2", VERDICT_FAIL, "= 77 after insufficient, as it was before the call");
}
END_TEST

static struct record *count_call(uint32_t offered, uint32_t count)
{
    struct record *record = scene_call(&scene, "counts", CHARSET_A, PLACE_END, offered);
    record->call.count_in = count;
    return record;
}

// A call with a count below the sessions, in a buffer that is enough, tells what the count does.
START_TEST(counts_that_tell_something)
{
    static const char *const clauses[] = {"COUNT-3", "COUNT-5"};
    for (size_t i = 0; i < 2; i++) {
        const char *clause = clauses[i];
        reopen(SCENE_SESSIONS);
        scene.strict = true;
        scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
        scene_refuse(&scene, count_call(required - 1, 1), ERROR_NOACCESS);
        struct verdict verdict = scene_judge(&scene, clause, CHARSET_A);
        ck_assert_msg(verdict_unjudged(&verdict), "%s: %s", clause, verdict.got); // too small
        count_call(required, 1);
        verdict = scene_judge(&scene, clause, CHARSET_A);
        ck_assert(!verdict_unjudged(&verdict) && verdict.kind != VERDICT_FAIL);
        scene_refuse(&scene, count_call(required, 2), ERROR_NOACCESS);
        scene_refuse(&scene, count_call(required, 0), 5);
        expect_told(clause, VERDICT_FAIL, i == 0 ? "0 (ERROR_SUCCESS)" : "998"); // the first
    }
}
END_TEST

// ---- Bytes

START_TEST(a_call_in_an_unaligned_buffer_is_enough)
{
    reopen(SCENE_SESSIONS);
    scene_call(&scene, "offsets", CHARSET_A, PLACE_MIDDLE, 8192);
    expect("BOUNDS-8", VERDICT_PASS);
}
END_TEST

START_TEST(nothing_written_is_written_nowhere)
{
    reopen(0);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, 64);
    expect("BOUNDS-7", VERDICT_PASS);
}
END_TEST

START_TEST(counts_that_are_enough)
{
    struct record *record = in("counts", 2);
    ck_assert_uint_eq(record->call.count_in, SCENE_SESSIONS);
    scene_refuse(&scene, record, ERROR_INSUFFICIENT_BUFFER);
    expect("COUNT-5", VERDICT_PASS); // COUNT-3's business
    expect("COUNT-3", VERDICT_FAIL);
    record->call.count_in--;
    expect("COUNT-5", VERDICT_WARN);
    record->call.placement = PLACE_NULL;
    expect("COUNT-5", VERDICT_PASS);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        nothing_is_made_of_a_call_that_was_not_made,
        a_node_name_while_sessions_come_and_go,
        a_tsid_while_sessions_come_and_go,
        an_initiator_address_while_sessions_come_and_go,
        what_is_no_write_outside,
        no_call_without_a_buffer_was_answered,
        fillings_of_other_calls_are_not_compared,
        what_is_written_behind_the_size,
        what_is_called_without_sessions,
        counts_after_an_insufficient_buffer,
        counts_that_are_always_the_same,
        counts_that_tell_something,
        a_call_in_an_unaligned_buffer_is_enough,
        nothing_written_is_written_nowhere,
        counts_that_are_enough,
    };
    Suite *suite = suite_create("limits_passed_over");
    TCase *limits = tcase_create("limits_passed_over");
    tcase_add_checked_fixture(limits, scene_set_up_changing, scene_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
