// SPDX-License-Identifier: Apache-2.0
// Attacks on the memory that the library shares with the host: its code, its data, its registers.
#include "tests/hostile/hostile.h"

#include "harness/host/protocol.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MAPPINGS_MAX = 64 };

#define HOST_NAME "iscsidsc-tck-host"

void attack_unmaps_hosts_code(const struct asked *asked)
{
    struct mapping mappings[MAPPINGS_MAX];
    size_t count = list_mappings(HOST_NAME, mappings, MAPPINGS_MAX);
    (void)asked;
    for (size_t i = 0; i < count; i++)
        munmap(pointer_to(mappings[i].start), mappings[i].end - mappings[i].start);
}

static void scribble(const char *name)
{
    struct mapping mappings[MAPPINGS_MAX];
    size_t count = list_mappings(name, mappings, MAPPINGS_MAX);
    for (size_t i = 0; i < count; i++)
        if (strncmp(mappings[i].access, "rw", 2) == 0)
            memset(pointer_to(mappings[i].start), 0xA5, mappings[i].end - mappings[i].start);
}

void attack_scribbles_on_hosts_data(const struct asked *asked)
{
    (void)asked;
    scribble(HOST_NAME);
}

void attack_scribbles_on_hosts_heap(const struct asked *asked)
{
    (void)asked;
    scribble("[heap]");
}

void attack_scribbles_on_stack(const struct asked *asked)
{
    volatile char here[64];
    volatile char *at = here;
    (void)asked;
    __asm__ volatile("" : "+r"(at)); // the compiler knows no longer where it points to
    for (int i = 0; i < 1024; i++)
        at[i] = (char)0xA5;
}

// What the host had written is zero again.
void attack_discards_hosts_pages(const struct asked *asked)
{
    struct mapping mappings[MAPPINGS_MAX];
    size_t count = list_mappings("rw-p", mappings, MAPPINGS_MAX);
    (void)asked;
    for (size_t i = 0; i < count; i++)
        if (strstr(mappings[i].path, HOST_NAME) != NULL || strcmp(mappings[i].path, "[heap]") == 0)
            madvise(pointer_to(mappings[i].start), mappings[i].end - mappings[i].start,
                    MADV_DONTNEED);
}

void attack_makes_all_writable(const struct asked *asked)
{
    struct mapping mappings[MAPPINGS_MAX];
    size_t count = list_mappings("", mappings, MAPPINGS_MAX);
    (void)asked;
    for (size_t i = 0; i < count; i++)
        mprotect(pointer_to(mappings[i].start), mappings[i].end - mappings[i].start,
                 PROT_READ | PROT_WRITE | PROT_EXEC);
}

static uintptr_t page_of(const void *address)
{
    return (uintptr_t)address & ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1);
}

// Other memory where the buffer was.
void attack_replaces_buffer(const struct asked *asked)
{
    void *place = pointer_to(page_of(asked->buffer));
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    if (asked->answered != 0 && mmap(place, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
                                     flags, -1, 0) == MAP_FAILED)
        return;
}

void attack_moves_buffer_away(const struct asked *asked)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (asked->answered != 0)
        mremap(pointer_to(page_of(asked->buffer)), page, 2 * page, MREMAP_MAYMOVE);
}

// Linux 6.10: nobody can unmap or protect it any more.
void attack_seals_buffer(const struct asked *asked)
{
    enum { SYS_MSEAL = 462 };
    if (asked->answered != 0)
        syscall(SYS_MSEAL, page_of(asked->buffer), (size_t)sysconf(_SC_PAGESIZE), 0UL);
}

void attack_makes_guard_page_readable(const struct asked *asked)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (asked->answered != 0) {
        uintptr_t guard = page_of(asked->buffer + asked->offered + page - 1);
        mprotect(pointer_to(guard), page, PROT_READ | PROT_WRITE);
    }
}

void attack_unloads_itself(const struct asked *asked)
{
    (void)asked;
    for (int i = 0; i < 8; i++) {
        void *library = dlopen(own_path(), RTLD_LAZY | RTLD_NOLOAD);
        if (library == NULL)
            break;
        dlclose(library);
        dlclose(library);
    }
}

// ---- Code of others that it changes

#if defined(__x86_64__)
// Has a function of the C library go to another one.
static void divert(const char *name, const void *to)
{
    uint8_t jump[12] = {0x48, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xE0}; // mov to, %rax; jmp *%rax
    uint8_t *function = dlsym(RTLD_DEFAULT, name);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (function == NULL)
        return;
    memcpy(jump + 2, &to, sizeof to);
    if (mprotect(pointer_to(page_of(function)), 2 * page, PROT_READ | PROT_WRITE | PROT_EXEC) == 0)
        memcpy(function, jump, sizeof jump);
}
#else
static void divert(const char *name, const void *to)
{
    (void)name;
    (void)to;
}
#endif

static int compare_equal(const void *one, const void *other, size_t size)
{
    (void)one;
    (void)other;
    (void)size;
    return 0;
}

// Whatever the host compares with what it had written is found unchanged.
void attack_diverts_comparison(const struct asked *asked)
{
    (void)asked;
    divert("memcmp", pointer_to((uintptr_t)compare_equal));
    divert("bcmp", pointer_to((uintptr_t)compare_equal));
}

static int end_well(void)
{
    _exit(0);
}

