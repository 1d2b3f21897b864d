// SPDX-License-Identifier: Apache-2.0
// Cases as files: what a transcript's file is, without outcomes. What is left out has a default, so
// that people can write them. docs/case.md describes it.
#ifndef TCK_CASE_FILE_H
#define TCK_CASE_FILE_H

#include "conformance/transcript/json_lines.h"
#include "conformance/transcript/transcript.h"

// Reads the lines behind `head`, the case's first line. 0, or -1 with the failure; `*one` is the
// caller's in both cases.
int case_file_read(struct transcript **one, const json_t *head, struct json_lines *lines,
                   struct json_reading *reading);

// Writes all its lines. What is a default is left out. 0, or -1 with errno.
int case_file_write(FILE *stream, const struct transcript *one);

#endif
