// SPDX-License-Identifier: Apache-2.0
// A scene for the clauses of ReportIScsiTargets, GetDevicesForIScsiSession,
// ReportActiveIScsiTargetMappings, ReportIScsiInitiatorList and ReportIScsiSendTargetPortalsEx: an
// inventory, a list of sessions, and what right functions answer to calls of every set of probes
// that they have.
#ifndef TCK_TESTS_SCENE_ITEMS_H
#define TCK_TESTS_SCENE_ITEMS_H

#include "conformance/clauses/groups.h"
#include "conformance/transcript/function.h"
#include "iscsi_reports.h"
#include "tests/scene.h"

// The two names with their NULs and one more; the disks of the first session's target, and its
// controller.
enum {
    NAME_LENGTH = 29,
    REQUIRED = 2 * (NAME_LENGTH + 1) + 1,
    DISKS = 2,
    DEVICES = DISKS + 1,
    INVALID_PARAMETER = 87,
};

// Two mappings, of the first session and of the second, whose target has one disk; each with the
// controller. The bytes that they take in W.
enum {
    MAPPINGS = 2,
    UNITS = DEVICES + 2,
    UNIT_SIZE = 16,
    MAPPINGS_REQUIRED_A = MAPPINGS * ISCSI_MAPPING_A_SIZE_64 + UNITS * UNIT_SIZE,
    MAPPINGS_REQUIRED = MAPPINGS * ISCSI_MAPPING_W_SIZE_64 + UNITS * UNIT_SIZE,
};

// The name of the initiator with its NUL, and one more.
enum { INITIATOR_LENGTH = 20, INITIATORS_REQUIRED = INITIATOR_LENGTH + 2 };
extern const char items_initiators[INITIATORS_REQUIRED];

// The names, each with its NUL, and one NUL more.
extern const char items_names[REQUIRED];

// Two portals, one of which is IPv6.
enum {
    PORTALS = 2,
    PORTAL_PORT = 3260,
    PORTALS_REQUIRED_A = PORTALS * ISCSI_PORTAL_A_SIZE_64,
    PORTALS_REQUIRED = PORTALS * ISCSI_PORTAL_W_SIZE_64,
};
extern const char *const items_portals[PORTALS];

// The fixture: the scene of the test under way.
extern struct scene items_scene;
void items_set_up(void);
void items_tear_down(void);

// Makes a call, of the first session if it is about one: adds its record.
struct record *items_add(const char *set, enum charset charset, enum placement placement,
                         uint32_t offered, uint32_t status, uint32_t size_out);
// Gives the record of a success bytes of its own, zeros; what a test writes there is the answer.
uint8_t *items_fill(struct record *record, uint32_t size);
// Writes ASCII characters of one byte or two.
void items_put(uint8_t *bytes, uint32_t width, const char *text, size_t units);
// Writes a structure for that unit of the first target; the bytes are zeros.
void items_put_device(uint8_t *bytes, uint32_t width, uint32_t lun);

// Writes the mapping of the session 1 or 2 as that of that index, with so many units from LUN 0 on
// at that offset of the buffer.
void items_put_mapping(const struct record *record, uint32_t index, uint64_t session,
                       uint32_t units_at, uint32_t unit_count);

// Fails the test unless the clause says that of W. A failure there must not count in A.
void items_expect(const char *clause, enum verdict_kind kind);

// The tests that each group has. What right functions answer passes each of its clauses, of A and
// of W, under --strict; without an inventory the clauses with these numbers, after which there is a
// NULL, are errors, and those of A alike; a call that did not return fails clause 6, 2 or 1 of the
// group by the set that it belongs to.
void items_expect_right(const struct clause_group *group);
void items_expect_inventory_is_needed(const char *group, const char *const *numbers);
void items_expect_blamed(const char *group, enum charset charset);

#endif
