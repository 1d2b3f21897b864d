// SPDX-License-Identifier: Apache-2.0
// Remembers what hung.
#include "harness/probes/hangs.h"

#include <stdio.h>
#include <string.h>

bool hangs_given_up(const struct hangs *hangs, const struct call_kind *kind)
{
    const char *way = kind->way == NULL ? "" : kind->way;
    bool enough = kind->hostile && hangs->hostile >= HANGS_HOSTILE;
    if (hangs->count >= HANGS_MAX)
        return true;
    for (unsigned i = 0; i < hangs->count; i++) {
        const struct hang *hang = &hangs->kinds[i];
        if (strcmp(hang->set, kind->set) == 0 &&
            (enough || (hang->charset == kind->charset &&
                        strncmp(hang->way, way, sizeof hang->way - 1) == 0)))
            return true;
    }
    return false;
}

void hangs_note(struct hangs *hangs, const struct call_kind *kind)
{
    if (hangs->count >= HANGS_MAX)
        return;
    struct hang *hang = &hangs->kinds[hangs->count++];
    hangs->hostile += kind->hostile;
    hang->charset = kind->charset;
    hang->set = kind->set;
    snprintf(hang->way, sizeof hang->way, "%s", kind->way == NULL ? "" : kind->way);
}
