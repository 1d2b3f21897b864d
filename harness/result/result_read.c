// From the JSON report back to a result. Nothing of what the file says is trusted: numbers are held
// against their range, names against the tables, what is pointed to against what is there.
#include "harness/result/result_read.h"

#include "conformance/clauses/groups.h"
#include "harness/report/json.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SWEEP_POINTS_MAX = 1 << 22, // of one sweep: runs must not unfold without end
    SHARDS_MAX = 100000,
};

struct reading {
    struct result *result;
    const char *path;
    struct failure *failure;
    char where[160]; // "scenario single, check SIZE-3 (W)"
};

__attribute__((format(printf, 2, 3))) static int refuse(const struct reading *reading,
                                                        const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return failure_set(reading->failure, STATUS_USAGE,
                       "%s: not a result of iscsidsc-tck: %s%s%s; give a file that `run --json` "
                       "wrote",
                       reading->path, reading->where, reading->where[0] == '\0' ? "" : ": ", text);
}

static int refuse_memory(const struct reading *reading)
{
    return failure_set(reading->failure, STATUS_UNTRUSTED, "%s: memory ran out while reading it",
                       reading->path);
}

// ---- Members

// A text, or NULL where it is null or missing.
static const char *text_of(json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static int load_text(const struct reading *reading, json_t *object, const char *name, char **text)
{
    const char *value = text_of(object, name);
    *text = value == NULL ? NULL : strdup(value);
    return value != NULL && *text == NULL ? refuse_memory(reading) : 0;
}

static int load_needed_text(const struct reading *reading, json_t *object, const char *name,
                            char **text)
{
    if (text_of(object, name) == NULL)
        return refuse(reading, "\"%s\" is missing or no text", name);
    return load_text(reading, object, name, text);
}

// A text that the result keeps, and that may be pointed to.
static int load_shared_text(const struct reading *reading, json_t *object, const char *name,
                            const char **text)
{
    const char *value = text_of(object, name);
    *text = NULL;
    if (value == NULL)
        return 0;
    *text = result_own(reading->result, strdup(value));
    return *text == NULL ? refuse_memory(reading) : 0;
}

static int load_short_text(const struct reading *reading, json_t *object, const char *name,
                           char *text, size_t size)
{
    const char *value = text_of(object, name);
    int length = snprintf(text, size, "%s", value == NULL ? "" : value);
    if (length < 0 || (size_t)length >= size)
        return refuse(reading, "\"%s\" is longer than %zu bytes", name, size - 1);
    return 0;
}

// A number from 0 to `most`; 0 where it is missing.
static int load_number(const struct reading *reading, json_t *object, const char *name,
                       uint64_t most, uint64_t *number)
{
    json_t *value = json_object_get(object, name);
    *number = 0;
    if (value == NULL || json_is_null(value))
        return 0;
    json_int_t read = json_integer_value(value);
    if (!json_is_integer(value) || read < 0 || (uint64_t)read > most)
        return refuse(reading, "\"%s\" is not a whole number from 0 to %" PRIu64, name, most);
    *number = (uint64_t)read;
    return 0;
}

static int load_u32(const struct reading *reading, json_t *object, const char *name,
                    uint32_t *number)
{
    uint64_t wide = 0;
    int status = load_number(reading, object, name, UINT32_MAX, &wide);
    *number = (uint32_t)wide;
    return status;
}

static int load_size(const struct reading *reading, json_t *object, const char *name,
                     size_t *number)
{
    uint64_t wide = 0;
    int status = load_number(reading, object, name, SIZE_MAX, &wide);
    *number = (size_t)wide;
    return status;
}

// Which of `names` it is; -1 with a failure when none.
static int load_name(const struct reading *reading, json_t *object, const char *name,
                     const char *const *names, size_t count)
{
    const char *value = text_of(object, name);
    for (size_t i = 0; value != NULL && i < count; i++)
        if (strcmp(value, names[i]) == 0)
            return (int)i;
    return refuse(reading, "\"%s\" is %s%s%s", name, value == NULL ? "missing" : "\"",
                  value == NULL ? "" : value, value == NULL ? "" : "\", which is not known here");
}

static int load_address(const struct reading *reading, json_t *object, const char *name,
                        uint64_t *address, bool *there)
{
    const char *text = text_of(object, name);
    char *end = NULL;
    *address = 0;
    *there = text != NULL;
    if (text == NULL)
        return 0;
    errno = 0;
    *address = strtoull(text, &end, 16);
    if (errno != 0 || strncmp(text, "0x", 2) != 0 || *end != '\0')
        return refuse(reading, "\"%s\" is not an address", name);
    return 0;
}

// ---- Calls

static const char *const placements[] = {"null", "end", "start", "middle", "exact"};
static const char *const fills[] = {"hash-0", "hash-1", "zero", "ones"};
static const char *const flags[] = {"size-null", "count-null", "sparse", "measure"}; // by bit
static const char *const kinds[] = {"returned", "fault", "ended", "hung", "not-tried", "damaged"};
static const char *const directions[] = {"unknown", "read", "write", "execute"};
static const char *const charsets[] = {"A", "W", "A+W"};

static int load_call(const struct reading *reading, json_t *object, struct call *call)
{
    int charset = load_name(reading, object, "charset", charsets, 2);
    int placement = charset < 0 ? -1 : load_name(reading, object, "placement", placements, 5);
    int fill = placement < 0 ? -1 : load_name(reading, object, "fill", fills, 4);
    if (fill < 0)
        return -1;
    call->charset = (uint8_t)charset;
    call->placement = (uint8_t)placement;
    call->fill = (uint8_t)fill;
    json_t *list = json_object_get(object, "flags");
    for (size_t i = 0; i < json_array_size(list); i++)
        for (size_t bit = 0; bit < sizeof flags / sizeof *flags; bit++) {
            const char *flag = json_string_value(json_array_get(list, i));
            if (flag != NULL && strcmp(flag, flags[bit]) == 0)
                call->flags = (uint8_t)(call->flags | 1U << bit);
        }
    return load_u32(reading, object, "offered", &call->offered) != 0 ||
                   load_u32(reading, object, "count_in", &call->count_in) != 0 ||
                   load_u32(reading, object, "misalignment", &call->misalignment) != 0 ||
                   load_u32(reading, object, "repeat", &call->repeat) != 0
               ? -1
               : 0;
}

static int load_extent(const struct reading *reading, json_t *object, const char *name,
                       struct extent *extent)
{
    json_t *pair = json_object_get(object, name);
    *extent = extent_none();
    if (pair == NULL || json_is_null(pair))
        return 0;
    if (json_array_size(pair) != 2 || !json_is_integer(json_array_get(pair, 0)) ||
        !json_is_integer(json_array_get(pair, 1)))
        return refuse(reading, "\"%s\" is not a pair of offsets", name);
    extent->first = json_integer_value(json_array_get(pair, 0));
    extent->last = json_integer_value(json_array_get(pair, 1));
    return 0;
}

static int load_returned(const struct reading *reading, json_t *object, struct outcome *outcome)
{
    outcome->size_cell_damaged = json_is_true(json_object_get(object, "size_cell_damaged"));
    outcome->count_cell_damaged = json_is_true(json_object_get(object, "count_cell_damaged"));
    return load_u32(reading, object, "status", &outcome->status) != 0 ||
                   load_u32(reading, object, "size_out", &outcome->size_out) != 0 ||
                   load_u32(reading, object, "count_out", &outcome->count_out) != 0 ||
                   load_u32(reading, object, "repeats", &outcome->repeats) != 0 ||
                   load_u32(reading, object, "byte_count", &outcome->byte_count) != 0 ||
                   load_extent(reading, object, "inside", &outcome->inside) != 0 ||
                   load_extent(reading, object, "before", &outcome->before) != 0 ||
                   load_extent(reading, object, "after", &outcome->after) != 0
               ? -1
               : 0;
}

static int load_fault(const struct reading *reading, json_t *object, struct outcome *outcome)
{
    int direction = load_name(reading, object, "direction", directions, 4);
    if (direction < 0)
        return -1;
    outcome->direction = (uint8_t)direction;
    outcome->signal_number = (int32_t)json_integer_value(json_object_get(object, "signal"));
    return load_address(reading, object, "fault_address", &outcome->fault_address,
                        &outcome->fault_has_address);
}

static int load_outcome(const struct reading *reading, json_t *object, struct outcome *outcome)
{
    bool there = false;
    int kind = load_name(reading, object, "kind", kinds, sizeof kinds / sizeof *kinds);
    *outcome = (struct outcome){
        .inside = extent_none(), .before = extent_none(), .after = extent_none(), .repeats = 1};
    // Only how long it took is recorded, not when.
    if (kind < 0 ||
        load_number(reading, object, "duration_ns", INT64_MAX, &outcome->ended_ns) != 0 ||
        load_address(reading, object, "base", &outcome->base, &there) != 0)
        return -1;
    outcome->kind = (uint8_t)kind;
    outcome->first_ended_ns = outcome->ended_ns;
    if (kind == OUTCOME_RETURNED)
        return load_returned(reading, object, outcome);
    if (kind == OUTCOME_FAULT)
        return load_fault(reading, object, outcome);
    if (kind == OUTCOME_ENDED) {
        json_t *code = json_object_get(object, "exit_code");
        outcome->exit_code = json_is_integer(code) ? (int32_t)json_integer_value(code) : -1;
        outcome->signal_number = (int32_t)json_integer_value(json_object_get(object, "signal"));
    }
    return 0;
}

static uint8_t *kept_at(const struct scenario_result *scenario, size_t index, size_t size)
{
    for (size_t i = 0; i < scenario->kept_count && size > 0; i++)
        if (scenario->kept[i].index == index)
            return scenario->kept[i].bytes;
    return NULL;
}

// All but its bytes.
static int load_record(const struct reading *reading, json_t *object, struct record *record,
                       size_t *index)
{
    uint32_t thread = 0;
    uint32_t threads = 0;
    if (load_size(reading, object, "index", index) != 0 ||
        load_shared_text(reading, object, "probe_set", &record->probe_set) != 0 ||
        load_shared_text(reading, object, "circumstance", &record->circumstance) != 0 ||
        load_u32(reading, object, "thread", &thread) != 0 ||
        load_u32(reading, object, "threads", &threads) != 0 ||
        load_call(reading, json_object_get(object, "call"), &record->call) != 0 ||
        load_outcome(reading, json_object_get(object, "outcome"), &record->outcome) != 0)
        return -1;
    record->thread = thread;
    record->threads = threads;
    return load_text(reading, object, "said", &record->said);
}

// ---- Checks

// A clause that this kit does not have, as far as the file describes it.
static const struct clause *make_clause(const struct reading *reading, json_t *object,
                                        json_t *described)
{
    static const char *const levels[] = {"must", "should", "note"};
    static const char *const bases[] = {"documented", "implied", "practice"};
    struct clause *clause = result_own(reading->result, calloc(1, sizeof *clause));
    if (clause == NULL) {
        refuse_memory(reading);
        return NULL;
    }
    int level = load_name(reading, object, "level", levels, 3);
    int basis = level < 0 ? -1 : load_name(reading, object, "basis", bases, 3);
    if (basis < 0 || load_shared_text(reading, object, "clause", &clause->id) != 0 ||
        load_shared_text(reading, described, "sentence", &clause->sentence) != 0 ||
        load_shared_text(reading, described, "source", &clause->source) != 0 ||
        load_shared_text(reading, described, "why", &clause->why) != 0)
        return NULL;
    if (clause->sentence == NULL)
        clause->sentence = "(a clause that this kit does not have)";
    clause->level = (enum level)level;
    clause->basis = (enum basis)basis;
    return clause;
}

// The clauses that were made stay few: each is made once.
static const struct clause *find_clause(const struct reading *reading, json_t *object,
                                        json_t *clauses)
{
    const char *id = text_of(object, "clause");
    if (id == NULL || id[0] == '\0') {
        refuse(reading, "\"clause\" is missing or no text");
        return NULL;
    }
    const struct clause *known = clause_find(id);
    for (size_t i = 0; known == NULL && i < reading->result->scenario_count; i++) {
        const struct scenario_result *scenario = &reading->result->scenarios[i];
        for (size_t j = 0; known == NULL && j < scenario->check_count; j++)
            if (scenario->checks[j].clause != NULL &&
                strcmp(scenario->checks[j].clause->id, id) == 0)
                known = scenario->checks[j].clause;
    }
    return known != NULL ? known : make_clause(reading, object, json_object_get(clauses, id));
}

static int load_verdict(const struct reading *reading, json_t *object, struct check *check)
{
    struct verdict *verdict = &check->verdict;
    const char *names[VERDICT_ERROR + 1];
    if (text_of(object, "verdict") == NULL)
        return 0; // planned, never judged
    for (unsigned i = 0; i <= VERDICT_ERROR; i++)
        names[i] = verdict_kind_name((enum verdict_kind)i);
    int kind = load_name(reading, object, "verdict", names, VERDICT_ERROR + 1);
    if (kind < 0 ||
        load_short_text(reading, object, "got", verdict->got, sizeof verdict->got) != 0 ||
        load_short_text(reading, object, "expected", verdict->expected, sizeof verdict->expected) !=
            0 ||
        load_shared_text(reading, object, "blocked_by", &verdict->blocked_by) != 0 ||
        load_shared_text(reading, json_object_get(object, "deviation"), "id",
                         &verdict->deviation) != 0)
        return -1;
    verdict->kind = (enum verdict_kind)kind;
    check->judged = true;
    return 0;
}

static int load_excuse(const struct reading *reading, json_t *object, struct excuse *excuse)
{
    static const char *const names[] = {"waiver", "baseline"};
    if (!json_is_object(object))
        return 0;
    int by = load_name(reading, object, "by", names, 2);
    const char *was = text_of(object, "was");
    if (by < 0)
        return -1;
    excuse->kind = by == 0 ? EXCUSE_WAIVER : EXCUSE_BASELINE;
    excuse->was = was != NULL && strcmp(was, "warn") == 0 ? VERDICT_WARN : VERDICT_FAIL;
    return load_text(reading, object, "text", &excuse->text);
}

static int load_evidence(const struct reading *reading, json_t *object,
                         const struct scenario_result *scenario, struct check *check)
{
    if (!json_is_object(object))
        return 0;
    if (load_record(reading, object, &check->evidence, &check->evidence_index) != 0)
        return -1;
    check->evidence.bytes =
        kept_at(scenario, check->evidence_index, check->evidence.outcome.byte_count);
    check->verdict.record = &check->evidence;
    return 0;
}

static int load_check(struct reading *reading, json_t *object, json_t *clauses,
                      const struct scenario_result *scenario, struct check *check)
{
    check->clause = find_clause(reading, object, clauses);
    if (check->clause == NULL)
        return -1;
    int charset = load_name(reading, object, "charset", charsets, 3);
    if (charset < 0)
        return -1;
    check->charset = (enum check_charset)charset;
    snprintf(reading->where, sizeof reading->where, "scenario %.64s, check %.32s (%s)",
             scenario->name, check->clause->id, charsets[charset]);
    if (load_verdict(reading, object, check) != 0 ||
        load_excuse(reading, json_object_get(object, "excuse"), &check->excuse) != 0)
        return -1;
    return load_evidence(reading, json_object_get(object, "evidence"), scenario, check);
}

static int load_checks(struct reading *reading, json_t *list, json_t *clauses,
                       struct scenario_result *scenario)
{
    size_t count = json_array_size(list);
    if (!json_is_array(list))
        return refuse(reading, "\"checks\" is missing or no list");
    scenario->checks = calloc(count + 1, sizeof *scenario->checks);
    if (scenario->checks == NULL)
        return refuse_memory(reading);
    for (size_t i = 0; i < count; i++) {
        // Counted only when it has its clause, which everything relies on.
        struct check *check = &scenario->checks[i];
        int status = load_check(reading, json_array_get(list, i), clauses, scenario, check);
        scenario->check_count += check->clause != NULL;
        if (status != 0)
            return -1;
    }
    return 0;
}

// ---- What pictures are drawn from

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static uint8_t *from_hex(const char *text, size_t size)
{
    uint8_t *bytes = malloc(size + 1);
    for (size_t i = 0; bytes != NULL && i < size; i++) {
        int high = hex_value(text[2 * i]);
        int low = high < 0 ? -1 : hex_value(text[2 * i + 1]);
        if (low < 0) {
            free(bytes);
            return NULL;
        }
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return bytes;
}

static int load_kept(const struct reading *reading, json_t *list, struct scenario_result *scenario)
{
    size_t count = json_array_size(list);
    if (count == 0)
        return 0;
    scenario->kept = calloc(count, sizeof *scenario->kept);
    if (scenario->kept == NULL)
        return refuse_memory(reading);
    for (size_t i = 0; i < count; i++) {
        json_t *object = json_array_get(list, i);
        const char *hex = text_of(object, "bytes");
        size_t length = hex == NULL ? 0 : strlen(hex);
        struct kept_bytes *kept = &scenario->kept[i];
        if (hex == NULL || length % 2 != 0 || length / 2 > KEPT_BYTES_MAX)
            return refuse(reading, "the bytes kept of a call are missing, cut or too many");
        if (load_size(reading, object, "index", &kept->index) != 0)
            return -1;
        kept->size = length / 2;
        kept->bytes = from_hex(hex, kept->size);
        if (kept->bytes == NULL)
            return refuse(reading, "the bytes kept of a call are not hexadecimal");
        scenario->kept_count++;
    }
    return 0;
}

// Whoever claims more bytes than are kept of its call would have reports read past their end.
static int check_sizes(const struct reading *reading, const struct scenario_result *scenario)
{
    for (size_t i = 0; i < scenario->kept_count; i++) {
        size_t size = scenario->kept[i].size;
        const uint8_t *bytes = scenario->kept[i].bytes;
        bool fits = true;
        for (int charset = CHARSET_A; charset <= CHARSET_W; charset++)
            fits = fits && (scenario->lists[charset].bytes != bytes ||
                            scenario->lists[charset].outcome.byte_count == size);
        for (size_t j = 0; j < scenario->check_count; j++)
            fits = fits && (scenario->checks[j].evidence.bytes != bytes ||
                            scenario->checks[j].evidence.outcome.byte_count == size);
        if (!fits)
            return refuse(reading, "a call left another number of bytes than are kept of it");
    }
    return 0;
}

// A number of a run: from `least` to 2^32 - 1.
static bool run_member(json_t *run, size_t index, uint64_t least, uint32_t *number)
{
    json_t *value = json_array_get(run, index);
    json_int_t read = json_integer_value(value);
    *number = (uint32_t)read;
    return json_is_integer(value) && read >= 0 && read <= UINT32_MAX && (uint64_t)read >= least;
}

static int load_sweep(const struct reading *reading, json_t *list, struct sweep *sweep)
{
    uint64_t least = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *run = json_array_get(list, i);
        uint32_t first = 0;
        uint32_t last = 0;
        uint32_t kind = 0;
        struct sweep_point point = {0};
        if (!run_member(run, 0, 0, &first) || !run_member(run, 1, first, &last) ||
            !run_member(run, 2, 0, &kind) || !run_member(run, 3, 0, &point.status) ||
            !run_member(run, 4, 0, &point.size_out) || kind > OUTCOME_DAMAGED || first < least ||
            last - first >= SWEEP_POINTS_MAX - sweep->count)
            return refuse(reading, "a run of the sweep is not [first, last, kind, status, size]");
        size_t more = (size_t)(last - first) + 1;
        struct sweep_point *grown = reallocarray(sweep->points, sweep->count + more, sizeof *grown);
        if (grown == NULL)
            return refuse_memory(reading);
        sweep->points = grown;
        point.kind = (uint8_t)kind;
        for (size_t j = 0; j < more; j++) {
            point.offered = first + (uint32_t)j;
            sweep->points[sweep->count++] = point;
        }
        least = last; // the same size may have been offered twice
    }
    return 0;
}

static int load_list(const struct reading *reading, json_t *object,
                     const struct scenario_result *scenario, struct record *list)
{
    size_t index = 0;
    if (!json_is_object(object))
        return 0;
    if (load_record(reading, object, list, &index) != 0)
        return -1;
    free(list->said);
    list->said = NULL;
    list->bytes = kept_at(scenario, index, list->outcome.byte_count);
    return 0;
}

static int load_observed(const struct reading *reading, json_t *object,
                         struct observation *observed)
{
    observed->has_required = json_is_integer(json_object_get(object, "required"));
    observed->has_returned = json_is_integer(json_object_get(object, "returned"));
    return load_u32(reading, object, "required", &observed->required) != 0 ||
                   load_u32(reading, object, "returned", &observed->returned) != 0
               ? -1
               : 0;
}

static int load_pictures(const struct reading *reading, json_t *object,
                         struct scenario_result *scenario)
{
    for (int charset = CHARSET_A; charset <= CHARSET_W; charset++) {
        const char *name = charsets[charset];
        json_t *sweeps = json_object_get(object, "sweeps");
        json_t *lists = json_object_get(object, "lists");
        json_t *observed = json_object_get(object, "observed");
        if (load_sweep(reading, json_object_get(sweeps, name), &scenario->sweeps[charset]) != 0 ||
            load_list(reading, json_object_get(lists, name), scenario, &scenario->lists[charset]) !=
                0 ||
            load_observed(reading, json_object_get(observed, name), &scenario->observed[charset]) !=
                0)
            return -1;
    }
    return 0;
}

// ---- Scenarios

// Results of kits that did not say are read too.
static int load_changes(const struct reading *reading, json_t *object,
                        struct scenario_result *scenario)
{
    if (object == NULL)
        return 0;
    if (load_number(reading, object, "generations", INT64_MAX, &scenario->generations) != 0 ||
        load_number(reading, object, "calls", INT64_MAX, &scenario->changing_calls) != 0)
        return -1;
    return load_number(reading, object, "ns", INT64_MAX, &scenario->changing_ns);
}

// The same.
static int load_memory(const struct reading *reading, json_t *object, struct peak_memory *memory)
{
    if (load_number(reading, object, "kit", INT64_MAX, &memory->kit) != 0 ||
        load_number(reading, object, "host", INT64_MAX, &memory->host) != 0)
        return -1;
    return load_number(reading, object, "tgtd", INT64_MAX, &memory->tgtd);
}

static int load_times(const struct reading *reading, json_t *object,
                      struct scenario_result *scenario)
{
    uint64_t calls = 0;
    if (load_size(reading, object, "sessions", &scenario->session_count) != 0 ||
        load_number(reading, object, "calls", INT64_MAX, &calls) != 0 ||
        load_number(reading, object, "bring_up_ns", INT64_MAX, &scenario->bring_up_ns) != 0 ||
        load_number(reading, object, "probes_ns", INT64_MAX, &scenario->probes_ns) != 0 ||
        load_memory(reading, json_object_get(object, "peak_memory"), &scenario->memory) != 0 ||
        load_changes(reading, json_object_get(object, "changes"), scenario) != 0 ||
        load_size(reading, object, "planned", &scenario->planned_count) != 0)
        return -1;
    scenario->call_count = calls;
    scenario->finished = json_is_true(json_object_get(object, "finished"));
    return 0;
}

static int load_scenario(struct reading *reading, json_t *object, json_t *clauses,
                         struct scenario_result *scenario)
{
    if (load_needed_text(reading, object, "name", &scenario->name) != 0)
        return -1;
    snprintf(reading->where, sizeof reading->where, "scenario %.64s", scenario->name);
    if (load_text(reading, object, "summary", &scenario->summary) != 0 ||
        load_text(reading, object, "path", &scenario->path) != 0 ||
        load_text(reading, object, "digest", &scenario->digest) != 0 ||
        load_times(reading, object, scenario) != 0 ||
        load_kept(reading, json_object_get(object, "kept"), scenario) != 0 ||
        load_pictures(reading, object, scenario) != 0 ||
        load_checks(reading, json_object_get(object, "checks"), clauses, scenario) != 0 ||
        check_sizes(reading, scenario) != 0)
        return -1;
    if (scenario->planned_count > scenario->check_count)
        return refuse(reading, "more checks were planned than there are");
    reading->where[0] = '\0';
    return 0;
}

static int load_scenarios(struct reading *reading, json_t *object)
{
    struct result *result = reading->result;
    json_t *list = json_object_get(object, "scenarios");
    if (!json_is_array(list))
        return refuse(reading, "\"scenarios\" is missing or no list");
    result->scenarios = calloc(json_array_size(list) + 1, sizeof *result->scenarios);
    if (result->scenarios == NULL)
        return refuse_memory(reading);
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct scenario_result *scenario = &result->scenarios[result->scenario_count++];
        if (load_scenario(reading, json_array_get(list, i), json_object_get(object, "clauses"),
                          scenario) != 0)
            return -1;
        if (scenario_result_find(result, scenario->name) != scenario)
            return refuse(reading, "scenario \"%s\" is in it twice", scenario->name);
    }
    return 0;
}

