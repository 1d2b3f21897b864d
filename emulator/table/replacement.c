// SPDX-License-Identifier: Apache-2.0
// Replaces files by rename.
#include "emulator/table/replacement.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_TRIES = 1000 }; // for a free name

int replacement_fail_memory(struct failure *failure)
{
    return failure_set(failure, STATUS_UNTRUSTED, "session table: out of memory");
}

// By exchange, where there is something at `path`: the file system ext4 writes a file that takes
// another's place by rename to the disk at once, and the reader waits.
static int take_place(const char *beside, const char *path)
{
    if (renameat2(AT_FDCWD, beside, AT_FDCWD, path, RENAME_EXCHANGE) != 0)
        return rename(beside, path);
    if (unlink(beside) == 0)
        return 0;
    int error = errno; // it is a folder
    renameat2(AT_FDCWD, beside, AT_FDCWD, path, RENAME_EXCHANGE);
    errno = error;
    return -1;
}

int replacement_put(const char *path, replacement_maker *make, const void *argument,
                    struct failure *failure)
{
    char *beside = NULL;
    int result = -1;
    int made = -1;
    for (unsigned i = 0; i < NAME_TRIES && made != 0; i++) {
        free(beside);
        if (asprintf(&beside, "%s.new-%u", path, i) < 0)
            return replacement_fail_memory(failure);
        made = make(beside, argument);
        if (made != 0 && errno != EEXIST)
            break;
    }
    if (made != 0)
        failure_set(failure, STATUS_UNTRUSTED, "session table: can't make a file beside %s: %s%s",
                    path, strerror(errno), failure_room(errno));
    else if (take_place(beside, path) != 0)
        failure_set(failure, STATUS_UNTRUSTED, "session table: can't rename %s to %s: %s", beside,
                    path, strerror(errno));
    else
        result = 0;
    if (made == 0 && result != 0)
        unlink(beside);
    free(beside);
    return result;
}

int replacement_clear_folder(const char *path, struct failure *failure)
{
    struct stat status;
    if (lstat(path, &status) != 0 || !S_ISDIR(status.st_mode) || rmdir(path) == 0)
        return 0;
    return failure_set(failure, STATUS_UNTRUSTED, "session table: %s: can't remove the folder: %s",
                       path, strerror(errno));
}

int replacement_write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        bytes += written;
        size -= (size_t)written;
    }
    return 0;
}

struct content {
    const char *bytes;
    size_t size;
};

static int make_file(const char *path, const void *argument)
{
    const struct content *content = argument;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    int result = replacement_write_all(fd, content->bytes, content->size);
    int error = errno;
    if (close(fd) != 0 && result == 0) { // some file systems report a full disk only here
        error = errno;
        result = -1;
    }
    if (result != 0)
        unlink(path);
    errno = error;
    return result;
}

int replacement_write(const char *path, const char *bytes, size_t size, struct failure *failure)
{
    const struct content content = {bytes, size};
    return replacement_put(path, make_file, &content, failure);
}
