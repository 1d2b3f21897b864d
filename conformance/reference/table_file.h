// SPDX-License-Identifier: Apache-2.0
// The file with the session table, as the operating system has it: table_file_unix.c and
// table_file_windows.c.
#ifndef TCK_TABLE_FILE_H
#define TCK_TABLE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum table_file_kind {
    TABLE_FILE_REGULAR,
    TABLE_FILE_FIFO,
    TABLE_FILE_OTHER, // a folder, a device, ...
};

struct table_file {
    intptr_t handle; // a descriptor; on Windows a HANDLE
    enum table_file_kind kind;
    uint64_t size; // in bytes; 0 unless it is a regular file
};

// What tells a file from the one that takes its place. Each member alone might be the same by
// chance.
struct table_file_mark {
    uint64_t device; // 0 on Windows
    uint64_t number;
    uint64_t size;
    uint64_t modified; // in ns since the clock's own beginning
    uint64_t changed;
};

// Does the environment name a file?
bool table_file_is_named(void);

// Opens the file that the environment variable ISCSIDSC_SESSION_TABLE names, for reading. It never
// waits, whatever is there. False: the variable is unset, or what it names can't be opened (on
// Windows a folder can't be). The caller closes the file with table_file_close.
bool table_file_open(struct table_file *file);

// Reads up to `size` bytes from where the last reading ended; fewer only at the end of the file.
// -1 on an error.
ptrdiff_t table_file_read(const struct table_file *file, char *bytes, size_t size);

// Takes the mark of an open file. False when the system doesn't tell.
bool table_file_mark(const struct table_file *file, struct table_file_mark *mark);

// How long ago the open file was written to, in ns, by the system's clock; negative where the clock
// was set back. INT64_MAX when the system doesn't tell.
int64_t table_file_age(const struct table_file *file);

void table_file_close(const struct table_file *file);

#ifdef _WIN32
enum { TABLE_FILE_PATH_SIZE = 4096 }; // UTF-16 units

// The path that the environment names, in `room`; NULL: none, or one that is too long. Under Wine
// it may be a path of Unix, which begins with '/'.
const wchar_t *table_file_path(wchar_t room[TABLE_FILE_PATH_SIZE]);
#endif

#endif
