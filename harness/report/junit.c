// SPDX-License-Identifier: Apache-2.0
// The JUnit report. It keeps to what the schemas of Jenkins and Maven have in common. A scenario is
// a test suite. A check is a test case, whose class is SCENARIO.GROUP. If the run can't be trusted,
// at least one test case has an error, so that no CI system shows the run as passed.
#include "harness/report/junit.h"

#include "conformance/base/text.h"
#include "conformance/transcript/describe.h"
#include "conformance/transcript/fault_stack.h"
#include "harness/report/report_file.h"
#include "harness/result/words.h"

#include <libxml/xmlwriter.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct junit {
    xmlTextWriterPtr writer;
    const struct result *result;
    bool failed; // memory ran out
};

// ---- Elements and text ----

// Replaces the characters that XML 1.0 does not allow, not even escaped, by '?': most control
// characters, U+FFFE and U+FFFF. `text` is UTF-8.
static void replace_impossible(char *text)
{
    unsigned char *to = (unsigned char *)text;
    for (const unsigned char *at = to; *at != '\0';) {
        if (at[0] == 0xEF && at[1] == 0xBF && at[2] >= 0xBE) {
            *to++ = '?';
            at += 3;
        } else if (*at < 0x20 && *at != '\n' && *at != '\t') {
            *to++ = '?';
            at++;
        } else {
            *to++ = *at++;
        }
    }
    *to = '\0';
}

// A copy of `text` that XML allows: bytes that are not UTF-8 and control characters are written as
// escapes such as \x1b. With `lines`, line ends stay. Malloc'ed; NULL when memory ran out.
static char *clean(const char *text, bool lines)
{
    char *escaped = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&escaped, &size);
    if (stream == NULL)
        return NULL;
    bool complete = true;
    for (const char *at = text; *at != '\0' && complete;) {
        size_t length = lines ? strcspn(at, "\n") : strlen(at);
        char *line = strndup(at, length);
        char *safe = line == NULL ? NULL : report_escape(line, ESCAPE_CONTROLS);
        complete = safe != NULL;
        if (complete)
            fputs(safe, stream);
        at += length;
        if (*at == '\n') {
            fputc('\n', stream);
            at++;
        }
        free(line);
        free(safe);
    }
    if (!text_close(stream, &escaped) || !complete) {
        free(escaped);
        return NULL;
    }
    replace_impossible(escaped);
    return escaped;
}

static void start(struct junit *junit, const char *name)
{
    if (xmlTextWriterStartElement(junit->writer, BAD_CAST name) < 0)
        junit->failed = true;
}

static void end(struct junit *junit)
{
    if (xmlTextWriterEndElement(junit->writer) < 0)
        junit->failed = true;
}

static void attribute(struct junit *junit, const char *name, const char *value)
{
    char *text = clean(value == NULL ? "" : value, false);
    if (text == NULL ||
        xmlTextWriterWriteAttribute(junit->writer, BAD_CAST name, BAD_CAST text) < 0)
        junit->failed = true;
    free(text);
}

static void attribute_number(struct junit *junit, const char *name, size_t number)
{
    char text[32];
    snprintf(text, sizeof text, "%zu", number);
    attribute(junit, name, text);
}

static void attribute_seconds(struct junit *junit, const char *name, uint64_t nanoseconds)
{
    char text[48];
    snprintf(text, sizeof text, "%.3f", (double)nanoseconds / 1e9);
    attribute(junit, name, text);
}

static void write_text(struct junit *junit, const char *text)
{
    char *safe = clean(text, true);
    if (safe == NULL || xmlTextWriterWriteString(junit->writer, BAD_CAST safe) < 0)
        junit->failed = true;
    free(safe);
}

static void property(struct junit *junit, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    start(junit, "property");
    attribute(junit, "name", name);
    attribute(junit, "value", value);
    end(junit);
}

// ---- A check ----

