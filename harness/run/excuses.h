// SPDX-License-Identifier: Apache-2.0
// A reporter between a run and its reports: applies waivers and a baseline before anything is
// reported.
#ifndef TCK_EXCUSES_H
#define TCK_EXCUSES_H

#include "harness/result/baseline.h"
#include "harness/result/waivers.h"

struct regression {
    const struct waivers *waivers;   // NULL: none
    const struct baseline *baseline; // NULL: none
    struct result *result;           // the one that the run fills
    const struct reporter *next;
};

// Fills `reporter`, which hands everything on to regression->next. `regression` and what it points
// to must outlive it.
void regression_reporter(struct reporter *reporter, struct regression *regression);

// Reports a finished result to `reporter`, from its beginning to its end.
void regression_tell(const struct reporter *reporter, const struct result *result);

#endif
