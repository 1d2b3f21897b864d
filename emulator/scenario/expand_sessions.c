// SPDX-License-Identifier: Apache-2.0
// Adds the sessions to a topology.
#include "emulator/scenario/expand_sessions.h"

#include "conformance/base/wording.h"
#include "emulator/scenario/admission.h"
#include "emulator/scenario/expand_initiators.h"
#include "emulator/scenario/expand_instances.h"

#include <stdlib.h>
#include <string.h>

enum {
    PORTAL_EACH = -1, // each portal of the instance in turn
};

// The ISIDs of an entry: numbers of a form, or counted up from one that was given.
struct isid_plan {
    enum isid_form form;
    bool given;
    uint8_t first[6];
};

// An entry of the file's sessions with its references resolved.
struct session_plan {
    size_t entry;
    struct group initiators;
    struct group targets;
    uint32_t count; // for each pair of an initiator and a target
    ptrdiff_t portal;
    struct isid_plan isid;
    enum topology_session_kind kind;
    const struct secret_node *chap;
    const struct secret_node *mutual;
    bool secrets_fit;               // both sides prove what the other asks for
    const struct allow_node *allow; // of the target
    size_t home;                    // the instance where the sessions are then, after a redirection
    size_t further_count;
    struct further_plan {
        uint16_t cid;
        ptrdiff_t portal; // or PORTAL_EACH
    } further[TOPOLOGY_CONNECTIONS_MAX];
};

static int plan_portal(const struct expansion *expansion, struct session_plan *plan)
{
    const char *wanted = expansion->node->sessions[plan->entry].portal;
    const struct topology_target *target = &expansion->topology->targets[plan->targets.first];
    size_t portal = 0;
    plan->portal = 0;
    plan->home = target->redirect.is ? target->redirect.instance : target->instance;
    if (wanted == NULL)
        return 0;
    if (strcmp(wanted, "each") == 0) {
        plan->portal = PORTAL_EACH;
        return 0;
    }
    if (expansion_find_portal(expansion, wanted, target->instance,
                              node_path("sessions[%zu].portal", plan->entry).text,
                              "; or \"each\" for every portal in turn", &portal) != 0)
        return -1;
    plan->portal = (ptrdiff_t)portal;
    return 0;
}

// Reads an entry of "further".
static int plan_one_further(const struct expansion *expansion, struct session_plan *plan,
                            size_t index)
{
    const struct session_node *node = &expansion->node->sessions[plan->entry];
    const struct further_node *further = &node->further[index];
    struct node_path path = node_path("sessions[%zu].further[%zu]", plan->entry, index);
    struct further_plan *planned = &plan->further[plan->further_count];
    uint32_t cid = 0;
    size_t portal = 0;
    if (expansion_number(expansion, node_path("%s.cid", path.text).text, further->cid, 0, 1, 65535,
                         &cid) != 0)
        return -1;
    for (size_t i = 0; i < plan->further_count; i++)
        if (plan->further[i].cid == cid)
            return expansion_problem(expansion, node_path("%s.cid", path.text).text,
                                     "another connection of this session has CID %u; each "
                                     "needs its own, and the first one has 0",
                                     cid);
    planned->cid = (uint16_t)cid;
    planned->portal = PORTAL_EACH;
    if (further->portal != NULL) {
        if (expansion_find_portal(expansion, further->portal, plan->home,
                                  node_path("%s.portal", path.text).text, "", &portal) != 0)
            return -1;
        planned->portal = (ptrdiff_t)portal;
    }
    plan->further_count++;
    return 0;
}

static int plan_further(const struct expansion *expansion, struct session_plan *plan)
{
    const struct session_node *node = &expansion->node->sessions[plan->entry];
    struct node_path count_path = node_path("sessions[%zu].connections", plan->entry);
    struct node_path list_path = node_path("sessions[%zu].further", plan->entry);
    const char *path = node->further_count > 0 ? list_path.text : count_path.text;
    uint32_t count = 1;
    if (node->connections != NULL && node->further_count > 0)
        return expansion_problem(expansion, list_path.text,
                                 "both \"connections\" and \"further\"; give one of them");
    if (expansion_number(expansion, count_path.text, node->connections, 1, 1,
                         TOPOLOGY_CONNECTIONS_MAX, &count) != 0)
        return -1;
    for (uint32_t i = 1; i < count; i++)
        plan->further[plan->further_count++] = (struct further_plan){(uint16_t)i, PORTAL_EACH};
    for (size_t i = 0; i < node->further_count; i++)
        if (plan_one_further(expansion, plan, i) != 0)
            return -1;
    if (plan->further_count == 0)
        return 0;
    if (plan->kind != SESSION_ACTIVE)
        return expansion_problem(expansion, path,
                                 "several connections of a login that does not become a "
                                 "normal session; leave them out");
    if (expansion->topology->targets[plan->targets.first].chap.user != NULL)
        return expansion_problem(expansion, path,
                                 "the target asks for CHAP, which further connections don't "
                                 "know; leave them out, or the target's \"chap\"");
    return 0;
}

