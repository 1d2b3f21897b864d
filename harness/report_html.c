// The HTML report: one page for people that asks for nothing outside itself and runs no script. A
// summary, the matrix of clauses by scenarios, what did not hold with pictures of it, the size
// sweeps.
#include "harness/report_html.h"

#include "harness/report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    PICTURES_OF_CLAUSE = 3, // so many of a clause's findings are drawn
    // The first finding of a clause is drawn up to REPORT_HTML_SIZE, others up to here, and
    // findings are told in words up to here.
    FURTHER_PICTURES_SIZE = REPORT_HTML_SIZE / 2,
    FINDINGS_SIZE = REPORT_HTML_SIZE + (REPORT_HTML_SIZE >> 3),
};

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

// A text of several lines, each escaped, ends kept.
static void write_lines(struct page *page, const char *text)
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

static void write_term(struct page *page, const char *term, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    html_raw(page, "<dt>%s</dt><dd>", term);
    html_text(page, text);
    html_raw(page, "</dd>");
}

// ---- Verdicts --------------------------------------------------------------------------------

static const char *verdict_class(const struct check *check)
{
    return check->judged ? verdict_kind_name(check->verdict.kind) : "none";
}

static const char *verdict_letter(const struct check *check)
{
    static const char *const letters[] = {"P", "F", "W", "K", "S", "N", "E"};
    if (!check->judged || (size_t)check->verdict.kind >= sizeof letters / sizeof *letters)
        return "?";
    return letters[check->verdict.kind];
}

static bool is_finding(const struct check *check)
{
    return check->judged &&
           (check->verdict.kind == VERDICT_FAIL || check->verdict.kind == VERDICT_WARN ||
            check->verdict.kind == VERDICT_KNOWN || check->verdict.kind == VERDICT_ERROR);
}

static const char *name_of(const struct scenario_result *scenario)
{
    return scenario->name == NULL ? "(without a name)" : scenario->name;
}

// ---- The clauses that there are --------------------------------------------------------------

struct clauses {
    size_t count;
    const struct clause **items; // in the order of the contract, each once
};

static size_t rank_of(const struct clause *clause)
{
    size_t rank = 0;
    for (size_t i = 0; clause_groups[i] != NULL; i++)
        for (size_t j = 0; j < clause_groups[i]->count; j++, rank++)
            if (strcmp(clause_groups[i]->clauses[j].id, clause->id) == 0)
                return rank;
    return SIZE_MAX;
}

static bool is_listed(const struct clauses *clauses, const struct clause *clause)
{
    for (size_t i = 0; i < clauses->count; i++)
        if (strcmp(clauses->items[i]->id, clause->id) == 0)
            return true;
    return false;
}

static int list_clauses(const struct result *result, struct clauses *clauses)
{
    size_t most = result_tally(result, NULL).planned;
    clauses->items = calloc(most + 1, sizeof(struct clause *));
    if (clauses->items == NULL)
        return -1;
    for (size_t i = 0; i < result->scenario_count; i++)
        for (size_t j = 0; j < result->scenarios[i].check_count; j++) {
            const struct clause *clause = result->scenarios[i].checks[j].clause;
            if (is_listed(clauses, clause))
                continue;
            size_t place = clauses->count++;
            while (place > 0 && rank_of(clauses->items[place - 1]) > rank_of(clause)) {
                clauses->items[place] = clauses->items[place - 1];
                place--;
            }
            clauses->items[place] = clause;
        }
    return 0;
}

