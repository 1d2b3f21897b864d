// SPDX-License-Identifier: Apache-2.0
// Reads a scenario file through libcyaml's schema, and says in one line what is wrong with it.
#include "emulator/scenario/scenario_file.h"

#include "conformance/base/wording.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = YAML_FILE_TEXT_MAX };

// The schema.

enum { MUST = CYAML_FLAG_POINTER, MAY = CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL };

static const cyaml_schema_value_t text_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1, TEXT_MAX),
};

static const cyaml_schema_field_t portal_fields[] = {
    CYAML_FIELD_STRING_PTR("address", MUST, struct portal_node, address, 1, TEXT_MAX),
    CYAML_FIELD_UINT_PTR("port", MAY, struct portal_node, port),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t portal_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct portal_node, portal_fields),
};

static const cyaml_schema_field_t instance_fields[] = {
    CYAML_FIELD_STRING_PTR("name", MUST, struct instance_node, name, 1, TEXT_MAX),
    CYAML_FIELD_SEQUENCE("portals", MAY, struct instance_node, portals, &portal_schema, 1,
                         TOPOLOGY_PORTALS_MAX),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t instance_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct instance_node, instance_fields),
};

static const cyaml_schema_field_t parameters_fields[] = {
#define SCENARIO_PARAMETER_FIELD(name, kind, least, greatest)                                      \
    CYAML_FIELD_STRING_PTR(#name, MAY, struct parameters_node, values[PARAMETER_##name], 1,        \
                           TEXT_MAX),
    SCENARIO_PARAMETERS(SCENARIO_PARAMETER_FIELD)
#undef SCENARIO_PARAMETER_FIELD
        CYAML_FIELD_END,
};

static const cyaml_schema_field_t allow_fields[] = {
    CYAML_FIELD_SEQUENCE("initiators", MAY, struct allow_node, initiators, &text_schema, 1,
                         SCENARIO_ALLOW_MAX),
    CYAML_FIELD_SEQUENCE("addresses", MAY, struct allow_node, addresses, &text_schema, 1,
                         SCENARIO_ALLOW_MAX),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t secret_fields[] = {
    CYAML_FIELD_STRING_PTR("user", MUST, struct secret_node, user, 1, TEXT_MAX),
    CYAML_FIELD_STRING_PTR("password", MUST, struct secret_node, password, 1, TEXT_MAX),
    CYAML_FIELD_END,
};

// Not CYAML_BOOL: it takes every word that it doesn't know for true.
static const cyaml_strval_t truth_words[] = {
    {"false", false},
    {"true", true},
};
enum { WORD = CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT };

static const cyaml_schema_field_t redirect_fields[] = {
    CYAML_FIELD_STRING_PTR("instance", MUST, struct redirect_node, instance, 1, TEXT_MAX),
    CYAML_FIELD_STRING_PTR("portal", MUST, struct redirect_node, portal, 1, TEXT_MAX),
    CYAML_FIELD_ENUM("permanent", WORD, struct redirect_node, permanent, truth_words,
                     CYAML_ARRAY_LEN(truth_words)),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t target_fields[] = {
    CYAML_FIELD_STRING_PTR("id", MAY, struct target_node, id, 1, TEXT_MAX),
    CYAML_FIELD_STRING_PTR("name", MAY, struct target_node, name, 1, TEXT_MAX),
    CYAML_FIELD_STRING_PTR("pattern", MAY, struct target_node, pattern, 1, TEXT_MAX),
    CYAML_FIELD_UINT_PTR("count", MAY, struct target_node, count),
    CYAML_FIELD_STRING_PTR("instance", MAY, struct target_node, instance, 1, TEXT_MAX),
    CYAML_FIELD_UINT_PTR("luns", MAY, struct target_node, luns),
    CYAML_FIELD_MAPPING_PTR("parameters", MAY, struct target_node, parameters, parameters_fields),
    CYAML_FIELD_MAPPING_PTR("allow", MAY, struct target_node, allow, allow_fields),
    CYAML_FIELD_MAPPING_PTR("chap", MAY, struct target_node, chap, secret_fields),
    CYAML_FIELD_MAPPING_PTR("mutual", MAY, struct target_node, mutual, secret_fields),
    CYAML_FIELD_MAPPING_PTR("redirect", MAY, struct target_node, redirect, redirect_fields),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t target_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct target_node, target_fields),
};

static const cyaml_schema_field_t initiator_fields[] = {
    CYAML_FIELD_STRING_PTR("id", MAY, struct initiator_node, id, 1, TEXT_MAX),
    CYAML_FIELD_STRING_PTR("name", MAY, struct initiator_node, name, 1, TEXT_MAX),
    CYAML_FIELD_STRING_PTR("pattern", MAY, struct initiator_node, pattern, 1, TEXT_MAX),
    CYAML_FIELD_UINT_PTR("count", MAY, struct initiator_node, count),
    CYAML_FIELD_MAPPING_PTR("chap", MAY, struct initiator_node, chap, secret_fields),
    CYAML_FIELD_MAPPING_PTR("mutual", MAY, struct initiator_node, mutual, secret_fields),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t initiator_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct initiator_node, initiator_fields),
};

