// The transcript as a file: JSON Lines, described in docs/transcript.md. What is read is checked as
// if an enemy had written it: everything behind the loader may rely on every range that is stated
// in the headers.
#include "conformance/transcript/transcript.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FORMAT_VERSION = 2,
    FORMAT_VERSION_OLDEST = 1, // that is read
    LINE_MAX_SIZE =
        2 * BYTES_MAX + (1 << 20), // the longest buffer in hex, and what stands around it
};

// How the numbers of call.h are spelled in the file; the index is the number.
static const char *const charset_names[] = {"A", "W", NULL};
static const char *const placement_names[] = {"null", "end", "start", "middle", "exact", NULL};
static const char *const fill_names[] = {"hash-0", "hash-1", "zero", "ones", NULL};
static const char *const flag_names[] = {"size-null", "count-null", "sparse", "measure",
                                         NULL}; // by bit
static const char *const kind_names[] = {"returned",  "fault",   "ended", "hung",
                                         "not-tried", "damaged", NULL};
static const char *const way_names[] = {"table", "command", NULL};
static const char *const lack_names[] = {"source", "recovery", NULL}; // by bit
static const char *const direction_names[] = {"unknown", "read", "write", "execute", NULL};

static const char hex_digits[] = "0123456789abcdef";

// ---- Texts, numbers and bytes to JSON
// --------------------------------------------------------------

static char *to_hex(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size * 2 + 1);
    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = hex_digits[bytes[i] >> 4];
        text[2 * i + 1] = hex_digits[bytes[i] & 15];
    }
    text[2 * size] = '\0';
    return text;
}

static json_t *hex_to_json(const uint8_t *bytes, size_t size)
{
    char *text = to_hex(bytes, size);
    json_t *value = text == NULL ? NULL : json_stringn_nocheck(text, size * 2);
    free(text);
    return value;
}

// Paths and what a library prints need not be UTF-8; JSON must. So that nothing of them is lost,
// such a text is written as {"hex": "..."}.
static json_t *text_to_json(const char *text)
{
    json_t *value = json_string(text);
    if (value != NULL)
        return value;
    return json_pack("{s:o}", "hex", hex_to_json((const uint8_t *)text, strlen(text)));
}

// 64 bits do not fit into every JSON reader's numbers.
static json_t *u64_to_json(uint64_t number)
{
    char text[17];
    snprintf(text, sizeof text, "%016" PRIx64, number);
    return json_string(text);
}

static json_t *flags_to_json(unsigned flags, const char *const *names)
{
    json_t *array = json_array();
    for (size_t bit = 0; array != NULL && names[bit] != NULL; bit++) {
        if ((flags >> bit & 1) != 0 && json_array_append_new(array, json_string(names[bit]))) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *extent_to_json(struct extent extent)
{
    return json_pack("[I,I]", (json_int_t)extent.first, (json_int_t)extent.last);
}

// ---- A transcript to lines
// -------------------------------------------------------------------------

// Adds a member; takes over `value`. `object` comes back, or NULL when memory ran out anywhere.
static json_t *with(json_t *object, const char *name, json_t *value)
{
    if (object != NULL && json_object_set_new(object, name, value) == 0)
        return object;
    if (object == NULL) // json_object_set_new releases it also when it fails
        json_decref(value);
    json_decref(object);
    return NULL;
}

// What says nothing is left out: a run by the session table lacks nothing.
static json_t *head_to_json(const struct transcript *transcript)
{
    const struct hello *hello = &transcript->hello;
    json_t *facts =
        json_pack("{s:i, s:i, s:b, s:b, s:I, s:o, s:o}", "pointer_size", hello->pointer_size,
                  "long_align", hello->long_align, "has_a", hello->has_a, "has_w", hello->has_w,
                  "code_page", (json_int_t)hello->code_page, "platform",
                  text_to_json(hello->platform), "error", text_to_json(hello->error));
    json_t *head = json_pack(
        "{s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "type", "transcript", "version", FORMAT_VERSION,
        "kit_version", text_to_json(transcript->kit_version), "implementation",
        text_to_json(transcript->implementation), "scenario", text_to_json(transcript->scenario),
        "scenario_digest", text_to_json(transcript->scenario_digest), "scenario_summary",
        text_to_json(transcript->scenario_summary), "host", facts);
    if (transcript->login != LOGIN_TABLE)
        head = with(head, "login", json_string(way_names[transcript->login]));
    if (transcript->lacks != 0)
        head = with(head, "lacks", flags_to_json(transcript->lacks, lack_names));
    return head;
}

// What says nothing is left out: of calls that were made once, alone, where nothing had happened.
static json_t *call_to_json(const struct call *call)
{
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:o, s:I, s:I, s:I}", "charset", charset_names[call->charset], "placement",
        placement_names[call->placement], "fill", fill_names[call->fill], "flags",
        flags_to_json(call->flags, flag_names), "offered", (json_int_t)call->offered, "count_in",
        (json_int_t)call->count_in, "misalignment", (json_int_t)call->misalignment);
    if (call->repeat != 0)
        object = with(object, "repeat", json_integer((json_int_t)call->repeat));
    return object;
}

