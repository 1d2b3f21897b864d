// SPDX-License-Identifier: Apache-2.0
// Reads portals.
#include "conformance/judge/portals.h"

#include "conformance/base/endpoint.h"
#include "iscsi_reports.h"

#include <string.h>

// Where the members stand; those of the options that matter, from the begin of the options.
struct layout {
    uint32_t width;
    uint32_t initiator_name, initiator_port, symbolic_name, address, socket, security, options;
};

enum { USER_LENGTH = 36, PASSWORD_LENGTH = 40 };

#define LAYOUT(of, bytes)                                                                          \
    {                                                                                              \
        .width = (bytes), .initiator_name = offsetof(of, initiator_name),                          \
        .initiator_port = offsetof(of, initiator_port),                                            \
        .symbolic_name = offsetof(of, symbolic_name), .address = offsetof(of, address),            \
        .socket = offsetof(of, socket), .security = offsetof(of, security),                        \
        .options = offsetof(of, options)                                                           \
    }

_Static_assert(offsetof(struct iscsi_login_options, username_length) == USER_LENGTH, "options");
_Static_assert(offsetof(struct iscsi_login_options, password_length) == PASSWORD_LENGTH, "options");

static const struct layout *layout_of(const struct record *record)
{
    static const struct layout narrow = LAYOUT(iscsi_portal_info_ex_a, 1);
    static const struct layout wide = LAYOUT(iscsi_portal_info_ex_w, 2);
    return structure_is_wide(record) ? &wide : &narrow;
}

void portal_read(const struct evidence *evidence, const struct record *record, uint32_t index,
                 struct portal *portal)
{
    const struct layout *layout = layout_of(record);
    const uint8_t *bytes = record->bytes + (size_t)index * structure_size(evidence, record);
    const uint8_t *options = bytes + layout->options;
    bool small = evidence->transcript->hello.pointer_size == 4;
    uint32_t user = small ? 44 : 48;
    uint32_t password = small ? 48 : 56;
    uint32_t width = layout->width;
    *portal = (struct portal){
        .texts = {{"InitiatorName", bytes + layout->initiator_name, width, ISCSI_HBA_NAME_SIZE},
                  {"SymbolicName", bytes + layout->symbolic_name, width, ISCSI_PORTAL_TEXT_SIZE},
                  {"Address", bytes + layout->address, width, ISCSI_PORTAL_TEXT_SIZE}},
        .initiator_port = (uint32_t)structure_number(bytes + layout->initiator_port, 4),
        .socket = (uint16_t)structure_number(bytes + layout->socket, 2),
        .security = structure_number(bytes + layout->security, 8),
        .secrets = {{"Username", (uint32_t)structure_number(options + USER_LENGTH, 4),
                     structure_pointer(evidence, record, options + user)},
                    {"Password", (uint32_t)structure_number(options + PASSWORD_LENGTH, 4),
                     structure_pointer(evidence, record, options + password)}},
    };
}

bool portal_is(const struct portal *portal, const char *address, uint16_t port)
{
    const struct structure_text *text = &portal->texts[PORTAL_ADDRESS];
    char told[ADDRESS_TEXT_SIZE] = "";
    unsigned character = 0;
    for (uint32_t i = 0; i + 1 < sizeof told; i++) {
        character = structure_character(text, i);
        if (character == 0 || character > 0x7F)
            break;
        told[i] = (char)character;
    }
    return character == 0 && portal->socket == port && address_same(told, address);
}

static bool same_portal(const struct portal *one, const struct portal *other)
{
    for (int i = 0; i < PORTAL_TEXTS; i++)
        if (!structure_texts_equal(&one->texts[i], &other->texts[i]))
            return false;
    return one->initiator_port == other->initiator_port && one->socket == other->socket &&
           one->security == other->security;
}

bool portals_equal(const struct evidence *evidence, const struct record *one,
                   const struct record *other)
{
    uint32_t count = structure_count(evidence, one);
    if (count != structure_count(evidence, other))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        struct portal portal;
        struct portal candidate;
        bool found = false;
        portal_read(evidence, one, i, &portal);
        for (uint32_t j = 0; j < count && !found; j++) {
            portal_read(evidence, other, (i + j) % count, &candidate);
            found = same_portal(&portal, &candidate);
        }
        if (!found)
            return false;
    }
    return true;
}