// ---- The run

static int load_host(const struct reading *reading, json_t *object, struct hello *hello)
{
    uint64_t pointer_size = 0;
    uint64_t long_align = 0;
    if (!json_is_object(object))
        return 0;
    if (load_number(reading, object, "pointer_size", 8, &pointer_size) != 0 ||
        load_number(reading, object, "long_align", 8, &long_align) != 0 ||
        load_u32(reading, object, "code_page", &hello->code_page) != 0 ||
        load_short_text(reading, object, "platform", hello->platform, sizeof hello->platform) !=
            0 ||
        load_short_text(reading, object, "error", hello->error, sizeof hello->error) != 0)
        return -1;
    hello->pointer_size = (uint8_t)pointer_size;
    hello->long_align = (uint8_t)long_align;
    json_t *exports = json_object_get(object, "exports");
    for (size_t i = 0; i < json_array_size(exports); i++) {
        const char *name = json_string_value(json_array_get(exports, i));
        hello->has_a |= name != NULL && strcmp(name, "GetIScsiSessionListA") == 0;
        hello->has_w |= name != NULL && strcmp(name, "GetIScsiSessionListW") == 0;
    }
    return 0;
}

static int load_entry(const struct reading *reading, json_t *object, struct plan_entry *entry)
{
    uint64_t shard = 0;
    if (load_needed_text(reading, object, "scenario", &entry->scenario) != 0 ||
        load_size(reading, object, "checks", &entry->check_count) != 0 ||
        load_number(reading, object, "shard", SHARDS_MAX, &shard) != 0)
        return -1;
    entry->shard = (unsigned)shard;
    return 0;
}

