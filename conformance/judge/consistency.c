// SPDX-License-Identifier: Apache-2.0
// Compares whole lists with generations of the truth.
#include "conformance/judge/consistency.h"

#include "conformance/base/text.h"
#include "conformance/judge/judging.h"
#include "conformance/judge/quiet.h"
#include "conformance/judge/values.h"

#include <stdio.h>
#include <string.h>

static bool other_identifier(const struct quiet *quiet, bool is_connection, uint64_t known,
                             const uint64_t listed[2])
{
    const struct identity *identity = quiet_identity(quiet, is_connection, known);
    return identity != NULL && memcmp(identity->listed, listed, sizeof identity->listed) != 0;
}

// Members whose identifiers are others than on the quiet topology.
static unsigned changed_identifiers(const struct quiet *quiet, const struct listed_session *listed,
                                    const struct truth_session *known)
{
    unsigned differs = other_identifier(quiet, false, known->adapter_specific, listed->id)
                           ? (unsigned)MEMBER_SESSION_ID
                           : 0;
    for (size_t i = 0; i < known->connection_count; i++) {
        const struct listed_connection *connection =
            find_connection(listed, known, known->connections[i].cid, NULL);
        if (connection != NULL &&
            other_identifier(quiet, true, known->connections[i].adapter_specific, connection->id))
            differs |= MEMBER_CONNECTION_ID;
    }
    return differs;
}

static bool matched_listing_is_truth(const struct evidence *evidence, const struct quiet *quiet,
                                     const struct listing *listing, const struct truth *truth,
                                     const struct matching *matching, struct mismatch *mismatch)
{
    unsigned judged = ~quiet->wrong;
    for (size_t i = 0; i < truth->session_count; i++) {
        const struct truth_session *known = &truth->sessions[i];
        unsigned differs = MEMBER_PRESENCE;
        unsigned renamed = 0;
        if (matching->listed_of[i] != NOT_MATCHED) {
            const struct listed_session *listed = &listing->sessions[matching->listed_of[i]];
            differs = session_difference(listed, known);
            differs &= ~tolerated_difference(evidence->profile, listed, known);
            if (!evidence->new_process)
                renamed = changed_identifiers(quiet, listed, known) & judged;
        }
        differs = (differs & judged) | renamed;
        if (differs == 0)
            continue;
        char initiator[TEXT_SHORT_SIZE];
        char target[TEXT_SHORT_SIZE];
        char values[256] = "";
        if (matching->listed_of[i] != NOT_MATCHED)
            session_describe_difference(&listing->sessions[matching->listed_of[i]], known,
                                        member_first(differs), values, sizeof values);
        snprintf(mismatch->why, sizeof mismatch->why,
                 "the session of %s to %s with TSIH %02x%02x differs in %s%s",
                 text_shorten(known->initiator_name, initiator),
                 text_shorten(known->target_node_name, target), known->tsid[0], known->tsid[1],
                 member_name(member_first(differs)), values);
        mismatch->about = differs == renamed ? "STABLE-2" : member_clause(member_first(differs));
        return false;
    }
    unsigned repeated = list_repeats(evidence, listing) & judged;
    if (repeated == 0)
        return true;
    enum member same = member_first(repeated);
    snprintf(mismatch->why, sizeof mismatch->why, "two sessions or connections have the same %s",
             member_name(same));
    mismatch->about = member_clause(same);
    return false;
}

bool listing_is_truth(const struct evidence *evidence, const struct listing *listing,
                      const struct truth *truth, struct mismatch *mismatch)
{
    const struct quiet *quiet = quiet_of(evidence);
    if (quiet == NULL)
        return true; // memory ran out: what is said does not count
    if ((quiet->wrong & MEMBER_PRESENCE) == 0 && (listing->claimed != truth->session_count ||
                                                  listing->session_count != truth->session_count)) {
        snprintf(mismatch->why, sizeof mismatch->why, "%u sessions are listed, %zu were active",
                 listing->claimed, truth->session_count);
        mismatch->about = "COUNT-1";
        return false;
    }
    struct matching *matching = matching_create(listing, truth);
    if (matching == NULL) {
        evidence_exhaust(evidence);
        return true;
    }
    bool is = matched_listing_is_truth(evidence, quiet, listing, truth, matching, mismatch);
    matching_free(matching);
    return is;
}

bool generation_visible(const struct transcript *transcript, size_t generation, uint64_t began_ns,
                        uint64_t ended_ns)
{
    // It could be seen from just before its table was put in place until the next one was in place.
    const struct truth *truth = transcript->truths[generation];
    if (truth->began_ns > ended_ns)
        return false;
    return generation + 1 == transcript->truth_count ||
           transcript->truths[generation + 1]->settled_ns >= began_ns;
}