static json_t *state_to_json(const struct process_state *state)
{
    return json_pack(
        "{s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:I, s:o}", "memory_bytes",
        u64_to_json(state->memory_bytes), "descriptors", (json_int_t)state->descriptors, "threads",
        (json_int_t)state->threads, "caller_descriptors", u64_to_json(state->caller_descriptors),
        "signal_mask", u64_to_json(state->signal_mask), "signal_handlers",
        u64_to_json(state->signal_handlers), "directory", u64_to_json(state->directory), "umask",
        (json_int_t)state->umask, "floating_point", u64_to_json(state->floating_point));
}

static json_t *outcome_to_json(const struct outcome *outcome)
{
    json_t *object = json_pack(
        "{s:s, s:I, s:I, s:I, s:b, s:b, s:o, s:o, s:o, s:I, s:s, s:b, s:o, s:I, s:o, s:o, s:o, "
        "s:I}",
        "kind", kind_names[outcome->kind], "status", (json_int_t)outcome->status, "size_out",
        (json_int_t)outcome->size_out, "count_out", (json_int_t)outcome->count_out,
        "size_cell_damaged", outcome->size_cell_damaged, "count_cell_damaged",
        outcome->count_cell_damaged, "inside", extent_to_json(outcome->inside), "before",
        extent_to_json(outcome->before), "after", extent_to_json(outcome->after), "signal",
        (json_int_t)outcome->signal_number, "direction", direction_names[outcome->direction],
        "fault_has_address", outcome->fault_has_address, "fault_address",
        u64_to_json(outcome->fault_address), "exit_code", (json_int_t)outcome->exit_code, "base",
        u64_to_json(outcome->base), "began_ns", u64_to_json(outcome->began_ns), "ended_ns",
        u64_to_json(outcome->ended_ns), "byte_count", (json_int_t)outcome->byte_count);
    if (outcome->repeats > 1) {
        object = with(object, "repeats", json_integer((json_int_t)outcome->repeats));
        object = with(object, "first_ended_ns", u64_to_json(outcome->first_ended_ns));
        object = with(object, "last_began_ns", u64_to_json(outcome->last_began_ns));
    }
    if (outcome->has_state) {
        object = with(object, "state_before", state_to_json(&outcome->state_before));
        object = with(object, "state_after", state_to_json(&outcome->state_after));
    }
    return object;
}

// Bytes that an earlier call left, too, are not written again.
static json_t *record_to_json(const struct record *record, size_t number)
{
    json_t *line = json_pack("{s:s, s:o, s:o, s:o}", "type", "call", "set",
                             text_to_json(record->probe_set), "call", call_to_json(&record->call),
                             "outcome", outcome_to_json(&record->outcome));
    if (record->same_as < number)
        line = with(line, "bytes_of", json_integer((json_int_t)record->same_as));
    else
        line = with(line, "bytes", hex_to_json(record->bytes, record->outcome.byte_count));
    if (record->circumstance != NULL)
        line = with(line, "circumstance", text_to_json(record->circumstance));
    if (record->threads > 1) {
        line = with(line, "thread", json_integer((json_int_t)record->thread));
        line = with(line, "threads", json_integer((json_int_t)record->threads));
    }
    if (record->said != NULL)
        line = with(line, "said", text_to_json(record->said));
    return line;
}

// Writes and releases `line`; NULL stands for memory that ran out while it was made.
static int write_line(FILE *stream, json_t *line)
{
    if (line == NULL) {
        errno = ENOMEM;
        return -1;
    }
    int result = json_dumpf(line, stream, JSON_COMPACT);
    json_decref(line);
    return result != 0 || putc('\n', stream) == EOF ? -1 : 0;
}

static int write_lines(FILE *stream, const struct transcript *transcript)
{
    if (write_line(stream, head_to_json(transcript)) != 0)
        return -1;
    for (size_t i = 0; i < transcript->truth_count; i++) {
        json_t *truth = truth_to_json(transcript->truths[i]);
        if (write_line(stream, json_pack("{s:s, s:o}", "type", "truth", "truth", truth)) != 0)
            return -1;
    }
    for (size_t i = 0; i < transcript->record_count; i++)
        if (write_line(stream, record_to_json(&transcript->records[i], i)) != 0)
            return -1;
    return write_line(stream, json_pack("{s:s, s:I, s:I}", "type", "end", "truths",
                                        (json_int_t)transcript->truth_count, "calls",
                                        (json_int_t)transcript->record_count));
}

static int write_file(const struct transcript *transcript, const char *path)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return -1;
    FILE *stream = fdopen(descriptor, "w");
    if (stream == NULL) {
        close(descriptor);
        return -1;
    }
    int result = write_lines(stream, transcript);
    int cause = errno; // fclose may hide it
    if (fclose(stream) != 0 && result == 0)
        return -1;
    errno = cause;
    return result;
}

