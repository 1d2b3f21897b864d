// SPDX-License-Identifier: Apache-2.0
// An implementation that misbehaves as it is told by *SessionCount.
#include "tests/implementations/misbehaving.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SUCCESS = 0, OUT_OF_MEMORY = 14, INSUFFICIENT = 122, DESCRIPTORS = 70000 };

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *buffer);
uint32_t GetIScsiSessionListW(uint32_t *size, uint32_t *count, void *buffer);

static void crash(void)
{
    *(volatile char *)16 = 1;
}

static void *crash_thread(void *argument)
{
    crash();
    return argument;
}

static void exit_nine(int number)
{
    (void)number;
    _exit(9);
}

// Descends until there is no more stack; the frame and the result keep the compiler from making a
// loop of it.
static int descend(uint64_t depth)
{
    volatile char frame[512];
    frame[0] = (char)depth;
    if (depth == UINT64_MAX)
        return 0;
    return descend(depth + 1) + frame[0];
}

static int is_socket(int descriptor)
{
    struct stat status;
    return fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode);
}

static int find_socket(void)
{
    for (int descriptor = 3; descriptor < DESCRIPTORS; descriptor++) {
        if (is_socket(descriptor))
            return descriptor;
    }
    return -1;
}

static void close_range_of(int first, int last)
{
    for (int descriptor = first; descriptor <= last; descriptor++)
        close(descriptor);
}

static void replace_channel(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(null, find_socket());
    close(null);
}

static void unblock_channel(void)
{
    int channel = find_socket();
    fcntl(channel, F_SETFL, fcntl(channel, F_GETFL) | O_NONBLOCK);
}

static void spray(void)
{
    static const char garbage[] = "garbage, garbage, garbage, and no end of it: garbage";
    for (int descriptor = 3; descriptor < DESCRIPTORS; descriptor++) {
        if (write(descriptor, garbage, sizeof garbage) < 0)
            continue;
    }
}

static void print_much(void)
{
    for (int i = 0; i < 100000; i++)
        printf("%099d\n", i);
    fflush(stdout);
}

static void start_daemon(void)
{
    if (fork() == 0) {
        setsid();
        sleep(600);
        _exit(0);
    }
}

static void eat_memory(void)
{
    void **last = NULL;
    void **block = NULL;
    while ((block = malloc(1 << 20)) != NULL) {
        *block = (void *)last;
        last = block;
    }
    abort();
}

// In `file` if that is one, else anonymous.
static void eat_shared(int file)
{
    enum { PIECE = 16 << 20 };
    for (off_t at = 0;; at += PIECE) {
        if (file >= 0 && ftruncate(file, at + PIECE) != 0)
            abort();
        void *piece = mmap(NULL, PIECE, PROT_READ | PROT_WRITE,
                           MAP_SHARED | (file < 0 ? MAP_ANONYMOUS : 0), file, file < 0 ? 0 : at);
        if (piece == MAP_FAILED)
            abort();
        memset(piece, 1, PIECE);
    }
}

static void eat_unmapped(void)
{
    enum { PIECES = 512, SIZE = 1 << 20 };
    char *piece = malloc(SIZE);
    int file = memfd_create("eaten", MFD_CLOEXEC);
    if (piece == NULL)
        abort();
    memset(piece, 1, SIZE);
    for (int i = 0; i < PIECES; i++)
        if (write(file, piece, SIZE) < 0)
            abort();
    for (;;)
        pause();
}

static void crash_in_thread(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, crash_thread, NULL);
    pthread_join(thread, NULL);
}

static void all_signals(void (*handler)(int))
{
    for (int number = 1; number < 32; number++)
        signal(number, handler);
}

static void block_signals(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
}

static void jump_nowhere(void)
{
    jmp_buf place;
    memset(&place, 0x5A, sizeof place);
    longjmp(place, 1);
}

static void overflow_without_alternate(void)
{
    stack_t off = {.ss_flags = SS_DISABLE};
    sigaltstack(&off, NULL);
    descend(0);
}

static void change_handlers(void)
{
    block_signals();
    all_signals(SIG_DFL);
    fclose(stdin);
}

