// SPDX-License-Identifier: Apache-2.0
// Clients may be slow, silent, malicious or dead. Each has a few kilobytes and a few seconds to
// send its line, and as long to take its answer. Where there are too many connections, the one that
// has been silent for longest makes room.
#include "emulator/service/clients.h"

#include "session_list.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/un.h>

enum {
    CLIENTS_LIMIT = 256, // connections
    BACKLOG = 128,
    PATIENCE_MS = 10000, // for the whole line, and for the whole answer
    SECRET_BYTES = 16,
    SECRET_SIZE = 2 * SECRET_BYTES + 1,
    ADDRESS_SIZE = 160,
};

union stream {
    uv_handle_t handle;
    uv_stream_t stream;
    uv_pipe_t pipe;
    uv_tcp_t tcp;
};

// It frees itself when both of its handles are closed.
struct client {
    union stream stream;
    uv_timer_t timer;
    int open; // handles that are not closed
    struct clients *clients;
    TAILQ_ENTRY(client) entry;
    bool asked; // its line has come; an answer is owed, or on its way
    size_t size;
    char line[REQUEST_SIZE];
    uv_write_t write;
    char *answer;
};

// What the loop holds on to until it is closed.
struct listener {
    union stream stream;
    struct clients *clients;
};

struct clients {
    uv_loop_t *loop;
    bool tcp;
    struct listener *listener; // NULL before it is made
    size_t count;
    TAILQ_HEAD(, client) all; // the oldest first
    char secret[SECRET_SIZE];
    char address[ADDRESS_SIZE];
    void (*handle)(struct client *client, const struct request *request, void *argument);
    void *argument;
};

const char *clients_address(const struct clients *clients)
{
    return clients->address;
}

// ---- the end of a connection ----

static void handle_closed(uv_handle_t *handle)
{
    struct client *client = handle->data;
    if (--client->open > 0)
        return;
    free(client->answer);
    free(client);
}

static void client_close(struct client *client)
{
    TAILQ_REMOVE(&client->clients->all, client, entry);
    client->clients->count--;
    uv_close(&client->stream.handle, handle_closed);
    uv_close((uv_handle_t *)&client->timer, handle_closed);
}

static void patience_ended(uv_timer_t *timer)
{
    client_close(timer->data);
}

// ---- answers ----

static void answer_written(uv_write_t *write, int status)
{
    (void)status;
    struct client *client = write->data;
    if (!uv_is_closing(&client->stream.handle))
        client_close(client);
}

void client_answer(struct client *client, uint32_t status, const char *fields)
{
    int size = asprintf(&client->answer, "0x%08x%s\n", status, fields);
    if (size < 0) {
        client->answer = NULL;
        client_close(client);
        return;
    }
    client->asked = true;
    client->write.data = client;
    const uv_buf_t buffer = uv_buf_init(client->answer, (unsigned)size);
    if (uv_timer_start(&client->timer, patience_ended, PATIENCE_MS, 0) != 0 ||
        uv_write(&client->write, &client->stream.stream, &buffer, 1, answer_written) != 0)
        client_close(client);
}

// ---- requests ----

// Takes as long for a secret that is almost right as for any other.
static bool is_secret(const struct clients *clients, const char *field)
{
    size_t length = strlen(field);
    unsigned different = length ^ (SECRET_SIZE - 1) ? 1 : 0;
    for (size_t i = 0; i < SECRET_SIZE - 1; i++)
        different |= (unsigned char)clients->secret[i] ^ (unsigned char)field[i < length ? i : 0];
    return different == 0;
}

static void take_line(struct client *client, size_t length)
{
    struct request request;
    if (length + 1 != client->size || !request_read(&request, client->line, length)) {
        client_answer(client, LIST_INVALID_PARAMETER, "");
        return;
    }
    if (client->clients->tcp) {
        if (!is_secret(client->clients, request.fields[0])) {
            client_answer(client, LIST_ACCESS_DENIED, "");
            return;
        }
        request.count--;
        memmove(request.fields, request.fields + 1, request.count * sizeof *request.fields);
    }
    client->clients->handle(client, &request, client->clients->argument);
}

static void line_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)suggested;
    struct client *client = handle->data;
    *buffer = uv_buf_init(client->line + client->size, REQUEST_SIZE - (unsigned)client->size);
}

static void line_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    struct client *client = stream->data;
    if (size < 0) {
        client_close(client);
        return;
    }
    const char *end = size == 0 ? NULL : memchr(buffer->base, '\n', (size_t)size);
    client->size += (size_t)size;
    if (end == NULL && client->size < REQUEST_SIZE)
        return;
    (void)uv_read_stop(stream);
    (void)uv_timer_stop(&client->timer);
    client->asked = true;
    if (end == NULL)
        client_answer(client, LIST_INVALID_PARAMETER, ""); // too long
    else
        take_line(client, (size_t)(end - client->line));
}

