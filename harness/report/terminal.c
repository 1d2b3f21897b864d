// The terminal report, for a person in a hurry: progress while it runs, a line for each scenario,
// then each failure as a block, and the verdict last, where the eye is.
#include "harness/report/terminal.h"

#include "harness/report/report.h"
#include "harness/report/terminal_regression.h"
#include "harness/result/words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum {
    LABEL_WIDTH = 12,                // columns before a field's text
    NARROWEST = 40,                  // text is not wrapped narrower than this
    PLACES_MAX = 10,                 // scenarios named in a list
    CLAUSES_MAX = 12,                // clauses named in a list
    SAID_LINES_MAX = 8,              // last lines shown of what the library printed
    REDRAW_NS = 100000000,           // the progress line is redrawn no faster
    TIME_LEFT_AFTER_NS = 1000000000, // before, there is nothing to tell the time left from
};

struct terminal_report {
    FILE *stream;
    bool terminal; // lines can be redrawn
    bool colour;
    bool quiet;
    bool verbose;
    uint64_t began_ns; // of the run
    char *command;     // NULL: nothing to repeat is shown
    bool drawn;        // a progress line stands there
    uint64_t drawn_ns;
    size_t name_width; // of the longest scenario name
};

enum colour { RED, GREEN, YELLOW, CYAN, BOLD, FAINT };

static const char *paint(const struct terminal_report *report, enum colour colour)
{
    static const char *const codes[] = {
        [RED] = "\033[1;31m", [GREEN] = "\033[32m", [YELLOW] = "\033[33m",
        [CYAN] = "\033[36m",  [BOLD] = "\033[1m",   [FAINT] = "\033[2m",
    };
    return report->colour ? codes[colour] : "";
}

static const char *plain(const struct terminal_report *report)
{
    return report->colour ? "\033[0m" : "";
}

static const char *plural(unsigned long long count)
{
    return count == 1 ? "" : "s";
}

