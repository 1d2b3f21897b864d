// Brings a topology up, and keeps the truth about it, confirmed from both sides: what the
// initiators know and what each tgtd says.
//
// Order matters in two places. Sessions are compared before any connection is dropped on purpose:
// only then does the target's side still show the TSIH of each. And the session table is written
// last: it never shows what has not been confirmed from both sides.
#include "emulator/emulator.h"

#include "emulator/external/external.h"
#include "emulator/process/process.h"
#include "emulator/state.h"
#include "emulator/table/session_table.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum {
    PING_TIMEOUT_MS = 10000,
    REMOVE_DESCRIPTORS = 16, // for walking the folder
};

int emulator_fail_memory(struct failure *failure)
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
    return emulator->outside != NULL ? outside_count(emulator->outside) : emulator->sessions.count;
}

const struct truth_session *emulator_session(const struct emulator *emulator, size_t session)
{
    const struct truth *truth = emulator_truth(emulator);
    const struct emulator_sessions *sessions = &emulator->sessions;
    if (emulator->outside != NULL)
        return outside_session(emulator->outside, session);
    if (truth == NULL || session >= sessions->count || sessions->items[session]->ended)
        return NULL;
    uint64_t specific = sessions->items[session]->specific;
    for (size_t i = 0; i < truth->session_count; i++) {
        if (truth->sessions[i].adapter_specific == specific)
            return &truth->sessions[i];
    }
    return NULL;
}

const struct topology *emulator_topology(const struct emulator *emulator)
{
    return emulator->topology;
}

const char *emulator_session_table(const struct emulator *emulator)
{
    return emulator->outside != NULL ? NULL : emulator->table;
}

unsigned emulator_abilities(const struct emulator *emulator)
{
    if (emulator->outside == NULL)
        return EMULATOR_CAN_LOSE | EMULATOR_CAN_LOSE_BY_ITSELF | EMULATOR_HAS_TABLE;
    return login_command_recovers(outside_command(emulator->outside)) ? EMULATOR_CAN_LOSE : 0;
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

uint64_t emulator_peak_memory(const struct emulator *emulator)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < emulator->topology->instance_count; i++)
        if (emulator->instances[i].state != INSTANCE_DOWN)
            sum += process_peak_memory(tgtd_pid(emulator->instances[i].tgtd));
    return sum;
}

// ---- both accounts ----

static int read_accounts(struct emulator *emulator, struct failure *failure)
{
    for (size_t i = 0; i < emulator->topology->instance_count; i++) {
        const struct emulator_instance *instance = &emulator->instances[i];
        tgtd_account_free(&emulator->accounts[i]);
        if (instance->state != INSTANCE_RUNNING)
            continue;
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

uint64_t emulator_now_ns(void)
{
    struct timespec time = {0};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000U + (uint64_t)time.tv_nsec;
}

static uint64_t change_deadline(void)
{
    return emulator_now_ns() + (uint64_t)CHANGE_TIMEOUT_MS * 1000000U;
}

// Asks every tgtd until both sides agree. tgtd closes a connection before it forgets it, and tells
// nobody when it has: it must be asked.
int emulator_await_agreement(struct emulator *emulator, struct failure *failure)
{
    uint64_t deadline = change_deadline();
    for (;;) {
        struct failure difference = {0};
        if (read_accounts(emulator, failure) != 0)
            return -1;
        if (compare_accounts(emulator, &difference) == 0)
            return 0;
        if (emulator_now_ns() >= deadline)
            return failure_set(failure, difference.status, "%s", difference.text);
    }
}

// The same for the target of one session, with one request each time.
int emulator_await_target_agreement(struct emulator_session *session, struct failure *failure)
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
        if (emulator_now_ns() >= deadline)
            return failure_set(failure, difference.status, "%s", difference.text);
    }
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
    struct truth_connection *connections = calloc(1 + session->further_count, sizeof *connections);
    if (connections == NULL)
        return -1;
    truth->connections = connections;
    truth->connection_count = 1;
    connections[0].adapter_specific = session->connection_specific;
    connections[0].cid = initiator_cid(session->initiator);
    fill_connection(connections, initiator_local(session->initiator),
                    initiator_remote(session->initiator));
    for (size_t i = 0; i < session->further_count; i++) {
        const struct emulator_connection *further = &session->further[i];
        if (further->dropped)
            continue;
        struct truth_connection *connection = &connections[truth->connection_count++];
        connection->adapter_specific = further->specific;
        connection->cid = connection_cid(further->connection);
        fill_connection(connection, connection_local(further->connection),
                        connection_remote(further->connection));
    }
    for (size_t i = 0; i < truth->connection_count; i++)
        connections[i].adapter_unique = session->emulator->adapter_unique;
    return 0;
}

static int session_truth(const struct emulator_session *session, struct truth_session *truth)
{
    truth->adapter_unique = session->emulator->adapter_unique;
    truth->adapter_specific = session->specific;
    truth->initiator_name = strdup(session->plan->initiator_name);
    truth->target_node_name = strdup(session->target->name);
    truth->target_name = strdup(session->target->name);
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
        return emulator_fail_memory(failure);
    emulator->generations = generations;
    emulator->generation_capacity = capacity;
    return 0;
}

int emulator_add_generation(struct emulator *emulator, struct truth *truth, struct failure *failure)
{
    if (make_generation_room(emulator, failure) != 0) {
        truth_free(truth);
        return -1;
    }
    emulator->generations[emulator->generation_count++] = truth;
    return 0;
}

