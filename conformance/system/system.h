// SPDX-License-Identifier: Apache-2.0
// What the faulty implementations and the shapes need of the operating system: system_unix.c and
// system_windows.c. The reference needs none of it.
#ifndef TCK_SYSTEM_H
#define TCK_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// --- Locks ---

#ifdef _WIN32
struct system_lock {
    void *state; // an SRWLOCK
};
#define SYSTEM_LOCK_INITIALIZER                                                                    \
    {                                                                                              \
        NULL                                                                                       \
    }
#else
#include <pthread.h>
struct system_lock {
    pthread_mutex_t mutex;
};
#define SYSTEM_LOCK_INITIALIZER                                                                    \
    {                                                                                              \
        PTHREAD_MUTEX_INITIALIZER                                                                  \
    }
#endif

void system_lock_take(struct system_lock *lock);
bool system_lock_try(struct system_lock *lock); // taken?
void system_lock_release(struct system_lock *lock);

// --- Time ---

uint64_t system_now_ns(void); // a clock that nobody sets
void system_sleep(uint64_t ns);
void system_yield(void);
_Noreturn void system_hang(void);

// --- Threads and the process ---

// Has a thread of its own do the work, and waits for its end. False: there is no thread.
bool system_work_in_thread(void (*work)(void *argument), void *argument);

void system_leave_thread(void); // one that waits for ever
_Noreturn void system_end_thread(void);
void system_kill_process(void); // by what it can't catch

// Ends as on a machine that can't store at an unaligned address.
void system_misalign(void);

// --- Memory ---

// Pages of their own, zeroed; NULL: there are none. `size` in bytes.
void *system_pages_take(size_t size);
void system_pages_release(void *pages, size_t size);
// A page and an inaccessible one behind it, for good.
void system_leave_guarded_page(void);

// --- What is the caller's ---

// Opens the null device and leaves it open. False: it can't be opened.
bool system_leave_handle(void);

// Closes descriptors by their numbers; on Windows handles, whose values are their numbers times 4,
// but not those of standard input, output and error.
void system_close_handles(unsigned first, unsigned last);
enum { SYSTEM_ALL_HANDLES = ~0U >> 1 }; // as `last`

void system_close_standard_input(void);
void system_redirect_standard_error(void); // to the null device
void system_reset_handler(void);           // of SIGUSR1; on Windows that of unhandled exceptions
bool system_leave_directory(void);         // for the root

#endif
