// SPDX-License-Identifier: Apache-2.0
// A result in words, as all reports say it.
#include "harness/result/words.h"

#include "conformance/base/text.h"
#include "conformance/clauses/groups.h"
#include "conformance/transcript/transcript.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *report_verdict_name(const struct result *result)
{
    switch (result_exit_status(result)) {
    case STATUS_HELD:
        return "held";
    case STATUS_BROKEN:
        return "broken";
    case STATUS_USAGE:
        return "usage";
    case STATUS_UNTRUSTED:
        return "untrusted";
    default:
        return "interrupted";
    }
}

static void append_line(char *text, size_t size)
{
    if (text[0] != '\0')
        report_append(text, size, "\n");
}

static void append_unfinished(const struct result *result, char *text, size_t size)
{
    enum { NAMES_MAX = 8 };
    size_t count = 0;
    for (size_t i = 0; i < result->scenario_count; i++) {
        if (result->scenarios[i].finished)
            continue;
        const char *name = result->scenarios[i].name;
        if (count == 0)
            append_line(text, size);
        if (count < NAMES_MAX)
            report_append(text, size, "%s%s", count == 0 ? "not finished: " : ", ",
                          name == NULL ? "(without a name)" : name);
        count++;
    }
    if (count > NAMES_MAX)
        report_append(text, size, " and %zu more", count - NAMES_MAX);
}

static const char *const failed_names[] = {
    [FAILURE_OF_KIT] = "kit",
    [FAILURE_OF_IMPLEMENTATION] = "implementation",
    [FAILURE_OF_EMULATOR] = "emulator",
    [FAILURE_OF_LOGIN] = "login",
};

static const char *const failed_words[] = {
    [FAILURE_OF_KIT] = "",
    [FAILURE_OF_IMPLEMENTATION] = "the implementation could not be loaded: ",
    [FAILURE_OF_EMULATOR] = "the emulator failed: ",
    [FAILURE_OF_LOGIN] = "the implementation did not log in or out: ",
};

const char *report_failure_of_name(const struct failure *failure)
{
    return failed_names[failure->of];
}

enum failure_of report_failure_of(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof failed_names / sizeof *failed_names; i++)
        if (strcmp(name, failed_names[i]) == 0)
            return (enum failure_of)i;
    return FAILURE_OF_KIT;
}

void report_describe_doubts(const struct result *result, char *text, size_t size)
{
    if (size == 0)
        return;
    text[0] = '\0';
    if (result_exit_status(result) != STATUS_UNTRUSTED && result_complete(result))
        return;
    struct tally tally = result_tally(result, NULL);
    if (result->failure.status != 0)
        report_append(text, size, "%s%s", failed_words[result->failure.of],
                      result->failure.text[0] == '\0' ? "stopped without a reason given"
                                                      : result->failure.text);
    append_unfinished(result, text, size);
    if (tally.planned == 0 && result->failure.status == 0) {
        append_line(text, size);
        report_append(text, size, "no check was planned: no clause fits what was asked for");
    }
    if (tally_done(&tally) < tally.planned) {
        append_line(text, size);
        report_append(text, size, "%zu of %zu planned checks were not judged",
                      tally.planned - tally_done(&tally), tally.planned);
    }
    if (result_all_skipped(result, &tally)) {
        append_line(text, size);
        report_append(text, size, "no check was judged: every one of them was skipped");
    }
    if (tally.needed > 0) {
        append_line(text, size);
        report_append(
            text, size,
            "%zu check%s that must hold could not be judged: calls were not made, or gave "
            "nothing to judge",
            tally.needed, tally.needed == 1 ? "" : "s");
    }
    if (tally.of[VERDICT_ERROR] > 0) {
        append_line(text, size);
        report_append(text, size, "%zu check%s could not be judged (error)",
                      tally.of[VERDICT_ERROR], tally.of[VERDICT_ERROR] == 1 ? "" : "s");
    }
}

void report_describe_check(const struct check *check, char *text, size_t size)
{
    const struct verdict *verdict = &check->verdict;
    const char *excused = "";
    if (check->excuse.kind != EXCUSE_NONE)
        excused = check->excuse.kind == EXCUSE_WAIVER ? " (waived)" : " (from a baseline)";
    if (check->judged)
        snprintf(text, size, "%s%s%s%s", verdict_kind_name(verdict->kind), excused,
                 verdict->got[0] != '\0' ? ": " : "", verdict->got);
    else
        snprintf(text, size, "not judged");
}