// What ends the process, or should; false when `what` is none of these.
static int end_somehow(enum misbehaviour what)
{
    switch (what) {
    case WRITE_NULL:
        // cppcheck-suppress nullPointer
        *(volatile char *)0 = 1; // NOLINT(clang-analyzer-core.NullDereference)
        return 1;
    case WRITE_NONCANONICAL:
        *(volatile char *)0x8000000000000000 = 1;
        return 1;
    case OVERFLOW_STACK:
        return descend(0);
    case OVERFLOW_STACK_WITHOUT_ALTERNATE:
        overflow_without_alternate();
        return 1;
    case DIVIDE_BY_ZERO:
        return raise(SIGFPE); // not every processor traps the division itself
    case ILLEGAL_INSTRUCTION:
        __builtin_trap();
    case ABORT:
        abort();
    case EXIT:
        exit(7);
    case EXIT_HARD:
        _exit(8);
    case EXIT_THREAD:
        pthread_exit(NULL);
    case EXIT_AS_HOST_USAGE:
        _exit(112);
    case EXIT_AS_HOST_CHANNEL:
        _exit(113);
    case EXIT_AS_HOST_MEMORY:
        _exit(116);
    case EXIT_AS_ROOM:
        _exit(125);
    case KILL_SELF:
        return raise(SIGKILL);
    case TERMINATE_SELF:
        return raise(SIGTERM);
    case HANG:
        for (;;)
            pause();
    case SPIN:
        for (volatile int on = 1; on != 0;) {
        }
        return 1;
    case STOP_SELF:
        return raise(SIGSTOP);
    case SAY_AND_ABORT:
        printf("about to abort\n");
        abort();
    case DAEMON_AND_EXIT:
        start_daemon();
        _exit(3);
    case EAT_MEMORY:
        eat_memory();
        return 1;
    case EAT_SHARED:
        eat_shared(-1);
        return 1;
    case EAT_FILE:
        eat_shared(memfd_create("eaten", MFD_CLOEXEC));
        return 1;
    case EAT_IN_CHILD:
        if (fork() == 0)
            eat_unmapped();
        for (;;)
            pause();
    case EAT_UNMAPPED:
        eat_unmapped();
        return 1;
    case CRASH_IN_THREAD:
        crash_in_thread();
        return 1;
    case JUMP_NOWHERE:
        jump_nowhere();
        return 1;
    default:
        return 0;
    }
}

// What changes signals and then crashes.
static int crash_somehow(enum misbehaviour what)
{
    switch (what) {
    case HANDLE_AND_CRASH:
        all_signals(SIG_DFL);
        break;
    case IGNORE_AND_CRASH:
        all_signals(SIG_IGN);
        break;
    case BLOCK_AND_CRASH:
        block_signals();
        break;
    case CATCH_AND_EXIT:
        all_signals(exit_nine);
        break;
    default:
        return 0;
    }
    crash();
    return 1;
}

// What is done to descriptors and processes; all of it returns.
static int upset_host(enum misbehaviour what)
{
    switch (what) {
    case CLOSE_SOME:
        close_range_of(3, 63);
        return 1;
    case CLOSE_UP_TO_LIMIT:
        close_range_of(3, (int)sysconf(_SC_OPEN_MAX) - 1);
        return 1;
    case CLOSE_ALL:
        close_range_of(3, DESCRIPTORS);
        return 1;
    case CLOSE_CHANNEL:
        close(find_socket());
        return 1;
    case REPLACE_CHANNEL:
        replace_channel();
        return 1;
    case SHUT_CHANNEL_DOWN:
        shutdown(find_socket(), SHUT_RDWR);
        return 1;
    case UNBLOCK_CHANNEL:
        unblock_channel();
        return 1;
    case SPRAY:
        spray();
        return 1;
    case PRINT_MUCH:
        print_much();
        return 1;
    case DAEMON:
        start_daemon();
        return 1;
    case FORK_AND_RETURN:
        return fork() >= 0;
    case CHANGE_HANDLERS:
        change_handlers();
        return 1;
    default:
        return 0;
    }
}

static void flip(volatile uint8_t *byte)
{
    *byte = (uint8_t) ~*byte;
}

static void flip_all(uint8_t *bytes, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        flip(&bytes[i]);
}

static void write_wide(uint32_t *cell)
{
    uint64_t wide = 1;
    memcpy(cell, &wide, sizeof wide);
}

static void call_buffer(void *buffer)
{
    void (*function)(void) = NULL;
    memcpy(&function, &buffer, sizeof function);
    function();
}

static void change_guard(uint8_t *at)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *begin = at - (uintptr_t)at % page;
    if (mprotect(begin, page, PROT_READ | PROT_WRITE) == 0) {
        flip(at);
        mprotect(begin, page, PROT_NONE);
    }
}

