// SPDX-License-Identifier: Apache-2.0
// A made-up scene: sessions, and what a right implementation answers to calls of every set of
// probes, as a transcript. A test alters one thing in it, so that it stands exactly on a limit, and
// asks a clause what it says. Where a scene can't be made the test fails.
#ifndef TCK_TESTS_SCENE_H
#define TCK_TESTS_SCENE_H

#include "conformance/judge/abi.h"
#include "conformance/judge/clause.h"
#include "conformance/judge/measure.h"

struct scene {
    struct transcript *transcript;
    const struct abi *abi;
    struct truth *truth; // the latest; a test may alter it before it makes calls
    uint64_t now_ns;
    uint8_t **owned; // bytes that are no longer the transcript's
    size_t owned_count;
    bool strict;
    const char *profile;
};

// The first truth of a scene.
enum {
    SCENE_TWO,  // a session with two connections, IPv4 and IPv6
    SCENE_ONE,  // one with an IPv6 connection
    SCENE_NONE, // one without connections
    SCENE_SESSIONS,
};

// Nothing was called yet.
void scene_open(struct scene *scene, size_t sessions);
void scene_close(struct scene *scene);

// Adds the calls of every set of probes that needs no change of the sessions, in both charsets; and
// then of those that do, but for the events.
void scene_call_quiet(struct scene *scene);
void scene_call_changing(struct scene *scene);
// Adds the calls of GetIScsiSessionListEx, as many as its group needs.
void scene_call_ex(struct scene *scene);

// Makes a call: adds its record, rightly answered. The record is valid until the next call.
struct record *scene_call(struct scene *scene, const char *set, enum charset charset,
                          enum placement placement, uint32_t offered);
// The same under a circumstance.
struct record *scene_call_under(struct scene *scene, const char *set, const char *circumstance,
                                enum charset charset, uint32_t offered);
// The bytes of the latest truth's list.
uint32_t scene_required(const struct scene *scene, enum charset charset);
// Answers the call with a success (again), as of the latest truth, whatever was offered.
void scene_succeed(struct scene *scene, struct record *record);
// Answers it with a status that is no success.
void scene_refuse(const struct scene *scene, struct record *record, uint32_t status);
// Says that the call ended with a fault at that address.
void scene_fault(struct record *record, enum fault_direction direction, uint64_t address);

// Begins another moment, with a copy of the latest truth.
void scene_change(struct scene *scene);
// The same with a session more, or without the last one.
void scene_log_in(struct scene *scene);
void scene_log_out(struct scene *scene);

// The index-th record of that set and charset.
struct record *scene_record(struct scene *scene, const char *set, enum charset charset,
                            size_t index);
// A member of a session of the record's list, and of one of its connections; `offset` is one of
// struct abi. To be written to: no other record's.
uint8_t *scene_member(struct scene *scene, struct record *record, size_t session, uint32_t offset);
uint8_t *scene_connection(struct scene *scene, struct record *record, size_t session,
                          size_t connection, uint32_t offset);
// What a member points to.
uint8_t *scene_text(struct scene *scene, struct record *record, const uint8_t *member);
void scene_point(const struct record *record, uint8_t *member, uint64_t offset);

// What the clause says.
struct verdict scene_judge(const struct scene *scene, const char *clause, enum charset charset);
// Fails the test unless it says that of the charset A.
void scene_expect(const struct scene *scene, const char *clause, enum verdict_kind kind);
void scene_expect_in(const struct scene *scene, const char *clause, enum charset charset,
                     enum verdict_kind kind);

// The room that the first truth takes up in A.
struct measure scene_measure(const struct scene *scene);

#endif
