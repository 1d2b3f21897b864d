// SPDX-License-Identifier: Apache-2.0
// What a terminal report says of checks: failures as blocks; warnings; known deviations, skips and
// notes as lines.
#include "harness/report/terminal_findings.h"

#include "conformance/base/text.h"
#include "conformance/transcript/describe.h"
#include "conformance/transcript/fault_stack.h"
#include "harness/report/check_groups.h"
#include "harness/result/words.h"

#include <stdlib.h>
#include <string.h>

enum {
    PLACES_MAX = 10,    // scenarios named in a list
    CLAUSES_MAX = 12,   // clauses named in a list
    SAID_LINES_MAX = 8, // last lines shown of what the library printed
};

// The line that says what a sanitizer found: what is behind it matters less and less. NULL: none.
static const char *find_report(const char *said)
{
    const char *found = strstr(said, "Sanitizer: ");
    if (found == NULL)
        found = strstr(said, ": runtime error: ");
    while (found != NULL && found > said && found[-1] != '\n')
        found--;
    return found;
}

// The last lines of what the library printed, or the first of a sanitizer's report.
static void print_said(const struct terminal_stream *out, const char *said)
{
    if (said == NULL || said[0] == '\0')
        return;
    const char *from = find_report(said);
    if (from != NULL) {
        size_t length = 0;
        for (size_t lines = 0; from[length] != '\0' && lines < SAID_LINES_MAX; length++)
            lines += from[length] == '\n';
        length -= length > 0 && from[length - 1] == '\n';
        char *head = strndup(from, length);
        terminal_print_label(out, "printed");
        terminal_print_lines(out, head, "| ", 0);
        fputc('\n', out->stream);
        free(head);
        return;
    }
    from = said + strlen(said);
    for (size_t lines = 0; from > said; from--)
        if (from[-1] == '\n' && from[0] != '\0' && ++lines == SAID_LINES_MAX)
            break;
    terminal_print_label(out, "printed");
    terminal_print_lines(out, from, "| ", 0);
    fputc('\n', out->stream);
}

// "single (A, W), many (A) and 3 more scenarios": where the checks of a walk are, but for `but`
// (NULL: all). Nothing is printed where there are none.
static void print_walk(const struct terminal_stream *out, struct check_walk walk, const char *label,
                       const struct check *but)
{
    const struct result *result = walk.result;
    size_t last = SIZE_MAX;
    size_t places = 0;
    for (const struct check *check = check_walk_next(&walk); check != NULL;
         check = check_walk_next(&walk)) {
        if (check == but)
            continue;
        bool more = walk.scenario == last;
        last = walk.scenario;
        places += !more;
        if (places > PLACES_MAX)
            continue;
        if (places == 1 && !more && label != NULL)
            terminal_print_label(out, label);
        if (!more) {
            fputs(places == 1 ? "" : "), ", out->stream);
            terminal_print_safe(out, result->scenarios[walk.scenario].name);
        }
        fprintf(out->stream, "%s%s", more ? ", " : " (", check_charset_name(check->charset));
    }
    if (places > 0)
        fputc(')', out->stream);
    if (places > PLACES_MAX)
        fprintf(out->stream, " and %zu more scenario%s", places - PLACES_MAX,
                plural(places - PLACES_MAX));
    if (places > 0 && label != NULL)
        fputc('\n', out->stream);
}

// The same of the group of `like`.
static void print_places(const struct terminal_stream *out, const struct result *result,
                         const struct check *like, check_same *same)
{
    print_walk(out, check_walk_begin(result, like->verdict.kind, like, same), NULL, NULL);
}

// Where else the clause of `check` fails, listed under no cause.
static void print_also_in(const struct terminal_stream *out, const struct result *result,
                          const struct check *check)
{
    struct check_walk walk = check_walk_part_begin(result, check->verdict.kind, WALK_CAUSES, NULL);
    walk.like = check;
    print_walk(out, walk, "also in", check);
}

// One clause whose failures probably are consequences of `cause`'s: what the first says, and where.
static void print_consequence(const struct terminal_stream *out, const struct check_walk *all,
                              const struct check *check)
{
    struct check_walk walk = check_walk_part_begin(all->result, all->kind, all->part, all->cause);
    walk.like = check;
    fprintf(out->stream, "    %s%s  %s%s  ",
            terminal_paint(out, all->kind == VERDICT_FAIL ? RED : YELLOW),
            all->kind == VERDICT_FAIL ? "FAIL" : "warn", check->clause->id, terminal_plain(out));
    terminal_print_lines(out, check->verdict.got, "", strlen(check->clause->id));
    fputs(": ", out->stream);
    print_walk(out, walk, NULL, NULL);
    fputc('\n', out->stream);
}

