// SPDX-License-Identifier: Apache-2.0
// PORTALS: ReportIScsiSendTargetPortalsExA and W, which tell the portals that the initiator asks
// for their targets. It has a count and a size, in bytes; the count comes first. The documentation
// says nothing of the size after a call whose buffer is too small.
#include "conformance/judge/portals.h"
#include "conformance/clauses/groups.h"
#include "conformance/clauses/shared.h"
#include "conformance/judge/item_judges.h"
#include "conformance/judge/item_moments.h"
#include "conformance/judge/items.h"
#include "conformance/judge/judging.h"

#include <inttypes.h>

static const char SOURCE_FUNCTION[] = "ReportIScsiSendTargetPortalsEx function, iscsidsc.h";
static const char SOURCE_RETURNS[] = "ReportIScsiSendTargetPortalsEx function, return value";
static const char SOURCE_SIZE[] =
    "ReportIScsiSendTargetPortalsEx function, parameters PortalInfoSize and PortalCount";
static const char SOURCE_INFO[] =
    "ReportIScsiSendTargetPortalsEx function, parameter PortalInfo [in, out]";
static const char SOURCE_STRUCTURE[] = "ISCSI_TARGET_PORTAL_INFO_EX structure, iscsidsc.h";
static const char SOURCE_CALLERS[] =
    "hpe-storage/common-host-libs: after 122 it allocates PortalInfoSize bytes if that and "
    "PortalCount are above 0, and calls once more; the page is silent";

// ---- What a query says

static bool judge_count_of(const struct evidence *evidence, const struct record *record,
                           void *context, struct verdict *verdict)
{
    (void)context;
    const struct inventory *inventory = evidence->transcript->inventory;
    size_t known = inventory->portal_count;
    if (!record_insufficient(record) || (known == 0 && !inventory->other_portals))
        return false;
    if (record->outcome.count_out == 0 || record->outcome.count_out < known) {
        verdict_fail(verdict, record, "insufficient, with *PortalCount = %u",
                     record->outcome.count_out);
        verdict_expect(verdict, "the number of portals: %zu%s", known > 0 ? known : 1,
                       inventory->other_portals ? " or more" : "");
    }
    return true;
}

static void judge_count_required(const struct evidence *evidence, struct verdict *verdict)
{
    if (evidence->transcript->inventory == NULL) {
        verdict_error(verdict, "the transcript does not say which portals there are");
        return;
    }
    if (judge_each_record(evidence, judge_count_of, NULL, verdict) == 0 &&
        verdict->kind == VERDICT_PASS)
        verdict_skip(verdict, "there is no portal, or no call was answered with "
                              "ERROR_INSUFFICIENT_BUFFER");
}

static void judge_portal_count(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_success(evidence, judge_structures_retrieved, verdict);
}

// ---- Which

static uint32_t count_portal(const struct evidence *evidence, const struct record *record,
                             const struct inventory_portal *known)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < structure_count(evidence, record); i++) {
        struct portal portal;
        portal_read(evidence, record, i, &portal);
        count += portal_is(&portal, known->address, known->port);
    }
    return count;
}

static bool is_known(const struct inventory *inventory, const struct portal *portal)
{
    for (size_t i = 0; i < inventory->portal_count; i++)
        if (portal_is(portal, inventory->portals[i].address, inventory->portals[i].port))
            return true;
    return false;
}

static bool judge_portals_of(const struct evidence *evidence, const struct record *record,
                             struct verdict *verdict)
{
    const struct inventory *inventory = evidence->transcript->inventory;
    for (size_t i = 0; i < inventory->portal_count && verdict->kind == VERDICT_PASS; i++) {
        const struct inventory_portal *known = &inventory->portals[i];
        uint32_t count = count_portal(evidence, record, known);
        if (count != 1) {
            verdict_fail(verdict, record, "the portal %.63s, port %u, is listed %u times",
                         known->address, known->port, count);
            verdict_expect(verdict, "Address and Socket of each portal that is asked, once");
        }
    }
    for (uint32_t i = 0; i < structure_count(evidence, record) && verdict->kind == VERDICT_PASS &&
                         !inventory->other_portals;
         i++) {
        struct portal portal;
        portal_read(evidence, record, i, &portal);
        if (!is_known(inventory, &portal)) {
            verdict_fail(verdict, record, "structure %u, Socket %u, is of no portal that is asked",
                         i, portal.socket);
            verdict_expect(verdict, "Address and Socket of each portal that is asked, once");
        }
    }
    return true;
}

static void judge_portals(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_success(evidence, judge_portals_of, verdict);
}

// ---- Members

static bool judge_texts_of(const struct evidence *evidence, const struct record *record,
                           struct verdict *verdict)
{
    for (uint32_t i = 0; i < structure_count(evidence, record); i++) {
        struct portal portal;
        portal_read(evidence, record, i, &portal);
        for (size_t j = 0; j < PORTAL_TEXTS && verdict->kind == VERDICT_PASS; j++)
            if (!structure_text_ends(&portal.texts[j])) {
                verdict_fail(verdict, record, "%s of portal %u has no NUL in its %u characters",
                             portal.texts[j].name, i, portal.texts[j].room);
                verdict_expect(verdict, "terminated texts");
            }
    }
    return true;
}

