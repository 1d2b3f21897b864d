// SPDX-License-Identifier: Apache-2.0
// Reads and writes inputs.
#include "harness/fuzz/input.h"

#include "conformance/transcript/case_binary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COST_MAX = 1 << 17 }; // sessions in the lists of all calls: less than a second

#define MORE "more calls, drawn by "

bool input_is_large(const struct input *input)
{
    const struct draft *draft = &input->draft;
    size_t cost = 0;
    for (size_t i = 0; i < draft->call_count; i++) {
        const struct truth *truth = draft->moments[draft->calls[i].moment];
        cost += 1 + truth->session_count;
        for (size_t j = 0; j < truth->session_count; j++)
            cost += truth->sessions[j].connection_count / 4;
        if (cost > COST_MAX)
            return true;
    }
    return draft->call_count > INPUT_CALLS_MAX;
}

void input_free(struct input *input)
{
    draft_free(&input->draft);
    *input = (struct input){0};
}

bool input_decode(struct input *input, const uint8_t *bytes, size_t size)
{
    struct transcript *one = NULL;
    *input = (struct input){0};
    if (!case_binary_begins(bytes, size) ||
        case_binary_decode(&one, bytes, size, "input", NULL) != 0)
        return false;
    int status = draft_of_case(&input->draft, one);
    if (strncmp(one->scenario_summary, MORE, strlen(MORE)) == 0) {
        input->more = true;
        input->seed = strtoull(one->scenario_summary + strlen(MORE), NULL, 16);
    }
    transcript_free(one);
    if (status == 0 && !input_is_large(input))
        return true;
    input_free(input);
    return false;
}

size_t input_encode(const struct input *input, uint8_t *bytes, size_t most)
{
    char summary[64] = "";
    uint8_t *encoded = NULL;
    size_t size = 0;
    if (input->more)
        snprintf(summary, sizeof summary, MORE "%" PRIx64, input->seed);
    struct transcript *one = draft_make_case(&input->draft, "", "input", summary);
    if (one == NULL || case_binary_encode(one, &encoded, &size, NULL) != 0)
        size = 0;
    transcript_free(one);
    if (size > 0 && size <= most)
        memcpy(bytes, encoded, size);
    free(encoded);
    return size <= most ? size : 0;
}
