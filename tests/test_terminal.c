// SPDX-License-Identifier: Apache-2.0
// Tests of what the kit says to people, on a terminal and elsewhere: colour, the progress line,
// --quiet. The kit runs on a terminal made for it.
#include "conformance/base/clock.h"
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static void open_place(void)
{
    place_set_up();
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
}

static void expect_not_said(const struct kit *kit, const char *text)
{
    ck_assert_msg(strstr(kit->said, text) == NULL, "\"%s\" is in what it said:\n%s", text,
                  kit->said);
}

// ---- Colour

#define RED "\033[1;31m"
#define REDRAWN "\033[K"

static const struct {
    const char *color; // --color; NULL: not given
    const char *no_color;
    const char *term;
    bool terminal; // is the output one?
    bool coloured;
    bool redrawn;
} colours[] = {
    {NULL, NULL, "xterm", true, true, true},
    {NULL, "", "xterm", true, true, true}, // set, but to nothing, is not set
    {NULL, "1", "xterm", true, false, true},
    {NULL, NULL, "dumb", true, false, false},
    {NULL, NULL, NULL, true, false, false},
    {NULL, NULL, "xterm", false, false, false},
    {"auto", NULL, "xterm", true, true, true},
    {"auto", "1", "xterm", true, false, true},
    {"auto", NULL, "xterm", false, false, false},
    {"always", NULL, "xterm", true, true, true},
    {"always", "1", "xterm", true, true, true}, // who asks for it gets it
    {"always", NULL, "dumb", false, true, false},
    {"always", NULL, "xterm", false, true, false},
    {"never", NULL, "xterm", true, false, true},
    {"never", NULL, "xterm", false, false, false},
};

static void set(const char *name, const char *value)
{
    if (value == NULL)
        unsetenv(name);
    else
        setenv(name, value, 1);
}

static void expect_either(const struct kit *kit, const char *text, bool wanted)
{
    if (wanted)
        kit_expect_said(kit, text);
    else
        expect_not_said(kit, text);
}

START_TEST(colour_is_as_asked_for)
{
    struct kit kit;
    char *faulty = kit_faulty("one_less_is_enough");
    const char *arguments[] = {
        "run", "-i", faulty, "-s", "single", "-c", "SIZE-3", "--color", colours[_i].color, NULL};
    if (colours[_i].color == NULL)
        arguments[7] = NULL;
    set("NO_COLOR", colours[_i].no_color);
    set("TERM", colours[_i].term);
    if (colours[_i].terminal) {
        kit_run_terminal(&kit, &place, arguments);
    } else {
        kit_start(&kit, &place, arguments);
        kit_wait(&kit);
    }
    kit_expect_status(&kit, 1);
    expect_either(&kit, RED "FAIL", colours[_i].coloured);
    expect_either(&kit, REDRAWN, colours[_i].redrawn);
    expect_either(&kit, "\r[1/1] single: ", colours[_i].redrawn);
    expect_either(&kit, "\033", colours[_i].coloured || colours[_i].redrawn);
    kit_free(&kit);
    free(faulty);
}
END_TEST

START_TEST(other_colours_are_refused)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "-s", "single", "--color=sometimes", NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "--color sometimes: give auto, always or never");
    kit_free(&kit);
}
END_TEST

// ---- The progress line

START_TEST(progress_counts_and_estimates)
{
    struct kit kit;
    // The first scenario has the clause that takes seconds, so that there is an estimate in the
    // others.
    kit_run_terminal(&kit, &place,
                     (const char *const[]){"run", "-s", "single", "-s", "several-targets", "-s",
                                           "sessions-64", NULL});
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "\r[1/3] single: bringing up  0/");
    kit_expect_said(&kit, "\r[2/3] several-targets: ");
    kit_expect_said(&kit, "\r[3/3] sessions-64: ");
    kit_expect_said(&kit, " checks, ");
    kit_expect_said(&kit, " calls");
    kit_expect_said(&kit, " s left" REDRAWN);
    // It is gone where anything else stands, and at the end.
    const char *last = strstr(kit.said, "\r[3/3]");
    ck_assert_ptr_nonnull(last);
    for (const char *next = last; next != NULL; next = strstr(next + 1, "\r["))
        last = next;
    ck_assert_ptr_nonnull(strstr(last, REDRAWN "\r" REDRAWN));
    for (const char *at = strstr(kit.said, "\r["); at != NULL; at = strstr(at + 1, "\r[")) {
        const char *end = strstr(at, REDRAWN);
        const char *line = strchr(at, '\n');
        ck_assert_ptr_nonnull(end);
        ck_assert_msg(line == NULL || line > end, "a progress line was left: %.80s", at + 1);
    }
    kit_free(&kit);
}
END_TEST

// How often the line is drawn, and how often with other calls while the same is done.
struct redraws {
    size_t drawn;
    size_t moved;
};

