// SPDX-License-Identifier: Apache-2.0
// The host program as a listener: waits for the kit on a TCP port, and starts a host, which is this
// program in its ordinary mode, for each connection that shows the token (docs/remote-host.md). It
// loads no library itself.
#ifndef TCK_LISTENER_H
#define TCK_LISTENER_H

#include "harness/host/listener_os.h"

// Does this command line ask for a listener, or for help?
bool listener_is_meant(int count, char **arguments);

// Does not return before it is stopped. The exit code: 0, or HOST_EXIT_USAGE with a message.
int listener_main(int count, char **arguments);

// --- one connection

// What all connections share.
struct listener {
    uint8_t token[RELAY_TOKEN_MAX];
    char library[RELAY_TABLE_MAX]; // absolute path
    char platform[HELLO_PLATFORM_MAX];
    struct os_lock *lock; // of what follows
    bool stopping;        // no more hosts
    struct listener_seat {
        bool serving;           // a host is there, or is being started
        struct os_child *child; // to be killed by who stops the listener
        os_socket served;       // whose connection it is
    } seats[RELAY_SEATS];
};

// Starts a host for a peer that has shown the token, and relays until either side ends. The
// connection is not closed. `serving` of its seat was set for it.
void session_run(struct listener *listener, os_socket peer, const struct relay_request *request);

// 0 or -1.
int session_answer(const struct listener *listener, os_socket peer, enum relay_status status);

#endif