int transcript_save(const struct transcript *transcript, const char *path, struct failure *failure)
{
    char *partial = NULL;
    int result = -1;
    if (transcript->truth_count == 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "transcript %s: there is no truth to judge it against", path);
    if (asprintf(&partial, "%s.%ld.partial", path, (long)getpid()) < 0) {
        partial = NULL;
        failure_set(failure, STATUS_UNTRUSTED, "transcript %s: out of memory", path);
        goto out;
    }
    if (write_file(transcript, partial) != 0 || rename(partial, path) != 0) {
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

// ---- Lines to a transcript
// -------------------------------------------------------------------------

struct reading {
    const char *path;
    size_t line;
    FILE *stream;
    char *bytes; // the present line, without its newline
    size_t size;
    size_t capacity;
    json_int_t version; // of the format
    struct transcript *transcript;
    struct failure *failure;
};

static int refuse(const struct reading *reading, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int refuse(const struct reading *reading, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return failure_set(reading->failure, STATUS_USAGE, "%s:%zu: %s", reading->path, reading->line,
                       text);
}

static int refuse_memory(const struct reading *reading)
{
    return failure_set(reading->failure, STATUS_UNTRUSTED, "%s:%zu: out of memory", reading->path,
                       reading->line);
}

static int grow_line(struct reading *reading)
{
    if (reading->bytes != NULL && reading->size < reading->capacity)
        return 0;
    if (reading->capacity >= LINE_MAX_SIZE) {
        refuse(reading, "longer than any line of a transcript; this is no transcript");
        return -1;
    }
    size_t capacity = reading->capacity == 0 ? 4096 : reading->capacity * 2;
    char *bytes = realloc(reading->bytes, capacity);
    if (bytes == NULL) {
        refuse_memory(reading);
        return -1;
    }
    reading->bytes = bytes;
    reading->capacity = capacity;
    return 0;
}

// 1 with the next line, 0 at the end of the file, -1 with the failure.
static int read_line(struct reading *reading)
{
    reading->size = 0;
    reading->line++;
    for (;;) {
        int byte = getc_unlocked(reading->stream);
        if (byte == '\n')
            return 1;
        if (byte == EOF && ferror(reading->stream))
            return refuse(reading, "cannot be read: %s", strerror(errno));
        if (byte == EOF && reading->size > 0)
            return refuse(reading,
                          "the file ends within this line; it was cut short: record it anew");
        if (byte == EOF)
            return 0;
        if (grow_line(reading) != 0)
            return -1;
        reading->bytes[reading->size++] = (char)byte;
    }
}

// The next line as a JSON object, released by the caller; NULL with the failure.
static json_t *read_object(struct reading *reading)
{
    int result = read_line(reading);
    if (result < 0)
        return NULL;
    if (result == 0) {
        refuse(reading, "the file ends before its \"end\" line; it was cut short: record it anew");
        return NULL;
    }
    json_error_t error;
    json_t *object = json_loadb(reading->bytes, reading->size, JSON_REJECT_DUPLICATES, &error);
    if (object == NULL)
        refuse(reading, "not JSON: column %d: %s", error.column, error.text);
    return object;
}

static const char *object_type(const json_t *object)
{
    const char *type = json_string_value(json_object_get(object, "type"));
    return type == NULL ? "" : type;
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

// Decodes 2 * `size` digits into `bytes`.
static int from_hex(uint8_t *bytes, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        int high = hex_value(text[2 * i]);
        int low = high < 0 ? -1 : hex_value(text[2 * i + 1]);
        if (low < 0)
            return -1;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return 0;
}

// The text that text_to_json wrote, malloc'ed; NULL with the failure.
static char *load_text(const struct reading *reading, const json_t *value, const char *name)
{
    if (json_is_string(value)) {
        char *text = strdup(json_string_value(value));
        if (text == NULL)
            refuse_memory(reading);
        return text;
    }
    const char *hex = json_string_value(json_object_get(value, "hex"));
    size_t size = hex == NULL ? 0 : strlen(hex);
    if (hex == NULL || json_object_size(value) != 1 || size % 2 != 0) {
        refuse(reading, "\"%s\" is neither a text nor {\"hex\": \"...\"} with whole bytes", name);
        return NULL;
    }
    char *text = malloc(size / 2 + 1);
    if (text == NULL) {
        refuse_memory(reading);
        return NULL;
    }
    text[size / 2] = '\0';
    if (from_hex((uint8_t *)text, hex, size / 2) != 0 || strlen(text) != size / 2) {
        refuse(reading, "\"%s\" holds something else than hex digits of a text", name);
        free(text);
        return NULL;
    }
    return text;
}

static int load_short_text(const struct reading *reading, const json_t *value, const char *name,
                           char *buffer, size_t size)
{
    char *text = load_text(reading, value, name);
    if (text == NULL)
        return -1;
    size_t length = strlen(text);
    if (length < size)
        memcpy(buffer, text, length + 1);
    free(text);
    return length < size ? 0 : refuse(reading, "\"%s\" is longer than %zu bytes", name, size - 1);
}

static int load_number(const struct reading *reading, json_int_t number, const char *name,
                       uint32_t *value)
{
    if (number < 0 || number > UINT32_MAX)
        return refuse(reading, "\"%s\" is %lld; it must be from 0 to %u", name, (long long)number,
                      UINT32_MAX);
    *value = (uint32_t)number;
    return 0;
}

static int load_signed(const struct reading *reading, json_int_t number, const char *name,
                       int32_t *value)
{
    if (number < INT32_MIN || number > INT32_MAX)
        return refuse(reading, "\"%s\" is %lld; it must fit into 32 bits", name, (long long)number);
    *value = (int32_t)number;
    return 0;
}

static int load_u64(const struct reading *reading, const char *text, const char *name,
                    uint64_t *value)
{
    uint8_t bytes[8];
    if (strlen(text) != 16 || from_hex(bytes, text, sizeof bytes) != 0)
        return refuse(reading, "\"%s\" is \"%.40s\"; it must be 16 lower-case hex digits", name,
                      text);
    *value = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        *value = *value << 8 | bytes[i];
    return 0;
}

static int load_name(const struct reading *reading, const char *const *names, const char *text,
                     const char *name, uint8_t *value)
{
    for (uint8_t i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], text) == 0) {
            *value = i;
            return 0;
        }
    }
    return refuse(reading, "\"%s\" is \"%.40s\", which this kit does not know", name, text);
}

static int load_flags(const struct reading *reading, const json_t *array, uint8_t *flags)
{
    if (!json_is_array(array))
        return refuse(reading, "\"flags\" is not a list");
    *flags = 0;
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *text = json_string_value(json_array_get(array, i));
        uint8_t bit = 0;
        if (load_name(reading, flag_names, text == NULL ? "" : text, "flags", &bit) != 0)
            return -1;
        *flags = (uint8_t)(*flags | 1U << bit);
    }
    return 0;
}

