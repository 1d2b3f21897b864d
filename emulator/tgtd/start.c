// SPDX-License-Identifier: Apache-2.0
// Brings an instance up: its folder, its process, and the wait until it can be managed.
#include "emulator/tgtd/start.h"

#include "conformance/base/text.h"
#include "emulator/tgtd/ask.h"
#include "emulator/tgtd/instance.h"
#include "emulator/tgtd/log.h"
#include "emulator/tgtd/ports.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    ATTEMPTS = 8,        // to find free ports
    ASK_WHOLE_MS = 5000, // a tgtadm given less may have had too little time
    ASK_AGAIN_MS = 2,    // between two tries while its socket is there but not open yet
    LOG_KEPT = 16384,
    FOLDERS_MAX = 100000,
};

static const char more_folders[] =
    "/usr/local/sbin:/usr/sbin:/sbin"; // ordinary users' PATH lacks them

static void on_ended(struct process *process, int wait_status, void *argument)
{
    struct tgtd *tgtd = argument;
    if (!tgtd->started)
        return;
    char end[64];
    char log[1024];
    process_describe_end(wait_status, end, sizeof end);
    tgtd_describe_log(tgtd, 0, log, sizeof log);
    supervisor_trouble(tgtd->supervisor, "tgtd \"%s\" (pid %d) %s; it last said: %s", tgtd->name,
                       (int)process_pid(process), end, log);
}

// "portal=127.0.0.1:3260,portal=[::1]:3260"; malloc'ed.
static char *describe_portals(const struct tgtd_portal *portals, size_t count)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        bool six = strchr(portals[i].address, ':') != NULL;
        fprintf(stream, "%sportal=%s%s%s:%u", i == 0 ? "" : ",", six ? "[" : "", portals[i].address,
                six ? "]" : "", portals[i].port);
    }
    return text_close(stream, &text) ? text : NULL;
}

static int launch(struct tgtd *tgtd, const struct tgtd_portal *portals, size_t portal_count,
                  struct failure *failure)
{
    char *listen = describe_portals(portals, portal_count);
    if (tgtd_memory_ran_out(listen, failure))
        return -1;
    const char *const arguments[] = {tgtd->daemon, "-f", "-C", "0", "--iscsi", listen, NULL};
    const char *const environment[] = {tgtd->variable, NULL};
    const struct process_options options = {
        .arguments = arguments,
        .environment = environment,
        .channel = -1,
        .output_kept = LOG_KEPT,
        .many_descriptors = true, // each session is one
        .ended = on_ended,
        .argument = tgtd,
    };
    int result = process_start(&tgtd->process, tgtd->supervisor, &options, failure);
    if (result == 0)
        tgtd->pid = process_pid(tgtd->process);
    free(listen);
    return result;
}

// Watches the folder of the instance's socket: wakes await_answer when something changes there.
struct socket_watch {
    uv_fs_event_t changes;
    uv_timer_t again;
    unsigned open_handles;
    struct tgtd *tgtd;
    bool due; // it is time to ask (again)
};

static void on_change(uv_fs_event_t *handle, const char *name, int events, int status)
{
    (void)handle; // it is enough that the loop turns: the wait asks may_be_asked then
    (void)name;
    (void)events;
    (void)status;
}

static void on_again(uv_timer_t *handle)
{
    ((struct socket_watch *)handle->data)->due = true;
}

static void on_watch_closed(uv_handle_t *handle)
{
    struct socket_watch *watch = handle->data;
    watch->open_handles--;
    if (watch->open_handles == 0)
        free(watch);
}

static bool may_be_asked(void *argument)
{
    struct socket_watch *watch = argument;
    struct stat status;
    if (!process_running(watch->tgtd->process))
        return true;
    return watch->due && stat(watch->tgtd->path, &status) == 0;
}

static struct socket_watch *open_watch(struct tgtd *tgtd, struct failure *failure)
{
    struct socket_watch *watch = calloc(1, sizeof *watch);
    if (tgtd_memory_ran_out(watch, failure))
        return NULL;
    uv_loop_t *loop = supervisor_loop(tgtd->supervisor);
    watch->tgtd = tgtd;
    watch->due = true;
    watch->changes.data = watch;
    watch->again.data = watch;
    uv_timer_init(loop, &watch->again);
    uv_fs_event_init(loop, &watch->changes);
    watch->open_handles = 2;
    // Where no inotify watch is left, the timer alone must do.
    if (uv_fs_event_start(&watch->changes, on_change, tgtd->folder, 0) != 0)
        uv_timer_start(&watch->again, on_again, ASK_AGAIN_MS, ASK_AGAIN_MS);
    return watch;
}

