// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target on files, and on all files of folders: a corpus as a regression test.
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t tried;

static void try_file(const char *path)
{
    static uint8_t bytes[1 << 22];
    FILE *file = fopen(path, "re");
    fuzz_expect(file != NULL, path);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    // So that sanitizers see what is read behind the end.
    uint8_t *copy = malloc(size + (size == 0));
    fuzz_expect(copy != NULL, "there is memory");
    memcpy(copy, bytes, size);
    fprintf(stderr, "%s\n", path);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    tried++;
}

static void try_path(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL && errno == ENOTDIR) {
        try_file(path);
        return;
    }
    fuzz_expect(folder != NULL, path);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char inner[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (entry->d_type == DT_REG)
            try_file(inner);
    }
    closedir(folder);
}

int main(int argc, char **argv)
{
    if (LLVMFuzzerInitialize != NULL)
        LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++)
        try_path(argv[i]);
    fprintf(stderr, "%zu inputs\n", tried);
    return tried > 0 ? 0 : 1;
}
