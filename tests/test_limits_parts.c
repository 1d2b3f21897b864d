// SPDX-License-Identifier: Apache-2.0
// What clauses, groups and symptoms say by themselves.
#include "conformance/clauses/groups.h"
#include "conformance/judge/abi.h"
#include "conformance/judge/clause.h"
#include "conformance/judge/symptom.h"
#include "tests/main.h"

#include <check.h>
#include <string.h>

// ---- When a clause can be tried

START_TEST(a_clause_needs_what_it_says)
{
    static const struct {
        unsigned needs;
        struct traits enough;
    } cases[] = {
        {NEEDS_SESSIONS, {.sessions = true}},     {NEEDS_CONNECTIONLESS, {.connectionless = true}},
        {NEEDS_LONG_NAMES, {.long_names = true}}, {NEEDS_ONCE, {.smallest = true}},
        {NEEDS_CONNECTED, {.connected = true}},
    };
    const struct traits all = {true, true, true, true, true};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct clause clause = {.needs = cases[i].needs};
        ck_assert(clause_applies(&clause, &all));
        ck_assert(clause_applies(&clause, &cases[i].enough));
        ck_assert(!clause_applies(&clause, &(struct traits){0}));
    }
    const struct clause empty = {.needs = NEEDS_NO_SESSIONS};
    ck_assert(!clause_applies(&empty, &all));
    ck_assert(clause_applies(&empty, &(struct traits){0}));
}
END_TEST

// iSCSI names have up to 223 bytes.
START_TEST(a_name_is_long_with_223_bytes)
{
    char name[224];
    for (int which = 0; which < 2; which++) {
        struct traits traits = {0};
        memset(name, 'a', sizeof name);
        name[222] = '\0';
        traits_add(&traits, which == 0 ? name : "a", which == 0 ? "a" : name, false);
        ck_assert(!traits.long_names);
        name[222] = 'a';
        name[223] = '\0';
        traits_add(&traits, which == 0 ? name : "a", which == 0 ? "a" : name, false);
        ck_assert(traits.long_names);
        ck_assert(traits.connected && !traits.connectionless);
    }
}
END_TEST

START_TEST(a_truth_without_sessions_is_not_the_smallest)
{
    const struct truth none = {.session_count = 0};
    struct truth_session session = {.initiator_name = "a", .target_node_name = "b"};
    const struct truth one = {.session_count = 1, .sessions = &session};
    ck_assert(!traits_of_truth(&none).smallest);
    ck_assert(!traits_of_truth(&none).sessions);
    ck_assert(traits_of_truth(&one).smallest);
    ck_assert(traits_of_truth(&one).connectionless);
}
END_TEST

START_TEST(sets_are_called_for_a_clause)
{
    static const char *const own[] = {"query", "fetch", NULL};
    static const char *const more[] = {"sweep", NULL};
    const struct clause plain = {.probe_sets = own};
    const struct clause full = {.probe_sets = own, .more_sets = more, .list_sets = more};
    ck_assert(clause_needs_set(&plain, "fetch") && !clause_needs_set(&full, "sweep"));
    ck_assert(clause_calls_set(&plain, "fetch") && !clause_calls_set(&plain, "sweep"));
    ck_assert(clause_calls_set(&full, "sweep") && !clause_calls_set(&full, "large"));
    ck_assert(clause_compares_with_set(&full, "sweep"));
    ck_assert(!clause_compares_with_set(&plain, "sweep"));
}
END_TEST

START_TEST(only_a_skip_with_a_reason_is_unjudged)
{
    const struct verdict blocked = {.kind = VERDICT_SKIP, .blocked_by = BLOCKED_BY_ANY};
    const struct verdict skipped = {.kind = VERDICT_SKIP};
    const struct verdict failed = {.kind = VERDICT_FAIL, .blocked_by = BLOCKED_BY_ANY};
    ck_assert(verdict_unjudged(&blocked));
    ck_assert(!verdict_unjudged(&skipped));
    ck_assert(!verdict_unjudged(&failed));
}
END_TEST

// ---- Groups

START_TEST(groups_are_found_by_name_and_clause)
{
    for (size_t i = 0; clause_groups[i] != NULL; i++) {
        const struct clause_group *group = clause_groups[i];
        ck_assert_ptr_eq(clause_group_find(group->name), group);
        ck_assert_ptr_eq(clause_group_of(&group->clauses[0]), group);
        ck_assert_ptr_eq(clause_group_of(&group->clauses[group->count - 1]), group);
        ck_assert_ptr_ne(clause_group_of(&group->clauses[group->count]), group);
    }
    ck_assert_ptr_eq(clause_group_find("size"), clause_group_find("SIZE"));
    ck_assert_ptr_null(clause_group_find("SIZES"));
}
END_TEST

// ---- Symptoms

START_TEST(symptoms_have_bits_and_names)
{
    char text[64];
    for (unsigned bit = 0; bit < SYMPTOM_COUNT; bit++) {
        ck_assert_uint_eq(symptom_bit((enum symptom)(1U << bit)), bit);
        symptoms_describe(1U << bit, text, sizeof text);
        ck_assert_str_eq(text, symptom_names[bit]);
    }
    symptoms_describe(SYMPTOM_ANSWER | SYMPTOM_DAMAGE, text, sizeof text);
    ck_assert_str_eq(text, "answer, damage");
    symptoms_describe(~0U, text, sizeof text);
    ck_assert_str_eq(text, "answer, fault, end, hang, damage");
}
END_TEST

// ---- Layouts

START_TEST(there_are_layouts_of_two_sizes_of_pointers)
{
    ck_assert_ptr_null(abi_of(0));
    ck_assert_ptr_null(abi_of(5));
    ck_assert_ptr_null(abi_of_function(16, CHARSET_W));
    ck_assert_ptr_nonnull(abi_of(4));
    ck_assert_ptr_nonnull(abi_of(8));
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        a_clause_needs_what_it_says,
        a_name_is_long_with_223_bytes,
        a_truth_without_sessions_is_not_the_smallest,
        sets_are_called_for_a_clause,
        only_a_skip_with_a_reason_is_unjudged,
        groups_are_found_by_name_and_clause,
        symptoms_have_bits_and_names,
        there_are_layouts_of_two_sizes_of_pointers,
    };
    Suite *suite = suite_create("limits_parts");
    TCase *limits = tcase_create("limits_parts");
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
