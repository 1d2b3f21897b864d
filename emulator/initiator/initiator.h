// One iSCSI session of an initiator, made with libiscsi and held open in the supervisor's loop.
#ifndef TCK_INITIATOR_H
#define TCK_INITIATOR_H

#include "emulator/process/supervisor.h"

#include <stdbool.h>
#include <stdint.h>

struct initiator_session;

enum initiator_state {
    INITIATOR_CONNECTING, // TCP connect or login under way
    INITIATOR_LOGGED_IN,
    INITIATOR_RECOVERING, // its connection was lost as it was meant to be, and the session is kept
    INITIATOR_LOGGED_OUT, // logged out in order
    INITIATOR_LOST,       // the connection ended although nobody here ended it, or login failed
};

// A CHAP name and its secret, 1 to 254 bytes each; both NULL: none. (RFC 7143 wants 12 bytes of
// secret or more; neither libiscsi nor tgtd insists.)
struct initiator_secret {
    const char *user;
    const char *password;
};

struct initiator_options {
    const char *initiator_name; // UTF-8
    const char *target_name;    // not looked at when `discovery`
    const char *alias; // a handle of the kit's, sent as InitiatorAlias: the target's side shows it
    const char *address; // portal, numeric; IPv6 without brackets
    uint16_t port;
    // The type bits, the top two, choose libiscsi's setter. It can express: 00 (OUI) any; 01 (EN)
    // and 10 (random) with the six bits below them zero; 11 (reserved) with everything below zero.
    // Any other is a failure of initiator_login.
    uint8_t isid[6];

    bool discovery; // a discovery session, logged in and held open; it asks nothing
    // Header digests by CRC32C and nothing else are offered. A target that is not set to them takes
    // part without: libiscsi goes by the target's answer.
    bool header_digest;
    // What the initiator proves itself with; the target asks for it. And what the target must prove
    // itself with (mutual CHAP), which needs the other.
    struct initiator_secret secret;
    struct initiator_secret target_secret;

    // Called from the loop after each change of state, as the last thing that is done with the
    // session in that turn: it may destroy the session. May be NULL.
    void (*changed)(struct initiator_session *session, void *argument);
    void *argument;
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

// The connection's two ends as the initiator's socket has them; taken when the TCP connection
// stands, and kept. Empty and 0 before.
const struct initiator_endpoint *initiator_local(const struct initiator_session *session);
const struct initiator_endpoint *initiator_remote(const struct initiator_session *session);

// The CID of the connection: libiscsi's.
uint16_t initiator_cid(const struct initiator_session *session);

// From now on the end of the connection is expected: it makes the state RECOVERING, not LOST.
void initiator_expect_drop(struct initiator_session *session);

// Begins a logout; it goes on in the loop until the state is LOGGED_OUT or LOST. 0, or -1 with
// `failure` when the session isn't logged in.
int initiator_logout(struct initiator_session *session, struct failure *failure);

// Begins to drop the connection from the initiator's side, without a logout: its half of the TCP
// connection ends now, and the state is RECOVERING when the target has ended its own, so when it
// knows. 0, or -1 with `failure` when the session isn't logged in.
int initiator_drop(struct initiator_session *session, struct failure *failure);

// Closes the socket, if open, without a logout, and frees. NULL is allowed.
void initiator_destroy(struct initiator_session *session);

// Both ends of a connected socket, numeric. 0, or -1 with errno.
int initiator_endpoints(int fd, struct initiator_endpoint *local,
                        struct initiator_endpoint *remote);

// libiscsi's version or "libiscsi", for reports.
const char *initiator_library(void);

#endif