static uint64_t now_ns(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

// Asked anew each time: a window may be resized.
static size_t width(const struct terminal_report *report)
{
    struct winsize size = {0};
    int descriptor = fileno(report->stream);
    if (descriptor >= 0 && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

// Removes the progress line, so that other lines can be printed.
static void clear_progress(struct terminal_report *report)
{
    if (!report->drawn)
        return;
    fputs("\r\033[K", report->stream);
    report->drawn = false;
}

// Text.

// The columns that `text` takes, a character of UTF-8 as one.
static size_t columns(const char *text, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        if (((unsigned char)text[i] & 0xC0) != 0x80)
            count++;
    return count;
}

// Prints foreign text on the present line.
static void print_safe(const struct terminal_report *report, const char *text)
{
    char *escaped = report_escape(text == NULL ? "" : text, ESCAPE_CONTROLS);
    fputs(escaped == NULL ? "(out of memory)" : escaped, report->stream);
    free(escaped);
}

static void indent(const struct terminal_report *report)
{
    fprintf(report->stream, "\n%*s", LABEL_WIDTH, "");
}

// Prints one line of safe text, on a terminal broken between words so that the indentation stays.
// `at`: columns behind the indentation that are taken already.
static void print_wrapped(const struct terminal_report *report, const char *text, size_t at)
{
    size_t all = width(report);
    size_t room = all > LABEL_WIDTH + NARROWEST ? all - LABEL_WIDTH : NARROWEST;
    if (!report->terminal) {
        fputs(text, report->stream);
        return;
    }
    while (*text != '\0') {
        size_t spaces = strspn(text, " ");
        size_t word = strcspn(text + spaces, " ");
        size_t word_columns = columns(text + spaces, word);
        if (at > 0 && at + spaces + word_columns > room) {
            indent(report);
            text += spaces;
            spaces = 0;
            at = 0;
        }
        fwrite(text, 1, spaces + word, report->stream);
        at += spaces + word_columns;
        text += spaces + word;
    }
}

// Prints foreign text of one or several lines, each after the first indented: a line that an
// implementation made up can't pass for one of the report. `mark` goes before each.
static void print_lines(const struct terminal_report *report, const char *text, const char *mark,
                        size_t at)
{
    for (bool first = true; first || *text != '\0'; first = false) {
        size_t length = strcspn(text, "\n");
        char *line = strndup(text, length);
        char *escaped = line == NULL ? NULL : report_escape(line, ESCAPE_CONTROLS);
        if (!first)
            indent(report);
        fputs(mark, report->stream);
        print_wrapped(report, escaped == NULL ? "(out of memory)" : escaped,
                      strlen(mark) + (first ? at : 0));
        free(escaped);
        free(line);
        text += length;
        text += *text == '\n';
    }
}

static void print_label(const struct terminal_report *report, const char *label)
{
    fprintf(report->stream, "  %s%-*s%s", paint(report, FAINT), LABEL_WIDTH - 2, label,
            plain(report));
}

static void print_field(const struct terminal_report *report, const char *label, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    print_label(report, label);
    print_lines(report, text, "", 0);
    fputc('\n', report->stream);
}

// The last lines of what the library printed.
static void print_said(const struct terminal_report *report, const char *said)
{
    if (said == NULL || said[0] == '\0')
        return;
    const char *from = said + strlen(said);
    for (size_t lines = 0; from > said; from--)
        if (from[-1] == '\n' && from[0] != '\0' && ++lines == SAID_LINES_MAX)
            break;
    print_label(report, "printed");
    print_lines(report, from, "| ", 0);
    fputc('\n', report->stream);
}

static void print_duration(const struct terminal_report *report, uint64_t duration_ns)
{
    double seconds = (double)duration_ns / 1e9;
    fprintf(report->stream, seconds < 10 ? "%.2f s" : "%.1f s", seconds);
}

// "50 pass, 1 fail, 2 skip": the kinds that occur.
static void print_counts(const struct terminal_report *report, const struct tally *tally)
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
        fprintf(report->stream, "%s%s%zu %s%s", first ? "" : ", ",
                painted ? paint(report, (enum colour)kinds[i].colour) : "", count,
                verdict_kind_name(kinds[i].kind), painted ? plain(report) : "");
        first = false;
    }
}

// Groups of checks that say the same.

typedef bool same_check(const struct check *one, const struct check *other);

static bool same_clause(const struct check *one, const struct check *other)
{
    return one->clause == other->clause;
}

static bool same_text(const char *one, const char *other)
{
    return one == other || (one != NULL && other != NULL && strcmp(one, other) == 0);
}

static bool same_reason(const struct check *one, const struct check *other)
{
    return same_text(one->verdict.got, other->verdict.got) &&
           same_text(one->verdict.blocked_by, other->verdict.blocked_by);
}

static bool same_note(const struct check *one, const struct check *other)
{
    return same_clause(one, other) && same_text(one->verdict.got, other->verdict.got);
}

static bool same_deviation(const struct check *one, const struct check *other)
{
    return same_clause(one, other) && same_text(one->excuse.text, other->excuse.text) &&
           same_text(one->verdict.deviation, other->verdict.deviation);
}

// Which checks a walk comes to, and where it is.
struct walk {
    const struct result *result;
    enum verdict_kind kind;
    const struct check *like; // only those that are the same as this one; NULL: all
    same_check *same;
    size_t scenario;
    size_t check; // the one after the present
};

// The next check of the walk, in the order of the result; NULL after the last. walk->scenario is
// where it is.
static const struct check *walk_next(struct walk *walk)
{
    for (; walk->scenario < walk->result->scenario_count; walk->scenario++, walk->check = 0) {
        const struct scenario_result *scenario = &walk->result->scenarios[walk->scenario];
        while (walk->check < scenario->check_count) {
            const struct check *check = &scenario->checks[walk->check++];
            if (check->judged && check->verdict.kind == walk->kind &&
                (walk->like == NULL || walk->same(walk->like, check)))
                return check;
        }
    }
    return NULL;
}

static struct walk walk_begin(const struct result *result, enum verdict_kind kind,
                              const struct check *like, same_check *same)
{
    return (struct walk){.result = result, .kind = kind, .like = like, .same = same};
}

// The next check of the walk that is the first of its group.
static const struct check *walk_next_group(struct walk *walk, same_check *same)
{
    for (const struct check *check = walk_next(walk); check != NULL; check = walk_next(walk)) {
        struct walk before = walk_begin(walk->result, walk->kind, check, same);
        if (walk_next(&before) == check)
            return check;
    }
    return NULL;
}

static size_t group_size(const struct result *result, const struct check *like, same_check *same)
{
    struct walk walk = walk_begin(result, like->verdict.kind, like, same);
    size_t count = 0;
    while (walk_next(&walk) != NULL)
        count++;
    return count;
}

// "single (A, W), many (A) and 3 more scenarios": where the group of `like` is. With `others`,
// without `like` itself; then nothing is printed, label included, where it is alone.
static void print_places(const struct terminal_report *report, const struct result *result,
                         const struct check *like, same_check *same, const char *label, bool others)
{
    struct walk walk = walk_begin(result, like->verdict.kind, like, same);
    size_t last = SIZE_MAX;
    size_t places = 0;
    for (const struct check *check = walk_next(&walk); check != NULL; check = walk_next(&walk)) {
        if (others && check == like)
            continue;
        bool more = walk.scenario == last;
        last = walk.scenario;
        places += !more;
        if (places > PLACES_MAX)
            continue;
        if (places == 1 && !more && label != NULL)
            print_label(report, label);
        if (!more) {
            fputs(places == 1 ? "" : "), ", report->stream);
            print_safe(report, result->scenarios[walk.scenario].name);
        }
        fprintf(report->stream, "%s%s", more ? ", " : " (", check_charset_name(check->charset));
    }
    if (places > 0)
        fputc(')', report->stream);
    if (places > PLACES_MAX)
        fprintf(report->stream, " and %zu more scenario%s", places - PLACES_MAX,
                plural(places - PLACES_MAX));
    if (places > 0 && label != NULL)
        fputc('\n', report->stream);
}

// The identifiers of the clauses in the group of `like`.
static void print_clauses(const struct terminal_report *report, const struct result *result,
                          enum verdict_kind kind, const struct check *like, same_check *same)
{
    struct walk walk = walk_begin(result, kind, like, same);
    size_t count = 0;
    for (const struct check *check = walk_next(&walk); check != NULL; check = walk_next(&walk)) {
        struct walk before = walk_begin(result, kind, like, same);
        const struct check *earlier = walk_next(&before);
        while (earlier != NULL && earlier != check && !same_clause(earlier, check))
            earlier = walk_next(&before);
        if (earlier != check)
            continue;
        if (count < CLAUSES_MAX)
            fprintf(report->stream, "%s%s", count == 0 ? "" : ", ", check->clause->id);
        count++;
    }
    if (count > CLAUSES_MAX)
        fprintf(report->stream, " and %zu more", count - CLAUSES_MAX);
}

// Blocks at the end.

// Not wrapped: it is there to be copied.
static void print_repeat(const struct terminal_report *report,
                         const struct scenario_result *scenario, const struct check *check)
{
    if (report->command == NULL)
        return;
    char *repeat = report_repeat(report->command, scenario, check);
    print_label(report, "repeat");
    print_safe(report, repeat == NULL ? "(out of memory)" : repeat);
    fputc('\n', report->stream);
    free(repeat);
}

static void print_heading(const struct terminal_report *report, const struct check *check,
                          const char *word, enum colour colour)
{
    fprintf(report->stream, "\n%s%s  %s%s  ", paint(report, colour), word, check->clause->id,
            plain(report));
    fputs(paint(report, BOLD), report->stream);
    size_t taken = strlen(word) + strlen(check->clause->id) + 4;
    print_lines(report, check->clause->sentence, "", taken > LABEL_WIDTH ? taken - LABEL_WIDTH : 0);
    fprintf(report->stream, "%s\n", plain(report));
}

static void print_place(const struct terminal_report *report,
                        const struct scenario_result *scenario, const struct check *check)
{
    print_label(report, "where");
    fputs("scenario ", report->stream);
    print_safe(report, scenario->name);
    fprintf(report->stream, ", %s\n",
            check->charset == CHECK_BOTH ? "A and W together" : check_charset_name(check->charset));
}

static void print_call(const struct terminal_report *report, const struct record *record)
{
    char text[768];
    if (record == NULL)
        return;
    report_describe_call(record, text, sizeof text);
    print_field(report, "call", text);
    report_describe_outcome(record, text, sizeof text);
    print_field(report, "outcome", text);
}

static void print_demand(const struct terminal_report *report, const struct clause *clause)
{
    print_label(report, "demand");
    fprintf(report->stream, "%s, %s", level_name(clause->level), basis_name(clause->basis));
    if (clause->source != NULL && clause->source[0] != '\0') {
        fputs(": ", report->stream);
        print_lines(report, clause->source, "",
                    strlen(level_name(clause->level)) + strlen(basis_name(clause->basis)) + 4);
    }
    fputc('\n', report->stream);
}

// A failure that another profile tolerates.
static void print_tolerance(const struct terminal_report *report, const struct check *check)
{
    const struct deviation *known = check_deviation(check, NULL);
    char text[1024] = "";
    if (known == NULL)
        return;
    report_append(text, sizeof text, "%s (%s); --profile %s tolerates it", known->what,
                  known->source, known->profile);
    print_field(report, "known", text);
}

// A failure (or a check that could not be judged) with all that there is to say.
static void print_full_block(const struct terminal_report *report, const struct result *result,
                             size_t scenario, const struct check *check)
{
    const struct scenario_result *where = &result->scenarios[scenario];
    bool failed = check->verdict.kind == VERDICT_FAIL;
    print_heading(report, check, failed ? "FAIL" : "ERROR", RED);
    print_place(report, where, check);
    print_call(report, check->verdict.record);
    print_field(report, "got", check->verdict.got);
    print_field(report, "expected", check->verdict.expected);
    if (check->verdict.record != NULL)
        print_said(report, check->verdict.record->said);
    print_demand(report, check->clause);
    print_tolerance(report, check);
    print_repeat(report, where, check);
    print_places(report, result, check, same_clause, "also in", true);
}

static void print_warning(const struct terminal_report *report, const struct result *result,
                          size_t scenario, const struct check *check)
{
    print_heading(report, check, "warn", YELLOW);
    print_place(report, &result->scenarios[scenario], check);
    print_field(report, "got", check->verdict.got);
    print_field(report, "expected", check->verdict.expected);
    print_repeat(report, &result->scenarios[scenario], check);
    print_places(report, result, check, same_clause, "also in", true);
}

static void print_blocks(const struct terminal_report *report, const struct result *result,
                         enum verdict_kind kind)
{
    struct walk walk = walk_begin(result, kind, NULL, NULL);
    for (const struct check *check = walk_next_group(&walk, same_clause); check != NULL;
         check = walk_next_group(&walk, same_clause)) {
        if (kind == VERDICT_WARN)
            print_warning(report, result, walk.scenario, check);
        else
            print_full_block(report, result, walk.scenario, check);
    }
}

// Lines at the end: known deviations, skips, notes.

static void print_known(const struct terminal_report *report, const struct result *result)
{
    struct walk walk = walk_begin(result, VERDICT_KNOWN, NULL, NULL);
    bool first = true;
    for (const struct check *check = walk_next_group(&walk, same_deviation); check != NULL;
         check = walk_next_group(&walk, same_deviation)) {
        const struct deviation *known = check_deviation(check, result->profile);
        fprintf(report->stream, "%s%sknown%s %-12s ", first ? "\n" : "", paint(report, CYAN),
                plain(report), check->clause->id);
        if (check->excuse.text != NULL)
            known = NULL;
        if (check->excuse.text != NULL)
            print_safe(report, check->excuse.text);
        else
            print_safe(report, known == NULL ? check->verdict.got : known->what);
        if (known != NULL) {
            fputs(" (", report->stream);
            print_safe(report, known->source);
            fputc(')', report->stream);
        }
        fputs(": ", report->stream);
        print_places(report, result, check, same_deviation, NULL, false);
        fputc('\n', report->stream);
        first = false;
    }
}

static void print_skips(const struct terminal_report *report, const struct result *result)
{
    struct walk walk = walk_begin(result, VERDICT_SKIP, NULL, NULL);
    bool first = true;
    for (const struct check *check = walk_next_group(&walk, same_reason); check != NULL;
         check = walk_next_group(&walk, same_reason)) {
        fprintf(report->stream, "%s%sskip%s  %zu x ", first ? "\n" : "", paint(report, CYAN),
                plain(report), group_size(result, check, same_reason));
        print_safe(report,
                   check->verdict.got[0] == '\0' ? "no reason was given" : check->verdict.got);
        if (check->verdict.blocked_by != NULL)
            fprintf(report->stream, " (blocked by %s)", check->verdict.blocked_by);
        fputs(": ", report->stream);
        print_clauses(report, result, VERDICT_SKIP, check, same_reason);
        fputc('\n', report->stream);
        first = false;
    }
}

// How many different notes there are of the clause of `like`.
static size_t count_notes(const struct result *result, const struct check *like)
{
    struct walk walk = walk_begin(result, VERDICT_NOTE, NULL, NULL);
    size_t count = 0;
    for (const struct check *check = walk_next_group(&walk, same_note); check != NULL;
         check = walk_next_group(&walk, same_note))
        count += same_clause(like, check);
    return count;
}

static void print_notes(const struct terminal_report *report, const struct result *result)
{
    struct walk walk = walk_begin(result, VERDICT_NOTE, NULL, NULL);
    bool first = true;
    for (const struct check *check = walk_next_group(&walk, same_clause); check != NULL;
         check = walk_next_group(&walk, same_clause)) {
        size_t different = count_notes(result, check);
        fprintf(report->stream, "%s%snote%s  %-12s ", first ? "\n" : "", paint(report, CYAN),
                plain(report), check->clause->id);
        print_safe(report, check->verdict.got);
        if (different > 1)
            fprintf(report->stream, " (in %zu of %zu checks; --json keeps the %zu other answer%s)",
                    group_size(result, check, same_note), group_size(result, check, same_clause),
                    different - 1, plural(different - 1));
        fputc('\n', report->stream);
        first = false;
    }
}

// The verdict, last.

static void print_verdict(const struct terminal_report *report, const struct result *result,
                          const struct tally *tally)
{
    FILE *stream = report->stream;
    switch (result_exit_status(result)) {
    case STATUS_HELD:
        fprintf(stream, "%sHeld%s: every %sclause%s", paint(report, GREEN), plain(report),
                tally->of[VERDICT_WARN] > 0 ? "must " : "",
                tally->of[VERDICT_KNOWN] > 0 ? ", apart from what is known" : "");
        break;
    case STATUS_BROKEN:
        fprintf(stream, "%sBROKEN%s: ", paint(report, RED), plain(report));
        if (tally->of[VERDICT_FAIL] > 0) {
            fputs("what does not hold: ", stream);
            print_clauses(report, result, VERDICT_FAIL, NULL, NULL);
        } else {
            fputs("every clause holds, but waivers are expired or unused, and --strict was given",
                  stream);
        }
        break;
    case STATUS_USAGE:
        fprintf(stream, "%sSTOPPED%s: what was given is wrong", paint(report, RED), plain(report));
        break;
    case STATUS_UNTRUSTED:
        fprintf(stream, "%sCAN'T BE TRUSTED%s: nothing is proven by this run", paint(report, RED),
                plain(report));
        break;
    default:
        fprintf(stream, "%sINTERRUPTED%s: nothing is proven by this run", paint(report, RED),
                plain(report));
        break;
    }
    fprintf(stream, " (exit status %d)\n", result_exit_status(result));
}

static void print_doubts(const struct terminal_report *report, const struct result *result)
{
    char doubts[8192];
    report_describe_doubts(result, doubts, sizeof doubts);
    print_field(report, "because", doubts);
}

static void print_memory(const struct terminal_report *report, const char *between, uint64_t bytes,
                         const char *whose)
{
    if (bytes > 0)
        fprintf(report->stream, "%s%.0f MiB (%s)", between, (double)bytes / (1 << 20), whose);
}

// How long a scenario took to come up, and the most memory that was held. Nothing is known of
// either where calls were judged again.
static void print_effort(const struct terminal_report *report,
                         const struct scenario_result *scenario)
{
    const struct peak_memory *memory = &scenario->memory;
    fputs("up in ", report->stream);
    print_duration(report, scenario->bring_up_ns);
    print_memory(report, "; memory at most ", memory->kit, "kit");
    print_memory(report, ", ", memory->host, "host");
    print_memory(report, ", ", memory->tgtd, "tgtd");
    fputc('\n', report->stream);
}

// Of the scenario with the most sessions, which is where it matters.
static void print_largest(const struct terminal_report *report, const struct result *result)
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
    fputs("  largest: ", report->stream);
    print_safe(report, largest->name == NULL ? "" : largest->name);
    fprintf(report->stream, ", %zu session%s ", largest->session_count,
            plural(largest->session_count));
    print_effort(report, largest);
}

