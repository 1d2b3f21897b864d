// SPDX-License-Identifier: Apache-2.0
// Messages about what went wrong with an instance, with the last lines that its tgtd printed.
#ifndef TCK_LOG_H
#define TCK_LOG_H

#include "conformance/base/failure.h"

#include <stdbool.h>
#include <stddef.h>

struct tgtd;

// What tgtd printed behind `mark` (see process_said_since), without what it prints on every start,
// in `text`; its end where it does not fit; "nothing" where there is nothing.
void tgtd_describe_log(struct tgtd *tgtd, size_t mark, char *text, size_t size);

// Records a failure of the instance, with what it logged since it was last asked something; or,
// when that is the reason, that it ended, or the supervisor's trouble. Returns -1 always.
int tgtd_fail(struct tgtd *tgtd, struct failure *failure, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// The same for an instance that gave no answer, or none that can be used: that is trouble for the
// supervisor too. The text says what there was instead.
int tgtd_does_not_answer(struct tgtd *tgtd, struct failure *failure, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// True, with `failure`, when `memory` is NULL. In the header so that the analyzer sees that nothing
// was allocated then.
static inline bool tgtd_memory_ran_out(const void *memory, struct failure *failure)
{
    if (memory == NULL)
        failure_set(failure, STATUS_UNTRUSTED, "tgtd: out of memory");
    return memory == NULL;
}

#endif
