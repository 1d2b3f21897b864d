// SPDX-License-Identifier: Apache-2.0
// A library whose loading does not end.
#include <unistd.h>

__attribute__((constructor)) static void on_load(void)
{
    for (;;)
        pause();
}
