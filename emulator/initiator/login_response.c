// SPDX-License-Identifier: Apache-2.0
// libiscsi has no call that tells a session's TSIH, so the header of each login response is looked
// at in the socket before libiscsi takes it. A target sends one response for each request, so what
// waits in the socket begins with a header if each response is left there until it is complete.
#include "emulator/initiator/login_response.h"

#include "emulator/initiator/pdu.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { SIZE_LIMIT = 16384 }; // the kernel does not wait for more than half of a socket's buffer

static void await(struct login_response *response, int fd, int size)
{
    const int low_water = size == 0 ? 1 : size;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &low_water, sizeof low_water);
    response->awaited = size;
}

// Are that many bytes there? If not, the socket waits for them. True also if they will never be:
// the socket was readable without them, so the other end has closed.
static bool is_there(struct login_response *response, int fd, int size)
{
    int there = 0;
    if (ioctl(fd, FIONREAD, &there) != 0 || there >= size || response->awaited == size)
        return true;
    await(response, fd, size);
    return false;
}

bool login_response_look(struct login_response *response, int fd)
{
    uint8_t header[PDU_HEADER_SIZE];
    if (!is_there(response, fd, sizeof header))
        return false;
    ssize_t seen = recv(fd, header, sizeof header, MSG_PEEK | MSG_DONTWAIT);
    if (seen == (ssize_t)sizeof header && header[0] == OPCODE_LOGIN_RESPONSE) {
        uint32_t data = ((pdu_get32(header + 4) & 0xFFFFFF) + 3) & ~3U;
        if (data < SIZE_LIMIT && !is_there(response, fd, (int)(sizeof header + data)))
            return false;
        memcpy(response->tsih, header + 14, sizeof response->tsih);
        response->status = pdu_get16(header + 36);
    }
    if (response->awaited != 0)
        await(response, fd, 0);
    return true;
}
