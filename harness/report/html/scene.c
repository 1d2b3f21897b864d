// SPDX-License-Identifier: Apache-2.0
// Makes the scene of a call from the result.
#include "harness/report/html/scene.h"

#include "harness/report/html/marks.h"

#include <stdlib.h>

static void find_range(struct scene *scene)
{
    const int64_t farthest = 1 << 26;
    for (size_t i = 0; i < scene->part_count; i++)
        if (scene->parts[i].end > scene->end)
            scene->end = scene->parts[i].end;
    for (size_t i = 0; i < scene->mark_count; i++) {
        const struct scene_mark *mark = &scene->marks[i];
        if (mark->first < scene->first)
            scene->first = mark->first;
        if (mark->end > scene->end)
            scene->end = mark->end < farthest ? mark->end : mark->first + 1;
    }
    // A buffer that is only a little larger than the list is shown to its end.
    if (scene->has_buffer && scene->offered > scene->end && scene->offered <= scene->end + 128)
        scene->end = scene->offered;
    if (scene->end > farthest)
        scene->end = farthest;
}

static struct listing *decode(const struct result *result, const struct scene *scene,
                              const struct record *record, bool *exhausted)
{
    if (record == NULL || record->bytes == NULL)
        return NULL;
    struct listing *listing = listing_decode(record, scene->abi, result->hello.code_page);
    if (listing == NULL)
        *exhausted = true;
    return listing;
}

static void find_sizes(struct scene *scene)
{
    const struct call *call = &scene->record->call;
    const struct outcome *outcome = &scene->record->outcome;
    scene->has_buffer = call->placement != PLACE_NULL;
    scene->offered = scene->has_buffer ? call->offered : 0;
    scene->returned = -1;
    scene->required = -1;
    if (outcome->kind != OUTCOME_RETURNED || (call->flags & CALL_SIZE_NULL) != 0)
        return;
    if (outcome->status == 0 && scene->has_buffer)
        scene->returned = outcome->size_out;
    if (outcome->status == 122)
        scene->required = outcome->size_out;
}

struct scene *scene_create(const struct result *result, const struct scenario_result *scenario,
                           const struct check *check, bool *exhausted)
{
    const struct record *record = check->verdict.record;
    const struct abi *abi = record == NULL ? NULL
                                           : abi_of_function(result->hello.pointer_size,
                                                             (enum charset)record->call.charset);
    *exhausted = false;
    if (record == NULL || abi == NULL ||
        function_of((enum charset)record->call.charset)->family > FAMILY_EX)
        return NULL; // what is in its buffer has no picture
    struct scene *scene = calloc(1, sizeof *scene);
    if (scene == NULL) {
        *exhausted = true;
        return NULL;
    }
    scene->record = record;
    scene->abi = abi;
    scene->wrong = check->verdict.wrong;
    // The list that is kept is of the scenario's first sessions; a call made under another
    // circumstance can't be compared with it.
    if (record->circumstance == NULL && record->call.charset <= CHARSET_W)
        scene->other_record = &scenario->lists[record->call.charset];
    find_sizes(scene);
    if (record->outcome.kind == OUTCOME_RETURNED && record->outcome.status == 0)
        scene->listing = decode(result, scene, record, exhausted);
    scene->other = decode(result, scene, scene->other_record, exhausted);
    if (*exhausted || scene_find_parts(scene) != 0 || scene_find_marks(scene) != 0) {
        *exhausted = true;
        scene_free(scene);
        return NULL;
    }
    // Of the other list, only the parts that this one lacks are shown.
    if (scene->listing != NULL)
        scene_drop_ghosts_before(scene, scene->returned);
    scene_sort_parts(scene);
    find_range(scene);
    if (scene->part_count == 0 && scene->mark_count == 0) {
        scene_free(scene);
        return NULL;
    }
    return scene;
}

void scene_free(struct scene *scene)
{
    if (scene == NULL)
        return;
    listing_free(scene->listing);
    listing_free(scene->other);
    free(scene->parts);
    free(scene);
}
