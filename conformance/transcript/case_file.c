// SPDX-License-Identifier: Apache-2.0
// Reads and writes cases as files. Each line is filled in and then read as a transcript's is, so
// the same is checked, and whoever gets a case may rely on the same ranges.
#include "conformance/transcript/case_file.h"

#include "conformance/base/text.h"
#include "conformance/transcript/case.h"
#include "conformance/transcript/case_check.h"
#include "conformance/transcript/case_defaults.h"
#include "conformance/transcript/record_json.h"
#include "conformance/transcript/truth_json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CASE_VERSION = 1,
    SHOWN = 120, // bytes of a line that is refused
};

// ---- Writing

static json_t *head_to_json(const struct transcript *one)
{
    json_t *head = json_object();
    object_add(&head, "type", json_string("case"));
    object_add(&head, "version", json_integer(CASE_VERSION));
    object_add(&head, "name", exact_text_to_json(one->scenario));
    if (one->scenario_summary[0] != '\0')
        object_add(&head, "summary", exact_text_to_json(one->scenario_summary));
    if (one->implementation[0] != '\0')
        object_add(&head, "implementation", exact_text_to_json(one->implementation));
    if (one->hello.pointer_size != 0)
        object_add(&head, "pointer_size", json_integer(one->hello.pointer_size));
    return head;
}

static json_t *thin_truth(const struct truth *truth)
{
    json_t *object = truth_to_json(truth);
    if (object == NULL || case_thin_sessions(object) != 0) {
        json_decref(object);
        return NULL;
    }
    json_object_del(object, "generation");
    json_object_del(object, "began_ns");
    json_object_del(object, "settled_ns");
    return json_pack("{s:s, s:o}", "type", "truth", "truth", object);
}

// The set is left out where a reader finds the same.
static json_t *record_to_json(const struct record *record)
{
    json_t *line = json_object();
    object_add(&line, "type", json_string("call"));
    if (strcmp(record->probe_set, case_set(&record->call, &record->offer, record->threads)) != 0)
        object_add(&line, "set", exact_text_to_json(record->probe_set));
    if (record->circumstance != NULL)
        object_add(&line, "circumstance", exact_text_to_json(record->circumstance));
    if (record->threads > 1)
        object_add(&line, "threads", json_integer(record->threads));
    object_add(&line, "call", case_thin_call(record));
    return line;
}

int case_file_write(FILE *stream, const struct transcript *one)
{
    size_t truths = 0;
    if (json_lines_write(stream, head_to_json(one)) != 0)
        return -1;
    for (size_t i = 0; i <= one->record_count; i++) {
        uint64_t place = i < one->record_count ? one->records[i].outcome.began_ns : UINT64_MAX;
        for (; truths < one->truth_count && one->truths[truths]->began_ns < place; truths++)
            if (json_lines_write(stream, thin_truth(one->truths[truths])) != 0)
                return -1;
        if (i < one->record_count &&
            json_lines_write(stream, record_to_json(&one->records[i])) != 0)
            return -1;
    }
    return json_lines_write(stream, json_pack("{s:s, s:I, s:I}", "type", "end", "truths",
                                              (json_int_t)one->truth_count, "calls",
                                              (json_int_t)one->record_count));
}

// ---- Reading

// Says which member of the line is read; "": the line itself.
static void enter(struct json_reading *reading, const char *member)
{
    snprintf(reading->where, sizeof reading->where, member[0] == '\0' ? "%s" : "\"%s\"", member);
}

static int load_text(const struct json_reading *reading, const json_t *line, const char *name,
                     char **text)
{
    if (json_object_get(line, name) == NULL)
        return 0;
    free(*text);
    return json_read_text(reading, line, name, text);
}

// The file's name without its folder and ending.
static char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    return strndup(name, strcspn(name, "."));
}

