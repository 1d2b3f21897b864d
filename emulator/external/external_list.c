// SPDX-License-Identifier: Apache-2.0
// Compares what is known of an external initiator's sessions with what the list command tells, and
// learns from that.
#include "emulator/external/external_list.h"

#include "conformance/base/clock.h"
#include "conformance/base/text.h"
#include "emulator/external/login_list.h"
#include "emulator/external/login_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE_TEXT_SIZE = 1536 };

static void describe_known(const struct external_session *session, char *text, size_t size)
{
    const struct truth_session *known = &session->known;
    text[0] = '\0';
    report_append(text, size, "initiator %s, TSIH %u (%02x%02x on the wire), %zu %s",
                  known->initiator_name, session->tsih, known->tsid[0], known->tsid[1],
                  known->connection_count,
                  known->connection_count == 1 ? "connection" : "connections");
    for (size_t i = 0; i < known->connection_count; i++)
        report_append(text, size, ", CID %u from %s", known->connections[i].cid,
                      known->connections[i].initiator_address);
}

static void describe_listed(const struct login_list_session *listed, char *text, size_t size)
{
    text[0] = '\0';
    report_append(text, size, "line %zu, initiator %s", listed->line,
                  listed->initiator_name != NULL ? listed->initiator_name : "-");
    if (listed->has_isid)
        report_append(text, size, ", ISID %02x%02x%02x%02x%02x%02x", listed->isid[0],
                      listed->isid[1], listed->isid[2], listed->isid[3], listed->isid[4],
                      listed->isid[5]);
    if (listed->has_tsid)
        report_append(text, size, ", TSID %02x%02x", listed->tsid[0], listed->tsid[1]);
    if (listed->has_connections)
        report_append(text, size, ", %zu %s", listed->connection_count,
                      listed->connection_count == 1 ? "connection" : "connections");
    for (size_t i = 0; i < listed->connection_count; i++) {
        const struct login_list_connection *connection = &listed->connections[i];
        report_append(text, size, ", from %s port %u to %s port %u", connection->initiator_address,
                      connection->initiator_port, connection->target_address,
                      connection->target_port);
    }
}

// The session that a listed one is.
struct match {
    struct external_session *session; // NULL: none that is known
    bool sure;                        // it can be no other
};

static bool has_target(const struct external_session *session,
                       const struct login_list_session *listed)
{
    return external_is_active(session) &&
           strcmp(session->target->name, listed->target_node_name) == 0;
}

// Can the listed session be that one? `*sure`: it can be no other.
static bool could_be(const struct external *external, const struct external_session *session,
                     const struct login_list_session *listed, bool only_one, bool *sure)
{
    const struct truth_session *known = &session->known;
    *sure = true;
    if (only_one)
        return true;
    if (listed->has_tsid)
        return memcmp(listed->tsid, known->tsid, TSID_SIZE) == 0;
    if (listed->initiator_name != NULL &&
        strcmp(listed->initiator_name, known->initiator_name) != 0)
        return false;
    *sure = listed->has_isid && listed->initiator_name != NULL &&
            login_command_passes(external->command, "isid");
    return !*sure || memcmp(listed->isid, session->plan.isid, ISID_SIZE) == 0;
}

