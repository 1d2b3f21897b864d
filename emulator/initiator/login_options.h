// SPDX-License-Identifier: Apache-2.0
// What an initiator logs in with.
#ifndef TCK_LOGIN_OPTIONS_H
#define TCK_LOGIN_OPTIONS_H

#include "conformance/base/failure.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct initiator_session;
struct iscsi_context;

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
    // Offers CRC32C as the only header digest. Where the target answers None, libiscsi goes on
    // without digests.
    bool header_digest;
    // CHAP: what the initiator proves itself with where the target asks, and what the target must
    // prove itself with (mutual CHAP). The second needs the first.
    struct initiator_secret secret;
    struct initiator_secret target_secret;
    bool reads_responses; // looks at the login responses, for initiator_tsih

    // Called from the loop after each change of state, as the last thing that is done with the
    // session in that turn: it may destroy the session. May be NULL.
    void (*changed)(struct initiator_session *session, void *argument);
    void *argument;
};

// Can a login be tried with these? 0, or -1 with `failure` (STATUS_UNTRUSTED).
int login_options_check(const struct initiator_options *options, struct failure *failure);

// Sets all of them but the portal in a context of libiscsi's. 0, or -1 with `failure`.
int login_options_set(struct iscsi_context *context, const struct initiator_options *options,
                      struct failure *failure);

// TargetAddress as a target writes it: "ADDRESS[:PORT][,TAG]", IPv6 in brackets. What is not of
// that form leaves an address that isn't numeric, which is refused with words later.
void login_parse_target_address(const char *text, char *address, size_t size, unsigned *port);

#endif
