// A list of calls that a set of probes makes.
#ifndef TCK_PROBES_CALL_LIST_H
#define TCK_PROBES_CALL_LIST_H

#include "harness/probes/probing.h"

struct call_list {
    struct call *calls;
    size_t count;
    size_t capacity;
    bool out_of_memory; // call_list_make fails then
};

// A call as documented: *SessionCount says how many structures the buffer can hold.
struct call call_usual(const struct probing *probing, uint32_t offered, enum placement placement);

void call_list_add(struct call_list *list, struct call call);
void call_list_add_usual(struct call_list *list, const struct probing *probing, uint32_t offered,
                         enum placement placement);

// Makes the calls, one after the other, into the transcript, and frees the list. 0, or -1 with
// probing->failure.
int call_list_make(struct probing *probing, struct call_list *list);

// The same in `threads` threads at once, each making all of them, while `meanwhile` (NULL: nothing)
// runs; when that returns, the calls not made yet are left out.
int call_list_make_while(struct probing *probing, struct call_list *list, unsigned threads,
                         int (*meanwhile)(struct probing *probing));

#endif
