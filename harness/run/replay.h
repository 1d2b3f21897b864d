// SPDX-License-Identifier: Apache-2.0
// Makes recorded calls again: of any implementation, without tgtd and without sessions. The
// implementation learns the recorded sessions from a session table. What comes of the calls is a
// transcript like any other.
#ifndef TCK_REPLAY_H
#define TCK_REPLAY_H

#include "conformance/transcript/transcript.h"
#include "harness/driver/host.h"
#include "harness/probes/hangs.h"
#include "harness/result/result.h"

struct replay_options {
    struct supervisor *supervisor;
    struct host_options host; // its session_table is ignored
    const char *folder;       // private to the run: the session table is made there
    struct hangs *hangs;      // of all transcripts that are replayed
};

// Can it be replayed at all? -1 with `failure` (STATUS_USAGE), whose text begins with `path`.
int replay_check(const struct transcript *recorded, const char *path, struct failure *failure);

// Makes the calls of `recorded` in their order, each at the sessions that it met; where these came
// and went meanwhile, they do so again. In as many threads; with the source damaged in the same
// way. What a case says of the size required is found out by a query at the same sessions: one of
// the case, or one that is made before.
// `*replayed` is the caller's, with the host's facts. 0, or -1 with `failure` (STATUS_UNTRUSTED).
int replay_transcript(const struct transcript *recorded, const struct replay_options *options,
                      struct transcript **replayed, struct replay_difference *difference,
                      struct failure *failure);

// The same for many, one after the other, by one host process. A replayer is made and freed with
// replayer_free; the options must outlive it. NULL when memory ran out.
struct replayer;
struct replayer *replayer_create(const struct replay_options *options);
int replayer_run(struct replayer *replayer, const struct transcript *recorded,
                 struct transcript **replayed, struct replay_difference *difference,
                 struct failure *failure);
// Has `work` done once while the calls of the next run are made; not at all where there are few.
void replayer_work_meanwhile(struct replayer *replayer, void (*work)(void *argument),
                             void *argument);
// The next calls are made by a new process, which knows nothing of those before.
void replayer_renew(struct replayer *replayer);
// Are calls of that function no longer made? See host_begin.
bool replayer_gave_up(const struct replayer *replayer, enum charset charset);
void replayer_free(struct replayer *replayer); // NULL is allowed

#endif
