// What outlives the transcript for the reports.
#ifndef TCK_KEEP_H
#define TCK_KEEP_H

#include "harness/result/result.h"

// Keeps in the result, after all was judged, what reports draw and the transcript takes with it:
// the bytes of the evidence (within KEPT_BYTES_MAX and KEPT_BYTES_TOTAL_MAX), a list to compare
// with, the points of the size sweep. 0, or -1 when memory ran out.
int keep_for_reports(struct scenario_result *scenario, const struct transcript *transcript);

#endif
