// SPDX-License-Identifier: Apache-2.0
// Makes sessions with libiscsi and keeps the list of them. A session is in the list from the moment
// when its login has succeeded until its logout has, whether it has its connection or not.
#include "emulator/service/service_sessions.h"

#include "emulator/table/session_table.h"
#include "session_list.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>

enum {
    SESSIONS_LIMIT = 16384,
    PATIENCE_MS = 20000, // for a login or a logout
    ISID_RANDOM = 0x80,  // the type of an ISID
    ALIAS_SIZE = 32,
};

enum session_phase { SESSION_LOGGING_IN, SESSION_LISTED, SESSION_LOGGING_OUT };

struct service_session {
    struct service_sessions *sessions;
    TAILQ_ENTRY(service_session) entry;
    enum session_phase phase;
    bool informational;
    struct initiator_session *initiator; // NULL: it has no connection
    uv_timer_t *timer;                   // of its own: it is freed when the loop has closed it
    struct truth_session truth;          // its connection is the member below
    struct truth_connection connection;
    size_t questions;           // for its devices, under way
    bool closing;               // its connection is being closed
    service_session_done *done; // of the login or logout under way
    void *argument;
};

TAILQ_HEAD(session_list, service_session);

struct service_sessions {
    struct supervisor *supervisor;
    char *table;
    uint64_t generation;
    uint64_t adapter_unique;
    uint32_t made;  // all that were begun: makes ISIDs and identifiers
    uint8_t random; // of the ISIDs
    size_t beginning_count;
    size_t listed_count;
    struct session_list beginning; // logins under way
    struct session_list listed;    // in the order in which they were logged in
};

size_t service_sessions_count(const struct service_sessions *sessions)
{
    return sessions->listed_count;
}

// ---- the list ----

static int publish(struct service_sessions *sessions, struct failure *failure)
{
    struct truth truth = {.generation = ++sessions->generation};
    truth.sessions = calloc(sessions->listed_count + 1, sizeof *truth.sessions);
    if (truth.sessions == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "initiator service: out of memory");
    const struct service_session *session = NULL;
    TAILQ_FOREACH(session, &sessions->listed, entry)
    {
        truth.sessions[truth.session_count++] = session->truth;
    }
    int result = session_table_write(sessions->table, &truth, failure);
    free(truth.sessions);
    return result;
}

static void list_add(struct service_session *session)
{
    struct service_sessions *sessions = session->sessions;
    TAILQ_REMOVE(&sessions->beginning, session, entry);
    sessions->beginning_count--;
    TAILQ_INSERT_TAIL(&sessions->listed, session, entry);
    sessions->listed_count++;
}

static void list_remove(struct service_session *session)
{
    struct service_sessions *sessions = session->sessions;
    if (session->phase == SESSION_LOGGING_IN) {
        TAILQ_REMOVE(&sessions->beginning, session, entry);
        sessions->beginning_count--;
    } else {
        TAILQ_REMOVE(&sessions->listed, session, entry);
        sessions->listed_count--;
    }
}

// ---- the end of a session, and of a request ----

static void timer_closed(uv_handle_t *timer)
{
    free(timer);
}

static void session_free(struct service_session *session)
{
    session->closing = true;
    initiator_destroy(session->initiator);
    if (session->timer != NULL)
        uv_close((uv_handle_t *)session->timer, timer_closed);
    session->truth.connections = NULL; // not its own
    truth_session_clear(&session->truth);
    free(session);
}

static void session_forget(struct service_session *session)
{
    list_remove(session);
    session_free(session);
}

static void answer(struct service_session *session, uint32_t status,
                   const struct truth_session *truth)
{
    service_session_done *done = session->done;
    session->done = NULL;
    (void)uv_timer_stop(session->timer);
    if (done != NULL)
        done(status, truth, session->argument);
}

static void login_failed(struct service_session *session, uint32_t status)
{
    answer(session, status, NULL);
    session_forget(session);
}

