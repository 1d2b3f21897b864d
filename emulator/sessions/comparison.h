// The two accounts of the sessions, and whether they agree: what the initiators know, and what each
// tgtd says.
#ifndef TCK_COMPARISON_H
#define TCK_COMPARISON_H

#include "emulator/initiator/connection.h"
#include "emulator/initiator/initiator.h"
#include "emulator/scenario/topology.h"
#include "emulator/tgtd/tgtd.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ACCOUNT_ALIAS_SIZE = 32,         // "tck-" and a number, or "tck-aside-" and one
    ACCOUNT_DESCRIPTION_SIZE = 1024, // names of 223 bytes twice, and the rest
};

struct emulator;

struct emulator_session;

// A further connection of a session of the emulator.
struct emulator_connection {
    struct emulator_session *session;
    const struct topology_connection *plan;
    const struct tgtd_portal *portal;
    struct connection *connection; // NULL before it is opened and after its logout
    struct connection *replaced;   // the one that a reinstatement is about to end
    bool settled;                  // its login ended, in one way or the other
    bool dropped;                  // dropped on purpose, while the session goes on
    uint64_t specific;             // AdapterSpecific
};

// A session of the emulator: the initiator's side. Its number is its index plus one, and in its
// alias, by which the target's side is told which session it is.
struct emulator_session {
    struct emulator *emulator;
    const struct topology_session *plan;
    struct topology_session own_plan; // of one that the topology does not have; `plan` points here
    const struct topology_target *target;
    size_t instance;
    const struct tgtd *tgtd;
    const struct tgtd_portal *portal;
    unsigned tid;
    char alias[ACCOUNT_ALIAS_SIZE];
    struct initiator_session *initiator; // NULL before its login begins and after its logout
    struct initiator_session *replaced;  // the one that a reinstatement is about to end
    uint16_t tsih;                       // by the target's account; 0 before that was read
    uint16_t former_tsih;                // what it was before it was reinstated; 0: never was
    bool settled;                        // its login ended, in one way or the other
    bool dropped;      // its connections are dropped on purpose, to be seen on no side any more
    bool ended;        // not logged in, yet or any more: on neither side
    bool forgotten;    // the target, made anew or gone, knows nothing of its TSIH
    bool unasked;      // its tgtd is stopped: only the initiator's side can be asked
    uint64_t specific; // AdapterSpecific of the session
    uint64_t connection_specific; // and of its first connection
    size_t further_count;
    struct emulator_connection *further; // its further ones
};

struct emulator_sessions {
    size_t count;
    size_t capacity;
    struct emulator_session **items; // each on its own: initiators keep pointers to them
};

// Names a session by its number.
void account_make_alias(char alias[static ACCOUNT_ALIAS_SIZE], size_t number);
// Of a login that does not become a session of the list.
void account_make_aside_alias(char alias[static ACCOUNT_ALIAS_SIZE], size_t number);

// Which session, for a message.
void account_describe_session(const struct emulator_session *session, char *text, size_t size);

// Compares all sessions with all that the instances say (`accounts`: one for each), and takes over
// the TSIHs. 0; or -1 with `failure`: both accounts of the first that differ.
int account_compare(const struct emulator_sessions *sessions, const struct tgtd_report *accounts,
                    size_t instance_count, struct failure *failure);

// The same for one target, from the list of its connections (tgtd_get_connections), which has no
// aliases: known TSIHs are matched, and what is left must be the session just logged in, whose TSIH
// isn't known yet.
int account_compare_target(const struct emulator_sessions *sessions,
                           const struct tgtd_report *account, size_t instance, unsigned tid,
                           struct failure *failure);

#endif
