// SPDX-License-Identifier: Apache-2.0
// Catches what would end the process inside a call, on Windows. The filter for exceptions that
// nobody handles is the last to be asked, so that a library's own handlers work as they should. A
// stack that is used up leaves no room for it: that is seen before all others. Both only note what
// happened; a thread of the host's own tells the kit, on a stack of its own.
#include "harness/host/host_windows.h"
#include "harness/host/protocol.h"

#include <stdatomic.h>
#include <string.h>

#ifndef STATUS_STACK_BUFFER_OVERRUN
#define STATUS_STACK_BUFFER_OVERRUN 0xC0000409
#endif

// Numbers of signals as the kit's system has them.
enum {
    KIT_SIGILL = 4,
    KIT_SIGTRAP = 5,
    KIT_SIGABRT = 6,
    KIT_SIGBUS = 7,
    KIT_SIGFPE = 8,
    KIT_SIGSEGV = 11
};

static DWORD trap_slot = TLS_OUT_OF_INDEXES;
static _Atomic(struct os_trap *) trap_first;
static atomic_bool dying;

// The fault, for the thread that reports it.
static struct {
    SRWLOCK lock;
    CONDITION_VARIABLE changed;
    bool noted;
    bool reported;
    const struct os_trap *trap;
    EXCEPTION_RECORD record;
    uintptr_t place; // of the instruction
    uint64_t ended_ns;
} fault;

static int32_t nearest_signal(DWORD code)
{
    switch (code) {
    case EXCEPTION_ACCESS_VIOLATION:
    case EXCEPTION_STACK_OVERFLOW:
    case EXCEPTION_GUARD_PAGE:
    case EXCEPTION_ARRAY_BOUNDS_EXCEEDED:
        return KIT_SIGSEGV;
    case EXCEPTION_IN_PAGE_ERROR:
    case EXCEPTION_DATATYPE_MISALIGNMENT:
        return KIT_SIGBUS;
    case EXCEPTION_ILLEGAL_INSTRUCTION:
    case EXCEPTION_PRIV_INSTRUCTION:
        return KIT_SIGILL;
    case EXCEPTION_BREAKPOINT:
    case EXCEPTION_SINGLE_STEP:
        return KIT_SIGTRAP;
    case EXCEPTION_INT_DIVIDE_BY_ZERO:
    case EXCEPTION_INT_OVERFLOW:
    case EXCEPTION_FLT_DENORMAL_OPERAND:
    case EXCEPTION_FLT_DIVIDE_BY_ZERO:
    case EXCEPTION_FLT_INEXACT_RESULT:
    case EXCEPTION_FLT_INVALID_OPERATION:
    case EXCEPTION_FLT_OVERFLOW:
    case EXCEPTION_FLT_STACK_CHECK:
    case EXCEPTION_FLT_UNDERFLOW:
        return KIT_SIGFPE;
    default:
        return KIT_SIGABRT;
    }
}

static void describe_access(struct outcome *outcome, const EXCEPTION_RECORD *record)
{
    enum { READ = 0, WRITE = 1, EXECUTE = 8 };
    bool by_memory = record->ExceptionCode == EXCEPTION_ACCESS_VIOLATION ||
                     record->ExceptionCode == EXCEPTION_IN_PAGE_ERROR;
    // An address that the processor refuses by its look alone is not told.
    if (!by_memory || record->NumberParameters < 2 ||
        record->ExceptionInformation[1] == UINTPTR_MAX)
        return;
    ULONG_PTR way = record->ExceptionInformation[0];
    outcome->fault_has_address = true;
    outcome->fault_address = record->ExceptionInformation[1];
    outcome->direction = way == READ      ? FAULT_READ
                         : way == WRITE   ? FAULT_WRITE
                         : way == EXECUTE ? FAULT_EXECUTE
                                          : FAULT_UNKNOWN;
}

