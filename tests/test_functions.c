// SPDX-License-Identifier: Apache-2.0
// The description of the functions, and the host that calls them by it: each gets its arguments in
// its own order, a buffer of its own unit, and its answer is told by the right names.
#include "conformance/transcript/describe.h"
#include "conformance/transcript/function.h"
#include "harness/driver/host.h"
#include "tests/main.h"
#include "tests/supervised.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char library[] = TCK_TEST_LIBRARIES "/argument_orders.so";

// As the library has them.
enum { SIZE_IN = 7, COUNT_IN = 3, SIZE_OUT = 5, COUNT_OUT = 2, PATIENCE_MS = 60000 };

static struct host *host;
static struct outcome outcomes[CHARSETS];

static void set_up(void)
{
    struct failure failure = {0};
    const struct host_options options = {
        .program = TCK_HOST_PROGRAM, .library = library, .timeout_ms = PATIENCE_MS};
    supervised_open();
    ck_assert_msg(host_start(&host, supervisor, &options, &failure) == 0, "%s", failure.text);
}

static void tear_down(void)
{
    host_stop(host);
    supervised_close();
}

static struct call call_of(enum charset charset)
{
    const struct function *function = function_of(charset);
    struct call call = {.charset = (uint8_t)charset,
                        .placement = PLACE_END,
                        .offered = SIZE_IN,
                        .count_in = function_takes(function, PARAMETER_COUNT) ? COUNT_IN : 0,
                        .repeat = 1};
    if (function_takes(function, PARAMETER_FLAG))
        call.subject[0] = 1;
    if (function_takes(function, PARAMETER_ID))
        memset(call.subject, 0xFF, sizeof call.subject);
    return call;
}

static void receive(void *argument, size_t index, unsigned thread, const struct outcome *outcome,
                    uint8_t *bytes)
{
    (void)argument;
    (void)thread;
    outcomes[index] = *outcome;
    free(bytes);
}

START_TEST(each_gets_its_arguments_in_its_order)
{
    struct failure failure = {0};
    struct call calls[CHARSETS];
    for (int charset = 0; charset < CHARSETS; charset++) {
        ck_assert_msg(hello_exports(host_hello(host), (enum charset)charset), "%s",
                      function_of((enum charset)charset)->name);
        calls[charset] = call_of((enum charset)charset);
    }
    ck_assert_int_eq(host_begin(host, calls, CHARSETS, 1, receive, NULL, &failure), 0);
    ck_assert_msg(host_finish(host, &failure) == 0, "%s", failure.text);
    for (int charset = 0; charset < CHARSETS; charset++) {
        const struct function *function = function_of((enum charset)charset);
        const struct outcome *outcome = &outcomes[charset];
        ck_assert_msg(outcome->kind == OUTCOME_RETURNED && outcome->status == 0, "%s: %u",
                      function->name, outcome->status);
        ck_assert_uint_eq(outcome->size_out, SIZE_OUT);
        ck_assert_uint_eq(outcome->count_out,
                          function_takes(function, PARAMETER_COUNT) ? COUNT_OUT : 0);
        ck_assert_uint_eq(outcome->byte_count, (uint64_t)SIZE_OUT * function->unit_size);
        ck_assert(!outcome->size_cell_damaged && !outcome->count_cell_damaged);
    }
}
END_TEST

// What one call had where another has its count is no damage, in whatever order they come.
START_TEST(an_identifier_is_no_damage_of_a_count)
{
    struct failure failure = {0};
    const struct call calls[] = {call_of(CHARSET_DEVICES_W), call_of(CHARSET_MAPPINGS_W),
                                 call_of(CHARSET_DEVICES_A), call_of(CHARSET_TARGETS_A),
                                 call_of(CHARSET_A)};
    enum { COUNT = sizeof calls / sizeof calls[0] };
    ck_assert_int_eq(host_begin(host, calls, COUNT, 1, receive, NULL, &failure), 0);
    ck_assert_msg(host_finish(host, &failure) == 0, "%s", failure.text);
    for (size_t i = 0; i < COUNT; i++) {
        ck_assert_uint_eq(outcomes[i].status, 0);
        ck_assert(!outcomes[i].count_cell_damaged);
    }
}
END_TEST

START_TEST(a_call_and_its_answer_in_words)
{
    static const struct {
        enum charset charset;
        const char *call;
        const char *answer;
    } words[] = {
        {CHARSET_MAPPINGS_A, "ReportActiveIScsiTargetMappingsA(&size = 7, &count = 3, buffer)",
         "*BufferSize = 5, *MappingCount = 2"},
        {CHARSET_INITIATORS_W, "ReportIScsiInitiatorListW(&size = 7, buffer)", "*BufferSize = 5"},
        {CHARSET_PORTALS_W, "ReportIScsiSendTargetPortalsExW(&count = 3, &size = 7, buffer)",
         "*PortalInfoSize = 5, *PortalCount = 2"},
        {CHARSET_LOGINS_A, "ReportIScsiPersistentLoginsA(&count = 3, buffer, &size = 7)",
         "*BufferSizeInBytes = 5, *Count = 2"},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        char text[512];
        struct record record = {.call = call_of(words[i].charset),
                                .outcome = {.kind = OUTCOME_RETURNED,
                                            .size_out = SIZE_OUT,
                                            .count_out = COUNT_OUT,
                                            .inside = extent_none(),
                                            .before = extent_none(),
                                            .after = extent_none()}};
        report_describe_call(&record, text, sizeof text);
        ck_assert_msg(strstr(text, words[i].call) != NULL, "%s", text);
        report_describe_outcome(&record, text, sizeof text);
        ck_assert_msg(strstr(text, words[i].answer) != NULL, "%s", text);
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("functions");
    TCase *tests = tcase_create("functions");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, each_gets_its_arguments_in_its_order);
    tcase_add_test(tests, an_identifier_is_no_damage_of_a_count);
    tcase_add_test(tests, a_call_and_its_answer_in_words);
    suite_add_tcase(suite, tests);
    return suite;
}
