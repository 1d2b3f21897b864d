// SPDX-License-Identifier: Apache-2.0
// Reads and writes that go on where the system did only a part of them, or was interrupted.
#ifndef TCK_TRANSFER_H
#define TCK_TRANSFER_H

#include <poll.h>
#include <stddef.h>
#include <sys/types.h>

// Reads `size` bytes, or what there is until the end of the file. How many, or -1 with errno: also
// EAGAIN where the descriptor does not wait and nothing was there.
ssize_t transfer_read(int fd, void *into, size_t size);

// Writes all of them to a descriptor that waits. 0, or -1 with errno. Makes system calls only.
int transfer_write(int fd, const void *from, size_t size);

// Sends all of them on a stream's socket, without SIGPIPE, whether or not it waits. Room for more
// is waited for `timeout_ms` at most each time; below 0: without limit. 0, or -1 with errno.
int transfer_send(int fd, const void *from, size_t size, int timeout_ms);

// As poll with one descriptor, but a signal does not end it. `timeout_ms` below 0: no limit.
int transfer_await(int fd, short events, int timeout_ms);

#endif
