// SPDX-License-Identifier: Apache-2.0
// Logs in: all sessions of a topology at once, their further connections, discovery sessions, and
// the logins that are to be refused; and notices when a session is lost.
#include "emulator/sessions/logins.h"

#include "emulator/sessions/agreement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOGINS_IN_FLIGHT = 128 }; // below tgtd's listen backlog, and enough to keep it busy

// ---- how logins and sessions end ----

static void grace_is_over(uv_timer_t *timer)
{
    struct emulator *emulator = timer->data;
    const struct emulator_session *session = emulator->first_lost;
    char others[64] = "";
    if (emulator->lost > 1)
        snprintf(others, sizeof others, ", and %zu other%s", emulator->lost - 1,
                 emulator->lost > 2 ? "s" : "");
    supervisor_trouble(emulator->supervisor, "%s was lost (%s)%s; nobody here ended it",
                       emulator_describe(session).text, emulator->lost_reason, others);
}

static void session_lost(struct emulator_session *session, const char *reason)
{
    struct emulator *emulator = session->emulator;
    if (emulator->lost++ > 0)
        return;
    snprintf(emulator->lost_reason, sizeof emulator->lost_reason, "%s", reason);
    emulator->first_lost = session;
    if (uv_timer_start(emulator->grace, grace_is_over, LOST_GRACE_MS, 0) != 0)
        grace_is_over(emulator->grace);
}

static bool never(void *argument)
{
    (void)argument;
    return false;
}

int emulator_check_lost(struct emulator *emulator, struct failure *failure)
{
    if (emulator->lost == 0)
        return 0;
    supervisor_wait(emulator->supervisor, never, NULL, 4 * LOST_GRACE_MS, failure);
    return failure_set(failure, STATUS_UNTRUSTED, "a session was lost");
}

static void login_failed(struct emulator_session *session, const char *error)
{
    struct emulator *emulator = session->emulator;
    if (emulator->first_refused != NULL)
        return;
    emulator->first_refused = session;
    const char *hint = strstr(error, "Target not found") == NULL
                           ? ""
                           : "; tgtd answers so too where a target's access lists do not have the "
                             "initiator";
    failure_set(&emulator->login_failure, STATUS_UNTRUSTED, "%s could not log in: %s%s",
                emulator_describe(session).text, error, hint);
}

static void session_changed(struct initiator_session *initiator, void *argument)
{
    struct emulator_session *session = argument;
    enum initiator_state state = initiator_state(initiator);
    // One that is being replaced was logged in; the code that replaces it checks its state.
    bool logging_in = !session->settled && initiator != session->replaced;
    if (logging_in) {
        session->settled = true;
        session->emulator->settled++;
    }
    if (session->plan.kind == SESSION_REFUSED)
        return; // log_in_unlisted looks at it
    if (state == INITIATOR_LOST && logging_in)
        login_failed(session, initiator_error(initiator));
    else if (state == INITIATOR_LOST)
        session_lost(session, initiator_error(initiator));
}

// The same for a further connection.
static void connection_changed(struct connection *connection, void *argument)
{
    struct emulator_connection *further = argument;
    struct emulator *emulator = further->session->emulator;
    enum connection_state state = connection_state(connection);
    bool logging_in = !further->settled && connection != further->replaced;
    if (logging_in) {
        further->settled = true;
        emulator->opening--;
    }
    if (state == CONNECTION_LOST && logging_in)
        login_failed(further->session, connection_error(connection));
    else if (state == CONNECTION_LOST)
        session_lost(further->session, connection_error(connection));
}

// ---- logging in ----

struct initiator_options emulator_login_options(struct emulator_session *session)
{
    const struct topology_session *plan = &session->plan;
    // Of a target that redirects: the portal that initiators come to.
    const struct tgtd_portal *portal =
        &session->emulator->instances[session->target->instance].portals[plan->portal];
    struct initiator_options options = {
        .initiator_name = plan->initiator_name,
        .target_name = session->target->name,
        .alias = session->alias,
        .address = portal->address,
        .port = portal->port,
        .discovery = plan->kind == SESSION_DISCOVERY,
        .header_digest = plan->header_digest,
        .secret = {plan->chap.user, plan->chap.password},
        .changed = session_changed,
        .argument = session,
    };
    // The other end of a discovery session is the portal, which has no account: it can't prove
    // itself, and is not asked to.
    if (plan->kind != SESSION_DISCOVERY)
        options.target_secret = (struct initiator_secret){plan->mutual.user, plan->mutual.password};
    memcpy(options.isid, session->plan.isid, sizeof options.isid);
    return options;
}

