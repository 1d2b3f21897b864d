// SPDX-License-Identifier: Apache-2.0
// The TAP report (Test Anything Protocol, version 14): a scenario is a subtest, a check a test
// point.
#include "harness/report/tap.h"

#include "conformance/base/text.h"
#include "conformance/transcript/describe.h"
#include "conformance/transcript/fault_stack.h"
#include "harness/report/report_file.h"
#include "harness/result/words.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

// Prints a description or the reason of a directive, with '#' and '\' escaped, which mean something
// in TAP, and on one line, as a test point must be.
static int print_text(FILE *stream, const char *text)
{
    char *escaped = report_escape(text, ESCAPE_CONTROLS);
    if (escaped == NULL)
        return -1;
    for (const char *at = escaped; *at != '\0'; at++) {
        if (*at == '#' || *at == '\\')
            fputc('\\', stream);
        fputc(*at, stream);
    }
    free(escaped);
    return 0;
}

// Prints a member of a YAML block, quoted as a JSON string, which YAML reads.
static int print_member(FILE *stream, const char *name, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return 0;
    char *escaped = report_escape(text, ESCAPE_CONTROLS);
    json_t *value = escaped == NULL ? NULL : json_string(escaped);
    free(escaped);
    char *quoted = value == NULL ? NULL : json_dumps(value, JSON_ENCODE_ANY);
    json_decref(value);
    if (quoted == NULL)
        return -1;
    fprintf(stream, "      %s: %s\n", name, quoted);
    free(quoted);
    return 0;
}

static int print_evidence(FILE *stream, const struct record *record)
{
    char call[512];
    char outcome[768];
    if (record == NULL)
        return 0;
    report_describe_call(record, call, sizeof call);
    report_describe_outcome(record, outcome, sizeof outcome);
    char stack[STACK_WORDS_MAX] = "";
    if (record->source.stack != NULL)
        stack_describe(record->source.stack, stack, sizeof stack);
    if (print_member(stream, "call", call) != 0 || print_member(stream, "outcome", outcome) != 0 ||
        print_member(stream, "stack", stack) != 0)
        return -1;
    return print_member(stream, "printed", record->said);
}

static int print_relations(FILE *stream, const struct scenario_result *scenario,
                           const struct check *check)
{
    char cause[128];
    char consequences[1024];
    report_describe_cause(scenario, check, cause, sizeof cause);
    report_describe_consequences(scenario, check, consequences, sizeof consequences);
    if (print_member(stream, "also", check->verdict.also) != 0 ||
        print_member(stream, "ways", check->verdict.ways) != 0 ||
        print_member(stream, "left_out", check->verdict.left_out) != 0 ||
        print_member(stream, "probable_cause", cause) != 0)
        return -1;
    return print_member(stream, "probable_consequences", consequences);
}

static int print_diagnostic(FILE *stream, const struct scenario_result *scenario,
                            const struct check *check)
{
    const struct verdict *verdict = &check->verdict;
    fprintf(stream, "      ---\n");
    if (print_member(stream, "verdict",
                     check->judged ? verdict_kind_name(verdict->kind) : "not judged") != 0 ||
        print_member(stream, "level", level_name(check->clause->level)) != 0 ||
        print_member(stream, "basis", basis_name(check->clause->basis)) != 0)
        return -1;
    if (check->judged && (print_evidence(stream, verdict->record) != 0 ||
                          print_member(stream, "got", verdict->got) != 0 ||
                          print_member(stream, "expected", verdict->expected) != 0 ||
                          print_member(stream, "deviation", verdict->deviation) != 0 ||
                          print_relations(stream, scenario, check) != 0))
        return -1;
    if (print_member(stream, "source", check->clause->source) != 0)
        return -1;
    fprintf(stream, "      ...\n");
    return 0;
}