static struct redraws count_redraws(const char *said)
{
    struct redraws redraws = {0};
    char before[256] = "";
    unsigned long long calls_before = 0;
    for (const char *at = strstr(said, "\r["); at != NULL; at = strstr(at + 1, "\r[")) {
        const char *calls = strstr(at, " checks, ");
        char step[256];
        ck_assert_ptr_nonnull(calls);
        const char *end = strstr(at, "  ");
        snprintf(step, sizeof step, "%.*s", (int)(end - at), at);
        unsigned long long made = strtoull(calls + strlen(" checks, "), NULL, 10);
        redraws.drawn++;
        redraws.moved += strcmp(step, before) == 0 && made > calls_before;
        memcpy(before, step, sizeof before);
        calls_before = made;
    }
    return redraws;
}

// While one set of probes is called, the number of calls goes up, a few times a second; in a run of
// one process and of several.
START_TEST(progress_moves_within_a_step)
{
    static const char *const jobs[] = {"1", "2"};
    struct kit kit;
    uint64_t began = clock_now_ns();
    kit_run_terminal(
        &kit, &place,
        (const char *const[]){"run", "-s", "sessions-64", "-s", "empty", "-j", jobs[_i], NULL});
    double seconds = (double)(clock_now_ns() - began) / 1e9;
    kit_expect_status(&kit, 0);
    struct redraws redraws = count_redraws(kit.said);
    ck_assert_msg(redraws.moved >= 3, "it moved %zu times in %.1f s: %s", redraws.moved, seconds,
                  kit.said);
    ck_assert_msg((double)redraws.drawn <= 4 * seconds + 1, "it was drawn %zu times in %.1f s",
                  redraws.drawn, seconds);
    kit_free(&kit);
}
END_TEST

START_TEST(progress_is_for_terminals)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "-s", "single", "-s", "several-targets", "-c", "SIZE", NULL);
    kit_expect_status(&kit, 0);
    expect_not_said(&kit, "\r");
    expect_not_said(&kit, "\033");
    expect_not_said(&kit, "[1/2]");
    expect_not_said(&kit, "bringing up");
    ck_assert_str_eq(kit.complained, "");
    kit_free(&kit);
}
END_TEST

// ---- A narrow terminal

enum { NARROW = 60 };

// The columns of a line of `length` bytes, and where its last word begins.
static size_t count_columns(const char *line, size_t length, size_t *last_word)
{
    size_t columns = 0;
    *last_word = 0;
    for (size_t i = 0; i < length; i++) {
        if (line[i] == '\033')
            i += strcspn(line + i, "mK");
        else
            columns += ((unsigned char)line[i] & 0xC0) != 0x80;
        if (line[i] == ' ' && i + 1 < length && line[i + 1] != '\\')
            *last_word = columns;
    }
    return columns;
}

// Fails where a line is wider than the terminal, but for one word that is so long behind its label.
static void expect_narrow(const char *said)
{
    for (const char *at = said; *at != '\0';) {
        size_t length = strcspn(at, "\r\n");
        size_t last_word = 0;
        size_t columns = count_columns(at, length, &last_word);
        ck_assert_msg(columns <= NARROW || last_word <= 24, "%zu columns: %.*s", columns,
                      (int)length, at);
        at += length + strspn(at + length, "\r\n");
    }
}

// The words, with one blank between them; without the backslashes of commands that go on.
static char *words_of(const char *said)
{
    char *words = calloc(1, strlen(said) + 1);
    size_t used = 0;
    for (const char *at = said; *at != '\0'; at++) {
        bool goes_on = at[0] == '\\' && (at[1] == '\r' || at[1] == '\n');
        if (!goes_on && strchr(" \r\n", *at) == NULL)
            words[used++] = *at;
        else if (used > 0 && words[used - 1] != ' ')
            words[used++] = ' ';
    }
    return words;
}

// Fails unless the command says the same words on the terminal as to a file, none of them broken.
static void expect_same_words(const char *const *arguments)
{
    struct kit narrow;
    struct kit wide;
    kit_run_columns(&narrow, &place, NARROW, arguments);
    kit_start(&wide, &place, arguments);
    kit_wait(&wide);
    expect_narrow(narrow.said);
    char *words = words_of(narrow.said);
    char *expected = words_of(wide.said);
    ck_assert_str_eq(words, expected);
    ck_assert_uint_gt(strlen(words), 50);
    ck_assert_int_eq(narrow.status, wide.status);
    free(words);
    free(expected);
    kit_free(&narrow);
    kit_free(&wide);
}

START_TEST(a_command_fits_a_narrow_terminal)
{
    static const char *const commands[][9] = {
        {"--help"},
        {"run", "--help"},
        {"fuzz", "--help"},
        {"emulate", "--help"},
        {"list", "clauses"},
        {"list", "scenarios"},
        {"explain", "SIZE", "THREADS-1"},
        {"run", "--dry-run", "-s", "single", "-c", "SIZE", "--color=never"},
        {"emulate", "--check", "events-sessions"},
    };
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        expect_same_words(commands[i]);
}
END_TEST

