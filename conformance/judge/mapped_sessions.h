// SPDX-License-Identifier: Apache-2.0
// Are the mappings that ReportActiveIScsiTargetMappings tells those of the sessions?
#ifndef TCK_MAPPED_SESSIONS_H
#define TCK_MAPPED_SESSIONS_H

#include "conformance/judge/clause.h"

// Fails the verdict unless the mappings of a success are of sessions that GetIScsiSessionList
// lists, name their targets, and tell each disk of each of these sessions once. `changing`: there
// may be other sessions, whose units need not all be known yet: none is told twice, and none that
// the target which is named does not have. False: there was nothing to judge.
bool judge_mapped_sessions(const struct evidence *evidence, const struct record *record,
                           bool changing, struct verdict *verdict);

#endif
