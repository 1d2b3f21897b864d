// SPDX-License-Identifier: Apache-2.0
// The channel of the host program on Unix: a socket, kept under numbers that libraries hardly
// reach, with a spare.
#include "harness/host/host_unix.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct os_channel {
    int descriptor;
    int spare;
    dev_t device; // of the socket behind both descriptors
    ino_t inode;
    atomic_uint lock;
};

enum {
    LOCK_FREE,
    LOCK_TAKEN,
    LOCK_AWAITED, // taken, and a thread waits for it
};

// Not a mutex of the C library: a fault handler takes it too, and the library under test may have
// replaced those functions. The kernel does the waiting: threads that try again and again would
// take the processor from the kit, for which the thread that has the lock waits.
static void lock(struct os_channel *channel)
{
    int before = errno;
    unsigned state = LOCK_FREE;
    if (!atomic_compare_exchange_strong(&channel->lock, &state, LOCK_TAKEN))
        while (atomic_exchange(&channel->lock, LOCK_AWAITED) != LOCK_FREE)
            syscall(SYS_futex, &channel->lock, FUTEX_WAIT_PRIVATE, LOCK_AWAITED, NULL, NULL, 0);
    errno = before;
}

static void unlock(struct os_channel *channel)
{
    int before = errno;
    if (atomic_exchange(&channel->lock, LOCK_FREE) == LOCK_AWAITED)
        syscall(SYS_futex, &channel->lock, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    errno = before;
}

static bool is_channel(const struct os_channel *channel, int descriptor)
{
    struct stat status;
    return fstat(descriptor, &status) == 0 && status.st_dev == channel->device &&
           status.st_ino == channel->inode;
}

int unix_duplicate_high(int descriptor, unsigned distance)
{
    enum { HIGH = 900, LOWEST = 64, ROOM = 256, SANE_MAX = 65536 };
    struct rlimit limit;
    int copy = -1;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur <= SANE_MAX &&
        limit.rlim_max >= limit.rlim_cur + ROOM) {
        struct rlimit raised = {limit.rlim_cur + ROOM, limit.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
            copy = fcntl(descriptor, F_DUPFD_CLOEXEC, (int)(limit.rlim_cur + distance));
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (copy < 0)
        copy = fcntl(descriptor, F_DUPFD_CLOEXEC, (int)(HIGH + distance));
    if (copy < 0)
        copy = fcntl(descriptor, F_DUPFD_CLOEXEC, LOWEST);
    return copy;
}

struct os_channel *os_channel_open(const char *text)
{
    static const char remote[] = CHANNEL_REMOTE;
    char *end = NULL;
    errno = 0;
    if (strncmp(text, remote, sizeof remote - 1) == 0) {
        text += sizeof remote - 1;
        unix_set_own_clock();
    }
    long number = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < 0 || number > INT32_MAX)
        return NULL;
    struct stat status;
    if (fstat((int)number, &status) != 0 || !S_ISSOCK(status.st_mode))
        return NULL;
    struct os_channel *channel = calloc(1, sizeof *channel);
    if (channel == NULL)
        return NULL;
    channel->device = status.st_dev;
    channel->inode = status.st_ino;
    atomic_init(&channel->lock, LOCK_FREE);
    channel->descriptor = unix_duplicate_high((int)number, CHANNEL_DISTANCE);
    channel->spare = unix_duplicate_high((int)number, SPARE_DISTANCE);
    if (channel->descriptor < 0 || channel->spare < 0) {
        free(channel); // the process ends now, and its descriptors with it
        return NULL;
    }
    close((int)number);
    return channel;
}

// The library may have made the channel non-blocking. 0 when it is worth trying again.
static int wait_if_busy(int descriptor, short events)
{
    if (errno == EINTR)
        return 0;
    if (errno != EAGAIN)
        return -1;
    struct pollfd waiting = {.fd = descriptor, .events = events};
    return poll(&waiting, 1, -1) < 0 && errno != EINTR ? -1 : 0;
}

int os_channel_read(struct os_channel *channel, void *into, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t count = recv(channel->descriptor, (uint8_t *)into + done, size - done, 0);
        if (count == 0)
            return done == 0 ? 1 : -1;
        if (count > 0)
            done += (size_t)count;
        else if (wait_if_busy(channel->descriptor, POLLIN) != 0)
            return -1;
    }
    return 0;
}

