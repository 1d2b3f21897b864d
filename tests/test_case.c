// SPDX-License-Identifier: Apache-2.0
// Cases: what people write is made, judged, written and refused as docs/case.md says.
#include "conformance/transcript/case.h"
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REFERENCE TCK_LIBRARIES "/libiscsidsc-reference.so"
#define HEAD "{\"type\": \"case\"}\n"
#define TRUTH "{\"type\": \"truth\", \"truth\": {\"sessions\": 2}}\n"
#define CALL "{\"type\": \"call\", \"call\": {}}\n"

// Writes the file in the test's folder; the path is the caller's.
static char *write_case(const char *name, const char *text)
{
    char *path = place_path(&place, name);
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

static char *read_file(const char *path)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_gt(getdelim(&text, &size, '\0', file), 0);
    ck_assert_int_eq(fclose(file), 0);
    return text;
}

static void expect_replayed(const char *library, const char *path, int status, const char *said)
{
    struct kit kit;
    kit_run(&kit, &place, "replay", "-i", library, path, NULL);
    kit_expect_status(&kit, status);
    kit_expect_said(&kit, said);
    kit_free(&kit);
}

// The block of the page that says how a case is written.
static char *example(void)
{
    static const char begin[] = "```json\n";
    char *page = read_file(TCK_SOURCE_DIR "/docs/case.md");
    char *from = strstr(page, begin);
    ck_assert_ptr_nonnull(from);
    from += strlen(begin);
    char *end = strstr(from, "```");
    ck_assert_ptr_nonnull(end);
    char *text = strndup(from, (size_t)(end - from));
    free(page);
    return text;
}

START_TEST(the_ten_lines_of_the_page)
{
    char *text = example();
    size_t lines = 0;
    for (const char *at = strchr(text, '\n'); at != NULL; at = strchr(at + 1, '\n'))
        lines++;
    ck_assert_uint_eq(lines, 10);
    char *path = write_case("ten.jsonl", text);
    expect_replayed(REFERENCE, path, 0, "ok   ten ");
    char *faulty = kit_faulty("required_one_too_many");
    expect_replayed(faulty, path, 1, "FAIL  SIZE-3");
    free(faulty);
    faulty = kit_faulty("crashes");
    expect_replayed(faulty, path, 1, "SIGSEGV");
    free(faulty);
    free(path);
    free(text);
}
END_TEST

// What a replayed case leaves is a transcript: judged and replayed again it says the same.
START_TEST(what_came_of_a_case_is_a_transcript)
{
    char *text = example();
    char *path = write_case("ten.jsonl", text);
    char *folder = place_path(&place, "calls");
    char *calls = place_path(&place, "calls/ten.jsonl");
    char *faulty = kit_faulty("required_one_too_many");
    struct kit kit;
    kit_run(&kit, &place, "replay", "-i", faulty, path, "--transcript", folder, NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "what does not hold: SIZE-3 (");
    kit_free(&kit);
    for (int again = 0; again < 2; again++) {
        kit_run(&kit, &place, again ? "replay" : "judge", calls, NULL);
        kit_expect_status(&kit, 1);
        kit_expect_said(&kit, "what does not hold: SIZE-3 (");
        if (again)
            kit_expect_said(&kit, "of which 0 were answered otherwise");
        kit_free(&kit);
    }
    free(faulty);
    free(calls);
    free(folder);
    free(path);
    free(text);
}
END_TEST

// Sizes in words suit a library that asks for more.
START_TEST(sizes_in_words_suit_any_library)
{
    char *path = write_case("words.jsonl", HEAD TRUTH
                            "{\"type\": \"call\", \"call\": {\"offered\": \"required\"}}\n"
                            "{\"type\": \"call\", \"call\": {\"offered\": \"required-1\"}}\n");
    expect_replayed(REFERENCE, path, 0, "Held");
    expect_replayed(TCK_LIBRARIES "/libshape-padded.so", path, 0, "Held");
    free(path);
}
END_TEST

