// SPDX-License-Identifier: Apache-2.0
// Functions of the C library that hostile-exports_c_library.so has under the same names. None of
// them may come to the host's calls.
#include <stddef.h>
#include <stdlib.h>
#include <sys/types.h>

#define REPLACEMENT(type, name)                                                                    \
    __attribute__((visibility("default"))) type name(void);                                        \
    type name(void)                                                                                \
    {                                                                                              \
        return 0;                                                                                  \
    }

REPLACEMENT(ssize_t, send)
REPLACEMENT(ssize_t, sendmsg)
REPLACEMENT(ssize_t, writev)
REPLACEMENT(ssize_t, recv)
REPLACEMENT(int, clock_gettime)
REPLACEMENT(int, sigaction)
REPLACEMENT(int, mprotect)
REPLACEMENT(int, fcntl)
REPLACEMENT(void *, dlsym)
REPLACEMENT(int, main)
