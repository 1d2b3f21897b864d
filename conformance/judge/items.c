// SPDX-License-Identifier: Apache-2.0
// Looks the subject of a call up, and reads lists of names.
#include "conformance/judge/items.h"

#include "conformance/transcript/function.h"

#include <stdlib.h>
#include <string.h>

static bool same_subject(const struct record *record, const uint8_t *subject)
{
    return memcmp(record->call.subject, subject, SUBJECT_SIZE) == 0;
}

uint32_t items_required(const struct evidence *evidence, const uint8_t *subject)
{
    for (const struct record *record = evidence_next(evidence, NULL, "items-query"); record != NULL;
         record = evidence_next(evidence, record, "items-query"))
        if (same_subject(record, subject) && record_insufficient(record))
            return record->outcome.size_out;
    return 0;
}

// ---- Sessions

// A list of the sessions as they were brought up, from which the identifiers were taken.
static const struct record *find_list(const struct evidence *of_list)
{
    for (const struct record *other = evidence_next(of_list, NULL, "fetch"); other != NULL;
         other = evidence_next(of_list, other, "fetch"))
        if (record_succeeded(other) && record_quiet(other))
            return other;
    return NULL;
}

// That of W, or of A where W gave none; NULL: there is none.
static const struct record *find_either_list(const struct evidence *evidence,
                                             struct evidence *of_list)
{
    *of_list = evidence_of(evidence, CHARSET_W);
    const struct record *list = find_list(of_list);
    if (list != NULL)
        return list;
    *of_list = evidence_of(evidence, CHARSET_A);
    return find_list(of_list);
}

bool items_have_sessions(const struct evidence *evidence)
{
    struct evidence of_list;
    return find_either_list(evidence, &of_list) != NULL;
}

const struct truth_session *items_session(const struct evidence *evidence,
                                          const struct record *record)
{
    struct evidence of_list;
    const struct record *list = find_either_list(evidence, &of_list);
    uint64_t id[2];
    memcpy(id, record->call.subject, sizeof id);
    if (list == NULL)
        return NULL;
    const struct listing *listing = evidence_listing(&of_list, list);
    const struct matching *matching = evidence_matching(&of_list, list);
    if (listing == NULL || matching == NULL)
        return NULL;
    for (size_t i = 0; i < listing->session_count; i++) {
        long index = matching->truth_of[i];
        if (memcmp(listing->sessions[i].id, id, sizeof id) != 0 || index == NOT_MATCHED)
            continue;
        const struct truth_session *session = &evidence_truth(&of_list, list)->sessions[index];
        return session->connection_count > 0 ? session : NULL;
    }
    return NULL;
}

// ---- All sessions

static int compare_ids(const void *left, const void *right)
{
    const struct items_session *one = left;
    const struct items_session *other = right;
    return memcmp(one->id, other->id, sizeof one->id);
}

struct items_sessions *items_sessions_list(const struct evidence *evidence)
{
    struct evidence of_list;
    const struct record *list = find_either_list(evidence, &of_list);
    const struct listing *listing = list == NULL ? NULL : evidence_listing(&of_list, list);
    const struct matching *matching = list == NULL ? NULL : evidence_matching(&of_list, list);
    if (listing == NULL || matching == NULL)
        return NULL;
    struct items_sessions *known =
        malloc(sizeof *known + listing->session_count * sizeof known->sessions[0]);
    if (known == NULL) {
        evidence_exhaust(evidence);
        return NULL;
    }
    known->truth = evidence_truth(&of_list, list);
    known->count = 0;
    for (size_t i = 0; i < listing->session_count; i++) {
        if (matching->truth_of[i] == NOT_MATCHED)
            continue;
        struct items_session *session = &known->sessions[known->count++];
        memcpy(session->id, listing->sessions[i].id, sizeof session->id);
        session->number = (size_t)matching->truth_of[i];
    }
    qsort(known->sessions, known->count, sizeof known->sessions[0], compare_ids);
    return known;
}

const struct items_session *items_sessions_find(const struct items_sessions *sessions,
                                                const uint64_t id[2])
{
    struct items_session wanted = {.number = 0};
    memcpy(wanted.id, id, sizeof wanted.id);
    return bsearch(&wanted, sessions->sessions, sessions->count, sizeof sessions->sessions[0],
                   compare_ids);
}

// ---- How much there is to tell

// Characters: each name with its terminator, and where the list has one, the list's. A size that is
// twice as large or more counts something else.
static struct items_room room_of_names(const struct function *function,
                                       const struct inventory *inventory)
{
    uint64_t end = function->double_terminator ? 1 : 0;
    struct items_room room = {0, end, 0};
    for (size_t i = 0; i < inventory->target_count; i++) {
        uint64_t units = strlen(inventory->targets[i].name) + 1;
        room.most += units;
        room.least += inventory->targets[i].known ? units : 0;
    }
    room.least += room.least > 0 ? end : 0;
    room.ceiling = room.most > 0 ? 2 * room.most - 1 : 0;
    if (inventory->others)
        room.most = room.ceiling = UINT64_MAX;
    return room;
}

