// SPDX-License-Identifier: Apache-2.0
// Prints checks in the terminal report: each failure as a block of lines; known deviations, skips
// and notes as one line each.
#ifndef TCK_TERMINAL_FINDINGS_H
#define TCK_TERMINAL_FINDINGS_H

#include "harness/report/check_groups.h"
#include "harness/report/terminal_text.h"

// A block for each clause with a check of that verdict. `command`: see report_terminal_styled.
void terminal_print_blocks(const struct terminal_stream *out, const struct result *result,
                           enum verdict_kind kind, const char *command);

// A line for each group; nothing where there are none.
void terminal_print_known(const struct terminal_stream *out, const struct result *result);
void terminal_print_skips(const struct terminal_stream *out, const struct result *result);
void terminal_print_notes(const struct terminal_stream *out, const struct result *result);
// What clauses left out of their comparison, and which clauses.
void terminal_print_left_out(const struct terminal_stream *out, const struct result *result);

// Prints the identifiers of the clauses that failed: first causes, then their probable
// consequences.
void terminal_print_failed(const struct terminal_stream *out, const struct result *result);
// The identifiers of the clauses with checks of that verdict in the group of `like` (NULL: all),
// separated by commas.
void terminal_print_clauses(const struct terminal_stream *out, const struct result *result,
                            enum verdict_kind kind, const struct check *like, check_same *same);

#endif
