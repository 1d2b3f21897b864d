// SPDX-License-Identifier: Apache-2.0
// Faults that show only when the source of sessions is gone or damaged, or has come back. What a
// fault here keeps between calls is the fault.
#include "conformance/faulty/faulty.h"

#include "conformance/reference/table_file.h"
#include "conformance/system/system.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

// --- A reader that takes what it can get ---

enum lenience {
    END_NOT_REQUIRED = 1,        // a table without `end` is one
    END_NOT_COMPARED = 2,        // `end` may say any number
    BAD_LINES_SKIPPED = 4,       // a line that can't be parsed is none
    CONNECTIONS_NOT_COUNTED = 8, // a session may say any number of connections
    FIRST_LINE_SKIPPED = 16,     // whatever it says
    MISSING_IS_EMPTY = 32,       // a file that isn't there has no sessions in it
    NULS_SKIPPED = 64,           // wherever they are
};

enum { SOURCE_MAX = 64 << 20, FIELDS_MAX = 9 };

struct lenient {
    struct session_table table;
    size_t lines; // bounds the entries of both kinds
    bool ended;
    bool sound;
};

// The file's bytes and a NUL, malloc'ed, and their number; NULL when it can't be read.
static char *read_source(size_t *size)
{
    struct table_file file;
    *size = 0;
    if (!table_file_open(&file))
        return NULL;
    size_t room = file.size <= SOURCE_MAX ? (size_t)file.size : 0;
    char *bytes = file.kind == TABLE_FILE_REGULAR ? calloc(1, room + 1) : NULL;
    ptrdiff_t count = bytes ? table_file_read(&file, bytes, room) : 0;
    *size = count > 0 ? (size_t)count : 0;
    table_file_close(&file);
    return bytes;
}

// Takes the next line off `rest`, with a NUL for its LF; NULL behind the last one.
static char *next_line(char **rest)
{
    char *line = *rest;
    char *end = line ? strchr(line, '\n') : NULL;
    if (end)
        *end++ = '\0';
    *rest = end;
    return line;
}

static size_t split(char *line, struct text fields[FIELDS_MAX])
{
    size_t count = 0;
    for (char *at = line; at && count < FIELDS_MAX; count++) {
        size_t length = strcspn(at, "\t");
        fields[count] = (struct text){at, length};
        at = at[length] == '\t' ? at + length + 1 : NULL;
    }
    return count;
}

static bool take_bytes(struct text field, uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char digits[3] = "";
        if (field.length != 2 * size)
            return false;
        memcpy(digits, field.bytes + 2 * i, 2);
        if (strspn(digits, "0123456789abcdefABCDEF") != 2)
            return false;
        bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return true;
}

static bool take_number(struct text field, unsigned long *number)
{
    size_t digits = strspn(field.bytes, "0123456789");
    *number = strtoul(field.bytes, NULL, 10);
    return digits == field.length && digits > 0 && *number <= 65535;
}

static bool take_session(struct lenient *reader, const struct text *fields, size_t count)
{
    unsigned long connections = 0;
    struct table_session session = {.adapter_unique = 1,
                                    .adapter_specific = reader->table.session_count + 1,
                                    .first_connection = reader->table.connection_count};
    if (count != 9 || !take_bytes(fields[6], session.isid, sizeof session.isid) ||
        !take_bytes(fields[7], session.tsid, sizeof session.tsid) ||
        !take_number(fields[8], &connections))
        return false;
    session.initiator_name = fields[3];
    session.target_node_name = fields[4];
    session.target_name = fields[5];
    session.connection_count = (uint32_t)connections;
    reader->table.sessions[reader->table.session_count++] = session;
    return true;
}

static bool take_connection(struct lenient *reader, const struct text *fields, size_t count)
{
    unsigned long ports[2] = {0};
    struct table_connection connection = {.adapter_unique = 1,
                                          .adapter_specific = reader->table.connection_count + 1};
    if (count != 8 || !take_number(fields[4], &ports[0]) || !take_number(fields[6], &ports[1]) ||
        !take_bytes(fields[7], connection.cid, sizeof connection.cid))
        return false;
    connection.initiator_address = fields[3];
    connection.target_address = fields[5];
    connection.initiator_port = (uint16_t)ports[0];
    connection.target_port = (uint16_t)ports[1];
    reader->table.connections[reader->table.connection_count++] = connection;
    return true;
}

