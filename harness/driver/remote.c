// SPDX-License-Identifier: Apache-2.0
// Connects to a listener and takes apart what it says.
#include "harness/driver/remote.h"

#include "emulator/process/capture.h"
#include "emulator/process/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CONNECT_PATIENCE_MS = 5000,
    SAID_KEPT = 4096, // bytes of the end of what the host prints
};

struct remote {
    const struct remote_options *options;
    int channel; // borrowed
    bool answered;
    struct relay_answer answer;
    bool has_header;
    struct chunk_header header;
    size_t left;                      // bytes of the chunk that have not come
    uint8_t piece[RELAY_ANSWER_SIZE]; // of what must be whole to be understood
    size_t have;                      // bytes of it
    bool ended;
    struct relay_exit end;
    struct relay_memory memory;
    struct capture capture;
    char *said;
    struct failure failure;
};

// --- the command line

int remote_parse(struct remote_options *options, const char *text, struct failure *failure)
{
    static const char scheme[] = "tcp://";
    if (strncmp(text, scheme, sizeof scheme - 1) != 0 || strlen(text) >= sizeof options->text ||
        !relay_address_split(text + sizeof scheme - 1, options->address, sizeof options->address,
                             &options->port) ||
        options->port == 0)
        return failure_set(failure, STATUS_USAGE,
                           "--host %s: give tcp://ADDRESS:PORT, as the listener printed it", text);
    snprintf(options->text, sizeof options->text, "%s", text);
    return 0;
}

int remote_read_token(struct remote_options *options, const char *path, struct failure *failure)
{
    char text[RELAY_TOKEN_MAX * 2];
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t size = file >= 0 ? read(file, text, sizeof text) : -1;
    int error = errno;
    if (file >= 0)
        close(file);
    if (size < 0)
        return failure_set(failure, failure_input_status(error),
                           "--token-file %s: %s; give the file that the listener was given", path,
                           strerror(error));
    if (!relay_token_parse(options->token, text, (size_t)size))
        return failure_set(failure, STATUS_USAGE,
                           "--token-file %s: no token; give the file that the listener was given, "
                           "which has 16 to 256 characters without blanks",
                           path);
    return 0;
}

// --- the connection