// An extent that is not empty must lie within [low, high].
static int load_extent(const struct reading *reading, const json_t *value, const char *name,
                       int64_t low, int64_t high, struct extent *extent)
{
    json_int_t first = 0;
    json_int_t last = -1;
    // jansson's unpacking takes a value that is not const, though it changes nothing.
    if (json_unpack((json_t *)value, "[I,I!]", &first, &last) != 0)
        return refuse(reading, "\"%s\" is not a pair of numbers", name);
    *extent = (struct extent){first, last};
    if (!extent_empty(*extent) && (first < low || last > high))
        return refuse(reading, "\"%s\" is %lld to %lld, which is not where it can be", name,
                      (long long)first, (long long)last);
    return 0;
}

static int load_call(const struct reading *reading, json_t *object, struct call *call)
{
    const char *charset;
    const char *placement;
    const char *fill;
    const json_t *flags;
    json_int_t offered;
    json_int_t count_in;
    json_int_t misalignment;
    json_int_t repeat = 0;
    json_error_t error;
    if (json_unpack_ex(object, &error, 0, "{s:s, s:s, s:s, s:o, s:I, s:I, s:I, s?I !}", "charset",
                       &charset, "placement", &placement, "fill", &fill, "flags", &flags, "offered",
                       &offered, "count_in", &count_in, "misalignment", &misalignment, "repeat",
                       &repeat) != 0)
        return refuse(reading, "\"call\": %s", error.text);
    if (load_name(reading, charset_names, charset, "charset", &call->charset) != 0 ||
        load_name(reading, placement_names, placement, "placement", &call->placement) != 0 ||
        load_name(reading, fill_names, fill, "fill", &call->fill) != 0 ||
        load_flags(reading, flags, &call->flags) != 0 ||
        load_number(reading, offered, "offered", &call->offered) != 0 ||
        load_number(reading, count_in, "count_in", &call->count_in) != 0 ||
        load_number(reading, misalignment, "misalignment", &call->misalignment) != 0 ||
        load_number(reading, repeat, "repeat", &call->repeat) != 0)
        return -1;
    if (call->misalignment > 15)
        return refuse(reading, "\"misalignment\" is %u; it must be from 0 to 15",
                      call->misalignment);
    return 0;
}

// What json_unpack gives of an outcome, before it is checked.
struct raw_outcome {
    const char *kind;
    const char *direction;
    const char *fault_address;
    const char *base;
    const char *began;
    const char *ended;
    json_int_t status;
    json_int_t size_out;
    json_int_t count_out;
    json_int_t signal_number;
    json_int_t exit_code;
    json_int_t byte_count;
    const json_t *inside;
    const json_t *before;
    const json_t *after;
    int size_cell_damaged;
    int count_cell_damaged;
    int fault_has_address;
    // What may be absent:
    const json_t *repeats;
    const char *first_ended;
    const char *last_began;
    json_t *state_before;
    json_t *state_after;
};

