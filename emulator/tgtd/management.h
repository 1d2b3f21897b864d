// SPDX-License-Identifier: Apache-2.0
// Requests to tgtd's management socket without tgtadm. To start tgtadm takes some milliseconds,
// which is too long for changes that are made while calls run, and for hundreds of targets and
// LUNs.
#ifndef TCK_MANAGEMENT_H
#define TCK_MANAGEMENT_H

#include "emulator/process/supervisor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum management_mode {
    MANAGEMENT_SYSTEM = 0,
    MANAGEMENT_TARGET = 1,
    MANAGEMENT_LUN = 2,
    MANAGEMENT_CONNECTION = 6,
    MANAGEMENT_ACCOUNT = 7,
};

enum management_operation {
    MANAGEMENT_NEW = 0,
    MANAGEMENT_DELETE = 1,
    MANAGEMENT_SHOW = 2,
    MANAGEMENT_BIND = 3,
    MANAGEMENT_UPDATE = 5,
};

enum { MANAGEMENT_NO_TID = -1, MANAGEMENT_VALUES_MAX = 2 };

// "NAME=VALUE".
struct management_value {
    const char *name; // NULL: none
    const char *value;
};

struct management_request {
    enum management_mode mode;
    enum management_operation operation;
    int tid;      // or MANAGEMENT_NO_TID
    unsigned lun; // 0: none; LUN 0 is tgtd's own
    uint64_t session;
    uint32_t connection;
    bool outgoing; // of an account's binding
    bool force;    // of a target's end: sessions do not hinder it
    struct management_value values[MANAGEMENT_VALUES_MAX];
};

// Sends a request to the Unix socket at `path`. 0 with the answer in `*text` (malloc'ed, without
// newlines at its end) when tgtd did as asked. 1 when it did not, or its answer isn't understood,
// or a value has characters that mean something between values: then ask with tgtadm, which says
// why. -1 with `failure` when trouble or a signal ended the wait.
int management_ask(struct supervisor *supervisor, const char *path,
                   const struct management_request *request, unsigned timeout_ms, char **text,
                   struct failure *failure);

#endif
