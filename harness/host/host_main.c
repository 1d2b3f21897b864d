// SPDX-License-Identifier: Apache-2.0
// The host program: loads one implementation and makes the calls that the kit asks for. It judges
// nothing and links nothing but the C library.
//
//     iscsidsc-tck-host CHANNEL LIBRARY
//
// CHANNEL is an inherited descriptor. The first frame there has the nonce that every later one
// repeats: a command line could be read by anybody. With --listen it is a listener instead, which
// starts such hosts for a kit at the other end of a TCP connection.
#include "conformance/transcript/function.h"
#include "harness/host/host_os.h"
#include "harness/host/listener.h"
#include "harness/host/memory.h"
#include "harness/host/protocol.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct worker;

// Memory that is not the heap's, which is measured for what the library leaves in it.
struct pages {
    void *memory;
    size_t size;
};

struct host {
    struct os_channel *channel;
    uint64_t nonce;
    void *library;
    session_list_function functions[CHARSETS]; // by enum charset; NULL: not exported
    const struct pattern *pattern;
    struct os_state *state;
    struct worker
        *workers; // THREADS_MAX of them; never moved, because fault handlers point to them
    // The batch under way:
    unsigned thread_count;
    struct pages calls;
    struct pages payload; // the frame they came in
    atomic_bool stopping; // no further calls
    atomic_bool ending;   // the kit has sent its END
};

// One thread's part of a batch.
struct worker {
    struct host *host;
    const struct call *calls;
    uint32_t call_count;
    struct memory *memory;
    struct os_trap trap;
    uint64_t looked_ns; // when it last looked whether the kit wants a stop
    bool finished;
};

// A call that is made once or several times in a row.
struct repetition {
    struct worker *worker;
    const struct call *call;
    struct arguments arguments;
    uint32_t wanted;
    uint32_t made;
    bool measured;
    struct process_state before;
    struct outcome sent;   // the RESULT that is told of more calls by MORE
    struct outcome unsent; // those calls: repeats 0 when there are none
    uint64_t sent_ns;      // when the kit last heard of it
};

