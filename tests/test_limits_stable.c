// SPDX-License-Identifier: Apache-2.0
// What lasts from call to call: identifiers, the order, the process; and what is learned of the
// lists while nothing changes.
#include "conformance/judge/evidence.h"
#include "conformance/judge/quiet.h"
#include "conformance/transcript/circumstance.h"
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <string.h>

// ---- Identifiers

static void expect_renamed(struct record *record, const char *what)
{
    struct verdict verdict = scene_judge(&scene, "STABLE-2", CHARSET_W);
    if (what == NULL) {
        ck_assert_int_eq(verdict.kind, VERDICT_PASS);
        return;
    }
    ck_assert_int_eq(verdict.kind, VERDICT_FAIL);
    ck_assert_msg(strncmp(verdict.got, what, strlen(what)) == 0, "%s", verdict.got);
    ck_assert_ptr_eq(verdict.record, record);
}

START_TEST(identifiers_in_each_session_and_connection)
{
    struct record *record = in("steps", REINSTATEMENT);
    expect_renamed(NULL, NULL);
    for (size_t i = 0; i < SCENE_SESSIONS; i++) {
        uint8_t *id = scene_member(&scene, record, i, scene.abi->session_id + 7);
        *id ^= 1;
        ck_assert_int_eq(scene_judge(&scene, "STABLE-2", CHARSET_W).kind, VERDICT_FAIL);
        ck_assert_ptr_nonnull(strstr(scene_judge(&scene, "STABLE-2", CHARSET_W).got, "SessionId"));
        *id ^= 1;
        expect_renamed(NULL, NULL);
    }
    for (size_t i = 0; i < 2; i++) {
        uint8_t *id = scene_connection(&scene, record, SCENE_TWO, i, scene.abi->connection_id + 8);
        *id ^= 0x40;
        ck_assert_ptr_nonnull(
            strstr(scene_judge(&scene, "STABLE-2", CHARSET_W).got, "ConnectionId"));
        *id ^= 0x40;
    }
}
END_TEST

START_TEST(the_record_that_renames_is_told)
{
    enum charset wide = CHARSET_W;
    size_t last = 0;
    for (size_t i = 0; i < scene.transcript->record_count; i++)
        if (scene.transcript->records[i].call.charset == wide &&
            strcmp(scene.transcript->records[i].probe_set, "steps") == 0 &&
            scene.transcript->records[i].bytes != NULL)
            last = i;
    struct record *record = &scene.transcript->records[last];
    scene_connection(&scene, record, SCENE_ONE, 0, scene.abi->connection_id)[0] ^= 0x40;
    expect_renamed(record, "ConnectionId");
    scene_member(&scene, record, SCENE_ONE, scene.abi->session_id)[0] ^= 0x40;
    expect_renamed(record, "SessionId");
}
END_TEST

START_TEST(identifiers_in_threads_and_while_sessions_come_and_go)
{
    static const char *const sets[] = {"threads", "changing"};
    for (size_t i = 0; i < 2; i++) {
        struct record *record = in(sets[i], i == 0 ? 2 : 1);
        *scene_member(&scene, record, SCENE_ONE, scene.abi->session_id) ^= 0x40;
    }
    expect_renamed(NULL, NULL);
}
END_TEST

START_TEST(identifiers_of_very_many_lists)
{
    enum { LISTS = 400 };
    for (uint32_t i = 0; i < LISTS; i++)
        scene_call(&scene, "fetch", CHARSET_A, PLACE_END, required + 1 + i);
    expect_renamed(NULL, NULL);
    struct record *record = in("fetch", LISTS);
    *scene_member(&scene, record, SCENE_NONE, scene.abi->session_id) ^= 0x40;
    ck_assert_int_eq(scene_judge(&scene, "STABLE-2", CHARSET_W).kind, VERDICT_FAIL);
}
END_TEST

START_TEST(lists_without_a_session_that_exists)
{
    for (size_t i = 0; i < scene.transcript->record_count; i++)
        scene.transcript->records[i].outcome.count_out = 0;
    struct verdict verdict = scene_judge(&scene, "STABLE-2", CHARSET_W);
    ck_assert_int_eq(verdict.kind, VERDICT_SKIP);
    ck_assert_str_eq(verdict.blocked_by, BLOCKED_BY_LIST);
}
END_TEST

