// SPDX-License-Identifier: Apache-2.0
// INITIATORS: ReportIScsiInitiatorListA and W, which tell the names of the initiators (host bus
// adapters) of the machine. Which names these are is not known to the kit, so it judges the form.
// The size is counted in characters.
#include "conformance/clauses/groups.h"
#include "conformance/clauses/shared.h"
#include "conformance/judge/item_judges.h"
#include "conformance/judge/item_moments.h"
#include "conformance/judge/items.h"
#include "conformance/judge/judging.h"
#include "conformance/judge/name_judges.h"

static const char SOURCE_FUNCTION[] = "ReportIScsiInitiatorList function, iscsidsc.h";
static const char SOURCE_RETURNS[] = "ReportIScsiInitiatorList function, return value";
// The page speaks of elements; the header annotates the buffer with *BufferSize characters.
static const char SOURCE_SIZE[] =
    "ReportIScsiInitiatorList function, parameter BufferSize [in, out], and its declaration";
static const char SOURCE_BUFFER[] = "ReportIScsiInitiatorList function, parameter Buffer [out]";

// Who has sessions is an initiator, and is running.
static bool judge_names_of(const struct evidence *evidence, const struct record *record,
                           struct verdict *verdict)
{
    struct item_names names;
    bool sessions = evidence_truth(evidence, record)->session_count > 0;
    if (judge_read_names(evidence, record, &names, verdict)) {
        if (names.count == 0 && sessions) {
            verdict_fail(verdict, record, "no name, and there are sessions");
            verdict_expect(verdict, "the name of the initiator that has them");
        }
        for (size_t i = 1; i < names.count && verdict->kind == VERDICT_PASS; i++)
            if (item_names_count(&names, names.names[i]) > 1) {
                verdict_fail(verdict, record, "\"%.255s\" is listed %zu times", names.names[i],
                             item_names_count(&names, names.names[i]));
                verdict_expect(verdict, "the name of each initiator, once");
            }
    }
    item_names_free(&names);
    return true;
}

static void judge_names(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_success(evidence, judge_names_of, verdict);
}

// ---- At once, and amid changes

static void judge_threads(const struct evidence *evidence, struct verdict *verdict)
{
    judge_at_once(evidence, names_equal, verdict);
}

static void judge_changing(const struct evidence *evidence, struct verdict *verdict)
{
    judge_amid_changes(evidence, judge_names_of, verdict);
}

