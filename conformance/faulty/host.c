// SPDX-License-Identifier: Apache-2.0
// What happens to the process that loads an implementation: none of this is a clause's, all of it
// must be survived by the kit, and said clearly.
#include "conformance/faulty/faulty.h"

#include "conformance/system/system.h"

#include <stdio.h>
#include <stdlib.h>

uint32_t fault_crashes(struct faulty_call *call)
{
    (void)call;
    volatile uintptr_t address = 8; // volatile: the compiler is not to see through it and refuse
    *(volatile int *)address = 0;   // NOLINT(performance-no-int-to-ptr): it is to fault
    return LIST_SUCCESS;
}

uint32_t fault_loops(struct faulty_call *call)
{
    (void)call;
    for (volatile unsigned turns = 0;; turns = turns + 1) {
    }
}

uint32_t fault_exits(struct faulty_call *call)
{
    (void)call;
    exit(0); // NOLINT(concurrency-mt-unsafe): it is the fault
}

uint32_t fault_aborts(struct faulty_call *call)
{
    (void)call;
    abort();
}

// No fault by the contract.
uint32_t fault_prints(struct faulty_call *call)
{
    for (int i = 0; i < 16; i++) {
        (void)printf("GetIScsiSessionList: SessionInfo %p, a line for whoever debugs it\n",
                     call->info);
        (void)fprintf(stderr, "GetIScsiSessionList: \x1b[31mdebug\x1b[0m \xff\xfe line %d\n", i);
    }
    (void)fflush(stdout);
    return faulty_correct(call);
}

uint32_t fault_closes_descriptors(struct faulty_call *call)
{
    system_close_handles(3, 63);
    return faulty_correct(call);
}

uint32_t fault_exports_nothing(struct faulty_call *call)
{
    return faulty_correct(call);
}

// As a library does that makes a daemon of itself.
uint32_t fault_closes_all_descriptors(struct faulty_call *call)
{
    system_close_handles(3, SYSTEM_ALL_HANDLES);
    return faulty_correct(call);
}

// A thread that calls it ends instead of returning.
uint32_t fault_ends_thread(struct faulty_call *call)
{
    (void)call;
    system_end_thread();
}

uint32_t fault_kills_process(struct faulty_call *call)
{
    system_kill_process();
    return faulty_correct(call);
}

// Ends up as a fault without a stack to handle it on, unless that was thought of. Through a
// pointer: the compiler refuses it otherwise, or makes a loop of it.
uint32_t fault_recurses(struct faulty_call *call)
{
    static uint32_t (*volatile again)(struct faulty_call *) = fault_recurses;
    volatile uint32_t frame[1024];
    frame[0] = again(call);
    return frame[0];
}
