// SPDX-License-Identifier: Apache-2.0
// One call of the function under test, and its outcome. Host, probes, transcript and judges share
// these types. They are plain data and depend on nothing, so that the host program can use them.
#ifndef TCK_CALL_H
#define TCK_CALL_H

#include <stdbool.h>
#include <stdint.h>

// Which of the functions is called; function.h describes them. The first two are the function's own
// charsets.
enum charset {
    CHARSET_A,  // GetIScsiSessionListA, char strings
    CHARSET_W,  // GetIScsiSessionListW, UTF-16 strings
    CHARSET_EX, // GetIScsiSessionListEx, no strings
    CHARSET_TARGETS_A,
    CHARSET_TARGETS_W, // ReportIScsiTargetsA and W
    CHARSET_DEVICES_A,
    CHARSET_DEVICES_W, // GetDevicesForIScsiSessionA and W
    CHARSET_MAPPINGS_A,
    CHARSET_MAPPINGS_W, // ReportActiveIScsiTargetMappingsA and W
    CHARSET_INITIATORS_A,
    CHARSET_INITIATORS_W, // ReportIScsiInitiatorListA and W
    CHARSET_PORTALS_A,
    CHARSET_PORTALS_W, // ReportIScsiSendTargetPortalsExA and W
    CHARSET_LOGINS_A,
    CHARSET_LOGINS_W, // ReportIScsiPersistentLoginsA and W
    CHARSETS,
};

enum { SUBJECT_SIZE = 16 };

// Where SessionInfo points.
enum placement {
    PLACE_NULL,  // NULL
    PLACE_END,   // the buffer ends at an inaccessible page; the start is aligned to 16, so up to 15
                 // canary bytes may stand between (none where the size is a multiple of 16)
    PLACE_START, // the buffer starts right behind an inaccessible page; canary bytes follow
    PLACE_MIDDLE, // between canary bytes on both sides, starting `misalignment` bytes past a
                  // multiple of 16
    PLACE_EXACT, // the buffer's last byte is the last before an inaccessible page; the start may be
                 // unaligned
};

// What the buffer holds before the call. The canary bytes beside it hold FILL_HASH_0 always.
enum fill {
    FILL_HASH_0, // pseudo-random bytes by position
    FILL_HASH_1, // the same, but each byte differs from that of FILL_HASH_0
    FILL_ZERO,
    FILL_ONES, // 0xFF
};

enum call_flag {
    CALL_SIZE_NULL = 1,  // BufferSize is NULL
    CALL_COUNT_NULL = 2, // SessionCount is NULL
    CALL_SPARSE = 4, // the buffer is sparse memory, zero-filled whatever `fill` says: for sizes far
                     // beyond memory
    CALL_MEASURE = 8, // the host process's state is measured before and after the call or the whole
                      // repetition; only where one thread alone makes calls
};

struct call {
    uint8_t charset;   // enum charset: the function
    uint8_t placement; // enum placement
    uint8_t fill;      // enum fill
    uint8_t flags;     // enum call_flag, or-ed
    uint32_t offered; // the size on input, in the function's unit; the buffer really has that size,
                      // if there is one
    uint32_t count_in;     // *SessionCount, or the like, on input
    uint32_t misalignment; // PLACE_MIDDLE only: 0 to 15
    // How often in a row it is made, with the same buffer at the same place, filled anew each time.
    // 0 and 1: once; CALL_WITHOUT_END: until the calls are stopped.
    uint32_t repeat;
    // What the call is about, where the function takes such an argument (see function.h): the first
    // byte is the BOOLEAN, or all are the identifier as it stands in memory. Else zeros.
    uint8_t subject[SUBJECT_SIZE];
};

#define CALL_WITHOUT_END UINT32_MAX

enum {
    THREADS_MAX = 64,      // that make calls at the same time
    BYTES_MAX = 64 << 20,  // of a buffer, recorded after a call
    FAULT_MODULE_MAX = 64, // bytes of a module's name, with the terminator
};

enum outcome_kind {
    OUTCOME_RETURNED, // the call returned
    OUTCOME_FAULT,    // a signal inside the call: SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, ...
    OUTCOME_ENDED,    // the process ended inside the call: exit(), _exit(), a thread that killed it
    OUTCOME_HUNG,     // it did not return in time and was killed
    OUTCOME_NOT_TRIED, // not made: too many calls before it crashed or hung, or a buffer of that
                       // size can't be had
    OUTCOME_DAMAGED,   // the host's answer could not be understood: its memory or its channel was
                       // damaged
};

