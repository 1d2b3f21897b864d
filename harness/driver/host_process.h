// SPDX-License-Identifier: Apache-2.0
// The process of a host.
#ifndef TCK_HOST_PROCESS_H
#define TCK_HOST_PROCESS_H

#include "harness/driver/host_state.h"

// Starts one, whose channel is not read yet. 0, or -1 with `failure`; then there is none.
int host_process_start(struct host *host, instance_ended *ended, struct failure *failure);

// Ends the present process, if there is one, and keeps what it said. Nothing is waited for then.
void host_process_drop(struct host *host);

// Takes note of the memory that the present process has held at most.
void host_process_note_peak(struct host *host);

// Ends the present process (SIGKILL) if it holds more memory than any library needs.
// The folder that a table or a service's socket is in, malloc'ed, for a host in a room; NULL: none.
char *host_process_folder_of(const char *address);
// Private memory has a limit in the kernel, 2 GiB, at which the library is told. That does not
// count memory that is shared. What a sparse buffer can take is in this one.
#define HOST_MEMORY_MAX (UINT64_C(3) << 30)
// Ends the process if it holds more than the host may.
void host_process_limit_memory(struct host *host);
// Frees what its rooms needed; after the last process.
void host_process_free_room(struct host *host);
// Could its room not be made, has the host ended because it had no memory or no threads for itself,
// or did the kernel end it because memory or processor time ran out? That is nobody's failure: then
// `host->failure` says so, and the process is dropped.
bool host_process_ran_out(struct host *host);

// Ends a process that sent no HELLO, and says in host->failure why.
void host_process_describe_silence(struct host *host, enum cause cause);

// May Wine itself have failed to start the process, whose HELLO did not come? It is worth one more
// attempt; a library that ends its process so does it again.
bool host_process_deserves_another(const struct host *host, enum cause cause);

// Adds to host->failure what the process that ended last had printed, if anything.
void host_add_said(struct host *host);

// Neither the channel nor the clock is looked at any more.
void host_wait_for_nothing(struct host *host);

// Frees a handle that was allocated by itself: for uv_close.
void host_free_handle(uv_handle_t *handle);

#endif
