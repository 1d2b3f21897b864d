// SPDX-License-Identifier: Apache-2.0
// A further connection of an iSCSI session (MC/S). libiscsi makes one connection in a session; this
// one logs in on its own, as far as RFC 7143's login phase needs, and is held open in the
// supervisor's loop: it answers what the target asks of an idle connection and carries no commands.
//
// A session's first connection is libiscsi's (initiator.h) and has CID 0. A further one needs the
// session's TSIH, which the target reports (tgtd_get_report).
#ifndef TCK_CONNECTION_H
#define TCK_CONNECTION_H

#include "emulator/initiator/initiator.h"
#include "emulator/process/supervisor.h"

#include <stdint.h>

struct connection;

enum connection_state {
    CONNECTION_CONNECTING, // TCP connect or login under way
    CONNECTION_OPEN,       // a connection of the session
    CONNECTION_DROPPED,    // ended without a logout, as it was meant to
    CONNECTION_LOGGED_OUT, // closed in order
    CONNECTION_LOST,       // ended although nobody here ended it, or its login failed
};

struct connection_options {
    // Names, alias and ISID that the session was logged in with. The alias must be the same because
    // tgtd may show that of any of the session's connections.
    const char *initiator_name;
    const char *target_name;
    const char *alias;
    const char *address; // portal, numeric; IPv6 without brackets
    uint16_t port;
    uint8_t isid[6];
    // As on the wire. tgtd sends its number unconverted: these are the bytes of a
    // tgtd_connection.tsih as it stands in memory, on a machine of either byte order.
    uint8_t tsih[2];
    // One that the session does not have yet. With one that it has, the login asks the target to
    // end the old connection (connection reinstatement). tgtd does not do that and lists both: end
    // the old one with connection_close.
    uint16_t cid;

    // Called from the loop after each change of state, as the last thing that is done with the
    // connection in that turn: it may destroy it. May be NULL.
    void (*changed)(struct connection *connection, void *argument);
    void *argument;
};

// Begins to connect and log in; it goes on in the loop (state CONNECTING, then OPEN or LOST), for
// as long as the target keeps it waiting. What `options` points to is copied. 0, or -1 with
// `failure` (STATUS_UNTRUSTED) when it could not even begin: a name too long, no TSIH, an address
// that is not numeric, no descriptor left.
int connection_open(struct connection **connection, struct supervisor *supervisor,
                    const struct connection_options *options, struct failure *failure);

enum connection_state connection_state(const struct connection *connection);

// Why the state is LOST, in words; "" otherwise.
const char *connection_error(const struct connection *connection);

// The two ends of the TCP connection, from when it is made, and also after its end. Empty and 0
// before.
const struct initiator_endpoint *connection_local(const struct connection *connection);
const struct initiator_endpoint *connection_remote(const struct connection *connection);

uint16_t connection_cid(const struct connection *connection);

// From now on the end of the open connection is expected: it makes the state DROPPED, not LOST.
void connection_expect_drop(struct connection *connection);

// Begins a logout of this connection alone (reason 1, "close the connection"); it goes on in the
// loop until the state is LOGGED_OUT or LOST. 0, or -1 with `failure` when it isn't open.
int connection_logout(struct connection *connection, struct failure *failure);

// Begins to close without a logout: shuts down the sending side now. The state is DROPPED when the
// target, which has noticed then, has closed its side. 0, or -1 with `failure` when it isn't open.
int connection_close(struct connection *connection, struct failure *failure);

// Closes the socket, if open, without a logout, and frees. NULL is allowed.
void connection_destroy(struct connection *connection);

#endif