static int unpack_outcome(const struct reading *reading, json_t *object, struct raw_outcome *raw)
{
    json_error_t error;
    if (json_unpack_ex(object, &error, 0,
                       "{s:s, s:I, s:I, s:I, s:b, s:b, s:o, s:o, s:o, s:I, s:s, s:b, s:s, s:I, "
                       "s:s, s:s, s:s, s:I, s?o, s?s, s?s, s?o, s?o !}",
                       "kind", &raw->kind, "status", &raw->status, "size_out", &raw->size_out,
                       "count_out", &raw->count_out, "size_cell_damaged", &raw->size_cell_damaged,
                       "count_cell_damaged", &raw->count_cell_damaged, "inside", &raw->inside,
                       "before", &raw->before, "after", &raw->after, "signal", &raw->signal_number,
                       "direction", &raw->direction, "fault_has_address", &raw->fault_has_address,
                       "fault_address", &raw->fault_address, "exit_code", &raw->exit_code, "base",
                       &raw->base, "began_ns", &raw->began, "ended_ns", &raw->ended, "byte_count",
                       &raw->byte_count, "repeats", &raw->repeats, "first_ended_ns",
                       &raw->first_ended, "last_began_ns", &raw->last_began, "state_before",
                       &raw->state_before, "state_after", &raw->state_after) != 0)
        return refuse(reading, "\"outcome\": %s", error.text);
    return 0;
}

static int load_extents(const struct reading *reading, const struct raw_outcome *raw,
                        const struct call *call, struct outcome *outcome)
{
    int64_t end = call->offered;
    if (load_extent(reading, raw->inside, "inside", 0, end - 1, &outcome->inside) != 0 ||
        load_extent(reading, raw->before, "before", INT64_MIN, -1, &outcome->before) != 0)
        return -1;
    return load_extent(reading, raw->after, "after", end, INT64_MAX, &outcome->after);
}

// What is said of several calls with one answer; all of it or nothing is there.
static int load_repeats(const struct reading *reading, const struct raw_outcome *raw,
                        const struct call *call, struct outcome *outcome)
{
    outcome_single(outcome);
    if (raw->repeats == NULL && raw->first_ended == NULL && raw->last_began == NULL)
        return 0;
    if (!json_is_integer(raw->repeats) || raw->first_ended == NULL || raw->last_began == NULL)
        return refuse(reading,
                      "\"repeats\", \"first_ended_ns\" and \"last_began_ns\" go together, the "
                      "first of them a number");
    if (load_number(reading, json_integer_value(raw->repeats), "repeats", &outcome->repeats) != 0 ||
        load_u64(reading, raw->first_ended, "first_ended_ns", &outcome->first_ended_ns) != 0 ||
        load_u64(reading, raw->last_began, "last_began_ns", &outcome->last_began_ns) != 0)
        return -1;
    if (outcome->kind != OUTCOME_RETURNED || outcome->repeats < 2 ||
        outcome->repeats > call->repeat)
        return refuse(reading, "\"repeats\" is %u, which this call can't have", outcome->repeats);
    if (outcome->first_ended_ns < outcome->began_ns ||
        outcome->last_began_ns < outcome->first_ended_ns ||
        outcome->ended_ns < outcome->last_began_ns)
        return refuse(reading,
                      "the times of the first and the last of \"repeats\" calls are not in "
                      "order");
    return 0;
}

static int load_state(const struct reading *reading, json_t *object, const char *name,
                      struct process_state *state)
{
    json_int_t descriptors;
    json_int_t threads;
    json_int_t umask;
    const char *memory;
    const char *callers;
    const char *mask;
    const char *handlers;
    const char *directory;
    const char *floating_point;
    json_error_t error;
    if (json_unpack_ex(object, &error, 0, "{s:s, s:I, s:I, s:s, s:s, s:s, s:s, s:I, s:s !}",
                       "memory_bytes", &memory, "descriptors", &descriptors, "threads", &threads,
                       "caller_descriptors", &callers, "signal_mask", &mask, "signal_handlers",
                       &handlers, "directory", &directory, "umask", &umask, "floating_point",
                       &floating_point) != 0)
        return refuse(reading, "\"%s\": %s", name, error.text);
    if (load_u64(reading, memory, "memory_bytes", &state->memory_bytes) != 0 ||
        load_number(reading, descriptors, "descriptors", &state->descriptors) != 0 ||
        load_number(reading, threads, "threads", &state->threads) != 0 ||
        load_u64(reading, callers, "caller_descriptors", &state->caller_descriptors) != 0 ||
        load_u64(reading, mask, "signal_mask", &state->signal_mask) != 0 ||
        load_u64(reading, handlers, "signal_handlers", &state->signal_handlers) != 0 ||
        load_u64(reading, directory, "directory", &state->directory) != 0 ||
        load_number(reading, umask, "umask", &state->umask) != 0)
        return -1;
    return load_u64(reading, floating_point, "floating_point", &state->floating_point);
}

