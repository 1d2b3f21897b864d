// SPDX-License-Identifier: Apache-2.0
// A judged run, replayed as a Check suite for Check's own output.
#ifndef TCK_SUITE_H
#define TCK_SUITE_H

#include "harness/result/result.h"

// Has Check write `result` to `xml_file` (NULL: not), and to the files that its own variables name
// (CK_TAP_LOG_FILE_NAME and the like): a scenario is a suite, a clause a test case, a clause in a
// charset a test. Check's variables that select tests are removed from the environment; its own
// temporary files are made in `folder`. 0, or -1 with `failure`: memory ran out.
int suite_replay(const struct result *result, const char *xml_file, const char *folder,
                 struct failure *failure);

#endif
