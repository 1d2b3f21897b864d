// SPDX-License-Identifier: Apache-2.0
// A folder for the files of the test under way. The two functions are a fixture of Check.
#ifndef TCK_FOLDER_H
#define TCK_FOLDER_H

extern char folder[64];

// Makes it.
void folder_open(void);

// Removes it; fails if something is left in it.
void folder_close(void);

#endif
