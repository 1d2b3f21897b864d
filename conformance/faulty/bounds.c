// SPDX-License-Identifier: Apache-2.0
// Faults in what is touched: past the end, before the beginning, through NULL, what was there
// before.
#include "conformance/faulty/faulty.h"

#include "conformance/system/system.h"

#include <string.h>

static uint32_t offered_to(const struct faulty_call *call)
{
    return *call->size;
}

// The list's size in this call's charset; 0 when there is none.
static uint32_t required_by(const struct faulty_call *call)
{
    struct session_table table;
    if (session_table_read(&table) != LIST_SUCCESS)
        return 0;
    uint32_t required = (uint32_t)list_write(&table, call->charset, NULL);
    session_table_free(&table);
    return required;
}

// --- BOUNDS-1: past the end ---

// A store that the compiler may not leave out: to it, nobody reads there.
static void store(void *base, uint64_t offset, unsigned char value)
{
    // NOLINTNEXTLINE(performance-no-int-to-ptr,clang-analyzer-core.NullDereference): it may fault
    *(volatile unsigned char *)(uintptr_t)((uintptr_t)base + offset) = value;
}

uint32_t fault_byte_after_success(struct faulty_call *call)
{
    uint32_t offered = offered_to(call);
    uint32_t status = faulty_correct(call);
    if (status == LIST_SUCCESS && call->info && *call->size > 0)
        store(call->info, offered, 0);
    return status;
}

uint32_t fault_byte_after_failure(struct faulty_call *call)
{
    uint32_t offered = offered_to(call);
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && call->info)
        store(call->info, offered, 0);
    return status;
}

uint32_t fault_terminator_after_exact_size(struct faulty_call *call)
{
    uint32_t offered = offered_to(call);
    uint32_t status = faulty_correct(call);
    if (status == LIST_SUCCESS && call->info && *call->size == offered)
        store(call->info, offered, 0);
    return status;
}

uint32_t fault_writes_before_it_checks(struct faulty_call *call)
{
    struct faulty_list list;
    if (!call->info || faulty_list_take(&list, call->charset) != LIST_SUCCESS)
        return faulty_correct(call);
    faulty_list_copy(&list, call->info);
    faulty_list_free(&list);
    return faulty_correct(call);
}

uint32_t fault_clears_one_structure_first(struct faulty_call *call)
{
    if (call->info && required_by(call) > 0)
        memset(call->info, 0, sizeof(iscsi_session_info_a));
    return faulty_correct(call);
}

uint32_t fault_compares_in_structures(struct faulty_call *call)
{
    uint32_t structure = (uint32_t)sizeof(iscsi_session_info_a);
    uint32_t offered = offered_to(call);
    uint32_t required = required_by(call);
    bool taken_for_enough = call->info && offered / structure >= required / structure;
    return faulty_correct_for(call, taken_for_enough && offered < required ? required : offered);
}

uint32_t fault_checks_structures_only(struct faulty_call *call)
{
    struct faulty_list list;
    if (!call->info || faulty_list_take(&list, call->charset) != LIST_SUCCESS)
        return faulty_correct(call);
    uint32_t offered = offered_to(call);
    bool taken_for_enough = offered >= faulty_list_structures_end(&list) && offered < list.size;
    uint32_t size = list.size;
    faulty_list_free(&list);
    return faulty_correct_for(call, taken_for_enough ? size : offered);
}

// --- BOUNDS-2: before the beginning ---

static uint32_t store_before(const struct faulty_call *call, uint32_t on, size_t size)
{
    uint32_t status = faulty_correct(call);
    for (size_t i = 1; status == on && call->info && *call->size > 0 && i <= size; i++)
        *((volatile unsigned char *)call->info - i) = 0;
    return status;
}

uint32_t fault_byte_before_success(struct faulty_call *call)
{
    return store_before(call, LIST_SUCCESS, 1);
}

uint32_t fault_byte_before_failure(struct faulty_call *call)
{
    return store_before(call, LIST_INSUFFICIENT_BUFFER, 1);
}

uint32_t fault_header_before(struct faulty_call *call)
{
    return store_before(call, LIST_SUCCESS, 8);
}

// --- BOUNDS-3 and 4: NULL ---

uint32_t fault_query_faults(struct faulty_call *call)
{
    if (!call->info && offered_to(call) == 0)
        store(call->info, 0, 0);
    return faulty_correct(call);
}

