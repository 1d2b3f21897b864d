// SPDX-License-Identifier: Apache-2.0
// Recorded transcripts (tests/transcripts), for the tests that judge them. A test that can't read
// one fails.
#ifndef TCK_TESTS_RECORDED_H
#define TCK_TESTS_RECORDED_H

#include "conformance/transcript/transcript.h"

#include <stddef.h>
#include <stdint.h>

#define RECORDED_FOLDER TCK_SOURCE_DIR "/tests/transcripts"
#define RECORDED_SUFFIX ".jsonl.xz"

// The transcript in the file of that name, "SIZE-1.pass.jsonl.xz". It is read once and lasts until
// recorded_free.
const struct transcript *recorded_transcript(const char *name);
void recorded_free(void);

// A file's bytes, and a zero behind them; the caller's.
uint8_t *recorded_read_file(const char *path, size_t *size);

#endif
