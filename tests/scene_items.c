// SPDX-License-Identifier: Apache-2.0
// Makes scenes of targets, devices, mappings and initiators.
#include "tests/scene_items.h"

#include "conformance/clauses/groups.h"
#include "conformance/transcript/circumstance.h"
#include "conformance/transcript/error_codes.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char items_names[REQUIRED] = "iqn.2004-01.com.example:Disk0\0iqn.2004-01.com.example:Disk1\0";

const char items_initiators[INITIATORS_REQUIRED] = "ROOT\\ISCSIPRT\\0000_0\0";

const char *const items_portals[PORTALS] = {"127.0.0.1", "::1"};

struct scene items_scene;

// ---- Calls

static const uint8_t *first_session(void)
{
    static uint8_t subject[SUBJECT_SIZE];
    const uint64_t id[2] = {1, 1};
    memcpy(subject, id, sizeof id);
    return subject;
}

struct record *items_add(const char *set, enum charset charset, enum placement placement,
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
                              .began_ns = items_scene.now_ns += 10,
                              .ended_ns = items_scene.now_ns += 10};
    if (function_takes(function, PARAMETER_ID))
        memcpy(call.subject, first_session(), SUBJECT_SIZE);
    outcome_single(&outcome);
    ck_assert_int_eq(transcript_add(items_scene.transcript, set, &call, &outcome, NULL), 0);
    return transcript_last(items_scene.transcript);
}

// The buffer of a success; what a test writes there is the answer.
uint8_t *items_fill(struct record *record, uint32_t size)
{
    ck_assert_uint_lt(items_scene.owned_count, 512);
    uint8_t *bytes = calloc(1, size + 1);
    ck_assert_ptr_nonnull(bytes);
    items_scene.owned[items_scene.owned_count++] = bytes;
    record->bytes = bytes;
    record->outcome.byte_count = size;
    record->same_as = (size_t)(record - items_scene.transcript->records);
    return bytes;
}

void items_put(uint8_t *bytes, uint32_t width, const char *text, size_t units)
{
    for (size_t i = 0; i < units; i++)
        bytes[i * width] = (uint8_t)text[i];
}

static void succeed_with_names(struct record *record, const char *names, uint32_t units)
{
    uint32_t width = function_of((enum charset)record->call.charset)->unit_size;
    items_put(items_fill(record, units * width), width, names, units);
}

void items_put_device(uint8_t *bytes, uint32_t width, uint32_t lun)
{
    struct iscsi_scsi_address address = {.length = sizeof address, .lun = (uint8_t)lun};
    struct iscsi_device_number number = {.device_type = lun == 0 ? 4 : 7, .device_number = lun};
    bool wide = width == 2;
    items_put(bytes + (wide ? offsetof(iscsi_device_on_session_w, target_name)
                            : offsetof(iscsi_device_on_session_a, target_name)),
              width, items_names, NAME_LENGTH + 1);
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
    uint8_t *bytes = items_fill(record, DEVICES * function->unit_size);
    for (uint32_t lun = 0; lun < DEVICES; lun++)
        items_put_device(bytes + (size_t)lun * function->unit_size,
                         function->strings == STRINGS_WIDE ? 2 : 1, lun);
}

static void put_units(uint8_t *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct iscsi_lun unit = {i, i};
        memcpy(bytes + (size_t)i * sizeof unit, &unit, sizeof unit);
    }
}

void items_put_mapping(const struct record *record, uint32_t index, uint64_t session,
                       uint32_t units_at, uint32_t unit_count)
{
    const struct function *function = function_of((enum charset)record->call.charset);
    bool wide = function->strings == STRINGS_WIDE;
    uint8_t *to = record->bytes + (size_t)index * function_structure_size(function, 8);
    iscsi_target_mapping_a narrow = {.session_id = {1, session}, .lun_count = unit_count};
    iscsi_target_mapping_w broad = {.session_id = {1, session}, .lun_count = unit_count};
    const char *target = items_names + (session - 1) * (NAME_LENGTH + 1);
    uint64_t units = record->outcome.base + units_at;
    items_put((uint8_t *)narrow.initiator_name, 1, items_initiators, INITIATOR_LENGTH + 1);
    items_put((uint8_t *)broad.initiator_name, 2, items_initiators, INITIATOR_LENGTH + 1);
    items_put((uint8_t *)narrow.target_name, 1, target, NAME_LENGTH + 1);
    items_put((uint8_t *)broad.target_name, 2, target, NAME_LENGTH + 1);
    memcpy(&narrow.lun_list, &units, sizeof units);
    memcpy(&broad.lun_list, &units, sizeof units);
    if (wide)
        memcpy(to, &broad, sizeof broad);
    else
        memcpy(to, &narrow, sizeof narrow);
    put_units(record->bytes + units_at, unit_count);
}

