// SPDX-License-Identifier: Apache-2.0
// The binary form of cases: each case is the same after it was turned into it and back, and bytes
// that are no case are refused.
#include "conformance/transcript/case.h"
#include "conformance/transcript/case_binary.h"
#include "conformance/transcript/case_file.h"
#include "harness/fuzz/calls.h"
#include "harness/fuzz/tuning.h"
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// ---- Helpers

static char *text_of(const struct transcript *one)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_eq(case_file_write(stream, one), 0);
    ck_assert_int_eq(fclose(stream), 0);
    return text;
}

static struct transcript *decode(const uint8_t *bytes, size_t size)
{
    struct transcript *one = NULL;
    struct failure failure = {0};
    ck_assert_msg(case_binary_decode(&one, bytes, size, "x.case", &failure) == 0, "%s",
                  failure.text);
    return one;
}

// Encodes, decodes and encodes it again. The number of its bytes.
static size_t expect_kept(const struct transcript *one)
{
    uint8_t *bytes = NULL;
    uint8_t *again = NULL;
    size_t size = 0;
    size_t size_again = 0;
    struct failure failure = {0};
    ck_assert_int_eq(case_binary_encode(one, &bytes, &size, &failure), 0);
    struct transcript *other = decode(bytes, size);
    ck_assert(other->calls_only && other->of_case);
    char *before = text_of(one);
    char *after = text_of(other);
    ck_assert_str_eq(before, after);
    ck_assert_int_eq(case_binary_encode(other, &again, &size_again, &failure), 0);
    ck_assert_mem_eq(again, bytes, size);
    ck_assert_uint_eq(size_again, size);
    transcript_free(other);
    free(before);
    free(after);
    free(bytes);
    free(again);
    return size;
}

static struct transcript *load(const char *path)
{
    struct transcript *one = NULL;
    struct failure failure = {0};
    ck_assert_msg(transcript_load(&one, fopen(path, "re"), path, &failure) == 0, "%s",
                  failure.text);
    return one;
}

// A draft of the fuzzer, for a library that requires 211 bytes for each session.
static struct draft make_draft(uint64_t number)
{
    struct draft draft = {0};
    struct draws draws = draws_of(1, number);
    struct learned learned = {0};
    calls_make_moments(&draws, &draft, SIZE_MAX);
    learned.moment_count = draft.moment_count;
    learned.lists = calloc(draft.moment_count, sizeof *learned.lists);
    ck_assert_ptr_nonnull(learned.lists);
    for (size_t i = 0; i < draft.moment_count; i++)
        for (unsigned charset = 0; charset < 2; charset++) {
            struct learned_list *list = &learned.lists[i][charset];
            list->required = 211 * (uint32_t)draft.moments[i]->session_count;
            for (; list->end_count < 8 && list->required > 0; list->end_count++)
                list->ends[list->end_count] = 64 + 9 * (uint32_t)list->end_count;
        }
    (void)tune(&draws, &draft, &learned);
    calls_make(&draws, &draft, &learned);
    learned_free(&learned);
    return draft;
}

// ---- What is kept

START_TEST(the_cases_that_are_kept)
{
    struct dirent **entries = NULL;
    int count = scandir(TCK_SOURCE_DIR "/tests/cases", &entries, NULL, alphasort);
    int tried = 0;
    ck_assert_int_gt(count, 2);
    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/tests/cases/%s", TCK_SOURCE_DIR, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.') {
            struct transcript *one = load(path);
            expect_kept(one);
            transcript_free(one);
            tried++;
        }
        free(entries[i]);
    }
    free(entries);
    ck_assert_int_ge(tried, 18);
}
END_TEST

START_TEST(what_the_fuzzer_makes)
{
    enum { DRAFTS = 60 };
    size_t texts = 0;
    size_t binary = 0;
    for (uint64_t number = 0; number < DRAFTS; number++) {
        struct draft draft = make_draft(number);
        struct transcript *one = draft_make_case(&draft, "./x.so", "draft", "of the fuzzer");
        ck_assert_ptr_nonnull(one);
        binary += expect_kept(one);
        char *text = text_of(one);
        texts += strlen(text);
        free(text);
        transcript_free(one);
        draft_free(&draft);
    }
    ck_assert_uint_lt(binary, texts / 4);
}
END_TEST

