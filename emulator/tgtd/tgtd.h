// A tgtd instance: one child process with its management socket in a private folder and portals on
// free loopback ports; and the management commands to it, made with tgtadm, or, what changes under
// running calls need, on its management socket directly.
#ifndef TCK_TGTD_H
#define TCK_TGTD_H

#include "emulator/process/supervisor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tgtd;

struct tgtd_portal {
    char address[64]; // numeric, IPv6 without brackets
    uint16_t
        port; // host order; in: 0 for a free one to be chosen; after tgtd_start: the one in use
};

// Starts an instance named `name` (for messages) that listens on `portals`, whose ports are filled
// in. A port that turns out to be taken meanwhile is chosen anew (a given port isn't). Ready means:
// it answers a management request and each portal accepts a connection by this very process. From
// then on its end, expected by nobody, is the supervisor's trouble, with what it said last; and so
// is its silence, see heartbeat.h.
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

// The version that this module was tried with. Another one's words may differ: what can't be
// understood ends the run, and what each side says is held against the other, so it is no error.
#define TGTD_VERSION_TRIED "1.0.85"

// The version of the tgtd that is installed, e.g. "1.0.85". 0, or -1 with `failure`.
int tgtd_version(struct supervisor *supervisor, char *text, size_t size, struct failure *failure);

// Is it alive? Asks it, waits up to `timeout_ms` for the answer; silence is the supervisor's
// trouble.
int tgtd_ping(struct tgtd *tgtd, unsigned timeout_ms, struct failure *failure);

// Management. Each 0, or -1 with `failure`: what was asked, what tgtadm said, what tgtd logged. No
// answer within ten seconds is the supervisor's trouble.
int tgtd_new_target(struct tgtd *tgtd, unsigned tid, const char *name, struct failure *failure);
int tgtd_set_parameter(struct tgtd *tgtd, unsigned tid, const char *name, const char *value,
                       struct failure *failure);
// A LUN from 1 up, backed by nothing (the null backing store): no files, no size on disk.
int tgtd_new_lun(struct tgtd *tgtd, unsigned tid, unsigned lun, struct failure *failure);
// A numeric address, one with "/BITS", or "ALL": tgtd takes anything, and then lets nobody in.
int tgtd_allow_address(struct tgtd *tgtd, unsigned tid, const char *address,
                       struct failure *failure);
int tgtd_allow_initiator(struct tgtd *tgtd, unsigned tid, const char *name,
                         struct failure *failure);
// Also with sessions: tgtd closes their connections.
int tgtd_delete_target(struct tgtd *tgtd, unsigned tid, struct failure *failure);
int tgtd_delete_connection(struct tgtd *tgtd, unsigned tid, unsigned session, unsigned connection,
                           struct failure *failure);

// What the target's side knows of one connection.
struct tgtd_connection {
    unsigned tid;
    uint16_t tsih; // as tgtd numbers it ("I_T nexus: N", "Session: N"), in host order
    uint16_t cid;
    char initiator_name[256];
    char initiator_alias[256]; // of the session: the kit's handle; "" if none
    char initiator_address[64];
};

struct tgtd_report {
    size_t connection_count;
    struct tgtd_connection *connections; // malloc'ed; see tgtd_report_free
};

// Reads, for all `target_count` targets (tids 1..target_count) but those deleted, every connection
// of every session. Text that can't be understood is a failure, never skipped. 0, or -1 with
// `failure`.
int tgtd_get_report(struct tgtd *tgtd, unsigned target_count, struct tgtd_report *account,
                     struct failure *failure);
void tgtd_report_free(struct tgtd_report *account);

// Reads every connection of one target, with one request, for when only that target has changed.
// There the list has no aliases (they are left empty), and the address of a connection whose peer
// has just gone is empty. 0, or -1 with `failure`.
int tgtd_get_connections(struct tgtd *tgtd, unsigned tid, struct tgtd_report *account,
                         struct failure *failure);

// CHAP. An account belongs to the instance; a target asks initiators for one of those bound to it
// as incoming, and proves itself with the one bound as outgoing where the initiator asks for that.
// Texts of 1 to 200 bytes.
int tgtd_new_account(struct tgtd *tgtd, const char *user, const char *password,
                     struct failure *failure);
int tgtd_bind_account(struct tgtd *tgtd, unsigned tid, const char *user, bool outgoing,
                      struct failure *failure);

// From now on whoever logs in to the target is sent to `to`, of another instance, for now or
// permanently. tgtd does not send an initiator to the address that it comes from, whatever the
// port: from 127.0.0.1, which is where connections to all of 127.0.0.0/8 come from, that must be
// another one.
int tgtd_redirect(struct tgtd *tgtd, unsigned tid, const struct tgtd_portal *to, bool permanent,
                  struct failure *failure);

#endif
