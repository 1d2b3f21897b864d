// The JSON report: the complete record of a run for programs, as docs/result.schema.json says.
#include "harness/report/json.h"

#include "conformance/base/text.h"
#include "conformance/transcript/describe.h"
#include "conformance/transcript/error_codes.h"
#include "harness/report/report_file.h"
#include "harness/result/words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// A text that may be foreign, as JSON: bytes that are not UTF-8 become \xNN. NULL becomes null.
static json_t *text_to_json(const char *text)
{
    if (text == NULL)
        return json_null();
    char *escaped = report_escape(text, ESCAPE_INVALID);
    if (escaped == NULL)
        return NULL;
    json_t *value = json_string(escaped);
    free(escaped);
    return value;
}

// "" says nothing, which JSON says as null.
static json_t *said_to_json(const char *text)
{
    return text_to_json(text == NULL || text[0] == '\0' ? NULL : text);
}

static json_t *number_to_json(uint64_t number)
{
    return json_integer(number > INT64_MAX ? INT64_MAX : (json_int_t)number);
}

// Adds a member, taking over `value`; false when memory ran out, also while making the value.
static bool add(json_t *object, const char *name, json_t *value)
{
    return json_object_set_new(object, name, value) == 0;
}

static json_t *finish(json_t *object, bool complete)
{
    if (complete)
        return object;
    json_decref(object);
    return NULL;
}

// Calls and outcomes.

static const char *name_of(const char *const *names, size_t count, size_t index)
{
    return index < count ? names[index] : "unknown";
}

static json_t *flags_to_json(unsigned flags)
{
    static const char *const names[] = {"size-null", "count-null", "sparse", "measure"}; // by bit
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < sizeof names / sizeof *names; i++)
        if ((flags >> i & 1) != 0 && json_array_append_new(list, json_string(names[i])) != 0)
            return finish(list, false);
    return list;
}

static json_t *call_to_json(const struct record *record)
{
    static const char *const placements[] = {"null", "end", "start", "middle", "exact"};
    static const char *const fills[] = {"hash-0", "hash-1", "zero", "ones"};
    const struct call *call = &record->call;
    char text[512];
    report_describe_call(record, text, sizeof text);
    json_t *object = json_object();
    return finish(
        object,
        add(object, "text", text_to_json(text)) &&
            add(object, "charset", json_string(call->charset == CHARSET_W ? "W" : "A")) &&
            add(object, "placement", json_string(name_of(placements, 5, call->placement))) &&
            add(object, "fill", json_string(name_of(fills, 4, call->fill))) &&
            add(object, "flags", flags_to_json(call->flags)) &&
            add(object, "offered", number_to_json(call->offered)) &&
            add(object, "count_in", number_to_json(call->count_in)) &&
            add(object, "misalignment", number_to_json(call->misalignment)) &&
            add(object, "repeat", number_to_json(call->repeat)));
}

static json_t *extent_to_json(struct extent extent)
{
    if (extent_empty(extent))
        return json_null();
    return json_pack("[I, I]", (json_int_t)extent.first, (json_int_t)extent.last);
}

static bool add_returned(json_t *object, const struct outcome *outcome)
{
    const char *name = error_code_name(outcome->status);
    return add(object, "status", number_to_json(outcome->status)) &&
           add(object, "status_name", text_to_json(name)) &&
           add(object, "size_out", number_to_json(outcome->size_out)) &&
           add(object, "count_out", number_to_json(outcome->count_out)) &&
           add(object, "size_cell_damaged", json_boolean(outcome->size_cell_damaged)) &&
           add(object, "count_cell_damaged", json_boolean(outcome->count_cell_damaged)) &&
           add(object, "inside", extent_to_json(outcome->inside)) &&
           add(object, "before", extent_to_json(outcome->before)) &&
           add(object, "after", extent_to_json(outcome->after)) &&
           add(object, "repeats", number_to_json(outcome->repeats)) &&
           add(object, "byte_count", number_to_json(outcome->byte_count));
}

