// SPDX-License-Identifier: Apache-2.0
// Shows a judge the records that are its business, decoded on demand.
#include "conformance/judge/evidence.h"

#include "conformance/judge/deviation.h"
#include "conformance/judge/symptom.h"
#include "conformance/transcript/circumstance.h"
#include "conformance/transcript/error_codes.h"

#include <stdlib.h>
#include <string.h>

// Where the records of a set of probes in one charset are: all of them are at `first` or behind it,
// and before `end`.
struct span {
    const char *set;
    enum charset charset;
    size_t first;
    size_t end;
};

// What was found out about the sessions of one truth.
struct moment {
    bool has_digest;
    uint64_t digest;          // of the sessions
    bool has_asked[CHARSETS]; // it was looked for
    uint32_t asked[CHARSETS]; // the size required, as a query was told; 0: none was
};

struct evidence_store {
    const struct transcript *transcript;
    struct span *spans;
    size_t span_count;
    const struct span *latest[CHARSETS]; // the one that was asked for last
    size_t *moments;                     // by record: the number of the truth in force
    struct moment *known;                // by truth
    size_t *examples;          // by record: the first one with the same list, which is looked at
    struct listing **listings; // by record; NULL until asked for
    struct matching **matchings;
    struct quiet *quiet[CHARSETS]; // NULL until asked for
    bool exhausted;
};

// The number of the truth in force.
static size_t moment_of(const struct transcript *transcript, const struct record *record)
{
    size_t moment = 0;
    for (size_t i = 1; i < transcript->truth_count; i++)
        if (transcript->truths[i]->settled_ns <= record->outcome.began_ns)
            moment = i;
    return moment;
}

// Did both calls leave the same list, to be held against the same truth?
static bool is_same_list(const struct evidence_store *store, size_t one, size_t other)
{
    const struct record *a = &store->transcript->records[one];
    const struct record *b = &store->transcript->records[other];
    return a->same_as == b->same_as && a->call.charset == b->call.charset &&
           a->call.offered == b->call.offered && a->outcome.base == b->outcome.base &&
           a->outcome.size_out == b->outcome.size_out &&
           a->outcome.count_out == b->outcome.count_out &&
           store->moments[one] == store->moments[other];
}

// Of each record that left bytes, the example: where many calls left the same list, it is decoded
// once. `latest` has the last example of each contents, by their first record.
static void find_examples(struct evidence_store *store, size_t *latest)
{
    for (size_t i = 0; i < store->transcript->record_count; i++) {
        const struct record *record = &store->transcript->records[i];
        size_t first = record->same_as;
        store->examples[i] = i;
        if (record->bytes == NULL)
            continue;
        if (first < i && is_same_list(store, latest[first], i))
            store->examples[i] = latest[first];
        latest[first] = store->examples[i];
    }
}

// The span of that set in that charset; NULL: it has no records.
static struct span *find_span(const struct evidence_store *store, const char *set,
                              enum charset charset)
{
    for (size_t i = 0; i < store->span_count; i++) {
        struct span *span = &store->spans[i];
        if (span->charset == charset && (span->set == set || strcmp(span->set, set) == 0))
            return span;
    }
    return NULL;
}

// As find_span: a judge asks for one set again and again, so the last one is remembered. There is
// none of a function that does not exist, such as one without strings of a family that has A and W.
static const struct span *span_of(struct evidence_store *store, const char *set,
                                  enum charset charset)
{
    if (charset >= CHARSETS)
        return NULL;
    const struct span **latest = &store->latest[charset];
    if (*latest == NULL || strcmp((*latest)->set, set) != 0)
        *latest = find_span(store, set, charset);
    return *latest;
}

static bool find_spans(struct evidence_store *store)
{
    const struct transcript *transcript = store->transcript;
    struct span *span = NULL;
    for (size_t i = 0; i < transcript->record_count; i++) {
        const char *set = transcript->records[i].probe_set;
        enum charset charset = (enum charset)transcript->records[i].call.charset;
        if (span == NULL || span->set != set || span->charset != charset)
            span = find_span(store, set, charset);
        if (span == NULL) {
            struct span *more =
                realloc(store->spans, (store->span_count + 1) * sizeof *store->spans);
            if (more == NULL)
                return false;
            store->spans = more;
            span = &store->spans[store->span_count++];
            *span = (struct span){.set = set, .charset = charset, .first = i};
        }
        span->end = i + 1;
    }
    return true;
}

