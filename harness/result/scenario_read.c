// SPDX-License-Identifier: Apache-2.0
// Reads the scenarios of a result.
#include "harness/result/scenario_read.h"

#include "conformance/transcript/fault_stack.h"

#include "conformance/clauses/groups.h"
#include "conformance/transcript/record_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SWEEP_POINTS_MAX = 1 << 22 }; // of one sweep: runs must not unfold without end

static const char *const charsets[] = {"A", "W", "A+W", "Ex", NULL};

int result_read_shared_text(const struct result_reading *reading, const json_t *object,
                            const char *name, const char **text)
{
    char *copy = NULL;
    *text = NULL;
    if (json_read_text(&reading->json, object, name, &copy) != 0)
        return -1;
    if (copy == NULL)
        return 0;
    *text = result_own(reading->result, copy);
    return *text == NULL ? json_refuse_memory(&reading->json) : 0;
}

// ---- Checks

static uint8_t *kept_at(const struct scenario_result *scenario, size_t index, size_t size)
{
    for (size_t i = 0; i < scenario->kept_count && size > 0; i++)
        if (scenario->kept[i].index == index)
            return scenario->kept[i].bytes;
    return NULL;
}

static int load_stack(const struct result_reading *reading, const json_t *stack,
                      struct fault_source *source)
{
    char text[STACK_TEXT_MAX];
    if (!json_is_object(stack))
        return 0;
    if (stack_from_json(&reading->json, stack, text) != 0)
        return -1;
    source->stack = result_own(reading->result, strdup(text));
    return source->stack == NULL ? json_refuse_memory(&reading->json) : 0;
}

// The place of a fault in the source code.
static int load_source(const struct result_reading *reading, const json_t *outcome,
                       struct fault_source *source)
{
    return load_stack(reading, json_object_get(outcome, "fault_stack"), source) != 0 ||
                   result_read_shared_text(reading, outcome, "fault_function", &source->function) !=
                       0 ||
                   result_read_shared_text(reading, outcome, "fault_file", &source->file) != 0
               ? -1
               : json_read_u32(&reading->json, outcome, "fault_line", &source->line);
}

// All but its bytes.
static int load_record(const struct result_reading *reading, const json_t *object,
                       struct record *record, size_t *index)
{
    uint32_t thread = 0;
    uint32_t threads = 0;
    if (json_read_size(&reading->json, object, "index", index) != 0 ||
        result_read_shared_text(reading, object, "probe_set", &record->probe_set) != 0 ||
        result_read_shared_text(reading, object, "circumstance", &record->circumstance) != 0 ||
        json_read_u32(&reading->json, object, "thread", &thread) != 0 ||
        json_read_u32(&reading->json, object, "threads", &threads) != 0 ||
        call_from_json(&reading->json, json_object_get(object, "call"), FORM_RESULT,
                       &record->call) != 0 ||
        outcome_from_json(&reading->json, json_object_get(object, "outcome"), FORM_RESULT,
                          &record->call, &record->outcome) != 0 ||
        load_source(reading, json_object_get(object, "outcome"), &record->source) != 0)
        return -1;
    record->thread = thread;
    record->threads = threads;
    return json_read_text(&reading->json, object, "said", &record->said);
}

// Makes a clause that this kit does not have, as far as the file describes it.
static const struct clause *make_clause(const struct result_reading *reading, const json_t *object,
                                        const json_t *described)
{
    static const char *const levels[] = {"must", "should", "note", NULL};
    static const char *const bases[] = {"documented", "implied", "practice", NULL};
    struct clause *clause = result_own(reading->result, calloc(1, sizeof *clause));
    if (clause == NULL) {
        json_refuse_memory(&reading->json);
        return NULL;
    }
    int level = json_read_name(&reading->json, object, "level", levels);
    int basis = level < 0 ? -1 : json_read_name(&reading->json, object, "basis", bases);
    if (basis < 0 || result_read_shared_text(reading, object, "clause", &clause->id) != 0 ||
        result_read_shared_text(reading, described, "sentence", &clause->sentence) != 0 ||
        result_read_shared_text(reading, described, "source", &clause->source) != 0 ||
        result_read_shared_text(reading, described, "why", &clause->why) != 0)
        return NULL;
    if (clause->sentence == NULL)
        clause->sentence = "(a clause that this kit does not have)";
    clause->level = (enum level)level;
    clause->basis = (enum basis)basis;
    return clause;
}

