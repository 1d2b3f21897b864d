// SPDX-License-Identifier: Apache-2.0
// What the faulty implementations share.
#include "conformance/faulty/faulty.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1000 };

static void edit_nothing(struct faulty_table *table)
{
    (void)table;
}

uint32_t faulty_edited(const struct faulty_call *call, faulty_edit *edit)
{
    struct faulty_table table = {.charset = call->charset};
    uint32_t status = session_table_read(&table.known);
    if (status != LIST_SUCCESS)
        return status;
    // Only what is printed into it is ever touched.
    size_t texts = 3 * table.known.session_count + 2 * table.known.connection_count;
    table.spare_size = (texts + 1) * TEXT_MAX;
    char *spare = edit == edit_nothing ? NULL : malloc(table.spare_size);
    table.spare = spare;
    if (spare || edit == edit_nothing) {
        edit(&table);
        status = list_answer(&table.known, call->charset, call->size, call->count, call->info);
    } else {
        status = LIST_NOT_ENOUGH_MEMORY;
    }
    free(spare);
    session_table_free(&table.known);
    return status;
}

void faulty_read_at(const volatile void *address)
{
    uintptr_t volatile place = (uintptr_t)address;
    (void)*(const volatile char *)place; // NOLINT(performance-no-int-to-ptr): it may fault
}

void faulty_write_at(volatile void *address)
{
    uintptr_t volatile place = (uintptr_t)address;
    *(volatile char *)place = 0; // NOLINT(performance-no-int-to-ptr): it may fault
}

void faulty_change_names(struct faulty_table *table, faulty_text_change *change)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        struct table_session *session = &table->known.sessions[i];
        session->initiator_name = change(table, session->initiator_name);
        session->target_node_name = change(table, session->target_node_name);
        session->target_name = change(table, session->target_name);
    }
}

void faulty_change_addresses(struct faulty_table *table, faulty_text_change *change)
{
    for (size_t i = 0; i < table->known.connection_count; i++) {
        struct table_connection *connection = &table->known.connections[i];
        connection->initiator_address = change(table, connection->initiator_address);
        connection->target_address = change(table, connection->target_address);
    }
}

struct text faulty_print(struct faulty_table *table, const char *format, ...)
{
    char *place = table->spare;
    if (table->spare_size < TEXT_MAX)
        return (struct text){"", 0};
    va_list arguments;
    va_start(arguments, format);
    // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): not across a va_start two lines up
    int length = vsnprintf(place, TEXT_MAX, format, arguments);
    va_end(arguments);
    if (length < 0 || length >= TEXT_MAX)
        return (struct text){"", 0};
    table->spare += length;
    table->spare_size -= (size_t)length;
    return (struct text){place, (size_t)length};
}

struct text faulty_cut(struct text text, size_t length)
{
    if (length >= text.length)
        return text;
    while (length > 0 && ((unsigned char)text.bytes[length] & 0xC0) == 0x80)
        length--;
    return (struct text){text.bytes, length};
}

uint32_t faulty_correct(const struct faulty_call *call)
{
    return faulty_edited(call, edit_nothing);
}

uint32_t faulty_correct_for(const struct faulty_call *call, uint32_t offered)
{
    *call->size = offered;
    return faulty_correct(call);
}

// --- The finished list ---

// Adds `by` to a pointer, or offset, if it is `from` or more.
static void shift_pointer(void *place, uintptr_t from, uintptr_t by)
{
    uintptr_t pointer;
    memcpy(&pointer, place, sizeof pointer);
    if (pointer >= from)
        pointer += by;
    memcpy(place, &pointer, sizeof pointer);
}

static void shift_connection(unsigned char *place, uintptr_t from, uintptr_t by)
{
    shift_pointer(place + offsetof(iscsi_connection_info_a, initiator_address), from, by);
    shift_pointer(place + offsetof(iscsi_connection_info_a, target_address), from, by);
}

// All pointers of the list. `origin`: what they count from now.
static void shift(const struct faulty_list *list, uintptr_t origin, uintptr_t from, uintptr_t by)
{
    for (uint32_t i = 0; i < list->count; i++) {
        unsigned char *place = list->bytes + list->first + (size_t)i * list->stride;
        iscsi_session_info_a session = faulty_session(place, 0);
        for (uint32_t k = 0; k < session.connection_count; k++) {
            uintptr_t at = (uintptr_t)&session.connections[k] - origin;
            shift_connection(list->bytes + at, from, by);
        }
        shift_pointer(place + offsetof(iscsi_session_info_a, initiator_name), from, by);
        shift_pointer(place + offsetof(iscsi_session_info_a, target_node_name), from, by);
        shift_pointer(place + offsetof(iscsi_session_info_a, target_name), from, by);
        if (session.connection_count > 0)
            shift_pointer(place + offsetof(iscsi_session_info_a, connections), from, by);
    }
}

