// SPDX-License-Identifier: Apache-2.0
// Walks the matched sessions of lists.
#include "conformance/judge/pairs.h"

#include "conformance/judge/judging.h"

struct visit {
    visit_pair *each;
    void *context;
    size_t seen;
};

static bool visit_record(const struct evidence *evidence, const struct record *record,
                         void *context, struct verdict *verdict)
{
    struct visit *visit = context;
    if (record->call.placement == PLACE_NULL || !record_legitimate(record))
        return false;
    const struct listing *listing = evidence_listing(evidence, record);
    const struct matching *matching = evidence_matching(evidence, record);
    if (listing == NULL || matching == NULL || !evidence_is_example(evidence, record))
        return false;
    const struct truth *truth = evidence_truth(evidence, record);
    for (size_t i = 0; i < listing->session_count && verdict->kind == VERDICT_PASS; i++) {
        if (matching->truth_of[i] == NOT_MATCHED)
            continue;
        struct pair pair = {evidence, record, i, &listing->sessions[i],
                            &truth->sessions[matching->truth_of[i]]};
        visit->seen++;
        visit->each(&pair, visit->context, verdict);
    }
    return true;
}

size_t visit_each_pair(const struct evidence *evidence, visit_pair *each, void *context,
                       struct verdict *verdict)
{
    struct visit visit = {.each = each, .context = context};
    judge_each_record(evidence, visit_record, &visit, verdict);
    return visit.seen;
}

struct plain_visit {
    judge_pair *each;
};

static void visit_plainly(const struct pair *pair, void *context, struct verdict *verdict)
{
    const struct plain_visit *plain = context;
    plain->each(pair, verdict);
}

void judge_each_pair(const struct evidence *evidence, struct verdict *verdict, judge_pair *each)
{
    struct plain_visit plain = {each};
    size_t seen = visit_each_pair(evidence, visit_plainly, &plain, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_LIST, "no list had a session in it that exists", verdict);
}
