// SPDX-License-Identifier: Apache-2.0
// Attacks on the processes of the kit: signals, tracing, memory, limits, and on tgtd.
#include "tests/hostile/hostile.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANCESTORS_MAX = 16 };

static void signal_ancestors(size_t from, size_t to, int number)
{
    pid_t pids[ANCESTORS_MAX];
    size_t count = list_ancestors(pids, ANCESTORS_MAX);
    for (size_t i = from; i < to && i < count; i++)
        kill(pids[i], number);
}

void attack_stops_parent(const struct asked *asked)
{
    (void)asked;
    signal_ancestors(0, 1, SIGSTOP);
}

void attack_stops_ancestors(const struct asked *asked)
{
    (void)asked;
    signal_ancestors(0, ANCESTORS_MAX, SIGSTOP);
}

void attack_stops_top(const struct asked *asked)
{
    pid_t pids[ANCESTORS_MAX];
    size_t count = list_ancestors(pids, ANCESTORS_MAX);
    (void)asked;
    if (count > 0)
        kill(pids[count - 1], SIGSTOP);
}

void attack_kills_parent(const struct asked *asked)
{
    (void)asked;
    signal_ancestors(0, 1, SIGKILL);
}

void attack_terminates_parent(const struct asked *asked)
{
    (void)asked;
    signal_ancestors(0, 1, SIGTERM);
}

void attack_kills_grandparent(const struct asked *asked)
{
    (void)asked;
    signal_ancestors(1, 2, SIGKILL);
}

void attack_stops_grandparent(const struct asked *asked)
{
    (void)asked;
    signal_ancestors(1, 2, SIGSTOP);
}

// With something left behind that only the one that was killed would have cleared away.
void attack_kills_grandparent_and_lives_on(const struct asked *asked)
{
    (void)asked;
    if (fork_daemon() == 0)
        live_on();
    sleep_ms(50);
    signal_ancestors(1, 2, SIGKILL);
}

void attack_kills_ancestors(const struct asked *asked)
{
    (void)asked;
    signal_ancestors(0, ANCESTORS_MAX, SIGKILL);
}

// First those who could still do something about it.
void attack_kills_ancestors_and_lives_on(const struct asked *asked)
{
    pid_t pids[ANCESTORS_MAX];
    (void)asked;
    if (fork_daemon() == 0) {
        setsid();
        live_on();
    }
    sleep_ms(50);
    for (size_t i = list_ancestors(pids, ANCESTORS_MAX); i-- > 0;)
        kill(pids[i], SIGKILL);
}

void attack_interrupts_ancestors(const struct asked *asked)
{
    (void)asked;
    signal_ancestors(0, ANCESTORS_MAX, SIGINT);
}

void attack_kills_all(const struct asked *asked)
{
    (void)asked;
    kill(-1, SIGKILL);
}

void attack_stops_all(const struct asked *asked)
{
    (void)asked;
    kill(-1, SIGSTOP);
}

// Those that do nothing by default, and the one that says that a child has ended.
void attack_floods_parent_with_signals(const struct asked *asked)
{
    static const int numbers[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT};
    (void)asked;
    if (fork_daemon() != 0)
        return;
    for (int i = 0; i < 200000; i++)
        kill(getppid() > 1 ? getppid() : 0, numbers[i % 4]);
    live_on();
}

void attack_queues_real_time_signal(const struct asked *asked)
{
    pid_t pids[ANCESTORS_MAX];
    (void)asked;
    if (list_ancestors(pids, ANCESTORS_MAX) > 0)
        sigqueue(pids[0], SIGRTMIN + 1, (union sigval){.sival_int = 1});
}

void attack_kills_tgtd(const struct asked *asked)
{
    pid_t pids[8];
    (void)asked;
    signal_all(pids, list_named("tgtd", pids, 8), SIGKILL);
}

void attack_stops_tgtd(const struct asked *asked)
{
    pid_t pids[8];
    (void)asked;
    signal_all(pids, list_named("tgtd", pids, 8), SIGSTOP);
}

// ---- Tracing

// Leaves it stopped for as long as the tracer lives.
void attack_traces_parent(const struct asked *asked)
{
    pid_t parent = getppid();
    (void)asked;
    if (parent < 1 || fork_daemon() != 0)
        return;
    if (ptrace(PTRACE_ATTACH, parent, NULL, NULL) == 0)
        waitpid(parent, NULL, __WALL);
    live_on();
}

