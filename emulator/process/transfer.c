// SPDX-License-Identifier: Apache-2.0
// Makes a system call again until its work is done.
#include "emulator/process/transfer.h"

#include "conformance/base/clock.h"

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

ssize_t transfer_read(int fd, void *into, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t count = read(fd, (char *)into + done, size - done);
        if (count == 0 || (count < 0 && errno == EAGAIN && done > 0))
            break;
        if (count < 0 && errno != EINTR)
            return -1;
        done += count > 0 ? (size_t)count : 0;
    }
    return (ssize_t)done;
}

int transfer_write(int fd, const void *from, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t count = write(fd, (const char *)from + done, size - done);
        if (count < 0 && errno != EINTR)
            return -1;
        done += count > 0 ? (size_t)count : 0;
    }
    return 0;
}

int transfer_send(int fd, const void *from, size_t size, int timeout_ms)
{
    size_t done = 0;
    while (done < size) {
        ssize_t count =
            send(fd, (const char *)from + done, size - done, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno != EINTR &&
            (errno != EAGAIN || transfer_await(fd, POLLOUT, timeout_ms) <= 0))
            return -1;
        done += count > 0 ? (size_t)count : 0;
    }
    return 0;
}

int transfer_await(int fd, short events, int timeout_ms)
{
    uint64_t deadline = clock_now_ns() / 1000000 + (timeout_ms > 0 ? (uint64_t)timeout_ms : 0);
    for (;;) {
        uint64_t now = clock_now_ns() / 1000000;
        struct pollfd watched = {.fd = fd, .events = events};
        int left = timeout_ms < 0 ? -1 : now < deadline ? (int)(deadline - now) : 0;
        int count = poll(&watched, 1, left);
        if (count >= 0 || errno != EINTR)
            return count;
    }
}