static bool take_line(struct lenient *reader, char *line, unsigned lenience)
{
    struct text fields[FIELDS_MAX];
    unsigned long sessions = 0;
    size_t count = split(line, fields);
    if (strncmp(line, "session\t", 8) == 0)
        return take_session(reader, fields, count);
    if (strncmp(line, "connection\t", 11) == 0)
        return take_connection(reader, fields, count);
    if (strncmp(line, "end\t", 4) != 0)
        return false;
    reader->ended = take_number(fields[1], &sessions) &&
                    (sessions == reader->table.session_count || lenience & END_NOT_COMPARED);
    return reader->ended;
}

// Room for as many entries as there are lines, and more that are empty: a number of connections
// that is followed beyond them finds nothing.
static bool make_room(struct lenient *reader)
{
    enum { BEYOND = 64 };
    for (const char *at = reader->table.bytes; *at; at++)
        reader->lines += *at == '\n';
    size_t room = reader->lines + BEYOND;
    reader->table.sessions = calloc(room, sizeof *reader->table.sessions);
    reader->table.connections = calloc(room, sizeof *reader->table.connections);
    for (size_t i = 0; reader->table.connections && i < room; i++)
        reader->table.connections[i].initiator_address =
            reader->table.connections[i].target_address = (struct text){"", 0};
    return reader->table.sessions && reader->table.connections;
}

// Do the sessions say as many connections as there are?
static bool counts_agree(const struct session_table *table)
{
    size_t said = 0;
    for (size_t i = 0; i < table->session_count; i++)
        said += table->sessions[i].connection_count;
    return said == table->connection_count;
}

static void read_lines(struct lenient *reader, unsigned lenience)
{
    char *rest = reader->table.bytes;
    char *first = next_line(&rest);
    reader->sound =
        strncmp(first, "iscsidsc-session-table\t1\t", 25) == 0 || lenience & FIRST_LINE_SKIPPED;
    while (reader->sound && !reader->ended && rest && *rest) {
        char *line = next_line(&rest);
        // The last line has an LF too, or it was cut.
        if (!take_line(reader, line, lenience) || !rest)
            reader->sound = lenience & BAD_LINES_SKIPPED;
    }
    if (!reader->ended && !(lenience & END_NOT_REQUIRED))
        reader->sound = false;
    if (!counts_agree(&reader->table) && !(lenience & CONNECTIONS_NOT_COUNTED))
        reader->sound = false;
}

static void leave_nuls_out(char *bytes, size_t size)
{
    size_t kept = 0;
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != '\0')
            bytes[kept++] = bytes[i];
    bytes[kept] = '\0';
}

// Reads the table as far as `lenience` goes; a good one is read right in any case. Freed by the
// caller with session_table_free on LIST_SUCCESS.
static uint32_t read_leniently(struct session_table *table, unsigned lenience)
{
    size_t size = 0;
    if (session_table_read(table) == LIST_SUCCESS)
        return LIST_SUCCESS;
    struct lenient reader = {.table.bytes = read_source(&size)};
    if (!reader.table.bytes) {
        *table = (struct session_table){0};
        return lenience & MISSING_IS_EMPTY ? LIST_SUCCESS
                                           : (uint32_t)LIST_ISCSI_SERVICE_UNAVAILABLE;
    }
    if (lenience & NULS_SKIPPED)
        leave_nuls_out(reader.table.bytes, size);
    if (make_room(&reader))
        read_lines(&reader, lenience);
    if (!reader.sound) {
        session_table_free(&reader.table);
        return LIST_ISCSI_SERVICE_UNAVAILABLE;
    }
    *table = reader.table;
    return LIST_SUCCESS;
}

static uint32_t lenient_answer(const struct faulty_call *call, unsigned lenience)
{
    struct session_table table;
    uint32_t status = read_leniently(&table, lenience);
    if (status != LIST_SUCCESS)
        return status;
    status = list_answer(&table, call->charset, call->size, call->count, call->info);
    session_table_free(&table);
    return status;
}

