// SPDX-License-Identifier: Apache-2.0
// The state of the process that a call may change, on Windows: memory, handles, threads, the
// working directory, the filter for exceptions, the error mode, floating-point modes, child
// processes. There is no umask, no signal mask, no timer of the process and no resource limit.
#include "harness/host/floating_point.h"
#include "harness/host/host_windows.h"

#include "conformance/base/hash.h"

#include <stdlib.h>
#include <string.h>
#include <tlhelp32.h>

enum {
    PATH_SIZE = 1024,
    TABLE_SIZE = 1 << 20, // bytes of the system's table of handles
    STANDARD_COUNT = 3,   // standard input, output and error
    MARKER_COUNT = 2,
};

static const DWORD standard_names[STANDARD_COUNT] = {STD_INPUT_HANDLE, STD_OUTPUT_HANDLE,
                                                     STD_ERROR_HANDLE};

// NtQuerySystemInformation.
typedef LONG(WINAPI *query_function)(ULONG what, void *into, ULONG size, ULONG *needed);

struct os_state {
    HANDLE standard[STANDARD_COUNT];
    HANDLE markers[MARKER_COUNT]; // events of the host's own, which a library has no right to close
    HANDLE channel;
    uint64_t usual_floating_point; // before the library was loaded
    unsigned measurements;
    UINT error_mode;
    query_function query; // under Wine; else NULL
    uint8_t *table;
    wchar_t directory[PATH_SIZE];
};

static uint64_t digest_number(uint64_t digest, uint64_t number)
{
    return hash_bytes(digest, &number, sizeof number);
}

static LONG WINAPI filter_of_the_caller(EXCEPTION_POINTERS *exception)
{
    (void)exception;
    return EXCEPTION_CONTINUE_SEARCH;
}

static bool is_open(HANDLE handle)
{
    DWORD flags = 0;
    return GetHandleInformation(handle, &flags);
}

static void place_markers(struct os_state *state)
{
    for (size_t i = 0; i < MARKER_COUNT; i++)
        if (state->markers[i] == NULL || !is_open(state->markers[i]))
            state->markers[i] = CreateEventW(NULL, TRUE, FALSE, NULL);
}

struct os_state *os_state_create(void)
{
    struct os_state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return NULL;
    state->usual_floating_point = floating_point_mode();
    state->error_mode = GetErrorMode();
    GetCurrentDirectoryW(PATH_SIZE, state->directory);
    for (size_t i = 0; i < STANDARD_COUNT; i++)
        state->standard[i] = GetStdHandle(standard_names[i]);
    place_markers(state);
    // Wine gives any number as that of a process's handles, but its table of all handles is right.
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    FARPROC query = GetProcAddress(ntdll, "NtQuerySystemInformation");
    if (GetProcAddress(ntdll, "wine_get_version") != NULL && query != NULL) {
        __builtin_memcpy(&state->query, &query, sizeof query);
        state->table = calloc(1, TABLE_SIZE);
    }
    return state;
}

void os_state_prepare(struct os_state *state, const struct os_channel *channel)
{
    struct process_state unused;
    state->channel = windows_channel_handle(channel);
    place_markers(state);
    // Two modes in turn: a library that sets one of them is noticed when it finds the other.
    set_floating_point_mode(state->usual_floating_point |
                            (state->measurements++ % 2 == 0 ? 0 : floating_point_rounds_up));
    if (state->measurements == 1)
        os_state_read(state, &unused); // the first time takes memory of its own
}

// Private memory that is committed: in `written` that which can be written to, in `all` with what
// is mapped and can be written to.
static void measure_memory(uint64_t *written, uint64_t *all)
{
    const DWORD writable =
        PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY;
    MEMORY_BASIC_INFORMATION region;
    const uint8_t *at = NULL;
    *written = *all = 0;
    while (VirtualQuery(at, &region, sizeof region) != 0) {
        bool counts = region.State == MEM_COMMIT && (region.Protect & writable) != 0;
        if (counts && region.Type == MEM_PRIVATE)
            *written += region.RegionSize;
        if (counts)
            *all += region.RegionSize;
        const uint8_t *next = (const uint8_t *)region.BaseAddress + region.RegionSize;
        if (next <= at)
            break;
        at = next;
    }
}

size_t os_mappings(void)
{
    MEMORY_BASIC_INFORMATION region;
    const uint8_t *at = NULL;
    size_t count = 0;
    while (VirtualQuery(at, &region, sizeof region) != 0) {
        const uint8_t *next = (const uint8_t *)region.BaseAddress + region.RegionSize;
        count += region.State != MEM_FREE;
        if (next <= at)
            break;
        at = next;
    }
    return count;
}

