// SPDX-License-Identifier: Apache-2.0
// The terminal report, for a person in a hurry: progress while it runs, a line for each scenario,
// then each failure as a block, and the verdict last, where the eye is.
#include "harness/report/terminal.h"

#include "conformance/base/clock.h"
#include "conformance/base/text.h"
#include "harness/report/terminal_findings.h"
#include "harness/report/terminal_regression.h"
#include "harness/report/terminal_text.h"
#include "harness/result/words.h"

#include <stdlib.h>
#include <string.h>

enum {
    REDRAW_NS = 250000000,           // the progress line is redrawn no faster
    TIME_LEFT_AFTER_NS = 1000000000, // of a run; earlier the time left can't be estimated
};

struct terminal_report {
    struct terminal_stream out;
    bool quiet;
    bool verbose;
    uint64_t began_ns; // of the run
    char *command;     // NULL: nothing to repeat is shown
    bool drawn;        // a progress line stands there
    uint64_t drawn_ns;
    size_t name_width; // of the longest scenario name
};

// Removes the progress line, so that other lines can be printed.
static void clear_progress(struct terminal_report *report)
{
    if (!report->drawn)
        return;
    fputs("\r\033[K", report->out.stream);
    report->drawn = false;
}

static void print_duration(const struct terminal_stream *out, uint64_t duration_ns)
{
    double seconds = (double)duration_ns / 1e9;
    fprintf(out->stream, seconds < 10 ? "%.2f s" : "%.1f s", seconds);
}

// "50 pass, 1 fail, 2 skip": the kinds that occur.
static void print_counts(const struct terminal_stream *out, const struct tally *tally)
{
    static const struct {
        enum verdict_kind kind;
        int colour; // -1: none
    } kinds[] = {
        {VERDICT_FAIL, RED}, {VERDICT_ERROR, RED}, {VERDICT_WARN, YELLOW}, {VERDICT_PASS, -1},
        {VERDICT_KNOWN, -1}, {VERDICT_SKIP, -1},   {VERDICT_NOTE, -1},
    };
    bool first = true;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t count = tally->of[kinds[i].kind];
        if (count == 0)
            continue;
        bool painted = kinds[i].colour >= 0;
        fprintf(out->stream, "%s%s%zu %s%s", first ? "" : ", ",
                painted ? terminal_paint(out, (enum terminal_colour)kinds[i].colour) : "", count,
                verdict_kind_name(kinds[i].kind), painted ? terminal_plain(out) : "");
        first = false;
    }
}

// The verdict, last.

static void print_verdict(const struct terminal_stream *out, const struct result *result,
                          const struct tally *tally)
{
    FILE *stream = out->stream;
    switch (result_exit_status(result)) {
    case STATUS_HELD:
        if (tally->skipped == tally->planned) { // of a shard
            fputs("NOTHING JUDGED: every check of this part was skipped", stream);
            break;
        }
        fprintf(stream, "%sHeld%s: every %sclause%s", terminal_paint(out, GREEN),
                terminal_plain(out), tally->of[VERDICT_WARN] > 0 ? "must " : "",
                tally->of[VERDICT_KNOWN] > 0 ? ", apart from what is known" : "");
        break;
    case STATUS_BROKEN:
        fprintf(stream, "%sBROKEN%s: ", terminal_paint(out, RED), terminal_plain(out));
        if (tally->of[VERDICT_FAIL] > 0) {
            fputs("what does not hold: ", stream);
            terminal_print_failed(out, result);
        } else {
            fputs("every clause holds, but waivers are expired or unused, and --strict was given",
                  stream);
        }
        break;
    case STATUS_USAGE:
        fprintf(stream, "%sSTOPPED%s: what was given is wrong", terminal_paint(out, RED),
                terminal_plain(out));
        break;
    case STATUS_UNTRUSTED:
        fprintf(stream, "%sCAN'T BE TRUSTED%s: %s", terminal_paint(out, RED), terminal_plain(out),
                result->failure.of == FAILURE_OF_IMPLEMENTATION
                    ? "the implementation could not be loaded; another run will not change that"
                    : "nothing is proven by this run");
        break;
    default:
        fprintf(stream, "%sINTERRUPTED%s: nothing is proven by this run", terminal_paint(out, RED),
                terminal_plain(out));
        break;
    }
    char left_out[LEFT_OUT_SIZE];
    report_describe_left_out(result, left_out, sizeof left_out);
    fprintf(stream, " (exit status %d)%s%s\n", result_exit_status(result),
            left_out[0] == '\0' ? "" : "; ", left_out);
}