enum fault_direction {
    FAULT_UNKNOWN,
    FAULT_READ,
    FAULT_WRITE,
    FAULT_EXECUTE,
};

// A range of changed bytes, from the first to the last that differ, as offsets from SessionInfo;
// empty when first > last (the initial {0, -1}).
struct extent {
    int64_t first;
    int64_t last;
};

// In place of memory_bytes and mapped_bytes that can't be measured.
#define MEMORY_UNKNOWN UINT64_MAX

// What a call can leave behind in its process, and what it can change that belongs to its caller.
// Digests can be compared with others of the same host process; they mean nothing else.
struct process_state {
    uint64_t memory_bytes; // private memory in use, without the host's own buffers
    uint32_t descriptors;  // open ones
    uint32_t threads;
    uint64_t caller_descriptors; // the host's own, open before the call: their numbers and files
    uint64_t signal_mask;
    uint64_t signal_handlers; // all dispositions
    uint64_t directory;       // device and inode of the working directory
    uint32_t umask;
    uint64_t floating_point; // the modes (rounding, masks, precision), not the exception flags
    uint32_t children;       // child processes, those too that ended and were not waited for
    uint64_t timers;         // the interval timers and the POSIX timers of the process
    uint64_t limits;         // all resource limits, soft and hard
    uint64_t mapped_bytes;   // writable private memory, touched or not, and touched pages of files
};

struct outcome {
    uint8_t kind; // enum outcome_kind
    // With OUTCOME_RETURNED:
    uint32_t status;         // what the function returned
    uint32_t size_out;       // the size after, in the function's unit; 0 with CALL_SIZE_NULL
    uint32_t count_out;      // *SessionCount after; 0 with CALL_COUNT_NULL, or where there is none
    bool size_cell_damaged;  // bytes beside the 4 of the size changed
    bool count_cell_damaged; // bytes beside the 4 of *SessionCount changed; where the function
                             // takes an identifier, that or bytes beside it
    struct extent inside;    // changed bytes of the buffer
    struct extent before;    // changed canary bytes before the buffer (offsets below 0)
    struct extent after;     // changed canary bytes at or past its end (offsets from its bytes up)
    // With OUTCOME_FAULT:
    int32_t signal_number;
    uint8_t direction;      // enum fault_direction
    bool fault_has_address; // SIGSEGV and SIGBUS only, and there not always
    uint64_t fault_address;
    // On Windows: the exception's code, such as 0xC0000005; signal_number is the nearest signal
    // then. 0: it was a signal.
    uint32_t exception;
    // Where the fault happened: the offset in a module's file as it is loaded (its relative virtual
    // address on Windows), and the module's name without folders. "": not known.
    uint64_t fault_offset;
    char fault_module[FAULT_MODULE_MAX];
    // With OUTCOME_ENDED: the exit code, which on Windows may be any number of 32 bits; or -1, and
    // signal_number is the signal (SIGKILL, SIGTERM and others that are no fault), else 0.
    int32_t exit_code;
    uint64_t memory_limit; // in bytes: the kit ended it, because it held more; 0: it did not
    // With any but OUTCOME_NOT_TRIED:
    uint64_t base;     // the address passed as SessionInfo; 0 where only the host knew it
    uint64_t began_ns; // CLOCK_MONOTONIC of the host's machine around the call; of several, from
    uint64_t ended_ns; // the first one's begin to the last one's end
    // With OUTCOME_RETURNED this may stand for several calls in a row with the identical answer:
    // status, sizes, damage, extents, bytes. Of all other kinds it is one.
    uint32_t repeats;        // at least 1
    uint64_t first_ended_ns; // the end of the first and the begin of the last of them; of a single
    uint64_t last_began_ns;  // one, the same as ended_ns and began_ns
    // CALL_MEASURE: with the last outcome of the call or its repetition, if that returned.
    bool has_state;
    struct process_state state_before;
    struct process_state state_after;
    // The buffer's first bytes after the call, with OUTCOME_RETURNED: on status 0 as many as
    // size_out says, or as were changed if that is more, but never more than offered or than the
    // host's cap of 64 MiB; on any other status none (`inside` says whether it was written to).
    uint32_t byte_count;
};

// The extent that says "nothing changed".
static inline struct extent extent_none(void)
{
    return (struct extent){0, -1};
}

// Says that the outcome is that of one call alone.
static inline void outcome_single(struct outcome *outcome)
{
    outcome->repeats = 1;
    outcome->first_ended_ns = outcome->ended_ns;
    outcome->last_began_ns = outcome->began_ns;
}

static inline bool extent_empty(struct extent extent)
{
    return extent.first > extent.last;
}

#endif
