// SPDX-License-Identifier: Apache-2.0
// Loses a piece of memory when it is loaded. It exports nothing: it is linked to a library that
// does.
#include <stdlib.h>

static void *volatile lost;

__attribute__((constructor)) static void lose(void)
{
    lost = malloc(4000);
    lost = NULL;
}
