// SPDX-License-Identifier: Apache-2.0
// The state of the process that a call may change: memory, descriptors, threads, signals, working
// directory, umask, floating-point modes. Measured with system calls and on the stack only, so that
// the measurement does not change what it measures.
#include "harness/host/floating_point.h"
#include "harness/host/host_unix.h"

#include "conformance/base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STANDARD_COUNT = 3, // standard input, output and error
    CHANNEL_COUNT = 2,
    MARKER_COUNT = 4,
    OWN_COUNT = STANDARD_COUNT + CHANNEL_COUNT + MARKER_COUNT,
    REAL_TIME_FIRST = 32, // of the kernel's
    SIGNAL_END = 65,      // one past the last signal
    UNUSUAL_UMASK = 0027,
    TEXT_SIZE = 4096, // more than any of the files in /proc that are read here
};

// The numbers of the markers: among those that a library closes if it closes too many.
static const int marker_numbers[MARKER_COUNT] = {3, 7, 31, 63};

// Signals that get a handler while a call is measured.
static const int handled_signals[] = {SIGUSR1, SIGPIPE};

// Standard input, output or error, as it was before the library was loaded.
struct standard {
    int copy; // -1: there is none
    dev_t device;
    ino_t inode;
};

// The disposition of each signal by its number; the first is not used.
struct handlers {
    struct sigaction of[SIGNAL_END];
};

struct os_state {
    int own[OWN_COUNT]; // the descriptors that are the caller's, -1 where there is none
    int directory;      // the working directory, to return to
    struct standard standard[STANDARD_COUNT];
    uint64_t usual_floating_point; // before the library was loaded
    unsigned measurements;
    bool warm;                          // its own first reading is over
    struct rlimit limits[RLIM_NLIMITS]; // before the library was loaded
    // As it was before the measurement was prepared:
    sigset_t mask;
    mode_t umask;
    struct handlers handlers;
    // As it was when it was prepared or read last; each costs many system calls:
    bool prepared; // and not read since
    struct handlers handlers_now;
    uint64_t limits_now; // digest
};

// --- digests

static uint64_t digest_number(uint64_t digest, uint64_t number)
{
    return hash_bytes(digest, &number, sizeof number);
}

// --- files in /proc

