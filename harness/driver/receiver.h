// SPDX-License-Identifier: Apache-2.0
// Who is told what came of calls, and when a host gives up calls (see host_begin).
#ifndef TCK_RECEIVER_H
#define TCK_RECEIVER_H

#include "conformance/transcript/call.h"

#include <stddef.h>

// What came of a call, or of a run of calls in a row with the identical answer (outcome->repeats).
// `index` is the call's in the list, `thread` says which thread made it. `bytes` is malloc'ed and
// owned by the receiver, NULL when byte_count is 0. It must not begin or finish calls itself.
enum { HOST_NOISE_SIZE = 200 }; // see host_noise

typedef void host_receiver(void *argument, size_t index, unsigned thread,
                           const struct outcome *outcome, uint8_t *bytes);

enum {
    HOST_FAULTS_MAX = 8,
    HOST_FAULTS_IN_A_ROW_MAX = 24,
    HOST_FAULTS_LIFE_MAX = 100,
};

#endif
