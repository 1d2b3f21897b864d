// Compares results, check by check and observation by observation.
#include "harness/result/diff.h"

#include "conformance/base/json.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_SIZE = 1200 }; // a verdict and what was got, in words

static const char *const kind_names[DIFFERENCE_KINDS] = {
    [DIFFERENCE_NEW] = "new",         [DIFFERENCE_FIXED] = "fixed", [DIFFERENCE_KNOWN] = "known",
    [DIFFERENCE_CHANGED] = "changed", [DIFFERENCE_GONE] = "gone",   [DIFFERENCE_ADDED] = "added",
};

const char *difference_name(enum difference_kind kind)
{
    return (unsigned)kind < DIFFERENCE_KINDS ? kind_names[kind] : "?";
}

bool check_failing(const struct check *check)
{
    return check->judged &&
           (check->verdict.kind == VERDICT_FAIL ||
            (check->verdict.kind == VERDICT_KNOWN && check->excuse.kind == EXCUSE_BASELINE));
}

const struct scenario_result *scenario_result_find(const struct result *result, const char *name)
{
    for (size_t i = 0; i < result->scenario_count; i++)
        if (name != NULL && result->scenarios[i].name != NULL &&
            strcmp(result->scenarios[i].name, name) == 0)
            return &result->scenarios[i];
    return NULL;
}

static const struct check *find_in(const struct scenario_result *scenario, const struct check *like)
{
    for (size_t i = 0; scenario != NULL && i < scenario->check_count; i++) {
        const struct check *check = &scenario->checks[i];
        if (check->charset == like->charset && strcmp(check->clause->id, like->clause->id) == 0)
            return check;
    }
    return NULL;
}

const struct check *check_find(const struct result *result, const char *scenario,
                               const struct check *like)
{
    return find_in(scenario_result_find(result, scenario), like);
}

// ---- Words

static char *copy(const char *text)
{
    return text == NULL ? NULL : strdup(text);
}

// "fail: insufficient at 312 bytes", "pass".
static void describe_check(const struct check *check, char text[static ANSWER_SIZE])
{
    if (!check->judged) {
        snprintf(text, ANSWER_SIZE, "not judged");
        return;
    }
    const struct verdict *verdict = &check->verdict;
    bool excused = check->excuse.kind != EXCUSE_NONE;
    snprintf(text, ANSWER_SIZE, "%s%s%s%s", verdict_kind_name(verdict->kind),
             excused ? (check->excuse.kind == EXCUSE_WAIVER ? " (waived)" : " (from a baseline)")
                     : "",
             verdict->got[0] != '\0' ? ": " : "", verdict->got);
}

// ---- Two results

// Takes over `before` and `after`. 0, or -1 when memory ran out.
static int add(struct diff *diff, enum difference_kind kind, const char *scenario,
               const char *subject, const char *charset, const char *before, const char *after)
{
    struct difference *grown = reallocarray(diff->items, diff->count + 1, sizeof *grown);
    if (grown == NULL)
        return -1;
    diff->items = grown;
    struct difference *item = &diff->items[diff->count++];
    *item = (struct difference){
        .kind = kind,
        .scenario = copy(scenario),
        .subject = copy(subject),
        .charset = copy(charset),
        .before = copy(before),
        .after = copy(after),
    };
    diff->of[kind]++;
    bool complete = item->scenario != NULL && item->subject != NULL &&
                    (charset == NULL || item->charset != NULL) &&
                    (before == NULL || item->before != NULL) &&
                    (after == NULL || item->after != NULL);
    return complete ? 0 : -1;
}

// What became of a check that is in both results; false: it is as it was.
static bool compare_checks(const struct check *before, const struct check *after,
                           enum difference_kind *kind)
{
    if (check_failing(after)) {
        *kind = check_failing(before) ? DIFFERENCE_KNOWN : DIFFERENCE_NEW;
        return true;
    }
    enum verdict_kind now = after->verdict.kind;
    if (now == VERDICT_SKIP || now == VERDICT_ERROR) {
        *kind = DIFFERENCE_GONE;
        return before->judged && before->verdict.kind != now;
    }
    if (check_failing(before)) {
        *kind = now == VERDICT_PASS || now == VERDICT_NOTE ? DIFFERENCE_FIXED : DIFFERENCE_CHANGED;
        return true;
    }
    *kind = DIFFERENCE_CHANGED;
    // What holds may hold in several ways, and says which: the order of TSID, what *SessionCount
    // means.
    return before->verdict.kind != now || ((now == VERDICT_NOTE || now == VERDICT_PASS) &&
                                           strcmp(before->verdict.got, after->verdict.got) != 0);
}

static int add_check(struct diff *diff, const char *scenario, const struct check *before,
                     const struct check *after)
{
    char old[ANSWER_SIZE];
    char new[ANSWER_SIZE];
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
        describe_check(before, old);
    if (has)
        describe_check(after, new);
    const struct check *one = after != NULL ? after : before;
    return add(diff, kind, scenario, one->clause->id, check_charset_name(one->charset),
               had ? old : NULL, has ? new : NULL);
}

