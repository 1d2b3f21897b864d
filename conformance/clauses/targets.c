// SPDX-License-Identifier: Apache-2.0
// TARGETS: ReportIScsiTargetsA and W, which tell the names of the targets that the initiator knows.
// The size is counted in characters.
#include "conformance/clauses/groups.h"
#include "conformance/clauses/shared.h"
#include "conformance/judge/item_judges.h"
#include "conformance/judge/item_moments.h"
#include "conformance/judge/items.h"
#include "conformance/judge/judging.h"
#include "conformance/judge/name_judges.h"

#include <strings.h>

static const char SOURCE_FUNCTION[] = "ReportIScsiTargets function, iscsidsc.h";
static const char SOURCE_SIZE[] = "ReportIScsiTargets function, parameter BufferSize [in, out]";
static const char SOURCE_BUFFER[] = "ReportIScsiTargets function, parameter Buffer [out]";

#define EACH_ONCE "the name of each target that the initiator knows, once"

// Case does not matter in iSCSI names (RFC 7143, 4.2.7).
static size_t count_name(const struct item_names *names, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < names->count; i++)
        count += strcasecmp(names->names[i], name) == 0;
    return count;
}

static bool is_target(const struct inventory *inventory, const char *name)
{
    for (size_t i = 0; i < inventory->target_count; i++)
        if (strcasecmp(inventory->targets[i].name, name) == 0)
            return true;
    return false;
}

static void compare_names(const struct inventory *inventory, const struct item_names *names,
                          const struct record *record, struct verdict *verdict)
{
    for (size_t i = 0; i < inventory->target_count && verdict->kind == VERDICT_PASS; i++) {
        const struct inventory_target *target = &inventory->targets[i];
        size_t count = count_name(names, target->name);
        if (count > 1 || (count == 0 && target->known)) {
            verdict_fail(verdict, record, "the target %.223s is listed %zu times", target->name,
                         count);
            verdict_expect(verdict, EACH_ONCE);
        }
    }
    for (size_t i = 0; i < names->count && verdict->kind == VERDICT_PASS && !inventory->others; i++)
        if (!is_target(inventory, names->names[i])) {
            verdict_fail(verdict, record, "\"%.223s\" is the name of no target", names->names[i]);
            verdict_expect(verdict, EACH_ONCE);
        }
}

