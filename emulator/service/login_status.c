// The status of a login response, as a status code of the function.
#include "emulator/service/login_status.h"

#include "session_list.h"

#include <stddef.h>

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

uint32_t login_status_code(uint16_t status)
{
    if (status == 0)
        return LIST_ISCSI_CONNECTION_FAILED;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (codes[i].status == status)
            return codes[i].code;
    }
    return LIST_ISCSI_LOGIN_FAILED;
}
