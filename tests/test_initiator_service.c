// The initiator service and the reference as its client, with real targets: what a caller's whole
// sequence brings about on the side of the target, and what clients that misbehave do not.
#include "emulator/emulator.h"
#include "emulator/service/initiator_service.h"
#include "iscsi_login.h"
#include "tests/folder.h"
#include "tests/main.h"
#include "tests/supervised.h"

#include <check.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 30000,
    TARGET_COUNT = 3,
};

static struct topology_portal portals[] = {{.address = (char *)"127.0.0.1"},
                                           {.address = (char *)"127.20.30.40"}};
static struct topology_instance instances[] = {
    {.name = (char *)"one", .portal_count = 2, .portals = portals},
};
#define DISK "iqn.2024-01.test:disk"
#define SECRET_DISK "iqn.2024-01.test:secret-disk"
static char *nobody[] = {(char *)"iqn.2024-01.test:somebody-else"};
static struct topology_target targets[TARGET_COUNT] = {
    {.name = (char *)DISK, .lun_count = 2},
    {.name = (char *)SECRET_DISK,
     .lun_count = 1,
     .chap = {.user = (char *)"user", .password = (char *)"password-of-user"}},
    {.name = (char *)"iqn.2024-01.test:closed-disk",
     .allowed_initiator_count = 1,
     .allowed_initiators = nobody},
};
static const struct topology topology = {
    .instance_count = 1,
    .instances = instances,
    .target_count = TARGET_COUNT,
    .targets = targets,
};

static struct emulator *emulator;
static struct initiator_service *service;
static uint16_t port;                  // of the first portal
static struct iscsi_unique_id *shared; // of a session, with all callers

static void start_service(bool tcp)
{
    struct failure failure = {0};
    ck_assert_msg(initiator_service_start(&service, supervisor, folder, tcp, &failure) == 0, "%s",
                  failure.text);
    ck_assert_int_eq(setenv(INITIATOR_SERVICE_VARIABLE, initiator_service_address(service), 1), 0);
    ck_assert_int_eq(setenv("ISCSIDSC_SESSION_TABLE", initiator_service_table(service), 1), 0);
}

static void open_targets(void)
{
    supervised_folder_open();
    struct failure failure = {0};
    size_t count = 0;
    ck_assert_msg(emulator_start(&emulator, supervisor, &topology, folder, &failure) == 0, "%s",
                  failure.text);
    port = emulator_portals(emulator, 0, &count)[0].port;
    shared =
        mmap(NULL, 2 * sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(shared, MAP_FAILED);
}

static void close_targets(void)
{
    initiator_service_stop(service);
    service = NULL;
    emulator_stop(emulator);
    supervised_folder_close();
}

// ---- what the targets know ----

// How many connections there are with all targets.
static size_t account(void)
{
    struct tgtd_report report = {0};
    struct failure failure = {0};
    ck_assert_msg(tgtd_get_report((struct tgtd *)emulator_instance(emulator, 0), TARGET_COUNT,
                                  &report, &failure) == 0,
                  "%s", failure.text);
    size_t count = report.connection_count;
    tgtd_report_free(&report);
    return count;
}

static bool never(void *argument)
{
    (void)argument;
    return false;
}

// Waits until the targets have that many connections: a target takes a moment to notice an end.
static void await_account(size_t wanted)
{
    for (int i = 0; i < 100 && account() != wanted; i++)
        ck_assert_int_eq(supervisor_wait(supervisor, never, NULL, 50, NULL), 1);
    ck_assert_uint_eq(account(), wanted);
}

// ---- callers in processes of their own ----

struct functions {
    iscsi_login_target_a *login_a;
    iscsi_login_target_w *login_w;
    iscsi_logout_target *logout;
    iscsi_add_portal_a *add_portal_a;
    iscsi_node_name_a *node_name_a;
    iscsi_node_name_w *node_name_w;
    iscsi_version *version;
    iscsi_session_list_a *list_a;
};

static struct functions load(void)
{
    void *library = dlopen(TCK_REFERENCE, RTLD_NOW);
    return (struct functions){
        .login_a = (iscsi_login_target_a *)dlsym(library, "LoginIScsiTargetA"),
        .login_w = (iscsi_login_target_w *)dlsym(library, "LoginIScsiTargetW"),
        .logout = (iscsi_logout_target *)dlsym(library, "LogoutIScsiTarget"),
        .add_portal_a = (iscsi_add_portal_a *)dlsym(library, "AddIScsiSendTargetPortalA"),
        .node_name_a = (iscsi_node_name_a *)dlsym(library, "GetIScsiInitiatorNodeNameA"),
        .node_name_w = (iscsi_node_name_w *)dlsym(library, "GetIScsiInitiatorNodeNameW"),
        .version = (iscsi_version *)dlsym(library, "GetIScsiVersionInformation"),
        .list_a = (iscsi_session_list_a *)dlsym(library, ISCSI_SESSION_LIST_NAME_A),
    };
}

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                \
            return 1;                                                                              \
        }                                                                                          \
    } while (0)

