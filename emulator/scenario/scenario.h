// SPDX-License-Identifier: Apache-2.0
// A scenario file: loaded, validated, expanded.
#ifndef TCK_SCENARIO_H
#define TCK_SCENARIO_H

#include "conformance/base/failure.h"
#include "emulator/scenario/topology.h"

struct scenario {
    char *path;      // the file it came from
    char *name;      // letters, digits, '-'; the stable identifier
    char *summary;   // one sentence
    char *why;       // why it matters; one or several sentences
    char *set;       // the named set it belongs to: "standard" or "scale"
    char digest[17]; // 16 hex digits over the file's bytes: tells results of different files apart
    struct topology topology;
};

// Loads the file at `path`. 0 and `*scenario`, owned by the caller; or -1 with `failure`
// (STATUS_USAGE): "PATH:LINE:COLUMN: what is wrong and what would be right", and nothing else done.
int scenario_load(struct scenario **scenario, const char *path, struct failure *failure);

// NULL is allowed.
void scenario_free(struct scenario *scenario);

// Loads by name or path: a text with a '/' or ending in ".yaml" is a path, else a scenario of that
// name is looked up in `folder`, in the file NAME.yaml. An unknown name's failure lists the known
// ones.
int scenario_find(struct scenario **scenario, const char *folder, const char *name_or_path,
                  struct failure *failure);

// Loads every scenario of `folder` whose set is `set` ("all": every one), those with few sessions
// first, equal ones in the order of their names. `*scenarios` is malloc'ed, each entry and the
// array owned by the caller. An unknown or empty set, a bad file, or one that isn't called what its
// scenario is called, is a failure.
int scenario_load_set(struct scenario ***scenarios, size_t *count, const char *folder,
                      const char *set, struct failure *failure);

#endif
