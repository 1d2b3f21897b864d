// SPDX-License-Identifier: Apache-2.0
// A listener's child on Unix: the program itself, with a socket as its channel and a pipe for what
// it prints.
#include "harness/host/host_unix.h"
#include "harness/host/listener_os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHANNEL_AS = 3 };

// The same as for a host that the kit starts: a library that eats memory ends itself.
static const size_t data_limit = (size_t)2 << 30;

struct os_child {
    pid_t pid;
    int pidfd;
    int channel;
    int output;           // non-blocking
    pthread_mutex_t lock; // of what follows
    bool reaped;
};

// Everything that the child needs between fork and exec, made before.
struct start {
    char *arguments[4];
    char **environment;
    char channel[24];
    char table[sizeof "ISCSIDSC_SESSION_TABLE=" + RELAY_TABLE_MAX];
    int pair[2];
    int output[2];
    pid_t parent;
};

static char **make_environment(struct start *start, const struct relay_request *request)
{
    static const char name[] = "ISCSIDSC_SESSION_TABLE=";
    size_t count = 0;
    size_t used = 0;
    while (environ[count] != NULL)
        count++;
    char **result = calloc(count + 2, sizeof *result);
    for (size_t i = 0; result != NULL && i < count; i++)
        if (request->table_is == RELAY_TABLE_KEEP ||
            strncmp(environ[i], name, sizeof name - 1) != 0)
            result[used++] = environ[i];
    if (result != NULL && request->table_is == RELAY_TABLE_SET) {
        snprintf(start->table, sizeof start->table, "%s%s", name, request->table);
        result[used] = start->table;
    }
    return result;
}

// --- the child between fork and exec: async-signal-safe calls only

static void limit_data(void)
{
    struct rlimit now;
    if (getrlimit(RLIMIT_DATA, &now) != 0)
        return;
    now.rlim_max = data_limit < now.rlim_max ? data_limit : now.rlim_max;
    now.rlim_cur = now.rlim_max;
    setrlimit(RLIMIT_DATA, &now);
}

static int place_descriptors(const struct start *start)
{
    int null = open("/dev/null", O_RDONLY);
    int channel = fcntl(start->pair[1], F_DUPFD, CHANNEL_AS + 1);
    if (null < 0 || channel < 0 || dup2(null, 0) < 0 || dup2(start->output[1], 1) < 0 ||
        dup2(start->output[1], 2) < 0 || dup2(channel, CHANNEL_AS) < 0)
        return -1;
    return close_range(CHANNEL_AS + 1, ~0U, 0);
}

__attribute__((noreturn)) static void become(const struct start *start)
{
    const struct rlimit no_core = {0, 0};
    sigset_t none;
    sigemptyset(&none);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != start->parent || setsid() < 0 ||
        place_descriptors(start) != 0)
        _exit(HOST_EXIT_USAGE);
    setrlimit(RLIMIT_CORE, &no_core);
    limit_data();
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve("/proc/self/exe", start->arguments, start->environment);
    _exit(HOST_EXIT_USAGE);
}

// --- the start

// How many children there are: a listener can have one for each seat.
static pthread_mutex_t census = PTHREAD_MUTEX_INITIALIZER;
static unsigned children;

static struct os_child *start_child(struct start *start)
{
    struct os_child *child = calloc(1, sizeof *child);
    if (child == NULL)
        return NULL;
    pthread_mutex_lock(&census); // nothing is an orphan that was only just started
    start->parent = getpid();
    child->pid = fork();
    if (child->pid == 0)
        become(start);
    child->pidfd = child->pid > 0 ? pidfd_open(child->pid, 0) : -1;
    if (child->pidfd < 0) {
        if (child->pid > 0) {
            kill(child->pid, SIGKILL);
            waitpid(child->pid, NULL, 0);
        }
        pthread_mutex_unlock(&census);
        free(child);
        return NULL;
    }
    children++;
    pthread_mutex_unlock(&census);
    pthread_mutex_init(&child->lock, NULL);
    child->channel = start->pair[0];
    child->output = start->output[0];
    return child;
}

struct os_child *os_child_start(const char *library, const struct relay_request *request)
{
    struct start start = {.pair = {-1, -1}, .output = {-1, -1}};
    struct os_child *child = NULL;
    // What a library leaves in the background is the listener's to end.
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    snprintf(start.channel, sizeof start.channel, CHANNEL_REMOTE "%d", CHANNEL_AS);
    start.arguments[0] = (char *)"iscsidsc-tck-host";
    start.arguments[1] = start.channel;
    start.arguments[2] = (char *)library;
    start.environment = make_environment(&start, request);
    if (start.environment != NULL &&
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, start.pair) == 0 &&
        pipe2(start.output, O_CLOEXEC) == 0 && fcntl(start.output[0], F_SETFL, O_NONBLOCK) == 0)
        child = start_child(&start);
    int *const mine[] = {&start.pair[1], &start.output[1], &start.pair[0], &start.output[0]};
    for (size_t i = 0; i < (child != NULL ? 2 : 4); i++)
        if (*mine[i] >= 0)
            close(*mine[i]);
    free(start.environment);
    return child;
}

// --- its channel and its output