// The session has no connection any more, and stays in the list.
static void connection_lost(struct service_session *session)
{
    session->closing = true;
    initiator_destroy(session->initiator);
    session->closing = false;
    session->initiator = NULL;
    session->phase = SESSION_LISTED;
    session->truth.connections = NULL;
    session->truth.connection_count = 0;
    (void)publish(session->sessions, NULL); // what can't be published now, the next change will
    answer(session, LIST_ISCSI_CONNECTION_FAILED, NULL);
}

static void logout_ended(struct service_session *session)
{
    list_remove(session);
    uint32_t status =
        publish(session->sessions, NULL) == 0 ? LIST_SUCCESS : LIST_ISCSI_OUT_OF_RESOURCES;
    answer(session, status, NULL);
    session_free(session);
}

// ---- what happens to a session ----

static void tell_connection(struct service_session *session)
{
    const struct initiator_endpoint *local = initiator_local(session->initiator);
    const struct initiator_endpoint *remote = initiator_remote(session->initiator);
    struct truth_connection *connection = &session->connection;
    *connection = (struct truth_connection){
        .adapter_unique = session->truth.adapter_unique,
        .adapter_specific = session->truth.adapter_specific,
        .cid = initiator_cid(session->initiator),
        .initiator_port = local->port,
        .target_port = remote->port,
    };
    snprintf(connection->initiator_address, sizeof connection->initiator_address, "%s",
             local->address);
    snprintf(connection->target_address, sizeof connection->target_address, "%s", remote->address);
    session->truth.connections = connection;
    session->truth.connection_count = 1;
}

static void login_succeeded(struct service_session *session)
{
    initiator_expect_drop(session->initiator);
    memcpy(session->truth.tsid, initiator_tsih(session->initiator), sizeof session->truth.tsid);
    tell_connection(session);
    list_add(session);
    session->phase = SESSION_LISTED;
    if (publish(session->sessions, NULL) == 0)
        answer(session, LIST_SUCCESS, &session->truth);
    else
        login_failed(session, LIST_ISCSI_OUT_OF_RESOURCES);
}

// May destroy the initiator: nothing is done with it afterwards.
static void changed(struct initiator_session *initiator, void *argument)
{
    struct service_session *session = argument;
    enum initiator_state state = initiator_state(initiator);
    if (session->phase == SESSION_LOGGING_IN && state == INITIATOR_LOGGED_IN)
        login_succeeded(session);
    else if (session->phase == SESSION_LOGGING_IN)
        login_failed(session, service_login_status(initiator_login_status(initiator)));
    else if (state == INITIATOR_LOGGED_OUT)
        logout_ended(session);
    else
        connection_lost(session);
}

static void patience_ended(uv_timer_t *timer)
{
    struct service_session *session = timer->data;
    if (session->phase == SESSION_LOGGING_IN)
        login_failed(session, LIST_ISCSI_CONNECTION_FAILED);
    else
        connection_lost(session);
}

// ---- login ----

static int identify(struct service_session *session, const struct service_login *login)
{
    struct service_sessions *sessions = session->sessions;
    struct truth_session *truth = &session->truth;
    uint32_t number = ++sessions->made;
    truth->adapter_unique = sessions->adapter_unique;
    truth->adapter_specific = number;
    truth->isid[0] = ISID_RANDOM;
    truth->isid[1] = sessions->random;
    for (unsigned i = 0; i < 4; i++)
        truth->isid[2 + i] = (uint8_t)(number >> (24 - 8 * i));
    truth->initiator_name = strdup(SERVICE_INITIATOR_NAME);
    truth->target_node_name = strdup(login->target);
    truth->target_name = strdup(login->target);
    bool complete = truth->initiator_name != NULL && truth->target_node_name != NULL &&
                    truth->target_name != NULL;
    return complete ? 0 : -1;
}

