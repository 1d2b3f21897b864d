// SPDX-License-Identifier: Apache-2.0
// Reads the parts of an ELF file that the section table names. No number in the file is believed
// before it was compared with the file's size.
#include "harness/driver/elf_file.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_MAX = 256 << 20 }; // bytes: more is damage

// An array of records, and the strings that they refer to; the latter end with a NUL.
struct table {
    void *records;
    size_t count;
    char *strings;
    size_t string_size;
};

struct elf_file {
    struct table dynamic; // of ElfW(Dyn)
    struct table symbols; // of ElfW(Sym)
};

struct reading {
    int descriptor;
    uint64_t size; // of the file
    ElfW(Shdr) * sections;
    size_t section_count;
};

// `size` bytes of the file and a NUL behind them, malloc'ed; NULL when they are not all there.
static void *read_piece(const struct reading *reading, uint64_t offset, uint64_t size)
{
    if (offset > reading->size || size > reading->size - offset || size > PIECE_MAX)
        return NULL;
    char *piece = malloc((size_t)size + 1);
    size_t done = 0;
    while (piece != NULL && done < size) {
        ssize_t got =
            pread(reading->descriptor, piece + done, (size_t)size - done, (off_t)(offset + done));
        if (got <= 0) {
            free(piece);
            return NULL;
        }
        done += (size_t)got;
    }
    if (piece != NULL)
        piece[size] = '\0';
    return piece;
}

static bool read_sections(struct reading *reading)
{
    ElfW(Ehdr) *header = read_piece(reading, 0, sizeof *header);
    const unsigned char own_class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    const unsigned char own_order =
        __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
    if (header != NULL && memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 &&
        header->e_ident[EI_CLASS] == own_class && header->e_ident[EI_DATA] == own_order &&
        header->e_shentsize == sizeof(ElfW(Shdr))) {
        reading->section_count = header->e_shnum;
        reading->sections =
            read_piece(reading, header->e_shoff, (uint64_t)header->e_shnum * sizeof(ElfW(Shdr)));
    }
    free(header);
    return reading->sections != NULL;
}

// The first section of that type, and the strings it is linked to. False when it can't be read.
static bool read_table(const struct reading *reading, uint32_t type, size_t record_size,
                       struct table *table)
{
    const ElfW(Shdr) *section = reading->sections;
    const ElfW(Shdr) *end = section + reading->section_count;
    while (section < end && section->sh_type != type)
        section++;
    if (section == end || section->sh_link >= reading->section_count)
        return section == end;
    const ElfW(Shdr) *strings = &reading->sections[section->sh_link];
    table->records = read_piece(reading, section->sh_offset, section->sh_size);
    table->strings = read_piece(reading, strings->sh_offset, strings->sh_size);
    table->count = (size_t)section->sh_size / record_size;
    table->string_size = (size_t)strings->sh_size;
    return table->records != NULL && table->strings != NULL;
}

// "" where the offset is none of the table's.
static const char *string_at(const struct table *table, uint64_t offset)
{
    return offset < table->string_size ? table->strings + offset : "";
}

static struct elf_file *read_all(struct reading *reading)
{
    struct elf_file *file = calloc(1, sizeof *file);
    if (file == NULL || !read_sections(reading) ||
        !read_table(reading, SHT_DYNAMIC, sizeof(ElfW(Dyn)), &file->dynamic) ||
        !read_table(reading, SHT_DYNSYM, sizeof(ElfW(Sym)), &file->symbols)) {
        elf_file_free(file);
        file = NULL;
    }
    free(reading->sections);
    return file;
}

struct elf_file *elf_file_read(const char *path)
{
    struct stat status;
    struct reading reading = {.descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    struct elf_file *file = NULL;
    if (reading.descriptor < 0)
        return NULL;
    if (fstat(reading.descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
        reading.size = (uint64_t)status.st_size;
        file = read_all(&reading);
    }
    close(reading.descriptor);
    return file;
}

void elf_file_free(struct elf_file *file)
{
    if (file == NULL)
        return;
    free(file->dynamic.records);
    free(file->dynamic.strings);
    free(file->symbols.records);
    free(file->symbols.strings);
    free(file);
}

const char *elf_file_needed(const struct elf_file *file, const char *beginning)
{
    const ElfW(Dyn) *entries = file->dynamic.records;
    for (size_t i = 0; i < file->dynamic.count && entries[i].d_tag != DT_NULL; i++) {
        if (entries[i].d_tag != DT_NEEDED)
            continue;
        const char *name = string_at(&file->dynamic, entries[i].d_un.d_val);
        if (strncmp(name, beginning, strlen(beginning)) == 0)
            return name;
    }
    return NULL;
}

const char *elf_file_symbol(const struct elf_file *file, bool defined, const char *part,
                            bool from_start)
{
    const ElfW(Sym) *symbols = file->symbols.records;
    for (size_t i = 0; i < file->symbols.count; i++) {
        const char *name = string_at(&file->symbols, symbols[i].st_name);
        bool named =
            from_start ? strncmp(name, part, strlen(part)) == 0 : strstr(name, part) != NULL;
        if (named && (symbols[i].st_shndx != SHN_UNDEF) == defined)
            return name;
    }
    return NULL;
}
