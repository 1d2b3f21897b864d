// SPDX-License-Identifier: Apache-2.0
// The protocol between kit and host: frames over a byte stream, little-endian, fixed width,
// versioned, every length checked on both sides. Encoding and decoding only, no I/O, no allocation:
// the host programs and the kit share it, and tests feed it garbage.
//
//     frame := magic u32 | nonce u64 | type u16 | version u16 | payload size u32 | 0 u32 | payload
//
//     kit to host:  CALLS   thread count u32, call count u32, calls
//                   STOP    nothing: end the batch after the calls that are under way
//                   END     nothing: end
//                   LOGIN   between batches: make or end a session by the library's own function
//     host to kit:  HELLO   once, after loading the library
//                   CLOCK   the host's clock, where it is one of its own: first in each batch
//                   RESULT  one for each call, in order, when it ends; for a repeated call, one
//                           whenever the answer differs from the last one
//                   MORE    so many further calls had the answer of the last RESULT of that thread;
//                           sent when a repetition's answer changes, when it ends, and every
//                           MORE_EVERY_MS
//                   FAULT   in place of a RESULT or MORE; then the host sends a STACK and dies
//                   STACK   after a FAULT: what the stack of that call is followed by; the FAULT
//                           counts without it, too
//                   DONE    after the last RESULT or MORE of a batch
//                   LOGGED  what came of a LOGIN; or a FAULT, of thread 0 and call 0
//
// A STOP may arrive after its batch has ended. Between batches the host ignores it.
//
// The kit chooses the nonce and gives it to the host on its command line. Every frame has it, so
// that bytes that an implementation happens to write into the channel are not taken for an answer.
#ifndef TCK_PROTOCOL_H
#define TCK_PROTOCOL_H

#include "conformance/transcript/call.h"
#include "conformance/transcript/hello.h"
#include "harness/host/login.h"

#include <stddef.h>
#include <stdint.h>

enum {
    PROTOCOL_VERSION = 11,
    PROTOCOL_MAGIC = 0x4B435449, // "ITCK"
    FRAME_HEADER_SIZE = 24,
    CALLS_HEADER_SIZE = 8,         // of a CALLS payload, before the calls
    CALL_SIZE = 20 + SUBJECT_SIZE, // an encoded struct call
    CALLS_MAX = 1 << 20,           // calls of one batch
    MORE_EVERY_MS = 100, // a thread sends a frame at least so often, unless a call takes longer
    HELLO_SIZE = 8 + 4 + 4 + 8 + HELLO_PLATFORM_MAX + HELLO_VERSION_MAX + HELLO_BUILD_ID_MAX +
                 HELLO_PLATFORM_MAX + HELLO_TEXT_MAX,
    CLOCK_SIZE = 8,
    LOGIN_SIZE =
        1 + 2 + 2 * 8 + 2 * (ISCSI_NAME_SIZE + LOGIN_ADDRESS_SIZE) + 2 * (1 + LOGIN_SECRET_MAX),
    LOGGED_SIZE = 1 + 4 + 4 * 8,
    FAULT_PATH_MAX = 1024, // bytes of the path of a module's file, with the terminator
    STACK_REGISTERS_MAX = 33,
    STACK_HEADER_SIZE = 2 * 4 + 3 * 8 + STACK_REGISTERS_MAX * 8 + 8 + 2 * 4,
    STACK_BYTES_MAX = 64 * 1024,
    STACK_MAPS_MAX = 96 * 1024,
    STACK_SIZE_MAX = STACK_HEADER_SIZE + STACK_BYTES_MAX + STACK_MAPS_MAX,
};

// What the host's own words begin with, on its standard error.
#define HOST_SAYS "iscsidsc-tck-host: "

// The host's own exit codes, besides 0; they are those of a library that has ended the host where
// the host has not said a word.
enum host_exit {
    HOST_EXIT_USAGE = 112,      // its command line or the kit's frames are wrong
    HOST_EXIT_CHANNEL = 113,    // the library closed every descriptor of the channel
    HOST_EXIT_THREAD = 114,     // the library ended a thread that called it
    HOST_EXIT_CONVENTION = 115, // the function left its arguments on the stack (32-bit Windows)
    HOST_EXIT_MEMORY = 116,     // it has no memory or no threads for what it was asked for
    HOST_EXIT_MAPPINGS = 117,   // the same, because the library left too many mappings behind
};

