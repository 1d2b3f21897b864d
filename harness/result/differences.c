// SPDX-License-Identifier: Apache-2.0
// Differences between two results as a list of their own: kept with a result, printed, written as
// JSON and read back.
#include "harness/result/differences.h"

#include "conformance/base/json.h"

#include <stdlib.h>
#include <string.h>

static const char *const kind_names[DIFFERENCE_KINDS] = {
    [DIFFERENCE_NEW] = "new",         [DIFFERENCE_FIXED] = "fixed", [DIFFERENCE_KNOWN] = "known",
    [DIFFERENCE_CHANGED] = "changed", [DIFFERENCE_GONE] = "gone",   [DIFFERENCE_ADDED] = "added",
};

const char *difference_name(enum difference_kind kind)
{
    return (unsigned)kind < DIFFERENCE_KINDS ? kind_names[kind] : "?";
}

bool diff_differs(const struct diff *diff)
{
    return diff->count > diff->of[DIFFERENCE_KNOWN];
}

static char *copy(const char *text)
{
    return text == NULL ? NULL : strdup(text);
}

int diff_add(struct diff *diff, enum difference_kind kind, const char *scenario,
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

int diff_sort(struct diff *diff)
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

int diff_from_json(struct diff *diff, json_t *object)
{
    *diff = (struct diff){0};
    for (int kind = 0; kind < DIFFERENCE_KINDS; kind++) {
        json_t *list = json_object_get(object, kind_names[kind]);
        if (!json_is_array(list))
            goto failed;
        for (size_t i = 0; i < json_array_size(list); i++) {
            json_t *item = json_array_get(list, i);
            if (diff_add(diff, (enum difference_kind)kind, json_text_of(item, "scenario"),
                         json_text_of(item, "subject"), json_text_of(item, "charset"),
                         json_text_of(item, "before"), json_text_of(item, "after")) != 0)
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
