// SPDX-License-Identifier: Apache-2.0
// The kit's side of a host. It starts the host program with one library, has it make calls, and
// receives what came of them. When the host process dies or hangs, a new one is started.
#ifndef TCK_HOST_H
#define TCK_HOST_H

#include "conformance/transcript/call.h"
#include "conformance/transcript/hello.h"
#include "emulator/process/supervisor.h"
#include "harness/driver/receiver.h"

#include <stddef.h>

struct host;
struct login_answer;
struct login_request;
struct remote_options;
struct room;
struct wine;

struct host_options {
    const char *program;       // the host program's path
    const char *library;       // absolute path of the implementation
    const char *session_table; // value of ISCSIDSC_SESSION_TABLE; NULL: unset
    bool own_environment;  // the host has the kit's environment unchanged; session_table is ignored
    const char *initiator; // value of ISCSIDSC_INITIATOR; NULL: as it is in the kit's environment
    unsigned timeout_ms;   // for one call, and for loading
    const struct wine *wine; // the program is a Windows program, run by it; NULL: it is not
    // A program that runs it, as qemu-i386 runs programs of 32 bits; borrowed. It is added to the
    // platform that the HELLO has. NULL: the processor runs it.
    const char *cpu_emulator;
    // It is behind a listener, which knows program and library; `library` is for messages only.
    // NULL: it is not.
    const struct remote_options *remote;
    const struct room *room; // it runs in one of these; borrowed. NULL: as the kit does
    uint64_t memory_max;     // bytes that it may hold, shared memory included; 0: 3 GiB
    bool for_logins; // it is for host_login: a listener can have one such host beside another
};

// Starts a host and waits for its HELLO, which it sends after it loaded the library. -1 with
// `failure` (STATUS_UNTRUSTED) when the host can't be started (`failure->of` is FAILURE_OF_KIT) or
// the library can't be loaded (FAILURE_OF_IMPLEMENTATION): the text has the loader's message, what
// was printed, and whether loading crashed or hung.
int host_start(struct host **host, struct supervisor *supervisor,
               const struct host_options *options, struct failure *failure);

// The facts about host and library that the HELLO had.
const struct hello *host_hello(const struct host *host);

// The path of the library that the listener loads; NULL: there is no listener.
const char *host_remote_library(const struct host *host);

// Begins a batch of `count` calls (any number; the list is copied). It returns at once. `receive`
// is called with the outcomes while the supervisor's loop runs, in host_finish or another wait;
// some outcomes may already be received before this returns. There can be only one batch at a time.
//
// With 1 thread the calls are made one after the other. Each call gets an outcome; a repeated one
// gets an outcome for each run of identical answers. When the host dies or hangs in a call, that
// call's outcome says so, and the rest of its repetition is dropped. A new host is then started for
// the next call. Calls are no longer made, and get OUTCOME_NOT_TRIED, in these cases:
// - The rest of the batch, after HOST_FAULTS_MAX deaths (fault, end, damage) or one hang in it.
// - All calls of one of the two functions, after HOST_FAULTS_IN_A_ROW_MAX deaths in that function
//   over the life of `host` without a call that returned in between. Such a function dies in
//   every kind of call: among so many calls there are queries, fetches and offers too small, and
//   one that dies in some of them only returns from the others.
// - The same, after HOST_FAULTS_LIFE_MAX deaths in all. Such a function dies of something that is
//   tried in hundreds of ways, such as a damaged source.
//
// With more threads (up to THREADS_MAX), all start together. Each makes all calls of the list, in
// order, with buffers of its own. When the host dies or hangs, that is the outcome of the thread
// and call in which it happened, as far as that can be known. Every thread then gets one
// OUTCOME_NOT_TRIED, for the first call that it did not make.
//
// `timeout_ms` of the options is the limit for each call: the longest time that a thread may give
// no answer while the loop runs. With CALL_SPARSE, the time starts again whenever the call has
// touched more of its memory. -1 with `failure` only when the run can't be trusted: memory ran out,
// or the host can't be started again.
int host_begin(struct host *host, const struct call *calls, size_t count, unsigned threads,
               host_receiver *receive, void *argument, struct failure *failure);

// Are calls of that function no longer made (OUTCOME_NOT_TRIED)?
bool host_gave_up(const struct host *host, enum charset charset);

// Have all outcomes been received?
bool host_done(const struct host *host);

// Waits for the end of the batch. -1 with `failure` when the run can't be trusted: trouble or a
// signal (see supervisor.h), or a host that can't be started again. Outcomes that were not received
// by then never are. Without a batch: 0 at once.
int host_finish(struct host *host, struct failure *failure);

// Asks the host to end the batch after the calls in progress. The calls that were not made then get
// no outcome. Does not wait; host_finish does. Does nothing without a batch. 0, or -1 when the host
// can't be asked; host_finish then says why.
int host_stop_calls(struct host *host);

// host_begin with one thread, and host_finish.
int host_calls(struct host *host, const struct call *calls, size_t count, host_receiver *receive,
               void *argument, struct failure *failure);

// Has the library make or end a session, or take notice of a portal, by its own function, and waits
// until it returned. 0 with what it returned, which may be an error, in `*answer`. -1 with
// `failure` (STATUS_UNTRUSTED) when it did not return (`failure->of` is FAILURE_OF_LOGIN;
// the next login or call is made by a new host), when a batch is under way, or as for host_finish.
int host_login(struct host *host, const struct login_request *request, struct login_answer *answer,
               struct failure *failure);

// Ends the host process; the next calls are made by a new one. -1 with `failure`; also during a
// batch, when it is not allowed.
int host_renew(struct host *host, struct failure *failure);

// The same, and in the new one ISCSIDSC_SESSION_TABLE has that value (NULL: is unset). -1 with
// `failure` also when memory runs out.
int host_set_session_table(struct host *host, const char *session_table, struct failure *failure);

// The end of what the library printed during the last call that did not return, or of the present
// host: for reports. Valid until the next call.
const char *host_said(const struct host *host);

// The path of the file of the module in which the last fault happened, as its host says; "": not
// known, or it has not told. Valid until the next call.
const char *host_fault_path(const struct host *host);

// The payload of the STACK that came with the last fault: malloc'ed, the caller's, `*size` bytes;
// NULL: none came, or it was taken.
uint8_t *host_take_stack(struct host *host, size_t *size);

// The first line that the library printed, on standard output or error, during calls that all
// returned; "": none.
const char *host_noise(const struct host *host);

// Calls made so far over all hosts, each of a repetition counted.
unsigned long long host_call_count(const struct host *host);

// The most memory that a host process has held at any time, in bytes. It is read when the kit ends
// a host, and now; hosts that died are not counted. 0: not known.
uint64_t host_peak_memory(struct host *host);

// Ends the host process and frees. NULL is allowed.
void host_stop(struct host *host);

#endif
