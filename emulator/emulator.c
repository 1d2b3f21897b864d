// Brings a topology up, changes it on demand, and keeps the truth about it, confirmed from both
// sides: what the initiators know and what each tgtd says.
//
// Order matters in two places. Sessions are compared before any connection is dropped on purpose:
// only then does the target's side still show the TSIH of each. And the session table is written
// last: it never shows what has not been confirmed from both sides.
#include "emulator/emulator.h"

#include "emulator/account.h"
#include "emulator/initiator.h"
#include "emulator/session_table.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>

enum {
    LOGINS_IN_FLIGHT = 128,    // below tgtd's listen backlog, and enough to keep it busy
    LOGIN_TIMEOUT_MS = 30000,  // without any login ending
    CHANGE_TIMEOUT_MS = 10000, // for what was asked for to be so on both sides
    PING_TIMEOUT_MS = 10000,
    LOST_GRACE_MS = 250,     // for a cause to show: a tgtd that dies closes its sockets before its
                             // parent is told, so that its sessions end first
    DESCRIPTORS_SPARE = 256, // beside one for each session: pipes, sockets, the host's files
    REMOVE_DESCRIPTORS = 16, // for walking the folder
};

// Who logs in where the topology has no session and its first target lets everyone in.
static char own_initiator_name[] = "iqn.2024-01.test.iscsidsc-tck:initiator";

struct emulator_instance {
    struct tgtd *tgtd;
    struct tgtd_portal *portals;
    size_t portal_count;
    unsigned target_count;
};

struct emulator {
    struct supervisor *supervisor;
    const struct topology *topology;
    char *folder; // its own; NULL before it is made
    char *table;
    struct emulator_instance *instances; // one for each of the topology
    struct tgtd_account *accounts;       // what each instance last said
    unsigned *tids;      // of each target of the topology, within the instance its sessions are in
    unsigned *door_tids; // of those that redirect: within the instance that initiators come to
    struct emulator_sessions sessions; // those of the topology, then those that changes added
    struct emulator_sessions asides;   // logins that do not become sessions of the list
    size_t settled;                    // logins that ended
    size_t settled_before;             // what `settled` was when the wait began
    size_t opening;                    // further connections whose login is under way
    size_t recovering;                 // connections that were dropped, so far
    size_t lost;                       // sessions lost after their login
    struct emulator_session *first_lost;
    char lost_reason[256];        // of the first that was lost
    struct failure login_failure; // the first login that failed
    struct emulator_session *first_refused;
    uv_timer_t *grace; // see LOST_GRACE_MS; freed by the loop
    uint64_t adapter_unique;
    uint64_t sessions_identified; // the last AdapterSpecific given to a session
    uint64_t connections_identified;
    uint32_t isids_made;        // for sessions that changes added
    struct truth **generations; // all of them; the last is the present one
    size_t generation_count;
    size_t generation_capacity;
};

const struct truth *emulator_truth(const struct emulator *emulator)
{
    return emulator->generation_count == 0 ? NULL
                                           : emulator->generations[emulator->generation_count - 1];
}

size_t emulator_generation_count(const struct emulator *emulator)
{
    return emulator->generation_count;
}

const struct truth *emulator_generation(const struct emulator *emulator, size_t index)
{
    return index < emulator->generation_count ? emulator->generations[index] : NULL;
}

size_t emulator_session_count(const struct emulator *emulator)
{
    return emulator->sessions.count;
}

const struct truth_session *emulator_session(const struct emulator *emulator, size_t session)
{
    const struct truth *truth = emulator_truth(emulator);
    const struct emulator_sessions *sessions = &emulator->sessions;
    if (truth == NULL || session >= sessions->count || sessions->items[session]->ended)
        return NULL;
    uint64_t specific = sessions->items[session]->specific;
    for (size_t i = 0; i < truth->session_count; i++) {
        if (truth->sessions[i].adapter_specific == specific)
            return &truth->sessions[i];
    }
    return NULL;
}

const char *emulator_session_table(const struct emulator *emulator)
{
    return emulator->table;
}

const struct tgtd *emulator_instance(const struct emulator *emulator, size_t index)
{
    return emulator->instances[index].tgtd;
}

const struct tgtd_portal *emulator_portals(const struct emulator *emulator, size_t index,
                                           size_t *count)
{
    *count = emulator->instances[index].portal_count;
    return emulator->instances[index].portals;
}

// ---- making it: folder, limits, instances, targets ----

static int fail_memory(struct failure *failure)
{
    return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
}

// A number that no other emulator of this or an earlier run has: an implementation that kept an
// identifier over the change of scenarios is found out.
static int choose_adapter(struct emulator *emulator, struct failure *failure)
{
    while (emulator->adapter_unique == 0) {
        ssize_t size = getrandom(&emulator->adapter_unique, sizeof emulator->adapter_unique, 0);
        if (size != (ssize_t)sizeof emulator->adapter_unique && errno != EINTR)
            return failure_set(failure, STATUS_UNTRUSTED, "getrandom: %s", strerror(errno));
    }
    return 0;
}

static void identify_session(struct emulator_session *session)
{
    struct emulator *emulator = session->emulator;
    session->specific = ++emulator->sessions_identified;
    session->connection_specific = ++emulator->connections_identified;
    for (size_t i = 0; i < session->further_count; i++)
        session->further[i].specific = ++emulator->connections_identified;
}

// Adds a session, not logged in, with a plan of its own that is a copy of `own_plan`, or where that
// is NULL, with `plan`. NULL when memory ran out.
static struct emulator_session *add_session(struct emulator *emulator,
                                            struct emulator_sessions *sessions,
                                            const struct topology_session *plan,
                                            const struct topology_session *own_plan)
{
    if (sessions->count == sessions->capacity) {
        size_t capacity = sessions->capacity == 0 ? 64 : sessions->capacity * 2;
        struct emulator_session **items =
            reallocarray(sessions->items, capacity, sizeof(struct emulator_session *));
        if (items == NULL)
            return NULL;
        sessions->items = items;
        sessions->capacity = capacity;
    }
    struct emulator_session *session = calloc(1, sizeof *session);
    if (session == NULL)
        return NULL;
    if (own_plan != NULL)
        session->own_plan = *own_plan;
    session->emulator = emulator;
    session->plan = own_plan != NULL ? &session->own_plan : plan;
    session->further = calloc(session->plan->further_count + 1, sizeof *session->further);
    if (session->further == NULL) {
        free(session);
        return NULL;
    }
    session->further_count = session->plan->further_count;
    for (size_t i = 0; i < session->further_count; i++) {
        session->further[i].session = session;
        session->further[i].plan = &session->plan->further[i];
    }
    sessions->items[sessions->count++] = session;
    if (sessions == &emulator->asides)
        account_make_aside_alias(session->alias, sessions->count);
    else
        account_make_alias(session->alias, sessions->count);
    identify_session(session);
    return session;
}

