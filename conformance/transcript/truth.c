// Copies, frees and (de)serialises the truth. The JSON form is the one that transcripts hold:
// numbers that a reader may want to compute with are JSON integers, byte strings are hex text,
// identifiers of 64 bits are 16 hex digits because many JSON readers round integers past 2^53.
#include "conformance/transcript/truth.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ID_DIGITS = 16,
    NAME_LIMIT = 1023,         // bytes; iSCSI allows 223 in a name, a target's alias may be longer
    SESSIONS_LIMIT = 1 << 20,  // far more than one machine can hold: a damaged file ends here
    CONNECTIONS_LIMIT = 65536, // a CID has 16 bits
    PORT_LIMIT = 65535,
    SESSION_PLACE_SIZE = 64,
    CONNECTION_PLACE_SIZE = 128,
};

void truth_session_clear(struct truth_session *session)
{
    free(session->initiator_name);
    free(session->target_node_name);
    free(session->target_name);
    free(session->connections);
    *session = (struct truth_session){0};
}

void truth_free(struct truth *truth)
{
    if (truth == NULL || truth->shares-- > 0)
        return;
    for (size_t i = 0; i < truth->session_count; i++)
        truth_session_clear(&truth->sessions[i]);
    free(truth->sessions);
    free(truth);
}

int truth_session_copy(struct truth_session *to, const struct truth_session *from)
{
    *to = *from;
    to->initiator_name = strdup(from->initiator_name);
    to->target_node_name = strdup(from->target_node_name);
    to->target_name = strdup(from->target_name);
    to->connections = NULL;
    if (from->connection_count > 0) {
        to->connections = calloc(from->connection_count, sizeof *to->connections);
        if (to->connections == NULL)
            return -1;
        memcpy(to->connections, from->connections,
               from->connection_count * sizeof *from->connections);
    }
    return to->initiator_name && to->target_node_name && to->target_name ? 0 : -1;
}

struct truth *truth_copy(const struct truth *truth)
{
    struct truth *copy = malloc(sizeof *copy);
    if (copy == NULL)
        return NULL;
    *copy = *truth;
    copy->shares = 0;
    copy->session_count = 0;
    copy->sessions = NULL;
    if (truth->session_count == 0)
        return copy;
    copy->sessions = calloc(truth->session_count, sizeof *copy->sessions);
    if (copy->sessions == NULL)
        goto failed;
    for (size_t i = 0; i < truth->session_count; i++) {
        copy->session_count = i + 1; // counted before it is complete: freeing takes NULL members
        if (truth_session_copy(&copy->sessions[i], &truth->sessions[i]) != 0)
            goto failed;
    }
    return copy;

failed:
    truth_free(copy);
    return NULL;
}

struct truth *truth_share(const struct truth *truth)
{
    struct truth *shared = (struct truth *)truth; // what it says stays
    shared->shares++;
    return shared;
}

unsigned truth_unknown(const struct truth *truth)
{
    unsigned unknown = 0;
    for (size_t i = 0; i < truth->session_count; i++) {
        const struct truth_session *session = &truth->sessions[i];
        unknown |= session->unknown;
        for (size_t j = 0; j < session->connection_count; j++)
            unknown |= session->connections[j].unknown;
    }
    return unknown;
}

void truth_fact_names(unsigned facts, char *text, size_t size)
{
    static const char *const names[] = {"TargetName",     "ISID",           "initiator address",
                                        "initiator port", "target address", "target port"};
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0] && used < size; i++) {
        if ((facts >> i & 1) == 0)
            continue;
        int length = snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", names[i]);
        used += length > 0 ? (size_t)length : 0;
    }
}

// ---- to JSON ----

static json_t *json_id(uint64_t id)
{
    return json_sprintf("%016llx", (unsigned long long)id);
}