static void judge_texts(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_success(evidence, judge_texts_of, verdict);
}

static bool judge_secrets_of(const struct evidence *evidence, const struct record *record,
                             struct verdict *verdict)
{
    for (uint32_t i = 0; i < structure_count(evidence, record); i++) {
        struct portal portal;
        portal_read(evidence, record, i, &portal);
        for (size_t j = 0; j < PORTAL_SECRETS && verdict->kind == VERDICT_PASS; j++) {
            const struct portal_secret *secret = &portal.secrets[j];
            if (secret->length > 0 && !structure_holds(record, secret->offset, secret->length)) {
                verdict_fail(verdict, record,
                             "%s of portal %u, %u bytes, is at PortalInfo + %" PRId64
                             ", with *PortalInfoSize = %u",
                             secret->name, i, secret->length, secret->offset,
                             record->outcome.size_out);
                verdict_expect(verdict, "within the bytes retrieved, or a length of 0");
            }
        }
    }
    return true;
}

static void judge_secrets(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_success(evidence, judge_secrets_of, verdict);
}

// ---- The same

static void judge_agreement(const struct evidence *evidence, struct verdict *verdict)
{
    judge_items_agree(evidence, portals_equal, verdict);
}

static void judge_same(const struct evidence *evidence, struct verdict *verdict)
{
    judge_items_same(evidence, portals_equal, verdict);
}

// ---- At once, and amid changes

static void judge_threads(const struct evidence *evidence, struct verdict *verdict)
{
    judge_at_once(evidence, portals_equal, verdict);
}

static void judge_changing(const struct evidence *evidence, struct verdict *verdict)
{
    judge_amid_changes(evidence, judge_portals_of, verdict);
}

