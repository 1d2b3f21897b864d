// A further connection of a session: its login, what an idle connection must answer, its end.
//
// Nothing that a peer sends is trusted: a PDU is taken when it is what this moment of the protocol
// allows and has the length that it may have; anything else ends the connection with words. The
// reference is RFC 7143, section 11, whose field names are used here.
#include "emulator/initiator/connection.h"

#include "conformance/base/endpoint.h"
#include "emulator/scenario/topology.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HEADER_SIZE = 48,
    DATA_LIMIT = 8192,    // of a PDU to us: MaxRecvDataSegmentLength is left at its default
    WAITING_LIMIT = 8192, // bytes that the peer has not yet taken: an answer is 48
    ROUNDS_LIMIT = 8,     // login requests of one stage
    PDUS_A_TURN = 16,     // so that a peer that never stops does not stop the loop
    ERROR_SIZE = 512,
    LOGIN_TAG = 1, // the Initiator Task Tag of all of a login
    LOGOUT_TAG = 2,
};

enum opcode {
    OPCODE_NOP_OUT = 0x00,
    OPCODE_LOGIN = 0x03,
    OPCODE_LOGOUT = 0x06,
    OPCODE_NOP_IN = 0x20,
    OPCODE_LOGIN_RESPONSE = 0x23,
    OPCODE_LOGOUT_RESPONSE = 0x26,
    OPCODE_ASYNC_MESSAGE = 0x32,
    OPCODE_REJECT = 0x3F,
    IMMEDIATE = 0x40,
};

enum login_flag {
    FLAG_TRANSIT = 0x80,
    FLAG_CONTINUE = 0x40,
    FLAG_FINAL = 0x80, // of PDUs other than a login's
};

static const uint32_t reserved_tag = 0xFFFFFFFF;

// The stages of a login as their number is on the wire, and what comes before and after.
enum stage {
    STAGE_SECURITY = 0,
    STAGE_OPERATIONAL = 1,
    STAGE_FULL_FEATURE = 3,
    STAGE_TCP, // not connected yet
    STAGE_LOGOUT,
};

// What the PDUs of one turn of the loop brought about.
enum event {
    EVENT_NONE,
    EVENT_OPENED,
    EVENT_LOGGED_OUT,
};

struct connection {
    uv_loop_t *loop;
    uv_poll_t *poll; // of its own: a handle must be closed before its descriptor is
    int polled_events;
    int fd;
    enum connection_state state;
    enum stage stage;
    enum event event;
    bool drop_expected;
    bool dropped; // by the other side, or by the network
    uint8_t isid[6];
    uint8_t tsih[2];
    uint16_t cid;
    char *offers; // the text of the first login request
    size_t offers_size;
    unsigned rounds;
    uint32_t command_number; // CmdSN
    uint32_t status_number;  // ExpStatSN
    // The PDU that is arriving.
    uint8_t header[HEADER_SIZE];
    uint8_t *data;    // NULL until the header is complete
    size_t data_size; // without padding
    size_t have;      // bytes of header, data and padding
    // What the peer has not yet taken.
    uint8_t *waiting;
    size_t waiting_size;
    struct initiator_endpoint local;
    struct initiator_endpoint remote;
    char error[ERROR_SIZE];
    void (*changed)(struct connection *connection, void *argument);
    void *argument;
};

enum connection_state connection_state(const struct connection *connection)
{
    return connection->state;
}

const char *connection_error(const struct connection *connection)
{
    return connection->state == CONNECTION_LOST ? connection->error : "";
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
    return connection->cid;
}

void connection_expect_drop(struct connection *connection)
{
    connection->drop_expected = true;
}

// Keeps the first reason; what is said after it is its effect. Returns -1 always.
__attribute__((format(printf, 2, 3))) static int refuse(struct connection *connection,
                                                        const char *format, ...)
{
    if (connection->error[0] == '\0') {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(connection->error, sizeof connection->error, format, arguments);
        va_end(arguments);
    }
    return -1;
}