struct evidence_store *evidence_store_create(const struct transcript *transcript)
{
    struct evidence_store *store = calloc(1, sizeof *store);
    if (store == NULL)
        return NULL;
    store->transcript = transcript;
    store->examples = calloc(transcript->record_count + 1, sizeof *store->examples);
    store->listings = calloc(transcript->record_count + 1, sizeof(struct listing *));
    store->matchings = calloc(transcript->record_count + 1, sizeof(struct matching *));
    store->moments = calloc(transcript->record_count + 1, sizeof *store->moments);
    store->known = calloc(transcript->truth_count + 1, sizeof *store->known);
    size_t *latest = calloc(transcript->record_count + 1, sizeof *latest);
    bool good = store->examples != NULL && store->listings != NULL && store->matchings != NULL &&
                store->moments != NULL && store->known != NULL && latest != NULL &&
                find_spans(store);
    if (good) {
        for (size_t i = 0; i < transcript->record_count; i++)
            store->moments[i] = moment_of(transcript, &transcript->records[i]);
        find_examples(store, latest);
    }
    free(latest);
    if (good)
        return store;
    evidence_store_free(store);
    return NULL;
}

void evidence_store_free(struct evidence_store *store)
{
    if (store == NULL)
        return;
    for (size_t i = 0; i < store->transcript->record_count; i++) {
        if (store->listings != NULL)
            listing_free(store->listings[i]);
        if (store->matchings != NULL)
            matching_free(store->matchings[i]);
    }
    free(store->spans);
    free(store->moments);
    free(store->known);
    free(store->examples);
    free(store->listings);
    free(store->matchings);
    for (int charset = 0; charset < CHARSETS; charset++)
        free(store->quiet[charset]);
    free(store);
}

static bool in_scope(const struct evidence *evidence, const struct record *record)
{
    enum clause_scope scope = evidence->clause->scope;
    return scope == SCOPE_EVERY ||
           (scope == SCOPE_QUIET &&
            (evidence->later ? record_settled(record) : record_quiet(record)));
}

const struct record *evidence_next(const struct evidence *evidence, const struct record *after,
                                   const char *set)
{
    const struct transcript *transcript = evidence->transcript;
    size_t first = 0;
    size_t count = transcript->record_count;
    if (set != NULL && evidence->store != NULL) {
        const struct span *span = span_of(evidence->store, set, evidence->charset);
        if (span == NULL)
            return NULL;
        first = span->first;
        count = span->end;
    }
    const struct record *end = transcript->records + count;
    const struct record *record = after == NULL ? transcript->records + first : after + 1;
    const char *last = NULL; // the records of a set stand together, and have one text
    bool wanted = false;
    for (; record < end; record++) {
        if (record->call.charset != evidence->charset ||
            (evidence->only != NULL && !record_under(record, evidence->only)))
            continue;
        if (record->probe_set != last)
            wanted = set != NULL ? strcmp(record->probe_set, set) == 0
                                 : clause_needs_set(evidence->clause, record->probe_set);
        last = record->probe_set;
        if (wanted || (set == NULL && in_scope(evidence, record)))
            return record;
    }
    return NULL;
}

size_t judge_each_record(const struct evidence *evidence, judge_record *each, void *context,
                         struct verdict *verdict)
{
    size_t judged = 0;
    const struct record *record = evidence_next(evidence, NULL, NULL);
    if (verdict->kind != VERDICT_PASS)
        return 0;
    for (; record != NULL && verdict->kind == VERDICT_PASS;
         record = evidence_next(evidence, record, NULL))
        judged += each(evidence, record, context, verdict);
    if (verdict->kind != VERDICT_FAIL)
        return judged;
    // In what other ways is it broken? Calls that went wrong in a way known already say no more.
    unsigned symptoms = (unsigned)symptom_of(verdict->record);
    for (; record != NULL; record = evidence_next(evidence, record, NULL)) {
        struct verdict more = {.kind = VERDICT_PASS};
        if ((symptoms & (unsigned)symptom_of(record)) != 0)
            continue;
        each(evidence, record, context, &more);
        if (more.kind == VERDICT_FAIL &&
            deviation_tolerated(more.deviation, evidence->clause->id, evidence->profile) == NULL)
            symptoms |= (unsigned)symptom_of(more.record);
    }
    verdict->symptoms |= symptoms;
    return judged;
}

