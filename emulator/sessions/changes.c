// SPDX-License-Identifier: Apache-2.0
// Makes the changes of single sessions, and waits for them.
#include "emulator/sessions/changes.h"

#include "emulator/sessions/agreement.h"
#include "emulator/sessions/logins.h"

#include <string.h>

// The secret that a login offers where the target asks for none; see reinstate.
static const struct initiator_secret unasked_secret = {"iscsidsc-tck", "not-asked-for"};

// The session of a handle, for `change` ("logged out"); NULL with `failure` when there is none.
static struct emulator_session *find_session(struct emulator *emulator, size_t session,
                                             const char *change, struct failure *failure)
{
    if (emulator_check_lost(emulator, failure) != 0)
        return NULL;
    if (session < emulator->sessions.count && !emulator->sessions.items[session]->ended)
        return emulator->sessions.items[session];
    failure_set(failure, STATUS_UNTRUSTED, "session %zu can't be %s: %s", session, change,
                session < emulator->sessions.count ? "it is logged out already"
                                                   : "there was never such a one");
    return NULL;
}

// A condition to wait for: the initiator's session is in another state than `from`.
struct transition {
    const struct initiator_session *initiator;
    enum initiator_state from;
};

static bool has_moved(void *argument)
{
    const struct transition *transition = argument;
    return initiator_state(transition->initiator) != transition->from;
}

// Waits until `initiator` leaves the state `from`; it must be in the state `to` then.
static int await_state(struct emulator_session *session, const struct initiator_session *initiator,
                       enum initiator_state from, enum initiator_state to, const char *change,
                       struct failure *failure)
{
    struct transition transition = {initiator, from};
    int result = supervisor_wait(session->emulator->supervisor, has_moved, &transition,
                                 CHANGE_TIMEOUT_MS, failure);
    if (result < 0)
        return -1;
    if (result == 0 && initiator_state(initiator) == to)
        return 0;
    if (result == 0 && emulator_check_lost(session->emulator, failure) != 0)
        return -1;
    if (result > 0)
        return failure_set(failure, STATUS_UNTRUSTED, "%s was not %s within %d seconds",
                           emulator_describe(session).text, change, CHANGE_TIMEOUT_MS / 1000);
    return failure_set(failure, STATUS_UNTRUSTED, "%s could not be %s: %s",
                       emulator_describe(session).text, change, initiator_error(initiator));
}

// The connection whose end is waited for: the one that a reinstatement replaces, if there is one.
static struct connection *moving_connection(const struct emulator_connection *further)
{
    return further->replaced != NULL ? further->replaced : further->connection;
}

static bool none_is_open(void *argument)
{
    const struct emulator_session *session = argument;
    for (size_t i = 0; i < session->further_count; i++) {
        const struct connection *connection = moving_connection(&session->further[i]);
        if (connection != NULL && connection_state(connection) == CONNECTION_OPEN)
            return false;
    }
    return true;
}

// Waits until no further connection of the session is open; they must be in the state `to` then.
static int await_further(struct emulator_session *session, enum connection_state to,
                         const char *change, struct failure *failure)
{
    int result = supervisor_wait(session->emulator->supervisor, none_is_open, session,
                                 CHANGE_TIMEOUT_MS, failure);
    if (result < 0)
        return -1;
    if (result > 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "%s: its further connections were not %s within %d seconds",
                           emulator_describe(session).text, change, CHANGE_TIMEOUT_MS / 1000);
    if (emulator_check_lost(session->emulator, failure) != 0)
        return -1;
    for (size_t i = 0; i < session->further_count; i++) {
        const struct connection *connection = moving_connection(&session->further[i]);
        if (connection != NULL && connection_state(connection) != to)
            return failure_set(failure, STATUS_UNTRUSTED, "%s, connection %u could not be %s: %s",
                               emulator_describe(session).text, session->further[i].plan->cid,
                               change, connection_error(connection));
    }
    return 0;
}

// ---- login and logout ----