// The TCP connection is over, with an error or (NULL) in order.
static int note_drop(struct connection *connection, const char *error)
{
    const char *when = connection->state == CONNECTION_CONNECTING ? " during login"
                       : connection->stage == STAGE_LOGOUT ? " instead of answering the logout"
                                                           : "";
    connection->dropped = true;
    return error == NULL ? refuse(connection, "the target closed the connection%s", when)
                         : refuse(connection, "the connection failed%s: %s", when, error);
}

// ---- numbers on the wire ----

static uint16_t get16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t get32(const uint8_t *bytes)
{
    return (uint32_t)get16(bytes) << 16 | get16(bytes + 2);
}

static void put16(uint8_t *bytes, uint16_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

static void put32(uint8_t *bytes, uint32_t value)
{
    put16(bytes, (uint16_t)(value >> 16));
    put16(bytes + 2, (uint16_t)value);
}

static size_t padded(size_t size)
{
    return (size + 3) / 4 * 4;
}

// ---- sending ----

// Sends what the socket takes now; the rest stays in `waiting` until it can be written.
static int flush(struct connection *connection)
{
    size_t sent = 0;
    while (sent < connection->waiting_size) {
        ssize_t count = send(connection->fd, connection->waiting + sent,
                             connection->waiting_size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (count < 0)
            return note_drop(connection, strerror(errno));
        sent += (size_t)count;
    }
    connection->waiting_size -= sent;
    if (connection->waiting_size == 0) {
        free(connection->waiting);
        connection->waiting = NULL;
    } else {
        memmove(connection->waiting, connection->waiting + sent, connection->waiting_size);
    }
    return 0;
}

// Sends a PDU: fills in the lengths and the numbers that every request carries.
static int send_pdu(struct connection *connection, uint8_t header[HEADER_SIZE], const void *data,
                    size_t size)
{
    size_t end = connection->waiting_size;
    size_t more = HEADER_SIZE + padded(size);
    if (end > WAITING_LIMIT)
        return refuse(connection, "the target asks and does not read the answers");
    uint8_t *waiting = realloc(connection->waiting, end + more);
    if (waiting == NULL)
        return refuse(connection, "out of memory");
    connection->waiting = waiting;
    connection->waiting_size = end + more;
    header[5] = (uint8_t)(size >> 16);
    put16(header + 6, (uint16_t)size);
    put32(header + 24, connection->command_number);
    put32(header + 28, connection->status_number);
    memset(waiting + end, 0, more);
    memcpy(waiting + end, header, HEADER_SIZE);
    if (size > 0)
        memcpy(waiting + end + HEADER_SIZE, data, size);
    return flush(connection);
}

static enum stage stage_after(enum stage stage)
{
    return stage == STAGE_SECURITY ? STAGE_OPERATIONAL : STAGE_FULL_FEATURE;
}

// A Login Request of the present stage, which asks to go on to the next.
static int send_login(struct connection *connection, const char *text, size_t size)
{
    uint8_t header[HEADER_SIZE] = {OPCODE_LOGIN | IMMEDIATE};
    if (connection->rounds++ == ROUNDS_LIMIT)
        return refuse(connection, "the target keeps negotiating after %d login requests",
                      ROUNDS_LIMIT);
    header[1] =
        (uint8_t)(FLAG_TRANSIT | (unsigned)connection->stage << 2 | stage_after(connection->stage));
    memcpy(header + 8, connection->isid, sizeof connection->isid);
    memcpy(header + 14, connection->tsih, sizeof connection->tsih);
    put32(header + 16, LOGIN_TAG);
    put16(header + 20, connection->cid);
    return send_pdu(connection, header, text, size);
}

// The login begins in the security stage although there is nothing to secure: one that begins in
// the operational stage gets a session of its own from tgtd, whatever its TSIH says.
static int begin_login(struct connection *connection)
{
    connection->stage = STAGE_SECURITY;
    int result = send_login(connection, connection->offers, connection->offers_size);
    free(connection->offers);
    connection->offers = NULL;
    return result;
}

static int begin_operational_stage(struct connection *connection)
{
    static const char text[] = "HeaderDigest=None\0DataDigest=None";
    connection->stage = STAGE_OPERATIONAL;
    connection->rounds = 0;
    return send_login(connection, text, sizeof text);
}

// ---- what the target says during login ----

// Status-Class and Status-Detail in words (RFC 7143, 11.13.5).
static const char *login_status(unsigned status)
{
    static const struct {
        unsigned status;
        const char *words;
    } words[] = {
        {0x0101, "the target has moved for now"},
        {0x0102, "the target has moved for good"},
        {0x0200, "initiator error"},
        {0x0201, "authentication failed"},
        {0x0202, "not allowed"},
        {0x0203, "no such target, or not for this initiator"},
        {0x0204, "the target was removed"},
        {0x0205, "unsupported version"},
        {0x0206, "too many connections"},
        {0x0207, "a parameter is missing"},
        {0x0208, "the connection can't be included in the session"},
        {0x0209, "session type not supported"},
        {0x020A, "the session does not exist"},
        {0x020B, "invalid during login"},
        {0x0300, "target error"},
        {0x0301, "service unavailable"},
        {0x0302, "out of resources"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i].status == status)
            return words[i].words;
    }
    return "unknown status";
}

// Is it a key that the target tells and to which there is no answer, or the answer to our offer?
static bool needs_no_answer(const char *pair, size_t key_size)
{
    static const char *const keys[] = {
        "TargetPortalGroupTag", "TargetAlias", "TargetAddress",           "AuthMethod",
        "HeaderDigest",         "DataDigest",  "MaxRecvDataSegmentLength"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strlen(keys[i]) == key_size && memcmp(keys[i], pair, key_size) == 0)
            return true;
    }
    return false;
}

