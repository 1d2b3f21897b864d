// SPDX-License-Identifier: Apache-2.0
// What a listener needs of Unix.
#include "harness/host/host_os.h"
#include "harness/host/listener_os.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static sigset_t stopping_signals;
static void (*stop_function)(void);

static void *wait_for_signal(void *argument)
{
    int number = 0;
    (void)argument;
    sigwait(&stopping_signals, &number);
    stop_function();
    return NULL;
}

int os_listener_begin(void (*stop)(void))
{
    pthread_t thread;
    stop_function = stop;
    sigemptyset(&stopping_signals);
    sigaddset(&stopping_signals, SIGINT);
    sigaddset(&stopping_signals, SIGTERM);
    sigaddset(&stopping_signals, SIGHUP);
    signal(SIGPIPE, SIG_IGN);
    return pthread_sigmask(SIG_BLOCK, &stopping_signals, NULL) == 0 &&
                   pthread_create(&thread, NULL, wait_for_signal, NULL) == 0 &&
                   pthread_detach(thread) == 0
               ? 0
               : -1;
}

bool os_print(const char *text)
{
    return fputs(text, stdout) >= 0 && fflush(stdout) == 0;
}

bool os_absolute_path(const char *path, char *absolute, size_t size)
{
    char *found = realpath(path, NULL);
    bool fits = found != NULL && strlen(found) < size;
    if (fits)
        memcpy(absolute, found, strlen(found) + 1);
    free(found);
    return fits;
}

long os_read_secret(const char *path, char *bytes, size_t size, const char **error)
{
    struct stat status;
    long length = -1;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0 || fstat(file, &status) != 0) {
        *error = strerror(errno);
    } else if (!S_ISREG(status.st_mode)) {
        *error = "not a regular file";
    } else if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0 ||
               (status.st_uid != geteuid() && status.st_uid != 0)) {
        *error = "others can read or write it, so it is no secret; chmod 600";
    } else {
        length = read(file, bytes, size);
        *error = strerror(errno);
    }
    if (file >= 0)
        close(file);
    return length;
}

// --- sockets

// An address of either family.
struct place {
    struct sockaddr_storage address;
    socklen_t size;
};

static enum os_address find_place(struct place *place, const char *text, uint16_t port)
{
    struct sockaddr_in *four = (struct sockaddr_in *)&place->address;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&place->address;
    *place = (struct place){0};
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(port);
        place->size = sizeof *four;
        return ntohl(four->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET ? OS_ADDRESS_LOOPBACK
                                                                    : OS_ADDRESS_OTHER;
    }
    if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(port);
        place->size = sizeof *six;
        return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr) ? OS_ADDRESS_LOOPBACK : OS_ADDRESS_OTHER;
    }
    return OS_ADDRESS_NONE;
}

enum os_address os_address_kind(const char *address)
{
    struct place place;
    return find_place(&place, address, 0);
}

static uint16_t port_of(int listening)
{
    struct place place = {.size = sizeof place.address};
    if (getsockname(listening, (struct sockaddr *)&place.address, &place.size) != 0)
        return 0;
    return ntohs(place.address.ss_family == AF_INET
                     ? ((struct sockaddr_in *)&place.address)->sin_port
                     : ((struct sockaddr_in6 *)&place.address)->sin6_port);
}

os_socket os_socket_listen(const char *address, uint16_t *port, int *error)
{
    enum { WAITING = 64 };
    const int on = 1;
    struct place place;
    find_place(&place, address, *port);
    int listening = socket(place.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listening >= 0 && setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(listening, (struct sockaddr *)&place.address, place.size) == 0 &&
        listen(listening, WAITING) == 0) {
        *port = port_of(listening);
        return listening;
    }
    *error = errno;
    if (listening >= 0)
        close(listening);
    return OS_NO_SOCKET;
}

// A kit's machine that is gone is noticed after a minute.
static void set_up_peer(int peer)
{
    const int on = 1;
    const int idle_s = 30;
    const int every_s = 10;
    const int times = 3;
    setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(peer, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(peer, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(peer, IPPROTO_TCP, TCP_KEEPINTVL, &every_s, sizeof every_s);
    setsockopt(peer, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof times);
}

os_socket os_socket_accept(os_socket listening)
{
    int peer = accept4((int)listening, NULL, NULL, SOCK_CLOEXEC);
    if (peer < 0)
        return OS_NO_SOCKET;
    set_up_peer(peer);
    return peer;
}

long os_socket_read(os_socket connected, void *into, size_t room, unsigned timeout_ms)
{
    struct pollfd waiting = {.fd = (int)connected, .events = POLLIN};
    int found = 0;
    do
        found = poll(&waiting, 1, timeout_ms == 0 ? -1 : (int)timeout_ms);
    while (found < 0 && errno == EINTR);
    return found > 0 ? recv((int)connected, into, room, 0) : -1;
}

int os_socket_write(os_socket connected, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    while (size > 0) {
        ssize_t sent = send((int)connected, at, size, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            return -1;
        if (sent > 0) {
            at += sent;
            size -= (size_t)sent;
        }
    }
    return 0;
}

void os_socket_end_writing(os_socket connected)
{
    shutdown((int)connected, SHUT_WR);
}

void os_socket_shut(os_socket connected)
{
    shutdown((int)connected, SHUT_RDWR);
}

void os_socket_close(os_socket socket)
{
    close((int)socket);
}

// --- threads

struct os_thread {
    pthread_t thread;
    bool alone; // nobody waits for it: it frees this itself
    void (*work)(void *argument);
    void *argument;
};

static void *run_thread(void *argument)
{
    struct os_thread *thread = argument;
    thread->work(thread->argument);
    if (thread->alone)
        free(thread);
    return NULL;
}

static struct os_thread *start_thread(void (*work)(void *argument), void *argument, bool alone)
{
    struct os_thread *thread = calloc(1, sizeof *thread);
    pthread_t number;
    if (thread == NULL)
        return NULL;
    *thread = (struct os_thread){.alone = alone, .work = work, .argument = argument};
    if (pthread_create(&number, NULL, run_thread, thread) != 0) {
        free(thread);
        return NULL;
    }
    if (alone)
        pthread_detach(number);
    else
        thread->thread = number;
    return thread;
}

struct os_thread *os_thread_start(void (*work)(void *argument), void *argument)
{
    return start_thread(work, argument, false);
}

int os_thread_run(void (*work)(void *argument), void *argument)
{
    return start_thread(work, argument, true) != NULL ? 0 : -1;
}

void os_thread_join(struct os_thread *thread)
{
    pthread_join(thread->thread, NULL);
    free(thread);
}

void os_sleep(unsigned milliseconds)
{
    const struct timespec pause = {(time_t)(milliseconds / 1000),
                                   (long)(milliseconds % 1000) * 1000000};
    nanosleep(&pause, NULL);
}

struct os_lock {
    pthread_mutex_t mutex;
};

struct os_lock *os_lock_create(void)
{
    struct os_lock *lock = calloc(1, sizeof *lock);
    if (lock != NULL)
        pthread_mutex_init(&lock->mutex, NULL);
    return lock;
}

void os_lock_free(struct os_lock *lock)
{
    if (lock != NULL)
        pthread_mutex_destroy(&lock->mutex);
    free(lock);
}

void os_lock_take(struct os_lock *lock)
{
    pthread_mutex_lock(&lock->mutex);
}

void os_lock_give(struct os_lock *lock)
{
    pthread_mutex_unlock(&lock->mutex);
}
