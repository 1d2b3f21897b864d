// SPDX-License-Identifier: Apache-2.0
// With a stack of a few pages main would end by a signal before it could say why. So the limit is
// looked at before main, by a function that needs little of it.
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    WANTED = 1 << 20,   // as limits_require has it; by then that is said with more words
    NEEDED = 256 << 10, // by every command
    STATUS = 3,         // STATUS_UNTRUSTED
};

// A limit that is raised here holds at once, also for what the kit starts.
__attribute__((constructor)) static void require_stack(void)
{
    struct rlimit limit;
    char text[160];
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= WANTED)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_max >= NEEDED)
        return;
    snprintf(
        text, sizeof text,
        "iscsidsc-tck: the kit needs %d KiB of stack; the hard limit (ulimit -Hs) is %llu KiB: "
        "raise it\n",
        NEEDED >> 10, (unsigned long long)limit.rlim_max >> 10);
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written; // there is nowhere else to say it
    _exit(STATUS);
}
