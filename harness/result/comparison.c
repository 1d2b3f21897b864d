// SPDX-License-Identifier: Apache-2.0
// Compares several results with each other, check by check and size by size.
#include "harness/result/comparison.h"

#include "conformance/base/json.h"
#include "harness/result/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool comparison_rows_agree(const struct comparison_row *one, const struct comparison_row *other,
                           size_t width)
{
    bool agree = strcmp(one->subject, other->subject) == 0;
    for (size_t i = 0; agree && i < width; i++)
        agree = report_same_text(one->answers[i], other->answers[i]);
    return agree;
}

static int add_row(struct comparison *comparison, const char *scenario, const char *subject,
                   const char *charset, char *const *answers)
{
    struct comparison_row *grown =
        reallocarray(comparison->rows, comparison->count + 1, sizeof *grown);
    if (grown == NULL)
        return -1;
    comparison->rows = grown;
    struct comparison_row *row = &comparison->rows[comparison->count++];
    *row = (struct comparison_row){.scenario = strdup(scenario),
                                   .subject = strdup(subject),
                                   .charset = strdup(charset),
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
        if (!report_same_text(answers[0], answers[i]))
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

// The verdict; with its words where the clause holds, as some hold in several ways. The words of
// failures have numbers that differ from run to run.
static char *answer_of(const struct check *check)
{
    char text[REPORT_CHECK_SIZE];
    if (check == NULL)
        return NULL;
    report_describe_check(check, text, sizeof text);
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

// Compares the checks that no result before `results[which]` has.
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
