// SPDX-License-Identifier: Apache-2.0
// Writes and reads calls and outcomes.
#include "conformance/transcript/record_json.h"

#include "conformance/transcript/fault_stack.h"

#include "conformance/transcript/describe.h"
#include "conformance/transcript/error_codes.h"
#include "conformance/transcript/function.h"

#include <string.h>

// The names of call.h's numbers; the index is the number, and of flags the bit.
static const char *const placement_names[] = {"null", "end", "start", "middle", "exact", NULL};
static const char *const fill_names[] = {"hash-0", "hash-1", "zero", "ones", NULL};
static const char *const flag_names[] = {"size-null", "count-null", "sparse", "measure", NULL};
static const char *const kind_names[] = {"returned",  "fault",   "ended", "hung",
                                         "not-tried", "damaged", NULL};
static const char *const direction_names[] = {"unknown", "read", "write", "execute", NULL};

static const char *const *charset_names(void)
{
    static const char *names[CHARSETS + 1];
    for (int charset = 0; charset < CHARSETS; charset++)
        names[charset] = function_of((enum charset)charset)->key;
    return names;
}

// Is the call one that is about something?
static bool has_subject(const struct call *call)
{
    const struct function *function = function_of((enum charset)call->charset);
    return function_takes(function, PARAMETER_ID) || function_takes(function, PARAMETER_FLAG);
}

// ---- Writing

typedef void describe(const struct record *record, char *text, size_t size);

// In the result's form, what is said comes first in words.
static void add_words(json_t **object, const struct record *record, enum record_form form,
                      describe *in_words)
{
    char text[768];
    if (form == FORM_TRANSCRIPT)
        return;
    in_words(record, text, sizeof text);
    object_add(object, "text", text_to_json(text));
}

json_t *call_to_json(const struct record *record, enum record_form form)
{
    const struct call *call = &record->call;
    json_t *object = json_object();
    add_words(&object, record, form, report_describe_call);
    object_add(&object, "charset", name_to_json(charset_names(), call->charset));
    object_add(&object, "placement", name_to_json(placement_names, call->placement));
    object_add(&object, "fill", name_to_json(fill_names, call->fill));
    object_add(&object, "flags", flags_to_json(flag_names, call->flags));
    object_add(&object, "offered", number_to_json(call->offered));
    object_add(&object, "count_in", number_to_json(call->count_in));
    object_add(&object, "misalignment", number_to_json(call->misalignment));
    if (form == FORM_RESULT || call->repeat != 0)
        object_add(&object, "repeat", number_to_json(call->repeat));
    if (has_subject(call))
        object_add(&object, "subject", hex_to_json(call->subject, sizeof call->subject));
    return object;
}

static json_t *extent_to_json(struct extent extent, enum record_form form)
{
    if (form == FORM_RESULT && extent_empty(extent))
        return json_null();
    return json_pack("[I, I]", (json_int_t)extent.first, (json_int_t)extent.last);
}

static void add_returned(json_t **object, const struct outcome *outcome, enum record_form form)
{
    object_add(object, "status", number_to_json(outcome->status));
    if (form == FORM_RESULT)
        object_add(object, "status_name", text_to_json(error_code_name(outcome->status)));
    object_add(object, "size_out", number_to_json(outcome->size_out));
    object_add(object, "count_out", number_to_json(outcome->count_out));
    object_add(object, "size_cell_damaged", json_boolean(outcome->size_cell_damaged));
    object_add(object, "count_cell_damaged", json_boolean(outcome->count_cell_damaged));
    object_add(object, "inside", extent_to_json(outcome->inside, form));
    object_add(object, "before", extent_to_json(outcome->before, form));
    object_add(object, "after", extent_to_json(outcome->after, form));
}

// The place in the source code, as far as it is known.
static void add_source(json_t **object, const struct fault_source *source, enum record_form form)
{
    json_t *(*const write)(const char *text) =
        form == FORM_TRANSCRIPT ? exact_text_to_json : text_to_json;
    if (source->function != NULL)
        object_add(object, "fault_function", write(source->function));
    if (source->file != NULL) {
        object_add(object, "fault_file", write(source->file));
        object_add(object, "fault_line", number_to_json(source->line));
    }
    if (source->stack != NULL)
        object_add(object, "fault_stack", stack_to_json(source->stack));
}

