// GetIScsiSessionListA and GetIScsiSessionListW, as small as they can be: they report the sessions
// of the session table, the file that the environment variable ISCSIDSC_SESSION_TABLE names. Three
// things are wrong here. The kit's tutorial mends them, one by one.
#include <session_list.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIELDS_MAX = 9 }; // of a record

// What the table says. The strings of the structures are in `text`, in UTF-8.
struct table {
    char *text;
    iscsi_session_info_a *sessions;
    iscsi_connection_info_a *connections; // of all sessions, in their order
    uint32_t session_count;
    uint32_t connection_count;
};

// ---- Reading the table

// The whole file, malloc'ed, with a NUL behind it. NULL: there is no such file, or it is no text.
static char *read_file(const char *path)
{
    struct stat status;
    char *text = NULL;
    int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return NULL;
    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode))
        text = calloc((size_t)status.st_size + 2, 1);
    // One byte more is asked for than there should be: a file that grows is not used.
    if (text != NULL && (read(file, text, (size_t)status.st_size + 1) != status.st_size ||
                         strlen(text) != (size_t)status.st_size)) {
        free(text);
        text = NULL;
    }
    close(file);
    return text;
}

// Takes the next line off and cuts it at its TABs. Returns the number of fields; 0: there is no
// further line, or it has too many.
static size_t take_record(char **at, char *fields[FIELDS_MAX])
{
    char *end = strchr(*at, '\n');
    char *field = *at;
    size_t count = 0;
    if (end == NULL)
        return 0;
    *end = '\0';
    *at = end + 1;
    while (field != NULL && count < FIELDS_MAX) {
        char *tab = strchr(field, '\t');
        fields[count++] = field;
        if (tab != NULL)
            *tab++ = '\0';
        field = tab;
    }
    return field == NULL ? count : 0;
}

static bool read_hex(const char *field, uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    if (strlen(field) != 2 * size || strspn(field, digits) != 2 * size)
        return false;
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)((strchr(digits, field[2 * i]) - digits) << 4 |
                             (strchr(digits, field[2 * i + 1]) - digits));
    return true;
}

static bool read_id(char *const fields[2], struct iscsi_unique_id *id)
{
    uint64_t halves[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        uint8_t bytes[8];
        if (!read_hex(fields[i], bytes, sizeof bytes))
            return false;
        for (size_t k = 0; k < sizeof bytes; k++)
            halves[i] = halves[i] << 8 | bytes[k];
    }
    id->adapter_unique = halves[0];
    id->adapter_specific = halves[1];
    return true;
}

static bool read_number(const char *field, uint32_t *number)
{
    size_t length = strspn(field, "0123456789");
    *number = (uint32_t)strtoul(field, NULL, 10);
    return length > 0 && length < 10 && field[length] == '\0';
}

static bool read_port(const char *field, uint16_t *port)
{
    uint32_t number = 0;
    if (!read_number(field, &number) || number > UINT16_MAX)
        return false;
    *port = (uint16_t)number;
    return true;
}

static bool read_session(struct table *table, char *const fields[FIELDS_MAX])
{
    iscsi_session_info_a *session = &table->sessions[table->session_count++];
    session->initiator_name = fields[3];
    session->target_node_name = fields[4];
    session->target_name = fields[5];
    session->connections = table->connections + table->connection_count;
    return read_id(fields + 1, &session->session_id) &&
           read_hex(fields[6], session->isid, sizeof session->isid) &&
           read_hex(fields[7], session->tsid, sizeof session->tsid) &&
           read_number(fields[8], &session->connection_count);
}

static bool read_connection(struct table *table, char *const fields[FIELDS_MAX])
{
    iscsi_connection_info_a *connection = &table->connections[table->connection_count++];
    connection->initiator_address = fields[3];
    connection->target_address = fields[5];
    return table->session_count > 0 && read_id(fields + 1, &connection->connection_id) &&
           read_port(fields[4], &connection->initiator_socket) &&
           read_port(fields[6], &connection->target_socket) &&
           read_hex(fields[7], connection->cid, sizeof connection->cid);
}

// Are there as many connections as the last session says?
static bool is_complete(const struct table *table)
{
    const iscsi_session_info_a *last = &table->sessions[table->session_count];
    return table->session_count == 0 || last[-1].connections + last[-1].connection_count ==
                                            table->connections + table->connection_count;
}

// Reads all records. False: the table can't be used.
static bool read_records(struct table *table)
{
    char *at = table->text;
    char *fields[FIELDS_MAX];
    uint32_t number = 0;
    size_t count = take_record(&at, fields);
    if (count != 3 || strcmp(fields[0], "iscsidsc-session-table") != 0 ||
        strcmp(fields[1], "1") != 0)
        return false;
    while ((count = take_record(&at, fields)) > 0) {
        bool good = true;
        if (strcmp(fields[0], "session") == 0)
            good = count == 9 && is_complete(table) && read_session(table, fields);
        else if (strcmp(fields[0], "connection") == 0)
            good = count == 8 && read_connection(table, fields);
        else if (strcmp(fields[0], "end") == 0)
            return count == 2 && is_complete(table) && read_number(fields[1], &number);
        if (!good)
            return false;
    }
    return false;
}

