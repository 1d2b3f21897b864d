// SPDX-License-Identifier: Apache-2.0
// Checks an implementation's file by its header.
#include "harness/command/implementation.h"

#include "harness/command/command.h"
#include "harness/driver/elf_file.h"

#include <ar.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// The header of the kit's own program: the host has the same class and machine.
static int own_header(Elf64_Ehdr *header)
{
    int descriptor = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return -1;
    ssize_t size = read(descriptor, header, sizeof *header);
    close(descriptor);
    return size == (ssize_t)sizeof *header ? 0 : -1;
}

static bool is_text(const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < size; i++)
        if (at[i] == 0x7F || (at[i] < ' ' && (at[i] < '\t' || at[i] > '\r')))
            return false;
    return size > 0;
}

// The parts of a Windows file's headers that say what it is; little-endian, at any place.
enum {
    PE_OFFSET_AT = 0x3C, // of the place of the PE header
    PE_HEADER_SIZE = 24, // its signature and the COFF header
    PE_MACHINE_AT = 4,
    PE_FLAGS_AT = 22,
    PE_MACHINE_I386 = 0x14C,
    PE_MACHINE_X86_64 = 0x8664,
    PE_IS_DLL = 0x2000,
};

static unsigned read_u16(const unsigned char *at)
{
    return at[0] | (unsigned)at[1] << 8;
}

// Of a file that begins with "MZ".
static int check_pe(const char *path, int descriptor, enum platform *platform,
                    struct failure *failure)
{
    unsigned char place[4];
    unsigned char header[PE_HEADER_SIZE];
    const char *wrong = NULL;
    if (pread(descriptor, place, sizeof place, PE_OFFSET_AT) != (ssize_t)sizeof place ||
        pread(descriptor, header, sizeof header,
              (off_t)(read_u16(place) | read_u16(place + 2) << 16)) != (ssize_t)sizeof header ||
        memcmp(header, "PE\0", 4) != 0)
        wrong = "is a program for DOS, or a damaged one for Windows";
    else if ((read_u16(header + PE_FLAGS_AT) & PE_IS_DLL) == 0)
        wrong = "is a Windows program, not a DLL";
    else if (read_u16(header + PE_MACHINE_AT) == PE_MACHINE_X86_64)
        *platform = PLATFORM_WINDOWS_64;
    else if (read_u16(header + PE_MACHINE_AT) == PE_MACHINE_I386)
        *platform = PLATFORM_WINDOWS_32;
    else
        wrong = "is a Windows DLL for another kind of machine";
    if (wrong == NULL)
        return 0;
    return failure_set(failure, STATUS_USAGE,
                       "--implementation %s: %s; give a DLL for x86-64 or i386", path, wrong);
}

// Class, byte order, type and machine have the same offsets in the headers of both classes.
static bool same_machine(const Elf64_Ehdr *header, const Elf64_Ehdr *own)
{
    return header->e_ident[EI_CLASS] == own->e_ident[EI_CLASS] &&
           header->e_ident[EI_DATA] == own->e_ident[EI_DATA] && header->e_machine == own->e_machine;
}

// Of i386, where the kit is of x86-64.
static bool is_own_32(const Elf64_Ehdr *header, const Elf64_Ehdr *own)
{
    return own->e_machine == EM_X86_64 && header->e_ident[EI_CLASS] == ELFCLASS32 &&
           header->e_ident[EI_DATA] == ELFDATA2LSB && header->e_machine == EM_386;
}

static int check_elf(const char *path, const Elf64_Ehdr *header, size_t size,
                     enum platform *platform, struct failure *failure)
{
    Elf64_Ehdr own;
    const char *wrong = NULL;
    if (own_header(&own) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "/proc/self/exe: %s; is /proc mounted?",
                           strerror(errno));
    if (size >= SARMAG && memcmp(header, ARMAG, SARMAG) == 0)
        wrong = "is a static archive; link it into a shared library";
    else if (is_text(header, size))
        wrong = "is not an ELF shared library but text, perhaps a script for the linker";
    else if (size < sizeof(Elf32_Ehdr) || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
        wrong = "is not an ELF shared library";
    else if (!same_machine(header, &own) && !is_own_32(header, &own))
        wrong = "was built for another kind of machine";
    else if (header->e_type != ET_DYN)
        wrong = "is an ELF file but not a shared library";
    else if (!same_machine(header, &own))
        *platform = PLATFORM_LINUX_32;
    if (wrong == NULL)
        return 0;
    return failure_set(failure, STATUS_USAGE,
                       "--implementation %s: %s; give an ELF shared library for this machine (cc "
                       "-shared -fPIC)",
                       path, wrong);
}

void implementation_note_names(const char *path, const char *name)
{
    static const char *const functions[] = {"GetIScsiSessionListA", "GetIScsiSessionListW"};
    struct elf_file *file = elf_file_read(path);
    for (size_t i = 0; file != NULL && i < sizeof functions / sizeof *functions; i++) {
        const char *symbol = elf_file_symbol(file, true, functions[i], false);
        struct failure note = {0};
        if (symbol == NULL || strncmp(symbol, "_Z", 2) != 0 ||
            elf_file_symbol(file, true, functions[i], true) != NULL)
            continue;
        snprintf(note.text, sizeof note.text,
                 "note: %s exports %.200s, a C++ name of %s; declare it extern \"C\"", path, symbol,
                 functions[i]);
        command_complain(name, &note);
    }
    elf_file_free(file);
}

int implementation_check(const char *path, char **absolute, enum platform *platform,
                         struct failure *failure)
{
    static const char remedy[] = "give the path of a shared library that can be read";
    Elf64_Ehdr header = {0};
    struct stat status;
    int result = -1;
    // Non-blocking, because opening a pipe must not hang the kit.
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return failure_set(failure, failure_input_status(errno), "--implementation %s: %s; %s",
                           path, strerror(errno), remedy);
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        failure_set(failure, STATUS_USAGE, "--implementation %s: not a regular file; %s", path,
                    remedy);
        goto out;
    }
    ssize_t size = read(descriptor, &header, sizeof header);
    if (size < 0) {
        failure_set(failure, failure_input_status(errno), "--implementation %s: %s; %s", path,
                    strerror(errno), remedy);
        goto out;
    }
    *platform = PLATFORM_OWN;
    bool is_pe = size >= 2 && memcmp(header.e_ident, "MZ", 2) == 0;
    if ((is_pe ? check_pe(path, descriptor, platform, failure)
               : check_elf(path, &header, (size_t)size, platform, failure)) != 0)
        goto out;
    *absolute = realpath(path, NULL);
    if (*absolute == NULL)
        failure_set(failure, failure_input_status(errno), "--implementation %s: %s; %s", path,
                    strerror(errno), remedy);
    else
        result = 0;
out:
    close(descriptor);
    return result;
}