static bool same_group(const struct clause *one, const struct clause *other)
{
    size_t length = strcspn(one->id, "-");
    return strncmp(one->id, other->id, length) == 0 && other->id[length] == '-';
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
    html_raw(page, "<div class=\"banner %s\">%s <span class=\"mono\">(exit status %d)</span>", kind,
             words, status);
    if (doubts[0] != '\0') {
        html_raw(page, "<p class=\"wrap\">");
        write_lines(page, doubts);
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
    write_term(page, "Profile", result->profile);
    write_term(page, "Effort", result->effort);
    write_term(page, "Strict", result->strict ? "yes: should clauses count as must" : NULL);
    if (result->hello.pointer_size != 0) {
        snprintf(text, sizeof text,
                 "%.63s, pointers of %u bytes, char strings in code page %" PRIu32,
                 result->hello.platform, result->hello.pointer_size, result->hello.code_page);
        write_term(page, "Host", text);
    }
    write_term(page, "Load error", result->hello.error);
    snprintf(text, sizeof text, "%zu scenarios, %zu of %zu checks judged, %llu calls, %.1f s",
             result->scenario_count, tally.judged, tally.planned, tally.calls,
             (double)result->duration_ns / 1e9);
    write_term(page, "Done", text);
    snprintf(text, sizeof text, "iscsidsc-tck " TCK_VERSION "%s%.63s",
             result->tgtd_version[0] != '\0' ? ", tgtd " : "", result->tgtd_version);
    write_term(page, "Kit", text);
    write_term(page, "Repeat", result->command);
    html_raw(page, "</dl>");
}

static void write_head(struct page *page)
{
    const struct result *result = page->result;
    const char *name = result->implementation == NULL ? "?" : result->implementation;
    const char *slash = strrchr(name, '/');
    html_raw(page,
             "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
             // Nothing is fetched and nothing is run, whatever may have slipped in.
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
             "'unsafe-inline'; img-src data:\">"
             "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
             "<link rel=\"icon\" href=\"data:,\"><title>");
    html_print(page, "%s: %s - iscsidsc-tck", slash == NULL ? name : slash + 1,
               report_verdict_name(result));
    html_raw(page,
             "</title><style>%s</style></head><body>"
             "<a class=\"skiplink\" href=\"#findings\">To the findings</a><header>"
             "<h1>Conformance of GetIScsiSessionList</h1><p class=\"wrap mono\">",
             html_style);
    html_text(page, name);
    html_raw(page, "%s</p>",
             result->is_reference ? " <span class=\"soft\">(the kit's own "
                                    "reference implementation)</span>"
                                  : "");
    write_banner(page);
    html_raw(page, "<nav aria-label=\"sections\"><a href=\"#matrix\">Matrix</a><a "
                   "href=\"#findings\">Findings</a><a href=\"#sweeps\">Size sweeps</a><a "
                   "href=\"#notes\">Notes and skips</a><a href=\"#scenarios\">Scenarios</a></nav>");
    write_tiles(page);
    write_facts(page);
    html_raw(page, "</header><main>");
}

// ---- The matrix ------------------------------------------------------------------------------

static const struct check *find_check(const struct scenario_result *scenario,
                                      const struct clause *clause, enum check_charset charset)
{
    for (size_t i = 0; i < scenario->check_count; i++)
        if (scenario->checks[i].charset == charset &&
            strcmp(scenario->checks[i].clause->id, clause->id) == 0)
            return &scenario->checks[i];
    return NULL;
}

static void write_cell(struct page *page, size_t scenario_index, const struct check *check,
                       int span, bool first)
{
    const struct scenario_result *scenario = &page->result->scenarios[scenario_index];
    html_raw(page, "<td%s%s>", span == 2 ? " colspan=\"2\"" : "", first ? " class=\"first\"" : "");
    if (check == NULL) {
        html_raw(page, "</td>");
        return;
    }
    bool linked = is_finding(check);
    html_raw(page, linked ? "<a" : "<span");
    if (linked)
        html_raw(page, " href=\"#f%zu-%zu\"", scenario_index, (size_t)(check - scenario->checks));
    html_raw(page, " class=\"v %s\" title=\"", verdict_class(check));
    html_print(page, "%s %s, %s: %s", check->clause->id, check_charset_name(check->charset),
               name_of(scenario),
               check->judged ? verdict_kind_name(check->verdict.kind) : "not judged");
    html_raw(page, "\">%s</%s></td>", verdict_letter(check), linked ? "a" : "span");
}

static void write_row(struct page *page, const struct clause *clause)
{
    html_raw(page, "<tr><th scope=\"row\" title=\"");
    html_text(page, clause->sentence);
    html_raw(page, "\"><div><b>");
    html_text(page, clause->id);
    html_raw(page, "</b><span>");
    html_text(page, clause->sentence);
    html_raw(page, "</span></div></th>");
    for (size_t i = 0; i < page->result->scenario_count; i++) {
        const struct scenario_result *scenario = &page->result->scenarios[i];
        const struct check *both = find_check(scenario, clause, CHECK_BOTH);
        if (both != NULL) {
            write_cell(page, i, both, 2, true);
            continue;
        }
        write_cell(page, i, find_check(scenario, clause, CHECK_A), 1, true);
        write_cell(page, i, find_check(scenario, clause, CHECK_W), 1, false);
    }
    html_raw(page, "</tr>\n");
}

static void write_group_row(struct page *page, const struct clause *clause)
{
    const struct clause_group *group = NULL;
    for (size_t i = 0; clause_groups[i] != NULL; i++)
        if (clause_groups[i]->count > 0 && same_group(&clause_groups[i]->clauses[0], clause))
            group = clause_groups[i];
    html_raw(page, "<tr class=\"group\"><th scope=\"rowgroup\"><div><b>");
    if (group != NULL)
        html_text(page, group->name);
    else
        html_print(page, "%.*s", (int)strcspn(clause->id, "-"), clause->id);
    html_raw(page, "</b><span>");
    html_text(page, group == NULL ? "" : group->title);
    html_raw(page, "</span></div></th><td colspan=\"%zu\"></td></tr>\n",
             2 * page->result->scenario_count);
}

static void write_matrix_head(struct page *page)
{
    html_raw(page, "<thead><tr><th class=\"corner\" scope=\"col\" rowspan=\"2\">Clause</th>");
    for (size_t i = 0; i < page->result->scenario_count; i++) {
        html_raw(page, "<th class=\"scenario\" scope=\"colgroup\" colspan=\"2\"><span>");
        html_text(page, name_of(&page->result->scenarios[i]));
        html_raw(page, "</span></th>");
    }
    html_raw(page, "</tr><tr>");
    for (size_t i = 0; i < page->result->scenario_count; i++)
        html_raw(page, "<th class=\"sub\" scope=\"col\">A</th><th class=\"sub\" "
                       "scope=\"col\">W</th>");
    html_raw(page, "</tr></thead>\n");
}

static void write_matrix(struct page *page, const struct clauses *clauses)
{
    html_raw(page, "<section id=\"matrix\"><h2>Clauses by scenarios</h2>");
    if (clauses->count == 0) {
        html_raw(page, "<p>No check was planned.</p></section>");
        return;
    }
    html_raw(page,
             "<ul class=\"legend\"><li><span class=\"v pass\">P</span>pass</li><li><span "
             "class=\"v fail\">F</span>fail (a must)</li><li><span class=\"v "
             "warn\">W</span>warn (a should)</li><li><span class=\"v known\">K</span>known, "
             "tolerated</li><li><span class=\"v skip\">S</span>skip</li><li><span class=\"v "
             "note\">N</span>note</li><li><span class=\"v error\">E</span>error</li><li><span "
             "class=\"v none\">?</span>not judged</li></ul>"
             "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"matrix of "
             "clauses by scenarios\"><table class=\"matrix\">");
    write_matrix_head(page);
    html_raw(page, "<tbody>");
    for (size_t i = 0; i < clauses->count; i++) {
        if (i == 0 || !same_group(clauses->items[i - 1], clauses->items[i]))
            write_group_row(page, clauses->items[i]);
        write_row(page, clauses->items[i]);
    }
    html_raw(page, "</tbody></table></div></section>\n");
}

// ---- Findings --------------------------------------------------------------------------------

// The members that a clause about content speaks of, for the map.
static const char *const *members_of(const struct clause *clause)
{
    static const struct {
        const char *clause;
        const char *members[5];
    } table[] = {
        {"CONTENT-2", {"InitiatorName"}},
        {"CONTENT-3", {"TargetNodeName", "TargetName"}},
        {"CONTENT-4", {"ISID"}},
        {"CONTENT-5", {"TSID"}},
        {"CONTENT-6", {"ConnectionCount", "Connections", "CID"}},
        {"CONTENT-7", {"InitiatorAddress", "TargetAddress", "InitiatorSocket", "TargetSocket"}},
        {"CONTENT-8", {"SessionId", "ConnectionId"}},
        {"CONTENT-9", {"ConnectionCount"}},
        {"CONTENT-10", {"InitiatorAddress", "TargetAddress"}},
        {"STABLE-2", {"SessionId", "ConnectionId"}},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].clause, clause->id) == 0)
            return table[i].members;
    return NULL;
}

