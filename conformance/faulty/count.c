// SPDX-License-Identifier: Apache-2.0
// Faults in SessionCount.
#include "conformance/faulty/faulty.h"

// --- COUNT-1: the number of sessions ---

static uint32_t count_as(const struct faulty_call *call, uint32_t change)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_SUCCESS && *call->count > 0)
        *call->count += change;
    return status;
}

uint32_t fault_count_not_set(struct faulty_call *call)
{
    uint32_t before = *call->count;
    uint32_t status = faulty_correct(call);
    if (status == LIST_SUCCESS)
        *call->count = before;
    return status;
}

uint32_t fault_count_is_last_index(struct faulty_call *call)
{
    return count_as(call, UINT32_MAX);
}

uint32_t fault_count_adds_up(struct faulty_call *call)
{
    return count_as(call, *call->count);
}

uint32_t fault_count_is_a_boolean(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_SUCCESS)
        *call->count = *call->count > 1 ? 1 : *call->count;
    return status;
}

uint32_t fault_count_is_one_too_many(struct faulty_call *call)
{
    return count_as(call, 1);
}

uint32_t fault_count_has_connections_too(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    uint32_t sessions = status == LIST_SUCCESS ? *call->count : 0;
    for (uint32_t i = 0; i < sessions; i++)
        *call->count += faulty_session(call->info, i).connection_count;
    return status;
}

uint32_t fault_count_in_network_order(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_SUCCESS)
        *call->count = __builtin_bswap32(*call->count);
    return status;
}

// --- COUNT-3: what it holds on input ---

uint32_t fault_count_truncates(struct faulty_call *call)
{
    uint32_t limit = *call->count;
    uint32_t status = faulty_correct(call);
    if (status == LIST_SUCCESS && *call->count > limit) {
        *call->count = limit;
        return LIST_MORE_DATA;
    }
    return status;
}

uint32_t fault_count_of_zero_refused(struct faulty_call *call)
{
    if (call->info && *call->size >= sizeof(iscsi_session_info_a) && *call->count == 0)
        return LIST_INVALID_PARAMETER;
    return faulty_correct(call);
}

uint32_t fault_count_is_signed(struct faulty_call *call)
{
    // A large one is below every number of sessions.
    if (call->info && *call->count > INT32_MAX)
        return faulty_correct_for(call, 0);
    return faulty_correct(call);
}

uint32_t fault_count_is_multiplied(struct faulty_call *call)
{
    if (!call->info)
        return faulty_correct(call);
    uint64_t bytes = (uint64_t)*call->count * sizeof(iscsi_session_info_a);
    return bytes > *call->size ? LIST_INVALID_PARAMETER : faulty_correct(call);
}

// --- COUNT-4: the structures fit ---

uint32_t fault_returned_is_count(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_SUCCESS)
        *call->size = *call->count;
    return status;
}

uint32_t fault_size_and_count_swapped(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_SUCCESS) {
        uint32_t size = *call->size;
        *call->size = *call->count;
        *call->count = size;
    }
    return status;
}

uint32_t fault_returned_zero(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_SUCCESS)
        *call->size = 0;
    return status;
}
