// SPDX-License-Identifier: Apache-2.0
// How calls go wrong. A clause may be broken in several of these kinds at once, and what excuses a
// failure (a waiver, a baseline) has to cover all of them.
#ifndef TCK_SYMPTOM_H
#define TCK_SYMPTOM_H

#include "conformance/transcript/transcript.h"

enum symptom {          // or-ed where there are several
    SYMPTOM_ANSWER = 1, // it returned, and the answer is wrong
    SYMPTOM_FAULT = 2,
    SYMPTOM_END = 4,  // it ended the process
    SYMPTOM_HANG = 8, // it did not return in time
    SYMPTOM_DAMAGE = 16,
};
enum { SYMPTOM_COUNT = 5 };

// "answer", "fault", "end", "hang", "damage", by rising bit; ended by NULL.
extern const char *const symptom_names[SYMPTOM_COUNT + 1];

// Of a failure with that call as its evidence; NULL: there is no single call, so answers are wrong.
enum symptom symptom_of(const struct record *record);

// The number of its bit: the index of its name.
unsigned symptom_bit(enum symptom symptom);

// The symptoms in words, "answer, fault"; cut to fit.
void symptoms_describe(unsigned symptoms, char *text, size_t size);

#endif
