// SPDX-License-Identifier: Apache-2.0
// Puts a new file, link or FIFO in a path's place with one rename, so that a reader sees the old
// one or the new one and nothing between.
#ifndef TCK_REPLACEMENT_H
#define TCK_REPLACEMENT_H

#include "conformance/base/failure.h"

#include <stddef.h>

// Makes the new one at `path`. 0; or -1 with errno, and nothing left there: EEXIST where something
// is there already.
typedef int replacement_maker(const char *path, const void *argument);

// Makes it under a free name beside `path`, and renames it. A folder at `path` can't be replaced.
// 0, or -1 with `failure` (STATUS_UNTRUSTED).
int replacement_put(const char *path, replacement_maker *make, const void *argument,
                    struct failure *failure);

// The same of a file with these bytes, which only the user may read.
int replacement_write(const char *path, const char *bytes, size_t size, struct failure *failure);

// Removes an empty folder at `path`, if there is one, so that something else can be put there. 0,
// or -1 with `failure`.
int replacement_clear_folder(const char *path, struct failure *failure);

int replacement_fail_memory(struct failure *failure); // -1

// Writes all bytes. 0, or -1 with errno.
int replacement_write_all(int fd, const char *bytes, size_t size);

#endif
