// SPDX-License-Identifier: Apache-2.0
// Plays the event sequence of a scenario through: what each event does to sessions, targets and
// instances. What can't happen (a logout of a session that is not logged in) is an error in the
// file.
#ifndef TCK_PLAY_EVENTS_H
#define TCK_PLAY_EVENTS_H

#include "emulator/scenario/names.h"

enum instance_condition {
    RUNNING,
    STOPPED,
    KILLED,
};

// How things stand after the events so far.
struct event_sequence {
    const struct expansion *expansion;
    struct topology *topology;             // the expansion's
    size_t entry;                          // the event under way
    enum topology_session_state *sessions; // one for each of the topology
    uint64_t *dropped;                     // of each session's further connections, a bit each
    enum instance_condition *instances;
    bool *gone; // of each target: deleted
};

// The event under way as the file gives it.
const struct event_node *event_node(const struct event_sequence *sequence);

// Says that something is wrong with the key of the event under way. Returns -1 always.
int event_problem(const struct event_sequence *sequence, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

bool event_is_of_session(enum topology_event_kind kind);

// The instance where the target's sessions are: after a redirection another one than its own.
size_t event_home(const struct topology_target *target);

// Plays the event under way. 0; or -1 with the expansion's failure: it can't happen.
int event_play(struct event_sequence *sequence, const struct topology_event *event);

#endif
