// SPDX-License-Identifier: Apache-2.0
// A list that is kept from call to call, rightly: every call first makes sure that its source is
// still the one that it was read from.
#ifndef TCK_CACHE_H
#define TCK_CACHE_H

#include "conformance/reference/session_table_reader.h"

struct shape;
struct shape_call;

typedef uint32_t cache_user(const struct shape *shape, const struct session_table *table,
                            const struct shape_call *call);

// Hands the present table to `user`, by one call at a time, and returns what it returns; or, when
// there is no table, why.
uint32_t cache_answer(const struct shape *shape, const struct shape_call *call, cache_user *user);

#endif