// A new session, in the list of those whose login is under way. NULL: memory ran out.
static struct service_session *session_new(struct service_sessions *sessions,
                                           const struct service_login *login)
{
    struct service_session *session = calloc(1, sizeof *session);
    uv_timer_t *timer = calloc(1, sizeof *timer);
    if (session == NULL || timer == NULL ||
        uv_timer_init(supervisor_loop(sessions->supervisor), timer) != 0) {
        free(session);
        free(timer);
        return NULL;
    }
    timer->data = session;
    session->timer = timer;
    session->sessions = sessions;
    session->informational = login->informational;
    if (identify(session, login) != 0) {
        session_free(session);
        return NULL;
    }
    TAILQ_INSERT_TAIL(&sessions->beginning, session, entry);
    sessions->beginning_count++;
    return session;
}

static uint32_t login_begin(struct service_session *session, const struct service_login *login)
{
    char alias[ALIAS_SIZE];
    snprintf(alias, sizeof alias, "tck-service-%" PRIu64, session->truth.adapter_specific);
    struct initiator_options options;
    if (!service_login_options(&options, login, session->truth.isid, alias) || options.discovery)
        return LIST_INVALID_PARAMETER;
    options.changed = changed;
    options.argument = session;
    if (initiator_login(&session->initiator, session->sessions->supervisor, &options, NULL) != 0)
        return LIST_ISCSI_OUT_OF_RESOURCES;
    return LIST_SUCCESS;
}

void service_sessions_login(struct service_sessions *sessions, const struct service_login *login,
                            service_session_done *done, void *argument)
{
    struct service_session *session = NULL;
    if (sessions->beginning_count + sessions->listed_count < SESSIONS_LIMIT)
        session = session_new(sessions, login);
    if (session == NULL) {
        done(LIST_ISCSI_OUT_OF_RESOURCES, NULL, argument);
        return;
    }
    session->done = done;
    session->argument = argument;
    uint32_t status = login_begin(session, login);
    if (status != LIST_SUCCESS)
        login_failed(session, status);
    else
        (void)uv_timer_start(session->timer, patience_ended, PATIENCE_MS, 0);
}

// ---- logout ----

// libiscsi forgets what is asked of a session that is logged out, and does not say so. So a logout
// begins when all questions are answered, and no question is asked of a session once its logout was
// asked for.
static struct service_session *find(const struct service_sessions *sessions,
                                    const uint64_t identifier[2])
{
    struct service_session *session = NULL;
    TAILQ_FOREACH(session, &sessions->listed, entry)
    {
        if (session->truth.adapter_unique == identifier[0] &&
            session->truth.adapter_specific == identifier[1])
            break;
    }
    return session;
}

void service_sessions_each(const struct service_sessions *sessions,
                           void (*each)(const uint64_t identifier[2], void *argument),
                           void *argument)
{
    const struct service_session *session = NULL;
    TAILQ_FOREACH(session, &sessions->listed, entry)
    {
        const uint64_t identifier[2] = {session->truth.adapter_unique,
                                        session->truth.adapter_specific};
        each(identifier, argument);
    }
}

void service_sessions_logout(struct service_sessions *sessions, const uint64_t identifier[2],
                             service_session_done *done, void *argument)
{
    struct service_session *session = find(sessions, identifier);
    if (session == NULL || session->phase == SESSION_LOGGING_OUT) {
        done(LIST_ISCSI_INVALID_SESSION_ID, NULL, argument);
        return;
    }
    session->done = done;
    session->argument = argument;
    if (session->initiator == NULL) {
        logout_ended(session);
    } else if (session->questions == 0 && initiator_logout(session->initiator, NULL) != 0) {
        connection_lost(session);
    } else {
        session->phase = SESSION_LOGGING_OUT;
        (void)uv_timer_start(session->timer, patience_ended, PATIENCE_MS, 0);
    }
}