static void close_watch(struct socket_watch *watch)
{
    uv_close((uv_handle_t *)&watch->changes, on_watch_closed);
    uv_close((uv_handle_t *)&watch->again, on_watch_closed);
}

// Says why it does not get ready. `status` and `answer` are those of the last tgtadm; `answer` is
// NULL when none was run.
static int explain_delay(struct tgtd *tgtd, int status, const char *answer, struct failure *failure)
{
    char end[64];
    char asked[512] = "";
    process_describe_end(status, end, sizeof end);
    if (answer != NULL)
        snprintf(asked, sizeof asked, "; %s %s and said: %s", tgtd->admin, end,
                 answer[0] == '\0' ? "nothing" : answer);
    return tgtd_fail(tgtd, failure, "it is not ready to be managed after %d s%s%s",
                     START_TIMEOUT_MS / 1000, process_describe_stop(tgtd->process), asked);
}

// Asks tgtadm once; its answer replaces the one before. The last try may be cut short by the end of
// the time to start in: then the answer before it says more.
static int ask_state(struct tgtd *tgtd, unsigned timeout_ms, int *status, char **answer,
                     struct failure *failure)
{
    struct failure silence = {0};
    char *next = NULL;
    int next_status = 0;
    if (tgtd_run_admin(tgtd, tgtd_show_system, timeout_ms, &next, &next_status, &silence) != 0)
        return *answer != NULL && timeout_ms < ASK_WHOLE_MS
                   ? explain_delay(tgtd, *status, *answer, failure)
                   : tgtd_fail(tgtd, failure, "%s%s", silence.text,
                               process_describe_stop(tgtd->process));
    free(*answer);
    *answer = next;
    *status = next_status;
    return 0;
}

// Asks until it answers. tgtd makes its socket some microseconds before it listens on it, and no
// event tells of the second step; so it may have to be asked again, which is rare.
static int await_answer(struct tgtd *tgtd, struct failure *failure)
{
    struct socket_watch *watch = open_watch(tgtd, failure);
    if (watch == NULL)
        return -1;
    uint64_t deadline = uv_hrtime() + START_TIMEOUT_MS * UINT64_C(1000000);
    char *answer = NULL;
    int status = 0;
    int result = 0;
    while (result == 0 &&
           (answer == NULL || status != 0 || strstr(answer, "State: ready") == NULL)) {
        uint64_t now = uv_hrtime();
        unsigned left = now < deadline ? (unsigned)((deadline - now) / 1000000) : 0;
        result = supervisor_wait(tgtd->supervisor, may_be_asked, watch, left, failure);
        if (result > 0)
            result = explain_delay(tgtd, status, answer, failure);
        else if (result == 0 && !process_running(tgtd->process))
            result = tgtd_fail(tgtd, failure, "it ended");
        if (result != 0)
            break;
        result = ask_state(tgtd, left + 1, &status, &answer, failure);
        watch->due = false;
        uv_timer_start(&watch->again, on_again, ASK_AGAIN_MS, ASK_AGAIN_MS);
    }
    free(tgtd->ready);
    tgtd->ready = answer;
    close_watch(watch);
    return result;
}

void tgtd_end_process(struct tgtd *tgtd)
{
    process_destroy(tgtd->process);
    tgtd->process = NULL;
    char path[sizeof((struct sockaddr_un *)0)->sun_path + 16];
    if (tgtd->path != NULL)
        unlink(tgtd->path);
    snprintf(path, sizeof path, "%s.0.lock", tgtd->socket);
    unlink(path);
}

// Tries once, with `portals` as they are. 0; 1 when another process has taken a port; -1 with
// `failure`.
static int attempt(struct tgtd *tgtd, struct tgtd_portal *portals, size_t count, int *sockets,
                   struct failure *failure)
{
    if (tgtd_reserve_ports(tgtd, portals, count, sockets, failure) != 0)
        return -1;
    int result = launch(tgtd, portals, count, failure);
    if (result == 0)
        result = await_answer(tgtd, failure);
    tgtd_release_ports(sockets, count);
    // A tgtd that has died since is deaf too. One that only lost a port answers again.
    if (result == 0 && tgtd_find_deaf_portal(tgtd->pid, portals, count) < count)
        result = await_answer(tgtd, failure) == 0 ? 1 : -1;
    for (size_t i = 0; i < count && result == 0; i++)
        result = tgtd_knock(tgtd, &portals[i], failure);
    return result;
}

