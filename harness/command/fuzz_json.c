// SPDX-License-Identifier: Apache-2.0
// Writes what fuzzing came to.
#include "harness/command/fuzz_json.h"

#include "conformance/base/json.h"
#include "harness/report/json.h"
#include "harness/report/report_file.h"
#include "harness/result/result_write.h"

enum { FUZZ_JSON_VERSION = 1 };

json_t *fuzz_json_finding(const struct fuzz_finding *finding, const char *path)
{
    json_t *result = report_json(finding->result);
    json_t *scenario = json_array_get(json_object_get(result, "scenarios"), 0);
    json_t *object = json_object();
    object_add(&object, "name", json_string(finding->name));
    object_add(&object, "file", path == NULL ? json_null() : json_string(path));
    object_add(&object, "clause", json_string(finding->kind.clause->id));
    object_add(&object, "comes_again", json_boolean(finding->again));
    object_add(&object, "needs_earlier_cases", json_boolean(finding->history));
    object_add(&object, "calls", json_integer((json_int_t)finding->one->record_count));
    object_add(&object, "sessions", json_integer((json_int_t)finding->sessions));
    object_add(&object, "scenario", json_incref(scenario));
    json_decref(result);
    return object;
}

static json_t *to_json(const struct fuzz_document *document)
{
    const struct fuzz_stats *stats = document->stats;
    json_t *object = json_object();
    object_add(&object, "type", json_string("fuzz"));
    object_add(&object, "version", json_integer(FUZZ_JSON_VERSION));
    object_add(&object, "kit",
               json_pack("{s:s, s:s}", "name", "iscsidsc-tck", "version", TCK_VERSION));
    object_add(&object, "implementation", json_string(document->implementation));
    object_add(&object, "profile", json_string(document->profile));
    object_add(&object, "strict", json_boolean(document->strict));
    object_add(&object, "seed", json_integer((json_int_t)document->seed));
    object_add(&object, "live_scenario",
               document->scenario == NULL ? json_null() : json_string(document->scenario));
    object_add(&object, "exit_status", json_integer(document->exit_status));
    object_add(&object, "reason",
               document->reason == NULL ? json_null() : json_string(document->reason));
    object_add(&object, "seconds", json_real((double)stats->duration_ns / 1e9));
    object_add(&object, "cases", json_integer((json_int_t)stats->cases));
    object_add(&object, "calls", json_integer((json_int_t)stats->calls));
    object_add(&object, "clauses", json_integer((json_int_t)document->clause_count));
    object_add(&object, "clauses_tried", json_integer((json_int_t)stats->clauses));
    object_add(&object, "behaviours", json_integer((json_int_t)stats->behaviours));
    object_add(&object, "failures", json_integer((json_int_t)stats->findings));
    object_add(&object, "warnings", json_integer((json_int_t)stats->warnings));
    object_add(&object, "not_judged", json_integer((json_int_t)stats->doubts));
    object_add(&object, "findings", json_incref(document->findings));
    return object;
}

static int write_document(FILE *stream, const void *document)
{
    return report_json_value(stream, to_json(document));
}

int fuzz_json_write(const struct fuzz_document *document, const char *path, struct failure *failure)
{
    return report_write_document(path, write_document, document, failure);
}