// Connects in a bounded time. The socket, or -1 with errno.
static int connect_to(const struct addrinfo *place)
{
    int error = 0;
    socklen_t size = sizeof error;
    int channel = socket(place->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (channel < 0)
        return -1;
    if (connect(channel, place->ai_addr, place->ai_addrlen) == 0)
        return channel;
    error = errno;
    if (error == EINPROGRESS && transfer_await(channel, POLLOUT, CONNECT_PATIENCE_MS) <= 0)
        error = ETIMEDOUT;
    else if (error == EINPROGRESS && getsockopt(channel, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    if (error == 0)
        return channel;
    close(channel);
    errno = error;
    return -1;
}

static int connect_by_name(const struct remote_options *options, struct failure *failure)
{
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *places = NULL;
    char port[8];
    int channel = -1;
    snprintf(port, sizeof port, "%u", options->port);
    int error = getaddrinfo(options->address, port, &wanted, &places);
    if (error != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "--host %s: no such address: %s",
                           options->text, gai_strerror(error));
    for (const struct addrinfo *at = places; at != NULL && channel < 0; at = at->ai_next)
        channel = connect_to(at);
    error = errno;
    freeaddrinfo(places);
    if (channel < 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "--host %s: no listener can be reached there: %s; start "
                           "'iscsidsc-tck-host --listen' on that machine (docs/remote-host.md)",
                           options->text, strerror(error));
    return channel;
}

static int send_request(int channel, const struct relay_request *request)
{
    uint8_t bytes[RELAY_REQUEST_SIZE];
    int size = relay_request_encode(bytes, sizeof bytes, request);
    return size > 0 ? transfer_send(channel, bytes, (size_t)size, CONNECT_PATIENCE_MS) : -1;
}

int remote_start(struct remote **result, const struct remote_options *options, uint64_t nonce,
                 enum relay_seat seat, enum relay_table table_is, const char *table, int *channel,
                 struct failure *failure)
{
    const int on = 1;
    struct relay_request request = {
        .nonce = nonce, .seat = (uint8_t)seat, .table_is = (uint8_t)table_is};
    *channel = -1;
    if (table != NULL && strlen(table) >= sizeof request.table)
        return failure_set(failure, STATUS_UNTRUSTED, "%s: the path is too long for a listener",
                           table);
    snprintf(request.table, sizeof request.table, "%s", table != NULL ? table : "");
    memcpy(request.token, options->token, sizeof request.token);
    struct remote *remote = calloc(1, sizeof *remote);
    if (remote == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "host: out of memory");
    *channel = connect_by_name(options, failure);
    if (*channel < 0) {
        free(remote);
        return -1;
    }
    remote->options = options;
    remote->channel = *channel;
    remote->capture.limit = SAID_KEPT;
    setsockopt(*channel, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (send_request(*channel, &request) != 0)
        failure_set(&remote->failure, STATUS_UNTRUSTED,
                    "--host %s: the listener took no request: %s", options->text, strerror(errno));
    *result = remote;
    return 0;
}

// --- what comes

// The connection is of no use any more.
static ssize_t fail(struct remote *remote, const char *what)
{
    failure_set(&remote->failure, STATUS_UNTRUSTED, "--host %s: %s", remote->options->text, what);
    return 0;
}

// Reads once. The count; 0: the connection is of no use any more; -1 with errno: nothing is there.
static ssize_t read_some(struct remote *remote, void *into, size_t room)
{
    ssize_t got = 0;
    do
        got = recv(remote->channel, into, room, MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got > 0 || (got < 0 && errno == EAGAIN))
        return got;
    char text[256];
    snprintf(text, sizeof text, "the connection to the listener ended%s%s%s", got < 0 ? ": " : "",
             got < 0 ? strerror(errno) : "",
             remote->answered ? "" : ", without an answer; is it one of iscsidsc-tck-host?");
    return fail(remote, text);
}

// Reads until `size` bytes of a piece are there. As read_some.
static ssize_t read_piece(struct remote *remote, size_t size)
{
    while (remote->have < size) {
        ssize_t got = read_some(remote, remote->piece + remote->have, size - remote->have);
        if (got <= 0)
            return got;
        remote->have += (size_t)got;
    }
    return (ssize_t)size;
}

static ssize_t refuse(struct remote *remote)
{
    static const char *const reasons[RELAY_STATUS_COUNT] = {
        [RELAY_OTHER_VERSION] =
            "the listener is of another version than this kit; take both of one "
            "release",
        [RELAY_WRONG_TOKEN] = "the listener has another token; give the kit and the listener the "
                              "same --token-file",
        [RELAY_BUSY] = "the listener is busy with another kit; wait for its end, or start another "
                       "listener",
        [RELAY_NO_CHILD] = "the listener can't start a host; is its machine out of memory?",
    };
    if (remote->answer.version != RELAY_VERSION)
        return fail(remote, reasons[RELAY_OTHER_VERSION]);
    return fail(remote, reasons[remote->answer.status]);
}

// Takes the answer. As read_some.
static ssize_t take_answer(struct remote *remote)
{
    ssize_t got = read_piece(remote, RELAY_ANSWER_START);
    if (got <= 0)
        return got;
    int read = relay_answer_decode(&remote->answer, remote->piece, RELAY_ANSWER_START);
    if (read == RELAY_ANSWER_START)
        return refuse(remote);
    got = read_piece(remote, RELAY_ANSWER_SIZE);
    if (got <= 0)
        return got;
    remote->have = 0;
    if (relay_answer_decode(&remote->answer, remote->piece, RELAY_ANSWER_SIZE) < 0)
        return fail(remote, "what answers there is no listener of iscsidsc-tck-host");
    if (remote->answer.status != RELAY_WELCOME)
        return refuse(remote);
    remote->answered = true;
    return got;
}

static ssize_t take_header(struct remote *remote)
{
    ssize_t got = read_piece(remote, CHUNK_HEADER_SIZE);
    if (got <= 0)
        return got;
    remote->have = 0;
    if (chunk_header_decode(&remote->header, remote->piece, CHUNK_HEADER_SIZE) < 0)
        return fail(remote, "the listener sent what the protocol does not know");
    remote->has_header = true;
    remote->left = remote->header.size;
    return got;
}

static void take(struct remote *remote, size_t count)
{
    remote->left -= count;
    remote->has_header = remote->left > 0;
}

static ssize_t take_said(struct remote *remote)
{
    char bytes[4096];
    ssize_t got =
        read_some(remote, bytes, remote->left < sizeof bytes ? remote->left : sizeof bytes);
    if (got > 0) {
        capture_add(&remote->capture, bytes, (size_t)got);
        take(remote, (size_t)got);
    }
    return got;
}

// MEMORY or EXIT.
static ssize_t take_small(struct remote *remote)
{
    bool is_exit = remote->header.kind == CHUNK_EXIT;
    ssize_t got = read_piece(remote, remote->header.size);
    if (got <= 0)
        return got;
    remote->have = 0;
    take(remote, remote->header.size);
    int read = is_exit ? relay_exit_decode(&remote->end, remote->piece, CHUNK_EXIT_SIZE)
                       : relay_memory_decode(&remote->memory, remote->piece, CHUNK_MEMORY_SIZE);
    if (read < 0)
        return fail(remote, "the listener sent what the protocol does not know");
    remote->ended = is_exit;
    return got;
}

ssize_t remote_receive(struct remote *remote, void *into, size_t room)
{
    while (!remote->ended && remote->failure.status == 0) {
        ssize_t got = 0;
        if (!remote->answered) {
            got = take_answer(remote);
        } else if (!remote->has_header) {
            got = take_header(remote);
        } else if (remote->header.kind == CHUNK_FRAMES) {
            got = read_some(remote, into, remote->left < room ? remote->left : room);
            if (got > 0)
                take(remote, (size_t)got);
            return got;
        } else {
            got = remote->header.kind == CHUNK_SAID ? take_said(remote) : take_small(remote);
        }
        if (got <= 0)
            return got;
    }
    return 0;
}

bool remote_failed(const struct remote *remote, bool late, struct failure *failure)
{
    if (remote->failure.status != 0)
        failure_set(failure, remote->failure.status, "%s", remote->failure.text);
    else if (late && !remote->answered)
        failure_set(failure, STATUS_UNTRUSTED,
                    "--host %s: the listener did not answer in time; is it one of "
                    "iscsidsc-tck-host?",
                    remote->options->text);
    else
        return false;
    return true;
}

const struct relay_answer *remote_answer(const struct remote *remote)
{
    return remote->answered ? &remote->answer : NULL;
}

const struct relay_exit *remote_end(const struct remote *remote)
{
    return remote->ended ? &remote->end : NULL;
}

struct relay_memory remote_memory(const struct remote *remote)
{
    return remote->memory;
}

size_t remote_printed(const struct remote *remote)
{
    return remote->capture.total;
}

const char *remote_said_since(struct remote *remote, size_t mark)
{
    free(remote->said);
    remote->said = capture_text(&remote->capture, mark);
    return remote->said != NULL ? remote->said : "";
}

const char *remote_said_first(const struct remote *remote)
{
    return remote->capture.head;
}

void remote_free(struct remote *remote)
{
    if (remote == NULL)
        return;
    free(remote->capture.bytes);
    free(remote->said);
    free(remote);
}
