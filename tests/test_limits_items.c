// The clauses of ReportIScsiTargets and GetDevicesForIScsiSession, by recorded calls that stand
// exactly on their limits.
#include "conformance/clauses/groups.h"
#include "conformance/transcript/error_codes.h"
#include "conformance/transcript/function.h"
#include "iscsi_login.h"
#include "tests/main.h"
#include "tests/scene.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

// The two names with their NULs and one more; the disks of the first session's target, and its
// controller.
enum {
    NAME_LENGTH = 29,
    REQUIRED = 2 * (NAME_LENGTH + 1) + 1,
    DISKS = 2,
    DEVICES = DISKS + 1,
    INVALID_PARAMETER = 87,
};

static const char names[] = "iqn.2004-01.com.example:Disk0\0iqn.2004-01.com.example:Disk1\0";
_Static_assert(sizeof names == REQUIRED, "the names, each with its NUL, and one NUL more");

static struct scene scene;

// ---- Calls

static const uint8_t *first_session(void)
{
    static uint8_t subject[SUBJECT_SIZE];
    const uint64_t id[2] = {1, 1};
    memcpy(subject, id, sizeof id);
    return subject;
}

static struct record *add(const char *set, enum charset charset, enum placement placement,
                          uint32_t offered, uint32_t status, uint32_t size_out)
{
    const struct function *function = function_of(charset);
    struct call call = {.charset = (uint8_t)charset,
                        .placement = (uint8_t)placement,
                        .offered = offered,
                        .repeat = 1};
    struct outcome outcome = {.kind = OUTCOME_RETURNED,
                              .status = status,
                              .size_out = size_out,
                              .inside = extent_none(),
                              .before = extent_none(),
                              .after = extent_none(),
                              .base = placement == PLACE_NULL ? 0 : 0x200000,
                              .began_ns = scene.now_ns += 10,
                              .ended_ns = scene.now_ns += 10};
    if (function_takes(function, PARAMETER_ID))
        memcpy(call.subject, first_session(), SUBJECT_SIZE);
    outcome_single(&outcome);
    ck_assert_int_eq(transcript_add(scene.transcript, set, &call, &outcome, NULL), 0);
    return transcript_last(scene.transcript);
}

// The buffer of a success; what a test writes there is the answer.
static uint8_t *fill(struct record *record, uint32_t size)
{
    ck_assert_uint_lt(scene.owned_count, 512);
    uint8_t *bytes = calloc(1, size + 1);
    ck_assert_ptr_nonnull(bytes);
    scene.owned[scene.owned_count++] = bytes;
    record->bytes = bytes;
    record->outcome.byte_count = size;
    record->same_as = (size_t)(record - scene.transcript->records);
    return bytes;
}

static void put(uint8_t *bytes, uint32_t width, const char *text, size_t units)
{
    for (size_t i = 0; i < units; i++)
        bytes[i * width] = (uint8_t)text[i];
}

static void succeed_with_names(struct record *record)
{
    uint32_t width = function_of((enum charset)record->call.charset)->unit_size;
    put(fill(record, REQUIRED * width), width, names, REQUIRED);
}

static void put_device(uint8_t *bytes, uint32_t width, uint32_t lun)
{
    struct iscsi_scsi_address address = {.length = sizeof address, .lun = (uint8_t)lun};
    struct iscsi_device_number number = {.device_type = lun == 0 ? 4 : 7, .device_number = lun};
    bool wide = width == 2;
    put(bytes + (wide ? offsetof(iscsi_device_on_session_w, target_name)
                      : offsetof(iscsi_device_on_session_a, target_name)),
        width, names, NAME_LENGTH + 1);
    memcpy(bytes + (wide ? offsetof(iscsi_device_on_session_w, address)
                         : offsetof(iscsi_device_on_session_a, address)),
           &address, sizeof address);
    memcpy(bytes + (wide ? offsetof(iscsi_device_on_session_w, number)
                         : offsetof(iscsi_device_on_session_a, number)),
           &number, sizeof number);
}

