// Stands between a run and its reports: what waivers and a baseline excuse is excused before anyone
// is told of it.
#ifndef TCK_EXCUSES_H
#define TCK_EXCUSES_H

#include "harness/result/baseline.h"
#include "harness/result/waivers.h"

struct regression {
    const struct waivers *waivers;   // NULL: none
    const struct baseline *baseline; // NULL: none
    struct result *result;           // of the run that is told of
    const struct reporter *next;
};

// Fills `reporter`, which hands everything on to regression->next. `regression` and what it points
// to must outlive it.
void regression_reporter(struct reporter *reporter, struct regression *regression);

// The same for a result that is there already: tells `reporter` of it from its beginning to its
// end.
void regression_tell(const struct reporter *reporter, const struct result *result);

#endif