static int load_plan(const struct reading *reading, json_t *object, struct plan *plan)
{
    uint64_t shard = 0;
    uint64_t shards = 0;
    json_t *list = json_object_get(object, "scenarios");
    if (!json_is_object(object))
        return 0;
    if (load_short_text(reading, object, "digest", plan->digest, sizeof plan->digest) != 0 ||
        load_number(reading, object, "shard", SHARDS_MAX, &shard) != 0 ||
        load_number(reading, object, "shards", SHARDS_MAX, &shards) != 0)
        return -1;
    plan->shard = (unsigned)shard;
    plan->shard_count = (unsigned)shards;
    plan->entries = calloc(json_array_size(list) + 1, sizeof *plan->entries);
    if (plan->entries == NULL)
        return refuse_memory(reading);
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct plan_entry entry = {0};
        if (load_entry(reading, json_array_get(list, i), &entry) != 0) {
            free(entry.scenario);
            return -1;
        }
        plan->entries[plan->count++] = entry;
    }
    return 0;
}

static int load_waiver(const struct reading *reading, json_t *object, struct waiver_result *waiver)
{
    const char *states[WAIVER_NOT_TRIED + 1];
    for (unsigned i = 0; i <= WAIVER_NOT_TRIED; i++)
        states[i] = waiver_state_name((enum waiver_state)i);
    int state = load_name(reading, object, "state", states, WAIVER_NOT_TRIED + 1);
    if (state < 0 || load_needed_text(reading, object, "place", &waiver->place) != 0 ||
        load_needed_text(reading, object, "clause", &waiver->clause) != 0 ||
        load_needed_text(reading, object, "scenario", &waiver->scenario) != 0 ||
        load_text(reading, object, "charset", &waiver->charset) != 0 ||
        load_needed_text(reading, object, "reason", &waiver->reason) != 0 ||
        load_text(reading, object, "reference", &waiver->reference) != 0 ||
        load_text(reading, object, "expires", &waiver->expires) != 0)
        return -1;
    waiver->state = (enum waiver_state)state;
    return load_size(reading, object, "used", &waiver->used);
}

