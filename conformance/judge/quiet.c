// SPDX-License-Identifier: Apache-2.0
// Learns from the lists of the quiet topology.
#include "conformance/judge/quiet.h"

#include "conformance/judge/judging.h"
#include "conformance/judge/room.h"
#include "conformance/transcript/circumstance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_quiet_call(const struct evidence *evidence, const struct record *record)
{
    return record->call.charset == evidence->charset && record_quiet(record) &&
           record_plain(record, evidence->abi);
}

unsigned list_repeats(const struct evidence *evidence, const struct listing *listing)
{
    int repeated = repeated_identifiers(listing);
    if (repeated >= 0)
        return (unsigned)repeated;
    evidence_exhaust(evidence);
    return 0;
}

static unsigned list_wrong(const struct evidence *evidence, const struct record *record)
{
    const struct listing *listing = evidence_listing(evidence, record);
    const struct matching *matching = evidence_matching(evidence, record);
    const struct truth *truth = evidence_truth(evidence, record);
    if (listing == NULL || matching == NULL)
        return 0;
    unsigned wrong = listing->claimed != truth->session_count ? (unsigned)MEMBER_PRESENCE : 0;
    for (size_t i = 0; i < listing->session_count; i++) {
        const struct listed_session *listed = &listing->sessions[i];
        if (matching->truth_of[i] == NOT_MATCHED) {
            wrong |= MEMBER_PRESENCE;
            continue;
        }
        const struct truth_session *known = &truth->sessions[matching->truth_of[i]];
        wrong |= session_difference(listed, known) &
                 ~tolerated_difference(evidence->profile, listed, known);
    }
    for (size_t i = 0; i < truth->session_count; i++)
        if (matching->listed_of[i] == NOT_MATCHED)
            wrong |= MEMBER_PRESENCE;
    return wrong | list_repeats(evidence, listing);
}

static int compare_identities(const void *left, const void *right)
{
    const struct identity *a = left;
    const struct identity *b = right;
    if (a->is_connection != b->is_connection)
        return a->is_connection ? 1 : -1;
    return (a->known > b->known) - (a->known < b->known);
}

static void add_identities(struct quiet *quiet, const struct listed_session *listed,
                           const struct truth_session *known)
{
    quiet->identities[quiet->count++] =
        (struct identity){false, known->adapter_specific, {listed->id[0], listed->id[1]}};
    for (size_t i = 0; i < known->connection_count; i++) {
        const struct listed_connection *connection =
            find_connection(listed, known, known->connections[i].cid, NULL);
        if (connection != NULL)
            quiet->identities[quiet->count++] =
                (struct identity){true,
                                  known->connections[i].adapter_specific,
                                  {connection->id[0], connection->id[1]}};
    }
}

// Room for what a list names.
static struct quiet *quiet_create(const struct evidence *evidence, const struct record *first)
{
    const struct truth *truth =
        first == NULL ? evidence_first_truth(evidence) : evidence_truth(evidence, first);
    size_t most = truth->session_count;
    for (size_t i = 0; i < truth->session_count; i++)
        most += truth->sessions[i].connection_count;
    struct quiet *quiet = calloc(1, sizeof *quiet + most * sizeof quiet->identities[0]);
    const struct matching *matching = first == NULL ? NULL : evidence_matching(evidence, first);
    if (quiet == NULL || matching == NULL)
        return quiet;
    const struct listing *listing = evidence_listing(evidence, first);
    for (size_t i = 0; i < truth->session_count; i++)
        if (matching->listed_of[i] != NOT_MATCHED)
            add_identities(quiet, &listing->sessions[matching->listed_of[i]], &truth->sessions[i]);
    qsort(quiet->identities, quiet->count, sizeof quiet->identities[0], compare_identities);
    return quiet;
}