uint32_t fault_query_is_invalid(struct faulty_call *call)
{
    if (!call->info && offered_to(call) == 0)
        return LIST_INVALID_PARAMETER;
    return faulty_correct(call);
}

uint32_t fault_query_succeeds(struct faulty_call *call)
{
    bool query = !call->info && *call->size == 0;
    uint32_t status = faulty_correct(call);
    return query ? LIST_SUCCESS : status;
}

uint32_t fault_sized_null_faults(struct faulty_call *call)
{
    if (!call->info && offered_to(call) >= required_by(call) && offered_to(call) > 0)
        store(call->info, 0, 0);
    return faulty_correct(call);
}

uint32_t fault_sized_null_is_cleared(struct faulty_call *call)
{
    uint32_t offered = offered_to(call);
    if (!call->info && offered > 0)
        store(call->info, offered - 1, 0);
    return faulty_correct(call);
}

uint32_t fault_sized_null_succeeds(struct faulty_call *call)
{
    uint32_t offered = offered_to(call);
    uint32_t status = faulty_correct(call);
    bool taken_for_enough = status == LIST_INSUFFICIENT_BUFFER && !call->info;
    return taken_for_enough && offered >= *call->size ? LIST_SUCCESS : status;
}

// --- BOUNDS-5: what was there before ---

uint32_t fault_wants_cleared_buffer(struct faulty_call *call)
{
    uint32_t first = 0;
    if (call->info && offered_to(call) >= sizeof first)
        memcpy(&first, call->info, sizeof first);
    if (first != 0 && required_by(call) > 0)
        return LIST_INVALID_PARAMETER;
    return faulty_correct(call);
}

// The first structure's member at `offset` as it was before the call, combined with the new one.
static uint32_t merged(const struct faulty_call *call, size_t offset, size_t size)
{
    unsigned char old[8] = {0};
    bool there = call->info && offered_to(call) >= sizeof(iscsi_session_info_a);
    unsigned char *member = there ? (unsigned char *)call->info + offset : NULL;
    if (there)
        memcpy(old, member, size);
    uint32_t status = faulty_correct(call);
    for (size_t i = 0; status == LIST_SUCCESS && there && *call->size > 0 && i < size; i++)
        member[i] |= old[i];
    return status;
}

uint32_t fault_isid_merged_with_old(struct faulty_call *call)
{
    return merged(call, offsetof(iscsi_session_info_a, isid), 6);
}

uint32_t fault_tsid_merged_with_old(struct faulty_call *call)
{
    return merged(call, offsetof(iscsi_session_info_a, tsid), 2);
}

uint32_t fault_zeros_left_out(struct faulty_call *call)
{
    // The low half of ConnectionCount is written only: the rest is taken to be zero.
    return merged(call, offsetof(iscsi_session_info_a, connection_count) + 2, 2);
}

// --- BOUNDS-7: the rest ---

static uint32_t rest_filled(const struct faulty_call *call, bool at_end, uint32_t most)
{
    uint32_t offered = offered_to(call);
    uint32_t status = faulty_correct(call);
    if (status != LIST_SUCCESS || !call->info || *call->size == 0)
        return status;
    uint32_t rest = offered - *call->size;
    uint32_t size = rest < most ? rest : most;
    unsigned char *from = (unsigned char *)call->info + (at_end ? offered - size : *call->size);
    memset(from, 0, size);
    return status;
}

uint32_t fault_rest_wiped(struct faulty_call *call)
{
    return rest_filled(call, false, 4096);
}

uint32_t fault_rest_gets_a_terminator(struct faulty_call *call)
{
    return rest_filled(call, false, call->charset == LIST_CHARSET_W ? 2 : 1);
}

uint32_t fault_rest_is_scratch(struct faulty_call *call)
{
    return rest_filled(call, true, 16);
}

// --- BOUNDS-8: unaligned ---

// What a machine does that can't store there.
uint32_t fault_unaligned_faults(struct faulty_call *call)
{
    if ((uintptr_t)call->info % 8 != 0)
        system_misalign();
    return faulty_correct(call);
}

uint32_t fault_odd_address_traps(struct faulty_call *call)
{
    if ((uintptr_t)call->info % 2 != 0)
        __builtin_trap();
    return faulty_correct(call);
}

uint32_t fault_unaligned_is_empty(struct faulty_call *call)
{
    if ((uintptr_t)call->info % 8 == 0)
        return faulty_correct(call);
    *call->size = 0;
    *call->count = 0;
    return LIST_SUCCESS;
}
