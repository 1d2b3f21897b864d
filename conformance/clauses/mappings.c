// SPDX-License-Identifier: Apache-2.0
// MAPPINGS: ReportActiveIScsiTargetMappingsA and W, which tell which logical units each session
// has. The size is counted in bytes. What only the operating system knows of a unit is not judged:
// the initiator's and the device's name, bus and target number.
#include "conformance/judge/mappings.h"
#include "conformance/clauses/groups.h"
#include "conformance/clauses/shared.h"
#include "conformance/judge/item_judges.h"
#include "conformance/judge/item_moments.h"
#include "conformance/judge/items.h"
#include "conformance/judge/judging.h"
#include "conformance/judge/mapped_sessions.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char SOURCE_FUNCTION[] = "ReportActiveIScsiTargetMappings function, iscsidsc.h";
static const char SOURCE_RETURNS[] = "ReportActiveIScsiTargetMappings function, return value";
static const char SOURCE_SIZE[] =
    "ReportActiveIScsiTargetMappings function, parameter BufferSize [in, out]";
static const char SOURCE_COUNT[] =
    "ReportActiveIScsiTargetMappings function, parameter MappingCount [out]";
static const char SOURCE_MAPPINGS[] =
    "ReportActiveIScsiTargetMappings function, parameter Mappings [out]";
static const char SOURCE_MEMBERS[] =
    "ISCSI_TARGET_MAPPING and SCSI_LUN_LIST structures, iscsidsc.h";

// ---- How many

static void judge_mapping_count(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_success(evidence, judge_structures_retrieved, verdict);
}

// ---- Which

static bool judge_mappings_of(const struct evidence *evidence, const struct record *record,
                              struct verdict *verdict)
{
    return judge_mapped_sessions(evidence, record, false, verdict);
}

static void judge_mappings(const struct evidence *evidence, struct verdict *verdict)
{
    if (items_have_sessions(evidence))
        judge_each_success(evidence, judge_mappings_of, verdict);
    else
        judge_seen(evidence, 0, BLOCKED_BY_ANY,
                   "GetIScsiSessionList gave no list to hold the sessions against", verdict);
}

// ---- Where

// A list of units: where it is, and whose.
struct place {
    int64_t offset;
    uint64_t size;
    uint32_t index;
};

static int compare_places(const void *left, const void *right)
{
    const struct place *one = left;
    const struct place *other = right;
    if (one->offset != other->offset)
        return one->offset < other->offset ? -1 : 1;
    return (one->size > other->size) - (one->size < other->size);
}

// Sessions with the same units may share a list.
static void compare_neighbours(const struct place *places, size_t count, uint64_t structures,
                               const struct record *record, struct verdict *verdict)
{
    for (size_t i = 0; i < count && verdict->kind == VERDICT_PASS; i++) {
        const struct place *place = &places[i];
        const struct place *before = i > 0 ? &places[i - 1] : NULL;
        bool shared = before != NULL && compare_places(before, place) == 0;
        uint64_t free_from = before != NULL ? (uint64_t)before->offset + before->size : structures;
        if (!shared && (uint64_t)place->offset < free_from) {
            verdict_fail(verdict, record,
                         "LUNList of mapping %u, at Mappings + %" PRId64
                         ", overlaps what ends at Mappings + %" PRIu64,
                         place->index, place->offset, free_from);
            verdict_expect(verdict, "lists that share no byte with the structures or other lists");
        }
    }
}

static void judge_place(const struct mapping *mapping, uint32_t index, const struct record *record,
                        struct verdict *verdict)
{
    bool aligned = record->outcome.base % 8 != 0 || mapping->units_offset % 8 == 0;
    if (mapping->units != NULL && aligned)
        return;
    verdict_fail(verdict, record,
                 "LUNList of mapping %u, %u units, is at Mappings + %" PRId64
                 ", with *BufferSize = %u",
                 index, mapping->unit_count, mapping->units_offset, record->outcome.size_out);
    verdict_expect(verdict, "a list within the bytes retrieved, aligned to 8 if Mappings is");
}

