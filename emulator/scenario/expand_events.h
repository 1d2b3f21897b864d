// The events of a scenario file: their references resolved, and their course played through, so
// that what can't happen (a logout of a session that is not logged in) is an error in the file.
#ifndef TCK_EXPAND_EVENTS_H
#define TCK_EXPAND_EVENTS_H

#include "emulator/scenario/scenario_file.h"
#include "emulator/scenario/topology.h"

// What one entry of a list of the file became: `count` in a row from `first` on.
struct group {
    size_t first;
    size_t count;
};

// What the entries of the file became in the topology, one for each of a list.
struct event_names {
    const struct group *targets;
    const struct group *sessions; // an entry of refused or discovery sessions became none
};

// Adds the file's events to the topology, which is complete but for them, and says of each session
// what it is like at first. 0; or -1 with `failure` (STATUS_USAGE, "PATH:LINE:COLUMN: ...").
int expansion_add_events(struct topology *topology, const struct scenario_file *file,
                         const struct event_names *names, struct failure *failure);

#endif
