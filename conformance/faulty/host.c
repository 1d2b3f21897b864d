// What happens to the process that loads an implementation: none of this is a clause's, all of it
// must be survived by the kit, and said clearly.
#include "conformance/faulty/faulty.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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
    for (int descriptor = 3; descriptor < 64; descriptor++)
        (void)close(descriptor);
    return faulty_correct(call);
}

uint32_t fault_exports_nothing(struct faulty_call *call)
{
    return faulty_correct(call);
}
