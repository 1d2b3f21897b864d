// SPDX-License-Identifier: Apache-2.0
// What the engines that follow a library's code change: a case in binary form. Its calls are made
// as they are. Where its summary says so, more calls are drawn, around the edges of what the
// library is then found to say of the sessions.
#ifndef TCK_FUZZ_INPUT_H
#define TCK_FUZZ_INPUT_H

#include "harness/fuzz/draft.h"

enum { INPUT_CALLS_MAX = 4096 };

struct input {
    struct draft draft;
    bool more;     // more calls are drawn,
    uint64_t seed; // by this number
};

// Reads one. False where the bytes are no case, or one that would take too long; `input` is empty
// then.
bool input_decode(struct input *input, const uint8_t *bytes, size_t size);

// Writes it into `bytes`. How many these are; 0 where they are more than `most`, or memory ran out.
size_t input_encode(const struct input *input, uint8_t *bytes, size_t most);

void input_free(struct input *input);

// Would its calls take long? Each costs as much as there are sessions that it meets.
bool input_is_large(const struct input *input);

#endif
