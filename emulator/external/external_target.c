// SPDX-License-Identifier: Apache-2.0
// Compares what is known of an external initiator's sessions with what the targets report, and
// learns from these.
#include "emulator/external/external_target.h"

#include "conformance/base/clock.h"
#include "conformance/base/endpoint.h"
#include "conformance/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE_TEXT_SIZE = 1536 };

static void describe_report(const struct tgtd_report *report, char *text, size_t size)
{
    enum { SHOWN = 8 };
    snprintf(text, size, "%s", report->connection_count == 0 ? "nothing" : "");
    for (size_t i = 0; i < report->connection_count && i < SHOWN; i++) {
        const struct tgtd_connection *connection = &report->connections[i];
        report_append(text, size, "%sTSIH %u, initiator %s, from %s, CID %u", i == 0 ? "" : "; ",
                      connection->tsih, connection->initiator_name, connection->initiator_address,
                      connection->cid);
    }
    if (report->connection_count > SHOWN)
        report_append(text, size, "; and %zu more", report->connection_count - SHOWN);
}

static bool is_of(const struct external_session *session, size_t instance, unsigned tid)
{
    return session->instance == instance && session->tid == tid;
}

static bool knows_connection(const struct external_session *session, uint16_t cid)
{
    for (size_t i = 0; i < session->known.connection_count; i++)
        if (session->known.connections[i].cid == cid)
            return true;
    return false;
}

// Is it a connection of one of the sessions that are known?
static bool is_known(const struct external *external, size_t instance,
                     const struct tgtd_connection *connection)
{
    for (size_t i = 0; i < external->count; i++) {
        const struct external_session *session = external->sessions[i];
        if (session->state == EXTERNAL_LOGGED_IN && is_of(session, instance, connection->tid) &&
            session->tsih == connection->tsih)
            return knows_connection(session, connection->cid);
    }
    return false;
}

// Does the target have all connections that are known?
static bool has_all(const struct external *external, size_t instance, unsigned tid,
                    const struct tgtd_report *report)
{
    size_t known = 0;
    size_t found = 0;
    for (size_t i = 0; i < external->count; i++) {
        const struct external_session *session = external->sessions[i];
        if (session->state == EXTERNAL_LOGGED_IN && is_of(session, instance, tid))
            known += session->known.connection_count;
    }
    for (size_t i = 0; i < report->connection_count; i++)
        found += is_known(external, instance, &report->connections[i]);
    return found == known;
}

// The one nexus that is not known; NULL: there is none, or several, in which case `*several`.
static const struct tgtd_connection *find_newcomer(const struct external *external, size_t instance,
                                                   const struct tgtd_report *report, bool *several)
{
    const struct tgtd_connection *newcomer = NULL;
    *several = false;
    for (size_t i = 0; i < report->connection_count; i++) {
        const struct tgtd_connection *connection = &report->connections[i];
        if (is_known(external, instance, connection))
            continue;
        *several = *several || (newcomer != NULL && newcomer->tsih != connection->tsih);
        if (newcomer == NULL)
            newcomer = connection;
    }
    return *several ? NULL : newcomer;
}

static void learn_connection(struct truth_connection *to, const struct external *external,
                             const struct external_session *session,
                             const struct tgtd_connection *from)
{
    struct emulator *emulator = external->emulator;
    const struct emulator_instance *home = &emulator->instances[session->instance];
    to->adapter_unique = emulator->adapter_unique;
    to->adapter_specific = ++emulator->connections_identified;
    to->cid = from->cid;
    to->unknown = FACT_INITIATOR_PORT | FACT_TARGET_ADDRESS | FACT_TARGET_PORT;
    if (address_canonical(from->initiator_address, to->initiator_address) != 0)
        to->unknown |= FACT_INITIATOR_ADDRESS;
    if (home->portal_count > 1)
        return;
    // There is only one portal that it can be connected to.
    to->unknown = to->unknown & ~(unsigned)(FACT_TARGET_ADDRESS | FACT_TARGET_PORT);
    memcpy(to->target_address, home->portals[0].address, sizeof to->target_address);
    to->target_port = home->portals[0].port;
}

static struct truth_told told_of(const uint64_t id[static 2])
{
    return (struct truth_told){true, {id[0], id[1]}};
}

// What the target's side says of a session that has just been logged in.
static int learn_session(struct external *external, struct external_session *session,
                         const struct tgtd_report *report, const struct tgtd_connection *newcomer)
{
    struct truth_session *known = &session->known;
    truth_session_clear(known);
    known->adapter_unique = external->emulator->adapter_unique;
    known->adapter_specific = ++external->emulator->sessions_identified;
    known->unknown = FACT_TARGET_NAME | FACT_ISID;
    known->initiator_name = strdup(newcomer->initiator_name);
    known->target_node_name = strdup(session->target->name);
    known->target_name = strdup("");
    known->connections = calloc(report->connection_count, sizeof *known->connections);
    if (known->initiator_name == NULL || known->target_node_name == NULL ||
        known->target_name == NULL || known->connections == NULL)
        return -1;
    // As tgtd sends it: see own_source.c, tell.
    memcpy(known->tsid, &newcomer->tsih, sizeof known->tsid);
    for (size_t i = 0; i < report->connection_count; i++)
        if (report->connections[i].tsih == newcomer->tsih)
            learn_connection(&known->connections[known->connection_count++], external, session,
                             &report->connections[i]);
    session->tsih = newcomer->tsih;
    session->state = EXTERNAL_LOGGED_IN;
    if (external->agent != NULL) {
        known->told = told_of(session->told.session);
        if (known->connection_count == 1)
            known->connections[0].told = told_of(session->told.connection);
    }
    return 0;
}

