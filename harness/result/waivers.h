// SPDX-License-Identifier: Apache-2.0
// Waivers: failures that are known, and for a stated reason and time don't count. The user keeps
// them in a YAML file; docs/regression.md describes it.
#ifndef TCK_WAIVERS_H
#define TCK_WAIVERS_H

#include "harness/result/result.h"

struct waivers;

// A day of the Gregorian calendar, "2025-12-31": texts of this form compare as days do.
struct day {
    char text[11];
};

// The present day in the machine's time zone.
struct day day_today(void);

// Reads the file at `path`; on `today` it is decided which ones are over (the day named is the last
// on which one holds). 0 and `*waivers`, owned by the caller; or -1 with `failure` (STATUS_USAGE):
// "PATH:LINE:COLUMN: what is wrong and what would be right".
int waivers_load(struct waivers **waivers, const char *path, struct day today,
                 struct failure *failure);
void waivers_free(struct waivers *waivers); // NULL is allowed

// Excuses the failures and warnings of a judged scenario that are waived. Those that a baseline
// excused before are not touched: call it first. 0, or -1 when memory ran out.
int waivers_excuse(const struct waivers *waivers, struct scenario_result *scenario);

// Says what became of each, once all is judged, and leaves it in `result`. 0, or -1 when memory ran
// out.
int waivers_conclude(const struct waivers *waivers, struct result *result);

#endif
