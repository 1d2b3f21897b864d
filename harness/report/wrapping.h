// SPDX-License-Identifier: Apache-2.0
// Standard output and standard error, where they are terminals, with lines that are broken between
// words: nothing that prints has to know how wide a terminal is.
#ifndef TCK_WRAPPING_H
#define TCK_WRAPPING_H

#include <stddef.h>
#include <stdio.h>

enum { WRAPPING_NARROWEST = 52 }; // a terminal that is narrower breaks lines itself

// From now on what is printed is wrapped where it goes to a terminal. main() calls this first.
// Where memory runs out, it is not wrapped.
void wrapping_begin(void);

// From now on standard output is as it was: for what programs read.
void wrapping_end(void);

// The descriptor of a stream, also of one that is wrapped; -1: it has none.
int wrapping_descriptor(FILE *stream);

// The columns of the terminal that a stream goes to, as they are now; 0: it goes to none.
size_t wrapping_width(FILE *stream);

// The text in lines of at most so many columns; malloc'ed, NULL when memory ran out. A line that is
// broken goes on under its text: behind the gap that ends a label, or four columns further in.
char *wrapping_text(const char *text, size_t width);

#endif