static int add_size(struct diff *diff, const char *scenario, const char *subject,
                    const char *charset, bool had, uint32_t before, bool has, uint32_t after)
{
    char old[32];
    char new[32];
    if (!had || !has || before == after)
        return 0; // what can't be seen any more is a clause's matter
    snprintf(old, sizeof old, "%" PRIu32 " bytes", before);
    snprintf(new, sizeof new, "%" PRIu32 " bytes", after);
    return add(diff, DIFFERENCE_CHANGED, scenario, subject, charset, old, new);
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
        if (add_check(diff, after->name, find_in(before, &after->checks[i]), &after->checks[i]) !=
            0)
            return -1;
    return before == NULL ? 0 : add_observed(diff, before, after);
}

// Is the scenario another shard's, so that it isn't missed here?
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
            if (find_in(new, &old->checks[j]) == NULL &&
                add_check(diff, old->name, &old->checks[j], NULL) != 0)
                return -1;
    }
    return 0;
}

// ---- What makes it unfair

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
    if (fclose(stream) != 0)
        return -1;
    if (size == 0) {
        free(diff->remarks);
        diff->remarks = NULL;
    }
    return 0;
}

// ---- The whole

// By kind, those of a kind in the order in which they were found.
static int sort(struct diff *diff)
{
    struct difference *sorted = calloc(diff->count + 1, sizeof *sorted);
    size_t used = 0;
    if (sorted == NULL)
        return -1;
    for (int kind = 0; kind < DIFFERENCE_KINDS; kind++)
        for (size_t i = 0; i < diff->count; i++)
            if (diff->items[i].kind == (enum difference_kind)kind)
                sorted[used++] = diff->items[i];
    free(diff->items);
    diff->items = sorted;
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
        sort(diff) != 0)
        goto failed;
    return 0;
failed:
    diff_free(diff);
    return -1;
}

void diff_free(struct diff *diff)
{
    for (size_t i = 0; i < diff->count; i++) {
        free(diff->items[i].scenario);
        free(diff->items[i].subject);
        free(diff->items[i].charset);
        free(diff->items[i].before);
        free(diff->items[i].after);
    }
    free(diff->items);
    free(diff->remarks);
    *diff = (struct diff){0};
}

bool diff_differs(const struct diff *diff)
{
    return diff->count > diff->of[DIFFERENCE_KNOWN];
}

// ---- JSON

static json_t *difference_to_json(const struct difference *item)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "scenario", text_to_json(item->scenario),
                     "subject", text_to_json(item->subject), "charset", text_to_json(item->charset),
                     "before", text_to_json(item->before), "after", text_to_json(item->after));
}

json_t *diff_to_json(const struct diff *diff)
{
    json_t *object = json_object();
    bool complete = object != NULL;
    for (int kind = 0; complete && kind < DIFFERENCE_KINDS; kind++)
        complete = json_object_set_new(object, kind_names[kind], json_array()) == 0;
    for (size_t i = 0; complete && i < diff->count; i++)
        complete = json_array_append_new(json_object_get(object, kind_names[diff->items[i].kind]),
                                         difference_to_json(&diff->items[i])) == 0;
    complete = complete && json_object_set_new(object, "remarks", text_to_json(diff->remarks)) == 0;
    if (complete)
        return object;
    json_decref(object);
    return NULL;
}

static const char *text_of(json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name)); // NULL for null, too
}

int diff_from_json(struct diff *diff, json_t *object)
{
    *diff = (struct diff){0};
    for (int kind = 0; kind < DIFFERENCE_KINDS; kind++) {
        json_t *list = json_object_get(object, kind_names[kind]);
        if (!json_is_array(list))
            goto failed;
        for (size_t i = 0; i < json_array_size(list); i++) {
            json_t *item = json_array_get(list, i);
            if (add(diff, (enum difference_kind)kind, text_of(item, "scenario"),
                    text_of(item, "subject"), text_of(item, "charset"), text_of(item, "before"),
                    text_of(item, "after")) != 0)
                goto failed;
        }
    }
    const char *remarks = json_string_value(json_object_get(object, "remarks"));
    diff->remarks = copy(remarks);
    if (remarks == NULL || diff->remarks != NULL)
        return 0;
failed:
    diff_free(diff);
    return -1;
}

// ---- Several results

static int add_row(struct comparison *comparison, const char *scenario, const char *subject,
                   const char *charset, char *const *answers)
{
    struct comparison_row *grown =
        reallocarray(comparison->rows, comparison->count + 1, sizeof *grown);
    if (grown == NULL)
        return -1;
    comparison->rows = grown;
    struct comparison_row *row = &comparison->rows[comparison->count++];
    *row = (struct comparison_row){.scenario = copy(scenario),
                                   .subject = copy(subject),
                                   .charset = copy(charset),
                                   .answers = calloc(comparison->width, sizeof(char *))};
    if (row->scenario == NULL || row->subject == NULL || row->charset == NULL ||
        row->answers == NULL)
        return -1;
    for (size_t i = 0; i < comparison->width; i++)
        if (answers[i] != NULL && (row->answers[i] = strdup(answers[i])) == NULL)
            return -1;
    return 0;
}

