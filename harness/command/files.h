// SPDX-License-Identifier: Apache-2.0
// The files that a command reads and writes: no report may replace what is read, or another report.
#ifndef TCK_FILES_H
#define TCK_FILES_H

#include "conformance/base/failure.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// A file of the command line. Two are the same when device and inode are; where a file does not
// exist yet, when folder and name are.
struct used_file {
    char *option; // "--json", or what else it is called in a message
    char *path;
    bool output;
    bool exists;
    dev_t device; // of the file, or of its folder
    ino_t inode;
    char *name; // in its folder, where it does not exist
};

struct files {
    struct used_file *items; // owned
    size_t count;
    bool no_memory; // one of them could not be added
};

// Adds one. Ignored: NULL, "-", an output that is no regular file (nothing is replaced there), and
// an input that does not exist.
void files_add_input(struct files *files, const char *option, const char *path);
void files_add_output(struct files *files, const char *option, const char *path);

// 0; or -1 with `failure` naming both options: STATUS_USAGE where an output is an input or another
// output. --json may replace what --baseline or --rerun-failed reads.
int files_check(const struct files *files, struct failure *failure);

void files_free(struct files *files);

// Makes the folder that `option` names ("--transcript") where there is none. -1 with `failure`
// (STATUS_USAGE) when it can't be made or written to.
int files_check_folder(const char *option, const char *folder, struct failure *failure);

#endif
