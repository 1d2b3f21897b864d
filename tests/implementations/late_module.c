// SPDX-License-Identifier: Apache-2.0
// What faulting.c loads in a call.
void fault_late(void);

void fault_late(void)
{
    char *volatile address = (char *)16;
    *address = 3; // in the late module
}