static int fail_target(const struct external *external, const struct external_session *session,
                       const struct tgtd_report *report, const char *what, struct failure *failure)
{
    char target[SIDE_TEXT_SIZE];
    size_t known = 0;
    describe_report(report, target, sizeof target);
    for (size_t i = 0; i < external->count; i++)
        known += external->sessions[i]->state == EXTERNAL_LOGGED_IN &&
                 is_of(external->sessions[i], session->instance, session->tid);
    return failure_set(failure, STATUS_UNTRUSTED,
                       "session %zu with target %s: %s\n  by the logins: %zu sessions with this "
                       "target\n  target's side: %s",
                       session->number, session->target->name, what, known, target);
}

// What is wrong with the nexus that a login made; NULL: nothing.
static const char *newcomer_difference(const struct external *external,
                                       const struct external_session *session,
                                       const struct tgtd_connection *newcomer)
{
    if (newcomer->tsih == 0)
        return "the target's side has it with TSIH 0, which no session can have";
    if (login_command_passes(external->command, "initiator") &&
        strcmp(newcomer->initiator_name, session->plan.initiator_name) != 0)
        return "the initiator's name is not the one that the login command was given";
    return NULL;
}

// Looks for the session in the target's report: 1 when the session is in it, and is known from now
// on; 0 when it is not, or not yet; -1 with `failure`.
static int look_for_login(struct external *external, struct external_session *session,
                          const struct tgtd_report *report, struct failure *failure)
{
    bool several = false;
    const struct tgtd_connection *newcomer =
        find_newcomer(external, session->instance, report, &several);
    // The old session, which a reinstatement is about to end, is not the newcomer.
    if (newcomer == NULL || newcomer->tsih == session->former_tsih ||
        !has_all(external, session->instance, session->tid, report))
        return 0;
    const char *what = newcomer_difference(external, session, newcomer);
    if (what != NULL)
        return fail_target(external, session, report, what, failure);
    return learn_session(external, session, report, newcomer) == 0 ? 1
                                                                   : emulator_fail_memory(failure);
}

int external_await_login(struct external *external, struct external_session *session,
                         struct failure *failure)
{
    struct tgtd *tgtd = external->emulator->instances[session->instance].tgtd;
    uint64_t end = emulator_change_deadline_ns();
    int result = 0;
    while (result == 0) {
        struct tgtd_report report;
        if (tgtd_get_connections(tgtd, session->tid, &report, failure) != 0)
            return -1;
        result = look_for_login(external, session, &report, failure);
        if (result == 0 && clock_now_ns() >= end)
            result =
                fail_target(external, session, &report,
                            external->agent != NULL
                                ? "LoginIScsiTarget returned 0, and the target's side does not "
                                  "have just one session more"
                                : "the login command ended with status 0, and the target's side "
                                  "does not have just one session more",
                            failure);
        tgtd_report_free(&report);
    }
    return result < 0 ? -1 : 0;
}

static bool target_agrees(const struct external *external, size_t instance, unsigned tid,
                          const struct tgtd_report *report)
{
    bool several = false;
    return has_all(external, instance, tid, report) &&
           find_newcomer(external, instance, report, &several) == NULL && !several;
}

int external_await_target(struct external *external, const struct external_session *session,
                          struct failure *failure)
{
    struct tgtd *tgtd = external->emulator->instances[session->instance].tgtd;
    const char *what = session->state == EXTERNAL_DROPPED
                           ? "the target was told to drop it, and its side still differs"
                       : external->agent != NULL
                           ? "LogoutIScsiTarget returned 0, and the target's side still differs"
                           : "the logout command ended with status 0, and the target's side still "
                             "differs";
    uint64_t end = emulator_change_deadline_ns();
    for (;;) {
        struct tgtd_report report;
        if (tgtd_get_connections(tgtd, session->tid, &report, failure) != 0)
            return -1;
        bool agrees = target_agrees(external, session->instance, session->tid, &report);
        bool late = !agrees && clock_now_ns() >= end;
        if (late)
            fail_target(external, session, &report, what, failure);
        tgtd_report_free(&report);
        if (agrees || late)
            return agrees ? 0 : -1;
    }
}

int external_check_targets(struct external *external, struct failure *failure)
{
    const struct emulator *emulator = external->emulator;
    for (size_t i = 0; i < emulator->topology->instance_count; i++) {
        for (unsigned tid = 1; tid <= emulator->instances[i].target_count; tid++) {
            struct tgtd_report report;
            char text[SIDE_TEXT_SIZE];
            if (tgtd_get_connections(emulator->instances[i].tgtd, tid, &report, failure) != 0)
                return -1;
            bool agrees = target_agrees(external, i, tid, &report);
            describe_report(&report, text, sizeof text);
            tgtd_report_free(&report);
            if (!agrees)
                return failure_set(failure, STATUS_UNTRUSTED,
                                   "target %u of instance %s does not have the sessions that the "
                                   "commands made; it has: %s",
                                   tid, emulator->topology->instances[i].name, text);
        }
    }
    return 0;
}
