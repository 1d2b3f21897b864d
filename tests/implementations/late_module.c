// What faulting.c loads in a call.
#include <stdint.h>

void fault_late(void);

void fault_late(void)
{
    volatile uintptr_t address = 16;
    *(volatile char *)address = 3; // in the late module
}