// The answers to our own offers: there is one acceptable to each.
static int check_answer(struct connection *connection, const char *pair, size_t key_size)
{
    static const char *const offered[] = {"AuthMethod", "HeaderDigest", "DataDigest"};
    for (size_t i = 0; i < sizeof offered / sizeof *offered; i++) {
        if (strlen(offered[i]) == key_size && memcmp(offered[i], pair, key_size) == 0 &&
            strcmp(pair + key_size + 1, "None") != 0)
            return refuse(connection, "login: the target wants %.200s; only None is offered", pair);
    }
    return 0;
}

// Reads the target's keys; those that it offers go into `answers`, accepted as they are: what is
// negotiated concerns commands, and none are sent here.
static int read_keys(struct connection *connection, FILE *answers)
{
    const char *text = (const char *)connection->data;
    size_t left = connection->data_size;
    if (left > 0 && text[left - 1] != '\0')
        return refuse(connection, "login: the target's text does not end");
    while (left > 0) {
        size_t size = strlen(text) + 1; // there is a NUL, see above
        const char *equals = strchr(text, '=');
        size_t key_size = equals == NULL ? 0 : (size_t)(equals - text);
        if (key_size == 0)
            return refuse(connection, "login: the target sent a text that is no key=value");
        if (check_answer(connection, text, key_size) != 0)
            return -1;
        if (!needs_no_answer(text, key_size))
            fwrite(text, 1, size, answers);
        text += size;
        left -= size;
    }
    return 0;
}

// The target wants to negotiate more in this stage, or goes on to the next as it was asked to.
static int go_on(struct connection *connection, unsigned flags, const char *answers, size_t size)
{
    if ((flags & FLAG_TRANSIT) == 0)
        return send_login(connection, answers, size);
    if ((flags & 3) != (unsigned)stage_after(connection->stage))
        return refuse(connection, "login: the target goes on from stage %d to stage %u",
                      (int)connection->stage, flags & 3);
    if (connection->stage == STAGE_SECURITY)
        return begin_operational_stage(connection);
    if (memcmp(connection->header + 14, connection->tsih, sizeof connection->tsih) != 0)
        return refuse(connection, "login: the target put it into session %02x%02x, not %02x%02x",
                      connection->header[14], connection->header[15], connection->tsih[0],
                      connection->tsih[1]);
    connection->stage = STAGE_FULL_FEATURE;
    connection->event = EVENT_OPENED;
    return 0;
}