static void add_fault(json_t **object, const struct record *record, enum record_form form)
{
    const struct outcome *outcome = &record->outcome;
    object_add(object, "signal", json_integer(outcome->signal_number));
    object_add(object, "direction", name_to_json(direction_names, outcome->direction));
    if (outcome->exception != 0)
        object_add(object, "exception", number_to_json(outcome->exception));
    if (outcome->fault_module[0] != '\0') {
        object_add(object, "fault_module", text_to_json(outcome->fault_module));
        object_add(object, "fault_offset", u64_to_json(outcome->fault_offset));
    }
    add_source(object, &record->source, form);
}

static json_t *state_to_json(const struct process_state *state)
{
    json_t *object = json_object();
    object_add(&object, "memory_bytes", u64_to_json(state->memory_bytes));
    object_add(&object, "descriptors", number_to_json(state->descriptors));
    object_add(&object, "threads", number_to_json(state->threads));
    object_add(&object, "caller_descriptors", u64_to_json(state->caller_descriptors));
    object_add(&object, "signal_mask", u64_to_json(state->signal_mask));
    object_add(&object, "signal_handlers", u64_to_json(state->signal_handlers));
    object_add(&object, "directory", u64_to_json(state->directory));
    object_add(&object, "umask", number_to_json(state->umask));
    object_add(&object, "floating_point", u64_to_json(state->floating_point));
    object_add(&object, "children", number_to_json(state->children));
    object_add(&object, "timers", u64_to_json(state->timers));
    object_add(&object, "limits", u64_to_json(state->limits));
    object_add(&object, "mapped_bytes", u64_to_json(state->mapped_bytes));
    return object;
}

static void add_memory_limit(json_t **object, const struct outcome *outcome)
{
    if (outcome->memory_limit != 0)
        object_add(object, "memory_limit", number_to_json(outcome->memory_limit));
}

// The transcript's form: what says nothing of an outcome of its kind is 0.
static void add_whole_outcome(json_t **object, const struct record *record)
{
    const struct outcome *outcome = &record->outcome;
    object_add(object, "kind", name_to_json(kind_names, outcome->kind));
    add_returned(object, outcome, FORM_TRANSCRIPT);
    add_fault(object, record, FORM_TRANSCRIPT);
    object_add(object, "fault_has_address", json_boolean(outcome->fault_has_address));
    object_add(object, "fault_address", u64_to_json(outcome->fault_address));
    object_add(object, "exit_code", json_integer(outcome->exit_code));
    add_memory_limit(object, outcome);
    object_add(object, "base", u64_to_json(outcome->base));
    object_add(object, "began_ns", u64_to_json(outcome->began_ns));
    object_add(object, "ended_ns", u64_to_json(outcome->ended_ns));
    object_add(object, "byte_count", number_to_json(outcome->byte_count));
    if (outcome->repeats > 1) {
        object_add(object, "repeats", number_to_json(outcome->repeats));
        object_add(object, "first_ended_ns", u64_to_json(outcome->first_ended_ns));
        object_add(object, "last_began_ns", u64_to_json(outcome->last_began_ns));
    }
    if (outcome->has_state) {
        object_add(object, "state_before", state_to_json(&outcome->state_before));
        object_add(object, "state_after", state_to_json(&outcome->state_after));
    }
}

static void add_ended(json_t **object, const struct outcome *outcome)
{
    bool by_signal = outcome->signal_number != 0;
    object_add(object, "exit_code", by_signal ? json_null() : json_integer(outcome->exit_code));
    object_add(object, "signal", by_signal ? json_integer(outcome->signal_number) : json_null());
    add_memory_limit(object, outcome);
}

// The result's form, after the words.
static void add_outcome_of_kind(json_t **object, const struct record *record)
{
    const struct outcome *outcome = &record->outcome;
    bool took = outcome->ended_ns > outcome->began_ns;
    object_add(object, "base", address_to_json(outcome->base, outcome->base != 0));
    object_add(object, "kind", name_to_json(kind_names, outcome->kind));
    object_add(object, "duration_ns",
               number_to_json(took ? outcome->ended_ns - outcome->began_ns : 0));
    if (outcome->kind == OUTCOME_RETURNED) {
        add_returned(object, outcome, FORM_RESULT);
        object_add(object, "repeats", number_to_json(outcome->repeats));
        object_add(object, "byte_count", number_to_json(outcome->byte_count));
    }
    if (outcome->kind == OUTCOME_FAULT) {
        add_fault(object, record, FORM_RESULT);
        object_add(object, "fault_address",
                   address_to_json(outcome->fault_address, outcome->fault_has_address));
    }
    if (outcome->kind == OUTCOME_ENDED)
        add_ended(object, outcome);
}

