// SPDX-License-Identifier: Apache-2.0
// Parts of a transcript that its own test has none of: the inventory, stacks of faults, and how a
// process ended as a result has it. Each comes back as it was written; what was edited is refused
// by name.
#include "conformance/transcript/fault_stack.h"
#include "conformance/transcript/inventory_json.h"
#include "conformance/transcript/record_json.h"
#include "tests/main.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

struct refusal {
    const char *json;
    const char *said;
};

static json_t *parse(const char *text)
{
    json_t *object = json_loads(text, JSON_DECODE_ANY, NULL);
    ck_assert_msg(object != NULL, "%s is not JSON", text);
    return object;
}

// The caller's.
static char *print(json_t *object)
{
    ck_assert_ptr_nonnull(object);
    char *text = json_dumps(object, JSON_COMPACT);
    ck_assert_ptr_nonnull(text);
    json_decref(object);
    return text;
}

static void expect_refused(const struct failure *failure, const char *said)
{
    ck_assert_msg(strncmp(failure->text, "x.jsonl:1: ", 11) == 0, "%s", failure->text);
    ck_assert_msg(strstr(failure->text, said) != NULL, "%s", failure->text);
    ck_assert_int_eq(failure->status, STATUS_USAGE);
}

static struct json_reading reading_of(struct failure *failure)
{
    return (struct json_reading){.path = "x.jsonl", .line = 1, .failure = failure};
}

// ---- The inventory

static const char inventory_text[] =
    "{\"others\":true,\"targets\":[{\"name\":\"iqn.a\",\"known\":true,\"disks\":2},"
    "{\"name\":\"iqn.b\",\"known\":false}],\"other_portals\":false,\"portals\":["
    "{\"address\":\"127.0.0.2\",\"port\":3260},{\"address\":\"::1\",\"port\":65535}]}";

static struct inventory *make_inventory(void)
{
    struct inventory *inventory = calloc(1, sizeof *inventory);
    ck_assert_ptr_nonnull(inventory);
    inventory->others = true;
    ck_assert_int_eq(inventory_add(inventory, "iqn.b", false, 1), 0);
    ck_assert_int_eq(inventory_add(inventory, "iqn.a", false, 2), 0);
    // Twice: what one of both knows is known, disks of which both say another number are not.
    ck_assert_int_eq(inventory_add(inventory, "iqn.a", true, 2), 0);
    ck_assert_int_eq(inventory_add(inventory, "iqn.b", false, 3), 0);
    for (int again = 0; again < 2; again++) {
        ck_assert_int_eq(inventory_add_portal(inventory, "127.0.0.2", 3260), 0);
        ck_assert_int_eq(inventory_add_portal(inventory, "::1", 65535), 0);
    }
    return inventory;
}

START_TEST(an_inventory_comes_back)
{
    struct failure failure = {0};
    const struct json_reading reading = reading_of(&failure);
    struct inventory *made = make_inventory();
    struct inventory *copy = inventory_copy(made);
    ck_assert_ptr_nonnull(copy);
    inventory_free(made);
    char *text = print(inventory_to_json(copy));
    ck_assert_str_eq(text, inventory_text);
    json_t *object = parse(text);
    struct inventory *read = NULL;
    ck_assert_msg(inventory_from_json(&reading, object, &read) == 0, "%s", failure.text);
    char *again = print(inventory_to_json(read));
    ck_assert_str_eq(again, text);
    free(again);
    free(text);
    json_decref(object);
    inventory_free(read);
    inventory_free(copy);
}
END_TEST

// Recordings of before say nothing of portals: others may be asked.
START_TEST(an_inventory_without_portals)
{
    struct failure failure = {0};
    const struct json_reading reading = reading_of(&failure);
    json_t *object = parse("{\"others\":false,\"targets\":[]}");
    struct inventory *read = NULL;
    ck_assert_int_eq(inventory_from_json(&reading, object, &read), 0);
    ck_assert(read->other_portals && !read->others);
    ck_assert_uint_eq(read->portal_count, 0);
    inventory_free(read);
    json_decref(object);
    ck_assert_int_eq(inventory_from_json(&reading, NULL, &read), 0);
    ck_assert_ptr_null(read); // of those before that, nothing at all
}
END_TEST

#define ONE "{\"others\":false,\"targets\":[],"

