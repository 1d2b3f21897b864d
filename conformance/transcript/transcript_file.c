// SPDX-License-Identifier: Apache-2.0
// The transcript as a file: JSON Lines, described in docs/transcript.md. What is read is checked as
// if an enemy had written it: everything behind the loader may rely on every range that is stated
// in the headers.
#include "conformance/base/json.h"
#include "conformance/transcript/case_binary.h"
#include "conformance/transcript/case_file.h"
#include "conformance/transcript/fault_stack.h"
#include "conformance/transcript/function.h"
#include "conformance/transcript/hello_json.h"
#include "conformance/transcript/inventory_json.h"
#include "conformance/transcript/json_lines.h"
#include "conformance/transcript/record_json.h"
#include "conformance/transcript/transcript.h"
#include "conformance/transcript/truth_json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FORMAT_VERSION = 2,
    FORMAT_VERSION_OLDEST = 1, // that is read
};

static const char *const way_names[] = {"table", "command", "api", "recorded", NULL};
static const char *const lack_names[] = {"source", "recovery", "changes", NULL}; // by bit

// ---- Writing

static json_t *host_to_json(const struct hello *hello)
{
    json_t *object = json_object();
    object_add(&object, "pointer_size", json_integer(hello->pointer_size));
    object_add(&object, "long_align", json_integer(hello->long_align));
    hello_exports_to_json(&object, hello);
    object_add(&object, "code_page", number_to_json(hello->code_page));
    object_add(&object, "platform", exact_text_to_json(hello->platform));
    object_add(&object, "error", exact_text_to_json(hello->error));
    hello_file_to_json(&object, hello);
    return object;
}

// What says nothing is left out: a run by the session table lacks nothing.
static json_t *head_to_json(const struct transcript *transcript)
{
    json_t *head = json_object();
    object_add(&head, "type", json_string("transcript"));
    object_add(&head, "version", json_integer(FORMAT_VERSION));
    object_add(&head, "kit_version", exact_text_to_json(transcript->kit_version));
    object_add(&head, "implementation", exact_text_to_json(transcript->implementation));
    object_add(&head, "scenario", exact_text_to_json(transcript->scenario));
    object_add(&head, "scenario_digest", exact_text_to_json(transcript->scenario_digest));
    object_add(&head, "scenario_summary", exact_text_to_json(transcript->scenario_summary));
    object_add(&head, "host", host_to_json(&transcript->hello));
    if (transcript->login != LOGIN_TABLE)
        object_add(&head, "login", name_to_json(way_names, transcript->login));
    if (transcript->lacks != 0)
        object_add(&head, "lacks", flags_to_json(lack_names, transcript->lacks));
    if (transcript->inventory != NULL)
        object_add(&head, "inventory", inventory_to_json(transcript->inventory));
    if (transcript->of_case)
        object_add(&head, "of_case", json_true());
    return head;
}

// Bytes that an earlier call left, too, are not written again. What says nothing is left out: of
// calls that were made once, alone, where nothing had happened.
static json_t *record_to_json(const struct record *record, size_t number)
{
    json_t *line = json_object();
    object_add(&line, "type", json_string("call"));
    object_add(&line, "set", exact_text_to_json(record->probe_set));
    object_add(&line, "call", call_to_json(record, FORM_TRANSCRIPT));
    object_add(&line, "outcome", outcome_to_json(record, FORM_TRANSCRIPT));
    if (record->same_as < number)
        object_add(&line, "bytes_of", number_to_json(record->same_as));
    else
        object_add(&line, "bytes", hex_to_json(record->bytes, record->outcome.byte_count));
    if (record->circumstance != NULL)
        object_add(&line, "circumstance", exact_text_to_json(record->circumstance));
    if (record->threads > 1) {
        object_add(&line, "thread", number_to_json(record->thread));
        object_add(&line, "threads", number_to_json(record->threads));
    }
    if (record->said != NULL)
        object_add(&line, "said", exact_text_to_json(record->said));
    return line;
}

static int write_lines(FILE *stream, const struct transcript *transcript)
{
    if (transcript->calls_only)
        return case_file_write(stream, transcript);
    if (json_lines_write(stream, head_to_json(transcript)) != 0)
        return -1;
    for (size_t i = 0; i < transcript->truth_count; i++) {
        json_t *truth = truth_to_json(transcript->truths[i]);
        if (json_lines_write(stream, json_pack("{s:s, s:o}", "type", "truth", "truth", truth)) != 0)
            return -1;
    }
    for (size_t i = 0; i < transcript->record_count; i++)
        if (json_lines_write(stream, record_to_json(&transcript->records[i], i)) != 0)
            return -1;
    return json_lines_write(stream, json_pack("{s:s, s:I, s:I}", "type", "end", "truths",
                                              (json_int_t)transcript->truth_count, "calls",
                                              (json_int_t)transcript->record_count));
}

