// SPDX-License-Identifier: Apache-2.0
// Says which transcripts can't be replayed.
#include "harness/run/replay.h"

#include "harness/probes/probes.h"

#include <string.h>

// A transcript is kept in a file with the name of its scenario: one that leads elsewhere, or that
// no terminal shows, is nobody's.
static int check_name(const struct transcript *recorded, const char *path, struct failure *failure)
{
    const char *name = recorded->scenario;
    bool good = name[0] != '.' && strchr(name, '/') == NULL;
    for (const char *at = name; *at != '\0' && good; at++)
        good = (unsigned char)*at >= 0x20 && *at != 0x7F;
    return good ? 0
                : failure_set(failure, STATUS_USAGE,
                              "%s: its name \"%s\" can't be that of a file: it must not begin with "
                              "a dot, nor have slashes or control characters",
                              path, name);
}

// Which clauses look at a call of a case goes by its set.
static int check_sets(const struct transcript *recorded, const char *path, struct failure *failure)
{
    for (size_t i = 0; i < recorded->record_count && recorded->calls_only; i++)
        if (probe_set_find(recorded->records[i].probe_set) == NULL)
            return failure_set(failure, STATUS_USAGE,
                               "%s: call %zu: no such set of probes: \"%s\"; docs/case.md names "
                               "those of calls",
                               path, i + 1, recorded->records[i].probe_set);
    return 0;
}

int replay_check(const struct transcript *recorded, const char *path, struct failure *failure)
{
    if (recorded->login == LOGIN_API)
        return failure_set(failure, STATUS_USAGE,
                           "%s: it can't be replayed: the sessions were made by functions of the "
                           "library, and have the identifiers that these gave them; the command "
                           "judge can judge it",
                           path);
    if (check_name(recorded, path, failure) != 0 || check_sets(recorded, path, failure) != 0)
        return -1;
    for (size_t i = 0; i < recorded->truth_count; i++) {
        unsigned unknown = truth_unknown(recorded->truths[i]);
        char names[128];
        if (unknown == 0)
            continue;
        truth_fact_names(unknown, names, sizeof names);
        return failure_set(failure, STATUS_USAGE,
                           "%s: it can't be replayed: its sessions were made by another initiator, "
                           "and the transcript does not have all that a session table says of them "
                           "(%s); the command judge can judge it",
                           path, names);
    }
    return 0;
}
