// SPDX-License-Identifier: Apache-2.0
// The faulty implementations (conformance/faulty/faults.def), and where each of them shows.
#ifndef TCK_TESTS_FAULT_TABLE_H
#define TCK_TESTS_FAULT_TABLE_H

#include <stdbool.h>

struct fault {
    const char *name;
    const char *file;     // of conformance/faulty
    const char *clause;   // "": none; test_survival has those
    const char *charsets; // in which it is wrong
    const char *sentence;
    const char *system; // "Unix", "Windows": the other one has none; "": both have it
    const char *reason; // why the other has none
};

// Their numbers, as FAULT_NUMBER_<name>.
enum {
#define FAULT(name, ...) FAULT_NUMBER_##name,
#define FAULT_UNIX(name, ...) FAULT_NUMBER_##name,
#define FAULT_WINDOWS(name, ...) FAULT_NUMBER_##name,
#include "conformance/faulty/faults.def"
#undef FAULT
#undef FAULT_UNIX
#undef FAULT_WINDOWS
    FAULT_COUNT,
};

extern const struct fault faults[FAULT_COUNT];

// The two scenarios that it is run in: names or files.
const char *const *fault_scenarios(const struct fault *fault);

// Faults that can't be there, or can't be seen, in a process of 32 bits.
struct fault_absence {
    const char *name;
    bool windows_only; // else also on Linux
    const char *reason;
};

enum { FAULT_ABSENCES = 5 };

extern const struct fault_absence fault_absences[FAULT_ABSENCES];

#endif
