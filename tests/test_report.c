// SPDX-License-Identifier: Apache-2.0
// Tests of the result and its reports: a result with every verdict, built by hand, and what the
// terminal, JSON and TAP reports make of it, the latter two read by programs that others wrote.
#include "conformance/base/text.h"
#include "conformance/transcript/describe.h"
#include "conformance/transcript/error_codes.h"
#include "harness/report/json.h"
#include "harness/report/tap.h"
#include "harness/report/terminal.h"
#include "harness/result/result_write.h"
#include "harness/result/words.h"
#include "tests/folder.h"
#include "tests/main.h"

#include <check.h>
#include <fcntl.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// From here; python takes the dots out.
#define SCHEMA_PATH TCK_SOURCE_DIR "/docs/result.schema.json"

// Clauses.

static const struct clause clauses[] = {
    {.id = "STATUS-1",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "a sufficient buffer gives ERROR_SUCCESS",
     .source = "the reference page, Return value",
     .why = "every caller"},
    {.id = "SIZE-2",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "exactly the size required is enough",
     .source = "follows from the description of BufferSize"},
    {.id = "SIZE-3",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "one byte less than required is not enough",
     .source = "follows from the description of BufferSize"},
    {.id = "SIZE-8",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "the size required wastes no more than alignment explains",
     .source = "callers that keep a fixed buffer # with a \\ in it"},
    {.id = "COUNT-2",
     .level = LEVEL_NOTE,
     .basis = BASIS_PRACTICE,
     .sentence = "what SessionCount holds after insufficient",
     .source = "a caller"},
    {.id = "CHARSET-1",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "A and W report the same sessions",
     .source = "follows"},
};

// What a hostile implementation would print and name: clear the screen, go up, a forged last line,
// a C1 control, a right-to-left override and its end, and bytes that are no UTF-8.
#define HOSTILE                                                                                    \
    "\033[2J\033[1A\rHeld: every clause \302\233 31m \342\200\256\342\200\254 \377\376 \177"

// A result.

static void judge(struct check *check, enum verdict_kind kind, const char *got,
                  const char *expected)
{
    check->judged = true;
    check->verdict.kind = kind;
    snprintf(check->verdict.got, sizeof check->verdict.got, "%s", got);
    snprintf(check->verdict.expected, sizeof check->verdict.expected, "%s", expected);
}

static void attach(struct check *check, const struct call *call, const struct outcome *outcome,
                   const char *said)
{
    check->evidence = (struct record){.probe_set = "sweep", .call = *call, .outcome = *outcome};
    if (said != NULL)
        check->evidence.said = strdup(said);
    check->verdict.record = &check->evidence;
}

static const struct outcome crashed = {
    .kind = OUTCOME_FAULT,
    .signal_number = 11,
    .direction = FAULT_WRITE,
    .fault_has_address = true,
    .base = 0x7f0000000000,
    .fault_address = 0x7f0000000000 + 312,
    .inside = {0, -1},
    .before = {0, -1},
    .after = {0, -1},
};
static const struct call offered_312 = {
    .charset = CHARSET_W, .placement = PLACE_END, .offered = 312, .count_in = 4};

static void fill_scenario(struct scenario_result *scenario, const char *name, bool windows)
{
    enum { CHECKS = 9 };
    *scenario = (struct scenario_result){.session_count = 1,
                                         .check_count = CHECKS,
                                         .call_count = 120,
                                         .bring_up_ns = 20000000,
                                         .probes_ns = 300000000,
                                         .memory = {.kit = 30 << 20, .tgtd = 5 << 20},
                                         .finished = true};
    scenario->name = strdup(name);
    scenario->summary = strdup("one session");
    scenario->digest = strdup("0123456789abcdef");
    ck_assert_int_gt(asprintf(&scenario->path, "/usr/share/scenarios/%s.yaml", name), 0);
    scenario->checks = calloc(CHECKS, sizeof *scenario->checks);
    ck_assert_ptr_nonnull(scenario->checks);
    static const size_t order[CHECKS] = {0, 0, 1, 1, 2, 3, 4, 4, 5};
    for (size_t i = 0; i < CHECKS; i++) {
        scenario->checks[i].clause = &clauses[order[i]];
        scenario->checks[i].charset = i % 2 == 0 ? CHECK_A : CHECK_W;
    }
    struct check *checks = scenario->checks;
    checks[8].charset = CHECK_BOTH;
    judge(&checks[0], VERDICT_PASS, "", "");
    judge(&checks[1], VERDICT_PASS, "", "");
    judge(&checks[2], VERDICT_FAIL, "insufficient at 312 bytes", "ERROR_SUCCESS at 312 bytes");
    judge(&checks[3], VERDICT_FAIL, "a crash\nnear " HOSTILE, "ERROR_SUCCESS");
    attach(&checks[3], &offered_312, &crashed, "1\n2\n3\n4\n5\n6\n7\n8\n9\nassertion " HOSTILE);
    judge(&checks[4], windows ? VERDICT_KNOWN : VERDICT_FAIL, "success at 311 of 312 bytes",
          "insufficient");
    checks[4].verdict.deviation = "one-byte-less-is-enough";
    judge(&checks[5], VERDICT_WARN, "17 bytes wasted", "at most 14");
    judge(&checks[6], VERDICT_NOTE, "it holds 0", "");
    judge(&checks[7], VERDICT_NOTE, "it holds 0", "");
    judge(&checks[8], VERDICT_SKIP, "no call of W succeeded # at all", "");
    checks[8].verdict.blocked_by = "SIZE-2";
}