// Lines that say in which ways the clause failed, and which other failures belong to this one.
static void describe_relations(FILE *stream, const struct scenario_result *scenario,
                               const struct check *check)
{
    char text[1024];
    if (check->verdict.also[0] != '\0')
        fprintf(stream, "also: %s\n", check->verdict.also);
    if (check->verdict.ways[0] != '\0')
        fprintf(stream, "ways:\n%s\n", check->verdict.ways);
    if (check->verdict.left_out[0] != '\0')
        fprintf(stream, "left out: %s\n", check->verdict.left_out);
    report_describe_cause(scenario, check, text, sizeof text);
    if (text[0] != '\0')
        fprintf(stream, "probable consequence of: %s\n", text);
    report_describe_consequences(scenario, check, text, sizeof text);
    if (text[0] != '\0')
        fprintf(stream, "probable consequences: %s\n", text);
}

// A line with the command that repeats it. 0, or -1 when memory ran out.
static int describe_repeat(FILE *stream, const char *command,
                           const struct scenario_result *scenario, const struct check *check)
{
    if (command == NULL)
        return 0;
    char *repeat = report_repeat(command, scenario, check);
    if (repeat == NULL)
        return -1;
    fprintf(stream, "repeat: %s\n", repeat);
    free(repeat);
    return 0;
}

// The text of a failure: the demand, the call, "got: ...", "expected: ...", each on a line.
// Malloc'ed; NULL when memory ran out.
static char *describe(const struct junit *junit, const struct scenario_result *scenario,
                      const struct check *check)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return NULL;
    const struct verdict *verdict = &check->verdict;
    fprintf(stream, "%s: %s\n", check->clause->id, check->clause->sentence);
    if (verdict->record != NULL) {
        char call[512];
        char outcome[768];
        report_describe_call(verdict->record, call, sizeof call);
        report_describe_outcome(verdict->record, outcome, sizeof outcome);
        fprintf(stream, "call: %s\noutcome: %s\n", call, outcome);
        if (verdict->record->source.stack != NULL) {
            char stack[STACK_WORDS_MAX];
            stack_describe(verdict->record->source.stack, stack, sizeof stack);
            fprintf(stream, "stack:\n%s\n", stack);
        }
    }
    if (verdict->got[0] != '\0')
        fprintf(stream, "got: %s\n", verdict->got);
    if (verdict->expected[0] != '\0')
        fprintf(stream, "expected: %s\n", verdict->expected);
    describe_relations(stream, scenario, check);
    if (verdict->record != NULL && verdict->record->said != NULL)
        fprintf(stream, "printed: %s\n", verdict->record->said);
    if (check->clause->source != NULL)
        fprintf(stream, "source: %s\n", check->clause->source);
    int status = describe_repeat(stream, junit->result->command, scenario, check);
    if (!text_close(stream, &text) || status != 0) {
        free(text);
        return NULL;
    }
    return text;
}

// Writes <failure> or <error>. CI systems show the attribute `message` in their lists, and the text
// when the test case is opened.
static void write_problem(struct junit *junit, const struct scenario_result *scenario,
                          const struct check *check, const char *element)
{
    const struct verdict *verdict = &check->verdict;
    char cause[128];
    char message[sizeof verdict->got + sizeof verdict->expected + sizeof cause + 64];
    report_describe_cause(scenario, check, cause, sizeof cause);
    snprintf(message, sizeof message, "%s%s%sgot %s%s%s",
             cause[0] != '\0' ? "(probable consequence of " : "", cause,
             cause[0] != '\0' ? ") " : "", verdict->got,
             verdict->expected[0] != '\0' ? "; expected " : "", verdict->expected);
    char *text = describe(junit, scenario, check);
    start(junit, element);
    attribute(junit, "message", verdict->kind == VERDICT_ERROR ? verdict->got : message);
    attribute(junit, "type", level_name(check->clause->level));
    if (text == NULL)
        junit->failed = true;
    else
        write_text(junit, text);
    end(junit);
    free(text);
}