static int load_head(struct transcript *one, const json_t *head, const struct json_reading *reading)
{
    static const char *const members[] = {
        "type", "?version", "?name", "?summary", "?implementation", "?pointer_size", NULL};
    const json_t *version = json_object_get(head, "version");
    json_int_t width = json_integer_value(json_object_get(head, "pointer_size"));
    if (json_check_members(reading, head, members) != 0 ||
        load_text(reading, head, "name", &one->scenario) != 0 ||
        load_text(reading, head, "summary", &one->scenario_summary) != 0 ||
        load_text(reading, head, "implementation", &one->implementation) != 0)
        return -1;
    if (version != NULL && json_integer_value(version) != CASE_VERSION)
        return json_refuse(reading, "not of version %d, which this kit (%s) reads", CASE_VERSION,
                           TCK_VERSION);
    if (json_object_get(head, "pointer_size") != NULL && width != 4 && width != 8)
        return json_refuse_member(reading, "pointer_size", "4 or 8");
    one->hello.pointer_size = (uint8_t)width;
    return 0;
}

static int load_truth(struct transcript *one, const json_t *line, struct json_reading *reading)
{
    static const char *const members[] = {"type", "truth", NULL};
    struct failure cause = {0};
    struct truth *truth = NULL;
    if (json_check_members(reading, line, members) != 0)
        return -1;
    json_t *object = json_object_get(line, "truth");
    json_t *times = json_pack("{s:i, s:i, s:i}", "generation", 1, "began_ns", 0, "settled_ns", 0);
    bool filled = times != NULL &&
                  (!json_is_object(object) || (json_object_update_missing(object, times) == 0 &&
                                               case_fill_sessions(object) == 0));
    json_decref(times);
    if (!filled)
        return json_refuse_memory(reading);
    if (truth_from_json(&truth, object, &cause) != 0)
        return cause.status == STATUS_USAGE ? json_refuse(reading, "%s", cause.text)
                                            : json_refuse_memory(reading);
    enter(reading, "truth");
    int status = truth_unknown(truth) != 0
                     ? json_refuse(reading, "null says that a fact is not known; here it must be")
                     : case_check_sessions(reading, truth);
    enter(reading, "");
    if (status == 0 && case_add_truth(one, truth) != 0)
        status = json_refuse_memory(reading);
    truth_free(truth);
    return status;
}

// A text that the line may have; NULL in `*text` where it has none.
static int load_word(struct transcript *one, const json_t *line, const struct json_reading *reading,
                     const char *name, const char **text)
{
    const char *own = json_text_of(line, name);
    *text = NULL;
    if (json_object_get(line, name) == NULL)
        return 0;
    if (own == NULL || own[0] == '\0')
        return json_refuse_member(reading, name, "a text");
    *text = transcript_intern(one, own);
    return *text != NULL ? 0 : json_refuse_memory(reading);
}

static int load_arguments(const json_t *line, struct json_reading *reading, struct call *call,
                          struct offer *offer)
{
    json_t *object = json_object_get(line, "call");
    enter(reading, "call");
    int filled = json_is_object(object) ? case_fill_call(object, offer) : 0;
    if (filled < 0)
        return json_refuse_memory(reading);
    if (filled > 0)
        return json_refuse_member(reading, "offered",
                                  "a number of bytes, \"required\", \"required + N\" or "
                                  "\"required - N\"");
    if (call_from_json(reading, object, FORM_TRANSCRIPT, call) != 0 ||
        case_check_call(reading, call) != 0)
        return -1;
    enter(reading, "");
    return 0;
}

static int load_call(struct transcript *one, const json_t *line, struct json_reading *reading)
{
    static const char *const members[] = {"type",          "call",     "?set",
                                          "?circumstance", "?threads", NULL};
    struct call call = {0};
    struct offer offer = {0};
    uint64_t threads = 1;
    const char *set = NULL;
    const char *circumstance = NULL;
    if (json_check_members(reading, line, members) != 0)
        return -1;
    if (one->truth_count == 0)
        return json_refuse(reading, "a call, and no \"truth\" line before it says which sessions "
                                    "there are");
    if (load_word(one, line, reading, "set", &set) != 0 ||
        load_word(one, line, reading, "circumstance", &circumstance) != 0 ||
        (json_object_get(line, "threads") != NULL &&
         json_read_number(reading, line, "threads", 1, THREADS_MAX, &threads) != 0) ||
        load_arguments(line, reading, &call, &offer) != 0)
        return -1;
    if (case_add_call(one, &call, &offer, (unsigned)threads, set) != 0)
        return json_refuse_memory(reading);
    transcript_last(one)->circumstance = circumstance;
    return 0;
}

