// SPDX-License-Identifier: Apache-2.0
// Copies from a transcript what the reports need after it is freed.
#ifndef TCK_KEEP_H
#define TCK_KEEP_H

#include "harness/result/result.h"

// Copies into a judged scenario's result what reports draw pictures from: the bytes of the evidence
// (within KEPT_BYTES_MAX and KEPT_BYTES_TOTAL_MAX), a list to compare with, and the points of the
// size sweep. The transcript can then be freed. 0, or -1 when memory ran out.
int keep_for_reports(struct scenario_result *scenario, const struct transcript *transcript);

#endif
