// SPDX-License-Identifier: Apache-2.0
// The loop of a run and what can end a wait in it.
#include "emulator/process/supervisor.h"

#include "conformance/base/clock.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIGNAL_COUNT = 3 };

static const int watched_signals[SIGNAL_COUNT] = {SIGINT, SIGTERM, SIGHUP};

// What a wait under way waits for.
struct wait {
    bool (*done)(void *argument);
    void *argument;
    bool expired;
};

struct supervisor {
    uv_loop_t loop;
    uv_signal_t signals[SIGNAL_COUNT];
    uv_timer_t timer;     // of the wait under way
    uv_timer_t limit;     // of the run
    const char *too_long; // what is said then
    uv_timer_t period;    // of what is told again and again,
    void (*tell)(void *argument);
    void *argument;       // and to whom
    uv_prepare_t prepare; // asks, before each sleep, whether there is anything left to sleep for
    struct wait *wait;
    struct failure failure;
    bool tearing_down;
};

static void on_signal(uv_signal_t *handle, int signal_number)
{
    struct supervisor *supervisor = handle->data;
    failure_set(&supervisor->failure, 128 + signal_number, "interrupted by SIG%s",
                sigabbrev_np(signal_number));
    uv_stop(&supervisor->loop);
}

static bool wait_ended(const struct supervisor *supervisor)
{
    const struct wait *wait = supervisor->wait;
    if (supervisor->failure.status != 0 && !supervisor->tearing_down)
        return true;
    return wait->expired || wait->done(wait->argument);
}

// A timer that fires at the beginning of a turn may fulfil what is waited for; without this the
// turn would then sleep until something else happens.
static void on_prepare(uv_prepare_t *handle)
{
    struct supervisor *supervisor = handle->data;
    if (supervisor->wait != NULL && wait_ended(supervisor))
        uv_stop(&supervisor->loop);
}

static void on_timeout(uv_timer_t *handle)
{
    struct supervisor *supervisor = handle->data;
    if (supervisor->wait != NULL)
        supervisor->wait->expired = true;
}

static int start_handles(struct supervisor *supervisor)
{
    int error = uv_timer_init(&supervisor->loop, &supervisor->timer);
    supervisor->timer.data = supervisor;
    if (error == 0)
        error = uv_timer_init(&supervisor->loop, &supervisor->limit);
    supervisor->limit.data = supervisor;
    if (error == 0)
        error = uv_timer_init(&supervisor->loop, &supervisor->period);
    supervisor->period.data = supervisor;
    if (error == 0)
        error = uv_prepare_init(&supervisor->loop, &supervisor->prepare);
    if (error == 0) {
        supervisor->prepare.data = supervisor;
        error = uv_prepare_start(&supervisor->prepare, on_prepare);
    }
    for (int i = 0; i < SIGNAL_COUNT && error == 0; i++) {
        error = uv_signal_init(&supervisor->loop, &supervisor->signals[i]);
        supervisor->signals[i].data = supervisor;
        if (error == 0)
            error = uv_signal_start(&supervisor->signals[i], on_signal, watched_signals[i]);
    }
    return error;
}

int supervisor_create(struct supervisor **result, struct failure *failure)
{
    *result = NULL;
    struct supervisor *supervisor = calloc(1, sizeof *supervisor);
    if (supervisor == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "event loop: out of memory");
    int error = uv_loop_init(&supervisor->loop);
    if (error != 0) {
        free(supervisor);
        return failure_set(failure, STATUS_UNTRUSTED, "event loop: cannot be made: %s",
                           uv_strerror(error));
    }
    error = start_handles(supervisor);
    if (error != 0) {
        failure_set(failure, STATUS_UNTRUSTED, "event loop: cannot watch for signals: %s",
                    uv_strerror(error));
        supervisor_destroy(supervisor);
        return -1;
    }
    // A peer that went away is an error of that write, not the kit's end. And the ends of children
    // must be there to be asked for, even if whoever started the kit ignored its own children's.
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    *result = supervisor;
    return 0;
}