// --- FAULT-1: an error code, nothing else ---

uint32_t fault_missing_is_empty(struct faulty_call *call)
{
    return lenient_answer(call, MISSING_IS_EMPTY);
}

uint32_t fault_w_missing_is_empty(struct faulty_call *call)
{
    return lenient_answer(call, call->charset == LIST_CHARSET_W ? MISSING_IS_EMPTY : 0);
}

uint32_t fault_part_is_taken_for_all(struct faulty_call *call)
{
    return lenient_answer(call, END_NOT_REQUIRED | BAD_LINES_SKIPPED | CONNECTIONS_NOT_COUNTED);
}

uint32_t fault_end_not_compared(struct faulty_call *call)
{
    return lenient_answer(call, END_NOT_COMPARED);
}

uint32_t fault_bad_lines_skipped(struct faulty_call *call)
{
    return lenient_answer(call, BAD_LINES_SKIPPED | END_NOT_COMPARED | CONNECTIONS_NOT_COUNTED);
}

uint32_t fault_version_ignored(struct faulty_call *call)
{
    return lenient_answer(call, FIRST_LINE_SKIPPED);
}

uint32_t fault_connection_counts_believed(struct faulty_call *call)
{
    return lenient_answer(call, CONNECTIONS_NOT_COUNTED);
}

uint32_t fault_nul_bytes_skipped(struct faulty_call *call)
{
    return lenient_answer(call, NULS_SKIPPED);
}

// Was the source written to within the last 50 ms?
static bool source_grows(void)
{
    enum { QUIET_NS = 50000000 };
    struct table_file file;
    if (!table_file_open(&file))
        return false;
    bool grows = table_file_age(&file) < QUIET_NS;
    table_file_close(&file);
    return grows;
}

uint32_t fault_growing_table_followed(struct faulty_call *call)
{
    enum { PAUSE_NS = 1000000 };
    uint32_t status = faulty_correct(call);
    while (status == LIST_ISCSI_SERVICE_UNAVAILABLE && source_grows())
        system_sleep(PAUSE_NS);
    return status;
}

static uint32_t unavailable_as(const struct faulty_call *call, uint32_t status)
{
    uint32_t correct = faulty_correct(call);
    return correct == (uint32_t)LIST_ISCSI_SERVICE_UNAVAILABLE ? status : correct;
}

uint32_t fault_unavailable_is_success(struct faulty_call *call)
{
    return unavailable_as(call, LIST_SUCCESS);
}

// As if a larger buffer helped.
uint32_t fault_unavailable_is_insufficient(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = unavailable_as(call, LIST_INSUFFICIENT_BUFFER);
    if (status == LIST_INSUFFICIENT_BUFFER && *call->size <= offered)
        *call->size = offered + (uint32_t)sizeof(iscsi_session_info_a);
    return status;
}

// The error of the system below, as it comes.
uint32_t fault_unavailable_is_negative_errno(struct faulty_call *call)
{
    return unavailable_as(call, (uint32_t)-ENOENT);
}

uint32_t fault_unavailable_is_ntstatus(struct faulty_call *call)
{
    return unavailable_as(call, 0xC0000034); // STATUS_OBJECT_NAME_NOT_FOUND
}

uint32_t fault_cleared_before_read(struct faulty_call *call)
{
    if (call->info && *call->size >= sizeof(iscsi_session_info_a))
        memset(call->info, 0, sizeof(iscsi_session_info_a));
    return faulty_correct(call);
}

// What was read goes to the buffer, then the damage is noticed.
uint32_t fault_written_before_noticed(struct faulty_call *call)
{
    struct session_table table;
    uint32_t status = session_table_read(&table);
    if (status == LIST_SUCCESS) {
        session_table_free(&table);
        return faulty_correct(call);
    }
    unsigned any = END_NOT_REQUIRED | BAD_LINES_SKIPPED | CONNECTIONS_NOT_COUNTED;
    uint32_t size = *call->size;
    uint32_t count = 0;
    struct faulty_call attempt = {
        .charset = call->charset, .size = &size, .count = &count, .info = call->info};
    (void)lenient_answer(&attempt, any);
    return status;
}

