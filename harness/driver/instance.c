// SPDX-License-Identifier: Apache-2.0
// A running host, here or behind a listener.
#include "harness/driver/instance.h"

#include "conformance/base/text.h"
#include "emulator/process/held_files.h"
#include "harness/driver/room.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct instance {
    struct process *process; // here
    bool in_room;            // that is the first process of its room
    pid_t pid;               // the host's; 0: not known yet
    uint64_t exceeded;       // the limit of memory for which it was ended; 0: it was not
    struct remote *remote;   // or there
    instance_ended *ended;
    void *argument;
};

static struct instance *allocate(struct failure *failure)
{
    struct instance *instance = calloc(1, sizeof *instance);
    if (instance == NULL)
        failure_set(failure, STATUS_UNTRUSTED, "host: out of memory");
    return instance;
}

static void on_ended(struct process *process, int wait_status, void *argument)
{
    struct instance *instance = argument;
    (void)process;
    (void)wait_status;
    instance->ended(instance, instance->argument);
}

int instance_start_here(struct instance **result, struct supervisor *supervisor,
                        const struct process_options *options, bool in_room, instance_ended *ended,
                        void *argument, struct failure *failure)
{
    struct instance *instance = allocate(failure);
    struct process_options own = *options;
    *result = NULL;
    if (instance == NULL)
        return -1;
    own.ended = on_ended;
    own.argument = instance;
    own.ends_whole = own.has_word = in_room;
    instance->ended = ended;
    instance->argument = argument;
    instance->in_room = in_room;
    if (process_start(&instance->process, supervisor, &own, failure) != 0) {
        free(instance);
        return -1;
    }
    *result = instance;
    return 0;
}

int instance_start_there(struct instance **result, struct remote *remote, struct failure *failure)
{
    *result = allocate(failure);
    if (*result == NULL)
        return -1;
    (*result)->remote = remote;
    return 0;
}

bool instance_running(const struct instance *instance)
{
    if (instance->process != NULL)
        return process_running(instance->process);
    const struct relay_exit *end = remote_end(instance->remote);
    return end == NULL || end->how == RELAY_END_CHANNEL;
}

struct instance_end instance_how_ended(const struct instance *instance)
{
    if (instance->process != NULL) {
        int status = process_wait_status(instance->process);
        uint64_t exceeded =
            WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? instance->exceeded : 0;
        return WIFSIGNALED(status)
                   ? (struct instance_end){true, WTERMSIG(status), 0, exceeded}
                   : (struct instance_end){false, 0, (unsigned)WEXITSTATUS(status), 0};
    }
    const struct relay_exit *end = remote_end(instance->remote);
    return end->how == RELAY_END_SIGNAL ? (struct instance_end){true, (int)end->code, 0, 0}
                                        : (struct instance_end){false, 0, end->code, 0};
}

void instance_describe_end(const struct instance *instance, char *text, size_t size)
{
    enum { CODES_MAX = 256 }; // of exit codes that a wait status can have
    struct instance_end end = instance_how_ended(instance);
    if (end.by_signal)
        process_describe_end(W_EXITCODE(0, end.signal_number & 0x7F), text, size);
    if (end.memory_limit != 0)
        report_append(text, size,
                      " by the kit, because it held more than %" PRIu64 " MiB of memory,",
                      end.memory_limit >> 20);
    if (end.by_signal)
        return;
    if (end.exit_code < CODES_MAX)
        process_describe_end(W_EXITCODE((int)end.exit_code, 0), text, size);
    else
        snprintf(text, size, "exited with status 0x%08" PRIX32, end.exit_code);
}

ssize_t instance_receive(struct instance *instance, int channel, void *into, size_t room)
{
    return instance->remote != NULL ? remote_receive(instance->remote, into, room)
                                    : recv(channel, into, room, MSG_DONTWAIT);
}

bool instance_lost(const struct instance *instance, bool late, struct failure *failure)
{
    return instance->remote != NULL && remote_failed(instance->remote, late, failure);
}

const struct relay_answer *instance_listener(const struct instance *instance)
{
    return instance->remote != NULL ? remote_answer(instance->remote) : NULL;
}

// 0 as long as a room has no host.
static pid_t find_pid(struct instance *instance)
{
    if (instance->pid == 0)
        instance->pid = instance->in_room ? room_tenant(process_pid(instance->process))
                                          : process_pid(instance->process);
    return instance->pid;
}

uint64_t instance_memory(struct instance *instance)
{
    return instance->remote != NULL ? remote_memory(instance->remote).now
                                    : process_memory(find_pid(instance));
}

uint64_t instance_peak_memory(struct instance *instance)
{
    return instance->remote != NULL ? remote_memory(instance->remote).peak
                                    : process_peak_memory(find_pid(instance));
}

// A file in memory counts where it is open and where it is mapped, but not twice.
static uint64_t memory_once(pid_t pid, uint64_t files)
{
    uint64_t all = process_memory_once(pid);
    uint64_t mapped = process_memory_mapped(pid);
    return files > mapped ? all - mapped + files : all;
}

void instance_limit_memory(struct instance *instance, uint64_t most)
{
    pid_t pid = instance->remote == NULL ? find_pid(instance) : 0;
    uint64_t files = pid > 0 ? held_files(process_pid(instance->process)) : 0;
    if (pid <= 0 || process_memory(pid) + files <= most)
        return;
    int fd = pidfd_open(pid, 0);
    bool without = fd < 0 && errno == ENOSYS;
    // Of the one that was opened.
    if ((fd >= 0 || without) && memory_once(pid, files) > most &&
        (without ? kill(pid, SIGKILL) : pidfd_send_signal(fd, SIGKILL, NULL, 0)) == 0)
        instance->exceeded = most;
    if (fd >= 0)
        close(fd);
}

size_t instance_printed(struct instance *instance)
{
    return instance->remote != NULL ? remote_printed(instance->remote)
                                    : process_printed(instance->process);
}

const char *instance_said(struct instance *instance)
{
    return instance_said_since(instance, 0);
}

const char *instance_said_since(struct instance *instance, size_t mark)
{
    return instance->remote != NULL ? remote_said_since(instance->remote, mark)
                                    : process_said_since(instance->process, mark);
}

const char *instance_said_first(struct instance *instance)
{
    return instance->remote != NULL ? remote_said_first(instance->remote)
                                    : process_said_first(instance->process);
}

bool instance_host_said_why(struct instance *instance)
{
    return strstr(instance_said(instance), HOST_SAYS) != NULL;
}

const char *instance_word(struct instance *instance)
{
    return instance->process != NULL ? process_word(instance->process) : "";
}

bool instance_ended_whole(const struct instance *instance)
{
    return instance->process != NULL && process_ended_whole(instance->process);
}

void instance_kill(struct instance *instance)
{
    if (instance->process != NULL)
        process_kill(instance->process);
}

void instance_destroy(struct instance *instance)
{
    if (instance == NULL)
        return;
    process_destroy(instance->process);
    remote_free(instance->remote);
    free(instance);
}
