// SPDX-License-Identifier: Apache-2.0
// Implementations that do not return from some of their calls, and are right in all others: they
// prove that a hang costs the calls that hang, not the run.
#include "conformance/faulty/faulty.h"

#include "conformance/reference/table_file.h"
#include "conformance/system/system.h"

#include <stdatomic.h>

static uint32_t answer(const struct faulty_call *call)
{
    return call->size && call->count ? faulty_correct(call) : LIST_INVALID_PARAMETER;
}

// Waits for a writer, where the source of sessions is a FIFO.
uint32_t fault_hangs_on_fifo(struct faulty_call *call)
{
    struct table_file file;
    bool open = table_file_open(&file);
    if (open && file.kind == TABLE_FILE_FIFO)
        system_hang();
    if (open)
        table_file_close(&file);
    return answer(call);
}

static bool is_unaligned(const struct faulty_call *call)
{
    return (uintptr_t)call->info % 8 != 0;
}

uint32_t fault_hangs_unaligned(struct faulty_call *call)
{
    if (is_unaligned(call))
        system_hang();
    return answer(call);
}

uint32_t fault_hangs_on_null(struct faulty_call *call)
{
    if (!call->size || !call->count)
        system_hang();
    return answer(call);
}

uint32_t fault_hangs_when_damaged(struct faulty_call *call)
{
    uint32_t status = answer(call);
    if (status == LIST_ISCSI_SERVICE_UNAVAILABLE)
        system_hang();
    return status;
}

// In each process, and in each function by itself.
uint32_t fault_hangs_in_every_third(struct faulty_call *call)
{
    static atomic_uint calls[2];
    if (atomic_fetch_add(&calls[call->charset], 1) % 3 == 2)
        system_hang();
    return answer(call);
}

// And has room for 20 sessions, which a test that gives up after the hang does not see.
uint32_t fault_hangs_unaligned_with_twenty(struct faulty_call *call)
{
    enum { ROOM = 20 };
    struct session_table table;
    if (is_unaligned(call))
        system_hang();
    if (!call->size || !call->count)
        return LIST_INVALID_PARAMETER;
    uint32_t status = session_table_read(&table);
    if (status != LIST_SUCCESS)
        return status;
    if (table.session_count > ROOM)
        table.session_count = ROOM;
    status = list_answer(&table, call->charset, call->size, call->count, call->info);
    session_table_free(&table);
    return status;
}

// Not a hang: dies in every tenth call that offers one byte less than it asked for.
uint32_t fault_crashes_in_every_tenth_short(struct faulty_call *call)
{
    static atomic_uint calls;
    if (!call->size || !call->count)
        return LIST_INVALID_PARAMETER;
    uint32_t offered = *call->size;
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && *call->size == offered + 1 &&
        atomic_fetch_add(&calls, 1) % 10 == 9)
        faulty_write_at((volatile void *)8); // NOLINT(performance-no-int-to-ptr): it is to fault
    return status;
}
