// SPDX-License-Identifier: Apache-2.0
// What the kit and a listener say to each other. A listener is the host program on the machine of
// the implementation (docs/remote-host.md): it waits for the kit on a TCP port and starts a host
// for each connection. Encoding and decoding only, as in protocol.h; little-endian, fixed width.
//
//     kit:       REQUEST   once: the token, and how the host is to be started
//     listener:  ANSWER    once: whether it is, and of which library
//     kit:       frames of protocol.h, which the listener hands to the host as they are
//     listener:  chunks:
//
//     chunk := kind u32 | size u32 | `size` bytes
//
//                CHUNK_FRAMES  bytes that the host wrote into its channel: frames, cut anywhere
//                CHUNK_SAID    bytes that it printed, all of those before the frames that follow
//                CHUNK_MEMORY  the memory that it holds, and has held at most
//                CHUNK_EXIT    its end, and how it ended; the last one
//
// A connection is one host. Where it ends, the host is killed. The host's frames are in chunks so
// that the listener need not understand them: a library can write anything into its channel.
//
// REQUEST and ANSWER begin with a magic number and a version. These eight bytes, and the status of
// the answer behind them, are the same in all versions, so that each side can say that the versions
// differ. The token travels in clear.
#ifndef TCK_RELAY_H
#define TCK_RELAY_H

#include "harness/host/protocol.h"

#include <stdbool.h>

enum {
    RELAY_VERSION = 1 << 16 | PROTOCOL_VERSION, // of what stands here, and of the frames
    RELAY_REQUEST_MAGIC = 0x51435449,           // "ITCQ"
    RELAY_ANSWER_MAGIC = 0x41435449,            // "ITCA"
    RELAY_TOKEN_MIN = 16,                       // characters
    RELAY_TOKEN_MAX = 256,
    RELAY_TABLE_MAX = 4096,   // with its terminator
    RELAY_LIBRARY_MAX = 1024, // with its terminator
    RELAY_REQUEST_SIZE = 4 + 4 + 8 + RELAY_TOKEN_MAX + 2 + RELAY_TABLE_MAX,
    RELAY_ANSWER_START = 4 + 4 + 4, // magic, version, status
    RELAY_ANSWER_SIZE = RELAY_ANSWER_START + HELLO_PLATFORM_MAX + RELAY_LIBRARY_MAX,
    CHUNK_HEADER_SIZE = 4 + 4,
    CHUNK_MAX = 256 * 1024, // bytes of one
    CHUNK_MEMORY_SIZE = 8 + 8,
    CHUNK_EXIT_SIZE = 4 + 4,
};

// The variable of the session table in the host's environment.
enum relay_table {
    RELAY_TABLE_KEEP, // as the listener itself has it
    RELAY_TABLE_UNSET,
    RELAY_TABLE_SET,
};

// What a kit wants a host for. It can have one of each at a time.
enum relay_seat {
    RELAY_SEAT_CALLS,
    RELAY_SEAT_LOGINS, // LoginIScsiTarget and its like
    RELAY_SEATS,
};

struct relay_request {
    uint64_t nonce;                 // of the host's frames
    uint8_t token[RELAY_TOKEN_MAX]; // zeros behind it
    uint8_t seat;                   // enum relay_seat
    uint8_t table_is;               // enum relay_table
    char table[RELAY_TABLE_MAX];    // its value, as the host's system writes paths
};

enum relay_status {
    RELAY_WELCOME = 0,
    RELAY_OTHER_VERSION,
    RELAY_WRONG_TOKEN,
    RELAY_BUSY,     // it serves another kit
    RELAY_NO_CHILD, // the host could not be started
    RELAY_STATUS_COUNT,
};

struct relay_answer {
    uint32_t version;
    uint32_t status;                   // enum relay_status
    char platform[HELLO_PLATFORM_MAX]; // of the listener, as in HELLO
    char library[RELAY_LIBRARY_MAX];   // the path of the library that it loads
};

enum chunk_kind {
    CHUNK_FRAMES = 1,
    CHUNK_SAID = 2,
    CHUNK_MEMORY = 3,
    CHUNK_EXIT = 4,
};

struct chunk_header {
    uint32_t kind; // enum chunk_kind
    uint32_t size; // at most CHUNK_MAX; of MEMORY and EXIT exactly their sizes; never 0
};

// How a host ended.
enum relay_end {
    RELAY_END_EXITED,
    RELAY_END_SIGNAL,  // on Unix
    RELAY_END_CHANNEL, // it goes on, but its channel has ended: the listener killed it
};

struct relay_exit {
    uint32_t how;  // enum relay_end
    uint32_t code; // its exit code, all 32 bits; the signal's number
};

struct relay_memory {
    uint64_t now; // bytes
    uint64_t peak;
};

// All of them return the number of bytes written or read, or -1, as those of protocol.h.
//
// Of a request of another version only the first bytes are read: then `*version` is not
// RELAY_VERSION and the result is the number of these bytes. Likewise the answer's.
enum { RELAY_START_SIZE = 4 + 4 };
int relay_request_encode(uint8_t *bytes, size_t size, const struct relay_request *request);
int relay_request_decode(struct relay_request *request, uint32_t *version, const uint8_t *bytes,
                         size_t size);
int relay_answer_encode(uint8_t *bytes, size_t size, const struct relay_answer *answer);
int relay_answer_decode(struct relay_answer *answer, const uint8_t *bytes, size_t size);

int chunk_header_encode(uint8_t *bytes, size_t size, const struct chunk_header *header);
int chunk_header_decode(struct chunk_header *header, const uint8_t *bytes, size_t size);
int relay_memory_encode(uint8_t *bytes, size_t size, const struct relay_memory *memory);
int relay_memory_decode(struct relay_memory *memory, const uint8_t *bytes, size_t size);
int relay_exit_encode(uint8_t *bytes, size_t size, const struct relay_exit *end);
int relay_exit_decode(struct relay_exit *end, const uint8_t *bytes, size_t size);

// The token in the text of a token file: without blanks and line ends around it, zeros behind it.
// False where it is too short, too long, or has characters that are not printable ASCII.
bool relay_token_parse(uint8_t token[RELAY_TOKEN_MAX], const char *text, size_t size);

// Takes equally long wherever the two differ.
bool relay_token_equal(const uint8_t left[RELAY_TOKEN_MAX], const uint8_t right[RELAY_TOKEN_MAX]);

// "ADDRESS:PORT", "[ADDRESS]:PORT" for IPv6: the two in pieces. False where it is neither.
bool relay_address_split(const char *text, char *address, size_t size, uint16_t *port);

#endif