// A connection whose CID is wrong has no name to be compared.
START_TEST(a_connection_that_is_not_found_is_not_named)
{
    struct record *record = scene_record(&scene, "fetch", CHARSET_W, 0);
    *scene_connection(&scene, record, SCENE_TWO, 0, scene.abi->cid) ^= 0x40;
    scene_expect_in(&scene, "STABLE-2", CHARSET_W, VERDICT_PASS);
}
END_TEST

// What LoginIScsiTarget returned is what the lists are to say.
START_TEST(identifiers_that_a_login_returned)
{
    struct truth_session *session = &scene.transcript->truths[0]->sessions[SCENE_TWO];
    session->told = (struct truth_told){.is = true, .id = {session->adapter_unique, 1}};
    scene_expect_in(&scene, "STABLE-2", CHARSET_W, VERDICT_PASS);
    session->told.id[1] = 99;
    expect_told_of_w("STABLE-2", VERDICT_FAIL, "SessionId");
    session->told.is = false; // it is not known
    scene_expect_in(&scene, "STABLE-2", CHARSET_W, VERDICT_PASS);
}
END_TEST

// ---- The order

// Puts the sessions of the record's list into that order.
static void arrange(struct record *record, const char *order)
{
    uint8_t kept[4 * 64];
    size_t count = strlen(order);
    uint32_t size = scene.abi->session_size;
    uint8_t *sessions = scene_member(&scene, record, 0, 0);
    memcpy(kept, sessions, sizeof kept);
    for (size_t i = 0; i < count; i++)
        memcpy(sessions + i * size, kept + (size_t)(order[i] - '0') * size, size);
    record->outcome.count_out = (uint32_t)count;
}

// Two lists that have those of four sessions in those orders.
static bool keeps_order(const char *before, const char *after, bool same_isid)
{
    reopen(4);
    for (size_t i = 0; same_isid && i < 4; i++)
        memset(scene.truth->sessions[i].isid, 7, ISID_SIZE);
    uint32_t size = scene_required(&scene, CHARSET_A);
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    scene_call(&scene, "steps", CHARSET_A, PLACE_NULL, 0);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, size);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, size + 1);
    arrange(in("fetch", 0), before);
    arrange(in("fetch", 1), after);
    struct verdict verdict = scene_judge(&scene, "STABLE-3", CHARSET_A);
    ck_assert_int_eq(verdict.kind, VERDICT_NOTE);
    bool keeps = strstr(verdict.got, "keep their order") != NULL;
    ck_assert(keeps != (strstr(verdict.got, "changes from call to call") != NULL));
    return keeps;
}

