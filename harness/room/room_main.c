// SPDX-License-Identifier: Apache-2.0
// The first process of a host's room. It makes namespaces of its own, in which a library can't see,
// signal or read the kit's processes, and runs the host there:
//
//     kit -> doorkeeper -> init of the room (process 1 there) -> host
//
// The doorkeeper is the process that the kit started, and ends as the host ends: with its exit
// code, or by its signal. Everything in the room has ended by then, also where SIGTERM asked the
// doorkeeper for it. When it is killed instead, init dies with it, and with init everything in the
// room, in a moment of its own.
//
// What the host finds in its room: the file system, of which it can write to the folders named on
// the command line; a /proc of the room's processes; a /dev/shm, System V objects and message
// queues that are gone with the room; no capabilities, and no way to gain some; a network of its
// own, where that is asked for, which has nothing but a loopback interface.
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    EXIT_NO_ROOM = 125, // a host's may be the same: see --word
    FOLDERS_MAX = 8,
    PROCESSES_MAX = 4096, // in the room, threads included
    FIRST_UNUSED = 3,     // descriptor behind the standard ones
    CAPABILITIES_MAX = 64,
};

static const char usage[] =
    "Usage: iscsidsc-tck-room [OPTION...] -- PROGRAM [ARGUMENT...]\n"
    "       iscsidsc-tck-room [OPTION...] --try FILE\n"
    "\n"
    "Runs PROGRAM in namespaces of its own: it can't see or signal processes outside. Ends as\n"
    "PROGRAM ends; with status 125 and a message where the machine does not allow it. The kit\n"
    "starts it for each host (see --isolation of iscsidsc-tck run).\n"
    "\n"
    "  --hide DIR       the folder is empty there\n"
    "  --show DIR       but for this folder in it, which can be read only\n"
    "  --writable DIR   only these folders can be written to (one of them at least; else all)\n"
    "  --read-only DIR  the folder can be read only, also in one of those\n"
    "  --no-network     no network but a loopback interface of its own\n"
    "  --word FD        why there is no room is written to this descriptor, too, which PROGRAM has "
    "not\n"
    "  --try FILE       see whether all this is possible, and FILE can be read there\n";

struct folders {
    const char *names[FOLDERS_MAX];
    int descriptors[FOLDERS_MAX]; // of those that are shown
    size_t count;
};

struct request {
    struct folders hidden;
    struct folders shown;
    struct folders writable;
    struct folders read_only;
    bool no_network;
    int word;        // 0: none
    const char *try; // NULL: run `program`
    char **program;
};

// What the signal handler and give_up have to know.
static int word_to = -1; // the descriptor of --word
static pid_t room_init;  // 0: not started

__attribute__((noreturn, format(printf, 1, 2))) static void give_up(const char *format, ...)
{
    int error = errno;
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fprintf(stderr, "iscsidsc-tck-room: %s: %s\n", text, strerror(error));
    if (word_to >= 0)
        dprintf(word_to, "%s: %s", text, strerror(error));
    _exit(EXIT_NO_ROOM);
}

// ---- the command line

static bool add_folder(struct folders *folders, const char *name)
{
    if (name == NULL || folders->count == FOLDERS_MAX)
        return false;
    folders->names[folders->count++] = name;
    return true;
}

static bool read_arguments(struct request *request, char **at)
{
    for (; *at != NULL && strcmp(*at, "--") != 0; at++) {
        bool taken = false;
        if (strcmp(*at, "--no-network") == 0)
            taken = request->no_network = true;
        else if (strcmp(*at, "--hide") == 0)
            taken = add_folder(&request->hidden, *++at);
        else if (strcmp(*at, "--show") == 0)
            taken = add_folder(&request->shown, *++at);
        else if (strcmp(*at, "--writable") == 0)
            taken = add_folder(&request->writable, *++at);
        else if (strcmp(*at, "--read-only") == 0)
            taken = add_folder(&request->read_only, *++at);
        else if (strcmp(*at, "--try") == 0)
            taken = (request->try = *++at) != NULL;
        else if (strcmp(*at, "--word") == 0)
            taken = *++at != NULL && (request->word = (int)strtol(*at, NULL, 10)) >= FIRST_UNUSED;
        if (!taken)
            return false;
    }
    request->program = *at != NULL ? at + 1 : at;
    return (*request->program != NULL) != (request->try != NULL);
}

// ---- the namespaces

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        give_up("%s", path);
    close(fd);
}

static void try_write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t written = write(fd, text, strlen(text));
    (void)written; // an older kernel has no such limit
    close(fd);
}

// The user stays who it is, and is nobody else.
static void map_user(uid_t user, gid_t group)
{
    char text[64];
    write_file("/proc/self/setgroups", "deny");
    snprintf(text, sizeof text, "%u %u 1", (unsigned)user, (unsigned)user);
    write_file("/proc/self/uid_map", text);
    snprintf(text, sizeof text, "%u %u 1", (unsigned)group, (unsigned)group);
    write_file("/proc/self/gid_map", text);
}