// The clause that a check is of: the kit's own, or one that was made for an earlier check, or a new
// one.
static const struct clause *find_clause(const struct result_reading *reading, const json_t *object,
                                        const json_t *clauses)
{
    const char *id = json_text_of(object, "clause");
    if (id == NULL || id[0] == '\0') {
        json_refuse(&reading->json, "\"clause\" is missing or no text");
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

// Where a mistake is, as messages say it, that is not in one check.
static void note_scenario(struct result_reading *reading, const struct scenario_result *scenario)
{
    snprintf(reading->json.where, sizeof reading->json.where, "scenario %.64s", scenario->name);
}

// The text of that member, "" where it has none.
static const char *words_of(const json_t *object, const char *name)
{
    const char *text = json_text_of(object, name);
    return text == NULL ? "" : text;
}

// What of the evidence's list is wrong; older results do not say.
static int load_wrong(const struct result_reading *reading, const json_t *object,
                      struct listed_member *wrong)
{
    uint64_t connection = 0;
    if (!json_is_object(object))
        return 0;
    wrong->connection = -1;
    if (json_read_u32(&reading->json, object, "session", &wrong->session) != 0 ||
        result_read_shared_text(reading, object, "member", &wrong->name) != 0)
        return -1;
    if (!json_is_integer(json_object_get(object, "connection")))
        return 0;
    if (json_read_number(&reading->json, object, "connection", 0, INT32_MAX, &connection) != 0)
        return -1;
    wrong->connection = (int32_t)connection;
    return 0;
}

static int load_verdict(const struct result_reading *reading, const json_t *object,
                        struct check *check)
{
    struct verdict *verdict = &check->verdict;
    const char *names[VERDICT_ERROR + 2] = {NULL};
    if (json_text_of(object, "verdict") == NULL)
        return 0; // planned, never judged
    for (unsigned i = 0; i <= VERDICT_ERROR; i++)
        names[i] = verdict_kind_name((enum verdict_kind)i);
    int kind = json_read_name(&reading->json, object, "verdict", names);
    // Cut to fit: escaping may have made them longer than they were.
    snprintf(verdict->got, sizeof verdict->got, "%s", words_of(object, "got"));
    snprintf(verdict->expected, sizeof verdict->expected, "%s", words_of(object, "expected"));
    snprintf(verdict->ways, sizeof verdict->ways, "%s", words_of(object, "ways"));
    snprintf(verdict->left_out, sizeof verdict->left_out, "%s", words_of(object, "left_out"));
    snprintf(verdict->also, sizeof verdict->also, "%s", words_of(object, "also"));
    if (kind < 0 ||
        json_read_flags(&reading->json, object, "symptoms", symptom_names,
                        &verdict->symptoms) != 0 || // older results do not say
        load_wrong(reading, json_object_get(object, "wrong"), &verdict->wrong) != 0 ||
        result_read_shared_text(reading, object, "blocked_by", &verdict->blocked_by) != 0 ||
        result_read_shared_text(reading, object, "consequence_of", &verdict->consequence_of) != 0 ||
        result_read_shared_text(reading, json_object_get(object, "deviation"), "id",
                                &verdict->deviation) != 0)
        return -1;
    verdict->kind = (enum verdict_kind)kind;
    check->judged = true;
    return 0;
}

static int load_excuse(const struct json_reading *reading, const json_t *object,
                       struct excuse *excuse)
{
    static const char *const names[] = {"waiver", "baseline", NULL};
    if (!json_is_object(object))
        return 0;
    int by = json_read_name(reading, object, "by", names);
    const char *was = json_text_of(object, "was");
    if (by < 0)
        return -1;
    excuse->kind = by == 0 ? EXCUSE_WAIVER : EXCUSE_BASELINE;
    excuse->was = was != NULL && strcmp(was, "warn") == 0 ? VERDICT_WARN : VERDICT_FAIL;
    return json_read_text(reading, object, "text", &excuse->text);
}

static int load_evidence(const struct result_reading *reading, const json_t *object,
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

static int load_check(struct result_reading *reading, const json_t *object, const json_t *clauses,
                      const struct scenario_result *scenario, struct check *check)
{
    note_scenario(reading, scenario);
    check->clause = find_clause(reading, object, clauses);
    if (check->clause == NULL)
        return -1;
    int charset = json_read_name(&reading->json, object, "charset", charsets);
    if (charset < 0)
        return -1;
    check->charset = (enum check_charset)charset;
    snprintf(reading->json.where, sizeof reading->json.where, "scenario %.64s, check %.32s (%s)",
             scenario->name, check->clause->id, charsets[charset]);
    if (load_verdict(reading, object, check) != 0 ||
        load_excuse(&reading->json, json_object_get(object, "excuse"), &check->excuse) != 0)
        return -1;
    return load_evidence(reading, json_object_get(object, "evidence"), scenario, check);
}

static int load_checks(struct result_reading *reading, const json_t *list, const json_t *clauses,
                       struct scenario_result *scenario)
{
    size_t count = json_array_size(list);
    if (!json_is_array(list))
        return json_refuse(&reading->json, "\"checks\" is missing or no list");
    scenario->checks = calloc(count + 1, sizeof *scenario->checks);
    if (scenario->checks == NULL)
        return json_refuse_memory(&reading->json);
    for (size_t i = 0; i < count; i++) {
        // Counted only when it has its clause, which everything relies on.
        struct check *check = &scenario->checks[i];
        int status = load_check(reading, json_array_get(list, i), clauses, scenario, check);
        scenario->check_count += check->clause != NULL;
        if (status != 0)
            return -1;
    }
    note_scenario(reading, scenario);
    return 0;
}

// ---- What was observed, and what pictures are drawn from

static int load_kept(const struct json_reading *reading, const json_t *list,
                     struct scenario_result *scenario)
{
    size_t count = json_array_size(list);
    if (count == 0)
        return 0;
    scenario->kept = calloc(count, sizeof *scenario->kept);
    if (scenario->kept == NULL)
        return json_refuse_memory(reading);
    for (size_t i = 0; i < count; i++) {
        const json_t *object = json_array_get(list, i);
        const char *hex = json_text_of(object, "bytes");
        size_t length = hex == NULL ? 0 : strlen(hex);
        struct kept_bytes *kept = &scenario->kept[i];
        if (hex == NULL || length % 2 != 0 || length / 2 > KEPT_BYTES_MAX)
            return json_refuse(reading, "the bytes kept of a call are missing, cut or too many");
        if (json_read_size(reading, object, "index", &kept->index) != 0)
            return -1;
        kept->size = length / 2;
        kept->bytes = malloc(kept->size + 1);
        if (kept->bytes == NULL)
            return json_refuse_memory(reading);
        scenario->kept_count++;
        if (!hex_decode(hex, kept->bytes, kept->size))
            return json_refuse(reading, "the bytes kept of a call are not hexadecimal");
    }
    return 0;
}

// Whoever claims more bytes than are kept of its call would have reports read past their end.
static int check_sizes(const struct json_reading *reading, const struct scenario_result *scenario)
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
            return json_refuse(reading, "a call left another number of bytes than are kept of it");
    }
    return 0;
}

// A number of a run: from `least` to 2^32 - 1.
static bool run_member(const json_t *run, size_t index, uint64_t least, uint32_t *number)
{
    const json_t *value = json_array_get(run, index);
    json_int_t read = json_integer_value(value);
    *number = (uint32_t)read;
    return json_is_integer(value) && read >= 0 && read <= UINT32_MAX && (uint64_t)read >= least;
}

static int load_sweep(const struct json_reading *reading, const json_t *list, struct sweep *sweep)
{
    uint64_t least = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *run = json_array_get(list, i);
        uint32_t first = 0;
        uint32_t last = 0;
        uint32_t kind = 0;
        struct sweep_point point = {0};
        if (!run_member(run, 0, 0, &first) || !run_member(run, 1, first, &last) ||
            !run_member(run, 2, 0, &kind) || !run_member(run, 3, 0, &point.status) ||
            !run_member(run, 4, 0, &point.size_out) || kind > OUTCOME_DAMAGED || first < least ||
            last - first >= SWEEP_POINTS_MAX - sweep->count)
            return json_refuse(reading,
                               "a run of the sweep is not [first, last, kind, status, size]");
        size_t more = (size_t)(last - first) + 1;
        struct sweep_point *grown = reallocarray(sweep->points, sweep->count + more, sizeof *grown);
        if (grown == NULL)
            return json_refuse_memory(reading);
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

static int load_list(const struct result_reading *reading, const json_t *object,
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

static int load_observed(const struct json_reading *reading, const json_t *object,
                         struct observation *observed)
{
    observed->has_required = json_is_integer(json_object_get(object, "required"));
    observed->has_returned = json_is_integer(json_object_get(object, "returned"));
    return json_read_u32(reading, object, "required", &observed->required) != 0 ||
                   json_read_u32(reading, object, "returned", &observed->returned) != 0
               ? -1
               : 0;
}

static int load_pictures(const struct result_reading *reading, const json_t *object,
                         struct scenario_result *scenario)
{
    for (int charset = CHARSET_A; charset <= CHARSET_W; charset++) {
        const char *name = charsets[charset];
        const json_t *sweeps = json_object_get(object, "sweeps");
        const json_t *lists = json_object_get(object, "lists");
        const json_t *observed = json_object_get(object, "observed");
        if (load_sweep(&reading->json, json_object_get(sweeps, name), &scenario->sweeps[charset]) !=
                0 ||
            load_list(reading, json_object_get(lists, name), scenario, &scenario->lists[charset]) !=
                0 ||
            load_observed(&reading->json, json_object_get(observed, name),
                          &scenario->observed[charset]) != 0)
            return -1;
    }
    return 0;
}

// ---- Scenarios

// Results of kits that did not say are read too.
static int load_changes(const struct json_reading *reading, const json_t *object,
                        struct scenario_result *scenario)
{
    if (object == NULL)
        return 0;
    if (json_read_number(reading, object, "generations", 0, INT64_MAX, &scenario->generations) !=
            0 ||
        json_read_number(reading, object, "calls", 0, INT64_MAX, &scenario->changing_calls) != 0)
        return -1;
    return json_read_number(reading, object, "ns", 0, INT64_MAX, &scenario->changing_ns);
}

// The same.
static int load_replay(const struct json_reading *reading, const json_t *object,
                       struct scenario_result *scenario)
{
    struct replay_difference *replay = &scenario->replay;
    if (object == NULL || json_is_null(object))
        return 0;
    scenario->replayed = true;
    if (json_read_number(reading, object, "compared", 0, INT64_MAX, &replay->compared) != 0 ||
        json_read_number(reading, object, "other", 0, INT64_MAX, &replay->other) != 0 ||
        json_read_number(reading, object, "left_out", 0, INT64_MAX, &replay->left_out) != 0 ||
        json_read_short_text(reading, object, "first_other", replay->first, sizeof replay->first) !=
            0)
        return -1;
    return json_read_short_text(reading, object, "left_why", replay->left_why,
                                sizeof replay->left_why);
}

// The same.
static int load_memory(const struct json_reading *reading, const json_t *object,
                       struct peak_memory *memory)
{
    if (json_read_number(reading, object, "kit", 0, INT64_MAX, &memory->kit) != 0 ||
        json_read_number(reading, object, "host", 0, INT64_MAX, &memory->host) != 0)
        return -1;
    return json_read_number(reading, object, "tgtd", 0, INT64_MAX, &memory->tgtd);
}

static int load_times(const struct json_reading *reading, const json_t *object,
                      struct scenario_result *scenario)
{
    uint64_t calls = 0;
    if (json_read_size(reading, object, "sessions", &scenario->session_count) != 0 ||
        json_read_number(reading, object, "calls", 0, INT64_MAX, &calls) != 0 ||
        json_read_number(reading, object, "bring_up_ns", 0, INT64_MAX, &scenario->bring_up_ns) !=
            0 ||
        json_read_number(reading, object, "probes_ns", 0, INT64_MAX, &scenario->probes_ns) != 0 ||
        load_memory(reading, json_object_get(object, "peak_memory"), &scenario->memory) != 0 ||
        load_changes(reading, json_object_get(object, "changes"), scenario) != 0 ||
        load_replay(reading, json_object_get(object, "replay"), scenario) != 0 ||
        json_read_size(reading, object, "planned", &scenario->planned_count) != 0)
        return -1;
    scenario->call_count = calls;
    scenario->finished = json_is_true(json_object_get(object, "finished"));
    return 0;
}

static int load_scenario(struct result_reading *reading, const json_t *object,
                         const json_t *clauses, struct scenario_result *scenario)
{
    if (json_read_needed_text(&reading->json, object, "name", &scenario->name) != 0)
        return -1;
    note_scenario(reading, scenario);
    if (json_read_text(&reading->json, object, "summary", &scenario->summary) != 0 ||
        json_read_text(&reading->json, object, "path", &scenario->path) != 0 ||
        json_read_text(&reading->json, object, "digest", &scenario->digest) != 0 ||
        load_times(&reading->json, object, scenario) != 0 ||
        load_kept(&reading->json, json_object_get(object, "kept"), scenario) != 0 ||
        load_pictures(reading, object, scenario) != 0 ||
        load_checks(reading, json_object_get(object, "checks"), clauses, scenario) != 0 ||
        check_sizes(&reading->json, scenario) != 0)
        return -1;
    if (scenario->planned_count > scenario->check_count)
        return json_refuse(&reading->json, "more checks were planned than there are");
    reading->json.where[0] = '\0';
    return 0;
}

int scenario_results_read(struct result_reading *reading, const json_t *object)
{
    struct result *result = reading->result;
    const json_t *list = json_object_get(object, "scenarios");
    if (!json_is_array(list))
        return json_refuse(&reading->json, "\"scenarios\" is missing or no list");
    result->scenarios = calloc(json_array_size(list) + 1, sizeof *result->scenarios);
    if (result->scenarios == NULL)
        return json_refuse_memory(&reading->json);
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct scenario_result *scenario = &result->scenarios[result->scenario_count++];
        if (load_scenario(reading, json_array_get(list, i), json_object_get(object, "clauses"),
                          scenario) != 0)
            return -1;
        if (scenario_result_find(result, scenario->name) != scenario)
            return json_refuse(&reading->json, "scenario \"%s\" is in it twice", scenario->name);
    }
    return 0;
}