static void write_skipped(struct junit *junit, const struct check *check)
{
    const struct verdict *verdict = &check->verdict;
    const struct deviation *known = check_deviation(check, junit->result->profile);
    char message[2 * sizeof verdict->got];
    message[0] = '\0';
    if (verdict->kind == VERDICT_KNOWN && check->excuse.text != NULL)
        report_append(message, sizeof message, "known: %s", check->excuse.text);
    else if (verdict->kind == VERDICT_KNOWN && known != NULL)
        report_append(message, sizeof message, "known: %s (%s)", known->what, known->source);
    else
        report_append(message, sizeof message, "%s%s",
                      verdict->kind == VERDICT_KNOWN ? "known: " : "",
                      verdict->got[0] != '\0' ? verdict->got : "no reason was given");
    if (verdict->blocked_by != NULL)
        report_append(message, sizeof message, " (blocked by %s)",
                      strcmp(verdict->blocked_by, BLOCKED_BY_ANY) == 0 ? "another clause's failure"
                                                                       : verdict->blocked_by);
    start(junit, "skipped");
    attribute(junit, "message", message);
    end(junit);
}

static void write_said(struct junit *junit, const struct scenario_result *scenario,
                       const struct check *check)
{
    char *text = check->verdict.kind == VERDICT_NOTE ? strdup(check->verdict.got)
                                                     : describe(junit, scenario, check);
    start(junit, "system-out");
    if (text == NULL)
        junit->failed = true;
    else
        write_text(junit, text);
    end(junit);
    free(text);
}

static void write_verdict(struct junit *junit, const struct scenario_result *scenario,
                          const struct check *check)
{
    if (!check->judged) {
        start(junit, "error");
        attribute(junit, "message", "planned, but never judged");
        attribute(junit, "type", "not-judged");
        end(junit);
        return;
    }
    switch (check->verdict.kind) {
    case VERDICT_PASS:
        if (check->verdict.left_out[0] != '\0')
            write_said(junit, scenario, check);
        return;
    case VERDICT_FAIL:
        write_problem(junit, scenario, check, "failure");
        return;
    case VERDICT_SKIP:
    case VERDICT_KNOWN:
        write_skipped(junit, check);
        return;
    case VERDICT_WARN:
    case VERDICT_NOTE:
        write_said(junit, scenario, check);
        return;
    case VERDICT_ERROR:
        break;
    }
    write_problem(junit, scenario, check, "error");
}

static void write_check(struct junit *junit, const struct scenario_result *scenario,
                        const struct check *check)
{
    char name[64];
    char class_name[512];
    const struct clause *clause = check->clause;
    // Not the group's own name: a result of another version may have clauses without a group here.
    size_t group = strcspn(clause->id, "-");
    snprintf(name, sizeof name, "%s (%s)", clause->id, check_charset_name(check->charset));
    snprintf(class_name, sizeof class_name, "%s.%.*s",
             scenario->name != NULL ? scenario->name : "(without a name)",
             group > INT_MAX ? INT_MAX : (int)group, clause->id);
    start(junit, "testcase");
    attribute(junit, "name", name);
    attribute(junit, "classname", class_name);
    attribute(junit, "time", "0"); // several checks share a call, so only the suite has a time
    write_verdict(junit, scenario, check);
    end(junit);
}

// ---- Suites ----

struct counts {
    size_t tests;
    size_t failures;
    size_t errors;
    size_t skipped;
};

static struct counts count(const struct tally *tally)
{
    return (struct counts){.tests = tally->planned,
                           .failures = tally->of[VERDICT_FAIL],
                           .errors = tally->of[VERDICT_ERROR] + tally->planned - tally_done(tally),
                           .skipped = tally->of[VERDICT_SKIP] + tally->of[VERDICT_KNOWN]};
}

static void write_counts(struct junit *junit, const struct counts *counts, bool with_skipped)
{
    attribute_number(junit, "tests", counts->tests);
    attribute_number(junit, "failures", counts->failures);
    attribute_number(junit, "errors", counts->errors);
    if (with_skipped)
        attribute_number(junit, "skipped", counts->skipped);
}

