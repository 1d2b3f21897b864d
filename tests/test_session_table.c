// SPDX-License-Identifier: Apache-2.0
// Tests of the session table: its text byte for byte, that it is replaced whole, what it refuses.
#include "emulator/table/session_table.h"
#include "tests/folder.h"
#include "tests/main.h"

#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TABLE_SIZE = 8192,
    REPLACEMENTS = 2000,
};

static char path[128];

static void make_folder(void)
{
    folder_open();
    snprintf(path, sizeof path, "%s/sessions", folder);
}

static void remove_folder(void)
{
    unlink(path);
    folder_close();
}

static size_t read_table(char text[TABLE_SIZE])
{
    text[0] = '\0';
    FILE *file = fopen(path, "re");
    if (file == NULL) // no assertion: a thread reads too
        return 0;
    size_t size = fread(text, 1, TABLE_SIZE - 1, file);
    text[size] = '\0';
    fclose(file);
    return size;
}

static struct truth_connection connections[] = {
    {.adapter_unique = 0xABC,
     .adapter_specific = 1,
     .cid = 1,
     .initiator_address = "127.0.0.1",
     .initiator_port = 50000,
     .target_address = "127.0.0.2",
     .target_port = 3260},
    {.adapter_unique = 0xABC,
     .adapter_specific = 2,
     .cid = 0xFFFE,
     .initiator_address = "::1",
     .initiator_port = 50001,
     .target_address = "::1",
     .target_port = 3261},
};

static struct truth_session sessions[] = {
    {.adapter_unique = 0x5D1C0F9A7E2B4C68,
     .adapter_specific = 1,
     .initiator_name = "iqn.2024-01.test:h\xC3\xB6st",
     .target_node_name = "iqn.2024-01.test:disk",
     .target_name = "iqn.2024-01.test:disk",
     .isid = {0x00, 0x02, 0x3D, 0x00, 0x00, 0x01},
     .tsid = {0x01, 0x00},
     .connection_count = 2,
     .connections = connections},
    {.adapter_unique = 0x5D1C0F9A7E2B4C68,
     .adapter_specific = 0x10,
     .initiator_name = "iqn.2024-01.test:other",
     .target_node_name = "eui.0123456789abcdef",
     .target_name = "eui.0123456789abcdef",
     .isid = {0x80, 0xFF, 0, 0, 0, 0xAB},
     .tsid = {0xFE, 0xFF}},
};

START_TEST(test_text)
{
    static const char expected[] =
        "iscsidsc-session-table\t1\t42\n"
        "session\t5d1c0f9a7e2b4c68\t0000000000000001\tiqn.2024-01.test:h\xC3\xB6st\t"
        "iqn.2024-01.test:disk\tiqn.2024-01.test:disk\t00023d000001\t0100\t2\n"
        "connection\t0000000000000abc\t0000000000000001\t127.0.0.1\t50000\t127.0.0.2\t3260\t0001\n"
        "connection\t0000000000000abc\t0000000000000002\t::1\t50001\t::1\t3261\tfffe\n"
        "session\t5d1c0f9a7e2b4c68\t0000000000000010\tiqn.2024-01.test:other\t"
        "eui.0123456789abcdef\teui.0123456789abcdef\t80ff000000ab\tfeff\t0\n"
        "end\t2\n";
    const struct truth truth = {.generation = 42, .session_count = 2, .sessions = sessions};
    struct failure failure = {0};
    char text[TABLE_SIZE];
    ck_assert_msg(session_table_write(path, &truth, &failure) == 0, "%s", failure.text);
    read_table(text);
    ck_assert_str_eq(text, expected);
}
END_TEST

START_TEST(test_no_sessions)
{
    const struct truth truth = {.generation = 1};
    char text[TABLE_SIZE];
    ck_assert_int_eq(session_table_write(path, &truth, NULL), 0);
    read_table(text);
    ck_assert_str_eq(text, "iscsidsc-session-table\t1\t1\nend\t0\n");
}
END_TEST

START_TEST(test_control_characters)
{
    static const char *const bad[] = {"", "a\tb", "a\nb", "\x7F", "a\x1F"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct truth_session session = sessions[1];
        const struct truth truth = {.generation = 1, .session_count = 1, .sessions = &session};
        struct failure failure = {0};
        session.target_name = (char *)bad[i];
        ck_assert_int_eq(session_table_write(path, &truth, &failure), -1);
        ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
        ck_assert_int_ne(access(path, F_OK), 0);
    }
}
END_TEST

START_TEST(test_no_folder)
{
    const struct truth truth = {.generation = 1};
    struct failure failure = {0};
    ck_assert_int_eq(session_table_write("/nonexistent/folder/table", &truth, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_ptr_nonnull(strstr(failure.text, "/nonexistent/folder/table"));
}
END_TEST

// A table that can't be put in place leaves nothing beside it.
START_TEST(test_in_the_way)
{
    const struct truth truth = {.generation = 1};
    struct failure failure = {0};
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert_int_eq(session_table_write(path, &truth, &failure), -1);
    ck_assert_ptr_nonnull(strstr(failure.text, "rename"));
    ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

// Reads the table over and over while it is replaced: each reading must be one whole table.
static void *read_on(void *argument)
{
    static const char head[] = "iscsidsc-session-table\t1\t";
    const atomic_bool *done = argument;
    size_t wrong = 0;
    while (!atomic_load(done)) {
        char text[TABLE_SIZE];
        size_t size = read_table(text);
        char end[32];
        const char *generation = text + strlen(head);
        if (strncmp(text, head, strlen(head)) != 0) {
            wrong++;
            continue;
        }
        size_t count = strtoull(generation, NULL, 10) % 3;
        int length = snprintf(end, sizeof end, "\nend\t%zu\n", count);
        if (size < (size_t)length || strcmp(text + size - (size_t)length, end) != 0)
            wrong++;
    }
    return wrong == 0 ? NULL : argument;
}

START_TEST(test_replaced_whole)
{
    struct truth truth = {.generation = 1, .session_count = 1, .sessions = sessions};
    atomic_bool done = false;
    pthread_t reader;
    void *wrong = NULL;
    ck_assert_int_eq(session_table_write(path, &truth, NULL), 0);
    ck_assert_int_eq(pthread_create(&reader, NULL, read_on, &done), 0);
    for (size_t i = 2; i < REPLACEMENTS; i++) {
        truth.generation = i;
        truth.session_count = i % 3;
        ck_assert_int_eq(session_table_write(path, &truth, NULL), 0);
    }
    atomic_store(&done, true);
    ck_assert_int_eq(pthread_join(reader, &wrong), 0);
    ck_assert_ptr_null(wrong);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("session_table");
    TCase *tests = tcase_create("session_table");
    tcase_add_checked_fixture(tests, make_folder, remove_folder);
    tcase_add_test(tests, test_text);
    tcase_add_test(tests, test_no_sessions);
    tcase_add_test(tests, test_control_characters);
    tcase_add_test(tests, test_no_folder);
    tcase_add_test(tests, test_in_the_way);
    tcase_add_test(tests, test_replaced_whole);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    return suite;
}
