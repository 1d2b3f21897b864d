// SPDX-License-Identifier: Apache-2.0
// The transcript in memory: built up call by call, freed as one.
#include "conformance/transcript/transcript.h"

#include "conformance/base/hash.h"

#include <errno.h>
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
    static const char *const names[] = {"table", "command", "api", "recorded"};
    return names[way];
}

int transcript_load(struct transcript **transcript, FILE *opened, const char *path,
                    struct failure *failure)
{
    *transcript = NULL;
    if (opened == NULL)
        return failure_set(failure, failure_input_status(errno),
                           "transcript %s: cannot be opened: %s; give a file made with "
                           "'iscsidsc-tck run --transcript'",
                           path, strerror(errno));
    int result = transcript_read(transcript, opened, path, failure);
    fclose(opened);
    return result;
}

void transcript_free(struct transcript *transcript)
{
    if (transcript == NULL)
        return;
    for (size_t i = 0; i < transcript->truth_count; i++)
        truth_free(transcript->truths[i]);
    for (size_t i = 0; i < transcript->record_count; i++) {
        free(transcript->records[i].stack_image);
        free(transcript->records[i].said);
    }
    for (size_t i = 0; i < transcript->contents_capacity; i++)
        free(transcript->contents[i].bytes);
    for (size_t i = 0; i < transcript->name_capacity; i++)
        free(transcript->names[i]);
    free(transcript->truths);
    free(transcript->records);
    free(transcript->contents);
    free(transcript->names);
    free(transcript->kit_version);
    free(transcript->implementation);
    free(transcript->scenario);
    free(transcript->scenario_digest);
    free(transcript->scenario_summary);
    inventory_free(transcript->inventory);
    free(transcript);
}

int transcript_add_truth(struct transcript *transcript, const struct truth *truth)
{
    size_t count = transcript->truth_count;
    struct truth **truths = reallocarray(transcript->truths, count + 1, sizeof(struct truth *));
    if (truths == NULL)
        return -1;
    transcript->truths = truths;
    truths[count] = truth_share(truth);
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

// ---- Contents: many calls leave the same bytes, megabytes of them where there are many sessions

// FNV-1a over words of 64 bits, which takes an eighth of the time.
static uint64_t hash_contents(const uint8_t *bytes, uint32_t size)
{
    uint64_t hash = HASH_BEGINNING;
    uint32_t at = 0;
    for (; size - at >= sizeof(uint64_t); at += (uint32_t)sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, bytes + at, sizeof word);
        hash = (hash ^ word) * HASH_PRIME;
        hash ^= hash >> 32; // the product's low bits know nothing of the word's high ones
    }
    return hash_bytes(hash, bytes + at, size - at);
}

// Where these contents stand, or the free place where they are to.
static struct contents *find_contents(const struct contents *wanted, struct contents *table,
                                      size_t capacity)
{
    size_t at = (size_t)wanted->hash & (capacity - 1);
    while (table[at].size != 0 &&
           (table[at].hash != wanted->hash || table[at].size != wanted->size ||
            memcmp(table[at].bytes, wanted->bytes, wanted->size) != 0))
        at = (at + 1) & (capacity - 1);
    return &table[at];
}

// Keeps a quarter of the places free, so that the way to one is short.
static int make_contents_room(struct transcript *transcript)
{
    if (transcript->contents_count < transcript->contents_capacity / 4 * 3)
        return 0;
    size_t capacity = transcript->contents_capacity == 0 ? 64 : transcript->contents_capacity * 2;
    struct contents *table = calloc(capacity, sizeof *table);
    if (table == NULL)
        return -1;
    for (size_t i = 0; i < transcript->contents_capacity; i++)
        if (transcript->contents[i].size != 0)
            *find_contents(&transcript->contents[i], table, capacity) = transcript->contents[i];
    free(transcript->contents);
    transcript->contents = table;
    transcript->contents_capacity = capacity;
    return 0;
}

// Takes over `bytes`; what they are kept as, NULL when memory ran out. `record` is the one that
// they are of.
static const struct contents *keep_contents(struct transcript *transcript, size_t record,
                                            uint8_t *bytes, uint32_t size)
{
    struct contents contents = {hash_contents(bytes, size), size, record, bytes};
    if (make_contents_room(transcript) != 0) {
        free(bytes);
        return NULL;
    }
    struct contents *place =
        find_contents(&contents, transcript->contents, transcript->contents_capacity);
    if (place->size != 0) {
        free(bytes);
        return place;
    }
    *place = contents;
    transcript->contents_count++;
    return place;
}

int transcript_add(struct transcript *transcript, const char *probe_set, const struct call *call,
                   const struct outcome *outcome, uint8_t *bytes)
{
    size_t number = transcript->record_count;
    struct contents none = {.record = number};
    const struct contents *contents = &none;
    if (make_room(transcript) != 0) {
        free(bytes);
        return -1;
    }
    if (outcome->byte_count > 0)
        contents = keep_contents(transcript, number, bytes, outcome->byte_count);
    if (contents == NULL)
        return -1;
    struct record *record = &transcript->records[transcript->record_count++];
    *record = (struct record){.probe_set = probe_set,
                              .threads = 1,
                              .call = *call,
                              .outcome = *outcome,
                              .bytes = contents->bytes,
                              .same_as = contents->record};
    if (outcome->repeats == 0)
        outcome_single(&record->outcome);
    return 0;
}

struct record *transcript_last(struct transcript *transcript)
{
    return transcript->record_count == 0 ? NULL
                                         : &transcript->records[transcript->record_count - 1];
}

// ---- Texts that many records have

// Where this text stands, or the free place where it is to.
static char **find_name(char **table, size_t capacity, const char *text)
{
    size_t at = (size_t)hash_bytes(HASH_BEGINNING, text, strlen(text)) & (capacity - 1);
    while (table[at] != NULL && strcmp(table[at], text) != 0)
        at = (at + 1) & (capacity - 1);
    return &table[at];
}

// Keeps a quarter of the places free, as of contents.
static int make_name_room(struct transcript *transcript)
{
    if (transcript->name_count < transcript->name_capacity / 4 * 3)
        return 0;
    size_t capacity = transcript->name_capacity == 0 ? 64 : transcript->name_capacity * 2;
    char **table = calloc(capacity, sizeof *table);
    if (table == NULL)
        return -1;
    for (size_t i = 0; i < transcript->name_capacity; i++)
        if (transcript->names[i] != NULL)
            *find_name(table, capacity, transcript->names[i]) = transcript->names[i];
    free(transcript->names);
    transcript->names = table;
    transcript->name_capacity = capacity;
    return 0;
}

const char *transcript_intern(struct transcript *transcript, const char *text)
{
    if (make_name_room(transcript) != 0)
        return NULL;
    char **place = find_name(transcript->names, transcript->name_capacity, text);
    if (*place == NULL) {
        *place = strdup(text);
        transcript->name_count += *place != NULL;
    }
    return *place;
}
