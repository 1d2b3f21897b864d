// SPDX-License-Identifier: Apache-2.0
// Makes scenes.
#include "tests/scene.h"

#include "conformance/clauses/groups.h"
#include "conformance/judge/evidence.h"
#include "conformance/judge/judge.h"
#include "conformance/transcript/circumstance.h"
#include "conformance/transcript/error_codes.h"
#include "tests/scene_list.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BASE = 0x100000, // where buffers stand
    SPARE = 4096,
    STEP_NS = 10,
    OWNED_MAX = 512,
    INVALID_PARAMETER = 87,
};

static const uint32_t source_is_gone = 0xEFFF0013;

// ---- The sessions

static void make_connection(struct truth_connection *connection, uint64_t number, bool is_ipv6)
{
    const char *addresses[] = {is_ipv6 ? "fd00::1:2:3:4" : "10.1.2.3",
                               is_ipv6 ? "fd00::5:6:7:8" : "10.4.5.6"};
    *connection = (struct truth_connection){.adapter_unique = 2,
                                            .adapter_specific = number,
                                            .cid = (uint16_t)(0x0100 + number),
                                            .initiator_port = (uint16_t)(40000 + number),
                                            .target_port = (uint16_t)(3260 + number)};
    snprintf(connection->initiator_address, sizeof connection->initiator_address, "%s",
             addresses[0]);
    snprintf(connection->target_address, sizeof connection->target_address, "%s", addresses[1]);
}

static void make_session(struct truth_session *session, size_t index)
{
    char name[64];
    *session = (struct truth_session){.adapter_unique = 1,
                                      .adapter_specific = index + 1,
                                      .isid = {0x80, 1, 2, 3, 4, (uint8_t)index},
                                      .tsid = {1, (uint8_t)(index + 2)}};
    snprintf(name, sizeof name, "iqn.2004-01.com.example:Host%zu", index);
    session->initiator_name = strdup(name);
    snprintf(name, sizeof name, "iqn.2004-01.com.example:Disk%zu", index);
    session->target_node_name = strdup(name);
    session->target_name = strdup(name);
    session->connection_count = index == SCENE_NONE ? 0 : index == SCENE_TWO ? 2 : 1;
    session->connections = calloc(session->connection_count + 1, sizeof *session->connections);
    ck_assert(session->initiator_name && session->target_node_name && session->target_name &&
              session->connections);
    for (size_t i = 0; i < session->connection_count; i++)
        make_connection(&session->connections[i], 2 * index + i + 1, index != SCENE_TWO || i > 0);
}

static struct truth *make_truth(size_t sessions)
{
    struct truth *truth = calloc(1, sizeof *truth);
    ck_assert_ptr_nonnull(truth);
    *truth = (struct truth){.generation = 1, .session_count = sessions};
    truth->sessions = calloc(sessions + 1, sizeof *truth->sessions);
    ck_assert_ptr_nonnull(truth->sessions);
    for (size_t i = 0; i < sessions; i++)
        make_session(&truth->sessions[i], i);
    return truth;
}

// ---- Calls

uint32_t scene_required(const struct scene *scene, enum charset charset)
{
    return scene_list_write(scene->truth, charset, 0, NULL);
}

static struct outcome answer(struct scene *scene)
{
    struct outcome outcome = {.kind = OUTCOME_RETURNED,
                              .count_out = (uint32_t)scene->truth->session_count,
                              .inside = extent_none(),
                              .before = extent_none(),
                              .after = extent_none(),
                              .began_ns = scene->now_ns,
                              .ended_ns = scene->now_ns + STEP_NS / 2};
    outcome_single(&outcome);
    scene->now_ns += STEP_NS;
    return outcome;
}

