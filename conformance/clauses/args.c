// SPDX-License-Identifier: Apache-2.0
// ARGS: pointers that are NULL.
#include "conformance/clauses/groups.h"
#include "conformance/judge/judging.h"

static bool judge_null_of(const struct evidence *evidence, const struct record *record,
                          void *context, struct verdict *verdict)
{
    (void)evidence;
    const unsigned *flags = context;
    if ((record->call.flags & ~(unsigned)CALL_MEASURE) != *flags || !record_returned(record))
        return false;
    if (record_succeeded(record)) {
        verdict_fail(verdict, record, "0 (ERROR_SUCCESS)");
        verdict_expect(verdict, "an error code, such as 87 (ERROR_INVALID_PARAMETER)");
    }
    return true;
}

// Judges the calls with these flags: an error code.
static void judge_null_arguments(const struct evidence *evidence, unsigned flags,
                                 struct verdict *verdict)
{
    size_t seen = judge_each_record(evidence, judge_null_of, &flags, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_ANY, "no such call returned", verdict);
}

static void judge_size_null(const struct evidence *evidence, struct verdict *verdict)
{
    judge_null_arguments(evidence, CALL_SIZE_NULL, verdict);
}

static void judge_count_null(const struct evidence *evidence, struct verdict *verdict)
{
    judge_null_arguments(evidence, CALL_COUNT_NULL, verdict);
}

static void judge_both_null(const struct evidence *evidence, struct verdict *verdict)
{
    judge_null_arguments(evidence, CALL_SIZE_NULL | CALL_COUNT_NULL, verdict);
}

static const char *const sets[] = {"args", NULL};

static const char source[] = "callers with a mistake in them; the documentation is silent";
static const char why[] =
    "The function runs in the caller's process: a crash takes the caller with it, "
    "an error code tells it.";

static const struct clause clauses[] = {
    {.id = "ARGS-1",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "BufferSize NULL: an error code, no fault",
     .source = source,
     .why = why,
     .passing = "87, 998 or 1780",
     .failing = "SIGSEGV reading at address 0",
     .probe_sets = sets,
     .judge = judge_size_null},
    {.id = "ARGS-2",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "SessionCount NULL: an error code, no fault",
     .source = source,
     .why = why,
     .passing = "87, 998 or 1780",
     .failing = "SIGSEGV writing at address 0 when the list is complete",
     .probe_sets = sets,
     .judge = judge_count_null},
    {.id = "ARGS-3",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "both NULL, and all three: an error code, no fault",
     .source = source,
     .why = why,
     .passing = "87, 998 or 1780",
     .failing = "SIGSEGV",
     .probe_sets = sets,
     .judge = judge_both_null},
};

const struct clause_group group_args = {
    .name = "ARGS",
    .title = "pointers that are NULL",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
};