int tgtd_bring_up(struct tgtd *tgtd, struct tgtd_portal *portals, size_t count,
                  struct failure *failure)
{
    struct tgtd_portal *asked = calloc(count, sizeof *asked);
    int *sockets = calloc(count, sizeof *sockets);
    int result = -1;
    if (tgtd_memory_ran_out(asked, failure) || tgtd_memory_ran_out(sockets, failure))
        goto out;
    memcpy(asked, portals, count * sizeof *asked);
    for (unsigned tries = 1;; tries++) {
        result = attempt(tgtd, portals, count, sockets, failure);
        if (result <= 0)
            break;
        size_t deaf = tgtd_find_deaf_portal(tgtd->pid, portals, count);
        if (deaf < count && (asked[deaf].port != 0 || tries == ATTEMPTS)) {
            result =
                tgtd_fail(tgtd, failure, "portal %s port %u cannot be had: another process has it",
                          portals[deaf].address, portals[deaf].port);
            break;
        }
        tgtd_end_process(tgtd);
        memcpy(portals, asked, count * sizeof *asked);
    }
out:
    free(asked);
    free(sockets);
    return result;
}

char *tgtd_find_program(const char *name, struct failure *failure)
{
    char *path = process_find(name, more_folders);
    if (path == NULL)
        failure_set(failure, STATUS_UNTRUSTED,
                    "%s is not installed: there is none in PATH nor in %s; install the Debian "
                    "package tgt, or judge with recorded sessions (run --offline)",
                    name, more_folders);
    return path;
}

// Makes the instance's own folder in `folder`. Its name is short, because the path of a Unix socket
// has a limit of 108 bytes.
static int make_folder(struct tgtd *tgtd, const char *folder, struct failure *failure)
{
    for (unsigned i = 0; i < FOLDERS_MAX; i++) {
        char *path = NULL;
        if (asprintf(&path, "%s/tgtd-%u", folder, i) < 0)
            return failure_set(failure, STATUS_UNTRUSTED, "tgtd: out of memory");
        if (mkdir(path, 0700) == 0) {
            tgtd->folder = path;
            return 0;
        }
        int error = errno;
        free(path);
        if (error != EEXIST)
            return failure_set(failure, STATUS_UNTRUSTED,
                               "tgtd \"%s\": no folder can be made in %s: %s%s", tgtd->name, folder,
                               strerror(error), failure_room(error));
    }
    return failure_set(failure, STATUS_UNTRUSTED, "tgtd \"%s\": too many instances in %s",
                       tgtd->name, folder);
}

// See tgtd_command; malloc'ed. NULL: memory ran out.
static char *describe_command(const struct tgtd *tgtd)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return NULL;
    fputs("TGT_IPC_SOCKET=", stream);
    print_shell_word(stream, tgtd->socket);
    fprintf(stream, " %s -C 0", tgtd->admin);
    return text_close(stream, &text) ? text : NULL;
}

int tgtd_prepare(struct tgtd *tgtd, const char *folder, struct failure *failure)
{
    const size_t longest = sizeof((struct sockaddr_un *)0)->sun_path - 1 - strlen(".0.lock");
    tgtd->daemon = tgtd_find_program("tgtd", failure);
    tgtd->admin = tgtd->daemon == NULL ? NULL : tgtd_find_program("tgtadm", failure);
    if (tgtd->admin == NULL || make_folder(tgtd, folder, failure) != 0)
        return -1;
    if (asprintf(&tgtd->socket, "%s/socket", tgtd->folder) < 0)
        tgtd->socket = NULL;
    if (tgtd_memory_ran_out(tgtd->socket, failure))
        return -1;
    if (asprintf(&tgtd->path, "%s.0", tgtd->socket) < 0)
        tgtd->path = NULL;
    if (tgtd_memory_ran_out(tgtd->path, failure))
        return -1;
    if (strlen(tgtd->socket) > longest)
        return failure_set(
            failure, STATUS_UNTRUSTED,
            "tgtd \"%s\": the path of its management socket, %s, is %zu bytes long, and "
            "%zu is the most that can be: set TMPDIR to a shorter path",
            tgtd->name, tgtd->socket, strlen(tgtd->socket), longest);
    if (asprintf(&tgtd->variable, "TGT_IPC_SOCKET=%s", tgtd->socket) < 0)
        tgtd->variable = NULL;
    tgtd->command = describe_command(tgtd);
    return tgtd_memory_ran_out(tgtd->variable, failure) ||
                   tgtd_memory_ran_out(tgtd->command, failure)
               ? -1
               : 0;
}
