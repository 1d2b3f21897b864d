// SPDX-License-Identifier: Apache-2.0
// What comes from a host, frame by frame.
#ifndef TCK_FRAMES_H
#define TCK_FRAMES_H

#include "harness/driver/host_state.h"

// READ_ALL: nothing more is there now.
enum reading { READ_ALL, READ_SOME, READ_ENDED };

// Reads once from the channel, into the inbox or, where many bytes of a frame are wanted, into the
// frame.
enum reading frames_read(struct host *host);

enum step {
    STEP_TAKEN, // more may be there
    STEP_WHOLE, // a frame is there: its header and, of a RESULT, MORE or FAULT, all of it; a HELLO
                // or LOGGED is next in the inbox
    STEP_NEEDS_MORE,
    STEP_DAMAGED, // this is not what a host says
    STEP_NO_MEMORY,
};

// Takes the next piece of a frame out of the inbox into host->frame.
enum step frames_step(struct host *host);

// The next `size` bytes of the inbox, taken out; NULL while they are not there.
const uint8_t *frames_take(struct host *host, size_t size);

#endif