// The host has a few hundred mappings at most. Linux allows 65,530, and 32-bit Windows has room for
// 32,768 (each begins at a multiple of 64 KiB). Where there is no more memory and thousands are
// there, it is the library that has not given them back.
static _Noreturn void give_up(const char *text, int exit_code)
{
    enum { MAPPINGS_MANY = 8192 };
    if (exit_code == HOST_EXIT_MEMORY && os_mappings() >= MAPPINGS_MANY) {
        text = "the library left so many mappings behind that the process can have no more";
        exit_code = HOST_EXIT_MAPPINGS;
    }
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

static void send_outcome(const struct worker *worker, uint16_t type, const struct outcome *outcome,
                         const uint8_t *bytes)
{
    uint8_t payload[OUTCOME_SIZE];
    if (outcome_encode(payload, sizeof payload, worker->trap.thread, worker->trap.index, outcome) <
        0)
        give_up("an outcome does not fit the protocol", HOST_EXIT_USAGE);
    if (os_channel_mend(worker->host->channel) != 0)
        give_up("the library closed every descriptor, the channel to the kit too",
                HOST_EXIT_CHANNEL);
    send_frame(worker->host, type, payload, sizeof payload, bytes,
               bytes == NULL ? 0 : outcome->byte_count);
}

static void refuse_call(const struct worker *worker)
{
    struct outcome outcome = {.kind = OUTCOME_NOT_TRIED};
    outcome.inside = outcome.before = outcome.after = extent_none();
    outcome_single(&outcome);
    send_outcome(worker, FRAME_RESULT, &outcome, NULL);
}

// Has the kit asked for an end of the batch? Looks into the channel now and then.
static bool stopping(struct worker *worker, uint64_t now_ns)
{
    enum { LOOK_EVERY_NS = 1000000 };
    struct host *host = worker->host;
    if (atomic_load(&host->stopping))
        return true;
    if (now_ns - worker->looked_ns < LOOK_EVERY_NS)
        return false;
    worker->looked_ns = now_ns;
    uint8_t bytes[FRAME_HEADER_SIZE];
    struct frame_header header;
    if (os_channel_mend(host->channel) != 0)
        return false; // sending will find the error
    int taken = os_channel_take(host->channel, bytes, sizeof bytes);
    if (taken == 0)
        return false;
    if (taken < 0)
        os_end(0); // the kit is gone
    if (frame_header_decode(&header, bytes, sizeof bytes) < 0 || header.nonce != host->nonce ||
        (header.type != FRAME_STOP && header.type != FRAME_END))
        give_up("the kit sent a frame amid the calls that the protocol does not know",
                HOST_EXIT_USAGE);
    if (header.type == FRAME_END)
        atomic_store(&host->ending, true);
    atomic_store(&host->stopping, true);
    return true;
}

static void send_unsent(struct repetition *repetition)
{
    struct worker *worker = repetition->worker;
    if (repetition->unsent.repeats == 0)
        return;
    send_outcome(worker, FRAME_MORE, &repetition->unsent, NULL);
    repetition->sent_ns = repetition->unsent.ended_ns;
    repetition->unsent.repeats = 0;
    worker->trap.unsent = 0;
}

// Counts one more call that had the same answer.
static void add_unsent(struct repetition *repetition, const struct outcome *outcome)
{
    struct outcome *unsent = &repetition->unsent;
    if (unsent->repeats == 0) {
        *unsent = *outcome;
    } else {
        unsent->repeats++;
        unsent->last_began_ns = outcome->began_ns;
        unsent->ended_ns = outcome->ended_ns;
        unsent->has_state = outcome->has_state;
        unsent->state_before = outcome->state_before;
        unsent->state_after = outcome->state_after;
    }
    repetition->worker->trap.unsent = unsent->repeats;
}

// Tells the kit of a call that has ended: at once when the answer is a new one, else every
// MORE_EVERY_MS and after the last.
static void report(struct repetition *repetition, const struct outcome *outcome, bool last)
{
    const uint64_t silence_ns = (uint64_t)MORE_EVERY_MS * 1000000;
    struct worker *worker = repetition->worker;
    bool repeated = repetition->wanted > 1;
    if (repetition->made > 1 && memory_same(worker->memory, &repetition->sent, outcome)) {
        add_unsent(repetition, outcome);
        if (last || outcome->ended_ns - repetition->sent_ns >= silence_ns)
            send_unsent(repetition);
        return;
    }
    send_unsent(repetition);
    send_outcome(worker, FRAME_RESULT, outcome, repetition->arguments.buffer);
    if (!repeated)
        return;
    repetition->sent = *outcome;
    repetition->sent_ns = outcome->ended_ns;
    memory_keep(worker->memory, outcome);
}

static void read_state(const struct repetition *repetition, struct process_state *state)
{
    const struct worker *worker = repetition->worker;
    os_state_read(worker->host->state, state);
    uint64_t allocated = os_sanitizer_memory();
    if (allocated > 0) {
        state->memory_bytes = allocated;
        return;
    }
    uint64_t own = worker->host->calls.size + worker->host->payload.size;
    for (unsigned i = 0; i < THREADS_MAX; i++) // those of other batches are kept, too
        if (worker->host->workers[i].memory != NULL)
            own += memory_footprint(worker->host->workers[i].memory);
    state->memory_bytes -= own < state->memory_bytes ? own : state->memory_bytes;
}

// The arguments in the function's order, as words; their number.
static unsigned order_arguments(const struct call *call, const struct arguments *arguments,
                                uintptr_t words[PARAMETERS_MAX])
{
    const struct function *function = function_of((enum charset)call->charset);
    unsigned count = 0;
    for (; count < PARAMETERS_MAX && function->parameters[count] != PARAMETER_NONE; count++) {
        const uintptr_t of[] = {[PARAMETER_SIZE] = (uintptr_t)arguments->size,
                                [PARAMETER_COUNT] = (uintptr_t)arguments->count,
                                [PARAMETER_BUFFER] = (uintptr_t)arguments->buffer,
                                [PARAMETER_FLAG] = call->subject[0],
                                [PARAMETER_ID] = (uintptr_t)arguments->id};
        words[count] = of[function->parameters[count]];
    }
    return count;
}

// The call itself. Returns true when it was the last of its repetition.
static bool call_function(struct repetition *repetition, session_list_function function,
                          struct outcome *outcome)
{
    struct worker *worker = repetition->worker;
    const struct arguments *arguments = &repetition->arguments;
    uintptr_t words[PARAMETERS_MAX] = {0};
    unsigned count = order_arguments(repetition->call, arguments, words);
    *outcome = (struct outcome){.kind = OUTCOME_RETURNED};
    outcome->base = worker->trap.base = (uint64_t)(uintptr_t)arguments->buffer;
    outcome->began_ns = worker->trap.began_ns = os_now_ns();
    outcome->status = os_call(function, words, count);
    outcome->ended_ns = os_now_ns();
    outcome_single(outcome);
    if (!os_is_the_host())
        os_end(0); // a child that the library forked
    bool last = ++repetition->made == repetition->wanted || stopping(worker, outcome->ended_ns);
    if (repetition->measured && last) {
        outcome->has_state = true;
        outcome->state_before = repetition->before;
        read_state(repetition, &outcome->state_after);
        os_state_restore(worker->host->state);
    }
    if (memory_examine(worker->memory, repetition->call, outcome) != 0)
        give_up("the library closed the file behind its sparse buffer", HOST_EXIT_CHANNEL);
    return last;
}

static void repeat_call(struct repetition *repetition, session_list_function function)
{
    struct worker *worker = repetition->worker;
    os_trap_arm(&worker->trap);
    if (repetition->measured) {
        os_state_prepare(worker->host->state, worker->host->channel);
        read_state(repetition, &repetition->before);
    }
    for (bool last = false; !last;) {
        struct outcome outcome;
        // Nothing is put right between the two measurements of a call.
        if (repetition->made > 0 && !repetition->measured)
            os_trap_arm(&worker->trap);
        last = call_function(repetition, function, &outcome);
        report(repetition, &outcome, last);
        if (!last && memory_refill(worker->memory, repetition->call) != 0)
            give_up("the library closed the file behind its sparse buffer", HOST_EXIT_CHANNEL);
    }
}

static void make_call(struct worker *worker, const struct call *call)
{
    session_list_function function = worker->host->functions[call->charset];
    struct repetition repetition = {.worker = worker,
                                    .call = call,
                                    .wanted = call->repeat > 1 ? call->repeat : 1,
                                    .measured = (call->flags & CALL_MEASURE) != 0 &&
                                                worker->host->thread_count == 1};
    worker->trap.unsent = 0;
    if (function == NULL || memory_place(worker->memory, call, &repetition.arguments) != 0 ||
        (call->repeat > 1 && memory_keep_room(worker->memory, call) != 0)) {
        refuse_call(worker);
        return;
    }
    repeat_call(&repetition, function);
    memory_finish(worker->memory);
}

static void worker_run(void *argument)
{
    struct worker *worker = argument;
    if (os_trap_create(&worker->trap) != 0)
        give_up("no memory for a signal stack", HOST_EXIT_MEMORY);
    for (uint32_t i = 0; i < worker->call_count && !stopping(worker, os_now_ns()); i++) {
        worker->trap.index = i;
        make_call(worker, &worker->calls[i]);
    }
    os_trap_destroy(&worker->trap);
    worker->finished = true;
}

static int worker_prepare(struct worker *worker, struct host *host, unsigned thread,
                          const struct call *calls, uint32_t call_count)
{
    worker->host = host;
    worker->finished = false;
    worker->calls = calls;
    worker->call_count = call_count;
    worker->looked_ns = 0;
    worker->trap.channel = host->channel;
    worker->trap.nonce = host->nonce;
    worker->trap.thread = thread;
    if (worker->memory == NULL)
        worker->memory = memory_create(host->pattern);
    return worker->memory == NULL ? -1 : 0;
}

static void run_batch(struct host *host, unsigned thread_count, const struct call *calls,
                      uint32_t call_count)
{
    struct worker *workers = host->workers;
    void *arguments[THREADS_MAX] = {NULL};
    host->thread_count = thread_count;
    atomic_store(&host->stopping, false);
    for (unsigned i = 0; i < thread_count; i++) {
        arguments[i] = &workers[i];
        if (worker_prepare(&workers[i], host, i, calls, call_count) != 0)
            give_up("no memory for the buffers of a call", HOST_EXIT_MEMORY);
    }
    if (thread_count == 1)
        worker_run(&workers[0]);
    else if (os_threads_run(thread_count, worker_run, arguments) != 0)
        give_up("the threads asked for can't be started", HOST_EXIT_MEMORY);
    for (unsigned i = 0; i < thread_count; i++) {
        if (!workers[i].finished)
            give_up("the library ended the thread that called it", HOST_EXIT_THREAD);
    }
    send_frame(host, FRAME_DONE, NULL, 0, NULL, 0);
}

static void pages_release(struct pages *pages)
{
    if (pages->memory != NULL)
        os_release(pages->memory, pages->size);
    *pages = (struct pages){0};
}

// At least that much, as it is kept from the batch before or new. NULL when it can't be had.
static void *pages_take(struct pages *pages, size_t size)
{
    if (size <= pages->size)
        return pages->memory;
    pages_release(pages);
    size_t page = os_page_size();
    size_t rounded = (size + page - 1) / page * page;
    void *memory = os_reserve(rounded);
    if (memory == NULL || os_protect(memory, rounded, OS_ACCESS_ALL) != 0)
        return NULL;
    *pages = (struct pages){memory, rounded};
    return memory;
}

static void pages_finish(struct pages *pages)
{
    enum { KEPT_MAX = 65536 };
    if (pages->size > KEPT_MAX)
        pages_release(pages);
}

// Once for each batch: what two clocks differ by changes with time.
static void send_clock(const struct host *host)
{
    uint8_t payload[CLOCK_SIZE];
    if (os_own_clock() && clock_encode(payload, sizeof payload, os_now_ns()) > 0)
        send_frame(host, FRAME_CLOCK, payload, sizeof payload, NULL, 0);
}

static void serve_calls(struct host *host, const uint8_t *payload, size_t size)
{
    uint32_t thread_count = 0;
    uint32_t call_count = 0;
    int at = calls_header_decode(&thread_count, &call_count, payload, size);
    if (at < 0 || size - (size_t)at != (size_t)call_count * CALL_SIZE)
        give_up("the kit sent calls that the protocol does not know", HOST_EXIT_USAGE);
    struct call *calls = pages_take(&host->calls, ((size_t)call_count + 1) * sizeof *calls);
    if (calls == NULL)
        give_up("no memory for the calls of a batch", HOST_EXIT_MEMORY);
    for (uint32_t i = 0; i < call_count; i++) {
        if (call_decode(&calls[i], payload + at, CALL_SIZE) < 0)
            give_up("the kit sent a call that the protocol does not know", HOST_EXIT_USAGE);
        at += CALL_SIZE;
    }
    send_clock(host);
    run_batch(host, thread_count, calls, call_count);
    pages_finish(&host->calls);
}

static void serve_login(struct host *host, const uint8_t *payload, size_t size)
{
    struct worker *worker = &host->workers[0];
    struct login_request request;
    struct login_answer answer;
    uint8_t bytes[LOGGED_SIZE];
    if (login_request_decode(&request, payload, size) < 0)
        give_up("the kit sent a login that the protocol does not know", HOST_EXIT_USAGE);
    worker->trap = (struct os_trap){.channel = host->channel,
                                    .nonce = host->nonce,
                                    .stack = worker->trap.stack,
                                    .stack_size = worker->trap.stack_size};
    if (os_trap_create(&worker->trap) != 0)
        give_up("no memory for a signal stack", HOST_EXIT_MEMORY);
    os_trap_arm(&worker->trap);
    worker->trap.began_ns = os_now_ns();
    login_call(host->library, &request, &answer);
    if (!os_is_the_host())
        os_end(0); // a child that the library forked
    os_trap_destroy(&worker->trap);
    if (login_answer_encode(bytes, sizeof bytes, &answer) < 0 ||
        os_channel_mend(host->channel) != 0)
        give_up("the library closed every descriptor, the channel to the kit too",
                HOST_EXIT_CHANNEL);
    send_frame(host, FRAME_LOGGED, bytes, sizeof bytes, NULL, 0);
}

// Serves one frame; false at the end.
static bool serve_frame(struct host *host)
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
    if (header.type == FRAME_STOP)
        return true; // its batch had ended by itself
    if (header.type != FRAME_CALLS && header.type != FRAME_LOGIN)
        give_up("the kit sent a frame that is not for a host", HOST_EXIT_USAGE);
    uint8_t *payload = pages_take(&host->payload, (size_t)header.payload_size + 1);
    if (payload == NULL || os_channel_read(host->channel, payload, header.payload_size) != 0)
        give_up("the kit's frame could not be read", HOST_EXIT_USAGE);
    if (header.type == FRAME_LOGIN)
        serve_login(host, payload, header.payload_size);
    else
        serve_calls(host, payload, header.payload_size);
    pages_finish(&host->payload);
    return !atomic_load(&host->ending);
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
                          .own_clock = os_own_clock(),
                          .code_page = os_code_page(),
                          .page_size = (uint32_t)os_page_size(),
                          .buffer_max = os_buffer_max()};
    os_platform(hello.platform, sizeof hello.platform);
    void *library = os_library_load(path, hello.error, sizeof hello.error);
    host->library = library;
    if (library != NULL) {
        for (int charset = 0; charset < CHARSETS; charset++)
            host->functions[charset] =
                os_library_find(library, function_of((enum charset)charset)->name);
        os_library_describe(library, &hello);
    }
    for (int charset = 0; charset < CHARSETS; charset++)
        hello_note_export(&hello, (enum charset)charset, host->functions[charset] != NULL);
    uint8_t payload[HELLO_SIZE];
    if (hello_encode(payload, sizeof payload, &hello) < 0 || os_channel_mend(host->channel) != 0)
        give_up("the library closed every descriptor while it was loaded", HOST_EXIT_CHANNEL);
    send_frame(host, FRAME_HELLO, payload, sizeof payload, NULL, 0);
    return library != NULL;
}

