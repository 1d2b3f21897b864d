// SPDX-License-Identifier: Apache-2.0
// DEVICES: GetDevicesForIScsiSessionA and W, which tell the devices of a session. The size is
// counted in structures; the session is one of the list of GetIScsiSessionList.
#include "conformance/clauses/groups.h"
#include "conformance/clauses/shared.h"
#include "conformance/judge/item_judges.h"
#include "conformance/judge/item_moments.h"
#include "conformance/judge/items.h"
#include "conformance/judge/judging.h"
#include "conformance/judge/structures.h"
#include "iscsi_login.h"

#include <inttypes.h>
#include <string.h>

static const char SOURCE_FUNCTION[] = "GetDevicesForIScsiSession function, iscsidsc.h";
static const char SOURCE_COUNT[] =
    "GetDevicesForIScsiSession function, parameter DeviceCount [in, out]";
static const char SOURCE_DEVICES[] = "GetDevicesForIScsiSession function, parameter Devices [out]";
static const char SOURCE_SESSION[] = "GetDevicesForIScsiSession function, parameter SessionId [in]";
static const char SOURCE_STRUCTURE[] = "ISCSI_DEVICE_ON_SESSION structure, iscsidsc.h";

enum { LUNS = 256, DISK = 7 };

// Where the members stand: without pointers, so the same for 64 and 32 bits.
struct layout {
    uint32_t width; // bytes of a character
    uint32_t size;  // of the structure
    uint32_t initiator_name, target_name, address, interface_type, interface_name, legacy_name,
        number;
};

#define LAYOUT(of, bytes)                                                                          \
    {                                                                                              \
        .width = (bytes), .size = sizeof(of), .initiator_name = offsetof(of, initiator_name),      \
        .target_name = offsetof(of, target_name), .address = offsetof(of, address),                \
        .interface_type = offsetof(of, interface_type),                                            \
        .interface_name = offsetof(of, interface_name), .legacy_name = offsetof(of, legacy_name),  \
        .number = offsetof(of, number)                                                             \
    }

static const struct layout *layout_of(const struct record *record)
{
    static const struct layout narrow = LAYOUT(iscsi_device_on_session_a, 1);
    static const struct layout wide = LAYOUT(iscsi_device_on_session_w, 2);
    return function_of((enum charset)record->call.charset)->strings == STRINGS_WIDE ? &wide
                                                                                    : &narrow;
}

// A text of a structure, with the room that it has, in characters.
struct member {
    const char *name;
    uint32_t offset;
    uint32_t room;
};

enum { TEXTS = 4, TARGET_NAME = 1 };

static void list_texts(const struct layout *layout, struct member texts[TEXTS])
{
    texts[0] = (struct member){"InitiatorName", layout->initiator_name, ISCSI_HBA_NAME_SIZE};
    texts[TARGET_NAME] = (struct member){"TargetName", layout->target_name, ISCSI_NAME_SIZE};
    texts[2] = (struct member){"DeviceInterfaceName", layout->interface_name, ISCSI_PATH_SIZE};
    texts[3] = (struct member){"LegacyName", layout->legacy_name, ISCSI_PATH_SIZE};
}

// How many structures there are to look at.
static uint32_t element_count(const struct record *record)
{
    uint32_t there = record->outcome.byte_count / layout_of(record)->size;
    return record->outcome.size_out < there ? record->outcome.size_out : there;
}

static const uint8_t *element(const struct record *record, uint32_t index)
{
    return record->bytes + (size_t)index * layout_of(record)->size;
}

static unsigned character(const struct layout *layout, const uint8_t *text, uint32_t index)
{
    const uint8_t *at = text + (size_t)index * layout->width;
    return layout->width == 2 ? at[0] | (unsigned)at[1] << 8 : at[0];
}

static uint32_t read_u32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

static uint8_t lun_of(const struct record *record, uint32_t index)
{
    return element(record,
                   index)[layout_of(record)->address + offsetof(struct iscsi_scsi_address, lun)];
}

static uint32_t type_of(const struct record *record, uint32_t index)
{
    return read_u32(element(record, index) + layout_of(record)->number +
                    offsetof(struct iscsi_device_number, device_type));
}

