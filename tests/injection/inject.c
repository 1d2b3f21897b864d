// SPDX-License-Identifier: Apache-2.0
// A library for LD_PRELOAD: memory that runs out, and system calls that do less than they were
// asked for, in the processes of the kit. tests/injection/run.py says where, by these variables:
//
//     INJECT_SHARED=FILE        what happened, as struct shared has it; without it, nothing is done
//     INJECT_STACK=HEX          the first allocation with this stack fails
//     INJECT_ONE_IN=N           each allocation fails with a chance of 1 in N
//     INJECT_FOR_GOOD=1         what follows in the same process fails, too
//     INJECT_TRANSFERS=N        one in N reads and writes is short, is interrupted, or would have
//     to wait INJECT_SEED=N             of what is drawn INJECT_LOG=FILE           the stack of
//     each allocation that failed, and of a crash
//
// In the kit everything can fail, that of the libraries it is linked with too. In the host only
// what its own program asks for: what the library under test is given is none of this test's
// business. Programs of others, such as tgtd, are left alone.
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <linux/magic.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STACKS = 1 << 16, // places for them
    FRAMES = 32,
    FRAMES_COUNTED = 8, // that make a stack another one
};

enum role { ROLE_PARENT, ROLE_SWEEPER, ROLE_WORKER, ROLE_HOST, ROLE_ROOM, ROLES };

// As run.py reads it: all of 8 bytes.
struct shared {
    struct {
        atomic_ullong asked; // allocations
        atomic_ullong failed;
        atomic_ullong
            transfers; // reads and writes that could be short, or waits that could be interrupted
        atomic_ullong cut;
        atomic_ullong interrupted;
        atomic_ullong refused; // with EAGAIN
    } roles[ROLES];
    struct {
        atomic_ullong hash; // 0: none
        atomic_ullong role;
    } stacks[STACKS];
};

static struct shared *shared;
static unsigned role;
static uint64_t wanted_stack;
static uint64_t one_in;
static uint64_t one_transfer_in;
static bool for_good;
static atomic_bool failing;
static atomic_ullong drawn;
static uint64_t seed;
static const char *log_path;
static uintptr_t own_from; // of the program
static uintptr_t own_to;
static uintptr_t libc_from;
static uintptr_t libc_to;
static _Thread_local bool inside __attribute__((tls_model("initial-exec")));

void *__libc_malloc(size_t size); // NOLINT(bugprone-reserved-identifier): glibc's names
void *__libc_calloc(size_t count, size_t size);  // NOLINT(bugprone-reserved-identifier)
void *__libc_realloc(void *memory, size_t size); // NOLINT(bugprone-reserved-identifier)

// ---- The start

static uint64_t number_of(const char *name, int base)
{
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, base) : 0;
}

static void on_forked(void)
{
    if (role <
        ROLE_WORKER) // the parent makes the sweeper, that the worker; what these fork is theirs
        role++;
}

// The first object is the program.
static int note_object(struct dl_phdr_info *object, size_t size, void *argument)
{
    bool *first = argument;
    (void)size;
    bool is_libc = strstr(object->dlpi_name, "/libc.so") != NULL;
    for (int i = 0; i < object->dlpi_phnum && (*first || is_libc); i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        uintptr_t from = object->dlpi_addr + part->p_vaddr;
        uintptr_t to = from + part->p_memsz;
        if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0)
            continue;
        *(*first ? &own_from : &libc_from) = from;
        *(*first ? &own_to : &libc_to) = to;
    }
    *first = false;
    return 0;
}

static void log_stack(const char *title)
{
    void *frames[FRAMES];
    int fd =
        log_path != NULL ? open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
    if (fd < 0)
        return;
    // NOLINTBEGIN(bugprone-signal-handler,cert-sig30-c): backtrace was called once before a signal
    // may come, so that its library is loaded; the others make system calls only
    int count = backtrace(frames, FRAMES);
    syscall(SYS_write, fd, title, strlen(title));
    backtrace_symbols_fd(frames, count, fd);
    // NOLINTEND(bugprone-signal-handler,cert-sig30-c)
    close(fd);
}

