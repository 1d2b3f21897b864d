// SPDX-License-Identifier: Apache-2.0
// Writes HTML pages: markup, and text that is escaped.
#ifndef TCK_WRITER_H
#define TCK_WRITER_H

#include "harness/result/result.h"

#include <stdbool.h>
#include <stdio.h>

// Pictures are left out once a page has so many bytes.
enum { REPORT_HTML_SIZE = 4 << 20 };

struct page {
    FILE *stream; // in memory, so that its size is known at any time
    const struct result *result;
    // Several results can share a page. The identifiers in the part of the present result begin
    // with `prefix` ("i2-"). Its part begins at the byte `begin`; after `share` bytes it gets no
    // pictures.
    char prefix[24];
    size_t begin;
    size_t share;
    bool failed; // memory ran out
};

// Writes markup as it is. The arguments must be numbers and constants, never foreign text.
void html_raw(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Writes text, foreign or not: escaped for elements and attributes, with controls made visible.
// NULL: nothing.
void html_text(struct page *page, const char *text);
void html_print(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Writes text of several lines, each escaped.
void html_lines(struct page *page, const char *text);
// Writes a term of a definition list; nothing where `text` is NULL or "".
void html_term(struct page *page, const char *term, const char *text);
size_t html_size(const struct page *page);
// The bytes of the present result so far, and whether there is room for more.
size_t html_used(const struct page *page);
bool html_has_room(const struct page *page);

// Makes the page with `body` and writes it to `stream`; 0, or -1 when memory ran out.
typedef void html_body(struct page *page, const void *document);
int html_make(FILE *stream, html_body *body, const void *document);
// html_begin writes all up to the heading, in the header that is still open; html_end closes the
// main part and the page. Between them a page closes the header and opens the main part itself.
void html_begin(struct page *page, const char *title, const char *heading);
void html_end(struct page *page, const char *made_of);

#endif
