// SPDX-License-Identifier: Apache-2.0
// A further connection of a session: its login, what an idle connection must answer, its end.
//
// Nothing that a peer sends is trusted: a PDU is taken when it is what this moment of the protocol
// allows and has the length that it may have; anything else ends the connection with words. The
// reference is RFC 7143, section 11, whose field names are used here.
#include "emulator/initiator/connection.h"

#include "conformance/base/endpoint.h"
#include "conformance/base/text.h"
#include "emulator/initiator/connection_login.h"
#include "emulator/initiator/pdu.h"
#include "emulator/scenario/topology.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PDUS_A_TURN = 16, // so that a peer that never stops does not stop the loop
    LOGOUT_TAG = 2,   // an Initiator Task Tag that no login has
    FLAG_FINAL = 0x80,
};

static const uint32_t reserved_tag = 0xFFFFFFFF;

// What the PDUs of one turn of the loop brought about.
enum connection_event {
    EVENT_NONE,
    EVENT_OPENED,
    EVENT_LOGGED_OUT,
};

struct connection {
    uv_loop_t *loop;
    uv_poll_t *poll; // of its own: a handle must be closed before its descriptor is
    int polled_events;
    enum connection_state state;
    enum connection_event event;
    bool drop_expected;
    struct pdu_stream pdus;
    struct connection_login login;
    struct initiator_endpoint local;
    struct initiator_endpoint remote;
    void (*changed)(struct connection *connection, void *argument);
    void *argument;
};

enum connection_state connection_state(const struct connection *connection)
{
    return connection->state;
}

const char *connection_error(const struct connection *connection)
{
    return connection->state == CONNECTION_LOST ? connection->pdus.error : "";
}

const struct initiator_endpoint *connection_local(const struct connection *connection)
{
    return &connection->local;
}

const struct initiator_endpoint *connection_remote(const struct connection *connection)
{
    return &connection->remote;
}

uint16_t connection_cid(const struct connection *connection)
{
    return connection->login.cid;
}

void connection_expect_drop(struct connection *connection)
{
    connection->drop_expected = true;
}

// ---- what it says afterwards ----

// A NOP-In from the target, answered if it asks for an answer. It carries no data.
static int take_nop_in(struct connection *connection)
{
    const uint8_t *header = connection->pdus.header;
    if (pdu_get32(header + 16) != reserved_tag)
        return pdu_refuse(&connection->pdus, "the target answered a ping that was not sent");
    if (connection->pdus.data_size != 0)
        return pdu_refuse(&connection->pdus, "the target's ping brings %zu bytes of data",
                          connection->pdus.data_size);
    if (pdu_get32(header + 20) == reserved_tag)
        return 0;
    uint8_t answer[PDU_HEADER_SIZE] = {OPCODE_NOP_OUT | OPCODE_IMMEDIATE, FLAG_FINAL};
    memcpy(answer + 8, header + 8, 8); // LUN
    pdu_put32(answer + 16, reserved_tag);
    memcpy(answer + 20, header + 20, 4); // Target Transfer Tag
    return pdu_send(&connection->pdus, answer, NULL, 0);
}

static int take_logout_response(struct connection *connection)
{
    const uint8_t *header = connection->pdus.header;
    if (connection->login.stage != STAGE_LOGOUT || pdu_get32(header + 16) != LOGOUT_TAG)
        return pdu_refuse(&connection->pdus, "the target answered a logout that was not sent");
    if (header[2] != 0)
        return pdu_refuse(&connection->pdus, "logout refused (response %u)", header[2]);
    connection->event = EVENT_LOGGED_OUT;
    return 0;
}

static int take_login_response(struct connection *connection)
{
    if (connection_login_take(&connection->login) != 0)
        return -1;
    if (connection->login.stage == STAGE_FULL_FEATURE)
        connection->event = EVENT_OPENED;
    return 0;
}

static int take_pdu(struct connection *connection)
{
    if (connection->login.stage == STAGE_SECURITY || connection->login.stage == STAGE_OPERATIONAL)
        return take_login_response(connection);
    switch (connection->pdus.header[0]) {
    case OPCODE_NOP_IN:
        return take_nop_in(connection);
    case OPCODE_LOGOUT_RESPONSE:
        return take_logout_response(connection);
    case OPCODE_ASYNC_MESSAGE: // what it announces will be seen when it happens
        connection->pdus.status_number = pdu_get32(connection->pdus.header + 24) + 1;
        return 0;
    case OPCODE_REJECT:
        return pdu_refuse(&connection->pdus, "the target rejected a PDU (reason 0x%02x)",
                          connection->pdus.header[2]);
    default:
        return pdu_refuse(&connection->pdus,
                          "the target sent a PDU of opcode 0x%02x to an idle connection",
                          connection->pdus.header[0]);
    }
}