// Clauses of which the whole sweep says more than one call.
static bool is_about_sizes(const struct check *check)
{
    const struct record *record = check->verdict.record;
    return strncmp(check->clause->id, "SIZE-", 5) == 0 ||
           strcmp(check->clause->id, "STATUS-1") == 0 ||
           strcmp(check->clause->id, "STATUS-2") == 0 ||
           (record != NULL && record->probe_set != NULL && strcmp(record->probe_set, "sweep") == 0);
}

static void draw_sweep(struct page *page, const struct scenario_result *scenario,
                       enum charset charset)
{
    char title[256];
    snprintf(title, sizeof title, "Size sweep of GetIScsiSessionList%c in %.150s",
             charset == CHARSET_W ? 'W' : 'A', name_of(scenario));
    html_sweep(page, &scenario->sweeps[charset], title);
}

static void draw_pictures(struct page *page, const struct scenario_result *scenario,
                          const struct check *check)
{
    bool exhausted = false;
    struct scene *scene = scene_create(page->result, scenario, check, &exhausted);
    page->failed = page->failed || exhausted;
    if (scene != NULL) {
        html_map(page, scene, members_of(check->clause));
        html_bytes(page, scene);
        scene_free(scene);
    }
    if (!is_about_sizes(check))
        return;
    if (check->charset != CHECK_W)
        draw_sweep(page, scenario, CHARSET_A);
    if (check->charset != CHECK_A)
        draw_sweep(page, scenario, CHARSET_W);
}

