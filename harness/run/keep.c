// SPDX-License-Identifier: Apache-2.0
// Copies from a transcript to a result.
#include "harness/run/keep.h"

#include "conformance/judge/evidence.h"
#include "harness/run/judgement.h"

#include <stdlib.h>
#include <string.h>

// The bytes of a record of the transcript, copied at most once. NULL in `*bytes` where there are
// none or too many. 0, or -1 when memory ran out.
static int keep_bytes(struct scenario_result *scenario, const struct transcript *transcript,
                      size_t index, size_t *left, uint8_t **bytes)
{
    *bytes = NULL;
    if (index >= transcript->record_count)
        return 0;
    const struct record *record = &transcript->records[index];
    size_t size = record->outcome.byte_count;
    for (size_t i = 0; i < scenario->kept_count; i++)
        if (scenario->kept[i].index == index)
            *bytes = scenario->kept[i].bytes;
    if (*bytes != NULL || record->bytes == NULL || size == 0 || size > KEPT_BYTES_MAX ||
        size > *left)
        return 0;
    struct kept_bytes *grown =
        realloc(scenario->kept, (scenario->kept_count + 1) * sizeof *scenario->kept);
    if (grown == NULL)
        return -1;
    scenario->kept = grown;
    *bytes = malloc(size);
    if (*bytes == NULL)
        return -1;
    memcpy(*bytes, record->bytes, size);
    scenario->kept[scenario->kept_count++] =
        (struct kept_bytes){.index = index, .size = size, .bytes = *bytes};
    *left -= size;
    return 0;
}

// A list that a call with room to spare left, for reports to compare others with.
static int keep_list(struct scenario_result *scenario, const struct transcript *transcript,
                     enum charset charset, size_t *left)
{
    const struct record *chosen = NULL;
    for (size_t i = 0; i < transcript->record_count; i++) {
        const struct record *record = &transcript->records[i];
        if (record->call.charset == charset && record_succeeded(record) && record->bytes != NULL &&
            strcmp(record->probe_set, "fetch") == 0 &&
            record->outcome.byte_count <= KEPT_BYTES_MAX &&
            (chosen == NULL || record->call.offered > chosen->call.offered))
            chosen = record;
    }
    if (chosen == NULL)
        return 0;
    struct record *list = &scenario->lists[charset];
    *list = *chosen;
    list->said = NULL;
    list->bytes = NULL;
    return keep_bytes(scenario, transcript, (size_t)(chosen - transcript->records), left,
                      &list->bytes);
}

static int compare_points(const void *left, const void *right)
{
    const struct sweep_point *a = left;
    const struct sweep_point *b = right;
    return (a->offered > b->offered) - (a->offered < b->offered);
}

static bool is_point(const struct record *record, enum charset charset)
{
    return record->call.charset == charset && strcmp(record->probe_set, "sweep") == 0;
}

static int keep_sweep(struct scenario_result *scenario, const struct transcript *transcript,
                      enum charset charset)
{
    size_t count = 0;
    for (size_t i = 0; i < transcript->record_count; i++)
        count += is_point(&transcript->records[i], charset);
    struct sweep *sweep = &scenario->sweeps[charset];
    if (count == 0 || sweep->points != NULL)
        return 0;
    sweep->points = calloc(count, sizeof *sweep->points);
    if (sweep->points == NULL)
        return -1;
    for (size_t i = 0; i < transcript->record_count; i++) {
        const struct record *record = &transcript->records[i];
        if (is_point(record, charset))
            sweep->points[sweep->count++] =
                (struct sweep_point){.offered = record->call.offered,
                                     .status = record->outcome.status,
                                     .size_out = record->outcome.size_out,
                                     .kind = record->outcome.kind};
    }
    qsort(sweep->points, sweep->count, sizeof *sweep->points, compare_points);
    return 0;
}

// The first good answers, from sets whose calls are the same in every run.
static void keep_observed(struct scenario_result *scenario, const struct transcript *transcript)
{
    for (size_t i = transcript->record_count; i-- > 0;) {
        const struct record *record = &transcript->records[i];
        if (record->call.charset > CHARSET_W)
            continue;
        struct observation *observed = &scenario->observed[record->call.charset == CHARSET_W];
        if (strcmp(record->probe_set, "query") == 0 && record_insufficient(record)) {
            observed->has_required = true;
            observed->required = record->outcome.size_out;
        } else if (strcmp(record->probe_set, "fetch") == 0 && record_succeeded(record)) {
            observed->has_returned = true;
            observed->returned = record->outcome.size_out;
        }
    }
}

// The texts belong to the transcript, so they are copied.
static int keep_text(struct scenario_result *scenario, const char **text)
{
    if (*text == NULL)
        return 0;
    *text = scenario_result_own(scenario, *text);
    return *text == NULL ? -1 : 0;
}

static int keep_record_texts(struct scenario_result *scenario, struct record *record)
{
    record->source.module = NULL;
    record->stack_image = NULL;
    return keep_text(scenario, &record->circumstance) != 0 ||
                   keep_text(scenario, &record->source.stack) != 0 ||
                   keep_text(scenario, &record->source.function) != 0
               ? -1
               : keep_text(scenario, &record->source.file);
}

static int keep_texts(struct scenario_result *scenario)
{
    for (size_t i = 0; i < scenario->check_count; i++)
        if (scenario->checks[i].verdict.record != NULL &&
            keep_record_texts(scenario, &scenario->checks[i].evidence) != 0)
            return -1;
    for (int charset = CHARSET_A; charset <= CHARSET_W; charset++)
        if (keep_record_texts(scenario, &scenario->lists[charset]) != 0)
            return -1;
    return 0;
}

int keep_for_reports(struct scenario_result *scenario, const struct transcript *transcript)
{
    size_t left = KEPT_BYTES_TOTAL_MAX;
    keep_observed(scenario, transcript);
    for (int charset = CHARSET_A; charset <= CHARSET_W; charset++)
        if (keep_list(scenario, transcript, (enum charset)charset, &left) != 0 ||
            keep_sweep(scenario, transcript, (enum charset)charset) != 0)
            return -1;
    for (size_t i = 0; i < scenario->check_count; i++) {
        struct check *check = &scenario->checks[i];
        if (judgement_broken(check) && check->verdict.record != NULL &&
            keep_bytes(scenario, transcript, check->evidence_index, &left,
                       &check->evidence.bytes) != 0)
            return -1;
    }
    return keep_texts(scenario);
}
