// SPDX-License-Identifier: Apache-2.0
// Reads a result from JSON.
#include "harness/result/result_read.h"

#include "conformance/transcript/hello_json.h"
#include "harness/result/result_write.h"
#include "harness/result/scenario_read.h"
#include "harness/result/words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHARDS_MAX = 100000 };

static int load_host(const struct json_reading *reading, const json_t *object, struct hello *hello)
{
    uint64_t pointer_size = 0;
    uint64_t long_align = 0;
    unsigned exports = 0;
    if (!json_is_object(object))
        return 0;
    if (json_read_number(reading, object, "pointer_size", 0, 8, &pointer_size) != 0 ||
        json_read_number(reading, object, "long_align", 0, 8, &long_align) != 0 ||
        hello_code_page_from_json(reading, object, hello) != 0 ||
        json_read_short_text(reading, object, "platform", hello->platform,
                             sizeof hello->platform) != 0 ||
        json_read_short_text(reading, object, "error", hello->error, sizeof hello->error) != 0 ||
        json_read_flags(reading, object, "exports", result_exports, &exports) != 0 ||
        hello_file_from_json(reading, object, hello) != 0)
        return -1;
    hello->pointer_size = (uint8_t)pointer_size;
    hello->long_align = (uint8_t)long_align;
    for (int charset = 0; charset < CHARSETS; charset++)
        hello_note_export(hello, (enum charset)charset, (exports >> charset & 1) != 0);
    return 0;
}

static int load_entry(const struct json_reading *reading, const json_t *object,
                      struct plan_entry *entry)
{
    uint64_t shard = 0;
    if (json_read_needed_text(reading, object, "scenario", &entry->scenario) != 0 ||
        json_read_size(reading, object, "checks", &entry->check_count) != 0 ||
        json_read_number(reading, object, "shard", 0, SHARDS_MAX, &shard) != 0)
        return -1;
    entry->shard = (unsigned)shard;
    return 0;
}

static int load_left_out(const struct json_reading *reading, const json_t *object,
                         struct left_out *left_out)
{
    uint64_t clauses = 0;
    uint64_t scenarios = 0;
    uint64_t unsuited = 0;
    uint64_t impossible = 0;
    if (!json_is_object(object))
        return 0;
    if (json_read_number(reading, object, "clauses", 0, SIZE_MAX, &clauses) != 0 ||
        json_read_number(reading, object, "scenarios", 0, SIZE_MAX, &scenarios) != 0 ||
        json_read_number(reading, object, "unsuited", 0, SIZE_MAX, &unsuited) != 0 ||
        (json_object_get(object, "impossible") != NULL && // results of before have none
         json_read_number(reading, object, "impossible", 0, SIZE_MAX, &impossible) != 0))
        return -1;
    left_out->impossible = (size_t)impossible;
    left_out->unsuited = (size_t)unsuited;
    left_out->clauses = (size_t)clauses;
    left_out->scenarios = (size_t)scenarios;
    return 0;
}