// Disks, and the controller, which need not be told.
static struct items_room room_of_devices(const struct evidence *evidence,
                                         const struct record *record,
                                         const struct inventory *inventory)
{
    const struct truth_session *session = items_session(evidence, record);
    const struct inventory_target *target =
        session == NULL ? NULL : inventory_find(inventory, session->target_node_name);
    if (target == NULL || target->disk_count == DISKS_UNKNOWN)
        return (struct items_room){0, UINT64_MAX, UINT64_MAX};
    uint64_t disks = target->disk_count;
    return (struct items_room){disks, disks + 1, disks + 1};
}

// Bytes: a structure for each session that has disks, and as many units as these. What else is told
// and how it is arranged is not known; but where there is no session, there is nothing to tell.
static struct items_room room_of_mappings(const struct evidence *evidence,
                                          const struct record *record,
                                          const struct inventory *inventory)
{
    enum { UNIT_SIZE = 16 };
    const struct function *function = function_of((enum charset)record->call.charset);
    uint32_t size = function_structure_size(function, evidence->transcript->hello.pointer_size);
    const struct truth *truth = evidence_truth(evidence, record);
    struct items_room room = {0, truth->session_count == 0 ? 0 : UINT64_MAX, UINT64_MAX};
    for (size_t i = 0; i < truth->session_count; i++) {
        uint32_t disks = items_disks(inventory, &truth->sessions[i]);
        room.least += disks == 0 ? 0 : size + (uint64_t)disks * UNIT_SIZE;
    }
    return room;
}

// Bytes: a structure for each portal. What else it may be asking, and what the options of the
// logins there point to, is not known.
static struct items_room room_of_portals(const struct evidence *evidence,
                                         const struct function *function,
                                         const struct inventory *inventory)
{
    uint64_t size = function_structure_size(function, evidence->transcript->hello.pointer_size);
    bool nothing = inventory->portal_count == 0 && !inventory->other_portals;
    return (struct items_room){inventory->portal_count * size, nothing ? 0 : UINT64_MAX,
                               UINT64_MAX};
}

// Characters: whoever has sessions is an initiator, which has a name of one character at least.
static struct items_room room_of_initiators(const struct evidence *evidence,
                                            const struct record *record)
{
    enum { SHORTEST = 3 }; // with both terminators
    bool sessions = evidence_truth(evidence, record)->session_count > 0;
    return (struct items_room){sessions ? SHORTEST : 0, UINT64_MAX, UINT64_MAX};
}

uint32_t items_disks(const struct inventory *inventory, const struct truth_session *session)
{
    const struct inventory_target *target =
        session->connection_count == 0 ? NULL
                                       : inventory_find(inventory, session->target_node_name);
    return target == NULL || target->disk_count == DISKS_UNKNOWN ? 0 : target->disk_count;
}

struct items_room items_room(const struct evidence *evidence, const struct record *record)
{
    const struct inventory *inventory = evidence->transcript->inventory;
    const struct function *function = function_of((enum charset)record->call.charset);
    switch (function->family) {
    case FAMILY_DEVICES:
        return room_of_devices(evidence, record, inventory);
    case FAMILY_MAPPINGS:
        return room_of_mappings(evidence, record, inventory);
    case FAMILY_INITIATORS:
        return room_of_initiators(evidence, record);
    case FAMILY_PORTALS:
        return room_of_portals(evidence, function, inventory);
    default:
        return room_of_names(function, inventory);
    }
}

// ---- Names

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

// The character at that place; what is not ASCII is ITEM_BEYOND_ASCII, which no name has.
static char character_at(const struct record *record, uint32_t width, size_t index)
{
    const uint8_t *at = record->bytes + index * width;
    bool ascii = at[0] < ITEM_BEYOND_ASCII && (width == 1 || at[1] == 0);
    return ascii ? (char)at[0] : ITEM_BEYOND_ASCII;
}

bool item_names_read(struct item_names *names, const struct record *record)
{
    uint32_t width = function_of((enum charset)record->call.charset)->unit_size;
    size_t units = record->outcome.byte_count / width;
    *names = (struct item_names){.store = malloc(units + 1),
                                 .names = calloc(units + 1, sizeof *names->names)};
    if (names->store == NULL || names->names == NULL)
        return false;
    size_t begin = 0;
    for (size_t at = 0; at < units && !names->ended; at++) {
        names->store[at] = character_at(record, width, at);
        if (names->store[at] != '\0')
            continue;
        names->ended = at == begin;
        if (!names->ended)
            names->names[names->count++] = names->store + begin;
        names->units = at + 1;
        begin = at + 1;
    }
    qsort(names->names, names->count, sizeof *names->names, compare_names);
    return true;
}

void item_names_free(struct item_names *names)
{
    free(names->names);
    free(names->store);
}

bool item_names_equal(const struct item_names *one, const struct item_names *other)
{
    if (one->count != other->count)
        return false;
    for (size_t i = 0; i < one->count; i++)
        if (strcmp(one->names[i], other->names[i]) != 0)
            return false;
    return true;
}
