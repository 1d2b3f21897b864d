// SPDX-License-Identifier: Apache-2.0
// What there is to see of one call, for the pictures of the HTML report: the parts that its buffer
// is made of and the bytes that are wrong, as offsets from SessionInfo.
#ifndef TCK_PARTS_H
#define TCK_PARTS_H

#include "conformance/judge/clause.h"
#include "conformance/judge/listing.h"
#include "conformance/transcript/transcript.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum part_kind {
    PART_SESSION,    // a member of a session's structure
    PART_CONNECTION, // a member of a connection's
    PART_STRING,     // a string
};

struct scene_part {
    enum part_kind kind;
    bool ghost;    // of the other list, which is shown for comparison
    int64_t first; // the first byte and the one behind the last
    int64_t end;
    size_t session;
    long connection; // -1: it is of the session itself
    const char *member;
    const struct listed_text *text; // of strings and the pointers to them
    bool pointer;
    bool leads_inside; // the pointer's target is within the bytes
    int64_t target;
};

enum mark_kind {
    MARK_WRONG,        // a member that says what is not so
    MARK_WRITTEN,      // written before or behind the buffer
    MARK_FAULT,        // where the access faulted
    MARK_OVERLAP,      // two pieces share it
    MARK_PAST_END,     // a piece reaches past *BufferSize
    MARK_POINTER,      // a pointer that does not lead into the buffer
    MARK_UNTERMINATED, // a string without an end
    MARK_MISSING,      // a complete list goes on here
    MARK_UNALIGNED,
    MARK_REST, // written behind *BufferSize, or though the call failed
};

struct scene_mark {
    enum mark_kind kind;
    int64_t first;
    int64_t end; // behind the last byte
    char what[256];
};

enum { MARKS_MAX = 24 };

struct scene {
    const struct record *record;
    const struct abi *abi;
    struct listing *listing; // that the call left; NULL: none is known
    struct listing *other;   // that another call left; NULL: none is kept
    const struct record *other_record;
    struct listed_member wrong; // see verdict.wrong
    size_t part_count;
    struct scene_part *parts; // sorted by their first byte
    size_t mark_count;
    struct scene_mark marks[MARKS_MAX];
    size_t unmarked; // so many more were found than there is room for
    bool has_buffer;
    int64_t offered;  // the end of the buffer
    int64_t returned; // *BufferSize after a success; -1: no success
    int64_t required; // *BufferSize after insufficient; -1: not insufficient
    int64_t first;    // what is to be shown, from here
    int64_t end;      // to before here
};

// Lists the parts of both listings; free scene->parts. 0, or -1 when memory ran out.
int scene_find_parts(struct scene *scene);
// By their first byte.
void scene_sort_parts(struct scene *scene);
// Removes the parts of the other list that begin before `limit`.
void scene_drop_ghosts_before(struct scene *scene, int64_t limit);
// The end of the last part of the call's list or, with `ghost`, of the other; 0: it has no parts.
int64_t scene_end_of_parts(const struct scene *scene, bool ghost);

// "TargetName of session 3", "InitiatorAddress of connection 0 of session 3"
void scene_name_part(const struct scene_part *part, char *text, size_t size);
// What the part holds: "SessionInfo + 104", "7", "\"iqn.2026-11...\"".
void scene_describe_part(const struct scene *scene, const struct scene_part *part, char *text,
                         size_t size);

// A byte as it is known: its value in `*value` and whether it is of this call (`*own`), or of
// another that is shown for comparison. False: not known.
bool scene_byte(const struct scene *scene, int64_t offset, uint8_t *value, bool *own);

#endif
