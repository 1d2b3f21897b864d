// SPDX-License-Identifier: Apache-2.0
// The map of a buffer as a figure.
#ifndef TCK_MAP_H
#define TCK_MAP_H

#include "harness/report/html/parts.h"
#include "harness/report/html/writer.h"

// `about`: members that the clause is about, NULL-terminated; may be NULL.
void html_map(struct page *page, const struct scene *scene, const char *const *about);

#endif
