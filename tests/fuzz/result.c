// SPDX-License-Identifier: Apache-2.0
// Results: read, and written as every report.
#include "harness/report/html/page.h"
#include "harness/report/json.h"
#include "harness/report/junit.h"
#include "harness/report/tap.h"
#include "harness/report/terminal.h"
#include "harness/result/result_read.h"
#include "tests/fuzz/fuzz.h"

static const char nowhere[] = "/dev/null";

static void write_reports(const struct result *result)
{
    struct failure failure = {0};
    struct reporter reporter;
    FILE *stream = fopen(nowhere, "we");
    fuzz_expect(stream != NULL && report_terminal(&reporter, stream, false, "again") == 0,
                "there is memory");
    if (reporter.run_begins != NULL)
        reporter.run_begins(reporter.argument, result);
    for (size_t i = 0; i < result->scenario_count && reporter.scenario_ends != NULL; i++)
        reporter.scenario_ends(reporter.argument, result, &result->scenarios[i]);
    if (reporter.run_ends != NULL)
        reporter.run_ends(reporter.argument, result);
    report_terminal_free(&reporter);
    fclose(stream);
    fuzz_expect(report_json_write(result, nowhere, &failure) == 0 &&
                    report_tap_write(result, nowhere, &failure) == 0 &&
                    report_junit_write(result, nowhere, &failure) == 0 &&
                    report_html_write(result, nowhere, &failure) == 0,
                failure.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct result result = {0};
    struct failure failure = {0};
    json_t *object = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, NULL);
    if (object == NULL)
        return 0;
    if (result_from_json(&result, object, "input", &failure) == 0)
        write_reports(&result);
    else
        fuzz_expect(failure.text[0] != '\0', "what is refused has a reason");
    result_free(&result);
    json_decref(object);
    return 0;
}
