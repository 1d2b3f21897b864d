// SPDX-License-Identifier: Apache-2.0
// Attacks by processes and threads that are left behind, and by becoming another program.
#include "tests/hostile/hostile.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MANY = 200, HOPPERS = 8, THREADS = 64 };

void attack_leaves_200_processes(const struct asked *asked)
{
    (void)asked;
    for (int i = 0; i < MANY; i++)
        if (fork_daemon() == 0)
            live_on();
}

void attack_leaves_200_deaf_processes(const struct asked *asked)
{
    (void)asked;
    for (int i = 0; i < MANY; i++) {
        if (fork_daemon() != 0)
            continue;
        for (int number = 1; number < 65; number++)
            signal(number, SIG_IGN);
        prctl(PR_SET_PDEATHSIG, 0);
        live_on();
    }
}

// Doubles until there are enough of them; all end by themselves.
void attack_forks_without_end(const struct asked *asked)
{
    int *left = mmap(NULL, sizeof *left, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    (void)asked;
    if (left == MAP_FAILED)
        return;
    *left = MANY;
    if (fork_daemon() != 0)
        return;
    while (__atomic_sub_fetch(left, 1, __ATOMIC_SEQ_CST) > 0)
        fork();
    live_on();
}

// A process that is another one before it can be killed by its number.
static _Noreturn void hop(void)
{
    time_t end = time(NULL) + LIFETIME_S;
    while (time(NULL) < end) {
        if (fork() > 0)
            _exit(0);
        sched_yield();
    }
    _exit(0);
}

void attack_leaves_hopping_process(const struct asked *asked)
{
    (void)asked;
    if (fork_daemon() == 0)
        hop();
}

void attack_leaves_hopping_processes(const struct asked *asked)
{
    (void)asked;
    for (int i = 0; i < HOPPERS; i++)
        if (fork_daemon() == 0)
            hop();
}

// Nothing in it tells where it came from.
void attack_leaves_process_without_traces(const struct asked *asked)
{
    char *const arguments[] = {"sleep", "60", NULL};
    char *const none[] = {NULL};
    (void)asked;
    if (fork_daemon() != 0)
        return;
    if (chdir("/") != 0)
        _exit(1);
    for (int descriptor = 0; descriptor < 20000; descriptor++)
        close(descriptor);
    execve("/bin/sleep", arguments, none);
    _exit(1);
}

// It keeps all descriptors open: whoever waits for the end of one of these streams waits for it.
void attack_leaves_process_with_channel(const struct asked *asked)
{
    (void)asked;
    if (fork_daemon() == 0)
        live_on();
    _exit(0);
}

void attack_leaves_process_that_prints(const struct asked *asked)
{
    (void)asked;
    if (fork_daemon() != 0)
        return;
    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < LIFETIME_S * 1000; i++) {
        if (write(STDOUT_FILENO, "still here\n", 11) < 0)
            break;
        sleep_ms(1);
    }
    live_on();
}

// Whoever is left by its children's parents comes to it, not to the kit.
void attack_adopts_its_orphans(const struct asked *asked)
{
    (void)asked;
    if (fork_daemon() != 0)
        return;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (int i = 0; i < 20; i++)
        if (fork_daemon() == 0)
            live_on();
    live_on();
}

// A namespace of its own: its init is killed, or nothing is.
void attack_leaves_namespace(const struct asked *asked)
{
    (void)asked;
    if (fork_daemon() != 0)
        return;
    if (unshare(CLONE_NEWPID) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWPID) != 0)
        live_on();
    for (int i = 0; i < 10; i++)
        if (fork() == 0)
            live_on();
    live_on();
}

void attack_leaves_stopped_process(const struct asked *asked)
{
    (void)asked;
    if (fork_daemon() != 0)
        return;
    raise(SIGSTOP);
    live_on();
}

void attack_leaves_zombies(const struct asked *asked)
{
    (void)asked;
    for (int i = 0; i < MANY; i++)
        if (fork() == 0)
            _exit(0);
}

static void *spin(void *argument)
{
    volatile time_t end = time(NULL) + LIFETIME_S;
    while (time(NULL) < end) {
    }
    return argument;
}

void attack_leaves_spinning_threads(const struct asked *asked)
{
    (void)asked;
    for (int i = 0; i < THREADS; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, spin, NULL) == 0)
            pthread_detach(thread);
    }
}

static void *wait_and_exit(void *argument)
{
    sleep_ms(100);
    _exit(0);
    return argument;
}

void attack_exits_by_thread(const struct asked *asked)
{
    pthread_t thread;
    (void)asked;
    if (pthread_create(&thread, NULL, wait_and_exit, NULL) == 0)
        pthread_detach(thread);
}

// The child returns from the call; the process that was asked is gone, or waits.
void attack_lets_child_answer(const struct asked *asked)
{
    (void)asked;
    if (fork() > 0)
        _exit(0);
}

void attack_lets_child_answer_and_waits(const struct asked *asked)
{
    pid_t child = fork();
    (void)asked;
    if (child > 0) {
        waitpid(child, NULL, 0);
        _exit(0);
    }
}

void attack_both_answer(const struct asked *asked)
{
    (void)asked;
    fork();
}

void attack_waits_for_child_by_vfork(const struct asked *asked)
{
    (void)asked;
    // NOLINTNEXTLINE: what is done in the child is the point
    if (vfork() == 0)
        live_on();
}

// ---- Another program in the place of the host

static void keep_channel(int into)
{
    int sockets[4];
    if (list_sockets(sockets, 4) > 0)
        dup2(sockets[0], into);
}

void attack_becomes_true(const struct asked *asked)
{
    (void)asked;
    execl("/bin/true", "true", (char *)NULL);
}

// The channel is standard input and output of what it becomes: it sends back what the kit sends.
void attack_becomes_echo_of_channel(const struct asked *asked)
{
    (void)asked;
    keep_channel(STDIN_FILENO);
    keep_channel(STDOUT_FILENO);
    execl("/bin/cat", "cat", (char *)NULL);
}

void attack_becomes_noise_on_channel(const struct asked *asked)
{
    (void)asked;
    keep_channel(STDOUT_FILENO);
    execl("/usr/bin/yes", "yes", (char *)NULL);
}

void attack_becomes_host_again(const struct asked *asked)
{
    char text[4096];
    char number[16];
    char *arguments[16] = {NULL};
    size_t length = read_text("/proc/self/cmdline", text, sizeof text);
    int sockets[4];
    size_t count = 0;
    (void)asked;
    for (size_t at = 0; at < length && count < 15; at += strlen(text + at) + 1)
        arguments[count++] = text + at;
    if (list_sockets(sockets, 4) == 0 || count < 2)
        return;
    int kept = dup(sockets[0]); // without close-on-exec
    snprintf(number, sizeof number, "%d", kept);
    arguments[1] = number;
    execve("/proc/self/exe", arguments, environ);
}

// The other instance answers as another one does, while this one waits for it.
void attack_starts_second_host(const struct asked *asked)
{
    (void)asked;
    if (fork() == 0)
        attack_becomes_host_again(asked);
}

void attack_calls_itself_tgtd(const struct asked *asked)
{
    (void)asked;
    prctl(PR_SET_NAME, "tgtd");
}
