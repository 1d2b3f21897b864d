// SPDX-License-Identifier: Apache-2.0
// The connection to the initiator service on Windows, and under Wine: always TCP. ws2_32.dll is
// loaded by the first call that needs it, so that a caller who only lists sessions does without.
#include "conformance/reference/initiator_socket.h"

#include <winsock2.h>

#include <stdlib.h>
#include <string.h>
#include <windows.h>

enum { PATIENCE_MS = 60000 };

#define WINSOCK_FUNCTIONS(DO)                                                                      \
    DO(WSAStartup)                                                                                 \
    DO(socket)                                                                                     \
    DO(setsockopt)                                                                                 \
    DO(connect)                                                                                    \
    DO(send)                                                                                       \
    DO(recv)                                                                                       \
    DO(closesocket)

// ws2_32.dll's functions, by their own names.
struct winsock {
#define DECLARE(name) __typeof__(&(name)) name;
    WINSOCK_FUNCTIONS(DECLARE)
#undef DECLARE
};

static bool find_function(HMODULE module, const char *name, void *function)
{
    FARPROC found = GetProcAddress(module, name);
    memcpy(function, &found, sizeof found);
    return found != NULL;
}

// Nothing is kept from call to call; the system counts how often a library is loaded and started,
// and both stay so until the process ends.
static bool load(struct winsock *winsock)
{
    WSADATA data;
    HMODULE module = LoadLibraryA("ws2_32.dll");
#define FIND(name)                                                                                 \
    if (!module || !find_function(module, #name, &winsock->name))                                  \
        return false;
    WINSOCK_FUNCTIONS(FIND)
#undef FIND
    return winsock->WSAStartup(MAKEWORD(2, 2), &data) == 0;
}

// For a socket that is open: it has been loaded.
static struct winsock loaded(void)
{
    struct winsock winsock = {0};
    HMODULE module = GetModuleHandleA("ws2_32.dll");
#define FIND(name) (void)find_function(module, #name, &winsock.name);
    WINSOCK_FUNCTIONS(FIND)
#undef FIND
    return winsock;
}

bool initiator_socket_variable(char value[INITIATOR_ADDRESS_SIZE])
{
    DWORD length = GetEnvironmentVariableA("ISCSIDSC_INITIATOR", value, INITIATOR_ADDRESS_SIZE);
    return length > 0 && length < INITIATOR_ADDRESS_SIZE;
}

intptr_t initiator_socket_open(const struct initiator_place *place)
{
    struct winsock winsock;
    const DWORD patience = PATIENCE_MS;
    struct sockaddr_in loopback = {.sin_family = AF_INET};
    if (place->path || !load(&winsock))
        return -1;
    // In the order of the network on every machine that has Windows.
    loopback.sin_port = (u_short)(place->port << 8 | place->port >> 8);
    loopback.sin_addr.s_addr = 0x0100007F;
    SOCKET made = winsock.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (made == INVALID_SOCKET)
        return -1;
    (void)SetHandleInformation((HANDLE)made, HANDLE_FLAG_INHERIT, 0);
    if (winsock.setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, (const char *)&patience,
                           sizeof patience) == 0 &&
        winsock.setsockopt(made, SOL_SOCKET, SO_SNDTIMEO, (const char *)&patience,
                           sizeof patience) == 0 &&
        winsock.connect(made, (const struct sockaddr *)&loopback, sizeof loopback) == 0)
        return (intptr_t)made;
    (void)winsock.closesocket(made);
    return -1;
}

bool initiator_socket_send(intptr_t socket, const char *bytes, size_t size)
{
    const struct winsock winsock = loaded();
    while (size > 0) {
        int sent = winsock.send((SOCKET)socket, bytes, (int)size, 0);
        if (sent <= 0)
            return false;
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

ptrdiff_t initiator_socket_receive(intptr_t socket, char *bytes, size_t size)
{
    return loaded().recv((SOCKET)socket, bytes, (int)size, 0);
}

void initiator_socket_close(intptr_t socket)
{
    (void)loaded().closesocket((SOCKET)socket);
}
