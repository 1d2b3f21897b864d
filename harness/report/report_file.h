// SPDX-License-Identifier: Apache-2.0
// Writes a report completely or not at all: into a new file beside `path`, which is then renamed.
// Something at `path` that is no regular file (a pipe, a device) is written to directly; "-" and
// /dev/stdout are standard output.
#ifndef TCK_REPORT_FILE_H
#define TCK_REPORT_FILE_H

#include "harness/result/result.h"

#include <stdio.h>

// Writes the report to `stream`. 0, or -1 when memory ran out.
typedef int report_writer(FILE *stream, const struct result *result);
typedef int report_document(FILE *stream, const void *document);

// 0; or -1 with `failure`: STATUS_USAGE where the path can't be opened, STATUS_UNTRUSTED where the
// report can't be written to its end.
int report_write_document(const char *path, report_document *write, const void *document,
                          struct failure *failure);
int report_write(const char *path, report_writer *write, const struct result *result,
                 struct failure *failure);

// Frees what is remembered of paths: a later report goes where a path leads when it is first
// written, not where a link leads that somebody has put there since.
void report_forget_places(void);

// Is the file at `path` one that these replace or make, and no pipe, device or standard output?
bool report_replaces(const char *path);

#endif
