// SPDX-License-Identifier: Apache-2.0
// One size, in bytes, characters or structures, and a subject: judged alike for all of them.
#include "conformance/judge/item_judges.h"

#include "conformance/judge/items.h"
#include "conformance/judge/judging.h"
#include "conformance/transcript/function.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *const items_sets_sufficient[] = {"items-query", "items-fetch", "items-repeat",
                                             "items-sweep", NULL};
const char *const items_sets_insufficient[] = {"items-query", "items-short", "items-sweep", NULL};
const char *const items_sets_required[] = {"items-query", "items-null", "items-short",
                                           "items-sweep", NULL};
const char *const items_sets_fetch[] = {"items-query", "items-fetch", NULL};
const char *const items_sets_null[] = {"items-query", "items-null", NULL};
const char *const items_sets_repeat[] = {"items-query", "items-fetch", "items-repeat", NULL};
const char *const items_sets_all[] = {"items-query", "items-null",   "items-fetch", "items-short",
                                      "items-sweep", "items-repeat", NULL};

static const char NO_SUCCESS[] = "no call succeeded";

static const struct function *function(const struct record *record)
{
    return function_of((enum charset)record->call.charset);
}

static const char *units(const struct record *record, uint64_t count)
{
    return unit_name(function(record)->unit, count);
}

static bool has_buffer(const struct record *record)
{
    return record->call.placement != PLACE_NULL && record_returned(record);
}

// Says ERROR where it is not known what there is to tell; then nothing is judged.
static void need_inventory(const struct evidence *evidence, struct verdict *verdict)
{
    if (evidence->transcript->inventory == NULL)
        verdict_error(verdict, "the transcript does not say which targets there are");
}

// ---- Status

// Did a query about that subject succeed, so that any buffer is enough?
static bool needs_no_room(const struct evidence *evidence, const uint8_t *subject)
{
    for (const struct record *record = evidence_next(evidence, NULL, "items-query"); record != NULL;
         record = evidence_next(evidence, record, "items-query"))
        if (memcmp(record->call.subject, subject, SUBJECT_SIZE) == 0 && record_succeeded(record))
            return true;
    return false;
}

// How much is enough for the call. UINT64_MAX: that is not known.
static uint64_t find_enough(const struct evidence *evidence, const struct record *record)
{
    uint64_t enough = items_required(evidence, record->call.subject);
    if (enough == 0)
        enough = items_room(evidence, record).most;
    if (enough == UINT64_MAX && needs_no_room(evidence, record->call.subject))
        enough = 0;
    return enough;
}

static bool judge_sufficient_of(const struct evidence *evidence, const struct record *record,
                                void *context, struct verdict *verdict)
{
    bool *unknown = context;
    char text[128];
    if (!has_buffer(record))
        return false;
    uint64_t enough = find_enough(evidence, record);
    *unknown = *unknown || enough == UINT64_MAX;
    if (record->call.offered < enough)
        return false;
    if (!record_succeeded(record)) {
        verdict_fail(verdict, record, "%s for %u %s, where %" PRIu64 " are enough",
                     error_code_describe(record->outcome.status, text, sizeof text),
                     record->call.offered, units(record, record->call.offered), enough);
        verdict_expect(verdict, "0 (ERROR_SUCCESS)");
    }
    return true;
}

void judge_items_sufficient(const struct evidence *evidence, struct verdict *verdict)
{
    bool unknown = false;
    need_inventory(evidence, verdict);
    size_t seen = judge_each_record(evidence, judge_sufficient_of, &unknown, verdict);
    judge_seen(evidence, seen, unknown ? BLOCKED_BY_QUERY : BLOCKED_BY_ANY,
               "no call with a sufficient buffer returned", verdict);
}

// An offer of bytes or characters that is below what is said to be required, and yet enough, may
// succeed: what is asked for may be more than what is filled.
static bool judge_insufficient_of(const struct evidence *evidence, const struct record *record,
                                  void *context, struct verdict *verdict)
{
    char text[128];
    (void)context;
    uint32_t required = items_required(evidence, record->call.subject);
    uint64_t least = items_room(evidence, record).least;
    bool impossible = record->call.offered < least;
    bool may_succeed = !impossible && function(record)->unit != UNIT_ELEMENTS;
    if (!record_returned(record) || (!impossible && record->call.offered >= required))
        return false;
    if (!record_insufficient(record) && !(record_succeeded(record) && may_succeed)) {
        uint64_t needed = required > 0 ? required : least;
        verdict_fail(verdict, record, "%s for %u %s",
                     error_code_describe(record->outcome.status, text, sizeof text),
                     record->call.offered, units(record, record->call.offered));
        verdict_expect(verdict, "122 (ERROR_INSUFFICIENT_BUFFER): %" PRIu64 " %s are required",
                       needed, units(record, needed));
    }
    return true;
}

