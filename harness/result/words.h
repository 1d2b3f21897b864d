// SPDX-License-Identifier: Apache-2.0
// Texts about a result that all reports share.
#ifndef TCK_WORDS_H
#define TCK_WORDS_H

#include "harness/result/result.h"

// The run's verdict in a word: "held", "broken", "usage", "untrusted", "interrupted".
const char *report_verdict_name(const struct result *result);

// Which part failed, as JSON files name it: "implementation", "emulator" or "kit"; and the reverse,
// which takes NULL and unknown words for "kit".
const char *report_failure_of_name(const struct failure *failure);
enum failure_of report_failure_of(const char *name);

// What of contract and scenarios is no part of the run, for its verdict: "left out: 3 clauses, 1
// scenario; offline: ..."; "" where all is.
enum { LEFT_OUT_SIZE = 256 };
void report_describe_left_out(const struct result *result, char *text, size_t size);

// Why the run can't be trusted or was not finished: one line for each reason, cut to fit; "" where
// there is none.
void report_describe_doubts(const struct result *result, char *text, size_t size);

// A check's verdict and what was seen, cut to fit: "fail: insufficient at 312 bytes", "pass".
enum { REPORT_CHECK_SIZE = 1200 }; // large enough for all of it
void report_describe_check(const struct check *check, char *text, size_t size);

// The failure that probably caused that of the check: "STATUS-1 (A)"; where that failure does not
// count itself, with its verdict: "STATUS-1, which is known"; "" where there is none.
void report_describe_cause(const struct scenario_result *scenario, const struct check *check,
                           char *text, size_t size);
// The failures that the check's failure probably caused: "SIZE-2 (A), CHARSET-1 (A+W)"; "" where
// there are none. Cut to fit.
void report_describe_consequences(const struct scenario_result *scenario, const struct check *check,
                                  char *text, size_t size);

// The command line that repeats the check: `command` with its scenario and clause added, quoted for
// a shell. Malloc'ed, freed by the caller; NULL when memory ran out.
char *report_repeat(const char *command, const struct scenario_result *scenario,
                    const struct check *check);

// Are both the same text, or both NULL?
bool report_same_text(const char *one, const char *other);

#endif