// ---- devices ----

// A question for the devices of a session.
struct question {
    struct service_session *session;
    service_devices_done *done;
    void *argument;
};

// While the connection is being closed, too: the question is over then.
static void devices_told(bool good, const struct lun *luns, size_t count, void *argument)
{
    struct question *question = argument;
    struct service_session *session = question->session;
    session->questions--;
    if (session->questions == 0 && session->phase == SESSION_LISTED)
        (void)uv_timer_stop(session->timer);
    // If it can't be begun, the timer ends it.
    if (session->questions == 0 && session->phase == SESSION_LOGGING_OUT && !session->closing)
        (void)initiator_logout(session->initiator, NULL);
    question->done(good ? LIST_SUCCESS : LIST_ISCSI_CONNECTION_FAILED,
                   session->truth.target_node_name, luns, count, question->argument);
    free(question);
}

static bool devices_ask(struct service_session *session, service_devices_done *done, void *argument)
{
    struct question *question = calloc(1, sizeof *question);
    if (question == NULL)
        return false;
    *question = (struct question){session, done, argument};
    if (luns_ask(session->initiator, devices_told, question) != 0) {
        free(question);
        return false;
    }
    session->questions++;
    if (session->phase == SESSION_LISTED)
        (void)uv_timer_start(session->timer, patience_ended, PATIENCE_MS, 0);
    return true;
}

void service_sessions_devices(struct service_sessions *sessions, const uint64_t identifier[2],
                              service_devices_done *done, void *argument)
{
    struct service_session *session = find(sessions, identifier);
    if (session == NULL || session->phase == SESSION_LOGGING_OUT)
        done(LIST_ISCSI_INVALID_SESSION_ID, NULL, NULL, 0, argument);
    else if (session->informational)
        done(LIST_SUCCESS, session->truth.target_node_name, NULL, 0, argument);
    else if (session->initiator == NULL)
        done(LIST_ISCSI_CONNECTION_FAILED, NULL, NULL, 0, argument);
    else if (!devices_ask(session, done, argument))
        done(LIST_ISCSI_OUT_OF_RESOURCES, NULL, NULL, 0, argument);
}

// ---- start and stop ----

static int choose_numbers(struct service_sessions *sessions, struct failure *failure)
{
    uint64_t random[2];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return failure_set(failure, STATUS_UNTRUSTED, "initiator service: getrandom: %s",
                           strerror(errno));
    sessions->adapter_unique = random[0] | 1; // not 0
    sessions->random = (uint8_t)random[1];
    return 0;
}

int service_sessions_start(struct service_sessions **result, struct supervisor *supervisor,
                           const char *table, struct failure *failure)
{
    *result = NULL;
    struct service_sessions *sessions = calloc(1, sizeof *sessions);
    if (sessions == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "initiator service: out of memory");
    sessions->supervisor = supervisor;
    TAILQ_INIT(&sessions->beginning);
    TAILQ_INIT(&sessions->listed);
    sessions->table = strdup(table);
    if (sessions->table == NULL)
        failure_set(failure, STATUS_UNTRUSTED, "initiator service: out of memory");
    if (sessions->table == NULL || choose_numbers(sessions, failure) != 0 ||
        publish(sessions, failure) != 0) {
        service_sessions_stop(sessions);
        return -1;
    }
    *result = sessions;
    return 0;
}

static void close_all(struct session_list *list)
{
    struct service_session *session = NULL;
    while ((session = TAILQ_FIRST(list)) != NULL) {
        TAILQ_REMOVE(list, session, entry);
        answer(session, LIST_ISCSI_SERVICE_UNAVAILABLE, NULL);
        session_free(session);
    }
}

void service_sessions_stop(struct service_sessions *sessions)
{
    if (sessions == NULL)
        return;
    close_all(&sessions->beginning);
    close_all(&sessions->listed);
    free(sessions->table);
    free(sessions);
}
