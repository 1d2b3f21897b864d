// SPDX-License-Identifier: Apache-2.0
// The numbers of the binary form of cases, for those who read and write it.
#ifndef TCK_CASE_BINARY_FORMAT_H
#define TCK_CASE_BINARY_FORMAT_H

enum case_entry {
    ENTRY_END,
    ENTRY_TRUTH,
    ENTRY_CALL,
};

// The first byte of a call: what is said of it, or-ed.
enum case_call_bit {
    CALL_BIT_WIDE = 1,
    CALL_BIT_OF_REQUIRED = 2, // else a number of bytes is offered
    CALL_BIT_USUAL_COUNT = 4, // else *SessionCount is said
    CALL_BIT_SET = 8,         // else it is that of case_set
    CALL_BIT_CIRCUMSTANCE = 16,
    CALL_BIT_THREADS = 32, // else one
    CALL_BIT_REPEAT = 64,  // else once
    CALL_BITS = 127,
};

// The second byte of a call.
enum {
    PLACEMENT_MASK = 7,
    FILL_SHIFT = 3,
};

// The first byte of a session and of a connection.
enum {
    TOLD_BIT = 1, // an identifier that a login returned follows
};

#endif
