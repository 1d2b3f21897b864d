// SPDX-License-Identifier: Apache-2.0
// Unwinds with libdw: of a stack in memory and of modules that are mapped as a text says.
#include "harness/place/stack.h"

#include <dwarf.h>
#include <elf.h>
#include <elfutils/libdw.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FRAMES_MAX = 32,
    REGISTERS_MAX = 33,
    BYTES_MAX = 1 << 20, // of the maps, and of the stack
    THE_THREAD = 1,
};

struct stack {
    uint64_t machine, instruction, host_first, host_end, address;
    uint64_t maps_size, size, register_count;
    uint64_t registers[REGISTERS_MAX];
    char *maps;
    uint8_t *bytes;
    // What was found:
    Dwfl *session;
    size_t count;
    bool whole;
    bool after_jump; // the instruction was nowhere: the first frame is its caller
};

// --- the file

static bool read_number(FILE *file, uint64_t *number)
{
    char word[20];
    if (fscanf(file, "%17s", word) != 1)
        return false;
    char *end = NULL;
    errno = 0;
    *number = strtoull(word, &end, 16);
    return errno == 0 && *end == '\0';
}

static void free_stack(struct stack *stack)
{
    free(stack->maps);
    free(stack->bytes);
}

// 1; 0 at the end of the file; -1.
static int read_stack(FILE *file, struct stack *stack)
{
    uint64_t *const numbers[] = {&stack->instruction,   &stack->host_first, &stack->host_end,
                                 &stack->address,       &stack->maps_size,  &stack->size,
                                 &stack->register_count};
    if (!read_number(file, &stack->machine))
        return feof(file) ? 0 : -1;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!read_number(file, numbers[i]))
            return -1;
    if (stack->register_count > REGISTERS_MAX || stack->maps_size > BYTES_MAX ||
        stack->size > BYTES_MAX)
        return -1;
    for (size_t i = 0; i < stack->register_count; i++)
        if (!read_number(file, &stack->registers[i]))
            return -1;
    stack->maps = malloc(stack->maps_size + 1);
    stack->bytes = malloc(stack->size + 1);
    if (fgetc(file) != '\n' || stack->maps == NULL || stack->bytes == NULL ||
        fread(stack->maps, 1, stack->maps_size, file) != stack->maps_size ||
        fread(stack->bytes, 1, stack->size, file) != stack->size)
        return -1;
    return 1;
}

// --- what libdw asks for

static bool is_32_bit(const struct stack *stack)
{
    return stack->machine == EM_386;
}

// A word of the process's memory: of its stack, as far as that was sent.
static bool read_memory(Dwfl *session, Dwarf_Addr address, Dwarf_Word *result, void *argument)
{
    (void)session;
    const struct stack *stack = argument;
    size_t word = is_32_bit(stack) ? 4 : 8;
    uint64_t offset = address - stack->address;
    if (address < stack->address || offset > stack->size || stack->size - offset < word)
        return false;
    uint32_t half = 0;
    uint64_t whole = 0;
    memcpy(&half, stack->bytes + offset, sizeof half);
    if (word > sizeof half)
        memcpy(&whole, stack->bytes + offset, sizeof whole);
    *result = word > sizeof half ? whole : half;
    return true;
}

static pid_t next_thread(Dwfl *session, void *argument, void **thread_argument)
{
    (void)session;
    if (*thread_argument != NULL)
        return 0;
    *thread_argument = argument;
    return THE_THREAD;
}

static bool set_registers(Dwfl_Thread *thread, void *argument)
{
    const struct stack *stack = argument;
    Dwarf_Word registers[REGISTERS_MAX];
    for (size_t i = 0; i < stack->register_count; i++)
        registers[i] = stack->registers[i];
    dwfl_thread_state_register_pc(thread, stack->instruction);
    return dwfl_thread_state_registers(thread, 0, (unsigned)stack->register_count, registers);
}

// Only a regular file is read: the path is what the kernel said to a process that a library was in.
static int find_file(Dwfl_Module *module, void **user, const char *name, Dwarf_Addr base,
                     char **path, Elf **elf)
{
    (void)module;
    (void)user;
    (void)base;
    (void)elf;
    struct stat status;
    int file = name[0] == '/' ? open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    if (file < 0)
        return -1;
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
        close(file);
        return -1;
    }
    *path = strdup(name);
    return file;
}

// --- where a frame is