struct record *scene_call(struct scene *scene, const char *set, enum charset charset,
                          enum placement placement, uint32_t offered)
{
    const struct call call = {.charset = (uint8_t)charset,
                              .placement = (uint8_t)placement,
                              .offered = offered,
                              .count_in = offered / abi_of_function(8, charset)->session_size,
                              .misalignment = placement == PLACE_MIDDLE ? 1 : 0,
                              .repeat = 1};
    uint32_t required = scene_required(scene, charset);
    struct outcome outcome = answer(scene);
    bool succeeds = offered >= required && (placement != PLACE_NULL || required == 0);
    uint8_t *bytes = NULL;
    outcome.size_out = required;
    outcome.status = succeeds ? ERROR_SUCCESS : ERROR_INSUFFICIENT_BUFFER;
    if (placement != PLACE_NULL)
        outcome.base = BASE + call.misalignment;
    if (succeeds && required > 0) {
        bytes = calloc(1, required);
        ck_assert_ptr_nonnull(bytes);
        scene_list_write(scene->truth, charset, outcome.base, bytes);
        outcome.byte_count = required;
        outcome.inside = (struct extent){0, required - 1};
    }
    ck_assert_int_eq(transcript_add(scene->transcript, set, &call, &outcome, bytes), 0);
    return transcript_last(scene->transcript);
}

struct record *scene_call_under(struct scene *scene, const char *set, const char *circumstance,
                                enum charset charset, uint32_t offered)
{
    struct record *record =
        scene_call(scene, set, charset, offered == 0 ? PLACE_NULL : PLACE_END, offered);
    record->circumstance = circumstance;
    return record;
}

static uint8_t *own(struct scene *scene, struct record *record, uint8_t *bytes)
{
    ck_assert_uint_lt(scene->owned_count, OWNED_MAX);
    ck_assert_ptr_nonnull(bytes);
    scene->owned[scene->owned_count++] = bytes;
    record->bytes = bytes;
    record->same_as = (size_t)(record - scene->transcript->records);
    return bytes;
}

void scene_succeed(struct scene *scene, struct record *record)
{
    enum charset charset = (enum charset)record->call.charset;
    uint32_t required = scene_required(scene, charset);
    uint8_t *bytes = own(scene, record, calloc(1, required + 1));
    scene_list_write(scene->truth, charset, record->outcome.base, bytes);
    record->outcome.status = ERROR_SUCCESS;
    record->outcome.size_out = required;
    record->outcome.byte_count = required;
    record->outcome.count_out = (uint32_t)scene->truth->session_count;
    record->outcome.inside = (struct extent){0, required - 1};
}

void scene_refuse(const struct scene *scene, struct record *record, uint32_t status)
{
    record->outcome.status = status;
    record->outcome.byte_count = 0;
    record->outcome.inside = extent_none();
    record->bytes = NULL;
    record->same_as = (size_t)(record - scene->transcript->records);
}

void scene_fault(struct record *record, enum fault_direction direction, uint64_t address)
{
    struct outcome *outcome = &record->outcome;
    outcome->kind = OUTCOME_FAULT;
    outcome->signal_number = 11;
    outcome->direction = (uint8_t)direction;
    outcome->fault_has_address = true;
    outcome->fault_address = address;
    outcome->inside = extent_none();
}

// ---- Sets of probes

static void call_sizes(struct scene *scene, const char *set, enum charset charset,
                       const uint32_t *sizes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        scene_call(scene, set, charset, PLACE_END, sizes[i]);
}

static void call_arguments(struct scene *scene, enum charset charset)
{
    static const uint8_t flags[] = {CALL_SIZE_NULL, CALL_COUNT_NULL,
                                    CALL_SIZE_NULL | CALL_COUNT_NULL};
    for (size_t i = 0; i < sizeof flags; i++) {
        struct record *record = scene_call(scene, "args", charset, PLACE_END, SPARE);
        record->call.flags = flags[i];
        scene_refuse(scene, record, INVALID_PARAMETER);
    }
}

static void call_measured(struct scene *scene, enum charset charset, uint32_t required)
{
    static const char *const sets[] = {"state", "endure", "endure", "endure-failing",
                                       "endure-failing"};
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        struct record *record = scene_call(scene, sets[i], charset, PLACE_END, required);
        record->call.flags = CALL_MEASURE;
        record->outcome.has_state = true;
    }
}