// The instance where a target's sessions are.
static size_t home_of(const struct topology_target *target)
{
    return target->redirect.is ? target->redirect.instance : target->instance;
}

static int allocate(struct emulator *emulator, struct failure *failure)
{
    const struct topology *topology = emulator->topology;
    // One more than needed, because calloc may answer NULL to nothing.
    emulator->instances = calloc(topology->instance_count + 1, sizeof *emulator->instances);
    emulator->accounts = calloc(topology->instance_count + 1, sizeof *emulator->accounts);
    emulator->tids = calloc(topology->target_count + 1, sizeof *emulator->tids);
    emulator->door_tids = calloc(topology->target_count + 1, sizeof *emulator->door_tids);
    if (emulator->instances == NULL || emulator->accounts == NULL || emulator->tids == NULL ||
        emulator->door_tids == NULL)
        return fail_memory(failure);
    for (size_t i = 0; i < topology->target_count; i++) {
        const struct topology_target *target = &topology->targets[i];
        emulator->tids[i] = ++emulator->instances[home_of(target)].target_count;
        if (target->redirect.is)
            emulator->door_tids[i] = ++emulator->instances[target->instance].target_count;
    }
    for (size_t i = 0; i < topology->session_count; i++) {
        if (add_session(emulator, &emulator->sessions, &topology->sessions[i], NULL) == NULL)
            return fail_memory(failure);
    }
    for (size_t i = 0; i < topology->aside_count; i++) {
        if (add_session(emulator, &emulator->asides, &topology->asides[i], NULL) == NULL)
            return fail_memory(failure);
    }
    return 0;
}

static int make_folder(struct emulator *emulator, const char *folder, struct failure *failure)
{
    char *made = NULL;
    if (asprintf(&made, "%s/emulator-XXXXXX", folder) < 0)
        return fail_memory(failure);
    if (mkdtemp(made) == NULL) {
        failure_set(failure, STATUS_UNTRUSTED, "can't make a folder in %s: %s", folder,
                    strerror(errno));
        free(made);
        return -1;
    }
    emulator->folder = made;
    if (asprintf(&emulator->table, "%s/sessions", made) < 0) {
        emulator->table = NULL;
        return fail_memory(failure);
    }
    return 0;
}

// A connection holds one descriptor here and one in its tgtd, which inherits the limit.
static int raise_descriptor_limit(const struct emulator *emulator, struct failure *failure)
{
    struct rlimit limit;
    size_t connection_count = emulator->asides.count;
    for (size_t i = 0; i < emulator->sessions.count; i++) {
        const struct emulator_session *session = emulator->sessions.items[i];
        connection_count += session->ended ? 0 : 1 + session->further_count;
    }
    rlim_t needed = (rlim_t)connection_count + DESCRIPTORS_SPARE;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "getrlimit: %s", strerror(errno));
    if (limit.rlim_cur >= needed)
        return 0;
    if (limit.rlim_max < needed)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "%zu connections need %llu open files in one process; the hard limit "
                           "(ulimit -Hn) is %llu: raise it, or use a smaller scenario",
                           connection_count, (unsigned long long)needed,
                           (unsigned long long)limit.rlim_max);
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "can't raise the open files limit to %llu: %s",
                           (unsigned long long)limit.rlim_max, strerror(errno));
    return 0;
}

static int start_instance(struct emulator *emulator, size_t index, struct failure *failure)
{
    const struct topology_instance *plan = &emulator->topology->instances[index];
    struct emulator_instance *instance = &emulator->instances[index];
    instance->portals = calloc(plan->portal_count + 1, sizeof *instance->portals);
    if (instance->portals == NULL)
        return fail_memory(failure);
    instance->portal_count = plan->portal_count;
    for (size_t i = 0; i < plan->portal_count; i++) {
        struct tgtd_portal *portal = &instance->portals[i];
        int length =
            snprintf(portal->address, sizeof portal->address, "%s", plan->portals[i].address);
        if (length < 0 || (size_t)length >= sizeof portal->address)
            return failure_set(failure, STATUS_UNTRUSTED,
                               "instance %s: portal address \"%s\" is "
                               "too long to be one",
                               plan->name, plan->portals[i].address);
        portal->port = plan->portals[i].port;
    }
    return tgtd_start(&instance->tgtd, emulator->supervisor, emulator->folder, plan->name,
                      instance->portals, instance->portal_count, failure);
}

// tgtd admits an initiator whose address is listed or whose name is, and nobody where nothing is
// listed: only a target without any restriction lists every address.
static int allow_access(struct tgtd *tgtd, unsigned tid, const struct topology_target *target,
                        struct failure *failure)
{
    bool open = target->allowed_address_count == 0 && target->allowed_initiator_count == 0;
    if (open && tgtd_allow_address(tgtd, tid, "ALL", failure) != 0)
        return -1;
    for (size_t i = 0; i < target->allowed_address_count; i++) {
        if (tgtd_allow_address(tgtd, tid, target->allowed_addresses[i], failure) != 0)
            return -1;
    }
    for (size_t i = 0; i < target->allowed_initiator_count; i++) {
        if (tgtd_allow_initiator(tgtd, tid, target->allowed_initiators[i], failure) != 0)
            return -1;
    }
    return 0;
}

static bool has_user(const struct topology_secret *secret, const char *user)
{
    return secret->user != NULL && strcmp(secret->user, user) == 0;
}

// Makes the account known to the instance of the target with that index, where no target before it
// did, and binds it to the target.
static int bind_account(struct emulator *emulator, size_t index,
                        const struct topology_secret *secret, bool outgoing,
                        struct failure *failure)
{
    const struct topology_target *targets = emulator->topology->targets;
    size_t instance = home_of(&targets[index]);
    struct tgtd *tgtd = emulator->instances[instance].tgtd;
    bool known = false;
    if (secret->user == NULL)
        return 0;
    for (size_t i = 0; i < index && !known; i++)
        known = home_of(&targets[i]) == instance && (has_user(&targets[i].chap, secret->user) ||
                                                     has_user(&targets[i].mutual, secret->user));
    if (!known && tgtd_new_account(tgtd, secret->user, secret->password, failure) != 0)
        return -1;
    return tgtd_bind_account(tgtd, emulator->tids[index], secret->user, outgoing, failure);
}