static void write_properties(struct junit *junit, const struct scenario_result *scenario)
{
    const struct result *result = junit->result;
    start(junit, "properties");
    property(junit, "kit", "iscsidsc-tck " TCK_VERSION);
    property(junit, "implementation", result->implementation);
    property(junit, "profile", result->profile);
    property(junit, "effort", result->effort);
    property(junit, "strict", result->strict ? "true" : "false");
    property(junit, "host", result->hello.platform);
    property(junit, "tgtd", result->tgtd_version);
    if (result->isolation.mode != NULL)
        property(junit, "isolation", result->isolation.mode);
    if (scenario != NULL) {
        property(junit, "summary", scenario->summary);
        property(junit, "digest", scenario->digest);
    }
    end(junit);
}

static void write_suite(struct junit *junit, const struct scenario_result *scenario)
{
    struct tally tally = result_tally(junit->result, scenario);
    struct counts counts = count(&tally);
    start(junit, "testsuite");
    attribute(junit, "name", scenario->name != NULL ? scenario->name : "(without a name)");
    write_counts(junit, &counts, true);
    attribute_seconds(junit, "time", scenario->bring_up_ns + scenario->probes_ns);
    write_properties(junit, scenario);
    for (size_t i = 0; i < scenario->check_count; i++)
        write_check(junit, scenario, &scenario->checks[i]);
    end(junit);
}

// Adds a test suite for the run itself, whose only test case says why the run can't be trusted.
static void write_doubts(struct junit *junit)
{
    char doubts[8192];
    report_describe_doubts(junit->result, doubts, sizeof doubts);
    start(junit, "testsuite");
    attribute(junit, "name", "the run");
    write_counts(junit, &(struct counts){.tests = 1, .errors = 1}, true);
    attribute_seconds(junit, "time", junit->result->duration_ns);
    write_properties(junit, NULL);
    start(junit, "testcase");
    attribute(junit, "name", "complete");
    attribute(junit, "classname", "the run");
    attribute(junit, "time", "0");
    start(junit, "error");
    attribute(junit, "message", "the run can't be trusted");
    attribute(junit, "type", report_verdict_name(junit->result));
    write_text(junit, doubts);
    end(junit);
    end(junit);
    end(junit);
}

static void write_suites(struct junit *junit)
{
    const struct result *result = junit->result;
    struct tally tally = result_tally(result, NULL);
    struct counts counts = count(&tally);
    // A run can be complete and still have status 3: a `must` could not be judged.
    bool complete = result_complete(result) && result_exit_status(result) != STATUS_UNTRUSTED;
    counts.tests += complete ? 0 : 1;
    counts.errors += complete ? 0 : 1;
    start(junit, "testsuites");
    attribute(junit, "name", "iscsidsc-tck");
    write_counts(junit, &counts, false); // Jenkins' schema has no count of skips here
    attribute_seconds(junit, "time", result->duration_ns);
    for (size_t i = 0; i < result->scenario_count; i++)
        write_suite(junit, &result->scenarios[i]);
    if (!complete)
        write_doubts(junit);
    end(junit);
}

static int write_junit(FILE *stream, const struct result *result)
{
    xmlBufferPtr buffer = xmlBufferCreate();
    xmlTextWriterPtr writer = buffer == NULL ? NULL : xmlNewTextWriterMemory(buffer, 0);
    struct junit junit = {.writer = writer, .result = result, .failed = writer == NULL};
    if (writer != NULL) {
        xmlTextWriterSetIndent(writer, 1);
        if (xmlTextWriterStartDocument(writer, "1.0", "UTF-8", NULL) < 0)
            junit.failed = true;
        write_suites(&junit);
        if (xmlTextWriterEndDocument(writer) < 0)
            junit.failed = true;
        xmlFreeTextWriter(writer);
    }
    if (!junit.failed)
        fwrite(xmlBufferContent(buffer), 1, (size_t)xmlBufferLength(buffer), stream);
    xmlBufferFree(buffer);
    return junit.failed ? -1 : 0;
}

int report_junit_write(const struct result *result, const char *path, struct failure *failure)
{
    return report_write(path, write_junit, result, failure);
}
