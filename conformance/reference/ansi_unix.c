// SPDX-License-Identifier: Apache-2.0
// The strings of A on Unix: UTF-8, as they stand in the table.
#include "conformance/reference/ansi.h"

#include <string.h>

size_t ansi_length(struct text text)
{
    return text.length;
}

void ansi_write(struct text text, unsigned char *to)
{
    memcpy(to, text.bytes, text.length);
}