static bool judge_names_of(const struct evidence *evidence, const struct record *record,
                           struct verdict *verdict)
{
    struct item_names names;
    if (judge_read_names(evidence, record, &names, verdict))
        compare_names(evidence->transcript->inventory, &names, record, verdict);
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
    {.id = "TARGETS-1",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportIScsiTargets: a sufficient buffer gives ERROR_SUCCESS",
     .source = SOURCE_FUNCTION,
     .why = "A caller that did everything right must get the names, at every size that is large "
            "enough.",
     .passing = "0 for every buffer of at least the characters required",
     .failing = "122, or any other code, for a buffer of the size that a query asked for",
     .probe_sets = items_sets_sufficient,
     .charsets = JUDGED_EACH,
     .family = FAMILY_TARGETS,
     .judge = judge_items_sufficient},
    {.id = "TARGETS-2",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportIScsiTargets: an insufficient buffer gives ERROR_INSUFFICIENT_BUFFER, 122 "
                 "itself",
     .source = SOURCE_FUNCTION,
     .why = "Callers compare with 122 to know that they must enlarge the buffer.",
     .passing = "122 for a query with size 0, and for every buffer too small for the names",
     .failing = "234, 0x8007007A; or 0 for fewer characters than the names take",
     .probe_sets = items_sets_insufficient,
     .charsets = JUDGED_EACH,
     .family = FAMILY_TARGETS,
     .judge = judge_items_insufficient},
    {.id = "TARGETS-3",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportIScsiTargets: on insufficient, *BufferSize is the number of characters "
                 "required, the same whatever was offered",
     .source = SOURCE_SIZE,
     .why = "The caller allocates what it is told, times the size of a character.",
     .passing = "*BufferSize = 25 for a name of 23 characters, in A and in W",
     .failing = "*BufferSize as it was offered; in W, the number of bytes",
     .probe_sets = items_sets_required,
     .needs = NEEDS_SESSIONS,
     .charsets = JUDGED_EACH,
     .family = FAMILY_TARGETS,
     .judge = judge_items_required},
    {.id = "TARGETS-4",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportIScsiTargets: exactly the size required is enough",
     .source = SOURCE_SIZE,
     .why = "The caller allocates what it is told, and calls again.",
     .passing = "0 for 25 characters, where a query said 25",
     .failing = "122 for 25 characters, where a query said 25",
     .probe_sets = items_sets_fetch,
     .needs = NEEDS_SESSIONS,
     .charsets = JUDGED_EACH,
     .family = FAMILY_TARGETS,
     .judge = judge_items_exact},
    {.id = "TARGETS-5",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportIScsiTargets: nothing but the buffer and the ULONG is written, at any size",
     .source = SOURCE_BUFFER,
     .why = "It is the caller's memory.",
     .passing = "the bytes around the buffer and beside the ULONG are as they were",
     .failing = "a size in characters taken for one in bytes; the last NUL behind the buffer",
     .probe_sets = items_sets_all,
     .charsets = JUDGED_EACH,
     .family = FAMILY_TARGETS,
     .judge = judge_outside},
    {.id = "TARGETS-6",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportIScsiTargets: Buffer NULL with BufferSize not 0: no fault, no success "
                 "unless there is nothing to report",
     .source = SOURCE_BUFFER,
     .why = "Callers pass a size left over from an earlier call.",
     .passing = "122 with the size required, or 87",
     .failing = "a write through NULL; 0",
     .probe_sets = items_sets_null,
     .charsets = JUDGED_EACH,
     .family = FAMILY_TARGETS,
     .judge = judge_items_null},
    {.id = "TARGETS-7",
     .level = LEVEL_SHOULD,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportIScsiTargets: on success, *BufferSize is no more than was offered, and no "
                 "less than was filled",
     .source = SOURCE_SIZE,
     .why = "Callers copy that many characters.",
     .passing = "*BufferSize = 25, or as it was offered, after a name of 23 characters",
     .failing = "0; the number of bytes in W",
     .probe_sets = items_sets_fetch,
     .charsets = JUDGED_EACH,
     .family = FAMILY_TARGETS,
     .judge = judge_names_size},
    {.id = "TARGETS-8",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportIScsiTargets: each name ends with a NUL, and after the last one comes one "
                 "more",
     .source = SOURCE_BUFFER,
     .why = "Callers walk from name to name until they find an empty one.",
     .passing = "\"iqn.a\\0iqn.b\\0\\0\"",
     .failing = "\"iqn.a\\0iqn.b\\0\"; names with commas between them",
     .probe_sets = items_sets_fetch,
     .charsets = JUDGED_EACH,
     .family = FAMILY_TARGETS,
     .judge = judge_names_form},
    {.id = "TARGETS-9",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportIScsiTargets: the names are those of the targets that the initiator knows, "
                 "each once",
     .source = SOURCE_FUNCTION,
     .why = "A target that is left out can't be logged in to by those who choose from the list.",
     .passing = "the targets' iSCSI names, in any order, whatever ForceUpdate says",
     .failing = "only the targets that have sessions; a target of two portals twice",
     .probe_sets = items_sets_fetch,
     .charsets = JUDGED_EACH,
     .family = FAMILY_TARGETS,
     .judge = judge_names},
    {.id = "TARGETS-10",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportIScsiTargets: A and W tell the same names",
     .source = SOURCE_FUNCTION,
     .why = "Which of the two a program calls is how it was compiled.",
     .passing = "the same names, in any order",
     .failing = "a name cut to 31 characters in one of them",
     .probe_sets = items_sets_fetch,
     .charsets = JUDGED_TOGETHER,
     .family = FAMILY_TARGETS,
     .judge = judge_names_agree},
    {.id = "TARGETS-11",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportIScsiTargets: the same call gives the same status, size and names, as long "
                 "as nothing changes",
     .source = SOURCE_FUNCTION,
     .why = "A query and a fetch are two calls.",
     .passing = "the same names, whatever was offered",
     .failing = "the second call finds the list empty",
     .probe_sets = items_sets_repeat,
     .charsets = JUDGED_EACH,
     .family = FAMILY_TARGETS,
     .judge = judge_names_same},
    {.id = "TARGETS-12",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence =
         "ReportIScsiTargets: calls from many threads at once each give what one call alone gives",
     .source = SOURCE_FUNCTION,
     .why = "Nothing in the documentation says that a caller must be the only one.",
     .passing = "the same status, size and names",
     .failing = "an error code for all but one of the threads",
     .probe_sets = items_sets_threads,
     .more_sets = items_sets_alone,
     .charsets = JUDGED_EACH,
     .family = FAMILY_TARGETS,
     .judge = judge_threads},
    {.id = "TARGETS-13",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportIScsiTargets: while sessions come and go, every answer is that of one "
                 "moment, and nothing "
                 "is written outside",
     .source = SOURCE_FUNCTION,
     .why = "Sessions come and go at any time.",
     .passing = "the same names as before",
     .failing = "an error code for a call that a login overtakes",
     .probe_sets = items_sets_changing,
     .charsets = JUDGED_EACH,
     .family = FAMILY_TARGETS,
     .wants = LACKS_CHANGES,
     .judge = judge_changing},
};

const struct clause_group group_targets = {
    .name = "TARGETS",
    .title = "the sibling ReportIScsiTargets (only where it is named)",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
    .by_name = true,
};
