// SPDX-License-Identifier: Apache-2.0
// Attacks on the channel between host and kit: forged frames, stolen requests, changed sockets.
#include "tests/hostile/hostile.h"

#include "harness/host/protocol.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

enum { SOCKETS_MAX = 8 };

// Looked for once in a process, as that takes long.
static int find_channel(void)
{
    static _Atomic int channel;
    int sockets[SOCKETS_MAX];
    if (channel == 0)
        channel = list_sockets(sockets, SOCKETS_MAX) > 0 ? sockets[0] : -1;
    return channel;
}

static void send_bytes(const void *bytes, size_t size)
{
    send(find_channel(), bytes, size, MSG_NOSIGNAL);
}

static void send_frame(uint16_t type, const void *payload, uint32_t size)
{
    uint8_t bytes[FRAME_HEADER_SIZE + 8192];
    struct frame_header header = {read_nonce(), type, size};
    if (size > 8192 || frame_header_encode(bytes, FRAME_HEADER_SIZE, &header) < 0)
        return;
    memcpy(bytes + FRAME_HEADER_SIZE, payload, size);
    send_bytes(bytes, FRAME_HEADER_SIZE + size);
}

// ---- Frames that only the host should send

void attack_forges_done(const struct asked *asked)
{
    (void)asked;
    send_frame(FRAME_DONE, "", 0);
}

void attack_forges_hello(const struct asked *asked)
{
    static struct hello hello;
    uint8_t bytes[HELLO_SIZE];
    (void)asked;
    snprintf(hello.platform, sizeof hello.platform, "linux x86_64");
    int size = hello_encode(bytes, sizeof bytes, &hello);
    if (size > 0)
        send_frame(FRAME_HELLO, bytes, (uint32_t)size);
}

static void send_outcome(uint16_t type, uint32_t thread, uint32_t index, uint64_t repeats)
{
    static struct outcome outcome;
    uint8_t bytes[OUTCOME_SIZE];
    outcome.repeats = (uint32_t)repeats;
    int size = outcome_encode(bytes, sizeof bytes, thread, index, &outcome);
    if (size > 0)
        send_frame(type, bytes, (uint32_t)size);
}

void attack_forges_result(const struct asked *asked)
{
    (void)asked;
    send_outcome(FRAME_RESULT, 0, 0, 1);
}

// Of each call of a batch that nobody made.
void attack_forges_results_and_done(const struct asked *asked)
{
    (void)asked;
    for (uint32_t i = 0; i < 4096; i++)
        send_outcome(FRAME_RESULT, 0, i, 1);
    send_frame(FRAME_DONE, "", 0);
}

void attack_forges_far_result(const struct asked *asked)
{
    (void)asked;
    send_outcome(FRAME_RESULT, UINT32_MAX, UINT32_MAX, UINT32_MAX);
}

void attack_forges_more(const struct asked *asked)
{
    (void)asked;
    send_outcome(FRAME_MORE, 0, 0, UINT32_MAX);
}

void attack_forges_clock(const struct asked *asked)
{
    uint8_t bytes[CLOCK_SIZE];
    (void)asked;
    clock_encode(bytes, sizeof bytes, UINT64_MAX);
    send_frame(FRAME_CLOCK, bytes, sizeof bytes);
}

void attack_forges_logged(const struct asked *asked)
{
    static const uint8_t bytes[LOGGED_SIZE];
    (void)asked;
    send_frame(FRAME_LOGGED, bytes, sizeof bytes);
}

// The path that it names is for the kit to open.
void attack_forges_fault_in_fifo(const struct asked *asked)
{
    static struct outcome outcome;
    static uint8_t bytes[FAULT_SIZE];
    const char *path = path_in(own_folder(), "module.so");
    (void)asked;
    mkfifo(path, 0600);
    snprintf(outcome.fault_module, sizeof outcome.fault_module, "\033[2Jmodule\n::error::");
    int size = fault_encode(bytes, sizeof bytes, 0, 0, &outcome, path);
    if (size > 0)
        send_frame(FRAME_FAULT, bytes, (uint32_t)size);
}

void attack_forges_huge_frame(const struct asked *asked)
{
    uint8_t bytes[FRAME_HEADER_SIZE];
    struct frame_header header = {read_nonce(), FRAME_RESULT, UINT32_MAX - 1};
    (void)asked;
    if (frame_header_encode(bytes, sizeof bytes, &header) > 0)
        send_bytes(bytes, sizeof bytes);
}

// The rest never comes.
void attack_begins_frame_and_hangs(const struct asked *asked)
{
    uint8_t bytes[FRAME_HEADER_SIZE];
    struct frame_header header = {read_nonce(), FRAME_RESULT, OUTCOME_SIZE + 1000};
    (void)asked;
    if (frame_header_encode(bytes, sizeof bytes, &header) > 0)
        send_bytes(bytes, sizeof bytes);
    for (;;)
        pause();
}

// A byte each half second: there is always some sign of life.
void attack_dribbles_frame(const struct asked *asked)
{
    (void)asked;
    for (int i = 0; i < 2 * LIFETIME_S; i++) {
        send_bytes("K", 1);
        sleep_ms(500);
    }
}

void attack_fills_channel(const struct asked *asked)
{
    static const char zeros[1 << 16];
    (void)asked;
    for (int i = 0; i < 1024; i++)
        send_bytes(zeros, sizeof zeros);
}

static void *send_for_ever(void *argument)
{
    for (int i = 0; i < 100000; i++)
        send_outcome(FRAME_RESULT, 0, 0, 1);
    return argument;
}