START_TEST(all_that_the_text_can_say)
{
    static const char all[] =
        "{\"type\":\"case\",\"version\":1,\"name\":\"all\",\"summary\":{\"hex\":\"ff41\"},"
        "\"implementation\":\"./x.so\",\"pointer_size\":4}\n"
        "{\"type\":\"truth\",\"truth\":{\"sessions\":[{\"adapter_unique\":\"ffffffffffffffff\","
        "\"adapter_specific\":\"fffffffffffffffe\",\"target_node_name\":\"iqn.\xC3\xA4\","
        "\"isid\":\"ffffffffffff\",\"tsid\":\"ffff\","
        "\"connections\":[{"
        "\"adapter_specific\":"
        "\"0000000000000000\",\"cid\":65535,\"initiator_address\":\"fe80::1\",\"initiator_port\":1,"
        "\"target_address\":\"::\",\"target_port\":65535,\"login_returned\":"
        "\"ffffffffffffffff8000000000000000\"},{}],\"login_returned\":"
        "\"000102030405060708090a0b0c0d0e0f\"},{\"connections\":0}]}}\n"
        "{\"type\":\"truth\",\"truth\":{\"sessions\":0}}\n"
        "{\"type\":\"call\",\"set\":\"events\",\"circumstance\":\"before event 1: x\",\"threads\":"
        "64,\"call\":{\"charset\":\"A\",\"offered\":64,\"count_in\":4294967295,\"misalignment\":3,"
        "\"flags\":[\"size-null\",\"count-null\",\"sparse\",\"measure\"],\"fill\":\"ones\","
        "\"repeat\":1000000}}\n"
        "{\"type\":\"call\",\"call\":{\"charset\":\"W\",\"offered\":4294967295,\"placement\":"
        "\"exact\",\"fill\":\"hash-1\"}}\n"
        "{\"type\":\"call\",\"call\":{\"charset\":\"W\",\"offered\":\"required - 2147483647\"}}\n"
        "{\"type\":\"call\",\"call\":{\"charset\":\"W\",\"offered\":\"required + 2147483647\"}}\n"
        "{\"type\":\"truth\",\"truth\":{\"sessions\":70}}\n"
        "{\"type\":\"end\",\"truths\":3,\"calls\":4}\n";
    char *path = place_path(&place, "all.jsonl");
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(all, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    struct transcript *one = load(path);
    char *text = text_of(one);
    ck_assert_str_eq(text, all);
    expect_kept(one);
    free(text);
    transcript_free(one);
    free(path);
}
END_TEST

// ---- The command, and the commands that read cases

static void convert(const char *from, const char *to, int status, const char *said)
{
    struct kit kit;
    if (to == NULL)
        kit_run(&kit, &place, "convert", from, NULL);
    else
        kit_run(&kit, &place, "convert", from, "-o", to, NULL);
    kit_expect_status(&kit, status);
    if (said != NULL)
        ck_assert_msg(strstr(kit.complained, said) != NULL, "%s", kit.complained);
    kit_free(&kit);
}

static void expect_same_files(const char *left, const char *right)
{
    char *texts[2] = {NULL, NULL};
    for (int i = 0; i < 2; i++) {
        size_t size = 0;
        FILE *file = fopen(i == 0 ? left : right, "re");
        ck_assert_ptr_nonnull(file);
        ck_assert_int_gt(getdelim(&texts[i], &size, '\0', file), 0);
        ck_assert_int_eq(fclose(file), 0);
    }
    ck_assert_str_eq(texts[0], texts[1]);
    free(texts[0]);
    free(texts[1]);
}

// Of every scenario whose sessions were recorded.
START_TEST(the_recordings_that_ship)
{
    struct dirent **entries = NULL;
    int count = scandir(TCK_SOURCE_DIR "/scenarios/recorded", &entries, NULL, alphasort);
    int tried = 0;
    char *text = place_path(&place, "one.jsonl");
    char *binary = place_path(&place, "one.case");
    char *again = place_path(&place, "again.jsonl");
    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/scenarios/recorded/%s", TCK_SOURCE_DIR, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.') {
            convert(path, text, 0, NULL);
            convert(text, binary, 0, NULL);
            convert(binary, again, 0, NULL);
            expect_same_files(text, again);
            tried++;
        }
        free(entries[i]);
    }
    free(entries);
    ck_assert_int_ge(tried, 30);
    free(text);
    free(binary);
    free(again);
}
END_TEST

