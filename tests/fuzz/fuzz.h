// SPDX-License-Identifier: Apache-2.0
// Fuzz targets: each feeds the bytes that it is given to something of the kit that reads what
// others wrote. libFuzzer and AFL++ call the entry; tests/fuzz/files_main.c calls it for files.
#ifndef TCK_TESTS_FUZZ_H
#define TCK_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// Always 0. Whatever goes wrong ends the process.
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

// Where a target has it: once, before all inputs.
__attribute__((weak)) int LLVMFuzzerInitialize(int *argument_count, char ***arguments);

// The path of a file with those bytes, for what reads by path; the same file each time.
const char *fuzz_file(const uint8_t *bytes, size_t size);

// A copy with a zero behind it, for what reads texts; the caller frees it.
char *fuzz_text(const uint8_t *bytes, size_t size);

// Ends the process unless `good`, saying why not: what was promised of what was read does not hold.
void fuzz_expect(int good, const char *promise);

#endif
