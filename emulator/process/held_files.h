// SPDX-License-Identifier: Apache-2.0
// Memory that processes hold in files of no file system (memfd_create), mapped or not.
#ifndef TCK_HELD_FILES_H
#define TCK_HELD_FILES_H

#include <stdint.h>
#include <sys/types.h>

// Bytes of those that the process and those below it have open, each file once. What can't be
// looked at, because the process has ended or is another user's, counts as nothing; so does what
// only the 65th process and later ones, or the 1025th file and later ones, have.
uint64_t held_files(pid_t process);

#endif
