// SPDX-License-Identifier: Apache-2.0
// One connection: a host is started for it, and what either side says is handed to the other.
//
// Three threads: this one hands what the kit sends to the host; one hands the host's frames to the
// kit; one hands on what it prints and the memory that it holds. They end in this order: the host,
// or the connection, with which the host is killed; the thread of the frames; all others.
#include "harness/host/listener.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    SAID_AT_A_TIME = 4096,
    SAID_TURN_MS = 20,
    MEMORY_EVERY_MS = 500,
    MEMORY_STEP = 4 << 20,     // bytes
    EXIT_PATIENCE_MS = 2000,   // from the end of the channel to that of the host
    WRITE_PATIENCE_MS = 60000, // for the host to take what the kit sent
    SAID_MAX = 1 << 20,        // bytes of what a host prints; the rest is read and dropped
};

struct session {
    struct os_child *child;
    os_socket peer;
    struct os_lock *sending; // to the peer, one chunk at a time; and reading what the child printed
    size_t said;             // bytes
    atomic_bool ended;       // nothing more is sent
    atomic_bool broken;      // sending failed
    uint64_t memory;         // as it was last told
    atomic_bool writing;     // to the child
    uint8_t frames[CHUNK_HEADER_SIZE + CHUNK_MAX]; // of the thread of the frames
};

int session_answer(const struct listener *listener, os_socket peer, enum relay_status status)
{
    uint8_t bytes[RELAY_ANSWER_SIZE];
    struct relay_answer answer = {.status = status};
    // Who has not shown the token learns nothing else.
    if (status != RELAY_WRONG_TOKEN && status != RELAY_OTHER_VERSION) {
        memcpy(answer.platform, listener->platform, sizeof answer.platform);
        memcpy(answer.library, listener->library, sizeof answer.library - 1);
    }
    if (relay_answer_encode(bytes, sizeof bytes, &answer) < 0)
        return -1;
    return os_socket_write(peer, bytes, sizeof bytes);
}

// `bytes` begins with room for the chunk's header. With the lock taken.
static int send_chunk(struct session *session, uint32_t kind, uint8_t *bytes, size_t size)
{
    const struct chunk_header header = {kind, (uint32_t)size};
    if (atomic_load(&session->broken) ||
        chunk_header_encode(bytes, CHUNK_HEADER_SIZE, &header) < 0 ||
        os_socket_write(session->peer, bytes, CHUNK_HEADER_SIZE + size) != 0) {
        atomic_store(&session->broken, true);
        return -1;
    }
    return 0;
}

// Hands on all that was printed by now. With the lock taken.
static void send_said(struct session *session)
{
    uint8_t bytes[CHUNK_HEADER_SIZE + SAID_AT_A_TIME];
    for (long got = SAID_AT_A_TIME; got == SAID_AT_A_TIME;) {
        got = os_child_said(session->child, bytes + CHUNK_HEADER_SIZE, SAID_AT_A_TIME);
        if (got > 0 && session->said < SAID_MAX) {
            session->said += (size_t)got;
            send_chunk(session, CHUNK_SAID, bytes, (size_t)got);
        }
    }
}

// Only where it has changed: the kit does not read between its batches of calls.
static void send_memory(struct session *session)
{
    uint8_t bytes[CHUNK_HEADER_SIZE + CHUNK_MEMORY_SIZE];
    struct relay_memory memory;
    if (!os_child_memory(session->child, &memory) ||
        memory.now / MEMORY_STEP == session->memory / MEMORY_STEP ||
        relay_memory_encode(bytes + CHUNK_HEADER_SIZE, CHUNK_MEMORY_SIZE, &memory) < 0)
        return;
    session->memory = memory.now;
    send_chunk(session, CHUNK_MEMORY, bytes, CHUNK_MEMORY_SIZE);
}

static void send_exit(struct session *session, const struct relay_exit *end)
{
    uint8_t bytes[CHUNK_HEADER_SIZE + CHUNK_EXIT_SIZE];
    if (relay_exit_encode(bytes + CHUNK_HEADER_SIZE, CHUNK_EXIT_SIZE, end) > 0)
        send_chunk(session, CHUNK_EXIT, bytes, CHUNK_EXIT_SIZE);
}

