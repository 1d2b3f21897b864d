// The emulator: a topology brought up for real, held, changed, and known from both sides.
#ifndef TCK_EMULATOR_H
#define TCK_EMULATOR_H

#include "conformance/transcript/truth.h"
#include "emulator/external/login_command.h"
#include "emulator/process/supervisor.h"
#include "emulator/scenario/scenario.h"
#include "emulator/tgtd/tgtd.h"

struct emulator;

// Brings `topology` up in `folder` (private to the run; a sub-folder of its own is made): tgtd
// instances, targets, LUNs, ACLs, accounts; then all logins at once (a bounded number in flight),
// further connections, and the logins aside from the list: those that are refused, and discovery
// sessions; then the events before all calls; then the truth from both sides. Disagreement, a login
// refused that should not be or the other way round, tgtd's end or silence: -1 with `failure`
// (STATUS_UNTRUSTED; both accounts in its text where they disagree), and everything torn down.
// `topology` must outlive the emulator. From then on a lost session is the supervisor's trouble.
int emulator_start(struct emulator **emulator, struct supervisor *supervisor,
                   const struct topology *topology, const char *folder, struct failure *failure);

// The same with the sessions made by an outside initiator that `command` (which must outlive the
// emulator) tells to; the topology must suit it (login_command_suits). What nobody tells of them is
// not known in the truth. There is no session table: the implementation's source is its own.
int emulator_start_outside(struct emulator **emulator, struct supervisor *supervisor,
                           const struct topology *topology, const char *folder,
                           const struct login_command *command, struct failure *failure);

// What can be done with this emulator's sessions, or-ed.
enum emulator_ability {
    EMULATOR_CAN_LOSE = 1,           // emulator_drop by the target, emulator_reinstate
    EMULATOR_CAN_LOSE_BY_ITSELF = 2, // emulator_drop by the initiator, too
    EMULATOR_HAS_TABLE = 4,          // the session table is there, to be damaged
};
unsigned emulator_abilities(const struct emulator *emulator);

// The present truth; owned by the emulator, valid until emulator_stop.
const struct truth *emulator_truth(const struct emulator *emulator);

// Where the session table is; NULL: there is none.
const char *emulator_session_table(const struct emulator *emulator);

// For a person: portals with their ports in use, commands; index < topology's instance_count.
const struct tgtd *emulator_instance(const struct emulator *emulator, size_t index);
const struct tgtd_portal *emulator_portals(const struct emulator *emulator, size_t index,
                                           size_t *count);

// The most memory that each tgtd that runs has held at a time, in bytes, added up; 0: not known.
uint64_t emulator_peak_memory(const struct emulator *emulator);

// ---- Changes ----
//
// Each change is made for real, and waited for until it has happened on both sides. Then, where the
// list of sessions is another one, it is the next generation of the truth: the session table is
// published anew and the history is one longer.
// To be called from outside the loop's callbacks; the waits in them run the loop, so that whatever
// else is under way in it (a host's calls) goes on. Each returns 0, or -1 with `failure`
// (STATUS_UNTRUSTED): what is true is not known then, and the emulator is good for emulator_stop
// only; but for a handle or a state that the change can't be made to, which changes nothing.
//
// A session is named by a handle: those of the topology are 0, 1, ... in its order, and each login
// that adds a session adds the next one. A handle is never given to another session.
// The truth has the sessions in the order of their handles.

// Logs in a session like the topology's first, with as many connections (where it has none, an
// initiator of the kit's that the first target lets in), with an ISID that this emulator has not
// used before.
int emulator_login(struct emulator *emulator, size_t *session, struct failure *failure);

// Logs out in order, connection by connection. The session must have its connections to do so on.
int emulator_logout(struct emulator *emulator, size_t session, struct failure *failure);

enum emulator_side {
    EMULATOR_TARGET,
    EMULATOR_INITIATOR,
};

