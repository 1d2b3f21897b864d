// SPDX-License-Identifier: Apache-2.0
// What libFuzzer and AFL++ are given to change inputs with: whatever the bytes are, what comes of
// them is a case, which fits, and is the same for the same bytes and seed.
#include "harness/fuzz/mutator.h"
#include "tests/main.h"

#include "conformance/transcript/case_binary.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1 << 20 };

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *bytes, size_t size, const uint8_t *other,
                                 size_t other_size, uint8_t *out, size_t most, unsigned seed);
void *afl_custom_init(void *fuzzer, unsigned seed);
size_t afl_custom_fuzz(void *data, uint8_t *bytes, size_t size, uint8_t **out, uint8_t *other,
                       size_t other_size, size_t most);
void afl_custom_deinit(void *data);

static uint8_t *make_bytes(void)
{
    uint8_t *bytes = calloc(1, MOST);
    ck_assert_ptr_nonnull(bytes);
    return bytes;
}

static void expect_case(const uint8_t *bytes, size_t size)
{
    struct input input;
    struct failure failure = {0};
    struct transcript *one = NULL;
    ck_assert_msg(case_binary_decode(&one, bytes, size, "input", &failure) == 0, "%s",
                  failure.text);
    transcript_free(one);
    ck_assert(input_decode(&input, bytes, size));
    ck_assert_uint_gt(input.draft.call_count, 0);
    input_free(&input);
}

// One after the other, each of what came of the one before.
START_TEST(changes_leave_cases)
{
    enum { CHANGES = 1000 };
    uint8_t *bytes = make_bytes();
    size_t size = 0;
    size_t more = 0;
    for (unsigned seed = 0; seed < CHANGES; seed++) {
        struct input input;
        size = LLVMFuzzerCustomMutator(bytes, size, MOST, seed);
        expect_case(bytes, size);
        ck_assert(input_decode(&input, bytes, size));
        more += input.more;
        for (size_t i = 1; i < input.draft.call_count; i++)
            ck_assert_uint_le(input.draft.calls[i - 1].moment, input.draft.calls[i].moment);
        input_free(&input);
    }
    ck_assert_uint_gt(more, CHANGES / 2);
    ck_assert_uint_lt(more, CHANGES);
    free(bytes);
}
END_TEST

START_TEST(joined_cases_are_cases)
{
    uint8_t *one = make_bytes();
    uint8_t *other = make_bytes();
    uint8_t *out = make_bytes();
    size_t joined = 0;
    size_t sizes[2] = {0, 0};
    for (unsigned seed = 0; seed < 200; seed++) {
        sizes[0] = LLVMFuzzerCustomMutator(one, sizes[0], MOST, seed);
        sizes[1] = LLVMFuzzerCustomMutator(other, sizes[1], MOST, seed + 1000);
        size_t size = LLVMFuzzerCustomCrossOver(one, sizes[0], other, sizes[1], out, MOST, seed);
        if (size > 0)
            expect_case(out, size);
        joined += size > 0;
    }
    ck_assert_uint_gt(joined, 120);
    free(one);
    free(other);
    free(out);
}
END_TEST

START_TEST(the_same_bytes_and_seed_give_the_same)
{
    uint8_t *one = make_bytes();
    uint8_t *other = make_bytes();
    for (unsigned seed = 0; seed < 50; seed++) {
        size_t size = LLVMFuzzerCustomMutator(one, 0, MOST, seed);
        ck_assert_uint_eq(LLVMFuzzerCustomMutator(other, 0, MOST, seed), size);
        ck_assert_mem_eq(one, other, size);
        size_t again = LLVMFuzzerCustomMutator(one, size, MOST, seed + 1);
        ck_assert_uint_eq(LLVMFuzzerCustomMutator(other, size, MOST, seed + 1), again);
        ck_assert_mem_eq(one, other, again);
    }
    free(one);
    free(other);
}
END_TEST

// Where no case fits, the bytes stay as they are.
START_TEST(no_more_bytes_than_there_is_room)
{
    static const char text[] = "no case";
    uint8_t bytes[64];
    for (unsigned seed = 0; seed < 200; seed++) {
        memset(bytes, 0xA5, sizeof bytes);
        memcpy(bytes, text, sizeof text);
        size_t size = LLVMFuzzerCustomMutator(bytes, sizeof text, 40, seed);
        if (size == sizeof text)
            ck_assert_mem_eq(bytes, text, sizeof text);
        else
            expect_case(bytes, size);
        ck_assert_uint_le(size, 40);
        for (size_t i = 40; i < sizeof bytes; i++)
            ck_assert_uint_eq(bytes[i], 0xA5);
    }
}
END_TEST

START_TEST(afl_gets_cases)
{
    uint8_t *bytes = make_bytes();
    uint8_t *other = make_bytes();
    uint8_t *out = NULL;
    size_t other_size = LLVMFuzzerCustomMutator(other, 0, MOST, 1);
    size_t size = 0;
    void *afl = afl_custom_init(NULL, 7);
    ck_assert_ptr_nonnull(afl);
    for (unsigned i = 0; i < 200; i++) {
        size = afl_custom_fuzz(afl, bytes, size, &out, i % 2 == 0 ? other : NULL, other_size, MOST);
        expect_case(out, size);
        memcpy(bytes, out, size);
    }
    ck_assert_uint_eq(afl_custom_fuzz(afl, bytes, size, &out, NULL, 0, 8), size); // nothing fits
    ck_assert_ptr_eq(out, bytes);
    afl_custom_deinit(afl);
    free(bytes);
    free(other);
}
END_TEST

// What damages a case is no case: it is neither made nor taken for bytes that choose one.
START_TEST(a_damaged_case_is_no_input)
{
    uint8_t *bytes = make_bytes();
    struct input input;
    size_t size = LLVMFuzzerCustomMutator(bytes, 0, MOST, 3);
    ck_assert(!input_decode(&input, bytes, size - 1));
    ck_assert_uint_eq(input.draft.call_count, 0);
    bytes[CASE_BINARY_MAGIC_SIZE - 1] = 9;
    ck_assert(!input_decode(&input, bytes, size));
    free(bytes);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("mutator");
    TCase *tests = tcase_create("mutator");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, changes_leave_cases);
    tcase_add_test(tests, joined_cases_are_cases);
    tcase_add_test(tests, the_same_bytes_and_seed_give_the_same);
    tcase_add_test(tests, no_more_bytes_than_there_is_room);
    tcase_add_test(tests, afl_gets_cases);
    tcase_add_test(tests, a_damaged_case_is_no_input);
    suite_add_tcase(suite, tests);
    return suite;
}