START_TEST(reports_fit_a_narrow_terminal)
{
    struct kit kit;
    char *faulty = kit_faulty("one_less_is_enough");
    char *recorded = place_path(&place, "recorded");
    char *transcript = place_path(&place, "recorded/single.jsonl");
    char *one = place_path(&place, "one.json");
    char *other = place_path(&place, "other.json");
    kit_run_columns(&kit, &place, NARROW,
                    (const char *const[]){"run", "-i", faulty, "-s", "single", "-s", "empty",
                                          "--effort=quick", "--color=never", "--transcript",
                                          recorded, "--json", one, NULL});
    kit_expect_status(&kit, 1);
    expect_narrow(kit.said);
    kit_free(&kit);
    kit_run(&kit, &place, "run", "-s", "single", "--effort=quick", "--json", other, NULL);
    kit_free(&kit);
    expect_same_words((const char *const[]){"diff", "--color=never", one, other, NULL});
    kit_run_columns(&kit, &place, NARROW,
                    (const char *const[]){"judge", "--color=never", transcript, NULL});
    kit_expect_status(&kit, 1);
    expect_narrow(kit.said);
    kit_expect_said(&kit, "\r\n  repeat    iscsidsc-tck run -i \\\r\n              /");
    kit_expect_said(&kit, "so \\\r\n              -s single -c SIZE-3\r\n");
    kit_free(&kit);
    free(faulty);
    free(recorded);
    free(transcript);
    free(one);
    free(other);
}
END_TEST

// What is for programs has its lines as they are.
START_TEST(json_is_not_wrapped)
{
    struct kit narrow;
    struct kit wide;
    const char *const arguments[] = {"list", "clauses", "--json", NULL};
    kit_run_columns(&narrow, &place, NARROW, arguments);
    kit_start(&wide, &place, arguments);
    kit_wait(&wide);
    const char *at = narrow.said;
    for (const char *expected = wide.said; *expected != '\0'; expected++, at++) {
        at += at[0] == '\r';
        ck_assert_msg(*at == *expected, "\"%.40s\", not \"%.40s\"", at, expected);
    }
    ck_assert_str_eq(at, "");
    kit_free(&narrow);
    kit_free(&wide);
}
END_TEST

// ---- Quiet

START_TEST(quiet_says_the_verdict)
{
    struct kit kit;
    kit_run_terminal(&kit, &place,
                     (const char *const[]){"run", "-q", "--color=never", "-s", "single", "-c",
                                           "SIZE", "-c", "COUNT", NULL});
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "Held: every clause (exit status 0)");
    expect_not_said(&kit, "\033");
    expect_not_said(&kit, "bringing up");
    expect_not_said(&kit, "pass single"); // the scenario's line
    expect_not_said(&kit, "COUNT-2");     // a note
    kit_free(&kit);
}
END_TEST

START_TEST(quiet_says_what_does_not_hold)
{
    struct kit kit;
    char *faulty = kit_faulty("required_rounded_up");
    kit_run(&kit, &place, "run", "--quiet", "-i", faulty, "-s", "single", "-c", "SIZE", "-c",
            "COUNT", NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "FAIL  SIZE-3  one byte less");
    kit_expect_said(&kit, "what does not hold: SIZE-3 (exit status 1)");
    expect_not_said(&kit, "iscsidsc-tck 0."); // the heading
    expect_not_said(&kit, "FAIL single");     // the scenario's line
    expect_not_said(&kit, "COUNT-2");
    kit_free(&kit);
    free(faulty);
}
END_TEST

// Words of an argument command neither a terminal nor a CI system.
START_TEST(what_is_complained_of_commands_nobody)
{
    static const struct {
        const char *given;
        const char *complaint;
    } names[] = {
        {"./a\033[31m\n::error::b", "./a\\x1b[31m\n| ::error::b: "},
        {"./a\n  ##[group]b", "./a\n|   ##[group]b: "},
        {"./a\n##teamcity[x]", "./a\n| ##teamcity[x]: "},
        {"./a\u202Eb\n:c", "./a\\u202eb\n:c: "}, // no command
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct kit kit;
        kit_run(&kit, &place, "diff", names[i].given, names[i].given, NULL);
        kit_expect_status(&kit, 2);
        kit_expect_complained(&kit, names[i].complaint);
        kit_free(&kit);
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("terminal");
    TCase *tcase = tcase_create("terminal");
    tcase_set_timeout(tcase, 300);
    tcase_add_checked_fixture(tcase, open_place, place_tear_down);
    tcase_add_loop_test(tcase, colour_is_as_asked_for, 0,
                        (int)(sizeof colours / sizeof colours[0]));
    tcase_add_test(tcase, other_colours_are_refused);
    tcase_add_test(tcase, progress_counts_and_estimates);
    tcase_add_loop_test(tcase, progress_moves_within_a_step, 0, 2);
    tcase_add_test(tcase, progress_is_for_terminals);
    tcase_add_test(tcase, a_command_fits_a_narrow_terminal);
    tcase_add_test(tcase, reports_fit_a_narrow_terminal);
    tcase_add_test(tcase, json_is_not_wrapped);
    tcase_add_test(tcase, quiet_says_the_verdict);
    tcase_add_test(tcase, quiet_says_what_does_not_hold);
    tcase_add_test(tcase, what_is_complained_of_commands_nobody);
    suite_add_tcase(suite, tcase);
    return suite;
}