static void print_doubts(const struct terminal_stream *out, const struct result *result)
{
    char doubts[8192];
    report_describe_doubts(result, doubts, sizeof doubts);
    terminal_print_field(out, "because", doubts);
}

static void print_memory(const struct terminal_stream *out, const char *between, uint64_t bytes,
                         const char *whose)
{
    if (bytes > 0)
        fprintf(out->stream, "%s%.0f MiB (%s)", between, (double)bytes / (1 << 20), whose);
}

// How long a scenario took to come up, and the most memory that was held. Results of `judge` know
// neither.
static void print_effort(const struct terminal_stream *out, const struct scenario_result *scenario)
{
    const struct peak_memory *memory = &scenario->memory;
    fputs("up in ", out->stream);
    print_duration(out, scenario->bring_up_ns);
    print_memory(out, "; memory at most ", memory->kit, "kit");
    print_memory(out, ", ", memory->host, "host");
    print_memory(out, ", ", memory->tgtd, "tgtd");
    fputc('\n', out->stream);
}

// The effort of the scenario with the most sessions.
static void print_largest(const struct terminal_stream *out, const struct result *result)
{
    const struct scenario_result *largest = NULL;
    for (size_t i = 0; i < result->scenario_count; i++) {
        const struct scenario_result *scenario = &result->scenarios[i];
        if (scenario->bring_up_ns > 0 &&
            (largest == NULL || scenario->session_count > largest->session_count))
            largest = scenario;
    }
    if (largest == NULL)
        return;
    fputs("  largest: ", out->stream);
    terminal_print_safe(out, largest->name == NULL ? "" : largest->name);
    fprintf(out->stream, ", %zu session%s ", largest->session_count,
            plural(largest->session_count));
    print_effort(out, largest);
}

static void print_summary(const struct terminal_stream *out, const struct result *result)
{
    struct tally tally = result_tally(result, NULL);
    size_t finished = 0;
    for (size_t i = 0; i < result->scenario_count; i++)
        finished += result->scenarios[i].finished;
    fputc('\n', out->stream);
    print_verdict(out, result, &tally);
    print_doubts(out, result);
    fprintf(out->stream, "  %zu scenario%s", result->scenario_count,
            plural(result->scenario_count));
    if (finished != result->scenario_count)
        fprintf(out->stream, " (%zu finished)", finished);
    fprintf(out->stream, ", %llu call%s made, %zu of %zu checks judged in ", tally.calls,
            plural(tally.calls), tally.judged, tally.planned);
    print_duration(out, result->duration_ns);
    fprintf(out->stream,
            "\n  %zu passed, %zu failed, %zu warning%s, %zu known, %zu skipped, %zu note%s",
            tally.of[VERDICT_PASS], tally.of[VERDICT_FAIL], tally.of[VERDICT_WARN],
            plural(tally.of[VERDICT_WARN]), tally.of[VERDICT_KNOWN], tally.of[VERDICT_SKIP],
            tally.of[VERDICT_NOTE], plural(tally.of[VERDICT_NOTE]));
    if (tally.of[VERDICT_ERROR] > 0)
        fprintf(out->stream, ", %zu not to be judged", tally.of[VERDICT_ERROR]);
    fputc('\n', out->stream);
    if (result->first_hang[0] != '\0') {
        fputs("  first call that did not return in time: ", out->stream);
        terminal_print_safe(out, result->first_hang);
        fputc('\n', out->stream);
    }
    if (result->noise[0] != '\0') {
        fputs("  note: it prints during calls that return, first: ", out->stream);
        terminal_print_safe(out, result->noise);
        fputc('\n', out->stream);
    }
    print_largest(out, result);
}

