// Remembers what hung.
#include "harness/probes/hangs.h"

#include <stdio.h>
#include <string.h>

bool hangs_given_up(const struct hangs *hangs, const struct call_kind *kind)
{
    const char *way = kind->way == NULL ? "" : kind->way;
    if (hangs->count >= HANGS_MAX || (kind->hostile && hangs->hostile >= HANGS_HOSTILE))
        return true;
    for (unsigned i = 0; i < hangs->count; i++) {
        const struct hang *hang = &hangs->kinds[i];
        if (hang->charset == kind->charset && strcmp(hang->set, kind->set) == 0 &&
            strncmp(hang->way, way, sizeof hang->way - 1) == 0)
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
