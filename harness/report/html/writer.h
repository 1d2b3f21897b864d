// Writes HTML pages: markup, and text into it so that the text stays text.
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
    // Of a page on which several results share the room: what each identifier begins with ("i2-"),
    // where the result's share begins, and how large it is before pictures are left out.
    char prefix[24];
    size_t begin;
    size_t share;
    bool failed; // memory ran out
};

// Markup, as it is; only numbers and constants go in.
void html_raw(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Text, foreign or not: escaped, controls made visible. NULL is nothing.
void html_text(struct page *page, const char *text);
void html_print(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
// A text of several lines, each escaped, ends kept.
void html_lines(struct page *page, const char *text);
// A term and what there is to say of it; nothing where that is NULL or "".
void html_term(struct page *page, const char *term, const char *text);
size_t html_size(const struct page *page);
// How much of the present result's share is used; and whether more may be told in words.
size_t html_used(const struct page *page);
bool html_has_room(const struct page *page);

// Makes the page with `body` and writes it to `stream`; 0, or -1 when memory ran out.
typedef void html_body(struct page *page, const void *document);
int html_make(FILE *stream, html_body *body, const void *document);
// From the document type to the opened header with its heading; from the closed main part to the
// end. A page closes the header and opens the main part itself.
void html_begin(struct page *page, const char *title, const char *heading);
void html_end(struct page *page, const char *made_of);

#endif