struct caller {
    pid_t pid;
    int end; // readable when it has ended
};

static struct caller caller_start(int (*body)(const struct functions *functions))
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    struct caller caller = {.pid = fork(), .end = ends[0]};
    ck_assert_int_ge(caller.pid, 0);
    if (caller.pid == 0) {
        close(ends[0]);
        const struct functions functions = load();
        _exit(body(&functions));
    }
    close(ends[1]);
    return caller;
}

static void caller_finish(const struct caller *caller)
{
    struct failure failure = {0};
    int status = 0;
    int result = supervisor_wait_readable(supervisor, caller->end, PATIENCE_MS, &failure);
    ck_assert_msg(result == 0, "the caller did not end: %s", failure.text);
    close(caller->end);
    ck_assert_int_eq(waitpid(caller->pid, &status, 0), caller->pid);
    ck_assert_int_eq(status, 0);
}

static void call(int (*body)(const struct functions *functions))
{
    const struct caller caller = caller_start(body);
    caller_finish(&caller);
}

static uint32_t login_to(const struct functions *functions, const char *target,
                         struct iscsi_login_options *options, struct iscsi_unique_id ids[2])
{
    iscsi_target_portal_a portal = {.address = "127.0.0.1", .socket = port};
    return functions->login_a((char *)target, 0, NULL, ISCSI_ANY_PORT, &portal, 0, NULL, options, 0,
                              NULL, 0, &ids[0], &ids[1]);
}

static bool same_id(const struct iscsi_unique_id *one, const struct iscsi_unique_id *other)
{
    return one->adapter_unique == other->adapter_unique &&
           one->adapter_specific == other->adapter_specific;
}

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
    REQUIRE(session->connections->target_socket == port);
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
    start_service(_i == 1);
    call(make_session);
    ck_assert_uint_eq(initiator_service_session_count(service), 1);
    ck_assert_uint_eq(account(), 1);
    call(end_session);
    ck_assert_uint_eq(initiator_service_session_count(service), 0);
    await_account(0);
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
    ck_assert_uint_eq(account(), 1);
    ck_assert_int_eq(write(program.in, "\n", 1), 1);
    program_finish(&program);
    ck_assert_ptr_nonnull(strstr(program.said, "logged out\n"));
    ck_assert_uint_eq(initiator_service_session_count(service), 0);
    await_account(0);
}

static const char *port_text(void)
{
    static char text[8];
    snprintf(text, sizeof text, "%u", port);
    return text;
}

START_TEST(test_caller_in_c)
{
    start_service(_i == 1);
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
    start_service(false);
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
    tcase_add_checked_fixture(tests, open_targets, close_targets);
    tcase_add_loop_test(tests, test_session, 0, 2);
    tcase_add_loop_test(tests, test_caller_in_c, 0, 2);
    tcase_add_test(tests, test_caller_in_python);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite;
}
