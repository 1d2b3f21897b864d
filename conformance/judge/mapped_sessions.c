// SPDX-License-Identifier: Apache-2.0
// Holds mappings against sessions and the units of their targets.
#include "conformance/judge/mapped_sessions.h"

#include "conformance/judge/items.h"
#include "conformance/judge/judging.h"
#include "conformance/judge/mappings.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LUNS = 256 };

// How the eight bytes of a LUN can be told as an integer: the number itself; the bytes of SAM's
// peripheral device addressing, of which the second is the number, read from either end.
enum reading { READ_NUMBER, READ_FROM_LEFT, READ_FROM_RIGHT, READINGS };

// The number of a unit, read that way; LUNS: it is none.
static unsigned read_lun(uint64_t told, enum reading reading)
{
    static const unsigned shifts[READINGS] = {0, 8, 48};
    const uint64_t mask = (uint64_t)0xFF << shifts[reading];
    return (told & ~mask) == 0 ? (unsigned)(told >> shifts[reading]) : LUNS;
}

// How often each unit of each session is told.
struct tally {
    struct items_sessions *sessions;
    bool changing;              // there may be others
    unsigned (*seen)[LUNS + 1]; // by the session's place in `sessions`; the last: of no number
};

// Counts the units of a mapping to its session. Fails the verdict where there is no such session,
// or it has another target.
static void count_mapping(struct tally *tally, const struct mapping *mapping, enum reading reading,
                          const struct record *record, struct verdict *verdict)
{
    const struct items_session *session = items_sessions_find(tally->sessions, mapping->session_id);
    if (session == NULL && tally->changing)
        return;
    if (session == NULL) {
        verdict_fail(verdict, record,
                     "a mapping of session %016" PRIX64 "-%016" PRIX64
                     ", which GetIScsiSessionList does not list",
                     mapping->session_id[0], mapping->session_id[1]);
        verdict_expect(verdict, "mappings of the sessions of that list");
        return;
    }
    const char *target = tally->sessions->truth->sessions[session->number].target_node_name;
    if (!structure_text_names(&mapping->texts[MAPPING_TARGET_NAME], target)) {
        verdict_fail(verdict, record,
                     "TargetName of the mapping of session %016" PRIX64 "-%016" PRIX64
                     " is another",
                     mapping->session_id[0], mapping->session_id[1]);
        verdict_expect(verdict, "the name of the session's target, %.223s", target);
        return;
    }
    unsigned *seen = tally->seen[session - tally->sessions->sessions];
    for (uint32_t i = 0; mapping->units != NULL && i < mapping->unit_count; i++)
        seen[read_lun(mapping_target_lun(mapping, i), reading)]++;
}

// Each disk once, or `came` once at most; the controller once at most, and nothing else.
static void compare_units(const struct items_session *session, const unsigned *seen, uint32_t disks,
                          bool came, const struct record *record, struct verdict *verdict)
{
    for (uint32_t lun = 0; lun <= LUNS && verdict->kind == VERDICT_PASS; lun++) {
        unsigned most = lun <= disks ? 1 : 0;
        unsigned least = lun >= 1 && !came ? most : 0;
        if (seen[lun] >= least && seen[lun] <= most)
            continue;
        if (lun == LUNS)
            verdict_fail(verdict, record,
                         "session %016" PRIX64 "-%016" PRIX64
                         " has %u units whose TargetLUN is above 255",
                         session->id[0], session->id[1], seen[lun]);
        else
            verdict_fail(verdict, record,
                         "LUN %u of session %016" PRIX64 "-%016" PRIX64 " is told %u times", lun,
                         session->id[0], session->id[1], seen[lun]);
        verdict_expect(verdict,
                       "LUN 1 to %u, the disks, once each%s; LUN 0, the controller, or not", disks,
                       came ? " at most" : "");
    }
}

// The disks of the target that a mapping names; 0: there are none, or that is not known.
static uint32_t disks_of(const struct inventory *inventory, const struct mapping *mapping)
{
    for (size_t i = 0; i < inventory->target_count; i++)
        if (structure_text_names(&mapping->texts[MAPPING_TARGET_NAME], inventory->targets[i].name))
            return inventory->targets[i].disk_count == DISKS_UNKNOWN
                       ? 0
                       : inventory->targets[i].disk_count;
    return 0;
}

// Of a session that came, not all units may be known yet. In all its mappings together, is each
// told once at most, and nothing that its target does not have? It is judged at the first of these.
static void compare_new_session(const struct evidence *evidence, const struct record *record,
                                uint32_t index, enum reading reading, struct verdict *verdict)
{
    unsigned seen[LUNS + 1] = {0};
    struct mapping first;
    mapping_read(evidence, record, index, &first);
    for (uint32_t i = 0; i < structure_count(evidence, record); i++) {
        struct mapping mapping;
        mapping_read(evidence, record, i, &mapping);
        if (memcmp(mapping.session_id, first.session_id, sizeof first.session_id) != 0)
            continue;
        if (i < index)
            return;
        for (uint32_t unit = 0; mapping.units != NULL && unit < mapping.unit_count; unit++)
            seen[read_lun(mapping_target_lun(&mapping, unit), reading)]++;
    }
    struct items_session session = {.number = 0};
    memcpy(session.id, first.session_id, sizeof session.id);
    uint32_t disks = disks_of(evidence->transcript->inventory, &first);
    if (disks > 0)
        compare_units(&session, seen, disks, true, record, verdict);
}

static void compare_mappings(const struct evidence *evidence, struct tally *tally,
                             enum reading reading, const struct record *record,
                             struct verdict *verdict)
{
    const struct inventory *inventory = evidence->transcript->inventory;
    const struct items_sessions *sessions = tally->sessions;
    memset(tally->seen, 0, (sessions->count + 1) * sizeof tally->seen[0]);
    for (uint32_t i = 0; i < structure_count(evidence, record) && verdict->kind == VERDICT_PASS;
         i++) {
        struct mapping mapping;
        mapping_read(evidence, record, i, &mapping);
        count_mapping(tally, &mapping, reading, record, verdict);
        if (tally->changing && items_sessions_find(sessions, mapping.session_id) == NULL)
            compare_new_session(evidence, record, i, reading, verdict);
    }
    for (size_t i = 0; i < sessions->count && verdict->kind == VERDICT_PASS; i++) {
        const struct items_session *session = &sessions->sessions[i];
        uint32_t disks = items_disks(inventory, &sessions->truth->sessions[session->number]);
        if (disks > 0)
            compare_units(session, tally->seen[i], disks, false, record, verdict);
    }
}

// One way to read the LUNs must serve for all of them.
bool judge_mapped_sessions(const struct evidence *evidence, const struct record *record,
                           bool changing, struct verdict *verdict)
{
    struct tally tally = {.sessions = items_sessions_list(evidence), .changing = changing};
    if (tally.sessions == NULL && changing && !evidence_exhausted(evidence))
        return false; // there is no list to hold them against
    if (tally.sessions != NULL)
        tally.seen = calloc(tally.sessions->count + 1, sizeof tally.seen[0]);
    if (tally.seen == NULL) {
        free(tally.sessions);
        verdict_exhaust(evidence, verdict);
        return true;
    }
    struct verdict first = *verdict;
    for (int reading = 0; reading < READINGS; reading++) {
        struct verdict read = *verdict;
        compare_mappings(evidence, &tally, (enum reading)reading, record, &read);
        if (reading == 0 || read.kind == VERDICT_PASS)
            first = read;
        if (read.kind == VERDICT_PASS)
            break;
    }
    *verdict = first;
    free(tally.seen);
    free(tally.sessions);
    return true;
}
