// SPDX-License-Identifier: Apache-2.0
// Tests of the JUnit report: a result with every verdict, built by hand and hostile where it can
// be, against the schema (tests/junit.xsd) and read back with XPath.
#include "harness/report/junit.h"
#include "tests/main.h"

#include <check.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <libxml/xpath.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCHEMA_PATH TCK_TEST_FOLDER "/junit.xsd"

// What XML gives a meaning, what it can't hold at all, and what is no UTF-8.
#define HOSTILE "]]><failure/>&amp;\"'\033[2J\001 \357\277\276 \377 \302\205 end"

static const struct clause clauses[] = {
    {.id = "STATUS-1", .level = LEVEL_MUST, .sentence = "a <sufficient> buffer & more"},
    {.id = "SIZE-3", .level = LEVEL_MUST, .sentence = "one byte less", .source = HOSTILE},
    {.id = "SIZE-8", .level = LEVEL_SHOULD, .sentence = "no waste"},
    {.id = "COUNT-2", .level = LEVEL_NOTE, .sentence = "what SessionCount holds"},
    {.id = "CHARSET-1", .level = LEVEL_MUST, .sentence = "A and W alike"},
};

enum { CHECKS = 8 };

static const struct {
    size_t clause;
    enum check_charset charset;
    enum verdict_kind kind;
    const char *got;
    const char *expected;
} planned[CHECKS] = {
    {0, CHECK_A, VERDICT_PASS, "", ""},
    {0, CHECK_W, VERDICT_FAIL, "122 " HOSTILE, "0 " HOSTILE},
    {1, CHECK_A, VERDICT_KNOWN, "success at 311 of 312 bytes", "insufficient"},
    {1, CHECK_W, VERDICT_SKIP, "no call succeeded", ""},
    {2, CHECK_A, VERDICT_WARN, "17 bytes wasted", "at most 14"},
    {3, CHECK_A, VERDICT_NOTE, "it holds 0", ""},
    {4, CHECK_BOTH, VERDICT_ERROR, "memory ran out", ""},
    {4, CHECK_W, VERDICT_PASS, "", ""},
};

static void fill(struct result *result, size_t checks)
{
    *result = (struct result){
        .profile = "windows", .effort = "standard", .scenario_count = 1, .duration_ns = 1500000000};
    result->implementation = strdup("/tmp/lib" HOSTILE ".so");
    result->scenarios = calloc(1, sizeof *result->scenarios);
    ck_assert_ptr_nonnull(result->scenarios);
    struct scenario_result *scenario = &result->scenarios[0];
    *scenario = (struct scenario_result){.check_count = checks,
                                         .planned_count = checks,
                                         .bring_up_ns = 20000000,
                                         .probes_ns = 300000000,
                                         .finished = true};
    scenario->name = strdup("single " HOSTILE);
    scenario->summary = strdup(HOSTILE);
    scenario->path = strdup("");
    scenario->digest = strdup("0123");
    scenario->checks = calloc(CHECKS, sizeof *scenario->checks);
    ck_assert_ptr_nonnull(scenario->checks);
    for (size_t i = 0; i < checks; i++) {
        struct check *check = &scenario->checks[i];
        *check = (struct check){
            .clause = &clauses[planned[i].clause], .charset = planned[i].charset, .judged = true};
        check->verdict.kind = planned[i].kind;
        snprintf(check->verdict.got, sizeof check->verdict.got, "%s", planned[i].got);
        snprintf(check->verdict.expected, sizeof check->verdict.expected, "%s",
                 planned[i].expected);
    }
}

static void add_evidence(struct check *check)
{
    check->evidence = (struct record){
        .probe_set = "sweep",
        .call = {.charset = CHARSET_W, .placement = PLACE_END, .offered = 312, .count_in = 4},
        .outcome = {.kind = OUTCOME_RETURNED,
                    .status = 122,
                    .size_out = 320,
                    .inside = {0, -1},
                    .before = {0, -1},
                    .after = {0, -1}}};
    check->evidence.said = strdup("line one\nline two " HOSTILE);
    check->verdict.record = &check->evidence;
}

static xmlDocPtr write_and_read(const struct result *result)
{
    char path[] = "/tmp/tck-junit-XXXXXX";
    struct failure failure = {0};
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert_msg(report_junit_write(result, path, &failure) == 0, "%s", failure.text);
    xmlDocPtr document = xmlReadFile(path, NULL, XML_PARSE_NONET);
    unlink(path);
    ck_assert_msg(document != NULL, "what was written is no XML");
    return document;
}

static void expect_valid(xmlDocPtr document)
{
    xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(SCHEMA_PATH);
    xmlSchemaPtr schema = xmlSchemaParse(parser);
    ck_assert_msg(schema != NULL, "no schema in %s", SCHEMA_PATH);
    xmlSchemaValidCtxtPtr context = xmlSchemaNewValidCtxt(schema);
    ck_assert_int_eq(xmlSchemaValidateDoc(context, document), 0);
    xmlSchemaFreeValidCtxt(context);
    xmlSchemaFree(schema);
    xmlSchemaFreeParserCtxt(parser);
}

static void expect_number(xmlDocPtr document, const char *path, double expected)
{
    xmlXPathContextPtr context = xmlXPathNewContext(document);
    xmlXPathObjectPtr object = xmlXPathEvalExpression(BAD_CAST path, context);
    ck_assert_msg(object != NULL, "%s", path);
    double number = xmlXPathCastToNumber(object);
    ck_assert_msg(number == expected, "%s is %g, not %g", path, number, expected);
    xmlXPathFreeObject(object);
    xmlXPathFreeContext(context);
}