int os_channel_take(struct os_channel *channel, void *into, size_t size)
{
    lock(channel);
    ssize_t there = recv(channel->descriptor, into, size, MSG_PEEK | MSG_DONTWAIT);
    bool failed = there < 0 && errno != EAGAIN && errno != EINTR;
    bool whole = there == (ssize_t)size;
    if (whole)
        failed = os_channel_read(channel, into, size) != 0;
    unlock(channel);
    return there == 0 || failed ? -1 : whole ? 1 : 0;
}

// Without a lock; may be called in a signal handler.
static int write_pieces(int descriptor, struct iovec *pieces, size_t count)
{
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = count};
    while (message.msg_iovlen > 0) {
        ssize_t written = sendmsg(descriptor, &message, MSG_NOSIGNAL);
        if (written < 0) {
            if (wait_if_busy(descriptor, POLLOUT) != 0)
                return -1;
            continue;
        }
        size_t left = (size_t)written;
        while (message.msg_iovlen > 0 && left >= message.msg_iov->iov_len) {
            left -= message.msg_iov->iov_len;
            message.msg_iov++;
            message.msg_iovlen--;
        }
        if (message.msg_iovlen > 0) {
            message.msg_iov->iov_base = (uint8_t *)message.msg_iov->iov_base + left;
            message.msg_iov->iov_len -= left;
        }
    }
    return 0;
}

int os_channel_write(struct os_channel *channel, const void *first, size_t first_size,
                     const void *second, size_t second_size)
{
    struct iovec pieces[] = {
        {.iov_base = (void *)first, .iov_len = first_size},
        {.iov_base = (void *)second, .iov_len = second_size},
    };
    lock(channel);
    int result = write_pieces(channel->descriptor, pieces, second_size > 0 ? 2 : 1);
    unlock(channel);
    return result;
}

// Without a lock; may be called in a signal handler.
static int mend(struct os_channel *channel)
{
    if (is_channel(channel, channel->descriptor))
        return 0;
    if (!is_channel(channel, channel->spare))
        return -1;
    // Not dup3 onto the old number: the library may have opened something under it.
    channel->descriptor = channel->spare;
    channel->spare = unix_duplicate_high(channel->descriptor, SPARE_DISTANCE);
    return 0;
}

void unix_channel_descriptors(const struct os_channel *channel, int descriptors[2])
{
    descriptors[0] = channel->descriptor;
    descriptors[1] = channel->spare;
}

int os_channel_mend(struct os_channel *channel)
{
    lock(channel);
    int result = mend(channel);
    unlock(channel);
    return result;
}

// Waits a second at most: the thread that has the lock may be stuck, and this process ends anyway.
static void lock_soon(struct os_channel *channel)
{
    enum { ATTEMPTS = 1000 };
    const struct timespec pause = {.tv_nsec = 1000000};
    for (int i = 0; i < ATTEMPTS; i++) {
        if (atomic_exchange(&channel->lock, LOCK_AWAITED) == LOCK_FREE)
            return;
        nanosleep(&pause, NULL);
    }
}

void unix_channel_write_last(struct os_channel *channel, void *bytes, size_t size)
{
    lock_soon(channel);
    if (mend(channel) == 0)
        unix_channel_write_more(channel, bytes, size);
}

void unix_channel_write_more(struct os_channel *channel, void *bytes, size_t size)
{
    struct iovec piece = {.iov_base = bytes, .iov_len = size};
    write_pieces(channel->descriptor, &piece, 1);
}
