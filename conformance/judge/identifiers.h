// SPDX-License-Identifier: Apache-2.0
// Are the identifiers of a list's sessions, and of its connections, different ones?
#ifndef TCK_IDENTIFIERS_H
#define TCK_IDENTIFIERS_H

#include "conformance/judge/evidence.h"

// The judge of CONTENT-8.
void judge_identifiers(const struct evidence *evidence, struct verdict *verdict);

#endif
