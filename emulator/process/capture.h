// SPDX-License-Identifier: Apache-2.0
// What a process printed.
#ifndef TCK_CAPTURE_H
#define TCK_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>

// The last `limit` bytes, or, where all is wanted, all of it up to `limit`.
struct capture {
    char *bytes;
    size_t used;
    size_t capacity;
    size_t limit;
    size_t total;   // ever printed
    char head[256]; // the first bytes, as a string
    bool whole; // all is wanted: more than `limit` is an error, not a reason to forget the oldest
    bool cut;   // something was forgotten, or (whole) did not fit
    bool starving; // memory ran out
};

// Adds what was printed; see `cut` and `starving`.
void capture_add(struct capture *capture, const char *bytes, size_t count);

// What is kept of what was printed behind the first `mark` bytes, for messages: without newlines at
// its end, control characters other than newline and tab replaced by '?'. malloc'ed; NULL: memory
// ran out.
char *capture_text(const struct capture *capture, size_t mark);

// All that is kept, as it came, as a string; malloc'ed. NULL: memory ran out.
char *capture_copy(const struct capture *capture);

#endif