static json_t *json_bytes(const uint8_t *bytes, size_t size)
{
    char text[2 * ISID_SIZE + 1] = "";
    for (size_t i = 0; i < size && i < ISID_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    return json_string(text);
}

// null for what is not known; takes over `value`.
static json_t *json_known(unsigned unknown, enum truth_fact fact, json_t *value)
{
    if ((unknown & fact) == 0)
        return value;
    json_decref(value);
    return json_null();
}

static json_t *connection_to_json(const struct truth_connection *connection)
{
    unsigned unknown = connection->unknown;
    return json_pack(
        "{s:o, s:o, s:i, s:o, s:o, s:o, s:o}", "adapter_unique",
        json_id(connection->adapter_unique), "adapter_specific",
        json_id(connection->adapter_specific), "cid", (int)connection->cid, "initiator_address",
        json_known(unknown, FACT_INITIATOR_ADDRESS, json_string(connection->initiator_address)),
        "initiator_port",
        json_known(unknown, FACT_INITIATOR_PORT, json_integer(connection->initiator_port)),
        "target_address",
        json_known(unknown, FACT_TARGET_ADDRESS, json_string(connection->target_address)),
        "target_port",
        json_known(unknown, FACT_TARGET_PORT, json_integer(connection->target_port)));
}

static json_t *session_to_json(const struct truth_session *session)
{
    json_t *connections = json_array();
    for (size_t i = 0; connections != NULL && i < session->connection_count; i++) {
        // Appending NULL fails too, so one check serves both.
        if (json_array_append_new(connections, connection_to_json(&session->connections[i])) != 0) {
            json_decref(connections);
            connections = NULL;
        }
    }
    unsigned unknown = session->unknown;
    return json_pack("{s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:o}", "adapter_unique",
                     json_id(session->adapter_unique), "adapter_specific",
                     json_id(session->adapter_specific), "initiator_name", session->initiator_name,
                     "target_node_name", session->target_node_name, "target_name",
                     json_known(unknown, FACT_TARGET_NAME, json_string(session->target_name)),
                     "isid", json_known(unknown, FACT_ISID, json_bytes(session->isid, ISID_SIZE)),
                     "tsid", json_bytes(session->tsid, TSID_SIZE), "connections", connections);
}

json_t *truth_to_json(const struct truth *truth)
{
    json_t *sessions = json_array();
    for (size_t i = 0; sessions != NULL && i < truth->session_count; i++) {
        if (json_array_append_new(sessions, session_to_json(&truth->sessions[i])) != 0) {
            json_decref(sessions);
            sessions = NULL;
        }
    }
    return json_pack("{s:I, s:I, s:I, s:o}", "generation", (json_int_t)truth->generation,
                     "began_ns", (json_int_t)truth->began_ns, "settled_ns",
                     (json_int_t)truth->settled_ns, "sessions", sessions);
}

// ---- from JSON ----

// An object being read: where it stands, for messages, and where the first failure goes.
struct reader {
    const json_t *object;
    const char *place; // "truth: sessions[3]"
    struct failure *failure;
};

static int reader_refuse(const struct reader *reader, const char *key, const char *wanted)
{
    return failure_set(reader->failure, STATUS_USAGE, "%s: \"%s\" must be %s", reader->place, key,
                       wanted);
}

// The object must have these keys and no others: a key of a newer version may change the meaning of
// the rest.
static int reader_check_keys(const struct reader *reader, const char *const *keys)
{
    if (!json_is_object(reader->object))
        return failure_set(reader->failure, STATUS_USAGE, "%s: must be an object", reader->place);
    size_t count = 0;
    for (; keys[count] != NULL; count++) {
        if (json_object_get(reader->object, keys[count]) == NULL)
            return failure_set(reader->failure, STATUS_USAGE, "%s: \"%s\" is missing",
                               reader->place, keys[count]);
    }
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)reader->object, key, value)
    {
        size_t i = 0;
        while (i < count && strcmp(key, keys[i]) != 0)
            i++;
        if (i == count)
            return failure_set(reader->failure, STATUS_USAGE, "%s: unknown key \"%.64s\"",
                               reader->place, key);
    }
    return 0;
}

static int read_integer(const struct reader *reader, const char *key, json_int_t minimum,
                        json_int_t maximum, uint64_t *number)
{
    const json_t *value = json_object_get(reader->object, key);
    if (!json_is_integer(value) || json_integer_value(value) < minimum ||
        json_integer_value(value) > maximum)
        return failure_set(reader->failure, STATUS_USAGE,
                           "%s: \"%s\" must be an integer from %lld to %lld", reader->place, key,
                           (long long)minimum, (long long)maximum);
    *number = (uint64_t)json_integer_value(value);
    return 0;
}

static int read_uint16(const struct reader *reader, const char *key, json_int_t minimum,
                       uint16_t *number)
{
    uint64_t value = 0;
    if (read_integer(reader, key, minimum, PORT_LIMIT, &value) != 0)
        return -1;
    *number = (uint16_t)value;
    return 0;
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return -1;
}