// Each state of the sessions is judged by itself: none, some, others.
START_TEST(sessions_come_and_go)
{
    static const char fetch[] = "{\"type\": \"call\", \"call\": {\"offered\": \"required\"}}\n"
                                "{\"type\": \"call\", \"call\": {\"offered\": 4096}}\n";
    char text[1024];
    snprintf(text, sizeof text,
             HEAD "{\"type\": \"truth\", \"truth\": {\"sessions\": []}}\n" CALL "%s" TRUTH "%s"
                  "{\"type\": \"truth\", \"truth\": {\"sessions\": 70}}\n%s",
             fetch, fetch, fetch);
    char *path = write_case("change.jsonl", text);
    expect_replayed(REFERENCE, path, 0, "Held");
    char *faulty = kit_faulty("empty_is_not_found");
    expect_replayed(faulty, path, 1, "FAIL  EMPTY-1");
    free(faulty);
    faulty = kit_faulty("count_is_one_too_many");
    expect_replayed(faulty, path, 1, "FAIL  COUNT-1");
    free(faulty);
    free(path);
}
END_TEST

// ---- Reading and writing

START_TEST(a_case_is_written_as_briefly_as_it_was_read)
{
    char *text = example();
    char *path = write_case("ten.jsonl", text);
    char *again = place_path(&place, "again.jsonl");
    struct transcript *one = NULL;
    struct failure failure = {0};
    ck_assert_msg(transcript_load(&one, fopen(path, "re"), path, &failure) == 0, "%s",
                  failure.text);
    ck_assert(one->calls_only && one->of_case);
    ck_assert_int_eq(transcript_save(one, again, &failure), 0);
    transcript_free(one);
    char *written = read_file(again);
    static const char expected[] =
        "{\"type\":\"case\",\"version\":1,\"name\":\"ten\","
        "\"summary\":\"a longer name comes between two fetches\"}\n"
        "{\"type\":\"truth\",\"truth\":{\"sessions\":2}}\n"
        "{\"type\":\"call\",\"call\":{\"charset\":\"W\"}}\n"
        "{\"type\":\"call\",\"call\":{\"charset\":\"W\",\"offered\":\"required\"}}\n"
        "{\"type\":\"call\",\"call\":{\"charset\":\"A\",\"offered\":\"required - 1\"}}\n"
        "{\"type\":\"call\",\"call\":{\"charset\":\"W\",\"offered\":100,\"placement\":\"exact\"}}\n"
        "{\"type\":\"truth\",\"truth\":{\"sessions\":[{\"initiator_name\":"
        "\"iqn.2024-01.test:host-2\"},{\"connections\":0}]}}\n"
        "{\"type\":\"call\",\"call\":{\"charset\":\"W\",\"offered\":\"required\",\"repeat\":100}}\n"
        "{\"type\":\"call\",\"call\":{\"charset\":\"A\",\"offered\":\"required + 8\"}}\n"
        "{\"type\":\"call\",\"threads\":4,\"call\":{\"charset\":\"A\",\"offered\":\"required\"}}\n"
        "{\"type\":\"end\",\"truths\":2,\"calls\":7}\n";
    ck_assert_str_eq(written, expected);
    // All that can be said is kept.
    static const char all[] =
        "{\"type\":\"case\",\"version\":1,\"name\":\"all\",\"implementation\":\"./x.so\","
        "\"pointer_size\":8}\n"
        "{\"type\":\"truth\",\"truth\":{\"sessions\":[{\"adapter_unique\":\"ffffffffffffffff\","
        "\"adapter_specific\":\"fffffffffffffffe\",\"target_node_name\":\"iqn.x\",\"isid\":"
        "\"ffffffffffff\",\"tsid\":\"ffff\",\"connections\":[{\"adapter_specific\":"
        "\"0000000000000000\",\"cid\":65535,\"initiator_address\":\"fe80::1\",\"initiator_port\":1,"
        "\"target_address\":\"::\",\"target_port\":65535},{}]}]}}\n"
        "{\"type\":\"call\",\"set\":\"events\",\"circumstance\":\"before event 1: x\",\"call\":"
        "{\"charset\":\"A\",\"offered\":64,\"count_in\":0,\"misalignment\":3,\"flags\":"
        "[\"count-null\"],\"fill\":\"ones\"}}\n"
        "{\"type\":\"call\",\"call\":{\"charset\":\"W\",\"placement\":\"end\"}}\n"
        "{\"type\":\"end\",\"truths\":1,\"calls\":2}\n";
    free(path);
    path = write_case("all.jsonl", all);
    ck_assert_msg(transcript_load(&one, fopen(path, "re"), path, &failure) == 0, "%s",
                  failure.text);
    ck_assert_int_eq(transcript_save(one, again, &failure), 0);
    transcript_free(one);
    free(written);
    written = read_file(again);
    ck_assert_str_eq(written, all);
    free(written);
    free(again);
    free(path);
    free(text);
}
END_TEST

