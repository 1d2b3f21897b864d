// The kit's side of a host: starts it, asks for calls, checks what comes back, and starts anew
// after whatever the library under test did to it.
#include "harness/host.h"
#include "emulator/process.h"
#include "emulator/session_table.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    INBOX_SIZE = 256 * 1024,
    BATCH_MAX = 4096,       // calls asked for at once: they fit in a socket's buffer
    TURN_EVERY = 64,        // reads after which the loop gets a turn even if there is more to read
    END_PATIENCE_MS = 2000, // from the end of the channel to that of the process
    CHANNEL_AS = 3,         // the host moves it elsewhere
};

static const size_t data_limit = (size_t)2
                                 << 30; // a library that eats memory ends itself, not the kit

// The watch over the channel; lives until its close callback has run.
struct watch {
    uv_poll_t poll;
    bool readable;
};

struct host {
    struct supervisor *supervisor;
    char *program;
    char *library;
    char *environment; // of the session table: "NAME=value", or "NAME" to have none
    unsigned timeout_ms;
    struct hello hello;
    unsigned hangs;
    unsigned long long call_count;
    char *said; // by the host that ended last

    // The present process; none while it is NULL.
    struct process *process;
    struct watch *watch;
    int channel;
    uint64_t nonce;
    unsigned reads;
    uint64_t last_ns; // of the last answer, or when calls were sent
    size_t inbox_from;
    size_t inbox_to;
    uint8_t inbox[INBOX_SIZE];
};

// What came of waiting for something from the host.
enum arrival {
    ARRIVED,
    ARRIVAL_LATE,    // nothing came in time
    ARRIVAL_ENDED,   // the channel or the process ended
    ARRIVAL_DAMAGED, // what came is not what a host says
    ARRIVAL_FAILED,  // the run can't go on; the failure says why
};

// --- receiving

static bool host_stirs(void *argument)
{
    const struct host *host = argument;
    return host->watch->readable || !process_running(host->process);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status; // an error is found by reading
    (void)events;
    struct watch *watch = poll->data;
    watch->readable = true;
}

// Waits for something to read or the end of the process, a child of which may keep the channel
// open.
static enum arrival await(struct host *host, struct failure *failure)
{
    host->watch->readable = false;
    host->reads = 0;
    int error = uv_poll_start(&host->watch->poll, UV_READABLE | UV_DISCONNECT, on_readable);
    if (error != 0) {
        failure_set(failure, STATUS_UNTRUSTED, "host: its channel can't be watched: %s",
                    uv_strerror(error));
        return ARRIVAL_FAILED;
    }
    int result = supervisor_wait(host->supervisor, host_stirs, host, host->timeout_ms, failure);
    uv_poll_stop(&host->watch->poll);
    return result < 0 ? ARRIVAL_FAILED : result > 0 ? ARRIVAL_LATE : ARRIVED;
}

// Reads what is there, at least one byte.
static enum arrival receive(struct host *host, uint8_t *into, size_t room, size_t *count,
                            struct failure *failure)
{
    for (;;) {
        // A host that is always ahead must not keep signals and trouble from being seen.
        bool turn = ++host->reads >= TURN_EVERY;
        enum arrival arrival = turn ? await(host, failure) : ARRIVED;
        if (arrival != ARRIVED)
            return arrival;
        // Asked before reading: what it wrote before its end is then certainly read.
        bool running = process_running(host->process);
        ssize_t got = recv(host->channel, into, room, MSG_DONTWAIT);
        if (got > 0) {
            *count = (size_t)got;
            return ARRIVED;
        }
        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0 || errno != EAGAIN || !running)
            return ARRIVAL_ENDED;
        arrival = await(host, failure);
        if (arrival != ARRIVED)
            return arrival;
    }
}

// Reads exactly `size` bytes; long ones not by way of the inbox.
static enum arrival read_exactly(struct host *host, uint8_t *into, size_t size,
                                 struct failure *failure)
{
    while (size > 0) {
        size_t count = host->inbox_to - host->inbox_from;
        if (count > 0) {
            count = count < size ? count : size;
            memcpy(into, host->inbox + host->inbox_from, count);
            host->inbox_from += count;
        } else if (size >= INBOX_SIZE) {
            enum arrival arrival = receive(host, into, size, &count, failure);
            if (arrival != ARRIVED)
                return arrival;
        } else {
            host->inbox_from = host->inbox_to = 0;
            enum arrival arrival = receive(host, host->inbox, INBOX_SIZE, &host->inbox_to, failure);
            if (arrival != ARRIVED)
                return arrival;
            continue;
        }
        into += count;
        size -= count;
    }
    return ARRIVED;
}

