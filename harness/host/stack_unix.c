// SPDX-License-Identifier: Apache-2.0
// Sends what the kit needs to follow the stack of a call that faulted: the registers, the bytes of
// the stack, and which files are mapped where. Nothing is followed here, where the stack may be
// damaged and an unwinder might need a lock that the library holds. The fault itself was told
// before, so nothing depends on this. Safe in a signal handler: system calls and copying only.
#include "harness/host/host_unix.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// In the order of their numbers in DWARF.
#if defined(__x86_64__)
static const int registers[] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI,
                                REG_RBP, REG_RSP, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};
enum { MACHINE = EM_X86_64 };
#elif defined(__i386__)
static const int registers[] = {REG_EAX, REG_ECX, REG_EDX, REG_EBX, REG_ESP,
                                REG_EBP, REG_ESI, REG_EDI, REG_EIP};
enum { MACHINE = EM_386 };
#endif

static uint64_t read_registers(struct stack_image *image, const ucontext_t *context)
{
#if defined(__x86_64__) || defined(__i386__)
    image->machine = MACHINE;
    image->register_count = sizeof registers / sizeof *registers;
    for (uint32_t i = 0; i < image->register_count; i++)
        image->registers[i] = (uintptr_t)context->uc_mcontext.gregs[registers[i]];
#if defined(__x86_64__)
    return (uint64_t)context->uc_mcontext.gregs[REG_RSP];
#else
    return (uintptr_t)context->uc_mcontext.gregs[REG_ESP];
#endif
#elif defined(__aarch64__)
    enum { GENERAL = 31 };
    image->machine = EM_AARCH64;
    image->register_count = GENERAL + 1;
    for (uint32_t i = 0; i < GENERAL; i++)
        image->registers[i] = context->uc_mcontext.regs[i];
    image->registers[GENERAL] = context->uc_mcontext.sp;
    return context->uc_mcontext.sp;
#else
    (void)image;
    (void)context;
    return 0;
#endif
}

// The whole lines of /proc/self/maps that there is room for; their bytes.
static size_t read_maps(char *text, size_t room)
{
    size_t used = 0;
    long got = 0;
    long file = syscall(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC);
    while (file >= 0 && used < room &&
           (got = syscall(SYS_read, file, text + used, room - used)) > 0)
        used += (size_t)got;
    if (file >= 0)
        syscall(SYS_close, file);
    while (used > 0 && text[used - 1] != '\n')
        used--;
    return used;
}

// Looks in the maps for the readable memory that begins near above `pointer`, or holds it, and for
// that of the host's own program.
static void find_mappings(struct stack_image *image, const char *maps, size_t size,
                          uint64_t pointer)
{
    enum { NEAR = 1 << 16 }; // a stack that is used up ends below what can be read
    const uintptr_t own = (uintptr_t)&unix_send_stack;
    struct unix_mapping mapping;
    uint64_t own_inode = 0;
    for (size_t at = 0; at < size;) {
        const char *end = memchr(maps + at, '\n', size - at);
        unix_read_mapping(&mapping, maps + at);
        if (own >= mapping.first && own < mapping.end)
            own_inode = mapping.inode;
        if (image->stack_size == 0 && mapping.readable && pointer < mapping.end &&
            pointer + NEAR >= mapping.first) {
            image->address = pointer > mapping.first ? pointer : mapping.first;
            uint64_t there = mapping.end - image->address;
            image->stack_size = there < STACK_BYTES_MAX ? (uint32_t)there : STACK_BYTES_MAX;
        }
        at = end == NULL ? size : (size_t)(end - maps) + 1;
    }
    for (size_t at = 0; at < size && own_inode != 0;) {
        const char *end = memchr(maps + at, '\n', size - at);
        unix_read_mapping(&mapping, maps + at);
        if (mapping.inode == own_inode) {
            image->host_first = image->host_first == 0 ? mapping.first : image->host_first;
            image->host_end = mapping.end;
        }
        at = end == NULL ? size : (size_t)(end - maps) + 1;
    }
}

void unix_send_stack(const struct os_trap *trap, const ucontext_t *context, uint64_t instruction)
{
    static uint8_t frame[FRAME_HEADER_SIZE + STACK_SIZE_MAX]; // the signal's stack is small
    static char maps[STACK_MAPS_MAX];
    struct stack_image image = {.instruction = instruction};
    uint64_t pointer = read_registers(&image, context);
    uint8_t *at = frame + FRAME_HEADER_SIZE;
    image.maps_size = (uint32_t)read_maps(maps, sizeof maps);
    find_mappings(&image, maps, image.maps_size, pointer);
    struct frame_header header = {trap->nonce, FRAME_STACK,
                                  STACK_HEADER_SIZE + image.stack_size + image.maps_size};
    if (frame_header_encode(frame, FRAME_HEADER_SIZE, &header) < 0 ||
        stack_encode(at, STACK_HEADER_SIZE, &image) < 0)
        return;
    at += STACK_HEADER_SIZE;
    memcpy(at, maps, image.maps_size);
    at += image.maps_size;
    // By bytes, as a sanitizer's runtime forbids to read its own of a stack by memcpy. A fault here
    // ends the process, which has nothing else to say.
    const uintptr_t address = (uintptr_t)image.address;
    const volatile uint8_t *from = NULL;
    memcpy(&from, &address, sizeof from);
    for (uint32_t i = 0; i < image.stack_size; i++)
        at[i] = from[i];
    unix_channel_write_more(trap->channel, frame, FRAME_HEADER_SIZE + header.payload_size);
}
