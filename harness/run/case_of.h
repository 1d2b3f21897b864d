// SPDX-License-Identifier: Apache-2.0
// Makes a case of a transcript.
#ifndef TCK_CASE_OF_H
#define TCK_CASE_OF_H

#include "conformance/transcript/transcript.h"

// A case with the sessions and the calls of `recorded`, without what came of them: the calls of A
// and W, each at the sessions that it met. A transcript without such calls, like those that ship
// for `run --offline`, gets a query and a fetch of either function. Whose sessions can't be those
// of a case is refused. `path` is said in messages. 0 with `*one`, the caller's; or -1 with
// `failure` (STATUS_USAGE, or STATUS_UNTRUSTED when memory ran out).
int case_of_transcript(struct transcript **one, const struct transcript *recorded, const char *path,
                       struct failure *failure);

#endif
