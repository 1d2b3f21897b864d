// Targets, an initiator service, and callers of the reference, for the tests of the service.
#include "tests/serviced.h"

#include "tests/folder.h"
#include "tests/supervised.h"

#include <check.h>
#include <dlfcn.h>
#include <stdlib.h>
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