static int load_waivers(const struct reading *reading, json_t *list)
{
    struct result *result = reading->result;
    if (json_array_size(list) == 0)
        return 0;
    result->waivers = calloc(json_array_size(list), sizeof *result->waivers);
    if (result->waivers == NULL)
        return refuse_memory(reading);
    for (size_t i = 0; i < json_array_size(list); i++)
        if (load_waiver(reading, json_array_get(list, i),
                        &result->waivers[result->waiver_count++]) != 0)
            return -1;
    return 0;
}

static int load_baseline(const struct reading *reading, json_t *object)
{
    if (!json_is_object(object))
        return 0;
    struct baseline_result *baseline = calloc(1, sizeof *baseline);
    if (baseline == NULL)
        return refuse_memory(reading);
    reading->result->baseline = baseline;
    if (load_needed_text(reading, object, "path", &baseline->path) != 0)
        return -1;
    if (diff_from_json(&baseline->diff, json_object_get(object, "differences")) != 0)
        return refuse(reading, "\"baseline\" has no list of differences");
    return 0;
}

static int load_failure(const struct reading *reading, json_t *object)
{
    uint64_t status = 0;
    struct failure *failure = &reading->result->failure;
    if (!json_is_object(object))
        return 0;
    const char *text = text_of(object, "text");
    snprintf(failure->text, sizeof failure->text, "%s", text == NULL ? "" : text);
    if (load_number(reading, object, "status", 255, &status) != 0)
        return -1;
    failure->status = status == 0 ? STATUS_UNTRUSTED : (int)status;
    return 0;
}

