// SPDX-License-Identifier: Apache-2.0
// Writes a result as JSON.
#include "harness/result/result_write.h"

#include "conformance/base/json.h"
#include "conformance/transcript/hello_json.h"
#include "conformance/transcript/record_json.h"
#include "harness/result/words.h"

const char *const result_exports[] = {"GetIScsiSessionListA",       "GetIScsiSessionListW",
                                      "GetIScsiSessionListEx",      "ReportIScsiTargetsA",
                                      "ReportIScsiTargetsW",        "GetDevicesForIScsiSessionA",
                                      "GetDevicesForIScsiSessionW", NULL};

static void add_record(json_t **object, const struct record *record)
{
    object_add(object, "probe_set", text_to_json(record->probe_set));
    object_add(object, "circumstance", text_to_json(record->circumstance));
    object_add(object, "thread", number_to_json(record->thread));
    object_add(object, "threads", number_to_json(record->threads));
    object_add(object, "call", call_to_json(record, FORM_RESULT));
    object_add(object, "outcome", outcome_to_json(record, FORM_RESULT));
}

static json_t *evidence_to_json(const struct check *check)
{
    const struct record *record = check->verdict.record;
    if (!check->judged || record == NULL)
        return json_null();
    json_t *object = json_object();
    object_add(&object, "index", number_to_json(check->evidence_index));
    add_record(&object, record);
    object_add(&object, "said", said_to_json(record->said));
    return object;
}

// Checks and scenarios.

static json_t *deviation_to_json(const struct check *check, const char *profile)
{
    if (!check->judged || check->verdict.deviation == NULL)
        return json_null();
    const struct deviation *known = check_deviation(check, profile);
    json_t *object = json_object();
    object_add(&object, "id", text_to_json(check->verdict.deviation));
    object_add(&object, "profile", text_to_json(known == NULL ? NULL : known->profile));
    object_add(&object, "what", text_to_json(known == NULL ? NULL : known->what));
    object_add(&object, "source", text_to_json(known == NULL ? NULL : known->source));
    return object;
}

static json_t *excuse_to_json(const struct excuse *excuse)
{
    if (excuse->kind == EXCUSE_NONE)
        return json_null();
    json_t *object = json_object();
    object_add(&object, "by", json_string(excuse->kind == EXCUSE_WAIVER ? "waiver" : "baseline"));
    object_add(&object, "was", json_string(verdict_kind_name(excuse->was)));
    object_add(&object, "text", text_to_json(excuse->text));
    return object;
}

// The clauses whose failures are listed under this one.
static json_t *consequences_to_json(const struct scenario_result *scenario,
                                    const struct check *check)
{
    json_t *list = json_array();
    for (size_t i = 0; i < scenario->check_count; i++)
        if (check_cause(scenario, &scenario->checks[i]) == check &&
            (i == 0 || scenario->checks[i - 1].clause != scenario->checks[i].clause ||
             check_cause(scenario, &scenario->checks[i - 1]) != check))
            list_add(&list, text_to_json(scenario->checks[i].clause->id));
    return list;
}

// Of what holds, or was not judged: none.
static unsigned symptoms_of(const struct check *check)
{
    enum verdict_kind kind = check->verdict.kind;
    bool broken = kind == VERDICT_FAIL || kind == VERDICT_WARN || kind == VERDICT_KNOWN;
    return check->judged && broken ? check_symptoms(check) : 0;
}

// What of the evidence's list is wrong; null: it is not one member, or not known.
static json_t *wrong_to_json(const struct check *check)
{
    const struct listed_member *wrong = &check->verdict.wrong;
    if (!check->judged || wrong->name == NULL)
        return json_null();
    json_t *object = json_object();
    object_add(&object, "member", text_to_json(wrong->name));
    object_add(&object, "session", number_to_json(wrong->session));
    object_add(&object, "connection",
               wrong->connection < 0 ? json_null() : json_integer(wrong->connection));
    return object;
}

