// SPDX-License-Identifier: Apache-2.0
// Faults that programs of one calling style meet and others don't.
#include "conformance/faulty/faulty.h"

#include "conformance/system/system.h"

#include <ctype.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

// How many sessions there are; 0 where that isn't known.
static uint32_t sessions_now(void)
{
    struct session_table table;
    if (session_table_read(&table) != LIST_SUCCESS)
        return 0;
    uint32_t count = (uint32_t)table.session_count;
    session_table_free(&table);
    return count;
}

// Honours SessionCount as a limit; what it is after insufficient is `kept` or the number of
// sessions.
static uint32_t answer_limited(struct faulty_call *call, bool kept)
{
    uint32_t before = *call->count;
    uint32_t size = *call->size;
    bool few = before < sessions_now();
    uint32_t status = faulty_correct(&(struct faulty_call){.charset = call->charset,
                                                           .size = few ? &size : call->size,
                                                           .count = call->count,
                                                           .info = few ? NULL : call->info});
    if (few && status == LIST_INSUFFICIENT_BUFFER)
        *call->size = size;
    if (status == LIST_INSUFFICIENT_BUFFER && kept)
        *call->count = before;
    return status;
}

uint32_t fault_limit_loops(struct faulty_call *call)
{
    return answer_limited(call, true);
}

uint32_t fault_limit_above_its_offers(struct faulty_call *call)
{
    return answer_limited(call, false);
}

uint32_t fault_odd_offers_keep_their_size(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && call->info && offered < 8 && offered > 0)
        *call->size = offered;
    return status;
}

uint32_t fault_query_has_no_count(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && !call->info)
        *call->count = 0;
    return status;
}

uint32_t fault_count_cleared_on_insufficient(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER)
        *call->count = 0;
    return status;
}

uint32_t fault_first_fetch_refused(struct faulty_call *call)
{
    static atomic_bool queried;
    uint32_t offered = *call->size;
    uint32_t status = faulty_correct(call);
    if (!call->info && offered == 0)
        atomic_store(&queried, true);
    else if (status == LIST_SUCCESS && *call->size == offered && offered > 0 &&
             atomic_exchange(&queried, false))
        return LIST_INSUFFICIENT_BUFFER;
    return status;
}

uint32_t fault_query_of_nothing(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && !call->info && offered == 0)
        *call->count = 0;
    return status;
}

uint32_t fault_large_count_refused(struct faulty_call *call)
{
    return *call->count > 1000000 ? LIST_INVALID_PARAMETER : faulty_correct(call);
}

uint32_t fault_whole_structures_refused(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t size = sizeof(iscsi_session_info_a);
    if (!call->info || offered == 0 || offered % size != 0 || sessions_now() == 0)
        return faulty_correct(call);
    uint32_t status = faulty_correct_for(call, 0);
    if (status == LIST_INSUFFICIENT_BUFFER)
        *call->size = (*call->size > offered ? *call->size / size : offered / size) * size + size;
    return status;
}

uint32_t fault_one_byte_more(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && call->info && offered >= 1024)
        *call->size = offered + 1;
    return status;
}

static struct text lower(struct faulty_table *table, struct text text)
{
    char copy[256];
    size_t length = text.length < sizeof copy ? text.length : sizeof copy;
    for (size_t i = 0; i < length; i++)
        copy[i] =
            (char)((text.bytes[i] & 0x80) ? text.bytes[i] : tolower((unsigned char)text.bytes[i]));
    return faulty_print(table, "%.*s", (int)length, copy);
}

static void names_lowered(struct faulty_table *table)
{
    faulty_change_names(table, lower);
}

uint32_t fault_names_in_lower_case(struct faulty_call *call)
{
    return faulty_edited(call, names_lowered);
}

// The list on its way from the table to the caller: one for A and W.
static unsigned char *_Atomic shared;

static bool pass_through_shared(struct faulty_list *list)
{
    enum { SHARED_MAX = 1 << 20 };
    if (list->size > SHARED_MAX)
        return true;
    unsigned char *room = atomic_load(&shared);
    if (!room) {
        room = calloc(1, SHARED_MAX);
        if (!room)
            return false;
        unsigned char *none = NULL;
        if (!atomic_compare_exchange_strong(&shared, &none, room)) {
            free(room);
            room = none;
        }
    }
    // What the other function writes there meanwhile is taken for this one's.
    for (uint32_t i = 0; i < list->size; i++)
        *(volatile unsigned char *)&room[i] = list->bytes[i];
    system_yield();
    for (uint32_t i = 0; i < list->size; i++)
        list->bytes[i] = *(volatile unsigned char *)&room[i];
    return true;
}

uint32_t fault_shared_by_a_and_w(struct faulty_call *call)
{
    static struct system_lock locks[] = {SYSTEM_LOCK_INITIALIZER, SYSTEM_LOCK_INITIALIZER};
    struct system_lock *lock = &locks[call->charset == LIST_CHARSET_W];
    system_lock_take(lock);
    uint32_t status = faulty_list_edited(call, pass_through_shared);
    system_lock_release(lock);
    return status;
}
