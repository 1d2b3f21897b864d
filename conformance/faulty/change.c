// SPDX-License-Identifier: Apache-2.0
// Faults that show only when sessions come and go: what is remembered from one call to the next,
// and lists put together from two moments. What a fault here keeps between calls is the fault.
#include "conformance/faulty/faulty.h"

#include "conformance/system/system.h"

#include <stdlib.h>
#include <string.h>

// What a library remembers; one for A and one for W, each used by one call at a time.
struct memory {
    struct system_lock lock;
    bool filled; // `table` is one
    bool flagged;
    struct session_table table;
    unsigned calls;
    uint64_t filled_ns;
    uint32_t size;  // 0: none
    uint32_t count; // 0: none
};

static struct memory *open_memory(const struct faulty_call *call)
{
    static struct memory memories[2] = {{.lock = SYSTEM_LOCK_INITIALIZER},
                                        {.lock = SYSTEM_LOCK_INITIALIZER}};
    struct memory *memory = &memories[call->charset];
    system_lock_take(&memory->lock);
    return memory;
}

static uint32_t close_memory(struct memory *memory, uint32_t status)
{
    system_lock_release(&memory->lock);
    return status;
}

// Remembers the table instead of what was remembered.
static void keep_table(struct memory *memory, struct session_table table)
{
    session_table_free(&memory->table);
    memory->table = table;
    memory->filled = true;
}

static uint32_t reload(struct memory *memory)
{
    struct session_table table;
    uint32_t status = session_table_read(&table);
    if (status == LIST_SUCCESS)
        keep_table(memory, table);
    return status;
}

static uint32_t answer_with(const struct session_table *table, const struct faulty_call *call)
{
    return list_answer(table, call->charset, call->size, call->count, call->info);
}

static uint32_t required_by(const struct session_table *table, const struct faulty_call *call)
{
    return (uint32_t)list_write(table, call->charset, NULL);
}

// Of another generation? It is in the first line.
static bool differ(const struct session_table *one, const struct session_table *other)
{
    size_t length = strcspn(one->bytes, "\n");
    return strncmp(one->bytes, other->bytes, length + 1) != 0;
}

// Answers rightly, and remembers the size that was asked for: by a query, or by any call.
static uint32_t ask_and_remember(struct memory *memory, const struct faulty_call *call,
                                 bool queries_only)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && !(queries_only && call->info))
        memory->size = *call->size;
    return status;
}

// Is it the fetch that a query was made for?
static bool is_offered_what_was_asked(const struct memory *memory, const struct faulty_call *call,
                                      uint32_t offered)
{
    return call->info && memory->size > 0 && offered == memory->size;
}

// --- CHANGE-1: a login between query and fetch ---

uint32_t fault_grown_list_cut(struct faulty_call *call)
{
    struct memory *memory = open_memory(call);
    uint32_t offered = *call->size;
    struct session_table table;
    uint32_t status = session_table_read(&table);
    if (status != LIST_SUCCESS)
        return close_memory(memory, status);
    if (is_offered_what_was_asked(memory, call, offered))
        while (table.session_count > 0 && required_by(&table, call) > offered)
            table.session_count--;
    status = answer_with(&table, call);
    if (status == LIST_INSUFFICIENT_BUFFER && !call->info)
        memory->size = *call->size;
    session_table_free(&table);
    return close_memory(memory, status);
}

uint32_t fault_size_of_last_query(struct faulty_call *call)
{
    struct memory *memory = open_memory(call);
    uint32_t status = ask_and_remember(memory, call, true);
    if (status == LIST_INSUFFICIENT_BUFFER && memory->size > 0)
        *call->size = memory->size;
    return close_memory(memory, status);
}

uint32_t fault_w_size_of_last_query(struct faulty_call *call)
{
    return call->charset == LIST_CHARSET_W ? fault_size_of_last_query(call) : faulty_correct(call);
}

// The first size that was ever required is reported for the life of the process.
uint32_t fault_size_calculated_once(struct faulty_call *call)
{
    struct memory *memory = open_memory(call);
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER) {
        if (memory->size == 0)
            memory->size = *call->size;
        *call->size = memory->size;
    }
    return close_memory(memory, status);
}

