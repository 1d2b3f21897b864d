// The transcript in memory: built up call by call, freed as one.
#include "harness/transcript.h"

#include <stdlib.h>
#include <string.h>

struct transcript *transcript_create(const char *implementation, const char *scenario,
                                     const char *scenario_digest, const char *scenario_summary)
{
    struct transcript *transcript = calloc(1, sizeof *transcript);
    if (transcript == NULL)
        return NULL;
    transcript->kit_version = strdup(TCK_VERSION);
    transcript->implementation = strdup(implementation);
    transcript->scenario = strdup(scenario);
    transcript->scenario_digest = strdup(scenario_digest);
    transcript->scenario_summary = strdup(scenario_summary);
    if (transcript->kit_version == NULL || transcript->implementation == NULL ||
        transcript->scenario == NULL || transcript->scenario_digest == NULL ||
        transcript->scenario_summary == NULL) {
        transcript_free(transcript);
        return NULL;
    }
    return transcript;
}

const char *login_way_name(enum login_way way)
{
    return way == LOGIN_COMMAND ? "command" : "table";
}

void transcript_free(struct transcript *transcript)
{
    if (transcript == NULL)
        return;
    for (size_t i = 0; i < transcript->truth_count; i++)
        truth_free(transcript->truths[i]);
    for (size_t i = 0; i < transcript->record_count; i++) {
        free(transcript->records[i].bytes);
        free(transcript->records[i].said);
    }
    for (size_t i = 0; i < transcript->name_count; i++)
        free(transcript->names[i]);
    free(transcript->truths);
    free(transcript->records);
    free(transcript->names);
    free(transcript->kit_version);
    free(transcript->implementation);
    free(transcript->scenario);
    free(transcript->scenario_digest);
    free(transcript->scenario_summary);
    free(transcript);
}

int transcript_add_truth(struct transcript *transcript, const struct truth *truth)
{
    size_t count = transcript->truth_count;
    struct truth **truths = reallocarray(transcript->truths, count + 1, sizeof(struct truth *));
    if (truths == NULL)
        return -1;
    transcript->truths = truths;
    truths[count] = truth_copy(truth);
    if (truths[count] == NULL)
        return -1;
    transcript->truth_count = count + 1;
    return 0;
}

static int make_room(struct transcript *transcript)
{
    if (transcript->record_count < transcript->record_capacity)
        return 0;
    size_t capacity = transcript->record_capacity == 0 ? 64 : transcript->record_capacity * 2;
    struct record *records =
        reallocarray(transcript->records, capacity, sizeof *transcript->records);
    if (records == NULL)
        return -1;
    transcript->records = records;
    transcript->record_capacity = capacity;
    return 0;
}

int transcript_add(struct transcript *transcript, const char *probe_set, const struct call *call,
                   const struct outcome *outcome, uint8_t *bytes)
{
    if (make_room(transcript) != 0) {
        free(bytes);
        return -1;
    }
    struct record *record = &transcript->records[transcript->record_count++];
    *record = (struct record){
        .probe_set = probe_set, .threads = 1, .call = *call, .outcome = *outcome, .bytes = bytes};
    if (outcome->repeats == 0)
        outcome_single(&record->outcome);
    return 0;
}

struct record *transcript_last(struct transcript *transcript)
{
    return transcript->record_count == 0 ? NULL
                                         : &transcript->records[transcript->record_count - 1];
}

const char *transcript_intern(struct transcript *transcript, const char *text)
{
    for (size_t i = 0; i < transcript->name_count; i++) {
        if (strcmp(transcript->names[i], text) == 0)
            return transcript->names[i];
    }
    if (transcript->names == NULL)
        transcript->names = calloc(TRANSCRIPT_NAMES_MAX, sizeof(char *));
    if (transcript->names == NULL || transcript->name_count == TRANSCRIPT_NAMES_MAX)
        return NULL;
    char *copy = strdup(text);
    if (copy != NULL)
        transcript->names[transcript->name_count++] = copy;
    return copy;
}