struct set_of_call {
    const char *set;
    const char *call; // its line
};

static const struct set_of_call sets_of_calls[] = {
    {"query", "\"call\":{}"},
    {"query", "\"call\":{\"placement\":\"end\"}"},
    {"null", "\"call\":{\"offered\":8,\"placement\":\"null\"}"},
    {"null", "\"call\":{\"offered\":\"required\",\"placement\":\"null\"}"},
    {"args", "\"call\":{\"flags\":[\"size-null\"]}"},
    {"large", "\"call\":{\"offered\":4294967295,\"flags\":[\"sparse\"]}"},
    {"state", "\"call\":{\"offered\":64,\"flags\":[\"measure\"]}"},
    {"offsets", "\"call\":{\"offered\":64,\"misalignment\":1}"},
    {"sweep", "\"call\":{\"offered\":64,\"misalignment\":8}"},
    {"offsets", "\"call\":{\"offered\":63,\"placement\":\"exact\"}"},
    {"sweep", "\"call\":{\"offered\":64,\"placement\":\"exact\"}"},
    {"counts", "\"call\":{\"offered\":\"required\",\"count_in\":0}"},
    {"repeat", "\"call\":{\"offered\":\"required\",\"repeat\":2}"},
    {"sweep", "\"call\":{\"offered\":1}"},
    {"fetch", "\"call\":{\"offered\":\"required\"}"},
    {"fetch", "\"call\":{\"offered\":\"required + 1\"}"},
    {"short", "\"call\":{\"offered\":\"required  -  1\"}"},
    {"threads", "\"threads\":2,\"call\":{}"},
    {"mine", "\"set\":\"mine\",\"call\":{}"},
};

START_TEST(a_call_without_a_set_has_one)
{
    const struct set_of_call *wanted = &sets_of_calls[_i];
    char text[1024];
    struct transcript *one = NULL;
    struct failure failure = {0};
    snprintf(text, sizeof text, HEAD TRUTH "{\"type\":\"call\",%s}", wanted->call);
    char *path = write_case("set.jsonl", text);
    ck_assert_msg(transcript_load(&one, fopen(path, "re"), path, &failure) == 0, "%s",
                  failure.text);
    ck_assert_uint_eq(one->record_count, 1);
    ck_assert_str_eq(one->records[0].probe_set, wanted->set);
    transcript_free(one);
    free(path);
}
END_TEST

// ---- What is refused

struct refusal {
    const char *text;      // of the file
    const char *complaint; // with the line; the file's name stands before it
};

#define CALL_OF(arguments) HEAD TRUTH "{\"type\":\"call\",\"call\":{" arguments "}}\n"
#define TRUTH_OF(sessions) HEAD "{\"type\":\"truth\",\"truth\":{\"sessions\":" sessions "}}\n" CALL

