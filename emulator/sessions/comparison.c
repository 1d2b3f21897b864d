// Compares both sides' accounts of the sessions, and says where they differ.
#include "emulator/sessions/comparison.h"

#include "conformance/base/endpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DIFFERENCES_SHOWN = 3, // sessions whose two accounts are printed
    ACCOUNT_TEXT_SIZE = 2048,
    TSIH_COUNT = UINT16_MAX + 1,
};

#define ALIAS_PREFIX "tck-"

void account_make_alias(char alias[static ACCOUNT_ALIAS_SIZE], size_t number)
{
    snprintf(alias, ACCOUNT_ALIAS_SIZE, ALIAS_PREFIX "%zu", number);
}

void account_make_aside_alias(char alias[static ACCOUNT_ALIAS_SIZE], size_t number)
{
    snprintf(alias, ACCOUNT_ALIAS_SIZE, ALIAS_PREFIX "aside-%zu", number);
}

void account_describe_session(const struct emulator_session *session, char *text, size_t size)
{
    const struct tgtd_portal *portal = session->portal;
    const char *open = strchr(portal->address, ':') != NULL ? "[" : "";
    char place[64] = "added by a change";
    if (session->plan != &session->own_plan)
        snprintf(place, sizeof place, "scenario line %zu", session->plan->line);
    snprintf(text, size,
             "session \"%s\" (%s) of initiator %s with target %s at portal %s%s%s:%u of instance "
             "%s",
             session->alias, place, session->plan->initiator_name, session->target->name, open,
             portal->address, open[0] != '\0' ? "]" : "", portal->port, tgtd_name(session->tgtd));
}

// The session whose handle this is; NULL when it is none of ours.
static struct emulator_session *session_by_alias(const struct emulator_sessions *sessions,
                                                 const char *alias, size_t *index)
{
    size_t prefix = strlen(ALIAS_PREFIX);
    if (strncmp(alias, ALIAS_PREFIX, prefix) != 0)
        return NULL;
    errno = 0;
    char *end = NULL;
    unsigned long number = strtoul(alias + prefix, &end, 10);
    if (errno != 0 || *end != '\0' || number < 1 || number > sessions->count)
        return NULL;
    *index = number - 1;
    struct emulator_session *session = sessions->items[*index];
    return strcmp(session->alias, alias) == 0 ? session : NULL;
}

// ---- a comparison under way ----

