// SPDX-License-Identifier: Apache-2.0
// Unpacks files while they are read.
#include "harness/command/packed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

struct packed {
    gzFile file;
    long long unpacked; // bytes, until now
};

static ssize_t read_some(void *cookie, char *bytes, size_t size)
{
    struct packed *packed = cookie;
    unsigned most = size > 1U << 30 ? 1U << 30 : (unsigned)size;
    int got = gzread(packed->file, bytes, most);
    int status = Z_OK;
    // At the end of a file that was cut short there are bytes, or none, and this error.
    (void)gzerror(packed->file, &status);
    if (got < 0 || (status != Z_OK && status != Z_STREAM_END)) {
        errno = status == Z_ERRNO ? errno : status == Z_MEM_ERROR ? ENOMEM : EBADMSG;
        return -1;
    }
    packed->unpacked += got;
    if (packed->unpacked > PACKED_FILE_MAX) {
        errno = EFBIG;
        return -1;
    }
    return got;
}

static int close_packed(void *cookie)
{
    struct packed *packed = cookie;
    int result = gzclose(packed->file) == Z_OK ? 0 : -1;
    free(packed);
    return result;
}

FILE *packed_file_open(const char *path)
{
    const cookie_io_functions_t functions = {.read = read_some, .close = close_packed};
    struct packed *packed = calloc(1, sizeof *packed);
    int descriptor = packed == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0) {
        free(packed);
        return NULL;
    }
    packed->file = gzdopen(descriptor, "rb");
    if (packed->file == NULL) {
        close(descriptor);
        free(packed);
        errno = ENOMEM;
        return NULL;
    }
    FILE *stream = fopencookie(packed, "r", functions);
    if (stream == NULL)
        close_packed(packed);
    return stream;
}

bool packed_file_is_damaged(const char *path)
{
    char piece[BUFSIZ];
    FILE *stream = packed_file_open(path);
    if (stream == NULL)
        return false;
    errno = 0;
    while (fread(piece, 1, sizeof piece, stream) > 0)
        ;
    bool damaged = ferror(stream) != 0 && errno == EBADMSG;
    (void)fclose(stream);
    return damaged;
}