void attack_diverts_clock(const struct asked *asked)
{
    (void)asked;
    divert("clock_gettime", pointer_to((uintptr_t)end_well));
}

static long write_nothing(int descriptor, const void *bytes, size_t size)
{
    (void)descriptor;
    (void)bytes;
    return (long)size;
}

static long send_nothing(int descriptor, const struct msghdr *message, int flags)
{
    long size = 0;
    (void)descriptor;
    (void)flags;
    for (size_t i = 0; i < message->msg_iovlen; i++)
        size += (long)message->msg_iov[i].iov_len;
    return size;
}

// All seems to be sent, and nothing is.
void attack_diverts_sending(const struct asked *asked)
{
    (void)asked;
    divert("write", pointer_to((uintptr_t)write_nothing));
    divert("send", pointer_to((uintptr_t)write_nothing));
    divert("sendmsg", pointer_to((uintptr_t)send_nothing));
}

enum { HEADER_SIZE = FRAME_HEADER_SIZE };

// Takes a session off the count in the answers among the frames.
static void mend_frames(uint8_t *bytes, size_t size)
{
    struct frame_header header;
    for (size_t at = 0; at + HEADER_SIZE <= size; at += HEADER_SIZE + header.payload_size) {
        struct outcome outcome;
        uint32_t thread = 0;
        uint32_t index = 0;
        uint8_t *payload = bytes + at + HEADER_SIZE;
        if (frame_header_decode(&header, bytes + at, HEADER_SIZE) < 0 ||
            at + HEADER_SIZE + header.payload_size > size)
            return;
        if ((header.type != FRAME_RESULT && header.type != FRAME_MORE) ||
            header.payload_size < OUTCOME_SIZE ||
            outcome_decode(&outcome, &thread, &index, payload, OUTCOME_SIZE) < 0)
            continue;
        if (outcome.status == 0 && outcome.count_out > 0)
            outcome.count_out -= 1;
        outcome_encode(payload, OUTCOME_SIZE, thread, index, &outcome);
    }
}

static long send_mended_pieces(int descriptor, const struct iovec *pieces, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += pieces[i].iov_len;
    uint8_t *bytes = malloc(size + 1);
    if (bytes == NULL)
        return -1;
    size = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(bytes + size, pieces[i].iov_base, pieces[i].iov_len);
        size += pieces[i].iov_len;
    }
    mend_frames(bytes, size);
    long sent = syscall(SYS_sendto, descriptor, bytes, size, MSG_NOSIGNAL, NULL, 0);
    free(bytes);
    return sent;
}

static long send_mended_message(int descriptor, const struct msghdr *message, int flags)
{
    (void)flags;
    return send_mended_pieces(descriptor, message->msg_iov, message->msg_iovlen);
}

static long send_mended_vector(int descriptor, const struct iovec *pieces, int count)
{
    return send_mended_pieces(descriptor, pieces, (size_t)count);
}

static long send_mended(int descriptor, const void *bytes, size_t size, int flags)
{
    struct iovec piece = {pointer_to((uintptr_t)bytes), size};
    (void)flags;
    return send_mended_pieces(descriptor, &piece, 1);
}

// The host tells what the library wants it to tell: out of reach of any check in this process.
void attack_diverts_sending_and_mends(const struct asked *asked)
{
    (void)asked;
    divert("writev", pointer_to((uintptr_t)send_mended_vector));
    divert("send", pointer_to((uintptr_t)send_mended));
    divert("sendmsg", pointer_to((uintptr_t)send_mended_message));
}

// ---- Registers that are the caller's

#if defined(__x86_64__)
void attack_returns_with_direction_flag(const struct asked *asked)
{
    (void)asked;
    __asm__ volatile("std");
}

void attack_returns_with_trap_flag(const struct asked *asked)
{
    (void)asked;
    __asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq" : : : "memory", "cc");
}

void attack_returns_with_alignment_check(const struct asked *asked)
{
    (void)asked;
    __asm__ volatile("pushfq; orq $0x40000, (%%rsp); popfq" : : : "memory", "cc");
}

// Behind the compiler's back: nobody restores them.
void attack_changes_saved_registers(const struct asked *asked)
{
    (void)asked;
    __asm__ volatile("xorl %ebx, %ebx; xorl %r12d, %r12d; xorl %r13d, %r13d; xorl %r14d, %r14d; "
                     "xorl %r15d, %r15d");
}

void attack_loses_thread_pointer(const struct asked *asked)
{
    enum { SET_FS = 0x1002 };
    (void)asked;
    syscall(SYS_arch_prctl, SET_FS, 0UL);
}
#else
#define NOT_HERE(name)                                                                             \
    void attack_##name(const struct asked *asked)                                                  \
    {                                                                                              \
        (void)asked;                                                                               \
        abort();                                                                                   \
    }
NOT_HERE(returns_with_direction_flag)
NOT_HERE(returns_with_trap_flag)
NOT_HERE(returns_with_alignment_check)
NOT_HERE(changes_saved_registers)
NOT_HERE(loses_thread_pointer)
#endif

// ---- What the library does by being linked as it is

void attack_exports_c_library(const struct asked *asked)
{
    (void)asked; // it is compiled so that it does: see interposing.c
}

// What is called while the library is still being linked: see resolver.c.
void attack_resolves_by_attack(const struct asked *asked)
{
    (void)asked;
}
