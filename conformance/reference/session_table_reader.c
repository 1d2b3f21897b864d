// SPDX-License-Identifier: Apache-2.0
// Reads the session table. It is read anew in each call, whole, in one go: what is read in parts
// can belong to two moments. (On Windows its bytes are kept while the file is the same one.)
// Anything that is not a table to its last byte counts as no table, for half a list would be a
// wrong one.
//
//     iscsidsc-session-table 1 <generation>
//     session <AdapterUnique> <AdapterSpecific> <initiator name> <target node name> <target name>
//             <isid> <tsid> <connection count>
//     connection <AdapterUnique> <AdapterSpecific> <initiator address> <initiator port>
//                <target address> <target port> <cid>
//     end <session count>
//
// One record a line, fields apart by one TAB; docs/session-table.md says all of it.
#include "conformance/reference/session_table_reader.h"

#include "conformance/reference/kept_table.h"
#include "conformance/reference/table_file.h"
#include "session_list.h"

#include <stdlib.h>
#include <string.h>

enum {
    FILE_SIZE_MAX = 64 << 20, // far beyond any table; what is larger is something else
    FIELDS_MAX = 9,           // of the longest record; a line with more fields is cut there
};

// What is left to read, and what is still expected of it.
struct reader {
    struct text rest;
    uint64_t connections_due; // of the session read last
    size_t session_capacity;
    size_t connection_capacity;
    bool ended; // the `end` line has been
    bool out_of_memory;
};

// --- The file ---

// Opens what the environment names, if it is a regular file.
static bool open_table(struct table_file *file)
{
    if (!table_file_open(file))
        return false;
    if (file->kind == TABLE_FILE_REGULAR && file->size <= FILE_SIZE_MAX)
        return true;
    table_file_close(file);
    return false;
}

// The whole file, malloc'ed. A table is replaced by rename and never edited, so a file that ends
// early or goes on past the size it had is not one; one that grows for ever is read once past its
// size.
static uint32_t read_file(struct text *text, char **bytes)
{
    struct table_file file;
    struct kept_table_mark mark;
    if (kept_table_take(text, bytes, &mark))
        return LIST_SUCCESS;
    if (!open_table(&file))
        return LIST_ISCSI_SERVICE_UNAVAILABLE;
    uint32_t status = LIST_SUCCESS;
    size_t size = (size_t)file.size;
    *bytes = malloc(size + 1);
    if (!*bytes)
        status = LIST_NOT_ENOUGH_MEMORY;
    else if (table_file_read(&file, *bytes, size + 1) != (ptrdiff_t)size)
        status = LIST_ISCSI_SERVICE_UNAVAILABLE;
    table_file_close(&file);
    *text = (struct text){*bytes, size};
    if (status == LIST_SUCCESS)
        kept_table_put(*text, &mark);
    return status;
}

// --- Lines, fields, values ---

// Takes the next line off `rest`, without its LF, which it must have. An empty one is no record.
static bool take_line(struct text *rest, struct text *line)
{
    const char *end = memchr(rest->bytes, '\n', rest->length);
    if (!end || end == rest->bytes)
        return false;
    *line = (struct text){rest->bytes, (size_t)(end - rest->bytes)};
    rest->bytes = end + 1;
    rest->length -= line->length + 1;
    return true;
}

// Cuts a line at its TABs. Returns the number of fields; FIELDS_MAX + 1 when there are more.
static size_t split(struct text line, struct text fields[FIELDS_MAX])
{
    for (size_t count = 0; count < FIELDS_MAX; count++) {
        const char *tab = memchr(line.bytes, '\t', line.length);
        fields[count] = line;
        if (!tab)
            return count + 1;
        fields[count].length = (size_t)(tab - line.bytes);
        line.bytes = tab + 1;
        line.length -= fields[count].length + 1;
    }
    return FIELDS_MAX + 1;
}

static bool is_word(struct text field, const char *word)
{
    return field.length == strlen(word) && memcmp(field.bytes, word, field.length) == 0;
}

