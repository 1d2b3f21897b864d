// Says which transcripts can't be replayed.
#include "harness/run/replay.h"

int replay_check(const struct transcript *recorded, const char *path, struct failure *failure)
{
    if (recorded->login == LOGIN_API)
        return failure_set(failure, STATUS_USAGE,
                           "%s: it can't be replayed: the sessions were made by functions of the "
                           "library, and have the identifiers that these gave them; the command "
                           "judge can judge it",
                           path);
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
