// The JSON report: the complete record of a run for programs, as docs/result.schema.json says.
#include "harness/report.h"

#include "harness/error_codes.h"

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
    static const char *const names[] = {"size-null", "count-null", "sparse"}; // by bit
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
            add(object, "misalignment", number_to_json(call->misalignment)));
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
           add(object, "after", extent_to_json(outcome->after));
}

// Addresses are hexadecimal texts: many JSON readers lose digits of numbers beyond 2^53.
static bool add_fault(json_t *object, const struct outcome *outcome)
{
    static const char *const directions[] = {"unknown", "read", "write", "execute"};
    char address[24];
    char base[24];
    snprintf(address, sizeof address, "0x%" PRIx64, outcome->fault_address);
    snprintf(base, sizeof base, "0x%" PRIx64, outcome->base);
    return add(object, "signal", json_integer(outcome->signal_number)) &&
           add(object, "direction", json_string(name_of(directions, 4, outcome->direction))) &&
           add(object, "fault_address",
               text_to_json(outcome->fault_has_address ? address : NULL)) &&
           add(object, "base", text_to_json(outcome->base != 0 ? base : NULL));
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
    json_t *object = json_object();
    bool complete = add(object, "text", text_to_json(text)) &&
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

static json_t *evidence_to_json(const struct check *check)
{
    const struct record *record = check->verdict.record;
    if (!check->judged || record == NULL)
        return json_null();
    json_t *object = json_object();
    return finish(object, add(object, "probe_set", text_to_json(record->probe_set)) &&
                              add(object, "call", call_to_json(record)) &&
                              add(object, "outcome", outcome_to_json(record)) &&
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
                              add(object, "tally", tally_to_json(&tally)) &&
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

static json_t *failure_to_json(const struct failure *failure)
{
    if (failure->status == 0)
        return json_null();
    json_t *object = json_object();
    return finish(object, add(object, "status", json_integer(failure->status)) &&
                              add(object, "text", text_to_json(failure->text)));
}

// What was asked for and with what.
static bool add_head(json_t *object, const struct result *result)
{
    return add(object, "schema_version", json_integer(REPORT_JSON_VERSION)) &&
           add(object, "kit",
               json_pack("{s:s, s:s}", "name", "iscsidsc-tck", "version", TCK_VERSION)) &&
           add(object, "implementation", text_to_json(result->implementation)) &&
           add(object, "is_reference", json_boolean(result->is_reference)) &&
           add(object, "profile", text_to_json(result->profile)) &&
           add(object, "effort", text_to_json(result->effort)) &&
           add(object, "strict", json_boolean(result->strict)) &&
           add(object, "host", host_to_json(&result->hello)) &&
           add(object, "tgtd_version", said_to_json(result->tgtd_version));
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
