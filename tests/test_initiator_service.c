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
    serviced_start(false);
    const char *const arguments[] = {
        "python3",     "-B",        TCK_SOURCE_DIR "/tests/callers/caller.py",
        TCK_REFERENCE, "127.0.0.1", service_port_text(),
        DISK,          NULL};
    serviced_run_sequence(arguments);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("initiator_service");
    TCase *tests = tcase_create("initiator_service");
    tcase_add_checked_fixture(tests, serviced_open, serviced_close);
    tcase_add_loop_test(tests, test_session, 0, 2);
    tcase_add_loop_test(tests, test_caller_in_c, 0, 2);
    tcase_add_test(tests, test_caller_in_python);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite;
}