static void on_crash(int number)
{
    inside = true;
    log_stack("crash\n");
    signal(number, SIG_DFL);
    raise(number);
}

static bool find_role(void)
{
    static const struct {
        const char *name;
        enum role role;
    } programs[] = {
        {"iscsidsc-tck", ROLE_PARENT},
        {"iscsidsc-tck-host", ROLE_HOST},
        {"iscsidsc-tck-room", ROLE_ROOM},
    };
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    const char *name = strrchr(path, '/');
    for (size_t i = 0; name != NULL && i < sizeof programs / sizeof *programs; i++) {
        if (strcmp(name + 1, programs[i].name) == 0) {
            role = programs[i].role;
            return true;
        }
    }
    return false;
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("INJECT_SHARED");
    bool first = true;
    void *frame = NULL;
    if (path == NULL || !find_role())
        return;
    wanted_stack = number_of("INJECT_STACK", 16);
    one_in = number_of("INJECT_ONE_IN", 10);
    one_transfer_in = number_of("INJECT_TRANSFERS", 10);
    seed = number_of("INJECT_SEED", 10) * ROLES + role;
    for_good = number_of("INJECT_FOR_GOOD", 10) != 0;
    log_path = getenv("INJECT_LOG");
    dl_iterate_phdr(note_object, &first);
    (void)backtrace(&frame, 1); // it loads a library the first time
    if (role <= ROLE_WORKER) {
        (void)pthread_atfork(NULL, NULL, on_forked);
        signal(SIGSEGV, on_crash);
        signal(SIGABRT, on_crash);
        signal(SIGBUS, on_crash);
        signal(SIGFPE, on_crash);
    }
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    void *memory = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (memory != MAP_FAILED)
        shared = memory;
}

// ---- What is drawn

static bool draws(uint64_t chance)
{
    // The same numbers for the same seed: SplitMix64.
    uint64_t value = (seed << 32) + 0x9E3779B97F4A7C15U * (atomic_fetch_add(&drawn, 1) + 1);
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
    return (value ^ (value >> 31)) % chance == 0;
}

// ---- Allocations

static bool in_libc(uintptr_t at)
{
    return at >= libc_from && at < libc_to;
}

// Of the program, directly or through the C library.
static bool is_own(void *const *frames, int count)
{
    for (int i = 0; i < count; i++) {
        uintptr_t at = (uintptr_t)frames[i];
        if (!in_libc(at))
            return at >= own_from && at < own_to;
    }
    return false;
}

// The same in each run, wherever the objects lie.
static uint64_t hash_of(void *const *frames, int count)
{
    uint64_t hash = 0xCBF29CE484222325U;
    for (int i = 0; i < count && i < FRAMES_COUNTED; i++) {
        Dl_info object = {0};
        uint64_t at = (uintptr_t)frames[i];
        if (dladdr(frames[i], &object) != 0)
            at -= (uintptr_t)object.dli_fbase;
        hash = (hash ^ at) * 0x100000001B3U;
    }
    return hash != 0 ? hash : 1;
}

static void note_stack(uint64_t hash)
{
    for (size_t i = 0; i < STACKS; i++) {
        size_t at = (hash + i) % STACKS;
        unsigned long long there = 0;
        if (atomic_compare_exchange_strong(&shared->stacks[at].hash, &there, hash)) {
            shared->stacks[at].role = role;
            return;
        }
        if (there == hash)
            return;
    }
}