static void succeed_with_mappings(struct record *record)
{
    const struct function *function = function_of((enum charset)record->call.charset);
    uint32_t units_at = MAPPINGS * function_structure_size(function, 8);
    items_fill(record, record->outcome.size_out);
    record->outcome.count_out = MAPPINGS;
    items_put_mapping(record, 0, 1, units_at, DEVICES);
    items_put_mapping(record, 1, 2, units_at + DEVICES * UNIT_SIZE, UNITS - DEVICES);
}

static void succeed_with_portals(struct record *record)
{
    const struct function *function = function_of((enum charset)record->call.charset);
    bool wide = function->strings == STRINGS_WIDE;
    uint8_t *bytes = items_fill(record, record->outcome.size_out);
    uint16_t port = PORTAL_PORT;
    record->outcome.count_out = PORTALS;
    for (size_t i = 0; i < PORTALS; i++, bytes += function_structure_size(function, 8)) {
        items_put(bytes, wide ? 2 : 1, items_initiators, INITIATOR_LENGTH + 1);
        items_put(bytes + (wide ? offsetof(iscsi_portal_info_ex_w, address)
                                : offsetof(iscsi_portal_info_ex_a, address)),
                  wide ? 2 : 1, items_portals[i], strlen(items_portals[i]) + 1);
        memcpy(bytes + (wide ? offsetof(iscsi_portal_info_ex_w, socket)
                             : offsetof(iscsi_portal_info_ex_a, socket)),
               &port, sizeof port);
    }
}

static void succeed(struct record *record)
{
    switch (function_of((enum charset)record->call.charset)->family) {
    case FAMILY_TARGETS:
        succeed_with_names(record, items_names, REQUIRED);
        break;
    case FAMILY_DEVICES:
        succeed_with_devices(record);
        break;
    case FAMILY_MAPPINGS:
        succeed_with_mappings(record);
        break;
    case FAMILY_PORTALS:
        succeed_with_portals(record);
        break;
    default:
        succeed_with_names(record, items_initiators, INITIATORS_REQUIRED);
        break;
    }
}

static void call_rightly(enum charset charset, uint32_t required)
{
    static const struct {
        const char *set;
        int more; // than required
        enum placement placement;
    } calls[] = {
        {"items-null", 0, PLACE_NULL},    {"items-fetch", 0, PLACE_END},
        {"items-fetch", 5, PLACE_START},  {"items-short", -1, PLACE_END},
        {"items-sweep", -2, PLACE_END},   {"items-sweep", 0, PLACE_END},
        {"items-repeat", 0, PLACE_END},   {"items-threads", 0, PLACE_END},
        {"items-changing", 5, PLACE_END},
    };
    uint32_t counted = function_of(charset)->family == FAMILY_PORTALS ? PORTALS : 0;
    items_add("items-query", charset, PLACE_NULL, 0, ERROR_INSUFFICIENT_BUFFER, required)
        ->outcome.count_out = counted;
    items_add("items-query", charset, PLACE_END, 0, ERROR_INSUFFICIENT_BUFFER, required)
        ->outcome.count_out = counted;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        bool enough = calls[i].more >= 0 && calls[i].placement != PLACE_NULL;
        struct record *record =
            items_add(calls[i].set, charset, calls[i].placement, required + (uint32_t)calls[i].more,
                      enough ? ERROR_SUCCESS : ERROR_INSUFFICIENT_BUFFER, required);
        if (strcmp(calls[i].set, "items-threads") == 0)
            record->threads = 2;
        if (strcmp(calls[i].set, "items-changing") == 0)
            record->circumstance = CIRCUMSTANCE_CHANGING;
        if (enough)
            succeed(record);
        else if (function_of(charset)->family == FAMILY_PORTALS)
            record->outcome.count_out = PORTALS;
    }
}

