// SPDX-License-Identifier: Apache-2.0
// The memory of a call: a buffer against inaccessible pages and amid canary bytes, filled with a
// pattern, and the two ULONG cells. Kept from call to call, so that a sweep costs little more than
// its calls. One per thread.
#ifndef TCK_MEMORY_H
#define TCK_MEMORY_H

#include "conformance/transcript/call.h"
#include "harness/host/pattern.h"

#include <stddef.h>
#include <stdint.h>

struct memory;
struct memory *memory_create(const struct pattern *pattern); // NULL when memory ran out
void memory_destroy(struct memory *memory);

// What to pass to the function.
struct arguments {
    uint32_t *size;  // or NULL
    uint32_t *count; // or NULL
    uint8_t *buffer; // or NULL
    uint8_t *id;     // where the function takes an identifier, in place of the count; else NULL
};

// Builds the memory that `call` describes. 0, or -1 when there is none of that size.
int memory_place(struct memory *memory, const struct call *call, struct arguments *arguments);

// Builds it anew for the same call at the same place. 0, or -1 when what was touched can't be
// known.
int memory_refill(struct memory *memory, const struct call *call);

// Looks at it after the call: the cells, what was changed, how many bytes go to the kit. `outcome`
// has its status; the bytes are at arguments->buffer until memory_finish. -1 when it can't be known
// what was changed.
int memory_examine(struct memory *memory, const struct call *call, struct outcome *outcome);

// Of a repetition: makes room to keep the bytes of an answer (0, or -1 when there is none), keeps
// those of `outcome`, which was just examined, and says whether the answer just examined is the
// same as the one that was kept.
int memory_keep_room(struct memory *memory, const struct call *call);
void memory_keep(struct memory *memory, const struct outcome *outcome);
bool memory_same(const struct memory *memory, const struct outcome *kept,
                 const struct outcome *outcome);

// The private memory in use for all this, in bytes.
uint64_t memory_footprint(const struct memory *memory);

// Ends the call's use of the memory and releases what is too large to be kept.
void memory_finish(struct memory *memory);

#endif
