// SPDX-License-Identifier: Apache-2.0
// The channel of the host program on Windows: a pair of pipes that was handed down, or, under Wine,
// the socket that the kit made, of which Wine's server makes a handle. Peeking at such a handle
// does not work, and waiting for it says nothing: a thread of its own reads all that comes.
#include "harness/host/host_windows.h"
#include "harness/host/protocol.h"

#include <stdlib.h>
#include <string.h>

enum {
    RING_SIZE = 1 << 20,   // of what was read and not yet taken
    READ_SIZE = 64 * 1024, // at a time
    JOIN_SIZE = 64 * 1024, // two pieces together are written at once up to that
};

// ntdll of Wine has it; `fd` stays open.
typedef LONG(CDECL *fd_to_handle_function)(int fd, unsigned access, unsigned attributes,
                                           HANDLE *handle);

struct os_channel {
    HANDLE input;
    HANDLE output;
    HANDLE spare_input; // of pipes: duplicates
    HANDLE spare_output;
    int socket; // under Wine: the descriptor, from which new handles can be made; else -1
    fd_to_handle_function to_handle;

    SRWLOCK writing;
    uint8_t *joined; // of `writing`

    SRWLOCK reading;
    CONDITION_VARIABLE changed; // something was read or taken, or the stream has ended
    bool ended;
    size_t from; // counts of bytes since the beginning: `from` to `to` lie in the ring
    size_t to;
    uint8_t *ring;
};

static bool is_open(HANDLE handle)
{
    DWORD flags = 0;
    return handle != NULL && GetHandleInformation(handle, &flags);
}

// Closed by CloseHandle it can't be then; by who insists, it can.
static void protect(HANDLE handle)
{
    SetHandleInformation(handle, HANDLE_FLAG_PROTECT_FROM_CLOSE | HANDLE_FLAG_INHERIT,
                         HANDLE_FLAG_PROTECT_FROM_CLOSE);
}

static HANDLE handle_of_socket(const struct os_channel *channel)
{
    HANDLE handle = NULL;
    if (channel->to_handle(channel->socket, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, 0,
                           &handle) != 0)
        return NULL;
    protect(handle);
    return handle;
}

static HANDLE duplicate(HANDLE handle)
{
    HANDLE copy = NULL;
    if (!DuplicateHandle(GetCurrentProcess(), handle, GetCurrentProcess(), &copy, 0, FALSE,
                         DUPLICATE_SAME_ACCESS))
        return NULL;
    protect(copy);
    return copy;
}

// --- reading

static void note_end(struct os_channel *channel)
{
    AcquireSRWLockExclusive(&channel->reading);
    channel->ended = true;
    ReleaseSRWLockExclusive(&channel->reading);
    WakeAllConditionVariable(&channel->changed);
}

static void add_to_ring(struct os_channel *channel, const uint8_t *bytes, size_t size)
{
    AcquireSRWLockExclusive(&channel->reading);
    while (RING_SIZE - (channel->to - channel->from) < size)
        SleepConditionVariableSRW(&channel->changed, &channel->reading, INFINITE, 0);
    for (size_t done = 0; done < size;) {
        size_t at = channel->to % RING_SIZE;
        size_t part = RING_SIZE - at < size - done ? RING_SIZE - at : size - done;
        memcpy(channel->ring + at, bytes + done, part);
        done += part;
        channel->to += part;
    }
    ReleaseSRWLockExclusive(&channel->reading);
    WakeAllConditionVariable(&channel->changed);
}

static void take_from_ring(struct os_channel *channel, uint8_t *into, size_t size)
{
    for (size_t done = 0; done < size;) {
        size_t at = channel->from % RING_SIZE;
        size_t part = RING_SIZE - at < size - done ? RING_SIZE - at : size - done;
        memcpy(into + done, channel->ring + at, part);
        done += part;
        channel->from += part;
    }
    WakeAllConditionVariable(&channel->changed);
}

static bool mend(struct os_channel *channel);

// Where the library closed the handle, reading fails: then it goes on with the spare.
static bool read_again(struct os_channel *channel, HANDLE failed)
{
    return !is_open(failed) && mend(channel);
}

static DWORD WINAPI read_all(void *argument)
{
    struct os_channel *channel = argument;
    uint8_t *bytes = calloc(1, READ_SIZE);
    for (;;) {
        DWORD got = 0;
        HANDLE input = channel->input;
        if (bytes != NULL && ReadFile(input, bytes, READ_SIZE, &got, NULL) && got > 0)
            add_to_ring(channel, bytes, got);
        else if (bytes == NULL || !read_again(channel, input))
            break;
    }
    note_end(channel);
    // The kit is gone: nobody wants to hear of the call under way.
    os_end(0);
}

int os_channel_read(struct os_channel *channel, void *into, size_t size)
{
    uint8_t *at = into;
    int result = 0;
    AcquireSRWLockExclusive(&channel->reading);
    while (size > 0 && result == 0) {
        size_t there = channel->to - channel->from;
        size_t part = there < size ? there : size;
        if (part > 0) {
            take_from_ring(channel, at, part);
            at += part;
            size -= part;
        } else if (channel->ended) {
            result = at == into ? 1 : -1;
        } else {
            SleepConditionVariableSRW(&channel->changed, &channel->reading, INFINITE, 0);
        }
    }
    ReleaseSRWLockExclusive(&channel->reading);
    return result;
}

int os_channel_take(struct os_channel *channel, void *into, size_t size)
{
    int result = 0;
    AcquireSRWLockExclusive(&channel->reading);
    if (channel->to - channel->from >= size) {
        take_from_ring(channel, into, size);
        result = 1;
    } else if (channel->ended) {
        result = -1;
    }
    ReleaseSRWLockExclusive(&channel->reading);
    return result;
}

