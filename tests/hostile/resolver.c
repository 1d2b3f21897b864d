// SPDX-License-Identifier: Apache-2.0
// A function whose address hostile-resolves_by_attack.so finds by code of its own: the linker waits
// for it while the library is loaded, and there nothing of the C library is to be had yet.
#include <stddef.h>

int found_by_code(void);

static int never_called(void)
{
    return 0;
}

__attribute__((used)) static int (*resolve(void))(void)
{
    for (volatile int on = 1; on != 0;) {
    }
    return never_called;
}

__attribute__((visibility("default"), ifunc("resolve"))) int found_by_code(void);

int (*volatile needs_it)(void) = found_by_code;