// The reporter.

static void begin_run(void *argument, const struct result *result)
{
    struct terminal_report *report = argument;
    struct tally tally = result_tally(result, NULL);
    for (size_t i = 0; i < result->scenario_count; i++) {
        const char *name = result->scenarios[i].name;
        size_t wide = name == NULL ? 0 : terminal_columns(name, strlen(name));
        if (wide > report->name_width && wide <= NARROWEST)
            report->name_width = wide;
    }
    report->began_ns = clock_now_ns();
    if (report->quiet)
        return;
    fprintf(report->out.stream, "iscsidsc-tck %s: ", TCK_VERSION);
    terminal_print_safe(&report->out, result->implementation);
    fprintf(report->out.stream, "%s\n%zu scenario%s, %zu checks, effort %s, profile %s%s\n\n",
            result->is_reference ? " (the reference)" : "", result->scenario_count,
            plural(result->scenario_count), tally.planned,
            result->effort == NULL ? "as recorded" : result->effort,
            result->profile == NULL ? "?" : result->profile, result->strict ? ", strict" : "");
    if (result->isolation.why != NULL) {
        fputs("The library is not isolated from the kit: ", report->out.stream);
        terminal_print_safe(&report->out, result->isolation.why);
        fputs("\n\n", report->out.stream);
    }
    if (result->plan.shard > 0)
        fprintf(report->out.stream, "Shard %u of %u; `iscsidsc-tck merge` joins their results.\n\n",
                result->plan.shard, result->plan.shard_count);
    fflush(report->out.stream);
}

// Estimated from the checks judged so far; too low, as the largest scenarios come last.
static void append_time_left(uint64_t gone, const struct tally *tally, char *text, size_t size)
{
    size_t done = tally_done(tally);
    if (done == 0 || done >= tally->planned || gone < TIME_LEFT_AFTER_NS)
        return;
    double left = (double)gone / 1e9 * (double)(tally->planned - done) / (double)done;
    report_append(text, size, ", about %.0f s left", left < 1 ? 1 : left);
}

// What a progress line says, from what must be there to what is left out first where the line is
// too long.
enum progress_part { PART_SCENARIO, PART_CALLS, PART_CHECKS, PART_DOING, PART_TIME, PARTS };

struct progress_line {
    char parts[PARTS][512];
};

static void fill_progress(struct progress_line *line, const struct terminal_report *report,
                          const struct result *result, const struct scenario_result *scenario,
                          const char *doing, unsigned long long calls)
{
    struct tally tally = result_tally(result, NULL);
    uint64_t gone = clock_now_ns() - report->began_ns;
    char *time = line->parts[PART_TIME];
    *line = (struct progress_line){0};
    report_append(line->parts[PART_SCENARIO], sizeof line->parts[0], "[%zu/%zu] %s",
                  (size_t)(scenario - result->scenarios) + 1, result->scenario_count,
                  scenario->name == NULL ? "" : scenario->name);
    report_append(line->parts[PART_DOING], sizeof line->parts[0], ": %s", doing);
    report_append(line->parts[PART_CHECKS], sizeof line->parts[0], "%zu/%zu checks",
                  tally_done(&tally), tally.planned);
    report_append(line->parts[PART_CALLS], sizeof line->parts[0], "%llu call%s", calls,
                  plural(calls));
    if (gone >= 1000000000)
        report_append(time, sizeof line->parts[0], ", %llu s",
                      (unsigned long long)(gone / 1000000000));
    append_time_left(gone, &tally, time, sizeof line->parts[0]);
}

