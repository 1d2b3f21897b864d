// SPDX-License-Identifier: Apache-2.0
// Writes and reads truths. Numbers that a reader may want to compute with are JSON integers, byte
// strings are hexadecimal, identifiers of 64 bits 16 hexadecimal digits.
#include "conformance/transcript/truth_json.h"

#include "conformance/base/json.h"
#include "conformance/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAME_LIMIT = 1023,         // bytes; iSCSI allows 223 in a name, a target's alias may be longer
    SESSIONS_LIMIT = 1 << 20,  // far more than one machine can hold: a damaged file ends here
    CONNECTIONS_LIMIT = 65536, // a CID has 16 bits
};

// ---- Writing

#define TOLD_KEY "login_returned"
enum { TOLD_SIZE = 16 }; // bytes

// null for what is not known; takes over `value`.
static json_t *json_known(unsigned unknown, enum truth_fact fact, json_t *value)
{
    if ((unknown & fact) == 0)
        return value;
    json_decref(value);
    return json_null();
}

// Adds what a login returned, if one did; takes over `object`.
static json_t *add_told(json_t *object, const struct truth_told *told)
{
    uint8_t bytes[TOLD_SIZE];
    if (!told->is || object == NULL)
        return object;
    for (size_t i = 0; i < TOLD_SIZE; i++)
        bytes[i] = (uint8_t)(told->id[i / 8] >> (56 - i % 8 * 8));
    if (json_object_set_new(object, TOLD_KEY, hex_to_json(bytes, sizeof bytes)) == 0)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *connection_to_json(const struct truth_connection *connection)
{
    unsigned unknown = connection->unknown;
    json_t *object = json_pack(
        "{s:o, s:o, s:i, s:o, s:o, s:o, s:o}", "adapter_unique",
        u64_to_json(connection->adapter_unique), "adapter_specific",
        u64_to_json(connection->adapter_specific), "cid", (int)connection->cid, "initiator_address",
        json_known(unknown, FACT_INITIATOR_ADDRESS, json_string(connection->initiator_address)),
        "initiator_port",
        json_known(unknown, FACT_INITIATOR_PORT, json_integer(connection->initiator_port)),
        "target_address",
        json_known(unknown, FACT_TARGET_ADDRESS, json_string(connection->target_address)),
        "target_port",
        json_known(unknown, FACT_TARGET_PORT, json_integer(connection->target_port)));
    return add_told(object, &connection->told);
}

static json_t *session_to_json(const struct truth_session *session)
{
    json_t *connections = json_array();
    for (size_t i = 0; i < session->connection_count; i++)
        list_add(&connections, connection_to_json(&session->connections[i]));
    unsigned unknown = session->unknown;
    json_t *object =
        json_pack("{s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:o}", "adapter_unique",
                  u64_to_json(session->adapter_unique), "adapter_specific",
                  u64_to_json(session->adapter_specific), "initiator_name", session->initiator_name,
                  "target_node_name", session->target_node_name, "target_name",
                  json_known(unknown, FACT_TARGET_NAME, json_string(session->target_name)), "isid",
                  json_known(unknown, FACT_ISID, hex_to_json(session->isid, ISID_SIZE)), "tsid",
                  hex_to_json(session->tsid, TSID_SIZE), "connections", connections);
    return add_told(object, &session->told);
}

json_t *truth_to_json(const struct truth *truth)
{
    json_t *sessions = json_array();
    for (size_t i = 0; i < truth->session_count; i++)
        list_add(&sessions, session_to_json(&truth->sessions[i]));
    return json_pack("{s:I, s:I, s:I, s:o}", "generation", (json_int_t)truth->generation,
                     "began_ns", (json_int_t)truth->began_ns, "settled_ns",
                     (json_int_t)truth->settled_ns, "sessions", sessions);
}

// ---- Reading

static int read_uint16(const struct json_reading *reading, const json_t *object, const char *key,
                       uint64_t least, uint16_t *number)
{
    uint64_t wide = 0;
    int status = json_read_number(reading, object, key, least, UINT16_MAX, &wide);
    *number = (uint16_t)wide;
    return status;
}

static int read_name(const struct json_reading *reading, const json_t *object, const char *key,
                     char **name)
{
    static const char wanted[] = "a string of 1 to 1023 bytes without control characters";
    const json_t *value = json_object_get(object, key);
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);
    if (text == NULL || length == 0 || length > NAME_LIMIT || strlen(text) != length)
        return json_refuse_member(reading, key, wanted);
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7F)
            return json_refuse_member(reading, key, wanted);
    }
    *name = strdup(text);
    if (*name == NULL)
        return json_refuse_memory(reading);
    return 0;
}

