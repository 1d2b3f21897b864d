// SPDX-License-Identifier: Apache-2.0
// Matches listed sessions to those of the truth.
#include "conformance/judge/matching.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

// What two sessions are compared by, from the surest to the last resort. Each pass matches what the
// passes before left over, and only where the key is unique on neither side's expense: sorted,
// first come first served.
enum key {
    KEY_ISID = 1,
    KEY_TARGET = 2,
    KEY_INITIATOR = 4,
    KEY_TSID = 8,
    KEY_PORTS = 16, // of the first connection
};

static const unsigned passes[] = {
    KEY_ISID | KEY_TARGET | KEY_INITIATOR | KEY_TSID,
    KEY_ISID | KEY_TARGET | KEY_INITIATOR,
    KEY_ISID | KEY_TARGET,
    KEY_ISID | KEY_INITIATOR | KEY_TSID,
    KEY_TARGET | KEY_INITIATOR | KEY_TSID,
    KEY_ISID | KEY_TSID,
    KEY_ISID | KEY_INITIATOR,
    KEY_PORTS | KEY_TSID,
    KEY_PORTS,
    KEY_ISID,
};

// One side of the comparison, taken from either kind of session.
struct entry {
    size_t index;
    const char *target; // "" when unreadable
    const char *initiator;
    uint8_t isid[ISID_SIZE];
    uint16_t tsid; // the same for either byte order
    uint32_t ports;
};

struct side {
    struct entry *entries;
    size_t count;
};

static uint16_t either_order(const uint8_t tsid[TSID_SIZE])
{
    uint16_t one = (uint16_t)(tsid[0] << 8 | tsid[1]);
    uint16_t other = (uint16_t)(tsid[1] << 8 | tsid[0]);
    return one < other ? one : other;
}

static const char *text_or_empty(const struct listed_text *text)
{
    return text->utf8 != NULL ? text->utf8 : "";
}

static struct entry entry_of_listed(const struct listed_session *session, size_t index)
{
    const struct listed_text *target =
        session->target_node_name.utf8 != NULL ? &session->target_node_name : &session->target_name;
    struct entry entry = {.index = index,
                          .target = text_or_empty(target),
                          .initiator = text_or_empty(&session->initiator_name),
                          .tsid = either_order(session->tsid)};
    memcpy(entry.isid, session->isid, sizeof entry.isid);
    if (session->connections_decoded > 0)
        entry.ports = (uint32_t)session->connections[0].initiator_port << 16 |
                      session->connections[0].target_port;
    return entry;
}

static struct entry entry_of_truth(const struct truth_session *session, size_t index)
{
    struct entry entry = {.index = index,
                          .target = session->target_node_name,
                          .initiator = session->initiator_name,
                          .tsid = either_order(session->tsid)};
    memcpy(entry.isid, session->isid, sizeof entry.isid);
    if (session->connection_count > 0)
        entry.ports = (uint32_t)session->connections[0].initiator_port << 16 |
                      session->connections[0].target_port;
    return entry;
}

static int compare_by(const struct entry *a, const struct entry *b, unsigned keys)
{
    int order = 0;
    if (keys & KEY_ISID)
        order = memcmp(a->isid, b->isid, sizeof a->isid);
    if (order == 0 && keys & KEY_TARGET)
        order = strcasecmp(a->target, b->target);
    if (order == 0 && keys & KEY_INITIATOR)
        order = strcasecmp(a->initiator, b->initiator);
    if (order == 0 && keys & KEY_TSID)
        order = (a->tsid > b->tsid) - (a->tsid < b->tsid);
    if (order == 0 && keys & KEY_PORTS)
        order = (a->ports > b->ports) - (a->ports < b->ports);
    return order;
}

static int compare_entries(const void *left, const void *right, void *keys)
{
    const struct entry *a = left;
    const struct entry *b = right;
    int order = compare_by(a, b, *(const unsigned *)keys);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

// Walks both sorted sides at once; matched entries leave their side.
static void match_pass(struct matching *matching, struct side *listed, struct side *truth,
                       unsigned keys)
{
    qsort_r(listed->entries, listed->count, sizeof *listed->entries, compare_entries, &keys);
    qsort_r(truth->entries, truth->count, sizeof *truth->entries, compare_entries, &keys);
    size_t l = 0;
    size_t t = 0;
    size_t listed_left = 0;
    size_t truth_left = 0;
    while (l < listed->count || t < truth->count) {
        int order = l == listed->count  ? 1
                    : t == truth->count ? -1
                                        : compare_by(&listed->entries[l], &truth->entries[t], keys);
        if (order < 0) {
            listed->entries[listed_left++] = listed->entries[l++];
        } else if (order > 0) {
            truth->entries[truth_left++] = truth->entries[t++];
        } else {
            size_t listed_index = listed->entries[l++].index;
            size_t truth_index = truth->entries[t++].index;
            matching->truth_of[listed_index] = (long)truth_index;
            matching->listed_of[truth_index] = (long)listed_index;
        }
    }
    listed->count = listed_left;
    truth->count = truth_left;
}

// What isn't known of every session of the truth tells none of them.
static unsigned usable_keys(const struct truth *truth)
{
    unsigned unknown = truth_unknown(truth);
    unsigned keys = KEY_TARGET | KEY_INITIATOR | KEY_TSID;
    if ((unknown & FACT_ISID) == 0)
        keys |= KEY_ISID;
    if ((unknown & (FACT_INITIATOR_PORT | FACT_TARGET_PORT)) == 0)
        keys |= KEY_PORTS;
    return keys;
}

struct matching *matching_create(const struct listing *listing, const struct truth *truth)
{
    struct matching *matching = calloc(1, sizeof *matching);
    struct side listed = {.count = listing->session_count};
    struct side known = {.count = truth->session_count};
    listed.entries = calloc(listed.count + 1, sizeof *listed.entries);
    known.entries = calloc(known.count + 1, sizeof *known.entries);
    if (matching == NULL || listed.entries == NULL || known.entries == NULL)
        goto failed;
    matching->listed_count = listed.count;
    matching->truth_count = known.count;
    matching->truth_of = malloc((listed.count + 1) * sizeof *matching->truth_of);
    matching->listed_of = malloc((known.count + 1) * sizeof *matching->listed_of);
    if (matching->truth_of == NULL || matching->listed_of == NULL)
        goto failed;
    for (size_t i = 0; i < listed.count; i++) {
        matching->truth_of[i] = NOT_MATCHED;
        listed.entries[i] = entry_of_listed(&listing->sessions[i], i);
    }
    for (size_t i = 0; i < known.count; i++) {
        matching->listed_of[i] = NOT_MATCHED;
        known.entries[i] = entry_of_truth(&truth->sessions[i], i);
    }
    unsigned usable = usable_keys(truth);
    for (size_t i = 0; i < sizeof passes / sizeof passes[0]; i++)
        if ((passes[i] & usable) != 0)
            match_pass(matching, &listed, &known, passes[i] & usable);
    goto out;
failed:
    matching_free(matching);
    matching = NULL;
out:
    free(listed.entries);
    free(known.entries);
    return matching;
}

void matching_free(struct matching *matching)
{
    if (matching == NULL)
        return;
    free(matching->truth_of);
    free(matching->listed_of);
    free(matching);
}