void items_set_up(void)
{
    scene_open(&items_scene, SCENE_SESSIONS);
    struct inventory *inventory = calloc(1, sizeof *inventory);
    items_scene.transcript->inventory = inventory;
    items_scene.transcript->hello.has_more = HELLO_MORE_ALL;
    ck_assert_ptr_nonnull(inventory);
    ck_assert_int_eq(inventory_add(inventory, items_names + NAME_LENGTH + 1, true, 1), 0);
    ck_assert_int_eq(inventory_add(inventory, items_names, true, DISKS), 0);
    for (size_t i = 0; i < PORTALS; i++)
        ck_assert_int_eq(inventory_add_portal(inventory, items_portals[i], PORTAL_PORT), 0);
    scene_call(&items_scene, "fetch", CHARSET_W, PLACE_END,
               scene_required(&items_scene, CHARSET_W));
    call_rightly(CHARSET_TARGETS_A, REQUIRED);
    call_rightly(CHARSET_TARGETS_W, REQUIRED);
    call_rightly(CHARSET_DEVICES_A, DEVICES);
    call_rightly(CHARSET_DEVICES_W, DEVICES);
    call_rightly(CHARSET_MAPPINGS_A, MAPPINGS_REQUIRED_A);
    call_rightly(CHARSET_MAPPINGS_W, MAPPINGS_REQUIRED);
    call_rightly(CHARSET_INITIATORS_A, INITIATORS_REQUIRED);
    call_rightly(CHARSET_INITIATORS_W, INITIATORS_REQUIRED);
    call_rightly(CHARSET_PORTALS_A, PORTALS_REQUIRED_A);
    call_rightly(CHARSET_PORTALS_W, PORTALS_REQUIRED);
    for (int charset = CHARSET_DEVICES_A; charset <= CHARSET_DEVICES_W; charset++)
        memset(items_add("items-unknown", (enum charset)charset, PLACE_END, 16, 0xEFFF001C, 16)
                   ->call.subject,
               0xFF, SUBJECT_SIZE);
}

void items_tear_down(void)
{
    scene_close(&items_scene);
}

void items_expect(const char *clause, enum verdict_kind kind)
{
    scene_expect_in(&items_scene, clause, CHARSET_W, kind);
    // What is wrong in W does not count in A.
    if (kind == VERDICT_FAIL && clause_find(clause)->charsets == JUDGED_EACH)
        scene_expect_in(&items_scene, clause, CHARSET_A, VERDICT_PASS);
}

void items_expect_right(const struct clause_group *group)
{
    items_scene.strict = true;
    for (size_t i = 0; i < group->count; i++) {
        scene_expect_in(&items_scene, group->clauses[i].id, CHARSET_A, VERDICT_PASS);
        scene_expect_in(&items_scene, group->clauses[i].id, CHARSET_W, VERDICT_PASS);
    }
}

static const char *clause_of(const char *group, const char *number)
{
    static char clause[24];
    snprintf(clause, sizeof clause, "%s-%s", group, number);
    return clause;
}

void items_expect_inventory_is_needed(const char *group, const char *const *numbers)
{
    inventory_free(items_scene.transcript->inventory);
    items_scene.transcript->inventory = NULL;
    for (; *numbers != NULL; numbers++)
        scene_expect_in(&items_scene, clause_of(group, *numbers), CHARSET_A, VERDICT_ERROR);
}

void items_expect_blamed(const char *group, enum charset charset)
{
    static const struct {
        const char *set;
        enum outcome_kind kind;
        const char *clause;
    } losses[] = {{"items-null", OUTCOME_FAULT, "6"},
                  {"items-short", OUTCOME_HUNG, "2"},
                  {"items-fetch", OUTCOME_ENDED, "1"}};
    for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++) {
        scene_record(&items_scene, losses[i].set, charset, 0)->outcome.kind =
            (uint8_t)losses[i].kind;
        items_expect(clause_of(group, losses[i].clause), VERDICT_FAIL);
    }
}