void judge_items_insufficient(const struct evidence *evidence, struct verdict *verdict)
{
    need_inventory(evidence, verdict);
    size_t seen = judge_each_record(evidence, judge_insufficient_of, NULL, verdict);
    if (seen == 0 && verdict->kind == VERDICT_PASS)
        verdict_skip(verdict, "there may be nothing to tell, so that nothing is too small");
}

static bool judge_null_of(const struct evidence *evidence, const struct record *record,
                          void *context, struct verdict *verdict)
{
    (void)context;
    if (record->call.offered == 0) // a query
        return false;
    uint64_t least = items_room(evidence, record).least;
    if (record_succeeded(record) && least > 0) {
        verdict_fail(verdict, record, "success without a buffer, *%s = %u on input",
                     function(record)->size, record->call.offered);
        verdict_expect(verdict, "an error code: there are %" PRIu64 " %s to tell, and nowhere to",
                       least, units(record, least));
    }
    return true;
}

void judge_items_null(const struct evidence *evidence, struct verdict *verdict)
{
    need_inventory(evidence, verdict);
    size_t seen = judge_each_record(evidence, judge_null_of, NULL, verdict);
    if (seen == 0 && verdict->kind == VERDICT_PASS)
        verdict_uncalled(verdict, "no call without a buffer was answered");
}

// ---- Size

// Is it more than a query offered, the same for every offer, and can it be counted in that unit?
static bool judge_required_of(const struct evidence *evidence, const struct record *record,
                              void *context, struct verdict *verdict)
{
    (void)context;
    if (!record_insufficient(record))
        return false;
    uint32_t told = record->outcome.size_out;
    uint32_t required = items_required(evidence, record->call.subject);
    const char *size = function(record)->size;
    struct items_room room = items_room(evidence, record);
    if (required == 0) {
        verdict_fail(verdict, record, "insufficient, with *%s = %u for %u offered", size, told,
                     record->call.offered);
        verdict_expect(verdict, "*%s is what is required, so more than was offered", size);
    } else if (told != required) {
        verdict_fail(verdict, record, "*%s = %u for %u offered, after %u for none", size, told,
                     record->call.offered, required);
        verdict_expect(verdict, "what is required is the same whatever is offered");
    } else if (told < room.least || told > room.ceiling) {
        verdict_fail(verdict, record, "*%s = %u", size, told);
        verdict_expect(verdict, "%" PRIu64 " %s or more%s", room.least, units(record, room.least),
                       told > room.ceiling ? ", but not so many" : "");
    }
    return true;
}

// After a judge that looked for answers to a caller that needs a buffer and found none: says SKIP
// where none is needed, because there is nothing to tell for certain, and the query succeeded.
static void skip_without_need(const struct evidence *evidence, size_t seen, struct verdict *verdict)
{
    const struct record *query = evidence_next(evidence, NULL, "items-query");
    if (seen == 0 && verdict->kind == VERDICT_PASS && query != NULL && record_succeeded(query) &&
        items_room(evidence, query).least == 0)
        verdict_skip(verdict, "there is nothing to tell, so no buffer is required");
}

void judge_items_required(const struct evidence *evidence, struct verdict *verdict)
{
    need_inventory(evidence, verdict);
    size_t seen = judge_each_record(evidence, judge_required_of, NULL, verdict);
    skip_without_need(evidence, seen, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_QUERY,
               "no call was answered with ERROR_INSUFFICIENT_BUFFER", verdict);
}

static bool judge_exact_of(const struct evidence *evidence, const struct record *record,
                           void *context, struct verdict *verdict)
{
    uint32_t required = items_required(evidence, record->call.subject);
    char text[128];
    (void)context;
    if (!has_buffer(record) || required == 0 || record->call.offered != required)
        return false;
    if (!record_succeeded(record)) {
        verdict_fail(verdict, record, "%s for %u %s",
                     error_code_describe(record->outcome.status, text, sizeof text), required,
                     units(record, required));
        verdict_expect(verdict, "0 (ERROR_SUCCESS): the query said that %u are required", required);
    }
    return true;
}

void judge_items_exact(const struct evidence *evidence, struct verdict *verdict)
{
    need_inventory(evidence, verdict);
    size_t seen = judge_each_record(evidence, judge_exact_of, NULL, verdict);
    skip_without_need(evidence, seen, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_QUERY,
               "no query was answered with a size that was then offered", verdict);
}

