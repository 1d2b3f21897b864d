// SPDX-License-Identifier: Apache-2.0
// The groups of clauses, one file each, and how to find a clause.
#ifndef TCK_GROUPS_H
#define TCK_GROUPS_H

#include "conformance/judge/clause.h"

extern const struct clause_group group_status;
extern const struct clause_group group_size;
extern const struct clause_group group_count;
extern const struct clause_group group_bounds;
extern const struct clause_group group_layout;
extern const struct clause_group group_content;
extern const struct clause_group group_charset;
extern const struct clause_group group_stable;
extern const struct clause_group group_change;
extern const struct clause_group group_threads;
extern const struct clause_group group_args;
extern const struct clause_group group_empty;
extern const struct clause_group group_export;
extern const struct clause_group group_fault;
extern const struct clause_group group_callers;
extern const struct clause_group group_ex;
extern const struct clause_group group_targets;
extern const struct clause_group group_devices;
extern const struct clause_group group_mappings;
extern const struct clause_group group_initiators;
extern const struct clause_group group_portals;

// All groups, in the order of the contract; ended by NULL.
extern const struct clause_group *const clause_groups[];

// The clause of that id (any case), or NULL.
const struct clause *clause_find(const char *id);
// The group of that name (any case), or NULL.
const struct clause_group *clause_group_find(const char *name);
// The group that a clause belongs to.
const struct clause_group *clause_group_of(const struct clause *clause);

#endif
