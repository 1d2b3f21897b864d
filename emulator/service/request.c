// SPDX-License-Identifier: Apache-2.0
// Reads requests. Clients are of any kind, so nothing is taken that is not as the protocol has it.
#include "emulator/service/request.h"

#include "conformance/base/text.h"

#include <stdlib.h>
#include <string.h>

enum { HEX_DIGITS = 16 };

bool request_is_field(const char *text, size_t size)
{
    const uint8_t *bytes = (const uint8_t *)text;
    size_t at = 0;
    while (at < size) {
        uint32_t code_point = 0;
        size_t length = utf8_decode(bytes + at, size - at, &code_point);
        if (length == 0 || code_point < ' ' || code_point == 0x7F)
            return false;
        at += length;
    }
    return true;
}

bool request_read(struct request *request, char *line, size_t size)
{
    if (memchr(line, '\0', size) != NULL)
        return false;
    line[size] = '\0';
    request->count = 0;
    for (char *rest = line; rest != NULL;) {
        const char *field = strsep(&rest, "\t");
        if (request->count == REQUEST_FIELDS || !request_is_field(field, strlen(field)))
            return false;
        request->fields[request->count++] = field;
    }
    return true;
}

bool request_number(const char *field, uint64_t most, uint64_t *number)
{
    size_t digits = strspn(field, "0123456789");
    if (digits == 0 || digits > 9 || field[digits] != '\0')
        return false;
    *number = strtoul(field, NULL, 10);
    return *number <= most;
}

bool request_identifier(const char *unique, const char *specific, uint64_t identifier[2])
{
    const char *fields[] = {unique, specific};
    for (int i = 0; i < 2; i++) {
        if (strspn(fields[i], "0123456789abcdef") != HEX_DIGITS || fields[i][HEX_DIGITS] != '\0')
            return false;
        identifier[i] = strtoull(fields[i], NULL, HEX_DIGITS);
    }
    return true;
}