static void call_threads(struct scene *scene, enum charset charset, const char *set, uint32_t size)
{
    for (unsigned thread = 0; thread < 2; thread++) {
        struct record *record = scene_call(scene, set, charset, PLACE_END, size);
        record->thread = thread;
        record->threads = 2;
        if (strcmp(set, "threads-first") == 0)
            record->circumstance = CIRCUMSTANCE_FIRST;
    }
}

static void call_damaged(struct scene *scene, enum charset charset, uint32_t required)
{
    static const struct {
        const char *set;
        const char *circumstance;
    } ways[] = {{"damage", CIRCUMSTANCE_DAMAGED "gone"}, {"damage-details", CIRCUMSTANCE_DETAIL}};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct record *record =
            scene_call_under(scene, ways[i].set, ways[i].circumstance, charset, required);
        scene_refuse(scene, record, source_is_gone);
        scene_call_under(scene, ways[i].set, CIRCUMSTANCE_REPAIRED, charset, 0);
        scene_call_under(scene, ways[i].set, CIRCUMSTANCE_REPAIRED, charset, required);
    }
}

static void call_aligned(struct scene *scene, enum charset charset, uint32_t required)
{
    const uint32_t fetches[] = {required, required + SPARE, 2 * required + 1};
    const uint32_t shorts[] = {1, required - 2, required - 1};
    const uint32_t repeated[] = {0, required, 0, required};
    const uint32_t swept[] = {0, required - 1, required, required + 1, required + 64};
    call_sizes(scene, "fetch", charset, fetches, sizeof fetches / sizeof fetches[0]);
    scene_call(scene, "fetch", charset, PLACE_START, required);
    call_sizes(scene, "short", charset, shorts, sizeof shorts / sizeof shorts[0]);
    call_sizes(scene, "repeat", charset, repeated, sizeof repeated / sizeof repeated[0]);
    call_sizes(scene, "sweep", charset, swept, sizeof swept / sizeof swept[0]);
    for (int fill = FILL_HASH_0; fill <= FILL_HASH_1; fill++)
        scene_call(scene, "fills", charset, PLACE_END, required)->call.fill = (uint8_t)fill;
    for (int fill = FILL_HASH_0; fill <= FILL_HASH_1; fill++)
        scene_call(scene, "fills", charset, PLACE_END, required / 2)->call.fill = (uint8_t)fill;
}