// Addresses are hexadecimal texts: many JSON readers lose digits of numbers beyond 2^53.
static bool add_fault(json_t *object, const struct outcome *outcome)
{
    static const char *const directions[] = {"unknown", "read", "write", "execute"};
    char address[24];
    snprintf(address, sizeof address, "0x%" PRIx64, outcome->fault_address);
    return add(object, "signal", json_integer(outcome->signal_number)) &&
           add(object, "direction", json_string(name_of(directions, 4, outcome->direction))) &&
           add(object, "fault_address", text_to_json(outcome->fault_has_address ? address : NULL));
}

static bool add_ended(json_t *object, const struct outcome *outcome)
{
    bool by_signal = outcome->exit_code < 0;
    return add(object, "exit_code", by_signal ? json_null() : json_integer(outcome->exit_code)) &&
           add(object, "signal", by_signal ? json_integer(outcome->signal_number) : json_null());
}

static json_t *outcome_to_json(const struct record *record)
{
    static const char *const kinds[] = {"returned", "fault",     "ended",
                                        "hung",     "not-tried", "damaged"};
    const struct outcome *outcome = &record->outcome;
    char text[768];
    report_describe_outcome(record, text, sizeof text);
    uint64_t took =
        outcome->ended_ns > outcome->began_ns ? outcome->ended_ns - outcome->began_ns : 0;
    char base[24];
    snprintf(base, sizeof base, "0x%" PRIx64, outcome->base);
    json_t *object = json_object();
    bool complete = add(object, "text", text_to_json(text)) &&
                    add(object, "base", text_to_json(outcome->base != 0 ? base : NULL)) &&
                    add(object, "kind", json_string(name_of(kinds, 6, outcome->kind))) &&
                    add(object, "duration_ns", number_to_json(took));
    if (complete && outcome->kind == OUTCOME_RETURNED)
        complete = add_returned(object, outcome);
    if (complete && outcome->kind == OUTCOME_FAULT)
        complete = add_fault(object, outcome);
    if (complete && outcome->kind == OUTCOME_ENDED)
        complete = add_ended(object, outcome);
    return finish(object, complete);
}

static bool add_record(json_t *object, const struct record *record)
{
    return add(object, "probe_set", text_to_json(record->probe_set)) &&
           add(object, "circumstance", text_to_json(record->circumstance)) &&
           add(object, "thread", number_to_json(record->thread)) &&
           add(object, "threads", number_to_json(record->threads)) &&
           add(object, "call", call_to_json(record)) &&
           add(object, "outcome", outcome_to_json(record));
}

static json_t *evidence_to_json(const struct check *check)
{
    const struct record *record = check->verdict.record;
    if (!check->judged || record == NULL)
        return json_null();
    json_t *object = json_object();
    return finish(object, add(object, "index", number_to_json(check->evidence_index)) &&
                              add_record(object, record) &&
                              add(object, "said", said_to_json(record->said)));
}

// Checks and scenarios.

static json_t *deviation_to_json(const struct check *check, const char *profile)
{
    if (!check->judged || check->verdict.deviation == NULL)
        return json_null();
    const struct deviation *known = check_deviation(check, profile);
    json_t *object = json_object();
    return finish(object,
                  add(object, "id", text_to_json(check->verdict.deviation)) &&
                      add(object, "profile", text_to_json(known == NULL ? NULL : known->profile)) &&
                      add(object, "what", text_to_json(known == NULL ? NULL : known->what)) &&
                      add(object, "source", text_to_json(known == NULL ? NULL : known->source)));
}

static json_t *excuse_to_json(const struct excuse *excuse)
{
    if (excuse->kind == EXCUSE_NONE)
        return json_null();
    json_t *object = json_object();
    return finish(object, add(object, "by",
                              json_string(excuse->kind == EXCUSE_WAIVER ? "waiver" : "baseline")) &&
                              add(object, "was", json_string(verdict_kind_name(excuse->was))) &&
                              add(object, "text", text_to_json(excuse->text)));
}

