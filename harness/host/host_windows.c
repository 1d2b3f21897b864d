// SPDX-License-Identifier: Apache-2.0
// What the host program needs of Windows: pages, threads, the clock, and what is said of a process.
#include "harness/host/host_windows.h"
#include "harness/host/protocol.h"

#include <stdlib.h>
#include <string.h>

static DWORD the_host;
static uint64_t ticks_per_second;

void os_begin(void)
{
    LARGE_INTEGER frequency;
    the_host = GetCurrentProcessId();
    QueryPerformanceFrequency(&frequency);
    ticks_per_second = (uint64_t)frequency.QuadPart;
    // No window that asks somebody what to do about a crash or a missing file.
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
}

void os_end(int exit_code)
{
    TerminateProcess(GetCurrentProcess(), (UINT)exit_code);
    for (;;)
        Sleep(INFINITE);
}

static void write_error(const char *text)
{
    DWORD written = 0;
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), text, (DWORD)strlen(text), &written, NULL);
}

void os_say(const char *text)
{
    write_error(HOST_SAYS);
    write_error(text);
    write_error("\n");
}

bool os_is_the_host(void)
{
    return GetCurrentProcessId() == the_host;
}

uint64_t os_now_ns(void)
{
    const uint64_t second = 1000000000;
    LARGE_INTEGER now;
    QueryPerformanceCounter(&now);
    uint64_t ticks = (uint64_t)now.QuadPart;
    return ticks / ticks_per_second * second + ticks % ticks_per_second * second / ticks_per_second;
}

bool os_own_clock(void)
{
    return true;
}

void os_platform(char *text, size_t size)
{
    typedef const char *(CDECL * wine_version_function)(void);
    const char *name = sizeof(void *) == sizeof(uint64_t) ? "windows x86_64" : "windows i686";
    wine_version_function version = NULL;
    FARPROC found = GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version");
    __builtin_memcpy(&version, &found, sizeof found);
    lstrcpynA(text, name, (int)size);
    if (version == NULL)
        return;
    size_t length = strlen(text);
    lstrcpynA(text + length, " (wine ", (int)(size - length));
    length = strlen(text);
    lstrcpynA(text + length, version(), (int)(size - length - 1));
    length = strlen(text);
    lstrcpynA(text + length, ")", (int)(size - length));
}

uint32_t os_code_page(void)
{
    return GetACP();
}

uint64_t os_sanitizer_memory(void)
{
    return 0;
}

// --- memory

size_t os_page_size(void)
{
    SYSTEM_INFO information;
    GetSystemInfo(&information);
    return information.dwPageSize;
}

uint64_t os_buffer_max(void)
{
    size_t page = os_page_size();
    size_t most = 0;
    if (sizeof(void *) > sizeof(uint32_t))
        return UINT32_MAX;
    // The largest of those that are a power of two, or a sum of such.
    for (size_t part = (size_t)1 << 31; part >= page; part /= 2) {
        void *memory = os_reserve(most + part + 2 * page);
        if (memory == NULL)
            continue;
        os_release(memory, 0);
        most += part;
    }
    return most;
}

// From the top down: below 4 GiB a pointer that was cut to 32 bits would be right.
void *os_reserve(size_t size)
{
    return VirtualAlloc(NULL, size, MEM_RESERVE | MEM_TOP_DOWN, PAGE_NOACCESS);
}

bool os_guard_written(void *page, size_t *first, size_t *last)
{
    size_t size = os_page_size();
    const uint8_t *bytes = page;
    size_t begin = 0;
    size_t end = size;
    MEMORY_BASIC_INFORMATION information;
    DWORD before = 0;
    // What is only reserved has no memory.
    if (VirtualQuery(page, &information, sizeof information) == 0 ||
        information.State != MEM_COMMIT || !VirtualProtect(page, size, PAGE_READONLY, &before))
        return false;
    while (begin < size && bytes[begin] == 0)
        begin++;
    while (end > begin && bytes[end - 1] == 0)
        end--;
    VirtualFree(page, size, MEM_DECOMMIT);
    *first = begin;
    *last = end - 1;
    return begin < end;
}