struct evidence evidence_of(const struct evidence *evidence, enum charset charset)
{
    struct evidence other = *evidence;
    other.charset = charset;
    if (evidence->abi != NULL)
        other.abi = abi_of_function(evidence->abi->pointer_size, charset);
    return other;
}

const struct truth *evidence_first_truth(const struct evidence *evidence)
{
    return evidence->transcript->truths[0];
}

const struct truth *evidence_query_truth(const struct evidence *evidence)
{
    const struct record *query = evidence_next(evidence, NULL, "query");
    return query == NULL ? evidence_first_truth(evidence) : evidence_truth(evidence, query);
}

static size_t evidence_moment(const struct evidence *evidence, const struct record *record)
{
    return evidence->store == NULL
               ? moment_of(evidence->transcript, record)
               : evidence->store->moments[record - evidence->transcript->records];
}

const struct truth *evidence_truth(const struct evidence *evidence, const struct record *record)
{
    return evidence->transcript->truths[evidence_moment(evidence, record)];
}

// Distinguishes the sessions of a truth; found once.
static uint64_t moment_digest(const struct evidence *evidence, size_t moment)
{
    const struct truth *truth = evidence->transcript->truths[moment];
    if (evidence->store == NULL)
        return truth_digest(truth);
    struct moment *known = &evidence->store->known[moment];
    if (!known->has_digest)
        known->digest = truth_digest(truth);
    known->has_digest = true;
    return known->digest;
}

static bool same_moments(const struct evidence *evidence, size_t one, size_t other)
{
    return one == other || (evidence->transcript->truths[one]->session_count ==
                                evidence->transcript->truths[other]->session_count &&
                            moment_digest(evidence, one) == moment_digest(evidence, other));
}

bool evidence_same_sessions(const struct evidence *evidence, const struct record *one,
                            const struct record *other)
{
    return same_moments(evidence, evidence_moment(evidence, one), evidence_moment(evidence, other));
}

bool evidence_as_queried(const struct evidence *evidence, const struct record *record)
{
    const struct record *query = evidence_next(evidence, NULL, "query");
    return same_moments(evidence, evidence_moment(evidence, record),
                        query == NULL ? 0 : evidence_moment(evidence, query));
}

// Was the size required told, and more than was offered?
static bool was_asked(const struct record *query)
{
    return record_insufficient(query) && query->outcome.size_out > query->call.offered;
}

// The size that the first such query at those sessions was told; 0: none was.
static uint32_t find_asked(const struct evidence *evidence, size_t moment)
{
    for (const struct record *query = evidence_next(evidence, NULL, "query"); query != NULL;
         query = evidence_next(evidence, query, "query"))
        if (was_asked(query) && same_moments(evidence, evidence_moment(evidence, query), moment))
            return query->outcome.size_out;
    return 0;
}

bool evidence_asked(const struct evidence *evidence, const struct record *record,
                    uint32_t *required)
{
    size_t moment = evidence_moment(evidence, record);
    if (evidence->store == NULL || evidence->only != NULL) {
        *required = find_asked(evidence, moment);
        return *required > 0;
    }
    struct moment *known = &evidence->store->known[moment];
    if (!known->has_asked[evidence->charset])
        known->asked[evidence->charset] = find_asked(evidence, moment);
    known->has_asked[evidence->charset] = true;
    *required = known->asked[evidence->charset];
    return *required > 0;
}

bool evidence_required(const struct evidence *evidence, uint32_t *required)
{
    for (const struct record *record = evidence_next(evidence, NULL, "query"); record != NULL;
         record = evidence_next(evidence, record, "query")) {
        if (!was_asked(record))
            continue;
        *required = record->outcome.size_out;
        return true;
    }
    return false;
}

int evidence_measure(const struct evidence *evidence, const struct truth *truth,
                     struct measure *measure)
{
    return measure_truth_in(measure, truth, evidence->abi, evidence->charset,
                            evidence->transcript->hello.code_page);
}