// The line with as many of the parts as there is room for; malloc'ed, NULL when memory ran out.
static char *join_progress(const struct progress_line *line, size_t room)
{
    for (size_t count = PARTS; count > 0; count--) {
        char text[PARTS * sizeof line->parts[0]] = "";
        report_append(text, sizeof text, "%s", line->parts[PART_SCENARIO]);
        if (count > PART_DOING)
            report_append(text, sizeof text, "%s", line->parts[PART_DOING]);
        if (count > PART_CHECKS)
            report_append(text, sizeof text, "  %s,", line->parts[PART_CHECKS]);
        if (count > PART_CALLS)
            report_append(text, sizeof text, "%s%s", count > PART_CHECKS ? " " : "  ",
                          line->parts[PART_CALLS]);
        if (count > PART_TIME)
            report_append(text, sizeof text, "%s", line->parts[PART_TIME]);
        char *escaped = report_escape(text, ESCAPE_CONTROLS);
        if (escaped == NULL || count == 1 || terminal_columns(escaped, strlen(escaped)) <= room)
            return escaped;
        free(escaped);
    }
    return NULL;
}

static void draw_progress(struct terminal_report *report, const struct result *result,
                          const struct scenario_result *scenario, const char *doing,
                          unsigned long long calls)
{
    struct progress_line line;
    // The last column stays free, or some terminals go to the next line.
    size_t room = terminal_width(&report->out) - 1;
    fill_progress(&line, report, result, scenario, doing, calls);
    char *escaped = join_progress(&line, room);
    if (escaped == NULL)
        return;
    // Cut at the width, between characters.
    size_t length = 0;
    size_t used = 0;
    while (escaped[length] != '\0') {
        size_t next = length + 1;
        while (((unsigned char)escaped[next] & 0xC0) == 0x80)
            next++;
        if (++used > room)
            break;
        length = next;
    }
    fprintf(report->out.stream, "\r%.*s\033[K", (int)length, escaped);
    fflush(report->out.stream);
    free(escaped);
    report->drawn = true;
}

static void progress(void *argument, const struct result *result,
                     const struct scenario_result *scenario, const char *doing,
                     unsigned long long calls)
{
    struct terminal_report *report = argument;
    uint64_t now = clock_now_ns();
    if (!report->out.terminal || scenario == NULL ||
        (report->drawn_ns != 0 && now - report->drawn_ns < REDRAW_NS))
        return;
    report->drawn_ns = now;
    draw_progress(report, result, scenario, doing == NULL ? "" : doing, calls);
}

static void begin_scenario(void *argument, const struct result *result,
                           const struct scenario_result *scenario)
{
    progress(argument, result, scenario, "bringing up", result_tally(result, NULL).calls);
}

static void print_scenario_word(const struct terminal_stream *out,
                                const struct scenario_result *scenario, const struct tally *tally)
{
    const char *word = "ok";
    enum terminal_colour colour = GREEN;
    if (!scenario->finished || tally_done(tally) < tally->planned || tally->of[VERDICT_ERROR] > 0) {
        word = "STOP";
        colour = RED;
    } else if (tally->of[VERDICT_FAIL] > 0) {
        word = "FAIL";
        colour = RED;
    } else if (tally->of[VERDICT_WARN] > 0) {
        word = "warn";
        colour = YELLOW;
    } else if (tally->planned > 0 && tally->of[VERDICT_SKIP] == tally_done(tally)) {
        word = "skip"; // nothing of it was tried: no success
        colour = YELLOW;
    }
    fprintf(out->stream, "%s%-4s%s ", terminal_paint(out, colour), word, terminal_plain(out));
}

