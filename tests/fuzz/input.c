// SPDX-License-Identifier: Apache-2.0
// What fuzz targets share.
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

const char *fuzz_file(const uint8_t *bytes, size_t size)
{
    static int file = -1;
    static char path[32];
    if (file < 0) {
        file = memfd_create("fuzz", MFD_CLOEXEC);
        fuzz_expect(file >= 0, "a file in memory can be made");
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    }
    fuzz_expect(ftruncate(file, 0) == 0, "it can be emptied");
    fuzz_expect(pwrite(file, bytes, size, 0) == (ssize_t)size, "it can be written");
    return path;
}

char *fuzz_text(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);
    fuzz_expect(text != NULL, "there is memory");
    memcpy(text, bytes, size);
    text[size] = '\0';
    return text;
}

void fuzz_expect(int good, const char *promise)
{
    if (good)
        return;
    fprintf(stderr, "fuzz: not so: %s\n", promise);
    abort();
}