static int check_login_response(struct connection *connection)
{
    const uint8_t *header = connection->header;
    unsigned status = get16(header + 36);
    if (header[0] != OPCODE_LOGIN_RESPONSE)
        return refuse(connection, "login: the target answered with opcode 0x%02x", header[0]);
    if (get32(header + 16) != LOGIN_TAG)
        return refuse(connection, "login: the target answered task 0x%08x, and 0x%08x was asked",
                      get32(header + 16), LOGIN_TAG);
    // Only then the rest of it: a refusal need not say more.
    if (status != 0)
        return refuse(connection, "login refused: %s (status 0x%04x)", login_status(status),
                      status);
    if (header[3] != 0)
        return refuse(connection, "login: the target speaks version %u of iSCSI", header[3]);
    if (memcmp(header + 8, connection->isid, sizeof connection->isid) != 0)
        return refuse(connection, "login: the target answered for another ISID");
    if ((unsigned)(header[1] >> 2 & 3) != (unsigned)connection->stage)
        return refuse(connection, "login: the target answered for stage %d in stage %d",
                      header[1] >> 2 & 3, (int)connection->stage);
    if ((header[1] & FLAG_CONTINUE) != 0)
        return refuse(connection, "login: the target's text is longer than one PDU");
    return 0;
}

static int take_login_response(struct connection *connection)
{
    if (check_login_response(connection) != 0)
        return -1;
    char *answers = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&answers, &size);
    if (stream == NULL)
        return refuse(connection, "out of memory");
    connection->command_number = get32(connection->header + 28); // ExpCmdSN
    connection->status_number = get32(connection->header + 24) + 1;
    int result = read_keys(connection, stream);
    if (fclose(stream) != 0)
        result = refuse(connection, "out of memory");
    if (result == 0)
        result = go_on(connection, connection->header[1], answers, size);
    free(answers);
    return result;
}

// ---- what it says afterwards ----

// A ping, which is answered if it asks for that. A target's ping brings no data.
static int take_nop_in(struct connection *connection)
{
    const uint8_t *header = connection->header;
    if (get32(header + 16) != reserved_tag)
        return refuse(connection, "the target answered a ping that was not sent");
    if (connection->data_size != 0)
        return refuse(connection, "the target's ping brings %zu bytes of data",
                      connection->data_size);
    if (get32(header + 20) == reserved_tag)
        return 0;
    uint8_t answer[HEADER_SIZE] = {OPCODE_NOP_OUT | IMMEDIATE, FLAG_FINAL};
    memcpy(answer + 8, header + 8, 8); // LUN
    put32(answer + 16, reserved_tag);
    memcpy(answer + 20, header + 20, 4); // Target Transfer Tag
    return send_pdu(connection, answer, NULL, 0);
}

static int take_logout_response(struct connection *connection)
{
    const uint8_t *header = connection->header;
    if (connection->stage != STAGE_LOGOUT || get32(header + 16) != LOGOUT_TAG)
        return refuse(connection, "the target answered a logout that was not sent");
    if (header[2] != 0)
        return refuse(connection, "logout refused (response %u)", header[2]);
    connection->event = EVENT_LOGGED_OUT;
    return 0;
}

static int take_pdu(struct connection *connection)
{
    if (connection->stage == STAGE_SECURITY || connection->stage == STAGE_OPERATIONAL)
        return take_login_response(connection);
    switch (connection->header[0]) {
    case OPCODE_NOP_IN:
        return take_nop_in(connection);
    case OPCODE_LOGOUT_RESPONSE:
        return take_logout_response(connection);
    case OPCODE_ASYNC_MESSAGE: // what it announces will be seen when it happens
        connection->status_number = get32(connection->header + 24) + 1;
        return 0;
    case OPCODE_REJECT:
        return refuse(connection, "the target rejected a PDU (reason 0x%02x)",
                      connection->header[2]);
    default:
        return refuse(connection, "the target sent a PDU of opcode 0x%02x to an idle connection",
                      connection->header[0]);
    }
}

// ---- receiving ----

// The header is complete: how much data follows?
static int begin_data(struct connection *connection)
{
    const uint8_t *header = connection->header;
    size_t size = (size_t)header[5] << 16 | get16(header + 6);
    if (header[4] != 0)
        return refuse(connection,
                      "the target sent a PDU (opcode 0x%02x) with %u additional header "
                      "words, and none may be here",
                      header[0], header[4]);
    if (size > DATA_LIMIT)
        return refuse(connection,
                      "the target sent a PDU (opcode 0x%02x) with %zu bytes of data, "
                      "and at most %d may be",
                      header[0], size, DATA_LIMIT);
    connection->data_size = size;
    connection->data = malloc(padded(size) + 1);
    return connection->data == NULL ? refuse(connection, "out of memory") : 0;
}