static void close_table(struct table *table)
{
    free(table->connections);
    free(table->sessions);
    free(table->text);
}

// False: there are no sessions to be had, and nothing to close.
static bool open_table(struct table *table)
{
    size_t lines = 1;
    memset(table, 0, sizeof *table);
    table->text = read_file(getenv("ISCSIDSC_SESSION_TABLE"));
    if (table->text == NULL)
        return false;
    for (const char *at = strchr(table->text, '\n'); at != NULL; at = strchr(at + 1, '\n'))
        lines++;
    table->sessions = calloc(lines, sizeof *table->sessions);
    table->connections = calloc(lines, sizeof *table->connections);
    if (table->sessions != NULL && table->connections != NULL && read_records(table))
        return true;
    close_table(table);
    return false;
}

// ---- Writing the list: all sessions, then all connections, then all strings

struct list {
    bool is_wide; // strings are UTF-16
    char *buffer; // NULL: the list is only measured
    size_t connections;
    size_t strings; // where the next of them goes, in bytes from the beginning
};

// Copies `size` bytes to the place, and moves it. The buffer may be unaligned.
static void put(const struct list *list, size_t *place, const void *bytes, size_t size)
{
    if (list->buffer != NULL)
        memcpy(list->buffer + *place, bytes, size);
    *place += size;
}

// Takes a character off UTF-8.
static uint32_t take_character(const char **text)
{
    uint32_t value = (unsigned char)*(*text)++;
    if (value >= 0xC0)
        value &= value < 0xE0 ? 0x1F : value < 0xF0 ? 0x0F : 0x07;
    while (((unsigned char)**text & 0xC0) == 0x80)
        value = value << 6 | ((unsigned char)*(*text)++ & 0x3F);
    return value;
}

// The string, with its terminator. Returns where it is; NULL while measuring.
static char *put_text(struct list *list, const char *text)
{
    char *place = list->buffer == NULL ? NULL : list->buffer + list->strings;
    if (!list->is_wide) {
        put(list, &list->strings, text, strlen(text) + 1);
        return place;
    }
    while (*text != '\0') {
        uint32_t character = take_character(&text);
        uint16_t units[2] = {(uint16_t)character, 0};
        if (character > 0xFFFF) {
            units[0] = (uint16_t)(0xD800 + ((character - 0x10000) >> 10));
            units[1] = (uint16_t)(0xDC00 + (character & 0x3FF));
        }
        put(list, &list->strings, units, character > 0xFFFF ? 4 : 2);
    }
    put(list, &list->strings, "\0", 2);
    return place;
}

static void put_connection(struct list *list, const iscsi_connection_info_a *from)
{
    iscsi_connection_info_a connection = *from;
    connection.initiator_address = put_text(list, from->initiator_address);
    connection.target_address = put_text(list, from->target_address);
    put(list, &list->connections, &connection, sizeof connection);
}

// The structures of A and W differ only in what their pointers point to. Returns the size in bytes.
static size_t put_list(const struct table *table, bool is_wide, char *buffer)
{
    struct list list = {.is_wide = is_wide, .buffer = buffer};
    size_t place = 0;
    list.connections = table->session_count * sizeof(iscsi_session_info_a);
    list.strings = list.connections + table->connection_count * sizeof(iscsi_connection_info_a);
    for (uint32_t i = 0; i < table->session_count; i++) {
        const iscsi_session_info_a *from = &table->sessions[i];
        iscsi_session_info_a session = *from;
        session.initiator_name = put_text(&list, from->initiator_name);
        session.target_node_name = put_text(&list, from->target_node_name);
        session.target_name = put_text(&list, from->target_name);
        session.connections = NULL;
        if (buffer != NULL && from->connection_count > 0)
            session.connections = (iscsi_connection_info_a *)(void *)(buffer + list.connections);
        for (uint32_t k = 0; k < from->connection_count; k++)
            put_connection(&list, &from->connections[k]);
        put(&list, &place, &session, sizeof session);
    }
    return list.strings;
}

// ---- The functions

static uint32_t answer(bool is_wide, uint32_t *buffer_size, uint32_t *session_count, void *buffer)
{
    struct table table;
    uint32_t status = LIST_SUCCESS;
    if (buffer_size == NULL || session_count == NULL)
        return LIST_INVALID_PARAMETER;
    if (!open_table(&table))
        return LIST_ISCSI_SERVICE_UNAVAILABLE;
    uint32_t required = (uint32_t)put_list(&table, is_wide, NULL);
    *session_count = table.session_count;
    if (required > *buffer_size) {
        status = LIST_INSUFFICIENT_BUFFER;
        required++; // one to spare
    } else {
        put_list(&table, is_wide, buffer);
    }
    *buffer_size = required;
    close_table(&table);
    return status;
}

uint32_t ISCSI_SESSION_LIST_CALL GetIScsiSessionListA(uint32_t *buffer_size,
                                                      uint32_t *session_count,
                                                      iscsi_session_info_a *session_info)
{
    return answer(false, buffer_size, session_count, session_info);
}

uint32_t ISCSI_SESSION_LIST_CALL GetIScsiSessionListW(uint32_t *buffer_size,
                                                      uint32_t *session_count,
                                                      iscsi_session_info_w *session_info)
{
    return answer(true, buffer_size, session_count, session_info);
}