static void succeed_with_devices(struct record *record)
{
    const struct function *function = function_of((enum charset)record->call.charset);
    uint8_t *bytes = fill(record, DEVICES * function->unit_size);
    for (uint32_t lun = 0; lun < DEVICES; lun++)
        put_device(bytes + (size_t)lun * function->unit_size,
                   function->strings == STRINGS_WIDE ? 2 : 1, lun);
}

static void call_rightly(enum charset charset, uint32_t required)
{
    bool names_wanted = function_of(charset)->family == FAMILY_TARGETS;
    static const struct {
        const char *set;
        int more; // than required
        enum placement placement;
    } calls[] = {
        {"items-null", 0, PLACE_NULL},   {"items-fetch", 0, PLACE_END},
        {"items-fetch", 5, PLACE_START}, {"items-short", -1, PLACE_END},
        {"items-sweep", -2, PLACE_END},  {"items-sweep", 0, PLACE_END},
        {"items-repeat", 0, PLACE_END},
    };
    add("items-query", charset, PLACE_NULL, 0, ERROR_INSUFFICIENT_BUFFER, required);
    add("items-query", charset, PLACE_END, 0, ERROR_INSUFFICIENT_BUFFER, required);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        bool enough = calls[i].more >= 0 && calls[i].placement != PLACE_NULL;
        struct record *record =
            add(calls[i].set, charset, calls[i].placement, required + (uint32_t)calls[i].more,
                enough ? ERROR_SUCCESS : ERROR_INSUFFICIENT_BUFFER, required);
        if (enough && names_wanted)
            succeed_with_names(record);
        else if (enough)
            succeed_with_devices(record);
    }
}

static void set_up(void)
{
    scene_open(&scene, SCENE_SESSIONS);
    struct inventory *inventory = calloc(1, sizeof *inventory);
    scene.transcript->inventory = inventory;
    scene.transcript->hello.has_more = HELLO_MORE_ALL;
    ck_assert_ptr_nonnull(inventory);
    ck_assert_int_eq(inventory_add(inventory, names + NAME_LENGTH + 1, true, 1), 0);
    ck_assert_int_eq(inventory_add(inventory, names, true, DISKS), 0);
    scene_call(&scene, "fetch", CHARSET_W, PLACE_END, scene_required(&scene, CHARSET_W));
    call_rightly(CHARSET_TARGETS_A, REQUIRED);
    call_rightly(CHARSET_TARGETS_W, REQUIRED);
    call_rightly(CHARSET_DEVICES_A, DEVICES);
    call_rightly(CHARSET_DEVICES_W, DEVICES);
    for (int charset = CHARSET_DEVICES_A; charset <= CHARSET_DEVICES_W; charset++)
        memset(add("items-unknown", (enum charset)charset, PLACE_END, 16, 0xEFFF001C, 16)
                   ->call.subject,
               0xFF, SUBJECT_SIZE);
}

static void tear_down(void)
{
    scene_close(&scene);
}

static struct record *in(const char *set, enum charset charset, size_t index)
{
    return scene_record(&scene, set, charset, index);
}

static void expect(const char *clause, enum verdict_kind kind)
{
    scene_expect_in(&scene, clause, CHARSET_W, kind);
    // What is wrong in W does not count in A.
    if (kind == VERDICT_FAIL && clause_find(clause)->charsets == JUDGED_EACH)
        scene_expect_in(&scene, clause, CHARSET_A, VERDICT_PASS);
}

static struct record *target(const char *set, size_t index)
{
    return in(set, CHARSET_TARGETS_W, index);
}

static struct record *device(const char *set, size_t index)
{
    return in(set, CHARSET_DEVICES_W, index);
}

// ---- Both

START_TEST(a_right_answer_breaks_no_clause)
{
    const struct clause_group *groups[] = {&group_targets, &group_devices};
    scene.strict = true;
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < groups[i]->count; j++) {
            scene_expect_in(&scene, groups[i]->clauses[j].id, CHARSET_A, VERDICT_PASS);
            scene_expect_in(&scene, groups[i]->clauses[j].id, CHARSET_W, VERDICT_PASS);
        }
}
END_TEST

