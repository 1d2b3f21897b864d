// What a set of probes works with.
#ifndef TCK_PROBING_H
#define TCK_PROBING_H

#include "conformance/transcript/transcript.h"
#include "emulator/emulator.h"
#include "harness/driver/host.h"
#include "harness/probes/hangs.h"

enum { LARGE_LIST = 16384 }; // bytes: with a larger list less is tried

struct probing {
    struct host *host;
    struct emulator *emulator; // for the sets that change the topology
    struct supervisor *supervisor;
    struct damage_growth *growth; // of the session table, while it grows
    struct transcript *transcript;
    const struct truth *truth;
    enum charset charset;
    const char *effort;
    uint32_t required; // the size in the first queries' answer; an estimate by the truth where that
                       // is of no use
    uint32_t absurd;   // the size asked for, if that is beyond all sense; else 0
    uint32_t structure_size;             // of an ISCSI_SESSION_INFO in the host
    const char *set;                     // the set under way
    bool hostile;                        // it is one of those that come last
    const char *way;                     // of damage, or form of arguments; NULL: none
    struct hangs *hangs;                 // of the whole run
    const struct topology_event *events; // to make happen during the calls
    size_t event_count;
    const char
        *circumstance; // of the calls to come (see circumstance.h); NULL: nothing has happened
    struct failure *failure;
};

// How often to repeat something that is repeated `times` times with a list of up to LARGE_LIST
// bytes: with a larger list fewer times in proportion, because a call takes longer with a larger
// list, and at least `least` times. Large lists need no more calls to find what small ones find.
uint32_t probe_times(const struct probing *probing, uint32_t times, uint32_t least);

#endif
