// The layouts, pinned against the project's own header on the machine that builds the kit.
#include "conformance/judge/abi.h"

#include <stddef.h>

static const struct abi abis[] = {
    {.pointer_size = 8,
     .session_size = 64,
     .session_id = 0,
     .initiator_name = 16,
     .target_node_name = 24,
     .target_name = 32,
     .isid = 40,
     .tsid = 46,
     .connection_count = 48,
     .connections = 56,
     .connection_size = 40,
     .connection_id = 0,
     .initiator_address = 16,
     .target_address = 24,
     .initiator_socket = 32,
     .target_socket = 34,
     .cid = 36},
    {.pointer_size = 4,
     .session_size = 48,
     .session_id = 0,
     .initiator_name = 16,
     .target_node_name = 20,
     .target_name = 24,
     .isid = 28,
     .tsid = 34,
     .connection_count = 36,
     .connections = 40,
     .connection_size = 32,
     .connection_id = 0,
     .initiator_address = 16,
     .target_address = 20,
     .initiator_socket = 24,
     .target_socket = 26,
     .cid = 28},
};

const struct abi *abi_of(unsigned pointer_size)
{
    for (size_t i = 0; i < sizeof abis / sizeof abis[0]; i++)
        if (abis[i].pointer_size == pointer_size)
            return &abis[i];
    return NULL;
}