// What is written, in which form.
struct save {
    int (*write)(FILE *stream, const struct save *save);
    const struct transcript *transcript;
    uint8_t *bytes; // of a case in binary form
    size_t size;
};

static int write_lines_of(FILE *stream, const struct save *save)
{
    return write_lines(stream, save->transcript);
}

static int write_bytes_of(FILE *stream, const struct save *save)
{
    return fwrite(save->bytes, 1, save->size, stream) == save->size ? 0 : -1;
}

static int write_file(const struct save *save, const char *path)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return -1;
    FILE *stream = fdopen(descriptor, "w");
    if (stream == NULL) {
        close(descriptor);
        return -1;
    }
    int result = save->write(stream, save);
    int cause = errno; // fclose may hide it
    if (fclose(stream) != 0 && result == 0)
        return -1;
    errno = cause;
    return result;
}

static int save_file(const struct save *save, const char *path, struct failure *failure)
{
    char *partial = NULL;
    int result = -1;
    if (save->transcript->truth_count == 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "transcript %s: there is no truth to judge it against", path);
    if (asprintf(&partial, "%s.%ld.partial", path, (long)getpid()) < 0) {
        partial = NULL;
        failure_set(failure, STATUS_UNTRUSTED, "transcript %s: out of memory", path);
        goto out;
    }
    if (write_file(save, partial) != 0 || rename(partial, path) != 0) {
        int cause = errno;
        if (cause != EEXIST) // someone else's then
            unlink(partial);
        failure_set(
            failure, STATUS_UNTRUSTED,
            "transcript %s: cannot be written: %s; is the folder there, writable and not full?",
            path, strerror(cause));
        goto out;
    }
    result = 0;
out:
    free(partial);
    return result;
}

int transcript_save(const struct transcript *transcript, const char *path, struct failure *failure)
{
    const struct save save = {.write = write_lines_of, .transcript = transcript};
    return save_file(&save, path, failure);
}

int transcript_save_binary(const struct transcript *one, const char *path, struct failure *failure)
{
    struct save save = {.write = write_bytes_of, .transcript = one};
    if (case_binary_encode(one, &save.bytes, &save.size, failure) != 0)
        return -1;
    int result = save_file(&save, path, failure);
    free(save.bytes);
    return result;
}

// ---- Reading

struct reading {
    struct json_reading json; // its line is the present one
    struct json_lines lines;
    uint64_t version; // of the format
    struct transcript *transcript;
};

// The next line as a JSON object, released by the caller; NULL with the failure.
static json_t *read_object(struct reading *reading)
{
    int result = json_lines_next(&reading->lines, &reading->json);
    if (result < 0)
        return NULL;
    if (result == 0) {
        json_refuse(&reading->json,
                    "the file ends before its \"end\" line; it was cut short: record it anew");
        return NULL;
    }
    return json_lines_parse(&reading->lines, &reading->json);
}

static const char *object_type(const json_t *object)
{
    const char *type = json_text_of(object, "type");
    return type == NULL ? "" : type;
}

// The bytes where they are spelled out.
static int load_own_bytes(const struct reading *reading, const char *hex, uint32_t count,
                          uint8_t **bytes)
{
    if (strlen(hex) != (size_t)count * 2)
        return json_refuse(&reading->json, "\"byte_count\" is %u, \"bytes\" holds %zu hex digits",
                           count, strlen(hex));
    if (count == 0)
        return 0;
    *bytes = malloc(count);
    if (*bytes == NULL)
        return json_refuse_memory(&reading->json);
    if (hex_decode(hex, *bytes, count))
        return 0;
    free(*bytes);
    *bytes = NULL;
    return json_refuse_member(&reading->json, "bytes", "lower-case hex digits");
}

// The bytes where they are those of an earlier call.
static int load_shared_bytes(const struct reading *reading, const json_t *value, uint32_t count,
                             uint8_t **bytes)
{
    const struct transcript *transcript = reading->transcript;
    json_int_t number = json_integer_value(value);
    if (reading->version < 2 || !json_is_integer(value) || number < 0 ||
        (uintmax_t)number >= transcript->record_count || count == 0 ||
        transcript->records[number].outcome.byte_count != count)
        return json_refuse_member(&reading->json, "bytes_of",
                                  "the number of an earlier call with \"byte_count\" bytes");
    *bytes = malloc(count);
    if (*bytes == NULL)
        return json_refuse_memory(&reading->json);
    memcpy(*bytes, transcript->records[number].bytes, count);
    return 0;
}