static void print_summary(const struct terminal_report *report, const struct result *result)
{
    struct tally tally = result_tally(result, NULL);
    size_t finished = 0;
    for (size_t i = 0; i < result->scenario_count; i++)
        finished += result->scenarios[i].finished;
    fputc('\n', report->stream);
    print_verdict(report, result, &tally);
    print_doubts(report, result);
    fprintf(report->stream, "  %zu scenario%s", result->scenario_count,
            plural(result->scenario_count));
    if (finished != result->scenario_count)
        fprintf(report->stream, " (%zu finished)", finished);
    fprintf(report->stream, ", %llu call%s made, %zu of %zu checks judged in ", tally.calls,
            plural(tally.calls), tally.judged, tally.planned);
    print_duration(report, result->duration_ns);
    fprintf(report->stream,
            "\n  %zu passed, %zu failed, %zu warning%s, %zu known, %zu skipped, %zu note%s",
            tally.of[VERDICT_PASS], tally.of[VERDICT_FAIL], tally.of[VERDICT_WARN],
            plural(tally.of[VERDICT_WARN]), tally.of[VERDICT_KNOWN], tally.of[VERDICT_SKIP],
            tally.of[VERDICT_NOTE], plural(tally.of[VERDICT_NOTE]));
    if (tally.of[VERDICT_ERROR] > 0)
        fprintf(report->stream, ", %zu not to be judged", tally.of[VERDICT_ERROR]);
    fputc('\n', report->stream);
    print_largest(report, result);
}

