// SPDX-License-Identifier: Apache-2.0
// tgtd instances: started, watched, stopped for a while, ended.
#include "emulator/tgtd/tgtd.h"

#include "emulator/tgtd/ask.h"
#include "emulator/tgtd/instance.h"
#include "emulator/tgtd/log.h"
#include "emulator/tgtd/start.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int tgtd_ping(struct tgtd *tgtd, unsigned timeout_ms, struct failure *failure)
{
    char *output = NULL;
    int status = 0;
    if (tgtd_ask(tgtd, tgtd_show_system, timeout_ms, &output, &status, failure) != 0)
        return -1;
    if (status != 0)
        tgtd_does_not_answer(tgtd, failure, "tgtadm said: %s", output);
    free(output);
    return status == 0 ? 0 : -1;
}

static void on_silent(void *argument)
{
    struct tgtd *tgtd = argument;
    char log[1024];
    tgtd_describe_log(tgtd, 0, log, sizeof log);
    supervisor_trouble(tgtd->supervisor,
                       "tgtd \"%s\" (pid %d) does not answer: no sign of life on its management "
                       "socket for %d seconds%s; it last said: %s",
                       tgtd->name, (int)tgtd->pid, HEARTBEAT_SILENCE_S,
                       process_describe_stop(tgtd->process), log);
}

static int start_heartbeat(struct tgtd *tgtd, struct failure *failure)
{
    return heartbeat_start(&tgtd->heartbeat, tgtd->supervisor, tgtd->path, on_silent, tgtd,
                           failure);
}

// Finds out whether it answers a request made here as it has answered tgtadm. Another version of
// tgtd may not; then tgtadm is used for everything.
static int try_direct(struct tgtd *tgtd, struct failure *failure)
{
    const struct management_request request = {
        .mode = MANAGEMENT_SYSTEM, .operation = MANAGEMENT_SHOW, .tid = MANAGEMENT_NO_TID};
    char *direct = NULL;
    int result =
        management_ask(tgtd->supervisor, tgtd->path, &request, ANSWER_TIMEOUT_MS, &direct, failure);
    tgtd->direct = result == 0 && strcmp(direct, tgtd->ready) == 0;
    free(direct);
    return result < 0 ? -1 : 0;
}

int tgtd_start(struct tgtd **result, struct supervisor *supervisor, const char *folder,
               const char *name, struct tgtd_portal *portals, size_t portal_count,
               struct failure *failure)
{
    *result = NULL;
    if (portals == NULL || portal_count == 0) // tgtd would listen on every address of the machine
        return failure_set(failure, STATUS_UNTRUSTED, "tgtd \"%s\": it has no portal", name);
    struct tgtd *tgtd = calloc(1, sizeof *tgtd);
    if (tgtd_memory_ran_out(tgtd, failure))
        return -1;
    tgtd->supervisor = supervisor;
    tgtd->name = strdup(name);
    if (tgtd_memory_ran_out(tgtd->name, failure) || tgtd_prepare(tgtd, folder, failure) != 0 ||
        tgtd_bring_up(tgtd, portals, portal_count, failure) != 0 ||
        start_heartbeat(tgtd, failure) != 0 || try_direct(tgtd, failure) != 0) {
        tgtd_stop(tgtd);
        return -1;
    }
    tgtd->started = true;
    if (!process_running(
            tgtd->process)) { // it ended before `started` was set, so on_ended said nothing
        tgtd_fail(tgtd, failure, "it ended");
        tgtd_stop(tgtd);
        return -1;
    }
    *result = tgtd;
    return 0;
}

void tgtd_stop(struct tgtd *tgtd)
{
    if (tgtd == NULL)
        return;
    tgtd->started = false;
    heartbeat_stop(tgtd->heartbeat);
    if (tgtd->socket != NULL)
        tgtd_end_process(tgtd);
    if (tgtd->folder != NULL)
        rmdir(tgtd->folder);
    free(tgtd->name);
    free(tgtd->daemon);
    free(tgtd->admin);
    free(tgtd->folder);
    free(tgtd->socket);
    free(tgtd->path);
    free(tgtd->variable);
    free(tgtd->command);
    free(tgtd->ready);
    free(tgtd);
}

void tgtd_kill(struct tgtd *tgtd)
{
    tgtd->started = false;
    heartbeat_stop(tgtd->heartbeat);
    tgtd->heartbeat = NULL;
    process_kill(tgtd->process);
}

static bool is_suspended(void *argument)
{
    const struct tgtd *tgtd = argument;
    siginfo_t state = {0};
    return waitid(P_PID, (id_t)tgtd->pid, &state, WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
           state.si_pid == tgtd->pid;
}

static void on_child_changed(uv_signal_t *handle, int number)
{
    (void)handle; // it is enough that the loop turns
    (void)number;
}

static void on_watch_closed(uv_handle_t *handle)
{
    free(handle);
}

int tgtd_suspend(struct tgtd *tgtd, struct failure *failure)
{
    uv_signal_t *watch = calloc(1, sizeof *watch);
    if (tgtd_memory_ran_out(watch, failure))
        return -1;
    heartbeat_stop(tgtd->heartbeat);
    tgtd->heartbeat = NULL;
    uv_signal_init(supervisor_loop(tgtd->supervisor), watch);
    uv_signal_start(watch, on_child_changed, SIGCHLD);
    process_signal(tgtd->process, SIGSTOP);
    int result = supervisor_wait(tgtd->supervisor, is_suspended, tgtd, ANSWER_TIMEOUT_MS, failure);
    uv_close((uv_handle_t *)watch, on_watch_closed);
    if (result > 0)
        return tgtd_fail(tgtd, failure, "was told to stop, and did not within %d ms",
                         ANSWER_TIMEOUT_MS);
    return result;
}

int tgtd_continue(struct tgtd *tgtd, struct failure *failure)
{
    process_signal(tgtd->process, SIGCONT);
    if (tgtd_ping(tgtd, ANSWER_TIMEOUT_MS, failure) != 0)
        return -1;
    return start_heartbeat(tgtd, failure);
}

pid_t tgtd_pid(const struct tgtd *tgtd)
{
    return tgtd->pid;
}

const char *tgtd_name(const struct tgtd *tgtd)
{
    return tgtd->name;
}

const char *tgtd_socket(const struct tgtd *tgtd)
{
    return tgtd->socket;
}

const char *tgtd_command(const struct tgtd *tgtd)
{
    return tgtd->command;
}

int tgtd_version(struct supervisor *supervisor, char *text, size_t size, struct failure *failure)
{
    char *path = tgtd_find_program("tgtd", failure);
    if (path == NULL)
        return -1;
    const char *const arguments[] = {path, "--version", NULL};
    char *output = NULL;
    int status = 0;
    int result = process_run(supervisor, arguments, NULL, ANSWER_TIMEOUT_MS, 4096, &output, &status,
                             failure);
    char end[64];
    process_describe_end(status, end, sizeof end);
    tgtd_trim(output);
    if (result == 0 && (status != 0 || output[0] == '\0'))
        result = failure_set(failure, STATUS_UNTRUSTED,
                             "%s --version: %s and said: %s; is it the tgtd of the Debian package "
                             "tgt, and whole?",
                             path, end, output[0] == '\0' ? "nothing" : output);
    if (result == 0)
        snprintf(text, size, "%.*s", (int)strcspn(output, "\n"), output);
    free(output);
    free(path);
    return result;
}
