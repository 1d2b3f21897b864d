// SPDX-License-Identifier: Apache-2.0
// Judges of functions that fill a buffer with names, one behind the other, and a NUL more at the
// end: the groups TARGETS and INITIATORS share them.
#ifndef TCK_NAME_JUDGES_H
#define TCK_NAME_JUDGES_H

#include "conformance/judge/clause.h"
#include "conformance/judge/items.h"

// Reads the names of a success; false, with the verdict, when memory ran out. Freed with
// item_names_free in both cases.
bool judge_read_names(const struct evidence *evidence, const struct record *record,
                      struct item_names *names, struct verdict *verdict);

// On success, is the size no more than was offered, and no less than was filled?
void judge_names_size(const struct evidence *evidence, struct verdict *verdict);
// Does each name end with a NUL, and one more come after the last?
void judge_names_form(const struct evidence *evidence, struct verdict *verdict);
// Do A and W tell the same names?
void judge_names_agree(const struct evidence *evidence, struct verdict *verdict);
// Does the same call give the same status, size and names?
void judge_names_same(const struct evidence *evidence, struct verdict *verdict);

// Do two successes tell the same names? An items_equal.
bool names_equal(const struct evidence *evidence, const struct record *one,
                 const struct record *other);

// How often it is one of the names.
size_t item_names_count(const struct item_names *names, const char *name);

#endif
