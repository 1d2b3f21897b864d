// Compares whole lists with generations of the truth.
#include "conformance/judge/consistency.h"

#include "conformance/judge/judging.h"

#include <stdio.h>
#include <string.h>

static bool same_text(const struct listed_text *text, const char *known)
{
    return text->utf8 != NULL && strcmp(text->utf8, known) == 0;
}

static bool same_tsid(const uint8_t *got, const uint8_t *known)
{
    return memcmp(got, known, TSID_SIZE) == 0 || (got[0] == known[1] && got[1] == known[0]);
}

static bool has_connection(const struct listed_session *listed,
                           const struct truth_connection *known)
{
    for (size_t i = 0; i < listed->connections_decoded; i++) {
        const struct listed_connection *connection = &listed->connections[i];
        if ((connection->cid[0] << 8 | connection->cid[1]) == known->cid &&
            (known->unknown & FACT_INITIATOR_PORT ||
             connection->initiator_port == known->initiator_port) &&
            (known->unknown & FACT_TARGET_PORT || connection->target_port == known->target_port))
            return true;
    }
    return false;
}

// The member in which a listed session differs from the truth's; NULL: in none.
static const char *difference(const struct listed_session *listed,
                              const struct truth_session *known)
{
    if ((known->unknown & FACT_ISID) == 0 && memcmp(listed->isid, known->isid, ISID_SIZE) != 0)
        return "ISID";
    if (!same_tsid(listed->tsid, known->tsid))
        return "TSID";
    if (!same_text(&listed->initiator_name, known->initiator_name))
        return "InitiatorName";
    if (!same_text(&listed->target_node_name, known->target_node_name))
        return "TargetNodeName";
    if ((known->unknown & FACT_TARGET_NAME) == 0 &&
        !same_text(&listed->target_name, known->target_name))
        return "TargetName";
    if (listed->connection_count != known->connection_count)
        return "ConnectionCount";
    for (size_t i = 0; i < known->connection_count; i++)
        if (!has_connection(listed, &known->connections[i]))
            return "Connections";
    return NULL;
}

static bool matched_listing_is_truth(const struct listing *listing, const struct truth *truth,
                                     const struct matching *matching, char *why, size_t size)
{
    for (size_t i = 0; i < truth->session_count; i++) {
        const struct truth_session *known = &truth->sessions[i];
        const char *differs = matching->listed_of[i] == NOT_MATCHED
                                  ? "being listed"
                                  : difference(&listing->sessions[matching->listed_of[i]], known);
        if (differs == NULL)
            continue;
        snprintf(why, size, "the session of %s to %s with TSIH %02x%02x differs in %s",
                 known->initiator_name, known->target_node_name, known->tsid[0], known->tsid[1],
                 differs);
        return false;
    }
    return true;
}

bool listing_is_truth(const struct listing *listing, const struct truth *truth, char *why,
                      size_t size)
{
    if (listing->claimed != truth->session_count ||
        listing->session_count != truth->session_count) {
        snprintf(why, size, "%u sessions are listed, %zu were active", listing->claimed,
                 truth->session_count);
        return false;
    }
    struct matching *matching = matching_create(listing, truth);
    if (matching == NULL) {
        snprintf(why, size, "memory ran out");
        return false;
    }
    bool is = matched_listing_is_truth(listing, truth, matching, why, size);
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
        if (listing_is_truth(listing, transcript->truths[i], differs, sizeof differs))
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