// The end of the tracer is the end of what it traces.
void attack_traces_ancestors_and_exits(const struct asked *asked)
{
    pid_t pids[ANCESTORS_MAX];
    size_t count = list_ancestors(pids, ANCESTORS_MAX);
    (void)asked;
    if (fork() != 0)
        return;
    for (size_t i = 0; i < count; i++)
        ptrace(PTRACE_SEIZE, pids[i], NULL, pointer_to(PTRACE_O_EXITKILL));
    _exit(0);
}

// Its parent gets to see stops, as a debugger does, where it expects an end.
void attack_lets_kit_trace_it(const struct asked *asked)
{
    (void)asked;
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    raise(SIGUSR1);
}

// ---- Memory

static int open_memory(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
    return open(path, O_RDWR | O_CLOEXEC);
}

static FILE *open_maps(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    return fopen(path, "re");
}

// Has each writable range of a process looked at by `change`, in pieces; that writes what it wants
// to.
static void change_memory(pid_t pid, void (*change)(int memory, off_t at, char *bytes, size_t size))
{
    static char bytes[1 << 20];
    unsigned long start = 0;
    unsigned long end = 0;
    char line[512];
    int memory = open_memory(pid);
    FILE *maps = open_maps(pid);
    while (maps != NULL && memory >= 0 && fgets(line, sizeof line, maps) != NULL) {
        // NOLINTNEXTLINE(cert-err34-c): the kernel writes it
        if (sscanf(line, "%lx-%lx rw", &start, &end) != 2 || strstr(line, " rw-p ") == NULL)
            continue;
        for (unsigned long at = start; at < end; at += sizeof bytes) {
            size_t size = end - at < sizeof bytes ? end - at : sizeof bytes;
            ssize_t count = pread(memory, bytes, size, (off_t)at);
            if (count <= 0)
                break;
            change(memory, (off_t)at, bytes, (size_t)count);
        }
    }
    if (maps != NULL)
        fclose(maps);
    if (memory >= 0)
        close(memory);
}

// Writes nothing else, so that the process goes on.
static void praise(int memory, off_t at, char *bytes, size_t size)
{
    for (size_t i = 0; i + 6 <= size; i++)
        if (memcmp(bytes + i, "\"fail\"", 6) == 0 &&
            pwrite(memory, "\"pass\"", 6, at + (off_t)i) != 6)
            return;
}

static void garble(int memory, off_t at, char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i += 64)
        bytes[i] = (char)(bytes[i] ^ 0x40);
    if (pwrite(memory, bytes, size, at) != (ssize_t)size)
        return;
}

// Again and again, as the verdicts come late.
void attack_turns_verdicts_in_memory(const struct asked *asked)
{
    pid_t pids[ANCESTORS_MAX];
    size_t count = list_ancestors(pids, ANCESTORS_MAX);
    (void)asked;
    if (fork_daemon() != 0)
        return;
    for (int turn = 0; turn < 1000; turn++) {
        for (size_t i = 0; i < count; i++)
            change_memory(pids[i], praise);
        sleep_ms(LIFETIME_S);
    }
    live_on();
}

void attack_garbles_parents_memory(const struct asked *asked)
{
    (void)asked;
    if (getppid() > 1)
        change_memory(getppid(), garble);
}

// What the process executes when its system call returns: exit_group(0).
static void end_with_zero(pid_t pid)
{
#if defined(__x86_64__)
    static const unsigned char code[] = {0x31, 0xFF, 0xB8, 0xE7, 0x00, 0x00, 0x00, 0x0F, 0x05};
    char path[64];
    char text[256];
    unsigned long stack = 0;
    unsigned long instruction = 0;
    snprintf(path, sizeof path, "/proc/%d/syscall", (int)pid);
    read_text(path, text, sizeof text);
    char *last = strrchr(text, ' ');
    int memory = open_memory(pid);
    // NOLINTNEXTLINE(cert-err34-c): the kernel writes it
    if (last != NULL && sscanf(last, "%lx", &instruction) == 1 && memory >= 0 &&
        pwrite(memory, code, sizeof code, (off_t)instruction) > 0)
        kill(pid, SIGCONT); // makes it return
    (void)stack;
    if (memory >= 0)
        close(memory);
#else
    (void)pid;
#endif
}

