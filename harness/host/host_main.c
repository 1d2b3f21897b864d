// The host program: loads one implementation and makes the calls that the kit asks for. It judges
// nothing and links nothing but the C library.
//
//     iscsidsc-tck-host CHANNEL NONCE LIBRARY
//
// CHANNEL is an inherited descriptor, NONCE 16 hex digits that every frame repeats.
#include "harness/host/host_os.h"
#include "harness/host/memory.h"
#include "harness/host/protocol.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct worker;

struct host {
    struct os_channel *channel;
    uint64_t nonce;
    session_list_function functions[2]; // by enum charset; NULL: not exported
    const struct pattern *pattern;
    struct worker
        *workers; // THREADS_MAX; they stay where they are, for fault handlers refer to them
};

// One thread's part of a batch.
struct worker {
    const struct host *host;
    const struct call *calls;
    uint32_t call_count;
    struct memory *memory;
    struct os_trap trap;
    bool finished;
};

static _Noreturn void give_up(const char *text, int exit_code)
{
    os_say(text);
    os_end(exit_code);
}

static void send_frame(const struct host *host, uint16_t type, const uint8_t *payload, size_t size,
                       const uint8_t *bytes, size_t byte_count)
{
    uint8_t frame[FRAME_HEADER_SIZE + HELLO_SIZE];
    struct frame_header header = {host->nonce, type, (uint32_t)(size + byte_count)};
    if (size > HELLO_SIZE || frame_header_encode(frame, sizeof frame, &header) < 0)
        give_up("a frame of its own does not fit the protocol", HOST_EXIT_USAGE);
    if (size > 0)
        memcpy(frame + FRAME_HEADER_SIZE, payload, size);
    if (os_channel_write(host->channel, frame, FRAME_HEADER_SIZE + size, bytes, byte_count) != 0)
        give_up("the channel to the kit can't be written to", HOST_EXIT_CHANNEL);
}

static void send_result(const struct worker *worker, const struct outcome *outcome,
                        const uint8_t *bytes)
{
    uint8_t payload[OUTCOME_SIZE];
    if (outcome_encode(payload, sizeof payload, worker->trap.thread, worker->trap.index, outcome) <
        0)
        give_up("an outcome does not fit the protocol", HOST_EXIT_USAGE);
    send_frame(worker->host, FRAME_RESULT, payload, sizeof payload, bytes, outcome->byte_count);
}

static void refuse_call(const struct worker *worker)
{
    struct outcome outcome = {.kind = OUTCOME_NOT_TRIED};
    outcome.inside = outcome.before = outcome.after = extent_none();
    send_result(worker, &outcome, NULL);
}

static void make_call(struct worker *worker, const struct call *call)
{
    session_list_function function = worker->host->functions[call->charset];
    struct arguments arguments;
    if (function == NULL || memory_place(worker->memory, call, &arguments) != 0) {
        refuse_call(worker);
        return;
    }
    struct outcome outcome = {.kind = OUTCOME_RETURNED};
    outcome.base = worker->trap.base = (uint64_t)(uintptr_t)arguments.buffer;
    os_trap_arm(&worker->trap);
    outcome.began_ns = worker->trap.began_ns = os_now_ns();
    outcome.status = function(arguments.size, arguments.count, arguments.buffer);
    outcome.ended_ns = os_now_ns();
    if (!os_is_the_host())
        os_end(0); // a child that the library forked
    if (os_channel_mend(worker->host->channel) != 0)
        give_up("the library closed every descriptor, the channel to the kit too",
                HOST_EXIT_CHANNEL);
    if (memory_examine(worker->memory, call, &outcome) != 0)
        give_up("the library closed the file behind its sparse buffer", HOST_EXIT_CHANNEL);
    send_result(worker, &outcome, arguments.buffer);
    memory_finish(worker->memory);
}

static void worker_run(void *argument)
{
    struct worker *worker = argument;
    if (os_trap_create(&worker->trap) != 0)
        give_up("no memory for a signal stack", HOST_EXIT_USAGE);
    for (uint32_t i = 0; i < worker->call_count; i++) {
        worker->trap.index = i;
        make_call(worker, &worker->calls[i]);
    }
    os_trap_destroy(&worker->trap);
    worker->finished = true;
}

static int worker_prepare(struct worker *worker, const struct host *host, unsigned thread,
                          const struct call *calls, uint32_t call_count)
{
    worker->host = host;
    worker->finished = false;
    worker->calls = calls;
    worker->call_count = call_count;
    worker->trap.channel = host->channel;
    worker->trap.nonce = host->nonce;
    worker->trap.thread = thread;
    if (worker->memory == NULL)
        worker->memory = memory_create(host->pattern);
    return worker->memory == NULL ? -1 : 0;
}

