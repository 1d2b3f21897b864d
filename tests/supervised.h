// SPDX-License-Identifier: Apache-2.0
// Fixtures of Check for tests in which processes and sessions are supervised.
#ifndef TCK_SUPERVISED_H
#define TCK_SUPERVISED_H

#include "emulator/process/supervisor.h"

// That of the test under way.
extern struct supervisor *supervisor;

// A supervisor alone.
void supervised_open(void);
void supervised_close(void);

// A supervisor, and a folder (tests/folder.h) in which nothing may be left.
void supervised_folder_open(void);
void supervised_folder_close(void);

#endif
