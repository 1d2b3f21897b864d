// Where the members of the two structures stand, for a host of either pointer size: how recorded
// bytes are read without ever being taken for structures of the kit's own.
#ifndef TCK_ABI_H
#define TCK_ABI_H

#include <stdint.h>

struct abi {
    uint8_t pointer_size;
    // ISCSI_SESSION_INFO
    uint32_t session_size;
    uint32_t session_id, initiator_name, target_node_name, target_name, isid, tsid,
        connection_count, connections;
    // ISCSI_CONNECTION_INFO
    uint32_t connection_size;
    uint32_t connection_id, initiator_address, target_address, initiator_socket, target_socket, cid;
};

// The layout for a pointer size of 8 or 4; NULL for any other. (64-bit integers align to 8 in
// both.)
const struct abi *abi_of(unsigned pointer_size);

#endif
