// SPDX-License-Identifier: Apache-2.0
// Targets, an initiator service, and callers of the reference, for the tests of the service.
//
// Whatever fails here fails the test under way.
#ifndef TCK_SERVICED_H
#define TCK_SERVICED_H

#include "emulator/emulator.h"
#include "emulator/service/initiator_service.h"
#include "iscsi_login.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

enum {
    PATIENCE_MS = 30000,
    TARGET_COUNT = 3,
};

// The targets: one with two units, one that asks for CHAP, one that lets only somebody else in.
#define DISK "iqn.2024-01.test:disk"
#define SECRET_DISK "iqn.2024-01.test:secret-disk"
#define CLOSED_DISK "iqn.2024-01.test:closed-disk"

extern struct emulator *emulator; // one tgtd with these targets, and no session
extern struct initiator_service *service;
extern uint16_t service_port;          // of the first portal, 127.0.0.1
extern struct iscsi_unique_id *shared; // of a session and its connection, with all callers

// Fixtures of Check: the targets. The service is started by the test and stopped at its end.
void serviced_open(void);
void serviced_close(void);

// Starts the service, and names it and its table to the callers.
void serviced_start(bool tcp);

// How many connections the targets have; and waits until they have that many.
size_t serviced_account(void);
void serviced_await_account(size_t wanted);

// ---- callers in processes of their own ----

// Those of the reference.
struct functions {
    iscsi_login_target_a *login_a;
    iscsi_login_target_w *login_w;
    iscsi_logout_target *logout;
    iscsi_add_portal_a *add_portal_a;
    iscsi_node_name_a *node_name_a;
    iscsi_node_name_w *node_name_w;
    iscsi_version *version;
    iscsi_targets_a *targets_a;
    iscsi_targets_w *targets_w;
    iscsi_devices_a *devices_a;
    iscsi_devices_w *devices_w;
    iscsi_add_portal_w *add_portal_w;
    iscsi_session_list_a *list_a;
};

// In a caller: ends it with 1 unless that is so.
#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                \
            return 1;                                                                              \
        }                                                                                          \
    } while (0)

// A caller: `body` in a process of its own.
struct caller {
    pid_t pid;
    int end; // readable when it has ended
};

// Starts one; waits for it while the loop runs, and fails unless it ended with 0; both.
struct caller caller_start(int (*body)(const struct functions *functions));
void caller_finish(const struct caller *caller);
void call(int (*body)(const struct functions *functions));

// Logs in at the first portal.
uint32_t login_to(const struct functions *functions, const char *target,
                  struct iscsi_login_options *options, struct iscsi_unique_id ids[2]);

// ---- programs that call: tests/callers ----

// Runs one of them, and watches it from the side of the targets: there is a session while it is
// logged in, and none at its end. `arguments` ends with NULL.
void serviced_run_sequence(const char *const *arguments);

// service_port, as text.
const char *service_port_text(void);

bool same_id(const struct iscsi_unique_id *one, const struct iscsi_unique_id *other);

#endif