// The exit status that a script sees is then not the kit's.
void attack_makes_top_exit_with_zero(const struct asked *asked)
{
    pid_t pids[ANCESTORS_MAX];
    size_t count = list_ancestors(pids, ANCESTORS_MAX);
    (void)asked;
    if (count > 0)
        end_with_zero(pids[count - 1]);
}

void attack_makes_worker_exit_with_zero(const struct asked *asked)
{
    (void)asked;
    if (getppid() > 1)
        end_with_zero(getppid());
}

// ---- What the kit has open

static void write_into(pid_t pid, const char *bytes, size_t size)
{
    for (int descriptor = 0; descriptor < 64; descriptor++) {
        char path[64];
        char target[64] = "";
        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, descriptor);
        if (readlink(path, target, sizeof target - 1) <= 0 || strncmp(target, "pipe:", 5) != 0)
            continue;
        int file = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
        if (file < 0)
            continue;
        if (write(file, bytes, size) < 0)
            size = 0;
        close(file);
    }
}

void attack_writes_into_kits_pipes(const struct asked *asked)
{
    static const char verdict[] = "\nHeld: every clause (exit status 0)\n{\"exit_status\": 0}\n";
    pid_t pids[ANCESTORS_MAX];
    size_t count = list_ancestors(pids, ANCESTORS_MAX);
    (void)asked;
    for (size_t i = 0; i < count; i++)
        write_into(pids[i], verdict, sizeof verdict - 1);
}

// What one of its processes may tell another of how a third has ended: well.
void attack_writes_zeros_into_kits_pipes(const struct asked *asked)
{
    static const char zeros[64];
    pid_t pids[ANCESTORS_MAX];
    size_t count = list_ancestors(pids, ANCESTORS_MAX);
    (void)asked;
    for (size_t i = 1; i < count; i++) // the nearest would die of it
        write_into(pids[i], zeros, sizeof zeros);
    signal_ancestors(0, 1, SIGKILL);
}

// A pipe that nobody empties is read by the library instead.
void attack_reads_from_kits_pipes(const struct asked *asked)
{
    pid_t pids[ANCESTORS_MAX];
    size_t count = list_ancestors(pids, ANCESTORS_MAX);
    (void)asked;
    if (fork_daemon() != 0)
        return;
    for (int turn = 0; turn < 2000; turn++) {
        for (size_t i = 0; i < count * 32; i++) {
            char path[64];
            char text[4096];
            snprintf(path, sizeof path, "/proc/%d/fd/%zu", (int)pids[i / 32], i % 32);
            int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
            if (file >= 0 && read(file, text, sizeof text) >= 0)
                close(file);
        }
        sleep_ms(1);
    }
    live_on();
}

// ---- What the kernel allows to be done to a process of the same user

static void limit_ancestors(int resource, rlim_t limit)
{
    pid_t pids[ANCESTORS_MAX];
    size_t count = list_ancestors(pids, ANCESTORS_MAX);
    struct rlimit tiny = {limit, limit};
    for (size_t i = 0; i < count; i++)
        prlimit(pids[i], (__rlimit_resource_t)resource, &tiny, NULL);
}

void attack_limits_kits_descriptors(const struct asked *asked)
{
    (void)asked;
    limit_ancestors(RLIMIT_NOFILE, 3);
}

void attack_limits_kits_files(const struct asked *asked)
{
    (void)asked;
    limit_ancestors(RLIMIT_FSIZE, 0);
}

void attack_limits_kits_time(const struct asked *asked)
{
    (void)asked;
    limit_ancestors(RLIMIT_CPU, 0);
}

void attack_limits_kits_memory(const struct asked *asked)
{
    (void)asked;
    limit_ancestors(RLIMIT_AS, 1 << 20);
}

void attack_limits_kits_processes(const struct asked *asked)
{
    (void)asked;
    limit_ancestors(RLIMIT_NPROC, 0);
}

void attack_slows_kit(const struct asked *asked)
{
    pid_t pids[ANCESTORS_MAX];
    size_t count = list_ancestors(pids, ANCESTORS_MAX);
    cpu_set_t first;
    struct sched_param none = {0};
    (void)asked;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    for (size_t i = 0; i < count; i++) {
        setpriority(PRIO_PROCESS, (id_t)pids[i], 19);
        sched_setscheduler(pids[i], SCHED_IDLE, &none);
        sched_setaffinity(pids[i], sizeof first, &first);
    }
}
