// SPDX-License-Identifier: Apache-2.0
// What can be said of a clause without evidence.
#include "conformance/judge/clause.h"

#include <string.h>

void traits_add(struct traits *traits, const char *initiator_name, const char *target_name,
                bool connectionless)
{
    enum { NAME_MAX_BYTES = 223 };
    traits->sessions = true;
    traits->connectionless |= connectionless;
    traits->connected |= !connectionless;
    traits->long_names |=
        strlen(initiator_name) >= NAME_MAX_BYTES || strlen(target_name) >= NAME_MAX_BYTES;
}

struct traits traits_of_truth(const struct truth *truth)
{
    // Whether it was the smallest of its run is known by what was called.
    struct traits traits = {.smallest = truth->session_count > 0};
    for (size_t i = 0; i < truth->session_count; i++) {
        const struct truth_session *session = &truth->sessions[i];
        traits_add(&traits, session->initiator_name, session->target_node_name,
                   session->connection_count == 0);
    }
    return traits;
}

bool clause_applies(const struct clause *clause, const struct traits *traits)
{
    unsigned needs = clause->needs;
    return !((needs & NEEDS_SESSIONS && !traits->sessions) ||
             (needs & NEEDS_NO_SESSIONS && traits->sessions) ||
             (needs & NEEDS_CONNECTIONLESS && !traits->connectionless) ||
             (needs & NEEDS_LONG_NAMES && !traits->long_names) ||
             (needs & NEEDS_ONCE && !traits->smallest) ||
             (needs & NEEDS_CONNECTED && !traits->connected));
}

enum charset clause_charset(const struct clause *clause, enum strings strings)
{
    enum charset charset = family_charset(clause->family, strings);
    return charset < CHARSETS ? charset : family_charset(clause->family, STRINGS_NONE);
}

static bool holds_name(const char *const *names, const char *name)
{
    for (; names != NULL && *names != NULL; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

bool clause_needs_set(const struct clause *clause, const char *set)
{
    return holds_name(clause->probe_sets, set);
}

bool clause_calls_set(const struct clause *clause, const char *set)
{
    return clause_needs_set(clause, set) || holds_name(clause->more_sets, set);
}

bool clause_compares_with_set(const struct clause *clause, const char *set)
{
    return holds_name(clause->list_sets, set);
}

bool verdict_unjudged(const struct verdict *verdict)
{
    return verdict->kind == VERDICT_SKIP && verdict->blocked_by != NULL;
}

const char *level_name(enum level level)
{
    static const char *const names[] = {"must", "should", "note"};
    return names[level];
}

const char *basis_name(enum basis basis)
{
    static const char *const names[] = {"documented", "implied", "practice"};
    return names[basis];
}

const char *verdict_kind_name(enum verdict_kind kind)
{
    static const char *const names[] = {"pass", "fail", "warn", "known", "skip", "note", "error"};
    return names[kind];
}