static void expect_replayed(const char *library, const char *path, int status, const char *said)
{
    struct kit kit;
    kit_run(&kit, &place, "replay", "-i", library, path, NULL);
    kit_expect_status(&kit, status);
    kit_expect_said(&kit, said);
    kit_free(&kit);
}

// A finding in binary form is found again, and is one of a folder of regressions.
START_TEST(a_binary_case_is_replayed)
{
    char *folder = place_path(&place, "kept");
    char *binary = place_path(&place, "kept/emptied.case");
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    convert(TCK_SOURCE_DIR "/tests/cases/emptied_at_once.jsonl", binary, 0, NULL);
    expect_replayed(TCK_LIBRARIES "/libseeded-emptied_at_once.so", binary, 1, "FAIL  COUNT-1");
    expect_replayed(TCK_LIBRARIES "/libiscsidsc-reference.so", binary, 0, "Held");
    struct kit kit;
    kit_run(&kit, &place, "fuzz", "--regress", folder, "-i",
            TCK_LIBRARIES "/libseeded-emptied_at_once.so", NULL);
    kit_expect_status(&kit, 1);
    kit_free(&kit);
    free(binary);
    free(folder);
}
END_TEST

// A transcript's calls, without what came of them.
START_TEST(a_transcript_becomes_a_case)
{
    struct transcript *recorded = load(TCK_SOURCE_DIR "/tests/fuzz/corpus/transcript/single.jsonl");
    char *path = place_path(&place, "one.case");
    convert(TCK_SOURCE_DIR "/tests/fuzz/corpus/transcript/single.jsonl", path, 0, NULL);
    struct transcript *one = load(path);
    ck_assert(one->calls_only);
    ck_assert_uint_gt(one->record_count, 0);
    ck_assert_str_eq(one->scenario, recorded->scenario);
    ck_assert_uint_eq(truth_digest(one->truths[0]), truth_digest(recorded->truths[0]));
    ck_assert_uint_eq(one->records[0].call.offered, recorded->records[0].call.offered);
    transcript_free(one);
    transcript_free(recorded);
    free(path);
}
END_TEST

START_TEST(what_convert_refuses)
{
    char *path = place_path(&place, "x.bin");
    convert(TCK_SOURCE_DIR "/tests/cases/a_after_w.jsonl", path, 2, "ends with .jsonl, for text");
    convert(TCK_SOURCE_DIR "/README.md", NULL, 2, "README.md:1: ");
    convert("/nowhere.case", NULL, 2, "cannot be opened");
    free(path);
}
END_TEST

// ---- What is refused

struct refusal {
    const char *bytes;
    size_t size;
    const char *complaint;
};

#define BYTES(text) text, sizeof(text) - 1
#define HEAD CASE_BINARY_MAGIC "\1x\0\0\0"
#define EMPTY HEAD "\0\1\0" // no texts; a truth without sessions
// A table with a name and an address, and a session with them up to its connections.
#define TEXTS                                                                                      \
    HEAD "\1n\1m\x9"                                                                               \
         "127.0.0.1\0"
#define SESSION(name)                                                                              \
    "\0\1\1" name "\1\1"                                                                           \
    "isidis"                                                                                       \
    "ts"