// Logs in a session that is placed, and its further connections.
static int log_in_whole(struct emulator_session *session, struct failure *failure)
{
    struct emulator *emulator = session->emulator;
    const struct initiator_options options = emulator_login_options(session);
    if (emulator_raise_descriptor_limit(emulator, failure) != 0 ||
        emulator_log_in_one(session, &options, failure) != 0 ||
        emulator_await_target_agreement(session, failure) != 0 ||
        emulator_open_further(session, failure) != 0)
        return -1;
    return emulator_publish(emulator, 0, failure);
}

int change_login(struct emulator *emulator, size_t *session, struct failure *failure)
{
    struct topology_session plan;
    if (emulator_check_lost(emulator, failure) != 0 ||
        emulator_further_plan(emulator, &plan, failure) != 0)
        return -1;
    struct emulator_session *added = emulator_add_session(emulator, &emulator->sessions, &plan);
    if (added == NULL)
        return emulator_fail_memory(failure);
    emulator_place(added);
    if (log_in_whole(added, failure) != 0)
        return -1;
    *session = emulator->sessions.count - 1;
    return 0;
}

int change_login_planned(struct emulator *emulator, size_t session, struct failure *failure)
{
    if (emulator_check_lost(emulator, failure) != 0)
        return -1;
    if (session >= emulator->topology->session_count || !emulator->sessions.items[session]->ended)
        return failure_set(failure, STATUS_UNTRUSTED, "session %zu can't be logged in: %s", session,
                           session < emulator->topology->session_count
                               ? "it is logged in already"
                               : "the scenario has no such one");
    struct emulator_session *found = emulator->sessions.items[session];
    found->ended = false;
    found->forgotten = false;
    found->tsih = 0;
    found->former_tsih = 0;
    emulator_identify(found);
    return log_in_whole(found, failure);
}

// Logs out the further connections. The logout of the session itself, by libiscsi, ends only the
// first one.
static int log_out_further(struct emulator_session *session, struct failure *failure)
{
    for (size_t i = 0; i < session->further_count; i++) {
        struct emulator_connection *further = &session->further[i];
        if (further->dropped) { // there is nothing to log out
            connection_destroy(further->connection);
            further->connection = NULL;
            further->dropped = false;
        } else if (connection_logout(further->connection, failure) != 0) {
            return -1;
        }
    }
    if (await_further(session, CONNECTION_LOGGED_OUT, "logged out", failure) != 0)
        return -1;
    for (size_t i = 0; i < session->further_count; i++) {
        connection_destroy(session->further[i].connection);
        session->further[i].connection = NULL;
    }
    return 0;
}

int change_logout(struct emulator *emulator, size_t session, struct failure *failure)
{
    static const char change[] = "logged out";
    struct emulator_session *found = find_session(emulator, session, change, failure);
    if (found == NULL)
        return -1;
    if (found->dropped)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "session %zu can't be logged out: it has no connection to do that on; "
                           "reinstate it first, or give it up",
                           session);
    if (log_out_further(found, failure) != 0 || initiator_logout(found->initiator, failure) != 0 ||
        await_state(found, found->initiator, INITIATOR_LOGGED_IN, INITIATOR_LOGGED_OUT, change,
                    failure) != 0)
        return -1;
    initiator_destroy(found->initiator);
    found->initiator = NULL;
    found->ended = true;
    return emulator_await_target_agreement(found, failure) != 0
               ? -1
               : emulator_publish(emulator, 0, failure);
}

// ---- dropping ----

void change_expect_drop(struct emulator_session *session)
{
    session->dropped = true;
    initiator_expect_drop(session->initiator);
    for (size_t i = 0; i < session->further_count; i++)
        if (!session->further[i].dropped)
            connection_expect_drop(session->further[i].connection);
}

// Has the target end the session's connections. The initiator keeps the session.
static int drop_from_target(struct emulator_session *session, struct failure *failure)
{
    struct tgtd *tgtd = session->emulator->instances[session->instance].tgtd;
    change_expect_drop(session);
    for (size_t i = 0; i < session->further_count; i++)
        if (!session->further[i].dropped &&
            tgtd_delete_connection(tgtd, session->tid, session->tsih, session->further[i].plan->cid,
                                   failure) != 0)
            return -1;
    return tgtd_delete_connection(tgtd, session->tid, session->tsih,
                                  initiator_cid(session->initiator), failure);
}