static bool judge_places_of(const struct evidence *evidence, const struct record *record,
                            struct verdict *verdict)
{
    uint32_t count = structure_count(evidence, record);
    size_t placed = 0;
    struct place *places = calloc((size_t)count + 1, sizeof *places);
    if (places == NULL) {
        verdict_exhaust(evidence, verdict);
        return true;
    }
    for (uint32_t i = 0; i < count && verdict->kind == VERDICT_PASS; i++) {
        struct mapping mapping;
        mapping_read(evidence, record, i, &mapping);
        if (mapping.unit_count == 0)
            continue;
        judge_place(&mapping, i, record, verdict);
        places[placed++] = (struct place){mapping.units_offset,
                                          (uint64_t)mapping.unit_count * MAPPING_UNIT_SIZE, i};
    }
    qsort(places, placed, sizeof *places, compare_places);
    if (verdict->kind == VERDICT_PASS)
        compare_neighbours(places, placed, (uint64_t)count * structure_size(evidence, record),
                           record, verdict);
    free(places);
    return true;
}

static void judge_places(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_success(evidence, judge_places_of, verdict);
}

// ---- Members

static bool judge_texts_of(const struct evidence *evidence, const struct record *record,
                           struct verdict *verdict)
{
    for (uint32_t i = 0; i < structure_count(evidence, record); i++) {
        struct mapping mapping;
        mapping_read(evidence, record, i, &mapping);
        for (size_t j = 0; j < MAPPING_TEXTS && verdict->kind == VERDICT_PASS; j++)
            if (!structure_text_ends(&mapping.texts[j])) {
                verdict_fail(verdict, record, "%s of mapping %u has no NUL in its %u characters",
                             mapping.texts[j].name, i, mapping.texts[j].room);
                verdict_expect(verdict, "terminated texts");
            }
    }
    return true;
}

static void judge_texts(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_success(evidence, judge_texts_of, verdict);
}

static bool is_told_before(const struct mapping *mapping, uint32_t unit)
{
    for (uint32_t i = 0; i < unit; i++)
        if (mapping_os_lun(mapping, i) == mapping_os_lun(mapping, unit))
            return true;
    return false;
}

static bool judge_numbers_of(const struct evidence *evidence, const struct record *record,
                             struct verdict *verdict)
{
    for (uint32_t i = 0; i < structure_count(evidence, record); i++) {
        struct mapping mapping;
        mapping_read(evidence, record, i, &mapping);
        for (uint32_t unit = 0;
             mapping.units != NULL && unit < mapping.unit_count && verdict->kind == VERDICT_PASS;
             unit++)
            if (is_told_before(&mapping, unit)) {
                verdict_fail(verdict, record, "two units of mapping %u have the OSLUN %u", i,
                             mapping_os_lun(&mapping, unit));
                verdict_expect(verdict,
                               "another OSLUN for each unit, as it is a part of its address");
            }
    }
    return true;
}

static void judge_numbers(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_success(evidence, judge_numbers_of, verdict);
}

// ---- The same

static void judge_agreement(const struct evidence *evidence, struct verdict *verdict)
{
    judge_items_agree(evidence, mappings_equal, verdict);
}

static void judge_same(const struct evidence *evidence, struct verdict *verdict)
{
    judge_items_same(evidence, mappings_equal, verdict);
}

// Of one moment: all sessions that stay, and of each session that came what its target has.
static bool judge_moment_of(const struct evidence *evidence, const struct record *record,
                            struct verdict *verdict)
{
    if (!judge_structures_retrieved(evidence, record, verdict) || verdict->kind != VERDICT_PASS)
        return true;
    judge_places_of(evidence, record, verdict);
    return verdict->kind == VERDICT_PASS ? judge_mapped_sessions(evidence, record, true, verdict)
                                         : true;
}

// ---- At once, and amid changes

static void judge_threads(const struct evidence *evidence, struct verdict *verdict)
{
    judge_at_once(evidence, mappings_equal, verdict);
}

static void judge_changing(const struct evidence *evidence, struct verdict *verdict)
{
    judge_amid_changes(evidence, judge_moment_of, verdict);
}

static const char *const sets_list[] = {"fetch", NULL};