static const struct record *first_list(const struct evidence *evidence)
{
    const struct transcript *transcript = evidence->transcript;
    for (size_t i = 0; i < transcript->record_count; i++)
        if (is_quiet_call(evidence, &transcript->records[i]) &&
            record_succeeded(&transcript->records[i]))
            return &transcript->records[i];
    return NULL;
}

// Is it one of the records that are looked at, whose list none of those before it has left? The
// first one with the same list may be one that isn't looked at.
static bool has_new_list(const struct evidence *evidence, const struct record *record,
                         bool (*looked_at)(const struct evidence *evidence,
                                           const struct record *record))
{
    const struct record *example = evidence_example(evidence, record);
    return looked_at(evidence, record) && (example == record || !looked_at(evidence, example));
}

static void learn_lists(struct quiet *quiet, const struct evidence *evidence,
                        const struct record *first)
{
    const struct transcript *transcript = evidence->transcript;
    uint32_t required = 0;
    bool known = evidence_required(evidence, &required);
    quiet->wrong = first == NULL ? 0 : ~0U;
    for (size_t i = 0; i < transcript->record_count; i++) {
        const struct record *record = &transcript->records[i];
        if (!is_quiet_call(evidence, record) || !record_returned(record))
            continue;
        if (known && record->call.offered == required && !record_succeeded(record) &&
            evidence_as_queried(evidence, record))
            quiet->required_is_not_enough = true;
        if (!record_succeeded(record))
            continue;
        quiet->lists++;
        if (evidence_as_queried(evidence, record)) {
            quiet->sized = true;
            quiet->size = record->outcome.size_out;
        }
        quiet->size_differs |=
            record->outcome.size_out != first->outcome.size_out &&
            evidence_as_queried(evidence, record) == evidence_as_queried(evidence, first);
        if (quiet->wrong != 0 && has_new_list(evidence, record, is_quiet_call))
            quiet->wrong &= list_wrong(evidence, record);
    }
}

// The members of which a right list of these sessions shows nothing.
static unsigned not_shown(const struct truth *truth)
{
    size_t connections = 0;
    for (size_t i = 0; i < truth->session_count; i++)
        connections += truth->sessions[i].connection_count;
    unsigned members = truth->session_count < 2 ? (unsigned)MEMBER_SESSION_ID : 0;
    if (connections < 2)
        members |= MEMBER_CONNECTION_ID;
    if (connections == 0)
        members |= MEMBER_CONNECTION_COUNT | MEMBER_CID | MEMBER_INITIATOR_ADDRESS |
                   MEMBER_INITIATOR_PORT | MEMBER_TARGET_ADDRESS | MEMBER_TARGET_PORT;
    return members;
}

// Made while nothing changed, once or after changes?
static bool is_steady_call(const struct evidence *evidence, const struct record *record)
{
    return record->call.charset == evidence->charset && record_settled(record) &&
           record_plain(record, evidence->abi);
}

// Where the quiet topology has no session, no list of it shows what is always said of one. What is
// wrong in every list of sessions that came later, made while nothing changed, is taken for that.
static void learn_later_lists(struct quiet *quiet, const struct evidence *evidence)
{
    const struct transcript *transcript = evidence->transcript;
    unsigned wrong = ~0U;
    unsigned shown = 0;
    for (size_t i = 0; i < transcript->record_count; i++) {
        const struct record *record = &transcript->records[i];
        if (!has_new_list(evidence, record, is_steady_call))
            continue;
        const struct listing *listing = evidence_listing(evidence, record);
        if (listing == NULL || listing->session_count == 0)
            continue;
        wrong &= list_wrong(evidence, record) | not_shown(evidence_truth(evidence, record));
        shown |= ~not_shown(evidence_truth(evidence, record));
    }
    quiet->later = shown != 0;
    quiet->wrong = wrong & shown & ~(unsigned)MEMBER_PRESENCE;
}