// The target of the same name that initiators come to, and that sends them on.
static int make_door(struct emulator *emulator, size_t index, struct failure *failure)
{
    const struct topology_target *target = &emulator->topology->targets[index];
    const struct topology_redirect *redirect = &target->redirect;
    struct tgtd *tgtd = emulator->instances[target->instance].tgtd;
    unsigned tid = emulator->door_tids[index];
    if (tgtd_new_target(tgtd, tid, target->name, failure) != 0 ||
        allow_access(tgtd, tid, target, failure) != 0)
        return -1;
    return tgtd_redirect(tgtd, tid,
                         &emulator->instances[redirect->instance].portals[redirect->portal],
                         redirect->permanent, failure);
}

static int make_target(struct emulator *emulator, size_t index, struct failure *failure)
{
    const struct topology_target *target = &emulator->topology->targets[index];
    struct tgtd *tgtd = emulator->instances[home_of(target)].tgtd;
    unsigned tid = emulator->tids[index];
    if (tgtd_new_target(tgtd, tid, target->name, failure) != 0)
        return -1;
    for (size_t i = 0; i < target->parameter_count; i++) {
        const struct topology_parameter *parameter = &target->parameters[i];
        if (tgtd_set_parameter(tgtd, tid, parameter->name, parameter->value, failure) != 0)
            return -1;
    }
    for (unsigned lun = 1; lun <= target->lun_count; lun++) {
        if (tgtd_new_lun(tgtd, tid, lun, failure) != 0)
            return -1;
    }
    if (bind_account(emulator, index, &target->chap, false, failure) != 0 ||
        bind_account(emulator, index, &target->mutual, true, failure) != 0 ||
        allow_access(tgtd, tid, target, failure) != 0)
        return -1;
    return target->redirect.is ? make_door(emulator, index, failure) : 0;
}

static int make_targets(struct emulator *emulator, struct failure *failure)
{
    for (size_t i = 0; i < emulator->topology->instance_count; i++) {
        if (start_instance(emulator, i, failure) != 0)
            return -1;
    }
    for (size_t i = 0; i < emulator->topology->target_count; i++) {
        if (make_target(emulator, i, failure) != 0)
            return -1;
    }
    return 0;
}

// ---- a session's fate ----

static void grace_is_over(uv_timer_t *timer)
{
    struct emulator *emulator = timer->data;
    const struct emulator_session *session = emulator->first_lost;
    char text[ACCOUNT_DESCRIPTION_SIZE];
    char others[64] = "";
    account_describe_session(session, text, sizeof text);
    if (emulator->lost > 1)
        snprintf(others, sizeof others, ", and %zu other%s", emulator->lost - 1,
                 emulator->lost > 2 ? "s" : "");
    supervisor_trouble(emulator->supervisor, "%s was lost (%s)%s; nobody here ended it", text,
                       emulator->lost_reason, others);
}

static void session_lost(struct emulator_session *session, const char *reason)
{
    struct emulator *emulator = session->emulator;
    if (emulator->lost++ > 0)
        return;
    snprintf(emulator->lost_reason, sizeof emulator->lost_reason, "%s", reason);
    emulator->first_lost = session;
    if (uv_timer_start(emulator->grace, grace_is_over, LOST_GRACE_MS, 0) != 0)
        grace_is_over(emulator->grace);
}

static void login_failed(struct emulator_session *session, const char *error)
{
    struct emulator *emulator = session->emulator;
    char text[ACCOUNT_DESCRIPTION_SIZE];
    if (emulator->first_refused != NULL)
        return;
    emulator->first_refused = session;
    account_describe_session(session, text, sizeof text);
    const char *hint = strstr(error, "Target not found") == NULL
                           ? ""
                           : "; tgtd answers so too where a target's access lists do not have the "
                             "initiator";
    failure_set(&emulator->login_failure, STATUS_UNTRUSTED, "%s could not log in: %s%s", text,
                error, hint);
}

static void session_changed(struct initiator_session *initiator, void *argument)
{
    struct emulator_session *session = argument;
    enum initiator_state state = initiator_state(initiator);
    // One that is being replaced was logged in, and whoever replaces it looks at it.
    bool logging_in = !session->settled && initiator != session->replaced;
    if (logging_in) {
        session->settled = true;
        session->emulator->settled++;
    }
    if (session->plan->kind == SESSION_REFUSED)
        return; // log_in_aside looks at it
    if (state == INITIATOR_RECOVERING)
        session->emulator->recovering++;
    else if (state == INITIATOR_LOST && logging_in)
        login_failed(session, initiator_error(initiator));
    else if (state == INITIATOR_LOST)
        session_lost(session, initiator_error(initiator));
}

// The same of a further connection.
static void connection_changed(struct connection *connection, void *argument)
{
    struct emulator_connection *further = argument;
    struct emulator *emulator = further->session->emulator;
    enum connection_state state = connection_state(connection);
    bool logging_in = !further->settled && connection != further->replaced;
    if (logging_in) {
        further->settled = true;
        emulator->opening--;
    }
    if (state == CONNECTION_DROPPED)
        emulator->recovering++;
    else if (state == CONNECTION_LOST && logging_in)
        login_failed(further->session, connection_error(connection));
    else if (state == CONNECTION_LOST)
        session_lost(further->session, connection_error(connection));
}

// ---- logging in ----

// What a login offers to prove itself with where nobody asks for that; see reinstate.
static const struct initiator_secret unasked_secret = {"iscsidsc-tck", "not-asked-for"};

static void place_session(struct emulator_session *session)
{
    struct emulator *emulator = session->emulator;
    session->target = &emulator->topology->targets[session->plan->target];
    session->instance = home_of(session->target);
    const struct emulator_instance *home = &emulator->instances[session->instance];
    session->tgtd = home->tgtd;
    session->portal = session->target->redirect.is
                          ? &home->portals[session->target->redirect.portal]
                          : &home->portals[session->plan->portal];
    session->tid = emulator->tids[session->plan->target];
    for (size_t i = 0; i < session->further_count; i++)
        session->further[i].portal = &home->portals[session->further[i].plan->portal];
}

static struct initiator_options login_options(struct emulator_session *session)
{
    const struct topology_session *plan = session->plan;
    // Of a target that redirects, not where the session is in the end.
    const struct tgtd_portal *portal =
        &session->emulator->instances[session->target->instance].portals[plan->portal];
    struct initiator_options options = {
        .initiator_name = plan->initiator_name,
        .target_name = session->target->name,
        .alias = session->alias,
        .address = portal->address,
        .port = portal->port,
        .discovery = plan->kind == SESSION_DISCOVERY,
        .header_digest = plan->header_digest,
        .secret = {plan->chap.user, plan->chap.password},
        .target_secret = {plan->mutual.user, plan->mutual.password},
        .changed = session_changed,
        .argument = session,
    };
    memcpy(options.isid, session->plan->isid, sizeof options.isid);
    return options;
}

