// SPDX-License-Identifier: Apache-2.0
// In which members a listed session differs from the truth's.
#ifndef TCK_DIFFERENCE_H
#define TCK_DIFFERENCE_H

#include "conformance/judge/listing.h"
#include "conformance/judge/matching.h"

enum member {
    MEMBER_PRESENCE = 1, // whether the session is listed: once, and only if it exists
    MEMBER_INITIATOR_NAME = 2,
    MEMBER_TARGET_NODE_NAME = 4,
    MEMBER_TARGET_NAME = 8,
    MEMBER_ISID = 16,
    MEMBER_TSID = 32,
    MEMBER_CONNECTION_COUNT = 64,
    MEMBER_CID = 128,
    MEMBER_INITIATOR_ADDRESS = 256,
    MEMBER_INITIATOR_PORT = 512,
    MEMBER_TARGET_ADDRESS = 1024,
    MEMBER_TARGET_PORT = 2048,
    MEMBER_SESSION_ID = 4096, // SessionId, and ConnectionId of its connections
    MEMBER_CONNECTION_ID = 8192,
};

// The name of one member, for people, and the clause that says what it must be.
const char *member_name(enum member member);
const char *member_clause(enum member member);
// The lowest of the members in `members`, which is not 0.
enum member member_first(unsigned members);

// Is the text that name? ASCII letters compare without regard to case, as iSCSI names do (RFC 7143,
// 4.2.7). False where the text is not readable.
bool text_is_name(const struct listed_text *text, const char *name);
// Is the text that address, however it is written?
bool text_is_address(const struct listed_text *text, const char *address);
// Either byte order will do.
bool same_tsid(const uint8_t got[2], const uint8_t known[2]);

// The connection with that CID of the known session, among those decoded of the listed one; the
// first of several; NULL: there is none. The CID's bytes may stand in either order, the same for
// the whole session where that fits. `*times`, unless it is NULL: how often it is there.
const struct listed_connection *find_connection(const struct listed_session *listed,
                                                const struct truth_session *known, uint16_t cid,
                                                size_t *times);

// All members of a session, or-ed, in which the list differs from what is known; but for the
// presence and the identifiers, which one session alone doesn't show.
unsigned session_difference(const struct listed_session *listed, const struct truth_session *known);

// Those of the members that differ, or may, in just the way that the profile tolerates; `profile`
// may be NULL.
unsigned tolerated_difference(const char *profile, const struct listed_session *listed,
                              const struct truth_session *known);

// The identifiers that a list has given twice: MEMBER_SESSION_ID, MEMBER_CONNECTION_ID or both; -1
// when memory ran out.
int repeated_identifiers(const struct listing *listing);

#endif
