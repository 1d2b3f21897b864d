// SPDX-License-Identifier: Apache-2.0
// Writes the markup of HTML pages, and text into it so that the text stays text.
#include "harness/report/html/writer.h"

#include "conformance/base/text.h"
#include "harness/report/html/style.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void html_raw(struct page *page, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(page->stream, format, arguments);
    va_end(arguments);
}

void html_text(struct page *page, const char *text)
{
    char *escaped = report_escape(text == NULL ? "" : text, ESCAPE_CONTROLS);
    if (escaped == NULL) {
        page->failed = true;
        return;
    }
    for (const char *at = escaped; *at != '\0'; at++) {
        switch (*at) {
        case '&':
            fputs("&amp;", page->stream);
            break;
        case '<':
            fputs("&lt;", page->stream);
            break;
        case '>':
            fputs("&gt;", page->stream);
            break;
        case '"':
            fputs("&quot;", page->stream);
            break;
        case '\'':
            fputs("&#39;", page->stream);
            break;
        default:
            fputc(*at, page->stream);
        }
    }
    free(escaped);
}

void html_print(struct page *page, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        page->failed = true;
        return;
    }
    html_text(page, text);
    free(text);
}

size_t html_size(const struct page *page)
{
    long size = ftell(page->stream);
    return size < 0 ? 0 : (size_t)size;
}

size_t html_used(const struct page *page)
{
    return html_size(page) - page->begin;
}

bool html_has_room(const struct page *page)
{
    return html_used(page) <= page->share;
}

void html_lines(struct page *page, const char *text)
{
    for (const char *at = text; *at != '\0';) {
        size_t length = strcspn(at, "\n");
        char *line = strndup(at, length);
        if (line == NULL)
            page->failed = true;
        html_text(page, line);
        free(line);
        at += length;
        if (*at == '\n') {
            html_raw(page, "\n");
            at++;
        }
    }
}

void html_term(struct page *page, const char *term, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    html_raw(page, "<dt>%s</dt><dd>", term);
    html_text(page, text);
    html_raw(page, "</dd>");
}

void html_begin(struct page *page, const char *title, const char *heading)
{
    html_raw(page,
             "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
             // Nothing is fetched and nothing is run, whatever may have slipped in.
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
             "'unsafe-inline'; img-src data:\">"
             "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
             "<link rel=\"icon\" href=\"data:,\"><title>");
    html_text(page, title);
    html_raw(page,
             " - iscsidsc-tck</title><style>%s</style></head><body>"
             "<a class=\"skiplink\" href=\"#findings\">To the findings</a><header><h1>",
             html_style);
    html_text(page, heading);
    html_raw(page, "</h1>");
}

void html_end(struct page *page, const char *made_of)
{
    html_raw(page,
             "</main><footer class=\"soft\">Made by iscsidsc-tck " TCK_VERSION
             " from %s. <code>iscsidsc-tck explain CLAUSE</code> says what a clause "
             "demands.</footer></body></html>\n",
             made_of);
}

int html_make(FILE *stream, html_body *body, const void *document)
{
    char *text = NULL;
    size_t size = 0;
    struct page page = {.share = REPORT_HTML_SIZE, .stream = open_memstream(&text, &size)};
    if (page.stream == NULL)
        return -1;
    body(&page, document);
    if (!text_close(page.stream, &text))
        page.failed = true;
    if (!page.failed)
        fwrite(text, 1, size, stream);
    free(text);
    return page.failed ? -1 : 0;
}