static int begin_login(struct emulator_session *session, const struct initiator_options *options,
                       struct failure *failure)
{
    struct failure cause = {0};
    char text[ACCOUNT_DESCRIPTION_SIZE];
    session->settled = false;
    if (initiator_login(&session->initiator, session->emulator->supervisor, options, &cause) == 0)
        return 0;
    account_describe_session(session, text, sizeof text);
    return failure_set(failure, cause.status, "%s: %s", text, cause.text);
}

static bool login_progressed(void *argument)
{
    const struct emulator *emulator = argument;
    return emulator->settled > emulator->settled_before;
}

static int login_stuck(const struct emulator *emulator, struct failure *failure)
{
    char text[ACCOUNT_DESCRIPTION_SIZE] = "";
    for (size_t i = 0; i < emulator->sessions.count; i++) {
        const struct emulator_session *session = emulator->sessions.items[i];
        if (session->initiator != NULL && !session->settled) {
            account_describe_session(session, text, sizeof text);
            break;
        }
    }
    return failure_set(failure, STATUS_UNTRUSTED,
                       "%zu of %zu logins ended, then none for %d seconds; the first without an "
                       "answer is %s",
                       emulator->settled, emulator->sessions.count, LOGIN_TIMEOUT_MS / 1000, text);
}

// A login was refused. The tgtd concerned is asked for a sign of life first: its death is the cause
// then, and the refusal an effect. Returns -1.
static int fail_refused(struct emulator *emulator, struct failure *failure)
{
    struct tgtd *tgtd = emulator->instances[emulator->first_refused->instance].tgtd;
    if (tgtd_ping(tgtd, PING_TIMEOUT_MS, failure) != 0)
        return -1;
    return failure_set(failure, STATUS_UNTRUSTED, "%s", emulator->login_failure.text);
}

// All logins, a bounded number in flight. A refusal ends it.
static int log_in_all(struct emulator *emulator, struct failure *failure)
{
    size_t count = emulator->sessions.count;
    size_t begun = 0;
    for (size_t i = 0; i < count; i++)
        place_session(emulator->sessions.items[i]);
    while (emulator->settled < count) {
        while (begun < count && begun - emulator->settled < LOGINS_IN_FLIGHT) {
            struct emulator_session *session = emulator->sessions.items[begun++];
            const struct initiator_options options = login_options(session);
            if (begin_login(session, &options, failure) != 0)
                return -1;
        }
        emulator->settled_before = emulator->settled;
        int result = supervisor_wait(emulator->supervisor, login_progressed, emulator,
                                     LOGIN_TIMEOUT_MS, failure);
        if (result > 0)
            return login_stuck(emulator, failure);
        if (result < 0)
            return -1;
        if (emulator->first_refused != NULL)
            return fail_refused(emulator, failure);
    }
    return 0;
}

// ---- both accounts ----

static int read_accounts(struct emulator *emulator, struct failure *failure)
{
    for (size_t i = 0; i < emulator->topology->instance_count; i++) {
        const struct emulator_instance *instance = &emulator->instances[i];
        tgtd_account_free(&emulator->accounts[i]);
        if (tgtd_get_account(instance->tgtd, instance->target_count, &emulator->accounts[i],
                             failure) != 0)
            return -1;
    }
    return 0;
}

static int compare_accounts(struct emulator *emulator, struct failure *failure)
{
    return account_compare(&emulator->sessions, emulator->accounts,
                           emulator->topology->instance_count, failure);
}

static uint64_t now_ns(void)
{
    struct timespec time = {0};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000U + (uint64_t)time.tv_nsec;
}

static uint64_t change_deadline(void)
{
    return now_ns() + (uint64_t)CHANGE_TIMEOUT_MS * 1000000U;
}

// Asks every tgtd until both sides agree. tgtd closes a connection before it forgets it, and tells
// nobody when it has: it must be asked.
static int await_agreement(struct emulator *emulator, struct failure *failure)
{
    uint64_t deadline = change_deadline();
    for (;;) {
        struct failure difference = {0};
        if (read_accounts(emulator, failure) != 0)
            return -1;
        if (compare_accounts(emulator, &difference) == 0)
            return 0;
        if (now_ns() >= deadline)
            return failure_set(failure, difference.status, "%s", difference.text);
    }
}

// The same for the target of one session, with one request each time.
static int await_target_agreement(struct emulator_session *session, struct failure *failure)
{
    struct emulator *emulator = session->emulator;
    struct tgtd *tgtd = emulator->instances[session->instance].tgtd;
    uint64_t deadline = change_deadline();
    for (;;) {
        struct tgtd_account account;
        struct failure difference = {0};
        if (tgtd_get_connections(tgtd, session->tid, &account, failure) != 0)
            return -1;
        int result = account_compare_target(&emulator->sessions, &account, session->instance,
                                            session->tid, &difference);
        tgtd_account_free(&account);
        if (result == 0)
            return 0;
        if (now_ns() >= deadline)
            return failure_set(failure, difference.status, "%s", difference.text);
    }
}

// ---- further connections ----

static int open_connection(struct emulator_connection *further, struct failure *failure)
{
    struct emulator_session *session = further->session;
    struct failure cause = {0};
    char text[ACCOUNT_DESCRIPTION_SIZE];
    struct connection_options options = {
        .initiator_name = session->plan->initiator_name,
        .target_name = session->target->name,
        .alias = session->alias,
        .address = further->portal->address,
        .port = further->portal->port,
        .cid = further->plan->cid,
        .changed = connection_changed,
        .argument = further,
    };
    memcpy(options.isid, session->plan->isid, sizeof options.isid);
    memcpy(options.tsih, &session->tsih, sizeof options.tsih); // see session_truth
    further->settled = false;
    if (connection_open(&further->connection, session->emulator->supervisor, &options, &cause) ==
        0) {
        session->emulator->opening++;
        return 0;
    }
    account_describe_session(session, text, sizeof text);
    return failure_set(failure, cause.status, "%s, connection %u: %s", text, further->plan->cid,
                       cause.text);
}

// What is waited for: that so many further connections or fewer have their login under way.
struct opening {
    const struct emulator *emulator;
    size_t most;
};

static bool has_opened(void *argument)
{
    const struct opening *opening = argument;
    return opening->emulator->opening <= opening->most;
}