// ---- How many

static bool judge_count_of(const struct evidence *evidence, const struct record *record,
                           struct verdict *verdict)
{
    struct items_room room = items_room(evidence, record);
    uint32_t told = record->outcome.size_out;
    if (told > record->call.offered || told < room.least || told > room.most) {
        verdict_fail(
            verdict, record,
            "success with *DeviceCount = %u, for %u offered, where the session has %" PRIu64
            " disks",
            told, record->call.offered, room.least);
        verdict_expect(verdict, "the number of devices that the session has");
    }
    return true;
}

static void judge_device_count(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_success(evidence, judge_count_of, verdict);
}

// ---- Which

static bool is_named(const struct record *record, uint32_t index, const char *name)
{
    const struct layout *layout = layout_of(record);
    const struct structure_text text = {"TargetName", element(record, index) + layout->target_name,
                                        layout->width, ISCSI_NAME_SIZE};
    return structure_text_names(&text, name);
}

// Each disk once, the controller once at most, and nothing else.
static void compare_luns(const struct record *record, uint32_t disks, struct verdict *verdict)
{
    unsigned seen[LUNS] = {0};
    for (uint32_t i = 0; i < element_count(record); i++)
        seen[lun_of(record, i)]++;
    for (uint32_t lun = 0; lun < LUNS && verdict->kind == VERDICT_PASS; lun++) {
        bool is_disk = lun >= 1 && lun <= disks;
        if (is_disk ? seen[lun] != 1 : seen[lun] > (lun == 0)) {
            verdict_fail(verdict, record, "LUN %u is listed %u times", lun, seen[lun]);
            verdict_expect(
                verdict, "LUN 1 to %u, the disks, once each; LUN 0, the controller, or not", disks);
        }
    }
}

static bool judge_devices_of(const struct evidence *evidence, const struct record *record,
                             struct verdict *verdict)
{
    const struct truth_session *session = items_session(evidence, record);
    if (session == NULL)
        return false;
    const struct inventory_target *target =
        inventory_find(evidence->transcript->inventory, session->target_node_name);
    for (uint32_t i = 0; i < element_count(record); i++) {
        if (is_named(record, i, session->target_node_name))
            continue;
        verdict_fail(verdict, record, "TargetName of device %u is another", i);
        verdict_expect(verdict, "the name of the session's target, %.223s",
                       session->target_node_name);
        return true;
    }
    if (target != NULL && target->disk_count != DISKS_UNKNOWN)
        compare_luns(record, target->disk_count, verdict);
    return true;
}

static void judge_devices(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_success(evidence, judge_devices_of, verdict);
}

// ---- Members

static bool is_terminated(const struct record *record, uint32_t index, const struct member *text)
{
    const struct layout *layout = layout_of(record);
    for (uint32_t i = 0; i < text->room; i++)
        if (character(layout, element(record, index) + text->offset, i) == 0)
            return true;
    return false;
}

static bool judge_texts_of(const struct evidence *evidence, const struct record *record,
                           struct verdict *verdict)
{
    struct member texts[TEXTS];
    (void)evidence;
    list_texts(layout_of(record), texts);
    for (uint32_t i = 0; i < element_count(record); i++)
        for (size_t j = 0; j < TEXTS && verdict->kind == VERDICT_PASS; j++)
            if (!is_terminated(record, i, &texts[j])) {
                verdict_fail(verdict, record, "%s of device %u has no NUL in its %u characters",
                             texts[j].name, i, texts[j].room);
                verdict_expect(verdict, "terminated texts");
            }
    return true;
}

static void judge_texts(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_success(evidence, judge_texts_of, verdict);
}

static bool judge_numbers_of(const struct evidence *evidence, const struct record *record,
                             struct verdict *verdict)
{
    (void)evidence;
    for (uint32_t i = 0; i < element_count(record) && verdict->kind == VERDICT_PASS; i++) {
        uint32_t length = read_u32(element(record, i) + layout_of(record)->address);
        if (length != sizeof(struct iscsi_scsi_address)) {
            verdict_fail(verdict, record, "ScsiAddress.Length of device %u is %u", i, length);
            verdict_expect(verdict, "%zu, the size of a SCSI_ADDRESS",
                           sizeof(struct iscsi_scsi_address));
        } else if (lun_of(record, i) > 0 && type_of(record, i) != DISK) {
            verdict_fail(verdict, record, "DeviceType of device %u, LUN %u, is %u", i,
                         lun_of(record, i), type_of(record, i));
            verdict_expect(verdict, "%d, a disk", DISK);
        }
    }
    return true;
}

