// SPDX-License-Identifier: Apache-2.0
// What a listener needs of its operating system, besides host_os.h: sockets, a child process with
// a channel, threads. Implemented in listener_unix.c and listener_windows.c.
#ifndef TCK_LISTENER_OS_H
#define TCK_LISTENER_OS_H

#include "harness/host/relay.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Once, first of all: sockets can be made, and SIGINT, SIGTERM and SIGHUP, or Ctrl-C and the
// console's end, call `stop` in a thread of its own. 0 or -1.
int os_listener_begin(void (*stop)(void));

// Prints a text on standard output; false where that fails.
bool os_print(const char *text);

// The absolute path of a file, in `absolute`. False where it is too long.
bool os_absolute_path(const char *path, char *absolute, size_t size);

// Reads a file of at most `size` bytes. Its length, or -1 with the system's words, or what is wrong
// with it, in `*error`. On Unix, a file that others than its owner may read or write is refused.
long os_read_secret(const char *path, char *bytes, size_t size, const char **error);

// --- sockets

typedef intptr_t os_socket;
enum { OS_NO_SOCKET = -1 };

enum os_address {
    OS_ADDRESS_NONE, // not an address in digits
    OS_ADDRESS_LOOPBACK,
    OS_ADDRESS_OTHER,
};
enum os_address os_address_kind(const char *address);

// Waits at this address; port 0: any that is free, which is then in *port. OS_NO_SOCKET with the
// system's error number in *error.
os_socket os_socket_listen(const char *address, uint16_t *port, int *error);
// The next peer; OS_NO_SOCKET when it went away meanwhile or there is no room for it.
os_socket os_socket_accept(os_socket listening);
// Reads what is there, at least a byte, within that time; 0: no limit. The count; 0 at the end;
// -1: an error, or nothing came.
long os_socket_read(os_socket connected, void *into, size_t room, unsigned timeout_ms);
// Writes all of it. 0 or -1.
int os_socket_write(os_socket connected, const void *bytes, size_t size);
// The peer finds an end behind what was written.
void os_socket_end_writing(os_socket connected);
// Ends reading and writing under way in other threads.
void os_socket_shut(os_socket connected);
void os_socket_close(os_socket socket);

// --- the child: this program with a library

struct os_child;
// NULL where it can't be started. It dies with this process.
struct os_child *os_child_start(const char *library, const struct relay_request *request);
// Reads what it wrote into its channel, at least a byte. The count; 0: its channel has ended, or it
// has ended itself and all is read; -1: an error.
long os_child_read(struct os_child *child, void *into, size_t room);
// Writes all of it into its channel. 0 or -1.
int os_child_write(struct os_child *child, const void *bytes, size_t size);
// What it has printed by now. The count; 0: nothing. Not by two threads at a time.
long os_child_said(struct os_child *child, void *into, size_t room);
// Waits until it prints something, so long at most.
void os_child_await_said(struct os_child *child, unsigned milliseconds);
// The memory that it holds. False where that is not known.
bool os_child_memory(struct os_child *child, struct relay_memory *memory);
// Kills it and what it has started. May be called by any thread, and several times.
void os_child_kill(struct os_child *child);
// Waits for its end; after `patience_ms` it is killed, which RELAY_END_CHANNEL says.
void os_child_end(struct os_child *child, unsigned patience_ms, struct relay_exit *end);
// After os_child_end.
void os_child_free(struct os_child *child);

// --- threads

// Starts a thread; NULL where there is none. os_thread_join waits for its end and frees.
struct os_thread;
struct os_thread *os_thread_start(void (*work)(void *argument), void *argument);
void os_thread_join(struct os_thread *thread);
// Starts one that nobody waits for. 0 or -1.
int os_thread_run(void (*work)(void *argument), void *argument);
void os_sleep(unsigned milliseconds);

struct os_lock;
struct os_lock *os_lock_create(void);
void os_lock_free(struct os_lock *lock); // NULL is allowed
void os_lock_take(struct os_lock *lock);
void os_lock_give(struct os_lock *lock);

#endif
