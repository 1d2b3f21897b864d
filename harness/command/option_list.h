// SPDX-License-Identifier: Apache-2.0
// The options of a command as one list, made from its argp structures: what is not tied to parsing
// needs them, too (hints, the configuration file, manual pages, completion).
#ifndef TCK_OPTION_LIST_H
#define TCK_OPTION_LIST_H

#include "conformance/base/failure.h"

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

struct option_entry {
    const char *name;     // without dashes; borrowed, as are the other texts
    char letter;          // '\0': it has none
    const char *argument; // "FILE"; NULL: it takes none
    const char *sentence;
    int group; // as argp has it, where smaller ones come first
};

struct option_list {
    struct option_entry *items; // in the order of argp's help
    size_t count;
};

// The command's own options, those of its children, and argp's (help, usage, version). 0, or -1
// with `failure`: memory ran out.
int option_list_make(struct option_list *list, const struct argp *argp, struct failure *failure);
void option_list_free(struct option_list *list);

// NULL: there is none of that name.
const struct option_entry *option_list_find(const struct option_list *list, const char *name);

// The words that the option takes, up to a NULL; NULL: others, too.
const char *const *option_words(const char *name);

// Called for each option that is given, in order; `value` is NULL where it takes none.
typedef int option_given(void *argument, const struct option_entry *option, const char *value);

// What a command line has.
enum option_scan {
    SCAN_RIGHT, // as far as can be said without parsing it
    SCAN_HELP,  // -h, which stands for --help
    SCAN_WRONG, // an option that there is not: `failure` has its nearest
};

// Looks through a command line without changing it. `first`: only what comes before the first
// argument that is no option. `given` may be NULL; anything but 0 that it returns ends the scan as
// SCAN_WRONG, where `failure` is the callee's. What is wrong in another way is argp's to say.
enum option_scan option_list_scan(const struct option_list *list, int argc, char **argv, bool first,
                                  option_given *given, void *argument, struct failure *failure);

#endif