START_TEST(the_order_of_sessions_that_both_lists_have)
{
    static const struct {
        const char *before;
        const char *after;
        bool keeps;
    } cases[] = {{"0123", "0123", true},  {"0123", "0132", false}, {"0123", "1023", false},
                 {"0123", "1230", false}, {"0123", "3012", false}, {"0123", "0213", false},
                 {"0123", "123", true},   {"0123", "012", true},   {"0123", "023", true},
                 {"023", "0123", true},   {"123", "0123", true},   {"0123", "32", false},
                 {"12", "0123", true},    {"21", "0123", false},   {"01", "23", true},
                 {"0123", "3", true},     {"3", "0123", true},     {"1", "0", true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int same_isid = 0; same_isid < 2; same_isid++)
            ck_assert_msg(keeps_order(cases[i].before, cases[i].after, same_isid == 1) ==
                              cases[i].keeps,
                          "case %zu", i);
}
END_TEST

START_TEST(an_order_that_changed_stays_changed)
{
    arrange(in("fetch", 1), "021");
    struct verdict verdict = scene_judge(&scene, "STABLE-3", CHARSET_A);
    ck_assert_ptr_nonnull(strstr(verdict.got, "changes from call to call"));
}
END_TEST

// ---- The process

enum { LEAK_BYTES = 65536, LEAK_MAPPED = 16 << 20 };

START_TEST(mapped_memory)
{
    struct process_state *after = &in("endure", 1)->outcome.state_after;
    after->mapped_bytes = LEAK_MAPPED + 1;
    for (uint32_t calls = 0; calls <= 3; calls++) {
        in("endure", 0)->call.repeat = in("endure", 1)->call.repeat = calls;
        scene_expect(&scene, "STABLE-4", calls > 1 ? VERDICT_WARN : VERDICT_PASS);
    }
    after->mapped_bytes--;
    scene_expect(&scene, "STABLE-4", VERDICT_PASS);
}
END_TEST

START_TEST(a_process_that_shrinks)
{
    struct process_state *before = &in("endure", 0)->outcome.state_after;
    before->memory_bytes = before->mapped_bytes = (uint64_t)1 << 40;
    before->descriptors = before->threads = 30;
    scene_expect(&scene, "STABLE-4", VERDICT_PASS);
}
END_TEST

START_TEST(the_slack_is_of_calls_that_stand_for_others)
{
    enum { THREADS = 8 };
    struct process_state *after = &in("endure", 1)->outcome.state_after;
    after->memory_bytes = LEAK_BYTES + 1;
    for (uint32_t calls = 0; calls <= 3; calls++) {
        in("endure", 0)->call.repeat = in("endure", 1)->call.repeat = calls;
        scene_expect(&scene, "STABLE-4", calls > 1 ? VERDICT_WARN : VERDICT_PASS);
    }
}
END_TEST

START_TEST(losses_of_calls_that_fail_add_up)
{
    struct process_state *after = &in("endure-failing", 1)->outcome.state_after;
    after->memory_bytes = LEAK_BYTES;
    after->mapped_bytes = LEAK_MAPPED;
    scene_expect(&scene, "STABLE-4", VERDICT_PASS);
    after->memory_bytes++;
    scene_expect(&scene, "STABLE-4", VERDICT_WARN);
    after->memory_bytes--;
    after->mapped_bytes++;
    scene_expect(&scene, "STABLE-4", VERDICT_WARN);
    after->mapped_bytes--;
    // A kind of call more, which loses a byte.
    for (int half = 0; half < 2; half++) {
        struct record *record =
            scene_call(&scene, "endure-failing", CHARSET_A, PLACE_END, required + 1);
        record->call.flags = CALL_MEASURE;
        record->outcome.has_state = true;
        record->outcome.state_after.memory_bytes = (uint64_t)half;
    }
    scene_expect(&scene, "STABLE-4", VERDICT_WARN);
    in("endure-failing", 3)->outcome.state_after.memory_bytes = 0;
    scene_expect(&scene, "STABLE-4", VERDICT_PASS);
    in("endure-failing", 3)->outcome.state_after.mapped_bytes = 1;
    scene_expect(&scene, "STABLE-4", VERDICT_WARN);
}
END_TEST

START_TEST(what_is_compared_is_the_same_call)
{
    struct record *first = in("endure", 0);
    struct record *second = in("endure", 1);
    second->outcome.state_after.memory_bytes = (uint64_t)1 << 40;
    scene_expect(&scene, "STABLE-4", VERDICT_WARN);
    first->call.offered++; // another call
    scene_expect(&scene, "STABLE-4", VERDICT_PASS);
    first->call.offered--;
    first->circumstance = CIRCUMSTANCE_MORE;
    scene_expect(&scene, "STABLE-4", VERDICT_PASS);
    second->circumstance = first->circumstance;
    scene_expect(&scene, "STABLE-4", VERDICT_WARN);
    first->outcome.has_state = false;
    scene_expect(&scene, "STABLE-4", VERDICT_PASS);
    first->outcome.has_state = true;
    second->outcome.has_state = false;
    scene_expect(&scene, "STABLE-4", VERDICT_PASS);
}
END_TEST

// As on an emulated processor: the rest is compared all the same.
START_TEST(memory_is_not_known)
{
    for (size_t i = 0; i < scene.transcript->record_count; i++) {
        struct process_state *state = &scene.transcript->records[i].outcome.state_after;
        state->memory_bytes = state->mapped_bytes = MEMORY_UNKNOWN;
    }
    scene_expect(&scene, "STABLE-4", VERDICT_SKIP);
    in("endure", 1)->outcome.state_after.descriptors = 1000;
    scene_expect(&scene, "STABLE-4", VERDICT_WARN);
}
END_TEST

START_TEST(nothing_was_measured)
{
    for (size_t i = 0; i < 2; i++) // one is left
        in("endure-failing", i)->outcome.has_state = in("endure", 0)->outcome.has_state = false;
    scene_expect(&scene, "STABLE-4", VERDICT_SKIP);
    in("endure", 0)->outcome.has_state = true;
    scene_expect(&scene, "STABLE-4", VERDICT_PASS);
    in("state", 0)->outcome.has_state = false;
    in("state", 0)->outcome.state_after.umask = 1;
    scene_expect(&scene, "STABLE-5", VERDICT_PASS); // other calls were measured
    for (size_t i = 0; i < scene.transcript->record_count; i++)
        scene.transcript->records[i].outcome.has_state = false;
    scene_expect(&scene, "STABLE-4", VERDICT_SKIP);
    scene_expect(&scene, "STABLE-5", VERDICT_SKIP);
}
END_TEST

START_TEST(what_is_expected_is_told)
{
    in("endure", 0)->outcome.state_after.children = 5;
    struct verdict verdict = scene_judge(&scene, "STABLE-4", CHARSET_A);
    ck_assert_ptr_nonnull(strstr(verdict.expected, "4 child processes and 34 threads"));
    in("endure", 0)->outcome.state_after.children = 0;
    in("endure", 1)->outcome.state_after.descriptors = 9;
    verdict = scene_judge(&scene, "STABLE-4", CHARSET_A);
    ck_assert_ptr_nonnull(strstr(verdict.expected, "8 descriptors and 4 threads more"));
    ck_assert_ptr_nonnull(strstr(verdict.got, "from 0 to 9 open descriptors"));
}
END_TEST

// ---- What is learned while nothing changes

static const struct quiet *learn(struct evidence *evidence)
{
    *evidence = (struct evidence){.transcript = scene.transcript,
                                  .abi = scene.abi,
                                  .profile = scene.profile,
                                  .store = evidence_store_create(scene.transcript)};
    ck_assert_ptr_nonnull(evidence->store);
    const struct quiet *quiet = quiet_of(evidence);
    ck_assert_ptr_nonnull(quiet);
    ck_assert_ptr_eq(quiet_of(evidence), quiet); // it is kept
    return quiet;
}

START_TEST(what_the_first_list_calls_everything)
{
    struct evidence evidence = {0};
    const struct quiet *quiet = learn(&evidence);
    const struct truth *truth = scene.transcript->truths[0];
    ck_assert_uint_eq(quiet->count, 3 + 3);
    ck_assert_uint_eq(quiet->wrong, 0);
    ck_assert_uint_eq(quiet->size, required);
    ck_assert_uint_eq(quiet->insufficient, ERROR_INSUFFICIENT_BUFFER);
    ck_assert(!quiet->size_differs && !quiet->required_is_not_enough);
    for (size_t i = 0; i < SCENE_SESSIONS; i++) {
        const struct truth_session *session = &truth->sessions[i];
        const struct identity *found = quiet_identity(quiet, false, session->adapter_specific);
        ck_assert_ptr_nonnull(found);
        ck_assert(found->listed[0] == 1 && found->listed[1] == session->adapter_specific);
        for (size_t j = 0; j < session->connection_count; j++) {
            uint64_t known = session->connections[j].adapter_specific;
            found = quiet_identity(quiet, true, known);
            ck_assert_ptr_nonnull(found);
            ck_assert(found->listed[0] == 2 && found->listed[1] == known);
        }
    }
    ck_assert_ptr_null(quiet_identity(quiet, false, 99));
    ck_assert_ptr_null(quiet_identity(quiet, true, 0));
    evidence_store_free(evidence.store);
}
END_TEST

START_TEST(each_thing_that_is_always_wrong)
{
    static const struct {
        uint32_t offset_in_session; // 0: the number of sessions
        unsigned wrong;
    } cases[] = {{0, MEMBER_PRESENCE}, {40, MEMBER_ISID}, {46, MEMBER_TSID}};
    for (size_t i = 0; i < 3; i++) {
        struct evidence evidence = {0};
        reopen(SCENE_SESSIONS);
        scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
        for (uint32_t more = 0; more < 2; more++)
            scene_call(&scene, "fetch", CHARSET_A, PLACE_END, required + more);
        for (size_t j = 0; j < 2; j++) {
            if (i == 0)
                in("fetch", j)->outcome.count_out--;
            else
                *scene_member(&scene, in("fetch", j), SCENE_ONE, cases[i].offset_in_session) ^=
                    0x40;
            const struct quiet *quiet = learn(&evidence);
            ck_assert_uint_eq(quiet->lists, 2);
            ck_assert_uint_eq(quiet->wrong, j == 0 ? 0 : cases[i].wrong);
            evidence_store_free(evidence.store);
        }
    }
}
END_TEST

START_TEST(identifiers_that_are_always_repeated)
{
    struct evidence evidence = {0};
    reopen(SCENE_SESSIONS);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, required);
    struct record *record = in("fetch", 0);
    memcpy(scene_member(&scene, record, SCENE_ONE, scene.abi->session_id),
           scene_member(&scene, record, SCENE_TWO, scene.abi->session_id), 16);
    ck_assert_uint_eq(learn(&evidence)->wrong, MEMBER_SESSION_ID);
    evidence_store_free(evidence.store);
}
END_TEST

