// SPDX-License-Identifier: Apache-2.0
// The binary interface of GetIScsiSessionListEx, the sibling of GetIScsiSessionList without
// strings: types, layouts, prototype. Written for this project from the documented interface, under
// names of its own, for the ABIs of session_list.h. Every size and offset is pinned by an
// assertion.
#ifndef TCK_SESSION_LIST_EX_H
#define TCK_SESSION_LIST_EX_H

#include "session_list.h"

#ifdef __cplusplus
#define ISCSI_ASSERT static_assert
extern "C" {
#else
#define ISCSI_ASSERT _Static_assert
#endif

#define ISCSI_SESSION_LIST_NAME_EX "GetIScsiSessionListEx"

// ISCSI_CONNECTION_INFO_EX.
typedef struct {
    struct iscsi_unique_id connection_id;
    uint8_t state;
    uint8_t protocol;
    uint8_t header_digest; // ISCSI_DIGEST_TYPES: 0 none, 1 CRC32C
    uint8_t data_digest;
    uint32_t max_recv_data_segment_length; // bytes
    uint32_t auth_type;                    // ISCSI_AUTH_TYPES: 0 none, 1 CHAP, 2 mutual CHAP
    alignas(8) uint64_t estimated_throughput;
    uint32_t max_datagram_size; // bytes
} iscsi_connection_info_ex;

// ISCSI_SESSION_INFO_EX. A BOOLEAN is one byte, 0 or 1.
typedef struct {
    struct iscsi_unique_id session_id;
    uint8_t initial_r2t;    // BOOLEAN
    uint8_t immediate_data; // BOOLEAN
    uint8_t type;
    uint8_t data_sequence_in_order; // BOOLEAN
    uint8_t data_pdu_in_order;      // BOOLEAN
    uint8_t error_recovery_level;   // 0 to 2
    uint32_t max_outstanding_r2t;
    uint32_t first_burst_length; // bytes
    uint32_t max_burst_length;   // bytes
    uint32_t maximum_connections;
    uint32_t connection_count;
    iscsi_connection_info_ex *connections; // in the caller's buffer
} iscsi_session_info_ex;

// The prototype. Both ULONGs are read and written as with GetIScsiSessionList.
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_session_list_ex(uint32_t *buffer_size,
                                                               uint32_t *session_count,
                                                               iscsi_session_info_ex *session_info);

ISCSI_ASSERT(sizeof(iscsi_connection_info_ex) == 48, "size");
ISCSI_ASSERT(sizeof(iscsi_session_info_ex) == (sizeof(void *) == 8 ? 56 : 48), "size");
ISCSI_ASSERT(offsetof(iscsi_connection_info_ex, max_recv_data_segment_length) == 20, "offset");
ISCSI_ASSERT(offsetof(iscsi_connection_info_ex, estimated_throughput) == 32, "offset");
ISCSI_ASSERT(offsetof(iscsi_session_info_ex, max_outstanding_r2t) == 24, "offset");
ISCSI_ASSERT(offsetof(iscsi_session_info_ex, connection_count) == 40, "offset");
ISCSI_ASSERT(offsetof(iscsi_session_info_ex, connections) == (sizeof(void *) == 8 ? 48 : 44),
             "offset");
#undef ISCSI_ASSERT

#ifdef __cplusplus
}
#endif

#endif
