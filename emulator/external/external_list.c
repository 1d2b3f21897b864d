// Compares what is known of an outside initiator's sessions with what the targets have and with
// what the list command tells, and learns from both.
#include "emulator/external/external_state.h"
#include "emulator/external/login_list.h"
#include "emulator/external/login_run.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ACCOUNT_TEXT_SIZE = 1536 };

static uint64_t deadline(void)
{
    return emulator_now_ns() + (uint64_t)CHANGE_TIMEOUT_MS * 1000000U;
}

// The portal that its connections are to be at.
static const struct tgtd_portal *portal_of(const struct outside *outside,
                                           const struct outside_session *session)
{
    const struct emulator_instance *home = &outside->emulator->instances[session->instance];
    return session->target->redirect.is ? &home->portals[session->target->redirect.portal]
                                        : &home->portals[session->plan.portal];
}

// ---- in words ----

__attribute__((format(printf, 3, 4))) static void append(char *text, size_t size,
                                                         const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

static void describe(const struct outside_session *session, char *text, size_t size)
{
    snprintf(text, size, "session %zu with target %s", session->number, session->target->name);
}

static void describe_known(const struct outside_session *session, char *text, size_t size)
{
    const struct truth_session *known = &session->known;
    text[0] = '\0';
    append(text, size, "initiator %s, TSIH %u (%02x%02x on the wire), %zu %s",
           known->initiator_name, session->tsih, known->tsid[0], known->tsid[1],
           known->connection_count, known->connection_count == 1 ? "connection" : "connections");
    for (size_t i = 0; i < known->connection_count; i++)
        append(text, size, ", CID %u from %s", known->connections[i].cid,
               known->connections[i].initiator_address);
}

static void describe_listed(const struct login_list_session *listed, char *text, size_t size)
{
    text[0] = '\0';
    append(text, size, "line %zu, initiator %s", listed->line,
           listed->initiator_name != NULL ? listed->initiator_name : "-");
    if (listed->has_isid)
        append(text, size, ", ISID %02x%02x%02x%02x%02x%02x", listed->isid[0], listed->isid[1],
               listed->isid[2], listed->isid[3], listed->isid[4], listed->isid[5]);
    if (listed->has_tsid)
        append(text, size, ", TSID %02x%02x", listed->tsid[0], listed->tsid[1]);
    if (listed->has_connections)
        append(text, size, ", %zu %s", listed->connection_count,
               listed->connection_count == 1 ? "connection" : "connections");
    for (size_t i = 0; i < listed->connection_count; i++) {
        const struct login_list_connection *connection = &listed->connections[i];
        append(text, size, ", from %s port %u to %s port %u", connection->initiator_address,
               connection->initiator_port, connection->target_address, connection->target_port);
    }
}

static void describe_account(const struct tgtd_account *account, char *text, size_t size)
{
    enum { SHOWN = 8 };
    snprintf(text, size, "%s", account->connection_count == 0 ? "nothing" : "");
    for (size_t i = 0; i < account->connection_count && i < SHOWN; i++) {
        const struct tgtd_connection *connection = &account->connections[i];
        append(text, size, "%sTSIH %u, initiator %s, from %s, CID %u", i == 0 ? "" : "; ",
               connection->tsih, connection->initiator_name, connection->initiator_address,
               connection->cid);
    }
    if (account->connection_count > SHOWN)
        append(text, size, "; and %zu more", account->connection_count - SHOWN);
}

// ---- the target's side ----

static bool is_of(const struct outside_session *session, size_t instance, unsigned tid)
{
    return session->instance == instance && session->tid == tid;
}

static bool knows_connection(const struct outside_session *session, uint16_t cid)
{
    for (size_t i = 0; i < session->known.connection_count; i++)
        if (session->known.connections[i].cid == cid)
            return true;
    return false;
}

// Is it a connection of one of the sessions that are known?
static bool is_known(const struct outside *outside, size_t instance,
                     const struct tgtd_connection *connection)
{
    for (size_t i = 0; i < outside->count; i++) {
        const struct outside_session *session = outside->sessions[i];
        if (session->state == OUTSIDE_LOGGED_IN && is_of(session, instance, connection->tid) &&
            session->tsih == connection->tsih)
            return knows_connection(session, connection->cid);
    }
    return false;
}

// Does the target have all connections that are known?
static bool has_all(const struct outside *outside, size_t instance, unsigned tid,
                    const struct tgtd_account *account)
{
    size_t known = 0;
    size_t found = 0;
    for (size_t i = 0; i < outside->count; i++) {
        const struct outside_session *session = outside->sessions[i];
        if (session->state == OUTSIDE_LOGGED_IN && is_of(session, instance, tid))
            known += session->known.connection_count;
    }
    for (size_t i = 0; i < account->connection_count; i++)
        found += is_known(outside, instance, &account->connections[i]);
    return found == known;
}

// The one nexus that is not known; NULL: there is none, or several, in which case `*several`.
static const struct tgtd_connection *find_newcomer(const struct outside *outside, size_t instance,
                                                   const struct tgtd_account *account,
                                                   bool *several)
{
    const struct tgtd_connection *newcomer = NULL;
    *several = false;
    for (size_t i = 0; i < account->connection_count; i++) {
        const struct tgtd_connection *connection = &account->connections[i];
        if (is_known(outside, instance, connection))
            continue;
        *several = *several || (newcomer != NULL && newcomer->tsih != connection->tsih);
        if (newcomer == NULL)
            newcomer = connection;
    }
    return *several ? NULL : newcomer;
}

static void canonical_address(const char *from, char to[static ADDRESS_TEXT_SIZE])
{
    uint8_t binary[sizeof(struct in6_addr)];
    to[0] = '\0';
    for (int i = 0; i < 2; i++) {
        int family = i == 0 ? AF_INET : AF_INET6;
        if (inet_pton(family, from, binary) == 1 &&
            inet_ntop(family, binary, to, ADDRESS_TEXT_SIZE) != NULL)
            return;
    }
}

static void learn_connection(struct truth_connection *to, const struct outside *outside,
                             const struct outside_session *session,
                             const struct tgtd_connection *from)
{
    struct emulator *emulator = outside->emulator;
    const struct emulator_instance *home = &emulator->instances[session->instance];
    to->adapter_unique = emulator->adapter_unique;
    to->adapter_specific = ++emulator->connections_identified;
    to->cid = from->cid;
    to->unknown = FACT_INITIATOR_PORT | FACT_TARGET_ADDRESS | FACT_TARGET_PORT;
    canonical_address(from->initiator_address, to->initiator_address);
    if (to->initiator_address[0] == '\0')
        to->unknown |= FACT_INITIATOR_ADDRESS;
    if (home->portal_count > 1)
        return;
    // There is but one that it can be connected to.
    to->unknown = to->unknown & ~(unsigned)(FACT_TARGET_ADDRESS | FACT_TARGET_PORT);
    memcpy(to->target_address, home->portals[0].address, sizeof to->target_address);
    to->target_port = home->portals[0].port;
}

// What the target's side says of a session that has just been logged in.
static int learn_session(struct outside *outside, struct outside_session *session,
                         const struct tgtd_account *account, const struct tgtd_connection *newcomer)
{
    struct truth_session *known = &session->known;
    truth_session_clear(known);
    known->adapter_unique = outside->emulator->adapter_unique;
    known->adapter_specific = ++outside->emulator->sessions_identified;
    known->unknown = FACT_TARGET_NAME | FACT_ISID;
    known->initiator_name = strdup(newcomer->initiator_name);
    known->target_node_name = strdup(session->target->name);
    known->target_name = strdup("");
    known->connections = calloc(account->connection_count, sizeof *known->connections);
    if (known->initiator_name == NULL || known->target_node_name == NULL ||
        known->target_name == NULL || known->connections == NULL)
        return -1;
    // As tgtd sends it: see session_truth in emulator.c.
    memcpy(known->tsid, &newcomer->tsih, sizeof known->tsid);
    for (size_t i = 0; i < account->connection_count; i++)
        if (account->connections[i].tsih == newcomer->tsih)
            learn_connection(&known->connections[known->connection_count++], outside, session,
                             &account->connections[i]);
    session->tsih = newcomer->tsih;
    session->state = OUTSIDE_LOGGED_IN;
    return 0;
}

static int fail_target(const struct outside *outside, const struct outside_session *session,
                       const struct tgtd_account *account, const char *what,
                       struct failure *failure)
{
    char name[ACCOUNT_DESCRIPTION_SIZE];
    char target[ACCOUNT_TEXT_SIZE];
    size_t known = 0;
    describe(session, name, sizeof name);
    describe_account(account, target, sizeof target);
    for (size_t i = 0; i < outside->count; i++)
        known += outside->sessions[i]->state == OUTSIDE_LOGGED_IN &&
                 is_of(outside->sessions[i], session->instance, session->tid);
    return failure_set(failure, STATUS_UNTRUSTED,
                       "%s: %s\n  by the commands: %zu sessions with this target\n  target's side: "
                       "%s",
                       name, what, known, target);
}

// Is it as it was asked for, and new?
static const char *newcomer_difference(const struct outside *outside,
                                       const struct outside_session *session,
                                       const struct tgtd_connection *newcomer)
{
    if (newcomer->tsih == 0)
        return "the target's side has it with TSIH 0, which no session can have";
    if (login_command_passes(outside->command, "initiator") &&
        strcmp(newcomer->initiator_name, session->plan.initiator_name) != 0)
        return "the initiator's name is not the one that the login command was given";
    return NULL;
}

// The target's account as it is now: 1 when the session is in it, and is known from now on; 0 when
// it is not, or not yet; -1 with `failure`.
static int look_for_login(struct outside *outside, struct outside_session *session,
                          const struct tgtd_account *account, struct failure *failure)
{
    bool several = false;
    const struct tgtd_connection *newcomer =
        find_newcomer(outside, session->instance, account, &several);
    // The one that a reinstatement is about to end is no newcomer.
    if (newcomer == NULL || newcomer->tsih == session->former_tsih ||
        !has_all(outside, session->instance, session->tid, account))
        return 0;
    const char *what = newcomer_difference(outside, session, newcomer);
    if (what != NULL)
        return fail_target(outside, session, account, what, failure);
    return learn_session(outside, session, account, newcomer) == 0 ? 1
                                                                   : emulator_fail_memory(failure);
}

int outside_await_login(struct outside *outside, struct outside_session *session,
                        struct failure *failure)
{
    struct tgtd *tgtd = outside->emulator->instances[session->instance].tgtd;
    uint64_t end = deadline();
    int result = 0;
    while (result == 0) {
        struct tgtd_account account;
        if (tgtd_get_connections(tgtd, session->tid, &account, failure) != 0)
            return -1;
        result = look_for_login(outside, session, &account, failure);
        if (result == 0 && emulator_now_ns() >= end)
            result = fail_target(outside, session, &account,
                                 "the login command ended with status 0, and the target's side "
                                 "does not have just one session more",
                                 failure);
        tgtd_account_free(&account);
    }
    return result < 0 ? -1 : 0;
}

static bool target_agrees(const struct outside *outside, size_t instance, unsigned tid,
                          const struct tgtd_account *account)
{
    bool several = false;
    return has_all(outside, instance, tid, account) &&
           find_newcomer(outside, instance, account, &several) == NULL && !several;
}

int outside_await_target(struct outside *outside, const struct outside_session *session,
                         struct failure *failure)
{
    struct tgtd *tgtd = outside->emulator->instances[session->instance].tgtd;
    const char *what = session->state == OUTSIDE_DROPPED
                           ? "the target was told to drop it, and its side still differs"
                           : "the logout command ended with status 0, and the target's side still "
                             "differs";
    uint64_t end = deadline();
    for (;;) {
        struct tgtd_account account;
        if (tgtd_get_connections(tgtd, session->tid, &account, failure) != 0)
            return -1;
        bool agrees = target_agrees(outside, session->instance, session->tid, &account);
        bool late = !agrees && emulator_now_ns() >= end;
        if (late)
            fail_target(outside, session, &account, what, failure);
        tgtd_account_free(&account);
        if (agrees || late)
            return agrees ? 0 : -1;
    }
}

int outside_check_targets(struct outside *outside, struct failure *failure)
{
    const struct emulator *emulator = outside->emulator;
    for (size_t i = 0; i < emulator->topology->instance_count; i++) {
        for (unsigned tid = 1; tid <= emulator->instances[i].target_count; tid++) {
            struct tgtd_account account;
            char text[ACCOUNT_TEXT_SIZE];
            if (tgtd_get_connections(emulator->instances[i].tgtd, tid, &account, failure) != 0)
                return -1;
            bool agrees = target_agrees(outside, i, tid, &account);
            describe_account(&account, text, sizeof text);
            tgtd_account_free(&account);
            if (!agrees)
                return failure_set(failure, STATUS_UNTRUSTED,
                                   "target %u of instance %s does not have the sessions that the "
                                   "commands made; it has: %s",
                                   tid, emulator->topology->instances[i].name, text);
        }
    }
    return 0;
}

// ---- the list ----

// One comparison of a list with what is known.
struct joining {
    struct outside *outside;
    const struct login_list *list;
    struct outside_session **of; // for each listed session, which it is; NULL: none that is known
    bool *sure;                  // and whether it is certainly that one
    bool *joined;                // which of the sessions are in the list
};

// How many sessions could be meant by what is listed, by its names alone?
static size_t count_namesakes(const struct outside *outside,
                              const struct login_list_session *listed)
{
    size_t count = 0;
    for (size_t i = 0; i < outside->count; i++) {
        const struct outside_session *session = outside->sessions[i];
        count += outside_is_active(session) &&
                 strcmp(session->target->name, listed->target_node_name) == 0;
    }
    return count;
}

// Can that be the session? `*sure`: it can be no other.
static bool could_be(const struct outside *outside, const struct outside_session *session,
                     const struct login_list_session *listed, bool *sure)
{
    bool chosen = login_command_passes(outside->command, "isid");
    if (!outside_is_active(session) || strcmp(session->target->name, listed->target_node_name) != 0)
        return false;
    *sure = listed->has_tsid || count_namesakes(outside, listed) == 1;
    if (*sure)
        return !listed->has_tsid || count_namesakes(outside, listed) == 1 ||
               memcmp(listed->tsid, session->known.tsid, TSID_SIZE) == 0;
    *sure = listed->has_isid && chosen && listed->initiator_name != NULL;
    if (listed->initiator_name != NULL &&
        strcmp(listed->initiator_name, session->known.initiator_name) != 0)
        return false;
    return !*sure || memcmp(listed->isid, session->plan.isid, ISID_SIZE) == 0;
}

static void join(struct joining *joining, size_t index)
{
    const struct outside *outside = joining->outside;
    for (size_t i = 0; i < outside->count; i++) {
        bool sure = false;
        if (joining->joined[i] ||
            !could_be(outside, outside->sessions[i], &joining->list->sessions[index], &sure))
            continue;
        joining->of[index] = outside->sessions[i];
        joining->sure[index] = sure;
        joining->joined[i] = true;
        return;
    }
}

static struct truth_connection *find_connection(struct truth_session *known,
                                                const struct login_list_connection *listed)
{
    if (!listed->has_cid)
        return known->connection_count == 1 ? known->connections : NULL;
    for (size_t i = 0; i < known->connection_count; i++)
        if (known->connections[i].cid == listed->cid)
            return &known->connections[i];
    return NULL;
}

// Is it told, and not what is known?
static bool differs_text(const char *told, const char *known, bool is_known_text)
{
    return told[0] != '\0' && is_known_text && strcmp(told, known) != 0;
}

// Is the target's end of it, as far as it is told, not where the session was to be? Only of its
// first connection is that known.
static bool is_elsewhere(const struct outside *outside, const struct outside_session *session,
                         const struct login_list_connection *listed)
{
    const struct tgtd_portal *portal = portal_of(outside, session);
    return session->plan.further_count == 0 &&
           (differs_text(listed->target_address, portal->address, true) ||
            (listed->target_port != 0 && listed->target_port != portal->port));
}

static const char *connection_difference(const struct outside *outside,
                                         const struct outside_session *session,
                                         const struct login_list_connection *listed,
                                         const struct truth_connection *known)
{
    if (known == NULL)
        return listed->has_cid ? "a connection's CID differs" : NULL;
    if (differs_text(listed->initiator_address, known->initiator_address,
                     (known->unknown & FACT_INITIATOR_ADDRESS) == 0))
        return "a connection's initiator address differs";
    if ((known->unknown & FACT_INITIATOR_PORT) == 0 && listed->initiator_port != 0 &&
        listed->initiator_port != known->initiator_port)
        return "a connection's initiator port is no longer what it was";
    if (is_elsewhere(outside, session, listed))
        return "it is connected to another portal";
    return NULL;
}

// What is wrong between a listed session and what is known of it; NULL: nothing.
static const char *listed_difference(const struct outside *outside, struct outside_session *session,
                                     const struct login_list_session *listed)
{
    struct truth_session *known = &session->known;
    if (listed->has_tsid && memcmp(listed->tsid, known->tsid, TSID_SIZE) != 0)
        return "the TSID differs";
    if (listed->initiator_name != NULL &&
        strcmp(listed->initiator_name, known->initiator_name) != 0)
        return "the initiator's name differs";
    if (listed->has_isid && login_command_passes(outside->command, "isid") &&
        memcmp(listed->isid, session->plan.isid, ISID_SIZE) != 0)
        return "the ISID is not the one that the login command was given";
    if (listed->has_isid && (known->unknown & FACT_ISID) == 0 &&
        memcmp(listed->isid, known->isid, ISID_SIZE) != 0)
        return "the ISID is no longer what it was";
    if (listed->has_connections && listed->connection_count != known->connection_count)
        return "the number of connections differs";
    for (size_t i = 0; i < listed->connection_count; i++) {
        const char *what = connection_difference(outside, session, &listed->connections[i],
                                                 find_connection(known, &listed->connections[i]));
        if (what != NULL)
            return what;
    }
    return NULL;
}

static int fail_listed(const struct outside_session *session,
                       const struct login_list_session *listed, const char *what,
                       struct failure *failure)
{
    char name[ACCOUNT_DESCRIPTION_SIZE] = "a session";
    char target[ACCOUNT_TEXT_SIZE] = "nothing";
    char list[ACCOUNT_TEXT_SIZE] = "nothing";
    if (session != NULL) {
        describe(session, name, sizeof name);
        describe_known(session, target, sizeof target);
    } else {
        append(name, sizeof name, " with target %s", listed->target_node_name);
    }
    if (listed != NULL)
        describe_listed(listed, list, sizeof list);
    return failure_set(failure, STATUS_UNTRUSTED,
                       "the list command and the target's side do not agree on %s: %s\n  target's "
                       "side: %s\n  list command: %s",
                       name, what, target, list);
}

static int compare_list(const struct joining *joining, struct failure *failure)
{
    const struct outside *outside = joining->outside;
    for (size_t i = 0; i < joining->list->count; i++) {
        const struct login_list_session *listed = &joining->list->sessions[i];
        if (joining->of[i] == NULL)
            return fail_listed(NULL, listed,
                               "only the list has it (one that was there before the run must be "
                               "logged out: the implementation lists it, too)",
                               failure);
        const char *what =
            joining->sure[i] ? listed_difference(outside, joining->of[i], listed) : NULL;
        if (what != NULL)
            return fail_listed(joining->of[i], listed, what, failure);
    }
    for (size_t i = 0; i < outside->count; i++)
        if (outside_is_active(outside->sessions[i]) && !joining->joined[i])
            return fail_listed(outside->sessions[i], NULL, "the list does not have it", failure);
    return 0;
}

static void learn_from_connection(struct truth_connection *known,
                                  const struct login_list_connection *listed)
{
    unsigned learned = 0;
    if (listed->initiator_address[0] != '\0') {
        memcpy(known->initiator_address, listed->initiator_address,
               sizeof known->initiator_address);
        learned |= FACT_INITIATOR_ADDRESS;
    }
    if (listed->initiator_port != 0) {
        known->initiator_port = listed->initiator_port;
        learned |= FACT_INITIATOR_PORT;
    }
    if (listed->target_address[0] != '\0') {
        memcpy(known->target_address, listed->target_address, sizeof known->target_address);
        learned |= FACT_TARGET_ADDRESS;
    }
    if (listed->target_port != 0) {
        known->target_port = listed->target_port;
        learned |= FACT_TARGET_PORT;
    }
    known->unknown &= ~learned;
}

static int learn_from_list(struct outside_session *session, const struct login_list_session *listed)
{
    struct truth_session *known = &session->known;
    if (listed->has_isid) {
        memcpy(known->isid, listed->isid, ISID_SIZE);
        known->unknown &= ~(unsigned)FACT_ISID;
    }
    if (listed->target_name != NULL) {
        char *name = strdup(listed->target_name);
        if (name == NULL)
            return -1;
        free(known->target_name);
        known->target_name = name;
        known->unknown &= ~(unsigned)FACT_TARGET_NAME;
    }
    for (size_t i = 0; i < listed->connection_count; i++) {
        struct truth_connection *connection = find_connection(known, &listed->connections[i]);
        if (connection != NULL)
            learn_from_connection(connection, &listed->connections[i]);
    }
    return 0;
}

static int learn_list(const struct joining *joining, struct failure *failure)
{
    for (size_t i = 0; i < joining->list->count; i++)
        if (joining->sure[i] && learn_from_list(joining->of[i], &joining->list->sessions[i]) != 0)
            return emulator_fail_memory(failure);
    return 0;
}

// Compares a list, and learns from it where it agrees. `failure` is that of the comparison.
static int take_list(struct outside *outside, const struct login_list *list,
                     struct failure *failure)
{
    struct joining joining = {
        .outside = outside,
        .list = list,
        .of = calloc(list->count + 1, sizeof(struct outside_session *)),
        .sure = calloc(list->count + 1, sizeof(bool)),
        .joined = calloc(outside->count + 1, sizeof(bool)),
    };
    int result = -1;
    if (joining.of == NULL || joining.sure == NULL || joining.joined == NULL) {
        emulator_fail_memory(failure);
        goto out;
    }
    for (size_t i = 0; i < list->count; i++)
        join(&joining, i);
    if (compare_list(&joining, failure) == 0)
        result = learn_list(&joining, failure);
out:
    free(joining.of);
    free(joining.sure);
    free(joining.joined);
    return result;
}

// Asks once: 0 where it agrees; 1 where it does not, with `difference`; or -1 with `failure`.
static int ask_list(struct outside *outside, struct failure *difference, struct failure *failure)
{
    struct login_list list = {0};
    char *text = NULL;
    int result = login_run_list(outside->emulator->supervisor, outside->command, &text, failure);
    if (result == 0)
        result = login_list_parse(&list, text, failure);
    if (result == 0 && take_list(outside, &list, difference) != 0)
        result = 1;
    login_list_free(&list);
    free(text);
    return result;
}

int outside_await_list(struct outside *outside, struct failure *failure)
{
    uint64_t end = deadline();
    if (login_command_template(outside->command, LOGIN_STEP_LIST) == NULL)
        return 0;
    for (;;) {
        struct failure difference = {0};
        int result = ask_list(outside, &difference, failure);
        if (result <= 0)
            return result;
        // Of a connection that ended at the target's side an initiator learns a little later.
        if (emulator_now_ns() >= end)
            return failure_set(failure, difference.status, "%s", difference.text);
    }
}
