// SPDX-License-Identifier: Apache-2.0
// The options of a login, and the status of a login response as a status code of the function.
#include "emulator/service/service_login.h"

#include "conformance/base/endpoint.h"
#include "session_list.h"

#include <string.h>

bool service_login_options(struct initiator_options *options, const struct service_login *login,
                           const uint8_t isid[6], const char *alias)
{
    char canonical[ADDRESS_TEXT_SIZE];
    *options = (struct initiator_options){
        .initiator_name = SERVICE_INITIATOR_NAME,
        .target_name = login->target,
        .alias = alias,
        .address = login->address,
        .port = login->port,
        .discovery = login->target[0] == '\0',
        .reads_responses = true,
    };
    memcpy(options->isid, isid, sizeof options->isid);
    if (login->user[0] != '\0' || login->password[0] != '\0')
        options->secret = (struct initiator_secret){
            login->user[0] != '\0' ? login->user : SERVICE_INITIATOR_NAME, login->password};
    return login->port != 0 && address_canonical(login->address, canonical) == 0 &&
           login_options_check(options, NULL) == 0;
}

static const struct {
    uint16_t status; // Status-Class and Status-Detail (RFC 7143, 11.13.5)
    uint32_t code;
} codes[] = {
    {0x0201, LIST_ISCSI_AUTHENTICATION_FAILURE},
    {0x0202, LIST_ISCSI_AUTHORIZATION_FAILURE},
    {0x0203, LIST_ISCSI_NOT_FOUND},
    {0x0204, LIST_ISCSI_TARGET_REMOVED},
    {0x0300, LIST_ISCSI_TARGET_ERROR},
    {0x0301, LIST_ISCSI_TARGET_ERROR},
    {0x0302, LIST_ISCSI_TARGET_ERROR},
};

uint32_t service_login_status(uint16_t status)
{
    if (status == 0)
        return LIST_ISCSI_CONNECTION_FAILED;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (codes[i].status == status)
            return codes[i].code;
    }
    return LIST_ISCSI_LOGIN_FAILED;
}
