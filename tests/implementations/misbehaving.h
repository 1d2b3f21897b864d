// SPDX-License-Identifier: Apache-2.0
// What the misbehaving implementation can be told to do: by *SessionCount on input, whose low byte
// is one of these and whose rest is a signed offset where one is needed.
#ifndef TCK_MISBEHAVING_H
#define TCK_MISBEHAVING_H

#include <stdint.h>

enum misbehaviour {
    BEHAVE,         // insufficient, 100 bytes required
    FILL_ALL,       // success; every byte of the buffer changed
    CHANGE_AT,      // changes the byte at SessionInfo + offset, success with size 0
    WRITE_AT,       // the same, by writing 0 without a look at it
    READ_AT,        // reads it
    EXECUTE_BUFFER, // calls into it
    WRITE_NULL,
    WRITE_NONCANONICAL, // an address that no memory can have
    OVERFLOW_STACK,
    OVERFLOW_STACK_WITHOUT_ALTERNATE, // takes the handler's stack away first
    DIVIDE_BY_ZERO,
    ILLEGAL_INSTRUCTION,
    ABORT,
    EXIT,      // exit(7)
    EXIT_HARD, // _exit(8)
    EXIT_THREAD,
    EXIT_AS_HOST_USAGE, // the exit codes with which a host, or a room, says that it failed
    EXIT_AS_HOST_CHANNEL,
    EXIT_AS_HOST_MEMORY,
    EXIT_AS_ROOM,
    KILL_SELF, // SIGKILL
    TERMINATE_SELF,
    HANG,
    SPIN,
    STOP_SELF,
    CLOSE_SOME,        // descriptors 3 to 63
    CLOSE_UP_TO_LIMIT, // to the limit that the process sees
    CLOSE_ALL,
    CLOSE_CHANNEL,     // one descriptor of the channel
    REPLACE_CHANNEL,   // puts /dev/null where it was
    SHUT_CHANNEL_DOWN, // the socket itself
    UNBLOCK_CHANNEL,   // makes it non-blocking
    SPRAY,             // garbage into every descriptor
    PRINT_MUCH,        // 10 MB
    SAY_AND_ABORT,
    DAEMON,           // leaves a process in the background, of a session of its own
    DAEMON_AND_EXIT,  // and ends while that holds everything open
    FORK_AND_RETURN,  // comes back twice
    HANDLE_AND_CRASH, // default handlers, then a fault
    IGNORE_AND_CRASH, // ignores the signal, then a fault
    BLOCK_AND_CRASH,  // blocks all signals, then a fault
    CATCH_AND_EXIT,   // a handler of its own that ends the process
    CHANGE_HANDLERS,  // and comes back as if nothing were
    JUMP_NOWHERE,     // longjmp with a damaged buffer
    EAT_MEMORY,       // until there is none, then aborts
    EAT_SHARED,       // takes memory that is shared, without end
    EAT_FILE,         // the same, as a file in memory
    EAT_UNMAPPED,     // 512 MiB of such a file, which is written to and never mapped; then it hangs
    EAT_IN_CHILD,     // the same in a process of its own
    CRASH_IN_THREAD,
    WIDE_SIZE,    // writes 8 bytes to *BufferSize
    WIDE_COUNT,   // to *SessionCount
    BEFORE_SIZE,  // changes the byte before *BufferSize
    BEFORE_COUNT, // before *SessionCount
    FAR_SIZE,     // changes the byte 16 past *BufferSize
    TOUCH_ENDS,   // the first and the last byte, success with size 16
    WRITE_SIZES,  // answers *BufferSize and *SessionCount with 0xFFFFFFFF and success
    UNMAP_BUFFER,
    CHANGE_GUARD_AT, // the same as CHANGE_AT, in a page that it makes accessible for that moment
    // These count the calls made of them, in all threads:
    COUNT_UP,   // success; the buffer's first byte tells how often `offset` calls were made so far
    CRASH_AT,   // behaves, but crashes in call number `offset` (from 0)
    EXIT_AT,    // exit(7) in it
    HANG_AT,    // does not come back from it
    SLOW,       // behaves, after `offset` milliseconds
    TELL_TABLE, // insufficient; the size is the length of ISCSIDSC_SESSION_TABLE's value, or 1000
    LEAVE_MEMORY, // `offset` bytes of it, each call
    LEAVE_DESCRIPTOR,
    LEAVE_THREAD,
    CHANGE_DESCRIPTOR, // puts another file in the place of number 7
    CHANGE_MASK,       // blocks nothing
    CHANGE_HANDLER,    // of SIGPIPE
    CHANGE_DIRECTORY,
    CHANGE_UMASK,
    CHANGE_ROUNDING,
};

static inline uint32_t misbehave(enum misbehaviour what, int32_t offset)
{
    return (uint32_t)what | (uint32_t)offset << 8;
}

#endif
