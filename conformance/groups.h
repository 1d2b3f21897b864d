// The groups of clauses, one file each.
#ifndef TCK_GROUPS_H
#define TCK_GROUPS_H

#include "conformance/clause.h"

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

#endif
