// SPDX-License-Identifier: Apache-2.0
// Tells findings apart.
#include "harness/fuzz/finding.h"

#include "conformance/base/hash.h"
#include "conformance/base/text.h"
#include "conformance/judge/evidence.h"
#include "conformance/transcript/circumstance.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What the sessions required when the call was made, as a query was told; 0: none was.
static uint32_t told_before(const struct transcript *replayed, const struct record *record)
{
    uint32_t told = 0;
    for (size_t i = 0; i < replayed->record_count; i++) {
        const struct record *query = &replayed->records[i];
        if (query->call.charset == record->call.charset && query->call.offered == 0 &&
            record_insufficient(query) &&
            (told == 0 || query->outcome.began_ns <= record->outcome.began_ns))
            told = query->outcome.size_out;
    }
    return told;
}

static const char *size_class(const struct transcript *replayed, const struct record *record)
{
    uint32_t offered = record->call.offered;
    uint32_t told = told_before(replayed, record);
    if (offered == 0)
        return "0 bytes";
    if (told == 0)
        return "some bytes";
    return offered < told ? "too few" : offered == told ? "exact" : "more";
}

// The call as it was made, without its numbers.
static void describe_shape(const struct transcript *replayed, const struct record *record,
                           char *shape, size_t size)
{
    static const char *const placements[] = {"null", "end", "start", "middle", "exact"};
    snprintf(shape, size, "%s, %s", placements[record->call.placement],
             size_class(replayed, record));
    if (!record_legitimate(record))
        report_append(shape, size, ", unaligned or NULL %u", (unsigned)record->call.flags);
    if (record->threads > 1)
        report_append(shape, size, ", threads");
    if (record_under_prefix(record, CIRCUMSTANCE_AFTER_EVENT))
        report_append(shape, size, ", after a change");
}

struct finding_kind finding_kind_of(const struct check *check, const struct transcript *replayed)
{
    struct finding_kind kind = {.clause = check->clause,
                                .symptom = symptom_of(check->verdict.record)};
    if (check->verdict.record != NULL && check->evidence_index < replayed->record_count)
        describe_shape(replayed, &replayed->records[check->evidence_index], kind.shape,
                       sizeof kind.shape);
    return kind;
}

uint64_t finding_digest(const struct finding_kind *kind)
{
    uint64_t hash = hash_bytes(HASH_BEGINNING, kind->clause->id, strlen(kind->clause->id) + 1);
    const uint8_t symptom = (uint8_t)kind->symptom;
    hash = hash_bytes(hash, &symptom, 1);
    return hash_bytes(hash, kind->shape, strlen(kind->shape));
}

void finding_name(const struct finding_kind *kind, char name[static FINDING_NAME_SIZE])
{
    uint64_t digest = finding_digest(kind);
    snprintf(name, FINDING_NAME_SIZE, "%s-%08" PRIx32, kind->clause->id,
             (uint32_t)(digest ^ digest >> 32));
}

bool finding_is_cause(const struct check *check)
{
    return check->judged &&
           (check->verdict.kind == VERDICT_FAIL || check->verdict.kind == VERDICT_WARN) &&
           check->verdict.consequence_of == NULL;
}

const struct check *finding_check(const struct scenario_result *scenario,
                                  const struct clause *clause, enum symptom symptom)
{
    for (size_t i = 0; i < scenario->check_count; i++) {
        const struct check *check = &scenario->checks[i];
        if (check->clause == clause && check->judged &&
            (check->verdict.kind == VERDICT_FAIL || check->verdict.kind == VERDICT_WARN) &&
            symptom_of(check->verdict.record) == symptom)
            return check;
    }
    return NULL;
}

bool findings_have(const struct findings_seen *seen, const struct finding_kind *kind)
{
    uint64_t digest = finding_digest(kind);
    for (size_t i = 0; i < seen->count; i++)
        if (seen->digests[i] == digest)
            return true;
    return false;
}

bool findings_note(struct findings_seen *seen, const struct finding_kind *kind, bool *exhausted)
{
    if (findings_have(seen, kind))
        return true;
    uint64_t *grown = reallocarray(seen->digests, seen->count + 1, sizeof *grown);
    if (grown == NULL) {
        *exhausted = true;
        return true;
    }
    seen->digests = grown;
    seen->digests[seen->count++] = finding_digest(kind);
    return false;
}

void findings_free(struct findings_seen *seen)
{
    free(seen->digests);
    *seen = (struct findings_seen){0};
}