static void fill_result(struct result *result, bool windows)
{
    *result = (struct result){.profile = windows ? "windows" : "documented",
                              .effort = "standard",
                              .scenario_count = 2,
                              .duration_ns = 700000000,
                              .hello = {.pointer_size = 8,
                                        .long_align = 8,
                                        .has_a = 1,
                                        .has_w = 1,
                                        .code_page = 65001,
                                        .platform = "linux x86_64"}};
    snprintf(result->tgtd_version, sizeof result->tgtd_version, "1.0.85");
    result->implementation = strdup("./lib\377" HOSTILE ".so");
    result->scenarios = calloc(2, sizeof *result->scenarios);
    ck_assert_ptr_nonnull(result->scenarios);
    fill_scenario(&result->scenarios[0], "single", windows);
    fill_scenario(&result->scenarios[1], "many", windows);
    judge(&result->scenarios[1].checks[7], VERDICT_NOTE, "it holds 7", "");
}

// A result in which everything holds.
static void fill_clean(struct result *result)
{
    fill_result(result, false);
    for (size_t i = 0; i < result->scenario_count; i++) {
        for (size_t j = 0; j < result->scenarios[i].check_count; j++) {
            struct check *check = &result->scenarios[i].checks[j];
            free(check->evidence.said);
            const struct clause *clause = check->clause;
            *check = (struct check){.clause = clause, .charset = check->charset, .judged = true};
        }
    }
}

static struct check *any_check(struct result *result)
{
    return &result->scenarios[1].checks[4];
}

// The exit status, row by row.

START_TEST(text_that_is_not_whole_is_none)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_int_ge(fputs("whole", stream), 0);
    ck_assert(text_close(stream, &text));
    ck_assert_str_eq(text, "whole");
    // What was written before got lost, and closing succeeds.
    stream = fopen("/dev/full", "w");
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_ge(fputs("lost", stream), 0);
    ck_assert_int_ne(fflush(stream), 0);
    ck_assert(!text_close(stream, &text));
    ck_assert_ptr_null(text);
    // Nothing was handed over.
    ck_assert(!text_close(fopen("/dev/null", "w"), &text));
}
END_TEST

START_TEST(what_is_no_text_is_mended)
{
    char cut[] = "a\xc3\xa9z\xc3";
    char wrong[] = "\xff\xe2\x82z\xed\xa0\x80";
    char right[] = "\xf0\x9f\x98\x80";
    text_mend(cut);
    text_mend(wrong);
    text_mend(right);
    ck_assert_str_eq(cut, "a\xc3\xa9z?");
    ck_assert_str_eq(wrong, "???z???");
    ck_assert_str_eq(right, "\xf0\x9f\x98\x80");
}
END_TEST

START_TEST(status_of_a_clean_result_is_0)
{
    struct result result;
    fill_clean(&result);
    ck_assert_int_eq(result_exit_status(&result), 0);
    for (int kind = VERDICT_WARN; kind <= VERDICT_NOTE; kind++) {
        any_check(&result)->verdict.kind = (enum verdict_kind)kind;
        ck_assert_int_eq(result_exit_status(&result), 0);
    }
    ck_assert(result_complete(&result));
    ck_assert_str_eq(report_verdict_name(&result), "held");
    result_free(&result);
}
END_TEST

START_TEST(status_of_a_failure_is_1)
{
    struct result result;
    fill_clean(&result);
    any_check(&result)->verdict.kind = VERDICT_FAIL;
    ck_assert_int_eq(result_exit_status(&result), 1);
    ck_assert_str_eq(report_verdict_name(&result), "broken");
    result_free(&result);
}
END_TEST

// Of a must that could not be judged: nothing is proven, unless a failure says more.
START_TEST(status_without_a_verdict_is_3_or_1)
{
    struct result result;
    fill_clean(&result);
    struct verdict *verdict = &any_check(&result)->verdict;
    verdict->kind = VERDICT_SKIP;
    ck_assert_int_eq(result_exit_status(&result), 0); // it does not apply
    verdict->blocked_by = "SIZE-2";
    ck_assert_int_eq(result_exit_status(&result), 3);
    ck_assert(result_complete(&result));
    result.scenarios[0].checks[5].verdict.kind = VERDICT_KNOWN;
    result.scenarios[0].checks[3].verdict.kind = VERDICT_WARN;
    ck_assert_int_eq(result_exit_status(&result), 3);
    result.scenarios[0].checks[4].verdict.kind = VERDICT_FAIL;
    ck_assert_int_eq(result_exit_status(&result), 1);
    result.scenarios[0].checks[4].verdict.kind = VERDICT_PASS;
    // An excused failure does not speak for calls of it that were not made.
    *verdict = (struct verdict){.kind = VERDICT_KNOWN, .blocked_by = BLOCKED_BY_ANY};
    ck_assert_int_eq(result_exit_status(&result), 3);
    *verdict = (struct verdict){.kind = VERDICT_KNOWN};
    ck_assert_int_eq(result_exit_status(&result), 0);
    *verdict = (struct verdict){.kind = VERDICT_PASS};
    // A should is needed under --strict only.
    struct verdict *should = &result.scenarios[0].checks[5].verdict;
    *should = (struct verdict){.kind = VERDICT_SKIP, .blocked_by = "SIZE-2"};
    ck_assert_int_eq(result_exit_status(&result), 0);
    result.strict = true;
    ck_assert_int_eq(result_exit_status(&result), 3);
    result_free(&result);
}
END_TEST

// Each of these makes a result with a failure in it untrusted: 3 outranks 1.
static void distrust(struct result *result, int row)
{
    switch (row) {
    case 0:
        failure_set(&result->failure, STATUS_UNTRUSTED, "tgtd died");
        break;
    case 1:
        result->scenarios[0].checks[0].verdict.kind = VERDICT_ERROR;
        break;
    case 2:
        result->scenarios[0].checks[0].judged = false;
        break;
    case 3:
        result->scenarios[0].finished = false;
        break;
    case 4:
        result->scenarios[0].check_count = result->scenarios[1].check_count = 0;
        break;
    case 5: // a status that no failure has
        failure_set(&result->failure, 1, "odd");
        break;
    default: // a verdict that doesn't exist
        result->scenarios[0].checks[0].verdict.kind = (enum verdict_kind)99;
        break;
    }
}

