// The initiator service and the reference as its client, with real targets: what a caller's whole
// sequence brings about on the side of the target.
#include "tests/main.h"
#include "tests/serviced.h"
#include "tests/supervised.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

struct program {
    pid_t pid;
    int in;  // its standard input
    int out; // its standard output
    size_t size;
    char said[4096];
};

static void program_start(struct program *program, const char *const *arguments)
{
    int in[2];
    int out[2];
    *program = (struct program){0};
    ck_assert(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
    program->pid = fork();
    ck_assert_int_ge(program->pid, 0);
    if (program->pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        execvp(arguments[0], (char *const *)arguments);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    program->in = in[1];
    program->out = out[0];
}

// Reads until it has said that, or with NULL, until its end.
static void program_await(struct program *program, const char *text)
{
    struct failure failure = {0};
    ssize_t size = 1;
    while (size > 0 && (text == NULL || strstr(program->said, text) == NULL)) {
        int result = supervisor_wait_readable(supervisor, program->out, PATIENCE_MS, &failure);
        ck_assert_msg(result == 0, "said \"%s\": %s", program->said, failure.text);
        size_t room = sizeof program->said - 1 - program->size;
        size = read(program->out, program->said + program->size, room);
        ck_assert_int_ge(size, 0);
        program->size += (size_t)size;
    }
    ck_assert_msg(text == NULL || size > 0, "it ended, and said \"%s\"", program->said);
}

static void program_finish(struct program *program)
{
    int status = 0;
    program_await(program, NULL);
    close(program->in);
    close(program->out);
    ck_assert_int_eq(waitpid(program->pid, &status, 0), program->pid);
    ck_assert_int_eq(status, 0);
}

// The whole sequence, watched from the side of the targets.
static void run_sequence(const char *const *arguments)
{
    struct program program;
    program_start(&program, arguments);
    program_await(&program, "logged in\n");
    ck_assert_ptr_nonnull(strstr(program.said, "device lun 1 type 7\n"));
    ck_assert_uint_eq(initiator_service_session_count(service), 1);
    ck_assert_uint_eq(serviced_account(), 1);
    ck_assert_int_eq(write(program.in, "\n", 1), 1);
    program_finish(&program);
    ck_assert_ptr_nonnull(strstr(program.said, "logged out\n"));
    ck_assert_uint_eq(initiator_service_session_count(service), 0);
    serviced_await_account(0);
}

static const char *port_text(void)
{
    static char text[8];
    snprintf(text, sizeof text, "%u", service_port);
    return text;
}

START_TEST(test_caller_in_c)
{
    serviced_start(_i == 1);
    const char *const arguments[] = {TCK_CALLER,  TCK_REFERENCE, "127.0.0.1",
                                     port_text(), DISK,          NULL};
    run_sequence(arguments);
    const char *const with_chap[] = {TCK_CALLER,  TCK_REFERENCE, "127.0.0.1",        port_text(),
                                     SECRET_DISK, "user",        "password-of-user", NULL};
    run_sequence(with_chap);
}
END_TEST

START_TEST(test_caller_in_python)
{
    serviced_start(false);
    const char *const arguments[] = {
        "python3",     "-B",        TCK_SOURCE_DIR "/tests/callers/caller.py",
        TCK_REFERENCE, "127.0.0.1", port_text(),
        DISK,          NULL};
    run_sequence(arguments);
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
