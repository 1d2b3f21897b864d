// Why a login failed, as a status code of the function.
#ifndef TCK_LOGIN_STATUS_H
#define TCK_LOGIN_STATUS_H

#include <stdint.h>

// `status` is initiator_login_status of a login that failed; 0 where the target said nothing: the
// connection failed.
uint32_t login_status_code(uint16_t status);

#endif
