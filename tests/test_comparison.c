// SPDX-License-Identifier: Apache-2.0
// Both sides of the sessions are compared in everything that both have: what tgtd reports of real
// sessions is changed in one place, as a tgtd, or a kit, that is wrong would have it, and the
// difference has to be told.
#include "emulator/emulator.h"
#include "emulator/sessions/comparison.h"
#include "tests/folder.h"
#include "tests/main.h"
#include "tests/supervised.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCENARIOS TCK_SOURCE_DIR "/scenarios"
#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

enum { FIRST_CID = 0, FURTHER_CID = 1, UNUSED = 9 };

static struct scenario *scenario;
static struct emulator *emulator;
static struct tgtd_report report; // of the one session, with four connections

static void read_report(struct tgtd_report *into)
{
    struct failure failure = {0};
    const struct emulator_instance *instance = &emulator->instances[0];
    ck_assert_msg(tgtd_get_report(instance->tgtd, instance->target_count, into, &failure) == 0,
                  "%s", failure.text);
}

static void set_up(void)
{
    struct failure failure = {0};
    supervised_folder_open();
    ck_assert_msg(scenario_find(&scenario, SCENARIOS, "connections-4", &failure) == 0, "%s",
                  failure.text);
    ck_assert_msg(emulator_start(&emulator, supervisor, &scenario->topology, folder, &failure) == 0,
                  "%s", failure.text);
    read_report(&report);
    ck_assert_uint_eq(report.connection_count, 4);
}

static void tear_down(void)
{
    tgtd_report_free(&report);
    emulator_stop(emulator);
    scenario_free(scenario);
    supervised_folder_close();
}

static struct tgtd_connection *connection_of(uint16_t cid)
{
    for (size_t i = 0; i < report.connection_count; i++)
        if (report.connections[i].cid == cid)
            return &report.connections[i];
    ck_abort_msg("there is no connection %u", cid);
}

static void leave_out(uint16_t cid)
{
    struct tgtd_connection *connection = connection_of(cid);
    *connection = report.connections[--report.connection_count];
}

static void expect_difference(const char *what)
{
    struct failure failure = {0};
    ck_assert_int_ne(comparison_of_all(&emulator->sessions, &report, 1, &failure), 0);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    const char *told = strstr(failure.text, what);
    ck_assert_msg(told != NULL, "\"%s\" is not in: %s", what, failure.text);
    ck_assert_ptr_nonnull(strstr(told, "\n  initiator's side: "));
    ck_assert_ptr_nonnull(strstr(told, "\n  target's side: "));
}

// ---- One connection is another than it is

enum change { NAME, ALIAS, TARGET, ADDRESS, CID, CID_TWICE, TSIH, TSIH_ZERO, MISSING };

struct edit {
    uint16_t cid;
    enum change change;
    const char *said;
};

static const struct edit edits[] = {
    {FIRST_CID, NAME, "the initiator's name differs"},
    {FIRST_CID, ALIAS, "only the target's side has it"},
    {FIRST_CID, TARGET, "the target differs"},
    {FIRST_CID, ADDRESS, "the initiator's address differs"},
    {FIRST_CID, CID, "the CID differs"},
    {FIRST_CID, CID_TWICE, "the target's side has a connection more than it has"},
    {FIRST_CID, TSIH, "the TSIH is no longer what it was"},
    {FIRST_CID, TSIH_ZERO, "the TSIH is 0, which no session can have"},
    {FIRST_CID, MISSING, "the target's side does not have it"},
    {FURTHER_CID, NAME, "a further connection's initiator name differs"},
    {FURTHER_CID, TARGET, "a further connection's target differs"},
    {FURTHER_CID, ADDRESS, "a further connection's initiator address differs"},
    {FURTHER_CID, TSIH, "a further connection's TSIH differs"},
    {FURTHER_CID, MISSING, "the target's side does not have a further connection of it"},
};

static void make_edit(const struct edit *edit)
{
    struct tgtd_connection *connection = connection_of(edit->cid);
    switch (edit->change) {
    case NAME:
        strcat(connection->initiator_name, "x"); // NOLINT: it is far from full
        break;
    case ALIAS:
        strcat(connection->initiator_alias, "x"); // NOLINT: likewise
        break;
    case TARGET:
        connection->tid++;
        break;
    case ADDRESS:
        snprintf(connection->initiator_address, sizeof connection->initiator_address, "127.9.9.9");
        break;
    case CID:
        connection->cid = UNUSED;
        break;
    case CID_TWICE:
        connection->cid = FURTHER_CID;
        break;
    case TSIH:
        connection->tsih++;
        break;
    case TSIH_ZERO:
        connection->tsih = 0;
        break;
    case MISSING:
        leave_out(edit->cid);
        break;
    }
}

START_TEST(one_connection_is_another)
{
    struct failure failure = {0};
    ck_assert_msg(comparison_of_all(&emulator->sessions, &report, 1, &failure) == 0, "%s",
                  failure.text);
    make_edit(&edits[_i]);
    expect_difference(edits[_i].said);
}
END_TEST

// ---- The report is of another time

START_TEST(a_session_that_was_dropped)
{
    struct failure failure = {0};
    ck_assert_int_eq(emulator_drop(emulator, 0, EMULATOR_INITIATOR, &failure), 0);
    expect_difference("the target's side still has its connection");
    tgtd_report_free(&report);
    read_report(&report);
    ck_assert_msg(comparison_of_all(&emulator->sessions, &report, 1, &failure) == 0, "%s",
                  failure.text);
}
END_TEST

START_TEST(a_session_that_was_reinstated)
{
    struct failure failure = {0};
    ck_assert_int_eq(emulator_reinstate(emulator, 0, &failure), 0);
    ck_assert_uint_ne(emulator->sessions.items[0]->tsih, report.connections[0].tsih);
    expect_difference("the TSIH is no longer what it was");
}
END_TEST

START_TEST(a_session_that_was_logged_out)
{
    struct failure failure = {0};
    ck_assert_int_eq(emulator_logout(emulator, 0, &failure), 0);
    expect_difference("it is logged out and the target's side still has it");
    ck_assert_int_ne(comparison_of_target(&emulator->sessions, &report, 0, 1, &failure), 0);
    ck_assert_ptr_nonnull(strstr(failure.text, "only the target's side has it"));
    report.connection_count = 0;
    ck_assert_int_eq(comparison_of_all(&emulator->sessions, &report, 1, &failure), 0);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("comparison");
    TCase *tests = tcase_create("sides");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, one_connection_is_another, 0, (int)COUNT_OF(edits));
    tcase_add_test(tests, a_session_that_was_dropped);
    tcase_add_test(tests, a_session_that_was_reinstated);
    tcase_add_test(tests, a_session_that_was_logged_out);
    suite_add_tcase(suite, tests);
    return suite;
}