// What is done to the caller's memory. Returns the size to answer.
static uint32_t touch(enum misbehaviour what, int32_t offset, uint32_t *size, uint32_t *count,
                      uint8_t *buffer)
{
    switch (what) {
    case FILL_ALL:
        flip_all(buffer, *size);
        return *size;
    case CHANGE_AT:
        flip(&buffer[offset]);
        return 0;
    case WRITE_AT:
        *(volatile uint8_t *)&buffer[offset] = 0;
        return 0;
    case READ_AT:
        return *(volatile uint8_t *)&buffer[offset] & 0U;
    case EXECUTE_BUFFER:
        call_buffer(buffer);
        return 0;
    case WIDE_SIZE:
        write_wide(size);
        return 1;
    case WIDE_COUNT:
        write_wide(count);
        return 0;
    case BEFORE_SIZE:
        flip((uint8_t *)size - 1);
        return 0;
    case BEFORE_COUNT:
        flip((uint8_t *)count - 1);
        return 0;
    case FAR_SIZE:
        *((volatile uint8_t *)size + 16) = 0;
        return 0;
    case TOUCH_ENDS:
        flip(&buffer[0]);
        flip(&buffer[*size - 1]);
        return 16;
    case WRITE_SIZES:
        *count = UINT32_MAX;
        return UINT32_MAX;
    case CHANGE_GUARD_AT:
        change_guard(&buffer[offset]);
        return 0;
    case UNMAP_BUFFER:
        munmap(buffer, (size_t)sysconf(_SC_PAGESIZE)); // with PLACE_START it is a page's begin
        return 0;
    default:
        return 0;
    }
}

static atomic_int calls_counted;

static void sleep_for(int32_t milliseconds)
{
    struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    nanosleep(&pause, NULL);
}

// What goes wrong at one call of many; 1 when it was not this one.
static int count_calls(enum misbehaviour what, int32_t offset)
{
    if (what != CRASH_AT && what != EXIT_AT && what != HANG_AT)
        return 0;
    if (atomic_fetch_add(&calls_counted, 1) != offset)
        return 1;
    if (what == CRASH_AT)
        crash();
    if (what == EXIT_AT)
        exit(7);
    for (;;)
        pause();
}

static void *sleep_for_ever(void *argument)
{
    for (;;)
        pause();
    return argument;
}

static void leave_thread(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, sleep_for_ever, NULL) == 0)
        pthread_detach(thread);
}

static void leave_memory(int32_t size)
{
    void *volatile block = malloc((size_t)size); // nobody frees it
    if (block != NULL)
        memset(block, 1, (size_t)size);
    // cppcheck-suppress memleak
} // NOLINT(clang-analyzer-unix.Malloc)

static void replace_descriptor(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(null, 7);
    close(null);
}

static void unblock_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
}

static void change_rounding(void)
{
#if defined(__x86_64__)
    __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x6000);
#endif
}

// What a call leaves behind or changes of its process; 0 when `what` is none of these.
static int leave_or_change(enum misbehaviour what, int32_t offset)
{
    switch (what) {
    case SLOW:
        sleep_for(offset);
        return 1;
    case LEAVE_MEMORY:
        leave_memory(offset);
        return 1;
    case LEAVE_DESCRIPTOR:
        return open("/dev/null", O_RDONLY | O_CLOEXEC) >= -1;
    case LEAVE_THREAD:
        leave_thread();
        return 1;
    case CHANGE_DESCRIPTOR:
        replace_descriptor();
        return 1;
    case CHANGE_MASK:
        unblock_signals();
        return 1;
    case CHANGE_HANDLER:
        return signal(SIGPIPE, SIG_DFL) != SIG_ERR;
    case CHANGE_DIRECTORY:
        return chdir("/proc") >= -1;
    case CHANGE_UMASK:
        umask(0);
        return 1;
    case CHANGE_ROUNDING:
        change_rounding();
        return 1;
    default:
        return 0;
    }
}

static uint32_t tell_table(uint32_t *size)
{
    const char *table = getenv("ISCSIDSC_SESSION_TABLE");
    *size = table == NULL ? 1000 : (uint32_t)strlen(table);
    return INSUFFICIENT;
}

static uint32_t count_up(uint32_t *size, uint8_t *buffer, int32_t every)
{
    *size = 1;
    *buffer = (uint8_t)(atomic_fetch_add(&calls_counted, 1) / every);
    return SUCCESS;
}

static uint32_t answer(uint32_t *size, uint32_t *count, uint8_t *buffer)
{
    enum misbehaviour what = (enum misbehaviour)(*count & 0xFF);
    int32_t offset = (int32_t)*count >> 8;
    if (what == TELL_TABLE)
        return tell_table(size);
    if (what == COUNT_UP)
        return count_up(size, buffer, offset);
    if (what == BEHAVE || end_somehow(what) || crash_somehow(what) || upset_host(what) ||
        count_calls(what, offset) || leave_or_change(what, offset)) {
        *size = 100;
        return INSUFFICIENT;
    }
    *size = touch(what, offset, size, count, buffer);
    return SUCCESS;
}

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *buffer)
{
    return size == NULL || count == NULL ? OUT_OF_MEMORY : answer(size, count, buffer);
}

uint32_t GetIScsiSessionListW(uint32_t *size, uint32_t *count, void *buffer)
{
    return GetIScsiSessionListA(size, count, buffer);
}