json_t *outcome_to_json(const struct record *record, enum record_form form)
{
    json_t *object = json_object();
    add_words(&object, record, form, report_describe_outcome);
    if (form == FORM_TRANSCRIPT)
        add_whole_outcome(&object, record);
    else
        add_outcome_of_kind(&object, record);
    return object;
}

// ---- Reading

int call_from_json(const struct json_reading *reading, const json_t *object, enum record_form form,
                   struct call *call)
{
    static const char *const members[] = {"charset",  "placement", "fill",         "flags",
                                          "offered",  "count_in",  "misalignment", "?repeat",
                                          "?subject", NULL};
    uint64_t misalignment = 0;
    uint64_t most = form == FORM_TRANSCRIPT ? 15 : UINT32_MAX;
    unsigned flags = 0;
    if (form == FORM_TRANSCRIPT && json_check_members(reading, object, members) != 0)
        return -1;
    int charset = json_read_name(reading, object, "charset", charset_names());
    int placement =
        charset < 0 ? -1 : json_read_name(reading, object, "placement", placement_names);
    int fill = placement < 0 ? -1 : json_read_name(reading, object, "fill", fill_names);
    if (fill < 0 || json_read_flags(reading, object, "flags", flag_names, &flags) != 0 ||
        json_read_u32(reading, object, "offered", &call->offered) != 0 ||
        json_read_u32(reading, object, "count_in", &call->count_in) != 0 ||
        json_read_number(reading, object, "misalignment", 0, most, &misalignment) != 0)
        return -1;
    call->charset = (uint8_t)charset;
    call->placement = (uint8_t)placement;
    call->fill = (uint8_t)fill;
    call->flags = (uint8_t)flags;
    call->misalignment = (uint32_t)misalignment;
    call->repeat = 0;
    memset(call->subject, 0, sizeof call->subject);
    if (json_object_get(object, "subject") != NULL &&
        json_read_hex(reading, object, "subject", call->subject, sizeof call->subject) != 0)
        return -1;
    if (json_object_get(object, "repeat") == NULL)
        return 0;
    return json_read_u32(reading, object, "repeat", &call->repeat);
}

// In the transcript's form, one that is not empty must lie within [low, high].
static int read_extent(const struct json_reading *reading, const json_t *object, const char *name,
                       enum record_form form, int64_t low, int64_t high, struct extent *extent)
{
    const json_t *pair = json_object_get(object, name);
    *extent = extent_none();
    if (form == FORM_RESULT && (pair == NULL || json_is_null(pair)))
        return 0;
    if (json_array_size(pair) != 2 || !json_is_integer(json_array_get(pair, 0)) ||
        !json_is_integer(json_array_get(pair, 1)))
        return json_refuse_member(reading, name, "a pair of offsets");
    extent->first = json_integer_value(json_array_get(pair, 0));
    extent->last = json_integer_value(json_array_get(pair, 1));
    if (form == FORM_TRANSCRIPT && !extent_empty(*extent) &&
        (extent->first < low || extent->last > high))
        return json_refuse(reading, "\"%s\" is %lld to %lld, which is not where it can be", name,
                           (long long)extent->first, (long long)extent->last);
    return 0;
}

static int read_returned(const struct json_reading *reading, const json_t *object,
                         enum record_form form, const struct call *call, struct outcome *outcome)
{
    int64_t end = (int64_t)call_bytes(call);
    return json_read_u32(reading, object, "status", &outcome->status) != 0 ||
                   json_read_u32(reading, object, "size_out", &outcome->size_out) != 0 ||
                   json_read_u32(reading, object, "count_out", &outcome->count_out) != 0 ||
                   json_read_bool(reading, object, "size_cell_damaged",
                                  &outcome->size_cell_damaged) != 0 ||
                   json_read_bool(reading, object, "count_cell_damaged",
                                  &outcome->count_cell_damaged) != 0 ||
                   json_read_u32(reading, object, "byte_count", &outcome->byte_count) != 0 ||
                   read_extent(reading, object, "inside", form, 0, end - 1, &outcome->inside) !=
                       0 ||
                   read_extent(reading, object, "before", form, INT64_MIN, -1, &outcome->before) !=
                       0 ||
                   read_extent(reading, object, "after", form, end, INT64_MAX, &outcome->after) != 0
               ? -1
               : 0;
}