static void end_scenario(void *argument, const struct result *result,
                         const struct scenario_result *scenario)
{
    struct terminal_report *report = argument;
    struct tally tally = result_tally(result, scenario);
    const char *name = scenario->name == NULL ? "" : scenario->name;
    size_t wide = terminal_columns(name, strlen(name));
    if (report->quiet)
        return;
    clear_progress(report);
    print_scenario_word(&report->out, scenario, &tally);
    terminal_print_safe(&report->out, name);
    fprintf(report->out.stream, "%*s  %3zu session%s  ",
            wide < report->name_width ? (int)(report->name_width - wide) : 0, "",
            scenario->session_count, scenario->session_count == 1 ? ", " : "s,");
    if (tally.judged < tally.planned)
        fprintf(report->out.stream, "%zu of %zu checks: ", tally.judged, tally.planned);
    else
        fprintf(report->out.stream, "%zu check%s: ", tally.planned, plural(tally.planned));
    print_counts(&report->out, &tally);
    fprintf(report->out.stream, "%s%llu call%s, ", tally.judged > 0 ? ", " : "", tally.calls,
            plural(tally.calls));
    print_duration(&report->out, scenario->bring_up_ns + scenario->probes_ns);
    fputc('\n', report->out.stream);
    if (report->verbose && scenario->bring_up_ns > 0) {
        fputs("     ", report->out.stream);
        print_effort(&report->out, scenario);
    }
    fflush(report->out.stream);
}

static void end_run(void *argument, const struct result *result)
{
    struct terminal_report *report = argument;
    clear_progress(report);
    if (!result_complete(result))
        fprintf(report->out.stream, "\n%sThis run was not completed%s: the reason is at the end.\n",
                terminal_paint(&report->out, RED), terminal_plain(&report->out));
    if (!report->quiet) {
        terminal_print_notes(&report->out, result);
        terminal_print_left_out(&report->out, result);
        terminal_print_skips(&report->out, result);
        terminal_print_known(&report->out, result);
        terminal_print_blocks(&report->out, result, VERDICT_WARN, report->command);
    }
    if (!report->quiet || (result->strict && result_waivers_fail(result)))
        report_regression(report->out.stream, result, report->out.colour);
    terminal_print_blocks(&report->out, result, VERDICT_ERROR, report->command);
    terminal_print_blocks(&report->out, result, VERDICT_FAIL, report->command);
    print_summary(&report->out, result);
    fflush(report->out.stream);
}

static void print_calls(void *argument, const struct scenario_result *scenario, const char *calls)
{
    struct terminal_report *report = argument;
    clear_progress(report);
    fputs("\nThe calls in scenario ", report->out.stream);
    terminal_print_safe(&report->out, scenario->name);
    fputs(":\n", report->out.stream);
    while (*calls != '\0') {
        size_t length = strcspn(calls, "\n");
        char *line = strndup(calls, length);
        terminal_print_safe(&report->out, line);
        fputc('\n', report->out.stream);
        free(line);
        calls += length + (calls[length] == '\n');
    }
}

static bool colour_wanted(void)
{
    const char *no_colour = getenv("NO_COLOR");
    return no_colour == NULL || no_colour[0] == '\0';
}

static bool can_redraw(void)
{
    const char *kind = getenv("TERM");
    return kind == NULL || strcmp(kind, "dumb") != 0;
}

int report_terminal(struct reporter *reporter, FILE *stream, bool terminal, const char *command)
{
    bool redrawn = terminal && can_redraw();
    const struct terminal_style style = {.terminal = redrawn, .colour = redrawn && colour_wanted()};
    return report_terminal_styled(reporter, stream, &style, command);
}

int report_terminal_styled(struct reporter *reporter, FILE *stream,
                           const struct terminal_style *style, const char *command)
{
    struct terminal_report *report = calloc(1, sizeof *report);
    if (report == NULL)
        return -1;
    report->out.stream = stream;
    report->out.terminal = style->terminal && !style->quiet;
    report->out.colour = style->colour;
    report->quiet = style->quiet;
    report->verbose = style->verbose;
    if (command != NULL && (report->command = strdup(command)) == NULL) {
        free(report);
        return -1;
    }
    *reporter = (struct reporter){
        .argument = report,
        .run_begins = begin_run,
        .scenario_begins = begin_scenario,
        .progress = report->out.terminal ? progress : NULL,
        .calls_made = style->verbose ? print_calls : NULL,
        .scenario_ends = end_scenario,
        .run_ends = end_run,
    };
    return 0;
}

void report_terminal_free(struct reporter *reporter)
{
    struct terminal_report *report = reporter->argument;
    if (report != NULL)
        free(report->command);
    free(report);
    *reporter = (struct reporter){0};
}
