// SPDX-License-Identifier: Apache-2.0
// What the parts of an expansion share: its state, how they report mistakes, and the names of a
// file's entries, by which others refer to them.
#ifndef TCK_NAMES_H
#define TCK_NAMES_H

#include "emulator/scenario/scenario_file.h"
#include "emulator/scenario/topology.h"

// A word of the file and the entry that it stands for.
struct word {
    const char *text;
    size_t index;
};

// Words in alphabetical order.
struct words {
    struct word *list;
    size_t count;
};

// What one entry of a list of the file became: `count` in a row from `first` on.
struct group {
    size_t first;
    size_t count;
};

// A list of the file whose entries have names and may stand for several: targets, initiators.
struct named_list {
    const char *name; // "targets"
    size_t max;       // how many all entries together may stand for
    size_t entry_count;
    struct group *groups; // one for each entry
    struct words ids;     // of the entries: the "id", else the name or pattern
    size_t total;         // of all groups
};

struct expansion {
    const struct scenario_file *file;
    const struct scenario_node *node;
    struct topology *topology;
    struct failure *failure;
    struct named_list targets;
    struct named_list initiators;
    char **initiator_names;       // one for each initiator; those not reached yet are NULL
    size_t allowed_count;         // initiator names in ACLs so far
    size_t further_count;         // further connections so far
    size_t *session_entries;      // which entry of the file's sessions a session came from
    struct group *session_groups; // what each entry of them became; of normal ones only
};

// Says that something is wrong with the node at `path` (see yaml_tree_find). Returns -1 always.
int expansion_problem(const struct expansion *expansion, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Says that memory ran out. Returns -1 always.
int expansion_no_memory(const struct expansion *expansion);

// calloc of at least one, so that NULL always means that memory ran out, which it says.
void *expansion_array(const struct expansion *expansion, size_t count, size_t size);

// The line of the node at `path`, for messages.
size_t expansion_line(const struct expansion *expansion, const char *path);

// As scenario_file_number; `*number` is `without` where the file gives none.
int expansion_number(const struct expansion *expansion, const char *path, const uint32_t *value,
                     uint32_t without, uint32_t least, uint32_t greatest, uint32_t *number);

// Is `name` a name of the kit's own, of a scenario or an instance? It becomes part of file names
// and commands. 0, or -1 with the expansion's failure.
int names_check_label(const struct expansion *expansion, const char *path, const char *name);

// How an entry is named in the file; what is not there is NULL.
struct entry_naming {
    const char *id;
    const char *name;
    const char *pattern;
    const uint32_t *count;
};

// Fills the list's groups and ids, which expansion_make frees: how many each entry stands for, and
// by which id it is referred to. `list` has its name, maximum and count of entries. 0, or -1 with
// the expansion's failure.
int names_measure(struct expansion *expansion, struct named_list *list,
                  struct entry_naming (*naming)(const struct scenario_node *node, size_t entry));

// Are all iSCSI names different that `name_of` gives for 0 to `total` - 1, also without regard to
// the case of ASCII letters? 0, or -1 with the expansion's failure.
int names_check_differ(const struct expansion *expansion, const struct named_list *list,
                       const char *(*name_of)(const struct expansion *expansion, size_t index));

// The entry that has that id; -1 with the expansion's failure when there is none: `what` is
// unknown.
int names_find(const struct expansion *expansion, const struct named_list *list, const char *path,
               const char *what, const char *id, size_t *entry);

// Does a pattern have the {n} that the number replaces?
bool pattern_has_number(const char *text);

// The pattern with each {n} replaced by `number`; malloc'ed. NULL: memory ran out.
char *pattern_fill(const char *pattern, size_t number);

#endif
