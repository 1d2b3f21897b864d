// SPDX-License-Identifier: Apache-2.0
// A scenario in expanded form: one entry for each portal, target, initiator and session. Patterns
// and counts are expanded, and references are indices. The scenario loader makes it; the emulator
// brings it up without knowing the form of the file.
#ifndef TCK_TOPOLOGY_H
#define TCK_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ISCSI_NAME_MAX = 223, // bytes of an iSCSI name in UTF-8 (RFC 7143)
    TOPOLOGY_INSTANCES_MAX = 64,
    TOPOLOGY_PORTALS_MAX = 64, // of one instance
    TOPOLOGY_TARGETS_MAX = 10000,
    TOPOLOGY_INITIATORS_MAX = 20000,
    TOPOLOGY_SESSIONS_MAX = 20000,
    TOPOLOGY_LUNS_MAX = 20000,            // of all targets together
    TOPOLOGY_ALLOWED_MAX = 20000,         // initiator names in the ACLs of all targets together
    TOPOLOGY_CONNECTIONS_MAX = 64,        // of one session
    TOPOLOGY_CONNECTIONS_ALL_MAX = 40000, // of all sessions together, the first ones not counted
    TOPOLOGY_EVENTS_MAX = 64,
    TOPOLOGY_EVENT_CALLS_MAX = 10000, // made before one event
    TOPOLOGY_SECRET_MAX = 200,        // bytes of a CHAP name or secret, as tgtd takes them
    TOPOLOGY_PROBLEM_SIZE = 320,
};

struct topology_portal {
    char *address; // numeric loopback address, IPv6 without brackets
    uint16_t port; // 0: a free one
};

struct topology_instance {
    char *name;
    size_t portal_count;
    struct topology_portal *portals;
};

struct topology_parameter {
    char *name; // as tgtadm takes it, e.g. MaxConnections
    char *value;
};

// A CHAP name and its secret; both NULL: none.
struct topology_secret {
    char *user;
    char *password;
};

// Where a target sends those who log in to it: to itself, at another instance.
struct topology_redirect {
    bool is;
    size_t instance; // the one where its sessions are then
    size_t portal;   // of that instance
    bool permanent;
};

struct topology_target {
    char *name; // iqn., eui. or naa. name
    size_t instance;
    unsigned lun_count; // beside LUN 0, the controller
    size_t parameter_count;
    struct topology_parameter *parameters;
    size_t allowed_initiator_count; // ACL by initiator name; both lists empty: everyone
    char **allowed_initiators;
    size_t allowed_address_count; // ACL by address
    char **allowed_addresses;
    struct topology_secret chap;   // what an initiator must prove itself with
    struct topology_secret mutual; // what it proves itself with, to initiators that ask
    struct topology_redirect redirect;
};

// A further connection of a session; the first one has CID 0 and the session's portal.
struct topology_connection {
    uint16_t cid;
    size_t portal; // of the instance that the target is at, after a redirection
};

// What becomes of a session's login.
enum topology_session_kind {
    SESSION_ACTIVE,    // a normal session, in the list
    SESSION_REFUSED,   // it is refused: there is no session
    SESSION_DISCOVERY, // a discovery session: held, and in no list
};

enum topology_session_state {
    STATE_CONNECTED,      // logged in, with a connection or several
    STATE_CONNECTIONLESS, // kept by the initiator for recovery
    STATE_ABSENT,
};

struct topology_session {
    char *initiator_name;
    size_t target; // of a discovery session: the one whose instance it is with
    size_t portal; // of the target's instance
    uint8_t isid[6];
    bool recovering; // its connections are dropped by the target after login, and the initiator
                     // keeps the session for recovery: active, with no connection
    bool later;      // it is not logged in before an event says so
    // What it is like when the scenario is up, the events before all calls among it.
    enum topology_session_state at_first;
    size_t line; // of the scenario file, for messages
    enum topology_session_kind kind;
    bool header_digest; // CRC32C is asked for
    size_t further_count;
    struct topology_connection *further;
    struct topology_secret chap;   // what the initiator proves itself with
    struct topology_secret mutual; // what it has the target prove itself with
};