START_TEST(status_of_an_untrusted_result_is_3)
{
    struct result result;
    char doubts[1024];
    fill_clean(&result);
    any_check(&result)->verdict.kind = VERDICT_FAIL;
    size_t count = result.scenarios[0].check_count;
    distrust(&result, _i);
    ck_assert_int_eq(result_exit_status(&result), 3);
    ck_assert_str_eq(report_verdict_name(&result), "untrusted");
    report_describe_doubts(&result, doubts, sizeof doubts);
    ck_assert_str_ne(doubts, "");
    result.scenarios[0].check_count = result.scenarios[1].check_count = count;
    result_free(&result);
}
END_TEST

START_TEST(status_of_wrong_input_and_signals_stays)
{
    struct result result = {.failure = {.status = STATUS_USAGE, .text = "x.yaml:1:1: wrong"}};
    ck_assert_int_eq(result_exit_status(&result), 2);
    fill_clean(&result);
    any_check(&result)->verdict.kind = VERDICT_ERROR;
    result.scenarios[0].finished = false;
    failure_set(&result.failure, 128 + 2, "interrupted by SIGINT");
    ck_assert_int_eq(result_exit_status(&result), 130);
    ck_assert_str_eq(report_verdict_name(&result), "interrupted");
    result_free(&result);
}
END_TEST

START_TEST(tally_counts_each_kind)
{
    struct result result;
    fill_result(&result, true);
    struct tally all = result_tally(&result, NULL);
    struct tally one = result_tally(&result, &result.scenarios[0]);
    ck_assert_uint_eq(all.planned, 18);
    // CHARSET-1 is skipped because of SIZE-2 in both: a must of which nothing was seen.
    ck_assert_uint_eq(all.judged, 16);
    ck_assert_uint_eq(all.unjudged, 2);
    ck_assert_uint_eq(all.needed, 2);
    ck_assert_uint_eq(all.calls, 240);
    ck_assert_uint_eq(one.of[VERDICT_PASS], 2);
    ck_assert_uint_eq(one.of[VERDICT_FAIL], 2);
    ck_assert_uint_eq(one.of[VERDICT_WARN], 1);
    ck_assert_uint_eq(one.of[VERDICT_KNOWN], 1);
    ck_assert_uint_eq(one.of[VERDICT_SKIP], 1);
    ck_assert_uint_eq(one.of[VERDICT_NOTE], 2);
    result_free(&result);
}
END_TEST

// Words.

START_TEST(error_codes_have_names)
{
    char text[128];
    ck_assert_str_eq(error_code_name(122), "ERROR_INSUFFICIENT_BUFFER");
    ck_assert_str_eq(error_code_name(0xEFFF0013), "ISDSC_SERVICE_UNAVAILABLE");
    ck_assert_ptr_null(error_code_name(15998));
    ck_assert_str_eq(error_code_describe(0, text, sizeof text), "0 (ERROR_SUCCESS)");
    ck_assert_str_eq(error_code_describe(15998, text, sizeof text), "15998 (a Win32 error code)");
    ck_assert_str_eq(error_code_describe(0x8007007A, text, sizeof text),
                     "0x8007007A (122, ERROR_INSUFFICIENT_BUFFER, wrapped in an HRESULT)");
    ck_assert_str_eq(error_code_describe(0xEFFFFFFF, text, sizeof text),
                     "0xEFFFFFFF (an iSCSI error code)");
    ck_assert_ptr_nonnull(strstr(error_code_describe(0xFFFFFFF4, text, sizeof text), "(-12, "));
    ck_assert(!error_code_is_system(0) && error_code_is_system(1) && error_code_is_system(15999));
    ck_assert(!error_code_is_system(16000) && !error_code_is_iscsi(0xEFFF0000));
    ck_assert(error_code_is_iscsi(0xEFFF0001) && error_code_is_iscsi(0xEFFFFFFF));
    ck_assert(!error_code_is_iscsi(0xEFFE0001) && !error_code_is_iscsi(0x8007007A));
}
END_TEST

START_TEST(calls_are_described)
{
    char text[512];
    struct record record = {.call = offered_312};
    report_describe_call(&record, text, sizeof text);
    ck_assert_str_eq(text,
                     "GetIScsiSessionListW(&size = 312, &count = 4, buffer): the buffer of 312 "
                     "bytes stands before an inaccessible page, its start aligned to 16, "
                     "filled with pseudo-random bytes");
    record.call = (struct call){.placement = PLACE_NULL, .flags = CALL_SIZE_NULL | CALL_COUNT_NULL};
    report_describe_call(&record, text, sizeof text);
    ck_assert_str_eq(text, "GetIScsiSessionListA(NULL, NULL, NULL)");
    record.call = (struct call){.placement = PLACE_MIDDLE, .misalignment = 3, .offered = 1};
    report_describe_call(&record, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "the buffer of 1 byte stands between canary bytes, 3 past"));
    report_describe_call(&record, text, 10);
    ck_assert_str_eq(text, "GetIScsiS");
    record.call = (struct call){.placement = 77, .fill = 77, .charset = 77, .flags = 0x78};
    report_describe_call(&record, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "unknown pattern"));
}
END_TEST

static const char *outcome_words(struct outcome outcome, uint32_t offered)
{
    static char text[512];
    struct record record = {.call = {.offered = offered, .placement = PLACE_END},
                            .outcome = outcome};
    report_describe_outcome(&record, text, sizeof text);
    return text;
}

