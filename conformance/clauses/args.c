// ARGS: pointers that are NULL.
#include "conformance/clauses/groups.h"
#include "conformance/judge/judging.h"

// Judges the calls whose flags are one of `flags` (ended by 0): an error code, no fault.
static void judge_null_arguments(const struct evidence *evidence, const unsigned *flags,
                                 struct verdict *verdict)
{
    size_t tried = 0;
    for (const struct record *record = evidence_next(evidence, NULL, NULL); record != NULL;
         record = evidence_next(evidence, record, NULL)) {
        bool wanted = false;
        for (const unsigned *flag = flags; *flag != 0; flag++)
            wanted |= record->call.flags == *flag;
        if (!wanted)
            continue;
        tried++;
        bool died = fail_unless_returned(record, verdict);
        if (record_succeeded(record))
            verdict_fail(verdict, record, "0 (ERROR_SUCCESS)");
        if (died || verdict->kind == VERDICT_FAIL) {
            verdict_expect(verdict, "an error code, such as 87 (ERROR_INVALID_PARAMETER)");
            return;
        }
    }
    if (tried == 0)
        verdict_error(verdict, "no such call was made");
}

static void judge_size_null(const struct evidence *evidence, struct verdict *verdict)
{
    static const unsigned flags[] = {CALL_SIZE_NULL, 0};
    judge_null_arguments(evidence, flags, verdict);
}

static void judge_count_null(const struct evidence *evidence, struct verdict *verdict)
{
    static const unsigned flags[] = {CALL_COUNT_NULL, 0};
    judge_null_arguments(evidence, flags, verdict);
}

static void judge_both_null(const struct evidence *evidence, struct verdict *verdict)
{
    static const unsigned flags[] = {CALL_SIZE_NULL | CALL_COUNT_NULL, 0};
    judge_null_arguments(evidence, flags, verdict);
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
