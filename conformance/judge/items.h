// SPDX-License-Identifier: Apache-2.0
// What the functions that tell of targets, devices and the like are judged by: what each call was
// to give, as the inventory and the truth have it, and what it gave. Such calls are about a subject
// (call.subject): only calls about the same one are compared.
#ifndef TCK_ITEMS_H
#define TCK_ITEMS_H

#include "conformance/judge/evidence.h"

// How much there is to tell, in the function's unit.
struct items_room {
    uint64_t least;   // what there is for certain; 0: there may be nothing
    uint64_t most;    // what there can be; UINT64_MAX: not known
    uint64_t ceiling; // what can be asked for; UINT64_MAX: not known
};

// What the function said is required for that subject, the first time that a query about it was
// insufficient; 0: it said nothing.
uint32_t items_required(const struct evidence *evidence, const uint8_t *subject);

// Of the call of that record. There must be an inventory.
struct items_room items_room(const struct evidence *evidence, const struct record *record);

// The disks of the session's target that are certain to be its devices; 0: there are none, or it is
// not known how many, or the session has no connection.
uint32_t items_disks(const struct inventory *inventory, const struct truth_session *session);

// Of a function that takes a SessionId: the session that it names, as the list of
// GetIScsiSessionListW (or of A, where W gave none) has it; NULL: no such session with connections.
const struct truth_session *items_session(const struct evidence *evidence,
                                          const struct record *record);

// A session of that list: its identifier, and the how manieth of the truth it is.
struct items_session {
    uint64_t id[2];
    size_t number;
};

// Those sessions of that list that there are, sorted by identifier.
struct items_sessions {
    const struct truth *truth;
    size_t count;
    struct items_session sessions[];
};

// NULL: there is no list, or memory ran out (evidence_exhausted then). The caller frees it.
struct items_sessions *items_sessions_list(const struct evidence *evidence);
// The session of that identifier; NULL: there is none.
const struct items_session *items_sessions_find(const struct items_sessions *sessions,
                                                const uint64_t id[2]);

// Is there a list of sessions from which identifiers could be taken?
bool items_have_sessions(const struct evidence *evidence);

enum { ITEM_BEYOND_ASCII = 0x7F };

// The names in the buffer of a call that succeeded.
struct item_names {
    size_t count;
    const char **names; // sorted; a character that is not ASCII is ITEM_BEYOND_ASCII
    char *store;
    uint64_t units; // that they take, with all terminators found
    bool ended;     // an empty name ends them
};

// False when memory ran out. Freed with item_names_free in both cases.
bool item_names_read(struct item_names *names, const struct record *record);
void item_names_free(struct item_names *names);
bool item_names_equal(const struct item_names *one, const struct item_names *other);

#endif