static void write_call(struct page *page, const struct check *check)
{
    const struct record *record = check->verdict.record;
    char text[1024];
    if (record == NULL)
        return;
    report_describe_call(record, text, sizeof text);
    write_term(page, "Call", text);
    write_term(page, "When", record->circumstance);
    report_describe_outcome(record, text, sizeof text);
    write_term(page, "What it did", text);
    if (record->said == NULL || record->said[0] == '\0')
        return;
    html_raw(page, "<dt>It printed</dt><dd class=\"said mono\">");
    write_lines(page, record->said);
    html_raw(page, "</dd>");
}

static void write_deviation(struct page *page, const struct check *check)
{
    const struct deviation *known = check_deviation(check, page->result->profile);
    if (check->excuse.text != NULL) {
        html_raw(page, "<dt>Does not count</dt><dd>");
        html_text(page, check->excuse.text);
        html_raw(page, "</dd>");
    }
    if (known == NULL)
        return;
    html_raw(page, "<dt>Known of</dt><dd>");
    html_print(page, "%s; tolerated by --profile %s (%s)", known->what, known->profile,
               known->source);
    html_raw(page, "</dd>");
}

static void write_finding(struct page *page, size_t scenario_index, const struct check *check,
                          bool open, bool drawn)
{
    const struct scenario_result *scenario = &page->result->scenarios[scenario_index];
    html_raw(page, "<details id=\"f%zu-%zu\"%s><summary><span class=\"badge %s\">%s</span><b>",
             scenario_index, (size_t)(check - scenario->checks), open ? " open" : "",
             verdict_class(check), verdict_class(check));
    html_print(page, "%s, %s", name_of(scenario),
               check->charset == CHECK_BOTH ? "A and W together"
                                            : check_charset_name(check->charset));
    html_raw(page, "</b> <span class=\"soft\">");
    html_text(page, check->verdict.got);
    html_raw(page, "</span></summary><dl>");
    html_raw(page, "<dt>Got</dt><dd class=\"got\">");
    html_text(page, check->verdict.got);
    html_raw(page, "</dd>");
    write_term(page, "Expected", check->verdict.expected);
    write_call(page, check);
    write_deviation(page, check);
    if (page->result->command != NULL) {
        char *repeat = report_repeat(page->result->command, scenario, check);
        page->failed = page->failed || repeat == NULL;
        html_raw(page, "<dt>Repeat</dt><dd><code>");
        html_text(page, repeat);
        html_raw(page, "</code></dd>");
        free(repeat);
    }
    html_raw(page, "</dl>");
    if (drawn)
        draw_pictures(page, scenario, check);
    else if (check->verdict.record != NULL)
        html_raw(page,
                 "<p class=\"soft\">Not drawn, as others of this clause are. The command above "
                 "with <code>--html</code> draws it.</p>");
    html_raw(page, "</details>\n");
}

