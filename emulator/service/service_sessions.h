// SPDX-License-Identifier: Apache-2.0
// The sessions of the service: made, ended, and published in its session table.
#ifndef TCK_SERVICE_SESSIONS_H
#define TCK_SERVICE_SESSIONS_H

#include "conformance/transcript/truth.h"
#include "emulator/initiator/luns.h"
#include "emulator/process/supervisor.h"
#include "emulator/service/service_login.h"

struct service_sessions;

// How a request ends: a status of session_list.h. `session` is that which was logged in, NULL if
// there is none.
typedef void service_session_done(uint32_t status, const struct truth_session *session,
                                  void *argument);

// Publishes an empty list at `table`. 0, or -1 with `failure`.
int service_sessions_start(struct service_sessions **sessions, struct supervisor *supervisor,
                           const char *table, struct failure *failure);

// Closes all sessions, without a logout, ends all requests with LIST_ISCSI_SERVICE_UNAVAILABLE, and
// frees. The table is left as it is. NULL is allowed.
void service_sessions_stop(struct service_sessions *sessions);

// How many are published.
size_t service_sessions_count(const struct service_sessions *sessions);

// Calls `each` with the identifier of every session that is published. It must not change them.
void service_sessions_each(const struct service_sessions *sessions,
                           void (*each)(const uint64_t identifier[2], void *argument),
                           void *argument);

// Begins a login. `done` is called once, from the loop or from within this call: after the session
// was published, or when there is none.
void service_sessions_login(struct service_sessions *sessions, const struct service_login *login,
                            service_session_done *done, void *argument);

// Begins a logout of the session with that identifier; `done` as above, after the list without it
// was published. A session that has no connection any more is only taken off the list.
void service_sessions_logout(struct service_sessions *sessions, const uint64_t identifier[2],
                             service_session_done *done, void *argument);

// `status` as above; the units are valid during the call only. `target` is the target's name.
typedef void service_devices_done(uint32_t status, const char *target, const struct lun *luns,
                                  size_t count, void *argument);

// Asks the target of a session for its logical units; `done` is called once, from the loop or from
// within this call. A session that is only informational has none.
void service_sessions_devices(struct service_sessions *sessions, const uint64_t identifier[2],
                              service_devices_done *done, void *argument);

#endif
