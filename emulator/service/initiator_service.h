// SPDX-License-Identifier: Apache-2.0
// The initiator service: an initiator in the kit's process that any local process can ask to log
// in, to log out and to look for targets. The reference implementation is a client of it. It makes
// real sessions, and publishes them in a session table of its own. docs/initiator-service.md has
// the protocol.
//
// The service works in the supervisor's loop and never waits, so it works while somebody waits in
// that loop. A session that it loses is not the supervisor's trouble: it stays in the list, without
// connections, until it is logged out.
#ifndef TCK_INITIATOR_SERVICE_H
#define TCK_INITIATOR_SERVICE_H

#include "conformance/transcript/inventory.h"
#include "conformance/transcript/truth.h"
#include "emulator/process/supervisor.h"

#include <stddef.h>

// The environment variable with which a client finds the service.
#define INITIATOR_SERVICE_VARIABLE "ISCSIDSC_INITIATOR"

struct initiator_service;

// Starts a service in a new folder in `folder`, which must be private to the run, and publishes an
// empty list. It listens on a Unix socket; with `tcp` on a free port of 127.0.0.1 instead, where a
// client has to know a random secret. 0, or -1 with `failure` (STATUS_UNTRUSTED). `supervisor` must
// outlive the service. The caller owns the result; see initiator_service_stop.
int initiator_service_start(struct initiator_service **service, struct supervisor *supervisor,
                            const char *folder, bool tcp, struct failure *failure);

// The value of ISCSIDSC_INITIATOR: "unix:PATH" or "tcp:127.0.0.1:PORT:SECRET". The service's.
const char *initiator_service_address(const struct initiator_service *service);

// The path of the session table that it publishes. The service's.
const char *initiator_service_table(const struct initiator_service *service);

// What a service is told of targets and sessions that others have.
struct service_told {
    const struct inventory *inventory;
    const struct truth *(*truth)(void *argument); // the sessions that there are now
    void *argument;
};

// From now on the service answers "targets" with those of the inventory that the initiator knows,
// "portals" with those that it asks, and "devices" and "mappings" of the sessions of that truth
// with the units of their targets. Nobody is asked for them. What is told must outlive the service.
void initiator_service_tell(struct initiator_service *service, const struct service_told *told);

// How many sessions the table has now.
size_t initiator_service_session_count(const struct initiator_service *service);

// Closes everything, sessions without a logout, removes its folder, and frees. NULL is allowed. The
// supervisor's loop must still be there.
void initiator_service_stop(struct initiator_service *service);

#endif
