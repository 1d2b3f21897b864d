// SPDX-License-Identifier: Apache-2.0
// The table of ways to damage a session table, for damage.c.
#ifndef TCK_DAMAGES_H
#define TCK_DAMAGES_H

#include "conformance/base/failure.h"
#include "conformance/transcript/truth.h"

#include <stdbool.h>
#include <stddef.h>

// The text of a good table, to be changed.
struct damage_table {
    char *text;
    size_t size;
    const struct truth *truth;
};

struct damage;

// One damage under way.
struct damage_task {
    const struct damage *damage;
    const char *path;
    struct damage_table table;
    size_t line; // which line to damage, from 1, if the damage is one that every line can have
    char *sentence;
    size_t sentence_size;
    struct failure *failure;
};

struct damage {
    const char *name;
    // Puts the damaged table at the task's path. 0; 1 when it can't be tried here, with the reason
    // as the sentence; or -1 with the task's failure.
    int (*apply)(struct damage_task *task);
    const char *sentence; // what is wrong with the table; NULL: `apply` says it
    const char *record;   // the first record of that kind is damaged,
    size_t field;         // in that field (from 0),
    const char *text;     // which has this text then; or what the table is a link to
    bool is_detail;       // the table is there and wrong in a detail, rather than gone
};

// Those that are done once, from a table that is gone to subtle damages.
extern const struct damage damages[];
extern const size_t damages_count;

// Those that are done to each line.
extern const struct damage damages_cut_after;
extern const struct damage damages_cut_in;

#endif