// Is it a generation that could be seen between the two moments?
static bool is_visible_truth(const struct evidence *evidence, const struct listing *listing,
                             uint64_t began_ns, uint64_t ended_ns, struct mismatch *mismatch)
{
    const struct transcript *transcript = evidence->transcript;
    bool seen = false;
    for (size_t i = transcript->truth_count; i-- > 0;) {
        if (!generation_visible(transcript, i, began_ns, ended_ns))
            continue;
        struct mismatch own = {0};
        if (listing_is_truth(evidence, listing, transcript->truths[i], &own))
            return true;
        if (!seen) {
            snprintf(mismatch->why, sizeof mismatch->why, "in generation %llu %.400s",
                     (unsigned long long)transcript->truths[i]->generation, own.why);
            mismatch->about = own.about;
        }
        seen = true;
    }
    if (!seen)
        snprintf(mismatch->why, sizeof mismatch->why,
                 "no generation could be seen between %llu and %llu ns",
                 (unsigned long long)began_ns, (unsigned long long)ended_ns);
    return false;
}

void judge_moment(const struct evidence *evidence, const struct record *record,
                  const struct listing *listing, struct verdict *verdict)
{
    const struct outcome *outcome = &record->outcome;
    // A record may stand for many calls with the same answer: the first and the last of them bound
    // what those between could see.
    uint64_t last_began_ns = outcome->repeats > 1 ? outcome->last_began_ns : outcome->began_ns;
    struct mismatch mismatch = {0};
    if (is_visible_truth(evidence, listing, outcome->began_ns,
                         outcome->repeats > 1 ? outcome->first_ended_ns : outcome->ended_ns,
                         &mismatch) &&
        is_visible_truth(evidence, listing, last_began_ns, outcome->ended_ns, &mismatch))
        return;
    verdict_fail(verdict, record, "the list is none of those that were true during the call: %s",
                 mismatch.why);
    verdict->about = mismatch.about;
    verdict_expect(verdict, "one moment's sessions, all of them and as they then were");
}

// The least that a list takes up of a generation that could be seen between the two moments.
static uint64_t least_visible(const struct evidence *evidence, const struct room *room,
                              uint64_t began_ns, uint64_t ended_ns)
{
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < evidence->transcript->truth_count; i++) {
        if (!generation_visible(evidence->transcript, i, began_ns, ended_ns))
            continue;
        uint64_t own = room_least(room, evidence, i);
        if (own < least)
            least = own;
    }
    return least == UINT64_MAX ? 0 : least;
}

static void judge_size_required(const struct evidence *evidence, const struct room *room,
                                const struct record *record, struct verdict *verdict)
{
    const struct outcome *outcome = &record->outcome;
    // As in judge_moment: the first and the last of the calls with this answer.
    bool many = outcome->repeats > 1;
    uint64_t first = least_visible(evidence, room, outcome->began_ns,
                                   many ? outcome->first_ended_ns : outcome->ended_ns);
    uint64_t last =
        many ? least_visible(evidence, room, outcome->last_began_ns, outcome->ended_ns) : first;
    uint64_t least = first > last ? first : last;
    enum size_fault fault = size_fault_of_insufficient(record, least);
    if (fault == SIZE_FITS)
        return;
    verdict_fail(verdict, record, "insufficient, with *BufferSize = %u for %u bytes offered",
                 outcome->size_out, record->call.offered);
    verdict->about = fault == SIZE_NOT_MORE ? "SIZE-1" : "SIZE-6";
    verdict_expect(verdict,
                   "the size that was required at one moment of the call: more than was offered, "
                   "and at least %llu",
                   (unsigned long long)least);
}

static void judge_size_retrieved(const struct evidence *evidence, const struct record *record,
                                 struct verdict *verdict)
{
    uint64_t end = 0;
    enum size_fault fault = size_fault_of_success(evidence, record, &end);
    if (fault == SIZE_FITS)
        return;
    verdict_fail(verdict, record,
                 "*BufferSize = %u for %u bytes offered, with a list that ends at "
                 "byte %llu",
                 record->outcome.size_out, record->call.offered, (unsigned long long)end);
    verdict->about = fault == SIZE_CUTS_LIST ? "SIZE-9" : "SIZE-5";
    verdict_expect(verdict, "the size of the list that was retrieved, not more than offered");
}

void judge_moment_size(const struct evidence *evidence, const struct room *room,
                       const struct record *record, struct verdict *verdict)
{
    const struct quiet *quiet = quiet_of(evidence);
    if (verdict->kind != VERDICT_PASS || quiet == NULL || quiet->size_is_wrong)
        return;
    if (record_succeeded(record))
        judge_size_retrieved(evidence, record, verdict);
    else if (quiet_insufficient(quiet, record))
        judge_size_required(evidence, room, record, verdict);
}