static const struct clause clauses[] = {
    {.id = "MAPPINGS-1",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportActiveIScsiTargetMappings: a sufficient buffer gives ERROR_SUCCESS",
     .source = SOURCE_RETURNS,
     .why = "A caller that did everything right must get the mappings, at every size that is "
            "large enough.",
     .passing = "0 for every buffer of at least the bytes required",
     .failing = "122, or any other code, for a buffer of the size that a query asked for",
     .probe_sets = items_sets_sufficient,
     .charsets = JUDGED_EACH,
     .family = FAMILY_MAPPINGS,
     .judge = judge_items_sufficient},
    {.id = "MAPPINGS-2",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportActiveIScsiTargetMappings: an insufficient buffer gives "
                 "ERROR_INSUFFICIENT_BUFFER, 122 itself",
     .source = SOURCE_RETURNS,
     .why = "Callers compare with 122 to know that they must enlarge the buffer.",
     .passing = "122 for a query with size 0, and for every buffer too small for the mappings",
     .failing = "234, 0x8007007A; or 0 with as many mappings as fit",
     .probe_sets = items_sets_insufficient,
     .charsets = JUDGED_EACH,
     .family = FAMILY_MAPPINGS,
     .judge = judge_items_insufficient},
    {.id = "MAPPINGS-3",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportActiveIScsiTargetMappings: on insufficient, *BufferSize is the number of "
                 "bytes required, the same whatever was offered",
     .source = SOURCE_SIZE,
     .why = "The caller allocates what it is told.",
     .passing = "*BufferSize = 816 for a session with two units, in A on 64 bits",
     .failing = "*BufferSize as it was offered; the structures alone, without their units",
     .probe_sets = items_sets_required,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_MAPPINGS,
     .judge = judge_items_required},
    {.id = "MAPPINGS-4",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportActiveIScsiTargetMappings: exactly the size required is enough",
     .source = SOURCE_SIZE,
     .why = "The caller allocates what it is told, and calls again.",
     .passing = "0 for 816 bytes, where a query said 816",
     .failing = "122 for 816 bytes, where a query said 816",
     .probe_sets = items_sets_fetch,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_MAPPINGS,
     .judge = judge_items_exact},
    {.id = "MAPPINGS-5",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportActiveIScsiTargetMappings: nothing but the buffer and the two ULONGs is "
                 "written, at any size",
     .source = SOURCE_MAPPINGS,
     .why = "It is the caller's memory.",
     .passing = "the bytes around the buffer and beside the ULONGs are as they were",
     .failing = "structures written before the size is checked; units behind the buffer",
     .probe_sets = items_sets_all,
     .charsets = JUDGED_EACH,
     .family = FAMILY_MAPPINGS,
     .judge = judge_outside},
    {.id = "MAPPINGS-6",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportActiveIScsiTargetMappings: Mappings NULL with BufferSize not 0: no fault, "
                 "no success unless there is nothing to report",
     .source = SOURCE_MAPPINGS,
     .why = "Callers pass a size left over from an earlier call.",
     .passing = "122 with the size required, or 87",
     .failing = "a write through NULL; 0",
     .probe_sets = items_sets_null,
     .charsets = JUDGED_EACH,
     .family = FAMILY_MAPPINGS,
     .judge = judge_items_null},
    {.id = "MAPPINGS-7",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportActiveIScsiTargetMappings: on success, *BufferSize is no more than was "
                 "offered, and *MappingCount structures fit in it",
     .source = SOURCE_COUNT,
     .why = "Callers walk that many structures.",
     .passing = "*MappingCount = 1, *BufferSize = 816",
     .failing = "the number of units; one too many; a size of 0",
     .probe_sets = items_sets_fetch,
     .charsets = JUDGED_EACH,
     .family = FAMILY_MAPPINGS,
     .judge = judge_mapping_count},
    {.id = "MAPPINGS-8",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence =
         "ReportActiveIScsiTargetMappings: the mappings are those of the sessions, with the "
         "names of their targets; each disk of each session is told once",
     .source = SOURCE_MEMBERS,
     .why = "Callers find by them which units a session has.",
     .passing = "SessionIds of the list of GetIScsiSessionList; TargetLUN 1 and 2 for a target of "
                "two disks, LUN 0, the controller, or not",
     .failing =
         "one mapping for each target, whatever sessions there are; the LUNs counted through "
         "all sessions",
     .probe_sets = items_sets_fetch,
     .list_sets = sets_list,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_MAPPINGS,
     .judge = judge_mappings},
    {.id = "MAPPINGS-9",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportActiveIScsiTargetMappings: the units of each mapping are within the bytes "
                 "retrieved, aligned, and apart from the structures and from other units",
     .source = SOURCE_MEMBERS,
     .why = "Callers walk LUNCount elements from LUNList on, and free the buffer as a whole.",
     .passing = "LUNList behind the structures, aligned to 8; equal lists may be one",
     .failing = "a list in the memory of the library; an offset in place of a pointer",
     .probe_sets = items_sets_fetch,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_MAPPINGS,
     .judge = judge_places},
    {.id = "MAPPINGS-10",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportActiveIScsiTargetMappings: InitiatorName, TargetName and OSDeviceName end "
                 "with a NUL",
     .source = SOURCE_MEMBERS,
     .why = "Callers take them for strings.",
     .passing = "an empty OSDeviceName",
     .failing = "OSDeviceName as it was in the buffer",
     .probe_sets = items_sets_fetch,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_MAPPINGS,
     .judge = judge_texts},
    {.id = "MAPPINGS-11",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportActiveIScsiTargetMappings: A and W tell the same mappings",
     .source = SOURCE_FUNCTION,
     .why = "Which of the two a program calls is how it was compiled.",
     .passing = "the same sessions, texts, numbers and units, in any order",
     .failing = "W leaves the units out",
     .probe_sets = items_sets_fetch,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_TOGETHER,
     .family = FAMILY_MAPPINGS,
     .judge = judge_agreement},
    {.id = "MAPPINGS-12",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportActiveIScsiTargetMappings: the same call gives the same status, size and "
                 "mappings, as long as nothing changes",
     .source = SOURCE_FUNCTION,
     .why = "A query and a fetch are two calls.",
     .passing = "the same mappings, whatever was offered",
     .failing = "the third call leaves the last mapping out",
     .probe_sets = items_sets_repeat,
     .charsets = JUDGED_EACH,
     .family = FAMILY_MAPPINGS,
     .judge = judge_same},
    {.id = "MAPPINGS-13",
     .level = LEVEL_SHOULD,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportActiveIScsiTargetMappings: the units of a mapping differ in their OSLUN",
     .source = "SCSI_LUN_LIST structure, member OSLUN",
     .why = "Bus, target and OSLUN are the address of a unit in the operating system.",
     .passing = "OSLUN 0, 1 and 2",
     .failing = "OSLUN 0 in all of them",
     .probe_sets = items_sets_fetch,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_MAPPINGS,
     .judge = judge_numbers},
    {.id = "MAPPINGS-14",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportActiveIScsiTargetMappings: calls from many threads at once each give what "
                 "one call alone gives",
     .source = SOURCE_FUNCTION,
     .why = "Nothing in the documentation says that a caller must be the only one.",
     .passing = "the same status, size and mappings",
     .failing = "an error code for all but one of the threads",
     .probe_sets = items_sets_threads,
     .more_sets = items_sets_alone,
     .list_sets = sets_list,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_MAPPINGS,
     .judge = judge_threads},
    {.id = "MAPPINGS-15",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportActiveIScsiTargetMappings: while sessions come and go, every answer is "
                 "that of one moment, and nothing "
                 "is written outside",
     .source = SOURCE_FUNCTION,
     .why = "Sessions come and go at any time.",
     .passing = "the mappings of all sessions that stay, and of others with units of their targets",
     .failing = "a unit told twice, or one of another session; an error code",
     .probe_sets = items_sets_changing,
     .list_sets = sets_list,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_MAPPINGS,
     .wants = LACKS_CHANGES,
     .judge = judge_changing},
};

const struct clause_group group_mappings = {
    .name = "MAPPINGS",
    .title = "the sibling ReportActiveIScsiTargetMappings (only where it is named)",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
    .by_name = true,
};
