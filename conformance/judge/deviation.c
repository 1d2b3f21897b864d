// The table of known deviations.
#include "conformance/judge/deviation.h"

#include <stddef.h>
#include <string.h>

const struct deviation deviations[] = {
    {.id = "one-byte-less-is-enough",
     .clause = "SIZE-3",
     .profile = "windows",
     .what =
         "the size required is larger than what is needed, so a slightly smaller buffer succeeds",
     .source = "go-win-iscsidsc: some versions of Windows report more than they use"},
    {.id = "size-larger-than-used",
     .clause = "SIZE-5",
     .profile = "windows",
     .what = "on success *BufferSize is larger than what was used, though never more than offered",
     .source = "go-win-iscsidsc: some versions of Windows report more than they use"},
    {.id = "size-larger-than-used",
     .clause = "CHANGE-2",
     .profile = "windows",
     .what = "on success *BufferSize stays at what was offered, though less is used",
     .source = "go-win-iscsidsc: some versions of Windows report more than they use"},
    {.id = "empty-needs-a-buffer",
     .clause = "EMPTY-1",
     .profile = "windows",
     .what =
         "without sessions, BufferSize 0 is insufficient with count 0 and a size above 0, and a "
         "buffer of that size succeeds",
     .source = "hpe-storage/common-host-libs, pull request 2"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct deviation *deviation_tolerated(const char *id, const char *clause, const char *profile)
{
    if (id == NULL)
        return NULL;
    for (const struct deviation *deviation = deviations; deviation->id != NULL; deviation++)
        if (strcmp(deviation->id, id) == 0 && strcmp(deviation->clause, clause) == 0 &&
            strcmp(deviation->profile, profile) == 0)
            return deviation;
    return NULL;
}

int profile_exists(const char *profile)
{
    if (strcmp(profile, "documented") == 0)
        return 1;
    for (const struct deviation *deviation = deviations; deviation->id != NULL; deviation++)
        if (strcmp(deviation->profile, profile) == 0)
            return 1;
    return 0;
}