// Opens it also when the library has used up all descriptors, if the hard limit allows.
static int open_proc(const char *path, int flags)
{
    enum { ROOM = 512 };
    int file = open(path, flags | O_RDONLY | O_CLOEXEC);
    struct rlimit limit;
    if (file >= 0 || errno != EMFILE || getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return file;
    struct rlimit raised = {limit.rlim_cur + ROOM, limit.rlim_max};
    if (raised.rlim_cur > limit.rlim_max || setrlimit(RLIMIT_NOFILE, &raised) != 0)
        return -1;
    file = open(path, flags | O_RDONLY | O_CLOEXEC);
    setrlimit(RLIMIT_NOFILE, &limit);
    return file;
}

// Reads a small file whole, as a string; "" when it can't be.
static void read_proc(const char *path, char text[TEXT_SIZE])
{
    size_t used = 0;
    int file = open_proc(path, 0);
    while (file >= 0 && used < TEXT_SIZE - 1) {
        ssize_t count = read(file, text + used, TEXT_SIZE - 1 - used);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            break;
        used += (size_t)count;
    }
    text[used] = '\0';
    if (file >= 0)
        close(file);
}

size_t os_mappings(void)
{
    char text[TEXT_SIZE];
    size_t lines = 0;
    int file = open_proc("/proc/self/maps", 0);
    for (ssize_t count = 1; file >= 0 && count > 0;) {
        count = read(file, text, sizeof text);
        if (count < 0 && errno == EINTR)
            count = 1;
        else
            for (ssize_t i = 0; i < count; i++)
                lines += text[i] == '\n';
    }
    if (file >= 0)
        close(file);
    return lines;
}

// The number after "\nNAME:"; 0 when there is none.
static uint64_t field(const char *text, const char *name, int base)
{
    const char *at = strstr(text, name);
    return at == NULL ? 0 : strtoull(at + strlen(name), NULL, base);
}

// Anonymous memory, in use or swapped out. Mapped files are not counted: how much of them is
// private depends on who else maps them. The numbers in the status file lag by a few pages, so they
// are the second choice.
static uint64_t memory_in_use(const char *status)
{
    enum { KIB = 1024 };
    char text[TEXT_SIZE];
    read_proc("/proc/self/smaps_rollup", text);
    if (strstr(text, "\nAnonymous:") != NULL)
        return (field(text, "\nAnonymous:", 10) + field(text, "\nSwap:", 10)) * KIB;
    return (field(status, "\nRssAnon:", 10) + field(status, "\nVmSwap:", 10)) * KIB;
}

// What a mapping that nothing was written to takes up, too; not memory that is only reserved.
static uint64_t memory_mapped(const char *status)
{
    enum { KIB = 1024 };
    return (field(status, "\nVmData:", 10) + field(status, "\nRssFile:", 10) +
            field(status, "\nRssShmem:", 10)) *
           KIB;
}

// --- descriptors

// Opens a file of the host's own under that number, unless the number is taken. Each number has
// another file, so that a replaced one is noticed.
static void place_marker(int number)
{
    if (fcntl(number, F_GETFD) >= 0)
        return;
    int file = memfd_create("iscsidsc-tck-marker", MFD_CLOEXEC);
    if (file < 0 || file == number)
        return;
    dup3(file, number, O_CLOEXEC);
    close(file);
}

static void place_markers(void)
{
    for (size_t i = 0; i < MARKER_COUNT; i++)
        place_marker(marker_numbers[i]);
}

static uint64_t digest_descriptor(uint64_t digest, int descriptor)
{
    struct stat status;
    if (descriptor < 0 || fstat(descriptor, &status) != 0)
        return digest_number(digest, 0);
    digest = digest_number(digest, (uint64_t)descriptor);
    digest = digest_number(digest, status.st_dev);
    return digest_number(digest, status.st_ino);
}

static uint32_t count_one_by_one(void)
{
    enum { HIGHEST = 65536 + 512 };
    uint32_t count = 0;
    for (int number = 0; number < HIGHEST; number++)
        count += fcntl(number, F_GETFD) >= 0;
    return count;
}

// What SYS_getdents64 writes.
struct entry {
    uint64_t inode;
    int64_t next;
    uint16_t size;
    uint8_t type;
    char name[];
};

static uint32_t count_descriptors(void)
{
    int folder = open_proc("/proc/self/fd", O_DIRECTORY);
    if (folder < 0)
        return count_one_by_one();
    uint32_t count = 0;
    for (;;) {
        _Alignas(struct entry) char bytes[TEXT_SIZE];
        long got = syscall(SYS_getdents64, folder, bytes, sizeof bytes);
        if (got <= 0)
            break;
        for (long at = 0; at < got;) {
            const struct entry *entry = (const struct entry *)(const void *)(bytes + at);
            count += entry->name[0] != '.';
            at += entry->size;
        }
    }
    close(folder);
    return count > 0 ? count - 1 : 0; // the folder's own
}

// --- signals

// The signals whose disposition may be another than the default, as bits, from the text of
// /proc/self/status: they are few, and to ask for each of the others costs a system call. All of
// them where the text does not say. SIGCHLD always: its flags have an effect without a handler,
// too. A processor emulator may number the real-time signals differently: if there is one, all of
// them.
static uint64_t signals_set(const char *status)
{
    const uint64_t real_time = UINT64_MAX << (REAL_TIME_FIRST - 1);
    if (strstr(status, "\nSigCgt:") == NULL)
        return UINT64_MAX;
    uint64_t set = field(status, "\nSigIgn:", 16) | field(status, "\nSigCgt:", 16);
    return set | (uint64_t)1 << (SIGCHLD - 1) | ((set & real_time) != 0 ? real_time : 0);
}

static void block_one_more(int signal_number)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal_number);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