static const struct refusal refusals[] = {
    {HEAD, ":2: there is no \"call\" line"},
    {HEAD TRUTH, ":3: there is no \"call\" line"},
    {HEAD CALL, ":2: a call, and no \"truth\" line before it"},
    {"{\"type\": \"case\", \"version\": 2}\n", ":1: not of version 1"},
    {"{\"type\": \"case\", \"pointer_size\": 5}\n", ":1: \"pointer_size\" must be 4 or 8"},
    {"{\"type\": \"case\", \"host\": {}}\n", ":1: unknown key \"host\""},
    {HEAD TRUTH "call\n", ":3: not JSON: column"},
    {HEAD TRUTH "{\"type\": \"calls\"}\n",
     ":3: its \"type\" must be \"truth\", \"call\" or \"end\""},
    {HEAD TRUTH "[]\n", ":3: its \"type\" must be"},
    {HEAD TRUTH "{\"type\":\"call\"}\n", ":3: \"call\" is missing"},
    {HEAD TRUTH "{\"type\":\"call\",\"call\":1}\n", ":3: \"call\": must be an object"},
    {HEAD TRUTH "{\"type\":\"call\",\"call\":{},\"outcome\":{}}\n", ":3: unknown key \"outcome\""},
    {HEAD TRUTH "{\"type\":\"call\",\"call\":{},\"threads\":0}\n",
     ":3: \"threads\" must be an integer from 1 to 64"},
    {HEAD TRUTH "{\"type\":\"call\",\"call\":{},\"set\":7}\n", ":3: \"set\" must be a text"},
    {CALL_OF("\"offered\":-5"),
     ":3: \"call\": \"offered\" must be an integer from 0 to 4294967295; the line is "
     "{\"type\":\"call\",\"call\":{\"offered\":-5}}"},
    {CALL_OF("\"offered\":\"more\""), ":3: \"call\": \"offered\" must be a number of bytes, "},
    {CALL_OF("\"offered\":\"required * 2\""), "\"required + N\""},
    {CALL_OF("\"offered\":\"required + \""), "\"required + N\""},
    {CALL_OF("\"offered\":\"required + 99999999999\""), "\"required + N\""},
    {CALL_OF("\"charset\":\"U\""), ":3: \"call\": \"charset\" is \"U\""},
    {CALL_OF("\"charset\":\"Ex\""), ":3: \"call\": \"charset\" must be \"A\" or \"W\""},
    {CALL_OF("\"repeat\":0"), ":3: \"call\": \"repeat\" must be a number from 1 to 1000000"},
    {CALL_OF("\"repeat\":4294967295"), "\"repeat\" must be a number from 1 to 1000000"},
    {CALL_OF("\"misalignment\":16"), "\"misalignment\" must be an integer from 0 to 15"},
    {CALL_OF("\"misalignment\":1,\"placement\":\"end\""), "needs \"placement\": \"middle\""},
    {CALL_OF("\"size\":1"), ":3: \"call\": unknown key \"size\""},
    {TRUTH_OF("-1"), ":2: truth: \"sessions\" must be an array"},
    {TRUTH_OF("65537"), ":2: truth: \"sessions\" must be an array"},
    {TRUTH_OF("[1]"), ":2: truth: sessions[0]: must be an object"},
    {TRUTH_OF("[{},{\"isid\":\"x\"}]"), "sessions[1]: \"isid\" must be a string of 12"},
    {TRUTH_OF("[{\"isid\":null}]"), ":2: \"truth\": null says that a fact is not known"},
    {TRUTH_OF("[{\"connections\":[{\"target_port\":0}]}]"),
     "sessions[0].connections[0]: \"target_port\" must be an integer from 1 to 65535"},
    {TRUTH_OF("[{\"connections\":[{\"target_address\":\"localhost\"}]}]"), "\"target_address\""},
    {TRUTH_OF(
         "[{\"target_node_name\":\"x\",\"isid\":\"00023d000002\"},{\"target_node_name\":\"x\"}]"),
     ":2: \"truth\": sessions[0] and sessions[1] have the same initiator, target and ISID"},
    {TRUTH_OF("[{\"target_name\":\"x\"}]"),
     "sessions[0]: \"target_name\" must be the same as \"target_node_name\""},
    {TRUTH_OF("[{},{\"connections\":[{\"cid\":7},{\"cid\":1},{\"cid\":7}]}]"),
     "sessions[1]: two connections have the \"cid\" 7"},
    {TRUTH_OF("[{\"adapter_specific\":\"0000000000000002\"},{}]"),
     "sessions[0] and sessions[1] have the same \"adapter_unique\" and \"adapter_specific\""},
    {"{\"type\":\"case\",\"name\":\"../x\"}\n" TRUTH CALL,
     ": its name \"../x\" can't be that of a file"},
    {"{\"type\":\"case\",\"name\":\"a\\u001bb\"}\n" TRUTH CALL, "nor have slashes or control"},
    {"{\"type\":\"case\",\"name\":\".x\"}\n" TRUTH CALL, "it must not begin with a dot"},
    {HEAD TRUTH "{\"type\":\"call\",\"call\":{},\"set\":\"nosuch\"}\n",
     ": call 1: no such set of probes: \"nosuch\""},
    {HEAD TRUTH CALL "{\"type\":\"end\",\"calls\":2}\n", ":4: \"calls\" is 2, and there are 1"},
    {HEAD TRUTH CALL "{\"type\":\"end\"}\n" CALL, ":5: something follows the \"end\" line"},
};

