// SPDX-License-Identifier: Apache-2.0
// A session list as a call left it, decoded from recorded bytes. Nothing in it is trusted: a
// pointer is an offset once it was found to be inside, a count is followed as far as there are
// bytes, a string is read up to its terminator or the end. Decoding always ends and its cost is
// bounded by the bytes.
#ifndef TCK_LISTING_H
#define TCK_LISTING_H

#include "conformance/judge/abi.h"
#include "conformance/transcript/transcript.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A string as a member points to it.
struct listed_text {
    bool inside;        // the pointer is within the bytes (else all that follows is zero)
    bool terminated;    // a terminator was found within the bytes
    bool well_formed;   // valid in its encoding
    uint64_t pointer;   // as it stands in the structure
    uint32_t offset;    // from SessionInfo
    uint32_t size;      // in bytes, with the terminator where there is one
    const char *utf8;   // as UTF-8; NULL unless inside, terminated and well-formed
    uint32_t code_page; // that it was in; 0: UTF-16
};

struct listed_connection {
    uint32_t offset;
    uint64_t id[2];
    struct listed_text initiator_address;
    struct listed_text target_address;
    uint16_t initiator_port; // as the host's CPU reads it
    uint16_t target_port;
    uint8_t cid[2];
};

struct listed_session {
    uint32_t offset;
    uint64_t id[2];
    struct listed_text initiator_name;
    struct listed_text target_node_name;
    struct listed_text target_name;
    uint8_t isid[6];
    uint8_t tsid[2];
    uint32_t connection_count; // as claimed
    uint64_t connections_pointer;
    bool connections_inside; // the array's start is within the bytes
    uint32_t connections_offset;
    size_t connections_decoded; // those wholly within the bytes
    struct listed_connection *connections;
    struct listed_connection **connections_sorted; // by CID
};

struct listing {
    uint32_t claimed;     // *SessionCount
    uint32_t size;        // *BufferSize returned, but never more than was offered
    size_t session_count; // decoded: those wholly within the bytes
    struct listed_session *sessions;
    struct listed_session **sessions_sorted; // by ISID and TSID
    bool exhausted; // the structures point to the same bytes over and over, so that decoding was
                    // ended
    size_t connection_total;
    struct listed_connection *connection_store;
    struct listed_connection **connections_sorted;
    struct arena *arena;
};

// A piece of the buffer that the list takes up.
enum piece_kind {
    PIECE_STRUCTURES,
    PIECE_CONNECTIONS,
    PIECE_STRING,
};

struct piece {
    enum piece_kind kind;
    uint64_t offset; // from SessionInfo
    uint64_t size;
    size_t session;     // which session it belongs to
    size_t connection;  // for the strings of a connection
    const char *member; // "InitiatorName"
};

// Decodes the buffer of a record that returned status 0. `code_page` is that of char strings. NULL
// only when memory ran out.
struct listing *listing_decode(const struct record *record, const struct abi *abi,
                               uint32_t code_page);
void listing_free(struct listing *listing);

// All pieces that lie (at least begin) within the bytes: the structure array (claimed size), each
// connection array (claimed size), each string. `*pieces` is malloc'ed, owned by the caller, sorted
// by offset, then size. Returns their number, -1 when memory ran out.
long listing_pieces(const struct listing *listing, const struct abi *abi, struct piece **pieces);

// The same list? Content only: what is said of each session and connection, texts compared as text,
// in whatever order.
bool listing_equal(const struct listing *a, const struct listing *b);
// The same sessions in the same order?
bool listing_same_order(const struct listing *a, const struct listing *b);
// The same arrangement? Offsets of everything, in order.
bool listing_same_arrangement(const struct listing *a, const struct listing *b);

#endif
