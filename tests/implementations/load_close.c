// SPDX-License-Identifier: Apache-2.0
// A library that closes every descriptor while it is loaded.
#include <unistd.h>

__attribute__((constructor)) static void on_load(void)
{
    for (int descriptor = 3; descriptor < 70000; descriptor++)
        close(descriptor);
}