static int read_bytes(const struct reader *reader, const char *key, uint8_t *bytes, size_t size)
{
    char wanted[64];
    snprintf(wanted, sizeof wanted, "a string of %zu lower-case hex digits", 2 * size);
    const json_t *value = json_object_get(reader->object, key);
    const char *text = json_string_value(value);
    if (text == NULL || json_string_length(value) != 2 * size)
        return reader_refuse(reader, key, wanted);
    for (size_t i = 0; i < size; i++) {
        int high = hex_value(text[2 * i]);
        int low = hex_value(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return reader_refuse(reader, key, wanted);
        bytes[i] = (uint8_t)(high * 16 + low);
    }
    return 0;
}

static int read_id(const struct reader *reader, const char *key, uint64_t *id)
{
    uint8_t bytes[ID_DIGITS / 2] = {0};
    if (read_bytes(reader, key, bytes, sizeof bytes) != 0)
        return -1;
    *id = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        *id = *id << 8 | bytes[i];
    return 0;
}

static int read_name(const struct reader *reader, const char *key, char **name)
{
    static const char wanted[] = "a string of 1 to 1023 bytes without control characters";
    const json_t *value = json_object_get(reader->object, key);
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);
    if (text == NULL || length == 0 || length > NAME_LIMIT || strlen(text) != length)
        return reader_refuse(reader, key, wanted);
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7F)
            return reader_refuse(reader, key, wanted);
    }
    *name = strdup(text);
    if (*name == NULL)
        return failure_set(reader->failure, STATUS_UNTRUSTED, "out of memory");
    return 0;
}

static int read_address(const struct reader *reader, const char *key,
                        char address[ADDRESS_TEXT_SIZE])
{
    const char *text = json_string_value(json_object_get(reader->object, key));
    uint8_t binary[sizeof(struct in6_addr)];
    char canonical[ADDRESS_TEXT_SIZE] = "";
    for (int i = 0; text != NULL && i < 2; i++) {
        int family = i == 0 ? AF_INET : AF_INET6;
        if (inet_pton(family, text, binary) == 1 &&
            inet_ntop(family, binary, canonical, sizeof canonical) != NULL &&
            strcmp(canonical, text) == 0) {
            memcpy(address, canonical, sizeof canonical);
            return 0;
        }
    }
    return reader_refuse(reader, key, "a numeric address in canonical form, without brackets");
}

// Is that key's value null, so not known? Says so in `unknown`.
static bool read_unknown(const struct reader *reader, const char *key, enum truth_fact fact,
                         unsigned *unknown)
{
    if (!json_is_null(json_object_get(reader->object, key)))
        return false;
    *unknown |= fact;
    return true;
}

static int connection_from_json(const struct reader *reader, struct truth_connection *connection)
{
    static const char *const keys[] = {
        "adapter_unique", "adapter_specific", "cid",         "initiator_address",
        "initiator_port", "target_address",   "target_port", NULL};
    unsigned *unknown = &connection->unknown;
    if (reader_check_keys(reader, keys) != 0 ||
        read_id(reader, "adapter_unique", &connection->adapter_unique) != 0 ||
        read_id(reader, "adapter_specific", &connection->adapter_specific) != 0 ||
        read_uint16(reader, "cid", 0, &connection->cid) != 0)
        return -1;
    if (!read_unknown(reader, "initiator_address", FACT_INITIATOR_ADDRESS, unknown) &&
        read_address(reader, "initiator_address", connection->initiator_address) != 0)
        return -1;
    if (!read_unknown(reader, "initiator_port", FACT_INITIATOR_PORT, unknown) &&
        read_uint16(reader, "initiator_port", 1, &connection->initiator_port) != 0)
        return -1;
    if (!read_unknown(reader, "target_address", FACT_TARGET_ADDRESS, unknown) &&
        read_address(reader, "target_address", connection->target_address) != 0)
        return -1;
    if (!read_unknown(reader, "target_port", FACT_TARGET_PORT, unknown) &&
        read_uint16(reader, "target_port", 1, &connection->target_port) != 0)
        return -1;
    return 0;
}

