// SPDX-License-Identifier: Apache-2.0
// The table of the faulty implementations.
#include "tests/fault_table.h"

#include <string.h>

const struct fault faults[FAULT_COUNT] = {
#define FAULT(name, group, clause, charsets, sentence)                                             \
    {#name, #group, clause, charsets, sentence, "", ""},
#define FAULT_UNIX(name, group, clause, charsets, sentence, reason)                                \
    {#name, #group, clause, charsets, sentence, "Unix", reason},
#define FAULT_WINDOWS(name, group, clause, charsets, sentence, reason)                             \
    {#name, #group, clause, charsets, sentence, "Windows", reason},
#include "conformance/faulty/faults.def"
#undef FAULT
#undef FAULT_UNIX
#undef FAULT_WINDOWS
};

// What is wrong only with several connections shows in the scenarios that have them.
static const char *const usual_scenarios[] = {"mixed", "empty"};
static const char *const several_scenarios[] = {"connections-1-2-4-8", "events-connections"};

// Only there do names have letters that another case could be made of.
static const char *const spelt_scenarios[] = {TCK_SOURCE_DIR "/tests/upper-case.yaml", "empty"};

// There a session comes back by another portal.
static const char *const returning_scenarios[] = {"single", "events-given-up"};

// Sessions of up to eight connections, and one that has none.
static const char *const ex_scenarios[] = {"connections-1-2-4-8", "connections-4"};
// More than a byte can count.
static const char *const many_scenarios[] = {"single", "sessions-257"};

// Several targets, of one disk and of more.
static const char *const items_scenarios[] = {"mixed", "luns"};

const char *const *fault_scenarios(const struct fault *fault)
{
    static const char *const items[] = {"targets", "devices", "mappings", "initiators", "portals"};
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++)
        if (strcmp(fault->file, items[i]) == 0)
            return items_scenarios;
    if (strcmp(fault->charsets, "EX") == 0)
        return strstr(fault->name, "_in_a_byte") != NULL ? many_scenarios : ex_scenarios;
    if (strcmp(fault->clause, "CONTENT-11") == 0)
        return spelt_scenarios;
    if (strcmp(fault->file, "reinstated") == 0)
        return returning_scenarios;
    return strcmp(fault->file, "connections") == 0 ? several_scenarios : usual_scenarios;
}

const struct fault_absence fault_absences[FAULT_ABSENCES] = {
    {"pointers_cut", false, "a pointer has 32 bits"},
    {"offer_rounded_up", false, "a process has no room for a buffer of 0xFFFFFFFF bytes"},
    {"offer_is_signed", true, "Wine leaves no room for a buffer of 0x80000000 bytes"},
    {"offer_has_31_bits", true, "Wine leaves no room for a buffer of 0x80000000 bytes"},
    {"large_is_invalid_address", true, "Wine leaves no room for a buffer of 0x80000000 bytes"},
};
