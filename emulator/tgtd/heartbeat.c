// SPDX-License-Identifier: Apache-2.0
// A heartbeat on a management socket.
//
// A beat is a connection that asks for nothing: its sending side is closed as soon as it is made.
// tgtd accepts it, reads end of file and closes it, and that is the sign of life. A beat starts no
// process, uses nothing of tgtd's private protocol, needs no session (an instance may have none)
// and leaves no line in the log. A NOP-Out on a session would do the same, but would change the
// session under test. The loop in tgtd that answers a beat also serves sessions and requests, so
// the beat is silent when they hang.
//
// Silence is counted in ticks of the loop, not measured by the clock. While the kit itself does not
// run (it judges, was stopped, or the machine is busy), time passes and an answer may lie unread.
// The loop looks at its sockets between ticks, so after several ticks an answer that came has been
// seen.
#include "emulator/tgtd/heartbeat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { TICK_MS = 1000 };

// One request for a sign of life; lives until its handle is closed.
struct beat {
    uv_poll_t poll;
    int fd;
    struct heartbeat *heartbeat;
};

struct heartbeat {
    uv_timer_t timer;
    struct sockaddr_un address;
    struct beat *beat; // under way; NULL: none
    unsigned silent_ticks;
    void (*silent)(void *argument);
    void *argument;
};

static void free_data(uv_handle_t *handle)
{
    free(handle->data);
}

static void end_beat(struct heartbeat *heartbeat)
{
    struct beat *beat = heartbeat->beat;
    heartbeat->beat = NULL;
    if (beat == NULL)
        return;
    uv_close((uv_handle_t *)&beat->poll, free_data); // takes the descriptor out of the loop now
    close(beat->fd);
}

static void on_answer(uv_poll_t *poll, int status, int events)
{
    (void)status; // closed in order or with an error: tgtd has seen it
    (void)events;
    struct heartbeat *heartbeat = ((struct beat *)poll->data)->heartbeat;
    heartbeat->silent_ticks = 0;
    end_beat(heartbeat);
}

static bool is_own_shortage(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

// Begins a beat. False when the other side did not take the connection: its queue is full, or it
// has ended. Where the kit itself lacks memory or descriptors there is no beat, and true.
static bool begin_beat(struct heartbeat *heartbeat)
{
    struct beat *beat = calloc(1, sizeof *beat);
    if (beat == NULL)
        return true;
    beat->heartbeat = heartbeat;
    beat->poll.data = beat;
    beat->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error = beat->fd < 0 ? errno : 0;
    if (error == 0 && connect(beat->fd, (const struct sockaddr *)&heartbeat->address,
                              sizeof heartbeat->address) != 0)
        error = errno;
    if (error == 0 && shutdown(beat->fd, SHUT_WR) != 0 && errno != ENOTCONN)
        error = errno;
    if (error != 0 || uv_poll_init(heartbeat->timer.loop, &beat->poll, beat->fd) != 0) {
        if (beat->fd >= 0)
            close(beat->fd);
        free(beat);
        return error == 0 || is_own_shortage(error);
    }
    heartbeat->beat = beat;
    if (uv_poll_start(&beat->poll, UV_READABLE | UV_DISCONNECT, on_answer) != 0)
        end_beat(heartbeat);
    return true;
}

static void on_tick(uv_timer_t *timer)
{
    struct heartbeat *heartbeat = timer->data;
    if (heartbeat->beat == NULL && begin_beat(heartbeat))
        return;
    heartbeat->silent_ticks++;
    if (heartbeat->silent_ticks < HEARTBEAT_SILENCE_S * 1000 / TICK_MS)
        return;
    uv_timer_stop(timer);
    end_beat(heartbeat);
    heartbeat->silent(heartbeat->argument);
}

int heartbeat_start(struct heartbeat **heartbeat, struct supervisor *supervisor, const char *path,
                    void (*silent)(void *argument), void *argument, struct failure *failure)
{
    struct heartbeat *started = calloc(1, sizeof *started);
    if (started == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "heartbeat: out of memory");
    if (strlen(path) >= sizeof started->address.sun_path) {
        free(started);
        return failure_set(failure, STATUS_UNTRUSTED,
                           "heartbeat: %s is too long for a socket's path: set TMPDIR to a shorter "
                           "one",
                           path);
    }
    started->address.sun_family = AF_UNIX;
    memcpy(started->address.sun_path, path, strlen(path) + 1);
    started->silent = silent;
    started->argument = argument;
    uv_timer_init(supervisor_loop(supervisor), &started->timer); // can't fail
    started->timer.data = started;
    uv_timer_start(&started->timer, on_tick, TICK_MS, TICK_MS); // fails without a callback only
    *heartbeat = started;
    return 0;
}

void heartbeat_stop(struct heartbeat *heartbeat)
{
    if (heartbeat == NULL)
        return;
    end_beat(heartbeat);
    uv_close((uv_handle_t *)&heartbeat->timer, free_data);
}
