// SPDX-License-Identifier: Apache-2.0
// Where the members of the two structures of a function stand, for a host of either pointer size:
// how recorded bytes are read without ever being taken for structures of the kit's own.
#ifndef TCK_ABI_H
#define TCK_ABI_H

#include "conformance/transcript/call.h"

#include <stdbool.h>
#include <stdint.h>

struct abi {
    uint8_t pointer_size;
    bool has_texts; // names, addresses and numbers; GetIScsiSessionListEx has identifiers alone
    // ISCSI_SESSION_INFO
    uint32_t session_size;
    uint32_t session_id, initiator_name, target_node_name, target_name, isid, tsid,
        connection_count, connections;
    // ISCSI_CONNECTION_INFO
    uint32_t connection_size;
    uint32_t connection_id, initiator_address, target_address, initiator_socket, target_socket, cid;
};

// The layout for a pointer size of 8 or 4; NULL for any other. (64-bit integers align to 8 in
// both.) That of GetIScsiSessionListA and W, or of any of the functions.
const struct abi *abi_of(unsigned pointer_size);
const struct abi *abi_of_function(unsigned pointer_size, enum charset charset);

#endif
