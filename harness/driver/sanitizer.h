// SPDX-License-Identifier: Apache-2.0
// A library that was built with -fsanitize=...: what its process needs.
#ifndef TCK_SANITIZER_H
#define TCK_SANITIZER_H

#include <stdbool.h>

enum { SANITIZER_VARIABLES = 5 };

struct sanitizer {
    bool found;
    bool any_memory; // it reserves terabytes of addresses: there must be no limit
    // "NAME=value", malloc'ed; NULL behind the last.
    char *environment[SANITIZER_VARIABLES + 1];
};

// Reads the library at `path`. 0, or -1 when memory ran out. Freed with sanitizer_free.
int sanitizer_detect(struct sanitizer *sanitizer, const char *path);
void sanitizer_free(struct sanitizer *sanitizer);

#endif