// Has the initiator end them.
static int drop_from_initiator(struct emulator_session *session, struct failure *failure)
{
    session->dropped = true;
    for (size_t i = 0; i < session->further_count; i++) {
        const struct emulator_connection *further = &session->further[i];
        if (!further->dropped && connection_close(further->connection, failure) != 0)
            return -1;
    }
    return initiator_drop(session->initiator, failure);
}

int change_await_drop(struct emulator_session *session, struct failure *failure)
{
    if (await_state(session, session->initiator, INITIATOR_LOGGED_IN, INITIATOR_RECOVERING,
                    "dropped", failure) != 0)
        return -1;
    return await_further(session, CONNECTION_DROPPED, "dropped", failure);
}

int change_drop_planned(struct emulator *emulator, struct failure *failure)
{
    struct emulator_session *const *sessions = emulator->sessions.items;
    size_t count = emulator->sessions.count;
    size_t dropped = 0;
    for (size_t i = 0; i < count; i++)
        if (sessions[i]->plan.recovering && drop_from_target(sessions[i], failure) != 0)
            return -1;
    for (size_t i = 0; i < count; i++)
        if (sessions[i]->plan.recovering && ++dropped > 0 &&
            change_await_drop(sessions[i], failure) != 0)
            return -1;
    return dropped == 0 ? 0 : emulator_await_agreement(emulator, failure);
}

int change_drop(struct emulator *emulator, size_t session, enum emulator_side side,
                struct failure *failure)
{
    struct emulator_session *found = find_session(emulator, session, "dropped", failure);
    if (found == NULL)
        return -1;
    if (found->dropped)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "session %zu can't be dropped: it has no connection already", session);
    int result = side == EMULATOR_TARGET ? drop_from_target(found, failure)
                                         : drop_from_initiator(found, failure);
    if (result != 0 || change_await_drop(found, failure) != 0 ||
        emulator_await_target_agreement(found, failure) != 0)
        return -1;
    return emulator_publish(emulator, 0, failure);
}

int change_give_up(struct emulator *emulator, size_t session, struct failure *failure)
{
    struct emulator_session *found = find_session(emulator, session, "given up", failure);
    if (found == NULL)
        return -1;
    if (!found->dropped)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "session %zu can't be given up: it has a connection; log it out instead",
                           session);
    initiator_destroy(found->initiator);
    found->initiator = NULL;
    for (size_t i = 0; i < found->further_count; i++) {
        connection_destroy(found->further[i].connection);
        found->further[i].connection = NULL;
        found->further[i].dropped = false;
    }
    found->dropped = false;
    found->ended = true;
    return emulator_publish(emulator, 0, failure);
}

// ---- one connection of several ----

// The further connection of a session of a handle with that CID; NULL with `failure`.
static struct emulator_connection *find_connection(struct emulator *emulator, size_t session,
                                                   uint16_t cid, const char *change,
                                                   struct failure *failure)
{
    struct emulator_session *found = find_session(emulator, session, change, failure);
    if (found == NULL)
        return NULL;
    for (size_t i = 0; i < found->further_count && !found->dropped; i++)
        if (found->further[i].plan->cid == cid)
            return &found->further[i];
    failure_set(failure, STATUS_UNTRUSTED, "connection %u of session %zu can't be %s: %s", cid,
                session, change,
                found->dropped ? "the session has no connection"
                               : "the session has no such further connection");
    return NULL;
}

static bool has_dropped(void *argument)
{
    const struct emulator_connection *further = argument;
    return connection_state(further->connection) != CONNECTION_OPEN;
}

