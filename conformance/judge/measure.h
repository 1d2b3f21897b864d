// SPDX-License-Identifier: Apache-2.0
// How much room the truth takes in the buffer, whatever the arrangement.
#ifndef TCK_MEASURE_H
#define TCK_MEASURE_H

#include "conformance/judge/abi.h"
#include "conformance/transcript/call.h"
#include "conformance/transcript/truth.h"

struct measure {
    // Strings that are not known count as not there in `least`, and as long as can be in `whole`.
    uint64_t least;               // bytes when equal strings are shared and nothing is padded
    uint64_t whole;               // bytes when nothing is shared and nothing is padded
    uint64_t initiator_addresses; // bytes of `least` that these take up, counted as often as they
                                  // occur
    uint64_t pieces;              // the structure array, each connection array, each string
};

// 0, or -1 when memory ran out. Char strings are taken for UTF-8.
int measure_truth(struct measure *measure, const struct truth *truth, const struct abi *abi,
                  enum charset charset);
// The same with char strings of that code page. What one makes of characters beyond ASCII is not
// known here: a text with such characters counts as not there in `least`, since it may be replaced
// by what another text is, and with 4 bytes for each in `whole`.
int measure_truth_in(struct measure *measure, const struct truth *truth, const struct abi *abi,
                     enum charset charset, uint32_t code_page);

#endif