static int read_address(const struct json_reading *reading, const json_t *object, const char *key,
                        char address[ADDRESS_TEXT_SIZE])
{
    const char *text = json_text_of(object, key);
    if (address_is_canonical(text)) {
        snprintf(address, ADDRESS_TEXT_SIZE, "%s", text);
        return 0;
    }
    return json_refuse_member(reading, key,
                              "a numeric address in canonical form, without brackets");
}

// Is that key's value null, so not known? Says so in `unknown`.
static bool read_unknown(const json_t *object, const char *key, enum truth_fact fact,
                         unsigned *unknown)
{
    if (!json_is_null(json_object_get(object, key)))
        return false;
    *unknown |= fact;
    return true;
}

// The key, if the object has it; else NULL, the end of a list of keys.
static const char *optional_key(const json_t *object, const char *key)
{
    return json_object_get(object, key) != NULL ? key : NULL;
}

// What a login returned is there only if one did.
static int read_told(const struct json_reading *reading, const json_t *object,
                     struct truth_told *told)
{
    uint8_t bytes[TOLD_SIZE];
    if (json_object_get(object, TOLD_KEY) == NULL)
        return 0;
    told->is = true;
    int status = json_read_hex(reading, object, TOLD_KEY, bytes, sizeof bytes);
    for (size_t i = 0; i < TOLD_SIZE && status == 0; i++)
        told->id[i / 8] = told->id[i / 8] << 8 | bytes[i];
    return status;
}

static int connection_from_json(const struct json_reading *reading, const json_t *object,
                                struct truth_connection *connection)
{
    const char *const keys[] = {"adapter_unique",
                                "adapter_specific",
                                "cid",
                                "initiator_address",
                                "initiator_port",
                                "target_address",
                                "target_port",
                                optional_key(object, TOLD_KEY),
                                NULL};
    unsigned *unknown = &connection->unknown;
    if (json_check_members(reading, object, keys) != 0 ||
        json_read_u64(reading, object, "adapter_unique", &connection->adapter_unique) != 0 ||
        json_read_u64(reading, object, "adapter_specific", &connection->adapter_specific) != 0 ||
        read_told(reading, object, &connection->told) != 0 ||
        read_uint16(reading, object, "cid", 0, &connection->cid) != 0)
        return -1;
    if (!read_unknown(object, "initiator_address", FACT_INITIATOR_ADDRESS, unknown) &&
        read_address(reading, object, "initiator_address", connection->initiator_address) != 0)
        return -1;
    if (!read_unknown(object, "initiator_port", FACT_INITIATOR_PORT, unknown) &&
        read_uint16(reading, object, "initiator_port", 1, &connection->initiator_port) != 0)
        return -1;
    if (!read_unknown(object, "target_address", FACT_TARGET_ADDRESS, unknown) &&
        read_address(reading, object, "target_address", connection->target_address) != 0)
        return -1;
    if (!read_unknown(object, "target_port", FACT_TARGET_PORT, unknown) &&
        read_uint16(reading, object, "target_port", 1, &connection->target_port) != 0)
        return -1;
    return 0;
}

static int connections_from_json(const struct json_reading *reading, const json_t *object,
                                 struct truth_session *session)
{
    const json_t *array = json_object_get(object, "connections");
    size_t count = json_array_size(array);
    if (!json_is_array(array) || count > CONNECTIONS_LIMIT)
        return json_refuse_member(reading, "connections", "an array of at most 65536 connections");
    if (count == 0)
        return 0;
    session->connections = calloc(count, sizeof *session->connections);
    if (session->connections == NULL)
        return json_refuse_memory(reading);
    session->connection_count = count;
    for (size_t i = 0; i < count; i++) {
        struct json_reading element = *reading;
        report_append(element.where, sizeof element.where, ".connections[%zu]", i);
        if (connection_from_json(&element, json_array_get(array, i), &session->connections[i]) != 0)
            return -1;
    }
    return 0;
}

