// SPDX-License-Identifier: Apache-2.0
// The layouts for both pointer sizes, pinned at compile time: against include/session_list.h as the
// compiler lays it out for the machine that the kit is built for, and, for the other size, against
// structures that have integers of a fixed width in place of its pointers.
#include "conformance/judge/abi.h"

#include "session_list.h"
#include "session_list_ex.h"

#include <stdalign.h>
#include <stddef.h>

// Every member: the structure it is in, its name, its offset where pointers have 64 and 32 bits.
#define MEMBERS(MEMBER)                                                                            \
    MEMBER(session, session_id, 0, 0)                                                              \
    MEMBER(session, initiator_name, 16, 16)                                                        \
    MEMBER(session, target_node_name, 24, 20)                                                      \
    MEMBER(session, target_name, 32, 24)                                                           \
    MEMBER(session, isid, 40, 28)                                                                  \
    MEMBER(session, tsid, 46, 34)                                                                  \
    MEMBER(session, connection_count, 48, 36)                                                      \
    MEMBER(session, connections, 56, 40)                                                           \
    MEMBER(connection, connection_id, 0, 0)                                                        \
    MEMBER(connection, initiator_address, 16, 16)                                                  \
    MEMBER(connection, target_address, 24, 20)                                                     \
    MEMBER(connection, initiator_socket, 32, 24)                                                   \
    MEMBER(connection, target_socket, 34, 26)                                                      \
    MEMBER(connection, cid, 36, 28)

// The size of a structure, as above.
#define SIZES(SIZE)                                                                                \
    SIZE(session, 64, 48)                                                                          \
    SIZE(connection, 40, 32)

#define WIDE_MEMBER(structure, member, wide, narrow) .member = (wide),
#define WIDE_SIZE(structure, wide, narrow) .structure##_size = (wide),
#define NARROW_MEMBER(structure, member, wide, narrow) .member = (narrow),
#define NARROW_SIZE(structure, wide, narrow) .structure##_size = (narrow),

static const struct abi abis[] = {
    {.pointer_size = 8, .has_texts = true, SIZES(WIDE_SIZE) MEMBERS(WIDE_MEMBER)},
    {.pointer_size = 4, .has_texts = true, SIZES(NARROW_SIZE) MEMBERS(NARROW_MEMBER)},
};

// The structures of GetIScsiSessionListEx. Those with pointers of this machine's size are pinned
// here; the header pins both.
static const struct abi abis_ex[] = {
    {.pointer_size = 8,
     .session_size = 56,
     .connection_count = 40,
     .connections = 48,
     .connection_size = 48},
    {.pointer_size = 4,
     .session_size = 48,
     .connection_count = 40,
     .connections = 44,
     .connection_size = 48},
};

// Members' names can't stand in parentheses, and some offsets are the same in both layouts.
// NOLINTBEGIN(bugprone-macro-parentheses,bugprone-branch-clone)

// The header's structures with pointers of a given width. 64-bit integers are aligned to 8, which
// not every 32-bit compiler does by itself.
#define MIRROR(bits)                                                                               \
    struct session_##bits {                                                                        \
        struct iscsi_unique_id session_id;                                                         \
        alignas(bits / 8) uint##bits##_t initiator_name;                                           \
        alignas(bits / 8) uint##bits##_t target_node_name;                                         \
        alignas(bits / 8) uint##bits##_t target_name;                                              \
        uint8_t isid[6];                                                                           \
        uint8_t tsid[2];                                                                           \
        uint32_t connection_count;                                                                 \
        alignas(bits / 8) uint##bits##_t connections;                                              \
    };                                                                                             \
    struct connection_##bits {                                                                     \
        struct iscsi_unique_id connection_id;                                                      \
        alignas(bits / 8) uint##bits##_t initiator_address;                                        \
        alignas(bits / 8) uint##bits##_t target_address;                                           \
        uint16_t initiator_socket;                                                                 \
        uint16_t target_socket;                                                                    \
        uint8_t cid[2];                                                                            \
    };
MIRROR(64)
MIRROR(32)

#define HERE(wide, narrow) (sizeof(void *) == 8 ? (wide) : (narrow))
#define PIN_MEMBER(structure, member, wide, narrow)                                                \
    _Static_assert(offsetof(struct structure##_64, member) == (wide), #member);                    \
    _Static_assert(offsetof(struct structure##_32, member) == (narrow), #member);                  \
    _Static_assert(offsetof(iscsi_##structure##_info_a, member) == HERE(wide, narrow), #member);   \
    _Static_assert(offsetof(iscsi_##structure##_info_w, member) == HERE(wide, narrow), #member);
#define PIN_SIZE(structure, wide, narrow)                                                          \
    _Static_assert(sizeof(struct structure##_64) == (wide), #structure);                           \
    _Static_assert(sizeof(struct structure##_32) == (narrow), #structure);                         \
    _Static_assert(sizeof(iscsi_##structure##_info_a) == HERE(wide, narrow), #structure);          \
    _Static_assert(sizeof(iscsi_##structure##_info_w) == HERE(wide, narrow), #structure);
MEMBERS(PIN_MEMBER)
SIZES(PIN_SIZE)
// NOLINTEND(bugprone-macro-parentheses,bugprone-branch-clone)

_Static_assert(sizeof(iscsi_session_info_ex) == HERE(56, 48), "session");
_Static_assert(offsetof(iscsi_session_info_ex, connection_count) == 40, "session");
_Static_assert(offsetof(iscsi_session_info_ex, connections) == HERE(48, 44), "session");
_Static_assert(sizeof(iscsi_connection_info_ex) == 48, "connection");

const struct abi *abi_of_function(unsigned pointer_size, enum charset charset)
{
    // Functions whose buffer holds no sessions are judged without it.
    const struct abi *known = charset == CHARSET_EX ? abis_ex : abis;
    for (size_t i = 0; i < sizeof abis / sizeof abis[0]; i++)
        if (known[i].pointer_size == pointer_size)
            return &known[i];
    return NULL;
}

const struct abi *abi_of(unsigned pointer_size)
{
    return abi_of_function(pointer_size, CHARSET_W);
}
