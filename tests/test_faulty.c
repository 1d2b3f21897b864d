// SPDX-License-Identifier: Apache-2.0
// The proof that the judge is not blind: every faulty implementation of conformance/faulty is run,
// and its own clause has to catch it. Prints which other clauses each one trips: what is read out
// of a damaged list varies with ports and addresses, so that is on no page.
//
//     test_faulty --first                          runs the first of each clause only
//     test_faulty NAME...                          runs these only, and judges them by all clauses
//     test_faulty --write docs/faults.md NAME...   the same, and then makes the page
//     test_faulty --write docs/faults.md           makes the page and runs nothing
//     test_faulty --offline [--first | NAME...]    runs them with recorded sessions
//     test_faulty --dlls FOLDER [--first | NAME...] runs the DLLs in that folder, by Wine
//     test_faulty --dlls-32 FOLDER ...             the same, of 32 bits
//     test_faulty --i386 FOLDER ...                runs the libraries of 32-bit Linux in that
//     folder test_faulty --plan                           prints how each is run;
//     tests/windows/matrix.py
#include "conformance/clauses/groups.h"
#include "conformance/judge/clause.h"
#include "tests/fault_table.h"
#include "tests/kit.h"
#include "tests/main.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    SIDE_BY_SIDE = 4, // kits at once: they wait a lot
};

#define DOCUMENT TCK_SOURCE_DIR "/docs/faults.md"

// What came of a fault. One whose clause this kit does not have, or that has none, is not run.
struct fault_run {
    bool wanted; // by its name on the command line
    bool made;
    int status;
    char *said;
    json_t *result;
    unsigned chances;  // that it had before
    int strict_status; // of its own clause alone, under --strict; -1 where that is a must anyway
};

static struct fault_run runs[FAULT_COUNT];

// The file to write the page to; NULL where it is compared with docs/faults.md.
static const char *page_wanted;

// What is run: by default the libraries of this system.
static struct {
    const char *option;
    const char *format; // of a file's name
    bool is_windows;
    bool is_64_bit;
} const platforms[] = {{"", "", false, true},
                       {"--dlls", "%s/faulty-%s.dll", true, true},
                       {"--dlls-32", "%s/faulty-%s.dll", true, false},
                       {"--i386", "%s/libfaulty-%s.so", false, false}};
enum { PLATFORMS = sizeof platforms / sizeof *platforms };
static size_t platform;          // which of them
static const char *other_folder; // where the libraries of another one are

static bool offline;      // with recorded sessions
static bool some_wanted;  // only those that are named are run, by all clauses
static bool first_wanted; // only the first of each clause

// ---- Running them

// The groups of which no call takes long. Each of their faults is tried by all of them; those of
// other groups by their own group alone, unless they are named on the command line.
static const char *const brief_groups[] = {"STATUS",  "SIZE",    "COUNT", "BOUNDS", "LAYOUT",
                                           "CONTENT", "CHARSET", "EMPTY", "EXPORT"};

enum { BRIEF_COUNT = sizeof brief_groups / sizeof brief_groups[0], ARGUMENTS_MAX = 40 };

// Adds the clauses to judge behind the first `count` arguments.
static void add_clauses(const char *arguments[ARGUMENTS_MAX], size_t count, size_t fault)
{
    const char *own = clause_group_of(clause_find(faults[fault].clause))->name;
    bool brief = false;
    // Of clauses of another function none is judged that isn't named.
    if (some_wanted && !clause_group_of(clause_find(faults[fault].clause))->by_name)
        return;
    for (size_t i = 0; i < BRIEF_COUNT; i++)
        brief = brief || strcmp(own, brief_groups[i]) == 0;
    for (size_t i = 0; i < (brief ? BRIEF_COUNT : 1); i++) {
        arguments[count++] = "-c";
        arguments[count++] = brief ? brief_groups[i] : own;
    }
    ck_assert_uint_lt(count, ARGUMENTS_MAX); // a NULL is last
}

// Is the run's exit status another under --strict? Then its calls are recorded, to be judged so.
static bool is_should(size_t fault)
{
    return clause_find(faults[fault].clause)->level == LEVEL_SHOULD;
}

static char *calls_of(const struct place *place, size_t fault)
{
    char name[128];
    snprintf(name, sizeof name, "%s.calls", faults[fault].name);
    return place_path(place, name);
}

