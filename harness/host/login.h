// SPDX-License-Identifier: Apache-2.0
// What the kit asks the host to do with sessions through the library's own functions
// (--login api), and what came of it.
#ifndef TCK_HOST_LOGIN_H
#define TCK_HOST_LOGIN_H

#include "iscsi_login.h"

#include <stdbool.h>

enum login_kind {
    LOGIN_MAKE,          // LoginIScsiTarget
    LOGIN_END,           // LogoutIScsiTarget
    LOGIN_ADD_PORTAL,    // AddIScsiSendTargetPortal
    LOGIN_REMOVE_PORTAL, // RemoveIScsiSendTargetPortal
    LOGIN_KINDS,
};

enum {
    LOGIN_ADDRESS_SIZE = 64,
    LOGIN_SECRET_MAX = 255, // bytes of a user's name or a password
};

// Names are UTF-16 and end with 0.
struct login_request {
    enum login_kind kind;
    uint16_t target[ISCSI_NAME_SIZE];
    uint16_t address[LOGIN_ADDRESS_SIZE];
    uint16_t port;       // host order
    uint8_t user_length; // 0: without CHAP
    uint8_t password_length;
    uint8_t user[LOGIN_SECRET_MAX];
    uint8_t password[LOGIN_SECRET_MAX];
    struct iscsi_unique_id session; // LOGIN_END
};

struct login_answer {
    bool exported; // false: neither as W nor as A; nothing was called
    uint32_t status;
    struct iscsi_unique_id session; // LOGIN_MAKE
    struct iscsi_unique_id connection;
};

// The name of the function without its A or W, "LoginIScsiTarget".
const char *login_function_name(enum login_kind kind);

// Finds the function in the library and calls it. For the host program only.
void login_call(void *library, const struct login_request *request, struct login_answer *answer);

#endif