static const cyaml_schema_field_t further_fields[] = {
    CYAML_FIELD_UINT_PTR("cid", MUST, struct further_node, cid),
    CYAML_FIELD_STRING_PTR("portal", MAY, struct further_node, portal, 1, TEXT_MAX),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t further_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct further_node, further_fields),
};

static const cyaml_strval_t type_words[] = {
    {"normal", TYPE_NORMAL},
    {"discovery", TYPE_DISCOVERY},
};
static const cyaml_strval_t digest_words[] = {
    {"None", false},
    {"CRC32C", true},
};

static const cyaml_schema_field_t session_fields[] = {
    CYAML_FIELD_STRING_PTR("id", MAY, struct session_node, id, 1, TEXT_MAX),
    CYAML_FIELD_STRING_PTR("initiator", MUST, struct session_node, initiator, 1, TEXT_MAX),
    CYAML_FIELD_STRING_PTR("target", MUST, struct session_node, target, 1, TEXT_MAX),
    CYAML_FIELD_STRING_PTR("portal", MAY, struct session_node, portal, 1, TEXT_MAX),
    CYAML_FIELD_UINT_PTR("count", MAY, struct session_node, count),
    CYAML_FIELD_STRING_PTR("isid", MAY, struct session_node, isid, 1, TEXT_MAX),
    CYAML_FIELD_ENUM("recovering", WORD, struct session_node, recovering, truth_words,
                     CYAML_ARRAY_LEN(truth_words)),
    CYAML_FIELD_ENUM("later", WORD, struct session_node, later, truth_words,
                     CYAML_ARRAY_LEN(truth_words)),
    CYAML_FIELD_UINT_PTR("connections", MAY, struct session_node, connections),
    CYAML_FIELD_SEQUENCE("further", MAY, struct session_node, further, &further_schema, 1,
                         TOPOLOGY_CONNECTIONS_MAX - 1),
    CYAML_FIELD_ENUM("type", WORD, struct session_node, type, type_words,
                     CYAML_ARRAY_LEN(type_words)),
    CYAML_FIELD_ENUM("refused", WORD, struct session_node, refused, truth_words,
                     CYAML_ARRAY_LEN(truth_words)),
    CYAML_FIELD_ENUM("header_digest", WORD, struct session_node, header_digest, digest_words,
                     CYAML_ARRAY_LEN(digest_words)),
    CYAML_FIELD_MAPPING_PTR("chap", MAY, struct session_node, chap, secret_fields),
    CYAML_FIELD_MAPPING_PTR("mutual", MAY, struct session_node, mutual, secret_fields),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t session_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct session_node, session_fields),
};