static enum arrival read_header(struct host *host, struct frame_header *header,
                                struct failure *failure)
{
    uint8_t bytes[FRAME_HEADER_SIZE];
    enum arrival arrival = read_exactly(host, bytes, sizeof bytes, failure);
    if (arrival != ARRIVED)
        return arrival;
    if (frame_header_decode(header, bytes, sizeof bytes) < 0 || header->nonce != host->nonce)
        return ARRIVAL_DAMAGED;
    return ARRIVED;
}

// --- starting and ending a process

static void free_watch(uv_handle_t *handle)
{
    free(handle->data);
}

// Ends the present process, if there is one, and keeps what it said.
static void drop_process(struct host *host)
{
    if (host->watch != NULL)
        uv_close((uv_handle_t *)&host->watch->poll, free_watch);
    host->watch = NULL;
    if (host->channel >= 0)
        close(host->channel);
    host->channel = -1;
    if (host->process != NULL) {
        process_kill(host->process);
        free(host->said);
        host->said = strdup(process_said(host->process));
        process_destroy(host->process);
    }
    host->process = NULL;
}

static int watch_channel(struct host *host, struct failure *failure)
{
    struct watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "host: out of memory");
    watch->poll.data = watch;
    int error = uv_poll_init(supervisor_loop(host->supervisor), &watch->poll, host->channel);
    if (error != 0) {
        free(watch);
        return failure_set(failure, STATUS_UNTRUSTED, "host: its channel can't be watched: %s",
                           uv_strerror(error));
    }
    host->watch = watch;
    return 0;
}

static int start_process(struct host *host, struct failure *failure)
{
    int pair[2];
    char channel[12];
    char nonce[17];
    if (getrandom(&host->nonce, sizeof host->nonce, 0) != (ssize_t)sizeof host->nonce ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "host: no channel can be made for it: %s",
                           strerror(errno));
    snprintf(channel, sizeof channel, "%d", CHANNEL_AS);
    snprintf(nonce, sizeof nonce, "%016llx", (unsigned long long)host->nonce);
    const char *const arguments[] = {host->program, channel, nonce, host->library, NULL};
    const char *const environment[] = {host->environment, NULL};
    struct process_options options = {.arguments = arguments,
                                      .environment = environment,
                                      .channel = pair[1],
                                      .channel_as = CHANNEL_AS,
                                      .data_limit = data_limit};
    host->channel = pair[0];
    host->inbox_from = host->inbox_to = 0;
    int result = process_start(&host->process, host->supervisor, &options, failure);
    if (result != 0)
        host->process = NULL;
    close(pair[1]);
    if (result == 0)
        result = watch_channel(host, failure);
    if (result != 0)
        drop_process(host);
    return result;
}

// Why there was no HELLO.
static void describe_silence(struct host *host, enum arrival arrival, struct failure *failure)
{
    char what[256];
    if (arrival == ARRIVAL_LATE)
        snprintf(what, sizeof what, "loading it did not end within %u ms", host->timeout_ms);
    else if (arrival == ARRIVAL_DAMAGED)
        snprintf(what, sizeof what, "it wrote into the host's channel while it was loaded");
    else if (process_running(host->process))
        snprintf(what, sizeof what, "it closed the host's channel while it was loaded");
    else {
        char end[128];
        process_describe_end(process_wait_status(host->process), end, sizeof end);
        snprintf(what, sizeof what, "the host %s while it loaded it", end);
    }
    drop_process(host);
    const char *said = host->said != NULL ? host->said : "";
    failure_set(failure, STATUS_UNTRUSTED, "%s: can't be used: %s%s%s", host->library, what,
                said[0] != '\0' ? "; it last printed:\n" : "", said);
}

static bool process_ended(void *argument)
{
    const struct host *host = argument;
    return !process_running(host->process);
}

