// SPDX-License-Identifier: Apache-2.0
// Starts and ends the process of a host.
#include "harness/driver/host_process.h"

#include "emulator/process/control_group.h"
#include "emulator/process/transfer.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CHANNEL_AS = 3,        // the host moves it elsewhere
    REPORT_KEPT = 1 << 16, // bytes of output: a sanitizer's report, whole
};

// A library that eats memory ends itself, not the kit. Sparse buffers, which are up to 4 GiB, count
// under Wine.
#ifdef __SANITIZE_THREAD__ // the host, too: ThreadSanitizer maps what no limit allows
static const size_t data_limit = 0;
#else
static const size_t data_limit = (size_t)2 << 30;
#endif
static const size_t wine_data_limit = (size_t)7 << 30;

void host_free_handle(uv_handle_t *handle)
{
    free(handle);
}

void host_wait_for_nothing(struct host *host)
{
    host->phase = PHASE_IDLE;
    uv_timer_stop(host->clock);
    if (host->watch != NULL)
        uv_poll_stop(host->watch);
}

void host_process_note_peak(struct host *host)
{
    uint64_t peak = host->process != NULL ? instance_peak_memory(host->process) : 0;
    if (host->peak_memory < peak)
        host->peak_memory = peak;
}

void host_process_limit_memory(struct host *host)
{
    if (host->process != NULL && !host->sanitizer.any_memory && host->wine == NULL)
        instance_limit_memory(host->process, host->memory_max);
}

void host_process_drop(struct host *host)
{
    host_wait_for_nothing(host);
    host_process_note_peak(host);
    if (host->watch != NULL)
        uv_close((uv_handle_t *)host->watch, host_free_handle);
    host->watch = NULL;
    if (host->channel >= 0)
        close(host->channel);
    host->channel = -1;
    free(host->frame.bytes);
    host->frame = (struct frame){0};
    host->told = (struct told_fault){0};
    host->inbox_from = host->inbox_to = 0;
    if (host->process != NULL) {
        instance_kill(host->process);
        free(host->said);
        host->said = strdup(instance_said(host->process));
        host->network_left = instance_ended_whole(host->process);
        instance_destroy(host->process);
    }
    host->process = NULL;
}

static int watch_channel(struct host *host, struct failure *failure)
{
    uv_poll_t *watch = calloc(1, sizeof *watch);
    if (watch == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "host: out of memory");
    int error = uv_poll_init(supervisor_loop(host->supervisor), watch, host->channel);
    if (error != 0) {
        free(watch);
        return failure_set(failure, STATUS_UNTRUSTED, "host: its channel can't be watched: %s",
                           uv_strerror(error));
    }
    watch->data = host;
    host->watch = watch;
    return 0;
}

// Wine for 64 bits is linked to a fixed address, and needs a page at another one, 0x7FFE0000. The
// kernel draws where the heap begins: in one of 5,000 processes it lay there, and Wine ended with
// exit code 1. So nothing is drawn; where a container does not allow that, see below.
enum { WINE_EXIT_NO_ROOM = 1 };

bool host_process_deserves_another(const struct host *host, enum cause cause)
{
    if (host->wine == NULL || cause != CAUSE_ENDED || host->started_again)
        return false;
    struct instance_end end = instance_how_ended(host->process);
    return !end.by_signal && end.exit_code == WINE_EXIT_NO_ROOM;
}

// The frames of both sides have the nonce from now on. One that has ended already is found later.
static int begin_frames(const struct host *host)
{
    uint8_t bytes[FRAME_HEADER_SIZE];
    const struct frame_header header = {host->nonce, FRAME_BEGIN, 0};
    int size = frame_header_encode(bytes, sizeof bytes, &header);
    return size > 0 && (transfer_send(host->channel, bytes, (size_t)size,
                                      (int)(host->timeout_ms & INT_MAX)) == 0 ||
                        errno == EPIPE || errno == ECONNRESET)
               ? 0
               : -1;
}