// The session that is listed there. Each is found once.
static struct match find_match(struct external *external, const struct login_list_session *listed)
{
    size_t with_target = 0;
    for (size_t i = 0; i < external->count; i++)
        with_target += has_target(external->sessions[i], listed);
    for (size_t i = 0; i < external->count; i++) {
        struct external_session *session = external->sessions[i];
        bool sure = false;
        if (session->listed || !has_target(session, listed) ||
            !could_be(external, session, listed, with_target == 1, &sure))
            continue;
        session->listed = true;
        return (struct match){session, sure};
    }
    return (struct match){0};
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

// Is a text told that is not the one that is known?
static bool differs_text(const char *told, const char *known, bool is_known_text)
{
    return told[0] != '\0' && is_known_text && strcmp(told, known) != 0;
}

// Is the target's end of the connection, as far as it is told, not the portal of the session? That
// is known of the first connection only.
static bool is_elsewhere(const struct external *external, const struct external_session *session,
                         const struct login_list_connection *listed)
{
    const struct tgtd_portal *portal = emulator_session_portal(external->emulator, &session->plan);
    return session->plan.further_count == 0 &&
           (differs_text(listed->target_address, portal->address, true) ||
            (listed->target_port != 0 && listed->target_port != portal->port));
}

static const char *connection_difference(const struct external *external,
                                         const struct external_session *session,
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
    if (is_elsewhere(external, session, listed))
        return "it is connected to another portal";
    return NULL;
}

// What differs between a listed session and what is known of it; NULL: nothing.
static const char *listed_difference(const struct external *external,
                                     struct external_session *session,
                                     const struct login_list_session *listed)
{
    struct truth_session *known = &session->known;
    if (listed->has_tsid && memcmp(listed->tsid, known->tsid, TSID_SIZE) != 0)
        return "the TSID differs";
    if (listed->initiator_name != NULL &&
        strcmp(listed->initiator_name, known->initiator_name) != 0)
        return "the initiator's name differs";
    if (listed->has_isid && login_command_passes(external->command, "isid") &&
        memcmp(listed->isid, session->plan.isid, ISID_SIZE) != 0)
        return "the ISID is not the one that the login command was given";
    if (listed->has_isid && (known->unknown & FACT_ISID) == 0 &&
        memcmp(listed->isid, known->isid, ISID_SIZE) != 0)
        return "the ISID is no longer what it was";
    if (listed->has_connections && listed->connection_count != known->connection_count)
        return "the number of connections differs";
    for (size_t i = 0; i < listed->connection_count; i++) {
        const char *what = connection_difference(external, session, &listed->connections[i],
                                                 find_connection(known, &listed->connections[i]));
        if (what != NULL)
            return what;
    }
    return NULL;
}

static int fail_listed(const struct external_session *session,
                       const struct login_list_session *listed, const char *what,
                       struct failure *failure)
{
    char name[512];
    char target[SIDE_TEXT_SIZE] = "nothing";
    char list[SIDE_TEXT_SIZE] = "nothing";
    if (session != NULL) {
        snprintf(name, sizeof name, "session %zu with target %s", session->number,
                 session->target->name);
        describe_known(session, target, sizeof target);
    } else {
        snprintf(name, sizeof name, "a session with target %s", listed->target_node_name);
    }
    if (listed != NULL)
        describe_listed(listed, list, sizeof list);
    return failure_set(failure, STATUS_UNTRUSTED,
                       "the list command and the target's side do not agree on %s: %s\n  target's "
                       "side: %s\n  list command: %s",
                       name, what, target, list);
}

static int compare_list(const struct external *external, const struct login_list *list,
                        const struct match *matches, struct failure *failure)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct login_list_session *listed = &list->sessions[i];
        if (matches[i].session == NULL)
            return fail_listed(NULL, listed,
                               "only the list has it (one that was there before the run must be "
                               "logged out: the implementation lists it, too)",
                               failure);
        const char *what =
            matches[i].sure ? listed_difference(external, matches[i].session, listed) : NULL;
        if (what != NULL)
            return fail_listed(matches[i].session, listed, what, failure);
    }
    for (size_t i = 0; i < external->count; i++)
        if (external_is_active(external->sessions[i]) && !external->sessions[i]->listed)
            return fail_listed(external->sessions[i], NULL, "the list does not have it", failure);
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

static int learn_from_list(struct external_session *session,
                           const struct login_list_session *listed)
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

// Compares a list, and learns from it where it agrees. `failure` is that of the comparison.
static int take_list(struct external *external, const struct login_list *list,
                     struct failure *failure)
{
    struct match *matches = calloc(list->count + 1, sizeof *matches);
    if (matches == NULL)
        return emulator_fail_memory(failure);
    for (size_t i = 0; i < external->count; i++)
        external->sessions[i]->listed = false;
    for (size_t i = 0; i < list->count; i++)
        matches[i] = find_match(external, &list->sessions[i]);
    int result = compare_list(external, list, matches, failure);
    for (size_t i = 0; i < list->count && result == 0; i++)
        if (matches[i].sure && learn_from_list(matches[i].session, &list->sessions[i]) != 0)
            result = emulator_fail_memory(failure);
    free(matches);
    return result;
}

// Asks once: 0 where it agrees; 1 where it does not, with `difference`; or -1 with `failure`.
static int ask_list(struct external *external, struct failure *difference, struct failure *failure)
{
    struct login_list list = {0};
    char *text = NULL;
    int result = login_run_list(external->emulator->supervisor, external->command, &text, failure);
    if (result == 0)
        result = login_list_parse(&list, text, failure);
    if (result == 0 && take_list(external, &list, difference) != 0)
        result = 1;
    login_list_free(&list);
    free(text);
    return result;
}

int external_await_list(struct external *external, struct failure *failure)
{
    uint64_t end = emulator_change_deadline_ns();
    if (login_command_template(external->command, LOGIN_STEP_LIST) == NULL)
        return 0;
    for (;;) {
        struct failure difference = {0};
        int result = ask_list(external, &difference, failure);
        if (result <= 0)
            return result;
        // An initiator notices a little later that a connection has ended at the target's side.
        if (clock_now_ns() >= end)
            return failure_set(failure, difference.status, "%s", difference.text);
    }
}