static const struct clause clauses[] = {
    {.id = "INITIATORS-1",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportIScsiInitiatorList: a sufficient buffer gives ERROR_SUCCESS",
     .source = SOURCE_RETURNS,
     .why = "A caller that did everything right must get the names, at every size that is large "
            "enough.",
     .passing = "0 for every buffer of at least the characters required",
     .failing = "122, or any other code, for a buffer of the size that a query asked for",
     .probe_sets = items_sets_sufficient,
     .charsets = JUDGED_EACH,
     .family = FAMILY_INITIATORS,
     .judge = judge_items_sufficient},
    {.id = "INITIATORS-2",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportIScsiInitiatorList: an insufficient buffer gives "
                 "ERROR_INSUFFICIENT_BUFFER, 122 itself",
     .source = SOURCE_RETURNS,
     .why = "Callers compare with 122 to know that they must enlarge the buffer.",
     .passing = "122 for a query with size 0, and for every buffer too small for the names",
     .failing = "234, 0x8007007A; or 0 for fewer than three characters",
     .probe_sets = items_sets_insufficient,
     .charsets = JUDGED_EACH,
     .family = FAMILY_INITIATORS,
     .judge = judge_items_insufficient},
    {.id = "INITIATORS-3",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "ReportIScsiInitiatorList: on insufficient, *BufferSize is the number of "
                 "characters required, the same whatever was offered",
     .source = "os-win, and iscsicli as Vanara has it: both allocate what the query said, and call "
               "again; the page names the size after success only",
     .why = "The caller allocates what it is told, times the size of a character.",
     .passing = "*BufferSize = 24 for a name of 22 characters, in A and in W",
     .failing = "*BufferSize as it was offered",
     .probe_sets = items_sets_required,
     .needs = NEEDS_SESSIONS,
     .charsets = JUDGED_EACH,
     .family = FAMILY_INITIATORS,
     .judge = judge_items_required},
    {.id = "INITIATORS-4",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "ReportIScsiInitiatorList: exactly the size required is enough",
     .source = "os-win, and iscsicli as Vanara has it",
     .why = "The caller allocates what it is told, and calls again.",
     .passing = "0 for 24 characters, where a query said 24",
     .failing = "122 for 24 characters, where a query said 24",
     .probe_sets = items_sets_fetch,
     .needs = NEEDS_SESSIONS,
     .charsets = JUDGED_EACH,
     .family = FAMILY_INITIATORS,
     .judge = judge_items_exact},
    {.id = "INITIATORS-5",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportIScsiInitiatorList: nothing but the buffer and the ULONG is written, at "
                 "any size",
     .source = SOURCE_BUFFER,
     .why = "It is the caller's memory.",
     .passing = "the bytes around the buffer and beside the ULONG are as they were",
     .failing = "a size in characters taken for one in bytes; the last NUL behind the buffer",
     .probe_sets = items_sets_all,
     .charsets = JUDGED_EACH,
     .family = FAMILY_INITIATORS,
     .judge = judge_outside},
    {.id = "INITIATORS-6",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportIScsiInitiatorList: Buffer NULL with BufferSize not 0: no fault, no "
                 "success unless there is nothing to report",
     .source = SOURCE_BUFFER,
     .why = "Callers pass a size left over from an earlier call.",
     .passing = "122 with the size required, or 87",
     .failing = "a write through NULL; 0",
     .probe_sets = items_sets_null,
     .charsets = JUDGED_EACH,
     .family = FAMILY_INITIATORS,
     .judge = judge_items_null},
    {.id = "INITIATORS-7",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportIScsiInitiatorList: on success, *BufferSize is no more than was offered, "
                 "and no less than was filled",
     .source = SOURCE_SIZE,
     .why = "os-win splits that many characters into names.",
     .passing = "*BufferSize = 24 after a name of 22 characters",
     .failing = "the number of names; the number of bytes in W",
     .probe_sets = items_sets_fetch,
     .charsets = JUDGED_EACH,
     .family = FAMILY_INITIATORS,
     .judge = judge_names_size},
    {.id = "INITIATORS-8",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportIScsiInitiatorList: each name ends with a NUL, and after the last one "
                 "comes one more",
     .source = SOURCE_BUFFER,
     .why = "Callers walk from name to name until they find an empty one.",
     .passing = "\"ROOT\\\\ISCSIPRT\\\\0000_0\\0\\0\"",
     .failing = "\"ROOT\\\\ISCSIPRT\\\\0000_0\\0\"",
     .probe_sets = items_sets_fetch,
     .charsets = JUDGED_EACH,
     .family = FAMILY_INITIATORS,
     .judge = judge_names_form},
    {.id = "INITIATORS-9",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportIScsiInitiatorList: no name is listed twice, and where there are sessions, "
                 "there is one",
     .source = SOURCE_FUNCTION,
     .why = "Programs log in by an initiator of this list, and do not log in where it is empty.",
     .passing = "one name",
     .failing = "an empty list; a name for each session",
     .probe_sets = items_sets_fetch,
     .charsets = JUDGED_EACH,
     .family = FAMILY_INITIATORS,
     .judge = judge_names},
    {.id = "INITIATORS-10",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportIScsiInitiatorList: A and W tell the same names",
     .source = SOURCE_FUNCTION,
     .why = "Which of the two a program calls is how it was compiled.",
     .passing = "the same names, in any order",
     .failing = "a name cut to 8 characters in one of them",
     .probe_sets = items_sets_fetch,
     .charsets = JUDGED_TOGETHER,
     .family = FAMILY_INITIATORS,
     .judge = judge_names_agree},
    {.id = "INITIATORS-11",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportIScsiInitiatorList: the same call gives the same status, size and names, "
                 "as long as nothing changes",
     .source = SOURCE_FUNCTION,
     .why = "A query and a fetch are two calls.",
     .passing = "the same names, whatever was offered",
     .failing = "the second call finds the list empty",
     .probe_sets = items_sets_repeat,
     .charsets = JUDGED_EACH,
     .family = FAMILY_INITIATORS,
     .judge = judge_names_same},
    {.id = "INITIATORS-12",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportIScsiInitiatorList: calls from many threads at once each give what one "
                 "call alone gives",
     .source = SOURCE_FUNCTION,
     .why = "Nothing in the documentation says that a caller must be the only one.",
     .passing = "the same status, size and names",
     .failing = "an error code for all but one of the threads",
     .probe_sets = items_sets_threads,
     .more_sets = items_sets_alone,
     .charsets = JUDGED_EACH,
     .family = FAMILY_INITIATORS,
     .judge = judge_threads},
    {.id = "INITIATORS-13",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportIScsiInitiatorList: while sessions come and go, every answer is that of "
                 "one moment, and nothing "
                 "is written outside",
     .source = SOURCE_FUNCTION,
     .why = "Sessions come and go at any time.",
     .passing = "the same names as before",
     .failing = "an error code for a call that a login overtakes",
     .probe_sets = items_sets_changing,
     .charsets = JUDGED_EACH,
     .family = FAMILY_INITIATORS,
     .wants = LACKS_CHANGES,
     .judge = judge_changing},
};

const struct clause_group group_initiators = {
    .name = "INITIATORS",
    .title = "the sibling ReportIScsiInitiatorList (only where it is named)",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
    .by_name = true,
};
