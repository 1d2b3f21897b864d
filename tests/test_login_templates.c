// SPDX-License-Identifier: Apache-2.0
// The templates of --login command, and what a list command prints: read, filled in, refused.
#include "emulator/external/login_command.h"
#include "emulator/external/login_list.h"
#include "tests/main.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEMPLATE_MAX = 2048 };

// ---- templates

static struct login_options options_of(const char *login)
{
    return (struct login_options){.templates = {login, "out {session}", NULL}, .timeout_ms = 1000};
}

static struct login_command *create(const char *login)
{
    struct failure failure = {0};
    struct login_command *command = NULL;
    const struct login_options options = options_of(login);
    ck_assert_msg(login_command_create(&command, &options, &failure) == 0, "%s", failure.text);
    return command;
}

static void expect_refused(const struct login_options *options, const char *words)
{
    struct failure failure = {0};
    struct login_command *command = NULL;
    ck_assert_int_eq(login_command_create(&command, options, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_USAGE);
    ck_assert_msg(strstr(failure.text, words) != NULL, "\"%s\" is not in: %s", words, failure.text);
}

static struct login_variables variables(void)
{
    static char user[] = "user name";
    static char password[] = "it's $(secret) \"{x}\"";
    return (struct login_variables){.address = "::1",
                                    .port = 3260,
                                    .target = "iqn.2024-01.test:t",
                                    .initiator = "iqn.2024-01.test:\xC3\xA9",
                                    .isid = {0x80, 1, 2, 3, 0xAB, 0xFF},
                                    .session = 17,
                                    .connections = 4,
                                    .chap = {user, password}};
}

// The words that a template becomes, each in angle brackets.
static void expect_words(const char *template, const char *expected)
{
    char text[TEMPLATE_MAX] = "";
    struct login_command *command = create(template);
    const struct login_variables values = variables();
    char **words = login_command_arguments(command, LOGIN_STEP_LOGIN, &values);
    ck_assert_ptr_nonnull(words);
    for (size_t i = 0; words[i] != NULL; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "<%s>", words[i]);
    ck_assert_str_eq(text, expected);
    free(words);
    login_command_free(command);
}

START_TEST(words_are_split_as_a_shell_would)
{
    expect_words("a", "<a>");
    expect_words("  a\tb\n c ", "<a><b><c>");
    expect_words("a 'b c' \"d e\" f\\ g", "<a><b c><d e><f g>");
    expect_words("a '' \"\" b", "<a><><><b>");
    expect_words("a'b'\"c\"d", "<abcd>");
    expect_words("a 'b\\c' \"d\\\"e\" \\'f", "<a><b\\c><d\"e><'f>");
    // No shell sees it.
    expect_words("a $HOME `x` $(y) * ; | > ~", "<a><$HOME><`x`><$(y)><*><;><|><>><~>");
}
END_TEST

START_TEST(variables_are_filled_in_and_stay_one_word)
{
    expect_words("{portal} {address} {port}", "<[::1]:3260><::1><3260>");
    expect_words("--t={target} '{initiator}' \"{isid}\"",
                 "<--t=iqn.2024-01.test:t><iqn.2024-01.test:\xC3\xA9><80010203abff>");
    expect_words("{session}/{connections}", "<17/4>");
    expect_words("{user} {password}", "<user name><it's $(secret) \"{x}\">");
    expect_words("x {mutual-user} {mutual-password}", "<x><><>");
    expect_words("{{portal}} a{{ }} \\{x\\} {{{port}}}", "<{portal}><a{><}><{x}><{3260}>");
}
END_TEST

START_TEST(a_wrong_template_is_refused)
{
    struct login_options options = options_of("x {potral}");
    expect_refused(&options, "did you mean \"portal\"");
    options = options_of("x {portal");
    expect_refused(&options, "not closed");
    options = options_of("x 'portal");
    expect_refused(&options, "not closed");
    options = options_of(" ");
    expect_refused(&options, "empty");
    options = options_of(NULL);
    expect_refused(&options, "--login-command: missing");
    options = options_of("x");
    options.templates[LOGIN_STEP_LOGOUT] = NULL;
    expect_refused(&options, "--logout-command: missing");
    options = options_of("x");
    options.templates[LOGIN_STEP_LIST] = "list {target}";
    expect_refused(&options, "leave it out");
    options = options_of("x");
    options.can = "recovery,redirect";
    expect_refused(&options, "did you mean \"redirects\"");
}
END_TEST

START_TEST(what_it_passes_is_known)
{
    struct login_command *command = create("x {{isid}} {portal} --u {user}");
    ck_assert(login_command_passes(command, "portal"));
    ck_assert(login_command_passes(command, "user"));
    ck_assert(!login_command_passes(command, "isid"));
    ck_assert(!login_command_passes(command, "use"));
    ck_assert(!login_command_recovers(command));
    login_command_free(command);
}
END_TEST

// ---- lists

static int parse(const char *text, struct login_list *list, struct failure *failure)
{
    char *copy = strdup(text);
    ck_assert_ptr_nonnull(copy);
    int result = login_list_parse(list, copy, failure);
    free(copy);
    return result;
}

START_TEST(a_list_is_read)
{
    struct failure failure = {0};
    struct login_list list = {0};
    ck_assert_msg(parse("whatever\n"
                        "session\t-\t-\ti\tt\t-\t-\t-\t-\n"
                        "session\t1\t2\t-\tu\tname\t00023d0000ff\t0100\t1\n"
                        "connection\t-\t-\t::1\t65535\t0:0:0:0:0:0:0:1\t-\t000a\n"
                        "end\t2\n",
                        &list, &failure) == 0,
                  "%s", failure.text);
    ck_assert_uint_eq(list.count, 2);
    ck_assert_str_eq(list.sessions[0].initiator_name, "i");
    ck_assert_ptr_null(list.sessions[0].target_name);
    ck_assert(!list.sessions[0].has_isid && !list.sessions[0].has_tsid &&
              !list.sessions[0].has_connections);
    const struct login_list_session *second = &list.sessions[1];
    ck_assert_ptr_null(second->initiator_name);
    ck_assert_str_eq(second->target_name, "name");
    ck_assert_mem_eq(second->isid, "\x00\x02\x3d\x00\x00\xff", ISID_SIZE);
    ck_assert_mem_eq(second->tsid, "\x01\x00", TSID_SIZE);
    ck_assert_uint_eq(second->connection_count, 1);
    ck_assert_str_eq(second->connections[0].target_address, "::1");
    ck_assert_uint_eq(second->connections[0].target_port, 0);
    ck_assert_uint_eq(second->connections[0].initiator_port, 65535);
    ck_assert(second->connections[0].has_cid && second->connections[0].cid == 10);
    login_list_free(&list);
}
END_TEST

struct bad_list {
    const char *text;
    const char *words;
};

static const struct bad_list bad_lists[] = {
    {"session\t-\t-\ti\tt\t-\t-\t-\n", "has 9 fields"},
    {"session\t-\t-\ti\t-\t-\t-\t-\t-\n", "node name is not told"},
    {"session\t-\t-\ti\tt\t-\t00023d\t-\t-\n", "12 hexadecimal digits"},
    {"session\t-\t-\ti\tt\t-\t00023dxx0001\t-\t-\n", "hexadecimal"},
    {"session\t-\t-\ti\tt\t-\t-\t1\t-\n", "4 hexadecimal digits"},
    {"session\t-\t-\ti\tt\t-\t-\t-\tmany\n", "decimal number"},
    {"session\t-\t-\ti\tt\t-\t-\t-\t2\nconnection\t-\t-\t-\t-\t-\t-\t-\n", "is followed by 1"},
    {"session\t-\t-\ti\tt\t-\t-\t-\t1\n", "is followed by 0"},
    {"connection\t-\t-\t-\t-\t-\t-\t-\n", "before any session"},
    {"session\t-\t-\ti\tt\t-\t-\t-\t-\nconnection\t-\t-\tlocalhost\t-\t-\t-\t-\n",
     "numeric address"},
    {"session\t-\t-\ti\tt\t-\t-\t-\t-\nconnection\t-\t-\t-\t65536\t-\t-\t-\n", "decimal number"},
    {"session\t-\t-\ti\tt\t-\t-\t-\t-\nconnection\t-\t-\t-\t-\t-\t-\t1\n", "4 hexadecimal digits"},
    {"end\t1\n", "end says 1"},
};

START_TEST(a_bad_list_is_refused)
{
    const struct bad_list *bad = &bad_lists[_i];
    struct failure failure = {0};
    struct login_list list = {0};
    ck_assert_int_eq(parse(bad->text, &list, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_msg(strstr(failure.text, bad->words) != NULL, "\"%s\" is not in: %s", bad->words,
                  failure.text);
    login_list_free(&list);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("login_templates");
    TCase *tests = tcase_create("templates");
    tcase_add_test(tests, words_are_split_as_a_shell_would);
    tcase_add_test(tests, variables_are_filled_in_and_stay_one_word);
    tcase_add_test(tests, a_wrong_template_is_refused);
    tcase_add_test(tests, what_it_passes_is_known);
    suite_add_tcase(suite, tests);
    tests = tcase_create("lists");
    tcase_add_test(tests, a_list_is_read);
    tcase_add_loop_test(tests, a_bad_list_is_refused, 0,
                        (int)(sizeof bad_lists / sizeof bad_lists[0]));
    suite_add_tcase(suite, tests);
    return suite;
}
