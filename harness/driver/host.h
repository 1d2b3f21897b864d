// The kit's side of a host: starts the host program with one library, makes calls through it,
// survives whatever the library does, and starts a new one when it died.
#ifndef TCK_HOST_H
#define TCK_HOST_H

#include "conformance/transcript/call.h"
#include "conformance/transcript/hello.h"
#include "emulator/process/supervisor.h"
#include "harness/driver/receiver.h"

#include <stddef.h>

struct host;
struct remote_options;
struct wine;

struct host_options {
    const char *program;       // the host program's path
    const char *library;       // absolute path of the implementation
    const char *session_table; // value of ISCSIDSC_SESSION_TABLE; NULL: unset
    bool own_environment; // it is left as the kit's own environment has it, whatever stands above
    unsigned timeout_ms;  // for one call, and for loading
    const struct wine *wine; // the program is a Windows program, run by it; NULL: it is not
    // It is behind a listener, which knows program and library; `library` is for messages only.
    // NULL: it is not.
    const struct remote_options *remote;
};

// Starts a host and waits for its HELLO. -1 with `failure` (STATUS_UNTRUSTED) when it can't be
// started or the library can't be loaded: the loader's words, what it printed, and whether loading
// crashed or hung. `failure->of` tells the two apart.
int host_start(struct host **host, struct supervisor *supervisor,
               const struct host_options *options, struct failure *failure);

// What it said of itself and the library.
const struct hello *host_hello(const struct host *host);

// The path of the library that the listener loads; NULL: there is no listener.
const char *host_remote_library(const struct host *host);

// Begins to make `count` calls (any number; the list is copied) and returns: what comes of them is
// handed to `receive` while the supervisor's loop is run, by host_finish or whoever else waits in
// it; some of it may be before this returns. One batch at a time.
//
// With 1 thread the calls are made in order, one after the other, and each is accounted for: by an
// outcome, or, repeated, by as many as there were runs of identical answers. When the host dies or
// hangs in a call, that call's outcome says so (of a repetition, the rest is dropped), a new host
// is started and goes on with the next call. The calls left are OUTCOME_NOT_TRIED after
// HOST_FAULTS_MAX deaths (fault, end, damage) or one hang within one batch; and those of one of the
// two functions, whatever the other does, when over the life of `host` it died
// HOST_FAULTS_IN_A_ROW_MAX times without a call that returned between, or HOST_FAULTS_LIFE_MAX
// times in all.
//
// The first is for a function that dies whatever it is asked: queries, fetches and offers too small
// are among so many calls, so one that dies of some of them only, or now and then, returns from one
// of the others first. The second is for one that dies of what is tried in hundreds of ways, such
// as a damaged source.
//
// With more threads (up to THREADS_MAX), all start together and each makes all calls of the list,
// in order, with buffers of its own. When the host dies or hangs, that is the outcome of the thread
// and call that it happened in, as far as that can be known, and what any thread then has left is
// one OUTCOME_NOT_TRIED, of the first call that it did not make.
//
// `timeout_ms` is the limit for each call: how long a thread may be without an answer while the
// loop is run; with CALL_SPARSE it begins anew as long as the call touches more of its memory. -1
// with `failure` only when the run can't be trusted: out of memory, or a host that can't be started
// again.
int host_begin(struct host *host, const struct call *calls, size_t count, unsigned threads,
               host_receiver *receive, void *argument, struct failure *failure);

// Will calls of that function from now on be OUTCOME_NOT_TRIED?
bool host_gave_up(const struct host *host, enum charset charset);

// Is nothing more to be received?
bool host_done(const struct host *host);

// Waits for the end of the calls that were begun. -1 with `failure` when the run can't be trusted:
// the supervisor's trouble or signal, or a host that can't be started again; what was not received
// by then never is. Without calls begun: 0 at once.
int host_finish(struct host *host, struct failure *failure);

// Asks for an early end after the calls that are under way: what is not made by then is not
// reported. Does not wait; host_finish does. No harm without calls under way. 0, or -1 when the
// host can't be asked, of which host_finish tells what became.
int host_stop_calls(struct host *host);

// host_begin with one thread, and host_finish.
int host_calls(struct host *host, const struct call *calls, size_t count, host_receiver *receive,
               void *argument, struct failure *failure);

// Ends the host process; the next calls are made by a new one. Not while calls are under way: -1
// with `failure` then.
int host_renew(struct host *host, struct failure *failure);

// The same, and in the new one ISCSIDSC_SESSION_TABLE has that value (NULL: is unset). -1 with
// `failure` also when memory runs out.
int host_set_session_table(struct host *host, const char *session_table, struct failure *failure);

// The end of what the library printed during the last call that did not return, or of the present
// host: for reports. Valid until the next call.
const char *host_said(const struct host *host);

// The first line that the library printed, on standard output or error, during calls that all
// returned; "": none.
const char *host_noise(const struct host *host);

// Calls made so far over all hosts, each of a repetition counted.
unsigned long long host_call_count(const struct host *host);

// The most memory that a host process has held at a time, in bytes, looked at when one is ended and
// now; one that ended by itself is not counted. 0: not known.
uint64_t host_peak_memory(struct host *host);

// Ends the host process and frees. NULL is allowed.
void host_stop(struct host *host);

#endif