// Both, or none.
static int load_states(const struct reading *reading, const struct raw_outcome *raw,
                       const struct call *call, struct outcome *outcome)
{
    outcome->has_state = raw->state_before != NULL;
    if (raw->state_before == NULL && raw->state_after == NULL)
        return 0;
    if (raw->state_before == NULL || raw->state_after == NULL ||
        outcome->kind != OUTCOME_RETURNED || (call->flags & CALL_MEASURE) == 0)
        return refuse(reading,
                      "\"state_before\" and \"state_after\" go together, with a measured call "
                      "that returned");
    if (load_state(reading, raw->state_before, "state_before", &outcome->state_before) != 0)
        return -1;
    return load_state(reading, raw->state_after, "state_after", &outcome->state_after);
}

static int load_outcome(const struct reading *reading, json_t *object, const struct call *call,
                        struct outcome *outcome)
{
    struct raw_outcome raw = {0};
    if (unpack_outcome(reading, object, &raw) != 0)
        return -1;
    outcome->size_cell_damaged = raw.size_cell_damaged != 0;
    outcome->count_cell_damaged = raw.count_cell_damaged != 0;
    outcome->fault_has_address = raw.fault_has_address != 0;
    if (load_name(reading, kind_names, raw.kind, "kind", &outcome->kind) != 0 ||
        load_name(reading, direction_names, raw.direction, "direction", &outcome->direction) != 0 ||
        load_number(reading, raw.status, "status", &outcome->status) != 0 ||
        load_number(reading, raw.size_out, "size_out", &outcome->size_out) != 0 ||
        load_number(reading, raw.count_out, "count_out", &outcome->count_out) != 0 ||
        load_number(reading, raw.byte_count, "byte_count", &outcome->byte_count) != 0 ||
        load_signed(reading, raw.signal_number, "signal", &outcome->signal_number) != 0 ||
        load_signed(reading, raw.exit_code, "exit_code", &outcome->exit_code) != 0 ||
        load_u64(reading, raw.fault_address, "fault_address", &outcome->fault_address) != 0 ||
        load_u64(reading, raw.base, "base", &outcome->base) != 0 ||
        load_u64(reading, raw.began, "began_ns", &outcome->began_ns) != 0 ||
        load_u64(reading, raw.ended, "ended_ns", &outcome->ended_ns) != 0)
        return -1;
    if (load_repeats(reading, &raw, call, outcome) != 0 ||
        load_states(reading, &raw, call, outcome) != 0)
        return -1;
    return load_extents(reading, &raw, call, outcome);
}

// The bytes where they are spelled out.
static int load_own_bytes(const struct reading *reading, const char *hex, uint32_t count,
                          uint8_t **bytes)
{
    if (strlen(hex) != (size_t)count * 2)
        return refuse(reading, "\"byte_count\" is %u, \"bytes\" holds %zu hex digits", count,
                      strlen(hex));
    if (count == 0)
        return 0;
    *bytes = malloc(count);
    if (*bytes == NULL)
        return refuse_memory(reading);
    if (from_hex(*bytes, hex, count) == 0)
        return 0;
    free(*bytes);
    *bytes = NULL;
    return refuse(reading, "\"bytes\" holds something else than lower-case hex digits");
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
        return refuse(reading, "\"bytes_of\" is not the number of an earlier call with "
                               "\"byte_count\" bytes");
    *bytes = malloc(count);
    if (*bytes == NULL)
        return refuse_memory(reading);
    memcpy(*bytes, transcript->records[number].bytes, count);
    return 0;
}

static int load_bytes(const struct reading *reading, const char *hex, const json_t *bytes_of,
                      const struct call *call, const struct outcome *outcome, uint8_t **bytes)
{
    uint32_t count = outcome->byte_count;
    *bytes = NULL;
    if ((hex == NULL) == (bytes_of == NULL))
        return refuse(reading, "there must be either \"bytes\" or \"bytes_of\"");
    if (count > BYTES_MAX || count > call->offered ||
        (count > 0 && (outcome->kind != OUTCOME_RETURNED || call->placement == PLACE_NULL)))
        return refuse(reading, "\"byte_count\" is %u, more than this call can have", count);
    return hex != NULL ? load_own_bytes(reading, hex, count, bytes)
                       : load_shared_bytes(reading, bytes_of, count, bytes);
}

// The transcript's own copy of a text that many records have; NULL with the failure.
static const char *load_shared_text(const struct reading *reading, const json_t *value,
                                    const char *name)
{
    char *text = load_text(reading, value, name);
    if (text == NULL)
        return NULL;
    const char *shared = transcript_intern(reading->transcript, text);
    free(text);
    if (shared != NULL)
        return shared;
    if (reading->transcript->name_count == TRANSCRIPT_NAMES_MAX)
        refuse(reading, "more than %d sets of probes and circumstances; this is no transcript",
               TRANSCRIPT_NAMES_MAX);
    else
        refuse_memory(reading);
    return NULL;
}