static void leave(const struct request *request)
{
    uid_t user = geteuid();
    gid_t group = getegid();
    int flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC;
    if (unshare(flags | (request->no_network ? CLONE_NEWNET : 0)) != 0)
        give_up("no namespaces");
    map_user(user, group);
}

static void raise_loopback(void)
{
    struct ifreq interface = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &interface) != 0)
        give_up("no loopback interface");
    close(fd);
}

// ---- what the room shows

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static void mount_new(const char *kind, const char *at, const char *options)
{
    if (mount(kind, at, kind, MS_NOSUID | MS_NODEV | MS_NOEXEC, options) != 0)
        give_up("%s cannot be mounted at %s", kind, at);
}

static void make_read_only(const char *at, bool with_all_below)
{
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID};
    if (mount_setattr(AT_FDCWD, at, with_all_below ? AT_RECURSIVE : 0, &attributes,
                      sizeof attributes) != 0)
        give_up("%s cannot be made read-only", at);
}

// What was read-only outside stays so.
static void try_make_writable(const char *at)
{
    struct mount_attr attributes = {.attr_clr = MOUNT_ATTR_RDONLY};
    if (mount_setattr(AT_FDCWD, at, AT_RECURSIVE, &attributes, sizeof attributes) != 0)
        mount_setattr(AT_FDCWD, at, 0, &attributes, sizeof attributes);
}

static void bind_folder(const char *from, const char *to)
{
    if (mount(from, to, NULL, MS_BIND | MS_REC, NULL) != 0)
        give_up("%s cannot be bound to %s", from, to);
}

// Makes the folder and those above it.
static void make_folders(const char *path)
{
    char *copy = strdup(path);
    if (copy == NULL)
        give_up("%s", path);
    for (char *slash = strchr(copy + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(copy, 0755); // may be there
        *slash = '/';
    }
    if (mkdir(copy, 0755) != 0 && errno != EEXIST)
        give_up("%s", path);
    free(copy);
}

static void show(const char *path, int descriptor)
{
    char from[64];
    snprintf(from, sizeof from, "/proc/self/fd/%d", descriptor);
    make_folders(path);
    bind_folder(from, path);
    make_read_only(path, true);
    close(descriptor);
}

// That nobody in the room can undo.
static void limit(void)
{
    const struct rlimit processes = {PROCESSES_MAX, PROCESSES_MAX};
    char number[16];
    snprintf(number, sizeof number, "%d", PROCESSES_MAX);
    setrlimit(RLIMIT_NPROC, &processes); // does not bind root, but this does where there is one:
    try_write_file("/proc/sys/kernel/pid_max", number);
    // In a namespace of its own a library would have capabilities again.
    try_write_file("/proc/sys/user/max_user_namespaces", "0");
}

// Root is root here, too, without its capabilities, and all of /proc/sys is root's.
static void close_settings(void)
{
    if (geteuid() != 0 || !exists("/proc/sys"))
        return;
    bind_folder("/proc/sys", "/proc/sys");
    make_read_only("/proc/sys", true);
}

static void furnish(struct request *request)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        give_up("its mounts cannot be made its own");
    if (request->writable.count > 0)
        make_read_only("/", true);
    for (size_t i = 0; i < request->writable.count; i++) {
        bind_folder(request->writable.names[i], request->writable.names[i]);
        try_make_writable(request->writable.names[i]);
    }
    mount_new("proc", "/proc", NULL);
    limit();
    close_settings();
    if (exists("/dev/shm"))
        mount_new("tmpfs", "/dev/shm", "size=256m,mode=1777");
    if (exists("/dev/mqueue"))
        mount_new("mqueue", "/dev/mqueue", NULL);
    struct folders *shown = &request->shown;
    for (size_t i = 0; i < shown->count; i++) {
        shown->descriptors[i] = open(shown->names[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (shown->descriptors[i] < 0)
            give_up("%s", shown->names[i]);
    }
    for (size_t i = 0; i < request->read_only.count; i++) {
        bind_folder(request->read_only.names[i], request->read_only.names[i]);
        make_read_only(request->read_only.names[i], true);
    }
    for (size_t i = 0; i < request->hidden.count; i++)
        mount_new("tmpfs", request->hidden.names[i], "size=64k,mode=0755");
    for (size_t i = 0; i < shown->count; i++)
        show(shown->names[i], shown->descriptors[i]);
    for (size_t i = 0; i < request->hidden.count; i++)
        make_read_only(request->hidden.names[i], false);
}

// ---- what nobody in the room may do

static void drop_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}, {0}};
    int last = 0;
    while (last < CAPABILITIES_MAX && prctl(PR_CAPBSET_DROP, last, 0, 0, 0) == 0)
        last++; // until the first that this kernel has not
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_capset, &header, none) != 0)
        give_up("its capabilities cannot be dropped");
}

