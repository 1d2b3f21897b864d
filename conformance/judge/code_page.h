// SPDX-License-Identifier: Apache-2.0
// Texts that went through a code page of Windows. What it does not have is replaced on the way, by
// a question mark or by what looks alike (`α` becomes `a`): which, is Windows' to choose, and it
// differs between versions, so that any replacement is right there and only there.
#ifndef TCK_CODE_PAGE_H
#define TCK_CODE_PAGE_H

#include <stdbool.h>
#include <stdint.h>

// Is `text` what becomes of `known` in that code page? Both are UTF-8. `any_case`: ASCII letters
// compare without regard to case. For UTF-8, and for 0 (it went through none), the two are the
// same.
bool code_page_gives(uint32_t code_page, const char *text, const char *known, bool any_case);

// The same, but does it take a replacement to be so?
bool code_page_replaced(uint32_t code_page, const char *text, const char *known);

#endif
