// SPDX-License-Identifier: Apache-2.0
// The management commands to an instance.
#ifndef TCK_ADMIN_H
#define TCK_ADMIN_H

#include "conformance/base/failure.h"
#include "emulator/tgtd/portal.h"

#include <stdbool.h>

struct tgtd;

// Each returns 0, or -1 with `failure`, which says what was asked, what tgtadm said and what tgtd
// logged. No answer within ten seconds is the supervisor's trouble.
int tgtd_new_target(struct tgtd *tgtd, unsigned tid, const char *name, struct failure *failure);
int tgtd_set_parameter(struct tgtd *tgtd, unsigned tid, const char *name, const char *value,
                       struct failure *failure);
// A LUN from 1 up, backed by nothing (the null backing store): no files, no size on disk.
int tgtd_new_lun(struct tgtd *tgtd, unsigned tid, unsigned lun, struct failure *failure);
// `address` is a numeric address, one with "/BITS", or "ALL". Other texts are refused here: tgtd
// accepts them, and then lets nobody in.
int tgtd_allow_address(struct tgtd *tgtd, unsigned tid, const char *address,
                       struct failure *failure);
int tgtd_allow_initiator(struct tgtd *tgtd, unsigned tid, const char *name,
                         struct failure *failure);
// The target may have sessions: tgtd closes their connections.
int tgtd_delete_target(struct tgtd *tgtd, unsigned tid, struct failure *failure);
int tgtd_delete_connection(struct tgtd *tgtd, unsigned tid, unsigned session, unsigned connection,
                           struct failure *failure);

// CHAP. An account belongs to the instance. A target asks initiators for one of the accounts that
// are bound to it as incoming; to an initiator that asks for proof it shows the one bound as
// outgoing. User and password have 1 to 200 bytes.
int tgtd_new_account(struct tgtd *tgtd, const char *user, const char *password,
                     struct failure *failure);
int tgtd_bind_account(struct tgtd *tgtd, unsigned tid, const char *user, bool outgoing,
                      struct failure *failure);

// From now on the target sends whoever logs in to `to`, a portal of another instance, temporarily
// or permanently. tgtd does not redirect to the address that the initiator connects from, whatever
// the port. Connections to 127.0.0.0/8 come from 127.0.0.1, so `to` must be another address.
int tgtd_redirect(struct tgtd *tgtd, unsigned tid, const struct tgtd_portal *to, bool permanent,
                  struct failure *failure);

#endif
