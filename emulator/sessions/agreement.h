// SPDX-License-Identifier: Apache-2.0
// Do both sides have the same sessions: the kit's own initiators, and the targets as tgtd reports
// them? tgtd closes a connection before it forgets it, and tells nobody when it has: so it is asked
// again until it has. Each function returns 0, or -1 with `failure`.
#ifndef TCK_AGREEMENT_H
#define TCK_AGREEMENT_H

#include "emulator/state.h"

// Asks every tgtd, once.
int emulator_check_agreement(struct emulator *emulator, struct failure *failure);

// Asks every tgtd until both sides agree, for CHANGE_TIMEOUT_MS at most.
int emulator_await_agreement(struct emulator *emulator, struct failure *failure);
// The same for the target of one session, with one request each time.
int emulator_await_target_agreement(struct emulator_session *session, struct failure *failure);

// The same question as emulator_check_agreement, with short requests: 1: yes. 0: no, or a target is
// in between. -1 with `failure`.
int emulator_targets_agree(struct emulator *emulator, struct failure *failure);

#endif
