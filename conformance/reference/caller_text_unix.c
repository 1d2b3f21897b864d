// SPDX-License-Identifier: Apache-2.0
// The caller's strings of A on Unix: UTF-8 already.
#include "conformance/reference/caller_text.h"

#include <string.h>

bool caller_text_read_ansi(const char *from, size_t limit, char *utf8, size_t size)
{
    const struct text text = {from, strnlen(from, limit)};
    if (text.length == limit || text.length >= size || !text_is_valid(text))
        return false;
    memcpy(utf8, from, text.length + 1);
    return true;
}