static int await_opening(struct emulator *emulator, size_t most, struct failure *failure)
{
    struct opening opening = {emulator, most};
    int result =
        supervisor_wait(emulator->supervisor, has_opened, &opening, LOGIN_TIMEOUT_MS, failure);
    if (result > 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "of the further connections of sessions, %zu were not logged in within "
                           "%d seconds",
                           emulator->opening, LOGIN_TIMEOUT_MS / 1000);
    if (result < 0)
        return -1;
    return emulator->first_refused != NULL ? fail_refused(emulator, failure) : 0;
}

// Begins all further connections of a session whose TSIH is known.
static int begin_further(struct emulator_session *session, struct failure *failure)
{
    for (size_t i = 0; i < session->further_count; i++) {
        if (await_opening(session->emulator, LOGINS_IN_FLIGHT - 1, failure) != 0 ||
            open_connection(&session->further[i], failure) != 0)
            return -1;
    }
    return 0;
}

// Those of one session, until both sides know of them. Without any, nothing is done.
static int open_further(struct emulator_session *session, struct failure *failure)
{
    if (session->further_count == 0)
        return 0;
    if (begin_further(session, failure) != 0 || await_opening(session->emulator, 0, failure) != 0)
        return -1;
    return await_target_agreement(session, failure);
}

// Those of all sessions.
static int open_all_further(struct emulator *emulator, struct failure *failure)
{
    size_t count = 0;
    for (size_t i = 0; i < emulator->sessions.count; i++) {
        count += emulator->sessions.items[i]->further_count;
        if (begin_further(emulator->sessions.items[i], failure) != 0)
            return -1;
    }
    if (count == 0)
        return 0;
    return await_opening(emulator, 0, failure) != 0 ? -1 : await_agreement(emulator, failure);
}

// ---- logins that do not become sessions of the list ----

static bool has_settled(void *argument)
{
    const struct emulator_session *session = argument;
    return session->settled;
}

// A refused login is over then; a discovery session is held.
static int log_in_aside(struct emulator_session *session, struct failure *failure)
{
    struct emulator *emulator = session->emulator;
    char text[ACCOUNT_DESCRIPTION_SIZE];
    place_session(session);
    const struct initiator_options options = login_options(session);
    if (begin_login(session, &options, failure) != 0)
        return -1;
    int result =
        supervisor_wait(emulator->supervisor, has_settled, session, LOGIN_TIMEOUT_MS, failure);
    if (result < 0)
        return -1;
    account_describe_session(session, text, sizeof text);
    if (result > 0)
        return failure_set(failure, STATUS_UNTRUSTED, "%s: its login did not end within %d seconds",
                           text, LOGIN_TIMEOUT_MS / 1000);
    if (emulator->first_refused != NULL)
        return fail_refused(emulator, failure);
    if (session->plan->kind == SESSION_DISCOVERY)
        return 0;
    if (initiator_state(session->initiator) == INITIATOR_LOGGED_IN)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "%s logged in, and the scenario says that it is refused", text);
    if (initiator_remote(session->initiator)->port == 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "%s should have been refused, and could not even connect: %s", text,
                           initiator_error(session->initiator));
    initiator_destroy(session->initiator);
    session->initiator = NULL;
    return 0;
}

// Both sides must have the same sessions after as before.
static int log_in_asides(struct emulator *emulator, struct failure *failure)
{
    for (size_t i = 0; i < emulator->asides.count; i++) {
        if (log_in_aside(emulator->asides.items[i], failure) != 0)
            return -1;
    }
    return emulator->asides.count == 0 ? 0 : await_agreement(emulator, failure);
}

// ---- sessions that lose their connections on purpose ----

struct recovery {
    const struct emulator *emulator;
    size_t expected;
};

static bool all_recovering(void *argument)
{
    const struct recovery *recovery = argument;
    return recovery->emulator->recovering >= recovery->expected;
}

// The session's connections are to end, by the target's hand. The initiator keeps the session.
static int drop_from_target(struct emulator_session *session, struct failure *failure)
{
    struct tgtd *tgtd = session->emulator->instances[session->instance].tgtd;
    initiator_expect_drop(session->initiator);
    session->dropped = true;
    for (size_t i = 0; i < session->further_count; i++) {
        connection_expect_drop(session->further[i].connection);
        if (tgtd_delete_connection(tgtd, session->tid, session->tsih, session->further[i].plan->cid,
                                   failure) != 0)
            return -1;
    }
    return tgtd_delete_connection(tgtd, session->tid, session->tsih,
                                  initiator_cid(session->initiator), failure);
}

// The same by the initiator's.
static int drop_from_initiator(struct emulator_session *session, struct failure *failure)
{
    session->dropped = true;
    for (size_t i = 0; i < session->further_count; i++) {
        if (connection_close(session->further[i].connection, failure) != 0)
            return -1;
    }
    return initiator_drop(session->initiator, failure);
}

static int drop_connections(struct emulator *emulator, struct failure *failure)
{
    struct recovery recovery = {.emulator = emulator};
    for (size_t i = 0; i < emulator->sessions.count; i++) {
        struct emulator_session *session = emulator->sessions.items[i];
        if (!session->plan->recovering)
            continue;
        recovery.expected += 1 + session->further_count;
        if (drop_from_target(session, failure) != 0)
            return -1;
    }
    if (recovery.expected == 0)
        return 0;
    int result = supervisor_wait(emulator->supervisor, all_recovering, &recovery, CHANGE_TIMEOUT_MS,
                                 failure);
    if (result > 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "of %zu connections that tgtd was told to drop, %zu ended within %d "
                           "seconds",
                           recovery.expected, emulator->recovering, CHANGE_TIMEOUT_MS / 1000);
    return result < 0 ? -1 : await_agreement(emulator, failure);
}

// ---- the truth ----

static void fill_connection(struct truth_connection *connection,
                            const struct initiator_endpoint *local,
                            const struct initiator_endpoint *remote)
{
    memcpy(connection->initiator_address, local->address, sizeof connection->initiator_address);
    memcpy(connection->target_address, remote->address, sizeof connection->target_address);
    connection->initiator_port = local->port;
    connection->target_port = remote->port;
}