static uint32_t grown_as(const struct faulty_call *call, uint32_t code)
{
    struct memory *memory = open_memory(call);
    bool fetch = is_offered_what_was_asked(memory, call, *call->size);
    uint32_t status = ask_and_remember(memory, call, true);
    if (status == LIST_INSUFFICIENT_BUFFER && fetch)
        status = code;
    return close_memory(memory, status);
}

uint32_t fault_grown_list_is_more_data(struct faulty_call *call)
{
    return grown_as(call, LIST_MORE_DATA);
}

uint32_t fault_grown_list_is_retry(struct faulty_call *call)
{
    enum { RETRY = 1237 };
    return grown_as(call, RETRY);
}

// A buffer of the size that it asked for is trusted to be enough.
uint32_t fault_grown_list_overruns(struct faulty_call *call)
{
    struct memory *memory = open_memory(call);
    if (is_offered_what_was_asked(memory, call, *call->size))
        return close_memory(memory, faulty_correct_for(call, UINT32_MAX));
    return close_memory(memory, ask_and_remember(memory, call, true));
}

uint32_t fault_list_read_once(struct faulty_call *call)
{
    struct memory *memory = open_memory(call);
    uint32_t status = memory->filled ? LIST_SUCCESS : reload(memory);
    if (status == LIST_SUCCESS)
        status = answer_with(&memory->table, call);
    return close_memory(memory, status);
}

// --- CHANGE-2: a logout between query and fetch ---

uint32_t fault_cache_kept_when_smaller(struct faulty_call *call)
{
    struct memory *memory = open_memory(call);
    struct session_table table;
    uint32_t status = session_table_read(&table);
    if (status != LIST_SUCCESS)
        return close_memory(memory, status);
    if (!memory->filled || table.session_count >= memory->table.session_count)
        keep_table(memory, table);
    else
        session_table_free(&table);
    return close_memory(memory, answer_with(&memory->table, call));
}

uint32_t fault_a_cache_kept_when_smaller(struct faulty_call *call)
{
    return call->charset == LIST_CHARSET_A ? fault_cache_kept_when_smaller(call)
                                           : faulty_correct(call);
}

// The number of sessions is that of the last time it was counted: when the size was.
uint32_t fault_count_of_last_query(struct faulty_call *call)
{
    struct memory *memory = open_memory(call);
    struct session_table table;
    uint32_t status = session_table_read(&table);
    if (status != LIST_SUCCESS)
        return close_memory(memory, status);
    status = answer_with(&table, call);
    if (status == LIST_INSUFFICIENT_BUFFER)
        memory->count = (uint32_t)table.session_count;
    else if (status == LIST_SUCCESS && memory->count > 0)
        *call->count = memory->count;
    session_table_free(&table);
    return close_memory(memory, status);
}

uint32_t fault_size_of_query_retrieved(struct faulty_call *call)
{
    struct memory *memory = open_memory(call);
    uint32_t offered = *call->size;
    uint32_t status = ask_and_remember(memory, call, false);
    if (status == LIST_SUCCESS && memory->size > 0 && memory->size <= offered)
        *call->size = memory->size;
    return close_memory(memory, status);
}

// A session that has gone leaves an empty entry at the end.
static bool pad_table(struct session_table *table, size_t count)
{
    struct table_session *sessions =
        realloc(table->sessions, (count + 1) * sizeof *table->sessions);
    if (!sessions)
        return false;
    table->sessions = sessions;
    for (; table->session_count < count; table->session_count++)
        sessions[table->session_count] = (struct table_session){.adapter_specific = UINT64_MAX,
                                                                .initiator_name = {"", 0},
                                                                .target_node_name = {"", 0},
                                                                .target_name = {"", 0}};
    return true;
}

uint32_t fault_gone_session_leaves_entry(struct faulty_call *call)
{
    struct memory *memory = open_memory(call);
    struct session_table table;
    uint32_t status = session_table_read(&table);
    if (status != LIST_SUCCESS)
        return close_memory(memory, status);
    if (table.session_count > memory->count)
        memory->count = (uint32_t)table.session_count;
    status = pad_table(&table, memory->count) ? answer_with(&table, call)
                                              : (uint32_t)LIST_NOT_ENOUGH_MEMORY;
    session_table_free(&table);
    return close_memory(memory, status);
}

