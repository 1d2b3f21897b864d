// SPDX-License-Identifier: Apache-2.0
// Faults with arguments that are NULL. To these alone exports.c hands them.
#include "conformance/faulty/faulty.h"

#include <stdlib.h>

// The answer to callers that leave a result out: the results go to cells of our own.
static uint32_t without_results(const struct faulty_call *call)
{
    uint32_t size = 0;
    uint32_t count = 0;
    struct faulty_call whole = *call;
    if (!whole.size)
        whole.size = &size;
    if (!whole.count)
        whole.count = &count;
    return faulty_correct(&whole);
}

static uint32_t both_given(const struct faulty_call *call)
{
    return call->size && call->count ? faulty_correct(call) : (uint32_t)LIST_INVALID_PARAMETER;
}

// --- ARGS-1: BufferSize ---

uint32_t fault_size_null_faults(struct faulty_call *call)
{
    if (!call->count)
        return LIST_INVALID_PARAMETER;
    faulty_read_at(call->size);
    return both_given(call);
}

uint32_t fault_size_null_succeeds(struct faulty_call *call)
{
    if (!call->size && call->count)
        return LIST_SUCCESS;
    return both_given(call);
}

// Without a size, what is asked for is the number of sessions alone.
uint32_t fault_size_null_counts(struct faulty_call *call)
{
    struct session_table table;
    if (call->size || !call->count)
        return both_given(call);
    uint32_t status = session_table_read(&table);
    if (status != LIST_SUCCESS)
        return status;
    *call->count = (uint32_t)table.session_count;
    session_table_free(&table);
    return LIST_SUCCESS;
}

uint32_t fault_w_size_null_faults(struct faulty_call *call)
{
    return call->charset == LIST_CHARSET_W ? fault_size_null_faults(call) : both_given(call);
}

// --- ARGS-2: SessionCount ---

// When the list is complete, at the end of a call.
uint32_t fault_count_null_faults(struct faulty_call *call)
{
    if (!call->size)
        return LIST_INVALID_PARAMETER;
    uint32_t status = without_results(call);
    if (status == LIST_SUCCESS && !call->count)
        faulty_write_at(call->count);
    return status == LIST_INSUFFICIENT_BUFFER && !call->count ? (uint32_t)LIST_INVALID_PARAMETER
                                                              : status;
}

uint32_t fault_count_null_succeeds(struct faulty_call *call)
{
    if (!call->size)
        return LIST_INVALID_PARAMETER;
    return without_results(call);
}

uint32_t fault_count_null_is_read(struct faulty_call *call)
{
    if (!call->size)
        return LIST_INVALID_PARAMETER;
    faulty_read_at(call->count);
    return both_given(call);
}

uint32_t fault_a_count_null_faults(struct faulty_call *call)
{
    return call->charset == LIST_CHARSET_A ? fault_count_null_is_read(call) : both_given(call);
}

// --- ARGS-3: both ---

uint32_t fault_both_null_faults(struct faulty_call *call)
{
    // One of them is looked at, as one alone was thought of.
    if (!call->size != !call->count)
        return LIST_INVALID_PARAMETER;
    faulty_read_at(call->size);
    return both_given(call);
}

// As a way to ask whether the function is there.
uint32_t fault_both_null_succeeds(struct faulty_call *call)
{
    if (!call->size && !call->count)
        return LIST_SUCCESS;
    return both_given(call);
}

uint32_t fault_all_null_succeeds(struct faulty_call *call)
{
    if (!call->size && !call->count && !call->info)
        return LIST_SUCCESS;
    return both_given(call);
}

uint32_t fault_both_null_asserted(struct faulty_call *call)
{
    if (!call->size && !call->count)
        abort(); // assert(BufferSize || SessionCount)
    return both_given(call);
}