START_TEST(what_is_not_exported_is_no_failure)
{
    hello_note_export(&scene.transcript->hello, CHARSET_TARGETS_W, false);
    expect("TARGETS-1", VERDICT_SKIP);
    expect("TARGETS-10", VERDICT_SKIP);
    scene_expect_in(&scene, "TARGETS-1", CHARSET_A, VERDICT_PASS);
    expect("DEVICES-1", VERDICT_PASS);
}
END_TEST

START_TEST(without_an_inventory_nothing_is_judged)
{
    inventory_free(scene.transcript->inventory);
    scene.transcript->inventory = NULL;
    scene_expect_in(&scene, "TARGETS-9", CHARSET_A, VERDICT_ERROR);
    scene_expect_in(&scene, "DEVICES-2", CHARSET_A, VERDICT_ERROR);
}
END_TEST

START_TEST(calls_that_were_not_made_give_no_pass)
{
    for (size_t i = 0; i < 2; i++)
        target("items-fetch", i)->outcome.kind = OUTCOME_NOT_TRIED;
    expect("TARGETS-9", VERDICT_SKIP);
    expect("TARGETS-4", VERDICT_SKIP);
    scene_expect_in(&scene, "TARGETS-9", CHARSET_A, VERDICT_PASS);
}
END_TEST

START_TEST(a_call_that_does_not_return_is_blamed_on_its_clause)
{
    target("items-null", 0)->outcome.kind = OUTCOME_FAULT;
    expect("TARGETS-6", VERDICT_FAIL);
    target("items-short", 0)->outcome.kind = OUTCOME_HUNG;
    expect("TARGETS-2", VERDICT_FAIL);
    device("items-fetch", 0)->outcome.kind = OUTCOME_ENDED;
    expect("DEVICES-1", VERDICT_FAIL);
    device("items-unknown", 0)->outcome.kind = OUTCOME_FAULT;
    expect("DEVICES-12", VERDICT_FAIL);
    expect("DEVICES-2", VERDICT_PASS);
}
END_TEST

// ---- TARGETS

START_TEST(enough_for_the_names)
{
    scene_refuse(&scene, target("items-fetch", 0), ERROR_INSUFFICIENT_BUFFER);
    expect("TARGETS-1", VERDICT_FAIL);
    expect("TARGETS-4", VERDICT_FAIL);
}
END_TEST

START_TEST(more_than_enough_for_the_names)
{
    scene_refuse(&scene, target("items-fetch", 1), INVALID_PARAMETER);
    expect("TARGETS-1", VERDICT_FAIL);
    expect("TARGETS-4", VERDICT_PASS);
}
END_TEST

START_TEST(too_small_for_the_names)
{
    struct record *record = target("items-short", 0);
    record->outcome.status = INVALID_PARAMETER;
    expect("TARGETS-2", VERDICT_FAIL);
    record->outcome.status = ERROR_SUCCESS;
    expect("TARGETS-2", VERDICT_FAIL);
}
END_TEST

// Asks for one more than the names take.
START_TEST(an_offer_between_what_is_needed_and_what_is_required)
{
    target("items-query", 0)->outcome.size_out = REQUIRED + 1;
    struct record *record = target("items-short", 0);
    record->call.offered = REQUIRED;
    record->outcome.status = ERROR_SUCCESS;
    expect("TARGETS-2", VERDICT_PASS);
    record->call.offered = REQUIRED - 1;
    expect("TARGETS-2", VERDICT_FAIL);
}
END_TEST

static void require_everywhere(uint32_t required)
{
    for (size_t i = 0; i < scene.transcript->record_count; i++) {
        struct record *record = &scene.transcript->records[i];
        if (record->call.charset == CHARSET_TARGETS_W &&
            record->outcome.status == ERROR_INSUFFICIENT_BUFFER)
            record->outcome.size_out = required;
    }
}

START_TEST(characters_and_not_bytes)
{
    const uint32_t needed = REQUIRED;
    require_everywhere(2 * needed - 1);
    expect("TARGETS-3", VERDICT_PASS);
    require_everywhere(2 * needed);
    expect("TARGETS-3", VERDICT_FAIL);
}
END_TEST

START_TEST(less_than_the_names_take)
{
    target("items-short", 0)->call.offered = REQUIRED - 2;
    require_everywhere(REQUIRED - 1);
    expect("TARGETS-3", VERDICT_FAIL);
}
END_TEST