static void call_counts(struct scene *scene, enum charset charset, uint32_t required)
{
    const uint32_t counts[] = {0, SCENE_SESSIONS - 1, SCENE_SESSIONS, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        scene_call(scene, "counts", charset, PLACE_END, required)->call.count_in = counts[i];
}

void scene_call_quiet(struct scene *scene)
{
    for (int both = CHARSET_A; both <= CHARSET_W; both++) {
        enum charset charset = (enum charset)both;
        uint32_t required = scene_required(scene, charset);
        scene_call(scene, "query", charset, PLACE_NULL, 0);
        scene_call(scene, "query", charset, PLACE_END, 0);
        scene_call(scene, "null", charset, PLACE_NULL, required + SPARE);
        call_aligned(scene, charset, required);
        call_counts(scene, charset, required);
        call_measured(scene, charset, required);
        call_threads(scene, charset, "threads", 0);
        call_threads(scene, charset, "threads", required);
        call_threads(scene, charset, "threads-first", required);
        call_threads(scene, charset, PROBE_SET_THREADS_BOTH, required);
        call_damaged(scene, charset, required);
        scene_call(scene, "offsets", charset, PLACE_MIDDLE, required + SPARE);
        call_arguments(scene, charset);
        scene_call(scene, "large", charset, PLACE_START, 0xFFFFFFFF)->call.flags = CALL_SPARSE;
    }
}

void scene_call_ex(struct scene *scene)
{
    uint32_t required = scene_required(scene, CHARSET_EX);
    scene->transcript->hello.has_ex = 1;
    scene_call(scene, "query", CHARSET_EX, PLACE_NULL, 0);
    scene_call(scene, "query", CHARSET_EX, PLACE_END, 0);
    scene_call(scene, "null", CHARSET_EX, PLACE_NULL, required + SPARE);
    call_aligned(scene, CHARSET_EX, required);
}

void scene_call_changing(struct scene *scene)
{
    for (int both = CHARSET_A; both <= CHARSET_W; both++) {
        enum charset charset = (enum charset)both;
        uint32_t before = scene_required(scene, charset);
        scene_log_in(scene);
        uint32_t more = scene_required(scene, charset);
        scene_call_under(scene, "steps", CIRCUMSTANCE_LOGIN, charset, before);
        scene_call_under(scene, "steps", CIRCUMSTANCE_LOGIN, charset, more);
        scene_log_out(scene);
        scene_call_under(scene, "steps", CIRCUMSTANCE_LOGOUT, charset, more);
        scene_change(scene);
        scene->truth->sessions[SCENE_ONE].connection_count = 0;
        scene_call_under(scene, "steps", CIRCUMSTANCE_DROP, charset, 0);
        scene_call_under(scene, "steps", CIRCUMSTANCE_DROP, charset, before);
        scene_change(scene);
        truth_session_clear(&scene->truth->sessions[SCENE_ONE]);
        make_session(&scene->truth->sessions[SCENE_ONE], SCENE_ONE);
        scene_call_under(scene, "steps", CIRCUMSTANCE_REINSTATEMENT, charset, 0);
        scene_call_under(scene, "steps", CIRCUMSTANCE_REINSTATEMENT, charset, before);
        scene_call_under(scene, "changing", CIRCUMSTANCE_CHANGING, charset, 0);
        scene_call_under(scene, "changing", CIRCUMSTANCE_CHANGING, charset, before);
        for (int round = 0; round < 2; round++) {
            scene_call_under(scene, "changing", CIRCUMSTANCE_SETTLED, charset, 0);
            scene_call_under(scene, "changing", CIRCUMSTANCE_SETTLED, charset, before);
        }
    }
}

// ---- Changes

static void add_truth(struct scene *scene, struct truth *truth)
{
    truth->began_ns = scene->now_ns;
    truth->settled_ns = scene->now_ns + STEP_NS / 2;
    scene->now_ns += STEP_NS;
    ck_assert_int_eq(transcript_add_truth(scene->transcript, truth), 0);
    truth_free(scene->truth);
    scene->truth = truth;
}

void scene_change(struct scene *scene)
{
    struct truth *truth = truth_copy(scene->truth);
    ck_assert_ptr_nonnull(truth);
    truth->generation = scene->truth->generation + 1;
    add_truth(scene, truth);
}

void scene_log_in(struct scene *scene)
{
    scene_change(scene);
    struct truth *truth = scene->truth;
    struct truth_session *grown =
        realloc(truth->sessions, (truth->session_count + 1) * sizeof *grown);
    ck_assert_ptr_nonnull(grown);
    truth->sessions = grown;
    make_session(&truth->sessions[truth->session_count], truth->session_count);
    truth->session_count++;
}

void scene_log_out(struct scene *scene)
{
    scene_change(scene);
    truth_session_clear(&scene->truth->sessions[--scene->truth->session_count]);
}

void scene_open(struct scene *scene, size_t sessions)
{
    *scene = (struct scene){.abi = abi_of(8), .now_ns = 1000, .profile = "documented"};
    scene->transcript = transcript_create("made-up", "scene", "0", "made up");
    scene->owned = calloc(OWNED_MAX, sizeof *scene->owned);
    ck_assert(scene->transcript != NULL && scene->owned != NULL);
    scene->transcript->hello = (struct hello){
        .pointer_size = 8, .long_align = 8, .has_a = 1, .has_w = 1, .code_page = 65001};
    add_truth(scene, make_truth(sessions));
}

void scene_close(struct scene *scene)
{
    for (size_t i = 0; i < scene->owned_count; i++)
        free(scene->owned[i]);
    free(scene->owned);
    truth_free(scene->truth);
    transcript_free(scene->transcript);
}

// ---- Altering a record

struct record *scene_record(struct scene *scene, const char *set, enum charset charset,
                            size_t index)
{
    for (size_t i = 0; i < scene->transcript->record_count; i++) {
        struct record *record = &scene->transcript->records[i];
        if (strcmp(record->probe_set, set) == 0 && record->call.charset == charset && index-- == 0)
            return record;
    }
    ck_abort_msg("no such record of %s", set);
    return NULL;
}

// The record's bytes, none but its own from now on.
static uint8_t *own_bytes(struct scene *scene, struct record *record)
{
    for (size_t i = 0; i < scene->owned_count; i++)
        if (scene->owned[i] == record->bytes)
            return record->bytes;
    uint8_t *copy = malloc(record->outcome.byte_count + 1);
    ck_assert(copy != NULL && record->bytes != NULL);
    memcpy(copy, record->bytes, record->outcome.byte_count);
    return own(scene, record, copy);
}

static uint64_t pointer_at(const uint8_t *member)
{
    uint64_t pointer = 0;
    for (int i = 7; i >= 0; i--)
        pointer = pointer << 8 | member[i];
    return pointer;
}

static const struct abi *abi_of_record(const struct record *record)
{
    return abi_of_function(8, (enum charset)record->call.charset);
}

uint8_t *scene_member(struct scene *scene, struct record *record, size_t session, uint32_t offset)
{
    return own_bytes(scene, record) + session * abi_of_record(record)->session_size + offset;
}

uint8_t *scene_text(struct scene *scene, struct record *record, const uint8_t *member)
{
    return own_bytes(scene, record) + (pointer_at(member) - record->outcome.base);
}

uint8_t *scene_connection(struct scene *scene, struct record *record, size_t session,
                          size_t connection, uint32_t offset)
{
    const struct abi *abi = abi_of_record(record);
    uint8_t *array =
        scene_text(scene, record, scene_member(scene, record, session, abi->connections));
    return array + connection * abi->connection_size + offset;
}

void scene_point(const struct record *record, uint8_t *member, uint64_t offset)
{
    for (unsigned i = 0; i < 8; i++)
        member[i] = (uint8_t)((record->outcome.base + offset) >> (8 * i));
}

// ---- Judging

struct verdict scene_judge(const struct scene *scene, const char *clause, enum charset charset)
{
    struct verdict verdict;
    struct evidence evidence = {.transcript = scene->transcript,
                                .charset = charset,
                                .abi = scene->abi,
                                .store = evidence_store_create(scene->transcript)};
    const struct judge_options options = {.profile = scene->profile, .strict = scene->strict};
    ck_assert(evidence.store != NULL && clause_find(clause) != NULL);
    clause_judge(clause_find(clause), &evidence, &options, &verdict);
    evidence_store_free(evidence.store);
    return verdict;
}

void scene_expect_in(const struct scene *scene, const char *clause, enum charset charset,
                     enum verdict_kind kind)
{
    struct verdict verdict = scene_judge(scene, clause, charset);
    ck_assert_msg(verdict.kind == kind, "%s says %s (%s; %s), not %s", clause,
                  verdict_kind_name(verdict.kind), verdict.got, verdict.expected,
                  verdict_kind_name(kind));
}

void scene_expect(const struct scene *scene, const char *clause, enum verdict_kind kind)
{
    scene_expect_in(scene, clause, CHARSET_A, kind);
}

struct measure scene_measure(const struct scene *scene)
{
    struct measure measure;
    ck_assert_int_eq(measure_truth(&measure, scene->transcript->truths[0], scene->abi, CHARSET_A),
                     0);
    return measure;
}
