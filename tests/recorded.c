// SPDX-License-Identifier: Apache-2.0
// Recorded transcripts, for the tests that judge them.
#include "tests/recorded.h"

#include <check.h>
#include <errno.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { UNPACKED_MAX = 64 << 20 };

struct loaded {
    char *name;
    struct transcript *transcript;
    struct loaded *next;
};

static struct loaded *all_loaded;

uint8_t *recorded_read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "re");
    ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    *size = (size_t)ftell(file);
    uint8_t *bytes = malloc(*size + 1);
    ck_assert_ptr_nonnull(bytes);
    rewind(file);
    ck_assert_uint_eq(fread(bytes, 1, *size, file), *size);
    bytes[*size] = '\0';
    fclose(file);
    return bytes;
}

// A file in memory with what is packed in the file `path`.
static int unpack(const char *path)
{
    size_t packed_size = 0;
    size_t taken = 0;
    size_t size = 0;
    uint64_t limit = UINT64_MAX;
    uint8_t *packed = recorded_read_file(path, &packed_size);
    uint8_t *bytes = malloc(UNPACKED_MAX);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_msg(lzma_stream_buffer_decode(&limit, 0, NULL, packed, &taken, packed_size, bytes,
                                            &size, UNPACKED_MAX) == LZMA_OK,
                  "%s: can't be unpacked", path);
    int fd = memfd_create("transcript", MFD_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
    free(bytes);
    free(packed);
    return fd;
}

static struct transcript *load(const char *name)
{
    char path[512];
    struct transcript *transcript = NULL;
    struct failure failure = {0};
    snprintf(path, sizeof path, RECORDED_FOLDER "/%s", name);
    int fd = unpack(path);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ck_assert_msg(transcript_load(&transcript, fopen(path, "re"), path, &failure) == 0, "%s: %s",
                  name, failure.text);
    close(fd);
    return transcript;
}

const struct transcript *recorded_transcript(const char *name)
{
    struct loaded *loaded = all_loaded;
    while (loaded != NULL && strcmp(loaded->name, name) != 0)
        loaded = loaded->next;
    if (loaded != NULL)
        return loaded->transcript;
    loaded = calloc(1, sizeof *loaded);
    ck_assert_ptr_nonnull(loaded);
    *loaded = (struct loaded){strdup(name), load(name), all_loaded};
    all_loaded = loaded;
    return loaded->transcript;
}

void recorded_free(void)
{
    while (all_loaded != NULL) {
        struct loaded *next = all_loaded->next;
        transcript_free(all_loaded->transcript);
        free(all_loaded->name);
        free(all_loaded);
        all_loaded = next;
    }
}
