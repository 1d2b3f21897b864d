// SPDX-License-Identifier: Apache-2.0
// JSON files: a result, and several in one.
#include "harness/report/json.h"

#include "conformance/base/json.h"
#include "harness/report/report_file.h"
#include "harness/result/result_write.h"

int report_json_value(FILE *stream, json_t *value)
{
    int status = value == NULL ? -1 : json_dumpf(value, stream, JSON_INDENT(2));
    json_decref(value);
    if (status == 0)
        fputc('\n', stream);
    return status;
}

static int write_result(FILE *stream, const struct result *result)
{
    return report_json_value(stream, report_json(result));
}

int report_json_write(const struct result *result, const char *path, struct failure *failure)
{
    return report_write(path, write_result, result, failure);
}

struct several {
    const struct result *results;
    size_t count;
    int exit_status;
    const struct comparison *comparison;
};

static json_t *several_to_json(const struct several *several)
{
    json_t *list = json_array();
    for (size_t i = 0; i < several->count; i++)
        list_add(&list, report_json(&several->results[i]));
    json_t *object = json_object();
    object_add(&object, "schema_version", json_integer(REPORT_JSON_VERSION));
    object_add(&object, "kit",
               json_pack("{s:s, s:s}", "name", "iscsidsc-tck", "version", TCK_VERSION));
    object_add(&object, "exit_status", json_integer(several->exit_status));
    object_add(&object, "differences", comparison_to_json(several->comparison));
    object_add(&object, "implementations", list);
    return object;
}

static int write_several(FILE *stream, const void *document)
{
    return report_json_value(stream, several_to_json(document));
}

int report_json_several(const struct result *results, size_t count, int exit_status,
                        const struct comparison *comparison, const char *path,
                        struct failure *failure)
{
    const struct several several = {results, count, exit_status, comparison};
    return report_write_document(path, write_several, &several, failure);
}