long os_child_read(struct os_child *child, void *into, size_t room)
{
    for (;;) {
        struct pollfd waiting[] = {{.fd = child->channel, .events = POLLIN},
                                   {.fd = child->pidfd, .events = POLLIN}};
        if (poll(waiting, 2, -1) < 0 && errno != EINTR)
            return -1;
        // Where it has ended, what it wrote is there, though a child of its own keep the channel.
        ssize_t got = recv(child->channel, into, room, MSG_DONTWAIT);
        if (got >= 0)
            return got;
        if (errno != EAGAIN && errno != EINTR)
            return -1;
        if (waiting[1].revents != 0)
            return 0;
    }
}

int os_child_write(struct os_child *child, const void *bytes, size_t size)
{
    return os_socket_write(child->channel, bytes, size);
}

long os_child_said(struct os_child *child, void *into, size_t room)
{
    ssize_t got = child->output >= 0 ? read(child->output, into, room) : 0;
    return got > 0 ? got : 0;
}

void os_child_await_said(struct os_child *child, unsigned milliseconds)
{
    struct pollfd waiting[] = {{.fd = child->output, .events = POLLIN},
                               {.fd = child->pidfd, .events = POLLIN}};
    if (poll(waiting, 2, (int)milliseconds) <= 0 || (waiting[0].revents & POLLIN) != 0)
        return;
    // It has ended, of which the thread of the frames tells in a moment; or closed its output.
    os_sleep(waiting[1].revents != 0 ? 1 : milliseconds);
}

bool os_child_memory(struct os_child *child, struct relay_memory *memory)
{
    char line[256];
    unsigned long long now = 0;
    unsigned long long peak = 0;
    snprintf(line, sizeof line, "/proc/%ld/status", (long)child->pid);
    FILE *file = fopen(line, "re");
    if (file == NULL)
        return false;
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0)
            peak = strtoull(line + 6, NULL, 10);
        else if (strncmp(line, "VmRSS:", 6) == 0)
            now = strtoull(line + 6, NULL, 10);
    }
    fclose(file);
    *memory = (struct relay_memory){now * 1024, peak * 1024};
    return now > 0;
}

// --- its end

void os_child_kill(struct os_child *child)
{
    pthread_mutex_lock(&child->lock);
    if (!child->reaped) { // else the numbers may be anyone's
        kill(-child->pid, SIGKILL);
        kill(child->pid, SIGKILL);
    }
    pthread_mutex_unlock(&child->lock);
}

// The parent of a process, 0 where that can't be known.
static long parent_of(long pid)
{
    char text[512];
    snprintf(text, sizeof text, "/proc/%ld/stat", pid);
    FILE *file = fopen(text, "re");
    if (file == NULL)
        return 0;
    char *got = fgets(text, sizeof text, file);
    fclose(file);
    const char *behind = got != NULL ? strrchr(text, ')') : NULL;
    return behind != NULL && strlen(behind) > 4 ? strtol(behind + 4, NULL, 10) : 0;
}

// Kills what all children have left: the listener, which has no child any more, is its parent by
// now. True while there was something.
static bool kill_orphans(void)
{
    siginfo_t ignored;
    if (waitid(P_ALL, 0, &ignored, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD)
        return false;
    DIR *folder = opendir("/proc");
    bool any = false;
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        long pid = strtol(entry->d_name, NULL, 10);
        if (pid > 0 && parent_of(pid) == getpid()) {
            any = true;
            kill((pid_t)pid, SIGKILL);
            waitpid((pid_t)pid, NULL, 0);
        }
    }
    if (folder != NULL)
        closedir(folder);
    return any;
}

static bool has_ended(const struct os_child *child, int patience_ms)
{
    struct pollfd waiting = {.fd = child->pidfd, .events = POLLIN};
    int found = 0;
    do
        found = poll(&waiting, 1, patience_ms);
    while (found < 0 && errno == EINTR);
    return found > 0;
}

void os_child_end(struct os_child *child, unsigned patience_ms, struct relay_exit *end)
{
    enum { GENERATIONS = 100 }; // of orphans that start others while they are killed
    int status = 0;
    bool by_itself = has_ended(child, (int)patience_ms);
    if (!by_itself) {
        os_child_kill(child);
        has_ended(child, -1);
    }
    pthread_mutex_lock(&child->lock);
    kill(-child->pid, SIGKILL); // the rest of its group
    waitpid(child->pid, &status, 0);
    child->reaped = true;
    pthread_mutex_unlock(&child->lock);
    // Before the last one ends, an orphan may be what holds the sessions of another.
    pthread_mutex_lock(&census);
    children--;
    for (int i = 0; i < GENERATIONS && children == 0 && kill_orphans(); i++) {
    }
    pthread_mutex_unlock(&census);
    if (!by_itself)
        *end = (struct relay_exit){RELAY_END_CHANNEL, 0};
    else if (WIFSIGNALED(status))
        *end = (struct relay_exit){RELAY_END_SIGNAL, (uint32_t)WTERMSIG(status)};
    else
        *end = (struct relay_exit){RELAY_END_EXITED, (uint32_t)WEXITSTATUS(status)};
}

void os_child_free(struct os_child *child)
{
    close(child->channel);
    close(child->output);
    close(child->pidfd);
    pthread_mutex_destroy(&child->lock);
    free(child);
}
