// SPDX-License-Identifier: Apache-2.0
// Requests to tgtd's management socket.
//
// The protocol is private to tgtadm and tgtd of one version, and not documented. Whoever uses it
// must first make sure that this tgtd answers it as it answers tgtadm. Numbers are in the machine's
// order. A request is 120 bytes: mode, operation, driver's name, length, tid, session, LUN,
// connection, and five numbers of which two are used here; behind them, and within the length,
// stand values as text. An answer is an error number, its whole length, and text.
#include "emulator/tgtd/management.h"

#include "emulator/process/transfer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    SEND_PATIENCE_MS = 5000,
    DRIVER_SIZE = 64,
    ANSWER_LIMIT = 256 << 20,
};

struct wire_request {
    uint32_t mode;
    uint32_t operation;
    char driver[DRIVER_SIZE];
    uint32_t length;
    uint32_t tid;
    uint64_t session;
    uint64_t lun;
    uint32_t connection;
    uint32_t unused[2];
    uint32_t outgoing;
    uint32_t unused_too;
    uint32_t force;
};
_Static_assert(sizeof(struct wire_request) == 120, "as tgtadm of tgt 1.0.85 sends it");

struct wire_answer {
    uint32_t error;
    uint32_t length; // with these eight bytes
};
_Static_assert(sizeof(struct wire_answer) == 8, "as tgtd of tgt 1.0.85 sends it");

// Writes "NAME=VALUE,NAME=VALUE" with its NUL. Its size, 0 where there are no values; or -1.
static int write_values(const struct management_request *request, char *text, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < MANAGEMENT_VALUES_MAX && request->values[i].name != NULL; i++) {
        const struct management_value *value = &request->values[i];
        if (value->value[strcspn(value->value, ",=\\\"'")] != '\0')
            return -1;
        int length = snprintf(text + used, size - used, "%s%s=%s", i > 0 ? "," : "", value->name,
                              value->value);
        if (length < 0 || (size_t)length >= size - used)
            return -1;
        used += (size_t)length;
    }
    return used == 0 ? 0 : (int)used + 1;
}

// Connects and sends the request, which the empty socket has room for. The socket, or -1.
static int send_request(const char *path, const struct management_request *request)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct {
        struct wire_request request;
        char values[1024];
    } wire = {.request = {
                  .mode = (uint32_t)request->mode,
                  .operation = (uint32_t)request->operation,
                  .driver = "iscsi",
                  .tid = (uint32_t)request->tid,
                  .session = request->session,
                  .lun = request->lun == 0 ? UINT64_MAX : request->lun,
                  .connection = request->connection,
                  .outgoing = request->outgoing,
                  .force = request->force,
              }};
    int values = write_values(request, wire.values, sizeof wire.values);
    if (values < 0 || strlen(path) >= sizeof address.sun_path)
        return -1;
    wire.request.length = (uint32_t)(sizeof wire.request + (size_t)values);
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
        transfer_send(fd, &wire, wire.request.length, SEND_PATIENCE_MS) == 0)
        return fd;
    close(fd);
    return -1;
}

// Reads exactly `size` bytes. 0; 1 when they don't come; -1 with `failure`.
static int read_bytes(struct supervisor *supervisor, int fd, void *bytes, size_t size,
                      unsigned timeout_ms, struct failure *failure)
{
    size_t done = 0;
    while (done < size) {
        ssize_t count = recv(fd, (char *)bytes + done, size - done, 0);
        if (count > 0) {
            done += (size_t)count;
        } else if (count < 0 && errno == EAGAIN) {
            int result = supervisor_wait_readable(supervisor, fd, timeout_ms, failure);
            if (result != 0)
                return result;
        } else if (count == 0 || errno != EINTR) {
            return 1;
        }
    }
    return 0;
}

// Reads an answer. Returns as management_ask.
static int read_answer(struct supervisor *supervisor, int fd, unsigned timeout_ms, char **text,
                       struct failure *failure)
{
    struct wire_answer answer = {0};
    int result = read_bytes(supervisor, fd, &answer, sizeof answer, timeout_ms, failure);
    if (result != 0)
        return result;
    if (answer.error != 0 || answer.length < sizeof answer || answer.length > ANSWER_LIMIT)
        return 1;
    size_t size = answer.length - sizeof answer;
    char *read = calloc(1, size + 1);
    if (read == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "tgtd: out of memory");
    result = read_bytes(supervisor, fd, read, size, timeout_ms, failure);
    if (result != 0) {
        free(read);
        return result;
    }
    size_t length = strlen(read);
    while (length > 0 && read[length - 1] == '\n')
        read[--length] = '\0';
    *text = read;
    return 0;
}

int management_ask(struct supervisor *supervisor, const char *path,
                   const struct management_request *request, unsigned timeout_ms, char **text,
                   struct failure *failure)
{
    *text = NULL;
    int fd = send_request(path, request);
    if (fd < 0)
        return 1;
    int result = read_answer(supervisor, fd, timeout_ms, text, failure);
    close(fd);
    return result;
}
