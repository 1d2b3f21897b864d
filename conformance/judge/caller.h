// SPDX-License-Identifier: Apache-2.0
// Programs that exist, by the calls that they make: each calling style as a small machine that says
// what the program calls next, given how its last call was answered. The probes make these calls,
// the judge walks the recorded ones with the same machine.
#ifndef TCK_CALLER_H
#define TCK_CALLER_H

#include "conformance/transcript/call.h"

enum caller_end {
    CALLER_CALLS,      // it makes another call
    CALLER_HAS_LIST,   // it has a list, and is content
    CALLER_SEES_NONE,  // it concludes that there are no sessions
    CALLER_GIVES_UP,   // it reports an error to its user
    CALLER_NEVER_ENDS, // it would go on for ever: CALLER_CALLS_MAX calls, and not content
};

// More than any of them needs where sessions come and go twice.
enum { CALLER_CALLS_MAX = 8 };

struct caller_state {
    uint32_t structure_size; // of an ISCSI_SESSION_INFO, in bytes
    uint32_t required;       // what the implementation says is required; 0: not known
    unsigned made;           // calls so far
    uint32_t size;           // the program's variables: *BufferSize and *SessionCount
    uint32_t count;
    uint32_t offered; // with the last call
    uint32_t status;  // of the last call
};

struct caller {
    const char *probe_set; // the set that its calls are made in
    const char *program;   // whose style it is: a project's name
    const char *clause;    // the clause that demands that it is served
    // Says in `*call` what is called next (placement, offered, count_in), or how it ended.
    enum caller_end (*next)(struct caller_state *state, struct call *call);
};

// Ended by an entry whose probe_set is NULL.
extern const struct caller callers[];

// What the program does next. A call has the usual filling and the charset of `*call`.
enum caller_end caller_next(const struct caller *caller, struct caller_state *state,
                            struct call *call);

// Tells the program how the call that it made was answered; only calls that returned are.
void caller_answer(struct caller_state *state, const struct call *call,
                   const struct outcome *outcome);

#endif