static char *path_of(const char *name)
{
    char *path = NULL;
    if (platform == 0)
        return kit_faulty(name);
    // NOLINTNEXTLINE(clang-diagnostic-format-nonliteral): one of the table's
    ck_assert_int_gt(asprintf(&path, platforms[platform].format, other_folder, name), 0);
    return path;
}

static void start_run(struct kit *kit, const struct place *place, size_t fault)
{
    char *library = path_of(faults[fault].name);
    char *json = place_path(place, faults[fault].name);
    char *calls = calls_of(place, fault);
    const char *const *scenarios = fault_scenarios(&faults[fault]);
    const char *arguments[ARGUMENTS_MAX] = {"run",        "-i",        library,      "-s",
                                            scenarios[0], "-s",        scenarios[1], "--json",
                                            json,         "--timeout", "3"};
    size_t count = 11;
    // Under another code page '?' is what some names are in A.
    if (platforms[platform].is_windows) {
        arguments[count++] = "--code-page";
        arguments[count++] = "utf-8";
    }
    if (offline)
        arguments[count++] = "--offline";
    if (is_should(fault)) {
        arguments[count++] = "--transcript";
        arguments[count++] = calls;
    }
    add_clauses(arguments, count, fault);
    kit_start(kit, place, arguments);
    free(library);
    free(json);
    free(calls);
}

// The transcript of a scenario, which is named or a path.
static char *transcript_of(const char *calls, const char *scenario)
{
    const char *slash = strrchr(scenario, '/');
    const char *name = slash == NULL ? scenario : slash + 1;
    char *path = NULL;
    ck_assert_int_gt(asprintf(&path, "%s/%.*s.jsonl", calls, (int)strcspn(name, "."), name), 0);
    return path;
}

// The exit status where the same calls are judged by the fault's clause alone, under --strict.
static int judge_strictly(const struct place *place, size_t fault)
{
    struct kit kit;
    const char *const *scenarios = fault_scenarios(&faults[fault]);
    char *calls = calls_of(place, fault);
    char *first = transcript_of(calls, scenarios[0]);
    char *second = transcript_of(calls, scenarios[1]);
    kit_run(&kit, place, "judge", "--strict", "-c", faults[fault].clause, first, second, NULL);
    int status = kit.status;
    kit_free(&kit);
    remove(first);
    remove(second);
    free(second);
    free(first);
    free(calls);
    return status;
}

static void end_run(struct kit *kit, const struct place *place, size_t fault)
{
    struct fault_run *run = &runs[fault];
    char *json = place_path(place, faults[fault].name);
    kit_wait(kit);
    run->made = true;
    run->status = kit->status;
    run->said = strdup(kit->said);
    ck_assert_ptr_nonnull(run->said);
    if (kit->status < 2)
        run->result = kit_load_json(json);
    run->strict_status = is_should(fault) && kit->status < 2 ? judge_strictly(place, fault) : -1;
    free(json);
    kit_free(kit);
}

static bool is_judged(const struct clause *clause)
{
    return !offline || (clause->wants & LACKS_CHANGES) == 0;
}

// Why the fault can't be there, or can't be seen, on this platform; NULL: it can.
static const char *why_absent(size_t fault)
{
    for (size_t i = 0; !platforms[platform].is_64_bit && i < FAULT_ABSENCES; i++)
        if (strcmp(fault_absences[i].name, faults[fault].name) == 0 &&
            (platforms[platform].is_windows || !fault_absences[i].windows_only))
            return fault_absences[i].reason;
    return NULL;
}

static bool is_run(size_t fault)
{
    bool first = true;
    if (faults[fault].system[0] != '\0' &&
        strcmp(faults[fault].system, platforms[platform].is_windows ? "Windows" : "Unix") != 0)
        return false;
    if (why_absent(fault) != NULL)
        return false;
    for (size_t i = 0; i < fault && first_wanted; i++)
        first = first && strcmp(faults[i].clause, faults[fault].clause) != 0;
    return first && clause_find(faults[fault].clause) != NULL &&
           is_judged(clause_find(faults[fault].clause)) && (!some_wanted || runs[fault].wanted);
}

static bool is_caught(size_t fault);

