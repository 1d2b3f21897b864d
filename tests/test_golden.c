// SPDX-License-Identifier: Apache-2.0
// The judges on recorded transcripts: for each clause one with which it holds and one with which it
// does not (tests/transcripts, recorded by tests/record-transcripts). Each is judged by all
// clauses, and the verdicts have to be those in tests/transcripts/verdicts. There stand the
// clause's own, and of others all that are no pass; `test_golden --write` makes that table anew.
#include "conformance/clauses/groups.h"
#include "harness/run/judgement.h"
#include "harness/run/run.h"
#include "tests/main.h"
#include "tests/recorded.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERDICTS RECORDED_FOLDER "/verdicts"
#define SUFFIX RECORDED_SUFFIX

enum { LINE_MAX_LENGTH = 128 };

// The names of the transcripts, "SIZE-1.pass", in alphabetical order.
static struct dirent **files;
static int file_count;
static bool writing;

static int is_transcript(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > strlen(SUFFIX) && strcmp(entry->d_name + length - strlen(SUFFIX), SUFFIX) == 0;
}

int test_set_up(int argc, char **argv)
{
    writing = argc == 2 && strcmp(argv[1], "--write") == 0;
    file_count = scandir(RECORDED_FOLDER, &files, is_transcript, alphasort);
    if (file_count > 0)
        return 0;
    fprintf(stderr, "%s: no transcripts; tests/record-transcripts makes them\n", RECORDED_FOLDER);
    return 1;
}

// ---- The table

// All clauses; the array is the caller's.
static const struct clause **all_clauses(size_t *count)
{
    *count = 0;
    for (size_t i = 0; clause_groups[i] != NULL; i++)
        *count += clause_groups[i]->count;
    const struct clause **clauses = calloc(*count + 1, sizeof(struct clause *));
    ck_assert_ptr_nonnull(clauses);
    size_t next = 0;
    for (size_t i = 0; clause_groups[i] != NULL; i++)
        for (size_t j = 0; j < clause_groups[i]->count; j++)
            clauses[next++] = &clause_groups[i]->clauses[j];
    return clauses;
}

// Is the transcript recorded for that clause?
static bool is_own(const char *file, const struct clause *clause)
{
    size_t length = strlen(clause->id);
    return strncmp(file, clause->id, length) == 0 && file[length] == '.';
}

static void write_verdicts(FILE *stream, const char *file, const struct scenario_result *scenario)
{
    for (size_t i = 0; i < scenario->check_count; i++) {
        const struct check *check = &scenario->checks[i];
        enum verdict_kind kind = check->verdict.kind;
        char name[LINE_MAX_LENGTH];
        if ((kind == VERDICT_PASS || kind == VERDICT_NOTE) && !is_own(file, check->clause))
            continue;
        judgement_name(check, name, sizeof name);
        const char *cause = check->verdict.consequence_of;
        fprintf(stream, "%.*s %s %s%s%s\n", (int)(strlen(file) - strlen(SUFFIX)), file, name,
                verdict_kind_name(kind), cause == NULL ? "" : " by ", cause == NULL ? "" : cause);
    }
}

// The lines of one transcript: "SIZE-1.pass SIZE-1-A pass". Malloc'ed.
static char *judge_file(const char *file)
{
    char *lines = NULL;
    size_t size = 0;
    size_t count = 0;
    const struct judge_options options = {.profile = "documented"};
    struct result result = {0};
    const struct transcript *transcript = recorded_transcript(file);
    const struct clause **clauses = all_clauses(&count);
    FILE *stream = open_memstream(&lines, &size);
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_eq(run_judge(transcript, clauses, count, &options, &result), 0);
    ck_assert_uint_eq(result.scenario_count, 1);
    write_verdicts(stream, file, &result.scenarios[0]);
    ck_assert_int_eq(fclose(stream), 0);
    result_free(&result);
    free(clauses);
    return lines;
}

