// SPDX-License-Identifier: Apache-2.0
// The options of a command, each with its value and where it comes from: the command line, an
// earlier result, the configuration file. What comes first in this order wins.
#ifndef TCK_SETTINGS_H
#define TCK_SETTINGS_H

#include "harness/command/option_list.h"

struct setting {
    const struct option_entry *option;
    char *value;  // NULL: the option takes none
    char *source; // "command line", "iscsidsc-tck.yaml:3"
    bool typed;   // it stands on the command line
};

struct settings {
    struct option_list options;
    struct setting *items;
    size_t count;
    char **words; // of the command line that they make; see settings_words
    size_t word_count;
};

// Begins with the options of `argp` and what a command line gives of them. 0, or -1 with `failure`.
// Freed with settings_free, also after a failure.
int settings_begin(struct settings *settings, const struct argp *argp, int argc, char **argv,
                   struct failure *failure);
void settings_free(struct settings *settings);

// The first value of the option, "" where it takes none; NULL: it is not given.
const char *settings_value(const struct settings *settings, const char *option);

// The source of the option; NULL: it is not given.
const char *settings_source(const struct settings *settings, const char *option);

// Whether what was added before rules the option out in a lower layer: it is given, or another is
// that answers the same question (scenario and set, login and offline). Ask before the first
// value of a layer is added.
bool settings_displaced(const struct settings *settings, const char *option);

// Adds one. `value` is NULL where the option takes none. 0, or -1 with `failure`: memory ran out.
int settings_add(struct settings *settings, const struct option_entry *option, const char *value,
                 const char *source, struct failure *failure);

// Makes settings->words: argv[0], what was added, and the words of the command line. Ends with a
// NULL, which word_count does not count. 0, or -1 with `failure`.
int settings_words(struct settings *settings, int argc, char **argv, struct failure *failure);

// Puts the place of an option that is wrong, and is not from the command line, into the message
// that refuses it.
void settings_blame(const struct settings *settings, struct failure *failure);

// May the option be given several times?
bool settings_repeats(const char *option);

#endif