static const cyaml_strval_t moment_words[] = {
    {"before", MOMENT_BEFORE},
    {"between", MOMENT_BETWEEN},
    {"during", MOMENT_DURING},
    {"after", MOMENT_AFTER},
};
// In the order of enum topology_event_kind.
static const cyaml_strval_t event_words[] = {
    {"log-in", EVENT_LOGIN},      {"log-out", EVENT_LOGOUT},
    {"drop", EVENT_DROP},         {"reinstate", EVENT_REINSTATE},
    {"give-up", EVENT_GIVE_UP},   {"delete-target", EVENT_DELETE_TARGET},
    {"kill", EVENT_KILL},         {"stop", EVENT_STOP},
    {"continue", EVENT_CONTINUE}, {"start", EVENT_START},
};
static const cyaml_strval_t side_words[] = {
    {"target", SIDE_TARGET},
    {"initiator", SIDE_INITIATOR},
};

static const cyaml_schema_field_t event_fields[] = {
    CYAML_FIELD_ENUM("when", CYAML_FLAG_STRICT, struct event_node, when, moment_words,
                     CYAML_ARRAY_LEN(moment_words)),
    CYAML_FIELD_UINT_PTR("calls", MAY, struct event_node, calls),
    CYAML_FIELD_ENUM("do", CYAML_FLAG_STRICT, struct event_node, what, event_words,
                     CYAML_ARRAY_LEN(event_words)),
    CYAML_FIELD_STRING_PTR("session", MAY, struct event_node, session, 1, TEXT_MAX),
    CYAML_FIELD_UINT_PTR("number", MAY, struct event_node, number),
    CYAML_FIELD_UINT_PTR("cid", MAY, struct event_node, cid),
    CYAML_FIELD_ENUM("side", WORD, struct event_node, side, side_words,
                     CYAML_ARRAY_LEN(side_words)),
    CYAML_FIELD_STRING_PTR("target", MAY, struct event_node, target, 1, TEXT_MAX),
    CYAML_FIELD_STRING_PTR("instance", MAY, struct event_node, instance, 1, TEXT_MAX),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t event_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct event_node, event_fields),
};

static const cyaml_strval_t set_words[] = {
    {"standard", SET_STANDARD},
    {"scale", SET_SCALE},
};

static const cyaml_schema_field_t scenario_fields[] = {
    CYAML_FIELD_STRING_PTR("name", MUST, struct scenario_node, name, 1, TEXT_MAX),
    CYAML_FIELD_STRING_PTR("summary", MUST, struct scenario_node, summary, 1, TEXT_MAX),
    CYAML_FIELD_STRING_PTR("why", MUST, struct scenario_node, why, 1, TEXT_MAX),
    CYAML_FIELD_ENUM("set", CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct scenario_node, set,
                     set_words, CYAML_ARRAY_LEN(set_words)),
    CYAML_FIELD_SEQUENCE("instances", MAY, struct scenario_node, instances, &instance_schema, 1,
                         TOPOLOGY_INSTANCES_MAX),
    CYAML_FIELD_SEQUENCE("targets", MUST, struct scenario_node, targets, &target_schema, 1,
                         TOPOLOGY_TARGETS_MAX),
    CYAML_FIELD_SEQUENCE("initiators", MAY, struct scenario_node, initiators, &initiator_schema, 0,
                         TOPOLOGY_INITIATORS_MAX),
    CYAML_FIELD_SEQUENCE("sessions", MAY, struct scenario_node, sessions, &session_schema, 0,
                         TOPOLOGY_SESSIONS_MAX),
    CYAML_FIELD_SEQUENCE("events", MAY, struct scenario_node, events, &event_schema, 0,
                         TOPOLOGY_EVENTS_MAX),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t scenario_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct scenario_node, scenario_fields),
};

static void visit_keys(const cyaml_schema_field_t *fields, const char *path,
                       void (*visit)(const char *path, const char *key, void *argument),
                       void *argument)
{
    for (; fields->key != NULL; fields++) {
        const cyaml_schema_value_t *value = &fields->value;
        bool list = value->type == CYAML_SEQUENCE;
        visit(path, fields->key, argument);
        if (list)
            value = value->sequence.entry;
        if (value->type != CYAML_MAPPING)
            continue;
        struct node_path below =
            node_path("%s%s%s%s", path, path[0] == '\0' ? "" : ".", fields->key, list ? "[]" : "");
        visit_keys(value->mapping.fields, below.text, visit, argument);
    }
}

