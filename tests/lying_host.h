// SPDX-License-Identifier: Apache-2.0
// The ways in which tests/lying_host.c lies. Its argument LIBRARY is the number of one.
#ifndef TCK_LYING_HOST_H
#define TCK_LYING_HOST_H

enum lie {
    LIE_NONE, // one RESULT, then a MORE of two calls with the same answer, and DONE
    // The MORE differs from the RESULT in one field.
    LIE_KIND,
    LIE_STATUS,
    LIE_SIZE,
    LIE_COUNT,
    LIE_SIZE_CELL,
    LIE_COUNT_CELL,
    LIE_INSIDE,
    LIE_BEFORE,
    LIE_AFTER,
    LIE_BYTE_COUNT,
    LIE_BEGAN, // before the RESULT ended
    // The MORE is the same, but
    LIE_TOO_OFTEN, // stands for more calls than were asked for
    LIE_FIRST,     // is of a second call, of which no RESULT came
    LIE_COUNT_OF_THEM,
    // It says what LIE_NONE says, and has a clock of its own, which it compares with the kit's
    CLOCK_NOW,     // before the answers: LYING_CLOCK_NS is now
    CLOCK_AGO,     // so, but the calls are LYING_AGO_NS later
    CLOCK_LATE,    // only after the answers
    CLOCK_UNASKED, // although it said that it has none
};

enum { LYING_CLOCK_NS = 40, LYING_AGO_NS = 2000000000 };

#endif