// The reporter.

static void begin_run(void *argument, const struct result *result)
{
    struct terminal_report *report = argument;
    struct tally tally = result_tally(result, NULL);
    for (size_t i = 0; i < result->scenario_count; i++) {
        const char *name = result->scenarios[i].name;
        size_t wide = name == NULL ? 0 : columns(name, strlen(name));
        if (wide > report->name_width && wide <= NARROWEST)
            report->name_width = wide;
    }
    report->began_ns = now_ns();
    if (report->quiet)
        return;
    fprintf(report->stream, "iscsidsc-tck %s: ", TCK_VERSION);
    print_safe(report, result->implementation);
    fprintf(report->stream, "%s\n%zu scenario%s, %zu checks, effort %s, profile %s%s\n\n",
            result->is_reference ? " (the reference)" : "", result->scenario_count,
            plural(result->scenario_count), tally.planned,
            result->effort == NULL ? "?" : result->effort,
            result->profile == NULL ? "?" : result->profile, result->strict ? ", strict" : "");
    if (result->plan.shard > 0)
        fprintf(report->stream, "Shard %u of %u; `iscsidsc-tck merge` joins their results.\n\n",
                result->plan.shard, result->plan.shard_count);
    fflush(report->stream);
}

// By the checks judged so far; the largest scenarios come last, so that it is a guess, and a low
// one.
static void append_time_left(const struct terminal_report *report, const struct tally *tally,
                             char *text, size_t size)
{
    uint64_t gone = now_ns() - report->began_ns;
    if (tally->judged == 0 || tally->judged >= tally->planned || gone < TIME_LEFT_AFTER_NS)
        return;
    double left =
        (double)gone / 1e9 * (double)(tally->planned - tally->judged) / (double)tally->judged;
    report_append(text, size, ", about %.0f s left", left < 1 ? 1 : left);
}

