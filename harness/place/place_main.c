// SPDX-License-Identifier: Apache-2.0
// iscsidsc-tck-place FILE OFFSET...: says for each offset in a module which function, source file
// and line it is, in the two lines that `addr2line -f` prints. The offsets are hexadecimal, from
// where the file is loaded. What the file lacks is printed as "??".
//
// iscsidsc-tck-place --stacks FILE: follows the stacks of calls that faulted (stack.h).
//
// It is a process of its own because the file may be damaged or huge: the kit only waits so long
// for it. ELF files are read with libdw. A PE file is left to addr2line of binutils, whose process
// this one becomes.
#include "harness/place/stack.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FAILED = 1,
    ARGUMENTS_MAX = 4096,
    MEMORY_MAX_SHIFT = 31, // 2 GiB
};

// AddressSanitizer takes terabytes of addresses.
#ifdef __SANITIZE_ADDRESS__
enum { HAS_MEMORY_LIMIT = false };
#else
enum { HAS_MEMORY_LIMIT = true };
#endif

// --- ELF

// Where the module would begin if this process loaded it: any place that is not 0.
static const Dwarf_Addr loaded_at = 0x100000000;

// The part of the source code that was compiled at once; NULL: not known.
Dwarf_Die *find_unit(Dwfl_Module *module, Dwarf_Addr address, Dwarf_Addr *bias)
{
    Dwarf_Die *unit = dwfl_module_addrdie(module, address, bias);
    // Not every compiler writes the index that this needs: clang does not.
    if (unit == NULL)
        while ((unit = dwfl_module_nextcu(module, unit, bias)) != NULL)
            if (dwarf_haspc(unit, address - *bias) == 1)
                break;
    return unit;
}

// The innermost function, also one that was expanded in place; NULL: not known.
static const char *find_function(Dwfl_Module *module, Dwarf_Die *unit, Dwarf_Addr address,
                                 Dwarf_Addr bias)
{
    const char *name = NULL;
    Dwarf_Die *scopes = NULL;
    int count = unit == NULL ? 0 : dwarf_getscopes(unit, address - bias, &scopes);
    for (int i = 0; i < count && name == NULL; i++) {
        int tag = dwarf_tag(&scopes[i]);
        if (tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine)
            name = dwarf_diename(&scopes[i]);
    }
    free(scopes);
    return name != NULL ? name : dwfl_module_addrname(module, address);
}

// What a file says of itself may be anything; here a line end would begin the next answer.
void print_text(const char *text)
{
    for (; *text != '\0'; text++)
        (void)putchar((unsigned char)*text < ' ' || *text == 0x7F ? '?' : *text);
}

// A relative path is relative to the folder in which the compiler ran.
static void print_file(Dwarf_Die *unit, const char *file, int line)
{
    Dwarf_Attribute attribute;
    const char *folder = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
    if (file[0] != '/' && folder != NULL) {
        print_text(folder);
        print_text("/");
    }
    print_text(file);
    (void)printf(":%d\n", line);
}

static void print_place(Dwfl_Module *module, Dwarf_Addr address)
{
    Dwarf_Addr bias = 0;
    int number = 0;
    Dwarf_Die *unit = find_unit(module, address, &bias);
    const char *function = find_function(module, unit, address, bias);
    Dwarf_Line *line = unit == NULL ? NULL : dwarf_getsrc_die(unit, address - bias);
    const char *file = line == NULL ? NULL : dwarf_linesrc(line, NULL, NULL);
    print_text(function != NULL ? function : "??");
    (void)putchar('\n');
    if (file != NULL && dwarf_lineno(line, &number) == 0 && number > 0)
        print_file(unit, file, number);
    else
        (void)printf("??:0\n");
}

