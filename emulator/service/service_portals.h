// SPDX-License-Identifier: Apache-2.0
// The portals that clients have made known to the service, and the targets that these offer.
#ifndef TCK_SERVICE_PORTALS_H
#define TCK_SERVICE_PORTALS_H

#include "emulator/initiator/discovery.h"
#include "emulator/process/supervisor.h"
#include "emulator/service/service_login.h"

#include <stdio.h>

struct service_portals;

// A status of session_list.h.
typedef void service_portals_done(uint32_t status, void *argument);

// NULL when memory ran out.
struct service_portals *service_portals_start(struct supervisor *supervisor);

// Closes all connections, ends all questions with LIST_ISCSI_SERVICE_UNAVAILABLE, and frees. NULL
// is allowed.
void service_portals_stop(struct service_portals *portals);

// Asks a portal, that of `login`, for its targets. If it answers, it is known from then on. `done`
// is called once, from the loop or from within this call.
void service_portals_add(struct service_portals *portals, const struct service_login *login,
                         service_portals_done *done, void *argument);

// Asks all portals again. Of one that does not answer, what it told before is kept.
void service_portals_update(struct service_portals *portals, service_portals_done *done,
                            void *argument);

// Where a target is: at the portal that was made known, if the target is there, else at the first
// of its addresses. NULL: no portal offers it. Valid until the loop runs again.
const struct initiator_endpoint *service_portals_find(const struct service_portals *portals,
                                                      const char *target);

// Writes address and port of each portal, a TAB before each of the two.
void service_portals_list(const struct service_portals *portals, FILE *stream);

// Writes the name of each target once, after a TAB. 0, or -1 when memory ran out.
int service_portals_print(const struct service_portals *portals, FILE *stream);

#endif
