// SPDX-License-Identifier: Apache-2.0
// A call and what came of it, in words.
#include "conformance/transcript/describe.h"

#include "conformance/base/text.h"
#include "conformance/transcript/error_codes.h"
#include "conformance/transcript/function.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    uint64_t bytes = call_bytes(call);
    report_append(text, size, "the buffer of %" PRIu64 " %s ", bytes, unit_name(UNIT_BYTES, bytes));
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

const char *function_name(enum charset charset)
{
    const struct function *function = function_of(charset);
    return function == NULL ? "?" : function->name;
}

// The identifier of a session as people and other texts of the kit write it.
static void append_id(const uint8_t *bytes, char *text, size_t size)
{
    uint64_t parts[2];
    memcpy(parts, bytes, sizeof parts);
    report_append(text, size, "%016" PRIX64 "-%016" PRIX64, parts[0], parts[1]);
}

static void append_argument(const struct call *call, enum parameter parameter, char *text,
                            size_t size)
{
    switch (parameter) {
    case PARAMETER_NONE:
        break;
    case PARAMETER_SIZE:
        if ((call->flags & CALL_SIZE_NULL) != 0)
            report_append(text, size, "NULL");
        else
            report_append(text, size, "&size = %" PRIu32, call->offered);
        break;
    case PARAMETER_COUNT:
        if ((call->flags & CALL_COUNT_NULL) != 0)
            report_append(text, size, "NULL");
        else
            report_append(text, size, "&count = %" PRIu32, call->count_in);
        break;
    case PARAMETER_BUFFER:
        report_append(text, size, call->placement == PLACE_NULL ? "NULL" : "buffer");
        break;
    case PARAMETER_FLAG:
        report_append(text, size, call->subject[0] != 0 ? "TRUE" : "FALSE");
        break;
    case PARAMETER_ID:
        report_append(text, size, "&id = ");
        append_id(call->subject, text, size);
        break;
    }
}

void report_describe_call(const struct record *record, char *text, size_t size)
{
    const struct call *call = &record->call;
    if (size == 0)
        return;
    text[0] = '\0';
    const struct function *function = function_of((enum charset)call->charset);
    report_append(text, size, "%s(", function_name((enum charset)call->charset));
    for (int i = 0; function != NULL && i < PARAMETERS_MAX; i++) {
        if (i > 0 && function->parameters[i] != PARAMETER_NONE)
            report_append(text, size, ", ");
        append_argument(call, function->parameters[i], text, size);
    }
    report_append(text, size, ")");
    if (call->placement == PLACE_NULL)
        return;
    report_append(text, size, ": ");
    append_placement(call, text, size);
}

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
    const struct function *function = function_of((enum charset)record->call.charset);
    bool counts = function_takes(function, PARAMETER_COUNT);
    char status[128];
    report_append(text, size, "returned %s",
                  error_code_describe(outcome->status, status, sizeof status));
    if ((record->call.flags & CALL_SIZE_NULL) == 0)
        report_append(text, size, ", *%s = %" PRIu32, function->size, outcome->size_out);
    if (counts && (record->call.flags & CALL_COUNT_NULL) == 0)
        report_append(text, size, ", *%s = %" PRIu32, function->count, outcome->count_out);
    if (outcome->status != 0)
        append_extent(outcome->inside, "the buffer was changed", text, size);
    append_extent(outcome->before, "memory before the buffer was changed", text, size);
    append_extent(outcome->after, "memory behind the buffer was changed", text, size);
    if (outcome->size_cell_damaged)
        report_append(text, size, "; memory beside *%s was changed", function->size);
    if (outcome->count_cell_damaged && counts)
        report_append(text, size, "; memory beside *%s was changed", function->count);
    else if (outcome->count_cell_damaged)
        report_append(text, size, "; the argument *SessionId, or memory beside it, was changed");
}

static void append_signal(int signal_number, char *text, size_t size)
{
    const char *name = sigabbrev_np(signal_number);
    if (name != NULL)
        report_append(text, size, "SIG%s", name);
    else
        report_append(text, size, "signal %d", signal_number);
}

