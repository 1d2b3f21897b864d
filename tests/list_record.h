// SPDX-License-Identifier: Apache-2.0
// Lists that a test writes byte by byte, as the answer to a fetch.
#ifndef TCK_TESTS_LIST_RECORD_H
#define TCK_TESTS_LIST_RECORD_H

#include "conformance/judge/abi.h"
#include "conformance/transcript/transcript.h"

enum { LIST_BASE = 0x10203040 }; // where the caller's buffer stood

// Little-endian.
void put(uint8_t *bytes, uint64_t value, unsigned size);
// The member gets the address of what stands at that offset of the list.
void point(const struct abi *abi, uint8_t *member, uint64_t offset);
void swap_bytes(uint8_t *one, uint8_t *other, size_t size);

// A fetch that returned those bytes, which stay the test's.
struct record record_of(uint8_t *bytes, uint32_t size, uint32_t count, enum charset charset);

#endif