// A race is not met each time where four kits run at once: whether two threads meet is no promise
// of the kit's. It gets further chances.
static bool gets_another_chance(size_t fault)
{
    enum { CHANCES = 3 };
    struct fault_run *run = &runs[fault];
    if (strncmp(faults[fault].clause, "THREADS", 7) != 0 || is_caught(fault) ||
        ++run->chances >= CHANCES)
        return false;
    free(run->said);
    json_decref(run->result);
    run->said = NULL;
    run->result = NULL;
    return true;
}

static void run_all(void)
{
    struct place place;
    struct kit kits[SIDE_BY_SIDE];
    size_t fault_of[SIDE_BY_SIDE];
    size_t running = 0;
    size_t next = 0;
    place_open(&place);
    while (next < FAULT_COUNT || running > 0) {
        for (; next < FAULT_COUNT && running < SIDE_BY_SIDE; next++) {
            if (!is_run(next))
                continue;
            start_run(&kits[running], &place, next);
            fault_of[running++] = next;
        }
        if (running == 0)
            break;
        size_t ended = kit_await_one(kits, running);
        end_run(&kits[ended], &place, fault_of[ended]);
        if (gets_another_chance(fault_of[ended])) {
            start_run(&kits[ended], &place, fault_of[ended]);
            continue;
        }
        running--;
        kits[ended] = kits[running];
        fault_of[ended] = fault_of[running];
    }
    place_close(&place);
}

// ---- What was tripped

enum { IN_A = 1, IN_W = 2, IN_BOTH = IN_A | IN_W, FAILED = 4, WARNED = 8, IN_EX = 16 };

static unsigned charset_bits(const char *charset)
{
    if (strcasecmp(charset, "Ex") == 0)
        return IN_EX;
    return (strchr(charset, 'A') != NULL ? IN_A : 0U) | (strchr(charset, 'W') != NULL ? IN_W : 0U);
}

// In which charsets a clause failed or warned, and which of the two.
static unsigned tripped(const struct fault_run *run, const char *clause)
{
    unsigned bits = 0;
    size_t i = 0;
    size_t j = 0;
    json_t *scenario = NULL;
    json_t *check = NULL;
    json_array_foreach(json_object_get(run->result, "scenarios"), i, scenario)
    {
        json_array_foreach(json_object_get(scenario, "checks"), j, check)
        {
            const char *verdict = json_string_value(json_object_get(check, "verdict"));
            const char *id = json_string_value(json_object_get(check, "clause"));
            bool failed = strcmp(verdict, "fail") == 0;
            if (strcmp(id, clause) == 0 && (failed || strcmp(verdict, "warn") == 0))
                bits |= charset_bits(json_string_value(json_object_get(check, "charset"))) |
                        (failed ? FAILED : WARNED);
        }
    }
    return bits;
}

// In which charsets a fault's clause has to catch it, as far as it is judged there.
static unsigned expected_bits(const struct fault *fault, const struct clause *clause)
{
    unsigned bits = charset_bits(fault->charsets);
    if (clause->charsets == JUDGED_TOGETHER)
        return IN_BOTH;
    return clause->charsets == JUDGED_WIDE ? bits & IN_W : bits;
}

static bool is_caught(size_t fault)
{
    const struct clause *clause = clause_find(faults[fault].clause);
    unsigned wanted = expected_bits(&faults[fault], clause);
    return (tripped(&runs[fault], faults[fault].clause) & wanted) == wanted;
}

typedef void clause_visitor(const struct clause *clause, void *argument);

static void for_each_clause(clause_visitor *visit, void *argument)
{
    for (size_t i = 0; clause_groups[i] != NULL; i++)
        for (size_t j = 0; j < clause_groups[i]->count; j++)
            visit(&clause_groups[i]->clauses[j], argument);
}

// ---- The page

struct writing {
    FILE *stream;
    size_t fault;
    size_t count;
};

static void write_tripped(const struct clause *clause, void *argument)
{
    struct writing *writing = argument;
    unsigned bits = tripped(&runs[writing->fault], clause->id);
    if (bits == 0 || strcmp(clause->id, faults[writing->fault].clause) == 0)
        return;
    const char *only = "";
    if (clause->charsets == JUDGED_EACH && (bits & IN_BOTH) != IN_BOTH)
        only = (bits & IN_A) != 0 ? " (A)" : " (W)";
    fprintf(writing->stream, "%s%s%s", writing->count++ == 0 ? "" : ", ", clause->id, only);
}