// Making a network takes as long as half of the rest of a room. The next host may have the last
// one's where nothing there tells of that: no process, no socket, nothing that was sent.
static int furnish_network(struct host *host, struct failure *failure)
{
    if (host->room == NULL || !host->room->has_networks)
        return 0;
    if (host->network.space != 0 && host->network_left && network_is_fresh(&host->network))
        return 0;
    network_drop(&host->network);
    return network_make(&host->network, failure);
}

void host_process_free_room(struct host *host)
{
    network_drop(&host->network);
    for (size_t i = 0; i < ROOM_SHOWN_MAX; i++)
        free(host->shown[i]);
}

// Of this machine.
static int start_here(struct host *host, instance_ended *ended, struct failure *failure)
{
    int pair[2];
    char channel[12];
    char word[12];
    if (furnish_network(host, failure) != 0)
        return -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "host: no channel can be made for it: %s",
                           strerror(errno));
    snprintf(channel, sizeof channel, "%d", CHANNEL_AS);
    snprintf(word, sizeof word, "%d", CHANNEL_AS + 1);
    const char *host_arguments[] = {host->cpu_emulator, host->program, channel, host->library,
                                    NULL};
    const char *arguments[ROOM_ARGUMENTS_MAX + sizeof host_arguments / sizeof *host_arguments];
    const char *environment[SANITIZER_VARIABLES + WINE_VARIABLES + 3] = {NULL};
    size_t count = 0;
    char *windows_path = host->wine != NULL ? wine_path(host->library) : NULL;
    if (host->wine != NULL) {
        snprintf(channel, sizeof channel, "fd:%x", CHANNEL_AS);
        host_arguments[0] = wine_loader(host->wine);
        host_arguments[3] = windows_path;
        for (const char *const *at = wine_environment(host->wine); *at != NULL; at++)
            environment[count++] = *at;
    }
    if (host->environment != NULL)
        environment[count++] = host->environment;
    if (host->initiator != NULL)
        environment[count++] = host->initiator;
    for (size_t i = 0; host->sanitizer.environment[i] != NULL; i++)
        environment[count++] = host->sanitizer.environment[i];
    size_t memory = host->sanitizer.any_memory ? 0
                    : host->wine != NULL       ? wine_data_limit
                                               : data_limit;
    size_t in_room =
        host->room == NULL
            ? 0
            : room_arguments(host->room, (const char *const *)host->shown, word, arguments);
    size_t first = host_arguments[0] == NULL ? 1 : 0;
    memcpy(arguments + in_room, host_arguments + first,
           sizeof host_arguments - first * sizeof *host_arguments);
    struct process_options options = {.arguments = arguments,
                                      .environment = environment,
                                      .channel = pair[1],
                                      .channel_as = CHANNEL_AS,
                                      .network = host->network.space,
                                      .data_limit = memory,
                                      .fixed_addresses = host->wine != NULL,
                                      .output_kept = host->sanitizer.found ? REPORT_KEPT : 0};
    host->channel = pair[0];
    int result = host->wine != NULL && windows_path == NULL
                     ? failure_set(failure, STATUS_UNTRUSTED, "host: out of memory")
                     : instance_start_here(&host->process, host->supervisor, &options,
                                           host->room != NULL, ended, host, failure);
    free(windows_path);
    close(pair[1]);
    if (result == 0 && begin_frames(host) != 0)
        result = failure_set(failure, STATUS_UNTRUSTED, "host: its channel takes no frame: %s",
                             strerror(errno));
    return result;
}

// Behind a listener.
static int start_there(struct host *host, struct failure *failure)
{
    struct remote *remote = NULL;
    const char *value = host->environment != NULL ? strchr(host->environment, '=') : NULL;
    enum relay_table table_is = host->environment == NULL ? RELAY_TABLE_KEEP
                                : value == NULL           ? RELAY_TABLE_UNSET
                                                          : RELAY_TABLE_SET;
    if (remote_start(&remote, host->remote, host->nonce, host->seat, table_is,
                     value != NULL ? value + 1 : NULL, &host->channel, failure) != 0)
        return -1;
    if (instance_start_there(&host->process, remote, failure) == 0)
        return 0;
    remote_free(remote);
    return -1;
}

