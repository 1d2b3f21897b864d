// SPDX-License-Identifier: Apache-2.0
// What the dynamic section and the dynamic symbols of a shared library say, read without loading
// it. Only libraries of the kit's own class and byte order are understood.
#ifndef TCK_ELF_FILE_H
#define TCK_ELF_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct elf_file;

// NULL when it can't be read, is damaged, or is no such library. Freed with elf_file_free.
struct elf_file *elf_file_read(const char *path);
void elf_file_free(struct elf_file *file); // NULL is allowed

// The first library that it needs (DT_NEEDED) whose name begins so; NULL: none. The text is
// `file`'s.
const char *elf_file_needed(const struct elf_file *file, const char *beginning);

// The first dynamic symbol, defined or not, whose name contains `part`; with `from_start`, begins
// with it. NULL: none. The text is `file`'s.
const char *elf_file_symbol(const struct elf_file *file, bool defined, const char *part,
                            bool from_start);

#endif
