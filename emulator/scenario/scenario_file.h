// SPDX-License-Identifier: Apache-2.0
// A scenario file as it is written: its bytes checked against the schema and turned into
// structures, one for each mapping of the file. What it means, patterns and references, is
// expansion.h's matter. docs/scenarios.md describes every key.
#ifndef TCK_SCENARIO_FILE_H
#define TCK_SCENARIO_FILE_H

#include "conformance/base/failure.h"
#include "emulator/scenario/topology.h"
#include "emulator/scenario/yaml_file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Entries of an "allow" list; an entry may stand for many initiators.
enum { SCENARIO_ALLOW_MAX = 64 };

// The parameters of a target that a scenario may set: name as tgtadm takes it, what its value is
// (NUMBER, YES_NO or DIGEST), and for a NUMBER the least and the greatest that tgtd takes.
#define SCENARIO_PARAMETERS(ROW)                                                                   \
    ROW(MaxConnections, NUMBER, 1, 65535)                                                          \
    ROW(MaxRecvDataSegmentLength, NUMBER, 512, 16777215)                                           \
    ROW(MaxXmitDataSegmentLength, NUMBER, 512, 16777215)                                           \
    ROW(FirstBurstLength, NUMBER, 512, 16777215)                                                   \
    ROW(MaxBurstLength, NUMBER, 512, 16777215)                                                     \
    ROW(MaxOutstandingR2T, NUMBER, 1, 65535)                                                       \
    ROW(InitialR2T, YES_NO, 0, 0)                                                                  \
    ROW(ImmediateData, YES_NO, 0, 0)                                                               \
    ROW(DataPDUInOrder, YES_NO, 0, 0)                                                              \
    ROW(DataSequenceInOrder, YES_NO, 0, 0)                                                         \
    ROW(HeaderDigest, DIGEST, 0, 0)                                                                \
    ROW(DataDigest, DIGEST, 0, 0)                                                                  \
    ROW(ErrorRecoveryLevel, NUMBER, 0, 2)                                                          \
    ROW(DefaultTime2Wait, NUMBER, 0, 3600)                                                         \
    ROW(DefaultTime2Retain, NUMBER, 0, 3600)                                                       \
    ROW(MaxQueueCmd, NUMBER, 1, 512)                                                               \
    ROW(nop_interval, NUMBER, 0, 3600)                                                             \
    ROW(nop_count, NUMBER, 0, 3600)

enum scenario_parameter {
#define SCENARIO_PARAMETER_INDEX(name, kind, least, greatest) PARAMETER_##name,
    SCENARIO_PARAMETERS(SCENARIO_PARAMETER_INDEX)
#undef SCENARIO_PARAMETER_INDEX
        PARAMETER_COUNT,
};

// What the file leaves out is NULL, false, the first word of an enumeration, or an empty list.
struct portal_node {
    char *address;
    uint32_t *port;
};

struct instance_node {
    char *name;
    struct portal_node *portals;
    uint32_t portals_count;
};

struct allow_node {
    char **initiators;
    uint32_t initiators_count;
    char **addresses;
    uint32_t addresses_count;
};

struct parameters_node {
    char *values[PARAMETER_COUNT];
};

struct secret_node {
    char *user;
    char *password;
};

struct redirect_node {
    char *instance;
    char *portal;
    bool permanent;
};

struct target_node {
    char *id;
    char *name;
    char *pattern;
    uint32_t *count;
    char *instance;
    uint32_t *luns;
    struct parameters_node *parameters;
    struct allow_node *allow;
    struct secret_node *chap;
    struct secret_node *mutual;
    struct redirect_node *redirect;
};

struct initiator_node {
    char *id;
    char *name;
    char *pattern;
    uint32_t *count;
    struct secret_node *chap;
    struct secret_node *mutual;
};

struct further_node {
    uint32_t *cid;
    char *portal;
};

enum session_type {
    TYPE_NORMAL,
    TYPE_DISCOVERY,
};

struct session_node {
    char *id;
    char *initiator;
    char *target;
    char *portal;
    uint32_t *count;
    char *isid;
    bool recovering;
    bool later;
    uint32_t *connections;
    struct further_node *further;
    uint32_t further_count;
    enum session_type type;
    bool refused;
    bool header_digest; // CRC32C
    struct secret_node *chap;
    struct secret_node *mutual;
};

enum event_side {
    SIDE_TARGET,
    SIDE_INITIATOR,
};

struct event_node {
    enum topology_moment when;
    uint32_t *calls;
    enum topology_event_kind what; // "do"
    char *session;
    uint32_t *number;
    uint32_t *cid;
    enum event_side side;
    char *target;
    char *instance;
};

enum scenario_set {
    SET_STANDARD,
    SET_SCALE,
};

struct scenario_node {
    char *name;
    char *summary;
    char *why;
    enum scenario_set set;
    struct instance_node *instances;
    uint32_t instances_count;
    struct target_node *targets;
    uint32_t targets_count;
    struct initiator_node *initiators;
    uint32_t initiators_count;
    struct session_node *sessions;
    uint32_t sessions_count;
    struct event_node *events;
    uint32_t events_count;
};

struct scenario_file {
    struct yaml_file yaml;
    const struct scenario_node *node; // inside `yaml`
};

// Reads and checks the file at `path`. 0, and `file` holds what scenario_file_clear frees; or -1
// with `failure` (STATUS_USAGE): "PATH:LINE:COLUMN: what is wrong and what would be right", and
// `file` empty.
int scenario_file_read(struct scenario_file *file, const char *path, struct failure *failure);

// An empty one is allowed.
void scenario_file_clear(struct scenario_file *file);

// A node's path, made up in place: node_path("sessions[%zu].target", 2).text.
struct node_path {
    char text[96];
};
struct node_path node_path(const char *format, ...) __attribute__((format(printf, 1, 2)));

// The word of a file for what happens: "log-in".
const char *scenario_event_word(enum topology_event_kind kind);

// Takes over a number that the file gives, `value` (NULL: it does not, and `*number` stays), when
// it is written in decimal and within bounds. 0; or -1 with `failure`.
int scenario_file_number(const struct scenario_file *file, struct failure *failure,
                         const char *path, const uint32_t *value, uint32_t least, uint32_t greatest,
                         uint32_t *number);

// Is the parameter's `value` one that tgtd takes? 0; or -1 with what would be, in words.
int scenario_parameter_check(enum scenario_parameter parameter, const char *value, char *expected,
                             size_t size);
const char *scenario_parameter_name(enum scenario_parameter parameter);

// Every key of a scenario file, told to `visit` as the path of its mapping and the key, entries of
// lists written "[]": "sessions[].further[]", "cid". What has no key above it has the path "".
void scenario_file_keys(void (*visit)(const char *path, const char *key, void *argument),
                        void *argument);

const char *scenario_set_name(enum scenario_set set); // "standard", "scale"

#endif