// The part of the table that is a transcript's: its lines stand together.
static char *expected_lines(const char *file)
{
    char prefix[LINE_MAX_LENGTH];
    size_t size = 0;
    char *table = (char *)recorded_read_file(VERDICTS, &size);
    snprintf(prefix, sizeof prefix, "%.*s ", (int)(strlen(file) - strlen(SUFFIX)), file);
    size_t begin = 0;
    while (table[begin] != '\0' && strncmp(table + begin, prefix, strlen(prefix)) != 0)
        begin += strcspn(table + begin, "\n") + 1;
    size_t end = begin;
    while (strncmp(table + end, prefix, strlen(prefix)) == 0)
        end += strcspn(table + end, "\n") + 1;
    char *lines = strndup(table + begin, end - begin);
    ck_assert_ptr_nonnull(lines);
    free(table);
    return lines;
}

START_TEST(every_verdict_is_as_recorded)
{
    const char *file = files[_i]->d_name;
    char *expected = expected_lines(file);
    char *lines = judge_file(file);
    ck_assert_msg(
        strcmp(lines, expected) == 0,
        "%s: the verdicts are\n%swhere the table has\n%s(made anew by test_golden --write)", file,
        lines, expected);
    free(lines);
    free(expected);
}
END_TEST

START_TEST(write_the_table)
{
    FILE *stream = fopen(VERDICTS, "we");
    ck_assert_msg(stream != NULL, "%s: %s", VERDICTS, strerror(errno));
    for (int i = 0; i < file_count; i++) {
        char *lines = judge_file(files[i]->d_name);
        fputs(lines, stream);
        free(lines);
    }
    ck_assert_int_eq(fclose(stream), 0);
}
END_TEST

// ---- Each clause has both

// Whether the table says of a clause's own transcript that it came to one of these verdicts.
static bool comes_to(const struct clause *clause, const char *kind, const char *one,
                     const char *other)
{
    char file[LINE_MAX_LENGTH];
    snprintf(file, sizeof file, "%s.%s" SUFFIX, clause->id, kind);
    char *lines = expected_lines(file);
    bool found = false;
    char *rest = NULL;
    for (char *line = strtok_r(lines, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        const char *check = strchr(line, ' ') + 1;
        char *verdict = strchr(check, ' ') + 1;
        verdict[strcspn(verdict, " ")] = '\0'; // " by SIZE-2"
        size_t length = strlen(clause->id);
        if (strncmp(check, clause->id, length) == 0 && strchr(" -", check[length]) != NULL)
            found = found || strcmp(verdict, one) == 0 || strcmp(verdict, other) == 0;
    }
    free(lines);
    return found;
}

START_TEST(every_clause_holds_and_fails)
{
    size_t count = 0;
    const struct clause **clauses = all_clauses(&count);
    for (size_t i = 0; i < count; i++) {
        const struct clause *clause = clauses[i];
        bool note = clause->level == LEVEL_NOTE;
        ck_assert_msg(comes_to(clause, "pass", "pass", note ? "note" : "pass"),
                      "%s: no transcript with which it holds: tests/record-transcripts %s",
                      clause->id, clause->id);
        ck_assert_msg(note || comes_to(clause, "fail", "fail", "warn"),
                      "%s: no transcript with which it fails: tests/record-transcripts %s",
                      clause->id, clause->id);
    }
    free(clauses);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("golden");
    TCase *tests = tcase_create("golden");
    tcase_set_timeout(tests, 60);
    if (writing) {
        tcase_add_test(tests, write_the_table);
    } else {
        tcase_add_loop_test(tests, every_verdict_is_as_recorded, 0, file_count);
        tcase_add_test(tests, every_clause_holds_and_fails);
    }
    suite_add_tcase(suite, tests);
    return suite;
}

void test_clean_up(void)
{
    for (int i = 0; i < file_count; i++)
        free(files[i]);
    free(files);
    recorded_free();
}