// Windows' own names of its exceptions, and those that compilers raise.
static const char *exception_name(uint32_t code)
{
    static const struct {
        uint32_t code;
        const char *name;
    } names[] = {
        {0x80000001, "guard page"},
        {0x80000002, "misaligned access"},
        {0x80000003, "breakpoint"},
        {0xC0000005, "access violation"},
        {0xC0000006, "a page that can't be read in"},
        {0xC000001D, "illegal instruction"},
        {0xC000008C, "array bounds exceeded"},
        {0xC000008E, "floating-point division by zero"},
        {0xC0000094, "integer division by zero"},
        {0xC0000095, "integer overflow"},
        {0xC0000096, "privileged instruction"},
        {0xC00000FD, "stack overflow"},
        {0xC0000374, "heap corruption"},
        {0xC0000409, "stack buffer overrun, or a fast fail"},
        {0xE06D7363, "a C++ exception that nobody caught"},
        {0x20474343, "a C++ exception that nobody caught"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].code == code)
            return names[i].name;
    return NULL;
}

static void append_cause(const struct outcome *outcome, char *text, size_t size)
{
    const char *name = exception_name(outcome->exception);
    if (outcome->exception == 0)
        append_signal(outcome->signal_number, text, size);
    else
        report_append(text, size, "exception 0x%08" PRIX32 "%s%s%s", outcome->exception,
                      name != NULL ? " (" : "", name != NULL ? name : "", name != NULL ? ")" : "");
}

// Where a fault was, in terms of the buffer when it is near it.
static void append_fault_place(const struct record *record, char *text, size_t size)
{
    const struct outcome *outcome = &record->outcome;
    const int64_t near_by = 1 << 20;
    int64_t offset = (int64_t)(outcome->fault_address - outcome->base);
    int64_t offered = (int64_t)call_bytes(&record->call);
    const char *buffer = function_of((enum charset)record->call.charset)->buffer;
    if (outcome->base == 0 || offset < -near_by || offset > offered + near_by) {
        report_append(text, size, " at address 0x%" PRIx64, outcome->fault_address);
        if (record->call.placement == PLACE_NULL)
            report_append(text, size, " (%s is NULL)", buffer);
    } else if (offset < 0) {
        report_append(text, size, " at %s - %" PRId64 " (%" PRId64 " byte%s before the start)",
                      buffer, -offset, -offset, offset == -1 ? "" : "s");
    } else if (offset < offered) {
        report_append(text, size, " at %s + %" PRId64, buffer, offset);
    } else {
        int64_t past = offset - offered + 1;
        report_append(text, size, " at %s + %" PRId64 " (%" PRId64 " byte%s past the end)", buffer,
                      offset, past, past == 1 ? "" : "s");
    }
}

// The file of a path, as a compiler for Unix or for Windows noted it.
static const char *base_name(const char *path)
{
    const char *name = path;
    for (const char *at = path; *at != '\0'; at++)
        if (*at == '/' || *at == '\\')
            name = at + 1;
    return name;
}

// Which instruction faulted: "in list_writer.c:123 (write_session), libmine.so + 0x1a2b".
static void append_code(const struct record *record, char *text, size_t size)
{
    enum { NAME_SHOWN = 100 };
    const struct fault_source *source = &record->source;
    if (record->outcome.fault_module[0] == '\0')
        return;
    report_append(text, size, ", in ");
    if (source->file != NULL)
        report_append(text, size, "%.*s:%" PRIu32, NAME_SHOWN, base_name(source->file),
                      source->line);
    if (source->function != NULL)
        report_append(text, size, source->file != NULL ? " (%.*s)" : "%.*s", NAME_SHOWN,
                      source->function);
    report_append(text, size, "%s%s + 0x%" PRIx64,
                  source->file != NULL || source->function != NULL ? ", " : "",
                  record->outcome.fault_module, record->outcome.fault_offset);
}

static void append_fault(const struct record *record, char *text, size_t size)
{
    append_cause(&record->outcome, text, size);
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
    append_code(record, text, size);
}

static void append_ended(const struct outcome *outcome, char *text, size_t size)
{
    report_append(text, size, "ended the process inside the call: ");
    if (outcome->signal_number == 0)
        report_append(text, size, "exit(%" PRId32 ")", outcome->exit_code);
    else
        append_signal(outcome->signal_number, text, size);
    if (outcome->memory_limit != 0)
        report_append(text, size,
                      ", by the kit, because it held more than %" PRIu64 " MiB of memory",
                      outcome->memory_limit >> 20);
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
    return text_close(stream, &text) ? text : NULL;
}