static void judge_numbers(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_success(evidence, judge_numbers_of, verdict);
}

// ---- The same

// The same text? What one of the two has beyond ASCII may be encoded in any way in the other.
static bool same_text(const struct layout *layout, const uint8_t *text, const struct layout *others,
                      const uint8_t *other, uint32_t room)
{
    for (uint32_t i = 0; i < room; i++) {
        unsigned one = character(layout, text, i);
        unsigned two = character(others, other, i);
        if (layout != others && (one > 0x7F || two > 0x7F))
            return true;
        if (one != two)
            return false;
        if (one == 0)
            return true;
    }
    return true;
}

static bool same_element(const struct record *one, uint32_t first, const struct record *other,
                         uint32_t second)
{
    const struct layout *layout = layout_of(one);
    const struct layout *others = layout_of(other);
    const uint8_t *a = element(one, first);
    const uint8_t *b = element(other, second);
    struct member texts[TEXTS];
    struct member texts_of_other[TEXTS];
    list_texts(layout, texts);
    list_texts(others, texts_of_other);
    for (size_t i = 0; i < TEXTS; i++)
        if (!same_text(layout, a + texts[i].offset, others, b + texts_of_other[i].offset,
                       texts[i].room))
            return false;
    return memcmp(a + layout->address, b + others->address, sizeof(struct iscsi_scsi_address)) ==
               0 &&
           memcmp(a + layout->number, b + others->number, sizeof(struct iscsi_device_number)) == 0;
}

// The same devices, in whatever order.
static bool same_devices(const struct evidence *evidence, const struct record *one,
                         const struct record *other)
{
    uint32_t count = element_count(one);
    (void)evidence;
    if (count != element_count(other))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t found = 0;
        while (found < count && !same_element(one, i, other, found))
            found++;
        if (found == count)
            return false;
    }
    return true;
}

static void judge_agreement(const struct evidence *evidence, struct verdict *verdict)
{
    judge_items_agree(evidence, same_devices, verdict);
}

static void judge_same(const struct evidence *evidence, struct verdict *verdict)
{
    judge_items_same(evidence, same_devices, verdict);
}

// ---- Unknown sessions

static bool judge_unknown_of(const struct evidence *evidence, const struct record *record,
                             void *context, struct verdict *verdict)
{
    const struct outcome *outcome = &record->outcome;
    char text[128];
    (void)context;
    if (!record_returned(record) || items_session(evidence, record) != NULL)
        return false;
    if (record_succeeded(record) || record_insufficient(record)) {
        verdict_fail(verdict, record, "%s for a session that there is not",
                     error_code_describe(outcome->status, text, sizeof text));
        verdict_expect(verdict, "an error code, such as 0xEFFF001C");
    } else if (!extent_empty(outcome->inside)) {
        verdict_fail(verdict, record, "the buffer was changed, from byte %lld to %lld",
                     (long long)outcome->inside.first, (long long)outcome->inside.last);
        verdict_expect(verdict, "nothing is written: there is no such session");
    }
    return true;
}

static void judge_unknown(const struct evidence *evidence, struct verdict *verdict)
{
    size_t seen = judge_each_record(evidence, judge_unknown_of, NULL, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_ANY, "no call with such an identifier returned", verdict);
    if (verdict->kind == VERDICT_PASS)
        judge_outside(evidence, verdict);
}

// ---- At once, and amid changes

static void judge_threads(const struct evidence *evidence, struct verdict *verdict)
{
    judge_at_once(evidence, same_devices, verdict);
}

static void judge_changing(const struct evidence *evidence, struct verdict *verdict)
{
    judge_amid_changes(evidence, judge_devices_of, verdict);
}

