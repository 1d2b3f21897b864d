// The sets of probes: which calls are made for which purpose. A set is named by the clauses that
// need it, and run once per scenario and charset however many need it.
#ifndef TCK_PROBES_H
#define TCK_PROBES_H

#include "conformance/transcript/circumstance.h"
#include "conformance/transcript/transcript.h"
#include "emulator/emulator.h"
#include "harness/driver/host.h"
#include "harness/probes/hangs.h"

struct probing {
    struct host *host;
    struct emulator *emulator; // for the sets that change the topology
    struct supervisor *supervisor;
    struct damage_growth *growth; // of the session table, while it grows
    struct transcript *transcript;
    const struct truth *truth;
    enum charset charset;
    const char *effort;
    uint32_t required; // what the first queries said is required; the truth's own estimate where
                       // they said nothing of use
    uint32_t structure_size;             // of an ISCSI_SESSION_INFO in the host
    const char *set;                     // the set under way
    bool hostile;                        // it is one of those that come last
    const char *way;     // of damage, or form of arguments, that is tried; NULL: none
    struct hangs *hangs; // what hung before; of the run
    const struct topology_event *events; // that are under way while calls are made
    size_t event_count;
    const char
        *circumstance; // of the calls to come (see circumstance.h); NULL: nothing has happened
    struct failure *failure;
};

struct probe_set {
    const char *name;
    const char *sentence; // what is called, for `explain`
    // Makes its calls into the transcript. 0, or -1 with probing->failure (the run can't be
    // trusted). NULL: PROBE_SET_EVENTS, see probe_events.
    int (*run)(struct probing *probing);
    // An implementation may hang or crash over it: it is run after all else, for both functions.
    bool last;
};

// Has the scenario's events happen, those before all calls excepted, and makes the calls of each of
// `probings`, one for each charset, around them. As probe_set's run.
int probe_events(struct probing *probings, size_t count);

// In the order in which they are run; ended by an entry whose name is NULL. The first is "query",
// always run: it finds what the others build on. How often something is to be done that is done
// `times` times with a list of up to 64 KiB: of a larger one fewer times in proportion, so that a
// set takes about as long, and at least `least` times. A call takes as long as its list is large,
// and what a probe finds at a size it finds with fewer calls too.
uint32_t probe_times(const struct probing *probing, uint32_t times, uint32_t least);

extern const struct probe_set probe_sets[];

// Takes what the scenario's events left behind for the topology that the probes to come are made on.
int probe_refresh(struct probing *probing);

const struct probe_set *probe_set_find(const char *name);

#endif
