// SPDX-License-Identifier: Apache-2.0
// Takes the source of sessions away, in each way that docs/session-table.md calls unavailable: the
// session table gone, unreadable or damaged; and brings it back. While it is damaged the call must
// fail, and write nothing. What a reader may accept or refuse is not among the damages: lines after
// `end`, a missing last LF, upper-case hex digits, an invalid byte in a name.
//
// (That the environment variable is unset is tried by the process that makes the calls.)
#ifndef TCK_DAMAGE_H
#define TCK_DAMAGE_H

#include "conformance/transcript/truth.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    DAMAGE_SENTENCE_SIZE = 160,
    DAMAGE_GROWTH_LIMIT = 64 << 20, // bytes on disk
};

// How many there are for a table of this truth: some are done to every line.
size_t damage_count(const struct truth *truth);

// How many of them, the first ones, are done once to a table and not to every line.
size_t damage_once_count(void);

// The name of one, for programs: letters and '-'; the same for all lines. NULL: there is none such.
const char *damage_name(const struct truth *truth, size_t index);

// Is the table there, and wrong in a detail, rather than gone?
bool damage_is_detail(const struct truth *truth, size_t index);

// Puts the table of `truth`, damaged, at `path`, in place of what is there. `sentence` says to
// people what is wrong with it ("the table is cut after line 3"). 0; 1 when it can't be tried here,
// with the reason in `sentence` and `path` as damage_repair leaves it; or -1 with `failure`. The
// replacement is a rename, so that a reader sees nothing between, but where a folder is replaced.
int damage_apply(const char *path, const struct truth *truth, size_t index, char *sentence,
                 size_t size, struct failure *failure);

// Puts the good table of `truth` at `path`, in place of what is there. 0, or -1 with `failure`.
int damage_repair(const char *path, const struct truth *truth, struct failure *failure);

// A table that grows while it is read, and never ends.
struct damage_growth;

// Puts one at `path`: good so far, but without its `end`. 0, or -1 with `failure`.
int damage_grow_begin(struct damage_growth **growth, const char *path, const struct truth *truth,
                      struct failure *failure);

// Appends about `size` bytes of further good records. 0; 1 when it has reached DAMAGE_GROWTH_LIMIT
// and grows no more; or -1 with `failure`.
int damage_grow_step(struct damage_growth *growth, size_t size, struct failure *failure);

// Ends the growth; the file stays until damage_repair. NULL is allowed.
void damage_grow_end(struct damage_growth *growth);

#endif
