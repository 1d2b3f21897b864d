// SPDX-License-Identifier: Apache-2.0
// What the service answers when it is asked which logical units all sessions have together: of each
// session its identifier, its target's name, how many units there are, and their numbers.
#ifndef TCK_SERVICE_MAPPINGS_H
#define TCK_SERVICE_MAPPINGS_H

#include "emulator/service/clients.h"
#include "emulator/service/service_sessions.h"

// Asks the targets of all sessions, and answers the client then. Sessions whose target does not
// answer are left out, and those that are only informational.
void service_mappings_ask(struct service_sessions *sessions, struct client *client);

// Of one session, in the words of the answer: a TAB before each field.
void service_mappings_print(FILE *stream, const uint64_t identifier[2], const char *target,
                            const struct lun *luns, size_t count);

#endif
