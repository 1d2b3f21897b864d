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
// way.
// `*replayed` is the caller's, with the host's facts. 0, or -1 with `failure` (STATUS_UNTRUSTED).
int replay_transcript(const struct transcript *recorded, const struct replay_options *options,
                      struct transcript **replayed, struct replay_difference *difference,
                      struct failure *failure);

#endif
