// SPDX-License-Identifier: Apache-2.0
// An implementation that faults at a known line, as it is told by *SessionCount. Built with debug
// information as faulting.so, and without any as faulting_stripped.so.
#include "tests/implementations/faulting.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *buffer);
uint32_t GetIScsiSessionListW(uint32_t *size, uint32_t *count, void *buffer);

static char *volatile nowhere = (char *)16;
static void (*volatile no_function)(void);

__attribute__((noinline)) static void write_somewhere(void)
{
    *nowhere = 1; // in a function
}

static inline __attribute__((always_inline)) void write_in_place(void)
{
    *nowhere = 2; // in an inlined one
}

static void call_libc(void)
{
    size_t (*volatile measure)(const char *) = strlen;
    nowhere += measure(nowhere);
}

static void jump_to(uintptr_t address)
{
    void (*function)(void) = NULL;
    memcpy(&function, &address, sizeof function);
    function();
}

// Each does something after the call, so that it is not left before it.
__attribute__((noinline)) static void go_deeper(void)
{
    write_somewhere(); // the third
    nowhere++;
}

__attribute__((noinline)) static void go_deep(void)
{
    go_deeper(); // the second
    nowhere++;
}

__attribute__((noinline)) static void call_null(void)
{
    no_function(); // of nothing
    nowhere++;
}

// No call is where that points to: the stack ends here.
__attribute__((noinline)) static void smash_stack(void)
{
    uintptr_t *frame = __builtin_frame_address(0);
    uintptr_t data = (uintptr_t)&nowhere;
    for (size_t i = 0; i < 64; i++)
        ((volatile uintptr_t *)frame)[i] = i % 2 == 0 ? data : (uintptr_t)&write_somewhere + 1;
    write_somewhere(); // smashed
    nowhere++;
}

__attribute__((noinline)) static int recurse(int depth) // NOLINT(misc-no-recursion)
{
    volatile char room[512];
    room[depth % 512] = 1;
    return depth < 0 ? 0 : recurse(depth + 1) + room[0];
}

// The other module lies beside this one.
static void call_late_module(void)
{
    Dl_info own;
    char path[4096];
    void (*fault)(void) = NULL;
    if (dladdr((const void *)&nowhere, &own) == 0)
        return;
    const char *slash = strrchr(own.dli_fname, '/');
    snprintf(path, sizeof path, "%.*s/late_module.so", (int)(slash - own.dli_fname), own.dli_fname);
    void *module = dlopen(path, RTLD_NOW);
    void *symbol = module == NULL ? NULL : dlsym(module, "fault_late");
    memcpy(&fault, &symbol, sizeof fault);
    if (fault != NULL)
        fault();
}

static void remove_own_file(void)
{
    Dl_info own;
    if (dladdr((const void *)&nowhere, &own) != 0)
        unlink(own.dli_fname);
}

static uint32_t answer(uint32_t *size, const uint32_t *count)
{
    switch (count == NULL ? FAULT_IN_FUNCTION : (enum fault_place) * count) {
    case FAULT_IN_INLINED:
        write_in_place();
        break;
    case FAULT_IN_LIBC:
        call_libc();
        break;
    case FAULT_IN_LATE_MODULE:
        call_late_module();
        break;
    case FAULT_BY_JUMP:
        jump_to((uintptr_t)nowhere);
        break;
    case FAULT_BY_JUMP_TO_HEAP:
        jump_to((uintptr_t)calloc(1, 64));
        break;
    case FAULT_WITHOUT_FILE:
        remove_own_file();
        write_somewhere();
        break;
    case FAULT_BY_SIGNAL:
        raise(SIGSEGV);
        break;
    case FAULT_THREE_DEEP:
        go_deep(); // the first
        nowhere++;
        break;
    case FAULT_BY_CALL_OF_NULL:
        call_null();
        nowhere++;
        break;
    case FAULT_ON_SMASHED_STACK:
        smash_stack();
        nowhere++;
        break;
    case FAULT_BY_RECURSION:
        nowhere += recurse(0);
        break;
    case FAULT_IN_FUNCTION:
    default:
        write_somewhere(); // for any other
    }
    *size = 0;
    return 0;
}

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *buffer)
{
    (void)buffer;
    return answer(size, count);
}

uint32_t GetIScsiSessionListW(uint32_t *size, uint32_t *count, void *buffer)
{
    (void)buffer;
    return answer(size, count);
}
