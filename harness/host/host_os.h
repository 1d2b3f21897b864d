// SPDX-License-Identifier: Apache-2.0
// What the host program needs of its operating system; implemented for each system in files of its
// own (host_unix.c, channel_unix.c, state_unix.c; host_windows.c, channel_windows.c, ...). Of the
// protocol they know only the frame that a fault handler sends.
#ifndef TCK_HOST_OS_H
#define TCK_HOST_OS_H

#include "conformance/transcript/call.h"
#include "conformance/transcript/hello.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32) && !defined(_WIN64)
#define FUNCTION_CALL __stdcall
#else
#define FUNCTION_CALL
#endif

// A function of the library: pointers and small numbers go as words. The structures stay raw bytes
// here: the host judges nothing.
typedef uint32_t(FUNCTION_CALL *session_list_function)(uintptr_t first, uintptr_t second,
                                                       uintptr_t third);

// Once, first of all.
void os_begin(void);

// Ends the process at once: no destructor of the library is run.
_Noreturn void os_end(int exit_code);

// Prints one line for the kit's user: to standard error, whatever the library made of it.
void os_say(const char *text);

// False in a child that the library forked inside a call and in which the call returned, too.
bool os_is_the_host(void);

// A monotonic clock; is it another than the kit's CLOCK_MONOTONIC?
uint64_t os_now_ns(void);
bool os_own_clock(void);

// The platform for HELLO, "linux x86_64", and the code page of A strings.
void os_platform(char *text, size_t size);
uint32_t os_code_page(void);

// The bytes that are allocated, as the runtime of a sanitizer counts them: what it keeps back of
// freed memory grows the process and is no leak. 0: there is none.
uint64_t os_sanitizer_memory(void);

// The library. NULL with the loader's words in `error`. It is never unloaded.
void *os_library_load(const char *path, char *error, size_t size);
session_list_function os_library_find(void *library, const char *name);

// What the library's file says of itself: version, build_id and decorated of `hello`.
void os_library_describe(void *library, struct hello *hello);

// Calls the function with its first `count` arguments, 2 or 3; where the caller takes the arguments
// off the stack, more do no harm. Where it leaves its arguments on the stack (a __cdecl one on
// 32-bit Windows), the process ends with HOST_EXIT_CONVENTION.
#if defined(_WIN32) && !defined(_WIN64)
uint32_t os_call(session_list_function function, const uintptr_t arguments[3], unsigned count);
#else
static inline uint32_t os_call(session_list_function function, const uintptr_t arguments[3],
                               unsigned count)
{
    (void)count;
    return function(arguments[0], arguments[1], arguments[2]);
}
#endif

// The channel to the kit, under descriptors that libraries hardly close or print to, with a spare.
struct os_channel;
struct os_channel *os_channel_open(const char *text); // as on the command line; NULL: no such thing
// Reads exactly `size` bytes. 0; 1 at the stream's end; -1.
int os_channel_read(struct os_channel *channel, void *into, size_t size);
// Reads them only if they are all there now: 1 when they were, 0 when not, -1 at the stream's end
// or when it can't be read.
int os_channel_take(struct os_channel *channel, void *into, size_t size);
// Writes two pieces as one, not mixed with those of other threads. 0 or -1.
int os_channel_write(struct os_channel *channel, const void *first, size_t first_size,
                     const void *second, size_t second_size);
// After a call: mends the channel from the spare if the library closed it. 0, or -1 when both are
// gone. On Windows reading and writing do that themselves.
int os_channel_mend(struct os_channel *channel);

// Memory by pages. What is reserved can't be touched; NULL when there is none. The largest buffer
// that could be reserved now, with an inaccessible page on either side.
size_t os_page_size(void);
uint64_t os_buffer_max(void);
void *os_reserve(size_t size);
void os_release(void *memory, size_t size);
// Was an inaccessible page that os_reserve gave, and that was never anything else, made accessible
// by the library and written to? Then it is as before again, and `*first` and `*last` are the
// offsets of bytes that were not 0. Only what was written as 0, or taken back whole, is not found.
bool os_guard_written(void *page, size_t *first, size_t *last);
enum os_access { OS_ACCESS_NONE, OS_ACCESS_READ, OS_ACCESS_ALL };
int os_protect(void *memory, size_t size, enum os_access access); // 0 or -1

// Sparse memory, zero-filled: only the pages that were touched take room, and far from both ends
// the same pages stand again and again. What os_sparse_reserve reserves is released as all memory;
// os_sparse_map replaces `size` bytes of it at `memory`. A handle, or -1.
void *os_sparse_reserve(size_t size);
int os_sparse_map(void *memory, size_t size);
// The next range that may have been touched, at or after `from`: 1 with *start and *end (offsets),
// 0 when there is none, -1 when it can't be known (the library closed what is behind it).
int os_sparse_next(int handle, uint64_t from, uint64_t *start, uint64_t *end);
void os_sparse_close(int handle);

// Catches signals that would end the process inside a call, and tells the kit before they do. One
// per thread.
struct os_trap {
    struct os_channel *channel;
    uint64_t nonce;
    uint32_t thread;
    uint32_t index; // of the call under way, or the next one
    uint64_t base;
    uint64_t began_ns;
    uint32_t unsent; // calls of the repetition under way that have ended and were not reported yet
    void *stack;     // that the handler runs on: the thread's own may be used up; NULL: none yet
    size_t stack_size;
    bool armed; // at least once
};
int os_trap_create(struct os_trap *trap);   // by the thread that uses it; `trap` stays where it is
void os_trap_destroy(struct os_trap *trap); // but its stack, which the next os_trap_create uses
// Before each call: puts right what an earlier one may have changed of handlers, mask and stack.
void os_trap_arm(struct os_trap *trap);

// The state of the process that a call may change. Only while one thread alone makes calls.
// The number of the process's mappings; 0 where it can't be told. Takes no memory.
size_t os_mappings(void);

struct os_state;
struct os_state *os_state_create(void); // before the library is loaded; NULL when it can't be had
// Prepares a measured call, after os_trap_arm: sets up state that a library could change but that
// would otherwise look changed already (a blocked signal, handlers, open descriptors, ...).
void os_state_prepare(struct os_state *state, const struct os_channel *channel);
// Measures, without leaving a trace that the next measurement would find.
void os_state_read(struct os_state *state, struct process_state *result);
// Puts back what was there before os_state_prepare, whatever the library made of it.
void os_state_restore(struct os_state *state);

// Runs `work` on `count` threads at once, with arguments[0] to arguments[count - 1], and waits for
// all. -1 when they could not all be started: the process must be ended then, at once.
int os_threads_run(unsigned count, void (*work)(void *argument), void *const *arguments);

#endif
