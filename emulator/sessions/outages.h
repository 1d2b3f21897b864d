// SPDX-License-Identifier: Apache-2.0
// What happens to targets and instances under the sessions of the kit's own initiators. Each
// function returns 0, or -1 with `failure`.
#ifndef TCK_OUTAGES_H
#define TCK_OUTAGES_H

#include "emulator/state.h"

// Deletes a target under its sessions: tgtd ends their connections, and to the initiator they are
// sessions without connections. Nobody logs in to it any more, until outage_start_again.
int outage_delete_target(struct emulator *emulator, size_t target, struct failure *failure);

// Kills an instance's tgtd. To the initiator its sessions are sessions without connections.
int outage_kill(struct emulator *emulator, size_t instance, struct failure *failure);

// Starts an instance that was killed again, at the same portals, with all targets of the topology.
// It knows none of the sessions: they stay without connections until they are reinstated.
int outage_start_again(struct emulator *emulator, size_t instance, struct failure *failure);

// Stops an instance's tgtd: a target that hangs. Its sessions stay what they are, and only the
// initiator's side of them can be asked. Until outage_continue nothing else can be done with it.
int outage_suspend(struct emulator *emulator, size_t instance, struct failure *failure);
int outage_continue(struct emulator *emulator, size_t instance, struct failure *failure);

#endif
