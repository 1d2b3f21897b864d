#ifndef TR_H
#define TR_H
#include "ref/text.h"
struct table_connection {
    uint64_t adapter_unique;
    uint64_t adapter_specific;
    struct text initiator_address;
    struct text target_address;
    uint16_t initiator_port; // host order
    uint16_t target_port;
    uint8_t cid[2];
};

struct table_session {
    uint64_t adapter_unique;
    uint64_t adapter_specific;
    struct text initiator_name;
    struct text target_node_name;
    struct text target_name;
    uint8_t isid[6];
    uint8_t tsid[2];
    size_t first_connection; // an index: its connections stand one after the other from there
    uint32_t connection_count;
};

// One moment. Every text points into `bytes`, so that a table of any size takes a few allocations.
struct session_table {
    char *bytes;
    size_t session_count;
    struct table_session *sessions;
    size_t connection_count;
    struct table_connection *connections;
};
#endif