uint32_t fault_shrunk_list_is_error(struct faulty_call *call)
{
    enum { INVALID_USER_BUFFER = 1784 };
    struct memory *memory = open_memory(call);
    uint32_t offered = *call->size;
    uint32_t status = ask_and_remember(memory, call, false);
    if (status == LIST_SUCCESS && is_offered_what_was_asked(memory, call, offered) &&
        *call->size < offered)
        status = INVALID_USER_BUFFER;
    return close_memory(memory, status);
}

// --- CHANGE-3: one moment ---

static uint32_t read_second(struct session_table *first, struct session_table *second,
                            uint64_t pause_ns)
{
    if (pause_ns > 0)
        system_sleep(pause_ns);
    uint32_t status = session_table_read(second);
    if (status != LIST_SUCCESS)
        session_table_free(first);
    return status;
}

// Asks twice for the sessions, as one does that counts them first. The answer takes a moment where
// the caller has room for a list: elsewhere nothing comes of it.
static uint32_t read_twice(const struct faulty_call *call, struct session_table *first,
                           struct session_table *second)
{
    uint32_t status = session_table_read(first);
    if (status != LIST_SUCCESS)
        return status;
    bool has_room = call->info && required_by(first, call) <= *call->size;
    return read_second(first, second, has_room ? 150000 : 0);
}

static uint32_t free_both(struct session_table *first, struct session_table *second,
                          uint32_t status)
{
    session_table_free(first);
    session_table_free(second);
    return status;
}

uint32_t fault_count_of_another_moment(struct faulty_call *call)
{
    struct session_table first;
    struct session_table second;
    uint32_t status = read_twice(call, &first, &second);
    if (status != LIST_SUCCESS)
        return status;
    status = answer_with(&second, call);
    if (status == LIST_SUCCESS)
        *call->count = (uint32_t)first.session_count;
    return free_both(&first, &second, status);
}

// The size is taken first; whether the sessions fit is seen when they are written. That shows where
// they just fitted.
uint32_t fault_required_of_another_moment(struct faulty_call *call)
{
    struct session_table first;
    struct session_table second;
    uint32_t status = session_table_read(&first);
    if (status != LIST_SUCCESS)
        return status;
    bool just_fits = call->info && required_by(&first, call) == *call->size;
    status = read_second(&first, &second, just_fits ? 600000 : 0);
    if (status != LIST_SUCCESS)
        return status;
    status = answer_with(&second, call);
    if (status == LIST_INSUFFICIENT_BUFFER)
        *call->size = required_by(&first, call);
    return free_both(&first, &second, status);
}

uint32_t fault_retrieved_of_another_moment(struct faulty_call *call)
{
    struct session_table first;
    struct session_table second;
    uint32_t status = read_twice(call, &first, &second);
    if (status != LIST_SUCCESS)
        return status;
    status = answer_with(&second, call);
    if (status == LIST_SUCCESS)
        *call->size = required_by(&first, call);
    return free_both(&first, &second, status);
}

// The newest sessions that there was room for when they were counted.
uint32_t fault_list_cut_to_first_count(struct faulty_call *call)
{
    struct session_table first;
    struct session_table second;
    uint32_t status = read_twice(call, &first, &second);
    if (status != LIST_SUCCESS)
        return status;
    struct session_table cut = second;
    if (second.session_count > first.session_count) {
        size_t missed = second.session_count - first.session_count;
        cut.sessions += missed;
        cut.session_count -= missed;
    }
    status = answer_with(&cut, call);
    return free_both(&first, &second, status);
}

// The sessions of one moment, the connections of the next; where those have become fewer, none.
uint32_t fault_connections_of_another_moment(struct faulty_call *call)
{
    struct session_table first;
    struct session_table second;
    uint32_t status = read_twice(call, &first, &second);
    if (status != LIST_SUCCESS)
        return status;
    struct session_table mixed = second;
    mixed.sessions = first.sessions;
    mixed.session_count = first.session_count;
    for (size_t i = 0; i < first.session_count; i++) {
        bool there = i < second.session_count;
        first.sessions[i].first_connection = there ? second.sessions[i].first_connection : 0;
        first.sessions[i].connection_count = there ? second.sessions[i].connection_count : 0;
    }
    status = answer_with(&mixed, call);
    return free_both(&first, &second, status);
}

uint32_t fault_w_count_of_another_moment(struct faulty_call *call)
{
    return call->charset == LIST_CHARSET_W ? fault_count_of_another_moment(call)
                                           : faulty_correct(call);
}

