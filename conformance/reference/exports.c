// SPDX-License-Identifier: Apache-2.0
// The reference implementation of GetIScsiSessionListA and GetIScsiSessionListW: the example to
// read before writing another. It reports the sessions of the session table, which the environment
// variable ISCSIDSC_SESSION_TABLE names.
//
// It keeps no list from call to call, so it is thread-safe without a lock of its own and never
// stale, and it changes nothing of its process, so there is nothing to restore.
#include "conformance/reference/export.h"
#include "conformance/reference/list_writer.h"
#include "session_list.h"

// One snapshot of the sessions serves both for the size and for the content. What comes and goes
// between two calls of the caller is the caller's to handle: it is told the new size, and asks
// again.
static uint32_t answer(enum list_charset charset, uint32_t *buffer_size, uint32_t *session_count,
                       void *session_info)
{
    if (!buffer_size || !session_count)
        return LIST_INVALID_PARAMETER;
    struct session_table table;
    uint32_t status = session_table_read(&table);
    if (status != LIST_SUCCESS)
        return status;
    status = list_answer(&table, charset, buffer_size, session_count, session_info);
    session_table_free(&table);
    return status;
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL GetIScsiSessionListA(uint32_t *buffer_size,
                                                             uint32_t *session_count,
                                                             iscsi_session_info_a *session_info)
{
    return answer(LIST_CHARSET_A, buffer_size, session_count, session_info);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL GetIScsiSessionListW(uint32_t *buffer_size,
                                                             uint32_t *session_count,
                                                             iscsi_session_info_w *session_info)
{
    return answer(LIST_CHARSET_W, buffer_size, session_count, session_info);
}
