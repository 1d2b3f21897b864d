// SPDX-License-Identifier: Apache-2.0
// Has the library make and end sessions by its own functions. For host.c: a LOGIN and what comes
// of it.
#ifndef TCK_LOGINS_H
#define TCK_LOGINS_H

#include "harness/driver/host_state.h"

// Asks the process for it. 0, or -1 with `failure`.
int logins_send(struct host *host, const struct login_request *request, struct failure *failure);

// A whole LOGGED, or a FAULT in its place, has come. False when it can't be an answer. A FAULT ends
// the process. host->login is NULL then.
bool logins_take(struct host *host);

// It will not come: ends the process, and says in host->failure what happened.
void logins_conclude(struct host *host, enum cause cause);

#endif