// One recv of what the present PDU lacks. 1: go on; 0: nothing more is there; -1: it is over.
static int receive(struct connection *connection)
{
    bool in_header = connection->have < HEADER_SIZE;
    uint8_t *to = in_header ? connection->header + connection->have
                            : connection->data + (connection->have - HEADER_SIZE);
    size_t want = in_header ? HEADER_SIZE - connection->have
                            : HEADER_SIZE + padded(connection->data_size) - connection->have;
    ssize_t count = recv(connection->fd, to, want, MSG_DONTWAIT);
    if (count < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR
                   ? 0
                   : note_drop(connection, strerror(errno));
    if (count == 0)
        return note_drop(connection, NULL);
    connection->have += (size_t)count;
    if (in_header && connection->have == HEADER_SIZE && begin_data(connection) != 0)
        return -1;
    return 1;
}

static void forget_pdu(struct connection *connection)
{
    free(connection->data);
    connection->data = NULL;
    connection->data_size = 0;
    connection->have = 0;
}

static int receive_pdus(struct connection *connection)
{
    for (int pdus = 0; pdus < PDUS_A_TURN && connection->event != EVENT_LOGGED_OUT;) {
        int result = receive(connection);
        if (result <= 0)
            return result;
        if (connection->have < HEADER_SIZE ||
            connection->have < HEADER_SIZE + padded(connection->data_size))
            continue;
        result = take_pdu(connection);
        forget_pdu(connection);
        if (result != 0)
            return -1;
        pdus++;
    }
    return 0;
}

// ---- the loop's side ----

static void on_closed(uv_handle_t *handle)
{
    free(handle);
}

// Takes the descriptor out of the loop and closes it, in this order: afterwards its number may be
// another's.
static void let_go(struct connection *connection)
{
    if (connection->poll != NULL)
        uv_close((uv_handle_t *)connection->poll, on_closed);
    connection->poll = NULL;
    if (connection->fd >= 0)
        close(connection->fd);
    connection->fd = -1;
    forget_pdu(connection);
    free(connection->waiting);
    connection->waiting = NULL;
    connection->waiting_size = 0;
    free(connection->offers);
    connection->offers = NULL;
}

// The caller ends with this, see `changed`.
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
    bool writing = connection->stage == STAGE_TCP || connection->waiting_size > 0;
    int events = UV_READABLE | (writing ? UV_WRITABLE : 0);
    if (events == connection->polled_events)
        return 0;
    int error = uv_poll_start(connection->poll, events, on_poll);
    if (error != 0)
        return refuse(connection, "can't wait for its socket: %s", uv_strerror(error));
    connection->polled_events = events;
    return 0;
}

// The TCP connection stands, or it failed.
static int finish_connect(struct connection *connection)
{
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    if (error != 0)
        return refuse(connection, "can't connect: %s", strerror(error));
    if (initiator_endpoints(connection->fd, &connection->local, &connection->remote) != 0)
        return refuse(connection, "can't tell the connection's ends: %s", strerror(errno));
    return begin_login(connection);
}

static int serve(struct connection *connection, int status, int events)
{
    if (connection->error[0] != '\0') // connect failed at once
        return -1;
    if (connection->stage == STAGE_TCP)
        return finish_connect(connection);
    if ((events & UV_WRITABLE) != 0 && flush(connection) != 0)
        return -1;
    if (status < 0) { // what failed is in the socket, behind what the peer said before
        int result = receive_pdus(connection);
        return result != 0 ? result : note_drop(connection, uv_strerror(status));
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
        end(connection, expected && connection->dropped ? CONNECTION_DROPPED : CONNECTION_LOST);
    } else if (connection->event == EVENT_OPENED) {
        connection->state = CONNECTION_OPEN;
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
        check_text("alias", options->alias, TOPOLOGY_ALIAS_MAX, failure) != 0)
        return -1;
    // A login without a TSIH would be one of a new session, and end the one it is meant for.
    if (memcmp(options->tsih, no_session, sizeof no_session) == 0)
        return failure_set(failure, STATUS_UNTRUSTED, "connection %u: no TSIH of a session to join",
                           options->cid);
    return 0;
}

