// SPDX-License-Identifier: Apache-2.0
// Windows libraries that do to their process what a library should not, or what is its own business
// and must not be mistaken for a fault. Each is this file, compiled with HOSTILE as one of the
// functions below. Those that return answer as the reference does after it.
// The header declares the two functions as they should be.
#define GetIScsiSessionListA declared_a
#define GetIScsiSessionListW declared_w
#include "session_list.h"
#undef GetIScsiSessionListA
#undef GetIScsiSessionListW

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <windows.h>

#ifndef EXPORT // a .def file has the names
#define EXPORT __attribute__((dllexport))
#endif

// The reference's functions, compiled under these names.
uint32_t ISCSI_SESSION_LIST_CALL correct_a(uint32_t *buffer_size, uint32_t *session_count,
                                           iscsi_session_info_a *session_info);
uint32_t ISCSI_SESSION_LIST_CALL correct_w(uint32_t *buffer_size, uint32_t *session_count,
                                           iscsi_session_info_w *session_info);

#ifdef HOSTILE_CDECL
#define CALL __cdecl
#else
#define CALL ISCSI_SESSION_LIST_CALL
#endif

EXPORT uint32_t CALL GetIScsiSessionListA(uint32_t *buffer_size, uint32_t *session_count,
                                          iscsi_session_info_a *session_info);
EXPORT uint32_t CALL GetIScsiSessionListW(uint32_t *buffer_size, uint32_t *session_count,
                                          iscsi_session_info_w *session_info);

// --- no fault at all

#ifdef HOSTILE_NEEDS
__attribute__((dllimport)) int needed(void);
#endif

__attribute__((unused)) static void nothing(void)
{
#ifdef HOSTILE_NEEDS
    needed();
#endif
}

// Code of its own handles what it expects to fail, as IsBadReadPtr does.
static void *back[5];

static LONG WINAPI handle_own(EXCEPTION_POINTERS *exception)
{
    if (exception->ExceptionRecord->ExceptionCode != EXCEPTION_ACCESS_VIOLATION)
        return EXCEPTION_CONTINUE_SEARCH;
    __builtin_longjmp(back, 1);
}

__attribute__((unused)) static void handles_own_exceptions(void)
{
    void *handler = AddVectoredExceptionHandler(1, handle_own);
    if (__builtin_setjmp(back) == 0) {
        volatile uintptr_t address = 8;
        *(volatile int *)address = 0;
    }
    RemoveVectoredExceptionHandler(handler);
}

__attribute__((unused)) static void prints_3000_lines(void)
{
    static bool done;
    for (int i = 0; i < 3000 && !done; i++)
        (void)printf("line %d of what nobody wants to know\n", i);
    (void)fflush(stdout);
    done = true;
}

__attribute__((unused)) static void closes_all_handles(void)
{
    for (uintptr_t value = 4; value < 512; value += 4)
        CloseHandle((HANDLE)value);
}

// --- the end of the process, in each way there is

__attribute__((unused)) static void exits(void)
{
    ExitProcess(3);
}

__attribute__((unused)) static void terminates(void)
{
    TerminateProcess(GetCurrentProcess(), 42);
}

__attribute__((unused)) static void ends_thread(void)
{
    ExitThread(0);
}

__attribute__((unused)) static void raises(void)
{
    RaiseException(0xE06D7363, EXCEPTION_NONCONTINUABLE, 0, NULL);
}

__attribute__((unused)) static void fails_fast(void)
{
    __asm__ volatile("int $0x29" : : "c"(7));
}

__attribute__((unused)) static void divides_by_zero(void)
{
    volatile int zero = 0;
    // cppcheck-suppress zerodiv; it is the fault
    volatile int result = 7 / zero; // divided by zero
    (void)result;
}

static volatile unsigned depth;

static unsigned use_stack(unsigned value)
{
    volatile char bytes[4096];
    bytes[value % sizeof bytes] = (char)value;
    if (++depth == 0) // never: the stack is used up long before
        return value;
    return use_stack(value + 1) + (unsigned)bytes[0];
}

__attribute__((unused)) static void overflows_stack(void)
{
    depth = use_stack(0);
}

// A thread of the library's own, not the one that calls.
static DWORD WINAPI fault(void *unused)
{
    volatile uintptr_t address = 16;
    (void)unused;
    *(volatile int *)address = 0; // in a thread
    return 0;
}

__attribute__((unused)) static void crashes_in_own_thread(void)
{
    HANDLE thread = CreateThread(NULL, 0, fault, NULL, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
}

__attribute__((unused)) static void hangs(void)
{
    Sleep(INFINITE);
}

EXPORT uint32_t CALL GetIScsiSessionListA(uint32_t *buffer_size, uint32_t *session_count,
                                          iscsi_session_info_a *session_info)
{
    HOSTILE();
    return correct_a(buffer_size, session_count, session_info);
}

EXPORT uint32_t CALL GetIScsiSessionListW(uint32_t *buffer_size, uint32_t *session_count,
                                          iscsi_session_info_w *session_info)
{
    HOSTILE();
    return correct_w(buffer_size, session_count, session_info);
}
