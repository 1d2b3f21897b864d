// SPDX-License-Identifier: Apache-2.0
// The truth: the sessions that exist, as both the initiator and the target report them. Lists are
// judged against it. It is written to the session table and kept in transcripts.
#ifndef TCK_TRUTH_H
#define TCK_TRUTH_H

#include "conformance/base/endpoint.h"
#include "conformance/base/failure.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ISID_SIZE = 6,
    TSID_SIZE = 2,
};

// The facts about a session or a connection that the kit may not know if an external initiator made
// it. All other members are always known.
enum truth_fact {
    FACT_TARGET_NAME = 1, // TargetName: what the initiator calls the target
    FACT_ISID = 2,
    FACT_INITIATOR_ADDRESS = 4,
    FACT_INITIATOR_PORT = 8,
    FACT_TARGET_ADDRESS = 16,
    FACT_TARGET_PORT = 32,
    FACT_ALL = 63,
};

// The identifier that the implementation's LoginIScsiTarget gave a session or a connection.
struct truth_told {
    bool is; // false: no such function made it
    uint64_t id[2];
};

struct truth_connection {
    uint64_t adapter_unique;   // ConnectionId as the session table gives it; an implementation may
    uint64_t adapter_specific; // choose its own
    uint16_t cid;              // host order
    char initiator_address[ADDRESS_TEXT_SIZE]; // numeric, canonical (inet_ntop), IPv6 without
                                               // brackets
    uint16_t initiator_port;                   // host order
    char target_address[ADDRESS_TEXT_SIZE];
    uint16_t target_port;
    unsigned unknown; // enum truth_fact, or-ed: members that are not known; they are empty or 0
    struct truth_told told;
};

struct truth_session {
    uint64_t adapter_unique;
    uint64_t adapter_specific;
    char *initiator_name; // UTF-8
    char *target_node_name;
    char *target_name;
    uint8_t isid[ISID_SIZE]; // as on the wire
    uint8_t tsid[TSID_SIZE]; // as on the wire
    size_t connection_count;
    struct truth_connection *connections;
    unsigned unknown; // as of a connection
    struct truth_told told;
};

// One generation of the truth: the sessions between two changes.
struct truth {
    uint64_t generation; // from 1, grows with each change
    uint64_t began_ns;   // clock_now_ns just before the session table of this generation was put in
                         // place
    uint64_t settled_ns; // just after: from here on no reader could see an older one
    size_t session_count;
    struct truth_session *sessions;
    unsigned shares; // the number of owners besides the first
};

// Deep copy; NULL when memory ran out.
struct truth *truth_copy(const struct truth *truth);
// Adds an owner and returns `truth`. It must not be changed any more. Each owner calls truth_free.
struct truth *truth_share(const struct truth *truth);
// Removes an owner; the last one frees the truth and all it holds. NULL is allowed.
void truth_free(struct truth *truth);

// Copies a session with all it holds into `to`. 0, or -1 when memory ran out; the caller clears
// `to` in both cases.
int truth_session_copy(struct truth_session *to, const struct truth_session *from);
// Frees what it holds, and leaves it empty.
void truth_session_clear(struct truth_session *session);

// All facts that are not known of some session or connection, or-ed.
unsigned truth_unknown(const struct truth *truth);

// Distinguishes sessions: the same for two truths whose sessions, as a list shows them, are the
// same in the same order, whatever their generations.
uint64_t truth_digest(const struct truth *truth);

// Facts in words: "ISID, initiator port".
void truth_fact_names(unsigned facts, char *text, size_t size);

#endif
