// SPDX-License-Identifier: Apache-2.0
// What the host program needs of Unix: pages, signals, threads, the dynamic loader.
#include "harness/host/host_unix.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#if defined(__aarch64__)
#include <asm/sigcontext.h>
#endif

// The process that answers, set by os_begin: when a library forks in a call, the call returns in
// the child too, which must not answer.
static pid_t the_host;

// A fault handler has no argument of the program's own, so its data stands here: the trap of the
// thread that it runs in, and, for threads that the library made, the trap of the thread that makes
// the calls.
static _Thread_local struct os_trap *trap_here;
static _Atomic(struct os_trap *) trap_first;
static atomic_bool dying; // a fault is being reported: the process ends
static sigset_t signals_at_start;

void os_begin(void)
{
    enum { STACK_MAX = 64 << 20, STACK_SANE = 8 << 20 };
    the_host = getpid();
    sigprocmask(SIG_SETMASK, NULL, &signals_at_start);
    // Endless recursion must end at a fault, not when memory is used up.
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur > STACK_MAX) {
        limit.rlim_cur = STACK_SANE;
        setrlimit(RLIMIT_STACK, &limit);
    }
    // With huge pages a single byte could take 2 MiB, which would look like a leak.
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    // What the library prints by stdio must be out when it dies.
    setvbuf(stdout, NULL, _IOLBF, 0);
}

void os_end(int exit_code)
{
    _exit(exit_code);
}

void os_say(const char *text)
{
    struct iovec pieces[] = {
        {.iov_base = (void *)HOST_SAYS, .iov_len = sizeof HOST_SAYS - 1},
        {.iov_base = (void *)text, .iov_len = strlen(text)},
        {.iov_base = (void *)"\n", .iov_len = 1},
    };
    ssize_t written = writev(STDERR_FILENO, pieces, 3);
    (void)written; // there is nowhere else to say it
}

bool os_is_the_host(void)
{
    return getpid() == the_host;
}

uint64_t os_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static bool own_clock;

void unix_set_own_clock(void)
{
    own_clock = true;
}

bool os_own_clock(void)
{
    return own_clock;
}

void os_platform(char *text, size_t size)
{
    struct utsname name;
    if (uname(&name) != 0) {
        snprintf(text, size, "unix");
        return;
    }
    // The kernel tells its own kind of machine, not that of this program.
#if defined(__i386__)
    const char *machine = "i386";
#else
    const char *machine = name.machine;
#endif
    snprintf(text, size, "%.30s %.30s", name.sysname, machine);
    if (text[0] >= 'A' && text[0] <= 'Z')
        text[0] = (char)(text[0] - 'A' + 'a');
}

uint32_t os_code_page(void)
{
    return 65001;
}

// --- the library

void *os_library_load(const char *path, char *error, size_t size)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        snprintf(error, size, "%s", dlerror());
    return library;
}

session_list_function os_library_find(void *library, const char *name)
{
    void *symbol = dlsym(library, name);
    session_list_function function = NULL;
    memcpy(&function, &symbol, sizeof function);
    return function;
}

void os_library_describe(void *library, struct hello *hello)
{
    (void)library;
    (void)hello;
}

// What a sanitizer's runtime offers, where one is loaded.
static struct {
    bool looked;
    size_t (*allocated)(void);
    size_t (*size_of)(const volatile void *);
    _Atomic int64_t counted; // bytes in use, counted by hooks, from COUNTED_BEGIN on
} sanitizer;

enum { COUNTED_BEGIN = 1 << 30 }; // what was allocated before may be freed

static void count_allocation(const volatile void *memory, size_t size)
{
    (void)size;
    if (memory != NULL)
        sanitizer.counted += (int64_t)sanitizer.size_of(memory);
}

static void count_release(const volatile void *memory)
{
    if (memory != NULL)
        sanitizer.counted -= (int64_t)sanitizer.size_of(memory);
}

static void sanitizer_find(const char *name, void *function)
{
    void *symbol = dlsym(RTLD_DEFAULT, name);
    memcpy(function, &symbol, sizeof symbol);
}

