// SPDX-License-Identifier: Apache-2.0
// The initiator service and the reference as its client, with real targets: what a caller's whole
// sequence brings about on the side of the target.
#include "tests/main.h"
#include "tests/serviced.h"
#include "tests/supervised.h"

#include <check.h>
#include <string.h>

// ---- a session ----

static int make_session(const struct functions *functions)
{
    _Alignas(8) unsigned char buffer[4096];
    uint32_t size = sizeof buffer;
    uint32_t count = 0;
    REQUIRE(functions->list_a(&size, &count, (iscsi_session_info_a *)buffer) == LIST_SUCCESS);
    REQUIRE(count == 0);
    REQUIRE(login_to(functions, DISK, NULL, shared) == LIST_SUCCESS);
    size = sizeof buffer;
    REQUIRE(functions->list_a(&size, &count, (iscsi_session_info_a *)buffer) == LIST_SUCCESS);
    REQUIRE(count == 1);
    const iscsi_session_info_a *session = (const iscsi_session_info_a *)buffer;
    REQUIRE(same_id(&session->session_id, &shared[0]));
    REQUIRE(session->connection_count == 1);
    REQUIRE(same_id(&session->connections->connection_id, &shared[1]));
    REQUIRE(strcmp(session->target_name, DISK) == 0);
    REQUIRE(session->connections->target_socket == service_port);
    REQUIRE(session->tsid[0] != 0 || session->tsid[1] != 0);
    return 0;
}

static int end_session(const struct functions *functions)
{
    _Alignas(8) unsigned char buffer[4096];
    uint32_t size = sizeof buffer;
    uint32_t count = 1;
    REQUIRE(functions->logout(&shared[0]) == LIST_SUCCESS);
    REQUIRE(functions->list_a(&size, &count, (iscsi_session_info_a *)buffer) == LIST_SUCCESS);
    REQUIRE(count == 0);
    REQUIRE(functions->logout(&shared[0]) == LIST_ISCSI_INVALID_SESSION_ID);
    return 0;
}

START_TEST(test_session)
{
    serviced_start(_i == 1);
    call(make_session);
    ck_assert_uint_eq(initiator_service_session_count(service), 1);
    ck_assert_uint_eq(serviced_account(), 1);
    call(end_session);
    ck_assert_uint_eq(initiator_service_session_count(service), 0);
    serviced_await_account(0);
}
END_TEST

// What the service lists is what the target has.
START_TEST(test_account_agrees)
{
    struct tgtd_report report = {0};
    struct failure failure = {0};
    char line[512];
    serviced_start(false);
    call(make_session);
    ck_assert_int_eq(tgtd_get_report((struct tgtd *)emulator_instance(emulator, 0), TARGET_COUNT,
                                     &report, &failure),
                     0);
    ck_assert_uint_eq(report.connection_count, 1);
    const struct tgtd_connection *connection = report.connections;
    ck_assert_str_eq(connection->initiator_name, "iqn.2024-01.test:initiator-service");
    ck_assert_uint_eq(connection->tid, 1);
    uint8_t tsih[2];
    memcpy(tsih, &connection->tsih, sizeof tsih); // as tgtd sends it
    snprintf(line, sizeof line, "\t%02x%02x\t1\n", tsih[0], tsih[1]);
    char table[4096] = "";
    FILE *file = fopen(initiator_service_table(service), "re");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_gt(fread(table, 1, sizeof table - 1, file), 0);
    fclose(file);
    ck_assert_msg(strstr(table, line) != NULL, "\"%s\" is not in \"%s\"", line, table);
    tgtd_report_free(&report);
}
END_TEST

// ---- buffers ----

static bool is_ascii(const uint16_t *units, const char *text)
{
    size_t i = 0;
    for (; text[i] != '\0'; i++)
        if (units[i] != (unsigned char)text[i])
            return false;
    return units[i] == 0;
}

static int report_targets(const struct functions *functions)
{
    // In the order of their names, with a NUL more at the end. tgtd does not show a target to those
    // that it does not let in.
    static const char expected[] = DISK "\0" SECRET_DISK "\0";
    iscsi_target_portal_w portal = {.address = {'1', '2', '7', '.', '0', '.', '0', '.', '1'},
                                    .socket = service_port};
    char names[256];
    uint16_t wide[256];
    uint32_t size = sizeof names;
    REQUIRE(functions->targets_a(0, &size, names) == LIST_SUCCESS);
    REQUIRE(size == 1 && names[0] == '\0'); // no portal is known
    REQUIRE(functions->add_portal_w(NULL, 0, NULL, 0, &portal) == LIST_SUCCESS);
    REQUIRE(functions->add_portal_w(NULL, 0, NULL, 0, &portal) == LIST_SUCCESS);
    for (size = 0; size < sizeof expected;) {
        uint32_t before = size;
        memset(names, 'x', sizeof names);
        REQUIRE(functions->targets_a(0, &size, names) == LIST_INSUFFICIENT_BUFFER);
        REQUIRE(size == sizeof expected && names[0] == 'x');
        size = before + 1;
    }
    REQUIRE(functions->targets_a(1, &size, names) == LIST_SUCCESS);
    REQUIRE(size == sizeof expected && memcmp(names, expected, size) == 0 && names[size] == 'x');
    REQUIRE(functions->targets_w(0, &size, wide) == LIST_SUCCESS && size == sizeof expected);
    for (uint32_t i = 0; i < size; i++)
        REQUIRE(wide[i] == (unsigned char)expected[i]);
    size--;
    REQUIRE(functions->targets_w(0, &size, wide) == LIST_INSUFFICIENT_BUFFER);
    REQUIRE(functions->targets_a(0, NULL, names) == LIST_INVALID_PARAMETER);
    return 0;
}