static json_t *check_to_json(const struct scenario_result *scenario, const struct check *check,
                             const char *profile)
{
    const struct verdict *verdict = &check->verdict;
    bool judged = check->judged;
    json_t *object = json_object();
    object_add(&object, "clause", text_to_json(check->clause->id));
    object_add(&object, "level", json_string(level_name(check->clause->level)));
    object_add(&object, "basis", json_string(basis_name(check->clause->basis)));
    object_add(&object, "charset", json_string(check_charset_name(check->charset)));
    object_add(&object, "verdict", text_to_json(judged ? verdict_kind_name(verdict->kind) : NULL));
    object_add(&object, "got", said_to_json(judged ? verdict->got : NULL));
    object_add(&object, "expected", said_to_json(judged ? verdict->expected : NULL));
    object_add(&object, "wrong", wrong_to_json(check));
    object_add(&object, "blocked_by", text_to_json(judged ? verdict->blocked_by : NULL));
    object_add(&object, "consequence_of", text_to_json(judged ? verdict->consequence_of : NULL));
    object_add(&object, "consequences", consequences_to_json(scenario, check));
    object_add(&object, "left_out", said_to_json(judged ? verdict->left_out : NULL));
    object_add(&object, "ways", said_to_json(judged ? verdict->ways : NULL));
    object_add(&object, "symptoms", flags_to_json(symptom_names, symptoms_of(check)));
    object_add(&object, "also", said_to_json(judged ? verdict->also : NULL));
    object_add(&object, "deviation", deviation_to_json(check, profile));
    object_add(&object, "excuse", excuse_to_json(&check->excuse));
    object_add(&object, "evidence", evidence_to_json(check));
    return object;
}

static json_t *tally_to_json(const struct tally *tally)
{
    json_t *object = json_object();
    object_add(&object, "planned", number_to_json(tally->planned));
    object_add(&object, "judged", number_to_json(tally->judged));
    object_add(&object, "calls", number_to_json(tally->calls));
    for (unsigned kind = VERDICT_PASS; kind <= VERDICT_ERROR; kind++)
        object_add(&object, verdict_kind_name((enum verdict_kind)kind),
                   number_to_json(tally->of[kind]));
    return object;
}

static json_t *checks_to_json(const struct scenario_result *scenario, const char *profile)
{
    json_t *list = json_array();
    for (size_t i = 0; i < scenario->check_count; i++)
        list_add(&list, check_to_json(scenario, &scenario->checks[i], profile));
    return list;
}

// Beside the verdicts: what was observed, and what the pictures are drawn from.