static void draw_progress(struct terminal_report *report, const struct result *result,
                          const struct scenario_result *scenario, const char *doing,
                          unsigned long long calls)
{
    struct tally tally = result_tally(result, NULL);
    size_t number = (size_t)(scenario - result->scenarios) + 1;
    char text[1024] = "";
    report_append(text, sizeof text, "[%zu/%zu] %s: %s  %zu/%zu checks, %llu calls", number,
                  result->scenario_count, scenario->name == NULL ? "" : scenario->name, doing,
                  tally.judged, tally.planned, calls);
    append_time_left(report, &tally, text, sizeof text);
    char *escaped = report_escape(text, ESCAPE_CONTROLS);
    if (escaped == NULL)
        return;
    // Cut at the width, between characters; the last column stays free, or some terminals go to the
    // next line.
    size_t room = width(report) - 1;
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
    fprintf(report->stream, "\r%.*s\033[K", (int)length, escaped);
    fflush(report->stream);
    free(escaped);
    report->drawn = true;
}

static void progress(void *argument, const struct result *result,
                     const struct scenario_result *scenario, const char *doing,
                     unsigned long long calls)
{
    struct terminal_report *report = argument;
    uint64_t now = now_ns();
    if (!report->terminal || scenario == NULL ||
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

static void print_scenario_word(const struct terminal_report *report,
                                const struct scenario_result *scenario, const struct tally *tally)
{
    const char *word = "ok";
    enum colour colour = GREEN;
    if (!scenario->finished || tally->judged < tally->planned || tally->of[VERDICT_ERROR] > 0) {
        word = "STOP";
        colour = RED;
    } else if (tally->of[VERDICT_FAIL] > 0) {
        word = "FAIL";
        colour = RED;
    } else if (tally->of[VERDICT_WARN] > 0) {
        word = "warn";
        colour = YELLOW;
    } else if (tally->planned > 0 && tally->of[VERDICT_SKIP] == tally->judged) {
        word = "skip"; // nothing of it was tried, which is no success
        colour = YELLOW;
    }
    fprintf(report->stream, "%s%-4s%s ", paint(report, colour), word, plain(report));
}

static void end_scenario(void *argument, const struct result *result,
                         const struct scenario_result *scenario)
{
    struct terminal_report *report = argument;
    struct tally tally = result_tally(result, scenario);
    const char *name = scenario->name == NULL ? "" : scenario->name;
    size_t wide = columns(name, strlen(name));
    if (report->quiet)
        return;
    clear_progress(report);
    print_scenario_word(report, scenario, &tally);
    print_safe(report, name);
    fprintf(report->stream, "%*s  %3zu session%s  ",
            wide < report->name_width ? (int)(report->name_width - wide) : 0, "",
            scenario->session_count, scenario->session_count == 1 ? ", " : "s,");
    if (tally.judged < tally.planned)
        fprintf(report->stream, "%zu of %zu checks: ", tally.judged, tally.planned);
    else
        fprintf(report->stream, "%zu check%s: ", tally.planned, plural(tally.planned));
    print_counts(report, &tally);
    fprintf(report->stream, "%s%llu call%s, ", tally.judged > 0 ? ", " : "", tally.calls,
            plural(tally.calls));
    print_duration(report, scenario->bring_up_ns + scenario->probes_ns);
    fputc('\n', report->stream);
    if (report->verbose && scenario->bring_up_ns > 0) {
        fputs("     ", report->stream);
        print_effort(report, scenario);
    }
    fflush(report->stream);
}

static void end_run(void *argument, const struct result *result)
{
    struct terminal_report *report = argument;
    clear_progress(report);
    if (!result_complete(result))
        fprintf(report->stream, "\n%sThis run was not completed%s: the reason is at the end.\n",
                paint(report, RED), plain(report));
    if (!report->quiet) {
        print_notes(report, result);
        print_skips(report, result);
        print_known(report, result);
        print_blocks(report, result, VERDICT_WARN);
    }
    if (!report->quiet || (result->strict && result_waivers_fail(result)))
        report_regression(report->stream, result, report->colour);
    print_blocks(report, result, VERDICT_ERROR);
    print_blocks(report, result, VERDICT_FAIL);
    print_summary(report, result);
    fflush(report->stream);
}

static void print_calls(void *argument, const struct scenario_result *scenario, const char *calls)
{
    struct terminal_report *report = argument;
    clear_progress(report);
    fputs("\nThe calls in scenario ", report->stream);
    print_safe(report, scenario->name);
    fputs(":\n", report->stream);
    while (*calls != '\0') {
        size_t length = strcspn(calls, "\n");
        char *line = strndup(calls, length);
        print_safe(report, line);
        fputc('\n', report->stream);
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
    report->stream = stream;
    report->terminal = style->terminal && !style->quiet;
    report->colour = style->colour;
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
        .progress = progress,
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
