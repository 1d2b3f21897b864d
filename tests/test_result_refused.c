// SPDX-License-Identifier: Apache-2.0
// Results that are refused: one that a run left, changed in one place, with what is said of it. And
// what else may stand in one, which is kept.
#include "harness/report/json.h"
#include "harness/result/result_read.h"
#include "tests/main.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BROKEN TCK_SOURCE_DIR "/tests/fuzz/corpus/result/broken.json"
#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

struct change {
    const char *place; // "scenarios.0.name": members and indices
    const char *value; // as JSON; NULL: the member is gone
    const char *said;  // what the message has
};

static json_t *load_result(void)
{
    json_error_t error;
    json_t *result = json_load_file(BROKEN, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(result != NULL, "%s", error.text);
    return result;
}

static json_t *step(json_t *at, const char *name)
{
    return json_is_array(at) ? json_array_get(at, strtoul(name, NULL, 10))
                             : json_object_get(at, name);
}

static void change_place(json_t *result, const char *place, const char *value)
{
    char names[256];
    json_t *at = result;
    snprintf(names, sizeof names, "%s", place);
    char *rest = NULL;
    char *name = strtok_r(names, ".", &rest);
    for (char *next = strtok_r(NULL, ".", &rest); next != NULL; next = strtok_r(NULL, ".", &rest)) {
        at = step(at, name);
        ck_assert_msg(at != NULL, "%s: there is no %s", place, name);
        name = next;
    }
    if (value == NULL) {
        ck_assert_int_eq(json_object_del(at, name), 0);
        return;
    }
    json_t *changed = json_loads(value, JSON_DECODE_ANY, NULL);
    ck_assert_msg(changed != NULL, "%s is not JSON", value);
    ck_assert_int_eq(json_is_array(at) ? json_array_set_new(at, strtoul(name, NULL, 10), changed)
                                       : json_object_set_new(at, name, changed),
                     0);
}

#define SCENARIO "scenarios.0."
#define CHECK SCENARIO "checks.0."
#define FIRST "scenario connections-4: "
#define FIRST_CHECK "scenario connections-4, check COUNT-1 (A): "

static const struct change refused[] = {
    {"schema_version", NULL, "\"schema_version\" is missing"},
    {"schema_version", "2", "\"schema_version\" is 2, this kit reads 1"},
    {"kit", NULL, "\"kit\" is missing"},
    {"kit.version", "\"0123456789012345678901234567890123456789\"", "\"version\" is longer than"},
    {"implementation", "7", "\"implementation\" must be a text"},
    {"duration_ns", "-1", "\"duration_ns\" must be an integer from 0"},
    {"login.way", "[]", "\"way\" must be a text"},
    {"isolation", "{\"mode\": 1}", "\"mode\" must be a text"},
    {"plan.shard", "\"1\"", "\"shard\" must be an integer"},
    {"plan.left_out", "{\"clauses\": -1}", "\"clauses\" must be an integer"},
    {"plan.scenarios.1.scenario", "null", "\"scenario\" must be a text"},
    {"plan.scenarios.1.checks", "-4", "\"checks\" must be an integer"},
    {"waivers", "[{\"state\": \"perhaps\"}]",
     "\"state\" is \"perhaps\", which this kit does not know"},
    {"waivers", "[{\"state\": \"used\"}]", "\"place\" must be a text"},
    {"baseline", "{\"path\": \"x\"}", "\"baseline\" has no list of differences"},
    {"baseline", "{\"differences\": []}", "\"path\" must be a text"},
    {"failure", "{\"status\": 256}", "\"status\" must be an integer from 0 to 255"},
    {"scenarios", "{}", "\"scenarios\" is missing or no list"},
    {"scenarios.1.name", "\"connections-4\"", "scenario \"connections-4\" is in it twice"},
    {SCENARIO "name", "null", "\"name\" must be a text"},
    {SCENARIO "digest", "1", FIRST "\"digest\" must be a text"},
    {SCENARIO "sessions", "-1", FIRST "\"sessions\" must be an integer"},
    {SCENARIO "peak_memory.kit", "\"much\"", FIRST "\"kit\" must be an integer"},
    {SCENARIO "changes.calls", "0.5", FIRST "\"calls\" must be an integer"},
    {SCENARIO "replay", "{\"compared\": \"all\"}", FIRST "\"compared\" must be an integer"},
    {SCENARIO "planned", "5", FIRST "more checks were planned than there are"},
    {SCENARIO "observed.W.required", "4294967296", FIRST "\"required\" must be"},
    {SCENARIO "sweeps.A.0", "[0, 1]", FIRST "a run of the sweep is not [first, last, kind,"},
    {SCENARIO "sweeps.A.1.1", "0", FIRST "a run of the sweep is not [first, last, kind,"},
    {SCENARIO "sweeps.A.0.2", "99", FIRST "a run of the sweep is not [first, last, kind,"},
    {SCENARIO "lists.A.outcome.kind", "\"vanished\"", FIRST "\"kind\" is \"vanished\", which"},
    {SCENARIO "lists.A.call.charset", "null", FIRST "\"charset\" is missing or no text"},
    {SCENARIO "kept.0.index", "-1", FIRST "\"index\" must be an integer"},
    {SCENARIO "kept.0.bytes", "\"abc\"", FIRST "the bytes kept of a call are missing, cut or"},
    {SCENARIO "kept.0.bytes", NULL, FIRST "the bytes kept of a call are missing, cut or too"},
    {SCENARIO "kept.0.bytes", "\"xy\"", FIRST "the bytes kept of a call are not hexadecimal"},
    {SCENARIO "kept.0.bytes", "\"00\"", FIRST "a call left another number of bytes than are"},
    {SCENARIO "checks", "null", FIRST "\"checks\" is missing or no list"},
    {CHECK "clause", "\"\"", FIRST "\"clause\" is missing or no text"},
    {SCENARIO "checks.1.clause", "7", FIRST "\"clause\" is missing or no text"},
    {CHECK "charset", "\"B\"", FIRST "\"charset\" is \"B\", which"},
    {CHECK "verdict", "\"good\"", FIRST_CHECK "\"verdict\" is \"good\", which"},
    {CHECK "wrong", "{\"session\": -1}", FIRST_CHECK "\"session\" must be"},
    {CHECK "wrong", "{\"session\": 0, \"member\": 1}", FIRST_CHECK "\"member\""},
    {CHECK "wrong", "{\"session\": 0, \"connection\": -1}", FIRST_CHECK "\"conn"},
    {CHECK "blocked_by", "1", FIRST_CHECK "\"blocked_by\" must be a text"},
    {CHECK "excuse", "{\"by\": \"luck\"}", FIRST_CHECK "\"by\" is \"luck\", which"},
    {CHECK "evidence", "{\"index\": 0}", FIRST_CHECK "\"charset\" is missing or no text"},
};

// The message begins with the file and ends with what to do; the exit status is that of bad input.
START_TEST(one_change_is_refused)
{
    const struct change *change = &refused[_i];
    struct result result = {0};
    struct failure failure = {0};
    json_t *object = load_result();
    change_place(object, change->place, change->value);
    ck_assert_msg(result_from_json(&result, object, "x.json", &failure) != 0, "%s: accepted",
                  change->place);
    ck_assert_msg(strstr(failure.text, change->said) != NULL, "%s", failure.text);
    ck_assert_msg(strncmp(failure.text, "x.json: not a result of iscsidsc-tck: ", 38) == 0, "%s",
                  failure.text);
    ck_assert_msg(strstr(failure.text, "; give a file that `run --json` wrote") != NULL, "%s",
                  failure.text);
    ck_assert_int_eq(failure.status, 2);
    result_free(&result);
    json_decref(object);
}
END_TEST

// ---- Kept

static void read_changed(struct result *result, const char *place, const char *value)
{
    struct failure failure = {0};
    json_t *object = load_result();
    *result = (struct result){0};
    change_place(object, place, value);
    ck_assert_msg(result_from_json(result, object, "x.json", &failure) == 0, "%s", failure.text);
    json_decref(object);
}

// Of another version of the kit: all that is said of the clause stands in the result, once.
START_TEST(a_clause_that_this_kit_has_not)
{
    static const char checks[] =
        "[{\"clause\": \"MOON-1\", \"level\": \"should\", \"basis\": \"practice\", \"charset\": "
        "\"A\", \"verdict\": \"fail\", \"got\": \"new\", \"expected\": \"full\"},"
        "{\"clause\": \"MOON-1\", \"level\": \"must\", \"basis\": \"documented\", \"charset\": "
        "\"W\"}, {\"clause\": \"COUNT-1\", \"charset\": \"A\"}, {\"clause\": \"COUNT-1\", "
        "\"charset\": \"W\"}]";
    struct result result;
    read_changed(&result, SCENARIO "checks", checks);
    const struct scenario_result *scenario = &result.scenarios[0];
    ck_assert_uint_eq(scenario->check_count, 4);
    const struct check *check = &scenario->checks[0];
    ck_assert_str_eq(check->clause->id, "MOON-1");
    ck_assert_str_eq(check->clause->sentence, "(a clause that this kit does not have)");
    ck_assert_int_eq(check->clause->level, LEVEL_SHOULD);
    ck_assert_int_eq(check->clause->basis, BASIS_PRACTICE);
    ck_assert(check->judged);
    ck_assert_int_eq(check->verdict.kind, VERDICT_FAIL);
    ck_assert_str_eq(check->verdict.got, "new");
    ck_assert_ptr_eq(scenario->checks[1].clause, check->clause);
    ck_assert(!scenario->checks[1].judged);
    result_free(&result);
}
END_TEST

START_TEST(what_was_replayed)
{
    struct result result;
    read_changed(&result, SCENARIO "replay",
                 "{\"compared\": 7, \"other\": 2, \"left_out\": 1, \"first_other\": \"call 3\", "
                 "\"left_why\": \"no table\"}");
    const struct scenario_result *scenario = &result.scenarios[0];
    ck_assert(scenario->replayed);
    ck_assert_uint_eq(scenario->replay.compared, 7);
    ck_assert_uint_eq(scenario->replay.other, 2);
    ck_assert_uint_eq(scenario->replay.left_out, 1);
    ck_assert_str_eq(scenario->replay.first, "call 3");
    ck_assert_str_eq(scenario->replay.left_why, "no table");
    result_free(&result);
}
END_TEST

START_TEST(what_of_a_list_is_wrong)
{
    struct result result;
    read_changed(&result, CHECK "wrong",
                 "{\"session\": 3, \"member\": \"ISID\", \"connection\": 2}");
    const struct listed_member *wrong = &result.scenarios[0].checks[0].verdict.wrong;
    ck_assert_uint_eq(wrong->session, 3);
    ck_assert_str_eq(wrong->name, "ISID");
    ck_assert_int_eq(wrong->connection, 2);
    result_free(&result);
    read_changed(&result, CHECK "wrong", "{\"session\": 3, \"member\": \"ISID\"}");
    ck_assert_int_eq(result.scenarios[0].checks[0].verdict.wrong.connection, -1);
    result_free(&result);
}
END_TEST

START_TEST(what_the_plan_left_out)
{
    struct result result;
    read_changed(&result, "plan.left_out",
                 "{\"clauses\": 1, \"scenarios\": 2, \"unsuited\": 3, \"impossible\": 4}");
    ck_assert_uint_eq(result.plan.left_out.clauses, 1);
    ck_assert_uint_eq(result.plan.left_out.scenarios, 2);
    ck_assert_uint_eq(result.plan.left_out.unsuited, 3);
    ck_assert_uint_eq(result.plan.left_out.impossible, 4);
    result_free(&result);
    read_changed(&result, "plan.left_out", "{\"clauses\": 1, \"scenarios\": 2, \"unsuited\": 3}");
    ck_assert_uint_eq(result.plan.left_out.impossible, 0); // results of before have none
    result_free(&result);
}
END_TEST

// A folder is no result, and nothing is waited for at the end of a pipe.
START_TEST(what_is_no_file)
{
    static const struct change files[] = {
        {TCK_SOURCE_DIR "/tests", NULL, "/tests: not a regular file; a result is a JSON file"},
        {"/dev/zero", NULL, "/dev/zero: not a regular file; a result is a JSON file"},
        {"/nowhere/x.json", NULL, "/nowhere/x.json: can't be opened: No such file"},
        {__FILE__, NULL, ":1:1: not JSON: "},
    };
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct result result = {0};
        struct failure failure = {0};
        ck_assert_int_ne(result_read(&result, files[i].place, &failure), 0);
        ck_assert_msg(strstr(failure.text, files[i].said) != NULL, "%s", failure.text);
        ck_assert_int_eq(failure.status, 2);
        result_free(&result);
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("result_refused");
    TCase *tests = tcase_create("refused");
    tcase_add_loop_test(tests, one_change_is_refused, 0, (int)COUNT_OF(refused));
    tcase_add_test(tests, a_clause_that_this_kit_has_not);
    tcase_add_test(tests, what_was_replayed);
    tcase_add_test(tests, what_of_a_list_is_wrong);
    tcase_add_test(tests, what_the_plan_left_out);
    tcase_add_test(tests, what_is_no_file);
    suite_add_tcase(suite, tests);
    return suite;
}