START_TEST(calls_that_nothing_is_learned_from)
{
    struct evidence evidence = {0};
    reopen(SCENE_SESSIONS);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, required)->threads = 2;
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, required)->call.count_in++;
    scene_call(&scene, "fetch", CHARSET_W, PLACE_END, 2 * required);
    scene_call_under(&scene, "fetch", CIRCUMSTANCE_SETTLED, CHARSET_A, required);
    const struct quiet *quiet = learn(&evidence);
    ck_assert(quiet->lists == 0 && quiet->wrong == 0 && quiet->count == 0);
    ck_assert(!quiet->size_differs && !quiet->required_is_not_enough);
    evidence_store_free(evidence.store);
}
END_TEST

START_TEST(the_status_for_too_small_a_buffer)
{
    static const uint32_t statuses[][3] = {
        {5, 5, 5}, {5, 6, 122}, {122, 5, 122}, {0, 5, 5}, {0, 0, 122}};
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        struct evidence evidence = {0};
        reopen(SCENE_SESSIONS);
        for (size_t j = 0; j < 2; j++)
            scene_call(&scene, "query", CHARSET_A, PLACE_END, 0)->outcome.status = statuses[i][j];
        scene_call(&scene, "query", CHARSET_A, PLACE_END, 1)->outcome.status = 7;
        ck_assert_uint_eq(learn(&evidence)->insufficient, statuses[i][2]);
        evidence_store_free(evidence.store);
    }
}
END_TEST