// The thread of the frames. What was printed before a frame is sent before it.
static void relay_frames(void *argument)
{
    struct session *session = argument;
    struct relay_exit end = {0};
    for (;;) {
        long got = os_child_read(session->child, session->frames + CHUNK_HEADER_SIZE, CHUNK_MAX);
        if (got <= 0)
            break;
        os_lock_take(session->sending);
        send_said(session);
        int sent = send_chunk(session, CHUNK_FRAMES, session->frames, (size_t)got);
        os_lock_give(session->sending);
        if (sent != 0)
            break;
    }
    os_child_end(session->child, EXIT_PATIENCE_MS, &end);
    os_lock_take(session->sending);
    send_said(session);
    send_exit(session, &end);
    atomic_store(&session->ended, true);
    os_lock_give(session->sending);
    // The kit has all that it will get. It ends the connection.
    os_socket_end_writing(session->peer);
    if (atomic_load(&session->broken))
        os_socket_shut(session->peer);
}

// The thread of what is printed: a host must not wait for somebody to read it.
static void relay_said(void *argument)
{
    struct session *session = argument;
    unsigned writing_ms = 0;
    for (unsigned ms = 0; !atomic_load(&session->ended); ms += SAID_TURN_MS) {
        os_child_await_said(session->child, SAID_TURN_MS);
        os_lock_take(session->sending);
        if (!atomic_load(&session->ended)) {
            send_said(session);
            if (ms % MEMORY_EVERY_MS == 0)
                send_memory(session);
        }
        os_lock_give(session->sending);
        writing_ms = atomic_load(&session->writing) ? writing_ms + SAID_TURN_MS : 0;
        if (writing_ms > WRITE_PATIENCE_MS)
            os_child_kill(session->child);
    }
}

// Until the connection or the host ends.
static void relay_requests(struct session *session)
{
    uint8_t bytes[16384];
    for (;;) {
        long got = os_socket_read(session->peer, bytes, sizeof bytes, 0);
        if (got <= 0)
            return;
        atomic_store(&session->writing, true);
        int written = os_child_write(session->child, bytes, (size_t)got);
        atomic_store(&session->writing, false);
        // What it can't take any more is dropped: the thread of the frames tells of its end.
        if (written != 0 && atomic_load(&session->broken))
            return;
    }
}

static void relay(struct session *session)
{
    struct os_thread *frames = os_thread_start(relay_frames, session);
    struct os_thread *said = frames != NULL ? os_thread_start(relay_said, session) : NULL;
    if (said != NULL)
        relay_requests(session);
    if (said == NULL || !atomic_load(&session->ended))
        os_child_kill(session->child);
    if (frames != NULL)
        os_thread_join(frames);
    if (said != NULL)
        os_thread_join(said);
    if (frames == NULL) {
        struct relay_exit end;
        os_child_end(session->child, 0, &end);
    }
}

// Who stops the listener has to find the child.
static bool show(struct listener *listener, size_t seat, struct os_child *child, os_socket peer)
{
    os_lock_take(listener->lock);
    listener->seats[seat].child = child;
    listener->seats[seat].served = peer;
    bool stopping = listener->stopping;
    os_lock_give(listener->lock);
    return !stopping;
}

static int begin_frames(struct os_child *child, const struct relay_request *request)
{
    uint8_t bytes[FRAME_HEADER_SIZE];
    const struct frame_header header = {request->nonce, FRAME_BEGIN, 0};
    int size = frame_header_encode(bytes, sizeof bytes, &header);
    return size < 0 ? -1 : os_child_write(child, bytes, (size_t)size);
}

void session_run(struct listener *listener, os_socket peer, const struct relay_request *request)
{
    struct session *session = calloc(1, sizeof *session);
    if (session != NULL) {
        session->sending = os_lock_create();
        session->memory = UINT64_MAX; // not told
    }
    if (session != NULL && session->sending != NULL) {
        os_lock_take(listener->lock); // one child is started at a time
        session->child = os_child_start(listener->library, request);
        os_lock_give(listener->lock);
    }
    // The kit's own words would come too early: a peer that is refused must not have sent more.
    if (session != NULL && session->child != NULL && begin_frames(session->child, request) != 0)
        os_child_kill(session->child);
    if (session == NULL || session->child == NULL) {
        session_answer(listener, peer, RELAY_NO_CHILD);
    } else {
        session->peer = peer;
        if (!show(listener, request->seat, session->child, peer) ||
            session_answer(listener, peer, RELAY_WELCOME) != 0)
            os_child_kill(session->child);
        relay(session);
        show(listener, request->seat, NULL, OS_NO_SOCKET);
        os_child_free(session->child);
    }
    if (session != NULL)
        os_lock_free(session->sending);
    free(session);
}