// LeakSanitizer alone says 0 of what is allocated, and its own memory grows with each thread: so
// what is allocated is counted.
static void sanitizer_look(void)
{
    int (*install)(void (*)(const volatile void *, size_t), void (*)(const volatile void *));
    sanitizer.looked = true;
    sanitizer_find("__sanitizer_get_current_allocated_bytes", (void *)&sanitizer.allocated);
    if (sanitizer.allocated == NULL || sanitizer.allocated() > 0)
        return;
    sanitizer_find("__sanitizer_get_allocated_size", (void *)&sanitizer.size_of);
    sanitizer_find("__sanitizer_install_malloc_and_free_hooks", (void *)&install);
    if (sanitizer.size_of != NULL && install != NULL &&
        install(count_allocation, count_release) > 0)
        sanitizer.counted = COUNTED_BEGIN;
}

uint64_t os_sanitizer_memory(void)
{
    if (!sanitizer.looked)
        sanitizer_look();
    if (sanitizer.counted > 0)
        return (uint64_t)sanitizer.counted;
    return sanitizer.allocated == NULL ? 0 : sanitizer.allocated();
}

// --- memory

size_t os_page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

uint64_t os_buffer_max(void)
{
    if (sizeof(void *) > sizeof(uint32_t))
        return UINT32_MAX;
    size_t page = os_page_size();
    // The largest of those that are a power of two, or a sum of such.
    size_t most = 0;
    for (size_t part = (size_t)1 << 31; part >= page; part /= 2) {
        void *memory = os_reserve(most + part + 2 * page);
        if (memory == NULL)
            continue;
        os_release(memory, most + part + 2 * page);
        most += part;
    }
    return most;
}

void *os_sparse_reserve(size_t size)
{
    return os_reserve(size);
}

void *os_reserve(size_t size)
{
    void *memory = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void os_release(void *memory, size_t size)
{
    munmap(memory, size);
}

bool os_guard_written(void *page, size_t *first, size_t *last)
{
    size_t size = os_page_size();
    unsigned char there = 0;
    // What nobody wrote to or read takes no memory.
    if (mincore(page, size, &there) != 0 || (there & 1) == 0)
        return false;
    const uint8_t *bytes = page;
    size_t begin = 0;
    size_t end = size;
    if (mprotect(page, size, PROT_READ) != 0)
        return false;
    while (begin < size && bytes[begin] == 0)
        begin++;
    while (end > begin && bytes[end - 1] == 0)
        end--;
    madvise(page, size, MADV_DONTNEED);
    mprotect(page, size, PROT_NONE);
    *first = begin;
    *last = end - 1;
    return begin < end;
}

int os_protect(void *memory, size_t size, enum os_access access)
{
    int protection = access == OS_ACCESS_ALL    ? PROT_READ | PROT_WRITE
                     : access == OS_ACCESS_READ ? PROT_READ
                                                : PROT_NONE;
    return mprotect(memory, size, protection);
}

// Between what is near the begin and the end, the same pages stand again and again: a library that
// touches every page, as old Windows code did, takes no gigabytes then.
static int repeat_middle(uint8_t *memory, size_t size, int file)
{
    const size_t real = (size_t)64 << 20; // at either end
    const size_t chunk = (size_t)8 << 20;
    for (size_t at = real; size > 2 * real && at < size - real; at += chunk) {
        size_t length = at + chunk < size - real ? chunk : size - real - at;
        if (mmap(memory + at, length, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_FIXED | MAP_NORESERVE, file, (off_t)real) == MAP_FAILED)
            return -1;
    }
    return 0;
}

int os_sparse_map(void *memory, size_t size)
{
    int low = memfd_create("iscsidsc-tck-sparse", MFD_CLOEXEC);
    if (low < 0)
        return -1;
    int file = unix_duplicate_high(low, SPARSE_DISTANCE);
    close(low);
    if (file < 0)
        return -1;
    if (ftruncate(file, (off_t)size) != 0 ||
        mmap(memory, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_NORESERVE, file,
             0) == MAP_FAILED ||
        repeat_middle(memory, size, file) != 0) {
        close(file);
        return -1;
    }
    return file;
}

int os_sparse_next(int handle, uint64_t from, uint64_t *start, uint64_t *end)
{
    off_t data = lseek(handle, (off_t)from, SEEK_DATA);
    if (data < 0)
        return errno == ENXIO ? 0 : -1;
    off_t hole = lseek(handle, data, SEEK_HOLE);
    if (hole <= data)
        return -1;
    *start = (uint64_t)data;
    *end = (uint64_t)hole;
    return 1;
}

void os_sparse_close(int handle)
{
    close(handle);
}

// --- faults

// The first two come with an address, which only the handler learns: it is installed for them
// before every call. If a library has replaced the handlers of the others, the wait status still
// tells the signal.
static const int trapped_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP};
enum { TRAPPED_COUNT = sizeof trapped_signals / sizeof trapped_signals[0], TRAPPED_EVERY_CALL = 2 };