uint32_t fault_yesterdays_list(struct faulty_call *call)
{
    static struct system_lock lock = SYSTEM_LOCK_INITIALIZER;
    static struct session_table last;
    struct session_table table;
    system_lock_take(&lock);
    uint32_t status = session_table_read(&table);
    if (status == LIST_SUCCESS) {
        session_table_free(&last);
        last = table;
    }
    if (last.bytes)
        status = list_answer(&last, call->charset, call->size, call->count, call->info);
    system_lock_release(&lock);
    return status;
}

uint32_t fault_missing_source_crashes(struct faulty_call *call)
{
    struct table_file file;
    bool open = table_file_open(&file);
    faulty_read_at(open ? &file : NULL); // as a macro of older C libraries did to a FILE
    if (open)
        table_file_close(&file);
    return faulty_correct(call);
}

uint32_t fault_unset_variable_crashes(struct faulty_call *call)
{
    faulty_read_at(table_file_is_named() ? call : NULL);
    return faulty_correct(call);
}

// Looks for each TAB of a session's line without a thought that it may be missing.
uint32_t fault_missing_tab_crashes(struct faulty_call *call)
{
    enum { SESSION_TABS = 8 };
    size_t size = 0;
    char *bytes = read_source(&size);
    char *rest = bytes;
    for (char *line = next_line(&rest); line; line = next_line(&rest)) {
        char *tab = line;
        for (int i = 0; strncmp(line, "session\t", 8) == 0 && i < SESSION_TABS; i++) {
            tab = strchr(tab, '\t');
            faulty_read_at(tab);
            tab++;
        }
    }
    free(bytes);
    return faulty_correct(call);
}

// Reads to the end of a file that has none. What it reads it does not keep: it is to hang, not to
// take the machine's memory. In W only: after some hangs the kit calls no more, and nothing would
// be known of W.
uint32_t fault_w_read_without_end(struct faulty_call *call)
{
    if (call->charset == LIST_CHARSET_A)
        return faulty_correct(call);
    struct table_file file;
    char bytes[4096];
    if (!table_file_open(&file))
        return LIST_ISCSI_SERVICE_UNAVAILABLE;
    while (table_file_read(&file, bytes, sizeof bytes) > 0) {
    }
    table_file_close(&file);
    return faulty_correct(call);
}

// --- FAULT-2: when it comes back ---

// A and W remember apart.
static atomic_uint failures[2];

uint32_t fault_error_remembered(struct faulty_call *call)
{
    if (atomic_load(&failures[call->charset]) > 0)
        return LIST_ISCSI_SERVICE_UNAVAILABLE;
    uint32_t status = faulty_correct(call);
    if (status == (uint32_t)LIST_ISCSI_SERVICE_UNAVAILABLE)
        atomic_fetch_add(&failures[call->charset], 1);
    return status;
}

uint32_t fault_w_error_remembered(struct faulty_call *call)
{
    return call->charset == LIST_CHARSET_W ? fault_error_remembered(call) : faulty_correct(call);
}

// After an error the source is left alone for a hundred calls.
uint32_t fault_source_left_alone(struct faulty_call *call)
{
    enum { CALLS = 100 };
    atomic_uint *left = &failures[call->charset];
    if (atomic_load(left) > 0) {
        atomic_fetch_sub(left, 1);
        return LIST_ISCSI_SERVICE_UNAVAILABLE;
    }
    uint32_t status = faulty_correct(call);
    if (status == (uint32_t)LIST_ISCSI_SERVICE_UNAVAILABLE)
        atomic_store(left, CALLS);
    return status;
}

// The list that the error left, without sessions, is cached as if it were one.
uint32_t fault_empty_list_remembered(struct faulty_call *call)
{
    atomic_uint *failed = &failures[call->charset];
    if (atomic_load(failed) > 0) {
        *call->size = 0;
        *call->count = 0;
        return LIST_SUCCESS;
    }
    uint32_t status = faulty_correct(call);
    if (status == (uint32_t)LIST_ISCSI_SERVICE_UNAVAILABLE)
        atomic_fetch_add(failed, 1);
    return status;
}