static int load_plan(const struct json_reading *reading, const json_t *object, struct plan *plan)
{
    uint64_t shard = 0;
    uint64_t shards = 0;
    const json_t *list = json_object_get(object, "scenarios");
    if (!json_is_object(object))
        return 0;
    if (json_read_short_text(reading, object, "digest", plan->digest, sizeof plan->digest) != 0 ||
        json_read_number(reading, object, "shard", 0, SHARDS_MAX, &shard) != 0 ||
        json_read_number(reading, object, "shards", 0, SHARDS_MAX, &shards) != 0 ||
        load_left_out(reading, json_object_get(object, "left_out"), &plan->left_out) != 0)
        return -1;
    plan->shard = (unsigned)shard;
    plan->shard_count = (unsigned)shards;
    plan->entries = calloc(json_array_size(list) + 1, sizeof *plan->entries);
    if (plan->entries == NULL)
        return json_refuse_memory(reading);
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

static int load_waiver(const struct json_reading *reading, const json_t *object,
                       struct waiver_result *waiver)
{
    const char *states[WAIVER_NOT_TRIED + 2] = {NULL};
    for (unsigned i = 0; i <= WAIVER_NOT_TRIED; i++)
        states[i] = waiver_state_name((enum waiver_state)i);
    int state = json_read_name(reading, object, "state", states);
    if (state < 0 || json_read_needed_text(reading, object, "place", &waiver->place) != 0 ||
        json_read_needed_text(reading, object, "clause", &waiver->clause) != 0 ||
        json_read_needed_text(reading, object, "scenario", &waiver->scenario) != 0 ||
        json_read_text(reading, object, "charset", &waiver->charset) != 0 ||
        json_read_needed_text(reading, object, "reason", &waiver->reason) != 0 ||
        json_read_text(reading, object, "reference", &waiver->reference) != 0 ||
        json_read_text(reading, object, "expires", &waiver->expires) != 0)
        return -1;
    waiver->state = (enum waiver_state)state;
    return json_read_size(reading, object, "used", &waiver->used);
}

static int load_waivers(const struct result_reading *reading, const json_t *list)
{
    struct result *result = reading->result;
    if (json_array_size(list) == 0)
        return 0;
    result->waivers = calloc(json_array_size(list), sizeof *result->waivers);
    if (result->waivers == NULL)
        return json_refuse_memory(&reading->json);
    for (size_t i = 0; i < json_array_size(list); i++)
        if (load_waiver(&reading->json, json_array_get(list, i),
                        &result->waivers[result->waiver_count++]) != 0)
            return -1;
    return 0;
}

static int load_baseline(const struct result_reading *reading, const json_t *object)
{
    if (!json_is_object(object))
        return 0;
    struct baseline_result *baseline = calloc(1, sizeof *baseline);
    if (baseline == NULL)
        return json_refuse_memory(&reading->json);
    reading->result->baseline = baseline;
    if (json_read_needed_text(&reading->json, object, "path", &baseline->path) != 0)
        return -1;
    if (diff_from_json(&baseline->diff, json_object_get(object, "differences")) != 0)
        return json_refuse(&reading->json, "\"baseline\" has no list of differences");
    return 0;
}

static int load_failure(const struct result_reading *reading, const json_t *object)
{
    uint64_t status = 0;
    struct failure *failure = &reading->result->failure;
    if (!json_is_object(object))
        return 0;
    const char *text = json_text_of(object, "text");
    snprintf(failure->text, sizeof failure->text, "%s", text == NULL ? "" : text);
    if (json_read_number(&reading->json, object, "status", 0, 255, &status) != 0)
        return -1;
    failure->status = status == 0 ? STATUS_UNTRUSTED : (int)status;
    failure->of = report_failure_of(json_text_of(object, "of"));
    return 0;
}

// Older results do not say.
static int load_login(const struct result_reading *reading, const json_t *object)
{
    struct result_login *login = &reading->result->login;
    if (!json_is_object(object))
        return 0;
    return result_read_shared_text(reading, object, "way", &login->way) != 0 ||
                   result_read_shared_text(reading, object, "login_command", &login->commands[0]) !=
                       0 ||
                   result_read_shared_text(reading, object, "logout_command",
                                           &login->commands[1]) != 0 ||
                   result_read_shared_text(reading, object, "list_command", &login->commands[2]) !=
                       0 ||
                   result_read_shared_text(reading, object, "can", &login->can) != 0
               ? -1
               : 0;
}

// Likewise.
static int load_isolation(const struct result_reading *reading, const json_t *object)
{
    struct result_isolation *isolation = &reading->result->isolation;
    if (!json_is_object(object))
        return 0;
    return result_read_shared_text(reading, object, "mode", &isolation->mode) != 0
               ? -1
               : result_read_shared_text(reading, object, "why", &isolation->why);
}

static int load_head(const struct result_reading *reading, const json_t *object)
{
    struct result *result = reading->result;
    const json_t *version = json_object_get(object, "schema_version");
    const json_t *kit = json_object_get(object, "kit");
    if (!json_is_object(object) || !json_is_integer(version))
        return json_refuse(&reading->json, "\"schema_version\" is missing");
    if (json_integer_value(version) != REPORT_JSON_VERSION)
        return json_refuse(&reading->json, "\"schema_version\" is %lld, this kit reads %d",
                           (long long)json_integer_value(version), REPORT_JSON_VERSION);
    if (json_text_of(kit, "version") == NULL)
        return json_refuse(&reading->json, "\"kit\" is missing");
    result->is_reference = json_is_true(json_object_get(object, "is_reference"));
    result->strict = json_is_true(json_object_get(object, "strict"));
    return json_read_short_text(&reading->json, kit, "version", result->kit_version,
                                sizeof result->kit_version) != 0 ||
                   json_read_text(&reading->json, object, "implementation",
                                  &result->implementation) != 0 ||
                   json_read_short_text(&reading->json, object, "implementation_digest",
                                        result->implementation_digest,
                                        sizeof result->implementation_digest) != 0 ||
                   result_read_shared_text(reading, object, "profile", &result->profile) != 0 ||
                   result_read_shared_text(reading, object, "effort", &result->effort) != 0 ||
                   result_read_shared_text(reading, object, "command", &result->command) != 0 ||
                   json_read_short_text(&reading->json, object, "tgtd_version",
                                        result->tgtd_version, sizeof result->tgtd_version) != 0 ||
                   json_read_short_text(&reading->json, object, "noise", result->noise,
                                        sizeof result->noise) != 0 ||
                   json_read_short_text(&reading->json, object, "first_hang", result->first_hang,
                                        sizeof result->first_hang) != 0 ||
                   json_read_number(&reading->json, object, "duration_ns", 0, INT64_MAX,
                                    &result->duration_ns) != 0
               ? -1
               : 0;
}

int result_from_json(struct result *result, const json_t *object, const char *path,
                     struct failure *failure)
{
    struct result_reading reading = {.result = result,
                                     .json = {.failure = failure,
                                              .path = path,
                                              .what = "not a result of iscsidsc-tck",
                                              .remedy = "; give a file that `run --json` wrote",
                                              .lenient = true}};
    return load_head(&reading, object) != 0 ||
                   load_login(&reading, json_object_get(object, "login")) != 0 ||
                   load_isolation(&reading, json_object_get(object, "isolation")) != 0 ||
                   load_host(&reading.json, json_object_get(object, "host"), &result->hello) != 0 ||
                   load_plan(&reading.json, json_object_get(object, "plan"), &result->plan) != 0 ||
                   load_waivers(&reading, json_object_get(object, "waivers")) != 0 ||
                   load_baseline(&reading, json_object_get(object, "baseline")) != 0 ||
                   load_failure(&reading, json_object_get(object, "failure")) != 0 ||
                   scenario_results_read(&reading, object) != 0
               ? -1
               : 0;
}

// Not to wait for a writer where the path is a pipe's, and not to read a device without end.
static FILE *open_file(const char *path, struct failure *failure)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &status) != 0) {
        failure_set(failure, failure_input_status(errno), "%s: can't be opened: %s", path,
                    strerror(errno));
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
