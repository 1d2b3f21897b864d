// tgtd's management socket, spoken to directly. tgtadm says the same in a process of its own, and a
// process costs a millisecond at best and more the larger the kit has become, since it is forked
// from it: too much for changes that are made while calls run.
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

// Asks what listens on the Unix socket at `path`. 0 with `*text` (malloc'ed, the caller's; what it
// answered, without newlines at its end) when it did as asked; 1 when it did not, or answered in a
// way that isn't understood: ask with tgtadm, which has words for it; -1 with `failure` when
// trouble or a signal ended the wait.
int management_ask(struct supervisor *supervisor, const char *path,
                   const struct management_request *request, unsigned timeout_ms, char **text,
                   struct failure *failure);

#endif
