// SPDX-License-Identifier: Apache-2.0
// The binary interface of GetIScsiSessionListA and GetIScsiSessionListW: types, layouts, status
// codes, prototypes. Written for this project from the documented interface, under names that do
// not clash with a platform's own headers, for three ABIs: Win64 (and native 64-bit), Win32, and
// 32-bit Unix with the Windows layout. Every size and offset is pinned by an assertion, so a
// compiler that disagrees does not compile it. For C11 and C++11 or newer, also without an
// operating system.
#ifndef TCK_SESSION_LIST_H
#define TCK_SESSION_LIST_H

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define ISCSI_ASSERT static_assert
extern "C" {
#else
#define ISCSI_ASSERT _Static_assert
#endif

// 32-bit Windows calls the function by __stdcall; elsewhere it is the system's own convention, on
// 32-bit Unix cdecl.
#if defined(_WIN32) && !defined(_WIN64)
#define ISCSI_SESSION_LIST_CALL __stdcall
#else
#define ISCSI_SESSION_LIST_CALL
#endif

// The exported names. They carry a capital S, unlike the prose of the documentation.
#define ISCSI_SESSION_LIST_NAME_A "GetIScsiSessionListA"
#define ISCSI_SESSION_LIST_NAME_W "GetIScsiSessionListW"

// ISCSI_UNIQUE_SESSION_ID and ISCSI_UNIQUE_CONNECTION_ID. Windows aligns 64-bit integers to 8 in
// structures on every architecture; i386 Unix would align them to 4, hence the alignas.
struct iscsi_unique_id {
    alignas(8) uint64_t adapter_unique;
    alignas(8) uint64_t adapter_specific;
};

// ISCSI_CONNECTION_INFOA. Strings are the callee's: they stand in the buffer of the caller.
typedef struct {
    struct iscsi_unique_id connection_id;
    char *initiator_address;
    char *target_address;
    uint16_t initiator_socket; // port, host order
    uint16_t target_socket;
    uint8_t cid[2];
} iscsi_connection_info_a;

// ISCSI_CONNECTION_INFOW: the same with UTF-16 strings. (Not wchar_t, which has 32 bits on Unix.)
typedef struct {
    struct iscsi_unique_id connection_id;
    uint16_t *initiator_address;
    uint16_t *target_address;
    uint16_t initiator_socket;
    uint16_t target_socket;
    uint8_t cid[2];
} iscsi_connection_info_w;

// ISCSI_SESSION_INFOA. TargetNodeName comes before TargetName; headers exist that swap the two.
typedef struct {
    struct iscsi_unique_id session_id;
    char *initiator_name;
    char *target_node_name;
    char *target_name;
    uint8_t isid[6];
    uint8_t tsid[2];
    uint32_t connection_count;
    iscsi_connection_info_a *connections;
} iscsi_session_info_a;

// ISCSI_SESSION_INFOW.
typedef struct {
    struct iscsi_unique_id session_id;
    uint16_t *initiator_name;
    uint16_t *target_node_name;
    uint16_t *target_name;
    uint8_t isid[6];
    uint8_t tsid[2];
    uint32_t connection_count;
    iscsi_connection_info_w *connections;
} iscsi_session_info_w;

// BufferSize, in: bytes at SessionInfo; out: bytes retrieved, or required where they were too few.
// SessionCount, out: structures. SessionInfo, out, optional.
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_session_list_a(uint32_t *buffer_size,
                                                              uint32_t *session_count,
                                                              iscsi_session_info_a *session_info);
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_session_list_w(uint32_t *buffer_size,
                                                              uint32_t *session_count,
                                                              iscsi_session_info_w *session_info);
iscsi_session_list_a GetIScsiSessionListA;
iscsi_session_list_w GetIScsiSessionListW;

// The status codes that occur: name here, value, the name that the platform's headers use.
#define ISCSI_STATUS_CODES(CODE)                                                                   \
    CODE(SUCCESS, 0, "ERROR_SUCCESS")                                                              \
    CODE(ACCESS_DENIED, 5, "ERROR_ACCESS_DENIED")                                                  \
    CODE(NOT_ENOUGH_MEMORY, 8, "ERROR_NOT_ENOUGH_MEMORY")                                          \
    CODE(OUT_OF_MEMORY, 14, "ERROR_OUTOFMEMORY")                                                   \
    CODE(INVALID_PARAMETER, 87, "ERROR_INVALID_PARAMETER")                                         \
    CODE(BUFFER_OVERFLOW, 111, "ERROR_BUFFER_OVERFLOW")                                            \
    CODE(CALL_NOT_IMPLEMENTED, 120, "ERROR_CALL_NOT_IMPLEMENTED")                                  \
    CODE(INSUFFICIENT_BUFFER, 122, "ERROR_INSUFFICIENT_BUFFER")                                    \
    CODE(MORE_DATA, 234, "ERROR_MORE_DATA")                                                        \
    CODE(INVALID_ADDRESS, 487, "ERROR_INVALID_ADDRESS")                                            \
    CODE(NO_ACCESS, 998, "ERROR_NOACCESS")                                                         \
    CODE(SERVICE_NOT_ACTIVE, 1062, "ERROR_SERVICE_NOT_ACTIVE")                                     \
    CODE(SERVER_UNAVAILABLE, 1722, "RPC_S_SERVER_UNAVAILABLE")                                     \
    CODE(NULL_REFERENCE, 1780, "RPC_X_NULL_REF_POINTER")                                           \
    CODE(ISCSI_NON_SPECIFIC, 0xEFFF0001, "ISDSC_NON_SPECIFIC_ERROR")                               \
    CODE(ISCSI_LOGIN_FAILED, 0xEFFF0002, "ISDSC_LOGIN_FAILED")                                     \
    CODE(ISCSI_CONNECTION_FAILED, 0xEFFF0003, "ISDSC_CONNECTION_FAILED")                           \
    CODE(ISCSI_AUTHENTICATION_FAILURE, 0xEFFF0009, "ISDSC_AUTHENTICATION_FAILURE")                 \
    CODE(ISCSI_AUTHORIZATION_FAILURE, 0xEFFF000A, "ISDSC_AUTHORIZATION_FAILURE")                   \
    CODE(ISCSI_NOT_FOUND, 0xEFFF000B, "ISDSC_NOT_FOUND")                                           \
    CODE(ISCSI_TARGET_REMOVED, 0xEFFF000C, "ISDSC_TARGET_REMOVED")                                 \
    CODE(ISCSI_TARGET_ERROR, 0xEFFF0012, "ISDSC_TARGET_ERROR")                                     \
    CODE(ISCSI_SERVICE_UNAVAILABLE, 0xEFFF0013, "ISDSC_SERVICE_UNAVAILABLE")                       \
    CODE(ISCSI_OUT_OF_RESOURCES, 0xEFFF0014, "ISDSC_OUT_OF_RESOURCES")                             \
    CODE(ISCSI_INVALID_SESSION_ID, 0xEFFF001C, "ISDSC_INVALID_SESSION_ID")

// LIST_SUCCESS, LIST_INSUFFICIENT_BUFFER, ...
#define ISCSI_STATUS_ENUMERATOR(name, value, text) LIST_##name = (value),
enum list_status { ISCSI_STATUS_CODES(ISCSI_STATUS_ENUMERATOR) };
#undef ISCSI_STATUS_ENUMERATOR

// The layouts, 64-bit and 32-bit.
#if UINTPTR_MAX > 0xFFFFFFFFu
#define ISCSI_LAYOUT(wide, narrow) (wide)
#else
#define ISCSI_LAYOUT(wide, narrow) (narrow)
#endif
#define ISCSI_PIN(type, member, wide, narrow)                                                      \
    ISCSI_ASSERT(offsetof(type, member) == ISCSI_LAYOUT(wide, narrow),                             \
                 #type "." #member " is not where the interface has it")
#define ISCSI_PIN_ALL(session, connection)                                                         \
    ISCSI_ASSERT(sizeof(session) == ISCSI_LAYOUT(64, 48), #session " has another size");           \
    ISCSI_ASSERT(alignof(session) == 8, #session " has another alignment");                        \
    ISCSI_PIN(session, session_id, 0, 0);                                                          \
    ISCSI_PIN(session, initiator_name, 16, 16);                                                    \
    ISCSI_PIN(session, target_node_name, 24, 20);                                                  \
    ISCSI_PIN(session, target_name, 32, 24);                                                       \
    ISCSI_PIN(session, isid, 40, 28);                                                              \
    ISCSI_PIN(session, tsid, 46, 34);                                                              \
    ISCSI_PIN(session, connection_count, 48, 36);                                                  \
    ISCSI_PIN(session, connections, 56, 40);                                                       \
    ISCSI_ASSERT(sizeof(connection) == ISCSI_LAYOUT(40, 32), #connection " has another size");     \
    ISCSI_ASSERT(alignof(connection) == 8, #connection " has another alignment");                  \
    ISCSI_PIN(connection, connection_id, 0, 0);                                                    \
    ISCSI_PIN(connection, initiator_address, 16, 16);                                              \
    ISCSI_PIN(connection, target_address, 24, 20);                                                 \
    ISCSI_PIN(connection, initiator_socket, 32, 24);                                               \
    ISCSI_PIN(connection, target_socket, 34, 26);                                                  \
    ISCSI_PIN(connection, cid, 36, 28)

ISCSI_ASSERT(sizeof(struct iscsi_unique_id) == 16, "an identifier has another size");
ISCSI_ASSERT(offsetof(struct iscsi_unique_id, adapter_specific) == 8,
             "its second half is elsewhere");
ISCSI_PIN_ALL(iscsi_session_info_a, iscsi_connection_info_a);
ISCSI_PIN_ALL(iscsi_session_info_w, iscsi_connection_info_w);
#undef ISCSI_PIN_ALL
#undef ISCSI_PIN
#undef ISCSI_LAYOUT
#undef ISCSI_ASSERT

#ifdef __cplusplus
}
#endif

#endif
