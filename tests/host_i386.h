// SPDX-License-Identifier: Apache-2.0
// The host program for 32-bit x86 Linux, as a test can run it on this machine.
#ifndef TCK_HOST_I386_H
#define TCK_HOST_I386_H

// What runs `program`: *cpu_emulator is NULL where the processor does, else qemu-i386's path. 0; or
// -1, and the reason was printed, where nothing does.
int host_i386_find(const char *program, const char **cpu_emulator);

#endif