// Not known, it is an empty text: nobody needs to ask whether there is one.
static int read_target_name(const struct json_reading *reading, const json_t *object,
                            struct truth_session *session)
{
    if (!read_unknown(object, "target_name", FACT_TARGET_NAME, &session->unknown))
        return read_name(reading, object, "target_name", &session->target_name);
    session->target_name = strdup("");
    if (session->target_name == NULL)
        return json_refuse_memory(reading);
    return 0;
}

static int session_from_json(const struct json_reading *reading, const json_t *object,
                             struct truth_session *session)
{
    const char *const keys[] = {"adapter_unique",
                                "adapter_specific",
                                "initiator_name",
                                "target_node_name",
                                "target_name",
                                "isid",
                                "tsid",
                                "connections",
                                optional_key(object, TOLD_KEY),
                                NULL};
    if (json_check_members(reading, object, keys) != 0 ||
        json_read_u64(reading, object, "adapter_unique", &session->adapter_unique) != 0 ||
        json_read_u64(reading, object, "adapter_specific", &session->adapter_specific) != 0 ||
        read_told(reading, object, &session->told) != 0 ||
        read_name(reading, object, "initiator_name", &session->initiator_name) != 0 ||
        read_name(reading, object, "target_node_name", &session->target_node_name) != 0 ||
        read_target_name(reading, object, session) != 0 ||
        json_read_hex(reading, object, "tsid", session->tsid, TSID_SIZE) != 0)
        return -1;
    if (!read_unknown(object, "isid", FACT_ISID, &session->unknown) &&
        json_read_hex(reading, object, "isid", session->isid, ISID_SIZE) != 0)
        return -1;
    return connections_from_json(reading, object, session);
}

static int sessions_from_json(const struct json_reading *reading, const json_t *object,
                              struct truth *truth)
{
    const json_t *array = json_object_get(object, "sessions");
    size_t count = json_array_size(array);
    if (!json_is_array(array) || count > SESSIONS_LIMIT)
        return json_refuse_member(reading, "sessions", "an array of at most 1048576 sessions");
    if (count == 0)
        return 0;
    truth->sessions = calloc(count, sizeof *truth->sessions);
    if (truth->sessions == NULL)
        return json_refuse_memory(reading);
    truth->session_count = count;
    for (size_t i = 0; i < count; i++) {
        struct json_reading element = *reading;
        report_append(element.where, sizeof element.where, ": sessions[%zu]", i);
        if (session_from_json(&element, json_array_get(array, i), &truth->sessions[i]) != 0)
            return -1;
    }
    return 0;
}

int truth_from_json(struct truth **truth, const json_t *object, struct failure *failure)
{
    static const char *const keys[] = {"generation", "began_ns", "settled_ns", "sessions", NULL};
    const struct json_reading reading = {.failure = failure, .where = "truth"};
    struct truth *read = calloc(1, sizeof *read);
    if (read == NULL)
        return json_refuse_memory(&reading);
    if (json_check_members(&reading, object, keys) != 0 ||
        json_read_number(&reading, object, "generation", 1, INT64_MAX, &read->generation) != 0 ||
        json_read_number(&reading, object, "began_ns", 0, INT64_MAX, &read->began_ns) != 0 ||
        json_read_number(&reading, object, "settled_ns", 0, INT64_MAX, &read->settled_ns) != 0)
        goto failed;
    if (read->settled_ns < read->began_ns) {
        json_refuse_member(&reading, "settled_ns", "no less than \"began_ns\"");
        goto failed;
    }
    if (sessions_from_json(&reading, object, read) != 0)
        goto failed;
    *truth = read;
    return 0;

failed:
    truth_free(read);
    return -1;
}
