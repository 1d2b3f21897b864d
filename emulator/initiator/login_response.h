// SPDX-License-Identifier: Apache-2.0
// What a target's login response says and libiscsi keeps to itself: the TSIH and the status.
#ifndef TCK_LOGIN_RESPONSE_H
#define TCK_LOGIN_RESPONSE_H

#include <stdbool.h>
#include <stdint.h>

// All zero before the first look.
struct login_response {
    uint8_t tsih[2]; // as on the wire, of the last response
    uint16_t status; // its Status-Class and Status-Detail, as 0x0201; 0: no error
    int awaited;     // bytes without which the socket does not count as readable; 0: one
};

// Looks at the response that waits in the socket, without taking anything. Call it when the socket
// is readable during a login, before libiscsi reads. True: libiscsi can go on. False: the response
// has not arrived whole; the socket will be readable when it has, or the other end has closed.
bool login_response_look(struct login_response *response, int fd);

#endif
