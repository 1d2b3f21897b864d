// SPDX-License-Identifier: Apache-2.0
// One session of a libiscsi initiator, driven by the supervisor's loop.
//
// libiscsi's callbacks only note what happened. The consequences are drawn after iscsi_service has
// returned, so that no context is closed while libiscsi works in it. The end of a connection is
// found here: libiscsi, with reconnecting switched off, reports it to nobody.
#include "emulator/initiator/initiator.h"

#include "conformance/base/endpoint.h"
#include "emulator/initiator/login_options.h"
#include "emulator/initiator/login_response.h"

#include <errno.h>
#include <fcntl.h>
#include <iscsi/iscsi.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    REDIRECTS_LIMIT = 4, // a target that redirects to itself does so for ever
    ERROR_SIZE = 512,
};

// What a callback of libiscsi noted, to be acted upon when it has returned.
enum session_event {
    EVENT_NONE,
    EVENT_FAILED,
    EVENT_LOGGED_IN,
    EVENT_LOGGED_OUT,
    EVENT_REDIRECTED,
};

struct initiator_session {
    struct iscsi_context *context;
    uv_loop_t *loop;
    uv_poll_t *poll;   // of its own: a handle must be closed before its descriptor is
    int polled_events; // what `poll` waits for now; 0: nothing
    unsigned redirects;
    enum initiator_state state;
    enum session_event event;
    bool drop_expected;
    bool reads_responses;
    struct login_response response;
    struct initiator_endpoint local;
    struct initiator_endpoint remote;
    char error[ERROR_SIZE];
    void (*changed)(struct initiator_session *session, void *argument);
    void *argument;
};

enum initiator_state initiator_state(const struct initiator_session *session)
{
    return session->state;
}

const char *initiator_error(const struct initiator_session *session)
{
    return session->state == INITIATOR_LOST ? session->error : "";
}

const struct initiator_endpoint *initiator_local(const struct initiator_session *session)
{
    return &session->local;
}

const struct initiator_endpoint *initiator_remote(const struct initiator_session *session)
{
    return &session->remote;
}

uint16_t initiator_cid(const struct initiator_session *session)
{
    (void)session;
    return 0; // libiscsi has one connection in a session and leaves the login's CID zero
}

const uint8_t *initiator_tsih(const struct initiator_session *session)
{
    return session->response.tsih;
}

uint16_t initiator_login_status(const struct initiator_session *session)
{
    return session->response.status;
}

struct iscsi_context *initiator_context(struct initiator_session *session)
{
    return session->context;
}

void initiator_expect_drop(struct initiator_session *session)
{
    session->drop_expected = true;
}

const char *initiator_library(void)
{
    return "libiscsi"; // it has no call that tells its version
}

// Keeps the first reason; what is said after it is its effect.
__attribute__((format(printf, 2, 3))) static void
session_note_error(struct initiator_session *session, const char *format, ...)
{
    if (session->error[0] != '\0')
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(session->error, sizeof session->error, format, arguments);
    va_end(arguments);
    size_t length = strlen(session->error);
    while (length > 0 && session->error[length - 1] == '\n')
        session->error[--length] = '\0';
}

// ---- what libiscsi tells ----

static int take_endpoint(int result, const struct sockaddr_storage *storage,
                         struct initiator_endpoint *endpoint)
{
    if (result != 0)
        return -1;
    return socket_address_read(storage, endpoint->address, &endpoint->port);
}

int initiator_endpoints(int fd, struct initiator_endpoint *local, struct initiator_endpoint *remote)
{
    struct sockaddr_storage storage = {0};
    socklen_t size = sizeof storage;
    if (take_endpoint(getsockname(fd, (struct sockaddr *)&storage, &size), &storage, local) != 0)
        return -1;
    size = sizeof storage;
    return take_endpoint(getpeername(fd, (struct sockaddr *)&storage, &size), &storage, remote);
}

// libiscsi has a status only for "moved temporarily"; "moved permanently" is in its error text.
static bool was_redirected(struct iscsi_context *context, int status)
{
    const char *error = iscsi_get_error(context);
    return status == SCSI_STATUS_REDIRECT ||
           (status != SCSI_STATUS_GOOD && iscsi_get_target_address(context)[0] != '\0' &&
            error != NULL && strstr(error, "Target moved") != NULL);
}

static void login_ended(struct iscsi_context *context, int status, void *data, void *argument)
{
    (void)data;
    struct initiator_session *session = argument;
    if (status == SCSI_STATUS_GOOD) {
        session->event = EVENT_LOGGED_IN;
        return;
    }
    if (was_redirected(context, status)) {
        session->event = EVENT_REDIRECTED;
        return;
    }
    session_note_error(session, "%s", iscsi_get_error(context));
    session->event = EVENT_FAILED;
}

// libiscsi sets SO_KEEPALIVE, with a probe after half a minute of silence. Thousands of connections
// that logged in together are probed in the same instant; the kernel's input queue holds 1,000
// packets and drops the rest, three times, and healthy connections time out. heartbeat.h watches
// tgtd instead.
static void stop_probing(int fd)
{
    const int off = 0;
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &off, sizeof off);
}