// Is this allocation to fail?
static bool refuses(void)
{
    enum { SKIPPED = 2 }; // this function and the one that it stands for
    void *frames[FRAMES];
    bool refused = false;
    if (shared == NULL || inside)
        return false;
    inside = true;
    int before = errno;
    int count = backtrace(frames, FRAMES) - SKIPPED;
    if (count > 0 && (role != ROLE_HOST || is_own(frames + SKIPPED, count))) {
        uint64_t hash = hash_of(frames + SKIPPED, count);
        shared->roles[role].asked++;
        note_stack(hash);
        refused = (wanted_stack == hash && shared->roles[role].failed == 0) ||
                  (one_in != 0 && draws(one_in)) || atomic_load(&failing);
    }
    if (refused) {
        shared->roles[role].failed++;
        log_stack("failed\n");
        atomic_store(&failing, for_good);
    }
    errno = refused ? ENOMEM : before;
    inside = false;
    return refused;
}

void *malloc(size_t size)
{
    return refuses() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return refuses() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return size > 0 && refuses() ? NULL : __libc_realloc(memory, size);
}

// ---- Reads and writes

enum outcome { WHOLE, SHORT, INTERRUPTED, REFUSED };

enum kind { KIND_OTHER, KIND_FILE, KIND_PIPE, KIND_SOCKET, KIND_NETWORK };