// Older results do not say.
static int load_login(const struct reading *reading, json_t *object)
{
    struct result_login *login = &reading->result->login;
    if (!json_is_object(object))
        return 0;
    return load_shared_text(reading, object, "way", &login->way) != 0 ||
                   load_shared_text(reading, object, "login_command", &login->commands[0]) != 0 ||
                   load_shared_text(reading, object, "logout_command", &login->commands[1]) != 0 ||
                   load_shared_text(reading, object, "list_command", &login->commands[2]) != 0 ||
                   load_shared_text(reading, object, "can", &login->can) != 0
               ? -1
               : 0;
}

static int load_head(const struct reading *reading, json_t *object)
{
    struct result *result = reading->result;
    json_t *version = json_object_get(object, "schema_version");
    json_t *kit = json_object_get(object, "kit");
    if (!json_is_object(object) || !json_is_integer(version))
        return refuse(reading, "\"schema_version\" is missing");
    if (json_integer_value(version) != REPORT_JSON_VERSION)
        return refuse(reading, "\"schema_version\" is %lld, this kit reads %d",
                      (long long)json_integer_value(version), REPORT_JSON_VERSION);
    if (text_of(kit, "version") == NULL)
        return refuse(reading, "\"kit\" is missing");
    result->is_reference = json_is_true(json_object_get(object, "is_reference"));
    result->strict = json_is_true(json_object_get(object, "strict"));
    return load_short_text(reading, kit, "version", result->kit_version,
                           sizeof result->kit_version) != 0 ||
                   load_text(reading, object, "implementation", &result->implementation) != 0 ||
                   load_short_text(reading, object, "implementation_digest",
                                   result->implementation_digest,
                                   sizeof result->implementation_digest) != 0 ||
                   load_shared_text(reading, object, "profile", &result->profile) != 0 ||
                   load_shared_text(reading, object, "effort", &result->effort) != 0 ||
                   load_short_text(reading, object, "tgtd_version", result->tgtd_version,
                                   sizeof result->tgtd_version) != 0 ||
                   load_number(reading, object, "duration_ns", INT64_MAX, &result->duration_ns) != 0
               ? -1
               : 0;
}

