// SPDX-License-Identifier: Apache-2.0
// The agent of --login api: has the implementation make and end its sessions by its own functions,
// LoginIScsiTarget and LogoutIScsiTarget, in a host process of its own.
#ifndef TCK_API_LOGINS_H
#define TCK_API_LOGINS_H

#include "conformance/transcript/inventory.h"
#include "emulator/external/login_agent.h"
#include "harness/driver/host.h"

struct api_logins;

// Starts the host. Its time limit, that of one login, is in `options`. 0, or -1 with `failure`.
int api_logins_start(struct api_logins **logins, struct supervisor *supervisor,
                     const struct host_options *options, struct failure *failure);

// Valid until api_logins_stop.
const struct login_agent *api_logins_agent(const struct api_logins *logins);

// Adds the portals that the implementation was told of, and took, to those that it is known to ask.
// 0, or -1 when memory ran out.
int api_logins_list_portals(const struct api_logins *logins, struct inventory *inventory);

// Has the implementation forget the portals that it was told of, ends the host and frees. NULL is
// allowed. To be called after the emulator was stopped, which logs out what is logged in.
void api_logins_stop(struct api_logins *logins);

#endif