static void connect_ended(struct iscsi_context *context, int status, void *data, void *argument)
{
    (void)data;
    struct initiator_session *session = argument;
    if (status == SCSI_STATUS_GOOD &&
        initiator_endpoints(iscsi_get_fd(context), &session->local, &session->remote) != 0) {
        session_note_error(session, "can't tell the connection's ends: %s", strerror(errno));
        session->event = EVENT_FAILED;
    } else if (status != SCSI_STATUS_GOOD ||
               iscsi_login_async(context, login_ended, session) != 0) {
        session_note_error(session, "%s", iscsi_get_error(context));
        session->event = EVENT_FAILED;
    } else {
        stop_probing(iscsi_get_fd(context));
    }
}

static void logout_ended(struct iscsi_context *context, int status, void *data, void *argument)
{
    (void)data;
    struct initiator_session *session = argument;
    if (status == SCSI_STATUS_GOOD) {
        session->event = EVENT_LOGGED_OUT;
        return;
    }
    session_note_error(session, "logout: %s", iscsi_get_error(context));
    session->event = EVENT_FAILED;
}

// ---- the loop's side ----

static void on_closed(uv_handle_t *handle)
{
    free(handle);
}

// Takes the socket out of the loop. To be called before the socket is closed: afterwards its number
// may be used for another one, and the loop knows sockets by their numbers.
static void session_unwatch(struct initiator_session *session)
{
    if (session->poll != NULL)
        uv_close((uv_handle_t *)session->poll, on_closed);
    session->poll = NULL;
    session->polled_events = 0;
}

// Closes the socket. Must be the last thing that a caller does: `changed` may destroy the session.
static void session_end(struct initiator_session *session, enum initiator_state state)
{
    session_unwatch(session);
    iscsi_disconnect(session->context);
    session->state = state;
    if (state == INITIATOR_LOST)
        session_note_error(session, "the connection was lost");
    if (session->changed != NULL)
        session->changed(session, session->argument);
}

static void session_drop(struct initiator_session *session)
{
    bool recovering = session->drop_expected && session->state == INITIATOR_LOGGED_IN;
    session_end(session, recovering ? INITIATOR_RECOVERING : INITIATOR_LOST);
}

// Has the other end closed, or has the socket failed? Looks without taking anything from libiscsi.
static bool connection_ended(struct initiator_session *session, int status, int events)
{
    int fd = iscsi_get_fd(session->context);
    const char *during = session->state == INITIATOR_CONNECTING ? " during login" : "";
    if (status < 0) {
        int error = 0;
        socklen_t size = sizeof error;
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error == 0)
            error = ECONNRESET; // somebody else has read the error that the loop saw
        session_note_error(session, "the connection failed%s: %s", during, strerror(error));
        return true;
    }
    if ((events & UV_READABLE) == 0)
        return false;
    char byte;
    ssize_t seen = recv(fd, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT);
    if (seen == 0) {
        session_note_error(session, "the target closed the connection%s", during);
        return true;
    }
    if (seen < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
        session_note_error(session, "the connection failed%s: %s", during, strerror(errno));
        return true;
    }
    return false;
}

static void on_poll(uv_poll_t *poll, int status, int events);

static int poll_update(struct initiator_session *session)
{
    int wanted = iscsi_which_events(session->context);
    int events = ((wanted & POLLIN) ? UV_READABLE : 0) | ((wanted & POLLOUT) ? UV_WRITABLE : 0);
    if (events == session->polled_events)
        return 0;
    int error = uv_poll_start(session->poll, events, on_poll);
    if (error != 0) {
        session_note_error(session, "can't wait for its socket: %s", uv_strerror(error));
        return -1;
    }
    session->polled_events = events;
    return 0;
}

int initiator_update(struct initiator_session *session, struct failure *failure)
{
    if (poll_update(session) == 0)
        return 0;
    return failure_set(failure, STATUS_UNTRUSTED, "%s", session->error);
}

static int session_follow(struct initiator_session *session);

static void session_serve(struct initiator_session *session, int revents)
{
    if (iscsi_service(session->context, revents) == 0 || session->event != EVENT_NONE)
        return;
    session_note_error(session, "%s", iscsi_get_error(session->context));
    session->event = EVENT_FAILED;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct initiator_session *session = poll->data;
    if (connection_ended(session, status, events)) {
        session_drop(session);
        return;
    }
    session->event = EVENT_NONE;
    if (session->reads_responses && session->state == INITIATOR_CONNECTING &&
        (events & UV_READABLE) != 0 &&
        !login_response_look(&session->response, iscsi_get_fd(session->context)))
        return;
    session_serve(session,
                  ((events & UV_READABLE) ? POLLIN : 0) | ((events & UV_WRITABLE) ? POLLOUT : 0));
    // The login that follows the connect can be sent at once: to wait until the loop reports the
    // socket writable would take every login one more turn and three system calls.
    if (session->event == EVENT_NONE && (iscsi_which_events(session->context) & POLLOUT) != 0)
        session_serve(session, POLLOUT);
    if (session->event == EVENT_REDIRECTED && session_follow(session) != 0)
        session->event = EVENT_FAILED;
    if (session->event == EVENT_LOGGED_OUT) {
        session_end(session, INITIATOR_LOGGED_OUT);
    } else if (session->event == EVENT_FAILED || poll_update(session) != 0) {
        session_drop(session);
    } else if (session->event == EVENT_LOGGED_IN) {
        session->state = INITIATOR_LOGGED_IN;
        if (session->changed != NULL)
            session->changed(session, session->argument);
    }
}