START_TEST(another_size_for_another_offer)
{
    target("items-short", 0)->outcome.size_out++;
    expect("TARGETS-3", VERDICT_FAIL);
}
END_TEST

START_TEST(no_more_than_was_offered)
{
    struct record *record = target("items-short", 0);
    record->call.offered = record->outcome.size_out;
    expect("TARGETS-3", VERDICT_FAIL);
}
END_TEST

START_TEST(what_is_written_outside)
{
    struct record *record = target("items-short", 0);
    int64_t end = (int64_t)call_bytes(&record->call);
    record->outcome.after = (struct extent){end, end};
    expect("TARGETS-5", VERDICT_FAIL);
    record->outcome.after = extent_none();
    record->outcome.size_cell_damaged = true;
    expect("TARGETS-5", VERDICT_FAIL);
    record->outcome.size_cell_damaged = false;
    record->outcome.before = (struct extent){-1, -1};
    expect("TARGETS-5", VERDICT_FAIL);
    record->outcome.before = extent_none();
    expect("TARGETS-5", VERDICT_PASS);
}
END_TEST

START_TEST(success_without_a_buffer)
{
    target("items-null", 0)->outcome.status = ERROR_SUCCESS;
    expect("TARGETS-6", VERDICT_FAIL);
    for (size_t i = 0; i < 2; i++)
        scene.transcript->inventory->targets[i].known = false;
    expect("TARGETS-6", VERDICT_PASS);
}
END_TEST

START_TEST(the_size_after_success)
{
    struct record *record = target("items-fetch", 1);
    record->outcome.size_out = record->call.offered;
    expect("TARGETS-7", VERDICT_PASS);
    record->outcome.size_out++;
    expect("TARGETS-7", VERDICT_WARN);
    record->outcome.size_out = REQUIRED - 1;
    expect("TARGETS-7", VERDICT_WARN);
}
END_TEST

// The last NUL is missing in the buffer, or the last but one.
START_TEST(the_end_of_the_list)
{
    struct record *record = target("items-fetch", 0);
    record->outcome.byte_count -= 2;
    expect("TARGETS-8", VERDICT_FAIL);
    expect("TARGETS-9", VERDICT_PASS);
    record->outcome.byte_count -= 2;
    expect("TARGETS-8", VERDICT_FAIL);
    expect("TARGETS-9", VERDICT_FAIL);
}
END_TEST

START_TEST(the_names_of_targets)
{
    struct inventory *inventory = scene.transcript->inventory;
    uint8_t *bytes = fill(target("items-fetch", 0), REQUIRED * 2);
    put(bytes, 2, names, NAME_LENGTH + 1); // the first alone
    expect("TARGETS-9", VERDICT_FAIL);
    expect("TARGETS-10", VERDICT_FAIL);
    inventory->targets[1].known = false;
    expect("TARGETS-9", VERDICT_PASS);
    put(bytes + 2 * (size_t)(NAME_LENGTH + 1), 2, names, NAME_LENGTH + 1); // twice
    expect("TARGETS-9", VERDICT_FAIL);
}
END_TEST

START_TEST(the_name_of_no_target)
{
    uint8_t *bytes = fill(target("items-fetch", 0), (REQUIRED + 4) * 2);
    put(bytes, 2, names, REQUIRED);
    put(bytes + 2 * (size_t)(REQUIRED - 1), 2, "x", 2);
    expect("TARGETS-9", VERDICT_FAIL);
    scene.transcript->inventory->others = true;
    expect("TARGETS-9", VERDICT_PASS);
    bytes[1] = 1; // a character that no name has
    expect("TARGETS-9", VERDICT_FAIL);
}
END_TEST

START_TEST(the_same_names_again)
{
    put(fill(target("items-repeat", 0), REQUIRED * 2), 2, names, NAME_LENGTH + 1);
    expect("TARGETS-11", VERDICT_FAIL);
}
END_TEST

