// SPDX-License-Identifier: Apache-2.0
// Finds what runs 32-bit programs here.
#include "tests/host_i386.h"

#include "harness/driver/trial.h"

#include <stdio.h>
#include <unistd.h>

int host_i386_find(const char *program, const char **cpu_emulator)
{
    static const char emulator[] = "/usr/bin/qemu-i386";
    const char *const arguments[] = {emulator, program, "--help", NULL};
    *cpu_emulator = NULL;
    if (access(program, X_OK) != 0) {
        (void)printf(
            "skipped: nothing was built for 32-bit Linux; ci/build installs gcc-multilib\n");
        return -1;
    }
    if (trial_run(arguments + 1) == 0)
        return 0;
    *cpu_emulator = emulator;
    if (trial_run(arguments) == 0)
        return 0;
    (void)printf("skipped: this machine runs no 32-bit programs, and has no qemu-i386; "
                 "ci/install-packages installs it\n");
    return -1;
}
