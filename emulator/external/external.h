// SPDX-License-Identifier: Apache-2.0
// An external initiator as the source of an emulator's sessions: one that isn't the kit's own, and
// logs in and out by the user's commands (login_command.h) or by an agent (login_agent.h). The
// targets are the emulator's as ever.
//
// What is true of such a session comes from the target's side, which knows initiator, TSIH, CIDs
// and initiator addresses, and from what the list command tells. What both know must agree; what
// neither knows is marked as not known (enum truth_fact). Nothing that the kit can choose shows the
// target which session a nexus is: so logins to one target are made one after the other, and the
// nexus that is new after a login is that session's.
#ifndef TCK_EXTERNAL_H
#define TCK_EXTERNAL_H

#include "emulator/external/login_agent.h"
#include "emulator/external/login_command.h"
#include "emulator/session_source.h"

struct external;

// The source_data of an emulator whose source is external_source; its `stop` frees it. `command`
// and `agent`, which is there where the command is of the API, must outlive it. NULL when memory
// ran out.
struct external *external_create(struct emulator *emulator, const struct login_command *command,
                                 const struct login_agent *agent);

extern const struct session_source external_source;

#endif