// Only the signals that exist: the other bits of a set are not defined.
static uint64_t signals_in(const sigset_t *set)
{
    uint64_t mask = 0;
    for (int number = 1; number < SIGNAL_END; number++)
        mask |= (uint64_t)(sigismember(set, number) == 1) << (number - 1);
    return mask;
}

static uint64_t signal_mask(void)
{
    sigset_t set;
    pthread_sigmask(SIG_BLOCK, NULL, &set);
    return signals_in(&set);
}

// The part of a disposition that has an effect: where the default is put back, the flags that the C
// library leaves do not count.
static uint64_t digest_handler(uint64_t digest, const struct sigaction *action)
{
    bool called = action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN;
    unsigned children = SA_NOCLDSTOP | SA_NOCLDWAIT;
    unsigned known = SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER | (unsigned)SA_RESETHAND;
    unsigned flags = (unsigned)action->sa_flags & (called ? known | children : children);
    digest = digest_number(digest, (uint64_t)(uintptr_t)action->sa_sigaction);
    digest = digest_number(digest, flags);
    return digest_number(digest, called ? signals_in(&action->sa_mask) : 0);
}

static uint64_t digest_handlers(const struct handlers *handlers)
{
    uint64_t digest = HASH_BEGINNING;
    for (int number = 1; number < SIGNAL_END; number++)
        digest = digest_handler(digest, &handlers->of[number]);
    return digest;
}

static void read_handlers(const char *status, struct handlers *handlers)
{
    uint64_t set = signals_set(status);
    for (int number = 1; number < SIGNAL_END; number++) {
        struct sigaction *action = &handlers->of[number];
        // It fails for the signals that the C library keeps for itself.
        if ((set >> (number - 1) & 1) == 0 || sigaction(number, NULL, action) != 0)
            *action = (struct sigaction){.sa_handler = SIG_DFL};
    }
}

static void ignore_quietly(int signal_number)
{
    (void)signal_number;
}

static void restore_handlers(const struct os_state *state)
{
    const struct sigaction *before = state->handlers.of;
    const struct sigaction *now = state->handlers_now.of;
    for (int number = 1; number < SIGNAL_END; number++)
        if (digest_handler(0, &now[number]) != digest_handler(0, &before[number]))
            sigaction(number, &before[number], NULL);
}

