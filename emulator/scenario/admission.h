// SPDX-License-Identifier: Apache-2.0
// Whether a target lets an initiator in, as far as that can be read from a scenario file. tgtd
// admits whom either list of "allow" has, and everyone where there is none.
#ifndef TCK_ADMISSION_H
#define TCK_ADMISSION_H

#include "emulator/scenario/names.h"

enum admission {
    ADMITTED,
    TURNED_AWAY,
    ADMISSION_UNKNOWN, // tgtd's answer depends on more than the file says
};

// Does the target with that "allow" (NULL: none) admit the initiator with the id `initiator`, when
// it connects to the portal `address`?
enum admission admission_of(const struct allow_node *allow, const char *initiator,
                            const char *address);

#endif
