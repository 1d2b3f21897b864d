// SPDX-License-Identifier: Apache-2.0
// Reads what a list command prints.
#include "emulator/external/login_list.h"

#include "conformance/base/endpoint.h"
#include "conformance/base/wording.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 10 };

static const char unknown[] = "-";

// A record being read.
struct record {
    size_t line;
    size_t count;
    char *fields[FIELDS_MAX]; // [0] is its first word
    struct failure *failure;
};

static int refuse(const struct record *record, const char *what, const char *text,
                  const char *wanted)
{
    return failure_set(record->failure, STATUS_UNTRUSTED,
                       "the list command's line %zu: %s is %s; it must be %s, or - where it isn't "
                       "known",
                       record->line, what, quote(text).text, wanted);
}

static bool is_known(const char *text)
{
    return strcmp(text, unknown) != 0;
}

static int read_number(const struct record *record, const char *what, const char *text, int base,
                       unsigned long most, unsigned long *number)
{
    char *end = NULL;
    errno = 0;
    *number = strtoul(text, &end, base);
    if (errno == 0 && end != text && *end == '\0' &&
        text[strspn(text, "0123456789abcdefABCDEF")] == '\0' && *number <= most)
        return 0;
    return refuse(record, what, text, base == 16 ? "hexadecimal digits" : "a decimal number");
}

static int read_bytes(const struct record *record, const char *what, const char *text,
                      uint8_t *bytes, size_t size)
{
    char pair[3] = "";
    unsigned long number = 0;
    if (strlen(text) != 2 * size)
        return refuse(record, what, text,
                      size == ISID_SIZE ? "12 hexadecimal digits" : "4 hexadecimal digits");
    for (size_t i = 0; i < size; i++) {
        memcpy(pair, text + 2 * i, 2);
        if (read_number(record, what, pair, 16, UINT8_MAX, &number) != 0)
            return -1;
        bytes[i] = (uint8_t)number;
    }
    return 0;
}

static int read_text(const struct record *record, const char *text, char **copy)
{
    if (!is_known(text))
        return 0;
    *copy = strdup(text);
    return *copy != NULL ? 0 : failure_set(record->failure, STATUS_UNTRUSTED, "out of memory");
}

static int read_address(const struct record *record, const char *what, const char *text,
                        char canonical[static ADDRESS_TEXT_SIZE])
{
    if (!is_known(text) || address_canonical(text, canonical) == 0)
        return 0;
    return refuse(record, what, text, "a numeric address, IPv6 without brackets");
}

static int read_port(const struct record *record, const char *what, const char *text,
                     uint16_t *port)
{
    unsigned long number = 0;
    if (!is_known(text))
        return 0;
    if (read_number(record, what, text, 10, UINT16_MAX, &number) != 0)
        return -1;
    *port = (uint16_t)number;
    return 0;
}

// ---- records ----

static int expect_fields(const struct record *record, size_t count)
{
    if (record->count == count)
        return 0;
    failure_set(record->failure, STATUS_UNTRUSTED,
                "the list command's line %zu: a %s record has %zu fields with TABs between "
                "them, and this one has %zu",
                record->line, record->fields[0], count, record->count);
    return -1;
}

static void *grow(void *array, size_t count, size_t size, struct failure *failure)
{
    void *grown = reallocarray(array, count + 1, size);
    if (grown == NULL)
        failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    else
        memset((char *)grown + count * size, 0, size);
    return grown;
}

static int read_session_fields(const struct record *record, struct login_list_session *session)
{
    char *const *fields = record->fields;
    unsigned long count = 0;
    if (!is_known(fields[4]) || fields[4][0] == '\0')
        return failure_set(record->failure, STATUS_UNTRUSTED,
                           "the list command's line %zu: the target's node name is not told, and "
                           "without it a session can't be told from others",
                           record->line);
    session->has_isid = is_known(fields[6]);
    session->has_tsid = is_known(fields[7]);
    session->has_connections = is_known(fields[8]);
    if (read_text(record, fields[3], &session->initiator_name) != 0 ||
        read_text(record, fields[4], &session->target_node_name) != 0 ||
        read_text(record, fields[5], &session->target_name) != 0)
        return -1;
    if (session->has_isid &&
        read_bytes(record, "the ISID", fields[6], session->isid, ISID_SIZE) != 0)
        return -1;
    if (session->has_tsid &&
        read_bytes(record, "the TSID", fields[7], session->tsid, TSID_SIZE) != 0)
        return -1;
    // The connections that follow are counted; at the end the number is compared with this one.
    return session->has_connections && read_number(record, "the connection count", fields[8], 10,
                                                   UINT16_MAX, &count) != 0
               ? -1
               : (int)count;
}