// What is in use of the heaps: a leak shows there long before the heap grows.
static uint64_t heap_in_use(void)
{
    enum { HEAPS_MAX = 32 };
    HANDLE heaps[HEAPS_MAX];
    DWORD count = GetProcessHeaps(HEAPS_MAX, heaps);
    uint64_t used = 0;
    for (DWORD i = 0; i < count && i < HEAPS_MAX; i++) {
        PROCESS_HEAP_ENTRY entry = {.lpData = NULL};
        if (!HeapLock(heaps[i]))
            continue;
        while (HeapWalk(heaps[i], &entry))
            if ((entry.wFlags & PROCESS_HEAP_ENTRY_BUSY) != 0)
                used += entry.cbData;
        HeapUnlock(heaps[i]);
    }
    return used;
}

// An entry of the table, and what stands before all of them.
struct handle_entry {
    ULONG process;
    BYTE type;
    BYTE flags;
    USHORT handle;
    void *object;
    ACCESS_MASK access;
};

struct handle_table {
    ULONG count;
    struct handle_entry entries[];
};

static uint32_t count_handles(const struct os_state *state)
{
    enum { ALL_HANDLES = 16 };
    const struct handle_table *table = (const void *)state->table;
    DWORD own = GetCurrentProcessId();
    DWORD count = 0;
    if (state->query == NULL)
        return GetProcessHandleCount(GetCurrentProcess(), &count) ? count : 0;
    if (table == NULL || state->query(ALL_HANDLES, state->table, TABLE_SIZE, NULL) != 0)
        return 0;
    for (ULONG i = 0; i < table->count; i++)
        count += table->entries[i].process == own;
    return count;
}

static void count_threads_and_children(struct process_state *state)
{
    THREADENTRY32 thread = {.dwSize = sizeof thread};
    PROCESSENTRY32W process = {.dwSize = sizeof process};
    DWORD own = GetCurrentProcessId();
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD | TH32CS_SNAPPROCESS, 0);
    if (snapshot == INVALID_HANDLE_VALUE)
        return;
    for (BOOL more = Thread32First(snapshot, &thread); more; more = Thread32Next(snapshot, &thread))
        state->threads += thread.th32OwnerProcessID == own;
    for (BOOL more = Process32FirstW(snapshot, &process); more;
         more = Process32NextW(snapshot, &process))
        state->children += process.th32ParentProcessID == own;
    CloseHandle(snapshot);
}

static uint64_t digest_handles(const struct os_state *state)
{
    uint64_t digest = HASH_BEGINNING;
    for (size_t i = 0; i < STANDARD_COUNT; i++) {
        HANDLE handle = GetStdHandle(standard_names[i]);
        digest = digest_number(digest, (uint64_t)(uintptr_t)handle);
        digest = digest_number(digest, is_open(handle));
    }
    for (size_t i = 0; i < MARKER_COUNT; i++)
        digest = digest_number(digest, is_open(state->markers[i]));
    return digest_number(digest, is_open(state->channel));
}

// The filter is read by setting it: that of os_trap_arm comes back.
static uint64_t digest_handlers(void)
{
    LPTOP_LEVEL_EXCEPTION_FILTER filter = SetUnhandledExceptionFilter(filter_of_the_caller);
    SetUnhandledExceptionFilter(filter);
    uint64_t digest = digest_number(HASH_BEGINNING, (uint64_t)(uintptr_t)filter);
    return digest_number(digest, GetErrorMode());
}

static uint64_t digest_directory(void)
{
    wchar_t path[PATH_SIZE];
    DWORD length = GetCurrentDirectoryW(PATH_SIZE, path);
    return length < PATH_SIZE ? hash_bytes(HASH_BEGINNING, path, length * sizeof *path) : length;
}

void os_state_read(struct os_state *state, struct process_state *result)
{
    uint64_t written = 0;
    memset(result, 0, sizeof *result);
    result->floating_point = floating_point_mode();
    result->signal_handlers = digest_handlers();
    result->directory = digest_directory();
    result->caller_descriptors = digest_handles(state);
    result->descriptors = count_handles(state);
    count_threads_and_children(result);
    measure_memory(&written, &result->mapped_bytes);
    result->memory_bytes = written + heap_in_use();
}

void os_state_restore(struct os_state *state)
{
    set_floating_point_mode(state->usual_floating_point);
    SetErrorMode(state->error_mode);
    SetCurrentDirectoryW(state->directory);
    for (size_t i = 0; i < STANDARD_COUNT; i++)
        SetStdHandle(standard_names[i], state->standard[i]);
}