static enum arrival read_hello(struct host *host, struct hello *hello, struct failure *failure)
{
    uint8_t payload[HELLO_SIZE];
    struct frame_header header;
    enum arrival arrival = read_header(host, &header, failure);
    if (arrival == ARRIVED && (header.type != FRAME_HELLO || header.payload_size != sizeof payload))
        arrival = ARRIVAL_DAMAGED;
    if (arrival == ARRIVED)
        arrival = read_exactly(host, payload, sizeof payload, failure);
    if (arrival == ARRIVED && hello_decode(hello, payload, sizeof payload) < 0)
        arrival = ARRIVAL_DAMAGED;
    if (arrival == ARRIVAL_ENDED &&
        supervisor_wait(host->supervisor, process_ended, host, END_PATIENCE_MS, failure) < 0)
        arrival = ARRIVAL_FAILED;
    return arrival;
}

// Starts a process and takes its HELLO. On failure there is no process.
static int greet(struct host *host, struct failure *failure)
{
    if (start_process(host, failure) != 0)
        return -1;
    struct hello hello = {0};
    enum arrival arrival = read_hello(host, &hello, failure);
    if (arrival == ARRIVAL_FAILED) {
        drop_process(host);
        return -1;
    }
    if (arrival != ARRIVED) {
        describe_silence(host, arrival, failure);
        return -1;
    }
    if (hello.error[0] != '\0') {
        drop_process(host);
        const char *said = host->said != NULL ? host->said : "";
        return failure_set(failure, STATUS_UNTRUSTED, "%s: can't be loaded: %s%s%s", host->library,
                           hello.error, said[0] != '\0' ? "; it last printed:\n" : "", said);
    }
    host->hello = hello;
    return 0;
}

// --- calls

// Sends it all. It fits in the socket's buffer and the host is idle, so this does not wait but when
// something is wrong; what that is, reading will tell.
static void send_all(struct host *host, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(host->channel, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            bytes += sent;
            size -= (size_t)sent;
            continue;
        }
        struct pollfd room = {.fd = host->channel, .events = POLLOUT};
        if (sent < 0 && errno != EINTR &&
            (errno != EAGAIN || poll(&room, 1, (int)(host->timeout_ms & INT_MAX)) <= 0))
            return;
    }
}

static int send_calls(struct host *host, const struct call *calls, size_t count,
                      struct failure *failure)
{
    size_t payload = CALLS_HEADER_SIZE + count * CALL_SIZE;
    size_t size = FRAME_HEADER_SIZE + payload;
    struct frame_header header = {host->nonce, FRAME_CALLS, (uint32_t)payload};
    uint8_t *bytes = malloc(size);
    if (bytes == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "host: out of memory for %zu calls", count);
    uint8_t *at = bytes;
    at += frame_header_encode(at, FRAME_HEADER_SIZE, &header);
    at += calls_header_encode(at, CALLS_HEADER_SIZE, 1, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        if (call_encode(at, CALL_SIZE, &calls[i]) < 0) {
            free(bytes);
            return failure_set(failure, STATUS_UNTRUSTED,
                               "host: call %zu of a batch is not one that it can be asked for", i);
        }
        at += CALL_SIZE;
    }
    send_all(host, bytes, size);
    free(bytes);
    host->last_ns = uv_hrtime();
    return 0;
}

static bool within(struct extent extent, int64_t lowest, int64_t highest)
{
    return extent_empty(extent) || (extent.first >= lowest && extent.last <= highest);
}

// Whether a RESULT can be the answer to `call`: an implementation may have written into the host's
// memory, and judges rely on what is promised of an outcome.
static bool result_fits(const struct call *call, const struct outcome *outcome, size_t payload_size)
{
    bool returned = outcome->kind == OUTCOME_RETURNED;
    uint32_t there = call->placement == PLACE_NULL ? 0 : call->offered;
    if (!returned && outcome->kind != OUTCOME_NOT_TRIED)
        return false;
    if (outcome->byte_count > there || payload_size != OUTCOME_SIZE + (size_t)outcome->byte_count)
        return false;
    if (outcome->byte_count > 0 && (!returned || outcome->status != 0))
        return false;
    if (call->placement == PLACE_NULL &&
        !(extent_empty(outcome->before) && extent_empty(outcome->after)))
        return false;
    return within(outcome->inside, 0, (int64_t)there - 1) &&
           within(outcome->before, INT64_MIN, -1) && within(outcome->after, there, INT64_MAX);
}