void scenario_file_keys(void (*visit)(const char *path, const char *key, void *argument),
                        void *argument)
{
    visit_keys(scenario_fields, "", visit, argument);
}

const char *scenario_event_word(enum topology_event_kind kind)
{
    return event_words[kind].str;
}

const char *scenario_set_name(enum scenario_set set)
{
    return set_words[set].str;
}

// The parameters.

enum parameter_kind {
    KIND_NUMBER,
    KIND_YES_NO,
    KIND_DIGEST,
};

struct parameter {
    const char *name;
    enum parameter_kind kind;
    unsigned long least;
    unsigned long greatest;
};

static const struct parameter parameters[] = {
#define SCENARIO_PARAMETER_ENTRY(name, kind, least, greatest) {#name, KIND_##kind, least, greatest},
    SCENARIO_PARAMETERS(SCENARIO_PARAMETER_ENTRY)
#undef SCENARIO_PARAMETER_ENTRY
};

static bool is_one_of(const char *value, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(value, *words) == 0)
            return true;
    return false;
}

int scenario_parameter_check(enum scenario_parameter parameter, const char *value, char *expected,
                             size_t size)
{
    static const char *const yes_no[] = {"Yes", "No", NULL};
    static const char *const digests[] = {"None", "CRC32C", "CRC32C,None", "None,CRC32C", NULL};
    const struct parameter *rule = &parameters[parameter];

    if (rule->kind == KIND_YES_NO) {
        snprintf(expected, size, "Yes or No");
        return is_one_of(value, yes_no) ? 0 : -1;
    }
    if (rule->kind == KIND_DIGEST) {
        snprintf(expected, size, "None, CRC32C, \"CRC32C,None\" or \"None,CRC32C\"");
        return is_one_of(value, digests) ? 0 : -1;
    }
    snprintf(expected, size, "a whole number from %lu to %lu", rule->least, rule->greatest);
    size_t digits = strspn(value, "0123456789");
    if (digits == 0 || digits > 9 || value[digits] != '\0' || (value[0] == '0' && digits > 1))
        return -1;
    unsigned long number = strtoul(value, NULL, 10);
    return number >= rule->least && number <= rule->greatest ? 0 : -1;
}

const char *scenario_parameter_name(enum scenario_parameter parameter)
{
    return parameters[parameter].name;
}

// Messages.

struct node_path node_path(const char *format, ...)
{
    struct node_path path;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(path.text, sizeof path.text, format, arguments);
    va_end(arguments);
    return path;
}

// libcyaml takes octal and hexadecimal numbers, and what begins with a number; a scenario's are
// decimal.
int scenario_file_number(const struct scenario_file *file, struct failure *failure,
                         const char *path, const uint32_t *value, uint32_t least, uint32_t greatest,
                         uint32_t *number)
{
    if (value == NULL)
        return 0;
    const struct yaml_node *node = yaml_tree_find(&file->yaml.top, path);
    const char *text = node != NULL && node->text != NULL ? node->text : "";
    bool decimal = text[0] != '\0' && strspn(text, "0123456789") == strlen(text) &&
                   (text[0] != '0' || text[1] == 0);
    if (!decimal || *value < least || *value > greatest)
        return yaml_file_problem(&file->yaml, failure, path,
                                 "%s is not a whole number from %u to %u", quote(text).text, least,
                                 greatest);
    *number = *value;
    return 0;
}

// Reading.

static const struct yaml_form form = {
    .schema = &scenario_schema,
    .words = {.what = "a scenario",
              .several = "scenarios",
              .one = "one scenario",
              .beginning = "name: ..."},
    .when_large = "a scenario file is small: use patterns and counts",
};

int scenario_file_read(struct scenario_file *file, const char *path, struct failure *failure)
{
    *file = (struct scenario_file){0};
    if (yaml_file_read(&file->yaml, &form, path, failure) != 0)
        return -1;
    file->node = file->yaml.data;
    return 0;
}

void scenario_file_clear(struct scenario_file *file)
{
    yaml_file_clear(&file->yaml);
    file->node = NULL;
}
