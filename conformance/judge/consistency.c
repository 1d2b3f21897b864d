// Compares whole lists with generations of the truth.
#include "conformance/judge/consistency.h"

#include "conformance/base/text.h"
#include "conformance/judge/judging.h"
#include "conformance/judge/quiet.h"

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
                                     const struct matching *matching, char *why, size_t size)
{
    unsigned judged = ~quiet->wrong;
    for (size_t i = 0; i < truth->session_count; i++) {
        const struct truth_session *known = &truth->sessions[i];
        unsigned differs = MEMBER_PRESENCE;
        if (matching->listed_of[i] != NOT_MATCHED) {
            const struct listed_session *listed = &listing->sessions[matching->listed_of[i]];
            differs = session_difference(listed, known);
            if (!evidence->new_process)
                differs |= changed_identifiers(quiet, listed, known);
        }
        differs &= judged;
        if (differs == 0)
            continue;
        char initiator[TEXT_SHORT_SIZE];
        char target[TEXT_SHORT_SIZE];
        snprintf(why, size, "the session of %s to %s with TSIH %02x%02x differs in %s",
                 text_shorten(known->initiator_name, initiator),
                 text_shorten(known->target_node_name, target), known->tsid[0], known->tsid[1],
                 member_name(member_first(differs)));
        return false;
    }
    int repeated = repeated_identifiers(listing);
    if (repeated < 0 || ((unsigned)repeated & judged) == 0)
        return true;
    snprintf(why, size, "two sessions or connections have the same %s",
             member_name(member_first((unsigned)repeated & judged)));
    return false;
}

bool listing_is_truth(const struct evidence *evidence, const struct listing *listing,
                      const struct truth *truth, char *why, size_t size)
{
    const struct quiet *quiet = quiet_of(evidence);
    if ((quiet == NULL || (quiet->wrong & MEMBER_PRESENCE) == 0) &&
        (listing->claimed != truth->session_count ||
         listing->session_count != truth->session_count)) {
        snprintf(why, size, "%u sessions are listed, %zu were active", listing->claimed,
                 truth->session_count);
        return false;
    }
    struct matching *matching = quiet == NULL ? NULL : matching_create(listing, truth);
    if (matching == NULL) {
        snprintf(why, size, "memory ran out");
        return false;
    }
    bool is = matched_listing_is_truth(evidence, quiet, listing, truth, matching, why, size);
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
                             uint64_t began_ns, uint64_t ended_ns, char *why, size_t size)
{
    const struct transcript *transcript = evidence->transcript;
    bool seen = false;
    for (size_t i = transcript->truth_count; i-- > 0;) {
        if (!generation_visible(transcript, i, began_ns, ended_ns))
            continue;
        char differs[256];
        if (listing_is_truth(evidence, listing, transcript->truths[i], differs, sizeof differs))
            return true;
        if (!seen)
            snprintf(why, size, "in generation %llu %s",
                     (unsigned long long)transcript->truths[i]->generation, differs);
        seen = true;
    }
    if (!seen)
        snprintf(why, size, "no generation could be seen between %llu and %llu ns",
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
    char why[512] = "";
    if (is_visible_truth(evidence, listing, outcome->began_ns,
                         outcome->repeats > 1 ? outcome->first_ended_ns : outcome->ended_ns, why,
                         sizeof why) &&
        is_visible_truth(evidence, listing, last_began_ns, outcome->ended_ns, why, sizeof why))
        return;
    verdict_fail(verdict, record, "the list is none of those that were true during the call: %s",
                 why);
    verdict_expect(verdict, "one moment's sessions, all of them and as they then were");
}