static int load_bytes(const struct reading *reading, const json_t *line, const struct call *call,
                      const struct outcome *outcome, uint8_t **bytes)
{
    const char *hex = json_text_of(line, "bytes");
    const json_t *bytes_of = json_object_get(line, "bytes_of");
    uint32_t count = outcome->byte_count;
    *bytes = NULL;
    if ((hex == NULL) == (bytes_of == NULL))
        return json_refuse(&reading->json,
                           "there must be either \"bytes\", a text, or \"bytes_of\"");
    if (count > BYTES_MAX || count > call_bytes(call) ||
        (count > 0 && (outcome->kind != OUTCOME_RETURNED || call->placement == PLACE_NULL)))
        return json_refuse(&reading->json, "\"byte_count\" is %u, more than this call can have",
                           count);
    return hex != NULL ? load_own_bytes(reading, hex, count, bytes)
                       : load_shared_bytes(reading, bytes_of, count, bytes);
}

// The transcript's own copy of a text that many records have; NULL with the failure.
static const char *load_shared_text(const struct reading *reading, const json_t *line,
                                    const char *name)
{
    char *text = NULL;
    if (json_read_text(&reading->json, line, name, &text) != 0)
        return NULL;
    const char *shared = transcript_intern(reading->transcript, text);
    free(text);
    if (shared == NULL)
        json_refuse_memory(&reading->json);
    return shared;
}

static int load_threads(const struct reading *reading, const json_t *line, struct record *record)
{
    uint64_t threads = 1;
    uint64_t thread = 0;
    if (json_object_get(line, "threads") != NULL &&
        json_read_number(&reading->json, line, "threads", 1, THREADS_MAX, &threads) != 0)
        return -1;
    if (json_object_get(line, "thread") != NULL &&
        json_read_number(&reading->json, line, "thread", 0, threads - 1, &thread) != 0)
        return -1;
    record->thread = (unsigned)thread;
    record->threads = (unsigned)threads;
    return 0;
}

static int load_stack(const struct reading *reading, const json_t *stack,
                      struct fault_source *source)
{
    char text[STACK_TEXT_MAX];
    if (stack == NULL)
        return 0;
    if (stack_from_json(&reading->json, stack, text) != 0)
        return -1;
    source->stack = transcript_intern(reading->transcript, text);
    return source->stack == NULL ? json_refuse_memory(&reading->json) : 0;
}

// The place of a fault in the source code, as far as its outcome says it.
static int load_source(const struct reading *reading, const json_t *outcome,
                       struct fault_source *source)
{
    if (json_object_get(outcome, "fault_function") != NULL) {
        source->function = load_shared_text(reading, outcome, "fault_function");
        if (source->function == NULL)
            return -1;
    }
    if (load_stack(reading, json_object_get(outcome, "fault_stack"), source) != 0)
        return -1;
    if (json_object_get(outcome, "fault_file") == NULL)
        return 0;
    source->file = load_shared_text(reading, outcome, "fault_file");
    return source->file == NULL
               ? -1
               : json_read_u32(&reading->json, outcome, "fault_line", &source->line);
}

// What a line says of its call beside the call itself, where it says it.
static int load_surroundings(const struct reading *reading, const json_t *line,
                             struct record *record)
{
    if (load_threads(reading, line, record) != 0)
        return -1;
    if (json_object_get(line, "circumstance") != NULL) {
        record->circumstance = load_shared_text(reading, line, "circumstance");
        if (record->circumstance == NULL)
            return -1;
    }
    if (json_object_get(line, "said") == NULL)
        return 0;
    return json_read_text(&reading->json, line, "said", &record->said);
}

// Which member of the line is being read; "": the line itself.
static void enter(struct reading *reading, const char *member)
{
    snprintf(reading->json.where, sizeof reading->json.where, member[0] == '\0' ? "%s" : "\"%s\"",
             member);
}

static int load_call(struct reading *reading, const json_t *line, struct call *call,
                     struct outcome *outcome)
{
    enter(reading, "call");
    if (call_from_json(&reading->json, json_object_get(line, "call"), FORM_TRANSCRIPT, call) != 0)
        return -1;
    enter(reading, "outcome");
    if (outcome_from_json(&reading->json, json_object_get(line, "outcome"), FORM_TRANSCRIPT, call,
                          outcome) != 0)
        return -1;
    enter(reading, "");
    return 0;
}

