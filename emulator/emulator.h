// SPDX-License-Identifier: Apache-2.0
// The emulator: brings a topology up with real tgtd processes and sessions, changes it, and knows
// from initiator and target which sessions exist.
#ifndef TCK_EMULATOR_H
#define TCK_EMULATOR_H

#include "conformance/transcript/inventory.h"
#include "conformance/transcript/truth.h"
#include "emulator/external/login_agent.h"
#include "emulator/external/login_command.h"
#include "emulator/process/supervisor.h"
#include "emulator/scenario/scenario.h"
#include "emulator/session_source.h"
#include "emulator/tgtd/tgtd.h"

struct emulator;

// Brings `topology` up in `folder` (private to the run; a sub-folder of its own is made): tgtd
// instances, targets, LUNs, ACLs, accounts; then all logins at once (a bounded number in flight),
// further connections, discovery sessions, and the logins that the targets are to refuse; then the
// events before all calls; then the truth from both sides. -1 with `failure` (STATUS_UNTRUSTED),
// and everything torn down: where the sides disagree (both are quoted), a login was refused that
// should not be or the other way round, or tgtd ended or fell silent. `topology` must outlive the
// emulator. From then on a lost session is the supervisor's trouble.
int emulator_start(struct emulator **emulator, struct supervisor *supervisor,
                   const struct topology *topology, const char *folder, struct failure *failure);

// The same with sessions of an external initiator, which logs in and out by `command`, and, where
// that is of the API, by `agent`, else NULL (both must outlive the emulator); the topology must
// suit the command (login_command_suits). What neither the targets nor the list command tell is
// marked in the truth as not known. There is no session table: the implementation has a source of
// its own.
int emulator_start_external(struct emulator **emulator, struct supervisor *supervisor,
                            const struct topology *topology, const char *folder,
                            const struct login_command *command, const struct login_agent *agent,
                            struct failure *failure);

// The same with recorded sessions of this topology, those of `recorded`, which must not be changed
// any more. There are no targets, and nothing can change (EMULATOR_IS_LIVE).
int emulator_start_recorded(struct emulator **emulator, struct supervisor *supervisor,
                            const struct topology *topology, const char *folder,
                            const struct truth *recorded, struct failure *failure);

// What can be done with this emulator's sessions: enum emulator_ability, or-ed.
unsigned emulator_abilities(const struct emulator *emulator);

// The present truth; owned by the emulator, valid until emulator_stop.
const struct truth *emulator_truth(const struct emulator *emulator);

// The targets that there are now, and what they offer; NULL when memory ran out. `all_known`: the
// initiator is told of all of them, and asks the portals of all connections; else it knows those
// with which it has sessions, and may know any, with `others` also such as are not the emulator's.
// The caller frees it.
struct inventory *emulator_inventory(const struct emulator *emulator, bool all_known, bool others);

// Where the session table is; NULL: there is none.
const char *emulator_session_table(const struct emulator *emulator);

// For a person: portals with their ports in use, commands; index < topology's instance_count.
const struct tgtd *emulator_instance(const struct emulator *emulator, size_t index);
const struct tgtd_portal *emulator_portals(const struct emulator *emulator, size_t index,
                                           size_t *count);

// The sum, over all running tgtd processes, of the most memory that each has held, in bytes; 0: not
// known.
uint64_t emulator_peak_memory(const struct emulator *emulator);

// ---- Changes ----
//
// Each of these functions makes a change and waits until both sides show it. If the list of
// sessions is then another one, a new generation is added to the truth and the session table is
// written anew. They run the supervisor's loop while they wait, so that other work in it (a host's
// calls) goes on. So don't call them from the loop's callbacks. Each returns 0, or -1 with
// `failure` (STATUS_UNTRUSTED). After a failure the truth is not known, and only emulator_stop may
// be called; except that a handle or a state that does not allow the change leaves everything as it
// was.
//
// A session is named by a handle: those of the topology are 0, 1, ... in its order, and each login
// that adds a session adds the next one. A handle is never given to another session.
// The truth has the sessions in the order of their handles.

// Logs in a session like the topology's first, with as many connections. Where the topology has no
// session, an initiator that the first target lets in logs in there. The ISID is one that this
// emulator has not used before.
int emulator_login(struct emulator *emulator, size_t *session, struct failure *failure);

// Logs out in order, connection by connection. The session must have its connections to do so on.
int emulator_logout(struct emulator *emulator, size_t session, struct failure *failure);

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

// Makes one event of the topology happen, for each session or target concerned. It is one
// generation. With an external initiator it fails.
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

// Is everything as the truth says? Asks every tgtd and compares both sides anew. Call it after the
// probes of a scenario: 0, or -1 with `failure`.
int emulator_verify(struct emulator *emulator, struct failure *failure);

// To be called when everything is done: an external initiator's sessions are logged out, and their
// end is seen on both sides; 0, or -1 with `failure`. Otherwise nothing is done.
int emulator_finish(struct emulator *emulator, struct failure *failure);

// Ends sessions (by closing their sockets; an external initiator's by its logout command, as far as
// that goes) and instances, and removes the sub-folder. NULL is allowed.
void emulator_stop(struct emulator *emulator);

#endif