static json_t *observation_to_json(const struct observation *observed)
{
    json_t *object = json_object();
    object_add(&object, "required",
               observed->has_required ? number_to_json(observed->required) : json_null());
    object_add(&object, "returned",
               observed->has_returned ? number_to_json(observed->returned) : json_null());
    return object;
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
    for (size_t i = 0; i < sweep->count;) {
        size_t last = i;
        while (last + 1 < sweep->count && continues(&sweep->points[last], &sweep->points[last + 1]))
            last++;
        list_add(&list, run_to_json(&sweep->points[i], &sweep->points[last]));
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
    object_add(&object, "index", number_to_json(kept->index));
    add_record(&object, list);
    object_add(&object, "said", json_null());
    return object;
}

static json_t *kept_to_json(const struct scenario_result *scenario)
{
    json_t *list = json_array();
    for (size_t i = 0; i < scenario->kept_count; i++) {
        const struct kept_bytes *kept = &scenario->kept[i];
        json_t *object = json_object();
        object_add(&object, "index", number_to_json(kept->index));
        object_add(&object, "bytes", hex_to_json(kept->bytes, kept->size));
        list_add(&list, object);
    }
    return list;
}

static json_t *pair_to_json(json_t *a, json_t *w)
{
    json_t *object = json_object();
    object_add(&object, "A", a);
    object_add(&object, "W", w);
    return object;
}

static void add_pictures(json_t **object, const struct scenario_result *scenario)
{
    object_add(object, "observed",
               pair_to_json(observation_to_json(&scenario->observed[CHARSET_A]),
                            observation_to_json(&scenario->observed[CHARSET_W])));
    object_add(object, "sweeps",
               pair_to_json(sweep_to_json(&scenario->sweeps[CHARSET_A]),
                            sweep_to_json(&scenario->sweeps[CHARSET_W])));
    object_add(object, "lists",
               pair_to_json(list_to_json(scenario, &scenario->lists[CHARSET_A]),
                            list_to_json(scenario, &scenario->lists[CHARSET_W])));
    object_add(object, "kept", kept_to_json(scenario));
}

static json_t *changes_to_json(const struct scenario_result *scenario)
{
    json_t *object = json_object();
    double seconds = (double)scenario->changing_ns / 1e9;
    double rate = scenario->changing_ns > 0 ? (double)scenario->changing_calls / seconds : 0;
    object_add(&object, "generations", number_to_json(scenario->generations));
    object_add(&object, "calls", number_to_json(scenario->changing_calls));
    object_add(&object, "ns", number_to_json(scenario->changing_ns));
    object_add(&object, "calls_per_second", json_real(rate));
    return object;
}

// null where it could not be known.
static json_t *bytes_held_to_json(uint64_t bytes)
{
    return bytes == 0 ? json_null() : number_to_json(bytes);
}

static json_t *memory_to_json(const struct peak_memory *memory)
{
    json_t *object = json_object();
    object_add(&object, "kit", bytes_held_to_json(memory->kit));
    object_add(&object, "host", bytes_held_to_json(memory->host));
    object_add(&object, "tgtd", bytes_held_to_json(memory->tgtd));
    return object;
}

// null where the calls were not made again.
static json_t *replay_to_json(const struct scenario_result *scenario)
{
    const struct replay_difference *replay = &scenario->replay;
    if (!scenario->replayed)
        return json_null();
    json_t *object = json_object();
    object_add(&object, "compared", number_to_json(replay->compared));
    object_add(&object, "other", number_to_json(replay->other));
    object_add(&object, "first_other", said_to_json(replay->first));
    object_add(&object, "left_out", number_to_json(replay->left_out));
    object_add(&object, "left_why", said_to_json(replay->left_why));
    return object;
}

static json_t *scenario_to_json(const struct result *result, const struct scenario_result *scenario)
{
    struct tally tally = result_tally(result, scenario);
    json_t *object = json_object();
    object_add(&object, "name", text_to_json(scenario->name));
    object_add(&object, "summary", text_to_json(scenario->summary));
    object_add(&object, "path", text_to_json(scenario->path));
    object_add(&object, "digest", text_to_json(scenario->digest));
    object_add(&object, "sessions", number_to_json(scenario->session_count));
    object_add(&object, "finished", json_boolean(scenario->finished));
    object_add(&object, "calls", number_to_json(scenario->call_count));
    object_add(&object, "bring_up_ns", number_to_json(scenario->bring_up_ns));
    object_add(&object, "probes_ns", number_to_json(scenario->probes_ns));
    object_add(&object, "peak_memory", memory_to_json(&scenario->memory));
    object_add(&object, "changes", changes_to_json(scenario));
    object_add(&object, "replay", replay_to_json(scenario));
    object_add(&object, "tally", tally_to_json(&tally));
    object_add(&object, "planned", number_to_json(scenario->planned_count));
    add_pictures(&object, scenario);
    object_add(&object, "checks", checks_to_json(scenario, result->profile));
    return object;
}

static json_t *scenarios_to_json(const struct result *result)
{
    json_t *list = json_array();
    for (size_t i = 0; i < result->scenario_count; i++)
        list_add(&list, scenario_to_json(result, &result->scenarios[i]));
    return list;
}

// The clauses that the checks name, each once, so that the record explains itself.

static json_t *clause_to_json(const struct clause *clause)
{
    json_t *object = json_object();
    object_add(&object, "level", json_string(level_name(clause->level)));
    object_add(&object, "basis", json_string(basis_name(clause->basis)));
    object_add(&object, "sentence", text_to_json(clause->sentence));
    object_add(&object, "source", text_to_json(clause->source));
    object_add(&object, "why", text_to_json(clause->why));
    return object;
}

static json_t *clauses_to_json(const struct result *result)
{
    json_t *object = json_object();
    for (size_t i = 0; i < result->scenario_count; i++) {
        const struct scenario_result *scenario = &result->scenarios[i];
        for (size_t j = 0; j < scenario->check_count; j++) {
            const struct clause *clause = scenario->checks[j].clause;
            if (json_object_get(object, clause->id) == NULL)
                object_add(&object, clause->id, clause_to_json(clause));
        }
    }
    return object;
}

// The run.

static json_t *exports_to_json(const struct hello *hello)
{
    unsigned flags = 0;
    for (int charset = 0; charset < CHARSETS; charset++)
        flags |= hello_exports(hello, (enum charset)charset) ? 1U << charset : 0U;
    return flags_to_json(result_exports, flags);
}

// null when no host said hello.
static json_t *host_to_json(const struct hello *hello)
{
    if (hello->pointer_size == 0)
        return json_null();
    json_t *object = json_object();
    object_add(&object, "platform", text_to_json(hello->platform));
    object_add(&object, "pointer_size", json_integer(hello->pointer_size));
    object_add(&object, "long_align", json_integer(hello->long_align));
    object_add(&object, "code_page", number_to_json(hello->code_page));
    object_add(&object, "exports", exports_to_json(hello));
    object_add(&object, "error", said_to_json(hello->error));
    hello_file_to_json(&object, hello);
    return object;
}

// The parts of the plan, so that whoever joins shards can prove that none is missing; null where no
// plan is known (transcripts that were judged again).
static json_t *plan_to_json(const struct plan *plan)
{
    if (plan->digest[0] == '\0')
        return json_null();
    json_t *list = json_array();
    for (size_t i = 0; i < plan->count; i++)
        list_add(&list,
                 json_pack("{s:o, s:I, s:i}", "scenario", text_to_json(plan->entries[i].scenario),
                           "checks", (json_int_t)plan->entries[i].check_count, "shard",
                           (int)plan->entries[i].shard));
    json_t *object = json_object();
    object_add(&object, "digest", json_string(plan->digest));
    object_add(&object, "shard", number_to_json(plan->shard));
    object_add(&object, "shards", number_to_json(plan->shard_count));
    const struct left_out *left_out = &plan->left_out;
    if (left_out->clauses > 0 || left_out->scenarios > 0 || left_out->unsuited > 0 ||
        left_out->impossible > 0)
        object_add(&object, "left_out",
                   json_pack("{s:I, s:I, s:I, s:I}", "clauses", (json_int_t)left_out->clauses,
                             "scenarios", (json_int_t)left_out->scenarios, "unsuited",
                             (json_int_t)left_out->unsuited, "impossible",
                             (json_int_t)left_out->impossible));
    object_add(&object, "scenarios", list);
    return object;
}

static json_t *waivers_to_json(const struct result *result)
{
    json_t *list = json_array();
    for (size_t i = 0; i < result->waiver_count; i++) {
        const struct waiver_result *waiver = &result->waivers[i];
        json_t *object = json_object();
        object_add(&object, "place", text_to_json(waiver->place));
        object_add(&object, "clause", text_to_json(waiver->clause));
        object_add(&object, "scenario", text_to_json(waiver->scenario));
        object_add(&object, "charset", text_to_json(waiver->charset));
        object_add(&object, "reason", text_to_json(waiver->reason));
        object_add(&object, "reference", text_to_json(waiver->reference));
        object_add(&object, "expires", text_to_json(waiver->expires));
        object_add(&object, "state", json_string(waiver_state_name(waiver->state)));
        object_add(&object, "used", number_to_json(waiver->used));
        list_add(&list, object);
    }
    return list;
}

static json_t *baseline_to_json(const struct baseline_result *baseline)
{
    if (baseline == NULL)
        return json_null();
    json_t *object = json_object();
    object_add(&object, "path", text_to_json(baseline->path));
    object_add(&object, "differences", diff_to_json(&baseline->diff));
    return object;
}

static json_t *failure_to_json(const struct failure *failure)
{
    if (failure->status == 0)
        return json_null();
    json_t *object = json_object();
    object_add(&object, "status", json_integer(failure->status));
    object_add(&object, "text", text_to_json(failure->text));
    object_add(&object, "of", json_string(report_failure_of_name(failure)));
    return object;
}

static json_t *login_to_json(const struct result_login *login)
{
    if (login->way == NULL)
        return json_null();
    json_t *object = json_object();
    object_add(&object, "way", text_to_json(login->way));
    if (login->commands[0] != NULL) {
        object_add(&object, "login_command", text_to_json(login->commands[0]));
        object_add(&object, "logout_command", text_to_json(login->commands[1]));
        object_add(&object, "list_command", text_to_json(login->commands[2]));
        object_add(&object, "can", text_to_json(login->can));
    }
    return object;
}

static json_t *isolation_to_json(const struct result_isolation *isolation)
{
    if (isolation->mode == NULL)
        return json_null();
    json_t *object = json_object();
    object_add(&object, "mode", text_to_json(isolation->mode));
    object_add(&object, "why", text_to_json(isolation->why));
    return object;
}

// What was asked for and with what.
static void add_head(json_t **object, const struct result *result)
{
    object_add(object, "schema_version", json_integer(REPORT_JSON_VERSION));
    object_add(object, "kit",
               json_pack("{s:s, s:s}", "name", "iscsidsc-tck", "version",
                         result->kit_version[0] == '\0' ? TCK_VERSION : result->kit_version));
    object_add(object, "implementation", text_to_json(result->implementation));
    object_add(object, "implementation_digest", said_to_json(result->implementation_digest));
    object_add(object, "is_reference", json_boolean(result->is_reference));
    object_add(object, "profile", text_to_json(result->profile));
    object_add(object, "effort", text_to_json(result->effort));
    object_add(object, "strict", json_boolean(result->strict));
    object_add(object, "command", text_to_json(result->command));
    object_add(object, "login", login_to_json(&result->login));
    object_add(object, "isolation", isolation_to_json(&result->isolation));
    object_add(object, "host", host_to_json(&result->hello));
    object_add(object, "tgtd_version", said_to_json(result->tgtd_version));
    object_add(object, "plan", plan_to_json(&result->plan));
}

// What came of it.
static void add_outcome(json_t **object, const struct result *result)
{
    char doubts[8192];
    report_describe_doubts(result, doubts, sizeof doubts);
    struct tally tally = result_tally(result, NULL);
    object_add(object, "duration_ns", number_to_json(result->duration_ns));
    object_add(object, "exit_status", json_integer(result_exit_status(result)));
    object_add(object, "verdict", json_string(report_verdict_name(result)));
    object_add(object, "failure", failure_to_json(&result->failure));
    object_add(object, "doubts", said_to_json(doubts));
    object_add(object, "noise", said_to_json(result->noise));
    object_add(object, "first_hang", said_to_json(result->first_hang));
    object_add(object, "waivers", waivers_to_json(result));
    object_add(object, "baseline", baseline_to_json(result->baseline));
    object_add(object, "tally", tally_to_json(&tally));
}

json_t *report_json(const struct result *result)
{
    json_t *object = json_object();
    add_head(&object, result);
    add_outcome(&object, result);
    object_add(&object, "clauses", clauses_to_json(result));
    object_add(&object, "scenarios", scenarios_to_json(result));
    return object;
}