// What happens to a topology, and when.
enum topology_event_kind {
    EVENT_LOGIN,
    EVENT_LOGOUT,
    EVENT_DROP,
    EVENT_REINSTATE,
    EVENT_GIVE_UP, // of a session without connections: the initiator forgets it
    EVENT_DELETE_TARGET,
    EVENT_KILL,
    EVENT_STOP,
    EVENT_CONTINUE,
    EVENT_START,
};

enum topology_moment {
    MOMENT_BEFORE,  // before all calls: the scenario is up then
    MOMENT_BETWEEN, // between the query of the size and the fetch
    MOMENT_DURING,  // while calls are made without pause
    MOMENT_AFTER,   // when `calls` calls were made in a row
};

struct topology_event {
    enum topology_event_kind kind;
    enum topology_moment moment;
    uint32_t calls;       // of MOMENT_AFTER
    size_t first_session; // of LOGIN to GIVE_UP: `session_count` in a row
    size_t session_count;
    uint16_t cid;        // of DROP and REINSTATE: the one connection concerned; 0: all of them
    bool by_initiator;   // of DROP
    size_t first_target; // of DELETE_TARGET: `target_count` in a row
    size_t target_count;
    size_t instance; // of KILL, STOP, CONTINUE and START
    size_t line;     // of the scenario file, for messages
    char *sentence;  // what happens, for messages and reports: 'tgtd "array" is killed'
};

struct topology {
    size_t instance_count;
    struct topology_instance *instances;
    size_t target_count;
    struct topology_target *targets;
    size_t session_count;
    struct topology_session *sessions; // those that are to be in the list: SESSION_ACTIVE
    size_t unlisted_count;
    struct topology_session *unlisted; // all others
    size_t event_count;
    struct topology_event *events; // in their order; those before all calls first
};

// Frees all that it holds, not `topology` itself, and leaves it empty.
void topology_free(struct topology *topology);

// Have both the same initiator, target and ISID? The later login of two ends the earlier session.
bool topology_same_nexus(const struct topology_session *a, const struct topology_session *b);

// How many sessions there are when the scenario is up.
size_t topology_first_count(const struct topology *topology);

// Is `name` one that a target or an initiator can have? 0; or -1 with the reason, to be read after
// the name, in `problem`. tgtd takes only letters, digits, ':', '.' and '-' in a target's name; an
// initiator's may be any UTF-8 without controls and spaces.
int topology_check_target_name(const char *name, char problem[static TOPOLOGY_PROBLEM_SIZE]);
int topology_check_initiator_name(const char *name, char problem[static TOPOLOGY_PROBLEM_SIZE]);

// Can `text` be a CHAP name or secret?
int topology_check_secret(const char *text, char problem[static TOPOLOGY_PROBLEM_SIZE]);

// Is `address` one of this machine's loopback addresses, written as numbers? Writes it in canonical
// form into `canonical`.
int topology_check_address(const char *address, char canonical[static 64],
                           char problem[static TOPOLOGY_PROBLEM_SIZE]);

// The four forms of an ISID, told apart by the two highest bits of the first byte (RFC
// 7143, 11.12.5).
enum isid_form {
    ISID_OUI = 0,
    ISID_EN = 1,
    ISID_RANDOM = 2,
    ISID_RESERVED = 3,
};

// The ISID number `number`, from 1 up, of a form: always the same, and a different one for each
// number up to TOPOLOGY_SESSIONS_MAX, but for ISID_RESERVED, of which there is only one.
void topology_isid(enum isid_form form, uint32_t number, uint8_t isid[static 6]);

// Can libiscsi send this ISID? Its setters leave no choice for some of the bits.
int topology_check_isid(const uint8_t isid[static 6], char problem[static TOPOLOGY_PROBLEM_SIZE]);

#endif