static int connections_from_json(const struct reader *reader, struct truth_session *session)
{
    const json_t *array = json_object_get(reader->object, "connections");
    size_t count = json_array_size(array);
    if (!json_is_array(array) || count > CONNECTIONS_LIMIT)
        return reader_refuse(reader, "connections", "an array of at most 65536 connections");
    if (count == 0)
        return 0;
    session->connections = calloc(count, sizeof *session->connections);
    if (session->connections == NULL)
        return failure_set(reader->failure, STATUS_UNTRUSTED, "out of memory");
    session->connection_count = count;
    for (size_t i = 0; i < count; i++) {
        char place[CONNECTION_PLACE_SIZE];
        snprintf(place, sizeof place, "%s.connections[%zu]", reader->place, i);
        struct reader element = {json_array_get(array, i), place, reader->failure};
        if (connection_from_json(&element, &session->connections[i]) != 0)
            return -1;
    }
    return 0;
}

// Not known, it is an empty text: nobody needs to ask whether there is one.
static int read_target_name(const struct reader *reader, struct truth_session *session)
{
    if (!read_unknown(reader, "target_name", FACT_TARGET_NAME, &session->unknown))
        return read_name(reader, "target_name", &session->target_name);
    session->target_name = strdup("");
    if (session->target_name == NULL)
        return failure_set(reader->failure, STATUS_UNTRUSTED, "out of memory");
    return 0;
}

static int session_from_json(const struct reader *reader, struct truth_session *session)
{
    static const char *const keys[] = {"adapter_unique",
                                       "adapter_specific",
                                       "initiator_name",
                                       "target_node_name",
                                       "target_name",
                                       "isid",
                                       "tsid",
                                       "connections",
                                       NULL};
    if (reader_check_keys(reader, keys) != 0 ||
        read_id(reader, "adapter_unique", &session->adapter_unique) != 0 ||
        read_id(reader, "adapter_specific", &session->adapter_specific) != 0 ||
        read_name(reader, "initiator_name", &session->initiator_name) != 0 ||
        read_name(reader, "target_node_name", &session->target_node_name) != 0 ||
        read_target_name(reader, session) != 0 ||
        read_bytes(reader, "tsid", session->tsid, TSID_SIZE) != 0)
        return -1;
    if (!read_unknown(reader, "isid", FACT_ISID, &session->unknown) &&
        read_bytes(reader, "isid", session->isid, ISID_SIZE) != 0)
        return -1;
    return connections_from_json(reader, session);
}

static int sessions_from_json(const struct reader *reader, struct truth *truth)
{
    const json_t *array = json_object_get(reader->object, "sessions");
    size_t count = json_array_size(array);
    if (!json_is_array(array) || count > SESSIONS_LIMIT)
        return reader_refuse(reader, "sessions", "an array of at most 1048576 sessions");
    if (count == 0)
        return 0;
    truth->sessions = calloc(count, sizeof *truth->sessions);
    if (truth->sessions == NULL)
        return failure_set(reader->failure, STATUS_UNTRUSTED, "out of memory");
    truth->session_count = count;
    for (size_t i = 0; i < count; i++) {
        char place[SESSION_PLACE_SIZE];
        snprintf(place, sizeof place, "truth: sessions[%zu]", i);
        struct reader element = {json_array_get(array, i), place, reader->failure};
        if (session_from_json(&element, &truth->sessions[i]) != 0)
            return -1;
    }
    return 0;
}

int truth_from_json(struct truth **truth, const json_t *object, struct failure *failure)
{
    static const char *const keys[] = {"generation", "began_ns", "settled_ns", "sessions", NULL};
    const struct reader reader = {object, "truth", failure};
    struct truth *read = calloc(1, sizeof *read);
    if (read == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    if (reader_check_keys(&reader, keys) != 0 ||
        read_integer(&reader, "generation", 1, INT64_MAX, &read->generation) != 0 ||
        read_integer(&reader, "began_ns", 0, INT64_MAX, &read->began_ns) != 0 ||
        read_integer(&reader, "settled_ns", 0, INT64_MAX, &read->settled_ns) != 0)
        goto failed;
    if (read->settled_ns < read->began_ns) {
        reader_refuse(&reader, "settled_ns", "no less than \"began_ns\"");
        goto failed;
    }
    if (sessions_from_json(&reader, read) != 0)
        goto failed;
    *truth = read;
    return 0;

failed:
    truth_free(read);
    return -1;
}