static int begin_login(struct emulator_session *session, const struct initiator_options *options,
                       struct failure *failure)
{
    struct failure cause = {0};
    session->settled = false;
    if (initiator_login(&session->initiator, session->emulator->supervisor, options, &cause) == 0)
        return 0;
    return failure_set(failure, cause.status, "%s: %s", emulator_describe(session).text,
                       cause.text);
}

static bool has_settled(void *argument)
{
    const struct emulator_session *session = argument;
    return session->settled;
}

static bool login_progressed(void *argument)
{
    const struct emulator *emulator = argument;
    return emulator->settled > emulator->settled_before;
}

static int login_stuck(const struct emulator *emulator, struct failure *failure)
{
    struct session_description first = {0};
    for (size_t i = 0; i < emulator->sessions.count && first.text[0] == '\0'; i++) {
        const struct emulator_session *session = emulator->sessions.items[i];
        if (session->initiator != NULL && !session->settled)
            first = emulator_describe(session);
    }
    return failure_set(failure, STATUS_UNTRUSTED,
                       "%zu of %zu logins ended, then none for %d seconds; the first without an "
                       "answer is %s",
                       emulator->settled, emulator->sessions.count, LOGIN_TIMEOUT_MS / 1000,
                       first.text);
}

// Fails because a login was refused. Asks the tgtd concerned for a sign of life first: if it is
// dead, that is the cause, and the refusal an effect. Returns -1.
static int fail_refused(struct emulator *emulator, struct failure *failure)
{
    struct tgtd *tgtd = emulator->instances[emulator->first_refused->instance].tgtd;
    if (tgtd_ping(tgtd, PING_TIMEOUT_MS, failure) != 0)
        return -1;
    return failure_set(failure, STATUS_UNTRUSTED, "%s", emulator->login_failure.text);
}

int emulator_log_in_one(struct emulator_session *session, const struct initiator_options *options,
                        struct failure *failure)
{
    struct emulator *emulator = session->emulator;
    if (begin_login(session, options, failure) != 0)
        return -1;
    int result =
        supervisor_wait(emulator->supervisor, has_settled, session, LOGIN_TIMEOUT_MS, failure);
    if (result > 0)
        return login_stuck(emulator, failure);
    if (result < 0)
        return -1;
    return emulator->first_refused != NULL ? fail_refused(emulator, failure) : 0;
}

// A bounded number of logins is under way. The first refusal ends it.
int emulator_log_in_all(struct emulator *emulator, struct failure *failure)
{
    size_t count = emulator->sessions.count;
    size_t begun = 0;
    for (size_t i = 0; i < count; i++)
        emulator_place(emulator->sessions.items[i]);
    while (emulator->settled < count) {
        while (begun < count && begun - emulator->settled < LOGINS_IN_FLIGHT) {
            struct emulator_session *session = emulator->sessions.items[begun++];
            if (session->ended) { // logged in later, by an event
                emulator->settled++;
                continue;
            }
            const struct initiator_options options = emulator_login_options(session);
            if (begin_login(session, &options, failure) != 0)
                return -1;
        }
        if (emulator->settled == count)
            break;
        emulator->settled_before = emulator->settled;
        int result = supervisor_wait(emulator->supervisor, login_progressed, emulator,
                                     LOGIN_TIMEOUT_MS, failure);
        if (result > 0)
            return login_stuck(emulator, failure);
        if (result < 0)
            return -1;
        if (emulator->first_refused != NULL)
            return fail_refused(emulator, failure);
    }
    return 0;
}

// ---- further connections ----

static int open_connection(struct emulator_connection *further, struct failure *failure)
{
    struct emulator_session *session = further->session;
    struct failure cause = {0};
    struct connection_options options = {
        .initiator_name = session->plan.initiator_name,
        .target_name = session->target->name,
        .alias = session->alias,
        .address = further->portal->address,
        .port = further->portal->port,
        .cid = further->plan->cid,
        .changed = connection_changed,
        .argument = further,
    };
    memcpy(options.isid, session->plan.isid, sizeof options.isid);
    memcpy(options.tsih, &session->tsih, sizeof options.tsih); // see own_source.c, tell
    further->settled = false;
    if (connection_open(&further->connection, session->emulator->supervisor, &options, &cause) ==
        0) {
        session->emulator->opening++;
        return 0;
    }
    return failure_set(failure, cause.status, "%s, connection %u: %s",
                       emulator_describe(session).text, further->plan->cid, cause.text);
}

