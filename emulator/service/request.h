// SPDX-License-Identifier: Apache-2.0
// A request of a client: one line of fields, with a TAB between two of them.
#ifndef TCK_SERVICE_REQUEST_H
#define TCK_SERVICE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    REQUEST_FIELDS = 8,
    REQUEST_SIZE = 4096, // of a line, with its end
};

struct request {
    size_t count;
    const char *fields[REQUEST_FIELDS]; // of them; in the line
};

// Splits a line of `size` bytes, without its end; there is room for one byte more. False where it
// is no request: not UTF-8, a control character that is no TAB, too many fields. The line is
// changed, and must outlive the request.
bool request_read(struct request *request, char *line, size_t size);

// Can this be one field: UTF-8 without control characters?
bool request_is_field(const char *text, size_t size);

// A decimal number up to `most`, without a sign. False where it is none.
bool request_number(const char *field, uint64_t most, uint64_t *number);

// Two 16-digit hexadecimal numbers, in two fields. False where they are none.
bool request_identifier(const char *unique, const char *specific, uint64_t identifier[2]);

#endif
