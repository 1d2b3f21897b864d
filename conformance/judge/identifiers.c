// SPDX-License-Identifier: Apache-2.0
// Looks for identifiers that a list has given twice, and says to whom.
#include "conformance/judge/identifiers.h"

#include "conformance/judge/judging.h"

#include <stdlib.h>

struct identifier {
    uint64_t id[2];
    size_t session;
    long connection; // -1: it is the session's own
};

static int compare_identifiers(const void *left, const void *right)
{
    const struct identifier *a = left;
    const struct identifier *b = right;
    if (a->id[0] != b->id[0])
        return a->id[0] < b->id[0] ? -1 : 1;
    return (a->id[1] > b->id[1]) - (a->id[1] < b->id[1]);
}

static void find_repeated(struct identifier *identifiers, size_t count, const char *what,
                          const struct record *record, struct verdict *verdict)
{
    qsort(identifiers, count, sizeof *identifiers, compare_identifiers);
    for (size_t i = 1; i < count; i++) {
        if (compare_identifiers(&identifiers[i - 1], &identifiers[i]) != 0)
            continue;
        verdict_fail(verdict, record, "%s %016llx-%016llx is that of sessions %zu and %zu", what,
                     (unsigned long long)identifiers[i].id[0],
                     (unsigned long long)identifiers[i].id[1], identifiers[i - 1].session,
                     identifiers[i].session);
        verdict_expect(verdict, "a different one for each");
        verdict_point(verdict, identifiers[i].session, identifiers[i].connection, what);
        return;
    }
}

static void judge_identifiers_of(const struct evidence *evidence, const struct record *record,
                                 const struct listing *listing, struct verdict *verdict)
{
    size_t most = listing->session_count > listing->connection_total ? listing->session_count
                                                                     : listing->connection_total;
    struct identifier *identifiers = calloc(most + 1, sizeof *identifiers);
    if (identifiers == NULL) {
        verdict_exhaust(evidence, verdict);
        return;
    }
    for (size_t i = 0; i < listing->session_count; i++)
        identifiers[i] =
            (struct identifier){{listing->sessions[i].id[0], listing->sessions[i].id[1]}, i, -1};
    find_repeated(identifiers, listing->session_count, "SessionId", record, verdict);
    size_t count = 0;
    for (size_t i = 0; i < listing->session_count; i++)
        for (size_t j = 0; j < listing->sessions[i].connections_decoded; j++) {
            const struct listed_connection *connection = &listing->sessions[i].connections[j];
            identifiers[count++] =
                (struct identifier){{connection->id[0], connection->id[1]}, i, (long)j};
        }
    if (verdict->kind == VERDICT_PASS)
        find_repeated(identifiers, count, "ConnectionId", record, verdict);
    free(identifiers);
}

void judge_identifiers(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_listing(evidence, verdict, judge_identifiers_of);
}