static int check_count(const json_t *line, const struct json_reading *reading, const char *name,
                       size_t count)
{
    const json_t *value = json_object_get(line, name);
    if (value == NULL || json_integer_value(value) == (json_int_t)count)
        return 0;
    return json_refuse(reading,
                       "\"%s\" is %lld, and there are %zu: lines are missing or added; leave it "
                       "out, or say how many there are",
                       name, (long long)json_integer_value(value), count);
}

static int load_end(const struct transcript *one, const json_t *line, struct json_lines *lines,
                    struct json_reading *reading)
{
    static const char *const members[] = {"type", "?truths", "?calls", NULL};
    if (json_check_members(reading, line, members) != 0 ||
        check_count(line, reading, "truths", one->truth_count) != 0 ||
        check_count(line, reading, "calls", one->record_count) != 0)
        return -1;
    int next = json_lines_next(lines, reading);
    return next <= 0 ? next : json_refuse(reading, "something follows the \"end\" line");
}

// Every complaint ends with the line that it is about.
static void show_line(const struct json_lines *lines, struct json_reading *reading, char *shown,
                      size_t size)
{
    snprintf(shown, size, "; the line is %.*s%s", lines->size < SHOWN ? (int)lines->size : SHOWN,
             lines->bytes == NULL ? "" : lines->bytes, lines->size > SHOWN ? "..." : "");
    reading->remedy = shown;
}

// One line: 1 at the end line, 0 when there may be more, -1 with the failure.
static int load_line(struct transcript *one, const json_t *line, struct json_lines *lines,
                     struct json_reading *reading)
{
    const char *type = json_text_of(line, "type");
    if (type != NULL && strcmp(type, "truth") == 0)
        return load_truth(one, line, reading);
    if (type != NULL && strcmp(type, "call") == 0)
        return load_call(one, line, reading);
    if (type != NULL && strcmp(type, "end") == 0)
        return load_end(one, line, lines, reading) == 0 ? 1 : -1;
    return json_refuse(reading, "its \"type\" must be \"truth\", \"call\" or \"end\"");
}

// A file that people write may have empty lines, and no end line.
static int load_lines(struct transcript *one, struct json_lines *lines,
                      struct json_reading *reading)
{
    char shown[SHOWN + 32];
    int result = 0;
    lines->open_end = true;
    while (result == 0 && (result = json_lines_next(lines, reading)) > 0) {
        result = 0;
        if (lines->size == 0)
            continue;
        show_line(lines, reading, shown, sizeof shown);
        json_t *line = json_lines_parse(lines, reading);
        result = line == NULL ? -1 : load_line(one, line, lines, reading);
        json_decref(line);
        reading->remedy = NULL;
    }
    return result < 0 ? -1 : 0;
}

int case_file_read(struct transcript **one, const json_t *head, struct json_lines *lines,
                   struct json_reading *reading)
{
    char shown[SHOWN + 32];
    char *name = name_of(reading->path);
    *one = name == NULL ? NULL : case_create("", name, "");
    free(name);
    if (*one == NULL)
        return json_refuse_memory(reading);
    show_line(lines, reading, shown, sizeof shown);
    int status = load_head(*one, head, reading);
    reading->remedy = NULL;
    if (status != 0 || load_lines(*one, lines, reading) != 0)
        return -1;
    if ((*one)->record_count == 0)
        return json_refuse(reading, "there is no \"call\" line, so nothing to make");
    return 0;
}