// Shoulds and tolerated ones below what fails, known last.
static size_t count_findings(const struct page *page, const struct clause *clause)
{
    size_t count = 0;
    for (size_t i = 0; i < page->result->scenario_count; i++) {
        const struct scenario_result *scenario = &page->result->scenarios[i];
        for (size_t j = 0; j < scenario->check_count; j++)
            count += is_finding(&scenario->checks[j]) &&
                     strcmp(scenario->checks[j].clause->id, clause->id) == 0;
    }
    return count;
}

static void write_clause_head(struct page *page, const struct clause *clause, size_t count)
{
    html_raw(page, "<section class=\"clause\"><h3>");
    html_print(page, "%s: %s", clause->id, clause->sentence);
    html_raw(page, "</h3><dl>");
    char text[128];
    snprintf(text, sizeof text, "%s, %s; %zu finding%s", level_name(clause->level),
             basis_name(clause->basis), count, count == 1 ? "" : "s");
    write_term(page, "Level, basis", text);
    write_term(page, "Source", clause->source);
    write_term(page, "Why", clause->why);
    html_raw(page, "</dl>");
}

static void write_findings_of(struct page *page, const struct clause *clause, size_t count)
{
    size_t written = 0;
    size_t drawn = 0;
    write_clause_head(page, clause, count);
    for (size_t i = 0; i < page->result->scenario_count; i++) {
        const struct scenario_result *scenario = &page->result->scenarios[i];
        for (size_t j = 0; j < scenario->check_count; j++) {
            const struct check *check = &scenario->checks[j];
            if (!is_finding(check) || strcmp(check->clause->id, clause->id) != 0 ||
                html_size(page) > FINDINGS_SIZE)
                continue;
            size_t limit = drawn == 0 ? REPORT_HTML_SIZE : FURTHER_PICTURES_SIZE;
            bool draw = drawn < PICTURES_OF_CLAUSE && html_size(page) < limit;
            drawn += draw;
            write_finding(page, i, check, written == 0, draw);
            written++;
        }
    }
    if (written < count)
        html_raw(page, "<p>%zu more are left out here; the JSON result has them all.</p>",
                 count - written);
    html_raw(page, "</section>\n");
}

static void write_findings(struct page *page, const struct clauses *clauses)
{
    size_t total = 0;
    html_raw(page, "<section id=\"findings\"><h2>Findings</h2>");
    for (size_t i = 0; i < clauses->count; i++) {
        size_t count = count_findings(page, clauses->items[i]);
        total += count;
        if (count > 0)
            write_findings_of(page, clauses->items[i], count);
    }
    if (total == 0)
        html_raw(page, "<p>None: nothing failed, warned or had to be tolerated.</p>");
    html_raw(page, "</section>\n");
}

// ---- Sweeps, notes, scenarios ----------------------------------------------------------------

