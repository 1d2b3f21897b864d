// SPDX-License-Identifier: Apache-2.0
// Reads and writes the text of a stack.
#include "conformance/transcript/fault_stack.h"

#include "conformance/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 6 };

static const char whole_word[] = "whole\n";
static const char cut_word[] = "cut\n";
static const char in_place_word[] = "in place";

bool stack_is_whole(const char *stack)
{
    return strncmp(stack, whole_word, strlen(whole_word)) == 0;
}

// Copies what stands before the tab or the line's end, as far as there is room.
static const char *take_field(const char *at, char *text, size_t size)
{
    size_t length = strcspn(at, "\t\n");
    size_t kept = length < size ? length : size - 1;
    memcpy(text, at, kept);
    text[kept] = '\0';
    at += length;
    return *at == '\t' ? at + 1 : at;
}

const char *stack_next(const char *at, struct stack_frame *frame)
{
    char offset[24];
    char line[16];
    char place[sizeof in_place_word];
    if (strncmp(at, whole_word, strlen(whole_word)) == 0)
        at += strlen(whole_word);
    else if (strncmp(at, cut_word, strlen(cut_word)) == 0)
        at += strlen(cut_word);
    if (*at == '\0' || *at == '\n')
        return NULL;
    at = take_field(at, frame->module, sizeof frame->module);
    at = take_field(at, offset, sizeof offset);
    at = take_field(at, frame->function, sizeof frame->function);
    at = take_field(at, frame->file, sizeof frame->file);
    at = take_field(at, line, sizeof line);
    at = take_field(at, place, sizeof place);
    text_mend(frame->module);
    text_mend(frame->function);
    text_mend(frame->file);
    frame->offset = strtoull(offset, NULL, 16);
    unsigned long long number = strtoull(line, NULL, 10);
    frame->line = number > UINT32_MAX ? 0 : (uint32_t)number;
    frame->in_place = strcmp(place, in_place_word) == 0;
    at += strcspn(at, "\n");
    return *at == '\n' ? at + 1 : at;
}

void stack_begin(char *text, bool whole)
{
    snprintf(text, STACK_TEXT_MAX, "%s", whole ? whole_word : cut_word);
}

static void add_field(char *text, const char *field)
{
    size_t length = strlen(text);
    for (; *field != '\0' && length < STACK_TEXT_MAX - 2; field++)
        text[length++] = (unsigned char)*field < ' ' || *field == 0x7F ? '?' : *field;
    text[length] = '\0';
    report_append(text, STACK_TEXT_MAX, "\t");
}

bool stack_add(char *text, const struct stack_frame *frame)
{
    if (strlen(text) + STACK_LINE_MAX > STACK_TEXT_MAX)
        return false;
    add_field(text, frame->module);
    report_append(text, STACK_TEXT_MAX, "%" PRIx64 "\t", frame->offset);
    add_field(text, frame->function);
    add_field(text, frame->file);
    report_append(text, STACK_TEXT_MAX, "%" PRIu32 "\t%s\n", frame->line,
                  frame->in_place ? in_place_word : "");
    return true;
}

// --- in words

static bool same_frame(const struct stack_frame *one, const struct stack_frame *other)
{
    return one->offset == other->offset && one->in_place == other->in_place &&
           one->line == other->line && strcmp(one->module, other->module) == 0 &&
           strcmp(one->function, other->function) == 0;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static void describe_frame(const struct stack_frame *frame, size_t number, size_t times, char *text,
                           size_t size)
{
    enum { SHOWN = 100 };
    report_append(text, size, "%s#%zu ", text[0] == '\0' ? "" : "\n", number);
    if (frame->function[0] != '\0')
        report_append(text, size, "%.*s, ", SHOWN, frame->function);
    if (frame->file[0] != '\0')
        report_append(text, size, "%.*s:%" PRIu32 ", ", SHOWN, base_name(frame->file), frame->line);
    report_append(text, size, "%s + 0x%" PRIx64 "%s", frame->module, frame->offset,
                  frame->in_place ? " (expanded in place)" : "");
    if (times > 1)
        report_append(text, size, ", %zu times", times);
}

void stack_describe(const char *stack, char *text, size_t size)
{
    struct stack_frame before = {0};
    struct stack_frame frame = {0};
    size_t times = 0;
    size_t number = 0;
    text[0] = '\0';
    for (const char *at = stack_next(stack, &frame); at != NULL; at = stack_next(at, &frame)) {
        if (times > 0 && !same_frame(&before, &frame)) {
            describe_frame(&before, number, times, text, size);
            number += times;
            times = 0;
        }
        before = frame;
        times++;
    }
    if (times > 0)
        describe_frame(&before, number, times, text, size);
    if (times > 0 && !stack_is_whole(stack))
        report_append(text, size, "\n(the stack could not be followed further)");
}

// --- JSON

static json_t *frame_to_json(const struct stack_frame *frame)
{
    json_t *object = json_object();
    object_add(&object, "module", text_to_json(frame->module));
    object_add(&object, "offset", u64_to_json(frame->offset));
    if (frame->function[0] != '\0')
        object_add(&object, "function", text_to_json(frame->function));
    if (frame->file[0] != '\0') {
        object_add(&object, "file", text_to_json(frame->file));
        object_add(&object, "line", number_to_json(frame->line));
    }
    if (frame->in_place)
        object_add(&object, "in_place", json_true());
    return object;
}

json_t *stack_to_json(const char *stack)
{
    struct stack_frame frame;
    json_t *frames = json_array();
    for (const char *at = stack_next(stack, &frame); at != NULL; at = stack_next(at, &frame))
        list_add(&frames, frame_to_json(&frame));
    json_t *object = json_object();
    object_add(&object, "whole", json_boolean(stack_is_whole(stack)));
    object_add(&object, "frames", frames);
    return object;
}

static int frame_from_json(const struct json_reading *reading, const json_t *object,
                           struct stack_frame *frame)
{
    static const char *const members[] = {"module", "offset",    "?function", "?file",
                                          "?line",  "?in_place", NULL};
    *frame = (struct stack_frame){.in_place = json_is_true(json_object_get(object, "in_place"))};
    if (json_check_members(reading, object, members) != 0 ||
        json_read_short_text(reading, object, "module", frame->module, sizeof frame->module) != 0 ||
        json_read_u64(reading, object, "offset", &frame->offset) != 0 ||
        (json_object_get(object, "function") != NULL &&
         json_read_short_text(reading, object, "function", frame->function,
                              sizeof frame->function) != 0))
        return -1;
    if (json_object_get(object, "file") == NULL)
        return 0;
    return json_read_short_text(reading, object, "file", frame->file, sizeof frame->file) != 0
               ? -1
               : json_read_u32(reading, object, "line", &frame->line);
}

int stack_from_json(const struct json_reading *reading, const json_t *object, char *text)
{
    static const char *const members[] = {"whole", "frames", NULL};
    const json_t *frames = json_object_get(object, "frames");
    size_t i = 0;
    const json_t *one = NULL;
    if (json_check_members(reading, object, members) != 0)
        return -1;
    if (!json_is_boolean(json_object_get(object, "whole")) || !json_is_array(frames) ||
        json_array_size(frames) > STACK_FRAMES_MAX)
        return json_refuse(reading, "\"fault_stack\" is no stack of at most %d frames",
                           STACK_FRAMES_MAX);
    stack_begin(text, json_is_true(json_object_get(object, "whole")));
    json_array_foreach(frames, i, one)
    {
        struct stack_frame frame;
        if (frame_from_json(reading, one, &frame) != 0)
            return -1;
        stack_add(text, &frame);
    }
    return 0;
}
