// SPDX-License-Identifier: Apache-2.0
// The calls of one batch: what is sent, what came of each.
#ifndef TCK_BATCH_H
#define TCK_BATCH_H

#include "harness/driver/host_state.h"

// Forgets the batch; the receiver is told nothing more of it.
void batch_end(struct host *host);

// Have all threads answered all calls of the part under way?
bool batch_finished(const struct batch *batch);

// Will calls of that function from now on be OUTCOME_NOT_TRIED?
bool batch_gave_up(const struct host *host, enum charset charset);

// The next part: the calls up to one of a function that was given up.
void batch_begin_part(struct host *host);
// Goes past the calls of a function that was given up, up to one of the other.
void batch_skip_given_up(struct host *host);
// What is left is not tried. Of one thread: an outcome for each call. Of several: one for each
// thread.
void batch_give_up(struct host *host);
// Asks the process for the calls of the part. 0, or -1 with `failure`.
int batch_send_part(struct host *host, struct failure *failure);

// Sends all bytes to the process. They fit in the socket's buffer, and the host reads before it
// does anything else, so this waits only when something is wrong, which reading will tell. 0 or -1.
int host_send(const struct host *host, const uint8_t *bytes, size_t size);

// A whole RESULT, MORE or FAULT is in host->frame. False when it can't be an answer.
bool batch_take_answer(struct host *host);
// A whole STACK has come, after a FAULT: ends the process. It is the caller's to go on. False when
// it can't be; then batch_conclude says what the FAULT said.
bool batch_take_stack(struct host *host);
// A whole CLOCK has come. False when it can't be.
bool batch_take_clock(struct host *host);
// DONE has come: the part is finished. False when it can't be.
bool batch_take_done(struct host *host);

// The answer will not come: makes the outcome of the call that the process was in, and ends the
// process. It is the caller's to go on.
void batch_conclude(struct host *host, enum cause cause);

#endif
