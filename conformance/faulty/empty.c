// SPDX-License-Identifier: Apache-2.0
// Faults where there are no sessions.
#include "conformance/faulty/faulty.h"

#include <string.h>

// A right call that found nothing.
static bool found_nothing(const struct faulty_call *call, uint32_t status)
{
    return status == LIST_SUCCESS && *call->count == 0;
}

// --- EMPTY-1: success, 0, 0 ---

uint32_t fault_empty_wants_a_structure(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_correct(call);
    if (!found_nothing(call, status) || offered >= sizeof(iscsi_session_info_a))
        return status;
    *call->size = (uint32_t)sizeof(iscsi_session_info_a);
    return LIST_INSUFFICIENT_BUFFER;
}

static uint32_t empty_as(const struct faulty_call *call, uint32_t code)
{
    uint32_t status = faulty_correct(call);
    return found_nothing(call, status) ? code : status;
}

uint32_t fault_empty_is_not_found(struct faulty_call *call)
{
    return empty_as(call, (uint32_t)LIST_ISCSI_NOT_FOUND);
}

uint32_t fault_empty_is_no_more_items(struct faulty_call *call)
{
    return empty_as(call, 259);
}

uint32_t fault_empty_is_insufficient(struct faulty_call *call)
{
    return empty_as(call, LIST_INSUFFICIENT_BUFFER);
}

uint32_t fault_empty_keeps_size(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_correct(call);
    if (found_nothing(call, status))
        *call->size = offered;
    return status;
}

uint32_t fault_empty_keeps_count(struct faulty_call *call)
{
    uint32_t count = *call->count;
    uint32_t status = faulty_correct(call);
    if (found_nothing(call, status))
        *call->count = count;
    return status;
}

// --- EMPTY-2: nothing written ---

static uint32_t empty_fills(const struct faulty_call *call, uint32_t most)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_correct(call);
    if (found_nothing(call, status) && call->info)
        memset(call->info, 0, offered < most ? offered : most);
    return status;
}

uint32_t fault_empty_clears_a_structure(struct faulty_call *call)
{
    return empty_fills(call, (uint32_t)sizeof(iscsi_session_info_a));
}

uint32_t fault_empty_writes_a_terminator(struct faulty_call *call)
{
    return empty_fills(call, call->charset == LIST_CHARSET_W ? 2 : 1);
}
