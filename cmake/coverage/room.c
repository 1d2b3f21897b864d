// SPDX-License-Identifier: Apache-2.0
// Of the coverage build only, and of iscsidsc-tck-room: the folder of the counters can be written
// to where the rest of the file system can't.
#include <stdlib.h>
#include <string.h>

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);

// Not after "--": that is the host's.
static int find_writable(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--writable") == 0)
            return i;
    return 0;
}

int __wrap_main(int argc, char **argv)
{
    int at = find_writable(argc, argv);
    char **more = calloc((size_t)argc + 3, sizeof *more);
    if (at == 0 || more == NULL)
        return __real_main(argc, argv);
    memcpy(more, argv, (size_t)at * sizeof *more);
    more[at] = (char *)"--writable";
    more[at + 1] = (char *)COVERAGE_FOLDER;
    memcpy(more + at + 2, argv + at, (size_t)(argc - at) * sizeof *more);
    return __real_main(argc + 2, more);
}
