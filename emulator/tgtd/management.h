// Requests to tgtd's management socket without tgtadm. To start tgtadm takes a millisecond or more,
// which is too long for changes that are made while calls run.
#ifndef TCK_MANAGEMENT_H
#define TCK_MANAGEMENT_H

#include "emulator/process/supervisor.h"

#include <stddef.h>
#include <stdint.h>

enum management_mode {
    MANAGEMENT_SYSTEM = 0,
    MANAGEMENT_CONNECTION = 6,
};

enum management_operation {
    MANAGEMENT_DELETE = 1,
    MANAGEMENT_SHOW = 2,
};

enum { MANAGEMENT_NO_TID = -1 };

struct management_request {
    enum management_mode mode;
    enum management_operation operation;
    int tid; // or MANAGEMENT_NO_TID
    uint64_t session;
    uint32_t connection;
};

// Sends a request to the Unix socket at `path`. 0 with the answer in `*text` (malloc'ed, without
// newlines at its end) when tgtd did as asked. 1 when it did not, or its answer isn't understood:
// then ask with tgtadm, which says why. -1 with `failure` when trouble or a signal ended the wait.
int management_ask(struct supervisor *supervisor, const char *path,
                   const struct management_request *request, unsigned timeout_ms, char **text,
                   struct failure *failure);

#endif