static Dwfl_Module *module_at(const struct stack *stack, Dwarf_Addr address, Dwarf_Addr *start,
                              const char **name)
{
    Dwfl_Module *module = dwfl_addrmodule(stack->session, address);
    if (module != NULL)
        *name = dwfl_module_info(module, NULL, start, NULL, NULL, NULL, NULL, NULL);
    return module != NULL && *name != NULL ? module : NULL;
}

// Are these so many bytes an indirect call (0xFF /2), no more and no less?
static bool is_indirect_call(const uint8_t *bytes, int size)
{
    enum { REGISTER = 3, SCALED = 4, DISPLACED = 5 };
    const int displacements[] = {0, 1, 4, 0}; // their sizes, by mode
    int mode = bytes[1] >> 6;
    int base = bytes[1] & 7;
    int needed = 2 + displacements[mode];
    if (bytes[0] != 0xFF || (bytes[1] & 0x38) != 0x10)
        return false;
    if (mode != REGISTER && base == SCALED) {
        if (size < 3)
            return false;
        base = bytes[2] & 7;
        needed++;
    }
    return size == (mode == 0 && base == DISPLACED ? needed + 4 : needed);
}

// Does a call stand before that address, where it returns to? What only looks like a return address
// ends the stack. Only asked of x86.
static bool follows_call(Dwfl_Module *module, Dwarf_Addr address)
{
    enum { LONGEST = 7 };
    Dwarf_Addr at = address;
    Dwarf_Addr bias = 0;
    Elf_Scn *section = dwfl_module_address_section(module, &at, &bias);
    Elf_Data *data = section == NULL ? NULL : elf_rawdata(section, NULL);
    if (data == NULL || data->d_buf == NULL || at > data->d_size || at < LONGEST)
        return false;
    const uint8_t *end = (const uint8_t *)data->d_buf + at;
    if (end[-5] == 0xE8)
        return true;
    for (int length = 2; length <= LONGEST; length++)
        if (is_indirect_call(end - length, length))
            return true;
    return false;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

// A place in the source code; NULL and 0: not known.
struct source {
    const char *folder;
    const char *file;
    int line;
};

static void print_frame(struct stack *stack, const char *module, uint64_t offset,
                        const char *function, const struct source *source, bool in_place)
{
    if (stack->count++ >= FRAMES_MAX)
        return;
    print_text(base_name(module));
    (void)printf("\t%" PRIx64 "\t", offset);
    print_text(function != NULL ? function : "");
    (void)putchar('\t');
    if (source->file != NULL && source->line > 0) {
        if (source->file[0] != '/' && source->folder != NULL) {
            print_text(source->folder);
            (void)putchar('/');
        }
        print_text(source->file);
        (void)printf("\t%d\t", source->line);
    } else {
        (void)printf("\t0\t");
    }
    (void)printf("%s\n", in_place ? "in place" : "");
}

// Where an expanded function was called.
static void find_call(Dwarf_Die *scope, Dwarf_Die *unit, struct source *source)
{
    Dwarf_Attribute attribute;
    Dwarf_Word file = 0;
    Dwarf_Word line = 0;
    Dwarf_Files *files = NULL;
    source->file = NULL;
    source->line = 0;
    if (dwarf_formudata(dwarf_attr(scope, DW_AT_call_line, &attribute), &line) == 0 &&
        dwarf_formudata(dwarf_attr(scope, DW_AT_call_file, &attribute), &file) == 0 &&
        dwarf_getsrcfiles(unit, &files, NULL) == 0 && line <= INT32_MAX) {
        source->file = dwarf_filesrc(files, file, NULL, NULL);
        source->line = (int)line;
    }
}

// The function at the address and those around it in whose place it was expanded.
static void print_functions(struct stack *stack, Dwfl_Module *module, const char *name,
                            Dwarf_Addr address, uint64_t offset)
{
    Dwarf_Addr bias = 0;
    Dwarf_Attribute attribute;
    struct source source = {0};
    Dwarf_Die *unit = find_unit(module, address, &bias);
    Dwarf_Line *line = unit == NULL ? NULL : dwarf_getsrc_die(unit, address - bias);
    if (line != NULL && dwarf_lineno(line, &source.line) == 0)
        source.file = dwarf_linesrc(line, NULL, NULL);
    if (unit != NULL)
        source.folder = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
    Dwarf_Die *at = NULL;
    Dwarf_Die *scopes = NULL;
    int count = unit == NULL ? 0 : dwarf_getscopes(unit, address - bias, &at);
    // Those around the innermost in the tree, not those of its definition.
    count = count > 0 ? dwarf_getscopes_die(&at[0], &scopes) : 0;
    bool done = false;
    for (int i = 0; i < count && !done; i++) {
        int tag = dwarf_tag(&scopes[i]);
        if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram)
            continue;
        done = tag == DW_TAG_subprogram;
        print_frame(stack, name, offset, dwarf_diename(&scopes[i]), &source, !done);
        if (!done)
            find_call(&scopes[i], unit, &source);
    }
    if (!done)
        print_frame(stack, name, offset, dwfl_module_addrname(module, address), &source, false);
    free(scopes);
    free(at);
}

