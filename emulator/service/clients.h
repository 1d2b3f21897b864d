// SPDX-License-Identifier: Apache-2.0
// The clients of the service: where they connect, the one line that each of them sends, and the
// line that it gets for an answer.
#ifndef TCK_SERVICE_CLIENTS_H
#define TCK_SERVICE_CLIENTS_H

#include "conformance/base/failure.h"
#include "emulator/service/request.h"

#include <uv.h>

struct client; // one connection; its request has to be answered once
struct clients;

// Begins to listen on a Unix socket that is made at `path`; where `path` is NULL, on a free port of
// 127.0.0.1, and then the first field of each line must be a secret, which is taken off the
// request. Each request is handed to `handle`, from the loop. 0, or -1 with `failure`.
int clients_start(struct clients **clients, uv_loop_t *loop, const char *path,
                  void (*handle)(struct client *client, const struct request *request,
                                 void *argument),
                  void *argument, struct failure *failure);

// How a client is told to reach it: "unix:PATH" or "tcp:127.0.0.1:PORT:SECRET".
const char *clients_address(const struct clients *clients);

// Closes all connections and frees; a client that has not been answered must not be answered any
// more. The socket at `path` is removed. NULL is allowed.
void clients_stop(struct clients *clients);

// Sends the answer, a status and the fields that follow it in `fields` (each begins with a TAB; ""
// where there are none), and closes the connection. It is no error if the client has gone.
void client_answer(struct client *client, uint32_t status, const char *fields);

#endif