int host_process_start(struct host *host, instance_ended *ended, struct failure *failure)
{
    if (getrandom(&host->nonce, sizeof host->nonce, 0) != (ssize_t)sizeof host->nonce)
        return failure_set(failure, STATUS_UNTRUSTED, "host: no random number for it: %s",
                           strerror(errno));
    host->memory_kills = control_group_memory_kills(NULL);
    host->refusals = control_group_refusals(NULL);
    int result =
        host->remote != NULL ? start_there(host, failure) : start_here(host, ended, failure);
    if (result == 0)
        result = watch_channel(host, failure);
    if (result != 0)
        host_process_drop(host);
    return result;
}

char *host_process_folder_of(const char *address)
{
    const char *path = address != NULL ? strchr(address, '/') : NULL;
    char *folder = path != NULL ? strndup(path, (size_t)(strrchr(path, '/') - path)) : NULL;
    if (folder == NULL && path != NULL)
        failure_no_memory();
    return folder;
}

// Then the library was not there yet.
static bool had_no_room(struct host *host)
{
    const char *word = instance_word(host->process);
    if (word[0] == '\0')
        return false;
    failure_set(&host->failure, STATUS_UNTRUSTED,
                "host: its room cannot be made: %s (--isolation none does without)", word);
    host_process_drop(host);
    return true;
}

bool host_process_ran_out(struct host *host)
{
    if (instance_running(host->process))
        return false;
    if (had_no_room(host))
        return true;
    struct instance_end end = instance_how_ended(host->process);
    bool by_kernel = end.by_signal && end.signal_number == SIGKILL && end.memory_limit == 0 &&
                     host->remote == NULL && control_group_memory_kills(NULL) > host->memory_kills;
    struct rlimit processor;
    bool too_long = end.by_signal && end.signal_number == SIGXCPU && host->remote == NULL &&
                    getrlimit(RLIMIT_CPU, &processor) == 0 && processor.rlim_cur != RLIM_INFINITY;
    bool by_itself = !end.by_signal && end.exit_code == HOST_EXIT_MEMORY &&
                     instance_host_said_why(host->process);
    if (!by_kernel && !too_long && !by_itself)
        return false;
    bool refused =
        by_itself && host->remote == NULL && control_group_refusals(NULL) > host->refusals;
    char limit[640] = "";
    if (by_kernel)
        control_group_describe_memory(NULL, limit, sizeof limit);
    host_process_drop(host);
    failure_set(&host->failure, STATUS_UNTRUSTED, "%s%s",
                by_kernel  ? "host: the kernel killed it, because the machine or the control group "
                             "(cgroup) has no more memory: give it more, or run fewer jobs"
                : too_long ? "host: it took all the processor time that the limit (ulimit -t) "
                             "allows: raise it"
                : refused  ? "host: it could not start its threads, because the control group "
                             "(cgroup) has as many as pids.max allows: raise it"
                           : "host: it ended because it had no memory or no threads for the calls",
                limit);
    host_add_said(host);
    return true;
}

void host_process_describe_silence(struct host *host, enum cause cause)
{
    char what[256];
    if (cause == CAUSE_LATE)
        snprintf(what, sizeof what, "loading it did not end within %u ms", host->timeout_ms);
    else if (cause == CAUSE_DAMAGED)
        snprintf(what, sizeof what, "it wrote into the host's channel while it was loaded");
    else if (instance_running(host->process))
        snprintf(what, sizeof what, "it closed the host's channel while it was loaded");
    else {
        char end[128];
        instance_describe_end(host->process, end, sizeof end);
        snprintf(what, sizeof what, "the host %s while it loaded it", end);
    }
    host_process_drop(host);
    const char *remedy = host->sanitizer.found && cause != CAUSE_LATE
                             ? "; it was built with a sanitizer: if /bin/true with the same "
                               "LD_PRELOAD ends so too, that runtime does not work on this machine"
                             : "";
    failure_set(&host->failure, STATUS_UNTRUSTED, "%s: can't be used: %s%s", host->library, what,
                remedy);
    host_add_said(host);
    host->failure.of = FAILURE_OF_IMPLEMENTATION;
}