// ---- connections ----

static int stream_init(const struct clients *clients, union stream *stream)
{
    return clients->tcp ? uv_tcp_init(clients->loop, &stream->tcp)
                        : uv_pipe_init(clients->loop, &stream->pipe, 0);
}

static void make_room(struct clients *clients)
{
    struct client *client = NULL;
    if (clients->count < CLIENTS_LIMIT)
        return;
    TAILQ_FOREACH(client, &clients->all, entry)
    {
        if (!client->asked) {
            client_close(client);
            return;
        }
    }
}

static void connected(uv_stream_t *listener, int status)
{
    struct clients *clients = ((struct listener *)listener->data)->clients;
    if (status < 0)
        return;
    make_room(clients);
    struct client *client = calloc(1, sizeof *client);
    if (client == NULL)
        return;
    client->clients = clients;
    if (stream_init(clients, &client->stream) != 0) {
        free(client);
        return;
    }
    (void)uv_timer_init(clients->loop, &client->timer);
    client->stream.handle.data = client;
    client->timer.data = client;
    client->open = 2;
    TAILQ_INSERT_TAIL(&clients->all, client, entry);
    clients->count++;
    if (uv_accept(listener, &client->stream.stream) != 0 || clients->count > CLIENTS_LIMIT ||
        uv_timer_start(&client->timer, patience_ended, PATIENCE_MS, 0) != 0 ||
        uv_read_start(&client->stream.stream, line_room, line_read) != 0)
        client_close(client);
}

// ---- start and stop ----

static int choose_secret(struct clients *clients, struct failure *failure)
{
    unsigned char random[SECRET_BYTES];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return failure_set(failure, STATUS_UNTRUSTED, "initiator service: getrandom: %s",
                           strerror(errno));
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(clients->secret + 2 * i, SECRET_SIZE - 2 * i, "%02x", random[i]);
    return 0;
}

static int bind_port(struct clients *clients)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int size = sizeof address;
    uv_tcp_t *tcp = &clients->listener->stream.tcp;
    int error = uv_tcp_bind(tcp, (const struct sockaddr *)&address, 0);
    if (error == 0)
        error = uv_tcp_getsockname(tcp, (struct sockaddr *)&address, &size);
    snprintf(clients->address, sizeof clients->address, "tcp:127.0.0.1:%u:%s",
             ntohs(address.sin_port), clients->secret);
    return error;
}

static int bind_path(struct clients *clients, const char *path)
{
    const struct sockaddr_un *address = NULL;
    if (strlen(path) >= sizeof address->sun_path) // libuv would cut it
        return UV_ENAMETOOLONG;
    int error = uv_pipe_bind(&clients->listener->stream.pipe, path);
    if (error == 0 && chmod(path, S_IRUSR | S_IWUSR) != 0)
        error = uv_translate_sys_error(errno);
    snprintf(clients->address, sizeof clients->address, "unix:%s", path);
    return error;
}

static int begin_listening(struct clients *clients, const char *path, struct failure *failure)
{
    if (clients->tcp && choose_secret(clients, failure) != 0)
        return -1;
    struct listener *listener = calloc(1, sizeof *listener);
    if (listener == NULL || stream_init(clients, &listener->stream) != 0) {
        free(listener);
        return failure_set(failure, STATUS_UNTRUSTED, "initiator service: out of memory");
    }
    listener->clients = clients;
    listener->stream.handle.data = listener;
    clients->listener = listener;
    int error = clients->tcp ? bind_port(clients) : bind_path(clients, path);
    if (error == 0)
        error = uv_listen(&listener->stream.stream, BACKLOG, connected);
    if (error != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "initiator service: can't listen%s%s: %s",
                           clients->tcp ? "" : " at ", clients->tcp ? "" : path,
                           uv_strerror(error));
    return 0;
}

int clients_start(struct clients **result, uv_loop_t *loop, const char *path,
                  void (*handle)(struct client *client, const struct request *request,
                                 void *argument),
                  void *argument, struct failure *failure)
{
    *result = NULL;
    struct clients *clients = calloc(1, sizeof *clients);
    if (clients == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "initiator service: out of memory");
    clients->loop = loop;
    clients->tcp = path == NULL;
    clients->handle = handle;
    clients->argument = argument;
    TAILQ_INIT(&clients->all);
    if (begin_listening(clients, path, failure) != 0) {
        clients_stop(clients);
        return -1;
    }
    *result = clients;
    return 0;
}

static void listener_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void clients_stop(struct clients *clients)
{
    if (clients == NULL)
        return;
    while (!TAILQ_EMPTY(&clients->all))
        client_close(TAILQ_FIRST(&clients->all));
    if (clients->listener != NULL)
        uv_close(&clients->listener->stream.handle, listener_closed);
    free(clients);
}