static const struct refusal refusals[] = {
    {BYTES("\x89TC"), "byte 0: the case ends within this"},
    {BYTES("\x89TCK\2"), "no case in binary form of version 1"},
    {BYTES(CASE_BINARY_MAGIC "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\1"), "was cut short"},
    {BYTES(CASE_BINARY_MAGIC "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\3"), "more than 64 bits"},
    {BYTES(CASE_BINARY_MAGIC "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"), "more than 64 bits"},
    {BYTES(CASE_BINARY_MAGIC "\2x\0\0\0\0\0"), "a text has a byte 0"},
    {BYTES(CASE_BINARY_MAGIC "\1x\0\0\5\0\0"), "pointers have 4 or 8 bytes"},
    {BYTES(HEAD "\1\xFF\0\0"), "a text is not UTF-8"},
    {BYTES(HEAD "\0\0"), "there is no call"},
    {BYTES(HEAD "\0\2\0"), "nothing before it says which sessions"},
    {BYTES(HEAD "\0\3"), "neither sessions, nor a call"},
    {BYTES(HEAD "\0\1\x7F"), "more sessions than bytes"},
    {BYTES(HEAD "\0\1\1\5"), "larger than it can be"},
    {BYTES(EMPTY "\2\x80"), "unknown bit"},
    {BYTES(EMPTY "\2\4\5\0\0"), "no such placement"},
    {BYTES(EMPTY "\2\4\x20\0\0"), "no such placement"},
    {BYTES(EMPTY "\2\4\1\x10\0"), "no such placement"},
    {BYTES(EMPTY "\2\4\1\0\xFF\xFF\xFF\xFF\x1F"), "larger than it can be"},
    {BYTES(EMPTY "\2\4\3\0\1\x10"), "larger than it can be"},
    {BYTES(EMPTY "\2\xC\1\0\1\0"), "no text with that number"},
    {BYTES(EMPTY "\2\x24\1\0\1\0"), "made by no thread"},
    {BYTES(EMPTY "\2\x24\1\0\1\x41"), "larger than it can be"},
    {BYTES(EMPTY "\2\x44\1\0\1\0"), "\"repeat\" must be a number from 1"},
    {BYTES(EMPTY "\2\4\1\0\1"), "was cut short"},
    {BYTES(EMPTY "\2\4\1\0\1\0x"), "something follows the end"},
    {BYTES(TEXTS "\1\1\0" SESSION("\7") "\0"), "no text with that number"},
    {BYTES(TEXTS "\1\1\0\2"), "neither 0 nor 1"},
    {BYTES(TEXTS "\1\1\0" SESSION("\0") "\x7F"), "more connections than bytes"},
    {BYTES(TEXTS "\1\1\0" SESSION("\0") "\x81\x80\4"), "larger than it can be"},
    {BYTES(TEXTS "\1\1\0" SESSION("\0") "\1\0\1\1\0\0\0\1\1\2\0\1"), "not numeric"},
    {BYTES(TEXTS "\1\1\0" SESSION("\0") "\1\0\1\1\0\0\2\0\0\2\0\1"), "a port is 0"},
    {BYTES(TEXTS "\1\2\0" SESSION("\0") "\0\1"), "in one truth twice"},
    {BYTES(TEXTS "\1\2\0" SESSION("\0") "\0\0" SESSION("\0") "\0"), "can't be told apart"},
    {BYTES(HEAD "\2\1z\1y\0"
                "\1\1\0" SESSION("\0") "\0"),
     "control character"},
};

enum { REFUSALS = sizeof refusals / sizeof refusals[0] };

START_TEST(what_is_no_case)
{
    const struct refusal *refusal = &refusals[_i];
    struct transcript *one = NULL;
    struct failure failure = {0};
    uint8_t *copy = malloc(refusal->size); // so that sanitizers see what is read behind its end
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, refusal->bytes, refusal->size);
    ck_assert_int_eq(case_binary_decode(&one, copy, refusal->size, "x.case", &failure), -1);
    ck_assert_ptr_null(one);
    ck_assert_int_eq(failure.status, STATUS_USAGE);
    ck_assert_msg(strstr(failure.text, refusal->complaint) != NULL, "%s", failure.text);
    ck_assert_msg(strncmp(failure.text, "x.case: byte ", 13) == 0, "%s", failure.text);
    free(copy);
}
END_TEST

// A case or a reason, for each way to cut it short and to change one byte.
START_TEST(damaged_cases)
{
    struct transcript *one = load(TCK_SOURCE_DIR "/tests/cases/emptied_at_once.jsonl");
    uint8_t *bytes = NULL;
    size_t size = 0;
    size_t refused = 0;
    struct failure failure = {0};
    ck_assert_int_eq(case_binary_encode(one, &bytes, &size, &failure), 0);
    transcript_free(one);
    for (size_t cut = 0; cut < size; cut++) {
        failure = (struct failure){0};
        ck_assert_int_eq(case_binary_decode(&one, bytes, cut, "x", &failure), -1);
        ck_assert_int_eq(failure.status, STATUS_USAGE);
    }
    for (size_t at = 0; at < size; at++)
        for (unsigned flip = 1; flip < 256; flip = 2 * flip + 1) {
            failure = (struct failure){0};
            bytes[at] ^= (uint8_t)flip;
            if (case_binary_decode(&one, bytes, size, "x", &failure) == 0) {
                expect_kept(one);
                transcript_free(one);
            } else {
                ck_assert_int_eq(failure.status, STATUS_USAGE);
                refused++;
            }
            bytes[at] ^= (uint8_t)flip;
        }
    ck_assert_uint_gt(refused, 0);
    free(bytes);
}
END_TEST