// What a line says of its call beside the call itself, where it says it.
static int load_surroundings(const struct reading *reading, const json_t *circumstance,
                             const json_t *said, json_int_t thread, json_int_t threads)
{
    struct record *record = transcript_last(reading->transcript);
    if (threads < 1 || threads > THREADS_MAX || thread < 0 || thread >= threads)
        return refuse(reading,
                      "\"thread\" is %lld of %lld \"threads\"; there are 1 to %d, numbered "
                      "from 0",
                      (long long)thread, (long long)threads, THREADS_MAX);
    record->thread = (unsigned)thread;
    record->threads = (unsigned)threads;
    if (circumstance != NULL) {
        record->circumstance = load_shared_text(reading, circumstance, "circumstance");
        if (record->circumstance == NULL)
            return -1;
    }
    if (said == NULL)
        return 0;
    record->said = load_text(reading, said, "said");
    return record->said == NULL ? -1 : 0;
}

static int load_record(const struct reading *reading, json_t *line)
{
    const char *type;
    const char *hex = NULL;
    const json_t *bytes_of = NULL;
    const json_t *set;
    const json_t *circumstance = NULL;
    const json_t *said = NULL;
    json_int_t thread = 0;
    json_int_t threads = 1;
    json_t *call_object;
    json_t *outcome_object;
    json_error_t error;
    if (json_unpack_ex(line, &error, 0, "{s:s, s:o, s:o, s:o, s?s, s?o, s?o, s?I, s?I, s?o !}",
                       "type", &type, "set", &set, "call", &call_object, "outcome", &outcome_object,
                       "bytes", &hex, "bytes_of", &bytes_of, "circumstance", &circumstance,
                       "thread", &thread, "threads", &threads, "said", &said) != 0)
        return refuse(reading, "%s", error.text);
    struct call call = {0};
    struct outcome outcome = {0};
    uint8_t *bytes = NULL;
    const char *name = load_shared_text(reading, set, "set");
    if (name == NULL || load_call(reading, call_object, &call) != 0 ||
        load_outcome(reading, outcome_object, &call, &outcome) != 0 ||
        load_bytes(reading, hex, bytes_of, &call, &outcome, &bytes) != 0)
        return -1;
    if (transcript_add(reading->transcript, name, &call, &outcome, bytes) != 0)
        return refuse_memory(reading);
    return load_surroundings(reading, circumstance, said, thread, threads);
}

static int load_truth(const struct reading *reading, const json_t *line)
{
    struct transcript *transcript = reading->transcript;
    struct failure cause = {0};
    struct truth *truth = NULL;
    if (json_object_size(line) != 2)
        return refuse(reading, "a \"truth\" line holds \"type\" and \"truth\", nothing else");
    if (truth_from_json(&truth, json_object_get(line, "truth"), &cause) != 0)
        return refuse(reading, "\"truth\": %s", cause.text);
    int result = 0;
    if (transcript->truth_count > 0 &&
        truth->generation <= transcript->truths[transcript->truth_count - 1]->generation)
        result = refuse(reading, "\"truth\": its generation is not above the one before");
    else if (transcript_add_truth(transcript, truth) != 0)
        result = refuse_memory(reading);
    truth_free(truth);
    return result;
}

static int load_host(const struct reading *reading, json_t *object, struct hello *hello)
{
    json_int_t pointer_size;
    json_int_t long_align;
    json_int_t code_page;
    int has_a;
    int has_w;
    const json_t *platform;
    const json_t *loading;
    json_error_t error;
    if (json_unpack_ex(object, &error, 0, "{s:I, s:I, s:b, s:b, s:I, s:o, s:o !}", "pointer_size",
                       &pointer_size, "long_align", &long_align, "has_a", &has_a, "has_w", &has_w,
                       "code_page", &code_page, "platform", &platform, "error", &loading) != 0)
        return refuse(reading, "\"host\": %s", error.text);
    if ((pointer_size != 4 && pointer_size != 8) || (long_align != 4 && long_align != 8))
        return refuse(reading,
                      "\"host\": pointers of %lld bytes, 64-bit integers aligned to %lld; "
                      "each must be 4 or 8",
                      (long long)pointer_size, (long long)long_align);
    hello->pointer_size = (uint8_t)pointer_size;
    hello->long_align = (uint8_t)long_align;
    hello->has_a = has_a != 0;
    hello->has_w = has_w != 0;
    if (load_number(reading, code_page, "code_page", &hello->code_page) != 0 ||
        load_short_text(reading, platform, "platform", hello->platform, sizeof hello->platform) !=
            0)
        return -1;
    return load_short_text(reading, loading, "error", hello->error, sizeof hello->error);
}

