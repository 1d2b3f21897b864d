// SPDX-License-Identifier: Apache-2.0
// A tgtd instance: one child process with its management socket in a private folder and portals on
// free loopback ports; and the management commands to it, made on its management socket directly
// where it answers there as it answers tgtadm, and with tgtadm elsewhere.
#ifndef TCK_TGTD_H
#define TCK_TGTD_H

#include "emulator/process/supervisor.h"
#include "emulator/tgtd/admin.h"
#include "emulator/tgtd/portal.h"
#include "emulator/tgtd/target_report.h"

#include <stddef.h>
#include <sys/types.h>

struct tgtd;

// Starts an instance named `name` (for messages) that listens on `portals`, whose ports are filled
// in. A port that turns out to be taken meanwhile is chosen anew (a given port isn't). Ready means:
// it answers a management request and each portal accepts a connection by this very process. From
// then on it is the supervisor's trouble when it ends unexpectedly, or is silent (heartbeat.h).
// `folder` is where its socket lives, private to the run: in a sub-folder, removed by tgtd_stop. 0,
// or -1 with `failure`.
int tgtd_start(struct tgtd **tgtd, struct supervisor *supervisor, const char *folder,
               const char *name, struct tgtd_portal *portals, size_t portal_count,
               struct failure *failure);

// Ends it (SIGKILL: it holds nothing that needs saving) and frees. NULL is allowed.
void tgtd_stop(struct tgtd *tgtd);

// Kills it, as a fault that is to be, and waits for its end. Nothing but its name can be had of it
// then.
void tgtd_kill(struct tgtd *tgtd);

// Stops it (SIGSTOP): it is there, and answers nobody; that is no trouble then. Nothing may be
// asked of it until tgtd_continue, which also waits for a sign of life. 0, or -1 with `failure`.
int tgtd_suspend(struct tgtd *tgtd, struct failure *failure);
int tgtd_continue(struct tgtd *tgtd, struct failure *failure);

pid_t tgtd_pid(const struct tgtd *tgtd);
const char *tgtd_name(const struct tgtd *tgtd);

// For a person who wants to look at it by hand: "TGT_IPC_SOCKET=... tgtadm -C N", quoted for a
// shell, valid with tgtd.
const char *tgtd_command(const struct tgtd *tgtd);
// The TGT_IPC_SOCKET of that command, as it is; valid with tgtd.
const char *tgtd_socket(const struct tgtd *tgtd);

// The version that this module was tried with. Another one's words may differ: what can't be
// understood ends the run, and what each side says is held against the other, so it is no error.
#define TGTD_VERSION_TRIED "1.0.85"

// The version of the tgtd that is installed, e.g. "1.0.85". 0, or -1 with `failure`.
int tgtd_version(struct supervisor *supervisor, char *text, size_t size, struct failure *failure);

// Is it alive? Asks it, waits up to `timeout_ms` for the answer; silence is the supervisor's
// trouble.
int tgtd_ping(struct tgtd *tgtd, unsigned timeout_ms, struct failure *failure);

#endif
