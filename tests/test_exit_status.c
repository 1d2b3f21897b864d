// SPDX-License-Identifier: Apache-2.0
// The rows of docs/exit-status.md that a whole run can show, and what becomes of several at once.
// Those that only a result can show are in tests/test_result.c.
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 12 };

// Of the words "+NAME" is the faulty implementation of that name, "!" one that can't be loaded, and
// "%NAME" a file in the test's folder.
static const struct {
    const char *what;
    int status;
    const char *words[WORDS];
} rows[] = {
    {"all hold", 0, {"run", "-s", "single", "-c", "SIZE"}},
    {"a should is broken", 0, {"run", "-i", "+wastes_a_page", "-s", "single", "-c", "SIZE-8"}},
    {"a should is broken, strictly",
     1,
     {"run", "--strict", "-i", "+wastes_a_page", "-s", "single", "-c", "SIZE-8"}},
    {"a must is broken", 1, {"run", "-i", "+one_less_is_enough", "-s", "single", "-c", "SIZE-3"}},
    {"the profile tolerates it",
     0,
     {"run", "--profile", "windows", "-i", "+required_rounded_up", "-s", "single", "-c", "SIZE-3"}},
    {"an option is unknown", 2, {"run", "--fast"}},
    {"a scenario is unknown", 2, {"run", "-s", "none-such"}},
    {"there is no such library", 2, {"run", "-i", "%none.so", "-s", "single"}},
    {"a report can't be created", 2, {"run", "-s", "single", "--html", "%none/report.html"}},
    {"the library can't be loaded", 3, {"run", "-i", "!", "-s", "single"}},
    {"no check is planned", 2, {"run", "-s", "empty", "-c", "CONTENT-9"}},
    {"one of two is broken",
     1,
     {"run", "-i", "+prints", "-i", "+one_less_is_enough", "-s", "single", "-c", "SIZE-3"}},
    {"of two, the first is broken",
     1,
     {"run", "-i", "+one_less_is_enough", "-i", "+prints", "-s", "single", "-c", "SIZE-3"}},
    {"one of two is broken, the other can't be loaded",
     3,
     {"run", "-i", "+one_less_is_enough", "-i", "!", "-s", "single", "-c", "SIZE-3"}},
    {"the same the other way round",
     3,
     {"run", "-i", "!", "-i", "+one_less_is_enough", "-s", "single", "-c", "SIZE-3"}},
    {"one is broken, the other does not exist",
     2,
     {"run", "-i", "+one_less_is_enough", "-i", "%none.so", "-s", "single", "-c", "SIZE-3"}},
    {"there is nothing to judge", 2, {"judge", "%none.jsonl"}},
    {"there is nothing to merge", 2, {"merge", "%none.json"}},
    {"there is nothing to compare", 2, {"diff", "%none.json", "%none.json"}},
};

static char *resolve(const char *word)
{
    if (word[0] == '+')
        return kit_faulty(word + 1);
    if (word[0] == '%')
        return place_path(&place, word + 1);
    return strdup(strcmp(word, "!") == 0 ? TCK_TEST_LIBRARIES "/undefined.so" : word);
}

START_TEST(each_row)
{
    struct kit kit;
    char *words[WORDS + 1] = {NULL};
    for (size_t i = 0; i < WORDS && rows[_i].words[i] != NULL; i++)
        words[i] = resolve(rows[_i].words[i]);
    kit_start(&kit, &place, (const char *const *)words);
    kit_wait(&kit);
    ck_assert_msg(kit.status == rows[_i].status, "%s: exit status %d, not %d:\n%s%s", rows[_i].what,
                  kit.status, rows[_i].status, kit.said, kit.complained);
    // A status is never all that is said.
    ck_assert(kit.complained[0] != '\0' || kit.said[0] != '\0');
    kit_free(&kit);
    for (size_t i = 0; i < WORDS; i++)
        free(words[i]);
}
END_TEST

// The status of what was recorded is that of the run, and a broken whole outranks whole parts.
START_TEST(judged_and_merged_again)
{
    struct kit kit;
    char *faulty = kit_faulty("one_less_is_enough");
    char *transcript = place_path(&place, "single.jsonl");
    char *parts[2] = {place_path(&place, "1.json"), place_path(&place, "2.json")};
    static const char *const shards[] = {"1/2", "2/2"};
    kit_run(&kit, &place, "run", "-i", faulty, "-s", "single", "-c", "SIZE-3", "--transcript",
            place.folder, NULL);
    kit_expect_status(&kit, 1);
    kit_free(&kit);
    kit_run(&kit, &place, "judge", "-c", "SIZE-3", transcript, NULL);
    kit_expect_status(&kit, 1);
    kit_free(&kit);
    kit_run(&kit, &place, "judge", "-c", "SIZE-1", transcript, NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
    for (size_t i = 0; i < 2; i++) {
        kit_run(&kit, &place, "run", "-i", faulty, "-s", "single", "-s", "several-targets", "-c",
                "SIZE-3", "--shard", shards[i], "--json", parts[i], NULL);
        kit_expect_status(&kit, 1);
        kit_free(&kit);
    }
    kit_run(&kit, &place, "merge", parts[0], parts[1], NULL);
    kit_expect_status(&kit, 1);
    kit_free(&kit);
    kit_run(&kit, &place, "merge", parts[0], NULL); // a part is missing: 3 outranks 1
    kit_expect_status(&kit, 3);
    kit_free(&kit);
    for (size_t i = 0; i < 2; i++)
        free(parts[i]);
    free(faulty);
    free(transcript);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("exit_status");
    TCase *tcase = tcase_create("exit_status");
    tcase_set_timeout(tcase, 300);
    tcase_add_checked_fixture(tcase, place_set_up, place_tear_down);
    tcase_add_loop_test(tcase, each_row, 0, (int)(sizeof rows / sizeof rows[0]));
    tcase_add_test(tcase, judged_and_merged_again);
    suite_add_tcase(suite, tcase);
    return suite;
}
