// SPDX-License-Identifier: Apache-2.0
// What a client wants to log in with, and how libiscsi is told.
#ifndef TCK_SERVICE_LOGIN_H
#define TCK_SERVICE_LOGIN_H

#include "emulator/initiator/login_options.h"

// The name of the initiator that makes all sessions.
#define SERVICE_INITIATOR_NAME "iqn.2024-01.test:initiator-service"

struct service_login {
    const char *target;  // "" for discovery
    const char *address; // numeric
    uint16_t port;
    const char *user; // CHAP; "": none, or with a password, the initiator's name
    const char *password;
    bool informational; // a session without devices
};

// Fills in the portal, the names and the secret. False where no login can be tried with these. The
// options point into `login` and to `alias`.
bool service_login_options(struct initiator_options *options, const struct service_login *login,
                           const uint8_t isid[6], const char *alias);

// Why a login failed, as a status of session_list.h. `status` is initiator_login_status; 0 where
// the target said nothing.
uint32_t service_login_status(uint16_t status);

#endif
