// SPDX-License-Identifier: Apache-2.0
// Who makes and ends the sessions of an external initiator where commands don't: somebody above the
// emulator, who has the implementation do it by functions of its own (--login api).
#ifndef TCK_LOGIN_AGENT_H
#define TCK_LOGIN_AGENT_H

#include "conformance/base/failure.h"
#include "emulator/external/login_variables.h"

// The identifiers that a login returned, of the session and its leading connection.
struct login_told {
    uint64_t session[2];
    uint64_t connection[2];
};

// Each makes or ends one session, named by `variables->session`, and waits until that is done,
// running the supervisor's loop. 0, or -1 with `failure`. `*gave_up` is set to true when no other
// session should be tried: the implementation did not return.
struct login_agent {
    int (*login)(void *argument, const struct login_variables *variables, struct login_told *told,
                 bool *gave_up, struct failure *failure);
    int (*logout)(void *argument, const struct login_variables *variables, bool *gave_up,
                  struct failure *failure);
    void *argument;
};

#endif
