// SPDX-License-Identifier: Apache-2.0
// Which file a library is: a run is about one, so none may take its place while the run goes on.
#ifndef TCK_IDENTITY_H
#define TCK_IDENTITY_H

#include "conformance/base/failure.h"

#include <stdbool.h>
#include <sys/stat.h>

struct identity {
    const char *path;   // borrowed
    const char *digest; // of its bytes, see shard_digest_file; borrowed. NULL or "": not known
    struct stat status; // when the run began
};

// Takes down which file is at `path`. 0, or -1 with `failure` (STATUS_UNTRUSTED).
int identity_take(struct identity *identity, const char *path, const char *digest,
                  struct failure *failure);

// Is it still the same (device, inode, size, time of the last change)? At the `end` its bytes are
// read, too. 0, or -1 with `failure` (STATUS_UNTRUSTED), which says what is not.
int identity_check(const struct identity *identity, bool end, struct failure *failure);

#endif