static int read_fault(const struct json_reading *reading, const json_t *object,
                      struct outcome *outcome)
{
    int direction = json_read_name(reading, object, "direction", direction_names);
    outcome->direction = direction < 0 ? FAULT_UNKNOWN : (uint8_t)direction;
    if (direction < 0 || json_read_i32(reading, object, "signal", &outcome->signal_number) != 0 ||
        (json_object_get(object, "exception") != NULL &&
         json_read_u32(reading, object, "exception", &outcome->exception) != 0))
        return -1;
    if (json_object_get(object, "fault_module") == NULL)
        return 0;
    return json_read_short_text(reading, object, "fault_module", outcome->fault_module,
                                sizeof outcome->fault_module) != 0
               ? -1
               : json_read_u64(reading, object, "fault_offset", &outcome->fault_offset);
}

// What is said of several calls with one answer; all of it or nothing is there.
static int read_repeats(const struct json_reading *reading, const json_t *object,
                        const struct call *call, struct outcome *outcome)
{
    bool some = json_object_get(object, "repeats") != NULL;
    outcome_single(outcome);
    if (some != (json_object_get(object, "first_ended_ns") != NULL) ||
        some != (json_object_get(object, "last_began_ns") != NULL))
        return json_refuse(reading,
                           "\"repeats\", \"first_ended_ns\" and \"last_began_ns\" go together");
    if (!some)
        return 0;
    if (json_read_u32(reading, object, "repeats", &outcome->repeats) != 0 ||
        json_read_u64(reading, object, "first_ended_ns", &outcome->first_ended_ns) != 0 ||
        json_read_u64(reading, object, "last_began_ns", &outcome->last_began_ns) != 0)
        return -1;
    if (outcome->kind != OUTCOME_RETURNED || outcome->repeats < 2 ||
        outcome->repeats > call->repeat)
        return json_refuse(reading, "\"repeats\" is %u, which this call can't have",
                           outcome->repeats);
    // Where two clocks were compared, the first may end after the last begins: both times are
    // wider than the calls.
    if (outcome->first_ended_ns < outcome->began_ns || outcome->last_began_ns < outcome->began_ns ||
        outcome->ended_ns < outcome->first_ended_ns || outcome->ended_ns < outcome->last_began_ns)
        return json_refuse(reading, "the times of the first and the last of \"repeats\" calls are "
                                    "not in order");
    return 0;
}

static int read_state(const struct json_reading *reading, const json_t *object,
                      struct process_state *state)
{
    static const char *const members[] = {"memory_bytes",       "descriptors", "threads",
                                          "caller_descriptors", "signal_mask", "signal_handlers",
                                          "directory",          "umask",       "floating_point",
                                          "?children",          "?timers",     "?limits",
                                          "?mapped_bytes",      NULL};
    // Those that older kits did not measure are missing in their transcripts, all of them.
    bool measured = json_object_get(object, "children") != NULL;
    bool mapped = json_object_get(object, "mapped_bytes") != NULL;
    return json_check_members(reading, object, members) != 0 ||
                   json_read_u64(reading, object, "memory_bytes", &state->memory_bytes) != 0 ||
                   json_read_u32(reading, object, "descriptors", &state->descriptors) != 0 ||
                   json_read_u32(reading, object, "threads", &state->threads) != 0 ||
                   json_read_u64(reading, object, "caller_descriptors",
                                 &state->caller_descriptors) != 0 ||
                   json_read_u64(reading, object, "signal_mask", &state->signal_mask) != 0 ||
                   json_read_u64(reading, object, "signal_handlers", &state->signal_handlers) !=
                       0 ||
                   json_read_u64(reading, object, "directory", &state->directory) != 0 ||
                   json_read_u32(reading, object, "umask", &state->umask) != 0 ||
                   json_read_u64(reading, object, "floating_point", &state->floating_point) != 0 ||
                   (measured &&
                    (json_read_u32(reading, object, "children", &state->children) != 0 ||
                     json_read_u64(reading, object, "timers", &state->timers) != 0 ||
                     json_read_u64(reading, object, "limits", &state->limits) != 0)) ||
                   (mapped &&
                    json_read_u64(reading, object, "mapped_bytes", &state->mapped_bytes) != 0)
               ? -1
               : 0;
}

// Both, or none.
static int read_states(const struct json_reading *reading, const json_t *object,
                       const struct call *call, struct outcome *outcome)
{
    const json_t *before = json_object_get(object, "state_before");
    const json_t *after = json_object_get(object, "state_after");
    outcome->has_state = before != NULL;
    if (before == NULL && after == NULL)
        return 0;
    if (before == NULL || after == NULL || outcome->kind != OUTCOME_RETURNED ||
        (call->flags & CALL_MEASURE) == 0)
        return json_refuse(reading, "\"state_before\" and \"state_after\" go together, with a "
                                    "measured call that returned");
    return read_state(reading, before, &outcome->state_before) != 0
               ? -1
               : read_state(reading, after, &outcome->state_after);
}

