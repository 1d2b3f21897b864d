// SPDX-License-Identifier: Apache-2.0
// Compares texts but for the characters that a code page does not have.
#include "conformance/judge/code_page.h"

#include "conformance/base/failure.h"
#include "conformance/base/text.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct comparison {
    iconv_t converter; // from UTF-8 to the code page
    bool any_case;
};

// The length in bytes of the character at `text`; of bytes that are none, 1; at the end 0.
static size_t character(const char *text, uint32_t *code_point)
{
    size_t length = utf8_decode((const uint8_t *)text, strnlen(text, 4), code_point);
    return length > 0 || *text == '\0' ? length : 1;
}

static bool code_page_has(const struct comparison *comparison, const char *text, size_t length)
{
    char bytes[8];
    char *in = (char *)text; // iconv does not write to it
    char *out = bytes;
    size_t in_left = length;
    size_t out_left = sizeof bytes;
    iconv(comparison->converter, NULL, NULL, NULL, NULL);
    return iconv(comparison->converter, &in, &in_left, &out, &out_left) == 0 && in_left == 0;
}

static bool same_characters(const struct comparison *comparison, const char *text,
                            const char *known, size_t length)
{
    return comparison->any_case ? strncasecmp(text, known, length) == 0
                                : strncmp(text, known, length) == 0;
}

// From here on; after characters that the code page does not have, every length that their
// replacements may take is tried: one for each, up to two for each half of UTF-16.
static bool same_from(const struct comparison *comparison, const char *text, const char *known)
{
    size_t least = 0;
    size_t most = 0;
    for (;;) {
        uint32_t code_point = 0;
        size_t length = character(known, &code_point);
        if (length == 0 || code_page_has(comparison, known, length))
            break;
        least++;
        most += code_point > UINT16_MAX ? 4 : 2;
        known += length;
    }
    for (size_t taken = 0; taken <= most; taken++) {
        uint32_t code_point = 0;
        size_t length = character(known, &code_point);
        if (taken >= least && same_characters(comparison, text, known, length) &&
            (length == 0 ? *text == '\0' : same_from(comparison, text + length, known + length)))
            return true;
        length = character(text, &code_point);
        if (length == 0)
            return false;
        text += length;
    }
    return false;
}

bool code_page_gives(uint32_t code_page, const char *text, const char *known, bool any_case)
{
    char name[ENCODING_SIZE];
    struct comparison comparison = {.any_case = any_case};
    if ((any_case ? strcasecmp(text, known) : strcmp(text, known)) == 0)
        return true;
    if (code_page == 0 || code_page == CODE_PAGE_UTF_8)
        return false;
    code_page_encoding(code_page, name);
    comparison.converter = iconv_open(name, "UTF-8");
    if (comparison.converter == (iconv_t)-1) { // NOLINT(performance-no-int-to-ptr): POSIX has it so
        if (errno == ENOMEM)                   // no verdict can be had
            failure_no_memory();
        return false;
    }
    bool same = same_from(&comparison, text, known);
    iconv_close(comparison.converter);
    return same;
}

bool code_page_replaced(uint32_t code_page, const char *text, const char *known)
{
    return strcasecmp(text, known) != 0 && code_page_gives(code_page, text, known, true);
}