START_TEST(outcomes_are_described)
{
    struct outcome returned = {.kind = OUTCOME_RETURNED,
                               .size_out = 312,
                               .count_out = 1,
                               .inside = {0, 311},
                               .before = {0, -1},
                               .after = {0, -1}};
    ck_assert_str_eq(outcome_words(returned, 312),
                     "returned 0 (ERROR_SUCCESS), *BufferSize = 312, *SessionCount = 1");
    returned.status = 122;
    returned.after = (struct extent){312, 315};
    returned.before = (struct extent){-1, -1};
    returned.count_cell_damaged = true;
    ck_assert_str_eq(
        outcome_words(returned, 312),
        "returned 122 (ERROR_INSUFFICIENT_BUFFER), *BufferSize = 312, *SessionCount = 1; "
        "the buffer was changed: from byte 0 to 311; memory before the buffer was "
        "changed: byte -1; memory behind the buffer was changed: from byte 312 to 315; "
        "memory beside *SessionCount was changed");
    struct outcome fault = crashed;
    ck_assert_str_eq(outcome_words(fault, 312),
                     "SIGSEGV writing at SessionInfo + 312 (1 byte past the end)");
    fault.fault_address = fault.base - 2;
    fault.direction = FAULT_READ;
    ck_assert_str_eq(outcome_words(fault, 312),
                     "SIGSEGV reading at SessionInfo - 2 (2 bytes before the start)");
    fault.fault_address = 16;
    ck_assert_str_eq(outcome_words(fault, 312), "SIGSEGV reading at address 0x10");
    fault.fault_has_address = false;
    fault.signal_number = 6;
    fault.direction = FAULT_UNKNOWN;
    ck_assert_str_eq(outcome_words(fault, 312), "SIGABRT inside the call");
    struct outcome ended = {.kind = OUTCOME_ENDED, .exit_code = 7};
    ck_assert_str_eq(outcome_words(ended, 1), "ended the process inside the call: exit(7)");
    ended = (struct outcome){.kind = OUTCOME_ENDED, .exit_code = -1, .signal_number = 9};
    ck_assert_str_eq(outcome_words(ended, 1), "ended the process inside the call: SIGKILL");
    struct outcome hung = {.kind = OUTCOME_HUNG, .began_ns = 1, .ended_ns = 2000000001};
    ck_assert_str_eq(outcome_words(hung, 1), "did not return within 2.0 s and was killed");
    ck_assert_ptr_nonnull(
        strstr(outcome_words((struct outcome){.kind = 99}, 1), "unknown outcome"));
}
END_TEST

// Which instruction faulted, as far as that is known.
START_TEST(places_of_faults_are_described)
{
    char text[512];
    struct record record = {.call = {.placement = PLACE_END}, .outcome = crashed};
    record.outcome.fault_has_address = false;
    record.outcome.direction = FAULT_UNKNOWN;
    snprintf(record.outcome.fault_module, sizeof record.outcome.fault_module, "libmine.so");
    record.outcome.fault_offset = 0x1A2B;
    report_describe_outcome(&record, text, sizeof text);
    ck_assert_str_eq(text, "SIGSEGV inside the call, in libmine.so + 0x1a2b");
    record.source.function = "write_session";
    report_describe_outcome(&record, text, sizeof text);
    ck_assert_str_eq(text, "SIGSEGV inside the call, in write_session, libmine.so + 0x1a2b");
    record.source.file = "/home/mine/src/list_writer.c";
    record.source.line = 123;
    report_describe_outcome(&record, text, sizeof text);
    ck_assert_str_eq(text, "SIGSEGV inside the call, in list_writer.c:123 (write_session), "
                           "libmine.so + 0x1a2b");
    record.source.file = "C:\\mine\\list_writer.c";
    record.source.function = NULL;
    report_describe_outcome(&record, text, sizeof text);
    ck_assert_str_eq(text, "SIGSEGV inside the call, in list_writer.c:123, libmine.so + 0x1a2b");
}
END_TEST

START_TEST(foreign_text_is_escaped)
{
    static const struct {
        const char *text, *controls, *invalid;
    } rows[] = {
        {"", "", ""},
        {"plain \\ text", "plain \\ text", "plain \\ text"},
        {"a\n\tb\033\177", "a\\n\\tb\\x1b\\x7f", "a\n\tb\033\177"},
        {"\302\233", "\\u009b", "\302\233"},
        {"\342\200\256\342\200\254", "\\u202e\\u202c", "\342\200\256\342\200\254"},
        {"\363\240\201\201", "\\U000e0041", "\363\240\201\201"},
        {"Gr\303\274n \360\237\222\276", "Gr\303\274n \360\237\222\276",
         "Gr\303\274n \360\237\222\276"},
        {"\377\300\200", "\\xff\\xc0\\x80", "\\xff\\xc0\\x80"},
        {"\355\240\200", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80"},               // a surrogate
        {"\340\200\257", "\\xe0\\x80\\xaf", "\\xe0\\x80\\xaf"},               // overlong
        {"\364\220\200\200", "\\xf4\\x90\\x80\\x80", "\\xf4\\x90\\x80\\x80"}, // beyond Unicode
        {"cut \360\237", "cut \\xf0\\x9f", "cut \\xf0\\x9f"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *controls = report_escape(rows[i].text, ESCAPE_CONTROLS);
        char *invalid = report_escape(rows[i].text, ESCAPE_INVALID);
        ck_assert_str_eq(controls, rows[i].controls);
        ck_assert_str_eq(invalid, rows[i].invalid);
        free(controls);
        free(invalid);
    }
}
END_TEST

// The terminal report.

// Runs a reporter through a result as a run would.
static void report_all(struct reporter *reporter, const struct result *result)
{
    reporter->run_begins(reporter->argument, result);
    for (size_t i = 0; i < result->scenario_count; i++) {
        reporter->scenario_begins(reporter->argument, result, &result->scenarios[i]);
        for (unsigned long long calls = 0; reporter->progress != NULL && calls < 1000; calls++)
            reporter->progress(reporter->argument, result, &result->scenarios[i], "sweep (W)",
                               calls);
        reporter->scenario_ends(reporter->argument, result, &result->scenarios[i]);
    }
    reporter->run_ends(reporter->argument, result);
    report_terminal_free(reporter);
}

static char *plain_report(const struct result *result)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    struct reporter reporter;
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_eq(report_terminal(&reporter, stream, false, "iscsidsc-tck run -i ./libx.so"), 0);
    report_all(&reporter, result);
    ck_assert_int_eq(fclose(stream), 0);
    ck_assert_uint_eq(strlen(text), size);
    return text;
}

static void assert_has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "\"%s\" is not in:\n%s", part, text);
}