// Is this a transcript at all, and of a version that is known? Only then are its other fields
// looked at.
static int check_kind(struct reading *reading, const json_t *line)
{
    const json_t *version = json_object_get(line, "version");
    if (strcmp(object_type(line), "transcript") != 0)
        return refuse(reading, "does not begin as a transcript; give files made with "
                               "'iscsidsc-tck run --transcript'");
    reading->version = json_integer_value(version);
    if (!json_is_integer(version) || reading->version < FORMAT_VERSION_OLDEST ||
        reading->version > FORMAT_VERSION)
        return refuse(reading,
                      "not of version %d to %d, those that this kit (%s) reads; use a kit that is "
                      "as new as the transcript",
                      FORMAT_VERSION_OLDEST, FORMAT_VERSION, TCK_VERSION);
    return 0;
}

// How sessions reached the implementation, and what could not be done: of older transcripts, and of
// runs by the session table, nothing is said.
static int load_login(const struct reading *reading, const char *way, const json_t *lacks,
                      struct transcript *transcript)
{
    uint8_t number = 0;
    if (way != NULL && load_name(reading, way_names, way, "login", &number) != 0)
        return -1;
    transcript->login = (enum login_way)number;
    if (lacks != NULL && !json_is_array(lacks))
        return refuse(reading, "\"lacks\" is no array");
    for (size_t i = 0; i < json_array_size(lacks); i++) {
        const char *name = json_string_value(json_array_get(lacks, i));
        if (load_name(reading, lack_names, name == NULL ? "" : name, "lacks", &number) != 0)
            return -1;
        transcript->lacks |= 1U << number;
    }
    return 0;
}

static int load_head(struct reading *reading, json_t *line)
{
    const char *way = NULL;
    const json_t *lacks = NULL;
    const char *type;
    json_int_t version;
    const json_t *texts[5];
    json_t *host;
    json_error_t error;
    if (check_kind(reading, line) != 0)
        return -1;
    if (json_unpack_ex(line, &error, 0, "{s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s?s, s?o !}",
                       "type", &type, "version", &version, "kit_version", &texts[0],
                       "implementation", &texts[1], "scenario", &texts[2], "scenario_digest",
                       &texts[3], "scenario_summary", &texts[4], "host", &host, "login", &way,
                       "lacks", &lacks) != 0)
        return refuse(reading, "%s", error.text);
    struct transcript *transcript = calloc(1, sizeof *transcript);
    if (transcript == NULL)
        return refuse_memory(reading);
    reading->transcript = transcript;
    if ((transcript->kit_version = load_text(reading, texts[0], "kit_version")) == NULL ||
        (transcript->implementation = load_text(reading, texts[1], "implementation")) == NULL ||
        (transcript->scenario = load_text(reading, texts[2], "scenario")) == NULL ||
        (transcript->scenario_digest = load_text(reading, texts[3], "scenario_digest")) == NULL ||
        (transcript->scenario_summary = load_text(reading, texts[4], "scenario_summary")) == NULL)
        return -1;
    if (load_login(reading, way, lacks, transcript) != 0)
        return -1;
    return load_host(reading, host, &transcript->hello);
}

// The end line, and that nothing follows.
static int load_end(struct reading *reading, json_t *line)
{
    const struct transcript *transcript = reading->transcript;
    const char *type;
    json_int_t truths;
    json_int_t calls;
    json_error_t error;
    if (json_unpack_ex(line, &error, 0, "{s:s, s:I, s:I !}", "type", &type, "truths", &truths,
                       "calls", &calls) != 0)
        return refuse(reading, "%s", error.text);
    if (truths < 0 || (uintmax_t)truths != transcript->truth_count || calls < 0 ||
        (uintmax_t)calls != transcript->record_count)
        return refuse(reading,
                      "speaks of %lld truths and %lld calls, but there are %zu and %zu: "
                      "lines are missing or added; record it anew",
                      (long long)truths, (long long)calls, transcript->truth_count,
                      transcript->record_count);
    if (transcript->truth_count == 0)
        return refuse(reading, "there is no \"truth\" line to judge against");
    int next = read_line(reading);
    return next <= 0 ? next : refuse(reading, "something follows the \"end\" line");
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
        result = refuse(reading, "a line of type \"%.40s\" does not belong here", type);
    json_decref(line);
    return result;
}

static int load_lines(struct reading *reading)
{
    json_t *line = read_object(reading);
    int result = line == NULL ? -1 : load_head(reading, line);
    json_decref(line);
    while (result == 0)
        result = load_line(reading);
    return result < 0 ? -1 : 0;
}

int transcript_load(struct transcript **transcript, const char *path, struct failure *failure)
{
    struct reading reading = {.path = path, .failure = failure};
    *transcript = NULL;
    reading.stream = fopen(path, "re");
    if (reading.stream == NULL)
        return failure_set(failure, STATUS_USAGE,
                           "transcript %s: cannot be opened: %s; give a file made with "
                           "'iscsidsc-tck run --transcript'",
                           path, strerror(errno));
    int result = load_lines(&reading);
    fclose(reading.stream);
    free(reading.bytes);
    if (result == 0)
        *transcript = reading.transcript;
    else
        transcript_free(reading.transcript);
    return result;
}