static json_t *check_to_json(const struct check *check, const char *profile)
{
    const struct verdict *verdict = &check->verdict;
    bool judged = check->judged;
    json_t *object = json_object();
    return finish(
        object, add(object, "clause", text_to_json(check->clause->id)) &&
                    add(object, "level", json_string(level_name(check->clause->level))) &&
                    add(object, "basis", json_string(basis_name(check->clause->basis))) &&
                    add(object, "charset", json_string(check_charset_name(check->charset))) &&
                    add(object, "verdict",
                        text_to_json(judged ? verdict_kind_name(verdict->kind) : NULL)) &&
                    add(object, "got", said_to_json(judged ? verdict->got : NULL)) &&
                    add(object, "expected", said_to_json(judged ? verdict->expected : NULL)) &&
                    add(object, "blocked_by", text_to_json(judged ? verdict->blocked_by : NULL)) &&
                    add(object, "deviation", deviation_to_json(check, profile)) &&
                    add(object, "excuse", excuse_to_json(&check->excuse)) &&
                    add(object, "evidence", evidence_to_json(check)));
}

static json_t *tally_to_json(const struct tally *tally)
{
    json_t *object = json_object();
    bool complete = add(object, "planned", number_to_json(tally->planned)) &&
                    add(object, "judged", number_to_json(tally->judged)) &&
                    add(object, "calls", number_to_json(tally->calls));
    for (unsigned kind = VERDICT_PASS; complete && kind <= VERDICT_ERROR; kind++)
        complete = add(object, verdict_kind_name((enum verdict_kind)kind),
                       number_to_json(tally->of[kind]));
    return finish(object, complete);
}

static json_t *checks_to_json(const struct scenario_result *scenario, const char *profile)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < scenario->check_count; i++)
        if (json_array_append_new(list, check_to_json(&scenario->checks[i], profile)) != 0)
            return finish(list, false);
    return list;
}

// Beside the verdicts: what was observed, and what the pictures are drawn from.

static json_t *observation_to_json(const struct observation *observed)
{
    json_t *object = json_object();
    return finish(
        object, add(object, "required",
                    observed->has_required ? number_to_json(observed->required) : json_null()) &&
                    add(object, "returned",
                        observed->has_returned ? number_to_json(observed->returned) : json_null()));
}

// A run of sizes, each one more than the one before, that were all answered the same.
static json_t *run_to_json(const struct sweep_point *first, const struct sweep_point *last)
{
    return json_pack("[I, I, i, I, I]", (json_int_t)first->offered, (json_int_t)last->offered,
                     (int)first->kind, (json_int_t)first->status, (json_int_t)first->size_out);
}

static bool continues(const struct sweep_point *last, const struct sweep_point *next)
{
    return last->offered != UINT32_MAX && next->offered == last->offered + 1 &&
           next->kind == last->kind && next->status == last->status &&
           next->size_out == last->size_out;
}

static json_t *sweep_to_json(const struct sweep *sweep)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < sweep->count;) {
        size_t last = i;
        while (last + 1 < sweep->count && continues(&sweep->points[last], &sweep->points[last + 1]))
            last++;
        if (json_array_append_new(list, run_to_json(&sweep->points[i], &sweep->points[last])) != 0)
            return finish(list, false);
        i = last + 1;
    }
    return list;
}

// A list as a call left it; its bytes are among those kept.
static json_t *list_to_json(const struct scenario_result *scenario, const struct record *list)
{
    if (list->bytes == NULL)
        return json_null();
    const struct kept_bytes *kept = NULL;
    for (size_t i = 0; i < scenario->kept_count; i++)
        if (scenario->kept[i].bytes == list->bytes)
            kept = &scenario->kept[i];
    if (kept == NULL)
        return json_null();
    json_t *object = json_object();
    return finish(object, add(object, "index", number_to_json(kept->index)) &&
                              add_record(object, list) && add(object, "said", json_null()));
}

static json_t *bytes_to_json(const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(2 * size + 1);
    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    json_t *value = json_stringn(text, 2 * size);
    free(text);
    return value;
}

static json_t *kept_to_json(const struct scenario_result *scenario)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < scenario->kept_count; i++) {
        const struct kept_bytes *kept = &scenario->kept[i];
        json_t *object = json_object();
        bool complete = add(object, "index", number_to_json(kept->index)) &&
                        add(object, "bytes", bytes_to_json(kept->bytes, kept->size));
        if (json_array_append_new(list, finish(object, complete)) != 0)
            return finish(list, false);
    }
    return list;
}

