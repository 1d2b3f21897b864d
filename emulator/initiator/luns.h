// SPDX-License-Identifier: Apache-2.0
// Asks a target, by a session that is logged in, which logical units it has: REPORT LUNS, and
// INQUIRY of each.
#ifndef TCK_LUNS_H
#define TCK_LUNS_H

#include "emulator/initiator/initiator.h"

struct lun {
    uint16_t number;
    uint8_t type; // peripheral device type (SPC): 0 disk, 12 storage array controller
};

// `luns` is valid during the call only; with `good` false there are none, because the target
// refused or the connection ended.
typedef void luns_done(bool good, const struct lun *luns, size_t count, void *argument);

// Begins to ask. `done` is called once, and must not destroy the session: see initiator_context. 0;
// or -1 if it could not begin, and `done` is not called.
int luns_ask(struct initiator_session *session, luns_done *done, void *argument);

#endif