// The module and the offset in it.
static void describe_place(struct outcome *outcome, uintptr_t place)
{
    wchar_t path[MAX_PATH];
    MEMORY_BASIC_INFORMATION memory;
    if (VirtualQuery((const void *)place, &memory, sizeof memory) == 0 || memory.Type != MEM_IMAGE)
        return;
    DWORD length = GetModuleFileNameW(memory.AllocationBase, path, MAX_PATH);
    DWORD name = length;
    while (name > 0 && path[name - 1] != '\\' && path[name - 1] != '/')
        name--;
    int bytes = WideCharToMultiByte(CP_UTF8, 0, path + name, (int)(length - name),
                                    outcome->fault_module, FAULT_MODULE_MAX - 1, NULL, NULL);
    outcome->fault_module[bytes > 0 ? bytes : 0] = '\0';
    outcome->fault_offset = place - (uintptr_t)memory.AllocationBase;
}

static void describe_fault(struct outcome *outcome)
{
    const struct os_trap *trap = fault.trap;
    outcome->kind = OUTCOME_FAULT;
    outcome->inside = outcome->before = outcome->after = extent_none();
    outcome->exception = fault.record.ExceptionCode;
    outcome->signal_number = nearest_signal(fault.record.ExceptionCode);
    outcome->base = trap->base;
    outcome->began_ns = trap->began_ns;
    outcome->ended_ns = fault.ended_ns;
    outcome_single(outcome);
    outcome->repeats += trap->unsent;
    if (trap->unsent > 0) // when exactly they were made is not known any more
        outcome->first_ended_ns = outcome->last_began_ns = outcome->began_ns;
    describe_access(outcome, &fault.record);
    describe_place(outcome, fault.place);
}

static _Noreturn void report_and_die(void)
{
    enum { FAULT_FRAME = FRAME_HEADER_SIZE + FAULT_SIZE };
    static uint8_t frames[FAULT_FRAME + FRAME_HEADER_SIZE + STACK_HEADER_SIZE];
    uint8_t *behind = frames + FAULT_FRAME;
    struct outcome outcome = {0};
    struct frame_header header = {fault.trap->nonce, FRAME_FAULT, FAULT_SIZE};
    // The kit waits for a STACK. Of a Windows program it can't be followed.
    struct frame_header last = {fault.trap->nonce, FRAME_STACK, STACK_HEADER_SIZE};
    const struct stack_image none = {0};
    describe_fault(&outcome);
    if (frame_header_encode(frames, FRAME_HEADER_SIZE, &header) > 0 &&
        fault_encode(frames + FRAME_HEADER_SIZE, FAULT_SIZE, fault.trap->thread, fault.trap->index,
                     &outcome, "") > 0 &&
        frame_header_encode(behind, FRAME_HEADER_SIZE, &last) > 0 &&
        stack_encode(behind + FRAME_HEADER_SIZE, STACK_HEADER_SIZE, &none) > 0)
        windows_channel_write_last(fault.trap->channel, frames, sizeof frames);
    os_end((int)fault.record.ExceptionCode);
}

static DWORD WINAPI await_fault(void *unused)
{
    (void)unused;
    AcquireSRWLockExclusive(&fault.lock);
    while (!fault.noted)
        SleepConditionVariableSRW(&fault.changed, &fault.lock, INFINITE, 0);
    fault.reported = true;
    ReleaseSRWLockExclusive(&fault.lock);
    report_and_die();
}

static struct os_trap *trap_here(void)
{
    struct os_trap *trap = TlsGetValue(trap_slot);
    return trap != NULL ? trap : atomic_load(&trap_first);
}

// Notes the first fault and waits for the end. Where the reporting thread does not answer (the
// library ended it), this one reports.
static void on_fault(const EXCEPTION_POINTERS *exception)
{
    enum { PATIENCE_MS = 1000 };
    const struct os_trap *trap = trap_here();
    if (trap == NULL)
        return;
    if (!atomic_exchange(&dying, true)) {
        AcquireSRWLockExclusive(&fault.lock);
        fault.trap = trap;
        fault.record = *exception->ExceptionRecord;
        fault.place = (uintptr_t)exception->ExceptionRecord->ExceptionAddress;
        fault.ended_ns = os_now_ns();
        fault.noted = true;
        ReleaseSRWLockExclusive(&fault.lock);
        WakeAllConditionVariable(&fault.changed);
        for (int i = 0; i < PATIENCE_MS && !fault.reported; i++)
            Sleep(1);
        if (!fault.reported)
            report_and_die();
    }
    Sleep(INFINITE); // the thread that reports ends the process
}

