// SPDX-License-Identifier: Apache-2.0
// Where the implementation faulting.c is to fault: *SessionCount on input, if it is one of these.
// Any other number, such as the kit passes, is FAULT_IN_FUNCTION.
#ifndef TCK_FAULTING_H
#define TCK_FAULTING_H

enum fault_place {
    FAULT_IN_FUNCTION = 0x7FA01700,
    FAULT_IN_INLINED, // in a function that was expanded in place
    FAULT_IN_LIBC,
    FAULT_IN_LATE_MODULE,   // late_module.so, which is loaded by that call
    FAULT_BY_JUMP,          // to an address that belongs to no module
    FAULT_BY_JUMP_TO_HEAP,  // the same, to memory that is there
    FAULT_WITHOUT_FILE,     // in FAULT_IN_FUNCTION, after it removed its own file
    FAULT_BY_SIGNAL,        // that it sends itself
    FAULT_THREE_DEEP,       // three functions deep
    FAULT_BY_CALL_OF_NULL,  // in a call of the function at address 0
    FAULT_ON_SMASHED_STACK, // after it overwrote its stack
    FAULT_BY_RECURSION,     // as the stack is used up
};

#endif