enum { REFUSALS = sizeof refusals / sizeof refusals[0] };

START_TEST(a_bad_case_is_refused_before_anything_starts)
{
    struct kit kit;
    char *path = write_case("bad.jsonl", refusals[_i].text);
    char expected[512];
    bool whole = refusals[_i].complaint[0] == ':';
    snprintf(expected, sizeof expected, "%s%s", whole ? path : "", refusals[_i].complaint);
    kit_run(&kit, &place, "replay", "-i", REFERENCE, path, NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, expected);
    kit_expect_complained(&kit, path);
    ck_assert_str_eq(kit.said, "");
    kit_free(&kit);
    free(path);
}
END_TEST

START_TEST(a_name_that_is_too_long_is_refused)
{
    char name[225];
    char text[512];
    struct kit kit;
    for (size_t length = 223; length <= 224; length++) {
        memset(name, 'n', length);
        name[length] = '\0';
        snprintf(
            text, sizeof text,
            HEAD
            "{\"type\":\"truth\",\"truth\":{\"sessions\":[{\"initiator_name\":\"%s\"}]}}\n" CALL,
            name);
        char *path = write_case("long.jsonl", text);
        kit_run(&kit, &place, "replay", "-i", REFERENCE, path, NULL);
        kit_expect_status(&kit, length == 223 ? 0 : 2);
        if (length == 224)
            kit_expect_complained(&kit, "sessions[0]: a name has more than the 223 bytes");
        kit_free(&kit);
        free(path);
    }
}
END_TEST

START_TEST(commands_that_can_do_nothing_with_it)
{
    struct kit kit;
    char *path = write_case("case.jsonl", HEAD TRUTH CALL);
    kit_run(&kit, &place, "judge", path, NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "case.jsonl: a case, whose calls have no outcomes");
    kit_free(&kit);
    kit_run(&kit, &place, "replay", path, NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "names no implementation; name one with -i");
    kit_free(&kit);
    // No clause that was asked for looks at the calls.
    kit_run(&kit, &place, "replay", "-i", REFERENCE, path, "-c", "SIZE-3", NULL);
    kit_expect_status(&kit, 3);
    kit_expect_said(&kit, "none of the clauses is about the calls of this case");
    kit_free(&kit);
    free(path);
    path = write_case("narrow.jsonl", "{\"type\": \"case\", \"pointer_size\": 4}\n" TRUTH CALL);
    kit_run(&kit, &place, "replay", "-i", REFERENCE, path, NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "pointers of 4 bytes");
    kit_free(&kit);
    free(path);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("case");
    TCase *tests = tcase_create("case");
    tcase_add_checked_fixture(tests, place_set_up, place_tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, the_ten_lines_of_the_page);
    tcase_add_test(tests, what_came_of_a_case_is_a_transcript);
    tcase_add_test(tests, sizes_in_words_suit_any_library);
    tcase_add_test(tests, sessions_come_and_go);
    tcase_add_test(tests, a_case_is_written_as_briefly_as_it_was_read);
    tcase_add_loop_test(tests, a_call_without_a_set_has_one, 0,
                        sizeof sets_of_calls / sizeof sets_of_calls[0]);
    tcase_add_loop_test(tests, a_bad_case_is_refused_before_anything_starts, 0, REFUSALS);
    tcase_add_test(tests, a_name_that_is_too_long_is_refused);
    tcase_add_test(tests, commands_that_can_do_nothing_with_it);
    suite_add_tcase(suite, tests);
    return suite;
}
