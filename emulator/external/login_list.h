// SPDX-License-Identifier: Apache-2.0
// What a list command prints: the sessions of an external initiator, as far as it knows them.
// docs/login-command.md describes the form.
#ifndef TCK_LOGIN_LIST_H
#define TCK_LOGIN_LIST_H

#include "conformance/base/failure.h"
#include "conformance/transcript/truth.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What is not told is NULL, "", 0 or false.
struct login_list_connection {
    bool has_cid;
    uint16_t cid;
    char initiator_address[ADDRESS_TEXT_SIZE]; // numeric, canonical
    uint16_t initiator_port;
    char target_address[ADDRESS_TEXT_SIZE];
    uint16_t target_port;
};

struct login_list_session {
    size_t line; // of the list, for messages
    char *initiator_name;
    char *target_node_name; // always told
    char *target_name;
    bool has_isid;
    bool has_tsid;
    bool has_connections; // the list told how many there are; false: `connections` may lack some
    uint8_t isid[ISID_SIZE];
    uint8_t tsid[TSID_SIZE]; // as on the wire
    size_t connection_count;
    struct login_list_connection *connections;
};

struct login_list {
    size_t count;
    struct login_list_session *sessions;
};

// Reads a list; the string `text` is changed. 0, or -1 with `failure` (STATUS_UNTRUSTED): line,
// field and what was wrong with it. `list` must be freed in both cases.
int login_list_parse(struct login_list *list, char *text, struct failure *failure);
void login_list_free(struct login_list *list);

#endif
