// SPDX-License-Identifier: Apache-2.0
// What a listener needs of Windows. The library of sockets is loaded by a listener only: a host
// that has it would not be the process that the library under test expects.
#include "harness/host/host_windows.h"
#include "harness/host/listener_os.h"

#include <winsock2.h>
#include <ws2tcpip.h>

#include <mstcpip.h>

#include <stdlib.h>
#include <string.h>

#define SOCKET_FUNCTIONS(DO)                                                                       \
    DO(WSAStartup)                                                                                 \
    DO(WSAGetLastError)                                                                            \
    DO(WSAIoctl)                                                                                   \
    DO(accept)                                                                                     \
    DO(bind)                                                                                       \
    DO(closesocket)                                                                                \
    DO(getsockname)                                                                                \
    DO(inet_pton)                                                                                  \
    DO(listen)                                                                                     \
    DO(recv)                                                                                       \
    DO(select)                                                                                     \
    DO(send)                                                                                       \
    DO(setsockopt)                                                                                 \
    DO(shutdown)                                                                                   \
    DO(socket)

// ws2_32.dll's functions, by their own names.
#define DECLARE(name) __typeof__(name) *name;
static struct {
    SOCKET_FUNCTIONS(DECLARE)
} net;

static void (*stop_function)(void);

static bool load_sockets(void)
{
    WSADATA data;
    HMODULE module = LoadLibraryA("ws2_32.dll");
    if (module == NULL)
        return false;
#define FIND(name)                                                                                 \
    {                                                                                              \
        FARPROC found = GetProcAddress(module, #name);                                             \
        if (found == NULL)                                                                         \
            return false;                                                                          \
        __builtin_memcpy(&net.name, &found, sizeof found);                                         \
    }
    SOCKET_FUNCTIONS(FIND)
    return net.WSAStartup(MAKEWORD(2, 2), &data) == 0;
}

// Called in a thread of its own; the process may be ended as soon as it returns.
static BOOL WINAPI on_console(DWORD event)
{
    (void)event;
    stop_function(); // does not return
    return TRUE;
}

// The child must not have these.
static void keep_for_itself(DWORD which)
{
    SetHandleInformation(GetStdHandle(which), HANDLE_FLAG_INHERIT, 0);
}

int os_listener_begin(void (*stop)(void))
{
    stop_function = stop;
    keep_for_itself(STD_INPUT_HANDLE);
    keep_for_itself(STD_OUTPUT_HANDLE);
    keep_for_itself(STD_ERROR_HANDLE);
    // Where there is no console, there is no Ctrl-C either.
    SetConsoleCtrlHandler(on_console, TRUE);
    return load_sockets() ? 0 : -1;
}

bool os_print(const char *text)
{
    DWORD written = 0;
    DWORD size = (DWORD)strlen(text);
    return WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), text, size, &written, NULL) &&
           written == size;
}

bool os_absolute_path(const char *path, char *absolute, size_t size)
{
    enum { PATH_SIZE = 4096 };
    static wchar_t wide[PATH_SIZE];
    static wchar_t full[PATH_SIZE];
    if (MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, PATH_SIZE) == 0 ||
        GetFileAttributesW(wide) == INVALID_FILE_ATTRIBUTES)
        return false;
    DWORD length = GetFullPathNameW(wide, PATH_SIZE, full, NULL);
    return length > 0 && length < PATH_SIZE &&
           WideCharToMultiByte(CP_UTF8, 0, full, -1, absolute, (int)size, NULL, NULL) > 0;
}

long os_read_secret(const char *path, char *bytes, size_t size, const char **error)
{
    enum { PATH_SIZE = 4096 };
    static wchar_t wide[PATH_SIZE];
    DWORD got = 0;
    HANDLE file = INVALID_HANDLE_VALUE;
    *error = "the file can't be read";
    if (MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, PATH_SIZE) > 0)
        file = CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return -1;
    BOOL read = ReadFile(file, bytes, (DWORD)size, &got, NULL);
    CloseHandle(file);
    return read ? (long)got : -1;
}

// --- sockets

struct place {
    struct sockaddr_storage address;
    int size;
};

static uint16_t swap(uint16_t number)
{
    return (uint16_t)(number << 8 | number >> 8);
}

static enum os_address find_place(struct place *place, const char *text, uint16_t port)
{
    static const struct in6_addr loopback = {.u.Byte[15] = 1};
    struct sockaddr_in *four = (void *)&place->address;
    struct sockaddr_in6 *six = (void *)&place->address;
    memset(place, 0, sizeof *place);
    if (net.inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = swap(port);
        place->size = sizeof *four;
        return four->sin_addr.S_un.S_un_b.s_b1 == 127 ? OS_ADDRESS_LOOPBACK : OS_ADDRESS_OTHER;
    }
    if (net.inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = swap(port);
        place->size = sizeof *six;
        return memcmp(&six->sin6_addr, &loopback, sizeof loopback) == 0 ? OS_ADDRESS_LOOPBACK
                                                                        : OS_ADDRESS_OTHER;
    }
    return OS_ADDRESS_NONE;
}

enum os_address os_address_kind(const char *address)
{
    struct place place;
    return find_place(&place, address, 0);
}