// The failures that are listed under the clause.
static void print_consequences(const struct terminal_stream *out, const struct result *result,
                               const struct clause *cause)
{
    static const enum verdict_kind kinds[] = {VERDICT_FAIL, VERDICT_WARN};
    bool first = true;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct check_walk walk = check_walk_part_begin(result, kinds[i], WALK_CONSEQUENCES, cause);
        for (const struct check *check = check_walk_next_group(&walk); check != NULL;
             check = check_walk_next_group(&walk)) {
            if (first)
                fputs("  probably its consequences, which count all the same:\n", out->stream);
            first = false;
            print_consequence(out, &walk, check);
        }
    }
}

// What more there is to say of a failure.
static void print_relations(const struct terminal_stream *out, const struct result *result,
                            size_t scenario, const struct check *check)
{
    char cause[128];
    report_describe_cause(&result->scenarios[scenario], check, cause, sizeof cause);
    terminal_print_field(out, "also", check->verdict.also);
    terminal_print_field(out, "ways", check->verdict.ways);
    terminal_print_field(out, "left out", check->verdict.left_out);
    terminal_print_field(out, "cause", cause);
}

static void print_clauses_of(const struct terminal_stream *out, struct check_walk walk)
{
    size_t count = 0;
    for (const struct check *check = check_walk_next_group(&walk); check != NULL;
         check = check_walk_next_group(&walk)) {
        if (count < CLAUSES_MAX)
            fprintf(out->stream, "%s%s", count == 0 ? "" : ", ", check->clause->id);
        count++;
    }
    if (count > CLAUSES_MAX)
        fprintf(out->stream, " and %zu more", count - CLAUSES_MAX);
}

static bool is_only_consequence(const struct result *result, const struct check *check)
{
    struct check_walk causes =
        check_walk_part_begin(result, check->verdict.kind, WALK_CAUSES, NULL);
    causes.like = check;
    return check_walk_next(&causes) == NULL;
}

void terminal_print_failed(const struct terminal_stream *out, const struct result *result)
{
    struct check_walk walk = check_walk_begin(result, VERDICT_FAIL, NULL, same_clause);
    size_t consequences = 0;
    print_clauses_of(out, check_walk_part_begin(result, VERDICT_FAIL, WALK_CAUSES, NULL));
    for (const struct check *check = check_walk_next_group(&walk); check != NULL;
         check = check_walk_next_group(&walk)) {
        if (!is_only_consequence(result, check))
            continue;
        fprintf(out->stream, "%s%s", consequences == 0 ? "; probably by that, too: " : ", ",
                check->clause->id);
        consequences++;
    }
}

void terminal_print_clauses(const struct terminal_stream *out, const struct result *result,
                            enum verdict_kind kind, const struct check *like, check_same *same)
{
    struct check_walk walk = check_walk_begin(result, kind, like, same);
    size_t count = 0;
    for (const struct check *check = check_walk_next(&walk); check != NULL;
         check = check_walk_next(&walk)) {
        struct check_walk before = check_walk_begin(result, kind, like, same);
        const struct check *earlier = check_walk_next(&before);
        while (earlier != NULL && earlier != check && !same_clause(earlier, check))
            earlier = check_walk_next(&before);
        if (earlier != check)
            continue;
        if (count < CLAUSES_MAX)
            fprintf(out->stream, "%s%s", count == 0 ? "" : ", ", check->clause->id);
        count++;
    }
    if (count > CLAUSES_MAX)
        fprintf(out->stream, " and %zu more", count - CLAUSES_MAX);
}

static void print_repeat(const struct terminal_stream *out, const char *command,
                         const struct scenario_result *scenario, const struct check *check)
{
    if (command == NULL)
        return;
    char *repeat = report_repeat(command, scenario, check);
    char *escaped = repeat == NULL ? NULL : report_escape(repeat, ESCAPE_CONTROLS);
    terminal_print_label(out, "repeat");
    terminal_print_command(out, LABEL_WIDTH, escaped == NULL ? "(out of memory)" : escaped);
    fputc('\n', out->stream);
    free(escaped);
    free(repeat);
}

static void print_heading(const struct terminal_stream *out, const struct check *check,
                          const char *word, enum terminal_colour colour)
{
    fprintf(out->stream, "\n%s%s  %s%s  ", terminal_paint(out, colour), word, check->clause->id,
            terminal_plain(out));
    fputs(terminal_paint(out, BOLD), out->stream);
    size_t taken = strlen(word) + strlen(check->clause->id) + 4;
    terminal_print_lines(out, check->clause->sentence, "",
                         taken > LABEL_WIDTH ? taken - LABEL_WIDTH : 0);
    fprintf(out->stream, "%s\n", terminal_plain(out));
}

