// SPDX-License-Identifier: Apache-2.0
// The reference implementation of GetIScsiSessionListEx. It reports the sessions that
// GetIScsiSessionListA and GetIScsiSessionListW do, and keeps nothing from call to call, either.
#include "conformance/reference/export.h"
#include "conformance/reference/list_ex_writer.h"
#include "session_list_ex.h"

iscsi_session_list_ex GetIScsiSessionListEx;

EXPORT uint32_t ISCSI_SESSION_LIST_CALL GetIScsiSessionListEx(uint32_t *buffer_size,
                                                              uint32_t *session_count,
                                                              iscsi_session_info_ex *session_info)
{
    if (!buffer_size || !session_count)
        return LIST_INVALID_PARAMETER;
    struct session_table table;
    uint32_t status = session_table_read(&table);
    if (status != LIST_SUCCESS)
        return status;
    status = list_ex_answer(&table, buffer_size, session_count, session_info);
    session_table_free(&table);
    return status;
}
