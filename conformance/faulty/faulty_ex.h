// SPDX-License-Identifier: Apache-2.0
// What the faulty implementations of GetIScsiSessionListEx share: the groups "ex" and "ex_list".
// Their functions get a struct faulty_call as all do; its charset says nothing, and `info` is the
// list's iscsi_session_info_ex. BufferSize and SessionCount are never NULL.
#ifndef TCK_FAULTY_EX_H
#define TCK_FAULTY_EX_H

#include "conformance/faulty/faulty.h"
#include "conformance/reference/list_ex_writer.h"
#include "session_list_ex.h"

// The reference's answer.
uint32_t faulty_ex_correct(const struct faulty_call *call);

// The right answer to a call that offers `offered` bytes.
uint32_t faulty_ex_correct_for(const struct faulty_call *call, uint32_t offered);

// The right answer to a session table that `edit` has changed.
typedef void faulty_ex_edit(struct session_table *table, const struct faulty_call *call);
uint32_t faulty_ex_edited(const struct faulty_call *call, faulty_ex_edit *edit);

// What the list takes, and what its structures alone take; both 0 where there is none.
struct faulty_ex_room {
    uint32_t required;
    uint32_t structures;
};
struct faulty_ex_room faulty_ex_room(void);

// Is this one of every `period` calls that ask here?
bool faulty_ex_is_turn(unsigned period);

// --- Structures in any memory, aligned or not ---

iscsi_session_info_ex faulty_ex_session(const void *list, uint32_t index);
void faulty_ex_set_session(void *list, uint32_t index, const iscsi_session_info_ex *session);
iscsi_connection_info_ex faulty_ex_connection(const iscsi_session_info_ex *session, uint32_t index);
void faulty_ex_set_connection(const iscsi_session_info_ex *session, uint32_t index,
                              const iscsi_connection_info_ex *connection);

// Changes each session of the list that a right call has just put into the caller's buffer.
typedef void faulty_ex_change(iscsi_session_info_ex *session, const struct faulty_call *call,
                              uint32_t index);
uint32_t faulty_ex_changed(const struct faulty_call *call, faulty_ex_change *change);

#endif
