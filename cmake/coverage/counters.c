// SPDX-License-Identifier: Apache-2.0
// Of the coverage build only: linked into each program and library that is measured. gcov writes
// its counters when a process ends by exit(). Most processes of the kit don't: hosts, workers and
// the sweeper end by _exit, by a signal, or are killed. So the counters stand in a file here, one
// for each program or library, which all its processes map (counters.ld gives them pages of their
// own). What was counted is there however the process ended. ci/coverage has each program make
// gcov's own files of it afterwards.
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOTE_HEADER_SIZE = 16, BUILD_ID_SIZE = 20 };

// Of counters.ld.
extern char coverage_begin[] __attribute__((visibility("hidden")));
extern char coverage_end[] __attribute__((visibility("hidden")));
extern const unsigned char coverage_build_id[] __attribute__((visibility("hidden")));

void __gcov_dump(void);
void __wrap___gcov_exit(void); // NOLINT(bugprone-reserved-identifier): the linker's name

// What each object calls when its program ends or its library is unloaded.
void __wrap___gcov_exit(void)
{
}

// Whatever goes wrong, nothing is counted, and the program is as usual.
static bool map_file(const char *build_id, bool shared)
{
    char path[4096];
    size_t size = (size_t)(coverage_end - coverage_begin);
    snprintf(path, sizeof path, "%s/%s", COVERAGE_FOLDER, build_id);
    int fd = open(path, shared ? O_RDWR | O_CREAT | O_CLOEXEC : O_RDONLY | O_CLOEXEC, 0666);
    struct stat status;
    if (shared && fd >= 0)
        (void)fchmod(fd, 0666); // processes of other users count, too
    bool usable = fd >= 0 && fstat(fd, &status) == 0 &&
                  (status.st_size == (off_t)size || (shared && ftruncate(fd, (off_t)size) == 0));
    usable = usable && mmap(coverage_begin, size, PROT_READ | PROT_WRITE,
                            (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED, fd, 0) != MAP_FAILED;
    if (fd >= 0)
        close(fd);
    return usable;
}

// After those constructors that tell gcov where the counters of each object are, which have the
// priority 100, and before all others. (Not strcmp, which a constructor of
// harness/fuzz/plain_compare.c finds.)
__attribute__((constructor(101))) static void begin(void)
{
    char build_id[2 * BUILD_ID_SIZE + 1];
    for (size_t i = 0; i < BUILD_ID_SIZE; i++)
        snprintf(build_id + 2 * i, 3, "%02x", coverage_build_id[NOTE_HEADER_SIZE + i]);
    const char *collected = getenv("COVERAGE_COLLECT");
    if (collected == NULL) {
        map_file(build_id, true);
    } else if (strncmp(collected, build_id, sizeof build_id) == 0) {
        if (!map_file(build_id, false))
            _exit(1);
        __gcov_dump();
        _exit(0);
    }
}
