// SPDX-License-Identifier: Apache-2.0
// An instance as the files of this folder share it.
#ifndef TCK_INSTANCE_H
#define TCK_INSTANCE_H

#include "emulator/process/process.h"
#include "emulator/tgtd/heartbeat.h"

enum {
    START_TIMEOUT_MS = 15000,
    ANSWER_TIMEOUT_MS = 10000,
};

struct tgtd {
    struct supervisor *supervisor;
    char *name;
    char *daemon; // tgtd's path
    char *admin;  // tgtadm's path
    char *folder;
    char *socket;   // without the ".0" that tgtd adds
    char *variable; // "TGT_IPC_SOCKET=..."
    char *command;
    struct process *process;
    struct heartbeat *heartbeat; // NULL until it has started
    pid_t pid;
    bool started;     // until then tgtd_start reports its end
    char *path;       // of the management socket
    char *ready;      // what tgtadm said of its state when it had become ready
    bool direct;      // it answers there as it answers tgtadm
    size_t asked;     // how much it had logged when it was last asked something
    unsigned deleted; // how many targets were deleted
};

#endif