static void print_place(const struct terminal_stream *out, const struct scenario_result *scenario,
                        const struct check *check)
{
    terminal_print_label(out, "where");
    fputs("scenario ", out->stream);
    terminal_print_safe(out, scenario->name);
    fprintf(out->stream, ", %s\n",
            check->charset == CHECK_BOTH ? "A and W together" : check_charset_name(check->charset));
}

static void print_call(const struct terminal_stream *out, const struct record *record)
{
    char text[768];
    if (record == NULL)
        return;
    report_describe_call(record, text, sizeof text);
    terminal_print_field(out, "call", text);
    report_describe_outcome(record, text, sizeof text);
    terminal_print_field(out, "outcome", text);
    if (record->source.stack == NULL)
        return;
    char stack[STACK_WORDS_MAX];
    stack_describe(record->source.stack, stack, sizeof stack);
    terminal_print_field(out, "stack", stack);
}

static void print_demand(const struct terminal_stream *out, const struct clause *clause)
{
    terminal_print_label(out, "demand");
    fprintf(out->stream, "%s, %s", level_name(clause->level), basis_name(clause->basis));
    if (clause->source != NULL && clause->source[0] != '\0') {
        fputs(": ", out->stream);
        terminal_print_lines(out, clause->source, "",
                             strlen(level_name(clause->level)) + strlen(basis_name(clause->basis)) +
                                 4);
    }
    fputc('\n', out->stream);
}

// A failure that another profile tolerates.
static void print_tolerance(const struct terminal_stream *out, const struct check *check)
{
    const struct deviation *known = check_deviation(check, NULL);
    char text[1024] = "";
    if (known == NULL)
        return;
    report_append(text, sizeof text, "%s (%s); --profile %s tolerates it", known->what,
                  known->source, known->profile);
    terminal_print_field(out, "known", text);
}

// A failure (or a check that could not be judged) with all that there is to say.
static void print_full_block(const struct terminal_stream *out, const struct result *result,
                             size_t scenario, const struct check *check, const char *command)
{
    const struct scenario_result *where = &result->scenarios[scenario];
    bool failed = check->verdict.kind == VERDICT_FAIL;
    print_heading(out, check, failed ? "FAIL" : "ERROR", RED);
    print_place(out, where, check);
    print_call(out, check->verdict.record);
    terminal_print_field(out, "got", check->verdict.got);
    terminal_print_field(out, "expected", check->verdict.expected);
    if (check->verdict.record != NULL)
        print_said(out, check->verdict.record->said);
    print_demand(out, check->clause);
    print_tolerance(out, check);
    print_relations(out, result, scenario, check);
    print_repeat(out, command, where, check);
    print_also_in(out, result, check);
    print_consequences(out, result, check->clause);
}

static void print_warning(const struct terminal_stream *out, const struct result *result,
                          size_t scenario, const struct check *check, const char *command)
{
    print_heading(out, check, "warn", YELLOW);
    print_place(out, &result->scenarios[scenario], check);
    terminal_print_field(out, "got", check->verdict.got);
    terminal_print_field(out, "expected", check->verdict.expected);
    print_relations(out, result, scenario, check);
    print_repeat(out, command, &result->scenarios[scenario], check);
    print_also_in(out, result, check);
    print_consequences(out, result, check->clause);
}

void terminal_print_blocks(const struct terminal_stream *out, const struct result *result,
                           enum verdict_kind kind, const char *command)
{
    struct check_walk walk = check_walk_part_begin(result, kind, WALK_CAUSES, NULL);
    for (const struct check *check = check_walk_next_group(&walk); check != NULL;
         check = check_walk_next_group(&walk)) {
        if (kind == VERDICT_WARN)
            print_warning(out, result, walk.scenario, check, command);
        else
            print_full_block(out, result, walk.scenario, check, command);
    }
}