static int copy_options(struct connection *connection, const struct connection_options *options)
{
    memcpy(connection->isid, options->isid, sizeof connection->isid);
    memcpy(connection->tsih, options->tsih, sizeof connection->tsih);
    connection->cid = options->cid;
    connection->changed = options->changed;
    connection->argument = options->argument;
    FILE *stream = open_memstream(&connection->offers, &connection->offers_size);
    if (stream == NULL)
        return -1;
    fprintf(stream, "InitiatorName=%s%cInitiatorAlias=%s%cTargetName=%s%c", options->initiator_name,
            0, options->alias, 0, options->target_name, 0);
    fprintf(stream, "SessionType=Normal%cAuthMethod=None%c", 0, 0);
    return fclose(stream) == 0 ? 0 : -1;
}

static int begin_connect(struct connection *connection, const struct connection_options *options,
                         struct failure *failure)
{
    struct socket_address portal;
    if (socket_address_make(&portal, options->address, options->port) != 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "connection %u: portal address \"%s\" is not numeric", options->cid,
                           options->address);
    connection->fd =
        socket(portal.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (connection->fd < 0)
        return failure_set(failure, STATUS_UNTRUSTED, "connection %u: no socket: %s", options->cid,
                           strerror(errno));
    // A refusal that is there at once is told in the loop, too, as a later one would be.
    if (connect(connection->fd, (struct sockaddr *)&portal.storage, portal.size) != 0 &&
        errno != EINPROGRESS)
        refuse(connection, "can't connect: %s", strerror(errno));
    return 0;
}

static int watch(struct connection *connection, struct failure *failure)
{
    uv_poll_t *poll = calloc(1, sizeof *poll);
    if (poll == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "connection %u: out of memory",
                           connection->cid);
    int error = uv_poll_init(connection->loop, poll, connection->fd);
    if (error != 0) {
        free(poll);
        return failure_set(failure, STATUS_UNTRUSTED, "connection %u: can't watch its socket: %s",
                           connection->cid, uv_strerror(error));
    }
    poll->data = connection;
    connection->poll = poll;
    if (poll_update(connection) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "connection %u: %s", connection->cid,
                           connection->error);
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
    connection->fd = -1;
    connection->stage = STAGE_TCP;
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
    if (connection->state == CONNECTION_OPEN && connection->stage == STAGE_FULL_FEATURE)
        return 0;
    return failure_set(failure, STATUS_UNTRUSTED, "connection %u: %s of one that isn't open",
                       connection->cid, what);
}

int connection_logout(struct connection *connection, struct failure *failure)
{
    enum { REASON_CLOSE_CONNECTION = 1 };
    uint8_t header[HEADER_SIZE] = {OPCODE_LOGOUT | IMMEDIATE, FLAG_FINAL | REASON_CLOSE_CONNECTION};
    if (check_open(connection, "logout", failure) != 0)
        return -1;
    put32(header + 16, LOGOUT_TAG);
    put16(header + 20, connection->cid);
    connection->stage = STAGE_LOGOUT;
    if (send_pdu(connection, header, NULL, 0) != 0 || poll_update(connection) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "connection %u: logout: %s", connection->cid,
                           connection->error);
    return 0;
}

int connection_close(struct connection *connection, struct failure *failure)
{
    if (check_open(connection, "closing", failure) != 0)
        return -1;
    connection->drop_expected = true;
    // That the target has closed already is no reason to complain: the loop is about to see it.
    if (shutdown(connection->fd, SHUT_WR) != 0 && errno != ENOTCONN)
        return failure_set(failure, STATUS_UNTRUSTED, "connection %u: shutdown: %s",
                           connection->cid, strerror(errno));
    return 0;
}

void connection_destroy(struct connection *connection)
{
    if (connection == NULL)
        return;
    let_go(connection);
    free(connection);
}
