// SPDX-License-Identifier: Apache-2.0
// A running host: a process of this machine, or one behind a listener. The rest of the driver does
// not ask which of the two it has.
#ifndef TCK_INSTANCE_H
#define TCK_INSTANCE_H

#include "emulator/process/process.h"
#include "harness/driver/remote.h"

struct instance;

// Called from the loop when a process of this machine has ended. The end of one behind a listener
// is found by reading.
typedef void instance_ended(struct instance *instance, void *argument);

// Starts a process here; `options` has no callback. `in_room`: it is a room's, whose host this is
// about. -1 with `failure`.
int instance_start_here(struct instance **instance, struct supervisor *supervisor,
                        const struct process_options *options, bool in_room, instance_ended *ended,
                        void *argument, struct failure *failure);
// Takes a host behind a listener.
int instance_start_there(struct instance **instance, struct remote *remote,
                         struct failure *failure);

bool instance_running(const struct instance *instance);

// How it ended; only when !instance_running.
struct instance_end {
    bool by_signal;
    int signal_number;
    uint32_t exit_code;
    uint64_t memory_limit; // bytes: instance_limit_memory ended it; 0: it did not
};
struct instance_end instance_how_ended(const struct instance *instance);
void instance_describe_end(const struct instance *instance, char *text, size_t size);

// Reads what it wrote into `channel` without waiting, as recv does.
ssize_t instance_receive(struct instance *instance, int channel, void *into, size_t room);

// See remote_failed; false for a process of this machine.
bool instance_lost(const struct instance *instance, bool late, struct failure *failure);

// What the listener said of itself; NULL: there is none, or it said nothing yet.
const struct relay_answer *instance_listener(const struct instance *instance);

// The memory that it holds, and has held at most; 0: not known.
uint64_t instance_memory(struct instance *instance);
uint64_t instance_peak_memory(struct instance *instance);
// Ends the process (SIGKILL) if it holds more than that; its end is seen in the loop. One behind a
// listener is that machine's.
void instance_limit_memory(struct instance *instance, uint64_t most);

// As those of process.h.
size_t instance_printed(struct instance *instance);
const char *instance_said(struct instance *instance);
const char *instance_said_since(struct instance *instance, size_t mark);
const char *instance_said_first(struct instance *instance);

// Has the host itself said why it ended (os_say)? A library can end it with any exit code.
bool instance_host_said_why(struct instance *instance);

// Why there is no room, where that is how it ended; "": it is not. Valid as long as `instance`.
const char *instance_word(struct instance *instance);

// See process_ended_whole; false where it has no room.
bool instance_ended_whole(const struct instance *instance);

// Kills it. One behind a listener is killed when its channel is closed.
void instance_kill(struct instance *instance);

// Kills it and frees. NULL is allowed.
void instance_destroy(struct instance *instance);

#endif