static int parse_isid(const char *text, uint8_t isid[static 6])
{
    if (strlen(text) != 12 || strspn(text, "0123456789abcdefABCDEF") != 12)
        return -1;
    for (size_t i = 0; i < 6; i++) {
        const char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};
        isid[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return 0;
}

static int plan_isid(const struct expansion *expansion, struct session_plan *plan)
{
    static const char *const forms[] = {"oui", "en", "random", "reserved"};
    const char *wanted = expansion->node->sessions[plan->entry].isid;
    struct node_path path = node_path("sessions[%zu].isid", plan->entry);
    char problem[TOPOLOGY_PROBLEM_SIZE];
    plan->isid = (struct isid_plan){.form = ISID_OUI};
    if (wanted == NULL)
        return 0;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (strcmp(wanted, forms[i]) == 0) {
            plan->isid.form = (enum isid_form)i;
            return 0;
        }
    if (parse_isid(wanted, plan->isid.first) != 0)
        return expansion_problem(expansion, path.text,
                                 "%s is not an ISID: 12 hexadecimal digits, or one of the forms "
                                 "oui, en, random, reserved",
                                 quote(wanted).text);
    if (topology_check_isid(plan->isid.first, problem) != 0)
        return expansion_problem(expansion, path.text, "the ISID %s %s", quote(wanted).text,
                                 problem);
    plan->isid.given = true;
    uint32_t last = (uint32_t)plan->isid.first[4] << 8 | plan->isid.first[5];
    uint32_t room = plan->isid.first[0] >> 6 == ISID_RESERVED ? 0 : 0xFFFF - last;
    if (plan->count - 1 > room)
        return expansion_problem(expansion, path.text,
                                 "counting up from ISID %s gives %u different ones, and %u are "
                                 "needed",
                                 quote(wanted).text, room + 1, plan->count);
    return 0;
}

static bool same_secret(const struct secret_node *one, const struct secret_node *other)
{
    if (one == NULL || other == NULL)
        return one == other;
    return strcmp(one->user, other->user) == 0 && strcmp(one->password, other->password) == 0;
}

static int plan_kind(const struct expansion *expansion, struct session_plan *plan)
{
    const struct session_node *node = &expansion->node->sessions[plan->entry];
    struct node_path refused = node_path("sessions[%zu].refused", plan->entry);
    plan->kind = node->type == TYPE_DISCOVERY ? SESSION_DISCOVERY
                 : node->refused              ? SESSION_REFUSED
                                              : SESSION_ACTIVE;
    if (node->type == TYPE_DISCOVERY && node->refused)
        return expansion_problem(expansion, refused.text,
                                 "a discovery session is not refused: tgtd lets everyone ask");
    if (node->later && (plan->kind != SESSION_ACTIVE || node->recovering))
        return expansion_problem(expansion, node_path("sessions[%zu].later", plan->entry).text,
                                 "only a normal session can be logged in by an event%s",
                                 plan->kind == SESSION_ACTIVE
                                     ? ", and lose its connections by another: leave out "
                                       "\"recovering\""
                                     : "");
    if (plan->kind != SESSION_ACTIVE && node->recovering)
        return expansion_problem(expansion, node_path("sessions[%zu].recovering", plan->entry).text,
                                 "only a normal session can lose its connection and be kept");
    return 0;
}

// Takes the secrets, and checks that they let the session in. Those of a login that is to be
// refused need not.
static int plan_secrets(const struct expansion *expansion, struct session_plan *plan,
                        const struct target_node *target, const struct initiator_node *initiator)
{
    const struct session_node *node = &expansion->node->sessions[plan->entry];
    struct node_path path = node_path("sessions[%zu]", plan->entry);
    struct node_path chap = node_path("%s.chap", path.text);
    struct node_path mutual = node_path("%s.mutual", path.text);
    plan->chap = node->chap != NULL ? node->chap : initiator->chap;
    plan->mutual = node->mutual != NULL ? node->mutual : initiator->mutual;
    if (plan->kind == SESSION_DISCOVERY && (node->chap != NULL || node->mutual != NULL))
        return expansion_problem(expansion, node->chap != NULL ? chap.text : mutual.text,
                                 "nobody asks for secrets in a discovery session");
    if (expansion_check_secrets(expansion, path.text, plan->chap, plan->mutual) != 0)
        return -1;
    bool proves = target->chap == NULL || same_secret(plan->chap, target->chap);
    plan->secrets_fit =
        proves && (plan->mutual == NULL || same_secret(plan->mutual, target->mutual));
    if (plan->kind != SESSION_ACTIVE || plan->secrets_fit)
        return 0;
    if (!proves)
        return expansion_problem(expansion, chap.text,
                                 "target %s asks for other proof than this session has: its "
                                 "\"chap\"; give the same here or to the initiator, or say "
                                 "\"refused: true\"",
                                 quote(node->target).text);
    return expansion_problem(expansion, mutual.text,
                             "target %s can't prove itself so; give it the same "
                             "\"mutual\", or say \"refused: true\"",
                             quote(node->target).text);
}

static int plan_session(const struct expansion *expansion, struct session_plan *plan, size_t entry)
{
    const struct session_node *node = &expansion->node->sessions[entry];
    struct node_path initiator_path = node_path("sessions[%zu].initiator", entry);
    size_t initiator = 0;
    size_t target = 0;
    plan->entry = entry;
    if (names_find(expansion, &expansion->initiators, initiator_path.text, "initiator",
                   node->initiator, &initiator) != 0 ||
        names_find(expansion, &expansion->targets, node_path("sessions[%zu].target", entry).text,
                   "target", node->target, &target) != 0)
        return -1;
    if (plan_kind(expansion, plan) != 0)
        return -1;
    plan->allow = expansion->node->targets[target].allow;
    plan->initiators = expansion->initiators.groups[initiator];
    plan->targets = expansion->targets.groups[target];
    if (expansion_number(expansion, node_path("sessions[%zu].count", entry).text, node->count, 1, 1,
                         TOPOLOGY_SESSIONS_MAX, &plan->count) != 0 ||
        plan_portal(expansion, plan) != 0 ||
        plan_secrets(expansion, plan, &expansion->node->targets[target],
                     &expansion->node->initiators[initiator]) != 0 ||
        plan_further(expansion, plan) != 0)
        return -1;
    return plan_isid(expansion, plan);
}

// The `nth` session, from 0, of a pair of an initiator and a target.
static void choose_isid(const struct isid_plan *plan, uint32_t nth, size_t number,
                        uint8_t isid[static 6])
{
    if (!plan->given) {
        topology_isid(plan->form, (uint32_t)number, isid);
        return;
    }
    uint32_t last = ((uint32_t)plan->first[4] << 8 | plan->first[5]) + nth;
    memcpy(isid, plan->first, 6);
    isid[4] = (uint8_t)(last >> 8);
    isid[5] = (uint8_t)last;
}

// Adds the session's further connections. Those that name no portal take the portals that follow
// the session's own, in turn.
static int add_further(struct expansion *expansion, const struct session_plan *plan,
                       struct topology_session *session)
{
    const struct topology *topology = expansion->topology;
    const struct topology_redirect *redirect = &topology->targets[session->target].redirect;
    size_t portal_count = topology->instances[plan->home].portal_count;
    size_t first = redirect->is ? redirect->portal : session->portal;
    if (plan->further_count == 0)
        return 0;
    expansion->further_count += plan->further_count;
    if (expansion->further_count > TOPOLOGY_CONNECTIONS_ALL_MAX)
        return expansion_problem(expansion, node_path("sessions[%zu]", plan->entry).text,
                                 "%zu further connections so far; at most %d are allowed",
                                 expansion->further_count, TOPOLOGY_CONNECTIONS_ALL_MAX);
    session->further = expansion_array(expansion, plan->further_count, sizeof *session->further);
    if (session->further == NULL)
        return -1;
    for (size_t i = 0; i < plan->further_count; i++) {
        const struct further_plan *further = &plan->further[i];
        struct topology_connection *connection = &session->further[session->further_count++];
        connection->cid = further->cid;
        connection->portal = further->portal == PORTAL_EACH ? (first + i + 1) % portal_count
                                                            : (size_t)further->portal;
    }
    return 0;
}

// tgtd does not redirect an initiator to the address that it connects from, whatever the port; here
// that is 127.0.0.1 or ::1.
static int check_redirect(const struct expansion *expansion, const struct session_plan *plan,
                          const struct topology_session *session)
{
    const struct topology *topology = expansion->topology;
    const struct topology_target *target = &topology->targets[session->target];
    const struct topology_redirect *redirect = &target->redirect;
    if (!redirect->is)
        return 0;
    const char *to = topology->instances[redirect->instance].portals[redirect->portal].address;
    const char *by = topology->instances[target->instance].portals[session->portal].address;
    const char *from = strchr(by, ':') != NULL ? "::1" : "127.0.0.1";
    if (strcmp(to, from) != 0)
        return 0;
    return expansion_problem(expansion, node_path("sessions[%zu].target", plan->entry).text,
                             "the target redirects to %s, which is where a connection to %s "
                             "comes from: tgtd does not do that; redirect to another address",
                             to, by);
}

// Does what the file says of the login fit: a session is let in, and a login that is to be refused
// is not?
static int check_admission(const struct expansion *expansion, const struct session_plan *plan,
                           const struct topology_session *session)
{
    const struct topology *topology = expansion->topology;
    const struct session_node *node = &expansion->node->sessions[plan->entry];
    const struct topology_target *target = &topology->targets[session->target];
    const struct topology_redirect *redirect = &target->redirect;
    const char *at = topology->instances[target->instance].portals[session->portal].address;
    const char *then =
        redirect->is ? topology->instances[redirect->instance].portals[redirect->portal].address
                     : at;
    enum admission admission = admission_of(plan->allow, node->initiator, at);
    if (admission != admission_of(plan->allow, node->initiator, then))
        return 0;
    if (session->kind == SESSION_ACTIVE && admission == TURNED_AWAY)
        return expansion_problem(expansion, node_path("sessions[%zu].initiator", plan->entry).text,
                                 "target %s does not allow initiator %s; add it to its "
                                 "\"allow\", or say \"refused: true\"",
                                 quote(node->target).text, quote(node->initiator).text);
    if (session->kind == SESSION_REFUSED && admission == ADMITTED && plan->secrets_fit)
        return expansion_problem(
            expansion, node_path("sessions[%zu].refused", plan->entry).text,
            "nobody refuses this login: target %s allows initiator %s%s, and both prove what they "
            "have to; leave \"refused\" out, or change what the target allows or a secret",
            quote(node->target).text, quote(node->initiator).text,
            plan->allow == NULL || plan->allow->addresses_count == 0 ? ""
            : strchr(at, ':') != NULL ? ", by name or as it comes from ::1"
                                      : ", by name or as it comes from 127.0.0.1");
    return 0;
}

static int add_session(struct expansion *expansion, const struct session_plan *plan,
                       const char *initiator_name, size_t target, uint32_t nth, size_t *turn)
{
    struct topology *topology = expansion->topology;
    const struct session_node *node = &expansion->node->sessions[plan->entry];
    const struct topology_instance *instance =
        &topology->instances[topology->targets[target].instance];
    struct topology_session *session = &topology->unlisted[topology->unlisted_count];
    if (plan->kind == SESSION_ACTIVE) {
        session = &topology->sessions[topology->session_count];
        expansion->session_entries[topology->session_count++] = plan->entry;
    } else {
        topology->unlisted_count++;
    }
    session->initiator_name = strdup(initiator_name);
    if (session->initiator_name == NULL)
        return expansion_no_memory(expansion);
    session->kind = plan->kind;
    session->target = target;
    session->portal =
        plan->portal == PORTAL_EACH ? *turn % instance->portal_count : (size_t)plan->portal;
    ++*turn;
    choose_isid(&plan->isid, nth, topology->session_count + topology->unlisted_count,
                session->isid);
    session->recovering = node->recovering;
    session->later = node->later;
    session->header_digest = node->header_digest;
    session->line = expansion_line(expansion, node_path("sessions[%zu]", plan->entry).text);
    if (expansion_copy_secret(expansion, plan->chap, &session->chap) != 0 ||
        expansion_copy_secret(expansion, plan->mutual, &session->mutual) != 0 ||
        add_further(expansion, plan, session) != 0)
        return -1;
    if (plan->kind == SESSION_DISCOVERY)
        return 0;
    return check_redirect(expansion, plan, session) != 0
               ? -1
               : check_admission(expansion, plan, session);
}

static int add_planned(struct expansion *expansion, const struct session_plan *plan)
{
    size_t turn = 0;
    for (size_t i = 0; i < plan->initiators.count; i++)
        for (size_t t = 0; t < plan->targets.count; t++)
            for (uint32_t nth = 0; nth < plan->count; nth++)
                if (add_session(expansion, plan,
                                expansion->initiator_names[plan->initiators.first + i],
                                plan->targets.first + t, nth, &turn) != 0)
                    return -1;
    return 0;
}

static int compare_sessions(const void *left, const void *right)
{
    const struct topology_session *a = *(const struct topology_session *const *)left;
    const struct topology_session *b = *(const struct topology_session *const *)right;
    if (a->target != b->target)
        return a->target < b->target ? -1 : 1;
    int order = memcmp(a->isid, b->isid, sizeof a->isid);
    if (order == 0)
        order = strcmp(a->initiator_name, b->initiator_name);
    if (order == 0)
        order = a->later - b->later;
    return order != 0 ? order : (a > b) - (a < b);
}

static int report_reinstatement(const struct expansion *expansion,
                                const struct topology_session *session,
                                const struct topology_session *earlier)
{
    const struct topology *topology = expansion->topology;
    size_t entry = expansion->session_entries[session - topology->sessions];
    const uint8_t *isid = session->isid;
    return expansion_problem(
        expansion, node_path("sessions[%zu].isid", entry).text,
        "a second session of initiator %s to target %s with ISID %02x%02x%02x%02x%02x%02x would "
        "end "
        "the one of line %zu (session reinstatement); give it another \"isid\"",
        quote(session->initiator_name).text, quote(topology->targets[session->target].name).text,
        isid[0], isid[1], isid[2], isid[3], isid[4], isid[5], earlier->line);
}

// No two sessions may have the same initiator, target and ISID: the target takes the second login
// for a reinstatement of the first session. Of one that logs in later, its event says so.
static int check_isids(const struct expansion *expansion)
{
    const struct topology *topology = expansion->topology;
    const struct topology_session *found = NULL;
    const struct topology_session *earlier = NULL;
    const struct topology_session **order =
        expansion_array(expansion, topology->session_count, sizeof(struct topology_session *));
    if (order == NULL)
        return -1;
    for (size_t i = 0; i < topology->session_count; i++)
        order[i] = &topology->sessions[i];
    qsort(order, topology->session_count, sizeof(struct topology_session *), compare_sessions);
    for (size_t i = 1; i < topology->session_count; i++)
        if (topology_same_nexus(order[i - 1], order[i]) && !order[i]->later &&
            (found == NULL || order[i] < found)) {
            found = order[i];
            earlier = order[i - 1];
        }
    free(order);
    return found != NULL ? report_reinstatement(expansion, found, earlier) : 0;
}

int expand_sessions(struct expansion *expansion)
{
    int result = -1;
    const struct scenario_node *node = expansion->node;
    uint64_t total = 0;
    struct session_plan *plans = expansion_array(expansion, node->sessions_count, sizeof *plans);
    if (plans == NULL)
        return -1;
    for (size_t i = 0; i < node->sessions_count; i++) {
        if (plan_session(expansion, &plans[i], i) != 0)
            goto out;
        total += (uint64_t)plans[i].initiators.count * plans[i].targets.count * plans[i].count;
        if (total > TOPOLOGY_SESSIONS_MAX) {
            expansion_problem(expansion, node_path("sessions[%zu].count", i).text,
                              "%llu sessions so far (each initiator with each target, count "
                              "times); at most %d are allowed",
                              (unsigned long long)total, TOPOLOGY_SESSIONS_MAX);
            goto out;
        }
    }
    expansion->topology->sessions =
        expansion_array(expansion, (size_t)total, sizeof *expansion->topology->sessions);
    expansion->session_entries =
        expansion_array(expansion, (size_t)total, sizeof *expansion->session_entries);
    expansion->topology->unlisted =
        expansion_array(expansion, (size_t)total, sizeof *expansion->topology->unlisted);
    expansion->session_groups =
        expansion_array(expansion, node->sessions_count, sizeof *expansion->session_groups);
    if (expansion->topology->sessions == NULL || expansion->session_entries == NULL ||
        expansion->topology->unlisted == NULL || expansion->session_groups == NULL)
        goto out;
    for (size_t i = 0; i < node->sessions_count; i++) {
        struct group *group = &expansion->session_groups[i];
        group->first = expansion->topology->session_count;
        if (add_planned(expansion, &plans[i]) != 0)
            goto out;
        group->count = expansion->topology->session_count - group->first;
    }
    result = check_isids(expansion);
out:
    free(plans);
    return result;
}