static int receive_pdus(struct connection *connection)
{
    for (int pdus = 0; pdus < PDUS_A_TURN && connection->event != EVENT_LOGGED_OUT; pdus++) {
        int result = pdu_receive(&connection->pdus);
        if (result <= 0)
            return result;
        result = take_pdu(connection);
        pdu_forget(&connection->pdus);
        if (result != 0)
            return -1;
    }
    return 0;
}

// ---- the loop's side ----

static void on_closed(uv_handle_t *handle)
{
    free(handle);
}

// Takes the descriptor out of the loop before it closes it: afterwards its number may be used for
// another file.
static void let_go(struct connection *connection)
{
    if (connection->poll != NULL)
        uv_close((uv_handle_t *)connection->poll, on_closed);
    connection->poll = NULL;
    if (connection->pdus.fd >= 0)
        close(connection->pdus.fd);
    connection->pdus.fd = -1;
    pdu_forget(&connection->pdus);
    free(connection->pdus.waiting);
    connection->pdus.waiting = NULL;
    connection->pdus.waiting_size = 0;
    free(connection->login.offers);
    connection->login.offers = NULL;
}

// Must be the last thing that a caller does: `changed` may destroy the connection.
static void end(struct connection *connection, enum connection_state state)
{
    let_go(connection);
    connection->state = state;
    if (connection->changed != NULL)
        connection->changed(connection, connection->argument);
}

static void on_poll(uv_poll_t *poll, int status, int events);

static int poll_update(struct connection *connection)
{
    bool writing = connection->login.stage == STAGE_TCP || connection->pdus.waiting_size > 0;
    int events = UV_READABLE | (writing ? UV_WRITABLE : 0);
    if (events == connection->polled_events)
        return 0;
    int error = uv_poll_start(connection->poll, events, on_poll);
    if (error != 0)
        return pdu_refuse(&connection->pdus, "can't wait for its socket: %s", uv_strerror(error));
    connection->polled_events = events;
    return 0;
}

