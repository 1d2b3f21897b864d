// SPDX-License-Identifier: Apache-2.0
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
    {.id = "required-larger-than-used",
     .clause = "SIZE-8",
     .profile = "windows",
     .what = "the size required is larger than what is used, by any amount",
     .source = "go-win-iscsidsc: some versions of Windows report more than they use"},
    {.id = "size-larger-than-used",
     .clause = "CHANGE-2",
     .profile = "windows",
     .what = "on success *BufferSize stays at what was offered, though less is used",
     .source = "go-win-iscsidsc: some versions of Windows report more than they use"},
    {.id = "large-offer-has-no-access",
     .clause = "SIZE-10",
     .profile = "windows",
     .what = "a very large offer gives ERROR_NOACCESS (998)",
     .source = "go-win-iscsidsc: a very large BufferSize may give ERROR_NOACCESS"},
    {.id = "large-offer-has-no-access",
     .clause = "EMPTY-1",
     .profile = "windows",
     .what = "a very large offer gives ERROR_NOACCESS (998), without sessions too",
     .source = "go-win-iscsidsc: a very large BufferSize may give ERROR_NOACCESS"},
    {.id = "empty-needs-a-buffer",
     .clause = "STATUS-1",
     .profile = "windows",
     .what = "once all sessions are gone, BufferSize 0 is insufficient with count 0 and a size "
             "above 0",
     .source = "hpe-storage/common-host-libs, pull request 2"},
    {.id = "empty-needs-a-buffer",
     .clause = "CHANGE-2",
     .profile = "windows",
     .what =
         "after the last session's logout, sizes below one above 0 are insufficient with count 0",
     .source = "hpe-storage/common-host-libs, pull request 2"},
    {.id = "node-name-is-null",
     .clause = "CONTENT-3",
     .profile = "windows",
     .what = "TargetNodeName is NULL",
     .source =
         "iscsicli SessionList output of builds 7601 and 9600 prints (null) there; hpe-storage, "
         "go-win-iscsidsc and os-win guard for it"},
    {.id = "node-name-is-null",
     .clause = "LAYOUT-2",
     .profile = "windows",
     .what = "TargetNodeName is NULL",
     .source = "iscsicli SessionList output of builds 7601 and 9600 prints (null) there"},
    {.id = "tsid-is-zero-without-connections",
     .clause = "CONTENT-5",
     .profile = "windows",
     .what = "TSID is 00 00 in a session without connections",
     .source = "iscsicli SessionList output of build 9600"},
    {.id = "initiator-address-is-unspecified",
     .clause = "CONTENT-7",
     .profile = "windows",
     .what = "InitiatorAddress is \"0.0.0.0\" or \"::\"",
     .source = "iscsicli SessionList; Get-IscsiSession; the MSFT_iSCSIConnection page"},
    {.id = "initiator-address-is-unspecified",
     .clause = "SIZE-6",
     .profile = "windows",
     .what = "the size required has room for an InitiatorAddress of \"0.0.0.0\" or \"::\"",
     .source = "iscsicli SessionList; Get-IscsiSession; the MSFT_iSCSIConnection page"},
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
