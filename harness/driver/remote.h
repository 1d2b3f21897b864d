// SPDX-License-Identifier: Apache-2.0
// A host behind a listener: the program of harness/host with --listen, here or on another machine,
// reached by TCP (harness/host/relay.h). Nothing that comes is trusted.
#ifndef TCK_REMOTE_H
#define TCK_REMOTE_H

#include "conformance/base/failure.h"
#include "harness/host/relay.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { REMOTE_ADDRESS_MAX = 256 };

struct remote_options {
    char text[REMOTE_ADDRESS_MAX + 16]; // "tcp://ADDRESS:PORT", for messages
    char address[REMOTE_ADDRESS_MAX];   // a name, or in digits
    uint16_t port;
    uint8_t token[RELAY_TOKEN_MAX];
    bool is_windows;      // paths are given as Windows has them
    uint8_t pointer_size; // of the library there, in bytes; 0: not known yet
};

// Parses "tcp://ADDRESS:PORT". -1 with `failure` (STATUS_USAGE).
int remote_parse(struct remote_options *options, const char *text, struct failure *failure);

// Reads the token's file. -1 with `failure` (STATUS_USAGE).
int remote_read_token(struct remote_options *options, const char *path, struct failure *failure);

struct remote;

// Connects and asks for a host, for calls or for logins; what comes of it is told by
// remote_receive. `table` is the session
// table's path as the listener's system has it, NULL: none. `*channel` is the connection; it is the
// caller's, and is watched and closed by it. -1 with `failure` (STATUS_UNTRUSTED).
int remote_start(struct remote **remote, const struct remote_options *options, uint64_t nonce,
                 enum relay_seat seat, enum relay_table table_is, const char *table, int *channel,
                 struct failure *failure);

// As recv without waiting, of the frames that the host wrote: 0 at the end of the host or of the
// connection, -1 with errno.
ssize_t remote_receive(struct remote *remote, void *into, size_t room);

// Did the connection or the listener fail, not the host? Then with `failure`. `late`: something was
// to come and has not.
bool remote_failed(const struct remote *remote, bool late, struct failure *failure);

// What the listener said of itself; NULL before it did.
const struct relay_answer *remote_answer(const struct remote *remote);

// The host's end, once the listener told it; else NULL.
const struct relay_exit *remote_end(const struct remote *remote);

// What it holds now and has held at most, in bytes, as it was last told.
struct relay_memory remote_memory(const struct remote *remote);

// As process_said_since and its kin.
size_t remote_printed(const struct remote *remote);
const char *remote_said_since(struct remote *remote, size_t mark);
const char *remote_said_first(const struct remote *remote);

// The host is killed when the connection is closed. NULL is allowed.
void remote_free(struct remote *remote);

#endif
