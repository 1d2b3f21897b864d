// SPDX-License-Identifier: Apache-2.0
// What a call finds as its caller has it, changes, and puts back.
#ifndef TCK_SURROUNDINGS_H
#define TCK_SURROUNDINGS_H

// Between the two no other call goes on: handlers, umask and working directory are the process's.
void surroundings_change(void);
void surroundings_restore(void);

#endif