// Adds the row if not all answers are the same.
static int consider_row(struct comparison *comparison, const char *scenario, const char *subject,
                        const char *charset, char *const *answers)
{
    for (size_t i = 1; i < comparison->width; i++)
        if ((answers[0] == NULL) != (answers[i] == NULL) ||
            (answers[0] != NULL && strcmp(answers[0], answers[i]) != 0))
            return add_row(comparison, scenario, subject, charset, answers);
    comparison->same++;
    return 0;
}

static void free_answers(char **answers, size_t count)
{
    for (size_t i = 0; answers != NULL && i < count; i++)
        free(answers[i]);
    free(answers);
}

// What is told apart: the verdict, and of what holds in which way. The words of failures hold
// numbers that differ from run to run.
static char *answer_of(const struct check *check)
{
    char text[ANSWER_SIZE];
    if (check == NULL)
        return NULL;
    describe_check(check, text);
    if (check->judged && check->verdict.kind != VERDICT_NOTE && check->verdict.kind != VERDICT_PASS)
        snprintf(text, sizeof text, "%s", verdict_kind_name(check->verdict.kind));
    return strdup(text);
}

static int compare_check(struct comparison *comparison, const struct result *const *results,
                         const char *scenario, const struct check *like)
{
    char **answers = calloc(comparison->width, sizeof *answers);
    int status = answers == NULL ? -1 : 0;
    for (size_t i = 0; status == 0 && i < comparison->width; i++) {
        const struct check *check = check_find(results[i], scenario, like);
        answers[i] = answer_of(check);
        if (check != NULL && answers[i] == NULL)
            status = -1;
    }
    if (status == 0)
        status = consider_row(comparison, scenario, like->clause->id,
                              check_charset_name(like->charset), answers);
    free_answers(answers, comparison->width);
    return status;
}

static int compare_sizes(struct comparison *comparison, const struct result *const *results,
                         const char *scenario, int charset, bool returned)
{
    char **answers = calloc(comparison->width, sizeof *answers);
    int status = answers == NULL ? -1 : 0;
    for (size_t i = 0; status == 0 && i < comparison->width; i++) {
        const struct scenario_result *found = scenario_result_find(results[i], scenario);
        const struct observation *seen = found == NULL ? NULL : &found->observed[charset];
        if (seen == NULL || !(returned ? seen->has_returned : seen->has_required))
            continue;
        if (asprintf(&answers[i], "%" PRIu32 " bytes", returned ? seen->returned : seen->required) <
            0) {
            answers[i] = NULL;
            status = -1;
        }
    }
    if (status == 0)
        status = consider_row(comparison, scenario, returned ? "returned size" : "required size",
                              charset == CHARSET_A ? "A" : "W", answers);
    free_answers(answers, comparison->width);
    return status;
}

// The checks of `results[which]` that none of those before it has.
static int compare_from(struct comparison *comparison, const struct result *const *results,
                        size_t which)
{
    for (size_t i = 0; i < results[which]->scenario_count; i++) {
        const struct scenario_result *scenario = &results[which]->scenarios[i];
        for (size_t j = 0; j < scenario->check_count; j++) {
            bool seen = false;
            for (size_t k = 0; k < which && !seen; k++)
                seen = check_find(results[k], scenario->name, &scenario->checks[j]) != NULL;
            if (!seen &&
                compare_check(comparison, results, scenario->name, &scenario->checks[j]) != 0)
                return -1;
        }
        for (int charset = CHARSET_A; which == 0 && charset <= CHARSET_W; charset++)
            if (compare_sizes(comparison, results, scenario->name, charset, false) != 0 ||
                compare_sizes(comparison, results, scenario->name, charset, true) != 0)
                return -1;
    }
    return 0;
}

int comparison_make(struct comparison *comparison, const struct result *const *results,
                    size_t count)
{
    *comparison = (struct comparison){.width = count};
    for (size_t i = 0; i < count; i++)
        if (compare_from(comparison, results, i) != 0) {
            comparison_free(comparison);
            return -1;
        }
    return 0;
}

void comparison_free(struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->count; i++) {
        free(comparison->rows[i].scenario);
        free(comparison->rows[i].subject);
        free(comparison->rows[i].charset);
        free_answers(comparison->rows[i].answers, comparison->width);
    }
    free(comparison->rows);
    *comparison = (struct comparison){0};
}

json_t *comparison_to_json(const struct comparison *comparison)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < comparison->count; i++) {
        const struct comparison_row *row = &comparison->rows[i];
        json_t *answers = json_array();
        for (size_t j = 0; j < comparison->width; j++)
            json_array_append_new(answers, text_to_json(row->answers[j]));
        if (json_array_append_new(
                list, json_pack("{s:o, s:o, s:o, s:o}", "scenario", text_to_json(row->scenario),
                                "subject", text_to_json(row->subject), "charset",
                                text_to_json(row->charset), "answers", answers)) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}
