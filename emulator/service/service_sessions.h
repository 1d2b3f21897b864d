// The sessions of the service: made, ended, and published in its session table.
#ifndef TCK_SERVICE_SESSIONS_H
#define TCK_SERVICE_SESSIONS_H

#include "conformance/transcript/truth.h"
#include "emulator/initiator/initiator.h"
#include "emulator/process/supervisor.h"

struct service_sessions;

// The name of the initiator that makes them all.
#define SERVICE_INITIATOR_NAME "iqn.2024-01.test:initiator-service"

struct service_login {
    const char *target;
    const char *address; // numeric
    uint16_t port;
    const char *user; // CHAP; "": none, or with a password, the initiator's name
    const char *password;
    bool informational; // a session without devices
};

// How a request ends: a status of session_list.h. `session` is that which was logged in, NULL if
// there is none.
typedef void service_session_done(uint32_t status, const struct truth_session *session,
                                  void *argument);

// Publishes an empty list at `table`. 0, or -1 with `failure`.
int service_sessions_start(struct service_sessions **sessions, struct supervisor *supervisor,
                           const char *table, struct failure *failure);

// Closes all sessions, without a logout and without a word to those who wait, and frees. The table
// is left as it is. NULL is allowed.
void service_sessions_stop(struct service_sessions *sessions);

// How many are published.
size_t service_sessions_count(const struct service_sessions *sessions);

// Begins a login. `done` is called once, from the loop or from within this call: after the session
// was published, or when there is none.
void service_sessions_login(struct service_sessions *sessions, const struct service_login *login,
                            service_session_done *done, void *argument);

// Begins a logout of the session with that identifier; `done` as above, after the list without it
// was published. A session that has no connection any more is only taken off the list.
void service_sessions_logout(struct service_sessions *sessions, const uint64_t identifier[2],
                             service_session_done *done, void *argument);

#endif