static int read_memory_limit(const struct json_reading *reading, const json_t *object,
                             struct outcome *outcome)
{
    return json_object_get(object, "memory_limit") == NULL
               ? 0
               : json_read_number(reading, object, "memory_limit", 1, INT64_MAX,
                                  &outcome->memory_limit);
}

static int read_whole_outcome(const struct json_reading *reading, const json_t *object,
                              const struct call *call, struct outcome *outcome)
{
    return json_read_bool(reading, object, "fault_has_address", &outcome->fault_has_address) != 0 ||
                   json_read_u64(reading, object, "fault_address", &outcome->fault_address) != 0 ||
                   json_read_i32(reading, object, "exit_code", &outcome->exit_code) != 0 ||
                   read_memory_limit(reading, object, outcome) != 0 ||
                   json_read_u64(reading, object, "base", &outcome->base) != 0 ||
                   json_read_u64(reading, object, "began_ns", &outcome->began_ns) != 0 ||
                   json_read_u64(reading, object, "ended_ns", &outcome->ended_ns) != 0 ||
                   read_fault(reading, object, outcome) != 0 ||
                   read_repeats(reading, object, call, outcome) != 0 ||
                   read_states(reading, object, call, outcome) != 0
               ? -1
               : read_returned(reading, object, FORM_TRANSCRIPT, call, outcome);
}

// Only how long it took is known, not when.
static int read_outcome_of_kind(const struct json_reading *reading, const json_t *object,
                                const struct call *call, struct outcome *outcome)
{
    bool known = false;
    if (json_read_number(reading, object, "duration_ns", 0, INT64_MAX, &outcome->ended_ns) != 0 ||
        json_read_address(reading, object, "base", &outcome->base, &known) != 0)
        return -1;
    outcome_single(outcome);
    if (outcome->kind == OUTCOME_RETURNED)
        return json_read_u32(reading, object, "repeats", &outcome->repeats) != 0
                   ? -1
                   : read_returned(reading, object, FORM_RESULT, call, outcome);
    if (outcome->kind == OUTCOME_FAULT)
        return read_fault(reading, object, outcome) != 0
                   ? -1
                   : json_read_address(reading, object, "fault_address", &outcome->fault_address,
                                       &outcome->fault_has_address);
    if (outcome->kind != OUTCOME_ENDED)
        return 0;
    if (!json_is_integer(json_object_get(object, "exit_code")))
        outcome->exit_code = -1;
    else if (json_read_i32(reading, object, "exit_code", &outcome->exit_code) != 0)
        return -1;
    return read_memory_limit(reading, object, outcome) != 0
               ? -1
               : json_read_i32(reading, object, "signal", &outcome->signal_number);
}

int outcome_from_json(const struct json_reading *reading, const json_t *object,
                      enum record_form form, const struct call *call, struct outcome *outcome)
{
    static const char *const members[] = {"kind",
                                          "status",
                                          "size_out",
                                          "count_out",
                                          "size_cell_damaged",
                                          "count_cell_damaged",
                                          "inside",
                                          "before",
                                          "after",
                                          "signal",
                                          "direction",
                                          "?exception",
                                          "?fault_module",
                                          "?fault_offset",
                                          "?fault_function",
                                          "?fault_file",
                                          "?fault_line",
                                          "?fault_stack",
                                          "fault_has_address",
                                          "fault_address",
                                          "exit_code",
                                          "?memory_limit",
                                          "base",
                                          "began_ns",
                                          "ended_ns",
                                          "byte_count",
                                          "?repeats",
                                          "?first_ended_ns",
                                          "?last_began_ns",
                                          "?state_before",
                                          "?state_after",
                                          NULL};
    *outcome =
        (struct outcome){.inside = extent_none(), .before = extent_none(), .after = extent_none()};
    if (form == FORM_TRANSCRIPT && json_check_members(reading, object, members) != 0)
        return -1;
    int kind = json_read_name(reading, object, "kind", kind_names);
    if (kind < 0)
        return -1;
    outcome->kind = (uint8_t)kind;
    return form == FORM_TRANSCRIPT ? read_whole_outcome(reading, object, call, outcome)
                                   : read_outcome_of_kind(reading, object, call, outcome);
}
