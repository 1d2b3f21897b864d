// SPDX-License-Identifier: Apache-2.0
// What the faulty implementations and the shapes need of Windows.
#include "conformance/system/system.h"

#include <windows.h>

_Static_assert(sizeof(struct system_lock) == sizeof(SRWLOCK), "a lock has another size");

void system_lock_take(struct system_lock *lock)
{
    AcquireSRWLockExclusive((SRWLOCK *)(void *)lock);
}

bool system_lock_try(struct system_lock *lock)
{
    return TryAcquireSRWLockExclusive((SRWLOCK *)(void *)lock);
}

void system_lock_release(struct system_lock *lock)
{
    ReleaseSRWLockExclusive((SRWLOCK *)(void *)lock);
}

uint64_t system_now_ns(void)
{
    enum { SECOND_NS = 1000000000 };
    LARGE_INTEGER now;
    LARGE_INTEGER frequency;
    (void)QueryPerformanceCounter(&now);
    (void)QueryPerformanceFrequency(&frequency);
    uint64_t seconds = (uint64_t)(now.QuadPart / frequency.QuadPart);
    uint64_t rest = (uint64_t)(now.QuadPart % frequency.QuadPart);
    return seconds * SECOND_NS + rest * SECOND_NS / (uint64_t)frequency.QuadPart;
}

// Sleep knows no less than a millisecond.
void system_sleep(uint64_t ns)
{
    enum { MILLISECOND_NS = 1000000 };
    uint64_t end = system_now_ns() + ns;
    if (ns >= MILLISECOND_NS)
        Sleep((DWORD)(ns / MILLISECOND_NS));
    while (system_now_ns() < end)
        (void)SwitchToThread();
}

void system_yield(void)
{
    (void)SwitchToThread();
}

_Noreturn void system_hang(void)
{
    for (;;)
        Sleep(INFINITE);
}

struct work {
    void (*work)(void *argument);
    void *argument;
};

static DWORD WINAPI do_work(void *argument)
{
    const struct work *work = argument;
    work->work(work->argument);
    return 0;
}

bool system_work_in_thread(void (*work)(void *argument), void *argument)
{
    struct work what = {work, argument};
    HANDLE thread = CreateThread(NULL, 0, do_work, &what, 0, NULL);
    if (!thread)
        return false;
    (void)WaitForSingleObject(thread, INFINITE);
    (void)CloseHandle(thread);
    return true;
}

static DWORD WINAPI wait_for_ever(void *unused)
{
    (void)unused;
    system_hang();
}

void system_leave_thread(void)
{
    enum { SMALL_STACK = 65536 };
    HANDLE thread = CreateThread(NULL, SMALL_STACK, wait_for_ever, NULL,
                                 STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    if (thread)
        (void)CloseHandle(thread);
}

_Noreturn void system_end_thread(void)
{
    ExitThread(0);
}

void system_kill_process(void)
{
    enum { STATUS = 9 };
    (void)TerminateProcess(GetCurrentProcess(), STATUS);
}

void system_misalign(void)
{
    RaiseException((DWORD)EXCEPTION_DATATYPE_MISALIGNMENT, 0, 0, NULL);
}

void *system_pages_take(size_t size)
{
    return VirtualAlloc(NULL, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

void system_pages_release(void *pages, size_t size)
{
    (void)size;
    (void)VirtualFree(pages, 0, MEM_RELEASE);
}

void system_leave_guarded_page(void)
{
    enum { PAGE = 4096 };
    DWORD old = 0;
    unsigned char *pages = system_pages_take((size_t)2 * PAGE);
    if (pages)
        (void)VirtualProtect(pages + PAGE, PAGE, PAGE_NOACCESS, &old);
}

static HANDLE open_null(DWORD access)
{
    return CreateFileW(L"NUL", access, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0,
                       NULL);
}

bool system_leave_handle(void)
{
    return open_null(GENERIC_READ) != INVALID_HANDLE_VALUE;
}

void system_close_handles(unsigned first, unsigned last)
{
    enum { STEP = 4, MANY = 1024 };
    for (uintptr_t number = first; number <= last && number < MANY; number++) {
        HANDLE handle = (HANDLE)(number * STEP); // NOLINT(performance-no-int-to-ptr): by its number
        if (handle != GetStdHandle(STD_INPUT_HANDLE) && handle != GetStdHandle(STD_OUTPUT_HANDLE) &&
            handle != GetStdHandle(STD_ERROR_HANDLE))
            (void)CloseHandle(handle);
    }
}

void system_close_standard_input(void)
{
    (void)CloseHandle(GetStdHandle(STD_INPUT_HANDLE));
}

void system_redirect_standard_error(void)
{
    static HANDLE log; // one for all calls
    if (!log)
        log = open_null(GENERIC_WRITE);
    if (log != INVALID_HANDLE_VALUE)
        (void)SetStdHandle(STD_ERROR_HANDLE, log);
}

void system_reset_handler(void)
{
    (void)SetUnhandledExceptionFilter(NULL);
}

bool system_leave_directory(void)
{
    return SetCurrentDirectoryW(L"\\");
}
