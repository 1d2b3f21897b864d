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
    case FAULT_IN_FUNCTION:
    default:
        write_somewhere();
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
