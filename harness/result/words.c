// A result in words, as all reports say it.
#include "harness/result/words.h"

#include "conformance/transcript/error_codes.h"
#include "harness/report/report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void report_append(char *text, size_t size, const char *format, ...)
{
    size_t used = strnlen(text, size);
    if (used >= size)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

// Calls.

static const char *fill_words(const struct call *call)
{
    if ((call->flags & CALL_SPARSE) != 0)
        return "of sparse memory, zero-filled";
    switch ((enum fill)call->fill) {
    case FILL_HASH_0:
        return "filled with pseudo-random bytes";
    case FILL_HASH_1:
        return "filled with other pseudo-random bytes";
    case FILL_ZERO:
        return "filled with zeros";
    case FILL_ONES:
        return "filled with 0xFF";
    }
    return "filled with an unknown pattern";
}

static void append_placement(const struct call *call, char *text, size_t size)
{
    report_append(text, size, "the buffer of %" PRIu32 " byte%s ", call->offered,
                  call->offered == 1 ? "" : "s");
    switch ((enum placement)call->placement) {
    case PLACE_NULL:
        break;
    case PLACE_END:
        report_append(text, size, "stands before an inaccessible page, its start aligned to 16");
        break;
    case PLACE_START:
        report_append(text, size, "starts right behind an inaccessible page");
        break;
    case PLACE_MIDDLE:
        report_append(text, size, "stands between canary bytes, %" PRIu32 " past a multiple of 16",
                      call->misalignment);
        break;
    case PLACE_EXACT:
        report_append(text, size, "ends right at an inaccessible page");
        break;
    }
    report_append(text, size, ", %s", fill_words(call));
}

void report_describe_call(const struct record *record, char *text, size_t size)
{
    const struct call *call = &record->call;
    if (size == 0)
        return;
    text[0] = '\0';
    report_append(text, size, "GetIScsiSessionList%c(", call->charset == CHARSET_W ? 'W' : 'A');
    if ((call->flags & CALL_SIZE_NULL) != 0)
        report_append(text, size, "NULL, ");
    else
        report_append(text, size, "&size = %" PRIu32 ", ", call->offered);
    if ((call->flags & CALL_COUNT_NULL) != 0)
        report_append(text, size, "NULL, ");
    else
        report_append(text, size, "&count = %" PRIu32 ", ", call->count_in);
    if (call->placement == PLACE_NULL) {
        report_append(text, size, "NULL)");
        return;
    }
    report_append(text, size, "buffer): ");
    append_placement(call, text, size);
}

// Outcomes.

static void append_extent(struct extent extent, const char *what, char *text, size_t size)
{
    if (extent_empty(extent))
        return;
    if (extent.first == extent.last)
        report_append(text, size, "; %s: byte %" PRId64, what, extent.first);
    else
        report_append(text, size, "; %s: from byte %" PRId64 " to %" PRId64, what, extent.first,
                      extent.last);
}

static void append_returned(const struct record *record, char *text, size_t size)
{
    const struct outcome *outcome = &record->outcome;
    char status[128];
    report_append(text, size, "returned %s",
                  error_code_describe(outcome->status, status, sizeof status));
    if ((record->call.flags & CALL_SIZE_NULL) == 0)
        report_append(text, size, ", *BufferSize = %" PRIu32, outcome->size_out);
    if ((record->call.flags & CALL_COUNT_NULL) == 0)
        report_append(text, size, ", *SessionCount = %" PRIu32, outcome->count_out);
    if (outcome->status != 0)
        append_extent(outcome->inside, "the buffer was changed", text, size);
    append_extent(outcome->before, "memory before the buffer was changed", text, size);
    append_extent(outcome->after, "memory behind the buffer was changed", text, size);
    if (outcome->size_cell_damaged)
        report_append(text, size, "; memory beside *BufferSize was changed");
    if (outcome->count_cell_damaged)
        report_append(text, size, "; memory beside *SessionCount was changed");
}

static void append_signal(int signal_number, char *text, size_t size)
{
    const char *name = sigabbrev_np(signal_number);
    if (name != NULL)
        report_append(text, size, "SIG%s", name);
    else
        report_append(text, size, "signal %d", signal_number);
}

// Where a fault was, in terms of the buffer when it is near it.
static void append_fault_place(const struct record *record, char *text, size_t size)
{
    const struct outcome *outcome = &record->outcome;
    const int64_t near_by = 1 << 20;
    int64_t offset = (int64_t)(outcome->fault_address - outcome->base);
    int64_t offered = record->call.offered;
    if (outcome->base == 0 || offset < -near_by || offset > offered + near_by) {
        report_append(text, size, " at address 0x%" PRIx64, outcome->fault_address);
        if (record->call.placement == PLACE_NULL)
            report_append(text, size, " (SessionInfo is NULL)");
    } else if (offset < 0) {
        report_append(text, size,
                      " at SessionInfo - %" PRId64 " (%" PRId64 " byte%s before the start)",
                      -offset, -offset, offset == -1 ? "" : "s");
    } else if (offset < offered) {
        report_append(text, size, " at SessionInfo + %" PRId64, offset);
    } else {
        int64_t past = offset - offered + 1;
        report_append(text, size, " at SessionInfo + %" PRId64 " (%" PRId64 " byte%s past the end)",
                      offset, past, past == 1 ? "" : "s");
    }
}

static void append_fault(const struct record *record, char *text, size_t size)
{
    append_signal(record->outcome.signal_number, text, size);
    switch ((enum fault_direction)record->outcome.direction) {
    case FAULT_UNKNOWN:
        break;
    case FAULT_READ:
        report_append(text, size, " reading");
        break;
    case FAULT_WRITE:
        report_append(text, size, " writing");
        break;
    case FAULT_EXECUTE:
        report_append(text, size, " executing");
        break;
    }
    if (record->outcome.fault_has_address)
        append_fault_place(record, text, size);
    else
        report_append(text, size, " inside the call");
}

static void append_ended(const struct outcome *outcome, char *text, size_t size)
{
    report_append(text, size, "ended the process inside the call: ");
    if (outcome->exit_code >= 0)
        report_append(text, size, "exit(%" PRId32 ")", outcome->exit_code);
    else
        append_signal(outcome->signal_number, text, size);
}

void report_describe_outcome(const struct record *record, char *text, size_t size)
{
    const struct outcome *outcome = &record->outcome;
    if (size == 0)
        return;
    text[0] = '\0';
    switch ((enum outcome_kind)outcome->kind) {
    case OUTCOME_RETURNED:
        append_returned(record, text, size);
        return;
    case OUTCOME_FAULT:
        append_fault(record, text, size);
        return;
    case OUTCOME_ENDED:
        append_ended(outcome, text, size);
        return;
    case OUTCOME_HUNG:
        report_append(text, size, "did not return");
        if (outcome->ended_ns > outcome->began_ns)
            report_append(text, size, " within %.1f s",
                          (double)(outcome->ended_ns - outcome->began_ns) / 1e9);
        report_append(text, size, " and was killed");
        return;
    case OUTCOME_NOT_TRIED:
        report_append(text, size, "was not made: too many calls before it crashed or hung");
        return;
    case OUTCOME_DAMAGED:
        report_append(text, size, "left the host damaged: its answer could not be understood");
        return;
    }
    report_append(text, size, "had an unknown outcome (%u)", outcome->kind);
}

// The run's verdict.

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

void report_describe_doubts(const struct result *result, char *text, size_t size)
{
    if (size == 0)
        return;
    text[0] = '\0';
    if (result_complete(result))
        return;
    struct tally tally = result_tally(result, NULL);
    if (result->failure.status != 0)
        report_append(text, size, "%s",
                      result->failure.text[0] == '\0' ? "stopped without a reason given"
                                                      : result->failure.text);
    append_unfinished(result, text, size);
    if (tally.planned == 0 && result->failure.status == 0) {
        append_line(text, size);
        report_append(text, size, "no check was planned: no clause fits what was asked for");
    }
    if (tally.judged < tally.planned) {
        append_line(text, size);
        report_append(text, size, "%zu of %zu planned checks were not judged",
                      tally.planned - tally.judged, tally.planned);
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

// All calls.

static void print_record(FILE *stream, const struct record *record, size_t number)
{
    char call[768];
    char outcome[1024];
    report_describe_call(record, call, sizeof call);
    report_describe_outcome(record, outcome, sizeof outcome);
    fprintf(stream, "%6zu %-8s ", number, record->probe_set);
    if (record->threads > 1)
        fprintf(stream, "thread %u of %u: ", record->thread + 1, record->threads);
    fprintf(stream, "%s", call);
    if (record->circumstance != NULL)
        fprintf(stream, ", %s", record->circumstance);
    fprintf(stream, ": %s", outcome);
    if (record->outcome.repeats > 1)
        fprintf(stream, ", %" PRIu32 " times", record->outcome.repeats);
    fputc('\n', stream);
}

char *report_calls(const struct transcript *transcript)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return NULL;
    for (size_t i = 0; i < transcript->record_count; i++)
        print_record(stream, &transcript->records[i], i + 1);
    if (fclose(stream) == 0)
        return text;
    free(text);
    return NULL;
}

// Foreign text.

// The length of the UTF-8 character at `at` and its code point; 0 when it is none (a string's end
// makes a continuation byte invalid, so nothing past it is read).
static size_t character_decode(const unsigned char *at, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = 0;
    if (at[0] < 0x80) {
        *code = at[0];
        return 1;
    }
    if (at[0] >= 0xC2 && at[0] <= 0xDF)
        length = 2;
    else if (at[0] >= 0xE0 && at[0] <= 0xEF)
        length = 3;
    else if (at[0] >= 0xF0 && at[0] <= 0xF4)
        length = 4;
    else
        return 0;
    uint32_t value = at[0] & (0xFFU >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (at[i] & 0x3F);
    }
    if (value < least[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *code = value;
    return length;
}

// Does the character do something other than show itself: command a terminal, end a line, reorder
// its neighbours, or stand there unseen?
static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0xAD || code == 0x61C ||
           (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF ||
           (code >= 0xFFF9 && code <= 0xFFFB) || (code >= 0xE0000 && code <= 0xE007F);
}

enum { ESCAPED_MAX = 12 }; // the longest escape with its end: "\U000e0041"

static void escape_character(uint32_t code, char escaped[static ESCAPED_MAX])
{
    if (code == '\n')
        snprintf(escaped, ESCAPED_MAX, "\\n");
    else if (code == '\t')
        snprintf(escaped, ESCAPED_MAX, "\\t");
    else if (code < 0x80)
        snprintf(escaped, ESCAPED_MAX, "\\x%02" PRIx32, code);
    else if (code <= 0xFFFF)
        snprintf(escaped, ESCAPED_MAX, "\\u%04" PRIx32, code);
    else
        snprintf(escaped, ESCAPED_MAX, "\\U%08" PRIx32, code);
}

char *report_escape(const char *text, enum report_escape how)
{
    size_t length = strlen(text);
    if (length > (SIZE_MAX - 1) / ESCAPED_MAX)
        return NULL;
    // No escape of a character is longer than four times its bytes.
    char *escaped = malloc(4 * length + ESCAPED_MAX);
    if (escaped == NULL)
        return NULL;
    char *to = escaped;
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0';) {
        uint32_t code = 0;
        size_t taken = character_decode(at, &code);
        if (taken == 0) {
            to += snprintf(to, ESCAPED_MAX, "\\x%02x", *at);
            at++;
        } else if (how == ESCAPE_CONTROLS && is_control(code)) {
            escape_character(code, to);
            to += strlen(to);
            at += taken;
        } else {
            memcpy(to, at, taken);
            to += taken;
            at += taken;
        }
    }
    *to = '\0';
    return escaped;
}

// Repeating.

// How -s finds the scenario again: by its name if it is one that ships, which the file's place
// tells, else by its path.
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

static void print_shell_word(FILE *stream, const char *text)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "_-+=:,./@%";
    if (text[0] != '\0' && text[strspn(text, safe)] == '\0') {
        fputs(text, stream);
        return;
    }
    fputc('\'', stream);
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\'')
            fputs("'\\''", stream);
        else
            fputc(*at, stream);
    }
    fputc('\'', stream);
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
    if (fclose(stream) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

bool report_same_text(const char *one, const char *other)
{
    return one == other || (one != NULL && other != NULL && strcmp(one, other) == 0);
}