static int print_elf_places(const char *path, char *const *offsets)
{
    static char *folders; // where debug information may lie that is not in the file: the usual ones
    static const Dwfl_Callbacks callbacks = {.find_elf = dwfl_build_id_find_elf,
                                             .find_debuginfo = dwfl_standard_find_debuginfo,
                                             .debuginfo_path = &folders};
    Dwarf_Addr start = 0;
    unsetenv("DEBUGINFOD_URLS"); // nothing is fetched from a network
    Dwfl *session = dwfl_begin(&callbacks);
    if (session == NULL)
        return FAILED;
    dwfl_report_begin(session);
    Dwfl_Module *module = dwfl_report_elf(session, "", path, -1, loaded_at, false);
    (void)dwfl_report_end(session, NULL, NULL);
    if (module == NULL ||
        dwfl_module_info(module, NULL, &start, NULL, NULL, NULL, NULL, NULL) == NULL) {
        dwfl_end(session);
        return FAILED;
    }
    for (; *offsets != NULL; offsets++)
        print_place(module, start + strtoull(*offsets, NULL, 16));
    dwfl_end(session);
    return 0;
}

// --- PE

// The fields of a PE file that say where the linker placed it.
enum {
    DOS_SIZE = 0x40,
    DOS_PE_AT = 0x3C,
    PE_SIZE = 56, // as far as the image base
    PE_OPTIONAL = 24,
    PE_BASE_32 = PE_OPTIONAL + 28,
    PE_BASE_64 = PE_OPTIONAL + 24,
    MAGIC_64 = 0x20B,
};

static uint64_t read_number(const uint8_t *bytes, size_t size)
{
    uint64_t number = 0;
    while (size-- > 0)
        number = number << 8 | bytes[size];
    return number;
}

// False when it is no PE file.
static bool read_image_base(int file, uint64_t *base)
{
    uint8_t dos[DOS_SIZE];
    uint8_t pe[PE_SIZE];
    if (pread(file, dos, sizeof dos, 0) != (ssize_t)sizeof dos || memcmp(dos, "MZ", 2) != 0)
        return false;
    off_t at = (off_t)read_number(dos + DOS_PE_AT, 4);
    if (pread(file, pe, sizeof pe, at) != (ssize_t)sizeof pe || memcmp(pe, "PE\0", 4) != 0)
        return false;
    *base = read_number(pe + PE_OPTIONAL, 2) == MAGIC_64 ? read_number(pe + PE_BASE_64, 8)
                                                         : read_number(pe + PE_BASE_32, 4);
    return true;
}

// What addr2line complains of is none of what is asked for.
static void silence_errors(void)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0)
        (void)dup2(nowhere, STDERR_FILENO);
}

// addr2line takes addresses as the linker placed them.
static int become_addr2line(const char *path, char *const *offsets, uint64_t base)
{
    static const char *const programs[] = {"x86_64-w64-mingw32-addr2line",
                                           "i686-w64-mingw32-addr2line", "addr2line"};
    static char addresses[ARGUMENTS_MAX][20];
    static const char *arguments[ARGUMENTS_MAX + 8] = {NULL, "-f", "-e"};
    size_t count = 3;
    arguments[count++] = path;
    for (size_t i = 0; i < ARGUMENTS_MAX && offsets[i] != NULL; i++) {
        snprintf(addresses[i], sizeof addresses[i], "%llx",
                 (unsigned long long)base + strtoull(offsets[i], NULL, 16));
        arguments[count++] = addresses[i];
    }
    silence_errors();
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        arguments[0] = programs[i];
        execvp(programs[i], (char *const *)arguments);
    }
    return FAILED;
}

int main(int argc, char **argv)
{
    const struct rlimit memory = {1UL << MEMORY_MAX_SHIFT, 1UL << MEMORY_MAX_SHIFT};
    struct stat status;
    uint64_t base = 0;
    if (argc == 3 && strcmp(argv[1], "--stacks") == 0) {
        if (HAS_MEMORY_LIMIT)
            (void)setrlimit(RLIMIT_DATA, &memory);
        return print_stacks(argv[2]) == 0 ? 0 : FAILED;
    }
    if (argc < 3) {
        (void)fprintf(stderr, "usage: %s FILE OFFSET...\n       %s --stacks FILE\n", argv[0],
                      argv[0]);
        return FAILED;
    }
    int file = open(argv[1], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0 || fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
        (void)fprintf(stderr, "%s: %s\n", argv[1], file < 0 ? strerror(errno) : "not a file");
        return FAILED;
    }
    if (HAS_MEMORY_LIMIT)
        (void)setrlimit(RLIMIT_DATA, &memory);
    if (read_image_base(file, &base))
        return become_addr2line(argv[1], argv + 2, base);
    close(file);
    return print_elf_places(argv[1], argv + 2);
}
