// SPDX-License-Identifier: Apache-2.0
// FAULT: the source of sessions fails.
#include "conformance/clauses/groups.h"
#include "conformance/judge/consistency.h"
#include "conformance/judge/judging.h"
#include "conformance/judge/quiet.h"
#include "conformance/transcript/circumstance.h"

#include <stdio.h>

static bool judge_damaged_of(const struct evidence *evidence, const struct record *record,
                             void *context, struct verdict *verdict)
{
    (void)evidence;
    if (!record_under_prefix(record, context) || !record_returned(record))
        return false;
    if (record_succeeded(record)) {
        verdict_fail(verdict, record, "0 (ERROR_SUCCESS), *SessionCount = %u",
                     record->outcome.count_out);
        verdict_expect(verdict, "an error code, such as 0xEFFF0013; %s", record->circumstance);
    } else if (record_insufficient(record)) {
        verdict_fail(verdict, record, "122 (ERROR_INSUFFICIENT_BUFFER), *BufferSize = %u",
                     record->outcome.size_out);
        verdict_expect(verdict, "another error code, such as 0xEFFF0013: no size is known; %s",
                       record->circumstance);
    } else if (!extent_empty(record->outcome.inside)) {
        verdict_fail(verdict, record, "bytes from SessionInfo + %lld to + %lld were written",
                     (long long)record->outcome.inside.first,
                     (long long)record->outcome.inside.last);
        verdict_expect(verdict, "nothing written; %s", record->circumstance);
    }
    return true;
}

static void judge_damage(const struct evidence *evidence, const char *circumstance,
                         struct verdict *verdict)
{
    char prefix[64];
    snprintf(prefix, sizeof prefix, "%s", circumstance);
    if (judge_each_record(evidence, judge_damaged_of, prefix, verdict) == 0)
        verdict_block(verdict, BLOCKED_BY_ANY, "no call with a damaged source returned");
}

static void judge_damaged(const struct evidence *evidence, struct verdict *verdict)
{
    judge_damage(evidence, CIRCUMSTANCE_DAMAGED, verdict);
}

static void judge_details(const struct evidence *evidence, struct verdict *verdict)
{
    judge_damage(evidence, CIRCUMSTANCE_DETAIL, verdict);
}

struct repaired {
    const struct quiet *quiet;
};

static bool judge_repaired_of(const struct evidence *evidence, const struct record *record,
                              void *context, struct verdict *verdict)
{
    const struct quiet *quiet = ((const struct repaired *)context)->quiet;
    struct mismatch mismatch = {0};
    char text[128];
    if (!record_under(record, CIRCUMSTANCE_REPAIRED) || !record_returned(record))
        return false;
    if ((record->call.placement == PLACE_NULL && quiet_insufficient(quiet, record)) ||
        (quiet->required_is_not_enough && !record_succeeded(record)))
        return true; // a query, answered; or SIZE-2's business
    const struct listing *listing = evidence_listing(evidence, record);
    if (listing != NULL &&
        listing_is_truth(evidence, listing, evidence_truth(evidence, record), &mismatch))
        return true;
    if (listing == NULL)
        error_code_describe(record->outcome.status, text, sizeof text);
    verdict_fail(verdict, record, "%s %s", listing == NULL ? text : "success, but", mismatch.why);
    verdict->about = mismatch.about;
    verdict_expect(verdict, "the sessions: their source is as good as before");
    return true;
}

static void judge_repaired(const struct evidence *evidence, struct verdict *verdict)
{
    const struct quiet *quiet = quiet_of(evidence);
    if (quiet == NULL) {
        verdict_exhaust(evidence, verdict);
        return;
    }
    if (quiet->lists == 0) {
        verdict_block(verdict, BLOCKED_BY_SUCCESS, "no call succeeded before the damage");
        return;
    }
    struct repaired repaired = {quiet};
    quiet_tell(quiet, verdict);
    size_t seen = judge_each_record(evidence, judge_repaired_of, &repaired, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_ANY, "no call with a repaired source returned", verdict);
}

static const char *const sets[] = {"damage", NULL};
static const char *const sets_repaired[] = {"fetch", "damage", NULL};
static const char *const sets_details[] = {"damage-details", NULL};

static const struct clause clauses[] = {
    {.id = "FAULT-1",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence =
         "when its source of sessions is gone: an error code, no fault, no hang, nothing written",
     .source = SOURCE_PAGE_RETURNS,
     .why =
         "The service stops, the machine is short of descriptors, a file is half written. A caller "
         "that is told 'no sessions' then detaches its disks.",
     .passing = "0xEFFF0013 (ISDSC_SERVICE_UNAVAILABLE), the buffer as it was",
     .failing = "0 with no sessions, or with those before the damage; 122; a crash; a hang",
     .probe_sets = sets,
     .ways = CIRCUMSTANCE_DAMAGED,
     .wants = LACKS_SOURCE,
     .judge = judge_damaged},
    {.id = "FAULT-2",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "when the source comes back, so do the sessions",
     .source = "services are restarted under running programs",
     .why = "A program should not have to be restarted because a service was.",
     .passing = "the list, at the first call after",
     .failing = "the error of before, remembered for ever",
     .probe_sets = sets_repaired,
     .wants = LACKS_SOURCE,
     .judge = judge_repaired},
    {.id = "FAULT-3",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "the same where the source is there and wrong in its details",
     .source = "files that were edited by hand or written by another version",
     .why = "This tries the reader that an implementer wrote for this kit more than the "
            "implementation: no run fails by it unless it is strict.",
     .passing = "0xEFFF0013 (ISDSC_SERVICE_UNAVAILABLE), the buffer as it was",
     .failing = "a crash over a missing field; a hang on a FIFO that nobody writes to",
     .probe_sets = sets_details,
     .ways = CIRCUMSTANCE_DETAIL,
     .wants = LACKS_SOURCE,
     .judge = judge_details},
};

const struct clause_group group_fault = {
    .name = "FAULT",
    .title = "the source of sessions fails",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
};
