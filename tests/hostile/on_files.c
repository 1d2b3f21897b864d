// SPDX-License-Identifier: Apache-2.0
// Attacks on the kit's folder, the session table, the report, tgtd's sockets, and by objects that
// outlive processes.
#include "tests/hostile/hostile.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { FILE_MIB = 64 };

static const char *table_path(void)
{
    const char *path = getenv("ISCSIDSC_SESSION_TABLE");
    return path == NULL ? "/nonexistent" : path;
}

// The folder that the session table is in, below the kit's.
static const char *table_folder(void)
{
    static _Thread_local char folder[512];
    snprintf(folder, sizeof folder, "%s", table_path());
    char *last = strrchr(folder, '/');
    if (last != NULL)
        *last = '\0';
    return folder;
}

static const char *report_path(void)
{
    const char *path = getenv("TCK_HOSTILE_REPORT");
    return path == NULL ? "/nonexistent" : path;
}

// ---- The kit's folder

// Too deep for a path: only whoever descends step by step gets to the end.
void attack_leaves_deep_folders(const struct asked *asked)
{
    int folder = open(table_folder(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    (void)asked;
    for (int i = 0; i < 500 && folder >= 0; i++) {
        mkdirat(folder, "a-name-that-makes-the-path-longer-than-a-path-can-be", 0700);
        int next = openat(folder, "a-name-that-makes-the-path-longer-than-a-path-can-be",
                          O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        close(folder);
        folder = next;
    }
    if (folder >= 0)
        close(folder);
}

void attack_leaves_5000_files(const struct asked *asked)
{
    char name[32];
    (void)asked;
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof name, "file-%d", i);
        write_text(path_in(table_folder(), name), "");
    }
}

void attack_leaves_strange_names(const struct asked *asked)
{
    char longest[256];
    (void)asked;
    memset(longest, 'x', 255);
    longest[255] = '\0';
    write_text(path_in(table_folder(), longest), "");
    write_text(path_in(table_folder(), "line\nbreak"), "");
    write_text(path_in(table_folder(), "\xFF\xFE\x80"), "");
    write_text(path_in(table_folder(), "-rf *"), "");
    mkfifo(path_in(table_folder(), "fifo"), 0600);
    mkdir(path_in(table_folder(), "..."), 0);
}

void attack_locks_folders(const struct asked *asked)
{
    char inner[512];
    (void)asked;
    snprintf(inner, sizeof inner, "%s", path_in(table_folder(), "inner"));
    mkdir(inner, 0700);
    write_text(path_in(inner, "file"), "");
    chmod(inner, 0);
    chmod(table_folder(), 0);
    chmod(kit_folder(), 0);
}

void attack_makes_files_immutable(const struct asked *asked)
{
    int flags = FS_IMMUTABLE_FL;
    const char *path = path_in(table_folder(), "immutable");
    (void)asked;
    write_text(path, "");
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ioctl(file, FS_IOC_SETFLAGS, &flags);
    close(file);
}

void attack_mounts_over_folder(const struct asked *asked)
{
    (void)asked;
    mount("none", table_folder(), "tmpfs", 0, "size=64k");
}

// Whoever removes what is below the links removes what is not the kit's.
void attack_leaves_links_to_others(const struct asked *asked)
{
    const char *victim = getenv("TCK_HOSTILE_VICTIM");
    (void)asked;
    if (victim == NULL)
        return;
    if (symlink(victim, path_in(table_folder(), "link")) != 0 ||
        symlink("/", path_in(table_folder(), "root")) != 0)
        return;
}

void attack_swaps_folder_for_link(const struct asked *asked)
{
    char ours[512];
    const char *victim = getenv("TCK_HOSTILE_VICTIM");
    (void)asked;
    snprintf(ours, sizeof ours, "%s", kit_folder());
    if (victim == NULL || rename(ours, path_in(temporary_folder(), "moved")) != 0)
        return;
    if (symlink(victim, ours) != 0)
        return;
}

void attack_renames_folder(const struct asked *asked)
{
    char ours[512];
    (void)asked;
    snprintf(ours, sizeof ours, "%s", kit_folder());
    rename(ours, path_in(temporary_folder(), "moved"));
}

// New files come for as long as the old ones are removed.
void attack_refills_folder(const struct asked *asked)
{
    char name[32];
    (void)asked;
    if (fork_daemon() != 0)
        return;
    int folder = open(table_folder(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < 2000000 && folder >= 0; i++) {
        snprintf(name, sizeof name, "file-%d", i);
        int file = openat(folder, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (file < 0)
            break;
        close(file);
        if (i % 1000 == 0)
            sleep_ms(5);
    }
    live_on();
}

void attack_leaves_file_beside_folder(const struct asked *asked)
{
    (void)asked;
    write_text(path_in(temporary_folder(), "hostile-file"), "left");
}

void attack_fills_disk(const struct asked *asked)
{
    static const char bytes[1 << 20];
    int file = open(path_in(table_folder(), "large"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    (void)asked;
    for (int i = 0; i < FILE_MIB; i++)
        if (write(file, bytes, sizeof bytes) < 0)
            break;
    close(file);
}

// ---- The session table

void attack_removes_table(const struct asked *asked)
{
    (void)asked;
    unlink(table_path());
}

void attack_empties_table(const struct asked *asked)
{
    (void)asked;
    if (truncate(table_path(), 0) != 0)
        return;
}

void attack_makes_table_a_folder(const struct asked *asked)
{
    (void)asked;
    unlink(table_path());
    mkdir(table_path(), 0700);
    mkdir(path_in(table_path(), "inner"), 0700);
}

void attack_makes_table_a_fifo(const struct asked *asked)
{
    (void)asked;
    unlink(table_path());
    mkfifo(table_path(), 0600);
}

// The table then says what the library says.
void attack_changes_table(const struct asked *asked)
{
    char text[8192];
    (void)asked;
    size_t length = read_text(table_path(), text, sizeof text);
    char *name = strstr(text, "iqn.");
    if (length == 0 || name == NULL)
        return;
    name[5] = 'X';
    write_text(table_path(), text);
}

// Whoever opens it waits until the holder gives way, or the kernel loses patience.
void attack_leases_table(const struct asked *asked)
{
    (void)asked;
    if (fork_daemon() != 0) {
        sleep_ms(100);
        return;
    }
    signal(SIGIO, SIG_IGN);
    int file = open(table_path(), O_RDONLY | O_CLOEXEC);
    for (int i = 0; i < 100 && fcntl(file, F_SETLEASE, F_WRLCK) != 0; i++)
        sleep_ms(10);
    live_on();
}

// ---- The report

void attack_writes_report(const struct asked *asked)
{
    (void)asked;
    write_text(report_path(), "{\"exit_status\": 0, \"verdict\": \"pass\"}\n");
}

// When the kit has ended, it has the last word.
void attack_writes_report_afterwards(const struct asked *asked)
{
    pid_t pids[16];
    size_t count = list_ancestors(pids, 16);
    (void)asked;
    if (fork_daemon() != 0)
        return;
    for (int i = 0; i < LIFETIME_S * 1000; i++) {
        if (count == 0 || kill(pids[count - 1], 0) != 0)
            attack_writes_report(NULL);
        sleep_ms(1);
    }
    _exit(0);
}

void attack_makes_report_a_fifo(const struct asked *asked)
{
    (void)asked;
    unlink(report_path());
    mkfifo(report_path(), 0600);
}

void attack_makes_report_a_folder(const struct asked *asked)
{
    (void)asked;
    unlink(report_path());
    mkdir(report_path(), 0700);
    write_text(path_in(report_path(), "file"), "");
}

void attack_makes_report_a_link(const struct asked *asked)
{
    char precious[512];
    const char *victim = getenv("TCK_HOSTILE_VICTIM");
    (void)asked;
    if (victim == NULL)
        return;
    snprintf(precious, sizeof precious, "%s/precious", victim);
    unlink(report_path());
    if (symlink(precious, report_path()) != 0)
        return;
}

// By its path, and by the folder that the kit works in, whatever is mounted over that.
void attack_forges_transcript(const struct asked *asked)
{
    const char *folder = getenv("TCK_HOSTILE_TRANSCRIPT");
    (void)asked;
    if (folder != NULL)
        write_text(path_in(folder, "single.jsonl"), "forged\n");
    write_text("single.jsonl", "forged\n");
}

// What a room is made of.
void attack_unmounts_what_is_mounted(const struct asked *asked)
{
    char line[1024];
    char path[512];
    FILE *mounts = fopen("/proc/self/mounts", "re");
    (void)asked;
    while (mounts != NULL && fgets(line, sizeof line, mounts) != NULL)
        if (sscanf(line, "%*s %511s", path) == 1 &&
            strncmp(path, temporary_folder(), strlen(temporary_folder())) == 0)
            umount2(path, MNT_DETACH);
    if (mounts != NULL)
        fclose(mounts);
}

// ---- Its own file

void attack_removes_itself(const struct asked *asked)
{
    (void)asked;
    unlink(own_path());
}

void attack_replaces_itself_by_text(const struct asked *asked)
{
    char path[512];
    (void)asked;
    snprintf(path, sizeof path, "%s", own_path());
    unlink(path);
    write_text(path, "no library\n");
}

// What is loaded, and what is read of it, are gone under the feet of whoever maps the file.
void attack_truncates_itself(const struct asked *asked)
{
    (void)asked;
    if (truncate(own_path(), 0) != 0)
        return;
}

static void crash(void)
{
    volatile uintptr_t address = 16;
    *(volatile char *)pointer_to(address) = 1;
}

// Whoever wants to know where it crashed opens its file.
void attack_replaces_itself_by_fifo(const struct asked *asked)
{
    (void)asked;
    unlink(own_path());
    mkfifo(own_path(), 0600);
    crash();
}

void attack_replaces_itself_by_endless_file(const struct asked *asked)
{
    (void)asked;
    unlink(own_path());
    if (symlink("/dev/zero", own_path()) == 0)
        crash();
}

// What the user excuses is then what the library wants.
void attack_writes_waivers(const struct asked *asked)
{
    const char *path = getenv("TCK_HOSTILE_WAIVERS");
    (void)asked;
    if (path != NULL)
        write_text(path, "waivers:\n  - clause: COUNT-1\n    scenario: \"*\"\n"
                         "    reason: forged\n");
}

// The kit's own ones, where its user may write to them: what is started next is the library's, and
// is not started by the host. Here they are copies.
void attack_replaces_kits_programs(const struct asked *asked)
{
    static const char *const names[] = {"iscsidsc-tck-room", "iscsidsc-tck-host"};
    char folder[512] = "";
    char script[1024];
    char path[1024];
    (void)asked;
    if (readlink("/proc/self/exe", folder, sizeof folder - 1) <= 0 ||
        strstr(folder, "/kit/bin/") == NULL)
        return;
    *strrchr(folder, '/') = '\0';
    snprintf(script, sizeof script, "#!/bin/sh\n: >%s/escaped\n", temporary_folder());
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
        write_text(path, script);
        chmod(path, 0755);
    }
    _exit(1); // another host has to be started
}

// ---- tgtd

static int connect_to_tgtd(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path_in(table_folder(), "tgtd-0"));
    strncat(address.sun_path, "/socket.0", sizeof address.sun_path - strlen(address.sun_path) - 1);
    if (descriptor >= 0 && connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

void attack_clogs_management_socket(const struct asked *asked)
{
    (void)asked;
    if (fork_daemon() != 0)
        return;
    for (int i = 0; i < 200; i++)
        connect_to_tgtd();
    live_on();
}

void attack_sends_garbage_to_tgtd(const struct asked *asked)
{
    char bytes[4096];
    int descriptor = connect_to_tgtd();
    (void)asked;
    memset(bytes, 0xA5, sizeof bytes);
    if (descriptor >= 0)
        send(descriptor, bytes, sizeof bytes, MSG_NOSIGNAL);
    close(descriptor);
}

static void run_tgtadm(const char *arguments)
{
    char command[1024];
    snprintf(
        command, sizeof command,
        "TGT_IPC_SOCKET='%s/tgtd-0/socket' tgtadm -C 0 --lld iscsi %s >/dev/null 2>&1 </dev/null",
        table_folder(), arguments);
    if (system(command) != 0) // NOLINT: there is no other user here
        return;
}

void attack_deletes_target(const struct asked *asked)
{
    (void)asked;
    run_tgtadm("--op delete --mode target --tid 1 --force");
}

void attack_adds_target(const struct asked *asked)
{
    (void)asked;
    run_tgtadm("--op new --mode target --tid 77 -T iqn.2099-01.hostile:target");
}

void attack_ends_sessions(const struct asked *asked)
{
    (void)asked;
    for (int session = 1; session < 5; session++) {
        char arguments[128];
        snprintf(arguments, sizeof arguments, "--op delete --mode conn --tid 1 --sid %d --cid 0",
                 session);
        run_tgtadm(arguments);
    }
}

// ---- Objects without a process or a file

void attack_leaves_system_v_objects(const struct asked *asked)
{
    struct {
        long type;
        char text[64];
    } message = {1, "left"};
    (void)asked;
    for (int i = 0; i < 4; i++) {
        int queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
        if (shmget(IPC_PRIVATE, 1 << 20, IPC_CREAT | 0600) < 0 ||
            semget(IPC_PRIVATE, 4, IPC_CREAT | 0600) < 0 ||
            msgsnd(queue, &message, sizeof message.text, IPC_NOWAIT) != 0)
            return;
    }
}

void attack_leaves_shared_memory(const struct asked *asked)
{
    char name[32];
    (void)asked;
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "/hostile-%d-%d", (int)getpid(), i);
        int file = shm_open(name, O_CREAT | O_RDWR, 0600);
        if (ftruncate(file, 1 << 20) != 0)
            return;
        close(file);
    }
}

void attack_leaves_message_queue(const struct asked *asked)
{
    struct mq_attr attributes = {.mq_maxmsg = 4, .mq_msgsize = 64};
    char name[32];
    (void)asked;
    snprintf(name, sizeof name, "/hostile-%d", (int)getpid());
    mq_open(name, O_CREAT | O_RDWR, 0600, &attributes);
}

// The ports that others may want, and a socket without a file.
void attack_takes_all_ports(const struct asked *asked)
{
    (void)asked;
    if (fork_daemon() != 0)
        return;
    for (int port = 1024; port < 65536; port++) {
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port = htons((uint16_t)port),
                                      .sin_addr = {htonl(INADDR_LOOPBACK)}};
        int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (descriptor < 0)
            break;
        if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0 ||
            listen(descriptor, 1) != 0)
            close(descriptor);
    }
    live_on();
}
