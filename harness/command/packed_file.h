// SPDX-License-Identifier: Apache-2.0
// Files that may be packed by gzip.
#ifndef TCK_PACKED_FILE_H
#define TCK_PACKED_FILE_H

#include <stdbool.h>
#include <stdio.h>

// Opens a file for reading, packed or not; what is read is unpacked. NULL with errno. Reading fails
// with EBADMSG where the file is cut short or damaged, and with EFBIG where it has more than
// PACKED_FILE_MAX bytes unpacked.
#define PACKED_FILE_MAX (8LL << 30)
FILE *packed_file_open(const char *path);

// Is it packed, and cut short or damaged? Reads all of it.
bool packed_file_is_damaged(const char *path);

#endif