// ---- the processes

// What init tells the doorkeeper: how the host ended.
struct end {
    int wait_status;
};

// Every descriptor but these two; the first is not less than 0.
static void close_all_but(int one, int other)
{
    int low = one < other || other < 0 ? one : other;
    int high = low == one ? other : one;
    if (low > 0)
        close_range(0, (unsigned)low - 1, 0);
    if (high > low + 1)
        close_range((unsigned)low + 1, (unsigned)high - 1, 0);
    close_range((unsigned)(high > low ? high : low) + 1, ~0U, 0);
}

// Reaps whatever dies in the room until the host has ended. The kernel ends the rest with init.
__attribute__((noreturn)) static void be_init(pid_t host, int tell)
{
    struct end end = {0};
    pid_t ended = 0;
    do
        ended = waitpid(-1, &end.wait_status, __WALL);
    while (ended != host && (ended > 0 || errno == EINTR));
    ssize_t written = write(tell, &end, sizeof end);
    _exit(written == (ssize_t)sizeof end ? 0 : EXIT_NO_ROOM);
}

__attribute__((noreturn)) static void become_host(char **program)
{
    setsid();
    execv(program[0], program);
    give_up("%s cannot be started", program[0]);
}

// The doorkeeper may have died before this process asked to die with it.
static bool is_alone(int tell)
{
    struct pollfd reader = {.fd = tell, .events = POLLOUT};
    return poll(&reader, 1, 0) < 0 || (reader.revents & POLLERR) != 0;
}

__attribute__((noreturn)) static void open_room(struct request *request, int tell)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || is_alone(tell))
        _exit(EXIT_NO_ROOM);
    if (request->no_network)
        raise_loopback();
    furnish(request);
    drop_capabilities();
    if (request->try != NULL) {
        if (access(request->try, R_OK) != 0)
            give_up("%s cannot be read there", request->try);
        be_init(-1, tell); // which has no children
    }
    prctl(PR_SET_DUMPABLE, 0);
    pid_t host = fork();
    if (host == 0)
        become_host(request->program);
    if (host < 0)
        give_up("no process can be made");
    close_all_but(tell, -1);
    be_init(host, tell);
}

// Ends as the host did.
__attribute__((noreturn)) static void end_alike(int wait_status)
{
    if (WIFEXITED(wait_status))
        _exit(WEXITSTATUS(wait_status));
    sigset_t all;
    sigfillset(&all);
    signal(WTERMSIG(wait_status), SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    raise(WTERMSIG(wait_status));
    _exit(128 + WTERMSIG(wait_status));
}

__attribute__((noreturn)) static void keep_door(pid_t init, int told)
{
    struct end end = {0};
    int wait_status = 0;
    close_all_but(told, word_to);
    while (waitpid(init, &wait_status, 0) < 0 && errno == EINTR) {
    }
    if (read(told, &end, sizeof end) == (ssize_t)sizeof end)
        end_alike(end.wait_status);
    // It failed before there was a host, and has said so; or was killed from outside the room.
    end_alike(wait_status);
}

// Init has no choice, and takes all with it.
static void end_room(int signal_number)
{
    (void)signal_number;
    if (room_init > 0)
        kill(room_init, SIGKILL);
    else
        _exit(128 + SIGKILL);
}

static void answer_term(void)
{
    const struct sigaction action = {.sa_handler = end_room};
    sigaction(SIGTERM, &action, NULL);
}

// SIGTERM waits until it is known whom it is about; from then on no other signal ends the
// doorkeeper but SIGKILL.
static pid_t fork_init(void)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    pid_t init = fork();
    if (init > 0) {
        room_init = init;
        sigdelset(&all, SIGTERM);
        sigprocmask(SIG_SETMASK, &all, NULL);
    } else if (init == 0) {
        signal(SIGTERM, SIG_DFL);
        sigprocmask(SIG_SETMASK, &before, NULL);
    }
    return init;
}

int main(int argc, char **argv)
{
    struct request request = {0};
    int told[2];
    pid_t parent = getppid();
    (void)argc;
    if (argv[0] != NULL && argv[1] != NULL && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return fflush(stdout) == 0 ? 0 : 2;
    }
    if (argv[0] == NULL || !read_arguments(&request, argv + 1)) {
        fputs(usage, stderr);
        return 2;
    }
    if (request.word != 0 && fcntl(request.word, F_SETFD, FD_CLOEXEC) == 0)
        word_to = request.word;
    answer_term();
    leave(&request);
    // Which the change of the user namespace has undone.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(EXIT_NO_ROOM);
    prctl(PR_SET_DUMPABLE, 0);
    if (pipe2(told, O_CLOEXEC) != 0)
        give_up("no pipe");
    pid_t init = fork_init();
    if (init == 0) {
        close(told[0]);
        open_room(&request, told[1]);
    }
    if (init < 0)
        give_up("no process can be made");
    close(told[1]);
    keep_door(init, told[0]);
}