// ---- beginning ----

static int session_watch(struct initiator_session *session, const char *portal,
                         struct failure *failure)
{
    uv_poll_t *poll = calloc(1, sizeof *poll);
    if (poll == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "portal %s: out of memory", portal);
    int error = uv_poll_init(session->loop, poll, iscsi_get_fd(session->context));
    if (error != 0) {
        free(poll);
        return failure_set(failure, STATUS_UNTRUSTED, "portal %s: can't watch its socket: %s",
                           portal, uv_strerror(error));
    }
    poll->data = session;
    session->poll = poll;
    if (poll_update(session) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "portal %s: %s", portal, session->error);
    return 0;
}

// The socket exists from here on, and the loop watches it.
static int begin_connection(struct initiator_session *session, const char *address, unsigned port,
                            struct failure *failure)
{
    char portal[sizeof "[]:65535" + INET6_ADDRSTRLEN];
    if (endpoint_format(address, port, portal, sizeof portal) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "portal address \"%s\" is not numeric",
                           address);
    if (iscsi_connect_async(session->context, portal, connect_ended, session) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "portal %s: %s", portal,
                           iscsi_get_error(session->context));
    int fd = iscsi_get_fd(session->context);
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "portal %s: fcntl: %s", portal,
                           strerror(errno));
    return session_watch(session, portal, failure);
}

// ---- redirection ----

// libiscsi follows a redirection only in calls that also talk to a LUN. This does what it does
// there: closes the connection, and logs in at the other address with the same context.
static int session_follow(struct initiator_session *session)
{
    const char *to = iscsi_get_target_address(session->context);
    char address[ERROR_SIZE];
    unsigned port = 0;
    struct failure failure = {0};
    if (session->redirects++ == REDIRECTS_LIMIT) {
        session_note_error(session, "the target redirects for the %uth time, to %s",
                           session->redirects, to);
        return -1;
    }
    login_parse_target_address(to, address, sizeof address, &port);
    session_unwatch(session);
    iscsi_disconnect(session->context);
    if (begin_connection(session, address, port, &failure) == 0)
        return 0;
    session_note_error(session, "the target redirects to %s: %s", to, failure.text);
    return -1;
}

int initiator_login(struct initiator_session **session, struct supervisor *supervisor,
                    const struct initiator_options *options, struct failure *failure)
{
    if (login_options_check(options, failure) != 0)
        return -1;
    struct initiator_session *begun = calloc(1, sizeof *begun);
    if (begun == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    begun->state = INITIATOR_CONNECTING;
    begun->reads_responses = options->reads_responses;
    begun->loop = supervisor_loop(supervisor);
    begun->context = iscsi_create_context(options->initiator_name);
    if (begun->context == NULL) {
        failure_set(failure, STATUS_UNTRUSTED, "libiscsi could not make a context: out of memory");
        goto failed;
    }
    if (login_options_set(begun->context, options, failure) != 0 ||
        begin_connection(begun, options->address, options->port, failure) != 0)
        goto failed;
    begun->changed = options->changed;
    begun->argument = options->argument;
    *session = begun;
    return 0;

failed:
    initiator_destroy(begun);
    return -1;
}

int initiator_logout(struct initiator_session *session, struct failure *failure)
{
    if (session->state != INITIATOR_LOGGED_IN)
        return failure_set(failure, STATUS_UNTRUSTED, "logout of a session that isn't logged in");
    if (iscsi_logout_async(session->context, logout_ended, session) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "logout: %s",
                           iscsi_get_error(session->context));
    if (poll_update(session) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "logout: %s", session->error);
    return 0;
}

int initiator_drop(struct initiator_session *session, struct failure *failure)
{
    if (session->state != INITIATOR_LOGGED_IN)
        return failure_set(failure, STATUS_UNTRUSTED, "drop of a session that isn't logged in");
    session->drop_expected = true;
    // ENOTCONN: the target has closed already, which the loop is about to see.
    if (shutdown(iscsi_get_fd(session->context), SHUT_WR) != 0 && errno != ENOTCONN)
        return failure_set(failure, STATUS_UNTRUSTED, "drop: %s", strerror(errno));
    return 0;
}

void initiator_destroy(struct initiator_session *session)
{
    if (session == NULL)
        return;
    session_unwatch(session);
    if (session->context != NULL)
        iscsi_destroy_context(session->context);
    free(session);
}