static void prepare_handlers(struct os_state *state)
{
    char status[TEXT_SIZE];
    struct sigaction action = {.sa_handler = ignore_quietly, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    read_proc("/proc/self/status", status);
    read_handlers(status, &state->handlers);
    state->handlers_now = state->handlers;
    for (size_t i = 0; i < sizeof handled_signals / sizeof handled_signals[0]; i++) {
        int number = handled_signals[i];
        sigaction(number, &action, NULL);
        sigaction(number, NULL, &state->handlers_now.of[number]);
    }
}

// --- the whole

static uint64_t working_directory(void)
{
    struct stat status;
    if (stat(".", &status) != 0)
        return 0;
    return digest_number(digest_number(HASH_BEGINNING, status.st_dev), status.st_ino);
}

static void keep_directory(struct os_state *state)
{
    int low = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (low < 0)
        return;
    state->directory = unix_duplicate_high(low, DIRECTORY_DISTANCE);
    close(low);
}

static bool is_file(int descriptor, const struct standard *standard)
{
    struct stat status;
    return fstat(descriptor, &status) == 0 && status.st_dev == standard->device &&
           status.st_ino == standard->inode;
}

static void keep_standard(struct os_state *state)
{
    for (int number = 0; number < STANDARD_COUNT; number++) {
        struct standard *standard = &state->standard[number];
        struct stat status;
        *standard = (struct standard){.copy = -1};
        if (fstat(number, &status) != 0)
            continue;
        standard->copy = unix_duplicate_high(number, STANDARD_DISTANCE + (unsigned)number);
        standard->device = status.st_dev;
        standard->inode = status.st_ino;
    }
}

// Puts back what the library closed or replaced, unless it did so with the copies too.
static void place_standard(const struct os_state *state)
{
    for (int number = 0; number < STANDARD_COUNT; number++) {
        const struct standard *standard = &state->standard[number];
        if (standard->copy >= 0 && !is_file(number, standard) && is_file(standard->copy, standard))
            dup2(standard->copy, number);
    }
}

struct os_state *os_state_create(void)
{
    struct os_state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return NULL;
    state->directory = -1;
    state->usual_floating_point = floating_point_mode();
    for (int resource = 0; resource < RLIM_NLIMITS; resource++)
        getrlimit((__rlimit_resource_t)resource, &state->limits[resource]);
    keep_directory(state);
    keep_standard(state);
    place_markers();
    return state;
}

static void list_own(struct os_state *state, const struct os_channel *channel)
{
    int *at = state->own;
    for (int number = 0; number < STANDARD_COUNT; number++)
        *at++ = number;
    unix_channel_descriptors(channel, at);
    at += CHANNEL_COUNT;
    for (size_t i = 0; i < MARKER_COUNT; i++)
        *at++ = marker_numbers[i];
}

static uint64_t digest_limit(uint64_t digest, const struct rlimit *limit)
{
    return digest_number(digest_number(digest, limit->rlim_cur), limit->rlim_max);
}

// What an earlier call set would hide that this one sets it again.
static void undo_limits_and_timers(struct os_state *state)
{
    static const enum __itimer_which kinds[] = {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF};
    const struct itimerval none = {0};
    const struct itimerval one_hour = {.it_value = {.tv_sec = 3600}};
    uint64_t digest = HASH_BEGINNING;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        setitimer((__itimer_which_t)kinds[i], &none, NULL);
    // Now and then there is one, which a library could cancel.
    if (state->measurements % 2 == 0)
        setitimer(ITIMER_REAL, &one_hour, NULL);
    for (int resource = 0; resource < RLIM_NLIMITS; resource++) {
        struct rlimit limit = {0, 0};
        getrlimit((__rlimit_resource_t)resource, &limit);
        if (limit.rlim_cur != state->limits[resource].rlim_cur ||
            limit.rlim_max != state->limits[resource].rlim_max) {
            setrlimit((__rlimit_resource_t)resource, &state->limits[resource]);
            getrlimit((__rlimit_resource_t)resource, &limit);
        }
        digest = digest_limit(digest, &limit);
    }
    state->limits_now = digest;
}

void os_state_prepare(struct os_state *state, const struct os_channel *channel)
{
    pthread_sigmask(SIG_BLOCK, NULL, &state->mask);
    prepare_handlers(state);
    state->umask = umask(UNUSUAL_UMASK);
    // Two modes in turn: a library that sets one of them is noticed when it finds the other.
    set_floating_point_mode(state->usual_floating_point |
                            (state->measurements++ % 2 == 0 ? 0 : floating_point_rounds_up));
    // Of two signals in turn: one that a library blocks is seen where it finds the other blocked.
    block_one_more(state->measurements % 2 == 0 ? SIGUSR2 : SIGURG);
    undo_limits_and_timers(state);
    place_standard(state);
    place_markers();
    list_own(state, channel);
    // The first time takes memory of its own: the stack's pages, and the kernel's for /proc.
    struct process_state unused;
    if (!state->warm)
        os_state_read(state, &unused);
    state->warm = true;
    state->prepared = true;
}

// The interval timers' values, which run down, count only as set or not.
static uint64_t digest_timers(void)
{
    static const enum __itimer_which kinds[] = {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF};
    uint64_t digest = HASH_BEGINNING;
    char timers[TEXT_SIZE];
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct itimerval timer = {0};
        getitimer(kinds[i], &timer);
        digest = digest_number(digest, timer.it_value.tv_sec != 0 || timer.it_value.tv_usec != 0);
    }
    read_proc("/proc/self/timers", timers);
    for (const char *at = timers; *at != '\0'; at++)
        digest = digest_number(digest, (unsigned char)*at);
    return digest;
}

