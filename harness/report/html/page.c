// SPDX-License-Identifier: Apache-2.0
// The HTML page of one result: its verdict, numbers and facts, then its sections.
#include "harness/report/html/page.h"

#include "harness/report/html/digest.h"
#include "harness/report/html/sections.h"
#include "harness/report/html/verdicts.h"
#include "harness/report/report_file.h"
#include "harness/result/words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void write_tiles(struct page *page)
{
    static const struct {
        enum verdict_kind kind;
        const char *name;
        const char *words;
    } tiles[] = {
        {VERDICT_PASS, "pass", "passed"},   {VERDICT_FAIL, "fail", "failed"},
        {VERDICT_WARN, "warn", "warnings"}, {VERDICT_KNOWN, "known", "known"},
        {VERDICT_SKIP, "skip", "skipped"},  {VERDICT_NOTE, "note", "notes"},
        {VERDICT_ERROR, "error", "errors"},
    };
    struct tally tally = result_tally(page->result, NULL);
    html_raw(page, "<ul class=\"tiles\">");
    for (size_t i = 0; i < sizeof tiles / sizeof *tiles; i++) {
        size_t count = tally.of[tiles[i].kind];
        html_raw(page, "<li class=\"%s\"><b>%zu</b>%s</li>", count == 0 ? "zero" : tiles[i].name,
                 count, tiles[i].words);
    }
    if (tally_done(&tally) < tally.planned)
        html_raw(page, "<li class=\"fail\"><b>%zu</b>not judged</li>",
                 tally.planned - tally_done(&tally));
    html_raw(page, "</ul>");
}

static void write_banner(struct page *page)
{
    char doubts[8192];
    int status = result_exit_status(page->result);
    const char *kind = "doubt";
    const char *words = "This run can't be trusted";
    if (status == STATUS_HELD) {
        kind = "held";
        words = "Held: no must clause was broken";
    } else if (status == STATUS_BROKEN) {
        kind = "broken";
        words = "Broken: a must clause does not hold";
    } else if (status != STATUS_UNTRUSTED) {
        words = status == STATUS_USAGE ? "Not run: what was given is wrong" : "Interrupted";
    }
    report_describe_doubts(page->result, doubts, sizeof doubts);
    char left_out[LEFT_OUT_SIZE];
    report_describe_left_out(page->result, left_out, sizeof left_out);
    html_raw(page, "<div class=\"banner %s\">%s <span class=\"mono\">(exit status %d)</span>%s%s",
             kind, words, status, left_out[0] == '\0' ? "" : "; ", left_out);
    if (doubts[0] != '\0') {
        html_raw(page, "<p class=\"wrap\">");
        html_lines(page, doubts);
        html_raw(page, "</p>");
    }
    html_raw(page, "</div>");
}

// Of the whole run; where it is not known what was selected, without that.
static void print_repeat(struct page *page)
{
    const struct result *result = page->result;
    char *command = NULL;
    if (result->command == NULL)
        return;
    if (asprintf(&command, "%s%s", result->command,
                 result->selection == NULL ? "" : result->selection) < 0)
        return;
    html_term(page, "Repeat", command);
    free(command);
}

static void write_facts(struct page *page)
{
    const struct result *result = page->result;
    char text[256];
    struct tally tally = result_tally(result, NULL);
    html_raw(page, "<dl>");
    html_term(page, "Profile", result->profile);
    html_term(page, "Effort", result->effort);
    html_term(page, "Strict", result->strict ? "yes: should clauses count as must" : NULL);
    if (result->hello.pointer_size != 0) {
        snprintf(text, sizeof text,
                 "%.63s, pointers of %u bytes, char strings in code page %" PRIu32,
                 result->hello.platform, result->hello.pointer_size, result->hello.code_page);
        html_term(page, "Host", text);
    }
    if (result->isolation.mode != NULL)
        html_term(page, "Isolation",
                  result->isolation.why != NULL ? result->isolation.why : result->isolation.mode);
    html_term(page, "Load error", result->hello.error);
    snprintf(text, sizeof text, "%zu scenarios, %zu of %zu checks judged, %llu calls, %.1f s",
             result->scenario_count, tally.judged, tally.planned, tally.calls,
             (double)result->duration_ns / 1e9);
    html_term(page, "Done", text);
    snprintf(text, sizeof text, "iscsidsc-tck %s%s%.63s",
             result->kit_version[0] == '\0' ? TCK_VERSION : result->kit_version,
             result->tgtd_version[0] != '\0' ? ", tgtd " : "", result->tgtd_version);
    html_term(page, "Kit", text);
    print_repeat(page);
    html_raw(page, "</dl>");
}

void html_summary(struct page *page)
{
    const struct {
        const char *id;
        const char *name;
        bool there;
    } sections[] = {{"broken", "What does not hold", html_has_digest(page->result)},
                    {"findings", "Findings", true},
                    {"matrix", "Matrix", true},
                    {"waivers", "Waivers", page->result->waiver_count > 0},
                    {"baseline", "Against the baseline", page->result->baseline != NULL},
                    {"sweeps", "Size sweeps", true},
                    {"notes", "Notes and skips", true},
                    {"scenarios", "Scenarios", true}};
    write_banner(page);
    html_raw(page, "<nav aria-label=\"sections\">");
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (sections[i].there)
            html_raw(page, "<a href=\"#%s%s\">%s</a>", page->prefix, sections[i].id,
                     sections[i].name);
    html_raw(page, "</nav>");
    write_tiles(page);
    write_facts(page);
}

static void write_page(struct page *page, const void *document)
{
    const struct result *result = document;
    const char *name = result->implementation == NULL ? "?" : result->implementation;
    const char *slash = strrchr(name, '/');
    char title[512];
    struct clauses clauses = {0};
    page->result = result;
    if (html_clauses(&clauses, &result, 1) != 0) {
        page->failed = true;
        return;
    }
    snprintf(title, sizeof title, "%.400s: %s", slash == NULL ? name : slash + 1,
             report_verdict_name(result));
    html_begin(page, title, "Conformance of GetIScsiSessionList");
    html_raw(page, "<p>");
    html_implementation(page, result);
    html_raw(page, "</p>");
    html_summary(page);
    html_raw(page, "</header><main>");
    html_sections(page, &clauses);
    html_end(page, "the verdicts of one run");
    free(clauses.items);
}

static int write_html(FILE *stream, const struct result *result)
{
    return html_make(stream, write_page, result);
}

int report_html_write(const struct result *result, const char *path, struct failure *failure)
{
    return report_write(path, write_html, result, failure);
}