static void write_proofs(const struct clause *clause, void *argument)
{
    struct writing *writing = argument;
    size_t count = 0;
    fprintf(writing->stream, "| %s | %s | ", clause->id, level_name(clause->level));
    for (size_t i = 0; i < FAULT_COUNT; i++)
        if (strcmp(faults[i].clause, clause->id) == 0)
            fprintf(writing->stream, "%s`%s`", count++ == 0 ? "" : ", ", faults[i].name);
    if (count == 0)
        fputs(clause->level == LEVEL_NOTE ? "never judged" : "none", writing->stream);
    fputs(" |\n", writing->stream);
}

static const char opening[] =
    "# Faulty implementations\n"
    "\n"
    "Each is a library of its own, `lib/libfaulty-NAME.so` in a build folder, and wrong in one\n"
    "way; the code is in `conformance/faulty/`. They prove that each clause can fail: the test\n"
    "`faulty` runs them all, in the scenarios `mixed` and `empty` (in `connections-1-2-4-8` and\n"
    "`events-connections` what is wrong only with several connections, in `events-given-up` what\n"
    "is remembered of sessions that come back, in `tests/upper-case.yaml` what is wrong with the\n"
    "case of names, in `mixed` and `luns` what is wrong with targets, devices and the like), and "
    "fails when "
    "one is not caught by its own clause.\n"
    "\n"
    "One mistake often breaks other clauses, too. To see which:\n"
    "\n"
    "    build/default/tests/test_faulty NAME...\n"
    "\n"
    "This page is made from the tables of faulty implementations and of clauses:\n"
    "\n"
    "    build/default/tests/test_faulty --write docs/faults.md\n"
    "\n";

static char *make_page(void)
{
    char *page = NULL;
    size_t size = 0;
    struct writing writing = {.stream = open_memstream(&page, &size)};
    ck_assert_ptr_nonnull(writing.stream);
    fputs(opening, writing.stream);
    fputs("| name | what is wrong | in | its clause |\n|---|---|---|---|\n", writing.stream);
    for (size_t i = 0; i < FAULT_COUNT; i++) {
        const struct fault *fault = &faults[i];
        if (clause_find(fault->clause) == NULL)
            continue;
        fprintf(writing.stream, "| `%s` | %s | %s | %s |\n", fault->name, fault->sentence,
                strcmp(fault->charsets, "AW") == 0 ? "A, W" : fault->charsets, fault->clause);
    }
    fputs("\n## What proves each clause\n\n| clause | level | proved by |\n|---|---|---|\n",
          writing.stream);
    for_each_clause(write_proofs, &writing);
    fputs("\n## On one system only\n\nAll others are built for Linux and for Windows.\n\n"
          "| name | system | why the other has none |\n|---|---|---|\n",
          writing.stream);
    for (size_t i = 0; i < FAULT_COUNT; i++)
        if (faults[i].system[0] != '\0')
            fprintf(writing.stream, "| `%s` | %s | %s |\n", faults[i].name, faults[i].system,
                    faults[i].reason);
    fputs("\n## Not on 32 bits\n\nOn 32 bits these are right, or nothing can show that they are "
          "not.\n\n| name | where | why |\n|---|---|---|\n",
          writing.stream);
    for (size_t i = 0; i < FAULT_ABSENCES; i++)
        fprintf(writing.stream, "| `%s` | %s | %s |\n", fault_absences[i].name,
                fault_absences[i].windows_only ? "Windows" : "Linux, Windows",
                fault_absences[i].reason);
    fputs(
        "\n## What the kit has to survive\n\nNo clause is theirs; a test of its own runs them.\n\n"
        "| name | what it does |\n|---|---|\n",
        writing.stream);
    for (size_t i = 0; i < FAULT_COUNT; i++)
        if (faults[i].clause[0] == '\0')
            fprintf(writing.stream, "| `%s` | %s |\n", faults[i].name, faults[i].sentence);
    ck_assert_int_eq(fclose(writing.stream), 0);
    return page;
}

