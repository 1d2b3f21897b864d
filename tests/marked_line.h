// SPDX-License-Identifier: Apache-2.0
// The number of a line of a source file, found by a comment in it.
#ifndef TCK_MARKED_LINE_H
#define TCK_MARKED_LINE_H

// The first line of the file that has the text, from 1; fails the test under way if there is none.
unsigned marked_line(const char *path, const char *text);

#endif
