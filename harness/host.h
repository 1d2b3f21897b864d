// The kit's side of a host: starts the host program with one library, makes calls through it,
// survives whatever the library does, and starts a new one when it died.
#ifndef TCK_HOST_H
#define TCK_HOST_H

#include "emulator/supervisor.h"
#include "harness/call.h"
#include "harness/host/protocol.h"

#include <stddef.h>

struct host;

struct host_options {
    const char *program;       // the host program's path
    const char *library;       // absolute path of the implementation
    const char *session_table; // value of ISCSIDSC_SESSION_TABLE; NULL: unset
    unsigned timeout_ms;       // for one call, and for loading
};

// One call with its outcome; `bytes` malloc'ed, owned by the receiver, NULL when byte_count is 0.
typedef void host_receiver(void *argument, size_t index, unsigned thread,
                           const struct outcome *outcome, uint8_t *bytes);

// Starts a host and waits for its HELLO. -1 with `failure` (STATUS_UNTRUSTED) when it can't be
// started or the library can't be loaded: the loader's words, what it printed, and whether loading
// crashed or hung.
int host_start(struct host **host, struct supervisor *supervisor,
               const struct host_options *options, struct failure *failure);

// What it said of itself and the library.
const struct hello *host_hello(const struct host *host);

// Makes `count` calls (any number: batches are cut to CALLS_MAX) in order, one after the other, and
// hands each outcome to `receive` in order: exactly `count` of them. When the host dies or hangs in
// a call, that call's outcome says so, a new host is started and goes on with the next one. After
// HOST_FAULTS_MAX deaths (fault, end, damage) within one host_calls, or HOST_HANGS_MAX hangs over
// the life of `host`, the calls left are OUTCOME_NOT_TRIED. -1 with `failure` only when the run
// can't be trusted: the supervisor's trouble or signal, or a host that can't be started again.
enum { HOST_FAULTS_MAX = 8, HOST_HANGS_MAX = 3 };
int host_calls(struct host *host, const struct call *calls, size_t count, host_receiver *receive,
               void *argument, struct failure *failure);

// The end of what the library printed during the last call that did not return, or of the present
// host: for reports. Valid until the next call.
const char *host_said(const struct host *host);

// Calls made so far over all hosts.
unsigned long long host_call_count(const struct host *host);

// Ends the host process and frees. NULL is allowed.
void host_stop(struct host *host);

#endif
