// SPDX-License-Identifier: Apache-2.0
// TAP, for readers of version 13 and of 14: scenarios as subtests, skips and known deviations as
// directives with their reasons.
#ifndef TCK_TAP_H
#define TCK_TAP_H

#include "harness/result/result.h"

// As report_write.
int report_tap_write(const struct result *result, const char *path, struct failure *failure);

#endif