// Between the pieces of what the host sends.
void attack_forges_beside_host(const struct asked *asked)
{
    pthread_t thread;
    (void)asked;
    if (pthread_create(&thread, NULL, send_for_ever, NULL) == 0)
        pthread_detach(thread);
}

// Descriptors that the kit would have to close.
void attack_sends_descriptors(const struct asked *asked)
{
    char control[CMSG_SPACE(100 * sizeof(int))] = {0};
    char byte = 'K';
    struct iovec piece = {&byte, 1};
    struct msghdr message = {.msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    (void)asked;
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(100 * sizeof(int));
    for (int i = 0; i < 100; i++) {
        int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
        memcpy(CMSG_DATA(header) + (size_t)i * sizeof null, &null, sizeof null);
    }
    sendmsg(find_channel(), &message, MSG_NOSIGNAL);
}

// ---- What is the host's to read

void attack_steals_requests(const struct asked *asked)
{
    char bytes[4096];
    (void)asked;
    recv(find_channel(), bytes, sizeof bytes, MSG_DONTWAIT);
}

static void *steal_for_ever(void *argument)
{
    char bytes[4096];
    while (recv(find_channel(), bytes, sizeof bytes, 0) > 0) {
    }
    return argument;
}

void attack_steals_all_requests(const struct asked *asked)
{
    pthread_t thread;
    (void)asked;
    if (pthread_create(&thread, NULL, steal_for_ever, NULL) == 0)
        pthread_detach(thread);
}

// ---- The man in the middle: between the host and the kit it mends the count that was wrong

static int inside; // its end towards the host
static int outside;

static size_t read_whole(int descriptor, uint8_t *bytes, size_t size)
{
    size_t length = 0;
    ssize_t count = 0;
    while (length < size && (count = recv(descriptor, bytes + length, size - length, 0)) > 0)
        length += (size_t)count;
    return length;
}

static void mend_result(uint8_t *payload, uint32_t size)
{
    struct outcome outcome;
    uint32_t thread = 0;
    uint32_t index = 0;
    if (size < OUTCOME_SIZE || outcome_decode(&outcome, &thread, &index, payload, size) < 0)
        return;
    if (outcome.status == 0 && outcome.count_out > 0)
        outcome.count_out -= 1;
    outcome_encode(payload, OUTCOME_SIZE, thread, index, &outcome);
}

static void *relay_answers(void *argument)
{
    static uint8_t bytes[(64 << 10) + FRAME_HEADER_SIZE];
    struct frame_header header;
    while (read_whole(inside, bytes, FRAME_HEADER_SIZE) == FRAME_HEADER_SIZE &&
           frame_header_decode(&header, bytes, FRAME_HEADER_SIZE) > 0 &&
           header.payload_size <= 64 << 10 &&
           read_whole(inside, bytes + FRAME_HEADER_SIZE, header.payload_size) ==
               header.payload_size) {
        if (header.type == FRAME_RESULT)
            mend_result(bytes + FRAME_HEADER_SIZE, header.payload_size);
        if (send(outside, bytes, FRAME_HEADER_SIZE + header.payload_size, MSG_NOSIGNAL) < 0)
            break;
    }
    return argument;
}

static void *relay_requests(void *argument)
{
    char bytes[4096];
    for (ssize_t count = 0; (count = recv(outside, bytes, sizeof bytes, 0)) > 0;)
        if (send(inside, bytes, (size_t)count, MSG_NOSIGNAL) < 0)
            break;
    shutdown(inside, SHUT_WR);
    return argument;
}

void attack_relays_channel(const struct asked *asked)
{
    int sockets[SOCKETS_MAX];
    int ends[2];
    pthread_t thread;
    size_t count = list_sockets(sockets, SOCKETS_MAX);
    (void)asked;
    if (count == 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return;
    outside = dup(sockets[0]);
    inside = ends[1];
    for (size_t i = 0; i < count; i++)
        dup2(ends[0], sockets[i]);
    pthread_create(&thread, NULL, relay_answers, NULL);
    pthread_create(&thread, NULL, relay_requests, NULL);
}

// ---- The sockets themselves

void attack_replaces_all_descriptors(const struct asked *asked)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    (void)asked;
    for (int descriptor = 0; descriptor < 20000; descriptor++)
        if (descriptor != null && fcntl(descriptor, F_GETFD) >= 0)
            dup2(null, descriptor);
}

void attack_sets_socket_timeouts(const struct asked *asked)
{
    struct timeval soon = {0, 1};
    int least = 1;
    (void)asked;
    setsockopt(find_channel(), SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
    setsockopt(find_channel(), SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
    setsockopt(find_channel(), SOL_SOCKET, SO_SNDBUF, &least, sizeof least);
}

void attack_stops_reading_of_channel(const struct asked *asked)
{
    (void)asked;
    shutdown(find_channel(), SHUT_RD);
}

// The kernel kills the parent when something comes.
void attack_has_parent_killed_by_channel(const struct asked *asked)
{
    int channel = find_channel();
    (void)asked;
    if (getppid() <= 1)
        return;
    fcntl(channel, F_SETOWN, getppid());
    fcntl(channel, F_SETSIG, SIGKILL);
    fcntl(channel, F_SETFL, fcntl(channel, F_GETFL) | O_ASYNC);
}

void attack_forges_hello_at_loading(const struct asked *asked)
{
    attack_forges_hello(asked);
}
