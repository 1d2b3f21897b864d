// SPDX-License-Identifier: Apache-2.0
// A library that ends the process while it is loaded, and says so.
#include <stdio.h>
#include <stdlib.h>

__attribute__((constructor)) static void on_load(void)
{
    fputs("no licence found\n", stderr);
    exit(5);
}