uint32_t faulty_list_take(struct faulty_list *list, enum list_charset charset)
{
    *list = (struct faulty_list){.charset = charset, .stride = sizeof(iscsi_session_info_a)};
    struct session_table table;
    uint32_t status = session_table_read(&table);
    if (status != LIST_SUCCESS)
        return status;
    list->size = (uint32_t)list_write(&table, charset, NULL);
    list->count = (uint32_t)table.session_count;
    list->bytes = malloc((size_t)list->size + 1);
    if (list->bytes) {
        list_write(&table, charset, list->bytes);
        shift(list, (uintptr_t)list->bytes, 0, (uintptr_t)0 - (uintptr_t)list->bytes);
    }
    session_table_free(&table);
    return list->bytes ? LIST_SUCCESS : LIST_NOT_ENOUGH_MEMORY;
}

void faulty_list_free(struct faulty_list *list)
{
    free(list->bytes);
    list->bytes = NULL;
}

uint32_t faulty_list_structures_end(const struct faulty_list *list)
{
    return list->first + list->count * list->stride;
}

bool faulty_list_open(struct faulty_list *list, uint32_t offset, uint32_t size)
{
    unsigned char *bytes = realloc(list->bytes, (size_t)list->size + size + 1);
    if (!bytes)
        return false;
    list->bytes = bytes;
    shift(list, 0, offset, size);
    memmove(bytes + offset + size, bytes + offset, list->size - offset);
    memset(bytes + offset, 0xA5, size);
    list->size += size;
    if (offset <= list->first)
        list->first += size;
    return true;
}

void faulty_list_point(struct faulty_list *list, uintptr_t base)
{
    shift(list, 0, 0, base);
}

void faulty_list_copy(const struct faulty_list *list, unsigned char *to)
{
    struct faulty_list copy = *list;
    copy.bytes = to;
    memcpy(to, list->bytes, list->size);
    faulty_list_point(&copy, (uintptr_t)to);
}

uint32_t faulty_list_answer(const struct faulty_call *call, const struct faulty_list *list)
{
    uint32_t offered = *call->size;
    *call->size = list->size;
    if (list->size > offered || (list->size > 0 && !call->info))
        return LIST_INSUFFICIENT_BUFFER;
    if (list->size > 0)
        faulty_list_copy(list, call->info);
    *call->count = list->count;
    return LIST_SUCCESS;
}

uint32_t faulty_list_edited(const struct faulty_call *call, faulty_list_edit *edit)
{
    struct faulty_list list;
    uint32_t status = faulty_list_take(&list, call->charset);
    if (status != LIST_SUCCESS)
        return status;
    if (list.count == 0 || edit(&list))
        status = faulty_list_answer(call, &list);
    else
        status = LIST_NOT_ENOUGH_MEMORY;
    faulty_list_free(&list);
    return status;
}

// --- Structures ---

iscsi_session_info_a faulty_session(const void *list, uint32_t index)
{
    iscsi_session_info_a session;
    memcpy(&session, (const unsigned char *)list + index * sizeof session, sizeof session);
    return session;
}

void faulty_set_session(void *list, uint32_t index, const iscsi_session_info_a *session)
{
    memcpy((unsigned char *)list + index * sizeof *session, session, sizeof *session);
}

iscsi_connection_info_a faulty_connection(const iscsi_session_info_a *session, uint32_t index)
{
    iscsi_connection_info_a connection;
    memcpy(&connection, (const unsigned char *)session->connections + index * sizeof connection,
           sizeof connection);
    return connection;
}

void faulty_set_connection(const iscsi_session_info_a *session, uint32_t index,
                           const iscsi_connection_info_a *connection)
{
    memcpy((unsigned char *)session->connections + index * sizeof *connection, connection,
           sizeof *connection);
}

uint32_t faulty_string_size(const char *string, enum list_charset charset)
{
    if (charset == LIST_CHARSET_A)
        return (uint32_t)strlen(string) + 1;
    uint32_t size = 0;
    uint16_t unit = 0;
    do {
        memcpy(&unit, string + size, sizeof unit);
        size += (uint32_t)sizeof unit;
    } while (unit != 0);
    return size;
}

uint32_t faulty_sessions_changed(const struct faulty_call *call, faulty_session_change *change)
{
    uint32_t status = faulty_correct(call);
    if (status != LIST_SUCCESS)
        return status;
    for (uint32_t i = 0; i < *call->count; i++) {
        iscsi_session_info_a session = faulty_session(call->info, i);
        change(&session, call, i);
        faulty_set_session(call->info, i, &session);
    }
    return status;
}
