// SPDX-License-Identifier: Apache-2.0
// Targets, an initiator service, and callers of the reference, for the tests of the service.
#include "tests/serviced.h"

#include "tests/folder.h"
#include "tests/supervised.h"

#include <check.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static struct topology_portal portals[] = {{.address = (char *)"127.0.0.1"},
                                           {.address = (char *)"127.20.30.40"}};
static struct topology_instance instances[] = {
    {.name = (char *)"one", .portal_count = 2, .portals = portals},
};
static char *nobody[] = {(char *)"iqn.2024-01.test:somebody-else"};
static struct topology_target targets[TARGET_COUNT] = {
    {.name = (char *)DISK, .lun_count = 2},
    {.name = (char *)SECRET_DISK,
     .lun_count = 1,
     .chap = {.user = (char *)"user", .password = (char *)"password-of-user"}},
    {.name = (char *)CLOSED_DISK, .allowed_initiator_count = 1, .allowed_initiators = nobody},
};
static const struct topology topology = {
    .instance_count = 1,
    .instances = instances,
    .target_count = TARGET_COUNT,
    .targets = targets,
};

struct emulator *emulator;
struct initiator_service *service;
uint16_t service_port;
struct iscsi_unique_id *shared;

void serviced_start(bool tcp)
{
    struct failure failure = {0};
    ck_assert_msg(initiator_service_start(&service, supervisor, folder, tcp, &failure) == 0, "%s",
                  failure.text);
    ck_assert_int_eq(setenv(INITIATOR_SERVICE_VARIABLE, initiator_service_address(service), 1), 0);
    ck_assert_int_eq(setenv("ISCSIDSC_SESSION_TABLE", initiator_service_table(service), 1), 0);
}

void serviced_open(void)
{
    supervised_folder_open();
    struct failure failure = {0};
    size_t count = 0;
    ck_assert_msg(emulator_start(&emulator, supervisor, &topology, folder, &failure) == 0, "%s",
                  failure.text);
    service_port = emulator_portals(emulator, 0, &count)[0].port;
    shared =
        mmap(NULL, 2 * sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(shared, MAP_FAILED);
}

void serviced_close(void)
{
    initiator_service_stop(service);
    service = NULL;
    emulator_stop(emulator);
    supervised_folder_close();
}

// ---- what the targets know ----

// How many connections there are with all targets.
size_t serviced_account(void)
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
void serviced_await_account(size_t wanted)
{
    for (int i = 0; i < 100 && serviced_account() != wanted; i++)
        ck_assert_int_eq(supervisor_wait(supervisor, never, NULL, 50, NULL), 1);
    ck_assert_uint_eq(serviced_account(), wanted);
}

// ---- callers in processes of their own ----

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
        .targets_a = (iscsi_targets_a *)dlsym(library, "ReportIScsiTargetsA"),
        .targets_w = (iscsi_targets_w *)dlsym(library, "ReportIScsiTargetsW"),
        .devices_a = (iscsi_devices_a *)dlsym(library, "GetDevicesForIScsiSessionA"),
        .devices_w = (iscsi_devices_w *)dlsym(library, "GetDevicesForIScsiSessionW"),
        .add_portal_w = (iscsi_add_portal_w *)dlsym(library, "AddIScsiSendTargetPortalW"),
        .list_a = (iscsi_session_list_a *)dlsym(library, ISCSI_SESSION_LIST_NAME_A),
    };
}

struct caller caller_start(int (*body)(const struct functions *functions))
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

void caller_finish(const struct caller *caller)
{
    struct failure failure = {0};
    int status = 0;
    int result = supervisor_wait_readable(supervisor, caller->end, PATIENCE_MS, &failure);
    ck_assert_msg(result == 0, "the caller did not end: %s", failure.text);
    close(caller->end);
    ck_assert_int_eq(waitpid(caller->pid, &status, 0), caller->pid);
    ck_assert_int_eq(status, 0);
}

void call(int (*body)(const struct functions *functions))
{
    const struct caller caller = caller_start(body);
    caller_finish(&caller);
}

uint32_t login_to(const struct functions *functions, const char *target,
                  struct iscsi_login_options *options, struct iscsi_unique_id ids[2])
{
    iscsi_target_portal_a portal = {.address = "127.0.0.1", .socket = service_port};
    return functions->login_a((char *)target, 0, NULL, ISCSI_ANY_PORT, &portal, 0, NULL, options, 0,
                              NULL, 0, &ids[0], &ids[1]);
}

bool same_id(const struct iscsi_unique_id *one, const struct iscsi_unique_id *other)
{
    return one->adapter_unique == other->adapter_unique &&
           one->adapter_specific == other->adapter_specific;
}

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

void serviced_run_sequence(const char *const *arguments)
{
    struct program program;
    program_start(&program, arguments);
    program_await(&program, "logged in");
    ck_assert_ptr_nonnull(strstr(program.said, "device lun 1 type 7"));
    ck_assert_uint_eq(initiator_service_session_count(service), 1);
    ck_assert_uint_eq(serviced_account(), 1);
    ck_assert_int_eq(write(program.in, "\n", 1), 1);
    program_finish(&program);
    ck_assert_ptr_nonnull(strstr(program.said, "logged out"));
    ck_assert_uint_eq(initiator_service_session_count(service), 0);
    serviced_await_account(0);
}

const char *service_port_text(void)
{
    static char text[8];
    snprintf(text, sizeof text, "%u", service_port);
    return text;
}
