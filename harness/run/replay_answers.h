// SPDX-License-Identifier: Apache-2.0
// Compares answers to calls that were made again with the recorded ones.
#ifndef TCK_REPLAY_ANSWERS_H
#define TCK_REPLAY_ANSWERS_H

#include "harness/result/result.h"

// Adds one to what is known of the difference: the same call, recorded and made again.
void replay_compare(struct replay_difference *difference, const struct record *recorded,
                    const struct record *replayed);

// Did the sessions change while the call was made? Then it may have met those before or after.
bool record_met_a_change(const struct transcript *recorded, const struct outcome *outcome);

#endif
