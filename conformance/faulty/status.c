// SPDX-License-Identifier: Apache-2.0
// Faults in the status: the list and the sizes are right, the code that is returned isn't; and
// faults in what a failing call leaves alone.
#include "conformance/faulty/faulty.h"

#include <stdatomic.h>
#include <string.h>

// --- Success ---

static uint32_t success_as(const struct faulty_call *call, uint32_t status)
{
    uint32_t correct = faulty_correct(call);
    return correct == LIST_SUCCESS ? status : correct;
}

uint32_t fault_success_is_true(struct faulty_call *call)
{
    return success_as(call, 1);
}

uint32_t fault_success_is_more_data(struct faulty_call *call)
{
    return success_as(call, LIST_MORE_DATA);
}

uint32_t fault_success_is_insufficient(struct faulty_call *call)
{
    return success_as(call, LIST_INSUFFICIENT_BUFFER);
}

uint32_t fault_success_is_count(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    return status == LIST_SUCCESS ? *call->count : status;
}

// --- Insufficient ---

static uint32_t insufficient_as(const struct faulty_call *call, uint32_t status)
{
    uint32_t correct = faulty_correct(call);
    return correct == LIST_INSUFFICIENT_BUFFER ? status : correct;
}

uint32_t fault_insufficient_is_hresult(struct faulty_call *call)
{
    return insufficient_as(call, 0x8007007A); // HRESULT_FROM_WIN32(122)
}

uint32_t fault_insufficient_is_more_data(struct faulty_call *call)
{
    return insufficient_as(call, LIST_MORE_DATA);
}

uint32_t fault_insufficient_is_overflow(struct faulty_call *call)
{
    return insufficient_as(call, LIST_BUFFER_OVERFLOW);
}

uint32_t fault_insufficient_is_ntstatus(struct faulty_call *call)
{
    return insufficient_as(call, 0xC0000023); // STATUS_BUFFER_TOO_SMALL
}

uint32_t fault_insufficient_is_negative(struct faulty_call *call)
{
    return insufficient_as(call, (uint32_t)-LIST_INSUFFICIENT_BUFFER);
}

uint32_t fault_insufficient_is_errno(struct faulty_call *call)
{
    return insufficient_as(call, 105); // ENOBUFS
}

uint32_t fault_insufficient_is_no_memory(struct faulty_call *call)
{
    return insufficient_as(call, LIST_NOT_ENOUGH_MEMORY);
}

uint32_t fault_insufficient_is_resources(struct faulty_call *call)
{
    return insufficient_as(call, (uint32_t)LIST_ISCSI_OUT_OF_RESOURCES);
}

uint32_t fault_insufficient_is_success(struct faulty_call *call)
{
    return insufficient_as(call, LIST_SUCCESS);
}

uint32_t fault_one_byte_crashes(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_correct(call);
    if (status != LIST_INSUFFICIENT_BUFFER || !call->info)
        return status;
    if (offered == 1)
        faulty_write_at(NULL);
    return offered + 1 == *call->size ? LIST_MORE_DATA : status;
}

// As many structures as fit, without their strings, and success.
uint32_t fault_truncated_success(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_correct(call);
    if (status != LIST_INSUFFICIENT_BUFFER || !call->info)
        return status;
    uint32_t fitting = offered / (uint32_t)sizeof(iscsi_session_info_a);
    memset(call->info, 0, fitting * sizeof(iscsi_session_info_a));
    *call->size = offered;
    *call->count = fitting;
    return LIST_SUCCESS;
}

// --- Other failures ---

static uint32_t sized_null_as(const struct faulty_call *call, uint32_t status)
{
    if (!call->info && *call->size > 0)
        return status;
    return faulty_correct(call);
}

uint32_t fault_null_is_hresult(struct faulty_call *call)
{
    return sized_null_as(call, 0x80004003); // E_POINTER
}

uint32_t fault_null_is_minus_one(struct faulty_call *call)
{
    return sized_null_as(call, UINT32_MAX);
}

uint32_t fault_null_is_negative_errno(struct faulty_call *call)
{
    return sized_null_as(call, (uint32_t)-14); // EFAULT
}

uint32_t fault_unaligned_is_ntstatus(struct faulty_call *call)
{
    if ((uintptr_t)call->info % 8 != 0)
        return 0x80000002; // STATUS_DATATYPE_MISALIGNMENT
    return faulty_correct(call);
}

// --- The same call again ---

// A count of calls that outlives them is what this fault consists of.
static bool third_time(void)
{
    static atomic_uint calls;
    return atomic_fetch_add(&calls, 1) % 3 == 2;
}

uint32_t fault_busy_fetch(struct faulty_call *call)
{
    enum { BUSY = 170 };
    uint32_t status = faulty_correct(call);
    return status == LIST_SUCCESS && third_time() ? BUSY : status;
}

uint32_t fault_tired_query(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    return status == LIST_INSUFFICIENT_BUFFER && third_time() ? LIST_SERVICE_NOT_ACTIVE : status;
}

// --- What a failing call leaves alone ---

static void store_64(void *cell, uint64_t value)
{
    memcpy(cell, &value, sizeof value);
}

uint32_t fault_size_stored_as_64(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER)
        store_64(call->size, *call->size);
    return status;
}

uint32_t fault_count_stored_as_64(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER)
        store_64(call->count, 0);
    return status;
}

uint32_t fault_size_stored_as_64_always(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER || status == LIST_SUCCESS)
        store_64(call->size, *call->size);
    return status;
}