START_TEST(the_same_status_and_size_again)
{
    struct record *record = target("items-repeat", 0);
    record->outcome.size_out--;
    expect("TARGETS-11", VERDICT_FAIL);
    record->outcome.size_out++;
    record->outcome.status = INVALID_PARAMETER;
    expect("TARGETS-11", VERDICT_FAIL);
    record->call.offered++; // another call
    expect("TARGETS-11", VERDICT_PASS);
    record->call.offered--;
    record->call.subject[0] = 1; // it, too
    expect("TARGETS-11", VERDICT_PASS);
}
END_TEST

// ---- DEVICES

START_TEST(structures_that_are_too_few)
{
    struct record *record = device("items-short", 0);
    ck_assert_uint_eq(record->call.offered, DISKS);
    record->outcome.status = ERROR_SUCCESS;
    expect("DEVICES-2", VERDICT_FAIL);
}
END_TEST

START_TEST(structures_required)
{
    for (uint32_t told = DISKS - 1; told <= DEVICES + 1; told++) {
        for (size_t i = 0; i < 2; i++)
            device("items-query", i)->outcome.size_out = told;
        device("items-short", 0)->outcome.size_out = told;
        device("items-short", 0)->call.offered = 0;
        device("items-sweep", 0)->outcome.size_out = told;
        device("items-sweep", 0)->call.offered = 0;
        expect("DEVICES-3", told == DISKS || told == DEVICES ? VERDICT_PASS : VERDICT_FAIL);
    }
    scene.transcript->inventory->targets[0].disk_count = DISKS_UNKNOWN;
    expect("DEVICES-3", VERDICT_PASS);
}
END_TEST

START_TEST(the_number_of_devices)
{
    struct record *record = device("items-fetch", 1);
    record->outcome.size_out = DISKS;
    expect("DEVICES-7", VERDICT_PASS);
    record->outcome.size_out = DISKS - 1;
    expect("DEVICES-7", VERDICT_FAIL);
    record->outcome.size_out = DEVICES + 1;
    expect("DEVICES-7", VERDICT_FAIL);
    record->outcome.size_out = DEVICES;
    record->call.offered = DEVICES - 1;
    expect("DEVICES-7", VERDICT_FAIL);
}
END_TEST

START_TEST(the_session_id_is_not_written_to)
{
    device("items-short", 0)->outcome.count_cell_damaged = true;
    expect("DEVICES-5", VERDICT_FAIL);
}
END_TEST

static uint8_t *member(struct record *record, uint32_t index, size_t offset)
{
    return record->bytes + index * sizeof(iscsi_device_on_session_w) + offset;
}

#define AT(member) offsetof(iscsi_device_on_session_w, member)

START_TEST(the_units_of_the_target)
{
    struct record *record = device("items-fetch", 0);
    uint8_t *lun = member(record, DISKS, AT(address.lun));
    *lun = DISKS - 1; // twice, and the last one not at all
    expect("DEVICES-8", VERDICT_FAIL);
    *lun = DISKS + 1; // one that there is not
    expect("DEVICES-8", VERDICT_FAIL);
    *lun = DISKS;
    expect("DEVICES-8", VERDICT_PASS);
    record->outcome.size_out = DISKS; // without the last
    expect("DEVICES-8", VERDICT_FAIL);
    *member(record, 0, AT(address.lun)) = DISKS; // and without the controller instead
    expect("DEVICES-8", VERDICT_PASS);
}
END_TEST

START_TEST(the_name_of_the_target)
{
    uint8_t *name = member(device("items-fetch", 0), 1, AT(target_name));
    name[2 * (size_t)NAME_LENGTH] = 'x'; // goes on
    expect("DEVICES-8", VERDICT_FAIL);
    name[2 * (size_t)NAME_LENGTH] = 0;
    name[1] = 1; // of a character's second byte
    expect("DEVICES-8", VERDICT_FAIL);
}
END_TEST

START_TEST(texts_without_an_end)
{
    const struct {
        size_t offset;
        size_t room;
    } texts[] = {{AT(initiator_name), ISCSI_HBA_NAME_SIZE},
                 {AT(target_name), ISCSI_NAME_SIZE},
                 {AT(interface_name), ISCSI_PATH_SIZE},
                 {AT(legacy_name), ISCSI_PATH_SIZE}};
    struct record *record = device("items-fetch", 0);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint8_t *text = member(record, 2, texts[i].offset);
        uint8_t kept[2 * ISCSI_PATH_SIZE];
        memcpy(kept, text, 2 * texts[i].room);
        memset(text, 'x', 2 * texts[i].room);
        expect("DEVICES-9", VERDICT_FAIL);
        memset(text + 2 * (texts[i].room - 1), 0, 2); // at the last place
        expect("DEVICES-9", VERDICT_PASS);
        memcpy(text, kept, 2 * texts[i].room);
    }
}
END_TEST

