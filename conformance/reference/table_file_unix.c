// SPDX-License-Identifier: Apache-2.0
// The file with the session table on Unix.
#include "conformance/reference/table_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *path(void)
{
    return getenv("ISCSIDSC_SESSION_TABLE");
}

bool table_file_is_named(void)
{
    return path() != NULL;
}

static enum table_file_kind kind_of(mode_t mode)
{
    if (S_ISREG(mode))
        return TABLE_FILE_REGULAR;
    return S_ISFIFO(mode) ? TABLE_FILE_FIFO : TABLE_FILE_OTHER;
}

// O_NONBLOCK: a FIFO would make open wait.
bool table_file_open(struct table_file *file)
{
    int descriptor = path() ? open(path(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
    struct stat status;
    if (descriptor < 0)
        return false;
    if (fstat(descriptor, &status) < 0) {
        (void)close(descriptor);
        return false;
    }
    file->handle = descriptor;
    file->kind = kind_of(status.st_mode);
    file->size = file->kind == TABLE_FILE_REGULAR ? (uint64_t)status.st_size : 0;
    return true;
}

// A regular file that gives less than was asked for has ended there: no second read to learn that.
ptrdiff_t table_file_read(const struct table_file *file, char *bytes, size_t size)
{
    size_t done = 0;
    bool ended = false;
    while (done < size && !ended) {
        size_t left = size - done;
        ssize_t count = read((int)file->handle, bytes + done, left);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -1;
        done += (size_t)count;
        ended = count == 0 || (file->kind == TABLE_FILE_REGULAR && (size_t)count < left);
    }
    return (ptrdiff_t)done;
}

static uint64_t in_ns(struct timespec time)
{
    return (uint64_t)time.tv_sec * 1000000000U + (uint64_t)time.tv_nsec;
}

bool table_file_mark(const struct table_file *file, struct table_file_mark *mark)
{
    struct stat status;
    if (fstat((int)file->handle, &status) < 0)
        return false;
    *mark = (struct table_file_mark){
        .device = status.st_dev,
        .number = status.st_ino,
        .size = (uint64_t)status.st_size,
        .modified = in_ns(status.st_mtim),
        .changed = in_ns(status.st_ctim),
    };
    return true;
}

int64_t table_file_age(const struct table_file *file)
{
    struct table_file_mark mark;
    struct timespec now;
    if (!table_file_mark(file, &mark) || clock_gettime(CLOCK_REALTIME, &now) != 0)
        return INT64_MAX;
    return (int64_t)(in_ns(now) - mark.modified);
}

void table_file_close(const struct table_file *file)
{
    (void)close((int)file->handle);
}