const struct listing *evidence_listing(const struct evidence *evidence, const struct record *record)
{
    if (!record_succeeded(record))
        return NULL;
    struct evidence_store *store = evidence->store;
    size_t index = store->examples[record - store->transcript->records];
    if (store->listings[index] == NULL) {
        store->listings[index] =
            listing_decode(record, evidence->abi, store->transcript->hello.code_page);
        if (store->listings[index] == NULL)
            evidence_exhaust(evidence);
    }
    return store->listings[index];
}

const struct matching *evidence_matching(const struct evidence *evidence,
                                         const struct record *record)
{
    const struct listing *listing = evidence_listing(evidence, record);
    if (listing == NULL)
        return NULL;
    struct evidence_store *store = evidence->store;
    size_t index = store->examples[record - store->transcript->records];
    if (store->matchings[index] == NULL) {
        store->matchings[index] = matching_create(listing, evidence_truth(evidence, record));
        if (store->matchings[index] == NULL)
            evidence_exhaust(evidence);
    }
    return store->matchings[index];
}

size_t evidence_pieces(const struct evidence *evidence, const struct listing *listing,
                       struct piece **pieces)
{
    long count = listing_pieces(listing, evidence->abi, pieces);
    if (count >= 0)
        return (size_t)count;
    evidence_exhaust(evidence);
    return 0;
}

struct quiet **evidence_quiet(const struct evidence *evidence)
{
    return &evidence->store->quiet[evidence->charset];
}

const struct record *evidence_example(const struct evidence *evidence, const struct record *record)
{
    const struct record *records = evidence->store->transcript->records;
    return &records[evidence->store->examples[record - records]];
}

bool evidence_is_example(const struct evidence *evidence, const struct record *record)
{
    return evidence_example(evidence, record) == record;
}

void evidence_exhaust(const struct evidence *evidence)
{
    evidence->store->exhausted = true;
}

void evidence_recover(const struct evidence *evidence)
{
    evidence->store->exhausted = false;
}

bool evidence_exhausted(const struct evidence *evidence)
{
    return evidence->store->exhausted;
}

bool record_returned(const struct record *record)
{
    return record->outcome.kind == OUTCOME_RETURNED;
}

bool record_succeeded(const struct record *record)
{
    return record_returned(record) && record->outcome.status == ERROR_SUCCESS;
}

bool record_insufficient(const struct record *record)
{
    return record_returned(record) && record->outcome.status == ERROR_INSUFFICIENT_BUFFER;
}

bool record_asks_for_none(const struct record *record)
{
    return record_insufficient(record) && record->outcome.count_out == 0 &&
           record->outcome.size_out > record->call.offered;
}

bool record_usual_count(const struct record *record, const struct abi *abi)
{
    return (record->call.flags & CALL_COUNT_NULL) == 0 &&
           record->call.count_in == record->call.offered / abi->session_size;
}

bool record_quiet(const struct record *record)
{
    return record->threads <= 1 && record->circumstance == NULL;
}

bool record_settled(const struct record *record)
{
    return record->threads <= 1 && !record_under(record, CIRCUMSTANCE_CHANGING) &&
           !record_under_prefix(record, CIRCUMSTANCE_SOURCE);
}

bool record_under(const struct record *record, const char *circumstance)
{
    return record->circumstance != NULL && strcmp(record->circumstance, circumstance) == 0;
}

bool record_under_prefix(const struct record *record, const char *prefix)
{
    return record->circumstance != NULL &&
           strncmp(record->circumstance, prefix, strlen(prefix)) == 0;
}

bool record_legitimate(const struct record *record)
{
    const struct call *call = &record->call;
    bool aligned = call->placement == PLACE_NULL || call->placement == PLACE_END ||
                   call->placement == PLACE_START ||
                   (call->placement == PLACE_MIDDLE && call->misalignment % 8 == 0) ||
                   (call->placement == PLACE_EXACT && call->offered % 8 == 0);
    return aligned && (call->flags & (CALL_SIZE_NULL | CALL_COUNT_NULL)) == 0;
}

bool record_plain(const struct record *record, const struct abi *abi)
{
    return record->call.placement != PLACE_NULL && record_legitimate(record) &&
           record_usual_count(record, abi);
}
