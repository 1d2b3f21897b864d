// SPDX-License-Identifier: Apache-2.0
// The bytes around what is wrong with a call, as a figure.
#ifndef TCK_BYTES_H
#define TCK_BYTES_H

#include "harness/report/html/parts.h"
#include "harness/report/html/writer.h"

// Nothing is written where the scene has no marks.
void html_bytes(struct page *page, const struct scene *scene);

#endif