int result_from_json(struct result *result, json_t *object, const char *path,
                     struct failure *failure)
{
    struct reading reading = {.result = result, .path = path, .failure = failure};
    return load_head(&reading, object) != 0 ||
                   load_login(&reading, json_object_get(object, "login")) != 0 ||
                   load_host(&reading, json_object_get(object, "host"), &result->hello) != 0 ||
                   load_plan(&reading, json_object_get(object, "plan"), &result->plan) != 0 ||
                   load_waivers(&reading, json_object_get(object, "waivers")) != 0 ||
                   load_baseline(&reading, json_object_get(object, "baseline")) != 0 ||
                   load_failure(&reading, json_object_get(object, "failure")) != 0 ||
                   load_scenarios(&reading, object) != 0
               ? -1
               : 0;
}

// Not to wait for a writer where the path is a pipe's, and not to read a device without end.
static FILE *open_file(const char *path, struct failure *failure)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &status) != 0) {
        failure_set(failure, STATUS_USAGE, "%s: can't be opened: %s", path, strerror(errno));
    } else if (!S_ISREG(status.st_mode)) {
        failure_set(failure, STATUS_USAGE, "%s: not a regular file; a result is a JSON file", path);
    } else {
        FILE *file = fdopen(fd, "r");
        if (file != NULL)
            return file;
        failure_set(failure, STATUS_UNTRUSTED, "%s: can't be read: %s", path, strerror(errno));
    }
    if (fd >= 0)
        close(fd);
    return NULL;
}

int result_read(struct result *result, const char *path, struct failure *failure)
{
    json_error_t error;
    FILE *file = open_file(path, failure);
    if (file == NULL)
        return -1;
    json_t *object = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
    fclose(file);
    if (object == NULL)
        return failure_set(failure, STATUS_USAGE,
                           "%s:%d:%d: not JSON: %s; give a file that `run --json` wrote", path,
                           error.line, error.column, error.text);
    int status = result_from_json(result, object, path, failure);
    json_decref(object);
    return status;
}