static int read_session(struct login_list *list, const struct record *record, long *expected)
{
    struct login_list_session *sessions =
        grow(list->sessions, list->count, sizeof *sessions, record->failure);
    if (sessions == NULL)
        return -1;
    list->sessions = sessions;
    struct login_list_session *session = &sessions[list->count++];
    session->line = record->line;
    if (expect_fields(record, 9) != 0)
        return -1;
    int count = read_session_fields(record, session);
    *expected = session->has_connections ? count : -1;
    return count < 0 ? -1 : 0;
}

static int read_connection(struct login_list *list, const struct record *record)
{
    char *const *fields = record->fields;
    unsigned long cid = 0;
    if (expect_fields(record, 8) != 0)
        return -1;
    if (list->count == 0)
        return failure_set(record->failure, STATUS_UNTRUSTED,
                           "the list command's line %zu: a connection before any session",
                           record->line);
    struct login_list_session *session = &list->sessions[list->count - 1];
    struct login_list_connection *connections =
        grow(session->connections, session->connection_count, sizeof *connections, record->failure);
    if (connections == NULL)
        return -1;
    session->connections = connections;
    struct login_list_connection *connection = &connections[session->connection_count++];
    connection->has_cid = is_known(fields[7]);
    if (connection->has_cid && (strlen(fields[7]) != 4 || read_number(record, "the CID", fields[7],
                                                                      16, UINT16_MAX, &cid) != 0))
        return refuse(record, "the CID", fields[7], "4 hexadecimal digits");
    connection->cid = (uint16_t)cid;
    if (read_address(record, "the initiator's address", fields[3], connection->initiator_address) !=
            0 ||
        read_port(record, "the initiator's port", fields[4], &connection->initiator_port) != 0 ||
        read_address(record, "the target's address", fields[5], connection->target_address) != 0)
        return -1;
    return read_port(record, "the target's port", fields[6], &connection->target_port);
}

static int expect_connections(const struct login_list *list, long expected, struct failure *failure)
{
    if (list->count == 0 || expected < 0)
        return 0;
    const struct login_list_session *session = &list->sessions[list->count - 1];
    if (session->connection_count == (size_t)expected)
        return 0;
    return failure_set(failure, STATUS_UNTRUSTED,
                       "the list command's line %zu: the session says %ld connections, and is "
                       "followed by %zu",
                       session->line, expected, session->connection_count);
}

static int expect_sessions(const struct login_list *list, const struct record *record)
{
    unsigned long count = 0;
    if (expect_fields(record, 2) != 0 ||
        read_number(record, "the session count", record->fields[1], 10, UINT32_MAX, &count) != 0)
        return -1;
    if (count == list->count)
        return 0;
    return failure_set(record->failure, STATUS_UNTRUSTED,
                       "the list command's line %zu: end says %lu sessions, and there are %zu",
                       record->line, count, list->count);
}

static void split_fields(struct record *record, char *line)
{
    record->count = 0;
    for (char *field; (field = strsep(&line, "\t")) != NULL;)
        if (record->count++ < FIELDS_MAX)
            record->fields[record->count - 1] = field;
}

int login_list_parse(struct login_list *list, char *text, struct failure *failure)
{
    struct record record = {.failure = failure};
    long expected = -1; // connections of the session before; -1: any number
    int result = 0;
    *list = (struct login_list){0};
    for (char *line; result == 0 && (line = strsep(&text, "\n")) != NULL;) {
        record.line++;
        split_fields(&record, line);
        if (strcmp(record.fields[0], "session") == 0)
            result = expect_connections(list, expected, failure) != 0
                         ? -1
                         : read_session(list, &record, &expected);
        else if (strcmp(record.fields[0], "connection") == 0)
            result = read_connection(list, &record);
        else if (strcmp(record.fields[0], "end") == 0)
            result = expect_sessions(list, &record);
    }
    return result != 0 ? -1 : expect_connections(list, expected, failure);
}

void login_list_free(struct login_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->sessions[i].initiator_name);
        free(list->sessions[i].target_node_name);
        free(list->sessions[i].target_name);
        free(list->sessions[i].connections);
    }
    free(list->sessions);
    *list = (struct login_list){0};
}
