// Reports, all made from a result and nothing else.
#ifndef TCK_REPORT_H
#define TCK_REPORT_H

#include "conformance/base/text.h"
#include "conformance/transcript/describe.h"
#include "harness/result/diff.h"
#include "harness/result/result.h"

#include <jansson.h>
#include <stdio.h>

// The terminal report: fills `reporter`, which writes to `stream` as the run goes. With `terminal`,
// colour (unless NO_COLOR is set or TERM is dumb) and a progress line that is redrawn; without,
// plain lines. `command` is how the user can repeat a run ("iscsidsc-tck run -i ./libx.so", quoted
// for a shell where needed), to which scenario and clause are added; NULL: nothing to repeat is
// shown. Returns 0, or -1 when memory ran out. Freed with report_terminal_free.
int report_terminal(struct reporter *reporter, FILE *stream, bool terminal, const char *command);
// How it is to look.
struct terminal_style {
    bool terminal; // lines can be redrawn: a progress line
    bool colour;
    bool quiet;   // only what does not hold, and the verdict
    bool verbose; // every call
};
// The same with every choice made by the caller.
int report_terminal_styled(struct reporter *reporter, FILE *stream,
                           const struct terminal_style *style, const char *command);
void report_terminal_free(struct reporter *reporter);

// The complete record as one JSON object (new reference; NULL when memory ran out), and into a
// file: docs/result-json.md describes it.
enum { REPORT_JSON_VERSION = 1 };
json_t *report_json(const struct result *result);
int report_json_write(const struct result *result, const char *path, struct failure *failure);

// Several implementations' results in one object: {"schema_version", "kit", "exit_status",
// "implementations": [as above], "differences"}.
int report_json_several(const struct result *results, size_t count, int exit_status,
                        const struct comparison *comparison, const char *path,
                        struct failure *failure);

// TAP, for readers of version 13 and of 14: scenarios as subtests, skips and known deviations as
// directives with their reasons.
int report_tap_write(const struct result *result, const char *path, struct failure *failure);

// JUnit XML, in the shape that Jenkins, GitLab and Maven read: scenarios as test suites, checks as
// test cases. What XML can't hold is replaced. docs/reports.md says what becomes what.
int report_junit_write(const struct result *result, const char *path, struct failure *failure);

// One HTML page for people, with pictures of the buffers and of the size sweeps; it asks for
// nothing outside itself and runs no script. Pictures are left out once the page has
// REPORT_HTML_SIZE bytes.
enum { REPORT_HTML_SIZE = 4 << 20 };
int report_html_write(const struct result *result, const char *path, struct failure *failure);

// The same of several implementations: a column for each, where they differ, and each by itself.
struct several_document {
    const struct comparison *comparison;
    const struct result *results;
    size_t count;
};
int report_html_several(const struct several_document *document, const char *path,
                        struct failure *failure);

// What changed between two results, as a page of the same kind.
struct diff_document {
    const struct diff *diff;
    const struct result *before;
    const struct result *after;
    const char *before_path;
    const char *after_path;
};
int report_html_diff(const struct diff_document *document, const char *path,
                     struct failure *failure);

// What waivers and a baseline came to, for people; nothing where there are none. `colour`: as a
// terminal takes it.
void report_regression(FILE *stream, const struct result *result, bool colour);

// What differs between two results, for people: a section for each kind of difference. With
// `known`, also what failed and still does.
void report_diff(FILE *stream, const struct diff *diff, bool known, bool colour);

// Where implementations differ from each other, a column for each. `names`: theirs.
void report_comparison(FILE *stream, const struct comparison *comparison, const char *const *names,
                       bool colour);

// Below: what the reports share among themselves.

// Why the run can't be trusted or was not finished: one line for each reason, cut to fit; "" when
// it is complete.
void report_describe_doubts(const struct result *result, char *text, size_t size);

// The run's verdict in a word: "held", "broken", "usage", "untrusted", "interrupted".
const char *report_verdict_name(const struct result *result);

// How the check can be repeated: `command` with scenario and clause added, quoted for a shell.
// Malloc'ed, freed by the caller; NULL when memory ran out.
char *report_repeat(const char *command, const struct scenario_result *scenario,
                    const struct check *check);

// Writes a report whole or not at all: into a new file beside `path` that then takes its place;
// what is there and no regular file (a pipe, a device) is written to directly, and "-" is standard
// output. `write` returns 0, or -1 when memory ran out. Returns 0, or -1 with `failure`
// (STATUS_USAGE where the path can't be opened, STATUS_UNTRUSTED where the report can't be written
// to its end).
typedef int report_writer(FILE *stream, const struct result *result);
typedef int report_document(FILE *stream, const void *document);
int report_write_document(const char *path, report_document *write, const void *document,
                          struct failure *failure);
int report_write(const char *path, report_writer *write, const struct result *result,
                 struct failure *failure);

#endif
