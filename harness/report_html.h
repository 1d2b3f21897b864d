// What the files of the HTML report share: writing escaped text, and the pictures.
#ifndef TCK_REPORT_HTML_H
#define TCK_REPORT_HTML_H

#include "harness/report_scene.h"
#include "harness/result.h"

#include <stdbool.h>
#include <stdio.h>

struct page {
    FILE *stream; // in memory, so that its size is known at any time
    const struct result *result;
    bool failed; // memory ran out
};

// Markup, as it is; only numbers and constants go in.
void html_raw(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Text, foreign or not: escaped, controls made visible. NULL is nothing.
void html_text(struct page *page, const char *text);
void html_print(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
size_t html_size(const struct page *page);

// The style sheet and the few shapes that all pictures use.
extern const char html_style[];

// The map of a buffer as a figure. `about`: members that the clause is about, NULL-terminated; may
// be NULL.
void html_map(struct page *page, const struct scene *scene, const char *const *about);
// The bytes around the marks as a figure; nothing where there are no marks.
void html_bytes(struct page *page, const struct scene *scene);

// Has a sweep anything but one threshold and two sizes?
bool html_sweep_is_odd(const struct sweep *sweep);
// The sweep as a figure: size offered against status and size returned.
void html_sweep(struct page *page, const struct sweep *sweep, const char *title);

#endif
