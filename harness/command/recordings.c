// SPDX-License-Identifier: Apache-2.0
// Loads the recorded sessions of scenarios.
#include "harness/command/recordings.h"

#include "harness/command/transcripts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Where the scenario's recording is; malloc'ed; NULL with the failure.
static char *find(const struct scenario *scenario, struct failure *failure)
{
    static const char *const endings[] = {".jsonl.gz", ".jsonl"};
    const char *slash = strrchr(scenario->path, '/');
    int folder = slash == NULL ? 0 : (int)(slash + 1 - scenario->path);
    char *path = NULL;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        free(path);
        if (asprintf(&path, "%.*srecorded/%s%s", folder, scenario->path, scenario->name,
                     endings[i]) < 0) {
            failure_set(failure, STATUS_UNTRUSTED, "out of memory");
            return NULL;
        }
        if (access(path, F_OK) == 0)
            return path;
    }
    failure_set(failure, STATUS_USAGE,
                "--offline: there are no recorded sessions of the scenario %s: %s is not there; "
                "record them where tgtd runs ('iscsidsc-tck run -s %s --transcript %.*srecorded'), "
                "or leave the scenario out",
                scenario->name, path, scenario->path, folder, scenario->path);
    free(path);
    return NULL;
}

static int check(const struct scenario *scenario, const struct transcript *transcript,
                 const char *path, struct failure *failure)
{
    if (transcript->login == LOGIN_TABLE && strcmp(transcript->scenario, scenario->name) == 0 &&
        strcmp(transcript->scenario_digest, scenario->digest) == 0)
        return 0;
    if (transcript->login != LOGIN_TABLE)
        return failure_set(failure, STATUS_USAGE,
                           "--offline: %s was recorded with login by %s, not with the kit's own "
                           "sessions; record it without --login and --offline",
                           path, login_way_name(transcript->login));
    return failure_set(failure, STATUS_USAGE,
                       "--offline: %s is not of the scenario in %s as it is now; record it anew "
                       "where tgtd runs: 'iscsidsc-tck run -s' with that file, and '--transcript' "
                       "with the folder of the recording",
                       path, scenario->path);
}

static int load(struct truth **truth, const char *path, const struct scenario *scenario,
                struct failure *failure)
{
    struct transcript *transcript = NULL;
    if (transcripts_read(&transcript, path, failure) != 0)
        return -1;
    int result = check(scenario, transcript, path, failure);
    if (result == 0)
        *truth = truth_share(transcript->truths[0]);
    transcript_free(transcript);
    return result;
}

int recordings_load(struct recordings *recordings, const struct scenarios *scenarios,
                    struct failure *failure)
{
    recordings->items = calloc(scenarios->count, sizeof(struct truth *));
    recordings->paths = calloc(scenarios->count, sizeof(char *));
    if (recordings->items == NULL || recordings->paths == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    for (size_t i = 0; i < scenarios->count; i++) {
        recordings->count++;
        recordings->paths[i] = find(scenarios->items[i], failure);
        if (recordings->paths[i] == NULL ||
            load(&recordings->items[i], recordings->paths[i], scenarios->items[i], failure) != 0)
            return -1;
    }
    return 0;
}

void recordings_add_inputs(const struct recordings *recordings, struct files *files)
{
    for (size_t i = 0; i < recordings->count; i++)
        files_add_input(files, "--offline", recordings->paths[i]);
}

void recordings_free(struct recordings *recordings)
{
    for (size_t i = 0; i < recordings->count; i++)
        truth_free(recordings->items[i]);
    for (size_t i = 0; i < recordings->count; i++)
        free(recordings->paths[i]);
    free(recordings->items);
    free(recordings->paths);
    *recordings = (struct recordings){0};
}
