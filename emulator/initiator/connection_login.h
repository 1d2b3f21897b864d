// SPDX-License-Identifier: Apache-2.0
// The login of a further connection: RFC 7143's login phase, as far as a connection without secrets
// and digests needs it.
#ifndef TCK_CONNECTION_LOGIN_H
#define TCK_CONNECTION_LOGIN_H

#include "emulator/initiator/pdu.h"

// How far a connection is; the stages of a login with their numbers on the wire.
enum connection_stage {
    STAGE_SECURITY = 0,
    STAGE_OPERATIONAL = 1,
    STAGE_FULL_FEATURE = 3,
    STAGE_TCP, // not connected yet
    STAGE_LOGOUT,
};

struct connection_login {
    struct pdu_stream *pdus;
    enum connection_stage stage;
    uint8_t isid[6];
    uint8_t tsih[2];
    uint16_t cid;
    char *offers; // the text of the first login request, malloc'ed
    size_t offers_size;
    unsigned rounds;
};

// Sends the first login request and frees the offers. 0, or -1 with the stream's error.
int connection_login_begin(struct connection_login *login);

// Takes the login response that has arrived whole. 0, with stage STAGE_FULL_FEATURE when the login
// is complete; or -1 with the stream's error.
int connection_login_take(struct connection_login *login);

#endif
