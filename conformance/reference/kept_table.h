// SPDX-License-Identifier: Apache-2.0
// The session table's bytes, kept from call to call where opening a file is dear:
// kept_table_windows.c. Under Wine it takes three trips to another process, and to ask for size and
// time of writing takes none. On Unix nothing is kept (kept_table_unix.c).
#ifndef TCK_KEPT_TABLE_H
#define TCK_KEPT_TABLE_H

#include "conformance/reference/text.h"

#include <stdbool.h>
#include <stdint.h>

// What tells the file at the path from the one that takes its place.
struct kept_table_mark {
    uint64_t size;    // in bytes
    uint64_t written; // in 100 ns, by the system's clock
    bool is_settled;  // whatever is written from now on has another time
};

// Looks at the file that the environment names. A copy of its bytes, malloc'ed, where they are kept
// and the file is the one that they are of. False: it has to be read, and `mark` is what was seen
// before that, for kept_table_put.
bool kept_table_take(struct text *text, char **bytes, struct kept_table_mark *mark);

// Keeps a copy of what was read after `mark` was taken, if it is one to rely on. Any thread may.
void kept_table_put(struct text text, const struct kept_table_mark *mark);

#endif