static void expect_text(xmlDocPtr document, const char *path, const char *part)
{
    xmlXPathContextPtr context = xmlXPathNewContext(document);
    xmlXPathObjectPtr object = xmlXPathEvalExpression(BAD_CAST path, context);
    ck_assert_msg(object != NULL, "%s", path);
    xmlChar *text = xmlXPathCastToString(object);
    ck_assert_msg(strstr((const char *)text, part) != NULL, "%s is \"%s\", without \"%s\"", path,
                  (const char *)text, part);
    xmlFree(text);
    xmlXPathFreeObject(object);
    xmlXPathFreeContext(context);
}

START_TEST(every_verdict_has_its_element)
{
    struct result result;
    fill(&result, CHECKS);
    result.command = "kit run -i ./x.so";
    add_evidence(&result.scenarios[0].checks[1]);
    result.scenarios[0].checks[3].verdict.blocked_by = "STATUS-1";
    result.scenarios[0].checks[2].verdict.deviation = "one-byte-less-is-enough";
    xmlDocPtr document = write_and_read(&result);
    expect_valid(document);
    expect_number(document, "count(//testsuite)", 2); // the error makes the run untrusted
    expect_number(document, "count(//testcase)", CHECKS + 1);
    expect_number(document, "count(//testcase[failure])", 1);
    expect_number(document, "count(//testcase[skipped])", 2);
    expect_number(document, "count(//testcase[error])", 2);
    expect_number(document, "number(/testsuites/@tests)", CHECKS + 1);
    expect_number(document, "number(/testsuites/@failures)", 1);
    expect_number(document, "number(/testsuites/@errors)", 2);
    expect_number(document, "number(//testsuite[1]/@skipped)", 2);
    expect_number(document, "count(//testcase[@name='SIZE-8 (A)']/system-out)", 1);
    expect_number(document, "count(//testcase[@name='SIZE-8 (A)']/failure)", 0);
    const char *failure = "string(//testcase[@name='STATUS-1 (W)']/failure)";
    expect_text(document, failure, "call: GetIScsiSessionListW(&size = 312");
    expect_text(document, failure, "outcome: returned 122");
    expect_text(document, failure, "got: 122 ]]><failure/>&amp;");
    expect_text(document, failure, "expected: 0 ]]><failure/>&amp;");
    expect_text(document, failure, "line one\nline two");
    expect_text(document, failure, "\nrepeat: kit run -i ./x.so -s ");
    expect_text(document, failure, " -c STATUS-1\n");
    expect_text(document, "string(//testcase[@name='SIZE-3 (W)']/skipped/@message)",
                "no call succeeded (blocked by STATUS-1)");
    expect_text(document, "string(//testcase[@name='SIZE-3 (A)']/skipped/@message)", "known: ");
    expect_text(document, "string(//testcase[@name='SIZE-3 (A)']/@classname)", ".SIZE");
    expect_text(document, "string(//testcase[@name='COUNT-2 (A)']/system-out)", "it holds 0");
    expect_text(document, "string(//testsuite[2]//error)", "could not be judged");
    xmlFreeDoc(document);
    result_free(&result);
}
END_TEST

START_TEST(what_xml_cannot_hold_is_replaced)
{
    struct result result;
    fill(&result, 1);
    xmlDocPtr document = write_and_read(&result);
    expect_valid(document);
    expect_text(document, "string(//testsuite/@name)",
                "single ]]><failure/>&amp;\"'\\x1b[2J\\x01 ? \\xff");
    expect_text(document, "string(//property[@name='implementation']/@value)", "\\x1b[2J");
    xmlFreeDoc(document);
    result_free(&result);
}
END_TEST

START_TEST(complete_run_has_no_doubts)
{
    struct result result;
    fill(&result, 2);
    xmlDocPtr document = write_and_read(&result);
    expect_valid(document);
    expect_number(document, "count(//testsuite)", 1);
    expect_number(document, "count(//error)", 0);
    expect_number(document, "number(/testsuites/@failures)", 1);
    xmlFreeDoc(document);
    result_free(&result);
}
END_TEST

START_TEST(unfinished_and_empty_runs_are_errors)
{
    struct result result;
    fill(&result, 2);
    result.scenarios[0].checks[1].judged = false;
    result.scenarios[0].finished = false;
    failure_set(&result.failure, STATUS_UNTRUSTED, "tgtd ended\n" HOSTILE);
    xmlDocPtr document = write_and_read(&result);
    expect_valid(document);
    expect_number(document, "count(//testcase[error])", 2);
    expect_text(document, "string(//testsuite[2]//error)", "tgtd ended");
    xmlFreeDoc(document);
    result_free(&result);

    struct result empty = {.profile = "documented"};
    document = write_and_read(&empty);
    expect_valid(document);
    expect_number(document, "count(//testcase[error])", 1);
    xmlFreeDoc(document);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("report_junit");
    TCase *tests = tcase_create("junit");
    tcase_add_test(tests, every_verdict_has_its_element);
    tcase_add_test(tests, what_xml_cannot_hold_is_replaced);
    tcase_add_test(tests, complete_run_has_no_doubts);
    tcase_add_test(tests, unfinished_and_empty_runs_are_errors);
    suite_add_tcase(suite, tests);
    return suite;
}

void test_clean_up(void)
{
    xmlCleanupParser();
}