// The instruction that was under way; 0: not known.
static uintptr_t instruction_of(const ucontext_t *context)
{
#if defined(__x86_64__)
    return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__i386__)
    return (uintptr_t)context->uc_mcontext.gregs[REG_EIP];
#elif defined(__aarch64__)
    return (uintptr_t)context->uc_mcontext.pc;
#else
    (void)context;
    return 0;
#endif
}

#if defined(__x86_64__) || defined(__i386__)
// On 32 bits not every processor tells a fetch from a read, and qemu-i386 tells neither that nor
// the number of the trap.
static enum fault_direction direction_of(const ucontext_t *context, const void *address)
{
    enum { PAGE_FAULT = 14, BY_WRITE = 2, BY_FETCH = 16 };
    unsigned long error = (unsigned long)context->uc_mcontext.gregs[REG_ERR];
    bool page_fault = context->uc_mcontext.gregs[REG_TRAPNO] == PAGE_FAULT;
    bool fetch = (error & BY_FETCH) != 0;
#if defined(__i386__)
    page_fault = page_fault || (context->uc_mcontext.gregs[REG_TRAPNO] == -1 &&
                                context->uc_mcontext.cr2 == (unsigned long)address);
    fetch = fetch || (unsigned long)context->uc_mcontext.gregs[REG_EIP] == (unsigned long)address;
#else
    (void)address;
#endif
    if (!page_fault)
        return FAULT_UNKNOWN;
    if (fetch)
        return FAULT_EXECUTE;
    return (error & BY_WRITE) != 0 ? FAULT_WRITE : FAULT_READ;
}
#elif defined(__aarch64__)
static enum fault_direction direction_of(const ucontext_t *context, const void *address)
{
    (void)address;
    enum { CLASS_SHIFT = 26, INSTRUCTION_ABORT = 0x20, DATA_ABORT = 0x24, BY_WRITE = 1 << 6 };
    const uint8_t *at = (const uint8_t *)context->uc_mcontext.__reserved;
    const uint8_t *end = at + sizeof context->uc_mcontext.__reserved;
    while ((size_t)(end - at) >= sizeof(struct esr_context)) {
        struct esr_context record;
        memcpy(&record, at, sizeof record);
        if (record.head.size < sizeof record.head)
            break;
        if (record.head.magic == ESR_MAGIC) {
            unsigned kind = (unsigned)(record.esr >> CLASS_SHIFT) & 0x3F;
            if (kind == INSTRUCTION_ABORT)
                return FAULT_EXECUTE;
            if (kind != DATA_ABORT)
                return FAULT_UNKNOWN;
            return (record.esr & BY_WRITE) != 0 ? FAULT_WRITE : FAULT_READ;
        }
        if (record.head.size > (size_t)(end - at))
            break;
        at += record.head.size;
    }
    return FAULT_UNKNOWN;
}
#else
static enum fault_direction direction_of(const ucontext_t *context, const void *address)
{
    (void)address;
    (void)context;
    return FAULT_UNKNOWN;
}
#endif

static void describe_fault(struct outcome *outcome, const struct os_trap *trap, int signal_number,
                           const siginfo_t *information, const ucontext_t *context)
{
    outcome->kind = OUTCOME_FAULT;
    outcome->inside = outcome->before = outcome->after = extent_none();
    outcome->signal_number = signal_number;
    outcome->base = trap->base;
    outcome->began_ns = trap->began_ns;
    outcome->ended_ns = os_now_ns();
    outcome_single(outcome);
    outcome->repeats += trap->unsent;
    if (trap->unsent > 0) // when exactly they were made is not known any more
        outcome->first_ended_ns = outcome->last_began_ns = outcome->began_ns;
    // A signal that was sent (si_code not above 0) has no address, nor has an access that the
    // processor refuses by the look of the address alone (SI_KERNEL).
    bool by_memory = signal_number == SIGSEGV || signal_number == SIGBUS;
    if (by_memory && information->si_code > 0 && information->si_code != SI_KERNEL) {
        outcome->fault_has_address = true;
        outcome->fault_address = (uint64_t)(uintptr_t)information->si_addr;
        outcome->direction = (uint8_t)direction_of(context, information->si_addr);
    }
}