// Ends the session's connections, all of them, from one side, without a logout. The initiator keeps
// the session for recovery: to it, it is the same session under the same identifier and TSIH,
// without connections.
int emulator_drop(struct emulator *emulator, size_t session, enum emulator_side side,
                  struct failure *failure);

// The same initiator logs in to the same target with the same ISID again: session reinstatement
// (RFC 7143, 6.3.5). The target ends the old session, if it still has it, and the new one has a
// TSIH, a connection and identifiers (AdapterSpecific of both) of its own: it is a new session and
// only its handle here is the old one's. `session` may be dropped or have its connection.
int emulator_reinstate(struct emulator *emulator, size_t session, struct failure *failure);

// Logs in a session of the topology that is not logged in: one that is `later`, or that was logged
// out. It is a new session, with its ISID, under the same handle.
int emulator_login_planned(struct emulator *emulator, size_t session, struct failure *failure);

// Ends one connection of a session of several, by its CID, from one side, without a logout; the
// session goes on with the others. Not the first one (CID 0): with it libiscsi holds the session.
int emulator_drop_connection(struct emulator *emulator, size_t session, uint16_t cid,
                             enum emulator_side side, struct failure *failure);

// Connection reinstatement (RFC 7143, 6.3.4): logs in a further connection with a CID that the
// session has had. Where the old one is still there it ends first; RFC 7143 has the target do that,
// and tgtd does not.
int emulator_reinstate_connection(struct emulator *emulator, size_t session, uint16_t cid,
                                  struct failure *failure);

// Deletes a target under its sessions: tgtd ends their connections, and to the initiator they are
// sessions without connections. Nobody logs in to it any more, but after emulator_start_again.
int emulator_delete_target(struct emulator *emulator, size_t target, struct failure *failure);

// Kills an instance's tgtd. To the initiator its sessions are sessions without connections.
int emulator_kill(struct emulator *emulator, size_t instance, struct failure *failure);

// Starts an instance that was killed again, at the same portals, with all targets of the topology.
// It knows none of the sessions: they stay without connections until they are reinstated.
int emulator_start_again(struct emulator *emulator, size_t instance, struct failure *failure);

// Stops an instance's tgtd: a target that hangs. Its sessions stay what they are, and only the
// initiator's side of them can be asked. Until emulator_continue nothing else can be done with it.
int emulator_suspend(struct emulator *emulator, size_t instance, struct failure *failure);
int emulator_continue(struct emulator *emulator, size_t instance, struct failure *failure);

// Makes one event of the topology happen: one of the above, for each session or target concerned.
// It is one generation.
int emulator_event(struct emulator *emulator, const struct topology_event *event,
                   struct failure *failure);

const struct topology *emulator_topology(const struct emulator *emulator);

// How many handles there are, those of sessions logged out among them.
size_t emulator_session_count(const struct emulator *emulator);

// What is true of the session of a handle now; NULL when it is logged out.
const struct truth_session *emulator_session(const struct emulator *emulator, size_t session);

// The history: all generations from the first on, the present one last. Generation N is index
// N - 1; NULL where there is none. Owned by the emulator, valid until emulator_stop. It costs some
// 400 bytes for each session of each generation.
size_t emulator_generation_count(const struct emulator *emulator);
const struct truth *emulator_generation(const struct emulator *emulator, size_t index);

// Is everything as the truth says? Asks every tgtd and compares both accounts anew. Call it after
// the probes of a scenario: 0, or -1 with `failure`.
int emulator_verify(struct emulator *emulator, struct failure *failure);

// To be called when all is done that was to be done: an outside initiator's sessions are logged
// out, and seen to be; 0, or -1 with `failure`. Otherwise nothing is done.
int emulator_finish(struct emulator *emulator, struct failure *failure);

// Ends sessions (by closing their sockets; an outside initiator's by its logout command, as far as
// that goes), instances and removes the sub-folder. NULL is allowed.
void emulator_stop(struct emulator *emulator);

#endif
