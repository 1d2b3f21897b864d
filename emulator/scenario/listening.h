// SPDX-License-Identifier: Apache-2.0
// Lets the targets of a topology listen on another address than loopback, for initiators on other
// machines.
#ifndef TCK_SCENARIO_LISTENING_H
#define TCK_SCENARIO_LISTENING_H

#include "conformance/base/failure.h"
#include "emulator/scenario/topology.h"

// Is `address` numeric, an address of this machine, and one, not all? 0, or -1 with `failure`
// (STATUS_USAGE). `*open`: other machines may reach it.
int listening_check(const char *address, bool *open, struct failure *failure);

// Can the topology's portals be put on `address`? False with the reason in `why`: a portal of the
// other kind (IPv4, IPv6), or access lists by address or redirects, which would not mean the same.
bool listening_suits(const struct topology *topology, const char *address, char *why, size_t size);

// Puts every portal of a topology that suits on `address`. 0, or -1 with `failure`.
int listening_apply(struct topology *topology, const char *address, struct failure *failure);

#endif