static int load_record(struct reading *reading, const json_t *line)
{
    static const char *const members[] = {
        "type",          "set",     "call",     "outcome", "?bytes", "?bytes_of",
        "?circumstance", "?thread", "?threads", "?said",   NULL};
    struct call call = {0};
    struct outcome outcome = {0};
    uint8_t *bytes = NULL;
    if (json_check_members(&reading->json, line, members) != 0)
        return -1;
    const char *set = load_shared_text(reading, line, "set");
    if (set == NULL || load_call(reading, line, &call, &outcome) != 0 ||
        load_bytes(reading, line, &call, &outcome, &bytes) != 0)
        return -1;
    if (transcript_add(reading->transcript, set, &call, &outcome, bytes) != 0)
        return json_refuse_memory(&reading->json);
    struct record *record = transcript_last(reading->transcript);
    return load_source(reading, json_object_get(line, "outcome"), &record->source) != 0
               ? -1
               : load_surroundings(reading, line, record);
}

static int load_truth(const struct reading *reading, const json_t *line)
{
    static const char *const members[] = {"type", "truth", NULL};
    struct transcript *transcript = reading->transcript;
    struct failure cause = {0};
    struct truth *truth = NULL;
    if (json_check_members(&reading->json, line, members) != 0)
        return -1;
    if (truth_from_json(&truth, json_object_get(line, "truth"), &cause) != 0)
        return cause.status == STATUS_USAGE ? json_refuse(&reading->json, "%s", cause.text)
                                            : json_refuse_memory(&reading->json);
    int result = 0;
    if (transcript->truth_count > 0 &&
        truth->generation <= transcript->truths[transcript->truth_count - 1]->generation)
        result = json_refuse(&reading->json, "truth: its generation is not above the one before");
    else if (transcript_add_truth(transcript, truth) != 0)
        result = json_refuse_memory(&reading->json);
    truth_free(truth);
    return result;
}

// 4 or 8.
static int load_width(const struct json_reading *reading, const json_t *object, const char *name,
                      uint8_t *width)
{
    json_int_t number = json_integer_value(json_object_get(object, name));
    *width = (uint8_t)number;
    return number == 4 || number == 8 ? 0 : json_refuse_member(reading, name, "4 or 8");
}

static int load_host(struct reading *reading, const json_t *object, struct hello *hello)
{
    static const char *const members[] = {
        "pointer_size", "long_align", "has_a",      "has_w",   "code_page", "platform", "error",
        "?version",     "?build_id",  "?decorated", "?has_ex", "?exports",  NULL};
    const struct json_reading *json = &reading->json;
    enter(reading, "host");
    if (json_check_members(json, object, members) != 0 ||
        load_width(json, object, "pointer_size", &hello->pointer_size) != 0 ||
        load_width(json, object, "long_align", &hello->long_align) != 0 ||
        hello_exports_from_json(json, object, hello) != 0 ||
        hello_code_page_from_json(json, object, hello) != 0 ||
        json_read_short_text(json, object, "platform", hello->platform, sizeof hello->platform) !=
            0 ||
        json_read_short_text(json, object, "error", hello->error, sizeof hello->error) != 0 ||
        hello_file_from_json(json, object, hello) != 0)
        return -1;
    enter(reading, "");
    return 0;
}

// Is this a transcript at all, and of a version that is known? Only then are its other fields
// looked at.
static int check_kind(struct reading *reading, const json_t *line)
{
    const json_t *version = json_object_get(line, "version");
    json_int_t number = json_integer_value(version);
    if (strcmp(object_type(line), "transcript") != 0)
        return json_refuse(&reading->json, "does not begin as a transcript; give files made with "
                                           "'iscsidsc-tck run --transcript'");
    if (!json_is_integer(version) || number < FORMAT_VERSION_OLDEST || number > FORMAT_VERSION)
        return json_refuse(&reading->json,
                           "not of version %d to %d, those that this kit (%s) reads; use a kit "
                           "that is as new as the transcript",
                           FORMAT_VERSION_OLDEST, FORMAT_VERSION, TCK_VERSION);
    reading->version = (uint64_t)number;
    return 0;
}

// How sessions reached the implementation, and what could not be done: of older transcripts, and of
// runs by the session table, nothing is said.
static int load_login(const struct reading *reading, const json_t *line,
                      struct transcript *transcript)
{
    if (json_object_get(line, "login") != NULL) {
        int way = json_read_name(&reading->json, line, "login", way_names);
        if (way < 0)
            return -1;
        transcript->login = (enum login_way)way;
    }
    if (json_object_get(line, "of_case") != NULL &&
        json_read_bool(&reading->json, line, "of_case", &transcript->of_case) != 0)
        return -1;
    if (json_object_get(line, "lacks") == NULL)
        return 0;
    return json_read_flags(&reading->json, line, "lacks", lack_names, &transcript->lacks);
}