// The status of the calls with too small a buffer, where it is always the same.
static uint32_t learn_insufficient(const struct evidence *evidence)
{
    const struct transcript *transcript = evidence->transcript;
    bool any = false;
    uint32_t status = ERROR_INSUFFICIENT_BUFFER;
    for (size_t i = 0; i < transcript->record_count; i++) {
        const struct record *record = &transcript->records[i];
        if (!is_quiet_call(evidence, record) || !record_returned(record) ||
            record->call.offered != 0 || record_succeeded(record))
            continue;
        if (any && record->outcome.status != status)
            return ERROR_INSUFFICIENT_BUFFER;
        status = record->outcome.status;
        any = true;
    }
    return status;
}

// Is *BufferSize wrong after some call already while nothing changes?
static bool learn_sizes(const struct quiet *quiet, const struct evidence *evidence)
{
    const struct transcript *transcript = evidence->transcript;
    struct room room;
    enum size_fault fault = SIZE_FITS;
    if (!room_open(&room, evidence))
        return false;
    for (size_t i = 0; i < transcript->record_count && fault == SIZE_FITS; i++) {
        const struct record *record = &transcript->records[i];
        uint64_t end = 0;
        if (!is_quiet_call(evidence, record))
            continue;
        if (quiet_insufficient(quiet, record))
            fault = size_fault_of_insufficient(record, room_least_of(&room, evidence, record));
        else if (record_succeeded(record) && has_new_list(evidence, record, is_quiet_call))
            fault = size_fault_of_success(evidence, record, &end);
    }
    room_close(&room);
    return fault != SIZE_FITS;
}

// Without sessions at first, no quiet size shows what a session takes up. What every later list has
// wrong may be left out of it, and then the sizes are those of what is there.
static bool lacks_room(const struct quiet *quiet)
{
    const unsigned takes_room = MEMBER_PRESENCE | MEMBER_INITIATOR_NAME | MEMBER_TARGET_NODE_NAME |
                                MEMBER_TARGET_NAME | MEMBER_CONNECTION_COUNT |
                                MEMBER_TARGET_ADDRESS;
    return quiet->later && (quiet->wrong & takes_room) != 0;
}

const struct quiet *quiet_of(const struct evidence *evidence)
{
    struct quiet **slot = evidence_quiet(evidence);
    if (*slot != NULL)
        return *slot;
    const struct record *first = first_list(evidence);
    struct quiet *quiet = quiet_create(evidence, first);
    if (quiet == NULL) {
        evidence_exhaust(evidence);
        return NULL;
    }
    learn_lists(quiet, evidence, first);
    if (first != NULL && evidence_truth(evidence, first)->session_count == 0 && quiet->wrong == 0)
        learn_later_lists(quiet, evidence);
    quiet->insufficient = learn_insufficient(evidence);
    quiet->size_is_wrong = learn_sizes(quiet, evidence) || lacks_room(quiet);
    if (evidence_exhausted(evidence)) { // what was learned may be wrong
        free(quiet);
        return NULL;
    }
    return *slot = quiet;
}

bool quiet_insufficient(const struct quiet *quiet, const struct record *record)
{
    return record_returned(record) && (record->outcome.status == ERROR_INSUFFICIENT_BUFFER ||
                                       record->outcome.status == quiet->insufficient);
}

const struct identity *quiet_identity(const struct quiet *quiet, bool is_connection, uint64_t known)
{
    const struct identity wanted = {.is_connection = is_connection, .known = known};
    return bsearch(&wanted, quiet->identities, quiet->count, sizeof quiet->identities[0],
                   compare_identities);
}

void quiet_tell(const struct quiet *quiet, struct verdict *verdict)
{
    size_t used = 0;
    for (unsigned left = quiet->wrong; left != 0 && used < sizeof verdict->left_out;) {
        enum member member = member_first(left);
        left &= ~(unsigned)member;
        int length =
            snprintf(verdict->left_out + used, sizeof verdict->left_out - used, "%s%s (%s)",
                     used > 0 ? ", " : "", member_name(member), member_clause(member));
        used += length > 0 ? (size_t)length : 0;
    }
}