void terminal_print_known(const struct terminal_stream *out, const struct result *result)
{
    struct check_walk walk = check_walk_begin(result, VERDICT_KNOWN, NULL, same_deviation);
    bool first = true;
    for (const struct check *check = check_walk_next_group(&walk); check != NULL;
         check = check_walk_next_group(&walk)) {
        const struct deviation *known = check_deviation(check, result->profile);
        fprintf(out->stream, "%s%sknown%s %-12s ", first ? "\n" : "", terminal_paint(out, CYAN),
                terminal_plain(out), check->clause->id);
        if (check->excuse.text != NULL)
            known = NULL;
        if (check->excuse.text != NULL)
            terminal_print_safe(out, check->excuse.text);
        else
            terminal_print_safe(out, known == NULL ? check->verdict.got : known->what);
        if (known != NULL) {
            fputs(" (", out->stream);
            terminal_print_safe(out, known->source);
            fputc(')', out->stream);
        }
        fputs(": ", out->stream);
        print_places(out, result, check, same_deviation);
        fputc('\n', out->stream);
        first = false;
    }
}

void terminal_print_skips(const struct terminal_stream *out, const struct result *result)
{
    struct check_walk walk = check_walk_begin(result, VERDICT_SKIP, NULL, same_reason);
    bool first = true;
    for (const struct check *check = check_walk_next_group(&walk); check != NULL;
         check = check_walk_next_group(&walk)) {
        fprintf(out->stream, "%s%sskip%s  %zu x ", first ? "\n" : "", terminal_paint(out, CYAN),
                terminal_plain(out), check_group_size(result, check, same_reason));
        terminal_print_safe(out, check->verdict.got[0] == '\0' ? "no reason was given"
                                                               : check->verdict.got);
        if (check->verdict.blocked_by != NULL)
            fprintf(out->stream, " (blocked by %s)", check->verdict.blocked_by);
        fputs(": ", out->stream);
        terminal_print_clauses(out, result, VERDICT_SKIP, check, same_reason);
        fputc('\n', out->stream);
        first = false;
    }
}

void terminal_print_notes(const struct terminal_stream *out, const struct result *result)
{
    struct check_walk walk = check_walk_begin(result, VERDICT_NOTE, NULL, same_clause);
    bool first = true;
    for (const struct check *check = check_walk_next_group(&walk); check != NULL;
         check = check_walk_next_group(&walk)) {
        size_t different = check_count_notes(result, check);
        fprintf(out->stream, "%s%snote%s  %-12s ", first ? "\n" : "", terminal_paint(out, CYAN),
                terminal_plain(out), check->clause->id);
        terminal_print_safe(out, check->verdict.got);
        if (different > 1)
            fprintf(out->stream, " (in %zu of %zu checks; --json keeps the %zu other answer%s)",
                    check_group_size(result, check, same_note),
                    check_group_size(result, check, same_clause), different - 1,
                    plural(different - 1));
        fputc('\n', out->stream);
        first = false;
    }
}

// Is it the first check, or with `of_clause` the first of its clause, that leaves out what it does?
static bool is_first_to_leave_out(const struct result *result, const struct check *check,
                                  bool of_clause)
{
    for (size_t i = 0; i < result->scenario_count; i++)
        for (size_t j = 0; j < result->scenarios[i].check_count; j++) {
            const struct check *other = &result->scenarios[i].checks[j];
            if (other == check)
                return true;
            if (other->judged && (!of_clause || other->clause == check->clause) &&
                strcmp(other->verdict.left_out, check->verdict.left_out) == 0)
                return false;
        }
    return true;
}

// Prints the clauses that left out `what`.
static void print_left_out(const struct terminal_stream *out, const struct result *result,
                           const char *what)
{
    size_t count = 0;
    fprintf(out->stream, "%snote%s  compared without ", terminal_paint(out, CYAN),
            terminal_plain(out));
    terminal_print_safe(out, what);
    fputs(", wrong or tolerated already while nothing changes: ", out->stream);
    for (size_t i = 0; i < result->scenario_count; i++)
        for (size_t j = 0; j < result->scenarios[i].check_count; j++) {
            const struct check *check = &result->scenarios[i].checks[j];
            if (check->judged && strcmp(check->verdict.left_out, what) == 0 &&
                is_first_to_leave_out(result, check, true))
                fprintf(out->stream, "%s%s", count++ == 0 ? "" : ", ", check->clause->id);
        }
    fputc('\n', out->stream);
}

void terminal_print_left_out(const struct terminal_stream *out, const struct result *result)
{
    bool first = true;
    for (size_t i = 0; i < result->scenario_count; i++)
        for (size_t j = 0; j < result->scenarios[i].check_count; j++) {
            const struct check *check = &result->scenarios[i].checks[j];
            if (!check->judged || check->verdict.left_out[0] == '\0' ||
                !is_first_to_leave_out(result, check, false))
                continue;
            fputs(first ? "\n" : "", out->stream);
            print_left_out(out, result, check->verdict.left_out);
            first = false;
        }
}