uint32_t fault_busy_while_changing(struct faulty_call *call)
{
    enum { RETRY = 1237 };
    struct session_table first;
    struct session_table second;
    uint32_t status = read_twice(call, &first, &second);
    if (status != LIST_SUCCESS)
        return status;
    status = differ(&first, &second) ? (uint32_t)RETRY : answer_with(&second, call);
    return free_both(&first, &second, status);
}

// Goes through what was read by the number of sessions that there were before.
uint32_t fault_shrinking_list_crashes(struct faulty_call *call)
{
    struct session_table first;
    struct session_table second;
    uint32_t status = read_twice(call, &first, &second);
    if (status != LIST_SUCCESS)
        return status;
    for (size_t i = 0; i < first.session_count; i++) {
        faulty_read_at(i < second.session_count ? &second.sessions[i] : NULL);
    }
    status = answer_with(&second, call);
    return free_both(&first, &second, status);
}

// Waits until two readings agree, and forgets to take the first one anew. In W only: after some
// hangs the kit calls no more, and nothing would be known of W.
uint32_t fault_w_changing_list_waited_for(struct faulty_call *call)
{
    struct session_table first;
    struct session_table second;
    if (call->charset == LIST_CHARSET_A)
        return faulty_correct(call);
    uint32_t status = read_twice(call, &first, &second);
    if (status != LIST_SUCCESS)
        return status;
    while (differ(&first, &second)) {
        system_sleep(1000000);
        session_table_free(&second);
        status = session_table_read(&second);
        if (status != LIST_SUCCESS) {
            session_table_free(&first);
            return status;
        }
    }
    status = answer_with(&second, call);
    return free_both(&first, &second, status);
}

uint32_t fault_list_kept_for_a_while(struct faulty_call *call)
{
    enum { A_WHILE_NS = 50000000 };
    struct memory *memory = open_memory(call);
    uint32_t status = LIST_SUCCESS;
    uint64_t now = system_now_ns();
    if (!memory->filled || now - memory->filled_ns >= A_WHILE_NS) {
        status = reload(memory);
        memory->filled_ns = now;
    }
    if (status == LIST_SUCCESS)
        status = answer_with(&memory->table, call);
    return close_memory(memory, status);
}

uint32_t fault_list_kept_for_eight_calls(struct faulty_call *call)
{
    struct memory *memory = open_memory(call);
    uint32_t status = LIST_SUCCESS;
    if (memory->calls++ % 8 == 0 || !memory->filled)
        status = reload(memory);
    if (status == LIST_SUCCESS)
        status = answer_with(&memory->table, call);
    return close_memory(memory, status);
}

// --- CHANGE-4: once changes stop ---

// Queries are answered from a cache that is filled once, fetches from the source.
uint32_t fault_query_from_cache(struct faulty_call *call)
{
    struct memory *memory = open_memory(call);
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && !call->info) {
        if (memory->size == 0)
            memory->size = *call->size;
        *call->size = memory->size;
    }
    return close_memory(memory, status);
}

// That the list has changed is noted, and never that the caller was told.
uint32_t fault_change_never_over(struct faulty_call *call)
{
    struct memory *memory = open_memory(call);
    struct session_table table;
    uint32_t status = session_table_read(&table);
    if (status != LIST_SUCCESS)
        return close_memory(memory, status);
    memory->flagged |= memory->filled && differ(&memory->table, &table);
    keep_table(memory, table);
    if (memory->flagged && call->info && *call->size > 0) {
        *call->size = required_by(&memory->table, call);
        return close_memory(memory, LIST_INSUFFICIENT_BUFFER);
    }
    return close_memory(memory, answer_with(&memory->table, call));
}

uint32_t fault_ten_reloads(struct faulty_call *call)
{
    enum { RELOADS = 10 };
    struct memory *memory = open_memory(call);
    struct session_table table;
    uint32_t status = session_table_read(&table);
    if (status != LIST_SUCCESS)
        return close_memory(memory, status);
    bool changed = !memory->filled || differ(&memory->table, &table);
    if (changed && memory->calls < RELOADS) {
        memory->calls++;
        keep_table(memory, table);
    } else {
        session_table_free(&table);
    }
    return close_memory(memory, answer_with(&memory->table, call));
}
