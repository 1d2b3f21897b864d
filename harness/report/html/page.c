// The HTML report: one page for people that asks for nothing outside itself and runs no script. A
// summary, the matrix of clauses by scenarios, what did not hold with pictures of it, the size
// sweeps.
#include "harness/report/html/page.h"

#include "harness/report/report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

// ---- Writing ---------------------------------------------------------------------------------

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

// ---- Verdicts --------------------------------------------------------------------------------

const char *html_verdict_class(const struct check *check)
{
    return check->judged ? verdict_kind_name(check->verdict.kind) : "none";
}

const char *html_verdict_letter(const struct check *check)
{
    static const char *const letters[] = {"P", "F", "W", "K", "S", "N", "E"};
    if (!check->judged || (size_t)check->verdict.kind >= sizeof letters / sizeof *letters)
        return "?";
    return letters[check->verdict.kind];
}

bool html_is_finding(const struct check *check)
{
    return check->judged &&
           (check->verdict.kind == VERDICT_FAIL || check->verdict.kind == VERDICT_WARN ||
            check->verdict.kind == VERDICT_KNOWN || check->verdict.kind == VERDICT_ERROR);
}

const char *html_scenario_name(const struct scenario_result *scenario)
{
    return scenario->name == NULL ? "(without a name)" : scenario->name;
}

void html_answer(struct page *page, const char *answer)
{
    for (int kind = 0; answer != NULL && kind <= VERDICT_ERROR; kind++) {
        const char *name = verdict_kind_name((enum verdict_kind)kind);
        size_t length = strlen(name);
        if (strncmp(answer, name, length) != 0 || strchr(": (", answer[length]) == NULL)
            continue;
        html_raw(page, "<span class=\"badge %s\">%s</span>", name, name);
        answer += length + (answer[length] == ':');
        break;
    }
    html_text(page, answer == NULL ? "not run" : answer);
}

// ---- A page ----------------------------------------------------------------------------------

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
    if (ferror(page.stream) != 0)
        page.failed = true;
    if (fclose(page.stream) != 0)
        page.failed = true;
    if (!page.failed)
        fwrite(text, 1, size, stream);
    free(text);
    return page.failed ? -1 : 0;
}

// ---- The head --------------------------------------------------------------------------------

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
    if (tally.judged < tally.planned)
        html_raw(page, "<li class=\"fail\"><b>%zu</b>not judged</li>",
                 tally.planned - tally.judged);
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
    char left_out[64];
    plan_describe_left_out(&page->result->plan.left_out, left_out, sizeof left_out);
    html_raw(page, "<div class=\"banner %s\">%s <span class=\"mono\">(exit status %d)</span>%s%s",
             kind, words, status, left_out[0] == '\0' ? "" : "; ", left_out);
    if (doubts[0] != '\0') {
        html_raw(page, "<p class=\"wrap\">");
        html_lines(page, doubts);
        html_raw(page, "</p>");
    }
    html_raw(page, "</div>");
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
    html_term(page, "Load error", result->hello.error);
    snprintf(text, sizeof text, "%zu scenarios, %zu of %zu checks judged, %llu calls, %.1f s",
             result->scenario_count, tally.judged, tally.planned, tally.calls,
             (double)result->duration_ns / 1e9);
    html_term(page, "Done", text);
    snprintf(text, sizeof text, "iscsidsc-tck %s%s%.63s",
             result->kit_version[0] == '\0' ? TCK_VERSION : result->kit_version,
             result->tgtd_version[0] != '\0' ? ", tgtd " : "", result->tgtd_version);
    html_term(page, "Kit", text);
    html_term(page, "Repeat", result->command);
    html_raw(page, "</dl>");
}

void html_implementation(struct page *page, const struct result *result)
{
    html_raw(page, "<span class=\"wrap mono\">");
    html_text(page, result->implementation == NULL ? "?" : result->implementation);
    html_raw(page, "</span>%s",
             result->is_reference ? " <span class=\"soft\">(the kit's own "
                                    "reference implementation)</span>"
                                  : "");
}

