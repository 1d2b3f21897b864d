// What the functions that tell of targets and devices are judged by: what each call was to give, as
// the inventory and the truth have it, and what it gave. Such calls are about a subject
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

// Of a function that takes a SessionId: the session that it names, as the list of
// GetIScsiSessionListW (or of A, where W gave none) has it; NULL: no such session with connections.
const struct truth_session *items_session(const struct evidence *evidence,
                                          const struct record *record);

// Is there a list of sessions from which identifiers could be taken?
bool items_have_sessions(const struct evidence *evidence);

// The names in the buffer of a call that succeeded.
struct item_names {
    size_t count;
    const char **names; // sorted; a character that is not ASCII is 0x7F
    char *store;
    uint64_t units; // that they take, with all terminators found
    bool ended;     // an empty name ends them
};

// False when memory ran out. Freed with item_names_free in both cases.
bool item_names_read(struct item_names *names, const struct record *record);
void item_names_free(struct item_names *names);
bool item_names_equal(const struct item_names *one, const struct item_names *other);

#endif