static uint64_t digest_limits(void)
{
    uint64_t digest = HASH_BEGINNING;
    for (int resource = 0; resource < RLIM_NLIMITS; resource++) {
        struct rlimit limit = {0, 0};
        getrlimit((__rlimit_resource_t)resource, &limit);
        digest = digest_limit(digest, &limit);
    }
    return digest;
}

// The parent of a process, from /proc/PID/stat; 0 where it has gone.
static pid_t parent_of(const char *pid)
{
    char path[64];
    char stat[TEXT_SIZE];
    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    read_proc(path, stat);
    const char *at = strrchr(stat, ')'); // the name before it may hold anything
    return at != NULL && strlen(at) > 4 ? (pid_t)strtol(at + 4, NULL, 10) : 0;
}

// An entry of a folder, as the kernel gives it.
struct kernel_entry {
    uint64_t inode;
    int64_t next;
    uint16_t size;
    uint8_t type;
    char name[];
};

static uint32_t count_children(void)
{
    siginfo_t ended;
    uint32_t count = 0;
    // Without any child, which is the rule, nothing is looked through.
    if (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) != 0)
        return 0;
    int folder = open_proc("/proc", O_DIRECTORY);
    char entries[TEXT_SIZE];
    for (long size;
         folder >= 0 && (size = syscall(SYS_getdents64, folder, entries, sizeof entries)) > 0;)
        for (long at = 0; at < size;) {
            struct kernel_entry *entry = (struct kernel_entry *)(void *)(entries + at);
            count += entry->name[0] >= '1' && entry->name[0] <= '9' &&
                     parent_of(entry->name) == getpid();
            at += entry->size;
        }
    if (folder >= 0)
        close(folder);
    return count;
}

void os_state_read(struct os_state *state, struct process_state *result)
{
    char status[TEXT_SIZE];
    memset(result, 0, sizeof *result);
    result->floating_point = floating_point_mode();
    result->signal_mask = signal_mask();
    result->directory = working_directory();
    result->caller_descriptors = HASH_BEGINNING;
    for (size_t i = 0; i < OWN_COUNT; i++)
        result->caller_descriptors = digest_descriptor(result->caller_descriptors, state->own[i]);
    result->descriptors = count_descriptors();
    read_proc("/proc/self/status", status);
    if (!state->prepared) {
        read_handlers(status, &state->handlers_now);
        state->limits_now = digest_limits();
    }
    state->prepared = false;
    result->signal_handlers = digest_handlers(&state->handlers_now);
    result->limits = state->limits_now;
    result->threads = (uint32_t)field(status, "\nThreads:", 10);
    result->umask = umask(0); // not from /proc: with no descriptor left that can't be read
    umask((mode_t)result->umask);
    result->children = count_children();
    result->timers = digest_timers();
    result->memory_bytes = memory_in_use(status);
    result->mapped_bytes = memory_mapped(status);
}

void os_state_restore(struct os_state *state)
{
    const struct itimerval none = {0};
    setitimer(ITIMER_REAL, &none, NULL);
    set_floating_point_mode(state->usual_floating_point);
    umask(state->umask);
    restore_handlers(state);
    pthread_sigmask(SIG_SETMASK, &state->mask, NULL);
    // If the way back fails, nothing can be done; the next call is made in the folder as it is.
    int result = state->directory >= 0 ? fchdir(state->directory) : -1;
    (void)result;
    place_standard(state);
    place_markers();
}