static void read_nonce(struct host *host)
{
    uint8_t bytes[FRAME_HEADER_SIZE];
    struct frame_header header;
    if (os_channel_read(host->channel, bytes, sizeof bytes) != 0 ||
        frame_header_decode(&header, bytes, sizeof bytes) < 0 || header.type != FRAME_BEGIN)
        give_up("the kit did not begin with a nonce", HOST_EXIT_USAGE);
    host->nonce = header.nonce;
}

int main(int count, char **arguments)
{
    os_begin();
    if (listener_is_meant(count, arguments))
        os_end(listener_main(count, arguments));
    struct host host = {0};
    if (count != 3)
        give_up("usage: iscsidsc-tck-host CHANNEL LIBRARY (started by iscsidsc-tck); --help says "
                "more",
                HOST_EXIT_USAGE);
    host.channel = os_channel_open(arguments[1]);
    if (host.channel == NULL)
        give_up("CHANNEL is not a socket that was handed down, or there is no memory for it",
                HOST_EXIT_USAGE);
    read_nonce(&host);
    host.state = os_state_create();
    host.pattern = pattern_create();
    host.workers = calloc(THREADS_MAX, sizeof *host.workers);
    if (host.state == NULL || host.pattern == NULL || host.workers == NULL)
        give_up("no memory for patterns, threads and measurements", HOST_EXIT_MEMORY);
    if (load_library(&host, arguments[2])) {
        while (serve_frame(&host)) {
        }
    }
    os_end(0);
}