static json_t *pair_to_json(json_t *a, json_t *w)
{
    json_t *object = json_object();
    bool complete = add(object, "A", a);
    return finish(object, add(object, "W", w) && complete);
}

static bool add_pictures(json_t *object, const struct scenario_result *scenario)
{
    return add(object, "observed",
               pair_to_json(observation_to_json(&scenario->observed[CHARSET_A]),
                            observation_to_json(&scenario->observed[CHARSET_W]))) &&
           add(object, "sweeps",
               pair_to_json(sweep_to_json(&scenario->sweeps[CHARSET_A]),
                            sweep_to_json(&scenario->sweeps[CHARSET_W]))) &&
           add(object, "lists",
               pair_to_json(list_to_json(scenario, &scenario->lists[CHARSET_A]),
                            list_to_json(scenario, &scenario->lists[CHARSET_W]))) &&
           add(object, "kept", kept_to_json(scenario));
}

static json_t *changes_to_json(const struct scenario_result *scenario)
{
    json_t *object = json_object();
    double seconds = (double)scenario->changing_ns / 1e9;
    double rate = scenario->changing_ns > 0 ? (double)scenario->changing_calls / seconds : 0;
    return finish(object, add(object, "generations", number_to_json(scenario->generations)) &&
                              add(object, "calls", number_to_json(scenario->changing_calls)) &&
                              add(object, "ns", number_to_json(scenario->changing_ns)) &&
                              add(object, "calls_per_second", json_real(rate)));
}

// null where it could not be known.
static json_t *bytes_held_to_json(uint64_t bytes)
{
    return bytes == 0 ? json_null() : number_to_json(bytes);
}

static json_t *memory_to_json(const struct peak_memory *memory)
{
    json_t *object = json_object();
    return finish(object, add(object, "kit", bytes_held_to_json(memory->kit)) &&
                              add(object, "host", bytes_held_to_json(memory->host)) &&
                              add(object, "tgtd", bytes_held_to_json(memory->tgtd)));
}

static json_t *scenario_to_json(const struct result *result, const struct scenario_result *scenario)
{
    struct tally tally = result_tally(result, scenario);
    json_t *object = json_object();
    return finish(object, add(object, "name", text_to_json(scenario->name)) &&
                              add(object, "summary", text_to_json(scenario->summary)) &&
                              add(object, "path", text_to_json(scenario->path)) &&
                              add(object, "digest", text_to_json(scenario->digest)) &&
                              add(object, "sessions", number_to_json(scenario->session_count)) &&
                              add(object, "finished", json_boolean(scenario->finished)) &&
                              add(object, "calls", number_to_json(scenario->call_count)) &&
                              add(object, "bring_up_ns", number_to_json(scenario->bring_up_ns)) &&
                              add(object, "probes_ns", number_to_json(scenario->probes_ns)) &&
                              add(object, "peak_memory", memory_to_json(&scenario->memory)) &&
                              add(object, "changes", changes_to_json(scenario)) &&
                              add(object, "tally", tally_to_json(&tally)) &&
                              add(object, "planned", number_to_json(scenario->planned_count)) &&
                              add_pictures(object, scenario) &&
                              add(object, "checks", checks_to_json(scenario, result->profile)));
}

static json_t *scenarios_to_json(const struct result *result)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < result->scenario_count; i++)
        if (json_array_append_new(list, scenario_to_json(result, &result->scenarios[i])) != 0)
            return finish(list, false);
    return list;
}

// The clauses that the checks name, each once, so that the record explains itself.

static json_t *clause_to_json(const struct clause *clause)
{
    json_t *object = json_object();
    return finish(object, add(object, "level", json_string(level_name(clause->level))) &&
                              add(object, "basis", json_string(basis_name(clause->basis))) &&
                              add(object, "sentence", text_to_json(clause->sentence)) &&
                              add(object, "source", text_to_json(clause->source)) &&
                              add(object, "why", text_to_json(clause->why)));
}

