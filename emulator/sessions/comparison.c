// SPDX-License-Identifier: Apache-2.0
// Compares both sides of the sessions, and says where they differ.
#include "emulator/sessions/comparison.h"

#include "conformance/base/endpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DIFFERENCES_SHOWN = 3, // sessions of which both sides are printed
    TSIH_COUNT = UINT16_MAX + 1,
};

// ---- a comparison under way ----

struct comparison {
    const struct emulator_sessions *sessions;
    size_t *places;                      // where in `seen` each session's connections begin
    const struct tgtd_connection **seen; // for each connection, the first of a session first, the
                                         // target's side of it; NULL: there is none
    char *buffer;
    size_t size;
    FILE *text; // of the differences, into `buffer`
    size_t differences;
};

static int comparison_begin(struct comparison *comparison, const struct emulator_sessions *sessions,
                            struct failure *failure)
{
    *comparison = (struct comparison){.sessions = sessions};
    comparison->places = calloc(sessions->count + 1, sizeof *comparison->places);
    if (comparison->places == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    size_t count = 0;
    for (size_t i = 0; i < sessions->count; i++) {
        comparison->places[i] = count;
        count += 1 + sessions->items[i]->further_count;
    }
    comparison->seen = calloc(count + 1, sizeof(const struct tgtd_connection *));
    comparison->text = open_memstream(&comparison->buffer, &comparison->size);
    if (comparison->seen == NULL || comparison->text == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    return 0;
}

static void comparison_end(struct comparison *comparison)
{
    if (comparison->text != NULL)
        fclose(comparison->text);
    free(comparison->buffer);
    free(comparison->seen);
    free(comparison->places);
}

// The connections that the target's side has of the session with that index: the first one, then
// the further ones; NULL for each that it does not have.
static const struct tgtd_connection **seen_of(const struct comparison *comparison, size_t index)
{
    return &comparison->seen[comparison->places[index]];
}

// Ends the comparison: 0 and the TSIHs taken over, or -1 with the differences.
static int comparison_result(struct comparison *comparison, struct failure *failure)
{
    if (fflush(comparison->text) != 0 || ferror(comparison->text) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    if (comparison->differences > 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "the two sides do not agree on the sessions (%zu difference%s%s):%s",
                           comparison->differences, comparison->differences == 1 ? "" : "s",
                           comparison->differences > DIFFERENCES_SHOWN ? "; the first ones" : "",
                           comparison->buffer);
    for (size_t i = 0; i < comparison->sessions->count; i++) {
        const struct tgtd_connection *first = *seen_of(comparison, i);
        if (first != NULL)
            comparison->sessions->items[i]->tsih = first->tsih;
    }
    return 0;
}

static void print_target_side(FILE *stream, const struct tgtd_connection *connection)
{
    if (connection == NULL)
        fputs("nothing", stream);
    else
        fprintf(stream, "alias \"%s\", initiator %s, tid %u, from %s, CID %u, TSIH %u",
                connection->initiator_alias, connection->initiator_name, connection->tid,
                connection->initiator_address, connection->cid, connection->tsih);
}

static void print_ends(FILE *stream, const struct initiator_endpoint *local,
                       const struct initiator_endpoint *remote)
{
    fprintf(stream, "from %s port %u to %s port %u", local->address, local->port, remote->address,
            remote->port);
}

static void print_own_side(FILE *stream, const struct emulator_session *session)
{
    if (session == NULL) {
        fputs("nothing", stream);
        return;
    }
    if (session->ended || session->initiator == NULL) {
        fputs("nothing: it is logged out", stream);
        return;
    }
    if (session->dropped) {
        fprintf(stream, "no connection, dropped on purpose, TSIH was %u", session->tsih);
        return;
    }
    fprintf(stream, "alias \"%s\", initiator %s, tid %u, ", session->alias,
            session->plan.initiator_name, session->tid);
    print_ends(stream, initiator_local(session->initiator), initiator_remote(session->initiator));
    fprintf(stream, ", CID %u, TSIH ", initiator_cid(session->initiator));
    if (session->tsih == 0)
        fputs("not known yet", stream);
    else
        fprintf(stream, "%u", session->tsih);
    for (size_t i = 0; i < session->further_count; i++) {
        const struct emulator_connection *further = &session->further[i];
        if (further->connection == NULL)
            continue;
        fprintf(stream, "; CID %u ", further->plan->cid);
        print_ends(stream, connection_local(further->connection),
                   connection_remote(further->connection));
    }
}

static void compare_differ(struct comparison *comparison, const struct emulator_session *session,
                           const struct tgtd_connection *connection, const char *what)
{
    FILE *stream = comparison->text;
    if (comparison->differences++ >= DIFFERENCES_SHOWN)
        return;
    fprintf(stream, "\n%s: %s\n  initiator's side: ",
            session != NULL ? emulator_describe(session).text
                            : "a connection that none of the sessions made",
            what);
    print_own_side(stream, session);
    fputs("\n  target's side: ", stream);
    print_target_side(stream, connection);
}

// Notes that the target's side has this connection of the session with that index.
static void compare_see(struct comparison *comparison, size_t index,
                        const struct tgtd_connection *connection)
{
    const struct emulator_session *session = comparison->sessions->items[index];
    const struct tgtd_connection **seen = seen_of(comparison, index);
    for (size_t i = 0; i < session->further_count; i++) {
        if (session->further[i].plan->cid == connection->cid)
            seen += i + 1;
    }
    if (*seen != NULL)
        compare_differ(comparison, session, connection,
                       "the target's side has a connection more than it has");
    else
        *seen = connection;
}

static bool reaches(const struct initiator_endpoint *remote, const struct tgtd_portal *portal)
{
    return address_same(remote->address, portal->address) && remote->port == portal->port;
}

// What differs between the two sides of a further connection; NULL when they agree. The session is
// neither dropped nor logged out, and its first connection was compared before.
static const char *further_difference(const struct emulator_connection *further,
                                      const struct tgtd_connection *connection,
                                      const struct tgtd_connection *first)
{
    const struct emulator_session *session = further->session;
    if (further->dropped) {
        if (connection != NULL)
            return "the target's side still has a further connection that was dropped";
        return connection_state(further->connection) == CONNECTION_DROPPED
                   ? NULL
                   : "a further connection of it is not dropped";
    }
    if (further->connection == NULL)
        return connection == NULL ? NULL : "only the target's side has a further connection of it";
    if (connection_state(further->connection) != CONNECTION_OPEN)
        return "a further connection of it is not open";
    if (!reaches(connection_remote(further->connection), further->portal))
        return "a further connection of it is to another portal";
    if (connection == NULL)
        return "the target's side does not have a further connection of it";
    if (strcmp(connection->initiator_name, session->plan.initiator_name) != 0)
        return "a further connection's initiator name differs";
    if (connection->tid != session->tid)
        return "a further connection's target differs";
    if (!address_same(connection->initiator_address,
                      connection_local(further->connection)->address))
        return "a further connection's initiator address differs";
    if (connection->tsih != first->tsih)
        return "a further connection's TSIH differs";
    return NULL;
}

// The same for the first connection of a session that is neither dropped nor logged out.
static const char *first_difference(const struct emulator_session *session,
                                    const struct tgtd_connection *connection)
{
    const struct initiator_session *initiator = session->initiator;
    if (initiator_state(initiator) != INITIATOR_LOGGED_IN)
        return "the initiator's side is not logged in";
    if (!reaches(initiator_remote(initiator), session->portal))
        return "it is connected to another portal";
    if (connection == NULL)
        return "the target's side does not have it";
    if (strcmp(connection->initiator_name, session->plan.initiator_name) != 0)
        return "the initiator's name differs";
    if (connection->tid != session->tid)
        return "the target differs";
    if (!address_same(connection->initiator_address, initiator_local(initiator)->address))
        return "the initiator's address differs";
    if (connection->cid != initiator_cid(initiator))
        return "the CID differs";
    if (connection->tsih == 0)
        return "the TSIH is 0, which no session can have";
    if (session->tsih != 0 && session->tsih != connection->tsih)
        return "the TSIH is no longer what it was";
    if (session->former_tsih == connection->tsih)
        return "it was reinstated, and the TSIH is still the former one";
    return NULL;
}

// What differs where neither side is to have a connection of the session; NULL when neither has.
static const char *remainder_difference(const struct emulator_session *session,
                                        const struct tgtd_connection *const *seen, const char *what)
{
    for (size_t i = 0; i <= session->further_count; i++) {
        if (seen[i] != NULL)
            return what;
    }
    if (session->ended)
        return NULL;
    if (initiator_state(session->initiator) != INITIATOR_RECOVERING)
        return "the initiator's side is not recovering";
    for (size_t i = 0; i < session->further_count; i++) {
        const struct connection *connection = session->further[i].connection;
        if (connection != NULL && connection_state(connection) != CONNECTION_DROPPED)
            return "a further connection of it is not dropped";
    }
    return NULL;
}

// What differs between the two sides of one session, of whose connections the target's side has
// those in `seen`; NULL when they agree. `*at` is the connection concerned.
static const char *session_difference(const struct emulator_session *session,
                                      const struct tgtd_connection *const *seen,
                                      const struct tgtd_connection **at)
{
    *at = seen[0];
    if (session->unasked && !session->ended && !session->dropped)
        return initiator_state(session->initiator) == INITIATOR_LOGGED_IN
                   ? NULL
                   : "the initiator's side is not logged in";
    if (session->ended)
        return remainder_difference(session, seen,
                                    "it is logged out and the target's side still has it");
    if (session->dropped)
        return remainder_difference(session, seen, "the target's side still has its connection");
    const char *what = first_difference(session, seen[0]);
    for (size_t i = 0; i < session->further_count && what == NULL; i++) {
        *at = seen[i + 1];
        what = further_difference(&session->further[i], seen[i + 1], seen[0]);
    }
    return what;
}

static void compare_session(struct comparison *comparison, size_t index)
{
    const struct emulator_session *session = comparison->sessions->items[index];
    const struct tgtd_connection *at = NULL;
    const char *what = session_difference(session, seen_of(comparison, index), &at);
    if (what != NULL)
        compare_differ(comparison, session, at, what);
}

// ---- everything ----

// Every connection that a tgtd has must be that of one session, and at the session's instance.
static void compare_instances(struct comparison *comparison, const struct tgtd_report *reports,
                              size_t instance_count)
{
    for (size_t i = 0; i < instance_count; i++) {
        for (size_t j = 0; j < reports[i].connection_count; j++) {
            const struct tgtd_connection *connection = &reports[i].connections[j];
            size_t index = 0;
            const struct emulator_session *session = emulator_session_by_alias(
                comparison->sessions, connection->initiator_alias, &index);
            if (session == NULL || session->instance != i)
                compare_differ(comparison, NULL, connection, "only the target's side has it");
            else
                compare_see(comparison, index, connection);
        }
    }
}

int comparison_of_all(const struct emulator_sessions *sessions, const struct tgtd_report *reports,
                      size_t instance_count, struct failure *failure)
{
    struct comparison comparison;
    int result = comparison_begin(&comparison, sessions, failure);
    if (result == 0) {
        compare_instances(&comparison, reports, instance_count);
        for (size_t i = 0; i < sessions->count; i++)
            compare_session(&comparison, i);
        result = comparison_result(&comparison, failure);
    }
    comparison_end(&comparison);
    return result;
}

// ---- one target ----

// Which session a connection in a target's list belongs to.
struct target_index {
    size_t *by_tsih; // index + 1 of the session with that TSIH; 0: none
    size_t unknown;  // index + 1 of the one whose TSIH isn't known yet; 0: none
    size_t instance;
    unsigned tid;
};

static bool of_target(const struct target_index *target, const struct emulator_session *session)
{
    return session->instance == target->instance && session->tid == target->tid;
}

static int index_target(struct target_index *target, const struct emulator_sessions *sessions,
                        struct failure *failure)
{
    target->by_tsih = calloc(TSIH_COUNT, sizeof *target->by_tsih);
    if (target->by_tsih == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    for (size_t i = 0; i < sessions->count; i++) {
        const struct emulator_session *session = sessions->items[i];
        if (!of_target(target, session) || session->ended || session->forgotten)
            continue;
        if (session->tsih == 0)
            target->unknown = i + 1;
        else
            target->by_tsih[session->tsih] = i + 1;
    }
    return 0;
}

static void compare_connections(struct comparison *comparison, const struct target_index *target,
                                const struct tgtd_report *report)
{
    for (size_t i = 0; i < report->connection_count; i++) {
        const struct tgtd_connection *connection = &report->connections[i];
        size_t found = target->by_tsih[connection->tsih];
        if (found == 0)
            found = target->unknown;
        if (found == 0)
            compare_differ(comparison, NULL, connection, "only the target's side has it");
        else
            compare_see(comparison, found - 1, connection);
    }
}

int comparison_of_target(const struct emulator_sessions *sessions, const struct tgtd_report *report,
                         size_t instance, unsigned tid, struct failure *failure)
{
    struct target_index target = {.instance = instance, .tid = tid};
    struct comparison comparison;
    int result = comparison_begin(&comparison, sessions, failure);
    if (result == 0)
        result = index_target(&target, sessions, failure);
    if (result == 0) {
        compare_connections(&comparison, &target, report);
        for (size_t i = 0; i < sessions->count; i++) {
            if (of_target(&target, sessions->items[i]))
                compare_session(&comparison, i);
        }
        result = comparison_result(&comparison, failure);
    }
    free(target.by_tsih);
    comparison_end(&comparison);
    return result;
}