static const struct refusal inventories[] = {
    {"7", "must be an object"},
    {"{\"targets\":[]}", "\"others\" is missing"},
    {"{\"others\":1,\"targets\":[]}", "\"others\" must be true or false"},
    {"{\"others\":false,\"targets\":{}}", "\"targets\" must be an array"},
    {"{\"others\":false,\"targets\":[{\"name\":\"x\"}]}", "\"known\" is missing"},
    {"{\"others\":false,\"targets\":[{\"name\":1,\"known\":true}]}", "\"name\" must be a text"},
    {"{\"others\":false,\"targets\":[{\"name\":\"x\",\"known\":true,\"disks\":-1}]}", "\"disks\""},
    {ONE "\"portals\":7}", "\"portals\" must be an array"},
    {ONE "\"portals\":[],\"other_portals\":1}", "\"other_portals\" must be true or false"},
    {ONE "\"portals\":[{\"address\":\"::1\"}],\"other_portals\":true}", "\"port\" is missing"},
    {ONE "\"portals\":[{\"address\":\"::1\",\"port\":65536}],\"other_portals\":true}",
     "\"port\" must be a port"},
    {ONE "\"portals\":[{\"address\":null,\"port\":1}],\"other_portals\":true}",
     "\"address\" must be a text"},
    {ONE "\"portal\":[]}", "unknown key \"portal\""},
};

START_TEST(an_edited_inventory)
{
    struct failure failure = {0};
    const struct json_reading reading = reading_of(&failure);
    json_t *object = parse(inventories[_i].json);
    struct inventory *read = NULL;
    ck_assert_msg(inventory_from_json(&reading, object, &read) != 0, "%s is accepted",
                  inventories[_i].json);
    ck_assert_ptr_null(read);
    expect_refused(&failure, inventories[_i].said);
    json_decref(object);
}
END_TEST

// ---- Stacks

static const struct stack_frame frames[] = {
    {.module = "libmine.so", .offset = 0x1234, .function = "walk", .file = "/a/b.c", .line = 7},
    {.module = "libmine.so", .offset = 0x1234, .function = "next", .in_place = true},
    {.module = "libc.so.6", .offset = UINT64_MAX},
};

START_TEST(a_stack_comes_back)
{
    static char made[STACK_TEXT_MAX];
    static char read[STACK_TEXT_MAX];
    struct failure failure = {0};
    const struct json_reading reading = reading_of(&failure);
    stack_begin(made, _i != 0);
    for (size_t i = 0; i < COUNT_OF(frames); i++)
        ck_assert(stack_add(made, &frames[i]));
    json_t *object = stack_to_json(made);
    ck_assert_ptr_nonnull(object);
    ck_assert_uint_eq(json_array_size(json_object_get(object, "frames")), COUNT_OF(frames));
    ck_assert_msg(stack_from_json(&reading, object, read) == 0, "%s", failure.text);
    ck_assert_str_eq(read, made);
    ck_assert_int_eq(stack_is_whole(read), _i != 0);
    json_decref(object);
    char words[STACK_WORDS_MAX];
    stack_describe(read, words, sizeof words);
    static const char expected[] = "#0 walk, b.c:7, libmine.so + 0x1234\n"
                                   "#1 next, libmine.so + 0x1234 (expanded in place)\n"
                                   "#2 libc.so.6 + 0xffffffffffffffff";
    ck_assert_int_eq(strncmp(words, expected, strlen(expected)), 0);
    ck_assert_str_eq(words + strlen(expected),
                     _i != 0 ? "" : "\n(the stack could not be followed further)");
}
END_TEST

#define FRAME "\"module\":\"x.so\",\"offset\":\"0000000000000001\""

static const struct refusal stacks[] = {
    {"[]", "must be an object"},
    {"{\"frames\":[]}", "\"whole\" is missing"},
    {"{\"frames\":[],\"whole\":1}", "\"fault_stack\" is no stack of at most 32 frames"},
    {"{\"frames\":{},\"whole\":true}", "\"fault_stack\" is no stack of at most 32 frames"},
    {"{\"frames\":[{\"module\":\"x.so\"}],\"whole\":true}", "\"offset\" is missing"},
    {"{\"frames\":[{\"module\":1,\"offset\":\"0000000000000001\"}],\"whole\":true}", "\"module\""},
    {"{\"frames\":[{\"module\":\"x.so\",\"offset\":\"1\"}],\"whole\":true}", "\"offset\""},
    {"{\"frames\":[{" FRAME ",\"function\":1}],\"whole\":true}", "\"function\" must be a text"},
    {"{\"frames\":[{" FRAME ",\"file\":\"a.c\",\"line\":-1}],\"whole\":true}", "\"line\""},
    {"{\"frames\":[{" FRAME ",\"file\":false,\"line\":1}],\"whole\":true}", "\"file\" must be a"},
    {"{\"frames\":[{" FRAME ",\"files\":1}],\"whole\":true}", "unknown key \"files\""},
    {"{\"frames\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"
     "\"whole\":true}",
     "\"fault_stack\" is no stack of at most 32 frames"},
};