static int socket_option(int fd, int name)
{
    int value = -1;
    socklen_t size = sizeof value;
    return getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

// Streams, which may be read and written in pieces.
static enum kind kind_of(int fd)
{
    struct stat status;
    struct statfs system;
    if (fstat(fd, &status) != 0)
        return KIND_OTHER;
    if (S_ISFIFO(status.st_mode))
        return KIND_PIPE;
    if (S_ISREG(status.st_mode)) // what is written to a file of /proc is an order
        return fstatfs(fd, &system) == 0 && system.f_type != PROC_SUPER_MAGIC ? KIND_FILE
                                                                              : KIND_OTHER;
    if (!S_ISSOCK(status.st_mode) || socket_option(fd, SO_TYPE) != SOCK_STREAM)
        return KIND_OTHER;
    return socket_option(fd, SO_DOMAIN) == AF_UNIX ? KIND_SOCKET : KIND_NETWORK;
}

static bool is_program(const void *caller)
{
    return (uintptr_t)caller >= own_from && (uintptr_t)caller < own_to;
}

static bool is_callers(const void *caller)
{
    return shared != NULL && one_transfer_in != 0 && role != ROLE_ROOM &&
           (role != ROLE_HOST || is_program(caller));
}

// What Linux does not do is not done here either: a pipe takes what fits into a page in one piece;
// what does not wait, and reads of files, are not interrupted; where something is there to be read,
// a pipe or a local socket gives it.
static bool can(enum outcome outcome, enum kind kind, int fd, size_t size, bool waits_not,
                bool writing)
{
    waits_not = waits_not || (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0;
    if (outcome == SHORT)
        return size > 1 && (kind != KIND_PIPE || !writing || size > PIPE_BUF);
    if (outcome == INTERRUPTED)
        return kind != KIND_FILE && !waits_not;
    return kind != KIND_FILE && (writing || kind == KIND_NETWORK) && waits_not;
}

static enum outcome choose(int fd, size_t size, bool waits_not, bool writing, const void *caller)
{
    static const int errors[] = {[INTERRUPTED] = EINTR, [REFUSED] = EAGAIN};
    int before = errno;
    enum kind kind = is_callers(caller) ? kind_of(fd) : KIND_OTHER;
    if (kind == KIND_NETWORK && !is_program(caller)) // libiscsi's
        kind = KIND_OTHER;
    enum outcome chosen = WHOLE;
    if (kind != KIND_OTHER) {
        atomic_ullong *counts[] = {[SHORT] = &shared->roles[role].cut,
                                   [INTERRUPTED] = &shared->roles[role].interrupted,
                                   [REFUSED] = &shared->roles[role].refused};
        shared->roles[role].transfers++;
        for (enum outcome each = SHORT; each <= REFUSED && chosen == WHOLE; each++)
            if (draws(one_transfer_in) && can(each, kind, fd, size, waits_not, writing))
                chosen = each;
        if (chosen != WHOLE)
            atomic_fetch_add(counts[chosen], 1);
    }
    errno = chosen == INTERRUPTED || chosen == REFUSED ? errors[chosen] : before;
    return chosen;
}

static ssize_t transfer(long number, int fd, void *bytes, size_t size, int flags, bool writing,
                        const void *caller)
{
    enum outcome outcome = (flags & MSG_PEEK) != 0
                               ? WHOLE
                               : choose(fd, size, (flags & MSG_DONTWAIT) != 0, writing, caller);
    if (outcome == INTERRUPTED || outcome == REFUSED)
        return -1;
    size = outcome == SHORT ? (size + 1) / 2 : size;
    return number == SYS_sendto || number == SYS_recvfrom
               ? syscall(number, fd, bytes, size, flags, NULL, NULL)
               : syscall(number, fd, bytes, size);
}

ssize_t read(int fd, void *into, size_t size)
{
    return transfer(SYS_read, fd, into, size, 0, false, __builtin_return_address(0));
}

ssize_t write(int fd, const void *from, size_t size)
{
    return transfer(SYS_write, fd, (void *)from, size, 0, true, __builtin_return_address(0));
}

ssize_t recv(int fd, void *into, size_t size, int flags)
{
    return transfer(SYS_recvfrom, fd, into, size, flags, false, __builtin_return_address(0));
}

ssize_t send(int fd, const void *from, size_t size, int flags)
{
    return transfer(SYS_sendto, fd, (void *)from, size, flags, true, __builtin_return_address(0));
}

// The first piece alone is a short write of several.
static ssize_t transfer_pieces(long number, int fd, const struct iovec *pieces, int count,
                               bool writing, const void *caller)
{
    enum outcome outcome = choose(fd, count > 0 ? pieces[0].iov_len : 0, false, writing, caller);
    if (outcome == INTERRUPTED || outcome == REFUSED)
        return -1;
    struct iovec first = count > 0 ? pieces[0] : (struct iovec){0};
    first.iov_len = (first.iov_len + 1) / 2;
    return outcome == SHORT ? syscall(number, fd, &first, 1) : syscall(number, fd, pieces, count);
}

ssize_t readv(int fd, const struct iovec *pieces, int count)
{
    return transfer_pieces(SYS_readv, fd, pieces, count, false, __builtin_return_address(0));
}

ssize_t writev(int fd, const struct iovec *pieces, int count)
{
    return transfer_pieces(SYS_writev, fd, pieces, count, true, __builtin_return_address(0));
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    struct msghdr cut = *message;
    struct iovec first = message->msg_iovlen > 0 ? message->msg_iov[0] : (struct iovec){0};
    enum outcome outcome = message->msg_controllen != 0
                               ? WHOLE
                               : choose(fd, first.iov_len, (flags & MSG_DONTWAIT) != 0, true,
                                        __builtin_return_address(0));
    if (outcome == INTERRUPTED || outcome == REFUSED)
        return -1;
    first.iov_len = (first.iov_len + 1) / 2;
    if (outcome == SHORT) {
        cut.msg_iov = &first;
        cut.msg_iovlen = 1;
    }
    return syscall(SYS_sendmsg, fd, &cut, flags);
}

// ---- Waits, which a signal can interrupt

static bool interrupts(const void *caller)
{
    if (!is_callers(caller))
        return false;
    shared->roles[role].transfers++;
    if (!draws(one_transfer_in))
        return false;
    shared->roles[role].interrupted++;
    errno = EINTR;
    return true;
}

int poll(struct pollfd *watched, nfds_t count, int timeout_ms)
{
    return interrupts(__builtin_return_address(0))
               ? -1
               : (int)syscall(SYS_poll, watched, count, timeout_ms);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
    return (options & WNOHANG) == 0 && interrupts(__builtin_return_address(0))
               ? -1
               : (pid_t)syscall(SYS_wait4, pid, status, options, NULL);
}