// A condition to wait for: at most `most` further connections have their login under way.
struct opening {
    const struct emulator *emulator;
    size_t most;
};

static bool has_opened(void *argument)
{
    const struct opening *opening = argument;
    return opening->emulator->opening <= opening->most;
}

static int await_opening(struct emulator *emulator, size_t most, struct failure *failure)
{
    struct opening opening = {emulator, most};
    int result =
        supervisor_wait(emulator->supervisor, has_opened, &opening, LOGIN_TIMEOUT_MS, failure);
    if (result > 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "of the further connections of sessions, %zu were not logged in within "
                           "%d seconds",
                           emulator->opening, LOGIN_TIMEOUT_MS / 1000);
    if (result < 0)
        return -1;
    return emulator->first_refused != NULL ? fail_refused(emulator, failure) : 0;
}

// Begins all further connections of a session whose TSIH is known.
static int begin_further(struct emulator_session *session, struct failure *failure)
{
    for (size_t i = 0; i < session->further_count && !session->ended; i++) {
        if (await_opening(session->emulator, LOGINS_IN_FLIGHT - 1, failure) != 0 ||
            open_connection(&session->further[i], failure) != 0)
            return -1;
    }
    return 0;
}

int emulator_open_further(struct emulator_session *session, struct failure *failure)
{
    if (session->further_count == 0)
        return 0;
    if (begin_further(session, failure) != 0 || await_opening(session->emulator, 0, failure) != 0)
        return -1;
    return emulator_await_target_agreement(session, failure);
}

int emulator_open_again(struct emulator_connection *further, struct failure *failure)
{
    if (open_connection(further, failure) != 0 ||
        await_opening(further->session->emulator, 0, failure) != 0)
        return -1;
    return emulator_await_target_agreement(further->session, failure);
}

int emulator_open_all_further(struct emulator *emulator, struct failure *failure)
{
    size_t count = 0;
    for (size_t i = 0; i < emulator->sessions.count; i++) {
        count += emulator->sessions.items[i]->further_count;
        if (begin_further(emulator->sessions.items[i], failure) != 0)
            return -1;
    }
    if (count == 0)
        return 0;
    return await_opening(emulator, 0, failure) != 0 ? -1
                                                    : emulator_await_agreement(emulator, failure);
}

// ---- discovery sessions, and logins that are to be refused ----

// Begins one and waits for its end. A login that is to be refused is over then; a discovery session
// is held.
static int log_in_unlisted(struct emulator_session *session, struct failure *failure)
{
    struct emulator *emulator = session->emulator;
    emulator_place(session);
    const struct initiator_options options = emulator_login_options(session);
    if (begin_login(session, &options, failure) != 0)
        return -1;
    int result =
        supervisor_wait(emulator->supervisor, has_settled, session, LOGIN_TIMEOUT_MS, failure);
    if (result < 0)
        return -1;
    if (result > 0)
        return failure_set(failure, STATUS_UNTRUSTED, "%s: its login did not end within %d seconds",
                           emulator_describe(session).text, LOGIN_TIMEOUT_MS / 1000);
    if (emulator->first_refused != NULL)
        return fail_refused(emulator, failure);
    if (session->plan.kind == SESSION_DISCOVERY)
        return 0;
    if (initiator_state(session->initiator) == INITIATOR_LOGGED_IN)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "%s logged in, and the scenario says that it is refused",
                           emulator_describe(session).text);
    if (initiator_remote(session->initiator)->port == 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "%s should have been refused, and could not even connect: %s",
                           emulator_describe(session).text, initiator_error(session->initiator));
    initiator_destroy(session->initiator);
    session->initiator = NULL;
    return 0;
}

int emulator_log_in_unlisted(struct emulator *emulator, struct failure *failure)
{
    for (size_t i = 0; i < emulator->unlisted.count; i++) {
        if (log_in_unlisted(emulator->unlisted.items[i], failure) != 0)
            return -1;
    }
    return emulator->unlisted.count == 0 ? 0 : emulator_await_agreement(emulator, failure);
}
