// SPDX-License-Identifier: Apache-2.0
// JUnit XML, in the shape that Jenkins, GitLab and Maven read: scenarios as test suites, checks as
// test cases. What XML can't hold is replaced. docs/reports.md says what becomes what.
#ifndef TCK_JUNIT_H
#define TCK_JUNIT_H

#include "harness/result/result.h"

// As report_write.
int report_junit_write(const struct result *result, const char *path, struct failure *failure);

#endif
