// SPDX-License-Identifier: Apache-2.0
// What is meant where a case's file says nothing: the same members as in a transcript, filled in
// when it is read, and left out when it is written.
#ifndef TCK_CASE_DEFAULTS_H
#define TCK_CASE_DEFAULTS_H

#include "conformance/transcript/transcript.h"

#include <jansson.h>

// Fills in what the sessions of a truth leave out: `sessions` may be a number, and so may the
// `connections` of one of them. What is of another type than it must be stays as it is. 0, or -1
// when memory ran out.
int case_fill_sessions(json_t *truth);

// Leaves out what case_fill_sessions fills in. 0, or -1 when memory ran out.
int case_thin_sessions(json_t *truth);

// Fills in what a call leaves out, and takes out what only a case can say: 0 with that in
// `*offer`; 1 where "offered" is a text that is none of those that it may be; -1 when memory ran
// out.
int case_fill_call(json_t *call, struct offer *offer);

// The call of a record in the shortest form; a new reference, NULL when memory ran out.
json_t *case_thin_call(const struct record *record);

#endif
