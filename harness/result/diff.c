// SPDX-License-Identifier: Apache-2.0
// Compares two results, check by check and observation by observation.
#include "harness/result/diff.h"

#include "conformance/base/text.h"
#include "harness/result/words.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Stores what became of a check that is in both results. False: it is as it was.
static bool compare_checks(const struct check *before, const struct check *after,
                           enum difference_kind *kind)
{
    if (check_failing(after)) {
        *kind = check_failed_alike(before, after) ? DIFFERENCE_KNOWN : DIFFERENCE_NEW;
        return true;
    }
    enum verdict_kind now = after->verdict.kind;
    if (verdict_unjudged(&after->verdict)) {
        *kind = DIFFERENCE_NEW;
        return before->judged && !verdict_unjudged(&before->verdict);
    }
    if (now == VERDICT_SKIP || now == VERDICT_ERROR) {
        *kind = DIFFERENCE_GONE;
        return before->judged && before->verdict.kind != now;
    }
    if (check_failing(before)) {
        *kind = now == VERDICT_PASS || now == VERDICT_NOTE ? DIFFERENCE_FIXED : DIFFERENCE_CHANGED;
        return true;
    }
    *kind = DIFFERENCE_CHANGED;
    // Some clauses hold in several ways, and the verdict says in which: the order of TSID, the
    // meaning of *SessionCount.
    return before->verdict.kind != now || ((now == VERDICT_NOTE || now == VERDICT_PASS) &&
                                           strcmp(before->verdict.got, after->verdict.got) != 0);
}

static int add_check(struct diff *diff, const char *scenario, const struct check *before,
                     const struct check *after)
{
    char old[REPORT_CHECK_SIZE];
    char new[REPORT_CHECK_SIZE];
    enum difference_kind kind = DIFFERENCE_GONE;
    bool had = before != NULL && before->judged;
    bool has = after != NULL && after->judged;
    if (!had && !has)
        return 0;
    if (had && has && !compare_checks(before, after, &kind))
        return 0;
    if (!had)
        kind = check_failing(after) ? DIFFERENCE_NEW : DIFFERENCE_ADDED;
    if (had)
        report_describe_check(before, old, sizeof old);
    if (has)
        report_describe_check(after, new, sizeof new);
    const struct check *one = after != NULL ? after : before;
    return diff_add(diff, kind, scenario, one->clause->id, check_charset_name(one->charset),
                    had ? old : NULL, has ? new : NULL);
}

static int add_size(struct diff *diff, const char *scenario, const char *subject,
                    const char *charset, bool had, uint32_t before, bool has, uint32_t after)
{
    char old[32];
    char new[32];
    if (!had || !has || before == after)
        return 0; // a size that is missing in one fails some clause
    snprintf(old, sizeof old, "%" PRIu32 " bytes", before);
    snprintf(new, sizeof new, "%" PRIu32 " bytes", after);
    return diff_add(diff, DIFFERENCE_CHANGED, scenario, subject, charset, old, new);
}

static int add_observed(struct diff *diff, const struct scenario_result *before,
                        const struct scenario_result *after)
{
    for (int charset = CHARSET_A; charset <= CHARSET_W; charset++) {
        const struct observation *old = &before->observed[charset];
        const struct observation *new = &after->observed[charset];
        const char *name = charset == CHARSET_A ? "A" : "W";
        if (add_size(diff, after->name, "required size", name, old->has_required, old->required,
                     new->has_required, new->required) != 0 ||
            add_size(diff, after->name, "returned size", name, old->has_returned, old->returned,
                     new->has_returned, new->returned) != 0)
            return -1;
    }
    return 0;
}

static int add_scenario(struct diff *diff, const struct scenario_result *before,
                        const struct scenario_result *after)
{
    for (size_t i = 0; i < after->check_count; i++)
        if (add_check(diff, after->name, check_find_in(before, &after->checks[i]),
                      &after->checks[i]) != 0)
            return -1;
    return before == NULL ? 0 : add_observed(diff, before, after);
}

// Is the scenario in the plan, for another shard?
static bool elsewhere(const struct result *result, const char *scenario)
{
    for (size_t i = 0; i < result->plan.count; i++)
        if (strcmp(result->plan.entries[i].scenario, scenario) == 0)
            return result->plan.entries[i].shard != result->plan.shard;
    return false;
}

static int add_gone(struct diff *diff, const struct result *before, const struct result *after)
{
    for (size_t i = 0; i < before->scenario_count; i++) {
        const struct scenario_result *old = &before->scenarios[i];
        const struct scenario_result *new = scenario_result_find(after, old->name);
        if (new == NULL && elsewhere(after, old->name))
            continue;
        for (size_t j = 0; j < old->check_count; j++)
            if (check_find_in(new, &old->checks[j]) == NULL &&
                add_check(diff, old->name, &old->checks[j], NULL) != 0)
                return -1;
    }
    return 0;
}

// ---- What makes the comparison less than fair

__attribute__((format(printf, 2, 3))) static void remark(FILE *stream, const char *format, ...)
{
    if (ftell(stream) > 0)
        fputc('\n', stream);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stream, format, arguments);
    va_end(arguments);
}

static const char *or_unknown(const char *text)
{
    return text == NULL || text[0] == '\0' ? "unknown" : text;
}

static void remark_text(FILE *stream, const char *what, const char *before, const char *after)
{
    if (strcmp(or_unknown(before), or_unknown(after)) != 0)
        remark(stream, "the %s differs: %s before, %s now", what, or_unknown(before),
               or_unknown(after));
}

static const char *version_of(const struct result *result)
{
    return result->kit_version[0] == '\0' ? TCK_VERSION : result->kit_version;
}

static void remark_all(FILE *stream, const struct result *before, const struct result *after)
{
    remark_text(stream, "kit's version", version_of(before), version_of(after));
    remark_text(stream, "profile", before->profile, after->profile);
    remark_text(stream, "effort", before->effort, after->effort);
    if (before->strict != after->strict)
        remark(stream, "should clauses count as must %s only", before->strict ? "before" : "now");
    if (!result_complete(before))
        remark(stream, "the earlier run can't be trusted");
    if (!result_complete(after))
        remark(stream, "the later run can't be trusted");
    for (size_t i = 0; i < after->scenario_count; i++) {
        const struct scenario_result *new = &after->scenarios[i];
        const struct scenario_result *old = scenario_result_find(before, new->name);
        if (old != NULL && strcmp(or_unknown(old->digest), or_unknown(new->digest)) != 0)
            remark(stream, "the file of scenario %s is another one", new->name);
    }
}

static int make_remarks(struct diff *diff, const struct result *before, const struct result *after)
{
    size_t size = 0;
    FILE *stream = open_memstream(&diff->remarks, &size);
    if (stream == NULL)
        return -1;
    remark_all(stream, before, after);
    if (!text_close(stream, &diff->remarks))
        return -1;
    if (size == 0) {
        free(diff->remarks);
        diff->remarks = NULL;
    }
    return 0;
}

int diff_make(struct diff *diff, const struct result *before, const struct result *after)
{
    *diff = (struct diff){0};
    for (size_t i = 0; i < after->scenario_count; i++)
        if (add_scenario(diff, scenario_result_find(before, after->scenarios[i].name),
                         &after->scenarios[i]) != 0)
            goto failed;
    if (add_gone(diff, before, after) != 0 || make_remarks(diff, before, after) != 0 ||
        diff_sort(diff) != 0)
        goto failed;
    return 0;
failed:
    diff_free(diff);
    return -1;
}
