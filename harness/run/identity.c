// SPDX-License-Identifier: Apache-2.0
// Compares what a library's file is with what it was.
#include "harness/run/identity.h"

#include "harness/run/shard.h"

#include <errno.h>
#include <string.h>

int identity_take(struct identity *identity, const char *path, const char *digest,
                  struct failure *failure)
{
    *identity = (struct identity){.path = path, .digest = digest};
    return stat(path, &identity->status) == 0
               ? 0
               : failure_set(failure, STATUS_UNTRUSTED, "%s: %s", path, strerror(errno));
}

static int refuse(const struct identity *identity, const char *what, struct failure *failure)
{
    return failure_set(
        failure, STATUS_UNTRUSTED,
        "%s: %s while the run went on, so nobody knows which of the two the verdicts "
        "are about; run it again",
        identity->path, what);
}

int identity_check(const struct identity *identity, bool end, struct failure *failure)
{
    const struct stat *was = &identity->status;
    struct stat now;
    char digest[17];
    struct failure unread = {0};
    if (stat(identity->path, &now) != 0)
        return refuse(identity, "the file was removed", failure);
    if (now.st_dev != was->st_dev || now.st_ino != was->st_ino)
        return refuse(identity, "another file took its place", failure);
    if (now.st_size != was->st_size || now.st_mtim.tv_sec != was->st_mtim.tv_sec ||
        now.st_mtim.tv_nsec != was->st_mtim.tv_nsec)
        return refuse(identity, "the file was written to", failure);
    if (!end || identity->digest == NULL || identity->digest[0] == '\0')
        return 0;
    if (shard_digest_file(digest, identity->path, &unread) != 0)
        return refuse(identity, "the file could not be read any more", failure);
    return strcmp(digest, identity->digest) == 0 ? 0
                                                 : refuse(identity, "its bytes changed", failure);
}
