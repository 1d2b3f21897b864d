// SPDX-License-Identifier: Apache-2.0
// A discovery session that asks a portal for its targets (SendTargets) and ends.
#ifndef TCK_DISCOVERY_H
#define TCK_DISCOVERY_H

#include "emulator/initiator/initiator.h"

struct discovery;

// A target at one of its addresses.
struct discovered_target {
    char *name;
    struct initiator_endpoint portal;
};

struct discovered {
    size_t count;
    struct discovered_target *targets; // malloc'ed; see discovered_clear
};

// Frees what it holds, and leaves it empty.
void discovered_clear(struct discovered *discovered);

// Called once, from the loop: the discovery may be destroyed then.
typedef void discovery_done(struct discovery *discovery, void *argument);

// Begins a discovery session at the portal of `options`, of which `discovery`, `changed` and
// `argument` are set here. It ends by itself, after 20 seconds at the latest. 0, or -1 with
// `failure`, as initiator_login.
int discovery_begin(struct discovery **discovery, struct supervisor *supervisor,
                    const struct initiator_options *options, discovery_done *done, void *argument,
                    struct failure *failure);

// Did the portal tell its targets? `*status` is initiator_login_status if not; 0: the login
// succeeded or there was no answer to it.
bool discovery_succeeded(const struct discovery *discovery, uint16_t *status);

// What it told; the caller may take it and leave an empty one.
struct discovered *discovery_targets(struct discovery *discovery);

// Closes the connection, if there is one, and frees, without a call of `done`. NULL is allowed.
void discovery_destroy(struct discovery *discovery);

#endif