static const char *const sets_list[] = {"fetch", NULL};
static const char *const sets_unknown[] = {"items-unknown", NULL};

static const struct clause clauses[] = {
    {.id = "DEVICES-1",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "GetDevicesForIScsiSession: a sufficient array gives ERROR_SUCCESS",
     .source = SOURCE_FUNCTION,
     .why = "A caller that did everything right must get the devices, at every size that is large "
            "enough.",
     .passing = "0 for every array of at least as many structures as a query asked for",
     .failing = "122, or any other code, for an array of the size that a query asked for",
     .probe_sets = items_sets_sufficient,
     .list_sets = sets_list,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_DEVICES,
     .judge = judge_items_sufficient},
    {.id = "DEVICES-2",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "GetDevicesForIScsiSession: an insufficient array gives "
                 "ERROR_INSUFFICIENT_BUFFER, 122 itself",
     .source = SOURCE_FUNCTION,
     .why = "Callers compare with 122 to know that they must enlarge the array.",
     .passing = "122 for a query with count 0, and for every array too small for the devices",
     .failing = "234, 0x8007007A; or 0 with as many devices as fit",
     .probe_sets = items_sets_insufficient,
     .list_sets = sets_list,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_DEVICES,
     .judge = judge_items_insufficient},
    {.id = "DEVICES-3",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "GetDevicesForIScsiSession: on insufficient, *DeviceCount is the number of "
                 "structures required, the same whatever was offered",
     .source = SOURCE_COUNT,
     .why = "The caller allocates what it is told, times the size of a structure.",
     .passing = "*DeviceCount = 2 for a session with a disk and a controller",
     .failing = "*DeviceCount = 2080, the bytes; the number that are missing",
     .probe_sets = items_sets_required,
     .list_sets = sets_list,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_DEVICES,
     .judge = judge_items_required},
    {.id = "DEVICES-4",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "GetDevicesForIScsiSession: exactly the count required is enough",
     .source = SOURCE_COUNT,
     .why = "The caller allocates what it is told, and calls again.",
     .passing = "0 for 2 structures, where a query said 2",
     .failing = "122 for 2 structures, where a query said 2",
     .probe_sets = items_sets_fetch,
     .list_sets = sets_list,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_DEVICES,
     .judge = judge_items_exact},
    {.id = "DEVICES-5",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence =
         "GetDevicesForIScsiSession: nothing but the array and the ULONG is written, at any "
         "size",
     .source = SOURCE_DEVICES,
     .why = "It is the caller's memory.",
     .passing = "the bytes around the array and beside the ULONG, and the SessionId, are as they "
                "were",
     .failing = "devices written before the count is checked",
     .probe_sets = items_sets_all,
     .list_sets = sets_list,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_DEVICES,
     .judge = judge_outside},
    {.id = "DEVICES-6",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "GetDevicesForIScsiSession: Devices NULL with DeviceCount not 0: no fault, no "
                 "success unless there is nothing to report",
     .source = SOURCE_DEVICES,
     .why = "Callers pass a count left over from an earlier call.",
     .passing = "122 with the count required, or 87",
     .failing = "a write through NULL; 0",
     .probe_sets = items_sets_null,
     .list_sets = sets_list,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_DEVICES,
     .judge = judge_items_null},
    {.id = "DEVICES-7",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "GetDevicesForIScsiSession: on success, *DeviceCount is the number of devices, no "
                 "more than was offered",
     .source = SOURCE_COUNT,
     .why = "Callers walk that many structures.",
     .passing = "2 for a session with a disk and a controller, also where 6 were offered",
     .failing = "the number that was offered; the bytes",
     .probe_sets = items_sets_fetch,
     .list_sets = sets_list,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_DEVICES,
     .judge = judge_device_count},
    {.id = "DEVICES-8",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "GetDevicesForIScsiSession: the devices are those of the session that is named: "
                 "its target, each logical unit once",
     .source = SOURCE_FUNCTION,
     .why = "Callers find by it which disk belongs to which session, and write to that disk.",
     .passing = "the target's name and its LUNs, in any order; tgtd's controller, LUN 0, or not",
     .failing = "the devices of the first session, whatever the SessionId",
     .probe_sets = items_sets_fetch,
     .list_sets = sets_list,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_DEVICES,
     .judge = judge_devices},
    {.id = "DEVICES-9",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "GetDevicesForIScsiSession: the texts of each structure end with a NUL",
     .source = SOURCE_STRUCTURE,
     .why = "Callers print them and open devices by them.",
     .passing = "InitiatorName, TargetName, DeviceInterfaceName and LegacyName, terminated",
     .failing = "a member that was never written",
     .probe_sets = items_sets_fetch,
     .list_sets = sets_list,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_DEVICES,
     .judge = judge_texts},
    {.id = "DEVICES-10",
     .level = LEVEL_SHOULD,
     .basis = BASIS_IMPLIED,
     .sentence = "GetDevicesForIScsiSession: ScsiAddress.Length is the size of that structure, and "
                 "the DeviceType of a disk is 7",
     .source = "SCSI_ADDRESS, ntddscsi.h; STORAGE_DEVICE_NUMBER, winioctl.h",
     .why = "Callers choose the disks among the devices by their type.",
     .passing = "Length = 8, DeviceType = 7 (FILE_DEVICE_DISK)",
     .failing = "Length = 0; DeviceType = 0, which is the peripheral device type of SCSI",
     .probe_sets = items_sets_fetch,
     .list_sets = sets_list,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_DEVICES,
     .judge = judge_numbers},
    {.id = "DEVICES-11",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "GetDevicesForIScsiSession: A and W tell the same devices",
     .source = SOURCE_FUNCTION,
     .why = "Which of the two a program calls is how it was compiled.",
     .passing = "the same names, addresses, types and numbers, in any order",
     .failing = "a LUN in one of them only",
     .probe_sets = items_sets_fetch,
     .list_sets = sets_list,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_TOGETHER,
     .family = FAMILY_DEVICES,
     .judge = judge_agreement},
    {.id = "DEVICES-12",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "GetDevicesForIScsiSession: a SessionId that no session has gives an error, and "
                 "nothing is written",
     .source = SOURCE_SESSION,
     .why = "A caller whose session has just ended must not get the devices of another.",
     .passing = "0xEFFF001C (ISDSC_INVALID_SESSION_ID), or another error; the array as it was",
     .failing = "0 with no devices; only one half of the identifier compared",
     .probe_sets = sets_unknown,
     .list_sets = sets_list,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_DEVICES,
     .judge = judge_unknown},
    {.id = "DEVICES-13",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "GetDevicesForIScsiSession: the same call gives the same status, count and "
                 "devices, as long as nothing changes",
     .source = SOURCE_FUNCTION,
     .why = "A query and a fetch are two calls.",
     .passing = "the same devices, whatever was offered",
     .failing = "the second call finds no devices",
     .probe_sets = items_sets_repeat,
     .list_sets = sets_list,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_DEVICES,
     .judge = judge_same},
    {.id = "DEVICES-14",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "GetDevicesForIScsiSession: calls from many threads at once each give what one "
                 "call alone gives",
     .source = SOURCE_FUNCTION,
     .why = "Nothing in the documentation says that a caller must be the only one.",
     .passing = "the same status, size and devices",
     .failing = "an error code for all but one of the threads",
     .probe_sets = items_sets_threads,
     .more_sets = items_sets_alone,
     .list_sets = sets_list,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_DEVICES,
     .judge = judge_threads},
    {.id = "DEVICES-15",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "GetDevicesForIScsiSession: while sessions come and go, every answer is that of "
                 "one moment, and nothing "
                 "is written outside",
     .source = SOURCE_FUNCTION,
     .why = "Sessions come and go at any time.",
     .passing = "the same devices as before: this session stays",
     .failing = "an error code, or the devices of another session",
     .probe_sets = items_sets_changing,
     .list_sets = sets_list,
     .needs = NEEDS_CONNECTED,
     .charsets = JUDGED_EACH,
     .family = FAMILY_DEVICES,
     .wants = LACKS_CHANGES,
     .judge = judge_changing},
};

const struct clause_group group_devices = {
    .name = "DEVICES",
    .title = "the sibling GetDevicesForIScsiSession (only where it is named)",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
    .by_name = true,
};