START_TEST(numbers_of_a_device)
{
    struct record *record = device("items-fetch", 0);
    *member(record, 0, AT(number.device_type)) = 7; // a controller's is not judged
    expect("DEVICES-10", VERDICT_PASS);
    *member(record, 1, AT(number.device_type)) = 4;
    expect("DEVICES-10", VERDICT_WARN);
    *member(record, 1, AT(number.device_type)) = 7;
    *member(record, 2, AT(address.length)) = 9;
    expect("DEVICES-10", VERDICT_WARN);
}
END_TEST

START_TEST(devices_of_a_and_w)
{
    struct record *record = device("items-fetch", 0);
    *member(record, 1, AT(legacy_name)) = 'x';
    expect("DEVICES-11", VERDICT_FAIL);
    *member(record, 1, AT(legacy_name) + 1) = 1; // beyond ASCII it may be encoded in any way
    expect("DEVICES-11", VERDICT_PASS);
    *member(record, 1, AT(number.partition_number)) = 1;
    expect("DEVICES-11", VERDICT_FAIL);
}
END_TEST

START_TEST(sessions_that_there_are_not)
{
    struct record *record = device("items-unknown", 0);
    record->outcome.status = ERROR_INSUFFICIENT_BUFFER;
    expect("DEVICES-12", VERDICT_FAIL);
    record->outcome.status = ERROR_SUCCESS;
    expect("DEVICES-12", VERDICT_FAIL);
    record->outcome.status = INVALID_PARAMETER;
    record->outcome.inside = (struct extent){0, 0};
    expect("DEVICES-12", VERDICT_FAIL);
    record->outcome.inside = extent_none();
    record->outcome.count_cell_damaged = true;
    expect("DEVICES-12", VERDICT_FAIL);
    record->outcome.count_cell_damaged = false;
    expect("DEVICES-12", VERDICT_PASS);
}
END_TEST

// In another order, and then with another number.
START_TEST(the_same_devices_again)
{
    struct record *record = device("items-repeat", 0);
    uint8_t *bytes = fill(record, DEVICES * sizeof(iscsi_device_on_session_w));
    for (uint32_t lun = 0; lun < DEVICES; lun++)
        put_device(bytes + (DISKS - lun) * sizeof(iscsi_device_on_session_w), 2, lun);
    expect("DEVICES-13", VERDICT_PASS);
    *member(record, 1, AT(number.device_number)) ^= 1;
    expect("DEVICES-13", VERDICT_FAIL);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *tests[] = {
        a_right_answer_breaks_no_clause,
        what_is_not_exported_is_no_failure,
        without_an_inventory_nothing_is_judged,
        calls_that_were_not_made_give_no_pass,
        a_call_that_does_not_return_is_blamed_on_its_clause,
        enough_for_the_names,
        more_than_enough_for_the_names,
        too_small_for_the_names,
        an_offer_between_what_is_needed_and_what_is_required,
        characters_and_not_bytes,
        less_than_the_names_take,
        another_size_for_another_offer,
        no_more_than_was_offered,
        what_is_written_outside,
        success_without_a_buffer,
        the_size_after_success,
        the_end_of_the_list,
        the_names_of_targets,
        the_name_of_no_target,
        the_same_names_again,
        the_same_status_and_size_again,
        structures_that_are_too_few,
        structures_required,
        the_number_of_devices,
        the_session_id_is_not_written_to,
        the_units_of_the_target,
        the_name_of_the_target,
        texts_without_an_end,
        numbers_of_a_device,
        devices_of_a_and_w,
        sessions_that_there_are_not,
        the_same_devices_again,
    };
    Suite *suite = suite_create("limits_items");
    TCase *limits = tcase_create("limits_items");
    tcase_add_checked_fixture(limits, set_up, tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