enum frame_type {
    FRAME_HELLO = 1,
    FRAME_CALLS = 2,
    FRAME_RESULT = 3,
    FRAME_FAULT = 4,
    FRAME_DONE = 5,
    FRAME_END = 6,
    FRAME_MORE = 7,
    FRAME_STOP = 8,
    FRAME_CLOCK = 9,
    FRAME_LOGIN = 10,
    FRAME_LOGGED = 11,
    FRAME_STACK = 13,
    FRAME_BEGIN = 12, // the kit's first: every later one of either side has its nonce
};

struct frame_header {
    uint64_t nonce;
    uint16_t type;
    uint32_t payload_size;
};

// All of them return the number of bytes written to or read from `bytes`; or -1 when `size` is too
// small to write, or the input is too short, too long, of another magic or version, or out of range
// (then the structure may be filled in part). The header's decoder also checks the payload's
// length against what its type allows.
int frame_header_encode(uint8_t *bytes, size_t size, const struct frame_header *header);
int frame_header_decode(struct frame_header *header, const uint8_t *bytes, size_t size);
int hello_encode(uint8_t *bytes, size_t size, const struct hello *hello);
int hello_decode(struct hello *hello, const uint8_t *bytes, size_t size);

int login_request_encode(uint8_t *bytes, size_t size, const struct login_request *request);
int login_request_decode(struct login_request *request, const uint8_t *bytes, size_t size);
int login_answer_encode(uint8_t *bytes, size_t size, const struct login_answer *answer);
int login_answer_decode(struct login_answer *answer, const uint8_t *bytes, size_t size);

int clock_encode(uint8_t *bytes, size_t size, uint64_t now_ns);
int clock_decode(uint64_t *now_ns, const uint8_t *bytes, size_t size);

// The part of a CALLS payload before the calls.
int calls_header_encode(uint8_t *bytes, size_t size, uint32_t thread_count, uint32_t call_count);
int calls_header_decode(uint32_t *thread_count, uint32_t *call_count, const uint8_t *bytes,
                        size_t size);
int call_encode(uint8_t *bytes, size_t size, const struct call *call);
int call_decode(struct call *call, const uint8_t *bytes, size_t size);

// The payload of a RESULT, MORE or FAULT; in a RESULT the buffer's bytes follow it. `thread` and
// `index` say which call of the batch it answers. In MORE, `repeats` and the times are those of the
// further calls only, byte_count is that of the RESULT, and has_state is that of the last call. In
// FAULT, `repeats` also counts the calls that a MORE would have reported.
enum {
    STATE_SIZE = 8 + 4 + 4 + 4 + 8 + 8 + 8 + 8 + 4 + 8 + 8 + 8 + 8,
    OUTCOME_SIZE =
        4 + 4 + 4 * 1 + 3 * 4 + 6 * 8 + 4 + 4 + 8 + 4 + 3 * 8 + 4 + 4 + 2 * 8 + 4 + 2 * STATE_SIZE,
    // A FAULT payload goes on with what only faults have.
    FAULT_SIZE = OUTCOME_SIZE + 4 + 8 + FAULT_MODULE_MAX + FAULT_PATH_MAX,
};
int outcome_encode(uint8_t *bytes, size_t size, uint32_t thread, uint32_t index,
                   const struct outcome *outcome);
int outcome_decode(struct outcome *outcome, uint32_t *thread, uint32_t *index, const uint8_t *bytes,
                   size_t size);

// A whole FAULT payload. `path` is that of the module's file, "" where it is not known; it has room
// for FAULT_PATH_MAX bytes.
int fault_encode(uint8_t *bytes, size_t size, uint32_t thread, uint32_t index,
                 const struct outcome *outcome, const char *path);
int fault_decode(struct outcome *outcome, char *path, uint32_t *thread, uint32_t *index,
                 const uint8_t *bytes, size_t size);

// What a STACK payload begins with. Behind it are the maps, the text of /proc/self/maps, then the
// bytes of the stack from `address` on.
struct stack_image {
    uint32_t machine; // e_machine of ELF; 0: the stack can't be followed, and there is no more
    uint32_t register_count;
    uint64_t host_first; // the host's own program is from here to before there; 0: not known
    uint64_t host_end;
    uint64_t instruction;
    uint64_t registers[STACK_REGISTERS_MAX]; // in the order of DWARF
    uint64_t address;
    uint32_t maps_size;
    uint32_t stack_size;
};
int stack_encode(uint8_t *bytes, size_t size, const struct stack_image *image);
// `size` is that of the whole payload.
int stack_decode(struct stack_image *image, const uint8_t *bytes, size_t size);

#endif
