// SPDX-License-Identifier: Apache-2.0
// What a right implementation writes for sessions, for hosts with pointers of 64 bits.
#ifndef TCK_TESTS_SCENE_LIST_H
#define TCK_TESTS_SCENE_LIST_H

#include "conformance/transcript/call.h"
#include "conformance/transcript/truth.h"

// Writes the list of the truth's sessions into `bytes`, which the caller has at the address `base`;
// NULL: writes nothing. Texts must be ASCII. Returns its size in bytes.
uint32_t scene_list_write(const struct truth *truth, enum charset charset, uint64_t base,
                          uint8_t *bytes);

#endif
