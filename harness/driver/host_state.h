// SPDX-License-Identifier: Apache-2.0
// What the files of the driver share: a host, its process and the batch under way.
#ifndef TCK_HOST_STATE_H
#define TCK_HOST_STATE_H

#include "emulator/process/network.h"
#include "harness/driver/instance.h"
#include "harness/driver/receiver.h"
#include "harness/driver/room.h"
#include "harness/driver/sanitizer.h"
#include "harness/driver/wine.h"
#include "harness/host/protocol.h"

enum { INBOX_SIZE = 256 * 1024 };

// What the host waits for.
enum phase {
    PHASE_IDLE,    // nothing; there may be no process
    PHASE_LOADING, // the HELLO
    PHASE_CALLING, // answers, and DONE after them
    PHASE_LOGIN,   // what came of a LOGIN
    PHASE_ENDING,  // the end of the process, whose channel has ended
};

// Why it does not come.
enum cause {
    CAUSE_LATE,    // nothing came in time
    CAUSE_ENDED,   // the channel or the process ended
    CAUSE_DAMAGED, // what came is not what a host says
};

// Where one thread is in the part of the batch that was sent.
struct progress {
    size_t index;       // of the call under way, in the part
    uint32_t made;      // how often it was made, as far as is known
    unsigned waited_ms; // for an answer
    uint64_t resident;  // bytes of memory that the process had when it was last found to touch more
    uint64_t last_ns;   // of its last answer, or when calls were sent
    bool pending;       // the outcome below is held back: more of the same may follow
    struct outcome outcome;
    uint8_t *bytes;
};

struct batch {
    struct call *calls;
    size_t count;
    size_t first; // of the part under way
    size_t part;  // calls in it
    unsigned threads;
    unsigned deaths;
    bool stopping;
    // Of a host with a clock of its own: at `host_ns` of it the kit's was from asked_ns to told_ns.
    bool has_clock;
    uint64_t host_ns;
    uint64_t asked_ns;
    uint64_t told_ns;
    host_receiver *receive;
    void *argument;
    struct progress progress[THREADS_MAX];
};

// How often one of the two functions died.
struct mortality {
    unsigned deaths;
    unsigned in_a_row; // since one of its calls returned
};

// The frame that is being received.
struct frame {
    bool has_header;
    struct frame_header header;
    bool has_outcome; // only its bytes are still to come
    uint32_t thread;
    uint32_t index;
    struct outcome outcome;
    uint8_t *bytes;
    size_t have; // of the bytes
};

// A FAULT whose STACK may still come: whatever comes, this is the outcome of that call.
struct told_fault {
    bool is;
    unsigned thread;
    struct outcome outcome;
};

struct host {
    struct supervisor *supervisor;
    char *program;
    char *library;
    char *environment;           // of the session table: "NAME=value", or "NAME" to have none
    char *initiator;             // another variable: "NAME=value"; NULL: none
    const struct room *room;     // NULL: none
    char *shown[ROOM_SHOWN_MAX]; // folders within the run's that it may read, or NULL
    struct network network;      // of its rooms, one after the other
    bool network_left;           // by the last of them, and all that was in it
    struct sanitizer sanitizer;
    const struct wine *wine;             // NULL: the host is a program of this system
    const char *cpu_emulator;            // NULL: the processor runs the host
    const struct remote_options *remote; // NULL: it is a process of this machine
    enum relay_seat seat;                // behind a listener
    char *remote_library;                // the path that the listener gave; NULL: none yet
    unsigned timeout_ms;
    uint64_t memory_max; // bytes
    // See control_group_memory_kills and _refusals, when the process was started.
    uint64_t memory_kills;
    uint64_t refusals;
    struct hello hello;
    struct mortality mortality[CHARSETS];
    unsigned long long call_count;
    uint64_t peak_memory;
    char *said;                      // by the host that ended last
    char fault_path[FAULT_PATH_MAX]; // see host_fault_path
    uint8_t *stack;                  // see host_fault_stack
    size_t stack_size;
    char noise[HOST_NOISE_SIZE]; // see host_noise
    size_t loaded_said;          // bytes that the present process had printed when it had loaded

    struct told_fault told; // of the present process

    enum phase phase;
    bool loading;       // PHASE_ENDING: the HELLO had not come
    bool started_again; // the process, before its HELLO: see host_process_deserves_another
    bool busy;          // a batch was begun and has not ended
    struct batch batch;
    struct login_answer *login; // what came of a login is to be put there; NULL: none is under way
    enum login_kind login_kind; // of the last login
    struct failure failure;     // what ended the last batch or login, or loading
    uv_timer_t *clock;
    uint64_t ticked_ns;
    unsigned waited_ms; // in phases that wait for the process rather than a thread

    // The present process, here or behind a listener; none while it is NULL.
    struct instance *process;
    uv_poll_t *watch;
    int channel;
    uint64_t nonce;
    struct frame frame;
    size_t inbox_from;
    size_t inbox_to;
    uint8_t inbox[INBOX_SIZE];
};

static inline bool thread_finished(const struct batch *batch, unsigned thread)
{
    return batch->progress[thread].index >= batch->part;
}

#endif