static bool parse_decimal(struct text field, uint64_t largest, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < field.length; i++) {
        if (field.bytes[i] < '0' || field.bytes[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(field.bytes[i] - '0');
        if (*value > (largest - digit) / 10)
            return false;
        *value = *value * 10 + digit;
    }
    return field.length > 0;
}

static bool parse_port(struct text field, uint16_t *port)
{
    uint64_t value = 0;
    bool parsed = parse_decimal(field, UINT16_MAX, &value);
    *port = (uint16_t)value;
    return parsed;
}

// Two digits a byte, as many as `size` asks for.
static bool parse_bytes(struct text field, uint8_t *bytes, size_t size)
{
    if (field.length != 2 * size)
        return false;
    memset(bytes, 0, size);
    for (size_t i = 0; i < field.length; i++) {
        char c = field.bytes[i];
        int digit = 0;
        if (c >= '0' && c <= '9')
            digit = c - '0';
        else if (c >= 'a' && c <= 'f')
            digit = c - 'a' + 10;
        else if (c >= 'A' && c <= 'F')
            digit = c - 'A' + 10;
        else
            return false;
        bytes[i / 2] = (uint8_t)(bytes[i / 2] << 4 | digit);
    }
    return true;
}

static bool parse_identifier(struct text field, uint64_t *value)
{
    uint8_t bytes[8];
    if (!parse_bytes(field, bytes, sizeof bytes))
        return false;
    *value = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        *value = *value << 8 | bytes[i];
    return true;
}

// Names and addresses. No session has an empty one: a table that says so has lost something.
static bool parse_text(struct text field, struct text *text)
{
    *text = field;
    return field.length > 0;
}

// --- Records ---

// Makes room for one more entry by doubling, so that the cost of growing stays linear. The sizes
// can't overflow: no table has more entries than bytes.
static void *make_room(struct reader *reader, void *entries, size_t count, size_t *capacity,
                       size_t entry_size)
{
    if (count < *capacity)
        return entries;
    size_t larger = *capacity ? *capacity * 2 : 16;
    void *moved = realloc(entries, larger * entry_size);
    if (!moved) {
        reader->out_of_memory = true;
        return NULL;
    }
    *capacity = larger;
    return moved;
}

static bool read_session(struct reader *reader, struct session_table *table,
                         const struct text *fields, size_t count)
{
    if (count != 9 || reader->connections_due > 0)
        return false;
    void *sessions = make_room(reader, table->sessions, table->session_count,
                               &reader->session_capacity, sizeof *table->sessions);
    if (!sessions)
        return false;
    table->sessions = sessions;
    struct table_session *session = &table->sessions[table->session_count++];
    session->first_connection = table->connection_count;
    if (!parse_identifier(fields[1], &session->adapter_unique) ||
        !parse_identifier(fields[2], &session->adapter_specific) ||
        !parse_text(fields[3], &session->initiator_name) ||
        !parse_text(fields[4], &session->target_node_name) ||
        !parse_text(fields[5], &session->target_name) ||
        !parse_bytes(fields[6], session->isid, sizeof session->isid) ||
        !parse_bytes(fields[7], session->tsid, sizeof session->tsid) ||
        !parse_decimal(fields[8], UINT32_MAX, &reader->connections_due))
        return false;
    session->connection_count = (uint32_t)reader->connections_due;
    return true;
}

static bool read_connection(struct reader *reader, struct session_table *table,
                            const struct text *fields, size_t count)
{
    if (count != 8 || reader->connections_due == 0)
        return false;
    void *connections = make_room(reader, table->connections, table->connection_count,
                                  &reader->connection_capacity, sizeof *table->connections);
    if (!connections)
        return false;
    table->connections = connections;
    struct table_connection *connection = &table->connections[table->connection_count++];
    reader->connections_due--;
    return parse_identifier(fields[1], &connection->adapter_unique) &&
           parse_identifier(fields[2], &connection->adapter_specific) &&
           parse_text(fields[3], &connection->initiator_address) &&
           parse_port(fields[4], &connection->initiator_port) &&
           parse_text(fields[5], &connection->target_address) &&
           parse_port(fields[6], &connection->target_port) &&
           parse_bytes(fields[7], connection->cid, sizeof connection->cid);
}

static bool read_head(struct reader *reader)
{
    struct text line;
    struct text fields[FIELDS_MAX];
    uint64_t generation = 0;
    return take_line(&reader->rest, &line) && split(line, fields) == 3 &&
           is_word(fields[0], "iscsidsc-session-table") && is_word(fields[1], "1") &&
           parse_decimal(fields[2], UINT64_MAX, &generation);
}

static bool read_record(struct reader *reader, struct session_table *table)
{
    struct text line;
    struct text fields[FIELDS_MAX] = {0}; // not needed: gcc -O3 can't see that `count` guards them
    if (!take_line(&reader->rest, &line))
        return false;
    size_t count = split(line, fields);
    if (is_word(fields[0], "session"))
        return read_session(reader, table, fields, count);
    if (is_word(fields[0], "connection"))
        return read_connection(reader, table, fields, count);
    if (!is_word(fields[0], "end"))
        return true; // of a later version; its readers know what it says
    uint64_t session_count = 0;
    reader->ended = count == 2 && parse_decimal(fields[1], SIZE_MAX, &session_count) &&
                    session_count == table->session_count && reader->connections_due == 0;
    return reader->ended;
}

uint32_t session_table_read(struct session_table *table)
{
    *table = (struct session_table){0};
    struct reader reader = {0};
    uint32_t status = read_file(&reader.rest, &table->bytes);
    if (status != LIST_SUCCESS)
        goto out;
    bool sound = text_is_valid(reader.rest) && read_head(&reader);
    while (sound && !reader.ended)
        sound = read_record(&reader, table);
    if (reader.out_of_memory)
        status = LIST_NOT_ENOUGH_MEMORY;
    else if (!sound || reader.rest.length > 0) // nothing follows the end
        status = LIST_ISCSI_SERVICE_UNAVAILABLE;
out:
    if (status != LIST_SUCCESS)
        session_table_free(table);
    return status;
}

void session_table_free(struct session_table *table)
{
    free(table->bytes);
    free(table->sessions);
    free(table->connections);
    *table = (struct session_table){0};
}
