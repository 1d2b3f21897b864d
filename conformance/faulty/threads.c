// SPDX-License-Identifier: Apache-2.0
// Faults that show only when calls are made from several threads at once. A pause in the middle
// makes what would happen once a week happen every time.
#include "conformance/faulty/faulty.h"

#include "conformance/system/system.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

// How many calls are under way.
static atomic_int under_way;

// Lets others run: nothing happens in it where there is but one thread.
static void pause_among_others(void)
{
    if (atomic_load(&under_way) > 1)
        system_sleep(50000);
}

typedef uint32_t faulty_answer(const struct faulty_call *call);

static uint32_t counted(const struct faulty_call *call, faulty_answer *answer)
{
    atomic_fetch_add(&under_way, 1);
    uint32_t status = answer(call);
    atomic_fetch_sub(&under_way, 1);
    return status;
}

// --- The list is built in static memory ---

enum { WORK_SIZE = 1 << 20 };

static uint32_t built_in_static_memory(const struct faulty_call *call)
{
    static unsigned char work[WORK_SIZE];
    struct faulty_list list;
    uint32_t status = faulty_list_take(&list, call->charset);
    if (status != LIST_SUCCESS)
        return status;
    uint32_t offered = *call->size;
    *call->size = list.size;
    if (list.size > offered || (list.size > 0 && !call->info)) {
        status = LIST_INSUFFICIENT_BUFFER;
    } else {
        faulty_list_point(&list, (uintptr_t)call->info);
        uint32_t size = list.size < WORK_SIZE ? list.size : WORK_SIZE;
        memcpy(work, list.bytes, size);
        pause_among_others();
        if (call->info)
            memcpy(call->info, work, size);
        *call->count = list.count;
    }
    faulty_list_free(&list);
    return status;
}

uint32_t fault_list_in_static_memory(struct faulty_call *call)
{
    return counted(call, built_in_static_memory);
}

// --- Strings are converted in static memory ---

// The target name of each session, through a buffer that all calls share.
static uint32_t converted_in_static_memory(const struct faulty_call *call)
{
    static char buffers[2][1024];
    char *buffer = buffers[call->charset];
    uint32_t status = faulty_correct(call);
    for (uint32_t i = 0; status == LIST_SUCCESS && i < *call->count; i++) {
        iscsi_session_info_a session = faulty_session(call->info, i);
        uint32_t size = faulty_string_size(session.target_name, call->charset);
        if (size > sizeof buffers[0])
            continue;
        memcpy(buffer, session.target_name, size);
        pause_among_others();
        memcpy(session.target_name, buffer, size);
    }
    return status;
}

uint32_t fault_w_converts_in_static_memory(struct faulty_call *call)
{
    if (call->charset == LIST_CHARSET_A)
        return faulty_correct(call);
    return counted(call, converted_in_static_memory);
}

uint32_t fault_a_converts_in_static_memory(struct faulty_call *call)
{
    if (call->charset == LIST_CHARSET_W)
        return faulty_correct(call);
    return counted(call, converted_in_static_memory);
}

// --- Results in static memory ---

static uint32_t count_in_static_memory(const struct faulty_call *call)
{
    static atomic_uint sessions;
    atomic_store(&sessions, 0);
    uint32_t status = faulty_correct(call);
    uint32_t found = status == LIST_SUCCESS ? *call->count : 0;
    for (uint32_t i = 0; i < found; i++) {
        atomic_fetch_add(&sessions, 1);
        if (i == found / 2)
            pause_among_others();
    }
    if (status == LIST_SUCCESS)
        *call->count = atomic_load(&sessions);
    return status;
}

uint32_t fault_count_in_static_memory(struct faulty_call *call)
{
    return counted(call, count_in_static_memory);
}

static uint32_t status_in_static_memory(const struct faulty_call *call)
{
    static atomic_uint last_error;
    atomic_store(&last_error, faulty_correct(call));
    pause_among_others();
    return atomic_load(&last_error);
}

uint32_t fault_status_in_static_memory(struct faulty_call *call)
{
    return counted(call, status_in_static_memory);
}

// --- A table that all calls share, read anew by each ---

// It stands in pages of its own, so that reading it after it was released is a fault for sure.
static uint32_t released_under_others(const struct faulty_call *call)
{
    enum { PAGE = 4096 };
    static _Atomic(unsigned char *) shared;
    unsigned char *page = system_pages_take(PAGE);
    if (!page)
        return LIST_NOT_ENOUGH_MEMORY;
    unsigned char *old = atomic_exchange(&shared, page);
    if (old)
        system_pages_release(old, PAGE);
    pause_among_others();
    *(volatile unsigned char *)page = 1;
    return faulty_correct(call);
}

uint32_t fault_table_released_under_others(struct faulty_call *call)
{
    return counted(call, released_under_others);
}

// --- Wrong only when another call is under way ---

static void drop_last_session(struct faulty_table *table)
{
    if (table->known.session_count > 0)
        table->known.session_count--;
}

static uint32_t mixed_with_others(const struct faulty_call *call)
{
    system_yield();
    if (atomic_load(&under_way) > 1 && call->info && *call->size > 0)
        return faulty_edited(call, drop_last_session);
    return faulty_correct(call);
}

uint32_t fault_list_short_among_others(struct faulty_call *call)
{
    return counted(call, mixed_with_others);
}

static uint32_t required_among_others(const struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_correct(call);
    pause_among_others();
    if (status == LIST_INSUFFICIENT_BUFFER && atomic_load(&under_way) > 1)
        *call->size = *call->size * 2 + offered % 8;
    return status;
}

uint32_t fault_required_doubled_among_others(struct faulty_call *call)
{
    return counted(call, required_among_others);
}

// --- Locks ---

static uint32_t busy_among_others(const struct faulty_call *call)
{
    enum { BUSY = 170 };
    static struct system_lock lock = SYSTEM_LOCK_INITIALIZER;
    if (!system_lock_try(&lock))
        return BUSY;
    pause_among_others();
    uint32_t status = faulty_correct(call);
    system_lock_release(&lock);
    return status;
}

uint32_t fault_busy_among_others(struct faulty_call *call)
{
    return counted(call, busy_among_others);
}

// Two locks, taken in one order by queries and in the other by fetches. In W only: after some hangs
// the kit calls no more, and nothing would be known of W.
static uint32_t two_locks(const struct faulty_call *call)
{
    static struct system_lock locks[2] = {SYSTEM_LOCK_INITIALIZER, SYSTEM_LOCK_INITIALIZER};
    int first = call->info ? 0 : 1;
    system_lock_take(&locks[first]);
    pause_among_others();
    system_lock_take(&locks[1 - first]);
    uint32_t status = faulty_correct(call);
    system_lock_release(&locks[1 - first]);
    system_lock_release(&locks[first]);
    return status;
}

uint32_t fault_w_locks_in_two_orders(struct faulty_call *call)
{
    if (call->charset == LIST_CHARSET_A)
        return faulty_correct(call);
    return counted(call, two_locks);
}
