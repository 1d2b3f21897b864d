// SPDX-License-Identifier: Apache-2.0
// One iSCSI session of an initiator, made with libiscsi and held open in the supervisor's loop.
#ifndef TCK_INITIATOR_H
#define TCK_INITIATOR_H

#include "emulator/initiator/login_options.h"
#include "emulator/process/supervisor.h"

#include <stdint.h>

struct initiator_session;

enum initiator_state {
    INITIATOR_CONNECTING, // TCP connect or login under way
    INITIATOR_LOGGED_IN,
    INITIATOR_RECOVERING, // its connection was lost as it was meant to be, and the session is kept
    INITIATOR_LOGGED_OUT, // logged out in order
    INITIATOR_LOST,       // the connection ended although nobody here ended it, or login failed
};

struct initiator_endpoint {
    char address[64]; // numeric, canonical
    uint16_t port;    // host order
};

// Begins a login; it goes on in the loop (state CONNECTING, then LOGGED_IN or LOST). What `options`
// points to is copied. Names of up to 223 bytes go out whole. 0, or -1 with `failure`
// (STATUS_UNTRUSTED) when it could not even begin: a name too long, an ISID that can't be
// expressed, an address that is not numeric, no descriptor left.
//
// A target that redirects is followed, up to four times, in state CONNECTING: initiator_remote is
// the address in use, not the one in `options`.
int initiator_login(struct initiator_session **session, struct supervisor *supervisor,
                    const struct initiator_options *options, struct failure *failure);

enum initiator_state initiator_state(const struct initiator_session *session);

// Why the state is LOST, in words (libiscsi's); "" otherwise.
const char *initiator_error(const struct initiator_session *session);

// The two ends of the TCP connection, from when it is made, and also after its end. Empty and 0
// before.
const struct initiator_endpoint *initiator_local(const struct initiator_session *session);
const struct initiator_endpoint *initiator_remote(const struct initiator_session *session);

// The CID of the connection: libiscsi's.
uint16_t initiator_cid(const struct initiator_session *session);

// With `reads_responses`: the TSIH as on the wire, two bytes, once the session is logged in; and
// the status of the last login response, as 0x0201 for "authentication failure", or 0 if there was
// no error in it or no response.
const uint8_t *initiator_tsih(const struct initiator_session *session);
uint16_t initiator_login_status(const struct initiator_session *session);

// From now on the end of the connection is expected: it makes the state RECOVERING, not LOST.
void initiator_expect_drop(struct initiator_session *session);

// Begins a logout; it goes on in the loop until the state is LOGGED_OUT or LOST. 0, or -1 with
// `failure` when the session isn't logged in.
int initiator_logout(struct initiator_session *session, struct failure *failure);

// Begins to drop the connection from the initiator's side, without a logout: shuts down the sending
// side now. The state is RECOVERING when the target, which has noticed then, has closed its side.
// 0, or -1 with `failure` when the session isn't logged in.
int initiator_drop(struct initiator_session *session, struct failure *failure);

// Closes the socket, if open, without a logout, and frees. NULL is allowed.
void initiator_destroy(struct initiator_session *session);

// Both ends of a connected socket, numeric. 0, or -1 with errno.
int initiator_endpoints(int fd, struct initiator_endpoint *local,
                        struct initiator_endpoint *remote);

// For those who send commands on a session that is logged in: libiscsi's context, and what to call
// after a command was queued in it. The callbacks of a command are called from the loop while
// libiscsi works, so they must not destroy the session; when a connection has ended they are called
// by initiator_destroy, with SCSI_STATUS_CANCELLED.
struct iscsi_context *initiator_context(struct initiator_session *session);
int initiator_update(struct initiator_session *session, struct failure *failure);

// libiscsi's version or "libiscsi", for reports.
const char *initiator_library(void);

#endif