static void assert_has_not(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) == NULL, "\"%s\" is in:\n%s", part, text);
}

static size_t occurrences(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        count++;
    return count;
}

START_TEST(plain_report_says_everything_once)
{
    struct result result;
    fill_result(&result, false);
    char *text = plain_report(&result);
    static const char *const parts[] = {
        "2 scenarios, 18 checks, effort standard, profile documented\n",
        "FAIL single    1 session,   8 of 9 checks: 3 fail, 1 warn, 2 pass, 1 skip, 2 note, ",
        "\nFAIL  SIZE-2  exactly the size required is enough\n",
        "  where     scenario single, A\n",
        "  got       insufficient at 312 bytes\n",
        "  expected  ERROR_SUCCESS at 312 bytes\n",
        "  demand    must, implied: follows from the description of BufferSize\n",
        "  repeat    iscsidsc-tck run -i ./libx.so -s single -c SIZE-2\n",
        "  also in   single (W), many (A, W)\n",
        "FAIL  SIZE-3",
        "--profile windows tolerates it",
        "\nwarn  SIZE-8  the size required",
        "skip  2 x no call of W succeeded # at all (blocked by SIZE-2): CHARSET-1\n",
        "note  COUNT-2      it holds 0 (in 3 of 4 checks; --json keeps the 1 other answer)\n",
        "\nBROKEN: what does not hold: SIZE-2, SIZE-3 (exit status 1)\n",
        "  2 scenarios, 240 calls made, 16 of 18 checks judged in 0.70 s\n",
        "  4 passed, 6 failed, 2 warnings, 0 known, 2 skipped, 4 notes\n",
        "  largest: single, 1 session up in 0.02 s; memory at most 30 MiB (kit), 5 MiB (tgtd)\n",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        assert_has(text, parts[i]);
    ck_assert_uint_eq(occurrences(text, "FAIL  SIZE-2"), 1);
    ck_assert_uint_eq(occurrences(text, "warn  SIZE-8"), 1);
    assert_has_not(text, "\033");
    assert_has_not(text, "\r");
    free(text);
    result_free(&result);
}
END_TEST

START_TEST(known_deviations_name_their_source)
{
    struct result result;
    fill_result(&result, true);
    char *text = plain_report(&result);
    assert_has(text, "known SIZE-3 ");
    assert_has(text, "go-win-iscsidsc");
    assert_has(text, ": single (A), many (A)\n");
    assert_has_not(text, "FAIL  SIZE-3");
    free(text);
    result_free(&result);
}
END_TEST

// The block of a call that crashed comes first when it is the first failure.
START_TEST(crash_block_shows_call_and_last_words)
{
    struct result result;
    fill_result(&result, false);
    result.scenarios[0].checks[2].verdict.kind = VERDICT_PASS;
    char *text = plain_report(&result);
    assert_has(text, "  call      GetIScsiSessionListW(&size = 312, &count = 4, buffer): ");
    assert_has(text, "  outcome   SIGSEGV writing at SessionInfo + 312 (1 byte past the end)\n");
    assert_has(text, "  got       a crash\n            near \\x1b[2J");
    assert_has(text, "  printed   | 3\n            | 4\n");
    assert_has(text, "            | assertion \\x1b[2J\\x1b[1A\\x0dHeld: every clause \\u009b");
    assert_has_not(text, "| 2\n");
    free(text);
    result_free(&result);
}
END_TEST

START_TEST(hostile_text_commands_no_terminal)
{
    struct result result;
    fill_result(&result, false);
    char *text = plain_report(&result);
    for (const char *at = text; *at != '\0'; at++)
        ck_assert_msg((unsigned char)*at >= 0x20 || *at == '\n', "control character %d", *at);
    assert_has_not(text, "\302\233");
    assert_has_not(text, "\342\200");
    assert_has_not(text, "\377");
    assert_has_not(text, "\nHeld");
    free(text);
    result_free(&result);
}
END_TEST

START_TEST(long_lists_are_bounded)
{
    enum { SCENARIOS = 40 };
    struct result result;
    fill_result(&result, false);
    result.scenarios = reallocarray(result.scenarios, SCENARIOS, sizeof *result.scenarios);
    ck_assert_ptr_nonnull(result.scenarios);
    for (size_t i = 2; i < SCENARIOS; i++) {
        char name[32];
        snprintf(name, sizeof name, "number-%zu", i);
        fill_scenario(&result.scenarios[i], name, false);
    }
    // What grew may have moved.
    for (size_t i = 0; i < 2; i++)
        result.scenarios[i].checks[3].verdict.record = &result.scenarios[i].checks[3].evidence;
    result.scenario_count = SCENARIOS;
    char *text = plain_report(&result);
    assert_has(text, "  also in   single (W), many (A, W), number-2 (A, W), ");
    assert_has(text, "number-9 (A, W) and 30 more scenarios\n");
    ck_assert_uint_eq(occurrences(text, "number-30"), 1); // its own line alone
    free(text);
    result_free(&result);
}
END_TEST

START_TEST(scenario_files_are_repeated_by_path)
{
    struct result result;
    fill_result(&result, false);
    free(result.scenarios[0].path);
    result.scenarios[0].path = strdup("/home/me/my 'own'.yaml");
    char *text = plain_report(&result);
    assert_has(text, " -s '/home/me/my '\\''own'\\''.yaml' -c SIZE-2\n");
    free(text);
    result_free(&result);
}
END_TEST

START_TEST(untrusted_and_interrupted_runs_say_why)
{
    struct result result;
    fill_clean(&result);
    result.scenarios[1].finished = false;
    result.scenarios[1].checks[3].judged = false;
    failure_set(&result.failure, STATUS_UNTRUSTED, "tgtd \"a\" ended\nit said: " HOSTILE);
    char *text = plain_report(&result);
    assert_has(text, "This run was not completed");
    assert_has(text, "STOP many ");
    assert_has(text, "CAN'T BE TRUSTED: nothing is proven by this run (exit status 3)\n"
                     "  because   tgtd \"a\" ended\n            it said: \\x1b[2J");
    assert_has(text, "not finished: many\n            1 of 18 planned checks were not judged\n");
    assert_has(text, "2 scenarios (1 finished), 240 calls made, 17 of 18 checks judged");
    free(text);
    result.failure = (struct failure){0};
    failure_set(&result.failure, 130, "interrupted by SIGINT");
    text = plain_report(&result);
    assert_has(text, "INTERRUPTED: nothing is proven by this run (exit status 130)\n"
                     "  because   interrupted by SIGINT\n");
    free(text);
    result_free(&result);
}
END_TEST

START_TEST(clean_result_is_short)
{
    struct result result;
    fill_clean(&result);
    char *text = plain_report(&result);
    assert_has(text, "\nHeld: every clause (exit status 0)\n");
    assert_has_not(text, "FAIL");
    assert_has_not(text, "repeat");
    free(text);
    result_free(&result);
}
END_TEST

// On a pseudo-terminal of the given width; what came out of it.
static char *terminal_output(const struct result *result, unsigned short columns)
{
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    int outer = -1;
    int inner = -1;
    ck_assert_int_eq(openpty(&outer, &inner, NULL, NULL, &size), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        close(outer);
        FILE *stream = fdopen(inner, "w");
        struct reporter reporter;
        if (stream == NULL || report_terminal(&reporter, stream, true, "iscsidsc-tck run") != 0)
            _exit(1);
        report_all(&reporter, result);
        fclose(stream);
        _exit(0);
    }
    close(inner);
    char *text = NULL;
    size_t used = 0;
    FILE *stream = open_memstream(&text, &used);
    ck_assert_ptr_nonnull(stream);
    char part[4096];
    for (ssize_t got = read(outer, part, sizeof part); got > 0;
         got = read(outer, part, sizeof part))
        fwrite(part, 1, (size_t)got, stream);
    fclose(stream);
    close(outer);
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    return text;
}

START_TEST(terminal_report_is_coloured_and_redrawn)
{
    struct result result;
    fill_result(&result, false);
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    char *text = terminal_output(&result, 60);
    assert_has(text, "\033[1;31mFAIL  SIZE-2\033[0m");
    assert_has(text, "\r[1/2] single: bringing up  18/18 checks, 240 calls\033[K");
    assert_has(text, "\r\033[K");
    // A thousand times in a moment is told few times.
    ck_assert_uint_lt(occurrences(text, "\r["), 100);
    assert_has_not(text, "\033[2J");
    free(text);
    text = terminal_output(&result, 21);
    // What there is no room for is left out, the time first.
    assert_has(text, "\r[1/2] single\033[K");
    free(text);
    text = terminal_output(&result, 24);
    assert_has(text, "\r[1/2] single  240 calls\033[K");
    free(text);
    text = terminal_output(&result, 38);
    assert_has(text, "\r[1/2] single  18/18 checks, 240 calls\033[K");
    free(text);
    text = terminal_output(&result, 9);
    assert_has(text, "\r[1/2] si\033[K");
    free(text);
    setenv("NO_COLOR", "1", 1);
    text = terminal_output(&result, 60);
    assert_has_not(text, "\033[1;31m");
    assert_has_not(text, "\033[0m");
    assert_has(text, "\033[K");
    free(text);
    setenv("TERM", "dumb", 1);
    text = terminal_output(&result, 60);
    assert_has_not(text, "\033");
    free(text);
    result_free(&result);
}
END_TEST

// JSON and TAP files, in a folder of the test's own.

// Also what a test that failed left there.
static void remove_folder(void)
{
    static const char *const names[] = {"link.json", "result.json", "result.tap"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    folder_close();
}

static char *in_folder(const char *name)
{
    char *path = NULL;
    ck_assert_int_gt(asprintf(&path, "%s/%s", folder, name), 0);
    return path;
}

static void remove_file(char *path)
{
    ck_assert_int_eq(unlink(path), 0);
    free(path);
}

// Runs a command; its exit status, and what it printed into `output`.
static int command_status(const char *command, char *output, size_t size)
{
    FILE *stream = popen(command, "re"); // NOLINT(cert-env33-c): a fixed command of this test
    ck_assert_ptr_nonnull(stream);
    size_t used = fread(output, 1, size - 1, stream);
    output[used] = '\0';
    int status = pclose(stream);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text == NULL ? "(no text)" : text;
}

START_TEST(json_holds_everything)
{
    struct result result;
    fill_result(&result, true);
    json_t *report = report_json(&result);
    ck_assert_ptr_nonnull(report);
    ck_assert_int_eq(json_integer_value(json_object_get(report, "schema_version")), 1);
    ck_assert_int_eq(json_integer_value(json_object_get(report, "exit_status")), 1);
    ck_assert_str_eq(text_of(report, "verdict"), "broken");
    assert_has(text_of(report, "implementation"), "./lib\\xff");
    json_t *scenario = json_array_get(json_object_get(report, "scenarios"), 0);
    ck_assert_str_eq(text_of(scenario, "digest"), "0123456789abcdef");
    json_t *checks = json_object_get(scenario, "checks");
    ck_assert_uint_eq(json_array_size(checks), 9);
    json_t *crash = json_array_get(checks, 3);
    ck_assert_str_eq(text_of(crash, "verdict"), "fail");
    json_t *evidence = json_object_get(crash, "evidence");
    ck_assert_str_eq(text_of(json_object_get(evidence, "call"), "placement"), "end");
    ck_assert_str_eq(text_of(json_object_get(evidence, "outcome"), "kind"), "fault");
    ck_assert_str_eq(text_of(json_object_get(evidence, "outcome"), "fault_address"),
                     "0x7f0000000138");
    assert_has(text_of(evidence, "said"), "\\xff\\xfe");
    json_t *known = json_object_get(json_array_get(checks, 4), "deviation");
    ck_assert_str_eq(text_of(known, "profile"), "windows");
    ck_assert_str_eq(text_of(json_array_get(checks, 8), "blocked_by"), "SIZE-2");
    ck_assert_str_eq(text_of(json_array_get(checks, 8), "charset"), "A+W");
    ck_assert_uint_eq(json_object_size(json_object_get(report, "clauses")), 6);
    json_decref(report);
    result_free(&result);
}
END_TEST

static bool schema_can_be_checked(void)
{
    char output[256];
    if (command_status("python3 -c 'import jsonschema' 2>&1", output, sizeof output) == 0)
        return true;
    fprintf(stderr, "not checked against the schema: python3-jsonschema is not installed\n");
    return false;
}

static void assert_fits_schema(const struct result *result)
{
    char *path = in_folder("result.json");
    struct failure failure = {0};
    ck_assert_msg(report_json_write(result, path, &failure) == 0, "%s", failure.text);
    char command[1024];
    char output[4096];
    snprintf(command, sizeof command,
             "python3 - %s '%s' 2>&1 <<'END'\n"
             "import json, os, sys, jsonschema\n"
             "schema = json.load(open(os.path.normpath(sys.argv[2])))\n"
             "jsonschema.Draft202012Validator.check_schema(schema)\n"
             "jsonschema.Draft202012Validator(schema).validate(json.load(open(sys.argv[1])))\n"
             "END\n",
             path, SCHEMA_PATH);
    int status = command_status(command, output, sizeof output);
    ck_assert_msg(status == 0, "%s", output);
    remove_file(path);
}

START_TEST(json_fits_its_schema)
{
    if (!schema_can_be_checked())
        return;
    struct result result;
    fill_result(&result, _i % 2 == 0);
    struct check *check = &result.scenarios[0].checks[2];
    struct call call = {.placement = PLACE_NULL, .flags = CALL_SIZE_NULL | CALL_SPARSE};
    struct outcome outcome = {.kind = (uint8_t)_i, .exit_code = _i - 3, .inside = {0, 7}};
    attach(check, &call, &outcome, NULL);
    if (_i == 3) { // stopped in the middle
        result.scenarios[1].checks[8].judged = false;
        result.scenarios[1].finished = false;
        failure_set(&result.failure, STATUS_UNTRUSTED, "tgtd died: \377");
    }
    assert_fits_schema(&result);
    result_free(&result);
    if (_i > 0)
        return;
    struct result nothing = {.failure = {.status = 2, .text = "wrong"}};
    assert_fits_schema(&nothing);
}
END_TEST

START_TEST(reports_are_written_whole_or_not_at_all)
{
    struct result result;
    struct failure failure = {0};
    fill_result(&result, false);
    char *path = in_folder("result.json");
    char *link = in_folder("link.json");
    char *lost = in_folder("no/such/folder.json");
    // What was there is replaced, through a link too.
    ck_assert_int_eq(report_json_write(&result, path, &failure), 0);
    ck_assert_int_eq(symlink("result.json", link), 0);
    ck_assert_int_eq(truncate(path, 0), 0);
    ck_assert_int_eq(report_json_write(&result, link, &failure), 0);
    struct stat there;
    ck_assert_int_eq(lstat(link, &there), 0);
    ck_assert(S_ISLNK(there.st_mode));
    ck_assert_int_eq(lstat(path, &there), 0);
    ck_assert_int_gt(there.st_size, 1000);
    // A device is written to, never replaced.
    ck_assert_int_eq(report_tap_write(&result, "/dev/null", &failure), 0);
    ck_assert_int_eq(lstat("/dev/null", &there), 0);
    ck_assert(S_ISCHR(there.st_mode));
    ck_assert_int_eq(report_tap_write(&result, "/dev/full", &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    failure = (struct failure){0};
    ck_assert_int_eq(report_json_write(&result, lost, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_USAGE);
    assert_has(failure.text, "no/such/folder.json: cannot be created: No such file");
    free(lost);
    remove_file(link);
    remove_file(path);
    result_free(&result);
}
END_TEST

static char *tap_text(const struct result *result)
{
    char *path = in_folder("result.tap");
    struct failure failure = {0};
    ck_assert_msg(report_tap_write(result, path, &failure) == 0, "%s", failure.text);
    char *text = calloc(1, 65536);
    ck_assert_ptr_nonnull(text);
    FILE *stream = fopen(path, "re");
    ck_assert_ptr_nonnull(stream);
    ck_assert_uint_gt(fread(text, 1, 65535, stream), 0);
    fclose(stream);
    remove_file(path);
    return text;
}

START_TEST(tap_says_each_verdict)
{
    struct result result;
    fill_result(&result, true);
    char *text = tap_text(&result);
    static const char *const parts[] = {
        "TAP version 13\n1..2\n# Subtest: single\n    1..9\n",
        "    ok 1 - STATUS-1 (A): a sufficient buffer gives ERROR_SUCCESS\n",
        "    not ok 4 - SIZE-2 (W): exactly the size required is enough\n      ---\n"
        "      verdict: \"fail\"\n      level: \"must\"\n",
        "      outcome: \"SIGSEGV writing at SessionInfo + 312 (1 byte past the end)\"\n",
        "\\\\x1b[2J",
        "      ...\n",
        "    ok 5 - SIZE-3 (A): one byte less than required is not enough # SKIP known: ",
        "    ok 6 - SIZE-8 (W): the size required wastes no more than alignment explains\n      "
        "---\n"
        "      verdict: \"warn\"\n",
        "    ok 7 - COUNT-2 (A): what SessionCount holds after insufficient\n    # note: it holds "
        "0\n",
        "    ok 9 - CHARSET-1 (A+W): A and W report the same sessions # SKIP no call of W "
        "succeeded "
        "\\# at all (blocked by SIZE-2)\n",
        "\nnot ok 1 - single\n",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        assert_has(text, parts[i]);
    assert_has_not(text, "Bail out!");
    assert_has_not(text, "\033");
    free(text);
    failure_set(&result.failure, STATUS_UNTRUSTED, "tgtd died\nbadly");
    text = tap_text(&result);
    assert_has(text, "\nBail out! tgtd died badly ");
    free(text);
    result_free(&result);
}
END_TEST

// prove's exit status for a TAP file.
static int proved(const struct result *result, char *output, size_t size)
{
    char *path = in_folder("result.tap");
    struct failure failure = {0};
    ck_assert_msg(report_tap_write(result, path, &failure) == 0, "%s", failure.text);
    char command[256];
    snprintf(command, sizeof command, "prove -v -e cat %s 2>&1", path);
    int status = command_status(command, output, size);
    remove_file(path);
    return status;
}

START_TEST(tap_is_read_by_prove)
{
    struct result result;
    char output[65536];
    if (command_status("prove --version 2>&1", output, sizeof output) != 0) {
        fprintf(stderr, "TAP not read by prove: perl's prove is not installed\n");
        return;
    }
    fill_clean(&result);
    any_check(&result)->verdict.kind = VERDICT_WARN;
    ck_assert_msg(proved(&result, output, sizeof output) == 0, "%s", output);
    assert_has(output, "Tests=2");
    assert_has_not(output, "Parse error");
    result_free(&result);
    fill_result(&result, false);
    ck_assert_msg(proved(&result, output, sizeof output) != 0, "%s", output);
    assert_has(output, "Failed tests");
    assert_has_not(output, "Parse error");
    result_free(&result);
    fill_clean(&result);
    failure_set(&result.failure, STATUS_UNTRUSTED, "tgtd died");
    ck_assert_msg(proved(&result, output, sizeof output) != 0, "%s", output);
    assert_has(output, "Bailout called");
    result_free(&result);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("report");
    TCase *results = tcase_create("result");
    tcase_add_test(results, text_that_is_not_whole_is_none);
    tcase_add_test(results, what_is_no_text_is_mended);
    tcase_add_test(results, status_of_a_clean_result_is_0);
    tcase_add_test(results, status_of_a_failure_is_1);
    tcase_add_test(results, status_without_a_verdict_is_3_or_1);
    tcase_add_loop_test(results, status_of_an_untrusted_result_is_3, 0, 7);
    tcase_add_test(results, status_of_wrong_input_and_signals_stays);
    tcase_add_test(results, tally_counts_each_kind);
    suite_add_tcase(suite, results);
    TCase *words = tcase_create("words");
    tcase_add_test(words, error_codes_have_names);
    tcase_add_test(words, calls_are_described);
    tcase_add_test(words, outcomes_are_described);
    tcase_add_test(words, places_of_faults_are_described);
    tcase_add_test(words, foreign_text_is_escaped);
    suite_add_tcase(suite, words);
    TCase *terminal = tcase_create("terminal");
    tcase_add_test(terminal, plain_report_says_everything_once);
    tcase_add_test(terminal, known_deviations_name_their_source);
    tcase_add_test(terminal, crash_block_shows_call_and_last_words);
    tcase_add_test(terminal, hostile_text_commands_no_terminal);
    tcase_add_test(terminal, long_lists_are_bounded);
    tcase_add_test(terminal, scenario_files_are_repeated_by_path);
    tcase_add_test(terminal, untrusted_and_interrupted_runs_say_why);
    tcase_add_test(terminal, clean_result_is_short);
    tcase_add_test(terminal, terminal_report_is_coloured_and_redrawn);
    suite_add_tcase(suite, terminal);
    TCase *files = tcase_create("files");
    tcase_set_timeout(files, 120);
    tcase_add_unchecked_fixture(files, folder_open, remove_folder);
    tcase_add_test(files, json_holds_everything);
    tcase_add_loop_test(files, json_fits_its_schema, 0, 6);
    tcase_add_test(files, reports_are_written_whole_or_not_at_all);
    tcase_add_test(files, tap_says_each_verdict);
    tcase_add_test(files, tap_is_read_by_prove);
    suite_add_tcase(suite, files);
    return suite;
}