static enum arrival read_bytes(struct host *host, size_t count, uint8_t **bytes,
                               struct failure *failure)
{
    if (count == 0)
        return ARRIVED;
    *bytes = malloc(count);
    if (*bytes == NULL) {
        failure_set(failure, STATUS_UNTRUSTED, "host: out of memory for %zu bytes of a result",
                    count);
        return ARRIVAL_FAILED;
    }
    enum arrival arrival = read_exactly(host, *bytes, count, failure);
    if (arrival != ARRIVED) {
        free(*bytes);
        *bytes = NULL;
    }
    return arrival;
}

// Reads the answer to call `index` of the batch: a RESULT, or a FAULT (outcome->kind tells).
static enum arrival read_answer(struct host *host, const struct call *call, uint32_t index,
                                struct outcome *outcome, uint8_t **bytes, struct failure *failure)
{
    struct frame_header header;
    uint8_t payload[OUTCOME_SIZE];
    uint32_t thread = 0;
    uint32_t answered = 0;
    enum arrival arrival = read_header(host, &header, failure);
    if (arrival != ARRIVED)
        return arrival;
    if ((header.type != FRAME_RESULT && header.type != FRAME_FAULT) ||
        header.payload_size < OUTCOME_SIZE)
        return ARRIVAL_DAMAGED;
    arrival = read_exactly(host, payload, sizeof payload, failure);
    if (arrival != ARRIVED)
        return arrival;
    if (outcome_decode(outcome, &thread, &answered, payload, sizeof payload) < 0 || thread != 0 ||
        answered != index)
        return ARRIVAL_DAMAGED;
    if (header.type == FRAME_FAULT)
        return outcome->kind == OUTCOME_FAULT && outcome->byte_count == 0 ? ARRIVED
                                                                          : ARRIVAL_DAMAGED;
    if (!result_fits(call, outcome, header.payload_size))
        return ARRIVAL_DAMAGED;
    return read_bytes(host, outcome->byte_count, bytes, failure);
}

static bool is_fault(int signal_number)
{
    return signal_number == SIGSEGV || signal_number == SIGBUS || signal_number == SIGFPE ||
           signal_number == SIGILL || signal_number == SIGABRT || signal_number == SIGSYS ||
           signal_number == SIGTRAP;
}

// What the process's end says of the call under way, where the host could not say it itself.
static void describe_end(struct outcome *outcome, int wait_status)
{
    if (WIFSIGNALED(wait_status)) {
        outcome->signal_number = WTERMSIG(wait_status);
        outcome->kind = is_fault(outcome->signal_number) ? OUTCOME_FAULT : OUTCOME_ENDED;
        outcome->exit_code = outcome->kind == OUTCOME_ENDED ? -1 : 0;
        return;
    }
    int code = WEXITSTATUS(wait_status);
    bool by_host = code == HOST_EXIT_CHANNEL || code == HOST_EXIT_USAGE;
    outcome->kind = by_host ? OUTCOME_DAMAGED : OUTCOME_ENDED;
    outcome->exit_code = by_host ? 0 : code;
}

// Makes the outcome of a call without an answer. Leaves no process. 0, or -1 with `failure`.
static int conclude(struct host *host, enum arrival arrival, struct outcome *outcome,
                    struct failure *failure)
{
    memset(outcome, 0, sizeof *outcome);
    outcome->inside = outcome->before = outcome->after = extent_none();
    outcome->began_ns = host->last_ns;
    if (arrival == ARRIVAL_LATE) {
        outcome->kind = OUTCOME_HUNG;
        host->hangs++;
    } else {
        outcome->kind = OUTCOME_DAMAGED;
    }
    if (arrival == ARRIVAL_ENDED) {
        int waited =
            supervisor_wait(host->supervisor, process_ended, host, END_PATIENCE_MS, failure);
        if (waited < 0)
            return -1;
        // A process that goes on without its channel has damaged it.
        if (waited == 0)
            describe_end(outcome, process_wait_status(host->process));
    }
    drop_process(host);
    outcome->ended_ns = uv_hrtime();
    return 0;
}