// Where there were no sessions first, what is always wrong of those that come is learned later.
START_TEST(lists_of_sessions_that_come_later)
{
    struct evidence evidence = {0};
    for (int wrong = 0; wrong < 3; wrong++) {
        reopen(0);
        scene_call(&scene, "fetch", CHARSET_A, PLACE_END, 0);
        scene_call(&scene, "fetch", CHARSET_A, PLACE_END, 64);
        for (int sessions = 1; sessions <= 2; sessions++) {
            scene_log_in(&scene);
            uint32_t size = scene_required(&scene, CHARSET_A);
            struct record *record =
                scene_call_under(&scene, "steps", CIRCUMSTANCE_LOGIN, CHARSET_A, size);
            if (sessions <= wrong)
                *scene_member(&scene, record, 0, scene.abi->isid) ^= 0x40;
        }
        const struct quiet *quiet = learn(&evidence);
        ck_assert_uint_eq(quiet->lists, 2);
        ck_assert_uint_eq(quiet->wrong, wrong == 2 ? MEMBER_ISID : 0);
        evidence_store_free(evidence.store);
    }
}
END_TEST

// Begins without sessions, and with two empty lists of that.
static void reopen_empty(void)
{
    reopen(0);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, 0);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, 64);
}

// The list after another login.
static struct record *later(const char *circumstance)
{
    return scene_call_under(&scene, "steps", circumstance, CHARSET_A,
                            scene_required(&scene, CHARSET_A));
}

static void expect_learned(unsigned wrong)
{
    struct evidence evidence = {0};
    ck_assert_uint_eq(learn(&evidence)->wrong, wrong);
    evidence_store_free(evidence.store);
}

