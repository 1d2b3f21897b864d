// SPDX-License-Identifier: Apache-2.0
// The header as a C++ implementation includes it: it compiles, and its functions have C linkage. A
// declaration of another linkage than the header's does not compile.
#include "iscsi_reports.h"
#include "session_list.h"
#include "session_list_ex.h"

extern "C" uint32_t ISCSI_SESSION_LIST_CALL GetIScsiSessionListA(uint32_t *, uint32_t *,
                                                                 iscsi_session_info_a *);
extern "C" uint32_t ISCSI_SESSION_LIST_CALL GetIScsiSessionListW(uint32_t *, uint32_t *,
                                                                 iscsi_session_info_w *);
