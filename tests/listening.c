// SPDX-License-Identifier: Apache-2.0
// Starts and ends listeners of the host program.
#include "tests/listening.h"

#include "harness/driver/trial.h"
#include "tests/supervised.h"

#include <arpa/inet.h>
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 30000, TURN_US = 10000 };

#define LISTENING_VARIABLE "TCK_TEST_LISTENING"

static const char *const programs[LISTENING_KINDS] = {
    [LISTENING_UNIX] = TCK_HOST_PROGRAM,
    [LISTENING_UNIX_32] = TCK_I386_FOLDER "/bin/iscsidsc-tck-host",
    [LISTENING_WINDOWS] = TCK_WINDOWS_FOLDER "/x86_64/bin/iscsidsc-tck-host.exe",
    [LISTENING_WINDOWS_32] = TCK_WINDOWS_FOLDER "/i686/bin/iscsidsc-tck-host.exe",
};

bool listening_is_windows(enum listening_kind kind)
{
    return kind == LISTENING_WINDOWS || kind == LISTENING_WINDOWS_32;
}

static bool runs(enum listening_kind kind, struct failure *failure)
{
    const char *const arguments[] = {programs[kind], "--help", NULL};
    struct wine_program program;
    if (!listening_is_windows(kind))
        return trial_run(arguments) == 0;
    if (wine_find(&program, kind == LISTENING_WINDOWS, failure) != 0)
        return false;
    wine_program_free(&program);
    return true;
}

bool listening_can(enum listening_kind kind)
{
    struct failure failure = {0};
    if (access(programs[kind], R_OK) != 0)
        printf("skipped: there is no %s\n", programs[kind]);
    else if (runs(kind, &failure))
        return true;
    else
        printf("skipped: %s\n",
               failure.status != 0 ? failure.text : "this machine runs no 32-bit programs");
    return false;
}

static void make_token(struct listening *listening)
{
    static const char token[] = "a token of sixteen or more\n";
    char text[sizeof token];
    snprintf(listening->token_file, sizeof listening->token_file, "%s/token", listening->folder);
    for (size_t i = 0; i < sizeof token; i++)
        text[i] = token[i] == ' ' ? '-' : token[i];
    int file = open(listening->token_file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
}

// The child. Wine's own environment comes first.
static _Noreturn void become(struct listening *listening, const char *library, int output)
{
    const char *program = programs[listening->kind];
    const char *arguments[8] = {
        program, "--listen", "127.0.0.1:0", "--token-file", listening->token_file, library, NULL};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setenv(LISTENING_VARIABLE, listening->folder, 1);
    if (listening->wine != NULL) {
        for (const char *const *at = wine_environment(listening->wine); *at != NULL; at++)
            putenv((char *)*at); // without a '=' it is removed
        memmove(arguments + 1, arguments, 7 * sizeof *arguments);
        arguments[0] = wine_loader(listening->wine);
        arguments[1] = program;
    }
    dup2(output, STDOUT_FILENO);
    execv(arguments[0], (char *const *)arguments);
    _exit(127);
}

// Reads the line "listening on 127.0.0.1:40123".
static void read_address(struct listening *listening, int output)
{
    static const char start[] = "listening on ";
    char line[128] = "";
    size_t have = 0;
    struct failure failure = {0};
    while (strchr(line, '\n') == NULL) {
        struct pollfd waiting = {.fd = output, .events = POLLIN};
        ck_assert_msg(poll(&waiting, 1, PATIENCE_MS) == 1, "it does not listen");
        ssize_t got = read(output, line + have, sizeof line - 1 - have);
        ck_assert_msg(got > 0, "it does not listen; it printed: %s", line);
        have += (size_t)got;
    }
    *strpbrk(line, "\r\n") = '\0';
    ck_assert_int_eq(strncmp(line, start, sizeof start - 1), 0);
    snprintf(listening->address, sizeof listening->address, "tcp://%.40s", line + sizeof start - 1);
    ck_assert_msg(remote_parse(&listening->remote, listening->address, &failure) == 0, "%s",
                  failure.text);
    ck_assert_msg(remote_read_token(&listening->remote, listening->token_file, &failure) == 0, "%s",
                  failure.text);
    listening->remote.is_windows = listening_is_windows(listening->kind);
}

static void start_wine(struct listening *listening)
{
    struct failure failure = {0};
    const struct wine_options options = {.program = &listening->wine_program,
                                         .keeper = programs[listening->kind]};
    bool is_64_bit = listening->kind == LISTENING_WINDOWS;
    ck_assert_msg(
        wine_find(&listening->wine_program, is_64_bit, &failure) == 0 &&
            wine_start(&listening->wine, supervisor, &options, listening->folder, &failure) == 0,
        "%s", failure.text);
}

void listening_start(struct listening *listening, enum listening_kind kind, const char *library)
{
    int output[2];
    *listening = (struct listening){.kind = kind, .folder = "/tmp/tck-listening-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(listening->folder));
    make_token(listening);
    if (listening_is_windows(kind))
        start_wine(listening);
    ck_assert_int_eq(pipe2(output, O_CLOEXEC), 0);
    listening->pid = fork();
    if (listening->pid == 0)
        become(listening, library, output[1]);
    close(output[1]);
    read_address(listening, output[0]);
    close(output[0]);
}

int listening_connect(const struct listening *listening)
{
    int connected = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr_in place = {.sin_family = AF_INET,
                                      .sin_port = htons(listening->remote.port),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    ck_assert_int_eq(connect(connected, (const struct sockaddr *)&place, sizeof place), 0);
    return connected;
}

// Has a process this listener's variable in its environment?
static bool is_of(const struct listening *listening, long pid)
{
    char wanted[128];
    char bytes[65536];
    snprintf(wanted, sizeof wanted, LISTENING_VARIABLE "=%s", listening->folder);
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/environ", pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file >= 0 ? read(file, bytes, sizeof bytes) : -1;
    if (file >= 0)
        close(file);
    return size > 0 && memmem(bytes, (size_t)size, wanted, strlen(wanted) + 1) != NULL;
}

size_t listening_processes(const struct listening *listening)
{
    size_t count = 0;
    DIR *processes = opendir("/proc");
    for (struct dirent *entry = readdir(processes); entry != NULL; entry = readdir(processes)) {
        long pid = strtol(entry->d_name, NULL, 10);
        count += pid > 0 && is_of(listening, pid);
    }
    closedir(processes);
    return count;
}

void listening_await_processes(const struct listening *listening, size_t wanted)
{
    enum { TURNS = 1000 };
    for (int i = 0; i < TURNS && listening_processes(listening) != wanted; i++)
        usleep(TURN_US);
    ck_assert_uint_eq(listening_processes(listening), wanted);
}

int listening_end(struct listening *listening, int signal_number)
{
    int status = 0;
    kill(listening->pid, signal_number);
    ck_assert_int_eq(waitpid(listening->pid, &status, 0), listening->pid);
    listening->pid = 0;
    return status;
}

void listening_stop(struct listening *listening)
{
    char command[128];
    if (listening->folder[0] == '\0')
        return;
    if (listening->pid > 0)
        listening_end(listening, SIGTERM);
    listening_await_processes(listening, 0);
    wine_stop(listening->wine);
    wine_program_free(&listening->wine_program);
    snprintf(command, sizeof command, "rm -rf %s", listening->folder);
    ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c)
    listening->folder[0] = '\0';
}