// One session shows nothing of identifiers that are always the same, and one without connections
// nothing of addresses.
START_TEST(what_lists_of_few_sessions_do_not_show)
{
    for (size_t connections = 0; connections <= 2; connections++) {
        reopen_empty();
        scene_log_in(&scene);
        scene.truth->sessions[0].connection_count = connections;
        later(CIRCUMSTANCE_LOGIN);
        scene_log_in(&scene);
        struct record *record = later(CIRCUMSTANCE_LOGIN);
        if (connections == 0)
            scene_text(&scene, record,
                       scene_connection(&scene, record, 1, 0, scene.abi->target_address))[0] ^= 1;
        else if (connections == 1)
            memcpy(scene_connection(&scene, record, 1, 0, scene.abi->connection_id),
                   scene_connection(&scene, record, 0, 0, scene.abi->connection_id), 16);
        else
            memcpy(scene_member(&scene, record, 1, scene.abi->session_id),
                   scene_member(&scene, record, 0, scene.abi->session_id), 16);
        expect_learned(connections == 0   ? MEMBER_TARGET_ADDRESS
                       : connections == 1 ? MEMBER_CONNECTION_ID
                                          : MEMBER_SESSION_ID);
    }
}
END_TEST

START_TEST(later_lists_that_nothing_is_learned_from)
{
    reopen_empty();
    scene_log_in(&scene);
    // Right ones.
    later(CIRCUMSTANCE_CHANGING);
    later(CIRCUMSTANCE_SOURCE);
    later(CIRCUMSTANCE_LOGIN)->threads = 2;
    later(CIRCUMSTANCE_LOGIN)->call.count_in = 0;
    scene_refuse(&scene, later(CIRCUMSTANCE_LOGIN), 5);
    scene_call_under(&scene, "steps", CIRCUMSTANCE_LOGIN, CHARSET_W,
                     scene_required(&scene, CHARSET_W));
    *scene_member(&scene, later(CIRCUMSTANCE_LOGIN), 0, scene.abi->isid) ^= 0x40;
    expect_learned(MEMBER_ISID);
    later(CIRCUMSTANCE_LOGIN); // the same list as that of the first, which was not looked at
    expect_learned(0);
}
END_TEST

START_TEST(when_nothing_is_learned_from_later_lists)
{
    reopen(1);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, scene_required(&scene, CHARSET_A));
    scene_log_in(&scene);
    *scene_member(&scene, later(CIRCUMSTANCE_LOGIN), 0, scene.abi->isid) ^= 0x40;
    expect_learned(0);
    reopen_empty();
    for (size_t i = 0; i < 2; i++)
        scene_record(&scene, "fetch", CHARSET_A, i)->outcome.count_out = 1;
    scene_log_in(&scene);
    *scene_member(&scene, later(CIRCUMSTANCE_LOGIN), 0, scene.abi->isid) ^= 0x40;
    expect_learned(MEMBER_PRESENCE);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        identifiers_in_each_session_and_connection,
        the_record_that_renames_is_told,
        identifiers_in_threads_and_while_sessions_come_and_go,
        identifiers_of_very_many_lists,
        lists_without_a_session_that_exists,
        a_connection_that_is_not_found_is_not_named,
        identifiers_that_a_login_returned,
        the_order_of_sessions_that_both_lists_have,
        an_order_that_changed_stays_changed,
        mapped_memory,
        a_process_that_shrinks,
        the_slack_is_of_calls_that_stand_for_others,
        losses_of_calls_that_fail_add_up,
        what_is_compared_is_the_same_call,
        memory_is_not_known,
        nothing_was_measured,
        what_is_expected_is_told,
        what_the_first_list_calls_everything,
        each_thing_that_is_always_wrong,
        identifiers_that_are_always_repeated,
        calls_that_nothing_is_learned_from,
        the_status_for_too_small_a_buffer,
        lists_of_sessions_that_come_later,
        what_lists_of_few_sessions_do_not_show,
        later_lists_that_nothing_is_learned_from,
        when_nothing_is_learned_from_later_lists,
    };
    Suite *suite = suite_create("limits_stable");
    TCase *limits = tcase_create("limits_stable");
    tcase_add_checked_fixture(limits, scene_set_up_changing, scene_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
