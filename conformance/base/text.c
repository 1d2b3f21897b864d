// Decodes UTF-8, strictly.
#include "conformance/base/text.h"

#include <stdbool.h>

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

size_t utf8_decode(const uint8_t *bytes, size_t size, uint32_t *code_point)
{
    // The least code point that needs a length: less is an overlong form.
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

    if (size == 0)
        return 0;
    if (bytes[0] < 0x80) {
        *code_point = bytes[0];
        return 1;
    }
    size_t length = (bytes[0] & 0xE0) == 0xC0   ? 2
                    : (bytes[0] & 0xF0) == 0xE0 ? 3
                    : (bytes[0] & 0xF8) == 0xF0 ? 4
                                                : 0;
    if (length == 0 || length > size)
        return 0;
    uint32_t code = bytes[0] & (0x7FU >> length);
    for (size_t i = 1; i < length; i++) {
        if (!is_continuation(bytes[i]))
            return 0;
        code = code << 6 | (bytes[i] & 0x3FU);
    }
    if (code < least[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return 0;
    *code_point = code;
    return length;
}