// ---- Content

// A call that left something in the buffer.
static bool is_success(const struct record *record)
{
    return has_buffer(record) && record_succeeded(record);
}

struct successes {
    judge_items *each;
};

static bool judge_success_of(const struct evidence *evidence, const struct record *record,
                             void *context, struct verdict *verdict)
{
    const struct successes *successes = context;
    return is_success(record) && successes->each(evidence, record, verdict);
}

void judge_each_success(const struct evidence *evidence, judge_items *each, struct verdict *verdict)
{
    struct successes successes = {each};
    need_inventory(evidence, verdict);
    size_t seen = judge_each_record(evidence, judge_success_of, &successes, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_SUCCESS, NO_SUCCESS, verdict);
}

// The first success that is about the subject; NULL: there is none.
static const struct record *first_success(const struct evidence *evidence, const uint8_t *subject)
{
    const struct record *record = evidence_next(evidence, NULL, NULL);
    while (record != NULL &&
           (!is_success(record) || memcmp(record->call.subject, subject, SUBJECT_SIZE) != 0))
        record = evidence_next(evidence, record, NULL);
    return record;
}

// ---- The same answers

static bool same_arguments(const struct call *one, const struct call *other)
{
    return one->placement == other->placement && one->offered == other->offered &&
           memcmp(one->subject, other->subject, SUBJECT_SIZE) == 0;
}

// The first call with the same arguments that returned; it may be that itself.
static const struct record *first_like(const struct evidence *evidence, const struct record *record)
{
    const struct record *first = evidence_next(evidence, NULL, NULL);
    while (!record_returned(first) || !same_arguments(&first->call, &record->call))
        first = evidence_next(evidence, first, NULL);
    return first;
}

// Does it leave the same as the first success that is about the same?
static bool has_same_content(const struct evidence *evidence, const struct record *record,
                             items_equal *equal)
{
    const struct record *first = first_success(evidence, record->call.subject);
    return first->same_as == record->same_as || equal(evidence, first, record);
}

static bool judge_same_of(const struct evidence *evidence, const struct record *record,
                          void *context, struct verdict *verdict)
{
    items_equal *const *equal = context;
    char text[128];
    char before[128];
    char got[320] = "";
    if (!record_returned(record))
        return false;
    const struct record *first = first_like(evidence, record);
    if (first->outcome.status != record->outcome.status)
        snprintf(got, sizeof got, "%s, after %s for the same call",
                 error_code_describe(record->outcome.status, text, sizeof text),
                 error_code_describe(first->outcome.status, before, sizeof before));
    else if (first->outcome.size_out != record->outcome.size_out)
        snprintf(got, sizeof got, "*%s = %u, after %u for the same call", function(record)->size,
                 record->outcome.size_out, first->outcome.size_out);
    else if (is_success(record) && !has_same_content(evidence, record, *equal))
        snprintf(got, sizeof got, "another content than that of an earlier call");
    if (got[0] != '\0') {
        verdict_fail(verdict, record, "%s", got);
        verdict_expect(verdict, "the same answer, as nothing changed");
    }
    return true;
}

void judge_items_same(const struct evidence *evidence, items_equal *equal, struct verdict *verdict)
{
    size_t seen = judge_each_record(evidence, judge_same_of, &equal, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_ANY, "no call returned", verdict);
}

// ---- A and W

struct agreeing {
    struct evidence of_a;
    items_equal *equal;
};

// The first of each subject; whether others are as the first is another clause's business.
static bool judge_agreement_of(const struct evidence *evidence, const struct record *record,
                               void *context, struct verdict *verdict)
{
    const struct agreeing *agreeing = context;
    const struct record *other = first_success(&agreeing->of_a, record->call.subject);
    if (record != first_success(evidence, record->call.subject) || other == NULL)
        return false;
    if (!agreeing->equal(evidence, other, record)) {
        verdict_fail(verdict, record, "%s tells something else than %s", function(record)->name,
                     function(other)->name);
        verdict_expect(verdict, "both tell the same, but for the encoding");
    }
    return true;
}

void judge_items_agree(const struct evidence *evidence, items_equal *equal, struct verdict *verdict)
{
    enum family family = evidence->clause->family;
    struct evidence of_w = evidence_of(evidence, family_charset(family, STRINGS_WIDE));
    struct agreeing agreeing = {evidence_of(evidence, family_charset(family, STRINGS_CHAR)), equal};
    size_t compared = judge_each_record(&of_w, judge_agreement_of, &agreeing, verdict);
    judge_seen(evidence, compared, BLOCKED_BY_SUCCESS, "there are no two answers to compare",
               verdict);
}