// Called when the TCP connection is made, or has failed.
static int finish_connect(struct connection *connection)
{
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(connection->pdus.fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    if (error != 0)
        return pdu_refuse(&connection->pdus, "can't connect: %s", strerror(error));
    if (initiator_endpoints(connection->pdus.fd, &connection->local, &connection->remote) != 0)
        return pdu_refuse(&connection->pdus, "can't tell the connection's ends: %s",
                          strerror(errno));
    return connection_login_begin(&connection->login);
}

static int serve(struct connection *connection, int status, int events)
{
    if (connection->pdus.error[0] != '\0') // connect failed at once
        return -1;
    if (connection->login.stage == STAGE_TCP)
        return finish_connect(connection);
    if ((events & UV_WRITABLE) != 0 && pdu_flush(&connection->pdus) != 0)
        return -1;
    if (status < 0) { // read what came before the error
        int result = receive_pdus(connection);
        return result != 0 ? result : pdu_note_drop(&connection->pdus, uv_strerror(status));
    }
    return (events & UV_READABLE) != 0 ? receive_pdus(connection) : 0;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct connection *connection = poll->data;
    connection->event = EVENT_NONE;
    if (status < 0) // libuv has stopped watching
        connection->polled_events = 0;
    int result = serve(connection, status, events);
    if (result == 0 && connection->event == EVENT_LOGGED_OUT) {
        end(connection, CONNECTION_LOGGED_OUT);
    } else if (result != 0 || poll_update(connection) != 0) {
        bool expected = connection->drop_expected && connection->state == CONNECTION_OPEN;
        end(connection,
            expected && connection->pdus.dropped ? CONNECTION_DROPPED : CONNECTION_LOST);
    } else if (connection->event == EVENT_OPENED) {
        connection->state = CONNECTION_OPEN;
        connection->pdus.when = "";
        if (connection->changed != NULL)
            connection->changed(connection, connection->argument);
    }
}

// ---- beginning ----

static int check_text(const char *what, const char *text, size_t most, struct failure *failure)
{
    size_t length = strlen(text);
    if (length >= 1 && length <= most)
        return 0;
    return failure_set(failure, STATUS_UNTRUSTED,
                       "connection: %s \"%.48s%s\" has %zu bytes; it must have 1 to %zu", what,
                       text, length > 48 ? "..." : "", length, most);
}

static int check_options(const struct connection_options *options, struct failure *failure)
{
    static const uint8_t no_session[2];
    if (check_text("initiator name", options->initiator_name, ISCSI_NAME_MAX, failure) != 0 ||
        check_text("target name", options->target_name, ISCSI_NAME_MAX, failure) != 0 ||
        check_text("alias", options->alias, ISCSI_NAME_MAX, failure) != 0)
        return -1;
    // A login without a TSIH makes a new session, and ends the one that it is meant for.
    if (memcmp(options->tsih, no_session, sizeof no_session) == 0)
        return failure_set(failure, STATUS_UNTRUSTED, "connection %u: no TSIH of a session to join",
                           options->cid);
    return 0;
}

static int copy_options(struct connection *connection, const struct connection_options *options)
{
    memcpy(connection->login.isid, options->isid, sizeof connection->login.isid);
    memcpy(connection->login.tsih, options->tsih, sizeof connection->login.tsih);
    connection->login.cid = options->cid;
    connection->changed = options->changed;
    connection->argument = options->argument;
    FILE *stream = open_memstream(&connection->login.offers, &connection->login.offers_size);
    if (stream == NULL)
        return -1;
    fprintf(stream, "InitiatorName=%s%cInitiatorAlias=%s%cTargetName=%s%c", options->initiator_name,
            0, options->alias, 0, options->target_name, 0);
    fprintf(stream, "SessionType=Normal%cAuthMethod=None%c", 0, 0);
    return text_close(stream, &connection->login.offers) ? 0 : -1;
}

static int begin_connect(struct connection *connection, const struct connection_options *options,
                         struct failure *failure)
{
    struct socket_address portal;
    if (socket_address_make(&portal, options->address, options->port) != 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "connection %u: portal address \"%s\" is not numeric", options->cid,
                           options->address);
    connection->pdus.fd =
        socket(portal.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (connection->pdus.fd < 0)
        return failure_set(failure, STATUS_UNTRUSTED, "connection %u: no socket: %s", options->cid,
                           strerror(errno));
    // A connect that fails at once is reported from the loop, as one that fails later is.
    if (connect(connection->pdus.fd, (struct sockaddr *)&portal.storage, portal.size) != 0 &&
        errno != EINPROGRESS)
        pdu_refuse(&connection->pdus, "can't connect: %s", strerror(errno));
    return 0;
}

static int watch(struct connection *connection, struct failure *failure)
{
    uv_poll_t *poll = calloc(1, sizeof *poll);
    if (poll == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "connection %u: out of memory",
                           connection->login.cid);
    int error = uv_poll_init(connection->loop, poll, connection->pdus.fd);
    if (error != 0) {
        free(poll);
        return failure_set(failure, STATUS_UNTRUSTED, "connection %u: can't watch its socket: %s",
                           connection->login.cid, uv_strerror(error));
    }
    poll->data = connection;
    connection->poll = poll;
    if (poll_update(connection) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "connection %u: %s", connection->login.cid,
                           connection->pdus.error);
    return 0;
}

int connection_open(struct connection **result, struct supervisor *supervisor,
                    const struct connection_options *options, struct failure *failure)
{
    *result = NULL;
    if (check_options(options, failure) != 0)
        return -1;
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "connection: out of memory");
    connection->loop = supervisor_loop(supervisor);
    connection->pdus.fd = -1;
    connection->pdus.when = " during login";
    connection->login.stage = STAGE_TCP;
    connection->login.pdus = &connection->pdus;
    if (copy_options(connection, options) != 0) {
        failure_set(failure, STATUS_UNTRUSTED, "connection: out of memory");
        goto failed;
    }
    if (begin_connect(connection, options, failure) != 0 || watch(connection, failure) != 0)
        goto failed;
    *result = connection;
    return 0;

failed:
    connection_destroy(connection);
    return -1;
}

// ---- ending ----

static int check_open(const struct connection *connection, const char *what,
                      struct failure *failure)
{
    if (connection->state == CONNECTION_OPEN && connection->login.stage == STAGE_FULL_FEATURE)
        return 0;
    return failure_set(failure, STATUS_UNTRUSTED, "connection %u: %s of one that isn't open",
                       connection->login.cid, what);
}

int connection_logout(struct connection *connection, struct failure *failure)
{
    enum { REASON_CLOSE_CONNECTION = 1 };
    uint8_t header[PDU_HEADER_SIZE] = {OPCODE_LOGOUT | OPCODE_IMMEDIATE,
                                       FLAG_FINAL | REASON_CLOSE_CONNECTION};
    if (check_open(connection, "logout", failure) != 0)
        return -1;
    pdu_put32(header + 16, LOGOUT_TAG);
    pdu_put16(header + 20, connection->login.cid);
    connection->login.stage = STAGE_LOGOUT;
    connection->pdus.when = " instead of answering the logout";
    if (pdu_send(&connection->pdus, header, NULL, 0) != 0 || poll_update(connection) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "connection %u: logout: %s",
                           connection->login.cid, connection->pdus.error);
    return 0;
}

int connection_close(struct connection *connection, struct failure *failure)
{
    if (check_open(connection, "closing", failure) != 0)
        return -1;
    connection->drop_expected = true;
    // ENOTCONN: the target has closed already, which the loop is about to see.
    if (shutdown(connection->pdus.fd, SHUT_WR) != 0 && errno != ENOTCONN)
        return failure_set(failure, STATUS_UNTRUSTED, "connection %u: shutdown: %s",
                           connection->login.cid, strerror(errno));
    return 0;
}

void connection_destroy(struct connection *connection)
{
    if (connection == NULL)
        return;
    let_go(connection);
    free(connection);
}