static int load_head(struct reading *reading, const json_t *line)
{
    static const char *const members[] = {
        "type",     "version",         "kit_version",      "implementation",
        "scenario", "scenario_digest", "scenario_summary", "host",
        "?login",   "?lacks",          "?inventory",       "?of_case",
        NULL};
    const struct json_reading *json = &reading->json;
    if (check_kind(reading, line) != 0 || json_check_members(json, line, members) != 0)
        return -1;
    struct transcript *transcript = calloc(1, sizeof *transcript);
    if (transcript == NULL)
        return json_refuse_memory(json);
    reading->transcript = transcript;
    if (json_read_text(json, line, "kit_version", &transcript->kit_version) != 0 ||
        json_read_text(json, line, "implementation", &transcript->implementation) != 0 ||
        json_read_text(json, line, "scenario", &transcript->scenario) != 0 ||
        json_read_text(json, line, "scenario_digest", &transcript->scenario_digest) != 0 ||
        json_read_text(json, line, "scenario_summary", &transcript->scenario_summary) != 0 ||
        load_login(reading, line, transcript) != 0 ||
        inventory_from_json(json, json_object_get(line, "inventory"), &transcript->inventory) != 0)
        return -1;
    return load_host(reading, json_object_get(line, "host"), &transcript->hello);
}

static bool is_count(const json_t *value, size_t count)
{
    json_int_t number = json_integer_value(value);
    return json_is_integer(value) && number >= 0 && (uintmax_t)number == count;
}

// The end line, and that nothing follows.
static int load_end(struct reading *reading, const json_t *line)
{
    static const char *const members[] = {"type", "truths", "calls", NULL};
    const struct transcript *transcript = reading->transcript;
    const json_t *truths = json_object_get(line, "truths");
    const json_t *calls = json_object_get(line, "calls");
    if (json_check_members(&reading->json, line, members) != 0)
        return -1;
    if (!is_count(truths, transcript->truth_count) || !is_count(calls, transcript->record_count))
        return json_refuse(&reading->json,
                           "speaks of %lld truths and %lld calls, but there are %zu and %zu: "
                           "lines are missing or added; record it anew",
                           (long long)json_integer_value(truths),
                           (long long)json_integer_value(calls), transcript->truth_count,
                           transcript->record_count);
    if (transcript->truth_count == 0)
        return json_refuse(&reading->json, "there is no \"truth\" line to judge against");
    int next = json_lines_next(&reading->lines, &reading->json);
    return next <= 0 ? next : json_refuse(&reading->json, "something follows the \"end\" line");
}

// One line after the head: 1 at the end line, 0 when there is more, -1 with the failure.
static int load_line(struct reading *reading)
{
    json_t *line = read_object(reading);
    if (line == NULL)
        return -1;
    const char *type = object_type(line);
    int result;
    if (strcmp(type, "call") == 0)
        result = load_record(reading, line);
    else if (strcmp(type, "truth") == 0 && reading->transcript->record_count == 0)
        result = load_truth(reading, line);
    else if (strcmp(type, "end") == 0)
        result = load_end(reading, line) == 0 ? 1 : -1;
    else
        result = json_refuse(&reading->json, "a line of type \"%.40s\" does not belong here", type);
    json_decref(line);
    return result;
}

static int load_lines(struct reading *reading)
{
    json_t *line = read_object(reading);
    bool is_case = line != NULL && strcmp(object_type(line), "case") == 0;
    int result = line == NULL ? -1
                 : is_case
                     ? case_file_read(&reading->transcript, line, &reading->lines, &reading->json)
                     : load_head(reading, line);
    json_decref(line);
    while (!is_case && result == 0)
        result = load_line(reading);
    return result < 0 ? -1 : 0;
}

int transcript_read(struct transcript **transcript, FILE *stream, const char *path,
                    struct failure *failure)
{
    struct reading reading = {.json = {.path = path, .failure = failure},
                              .lines = {.stream = stream}};
    int first = getc(stream);
    if (first != EOF)
        ungetc(first, stream);
    if (first == (unsigned char)CASE_BINARY_MAGIC[0])
        return case_binary_read(transcript, stream, path, failure);
    int result = load_lines(&reading);
    json_lines_free(&reading.lines);
    *transcript = result == 0 ? reading.transcript : NULL;
    if (result != 0)
        transcript_free(reading.transcript);
    return result;
}