struct comparison {
    const struct emulator_sessions *sessions;
    size_t *places;                      // where in `seen` each session's connections begin
    const struct tgtd_connection **seen; // of each connection, the first of a session first, what
                                         // the target's side has
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

// What the target's side has of the session with that index: its first connection, then the
// further ones.
static const struct tgtd_connection **seen_of(const struct comparison *comparison, size_t index)
{
    return &comparison->seen[comparison->places[index]];
}

// What came of it: 0 and the TSIHs taken over, or -1 with the differences.
static int comparison_result(struct comparison *comparison, struct failure *failure)
{
    if (fflush(comparison->text) != 0)
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

static void describe_target_side(const struct tgtd_connection *connection, char *text, size_t size)
{
    if (connection == NULL)
        snprintf(text, size, "nothing");
    else
        snprintf(text, size, "alias \"%s\", initiator %s, tid %u, from %s, CID %u, TSIH %u",
                 connection->initiator_alias, connection->initiator_name, connection->tid,
                 connection->initiator_address, connection->cid, connection->tsih);
}

// Appends a further connection that is there.
static void describe_further(const struct emulator_connection *further, char *text, size_t size)
{
    size_t used = strlen(text);
    if (further->connection == NULL || used + 1 >= size)
        return;
    const struct initiator_endpoint *local = connection_local(further->connection);
    const struct initiator_endpoint *remote = connection_remote(further->connection);
    snprintf(text + used, size - used, "; CID %u from %s port %u to %s port %u", further->plan->cid,
             local->address, local->port, remote->address, remote->port);
}

static void describe_own_side(const struct emulator_session *session, char *text, size_t size)
{
    if (session->ended || session->initiator == NULL) {
        snprintf(text, size, "nothing: it is logged out");
        return;
    }
    if (session->dropped) {
        snprintf(text, size, "no connection, dropped on purpose, TSIH was %u", session->tsih);
        return;
    }
    const struct initiator_endpoint *local = initiator_local(session->initiator);
    const struct initiator_endpoint *remote = initiator_remote(session->initiator);
    char tsih[32] = "not known yet";
    if (session->tsih != 0)
        snprintf(tsih, sizeof tsih, "%u", session->tsih);
    snprintf(text, size,
             "alias \"%s\", initiator %s, tid %u, from %s port %u to %s port %u, CID %u, TSIH %s",
             session->alias, session->plan->initiator_name, session->tid, local->address,
             local->port, remote->address, remote->port, initiator_cid(session->initiator), tsih);
    for (size_t i = 0; i < session->further_count; i++)
        describe_further(&session->further[i], text, size);
}

static void compare_differ(struct comparison *comparison, const struct emulator_session *session,
                           const struct tgtd_connection *connection, const char *what)
{
    char name[ACCOUNT_DESCRIPTION_SIZE] = "a connection that none of the sessions made";
    char own[ACCOUNT_TEXT_SIZE] = "nothing";
    char other[ACCOUNT_TEXT_SIZE];
    if (comparison->differences++ >= DIFFERENCES_SHOWN)
        return;
    if (session != NULL) {
        account_describe_session(session, name, sizeof name);
        describe_own_side(session, own, sizeof own);
    }
    describe_target_side(connection, other, sizeof other);
    fprintf(comparison->text, "\n%s: %s\n  initiator's side: %s\n  target's side: %s", name, what,
            own, other);
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

// What is wrong between the two accounts of a further connection; NULL when they agree. Only of a
// session that is neither dropped nor logged out, after its first connection was compared.
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
    if (strcmp(connection->initiator_name, session->plan->initiator_name) != 0)
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

// The same of the first connection of a session that is neither dropped nor logged out.
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
    if (strcmp(connection->initiator_name, session->plan->initiator_name) != 0)
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

// Does the target's side have none of the session's connections? And has the initiator's side none?
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

// What is wrong between the two accounts of one session, of whose connections the target's side has
// those in `seen`; NULL when they agree. `*at` is the one concerned.
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

// What each tgtd has: every connection must be that of one session, and of its instance.
static void compare_instances(struct comparison *comparison, const struct tgtd_account *accounts,
                              size_t instance_count)
{
    for (size_t i = 0; i < instance_count; i++) {
        for (size_t j = 0; j < accounts[i].connection_count; j++) {
            const struct tgtd_connection *connection = &accounts[i].connections[j];
            size_t index = 0;
            const struct emulator_session *session =
                session_by_alias(comparison->sessions, connection->initiator_alias, &index);
            if (session == NULL || session->instance != i)
                compare_differ(comparison, NULL, connection, "only the target's side has it");
            else
                compare_see(comparison, index, connection);
        }
    }
}

int account_compare(const struct emulator_sessions *sessions, const struct tgtd_account *accounts,
                    size_t instance_count, struct failure *failure)
{
    struct comparison comparison;
    int result = comparison_begin(&comparison, sessions, failure);
    if (result == 0) {
        compare_instances(&comparison, accounts, instance_count);
        for (size_t i = 0; i < sessions->count; i++)
            compare_session(&comparison, i);
        result = comparison_result(&comparison, failure);
    }
    comparison_end(&comparison);
    return result;
}

// ---- one target ----

// Finds a target's sessions by what its list of connections says.
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
                                const struct tgtd_account *account)
{
    for (size_t i = 0; i < account->connection_count; i++) {
        const struct tgtd_connection *connection = &account->connections[i];
        size_t found = target->by_tsih[connection->tsih];
        if (found == 0)
            found = target->unknown;
        if (found == 0)
            compare_differ(comparison, NULL, connection, "only the target's side has it");
        else
            compare_see(comparison, found - 1, connection);
    }
}

int account_compare_target(const struct emulator_sessions *sessions,
                           const struct tgtd_account *account, size_t instance, unsigned tid,
                           struct failure *failure)
{
    struct target_index target = {.instance = instance, .tid = tid};
    struct comparison comparison;
    int result = comparison_begin(&comparison, sessions, failure);
    if (result == 0)
        result = index_target(&target, sessions, failure);
    if (result == 0) {
        compare_connections(&comparison, &target, account);
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
