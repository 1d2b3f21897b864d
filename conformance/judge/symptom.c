// SPDX-License-Identifier: Apache-2.0
// Names the ways in which calls go wrong.
#include "conformance/judge/symptom.h"

#include "conformance/base/text.h"

const char *const symptom_names[SYMPTOM_COUNT + 1] = {"answer", "fault",  "end",
                                                      "hang",   "damage", NULL};

enum symptom symptom_of(const struct record *record)
{
    if (record == NULL)
        return SYMPTOM_ANSWER;
    switch ((enum outcome_kind)record->outcome.kind) {
    case OUTCOME_FAULT:
        return SYMPTOM_FAULT;
    case OUTCOME_ENDED:
        return SYMPTOM_END;
    case OUTCOME_HUNG:
        return SYMPTOM_HANG;
    case OUTCOME_DAMAGED:
        return SYMPTOM_DAMAGE;
    default:
        return SYMPTOM_ANSWER;
    }
}

unsigned symptom_bit(enum symptom symptom)
{
    unsigned bit = 0;
    while (bit + 1 < SYMPTOM_COUNT && 1U << bit != (unsigned)symptom)
        bit++;
    return bit;
}

void symptoms_describe(unsigned symptoms, char *text, size_t size)
{
    text[0] = '\0';
    for (unsigned i = 0; i < SYMPTOM_COUNT; i++)
        if ((symptoms >> i & 1) != 0)
            report_append(text, size, "%s%s", text[0] == '\0' ? "" : ", ", symptom_names[i]);
}