// Makes calls in one batch until the host's end. *done is how many have an outcome; *died says that
// the last of them had no proper end.
static int make_batch(struct host *host, const struct call *calls, size_t count, size_t first,
                      host_receiver *receiver, void *argument, size_t *done, bool *died,
                      struct failure *failure)
{
    *died = false;
    *done = 0;
    if (send_calls(host, calls, count, failure) != 0)
        return -1;
    while (*done < count && !*died) {
        struct outcome outcome;
        uint8_t *bytes = NULL;
        size_t index = *done;
        enum arrival arrival =
            read_answer(host, &calls[index], (uint32_t)index, &outcome, &bytes, failure);
        if (arrival == ARRIVAL_FAILED)
            return -1;
        if (arrival != ARRIVED && conclude(host, arrival, &outcome, failure) != 0)
            return -1;
        if (arrival == ARRIVED && outcome.kind == OUTCOME_FAULT)
            drop_process(host);
        *died = host->process == NULL;
        host->last_ns = uv_hrtime();
        host->call_count += outcome.kind != OUTCOME_NOT_TRIED;
        *done += 1;
        receiver(argument, first + index, 0, &outcome, bytes);
    }
    if (*died)
        return 0;
    // A host that ended by now is found out by the next call, which is then told of it.
    struct frame_header header;
    enum arrival arrival = read_header(host, &header, failure);
    if (arrival == ARRIVAL_LATE || arrival == ARRIVAL_DAMAGED ||
        (arrival == ARRIVED && header.type != FRAME_DONE))
        drop_process(host);
    return arrival == ARRIVAL_FAILED ? -1 : 0;
}

static void give_up_calls(size_t first, size_t count, host_receiver *receiver, void *argument)
{
    struct outcome outcome = {.kind = OUTCOME_NOT_TRIED};
    outcome.inside = outcome.before = outcome.after = extent_none();
    for (size_t i = first; i < count; i++)
        receiver(argument, i, 0, &outcome, NULL);
}

int host_calls(struct host *host, const struct call *calls, size_t count, host_receiver *receiver,
               void *argument, struct failure *failure)
{
    unsigned deaths = 0;
    size_t next = 0;
    while (next < count && deaths < HOST_FAULTS_MAX && host->hangs < HOST_HANGS_MAX) {
        if (host->process == NULL && greet(host, failure) != 0)
            return -1;
        size_t batch = count - next < BATCH_MAX ? count - next : BATCH_MAX;
        size_t done = 0;
        bool died = false;
        unsigned hangs = host->hangs;
        if (make_batch(host, calls + next, batch, next, receiver, argument, &done, &died,
                       failure) != 0)
            return -1;
        deaths += died && host->hangs == hangs;
        next += done;
    }
    give_up_calls(next, count, receiver, argument);
    return 0;
}

// --- a host's life

int host_start(struct host **result, struct supervisor *supervisor,
               const struct host_options *options, struct failure *failure)
{
    *result = NULL;
    struct host *host = calloc(1, sizeof *host);
    if (host == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "host: out of memory");
    host->supervisor = supervisor;
    host->channel = -1;
    host->timeout_ms = options->timeout_ms;
    host->program = strdup(options->program);
    host->library = strdup(options->library);
    const char *table = options->session_table;
    if (asprintf(&host->environment, "%s%s%s", SESSION_TABLE_VARIABLE, table != NULL ? "=" : "",
                 table != NULL ? table : "") < 0)
        host->environment = NULL;
    int status = -1;
    if (host->program == NULL || host->library == NULL || host->environment == NULL)
        failure_set(failure, STATUS_UNTRUSTED, "host: out of memory");
    else
        status = greet(host, failure);
    if (status != 0) {
        host_stop(host);
        return -1;
    }
    *result = host;
    return 0;
}

const struct hello *host_hello(const struct host *host)
{
    return &host->hello;
}

const char *host_said(const struct host *host)
{
    if (host->process != NULL)
        return process_said(host->process);
    return host->said != NULL ? host->said : "";
}

unsigned long long host_call_count(const struct host *host)
{
    return host->call_count;
}

void host_stop(struct host *host)
{
    if (host == NULL)
        return;
    drop_process(host);
    free(host->program);
    free(host->library);
    free(host->environment);
    free(host->said);
    free(host);
}
