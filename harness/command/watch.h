// SPDX-License-Identifier: Apache-2.0
// --watch: the run is made again whenever the library's file has changed.
#ifndef TCK_WATCH_H
#define TCK_WATCH_H

#include <stdio.h>
#include <sys/stat.h>

struct watch {
    char *path;       // NULL: nothing is noted yet
    struct stat seen; // before the run; all 0: it was not there
    size_t runs;      // that were waited after
};

// Call it before the library is loaded: what changes from then on counts. 0, or -1 when memory ran
// out.
int watch_note(struct watch *watch, const char *path);
void watch_free(struct watch *watch);

// Says what it waits for, and returns when the file is there, is another than noted, and nobody
// seems to write to it any more: 0. Or 128 + the signal (SIGINT, SIGTERM, SIGHUP) that ended the
// waiting. No thread and no loop is left behind (sweeper.h).
int watch_wait(struct watch *watch, FILE *stream);

#endif
