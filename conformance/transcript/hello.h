// SPDX-License-Identifier: Apache-2.0
// What a host says of itself and of the library that it loaded. Plain data, no dependencies: the
// host programs use it too.
#ifndef TCK_HELLO_H
#define TCK_HELLO_H

#include "conformance/transcript/call.h"

#include <stdbool.h>
#include <stdint.h>

// Sizes of the texts, in bytes, with their terminators.
enum {
    HELLO_PLATFORM_MAX = 64,
    HELLO_TEXT_MAX = 1024,
    HELLO_VERSION_MAX = 32,
    HELLO_BUILD_ID_MAX = 48,
};

// What a host says of itself and of the library, once, after loading it.
struct hello {
    uint8_t pointer_size; // 8 or 4
    uint8_t long_align;   // alignment of a 64-bit integer in a structure: 8 or 4
    uint8_t has_a;        // GetIScsiSessionListA is exported
    uint8_t has_w;
    uint8_t has_ex;     // GetIScsiSessionListEx is exported
    uint16_t has_more;  // which of the functions after it are: a bit each, in their order
    uint8_t own_clock;  // its times are not the kit's CLOCK_MONOTONIC: CLOCK frames compare the two
    uint32_t code_page; // 65001 (UTF-8) on Unix; GetACP() on Windows
    uint32_t page_size; // bytes
    uint64_t buffer_max; // bytes: the largest buffer that there can be in this process
    char platform[HELLO_PLATFORM_MAX];  // "linux x86_64", "windows x86_64 (wine 8.0)"
    char version[HELLO_VERSION_MAX];    // the library's file version, "10.0.19041.1"; "": none
    char build_id[HELLO_BUILD_ID_MAX];  // of the library, in hex; "": none
    char decorated[HELLO_PLATFORM_MAX]; // an export that is one of the functions under a decorated
                                        // name, "_GetIScsiSessionListA@12"; "": none
    char error[HELLO_TEXT_MAX];         // why the library could not be loaded; "" when it was
};

// Is the function exported?
static inline bool hello_exports(const struct hello *hello, enum charset charset)
{
    const bool exported[] = {hello->has_a != 0, hello->has_w != 0, hello->has_ex != 0};
    return charset <= CHARSET_EX ? exported[charset]
                                 : (hello->has_more >> (charset - CHARSET_EX - 1) & 1) != 0;
}

// Notes which of the functions is exported.
static inline void hello_note_export(struct hello *hello, enum charset charset, bool exported)
{
    uint8_t *const members[] = {&hello->has_a, &hello->has_w, &hello->has_ex};
    unsigned bit = charset <= CHARSET_EX ? 0 : 1U << (charset - CHARSET_EX - 1);
    if (charset <= CHARSET_EX)
        *members[charset] = exported;
    else
        hello->has_more = (uint16_t)((hello->has_more & ~bit) | (exported ? bit : 0));
}

enum { HELLO_MORE_ALL = (1 << (CHARSETS - CHARSET_EX - 1)) - 1 };

#endif