void report_describe_cause(const struct scenario_result *scenario, const struct check *check,
                           char *text, size_t size)
{
    const struct check *cause = check_cause(scenario, check);
    const char *id = check->judged ? check->verdict.consequence_of : NULL;
    bool counts = check->verdict.kind == VERDICT_FAIL || check->verdict.kind == VERDICT_WARN;
    text[0] = '\0';
    if (cause != NULL)
        snprintf(text, size, "%s (%s)", id, check_charset_name(cause->charset));
    else if (id != NULL && counts)
        snprintf(text, size, "%s, which is known", id);
}

void report_describe_consequences(const struct scenario_result *scenario, const struct check *check,
                                  char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; i < scenario->check_count; i++) {
        const struct check *other = &scenario->checks[i];
        if (check_cause(scenario, other) == check)
            report_append(text, size, "%s%s (%s)", text[0] == '\0' ? "" : ", ", other->clause->id,
                          check_charset_name(other->charset));
    }
}

// The argument of -s: the name of a scenario that ships (its file is scenarios/NAME.yaml), else its
// path.
static const char *scenario_argument(const struct scenario_result *scenario)
{
    const char *path = scenario->path;
    const char *name = scenario->name == NULL ? "" : scenario->name;
    if (path == NULL || path[0] == '\0')
        return name;
    char shipped[512];
    int length = snprintf(shipped, sizeof shipped, "scenarios/%s.yaml", name);
    size_t path_length = strlen(path);
    if (length < 0 || (size_t)length >= sizeof shipped || path_length < (size_t)length)
        return path;
    const char *tail = path + (path_length - (size_t)length);
    return strcmp(tail, shipped) == 0 && (tail == path || tail[-1] == '/') ? name : path;
}

// The first clause that has the set called, of the same function as the check; NULL where there is
// none.
static const struct clause *clause_calling(const char *set, const struct check *check)
{
    for (size_t i = 0; clause_groups[i] != NULL; i++)
        for (size_t j = 0; j < clause_groups[i]->count; j++)
            if (clause_calls_set(&clause_groups[i]->clauses[j], set) &&
                clause_groups[i]->clauses[j].family == check->clause->family)
                return &clause_groups[i]->clauses[j];
    return NULL;
}

// The clause that has to be judged too, so that the call at fault is made again; NULL: none.
static const struct clause *companion_of(const struct check *check)
{
    const struct record *record = check->verdict.record;
    if (record == NULL || record->probe_set == NULL ||
        clause_calls_set(check->clause, record->probe_set))
        return NULL;
    return clause_calling(record->probe_set, check);
}

char *report_repeat(const char *command, const struct scenario_result *scenario,
                    const struct check *check)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return NULL;
    fprintf(stream, "%s -s ", command);
    print_shell_word(stream, scenario_argument(scenario));
    fprintf(stream, " -c %s", check->clause->id);
    const struct clause *companion = companion_of(check);
    if (companion != NULL)
        fprintf(stream, " -c %s", companion->id);
    return text_close(stream, &text) ? text : NULL;
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

void report_describe_left_out(const struct result *result, char *text, size_t size)
{
    const struct left_out *left_out = &result->plan.left_out;
    const char *way = result->login.way;
    text[0] = '\0';
    if (way != NULL && strcmp(way, login_way_name(LOGIN_RECORDED)) == 0)
        report_append(text, size, "offline, with recorded sessions that can't change");
    if (left_out->clauses > 0 || left_out->scenarios > 0)
        report_append(text, size, "%sleft out: ", text[0] != '\0' ? "; " : "");
    if (left_out->clauses > 0)
        report_append(text, size, "%zu clause%s", left_out->clauses, plural(left_out->clauses));
    if (left_out->scenarios > 0)
        report_append(text, size, "%s%zu scenario%s", left_out->clauses > 0 ? ", " : "",
                      left_out->scenarios, plural(left_out->scenarios));
    if (left_out->unsuited > 0)
        report_append(text, size, "%sno scenario here has what %zu clause%s need%s",
                      text[0] != '\0' ? "; " : "", left_out->unsuited, plural(left_out->unsuited),
                      left_out->unsuited == 1 ? "s" : "");
    if (left_out->impossible > 0)
        report_append(text, size, "%sthe login can't bring up %zu scenario%s",
                      text[0] != '\0' ? "; " : "", left_out->impossible,
                      plural(left_out->impossible));
}

bool report_same_text(const char *one, const char *other)
{
    return one == other || (one != NULL && other != NULL && strcmp(one, other) == 0);
}