static void close_handle(uv_handle_t *handle, void *argument)
{
    (void)argument;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void supervisor_destroy(struct supervisor *supervisor)
{
    if (supervisor == NULL)
        return;
    supervisor->wait = NULL;
    // Closes what others forgot to close, so that the loop can end.
    do {
        uv_walk(&supervisor->loop, close_handle, NULL);
        uv_run(&supervisor->loop, UV_RUN_DEFAULT);
    } while (uv_loop_close(&supervisor->loop) == UV_EBUSY);
    free(supervisor);
}

uv_loop_t *supervisor_loop(struct supervisor *supervisor)
{
    return &supervisor->loop;
}

void supervisor_trouble(struct supervisor *supervisor, const char *format, ...)
{
    char text[sizeof supervisor->failure.text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    failure_set(&supervisor->failure, STATUS_UNTRUSTED, "%s", text);
    uv_stop(&supervisor->loop);
}

static void on_limit(uv_timer_t *handle)
{
    struct supervisor *supervisor = handle->data;
    supervisor_trouble(supervisor, "%s", supervisor->too_long);
}

void supervisor_limit(struct supervisor *supervisor, uint64_t deadline_ns, const char *text)
{
    uint64_t now = clock_now_ns();
    if (deadline_ns == 0)
        return;
    supervisor->too_long = text;
    // Not before: both this time and the loop's, to which it is added, are cut to milliseconds.
    uint64_t left_ms = deadline_ns > now ? (deadline_ns - now) / 1000000 + 2 : 0;
    uv_update_time(&supervisor->loop);
    uv_timer_start(&supervisor->limit, on_limit, left_ms, 0);
}

static void on_period(uv_timer_t *handle)
{
    struct supervisor *supervisor = handle->data;
    if (supervisor->wait != NULL)
        supervisor->tell(supervisor->argument);
}

void supervisor_every(struct supervisor *supervisor, unsigned period_ms,
                      void (*tell)(void *argument), void *argument)
{
    supervisor->tell = tell;
    supervisor->argument = argument;
    uv_timer_start(&supervisor->period, on_period, period_ms, period_ms);
}

const struct failure *supervisor_failure(const struct supervisor *supervisor)
{
    return supervisor->failure.status == 0 ? NULL : &supervisor->failure;
}

void supervisor_tear_down(struct supervisor *supervisor, bool tearing_down)
{
    supervisor->tearing_down = tearing_down;
}

// Asked before the first turn of the loop and after each one: true to go on; false with what the
// wait returns in `*result`.
static bool wait_goes_on(struct supervisor *supervisor, int *result, struct failure *failure)
{
    struct wait *wait = supervisor->wait;
    if (supervisor->failure.status != 0 && !supervisor->tearing_down) {
        *result = failure_set(failure, supervisor->failure.status, "%s", supervisor->failure.text);
        return false;
    }
    if (wait->done(wait->argument)) {
        *result = 0;
        return false;
    }
    *result = 1;
    return !wait->expired;
}

int supervisor_wait(struct supervisor *supervisor, bool (*done)(void *argument), void *argument,
                    unsigned timeout_ms, struct failure *failure)
{
    // The loop can't be run from within one of its own callbacks.
    if (supervisor->wait != NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "event loop: a wait began within a wait");
    struct wait wait = {.done = done, .argument = argument};
    int result = 0;
    supervisor->wait = &wait;
    if (wait_goes_on(supervisor, &result, failure)) {
        if (timeout_ms != UINT_MAX) {
            // The loop's time may be old: without this the wait would end too early.
            uv_update_time(&supervisor->loop);
            uv_timer_start(&supervisor->timer, on_timeout, timeout_ms, 0);
        }
        do
            uv_run(&supervisor->loop, UV_RUN_ONCE);
        while (wait_goes_on(supervisor, &result, failure));
        uv_timer_stop(&supervisor->timer);
    }
    supervisor->wait = NULL;
    return result;
}

// Watches one descriptor; lives until its close callback has run.
struct watch {
    uv_poll_t poll;
    bool ready;
};

static void on_readable(uv_poll_t *handle, int status, int events)
{
    (void)status; // an error is something to be read, too: the read will tell
    (void)events;
    struct watch *watch = handle->data;
    watch->ready = true;
    uv_poll_stop(handle);
}

static bool watch_ready(void *argument)
{
    return ((struct watch *)argument)->ready;
}

static void free_watch(uv_handle_t *handle)
{
    free(handle->data);
}

int supervisor_wait_readable(struct supervisor *supervisor, int fd, unsigned timeout_ms,
                             struct failure *failure)
{
    struct watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "event loop: out of memory");
    watch->poll.data = watch;
    int flags = fcntl(fd, F_GETFL);
    int error = uv_poll_init(&supervisor->loop, &watch->poll, fd);
    if (error != 0) {
        free(watch);
        return failure_set(failure, STATUS_UNTRUSTED,
                           "event loop: descriptor %d cannot be watched: %s", fd,
                           uv_strerror(error));
    }
    int result = 0;
    error = uv_poll_start(&watch->poll, UV_READABLE | UV_DISCONNECT, on_readable);
    if (error != 0)
        result =
            failure_set(failure, STATUS_UNTRUSTED,
                        "event loop: descriptor %d cannot be watched: %s", fd, uv_strerror(error));
    else
        result = supervisor_wait(supervisor, watch_ready, watch, timeout_ms, failure);
    // The caller may close the descriptor as soon as this returns: closing takes it out of the loop
    // now.
    uv_close((uv_handle_t *)&watch->poll, free_watch);
    // To watch it libuv made it non-blocking, which nobody asked for.
    if (flags >= 0)
        fcntl(fd, F_SETFL, flags);
    return result;
}