static json_t *clauses_to_json(const struct result *result)
{
    json_t *object = json_object();
    for (size_t i = 0; object != NULL && i < result->scenario_count; i++) {
        const struct scenario_result *scenario = &result->scenarios[i];
        for (size_t j = 0; j < scenario->check_count; j++) {
            const struct clause *clause = scenario->checks[j].clause;
            if (json_object_get(object, clause->id) == NULL &&
                !add(object, clause->id, clause_to_json(clause)))
                return finish(object, false);
        }
    }
    return object;
}

// The run.

static json_t *exports_to_json(const struct hello *hello)
{
    json_t *list = json_array();
    if (list != NULL && ((hello->has_a != 0 &&
                          json_array_append_new(list, json_string("GetIScsiSessionListA")) != 0) ||
                         (hello->has_w != 0 &&
                          json_array_append_new(list, json_string("GetIScsiSessionListW")) != 0)))
        return finish(list, false);
    return list;
}

// null when no host said hello.
static json_t *host_to_json(const struct hello *hello)
{
    if (hello->pointer_size == 0)
        return json_null();
    json_t *object = json_object();
    return finish(object, add(object, "platform", text_to_json(hello->platform)) &&
                              add(object, "pointer_size", json_integer(hello->pointer_size)) &&
                              add(object, "long_align", json_integer(hello->long_align)) &&
                              add(object, "code_page", number_to_json(hello->code_page)) &&
                              add(object, "exports", exports_to_json(hello)) &&
                              add(object, "error", said_to_json(hello->error)));
}

// The parts of the plan, so that whoever joins shards can prove that none is missing; null where no
// plan is known (transcripts that were judged again).
static json_t *plan_to_json(const struct plan *plan)
{
    if (plan->digest[0] == '\0')
        return json_null();
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < plan->count; i++)
        json_array_append_new(list, json_pack("{s:o, s:I, s:i}", "scenario",
                                              text_to_json(plan->entries[i].scenario), "checks",
                                              (json_int_t)plan->entries[i].check_count, "shard",
                                              (int)plan->entries[i].shard));
    json_t *object = json_object();
    return finish(object, add(object, "digest", json_string(plan->digest)) &&
                              add(object, "shard", number_to_json(plan->shard)) &&
                              add(object, "shards", number_to_json(plan->shard_count)) &&
                              add(object, "scenarios", list));
}

static json_t *waivers_to_json(const struct result *result)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < result->waiver_count; i++) {
        const struct waiver_result *waiver = &result->waivers[i];
        json_t *object = json_object();
        bool complete = add(object, "place", text_to_json(waiver->place)) &&
                        add(object, "clause", text_to_json(waiver->clause)) &&
                        add(object, "scenario", text_to_json(waiver->scenario)) &&
                        add(object, "charset", text_to_json(waiver->charset)) &&
                        add(object, "reason", text_to_json(waiver->reason)) &&
                        add(object, "reference", text_to_json(waiver->reference)) &&
                        add(object, "expires", text_to_json(waiver->expires)) &&
                        add(object, "state", json_string(waiver_state_name(waiver->state))) &&
                        add(object, "used", number_to_json(waiver->used));
        if (json_array_append_new(list, finish(object, complete)) != 0)
            return finish(list, false);
    }
    return list;
}

static json_t *baseline_to_json(const struct baseline_result *baseline)
{
    if (baseline == NULL)
        return json_null();
    json_t *object = json_object();
    return finish(object, add(object, "path", text_to_json(baseline->path)) &&
                              add(object, "differences", diff_to_json(&baseline->diff)));
}

static json_t *failure_to_json(const struct failure *failure)
{
    if (failure->status == 0)
        return json_null();
    json_t *object = json_object();
    return finish(object, add(object, "status", json_integer(failure->status)) &&
                              add(object, "text", text_to_json(failure->text)));
}