static int connection_truth(const struct emulator_session *session, struct truth_session *truth)
{
    size_t count = 1 + session->further_count;
    struct truth_connection *connections = calloc(count, sizeof *connections);
    if (connections == NULL)
        return -1;
    truth->connections = connections;
    truth->connection_count = count;
    connections[0].adapter_specific = session->connection_specific;
    connections[0].cid = initiator_cid(session->initiator);
    fill_connection(connections, initiator_local(session->initiator),
                    initiator_remote(session->initiator));
    for (size_t i = 0; i < session->further_count; i++) {
        const struct emulator_connection *further = &session->further[i];
        connections[i + 1].adapter_specific = further->specific;
        connections[i + 1].cid = connection_cid(further->connection);
        fill_connection(&connections[i + 1], connection_local(further->connection),
                        connection_remote(further->connection));
    }
    for (size_t i = 0; i < count; i++)
        connections[i].adapter_unique = session->emulator->adapter_unique;
    return 0;
}

static int session_truth(const struct emulator_session *session, struct truth_session *truth)
{
    truth->adapter_unique = session->emulator->adapter_unique;
    truth->adapter_specific = session->specific;
    truth->initiator_name = strdup(session->plan->initiator_name);
    truth->target_node_name = strdup(session->target->name);
    truth->target_name = strdup(session->target->alias);
    memcpy(truth->isid, session->plan->isid, sizeof truth->isid);
    // tgtd copies its number into the login response as it stands in memory, without turning it to
    // the network's order; it runs on this machine, so this is what went over the wire.
    memcpy(truth->tsid, &session->tsih, sizeof truth->tsid);
    if (truth->initiator_name == NULL || truth->target_node_name == NULL ||
        truth->target_name == NULL)
        return -1;
    return session->dropped ? 0 : connection_truth(session, truth);
}

// What has just been confirmed; NULL when memory ran out.
static struct truth *make_truth(const struct emulator *emulator)
{
    struct truth *truth = calloc(1, sizeof *truth);
    if (truth == NULL)
        return NULL;
    truth->generation = emulator->generation_count + 1;
    truth->sessions = calloc(emulator->sessions.count + 1, sizeof *truth->sessions);
    bool good = truth->sessions != NULL;
    for (size_t i = 0; good && i < emulator->sessions.count; i++) {
        const struct emulator_session *session = emulator->sessions.items[i];
        if (session->ended)
            continue;
        good = session_truth(session, &truth->sessions[truth->session_count++]) == 0;
    }
    if (good)
        return truth;
    truth_free(truth);
    return NULL;
}

static int make_generation_room(struct emulator *emulator, struct failure *failure)
{
    if (emulator->generation_count < emulator->generation_capacity)
        return 0;
    size_t capacity = emulator->generation_capacity == 0 ? 16 : emulator->generation_capacity * 2;
    struct truth **generations =
        reallocarray(emulator->generations, capacity, sizeof(struct truth *));
    if (generations == NULL)
        return fail_memory(failure);
    emulator->generations = generations;
    emulator->generation_capacity = capacity;
    return 0;
}

// Makes the truth of what has just been confirmed, and writes the session table.
static int publish(struct emulator *emulator, struct failure *failure)
{
    if (make_generation_room(emulator, failure) != 0)
        return -1;
    struct truth *truth = make_truth(emulator);
    if (truth == NULL)
        return fail_memory(failure);
    truth->began_ns = now_ns();
    if (session_table_write(emulator->table, truth, failure) != 0) {
        truth_free(truth);
        return -1;
    }
    truth->settled_ns = now_ns();
    emulator->generations[emulator->generation_count++] = truth;
    return 0;
}

// ---- changes ----

static bool never(void *argument)
{
    (void)argument;
    return false;
}

// A loss just seen becomes the supervisor's trouble when its grace is over; that is the text
// wanted.
static int check_lost(struct emulator *emulator, struct failure *failure)
{
    if (emulator->lost == 0)
        return 0;
    supervisor_wait(emulator->supervisor, never, NULL, 4 * LOST_GRACE_MS, failure);
    return failure_set(failure, STATUS_UNTRUSTED, "a session was lost");
}

// The session of a handle, for `change` ("logged out"); NULL with `failure` when there is none.
static struct emulator_session *find_session(struct emulator *emulator, size_t session,
                                             const char *change, struct failure *failure)
{
    if (check_lost(emulator, failure) != 0)
        return NULL;
    if (session < emulator->sessions.count && !emulator->sessions.items[session]->ended)
        return emulator->sessions.items[session];
    failure_set(failure, STATUS_UNTRUSTED, "session %zu can't be %s: %s", session, change,
                session < emulator->sessions.count ? "it is logged out already"
                                                   : "there was never such a one");
    return NULL;
}

// What is waited for: an initiator's session in another state than it has.
struct transition {
    const struct initiator_session *initiator;
    enum initiator_state from;
};

static bool has_moved(void *argument)
{
    const struct transition *transition = argument;
    return initiator_state(transition->initiator) != transition->from;
}

// Waits until `initiator` leaves the state `from`; it must be in the state `to` then.
static int await_state(struct emulator_session *session, const struct initiator_session *initiator,
                       enum initiator_state from, enum initiator_state to, const char *change,
                       struct failure *failure)
{
    struct transition transition = {initiator, from};
    char text[ACCOUNT_DESCRIPTION_SIZE];
    int result = supervisor_wait(session->emulator->supervisor, has_moved, &transition,
                                 CHANGE_TIMEOUT_MS, failure);
    if (result < 0)
        return -1;
    if (result == 0 && initiator_state(initiator) == to)
        return 0;
    if (result == 0 && check_lost(session->emulator, failure) != 0)
        return -1;
    account_describe_session(session, text, sizeof text);
    if (result > 0)
        return failure_set(failure, STATUS_UNTRUSTED, "%s was not %s within %d seconds", text,
                           change, CHANGE_TIMEOUT_MS / 1000);
    return failure_set(failure, STATUS_UNTRUSTED, "%s could not be %s: %s", text, change,
                       initiator_error(initiator));
}

// What is waited for: that none of a session's further connections is in that state. Those that a
// reinstatement replaces are looked at instead where there are any.
struct further_transition {
    const struct emulator_session *session;
    enum connection_state from;
};

static struct connection *moving_connection(const struct emulator_connection *further)
{
    return further->replaced != NULL ? further->replaced : further->connection;
}

static bool further_have_moved(void *argument)
{
    const struct further_transition *transition = argument;
    for (size_t i = 0; i < transition->session->further_count; i++) {
        const struct connection *connection = moving_connection(&transition->session->further[i]);
        if (connection != NULL && connection_state(connection) == transition->from)
            return false;
    }
    return true;
}