START_TEST(an_edited_stack)
{
    static char read[STACK_TEXT_MAX];
    struct failure failure = {0};
    const struct json_reading reading = reading_of(&failure);
    json_t *object = parse(stacks[_i].json);
    ck_assert_msg(stack_from_json(&reading, object, read) != 0, "%s is accepted", stacks[_i].json);
    expect_refused(&failure, stacks[_i].said);
    json_decref(object);
}
END_TEST

// ---- How a process ended, in a result

static struct outcome read_outcome(const char *text)
{
    struct failure failure = {0};
    struct json_reading reading = reading_of(&failure);
    const struct call call = {.repeat = 1};
    struct outcome outcome = {0};
    json_t *object = parse(text);
    reading.lenient = true;
    ck_assert_msg(outcome_from_json(&reading, object, FORM_RESULT, &call, &outcome) == 0, "%s",
                  failure.text);
    json_decref(object);
    return outcome;
}

START_TEST(an_end_comes_back)
{
    struct record record = {.outcome = {.kind = OUTCOME_ENDED,
                                        .exit_code = -1,
                                        .signal_number = 9,
                                        .memory_limit = UINT64_C(3) << 30,
                                        .repeats = 1,
                                        .inside = extent_none(),
                                        .before = extent_none(),
                                        .after = extent_none()}};
    char *text = print(outcome_to_json(&record, FORM_RESULT));
    struct outcome read = read_outcome(text);
    ck_assert_int_eq(read.kind, OUTCOME_ENDED);
    ck_assert_int_eq(read.exit_code, -1);
    ck_assert_int_eq(read.signal_number, 9);
    ck_assert_uint_eq(read.memory_limit, UINT64_C(3) << 30);
    free(text);
    record.outcome.exit_code = 3;
    record.outcome.signal_number = 0;
    record.outcome.memory_limit = 0;
    text = print(outcome_to_json(&record, FORM_RESULT));
    read = read_outcome(text);
    ck_assert_int_eq(read.exit_code, 3);
    ck_assert_int_eq(read.signal_number, 0);
    ck_assert_uint_eq(read.memory_limit, 0);
    free(text);
}
END_TEST

START_TEST(a_fault_comes_back)
{
    struct record record = {.outcome = {.kind = OUTCOME_FAULT,
                                        .signal_number = 11,
                                        .direction = FAULT_EXECUTE,
                                        .fault_has_address = true,
                                        .fault_address = 0x10,
                                        .exception = 0xC0000005,
                                        .repeats = 1,
                                        .inside = extent_none(),
                                        .before = extent_none(),
                                        .after = extent_none()}};
    char *text = print(outcome_to_json(&record, FORM_RESULT));
    struct outcome read = read_outcome(text);
    ck_assert_int_eq(read.kind, OUTCOME_FAULT);
    ck_assert_int_eq(read.direction, FAULT_EXECUTE);
    ck_assert(read.fault_has_address);
    ck_assert_uint_eq(read.fault_address, 0x10);
    ck_assert_uint_eq(read.exception, 0xC0000005);
    free(text);
    record.outcome.fault_has_address = false;
    text = print(outcome_to_json(&record, FORM_RESULT));
    read = read_outcome(text);
    ck_assert(!read.fault_has_address);
    free(text);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("transcript_parts");
    TCase *tests = tcase_create("parts");
    tcase_add_test(tests, an_inventory_comes_back);
    tcase_add_test(tests, an_inventory_without_portals);
    tcase_add_loop_test(tests, an_edited_inventory, 0, (int)COUNT_OF(inventories));
    tcase_add_loop_test(tests, a_stack_comes_back, 0, 2);
    tcase_add_loop_test(tests, an_edited_stack, 0, (int)COUNT_OF(stacks));
    tcase_add_test(tests, an_end_comes_back);
    tcase_add_test(tests, a_fault_comes_back);
    suite_add_tcase(suite, tests);
    return suite;
}