START_TEST(write_the_page)
{
    char *page = make_page();
    FILE *file = fopen(page_wanted, "w");
    ck_assert_msg(file != NULL, "%s: %s", page_wanted, strerror(errno));
    ck_assert_int_ge(fputs(page, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    free(page);
}
END_TEST

static char *read_page(const char *path)
{
    char *page = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return NULL;
    if (getdelim(&page, &size, '\0', file) < 0) {
        free(page);
        page = NULL;
    }
    fclose(file);
    return page;
}

// ---- The tests

static void print_matrix(void)
{
    size_t made = 0;
    for (size_t i = 0; i < FAULT_COUNT; i++) {
        if (!runs[i].made)
            continue;
        if (made == 0)
            puts("fault: its own clause; what else it trips");
        struct writing writing = {.stream = stdout, .fault = i};
        printf("%s: %s; ", faults[i].name, faults[i].clause);
        for_each_clause(write_tripped, &writing);
        putchar('\n');
        made++;
    }
    if (made > 0)
        printf("%zu faulty implementations were run\n", made);
    for (size_t i = 0; i < FAULT_COUNT; i++)
        if (clause_find(faults[i].clause) == NULL && faults[i].clause[0] != '\0')
            printf("%s: not run, as this kit has no clause %s\n", faults[i].name, faults[i].clause);
        else if (faults[i].system[0] != '\0' && !runs[i].made && made > 0 && !some_wanted)
            printf("%s: %s only: %s\n", faults[i].name, faults[i].system, faults[i].reason);
        else if (why_absent(i) != NULL && made > 0)
            printf("%s: not run: %s\n", faults[i].name, why_absent(i));
    fflush(stdout);
}

START_TEST(is_caught_by_its_clause)
{
    const struct fault *fault = &faults[_i];
    const struct fault_run *run = &runs[_i];
    if (!run->made)
        return;
    const struct clause *clause = clause_find(fault->clause);
    ck_assert_msg(run->status < 2, "%s: exit status %d; it said:\n%s", fault->name, run->status,
                  run->said);
    unsigned bits = tripped(run, fault->clause);
    unsigned wanted = expected_bits(fault, clause);
    ck_assert_msg((bits & wanted) == wanted, "%s: %s did not trip in %s; it said:\n%s", fault->name,
                  fault->clause, fault->charsets, run->said);
    ck_assert_msg((bits & (IN_BOTH | IN_EX) & ~wanted) == 0,
                  "%s: %s tripped in a charset other than %s", fault->name, fault->clause,
                  fault->charsets);
    ck_assert_msg((bits & (clause->level == LEVEL_MUST ? FAILED : WARNED)) != 0,
                  "%s: the verdict is not that of a %s", fault->name, level_name(clause->level));

    json_t *tally = json_object_get(run->result, "tally");
    bool broken = json_integer_value(json_object_get(tally, "fail")) > 0;
    ck_assert_msg(run->status == (broken ? 1 : 0), "%s: exit status %d", fault->name, run->status);
    ck_assert_int_eq(json_integer_value(json_object_get(run->result, "exit_status")), run->status);

    char block[64];
    // A block of its own, or a line under its cause.
    snprintf(block, sizeof block, "%s  %s  ", clause->level == LEVEL_MUST ? "FAIL" : "warn",
             clause->id);
    ck_assert_msg(strstr(run->said, block) != NULL, "%s: no block names %s:\n%s", fault->name,
                  clause->id, run->said);
    ck_assert_msg(clause->level == LEVEL_MUST || run->strict_status == 1,
                  "%s: exit status %d under --strict", fault->name, run->strict_status);
}
END_TEST

static void expect_proof(const struct clause *clause, void *argument)
{
    (void)argument;
    bool proved = clause->level == LEVEL_NOTE || !is_judged(clause);
    for (size_t i = 0; i < FAULT_COUNT && !proved; i++)
        proved = runs[i].made && tripped(&runs[i], clause->id) != 0;
    ck_assert_msg(proved, "%s: no faulty implementation trips it", clause->id);
}

START_TEST(every_clause_can_fail)
{
    for_each_clause(expect_proof, NULL);
}
END_TEST

START_TEST(the_page_is_up_to_date)
{
    char *made = make_page();
    char *shipped = read_page(DOCUMENT);
    ck_assert_msg(shipped != NULL, "%s: %s", DOCUMENT, strerror(errno));
    const char *one = made;
    const char *other = shipped;
    for (size_t line = 1; *one != '\0' || *other != '\0'; line++) {
        size_t length = strcspn(one, "\n");
        size_t other_length = strcspn(other, "\n");
        ck_assert_msg(length == other_length && strncmp(one, other, length) == 0,
                      "%s:%zu: has \"%.*s\", where the tables give \"%.*s\"; make it anew with "
                      "test_faulty --write %s",
                      DOCUMENT, line, (int)other_length, other, (int)length, one, DOCUMENT);
        one += strcspn(one, "\n");
        one += *one != '\0';
        other += strcspn(other, "\n");
        other += *other != '\0';
    }
    free(made);
    free(shipped);
}
END_TEST

static TCase *make_runs(void)
{
    TCase *tests = tcase_create("faulty");
    tcase_add_unchecked_fixture(tests, run_all, NULL);
    tcase_set_timeout(tests, 120);
    for (int i = 0; i < FAULT_COUNT; i++)
        if (!some_wanted || runs[i].wanted)
            tcase_add_loop_test(tests, is_caught_by_its_clause, i, i + 1);
    if (!some_wanted)
        tcase_add_test(tests, every_clause_can_fail);
    return tests;
}

Suite *test_suite(void)
{
    Suite *suite = suite_create("faulty");
    if (page_wanted == NULL || some_wanted)
        suite_add_tcase(suite, make_runs());
    TCase *page = tcase_create("page");
    if (page_wanted != NULL)
        tcase_add_test(page, write_the_page);
    else
        tcase_add_test(page, the_page_is_up_to_date);
    suite_add_tcase(suite, page);
    return suite;
}

static bool want(const char *name)
{
    for (size_t i = 0; i < FAULT_COUNT; i++)
        if (strcmp(faults[i].name, name) == 0 && clause_find(faults[i].clause) != NULL)
            return runs[i].wanted = true;
    fprintf(stderr, "test_faulty: %s: no line of conformance/faulty/faults.def with a clause\n",
            name);
    return false;
}

// For each: its name, the only system that has it or nothing, and what stands on the command line
// of the kit besides its library; with a tabulator in between.
static void print_plan(void)
{
    for (size_t i = 0; i < FAULT_COUNT; i++) {
        const char *arguments[ARGUMENTS_MAX] = {NULL};
        if (clause_find(faults[i].clause) == NULL)
            continue;
        const char *const *scenarios = fault_scenarios(&faults[i]);
        printf("%s\t%s\t-s\t%s\t-s\t%s", faults[i].name, faults[i].system, scenarios[0],
               scenarios[1]);
        add_clauses(arguments, 0, i);
        for (size_t j = 0; arguments[j] != NULL; j++)
            printf("\t%s", arguments[j]);
        putchar('\n');
    }
}

// Can the kit run the libraries of this platform here? Says so where not.
static bool runs_here(void)
{
    char *command = NULL;
    char *name = NULL;
    // NOLINTNEXTLINE(clang-diagnostic-format-nonliteral): one of the table's
    if (asprintf(&name, platforms[platform].format, other_folder, "success_is_true") < 0 ||
        asprintf(&command, TCK_PROGRAM " run -i '%s' -s single -c EXPORT-1 --quiet 2>&1", name) < 0)
        abort();
    bool can = system(command) == 0; // NOLINT(cert-env33-c): the folder is the caller's
    if (!can)
        printf("skipped: %s can't be run here\n", name);
    free(command);
    free(name);
    return can;
}

int test_set_up(int argc, char **argv)
{
    enum { SKIPPED = 77 };
    int next = 1;
    if (argc == 2 && strcmp(argv[1], "--plan") == 0) {
        print_plan();
        exit(0);
    }
    if (argc > 2 && strcmp(argv[1], "--write") == 0) {
        page_wanted = argv[2];
        next = 3;
    }
    for (size_t i = 1; argc > 2 && i < PLATFORMS; i++)
        if (strcmp(argv[1], platforms[i].option) == 0) {
            platform = i;
            other_folder = argv[2];
            next = 3;
        }
    if (platform != 0 && !runs_here())
        return SKIPPED;
    if (argc > 1 && strcmp(argv[1], "--offline") == 0) {
        offline = true;
        next = 2;
    }
    first_wanted = argc == next + 1 && strcmp(argv[next], "--first") == 0;
    next += first_wanted;
    some_wanted = next < argc;
    for (; next < argc; next++)
        if (!want(argv[next]))
            return 2;
    return 0;
}

void test_clean_up(void)
{
    print_matrix();
    for (size_t i = 0; i < FAULT_COUNT; i++) {
        free(runs[i].said);
        json_decref(runs[i].result);
    }
}