// A few bytes can name a session with many connections again and again: that has an end.
START_TEST(a_case_that_is_too_large)
{
    enum { CONNECTIONS = 4000, TRUTHS = 300, CALL_AND_END = 6 };
    static const char text[] = "{\"type\":\"case\"}\n"
                               "{\"type\":\"truth\",\"truth\":{\"sessions\":"
                               "[{\"connections\":4000}]}}\n"
                               "{\"type\":\"call\",\"call\":{}}\n";
    struct failure failure = {0};
    struct transcript *one = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    ck_assert_int_gt((intmax_t)CONNECTIONS * TRUTHS, CASE_BINARY_ROOM);
    ck_assert_int_eq(
        transcript_load(&one, fmemopen((void *)text, sizeof text - 1, "r"), "x", &failure), 0);
    ck_assert_int_eq(case_binary_encode(one, &bytes, &size, &failure), 0);
    transcript_free(one);
    uint8_t *larger = malloc(size + (size_t)3 * TRUTHS);
    ck_assert_ptr_nonnull(larger);
    size_t used = size - CALL_AND_END;
    memcpy(larger, bytes, used);
    memset(larger + used, 1, (size_t)3 * TRUTHS); // truths, each with the first session alone
    used += (size_t)3 * TRUTHS;
    memcpy(larger + used, bytes + size - CALL_AND_END, CALL_AND_END);
    ck_assert_int_eq(case_binary_decode(&one, larger, used + CALL_AND_END, "x", &failure), -1);
    ck_assert_ptr_nonnull(strstr(failure.text, "more sessions and connections than"));
    free(larger);
    free(bytes);
}
END_TEST

// It can't be written, either.
START_TEST(a_case_that_can_be_text_only)
{
    enum { SESSIONS = 17, CONNECTIONS = 65536 };
    struct truth *truth = calloc(1, sizeof *truth);
    struct transcript *one = case_create("", "x", "");
    struct failure failure = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    ck_assert(truth != NULL && one != NULL);
    truth->sessions = calloc(SESSIONS, sizeof *truth->sessions);
    ck_assert_ptr_nonnull(truth->sessions);
    for (; truth->session_count < SESSIONS; truth->session_count++) {
        struct truth_session *session = &truth->sessions[truth->session_count];
        session->connections = calloc(CONNECTIONS, sizeof *session->connections);
        ck_assert_ptr_nonnull(session->connections);
        session->connection_count = CONNECTIONS;
    }
    ck_assert_int_eq(case_add_truth(one, truth), 0);
    ck_assert_int_eq(case_binary_encode(one, &bytes, &size, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(failure.text, "keep it as text"));
    truth_free(truth);
    transcript_free(one);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("case_binary");
    TCase *kept = tcase_create("kept");
    tcase_add_checked_fixture(kept, place_set_up, place_tear_down);
    tcase_set_timeout(kept, 300);
    tcase_add_test(kept, the_cases_that_are_kept);
    tcase_add_test(kept, what_the_fuzzer_makes);
    tcase_add_test(kept, all_that_the_text_can_say);
    suite_add_tcase(suite, kept);
    TCase *commands = tcase_create("commands");
    tcase_add_checked_fixture(commands, place_set_up, place_tear_down);
    tcase_set_timeout(commands, 300);
    tcase_add_test(commands, the_recordings_that_ship);
    tcase_add_test(commands, a_binary_case_is_replayed);
    tcase_add_test(commands, a_transcript_becomes_a_case);
    tcase_add_test(commands, what_convert_refuses);
    suite_add_tcase(suite, commands);
    TCase *refused = tcase_create("refused");
    tcase_add_checked_fixture(refused, place_set_up, place_tear_down);
    tcase_set_timeout(refused, 300);
    tcase_add_loop_test(refused, what_is_no_case, 0, REFUSALS);
    tcase_add_test(refused, damaged_cases);
    tcase_add_test(refused, a_case_that_is_too_large);
    tcase_add_test(refused, a_case_that_can_be_text_only);
    suite_add_tcase(suite, refused);
    return suite;
}
