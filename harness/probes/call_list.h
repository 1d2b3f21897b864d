// SPDX-License-Identifier: Apache-2.0
// A list of calls to make.
#ifndef TCK_PROBES_CALL_LIST_H
#define TCK_PROBES_CALL_LIST_H

#include "harness/probes/probing.h"

struct call_list {
    struct call *calls;
    size_t count;
    size_t capacity;
    bool out_of_memory; // a call could not be added; call_list_make will fail
};

// A call as the documentation describes it: `offered` as the size, and in *SessionCount, where
// there is one, the number of structures that so many bytes hold.
struct call call_usual(const struct probing *probing, uint32_t offered, enum placement placement);

void call_list_add(struct call_list *list, struct call call);
void call_list_add_usual(struct call_list *list, const struct probing *probing, uint32_t offered,
                         enum placement placement);

// Makes the calls one after the other, adds them to the transcript, and frees the list. 0, or -1
// with probing->failure.
int call_list_make(struct probing *probing, struct call_list *list);

// The same in `threads` threads at once, each of which makes all the calls. `meanwhile` (may be
// NULL) runs at the same time. When it returns, the rest of the calls is not made.
int call_list_make_while(struct probing *probing, struct call_list *list, unsigned threads,
                         int (*meanwhile)(struct probing *probing));

// Adds to the transcript that none of them was made, and frees the list. 0, or -1 with
// probing->failure.
int call_list_leave_out(struct probing *probing, struct call_list *list);

#endif