static void write_sweeps(struct page *page)
{
    size_t written = 0;
    html_raw(page,
             "<section id=\"sweeps\" class=\"sweeps\"><h2>Size sweeps</h2><p>Each size offered "
             "against what came back: below the size required insufficient, from it on "
             "success.</p>");
    for (size_t i = 0; i < page->result->scenario_count; i++)
        for (int charset = CHARSET_A; charset <= CHARSET_W; charset++) {
            const struct scenario_result *scenario = &page->result->scenarios[i];
            const struct sweep *sweep = &scenario->sweeps[charset];
            if (sweep->count == 0 || html_size(page) > FINDINGS_SIZE)
                continue;
            bool odd = html_sweep_is_odd(sweep);
            html_raw(page, "<details%s><summary><b>", odd || written == 0 ? " open" : "");
            html_print(page, "%s, %c", name_of(scenario), charset == CHARSET_W ? 'W' : 'A');
            html_raw(page, "</b>%s</summary>", odd ? " <span class=\"badge fail\">odd</span>" : "");
            draw_sweep(page, scenario, (enum charset)charset);
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
             verdict_class(check), verdict_class(check));
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
    html_raw(page, "<section id=\"notes\"><h2>Notes and skips</h2><div class=\"scroll\" "
                   "tabindex=\"0\" role=\"region\" aria-label=\"notes and skips\"><table "
                   "class=\"plain\"><thead><tr><th scope=\"col\">Verdict</th><th "
                   "scope=\"col\">Clause</th><th scope=\"col\">What was seen, or why not tried</th>"
                   "<th scope=\"col\" class=\"n\">Checks</th></tr></thead><tbody>");
    for (size_t i = 0; i < result->scenario_count; i++)
        for (size_t j = 0; j < result->scenarios[i].check_count; j++) {
            const struct check *check = &result->scenarios[i].checks[j];
            size_t count = is_remark(check) ? count_same(result, i, j) : 0;
            if (count > 0 && html_size(page) < FINDINGS_SIZE)
                write_remark(page, check, count);
        }
    html_raw(page, "</tbody></table></div></section>\n");
}

static void write_scenario(struct page *page, const struct scenario_result *scenario)
{
    struct tally tally = result_tally(page->result, scenario);
    html_raw(page, "<tr><th scope=\"row\">");
    html_text(page, name_of(scenario));
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
             "<section id=\"scenarios\"><h2>Scenarios</h2><div class=\"scroll\" "
             "tabindex=\"0\" role=\"region\" aria-label=\"scenarios\"><table "
             "class=\"plain\"><thead><tr><th scope=\"col\">Scenario</th><th scope=\"col\" "
             "class=\"wide\">What it is</th><th scope=\"col\" class=\"n\">Sessions</th><th "
             "scope=\"col\" class=\"n\">Calls</th><th scope=\"col\" class=\"n\">Checks</th><th "
             "scope=\"col\" class=\"n\">Failed</th><th scope=\"col\" class=\"n\">Seconds</th>"
             "<th scope=\"col\">Finished</th></tr></thead><tbody>");
    for (size_t i = 0; i < page->result->scenario_count; i++)
        write_scenario(page, &page->result->scenarios[i]);
    html_raw(page, "</tbody></table></div></section>\n");
}

static void write_page(struct page *page, const struct clauses *clauses)
{
    write_head(page);
    write_matrix(page, clauses);
    write_findings(page, clauses);
    write_sweeps(page);
    write_remarks(page);
    write_scenarios(page);
    html_raw(page,
             "</main><footer class=\"soft\">Made by iscsidsc-tck " TCK_VERSION
             " from the verdicts of one run. <code>iscsidsc-tck explain CLAUSE</code> says what a "
             "clause demands.</footer></body></html>\n");
}

static int write_html(FILE *stream, const struct result *result)
{
    char *text = NULL;
    size_t size = 0;
    struct clauses clauses = {0};
    struct page page = {.result = result, .stream = open_memstream(&text, &size)};
    page.failed = page.stream == NULL || list_clauses(result, &clauses) != 0;
    if (!page.failed)
        write_page(&page, &clauses);
    if (page.stream != NULL && (ferror(page.stream) != 0 || fclose(page.stream) != 0))
        page.failed = true;
    if (!page.failed)
        fwrite(text, 1, size, stream);
    free(clauses.items);
    free(text);
    return page.failed ? -1 : 0;
}

int report_html_write(const struct result *result, const char *path, struct failure *failure)
{
    return report_write(path, write_html, result, failure);
}