// --- writing

// Where the library closed the handle, writing fails: then it goes on with the spare. To ask before
// each write whether the handle is still open would be a trip to Wine's server for each call.
static int write_all(struct os_channel *channel, const uint8_t *bytes, size_t size)
{
    enum { WRITE_MAX = 1 << 30 };
    while (size > 0) {
        DWORD written = 0;
        DWORD part = size < WRITE_MAX ? (DWORD)size : WRITE_MAX;
        HANDLE output = channel->output;
        if (!WriteFile(output, bytes, part, &written, NULL)) {
            if (is_open(output) || !mend(channel))
                return -1;
            continue;
        }
        bytes += written;
        size -= written;
    }
    return 0;
}

int os_channel_write(struct os_channel *channel, const void *first, size_t first_size,
                     const void *second, size_t second_size)
{
    int result = 0;
    AcquireSRWLockExclusive(&channel->writing);
    if (second_size == 0) {
        result = write_all(channel, first, first_size);
    } else if (first_size + second_size <= JOIN_SIZE) {
        memcpy(channel->joined, first, first_size);
        memcpy(channel->joined + first_size, second, second_size);
        result = write_all(channel, channel->joined, first_size + second_size);
    } else if (write_all(channel, first, first_size) != 0 ||
               write_all(channel, second, second_size) != 0) {
        result = -1;
    }
    ReleaseSRWLockExclusive(&channel->writing);
    return result;
}

static void lock_soon(SRWLOCK *lock)
{
    enum { ATTEMPTS = 1000 };
    for (int i = 0; i < ATTEMPTS && !TryAcquireSRWLockExclusive(lock); i++)
        Sleep(1);
}

void windows_channel_write_last(struct os_channel *channel, void *bytes, size_t size)
{
    lock_soon(&channel->writing);
    write_all(channel, bytes, size);
}

// --- opening and mending

// Puts a new handle in the place of one that was closed. False when there is none.
static bool mend_handle(const struct os_channel *channel, HANDLE *handle, HANDLE *spare)
{
    if (is_open(*handle))
        return true;
    HANDLE again = channel->socket >= 0 ? handle_of_socket(channel)
                   : is_open(*spare)    ? *spare
                                        : NULL;
    if (again == NULL)
        return false;
    if (channel->socket < 0)
        *spare = duplicate(again);
    *handle = again;
    return true;
}

// Without a lock: what the pieces of a channel are changes only here, and twice does no harm.
static bool mend(struct os_channel *channel)
{
    bool same = channel->input == channel->output;
    if (!mend_handle(channel, &channel->output, &channel->spare_output))
        return false;
    if (same)
        channel->input = channel->output;
    return same || mend_handle(channel, &channel->input, &channel->spare_input);
}

int os_channel_mend(struct os_channel *channel)
{
    (void)channel; // whoever reads or writes does it, when it has failed
    return 0;
}

HANDLE windows_channel_handle(const struct os_channel *channel)
{
    return channel->output;
}

// A number in hex, up to `end`. False when there is none.
static bool parse_hex(const char **text, char end, uint64_t *number)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = *text;
    *number = 0;
    for (; *at != end; at++) {
        const char *digit = *at != '\0' ? strchr(digits, *at) : NULL;
        if (digit == NULL || *number >> 60 != 0)
            return false;
        *number = *number << 4 | (uint64_t)(digit - digits);
    }
    bool any = at != *text;
    *text = at + (end != '\0');
    return any;
}

// "pipe:INPUT:OUTPUT", two handles, or "fd:NUMBER", a descriptor under Wine; all in hex.
static bool open_text(struct os_channel *channel, const char *text)
{
    uint64_t numbers[2] = {0};
    channel->socket = -1;
    if (strlen(text) > 5 && memcmp(text, "pipe:", 5) == 0) {
        text += 5;
        if (!parse_hex(&text, ':', &numbers[0]) || !parse_hex(&text, '\0', &numbers[1]))
            return false;
        channel->input = (HANDLE)(uintptr_t)numbers[0];
        channel->output = (HANDLE)(uintptr_t)numbers[1];
        protect(channel->input);
        protect(channel->output);
        channel->spare_input = duplicate(channel->input);
        channel->spare_output = duplicate(channel->output);
        return is_open(channel->input) && is_open(channel->output);
    }
    if (strlen(text) <= 3 || memcmp(text, "fd:", 3) != 0)
        return false;
    text += 3;
    FARPROC found = GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_server_fd_to_handle");
    __builtin_memcpy(&channel->to_handle, &found, sizeof found);
    if (!parse_hex(&text, '\0', &numbers[0]) || channel->to_handle == NULL)
        return false;
    channel->socket = (int)numbers[0];
    channel->input = channel->output = handle_of_socket(channel);
    return channel->input != NULL;
}

struct os_channel *os_channel_open(const char *text)
{
    struct os_channel *channel = calloc(1, sizeof *channel);
    if (channel == NULL || !open_text(channel, text))
        return NULL; // the process ends now
    InitializeSRWLock(&channel->writing);
    InitializeSRWLock(&channel->reading);
    InitializeConditionVariable(&channel->changed);
    channel->joined = calloc(1, JOIN_SIZE);
    channel->ring = calloc(1, RING_SIZE);
    if (channel->joined == NULL || channel->ring == NULL)
        return NULL;
    HANDLE thread = CreateThread(NULL, 0, read_all, channel, 0, NULL);
    if (thread == NULL)
        return NULL;
    CloseHandle(thread);
    return channel;
}