START_TEST(test_targets)
{
    serviced_start(_i == 1);
    call(report_targets);
    serviced_await_account(0); // the discovery sessions have ended
}
END_TEST

static int ask_devices(const struct functions *functions)
{
    enum { DEVICES = 3 }; // the controller and two disks
    static iscsi_device_on_session_a devices[DEVICES];
    static iscsi_device_on_session_w wide[DEVICES];
    uint32_t count = 0;
    REQUIRE(login_to(functions, DISK, NULL, shared) == LIST_SUCCESS);
    for (uint32_t room = 0; room < DEVICES; room++) {
        count = room;
        REQUIRE(functions->devices_a(&shared[0], &count, devices) == LIST_INSUFFICIENT_BUFFER);
        REQUIRE(count == DEVICES && devices[0].target_name[0] == '\0');
    }
    REQUIRE(functions->devices_a(&shared[0], &count, devices) == LIST_SUCCESS && count == DEVICES);
    REQUIRE(functions->devices_w(&shared[0], &count, wide) == LIST_SUCCESS && count == DEVICES);
    for (uint32_t i = 0; i < DEVICES; i++) {
        REQUIRE(strcmp(devices[i].target_name, DISK) == 0 && is_ascii(wide[i].target_name, DISK));
        REQUIRE(devices[i].address.length == sizeof devices[i].address);
        REQUIRE(devices[i].address.lun == i && wide[i].address.lun == i);
        REQUIRE(devices[i].number.device_type == (i == 0 ? 4 : 7));
        REQUIRE(is_ascii(wide[i].interface_name, devices[i].interface_name));
        REQUIRE(is_ascii(wide[i].legacy_name, devices[i].legacy_name));
    }
    REQUIRE(functions->devices_a(&shared[1], NULL, devices) == LIST_INVALID_PARAMETER);
    REQUIRE(functions->devices_a(NULL, &count, devices) == LIST_INVALID_PARAMETER);
    shared[0].adapter_specific++;
    REQUIRE(functions->devices_a(&shared[0], &count, devices) == LIST_ISCSI_INVALID_SESSION_ID);
    return 0;
}

START_TEST(test_devices)
{
    serviced_start(_i == 1);
    call(ask_devices);
}
END_TEST

// A session that is informational has no devices; in characters of W, with the portal or without.
static int make_wide_session(const struct functions *functions)
{
    static uint16_t target[sizeof DISK];
    iscsi_target_portal_w portal = {.address = {'1', '2', '7', '.', '0', '.', '0', '.', '1'},
                                    .socket = service_port};
    uint16_t name[ISCSI_NAME_SIZE];
    uint32_t count = 0;
    for (size_t i = 0; i < sizeof DISK; i++)
        target[i] = (unsigned char)DISK[i];
    REQUIRE(functions->node_name_w(name) == LIST_SUCCESS);
    REQUIRE(is_ascii(name, "iqn.2024-01.test:initiator-service"));
    REQUIRE(functions->login_w(target, 1, NULL, 0, &portal, 0, NULL, NULL, 0, NULL, 0, &shared[0],
                               &shared[1]) == LIST_SUCCESS);
    REQUIRE(functions->devices_w(&shared[0], &count, NULL) == LIST_SUCCESS && count == 0);
    REQUIRE(functions->logout(&shared[0]) == LIST_SUCCESS);
    REQUIRE(functions->add_portal_w(NULL, 0, NULL, 0, &portal) == LIST_SUCCESS);
    REQUIRE(functions->login_w(target, 0, NULL, 0, NULL, 0, NULL, NULL, 0, NULL, 0, &shared[0],
                               &shared[1]) == LIST_SUCCESS);
    REQUIRE(functions->devices_w(&shared[0], &count, NULL) == LIST_INSUFFICIENT_BUFFER);
    REQUIRE(functions->logout(&shared[0]) == LIST_SUCCESS);
    return 0;
}

START_TEST(test_wide)
{
    serviced_start(_i == 1);
    call(make_wide_session);
    serviced_await_account(0);
}
END_TEST

// ---- programs that call ----

START_TEST(test_caller_in_c)
{
    serviced_start(_i == 1);
    const char *const arguments[] = {TCK_CALLER,          TCK_REFERENCE, "127.0.0.1",
                                     service_port_text(), DISK,          NULL};
    serviced_run_sequence(arguments);
    const char *const with_chap[] = {TCK_CALLER,          TCK_REFERENCE, "127.0.0.1",
                                     service_port_text(), SECRET_DISK,   "user",
                                     "password-of-user",  NULL};
    serviced_run_sequence(with_chap);
}
END_TEST

START_TEST(test_caller_in_python)
{
    static const char script[] = TCK_SOURCE_DIR "/tests/callers/caller.py";
    serviced_start(false);
    const char *const arguments[] = {"python3",           "-B", script, TCK_REFERENCE, "127.0.0.1",
                                     service_port_text(), DISK, NULL};
    serviced_run_sequence(arguments);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("initiator_service");
    TCase *tests = tcase_create("initiator_service");
    tcase_add_checked_fixture(tests, serviced_open, serviced_close);
    tcase_add_loop_test(tests, test_session, 0, 2);
    tcase_add_test(tests, test_account_agrees);
    tcase_add_loop_test(tests, test_targets, 0, 2);
    tcase_add_loop_test(tests, test_devices, 0, 2);
    tcase_add_loop_test(tests, test_wide, 0, 2);
    tcase_add_loop_test(tests, test_caller_in_c, 0, 2);
    tcase_add_test(tests, test_caller_in_python);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite;
}