void html_summary(struct page *page)
{
    const struct {
        const char *id;
        const char *name;
        bool there;
    } sections[] = {{"matrix", "Matrix", true},
                    {"waivers", "Waivers", page->result->waiver_count > 0},
                    {"baseline", "Against the baseline", page->result->baseline != NULL},
                    {"findings", "Findings", true},
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

// ---- Sweeps, notes, scenarios ----------------------------------------------------------------

static void write_sweeps(struct page *page)
{
    size_t written = 0;
    html_raw(page,
             "<section id=\"%ssweeps\" class=\"sweeps\"><h2>Size sweeps</h2><p>Each size offered "
             "against what came back: below the size required insufficient, from it on "
             "success.</p>",
             page->prefix);
    for (size_t i = 0; i < page->result->scenario_count; i++)
        for (int charset = CHARSET_A; charset <= CHARSET_W; charset++) {
            const struct scenario_result *scenario = &page->result->scenarios[i];
            const struct sweep *sweep = &scenario->sweeps[charset];
            if (sweep->count == 0 || !html_has_room(page))
                continue;
            bool odd = html_sweep_is_odd(sweep);
            html_raw(page, "<details%s><summary><b>", odd || written == 0 ? " open" : "");
            html_print(page, "%s, %c", html_scenario_name(scenario),
                       charset == CHARSET_W ? 'W' : 'A');
            html_raw(page, "</b>%s</summary>", odd ? " <span class=\"badge fail\">odd</span>" : "");
            html_scenario_sweep(page, scenario, (enum charset)charset);
            html_raw(page, "</details>\n");
            written++;
        }
    if (written == 0)
        html_raw(page, "<p>No sweep was made.</p>");
    html_raw(page, "</section>\n");
}

static bool is_remark(const struct check *check)
{
    return check->judged && check->verdict.got[0] != '\0' &&
           (check->verdict.kind == VERDICT_NOTE || check->verdict.kind == VERDICT_SKIP);
}

static bool same_remark(const struct check *one, const struct check *other)
{
    return is_remark(other) && one->verdict.kind == other->verdict.kind &&
           strcmp(one->clause->id, other->clause->id) == 0 &&
           strcmp(one->verdict.got, other->verdict.got) == 0;
}

// How many say the same; 0: one before this did already.
static size_t count_same(const struct result *result, size_t scenario, size_t index)
{
    const struct check *check = &result->scenarios[scenario].checks[index];
    size_t count = 0;
    for (size_t i = 0; i < result->scenario_count; i++)
        for (size_t j = 0; j < result->scenarios[i].check_count; j++) {
            if (!same_remark(check, &result->scenarios[i].checks[j]))
                continue;
            if (i < scenario || (i == scenario && j < index))
                return 0;
            count++;
        }
    return count;
}

static void write_remark(struct page *page, const struct check *check, size_t count)
{
    html_raw(page, "<tr><td><span class=\"badge %s\">%s</span></td><th scope=\"row\">",
             html_verdict_class(check), html_verdict_class(check));
    html_text(page, check->clause->id);
    html_raw(page, "</th><td class=\"wrap\">");
    html_text(page, check->verdict.got);
    if (check->verdict.blocked_by != NULL && strcmp(check->verdict.blocked_by, BLOCKED_BY_ANY) != 0)
        html_print(page, " (blocked by %s)", check->verdict.blocked_by);
    html_raw(page, "</td><td class=\"n\">%zu</td></tr>\n", count);
}

static void write_remarks(struct page *page)
{
    const struct result *result = page->result;
    html_raw(page,
             "<section id=\"%snotes\"><h2>Notes and skips</h2><div class=\"scroll\" "
             "tabindex=\"0\" role=\"region\" aria-label=\"notes and skips\"><table "
             "class=\"plain\"><thead><tr><th scope=\"col\">Verdict</th><th "
             "scope=\"col\">Clause</th><th scope=\"col\">What was seen, or why not tried</th>"
             "<th scope=\"col\" class=\"n\">Checks</th></tr></thead><tbody>",
             page->prefix);
    for (size_t i = 0; i < result->scenario_count; i++)
        for (size_t j = 0; j < result->scenarios[i].check_count; j++) {
            const struct check *check = &result->scenarios[i].checks[j];
            size_t count = is_remark(check) ? count_same(result, i, j) : 0;
            if (count > 0 && html_has_room(page))
                write_remark(page, check, count);
        }
    html_raw(page, "</tbody></table></div></section>\n");
}

static void write_scenario(struct page *page, const struct scenario_result *scenario)
{
    struct tally tally = result_tally(page->result, scenario);
    html_raw(page, "<tr><th scope=\"row\">");
    html_text(page, html_scenario_name(scenario));
    html_raw(page, "</th><td class=\"wide wrap\">");
    html_text(page, scenario->summary);
    html_raw(page,
             "</td><td class=\"n\">%zu</td><td class=\"n\">%llu</td><td class=\"n\">%zu</td><td "
             "class=\"n\">%zu</td><td class=\"n\">%.2f</td><td>%s</td></tr>\n",
             scenario->session_count, scenario->call_count, tally.judged, tally.of[VERDICT_FAIL],
             (double)(scenario->bring_up_ns + scenario->probes_ns) / 1e9,
             scenario->finished ? "yes" : "<b>no</b>");
}

static void write_scenarios(struct page *page)
{
    html_raw(page,
             "<section id=\"%sscenarios\"><h2>Scenarios</h2><div class=\"scroll\" "
             "tabindex=\"0\" role=\"region\" aria-label=\"scenarios\"><table "
             "class=\"plain\"><thead><tr><th scope=\"col\">Scenario</th><th scope=\"col\" "
             "class=\"wide\">What it is</th><th scope=\"col\" class=\"n\">Sessions</th><th "
             "scope=\"col\" class=\"n\">Calls</th><th scope=\"col\" class=\"n\">Checks</th><th "
             "scope=\"col\" class=\"n\">Failed</th><th scope=\"col\" class=\"n\">Seconds</th>"
             "<th scope=\"col\">Finished</th></tr></thead><tbody>",
             page->prefix);
    for (size_t i = 0; i < page->result->scenario_count; i++)
        write_scenario(page, &page->result->scenarios[i]);
    html_raw(page, "</tbody></table></div></section>\n");
}

void html_sections(struct page *page, const struct clauses *clauses)
{
    html_matrix(page, clauses);
    html_regression(page);
    html_findings(page, clauses);
    write_sweeps(page);
    write_remarks(page);
    write_scenarios(page);
}

// ---- The page of one result ------------------------------------------------------------------

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