static int on_frame(Dwfl_Frame *frame, void *argument)
{
    struct stack *stack = argument;
    Dwarf_Addr address = 0;
    Dwarf_Addr start = 0;
    bool activation = false;
    const char *name = NULL;
    bool first = stack->count == 0 && !stack->after_jump;
    if (stack->count >= FRAMES_MAX || !dwfl_frame_pc(frame, &address, &activation))
        return DWARF_CB_ABORT;
    if (address >= stack->host_first && address < stack->host_end) {
        stack->whole = true;
        return DWARF_CB_ABORT;
    }
    Dwfl_Module *module = module_at(stack, address, &start, &name);
    bool x86 = stack->machine == EM_X86_64 || stack->machine == EM_386;
    if (module == NULL || (!activation && x86 && !first && !follows_call(module, address)))
        return DWARF_CB_ABORT;
    // A call is the instruction before the one that it returns to.
    if (!activation)
        address--;
    print_functions(stack, module, name, address, address - start);
    return DWARF_CB_OK;
}

// After a jump to nowhere, goes on where it would have returned to.
static void leave_nowhere(struct stack *stack)
{
    enum { RSP = 7, ESP = 4, LINK = 30 };
    Dwarf_Addr start = 0;
    const char *name = NULL;
    if (module_at(stack, stack->instruction, &start, &name) != NULL)
        return;
    Dwarf_Word back = 0;
    unsigned pointer = stack->machine == EM_386 ? ESP : RSP;
    stack->after_jump = true;
    if (stack->machine == EM_AARCH64) {
        back = stack->registers[LINK];
    } else {
        if (!read_memory(stack->session, stack->registers[pointer], &back, stack))
            return;
        stack->registers[pointer] += is_32_bit(stack) ? 4 : 8;
    }
    Dwfl_Module *module = module_at(stack, back, &start, &name);
    if (module == NULL || (stack->machine != EM_AARCH64 && !follows_call(module, back)))
        return;
    stack->instruction = back - 1; // within the call
}

static void follow(struct stack *stack)
{
    static char *folders; // the usual ones
    static const Dwfl_Callbacks callbacks = {.find_elf = find_file,
                                             .find_debuginfo = dwfl_standard_find_debuginfo,
                                             .debuginfo_path = &folders};
    static const Dwfl_Thread_Callbacks threads = {.next_thread = next_thread,
                                                  .memory_read = read_memory,
                                                  .set_initial_registers = set_registers};
    FILE *maps = stack->maps_size == 0 ? NULL : fmemopen(stack->maps, stack->maps_size, "r");
    stack->session = maps == NULL ? NULL : dwfl_begin(&callbacks);
    if (stack->session != NULL) {
        dwfl_report_begin(stack->session);
        bool known = dwfl_linux_proc_maps_report(stack->session, maps) == 0 &&
                     dwfl_report_end(stack->session, NULL, NULL) == 0;
        if (known)
            leave_nowhere(stack);
        if (known && dwfl_attach_state(stack->session, NULL, THE_THREAD, &threads, stack))
            (void)dwfl_getthread_frames(stack->session, THE_THREAD, on_frame, stack);
        dwfl_end(stack->session);
    }
    if (maps != NULL)
        (void)fclose(maps);
}

int print_stacks(const char *path)
{
    int result = 1;
    FILE *file = fopen(path, "re");
    unsetenv("DEBUGINFOD_URLS"); // nothing is fetched from a network
    while (file != NULL && result == 1) {
        struct stack stack = {0};
        result = read_stack(file, &stack);
        if (result == 1) {
            follow(&stack);
            (void)printf("%s\n\n", stack.whole ? "whole" : "cut");
        }
        free_stack(&stack);
    }
    if (file != NULL)
        (void)fclose(file);
    return file != NULL && result == 0 ? 0 : -1;
}