// Drops one connection and waits until both sides know.
static int drop_one(struct emulator_connection *further, enum emulator_side side,
                    struct failure *failure)
{
    struct emulator_session *session = further->session;
    connection_expect_drop(further->connection);
    further->dropped = true;
    int result =
        side == EMULATOR_INITIATOR
            ? connection_close(further->connection, failure)
            : tgtd_delete_connection(session->emulator->instances[session->instance].tgtd,
                                     session->tid, session->tsih, further->plan->cid, failure);
    if (result != 0)
        return -1;
    result = supervisor_wait(session->emulator->supervisor, has_dropped, further, CHANGE_TIMEOUT_MS,
                             failure);
    if (result > 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "connection %u of session \"%s\" was not dropped within %d seconds",
                           further->plan->cid, session->alias, CHANGE_TIMEOUT_MS / 1000);
    return result < 0 ? -1 : emulator_await_target_agreement(session, failure);
}

int change_drop_connection(struct emulator *emulator, size_t session, uint16_t cid,
                           enum emulator_side side, struct failure *failure)
{
    struct emulator_connection *found = find_connection(emulator, session, cid, "dropped", failure);
    if (found == NULL)
        return -1;
    if (found->dropped)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "connection %u of session %zu can't be dropped: it is already", cid,
                           session);
    return drop_one(found, side, failure) != 0 ? -1 : emulator_publish(emulator, 0, failure);
}

int change_reinstate_connection(struct emulator *emulator, size_t session, uint16_t cid,
                                struct failure *failure)
{
    struct emulator_connection *found =
        find_connection(emulator, session, cid, "reinstated", failure);
    if (found == NULL || (!found->dropped && drop_one(found, EMULATOR_INITIATOR, failure) != 0))
        return -1;
    connection_destroy(found->connection);
    found->connection = NULL;
    found->dropped = false;
    found->specific = ++emulator->connections_identified;
    return emulator_open_again(found, failure) != 0 ? -1 : emulator_publish(emulator, 0, failure);
}

// ---- reinstatement of sessions ----

// Logs in with the ISID of the session in `session->replaced`, and waits for the end of that one.
//
// tgtd reinstates only if a login begins in the security stage; a login that begins in the
// operational stage gets a session of its own beside the old one. libiscsi begins in the security
// stage if it has a secret to offer. So a secret is offered where the target asks for none; the
// target chooses "None" then.
static int reinstate(struct emulator_session *session, struct failure *failure)
{
    struct initiator_options options = emulator_login_options(session);
    bool alive = initiator_state(session->replaced) == INITIATOR_LOGGED_IN;
    if (options.secret.user == NULL)
        options.secret = unasked_secret;
    if (alive) {
        initiator_expect_drop(session->replaced);
        for (size_t i = 0; i < session->further_count; i++)
            connection_expect_drop(session->further[i].replaced);
    }
    if (emulator_log_in_one(session, &options, failure) != 0)
        return -1;
    if (alive && await_state(session, session->replaced, INITIATOR_LOGGED_IN, INITIATOR_RECOVERING,
                             "replaced by its reinstatement", failure) != 0)
        return -1;
    if (await_further(session, CONNECTION_DROPPED, "replaced by its reinstatement", failure) != 0)
        return -1;
    return emulator_await_target_agreement(session, failure);
}

void change_forget_replaced(struct emulator_session *session)
{
    initiator_destroy(session->replaced);
    session->replaced = NULL;
    for (size_t i = 0; i < session->further_count; i++) {
        connection_destroy(session->further[i].replaced);
        session->further[i].replaced = NULL;
    }
}

int change_reinstate(struct emulator *emulator, size_t session, struct failure *failure)
{
    struct emulator_session *found = find_session(emulator, session, "reinstated", failure);
    if (found == NULL)
        return -1;
    found->replaced = found->initiator;
    found->initiator = NULL;
    for (size_t i = 0; i < found->further_count; i++) {
        found->further[i].replaced = found->further[i].connection;
        found->further[i].connection = NULL;
        found->further[i].dropped = false;
    }
    // A tgtd that was started anew counts its TSIHs from the beginning, and may give the same one.
    found->former_tsih = found->forgotten ? 0 : found->tsih;
    found->forgotten = false;
    found->tsih = 0;
    found->dropped = false;
    emulator_identify(found);
    if (reinstate(found, failure) != 0)
        return -1;
    change_forget_replaced(found);
    return emulator_open_further(found, failure) != 0 ? -1 : emulator_publish(emulator, 0, failure);
}