// Waits until all further connections of the session have left the state `OPEN`; they must be in
// the state `to` then.
static int await_further(struct emulator_session *session, enum connection_state to,
                         const char *change, struct failure *failure)
{
    struct further_transition transition = {session, CONNECTION_OPEN};
    char text[ACCOUNT_DESCRIPTION_SIZE];
    int result = supervisor_wait(session->emulator->supervisor, further_have_moved, &transition,
                                 CHANGE_TIMEOUT_MS, failure);
    if (result < 0)
        return -1;
    account_describe_session(session, text, sizeof text);
    if (result > 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "%s: its further connections were not %s within %d seconds", text,
                           change, CHANGE_TIMEOUT_MS / 1000);
    if (check_lost(session->emulator, failure) != 0)
        return -1;
    for (size_t i = 0; i < session->further_count; i++) {
        const struct connection *connection = moving_connection(&session->further[i]);
        if (connection != NULL && connection_state(connection) != to)
            return failure_set(failure, STATUS_UNTRUSTED, "%s, connection %u could not be %s: %s",
                               text, session->further[i].plan->cid, change,
                               connection_error(connection));
    }
    return 0;
}

// Begins the session's login and waits for its end.
static int log_in_one(struct emulator_session *session, const struct initiator_options *options,
                      struct failure *failure)
{
    struct emulator *emulator = session->emulator;
    if (begin_login(session, options, failure) != 0)
        return -1;
    struct transition transition = {session->initiator, INITIATOR_CONNECTING};
    int result =
        supervisor_wait(emulator->supervisor, has_moved, &transition, LOGIN_TIMEOUT_MS, failure);
    if (result > 0)
        return login_stuck(emulator, failure);
    if (result < 0)
        return -1;
    return emulator->first_refused != NULL ? fail_refused(emulator, failure) : 0;
}

static bool isid_is_taken(const struct emulator *emulator, const uint8_t isid[ISID_SIZE])
{
    for (size_t i = 0; i < emulator->sessions.count; i++) {
        if (memcmp(emulator->sessions.items[i]->plan->isid, isid, ISID_SIZE) == 0)
            return true;
    }
    return false;
}

// An ISID that none of this emulator's sessions has or had: of the random form, which leaves 32
// bits to count in.
static void make_isid(struct emulator *emulator, uint8_t isid[ISID_SIZE])
{
    do {
        uint32_t number = ++emulator->isids_made;
        const uint8_t made[ISID_SIZE] = {(uint8_t)(ISID_RANDOM << 6), 'k',
                                         (uint8_t)(number >> 24),     (uint8_t)(number >> 16),
                                         (uint8_t)(number >> 8),      (uint8_t)number};
        memcpy(isid, made, sizeof made);
    } while (isid_is_taken(emulator, isid));
}

// What a further session is like: the topology's first, or, where it has none, one with its first
// target.
static struct topology_session further_plan(const struct topology *topology)
{
    if (topology->session_count > 0) {
        struct topology_session plan = topology->sessions[0];
        plan.recovering = false;
        return plan;
    }
    const struct topology_target *target = &topology->targets[0];
    return (struct topology_session){
        .initiator_name = target->allowed_initiator_count > 0 ? target->allowed_initiators[0]
                                                              : own_initiator_name,
        .chap = target->chap,
    };
}

int emulator_login(struct emulator *emulator, size_t *session, struct failure *failure)
{
    if (check_lost(emulator, failure) != 0)
        return -1;
    if (emulator->topology->target_count == 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "a session can't be added: the scenario has no target");
    struct topology_session plan = further_plan(emulator->topology);
    make_isid(emulator, plan.isid);
    struct emulator_session *added = add_session(emulator, &emulator->sessions, NULL, &plan);
    if (added == NULL)
        return fail_memory(failure);
    place_session(added);
    if (raise_descriptor_limit(emulator, failure) != 0)
        return -1;
    const struct initiator_options options = login_options(added);
    if (log_in_one(added, &options, failure) != 0 || await_target_agreement(added, failure) != 0 ||
        open_further(added, failure) != 0 || publish(emulator, failure) != 0)
        return -1;
    *session = emulator->sessions.count - 1;
    return 0;
}

// libiscsi's logout ends its own connection; these are logged out before it.
static int log_out_further(struct emulator_session *session, struct failure *failure)
{
    for (size_t i = 0; i < session->further_count; i++) {
        if (connection_logout(session->further[i].connection, failure) != 0)
            return -1;
    }
    if (await_further(session, CONNECTION_LOGGED_OUT, "logged out", failure) != 0)
        return -1;
    for (size_t i = 0; i < session->further_count; i++) {
        connection_destroy(session->further[i].connection);
        session->further[i].connection = NULL;
    }
    return 0;
}

int emulator_logout(struct emulator *emulator, size_t session, struct failure *failure)
{
    static const char change[] = "logged out";
    struct emulator_session *found = find_session(emulator, session, change, failure);
    if (found == NULL)
        return -1;
    if (found->dropped)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "session %zu can't be logged out: it has no connection to do that on; "
                           "reinstate it first",
                           session);
    if (log_out_further(found, failure) != 0 || initiator_logout(found->initiator, failure) != 0 ||
        await_state(found, found->initiator, INITIATOR_LOGGED_IN, INITIATOR_LOGGED_OUT, change,
                    failure) != 0)
        return -1;
    initiator_destroy(found->initiator);
    found->initiator = NULL;
    found->ended = true;
    return await_target_agreement(found, failure) != 0 ? -1 : publish(emulator, failure);
}

int emulator_drop(struct emulator *emulator, size_t session, enum emulator_side side,
                  struct failure *failure)
{
    static const char change[] = "dropped";
    struct emulator_session *found = find_session(emulator, session, change, failure);
    if (found == NULL)
        return -1;
    if (found->dropped)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "session %zu can't be dropped: it has no connection already", session);
    int result = side == EMULATOR_TARGET ? drop_from_target(found, failure)
                                         : drop_from_initiator(found, failure);
    if (result != 0 ||
        await_state(found, found->initiator, INITIATOR_LOGGED_IN, INITIATOR_RECOVERING, change,
                    failure) != 0 ||
        await_further(found, CONNECTION_DROPPED, change, failure) != 0)
        return -1;
    return await_target_agreement(found, failure) != 0 ? -1 : publish(emulator, failure);
}