// Makes the truth of what has just been confirmed, and writes the session table.
int emulator_publish(struct emulator *emulator, struct failure *failure)
{
    if (!emulator->publishes)
        return 0;
    struct truth *truth = make_truth(emulator);
    if (truth == NULL)
        return emulator_fail_memory(failure);
    truth->began_ns = emulator_now_ns();
    if (session_table_write(emulator->table, truth, failure) != 0) {
        truth_free(truth);
        return -1;
    }
    truth->settled_ns = emulator_now_ns();
    return emulator_add_generation(emulator, truth, failure);
}

// ---- the whole ----

static int start_instances(struct emulator *emulator, struct failure *failure)
{
    for (size_t i = 0; i < emulator->topology->instance_count; i++)
        if (emulator_start_instance(emulator, i, failure) != 0)
            return -1;
    for (size_t i = 0; i < emulator->topology->instance_count; i++)
        if (emulator_make_targets(emulator, i, failure) != 0)
            return -1;
    return 0;
}

static int make_first_events(struct emulator *emulator, struct failure *failure)
{
    const struct topology *topology = emulator->topology;
    for (size_t i = 0; i < topology->event_count; i++)
        if (topology->events[i].moment == MOMENT_BEFORE &&
            emulator_event(emulator, &topology->events[i], failure) != 0)
            return -1;
    return 0;
}

static int bring_up(struct emulator *emulator, const char *folder, struct failure *failure)
{
    if (choose_adapter(emulator, failure) != 0 || emulator_allocate(emulator, failure) != 0 ||
        emulator_raise_descriptor_limit(emulator, failure) != 0 ||
        emulator_make_folder(emulator, folder, failure) != 0 ||
        start_instances(emulator, failure) != 0)
        return -1;
    if (emulator->outside != NULL)
        return outside_bring_up(emulator->outside, failure);
    if (emulator_log_in_all(emulator, failure) != 0 || read_accounts(emulator, failure) != 0 ||
        compare_accounts(emulator, failure) != 0 ||
        emulator_open_all_further(emulator, failure) != 0 ||
        emulator_log_in_asides(emulator, failure) != 0 ||
        emulator_drop_planned(emulator, failure) != 0 || make_first_events(emulator, failure) != 0)
        return -1;
    emulator->publishes = true;
    return emulator_publish(emulator, failure);
}

static int start(struct emulator **emulator, struct supervisor *supervisor,
                 const struct topology *topology, const char *folder,
                 const struct login_command *command, struct failure *failure)
{
    struct emulator *started = calloc(1, sizeof *started);
    uv_timer_t *grace = calloc(1, sizeof *grace);
    if (started == NULL || grace == NULL) {
        free(started);
        free(grace);
        return emulator_fail_memory(failure);
    }
    started->supervisor = supervisor;
    started->topology = topology;
    uv_timer_init(supervisor_loop(supervisor), grace); // can't fail
    grace->data = started;
    started->grace = grace;
    if (command != NULL)
        started->outside = outside_create(started, command);
    int result = command != NULL && started->outside == NULL ? emulator_fail_memory(failure)
                                                             : bring_up(started, folder, failure);
    if (result != 0) {
        emulator_stop(started);
        return -1;
    }
    *emulator = started;
    return 0;
}

int emulator_start(struct emulator **emulator, struct supervisor *supervisor,
                   const struct topology *topology, const char *folder, struct failure *failure)
{
    return start(emulator, supervisor, topology, folder, NULL, failure);
}

int emulator_start_outside(struct emulator **emulator, struct supervisor *supervisor,
                           const struct topology *topology, const char *folder,
                           const struct login_command *command, struct failure *failure)
{
    return start(emulator, supervisor, topology, folder, command, failure);
}

// Does every target's own list of connections agree with the sessions? 1: yes. 0: no, or one of
// them is in between. -1 with `failure`.
static int targets_agree(struct emulator *emulator, struct failure *failure)
{
    int agree = 1;
    for (size_t i = 0; i < emulator->topology->instance_count; i++) {
        const struct emulator_instance *instance = &emulator->instances[i];
        for (unsigned tid = 1; tid <= instance->target_count && agree == 1; tid++) {
            struct tgtd_account account;
            if (instance->state != INSTANCE_RUNNING || instance->gone[tid])
                continue;
            if (tgtd_get_connections(instance->tgtd, tid, &account, failure) != 0)
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
    if (emulator->outside != NULL)
        return outside_verify(emulator->outside, failure);
    for (size_t i = 0; i < emulator->topology->instance_count; i++) {
        if (emulator->instances[i].state == INSTANCE_RUNNING &&
            tgtd_ping(emulator->instances[i].tgtd, PING_TIMEOUT_MS, failure) != 0)
            return -1;
    }
    if (emulator_check_lost(emulator, failure) != 0)
        return -1;
    // The whole account takes a tgtadm for each instance, and longer lists. It is read for its
    // words, where something is wrong.
    int agree = targets_agree(emulator, failure);
    if (agree != 0)
        return agree < 0 ? -1 : 0;
    return read_accounts(emulator, failure) != 0 ? -1 : compare_accounts(emulator, failure);
}

int emulator_finish(struct emulator *emulator, struct failure *failure)
{
    return emulator->outside != NULL ? outside_finish(emulator->outside, failure) : 0;
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
        emulator_forget_replaced(session);
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
    outside_stop(emulator->outside); // by its commands, so while there are still targets
    uv_close((uv_handle_t *)emulator->grace, on_timer_closed);
    // Sessions first: while instances are being stopped the loop runs, and a session whose end is
    // then seen would look lost.
    sessions_close(&emulator->sessions);
    sessions_close(&emulator->asides);
    for (size_t i = 0; emulator->instances != NULL && i < topology->instance_count; i++) {
        tgtd_stop(emulator->instances[i].tgtd);
        free(emulator->instances[i].portals);
        free(emulator->instances[i].gone);
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