void os_release(void *memory, size_t size)
{
    (void)size; // it is released as a whole
    VirtualFree(memory, 0, MEM_RELEASE);
}

int os_protect(void *memory, size_t size, enum os_access access)
{
    DWORD before = 0;
    DWORD protection = access == OS_ACCESS_ALL    ? PAGE_READWRITE
                       : access == OS_ACCESS_READ ? PAGE_READONLY
                                                  : PAGE_NOACCESS;
    if (access == OS_ACCESS_ALL && VirtualAlloc(memory, size, MEM_COMMIT, protection) == NULL)
        return -1;
    return VirtualProtect(memory, size, protection, &before) ? 0 : -1;
}

// Windows tells which of its pages were written to. What was only read takes no room.
static struct {
    uint8_t *memory;
    size_t size;
} sparse;

void *os_sparse_reserve(size_t size)
{
    return VirtualAlloc(NULL, size, MEM_RESERVE | MEM_TOP_DOWN | MEM_WRITE_WATCH, PAGE_NOACCESS);
}

int os_sparse_map(void *memory, size_t size)
{
    if (os_protect(memory, size, OS_ACCESS_ALL) != 0 || ResetWriteWatch(memory, size) != 0)
        return -1;
    sparse.memory = memory;
    sparse.size = size;
    return 0;
}

int os_sparse_next(int handle, uint64_t from, uint64_t *start, uint64_t *end)
{
    enum { PAGES = 512 }; // asked for at a time
    static void *pages[PAGES];
    ULONG_PTR count = PAGES;
    DWORD page = 0;
    (void)handle;
    if (from >= sparse.size)
        return 0;
    if (GetWriteWatch(0, sparse.memory + from, sparse.size - (size_t)from, pages, &count, &page) !=
        0)
        return -1;
    if (count == 0)
        return 0;
    const uint8_t *first = pages[0];
    size_t run = 1;
    while (run < count && (uint8_t *)pages[run] == first + run * page)
        run++;
    *start = (uint64_t)(first - sparse.memory);
    *end = *start + (uint64_t)run * page;
    return 1;
}

void os_sparse_close(int handle)
{
    (void)handle;
    sparse.memory = NULL;
    sparse.size = 0;
}

// --- threads

void windows_thread_await(HANDLE thread, DWORD id)
{
    SetHandleInformation(thread, HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE);
    while (thread != NULL && WaitForSingleObject(thread, INFINITE) != WAIT_OBJECT_0) {
        // The library closed the handle.
        Sleep(1);
        thread = OpenThread(SYNCHRONIZE, FALSE, id);
    }
    SetHandleInformation(thread, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0);
    CloseHandle(thread);
}

struct start {
    SRWLOCK *lock;
    CONDITION_VARIABLE *all_there;
    unsigned *missing; // threads that did not start yet: all begin at once
    void (*work)(void *argument);
    void *argument;
    DWORD id;
};

static DWORD WINAPI run_thread(void *argument)
{
    struct start *start = argument;
    AcquireSRWLockExclusive(start->lock);
    if (--*start->missing == 0)
        WakeAllConditionVariable(start->all_there);
    while (*start->missing > 0)
        SleepConditionVariableSRW(start->all_there, start->lock, INFINITE, 0);
    ReleaseSRWLockExclusive(start->lock);
    start->work(start->argument);
    return 0;
}

int os_threads_run(unsigned count, void (*work)(void *argument), void *const *arguments)
{
    static HANDLE threads[THREADS_MAX];
    static struct start starts[THREADS_MAX];
    SRWLOCK lock = SRWLOCK_INIT;
    CONDITION_VARIABLE all_there = CONDITION_VARIABLE_INIT;
    unsigned missing = count;
    if (count < 1 || count > THREADS_MAX)
        return -1;
    for (unsigned i = 0; i < count; i++) {
        starts[i] = (struct start){&lock, &all_there, &missing, work, arguments[i], 0};
        threads[i] = CreateThread(NULL, 0, run_thread, &starts[i], 0, &starts[i].id);
        if (threads[i] == NULL)
            return -1; // those that wait go with the process
    }
    for (unsigned i = 0; i < count; i++)
        windows_thread_await(threads[i], starts[i].id);
    return 0;
}