static json_t *login_to_json(const struct result_login *login)
{
    if (login->way == NULL)
        return json_null();
    json_t *object = json_object();
    bool good = add(object, "way", text_to_json(login->way));
    if (good && login->commands[0] != NULL)
        good = add(object, "login_command", text_to_json(login->commands[0])) &&
               add(object, "logout_command", text_to_json(login->commands[1])) &&
               add(object, "list_command", text_to_json(login->commands[2])) &&
               add(object, "can", text_to_json(login->can));
    return finish(object, good);
}

// What was asked for and with what.
static bool add_head(json_t *object, const struct result *result)
{
    return add(object, "schema_version", json_integer(REPORT_JSON_VERSION)) &&
           add(object, "kit",
               json_pack("{s:s, s:s}", "name", "iscsidsc-tck", "version",
                         result->kit_version[0] == '\0' ? TCK_VERSION : result->kit_version)) &&
           add(object, "implementation", text_to_json(result->implementation)) &&
           add(object, "implementation_digest", said_to_json(result->implementation_digest)) &&
           add(object, "is_reference", json_boolean(result->is_reference)) &&
           add(object, "profile", text_to_json(result->profile)) &&
           add(object, "effort", text_to_json(result->effort)) &&
           add(object, "strict", json_boolean(result->strict)) &&
           add(object, "login", login_to_json(&result->login)) &&
           add(object, "host", host_to_json(&result->hello)) &&
           add(object, "tgtd_version", said_to_json(result->tgtd_version)) &&
           add(object, "plan", plan_to_json(&result->plan));
}

// What came of it.
static bool add_outcome(json_t *object, const struct result *result)
{
    char doubts[8192];
    report_describe_doubts(result, doubts, sizeof doubts);
    struct tally tally = result_tally(result, NULL);
    return add(object, "duration_ns", number_to_json(result->duration_ns)) &&
           add(object, "exit_status", json_integer(result_exit_status(result))) &&
           add(object, "verdict", json_string(report_verdict_name(result))) &&
           add(object, "failure", failure_to_json(&result->failure)) &&
           add(object, "doubts", said_to_json(doubts)) &&
           add(object, "waivers", waivers_to_json(result)) &&
           add(object, "baseline", baseline_to_json(result->baseline)) &&
           add(object, "tally", tally_to_json(&tally));
}

json_t *report_json(const struct result *result)
{
    json_t *object = json_object();
    return finish(object, add_head(object, result) && add_outcome(object, result) &&
                              add(object, "clauses", clauses_to_json(result)) &&
                              add(object, "scenarios", scenarios_to_json(result)));
}

static int write_json(FILE *stream, const struct result *result)
{
    json_t *report = report_json(result);
    if (report == NULL)
        return -1;
    int status = json_dumpf(report, stream, JSON_INDENT(2));
    json_decref(report);
    if (status == 0)
        fputc('\n', stream);
    return status;
}

int report_json_write(const struct result *result, const char *path, struct failure *failure)
{
    return report_write(path, write_json, result, failure);
}

// Several implementations.

struct several {
    const struct result *results;
    size_t count;
    int exit_status;
    const struct comparison *comparison;
};

static json_t *several_to_json(const struct several *several)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < several->count; i++)
        if (json_array_append_new(list, report_json(&several->results[i])) != 0)
            return finish(list, false);
    json_t *object = json_object();
    return finish(
        object, add(object, "schema_version", json_integer(REPORT_JSON_VERSION)) &&
                    add(object, "kit",
                        json_pack("{s:s, s:s}", "name", "iscsidsc-tck", "version", TCK_VERSION)) &&
                    add(object, "exit_status", json_integer(several->exit_status)) &&
                    add(object, "differences", comparison_to_json(several->comparison)) &&
                    add(object, "implementations", list));
}

static int write_several(FILE *stream, const void *document)
{
    json_t *report = several_to_json(document);
    if (report == NULL)
        return -1;
    int status = json_dumpf(report, stream, JSON_INDENT(2));
    json_decref(report);
    if (status == 0)
        fputc('\n', stream);
    return status;
}

int report_json_several(const struct result *results, size_t count, int exit_status,
                        const struct comparison *comparison, const char *path,
                        struct failure *failure)
{
    const struct several several = {results, count, exit_status, comparison};
    return report_write_document(path, write_several, &several, failure);
}