// Logs in with the ISID of a session that `session->replaced` is, and sees that one end.
//
// tgtd reinstates only where a login begins in the security stage; one that begins in the
// operational stage is given a session beside the old one. libiscsi begins in the security stage
// when it has a secret to offer, and lets the target choose to do without: so one is offered that
// the target does not ask for.
static int reinstate(struct emulator_session *session, struct failure *failure)
{
    struct initiator_options options = login_options(session);
    bool alive = initiator_state(session->replaced) == INITIATOR_LOGGED_IN;
    if (options.secret.user == NULL)
        options.secret = unasked_secret;
    if (alive) {
        initiator_expect_drop(session->replaced);
        for (size_t i = 0; i < session->further_count; i++)
            connection_expect_drop(session->further[i].replaced);
    }
    if (log_in_one(session, &options, failure) != 0)
        return -1;
    if (alive && await_state(session, session->replaced, INITIATOR_LOGGED_IN, INITIATOR_RECOVERING,
                             "replaced by its reinstatement", failure) != 0)
        return -1;
    if (await_further(session, CONNECTION_DROPPED, "replaced by its reinstatement", failure) != 0)
        return -1;
    return await_target_agreement(session, failure);
}

// Frees what has been replaced.
static void forget_replaced(struct emulator_session *session)
{
    initiator_destroy(session->replaced);
    session->replaced = NULL;
    for (size_t i = 0; i < session->further_count; i++) {
        connection_destroy(session->further[i].replaced);
        session->further[i].replaced = NULL;
    }
}

int emulator_reinstate(struct emulator *emulator, size_t session, struct failure *failure)
{
    struct emulator_session *found = find_session(emulator, session, "reinstated", failure);
    if (found == NULL)
        return -1;
    found->replaced = found->initiator;
    found->initiator = NULL;
    for (size_t i = 0; i < found->further_count; i++) {
        found->further[i].replaced = found->further[i].connection;
        found->further[i].connection = NULL;
    }
    found->former_tsih = found->tsih;
    found->tsih = 0;
    found->dropped = false;
    identify_session(found);
    if (reinstate(found, failure) != 0)
        return -1;
    forget_replaced(found);
    return open_further(found, failure) != 0 ? -1 : publish(emulator, failure);
}

// ---- the whole ----

static int bring_up(struct emulator *emulator, const char *folder, struct failure *failure)
{
    if (choose_adapter(emulator, failure) != 0 || allocate(emulator, failure) != 0 ||
        raise_descriptor_limit(emulator, failure) != 0 ||
        make_folder(emulator, folder, failure) != 0 || make_targets(emulator, failure) != 0)
        return -1;
    if (log_in_all(emulator, failure) != 0 || read_accounts(emulator, failure) != 0 ||
        compare_accounts(emulator, failure) != 0 || open_all_further(emulator, failure) != 0 ||
        log_in_asides(emulator, failure) != 0 || drop_connections(emulator, failure) != 0)
        return -1;
    return publish(emulator, failure);
}

int emulator_start(struct emulator **emulator, struct supervisor *supervisor,
                   const struct topology *topology, const char *folder, struct failure *failure)
{
    struct emulator *started = calloc(1, sizeof *started);
    uv_timer_t *grace = calloc(1, sizeof *grace);
    if (started == NULL || grace == NULL) {
        free(started);
        free(grace);
        return fail_memory(failure);
    }
    started->supervisor = supervisor;
    started->topology = topology;
    uv_timer_init(supervisor_loop(supervisor), grace); // can't fail
    grace->data = started;
    started->grace = grace;
    if (bring_up(started, folder, failure) != 0) {
        emulator_stop(started);
        return -1;
    }
    *emulator = started;
    return 0;
}

// Does every target's own list of connections agree with the sessions? 1: yes. 0: no, or one of
// them is in between. -1 with `failure`.
static int targets_agree(struct emulator *emulator, struct failure *failure)
{
    int agree = 1;
    for (size_t i = 0; i < emulator->topology->instance_count; i++) {
        for (unsigned tid = 1; tid <= emulator->instances[i].target_count && agree == 1; tid++) {
            struct tgtd_account account;
            if (tgtd_get_connections(emulator->instances[i].tgtd, tid, &account, failure) != 0)
                return -1;
            if (account_compare_target(&emulator->sessions, &account, i, tid, NULL) != 0)
                agree = 0;
            tgtd_account_free(&account);
        }
    }
    return agree;
}

int emulator_verify(struct emulator *emulator, struct failure *failure)
{
    for (size_t i = 0; i < emulator->topology->instance_count; i++) {
        if (tgtd_ping(emulator->instances[i].tgtd, PING_TIMEOUT_MS, failure) != 0)
            return -1;
    }
    if (check_lost(emulator, failure) != 0)
        return -1;
    // The whole account takes a process for each target, forked from a kit that has become large.
    // It is read for its words, where something is wrong.
    int agree = targets_agree(emulator, failure);
    if (agree != 0)
        return agree < 0 ? -1 : 0;
    return read_accounts(emulator, failure) != 0 ? -1 : compare_accounts(emulator, failure);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    remove(path); // what can't be removed is left for whoever removes the run's folder
    return 0;
}

static void on_timer_closed(uv_handle_t *handle)
{
    free(handle);
}

static void sessions_close(const struct emulator_sessions *sessions)
{
    for (size_t i = 0; i < sessions->count; i++) {
        struct emulator_session *session = sessions->items[i];
        forget_replaced(session);
        initiator_destroy(session->initiator);
        for (size_t j = 0; j < session->further_count; j++)
            connection_destroy(session->further[j].connection);
    }
}

static void sessions_free(struct emulator_sessions *sessions)
{
    for (size_t i = 0; i < sessions->count; i++) {
        free(sessions->items[i]->further);
        free(sessions->items[i]);
    }
    free(sessions->items);
}

void emulator_stop(struct emulator *emulator)
{
    if (emulator == NULL)
        return;
    const struct topology *topology = emulator->topology;
    uv_close((uv_handle_t *)emulator->grace, on_timer_closed);
    // Sessions first: while instances are being stopped the loop runs, and a session whose end is
    // then seen would look lost.
    sessions_close(&emulator->sessions);
    sessions_close(&emulator->asides);
    for (size_t i = 0; emulator->instances != NULL && i < topology->instance_count; i++) {
        tgtd_stop(emulator->instances[i].tgtd);
        free(emulator->instances[i].portals);
        if (emulator->accounts != NULL)
            tgtd_account_free(&emulator->accounts[i]);
    }
    if (emulator->folder != NULL)
        nftw(emulator->folder, remove_entry, REMOVE_DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
    for (size_t i = 0; i < emulator->generation_count; i++)
        truth_free(emulator->generations[i]);
    sessions_free(&emulator->sessions);
    sessions_free(&emulator->asides);
    free(emulator->generations);
    free(emulator->folder);
    free(emulator->table);
    free(emulator->instances);
    free(emulator->accounts);
    free(emulator->tids);
    free(emulator->door_tids);
    free(emulator);
}