// Prints the directive behind the description: "# SKIP reason".
static int print_directive(FILE *stream, const struct check *check, const char *profile)
{
    const struct verdict *verdict = &check->verdict;
    const struct deviation *known = check_deviation(check, profile);
    if (verdict->kind != VERDICT_SKIP && verdict->kind != VERDICT_KNOWN)
        return 0;
    fprintf(stream, " # SKIP %s", verdict->kind == VERDICT_KNOWN ? "known: " : "");
    if (verdict->kind == VERDICT_KNOWN && check->excuse.text != NULL)
        return print_text(stream, check->excuse.text);
    if (verdict->kind == VERDICT_KNOWN && known != NULL) {
        if (print_text(stream, known->what) != 0)
            return -1;
        fprintf(stream, " (");
        if (print_text(stream, known->source) != 0)
            return -1;
        fprintf(stream, ")");
        return 0;
    }
    if (print_text(stream, verdict->got[0] != '\0' ? verdict->got : "no reason was given") != 0)
        return -1;
    if (verdict->blocked_by != NULL)
        fprintf(stream, " (blocked by %s)", verdict->blocked_by);
    return 0;
}

static int print_note(FILE *stream, const char *name, const char *text)
{
    fprintf(stream, "    # %s: ", name);
    if (print_text(stream, text) != 0)
        return -1;
    fputc('\n', stream);
    return 0;
}

static bool holds(const struct check *check)
{
    return check->judged && check->verdict.kind != VERDICT_FAIL &&
           check->verdict.kind != VERDICT_ERROR;
}

static int print_check(FILE *stream, const struct scenario_result *scenario, size_t index,
                       const char *profile)
{
    const struct check *check = &scenario->checks[index];
    fprintf(stream, "    %s %zu - %s (%s): ", holds(check) ? "ok" : "not ok", index + 1,
            check->clause->id, check_charset_name(check->charset));
    if (print_text(stream, check->clause->sentence) != 0 ||
        (check->judged && print_directive(stream, check, profile) != 0))
        return -1;
    fputc('\n', stream);
    if (!holds(check) || check->verdict.kind == VERDICT_WARN)
        return print_diagnostic(stream, scenario, check);
    if (check->verdict.kind == VERDICT_NOTE)
        return print_note(stream, "note", check->verdict.got);
    if (check->verdict.left_out[0] != '\0')
        return print_note(stream, "left out", check->verdict.left_out);
    return 0;
}

static int print_scenario(FILE *stream, const struct result *result, size_t index)
{
    const struct scenario_result *scenario = &result->scenarios[index];
    const char *name = scenario->name == NULL ? "(without a name)" : scenario->name;
    bool held = scenario->finished;
    fprintf(stream, "# Subtest: ");
    if (print_text(stream, name) != 0)
        return -1;
    if (scenario->check_count == 0)
        fprintf(stream, "\n    1..0 # SKIP no clause applies\n");
    else
        fprintf(stream, "\n    1..%zu\n", scenario->check_count);
    for (size_t i = 0; i < scenario->check_count; i++) {
        held = held && holds(&scenario->checks[i]);
        if (print_check(stream, scenario, i, result->profile) != 0)
            return -1;
    }
    fprintf(stream, "%s %zu - ", held ? "ok" : "not ok", index + 1);
    if (print_text(stream, name) != 0)
        return -1;
    fputc('\n', stream);
    return 0;
}

// A bail out has one line for all reasons.
static int print_bail_out(FILE *stream, const struct result *result)
{
    char doubts[8192];
    report_describe_doubts(result, doubts, sizeof doubts);
    for (char *at = doubts; *at != '\0'; at++)
        if (*at == '\n')
            *at = ' ';
    fprintf(stream, "Bail out! ");
    if (print_text(stream, doubts) != 0)
        return -1;
    fputc('\n', stream);
    return 0;
}

static int write_tap(FILE *stream, const struct result *result)
{
    fprintf(stream, "TAP version 13\n1..%zu", result->scenario_count);
    fprintf(stream, "%s\n", result->scenario_count == 0 ? " # SKIP no scenario was planned" : "");
    for (size_t i = 0; i < result->scenario_count; i++)
        if (print_scenario(stream, result, i) != 0)
            return -1;
    bool doubtful = !result_complete(result) || result_exit_status(result) == STATUS_UNTRUSTED;
    return doubtful ? print_bail_out(stream, result) : 0;
}

int report_tap_write(const struct result *result, const char *path, struct failure *failure)
{
    return report_write(path, write_tap, result, failure);
}