static const struct clause clauses[] = {
    {.id = "PORTALS-1",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportIScsiSendTargetPortalsEx: a sufficient buffer gives ERROR_SUCCESS",
     .source = SOURCE_RETURNS,
     .why = "A caller that did everything right must get the portals, at every size that is large "
            "enough.",
     .passing = "0 for every buffer of at least the bytes required",
     .failing = "122, or any other code, for a buffer of the size that a query asked for",
     .probe_sets = items_sets_sufficient,
     .charsets = JUDGED_EACH,
     .family = FAMILY_PORTALS,
     .judge = judge_items_sufficient},
    {.id = "PORTALS-2",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportIScsiSendTargetPortalsEx: an insufficient buffer gives "
                 "ERROR_INSUFFICIENT_BUFFER, 122 itself",
     .source = SOURCE_RETURNS,
     .why = "Callers compare with 122 to know that they must enlarge the buffer.",
     .passing = "122 for a query with size 0, and for every buffer too small for the portals",
     .failing = "234, 0x8007007A; or 0 with as many portals as fit",
     .probe_sets = items_sets_insufficient,
     .charsets = JUDGED_EACH,
     .family = FAMILY_PORTALS,
     .judge = judge_items_insufficient},
    {.id = "PORTALS-3",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "ReportIScsiSendTargetPortalsEx: on insufficient, *PortalInfoSize is the number "
                 "of bytes required, the same whatever was offered",
     .source = SOURCE_CALLERS,
     .why = "The caller allocates what it is told.",
     .passing = "*PortalInfoSize = 848 for one portal, in A on 64 bits",
     .failing = "*PortalInfoSize as it was offered",
     .probe_sets = items_sets_required,
     .charsets = JUDGED_EACH,
     .family = FAMILY_PORTALS,
     .judge = judge_items_required},
    {.id = "PORTALS-4",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "ReportIScsiSendTargetPortalsEx: exactly the size required is enough",
     .source = SOURCE_CALLERS,
     .why = "The caller allocates what it is told, and calls again.",
     .passing = "0 for 848 bytes, where a query said 848",
     .failing = "122 for 848 bytes, where a query said 848",
     .probe_sets = items_sets_fetch,
     .charsets = JUDGED_EACH,
     .family = FAMILY_PORTALS,
     .judge = judge_items_exact},
    {.id = "PORTALS-5",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportIScsiSendTargetPortalsEx: nothing but the buffer and the two ULONGs is "
                 "written, at any size",
     .source = SOURCE_INFO,
     .why = "It is the caller's memory.",
     .passing = "the bytes around the buffer and beside the ULONGs are as they were",
     .failing = "structures written before the size is checked",
     .probe_sets = items_sets_all,
     .charsets = JUDGED_EACH,
     .family = FAMILY_PORTALS,
     .judge = judge_outside},
    {.id = "PORTALS-6",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportIScsiSendTargetPortalsEx: PortalInfo NULL with PortalInfoSize not 0: no "
                 "fault, no success unless there is nothing to report",
     .source = SOURCE_INFO,
     .why = "Callers pass a size left over from an earlier call.",
     .passing = "122 with the size required, or 87",
     .failing = "a write through NULL; 0",
     .probe_sets = items_sets_null,
     .charsets = JUDGED_EACH,
     .family = FAMILY_PORTALS,
     .judge = judge_items_null},
    {.id = "PORTALS-7",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportIScsiSendTargetPortalsEx: on success, *PortalInfoSize is no more than was "
                 "offered, and *PortalCount structures fit in it",
     .source = SOURCE_SIZE,
     .why = "Callers walk that many structures.",
     .passing = "*PortalCount = 1, *PortalInfoSize = 848",
     .failing = "one too many; a size of 0",
     .probe_sets = items_sets_fetch,
     .charsets = JUDGED_EACH,
     .family = FAMILY_PORTALS,
     .judge = judge_portal_count},
    {.id = "PORTALS-8",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ReportIScsiSendTargetPortalsEx: the portals are those that the initiator asks, "
                 "each once, by Address and Socket",
     .source = SOURCE_FUNCTION,
     .why = "Programs add a portal if it is not listed, and remove it by what is listed.",
     .passing = "\"127.0.0.1\" and 3260",
     .failing = "the port in network order; \"127.0.0.1:3260\"; the last portal left out",
     .probe_sets = items_sets_fetch,
     .charsets = JUDGED_EACH,
     .family = FAMILY_PORTALS,
     .judge = judge_portals},
    {.id = "PORTALS-9",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportIScsiSendTargetPortalsEx: InitiatorName, SymbolicName and Address end with "
                 "a NUL",
     .source = SOURCE_STRUCTURE,
     .why = "Callers take them for strings.",
     .passing = "an empty SymbolicName",
     .failing = "SymbolicName as it was in the buffer",
     .probe_sets = items_sets_fetch,
     .charsets = JUDGED_EACH,
     .family = FAMILY_PORTALS,
     .judge = judge_texts},
    {.id = "PORTALS-10",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportIScsiSendTargetPortalsEx: Username and Password of LoginOptions are within "
                 "the bytes retrieved, or have a length of 0",
     .source = SOURCE_STRUCTURE,
     .why = "Callers pass the options on to a login, and free the buffer as a whole.",
     .passing = "UsernameLength and PasswordLength = 0",
     .failing = "a name in the memory of the library",
     .probe_sets = items_sets_fetch,
     .charsets = JUDGED_EACH,
     .family = FAMILY_PORTALS,
     .judge = judge_secrets},
    {.id = "PORTALS-11",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportIScsiSendTargetPortalsEx: A and W tell the same portals",
     .source = SOURCE_FUNCTION,
     .why = "Which of the two a program calls is how it was compiled.",
     .passing = "the same texts and numbers, in any order",
     .failing = "another InitiatorPortNumber in one of them",
     .probe_sets = items_sets_fetch,
     .charsets = JUDGED_TOGETHER,
     .family = FAMILY_PORTALS,
     .judge = judge_agreement},
    {.id = "PORTALS-12",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportIScsiSendTargetPortalsEx: the same call gives the same status, size and "
                 "portals, as long as nothing changes",
     .source = SOURCE_FUNCTION,
     .why = "A query and a fetch are two calls.",
     .passing = "the same portals, whatever was offered",
     .failing = "the third call leaves the last portal out",
     .probe_sets = items_sets_repeat,
     .charsets = JUDGED_EACH,
     .family = FAMILY_PORTALS,
     .judge = judge_same},
    {.id = "PORTALS-13",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "ReportIScsiSendTargetPortalsEx: on insufficient, *PortalCount is the number of "
                 "portals",
     .source = SOURCE_CALLERS,
     .why = "That caller takes a count of 0 for \"no portals\", and does not call again.",
     .passing = "*PortalCount = 1 for a query, where one portal is asked",
     .failing = "*PortalCount as it was; 0",
     .probe_sets = items_sets_insufficient,
     .charsets = JUDGED_EACH,
     .family = FAMILY_PORTALS,
     .judge = judge_count_required},
    {.id = "PORTALS-14",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportIScsiSendTargetPortalsEx: calls from many threads at once each give what "
                 "one call alone gives",
     .source = SOURCE_FUNCTION,
     .why = "Nothing in the documentation says that a caller must be the only one.",
     .passing = "the same status, size and portals",
     .failing = "an error code for all but one of the threads",
     .probe_sets = items_sets_threads,
     .more_sets = items_sets_alone,
     .charsets = JUDGED_EACH,
     .family = FAMILY_PORTALS,
     .judge = judge_threads},
    {.id = "PORTALS-15",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "ReportIScsiSendTargetPortalsEx: while sessions come and go, every answer is that "
                 "of one moment, and nothing "
                 "is written outside",
     .source = SOURCE_FUNCTION,
     .why = "Sessions come and go at any time.",
     .passing = "the same portals as before",
     .failing = "an error code for a call that a login overtakes",
     .probe_sets = items_sets_changing,
     .charsets = JUDGED_EACH,
     .family = FAMILY_PORTALS,
     .wants = LACKS_CHANGES,
     .judge = judge_changing},
};

const struct clause_group group_portals = {
    .name = "PORTALS",
    .title = "the sibling ReportIScsiSendTargetPortalsEx (only where it is named)",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
    .by_name = true,
};