static uint16_t port_of(SOCKET listening)
{
    struct place place = {.size = sizeof place.address};
    if (net.getsockname(listening, (struct sockaddr *)&place.address, &place.size) != 0)
        return 0;
    // Both families have it at the same place.
    return swap(((struct sockaddr_in *)(void *)&place.address)->sin_port);
}

os_socket os_socket_listen(const char *address, uint16_t *port, int *error)
{
    enum { WAITING = 64 };
    const int on = 1;
    struct place place;
    find_place(&place, address, *port);
    SOCKET listening = net.socket(place.address.ss_family, SOCK_STREAM, 0);
    if (listening != INVALID_SOCKET) {
        SetHandleInformation((HANDLE)listening, HANDLE_FLAG_INHERIT, 0);
        // Else another program could listen at the same port, and be shown the token.
        net.setsockopt(listening, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (const char *)&on, sizeof on);
        if (net.bind(listening, (struct sockaddr *)&place.address, place.size) == 0 &&
            net.listen(listening, WAITING) == 0) {
            *port = port_of(listening);
            return (os_socket)listening;
        }
    }
    *error = net.WSAGetLastError();
    if (listening != INVALID_SOCKET)
        net.closesocket(listening);
    return OS_NO_SOCKET;
}

// A kit's machine that is gone is noticed after a minute.
static void set_up_peer(SOCKET peer)
{
    const int on = 1;
    struct tcp_keepalive keep = {.onoff = 1, .keepalivetime = 30000, .keepaliveinterval = 3000};
    DWORD size = 0;
    SetHandleInformation((HANDLE)peer, HANDLE_FLAG_INHERIT, 0);
    net.setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, (const char *)&on, sizeof on);
    net.WSAIoctl(peer, SIO_KEEPALIVE_VALS, &keep, sizeof keep, NULL, 0, &size, NULL, NULL);
}

os_socket os_socket_accept(os_socket listening)
{
    SOCKET peer = net.accept((SOCKET)listening, NULL, NULL);
    if (peer == INVALID_SOCKET)
        return OS_NO_SOCKET;
    set_up_peer(peer);
    return (os_socket)peer;
}

long os_socket_read(os_socket connected, void *into, size_t room, unsigned timeout_ms)
{
    if (timeout_ms > 0) {
        struct timeval patience = {(long)(timeout_ms / 1000), (long)(timeout_ms % 1000) * 1000};
        fd_set waiting = {.fd_count = 1, .fd_array = {(SOCKET)connected}};
        if (net.select(0, &waiting, NULL, NULL, &patience) <= 0)
            return -1;
    }
    return net.recv((SOCKET)connected, into, (int)room, 0);
}

int os_socket_write(os_socket connected, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        int sent = net.send((SOCKET)connected, at, (int)size, 0);
        if (sent <= 0)
            return -1;
        at += sent;
        size -= (size_t)sent;
    }
    return 0;
}

void os_socket_end_writing(os_socket connected)
{
    net.shutdown((SOCKET)connected, SD_SEND);
}

void os_socket_shut(os_socket connected)
{
    net.shutdown((SOCKET)connected, SD_BOTH);
}

void os_socket_close(os_socket socket)
{
    net.closesocket((SOCKET)socket);
}

// --- threads

struct os_thread {
    HANDLE handle;
    bool alone; // nobody waits for it: it frees this itself
    void (*work)(void *argument);
    void *argument;
};

static DWORD WINAPI run_thread(void *argument)
{
    struct os_thread *thread = argument;
    thread->work(thread->argument);
    if (thread->alone)
        free(thread);
    return 0;
}

static struct os_thread *start_thread(void (*work)(void *argument), void *argument, bool alone)
{
    struct os_thread *thread = calloc(1, sizeof *thread);
    if (thread == NULL)
        return NULL;
    thread->alone = alone;
    thread->work = work;
    thread->argument = argument;
    HANDLE handle = CreateThread(NULL, 0, run_thread, thread, 0, NULL);
    if (handle == NULL) {
        free(thread);
        return NULL;
    }
    if (alone)
        CloseHandle(handle);
    else
        thread->handle = handle;
    return thread;
}

struct os_thread *os_thread_start(void (*work)(void *argument), void *argument)
{
    return start_thread(work, argument, false);
}

int os_thread_run(void (*work)(void *argument), void *argument)
{
    return start_thread(work, argument, true) != NULL ? 0 : -1;
}

void os_thread_join(struct os_thread *thread)
{
    WaitForSingleObject(thread->handle, INFINITE);
    CloseHandle(thread->handle);
    free(thread);
}

void os_sleep(unsigned milliseconds)
{
    Sleep(milliseconds);
}

struct os_lock {
    SRWLOCK lock;
};

struct os_lock *os_lock_create(void)
{
    return calloc(1, sizeof(struct os_lock)); // which is SRWLOCK_INIT
}

void os_lock_free(struct os_lock *lock)
{
    free(lock);
}

void os_lock_take(struct os_lock *lock)
{
    AcquireSRWLockExclusive(&lock->lock);
}

void os_lock_give(struct os_lock *lock)
{
    ReleaseSRWLockExclusive(&lock->lock);
}