static LONG WINAPI on_unhandled(EXCEPTION_POINTERS *exception)
{
    on_fault(exception);
    return EXCEPTION_EXECUTE_HANDLER;
}

static LONG WINAPI on_any(EXCEPTION_POINTERS *exception)
{
    if (exception->ExceptionRecord->ExceptionCode == EXCEPTION_STACK_OVERFLOW)
        on_fault(exception);
    return EXCEPTION_CONTINUE_SEARCH;
}

// The thread that makes the calls first of all starts the one that reports.
static int begin(void)
{
    DWORD id = 0;
    if (trap_slot != TLS_OUT_OF_INDEXES)
        return 0;
    trap_slot = TlsAlloc();
    HANDLE thread = CreateThread(NULL, 0, await_fault, NULL, 0, &id);
    if (trap_slot == TLS_OUT_OF_INDEXES || thread == NULL)
        return -1;
    CloseHandle(thread);
    AddVectoredExceptionHandler(1, on_any);
    return 0;
}

int os_trap_create(struct os_trap *trap)
{
    enum { ROOM = 32 * 1024 }; // of the stack, for the handler
    static SRWLOCK lock = SRWLOCK_INIT;
    ULONG room = ROOM;
    AcquireSRWLockExclusive(&lock);
    int result = begin();
    ReleaseSRWLockExclusive(&lock);
    if (result != 0)
        return -1;
    SetThreadStackGuarantee(&room);
    trap->armed = false;
    TlsSetValue(trap_slot, trap);
    struct os_trap *none = NULL;
    atomic_compare_exchange_strong(&trap_first, &none, trap);
    return 0;
}

void os_trap_destroy(struct os_trap *trap)
{
    TlsSetValue(trap_slot, NULL);
    struct os_trap *own = trap;
    atomic_compare_exchange_strong(&trap_first, &own, NULL);
}

void os_trap_arm(struct os_trap *trap)
{
    if (atomic_load(&dying))
        return;
    trap->armed = true;
    SetUnhandledExceptionFilter(on_unhandled);
}

// --- the calling convention of 32 bits

#if !defined(_WIN64)
// Calls by __stdcall and compares the stack pointer before and after: a __cdecl function leaves its
// arguments there. Returns how many bytes it left.
uint32_t call_and_compare(session_list_function function, const uintptr_t *arguments,
                          unsigned count, uint32_t *result);
__asm__(".globl _call_and_compare\n"
        "_call_and_compare:\n"
        "    pushl %ebp\n"
        "    movl %esp, %ebp\n"
        "    pushl %esi\n"
        "    andl $-16, %esp\n"
        "    movl 16(%ebp), %ecx\n" // so that the stack is aligned to 16 after the arguments
        "    leal (,%ecx,4), %eax\n"
        "    negl %eax\n"
        "    andl $15, %eax\n"
        "    subl %eax, %esp\n"
        "    movl %esp, %esi\n"
        "    movl 12(%ebp), %edx\n"
        "1:  testl %ecx, %ecx\n"
        "    jz 2f\n"
        "    pushl -4(%edx,%ecx,4)\n"
        "    decl %ecx\n"
        "    jmp 1b\n"
        "2:  call *8(%ebp)\n"
        "    movl 20(%ebp), %edx\n"
        "    movl %eax, (%edx)\n"
        "    movl %esi, %eax\n"
        "    subl %esp, %eax\n"
        "    leal -4(%ebp), %esp\n"
        "    popl %esi\n"
        "    popl %ebp\n"
        "    ret\n");

uint32_t os_call(session_list_function function, const uintptr_t arguments[3], unsigned count)
{
    uint32_t result = 0;
    if (call_and_compare(function, arguments, count, &result) != 0) {
        os_say("the function left its arguments on the stack: it is __cdecl; declare it WINAPI, "
               "which is __stdcall");
        os_end(HOST_EXIT_CONVENTION);
    }
    return result;
}
#endif
