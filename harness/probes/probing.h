// SPDX-License-Identifier: Apache-2.0
// The state that the sets of probes work with: one for each charset in each scenario.
#ifndef TCK_PROBING_H
#define TCK_PROBING_H

#include "conformance/transcript/transcript.h"
#include "emulator/emulator.h"
#include "harness/driver/host.h"
#include "harness/probes/hangs.h"

enum { SUBJECTS_MAX = 64 }; // sessions whose devices are asked for

enum { LARGE_LIST = 16384 }; // bytes; for a larger list fewer calls are made

struct probing {
    struct host *host;
    struct emulator *emulator; // for the sets that change the topology
    struct supervisor *supervisor;
    struct damage_growth *growth; // while the damage is a session table that grows; else NULL
    struct transcript *transcript;
    const struct truth *truth;
    enum charset charset;
    const char *effort;
    // The size required, from the answer to the first query; where that can't be right, an estimate
    // from the truth.
    uint32_t required;
    uint32_t absurd;         // a size required of more than 1 GiB that a query answered; else 0
    uint32_t structure_size; // of an ISCSI_SESSION_INFO in the host
    const char *set;         // the set that is being run
    bool hostile;            // probe_set.last of that set
    const char *way;         // the kind of damage, or form of arguments, being tried; NULL: none
    struct hangs *hangs;     // of the whole run
    const struct topology_event *events; // those that are to happen during the calls
    size_t event_count;
    // What the calls of a function that takes such an argument are about (call.subject), and the
    // size that each requires (see items.h).
    uint8_t subject[SUBJECT_SIZE]; // the next ones; zeros: nothing
    size_t subject_count;
    uint8_t subjects[SUBJECTS_MAX][SUBJECT_SIZE];
    uint32_t subject_required[SUBJECTS_MAX];
    // Other work, which is done once while the host makes calls; NULL: there is none (any more).
    void (*spare)(void *argument);
    void *spare_argument;
    const char *circumstance; // of the next calls (see circumstance.h); NULL: as brought up
    struct failure *failure;
};

// How often to repeat a call. For a list of up to LARGE_LIST bytes: `times`. For a larger list, in
// which each call takes longer: fewer in proportion, but at least `least`.
uint32_t probe_times(const struct probing *probing, uint32_t times, uint32_t least);

#endif