static void run_batch(const struct host *host, unsigned thread_count, const struct call *calls,
                      uint32_t call_count)
{
    struct worker *workers = host->workers;
    void *arguments[THREADS_MAX] = {NULL};
    for (unsigned i = 0; i < thread_count; i++) {
        arguments[i] = &workers[i];
        if (worker_prepare(&workers[i], host, i, calls, call_count) != 0)
            give_up("no memory for the buffers of a call", HOST_EXIT_USAGE);
    }
    if (thread_count == 1)
        worker_run(&workers[0]);
    else if (os_threads_run(thread_count, worker_run, arguments) != 0)
        give_up("the threads asked for can't be started", HOST_EXIT_USAGE);
    for (unsigned i = 0; i < thread_count; i++) {
        if (!workers[i].finished)
            give_up("the library ended the thread that called it", HOST_EXIT_THREAD);
        if (i > 0) { // the first is there for every batch
            memory_destroy(workers[i].memory);
            workers[i].memory = NULL;
        }
    }
    send_frame(host, FRAME_DONE, NULL, 0, NULL, 0);
}

static void serve_calls(const struct host *host, const uint8_t *payload, size_t size)
{
    uint32_t thread_count = 0;
    uint32_t call_count = 0;
    int at = calls_header_decode(&thread_count, &call_count, payload, size);
    if (at < 0 || size - (size_t)at != (size_t)call_count * CALL_SIZE)
        give_up("the kit sent calls that the protocol does not know", HOST_EXIT_USAGE);
    struct call *calls = calloc((size_t)call_count + 1, sizeof *calls);
    if (calls == NULL)
        give_up("no memory for the calls of a batch", HOST_EXIT_USAGE);
    for (uint32_t i = 0; i < call_count; i++) {
        if (call_decode(&calls[i], payload + at, CALL_SIZE) < 0)
            give_up("the kit sent a call that the protocol does not know", HOST_EXIT_USAGE);
        at += CALL_SIZE;
    }
    run_batch(host, thread_count, calls, call_count);
    free(calls);
}

// Serves one frame; false at the end.
static bool serve_frame(const struct host *host)
{
    uint8_t bytes[FRAME_HEADER_SIZE];
    struct frame_header header;
    int got = os_channel_read(host->channel, bytes, sizeof bytes);
    if (got == 1)
        return false; // the kit is gone
    if (got != 0 || frame_header_decode(&header, bytes, sizeof bytes) < 0 ||
        header.nonce != host->nonce)
        give_up("the kit sent a frame that the protocol does not know", HOST_EXIT_USAGE);
    if (header.type == FRAME_END)
        return false;
    if (header.type != FRAME_CALLS)
        give_up("the kit sent a frame that is not for a host", HOST_EXIT_USAGE);
    uint8_t *payload = malloc((size_t)header.payload_size + 1);
    if (payload == NULL || os_channel_read(host->channel, payload, header.payload_size) != 0)
        give_up("the kit's frame could not be read", HOST_EXIT_USAGE);
    serve_calls(host, payload, header.payload_size);
    free(payload);
    return true;
}

// Loads the library and says hello; false when it could not be loaded (the hello says why).
static bool load_library(struct host *host, const char *path)
{
    struct member {
        char first;
        int64_t second;
    };
    struct hello hello = {.pointer_size = sizeof(void *),
                          .long_align = (uint8_t)offsetof(struct member, second),
                          .code_page = os_code_page()};
    os_platform(hello.platform, sizeof hello.platform);
    void *library = os_library_load(path, hello.error, sizeof hello.error);
    if (library != NULL) {
        host->functions[CHARSET_A] = os_library_find(library, "GetIScsiSessionListA");
        host->functions[CHARSET_W] = os_library_find(library, "GetIScsiSessionListW");
    }
    hello.has_a = host->functions[CHARSET_A] != NULL;
    hello.has_w = host->functions[CHARSET_W] != NULL;
    uint8_t payload[HELLO_SIZE];
    if (hello_encode(payload, sizeof payload, &hello) < 0 || os_channel_mend(host->channel) != 0)
        give_up("the library closed every descriptor while it was loaded", HOST_EXIT_CHANNEL);
    send_frame(host, FRAME_HELLO, payload, sizeof payload, NULL, 0);
    return library != NULL;
}

static bool parse_nonce(const char *text, uint64_t *nonce)
{
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 16);
    *nonce = value;
    return errno == 0 && strlen(text) == 16 && end == text + 16;
}

int main(int count, char **arguments)
{
    os_begin();
    struct host host = {0};
    if (count != 4 || !parse_nonce(arguments[2], &host.nonce))
        give_up("usage: iscsidsc-tck-host CHANNEL NONCE LIBRARY (started by iscsidsc-tck)",
                HOST_EXIT_USAGE);
    host.channel = os_channel_open(arguments[1]);
    if (host.channel == NULL)
        give_up("CHANNEL is not a socket that was handed down", HOST_EXIT_USAGE);
    host.pattern = pattern_create();
    host.workers = calloc(THREADS_MAX, sizeof *host.workers);
    if (host.pattern == NULL || host.workers == NULL)
        give_up("no memory for patterns and threads", HOST_EXIT_USAGE);
    if (load_library(&host, arguments[3])) {
        while (serve_frame(&host)) {
        }
    }
    os_end(0);
}