static void send_fault(const struct os_trap *trap, struct outcome *outcome,
                       const ucontext_t *context)
{
    struct module_place place;
    uint8_t frame[FRAME_HEADER_SIZE + FAULT_SIZE];
    struct frame_header header = {trap->nonce, FRAME_FAULT, FAULT_SIZE};
    unix_find_place(instruction_of(context), &place);
    outcome->fault_offset = place.offset;
    memcpy(outcome->fault_module, place.name, sizeof outcome->fault_module);
    if (frame_header_encode(frame, sizeof frame, &header) < 0 ||
        fault_encode(frame + FRAME_HEADER_SIZE, FAULT_SIZE, trap->thread, trap->index, outcome,
                     place.path) < 0)
        return;
    unix_channel_write_last(trap->channel, frame, sizeof frame);
}

// Ends the process by the signal itself, so that the wait status says it too.
static _Noreturn void die_of(int signal_number)
{
    signal(signal_number, SIG_DFL);
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, signal_number);
    pthread_sigmask(SIG_UNBLOCK, &only, NULL);
    raise(signal_number);
    _exit(128 + signal_number);
}

// Only what is safe in a signal handler. The signal is blocked in it: a fault of its own ends the
// process at once.
static void on_fault(int signal_number, siginfo_t *information, void *context)
{
    const struct os_trap *trap = trap_here != NULL ? trap_here : atomic_load(&trap_first);
    if (trap != NULL && os_is_the_host()) {
        if (atomic_exchange(&dying, true)) {
            // Another thread was first and ends the process as soon as it has said so.
            const struct timespec second = {.tv_sec = 1};
            nanosleep(&second, NULL);
        } else {
            struct outcome outcome = {0};
            describe_fault(&outcome, trap, signal_number, information, context);
            send_fault(trap, &outcome, context);
            unix_send_stack(trap, context, instruction_of(context));
        }
    }
    die_of(signal_number);
}

static int make_stack(struct os_trap *trap)
{
    enum { STACK_SIZE = 64 * 1024 };
    size_t page = os_page_size();
    uint8_t *stack = os_reserve(STACK_SIZE + page);
    if (stack == NULL)
        return -1;
    if (os_protect(stack + page, STACK_SIZE, OS_ACCESS_ALL) != 0) {
        os_release(stack, STACK_SIZE + page);
        return -1;
    }
    trap->stack = stack + page;
    trap->stack_size = STACK_SIZE;
    return 0;
}

// The stack is kept for the next batch.
int os_trap_create(struct os_trap *trap)
{
    if (trap->stack == NULL && make_stack(trap) != 0)
        return -1;
    trap->armed = false;
    trap_here = trap;
    struct os_trap *none = NULL;
    atomic_compare_exchange_strong(&trap_first, &none, trap);
    return 0;
}

void os_trap_destroy(struct os_trap *trap)
{
    stack_t off = {.ss_flags = SS_DISABLE};
    sigaltstack(&off, NULL);
    trap_here = NULL;
    struct os_trap *own = trap;
    atomic_compare_exchange_strong(&trap_first, &own, NULL);
}

void os_trap_arm(struct os_trap *trap)
{
    if (atomic_load(&dying))
        return; // the thread that reports a fault has set the handlers as it needs them
    stack_t stack = {.ss_sp = trap->stack, .ss_size = trap->stack_size};
    sigaltstack(&stack, NULL);
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    size_t count = trap->armed ? TRAPPED_EVERY_CALL : TRAPPED_COUNT;
    trap->armed = true;
    for (size_t i = 0; i < count; i++)
        sigaction(trapped_signals[i], &action, NULL);
    pthread_sigmask(SIG_SETMASK, &signals_at_start, NULL);
}

// --- threads

struct start {
    pthread_barrier_t *barrier; // all begin at once
    void (*work)(void *argument);
    void *argument;
};

static void *run_thread(void *argument)
{
    struct start *start = argument;
    pthread_barrier_wait(start->barrier);
    start->work(start->argument);
    return NULL;
}

int os_threads_run(unsigned count, void (*work)(void *argument), void *const *arguments)
{
    pthread_t threads[THREADS_MAX];
    struct start starts[THREADS_MAX];
    pthread_barrier_t barrier;
    if (count < 1 || count > THREADS_MAX || pthread_barrier_init(&barrier, NULL, count) != 0)
        return -1;
    for (unsigned i = 0; i < count; i++) {
        starts[i] = (struct start){&barrier, work, arguments[i]};
        if (pthread_create(&threads[i], NULL, run_thread, &starts[i]) != 0)
            return -1; // those that wait at the barrier go with the process
    }
    for (unsigned i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&barrier);
    return 0;
}
