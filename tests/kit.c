// SPDX-License-Identifier: Apache-2.0
// Runs the built kit, and looks for what it left behind.
#include "tests/kit.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ARGUMENTS_MAX = 64,
    KITS_MAX = 8, // side by side
    ENVIRONMENT_MAX = 1 << 20,
    END_MS = 240000, // a kit that takes longer hangs
};

// ---- Reading

// All that is left to read in a descriptor, as a string after `*text`'s `*size` bytes.
static void read_rest(int fd, char **text, size_t *size)
{
    enum { STEP = 1 << 16 };
    for (;;) {
        char *grown = realloc(*text, *size + STEP + 1);
        ck_assert_ptr_nonnull(grown);
        *text = grown;
        ssize_t count = read(fd, grown + *size, STEP);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EIO)
            count = 0; // so a terminal says that nobody is at its other end any more
        ck_assert_msg(count >= 0, "what the kit said can't be read: %s", strerror(errno));
        *size += (size_t)count;
        grown[*size] = '\0';
        if (count == 0)
            return;
    }
}

// A file of /proc; false if it is gone or not ours to read.
static bool read_proc(pid_t pid, const char *name, char *text, size_t size, size_t *length)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    *length = 0;
    ssize_t count = 0;
    while (*length < size - 1 && (count = read(fd, text + *length, size - 1 - *length)) > 0)
        *length += (size_t)count;
    close(fd);
    text[*length] = '\0';
    return count >= 0;
}

// ---- Places

void place_open(struct place *place)
{
    *place = (struct place){.folder = "/tmp/test-kit-XXXXXX"};
    ck_assert_msg(mkdtemp(place->folder) != NULL, "%s: %s", place->folder, strerror(errno));
    snprintf(place->temporary, sizeof place->temporary, "%s/tmp", place->folder);
    ck_assert_int_eq(mkdir(place->temporary, 0700), 0);
}

char *place_path(const struct place *place, const char *name)
{
    char *path = NULL;
    ck_assert_int_gt(asprintf(&path, "%s/%s", place->folder, name), 0);
    return path;
}

static bool has_entry(const char *environment, size_t length, const char *entry)
{
    for (size_t at = 0; at < length; at += strlen(environment + at) + 1)
        // Wine's own is a folder in it.
        if (strncmp(environment + at, entry, strlen(entry)) == 0 &&
            (environment[at + strlen(entry)] == '\0' || environment[at + strlen(entry)] == '/'))
            return true;
    return false;
}

static bool is_named(pid_t pid, const char *name)
{
    char own[64];
    size_t length = 0;
    if (!read_proc(pid, "comm", own, sizeof own, &length))
        return false;
    own[strcspn(own, "\n")] = '\0';
    return strncmp(own, name, 15) == 0;
}

size_t place_list(const struct place *place, const char *name, pid_t *pids, size_t most)
{
    char entry[sizeof place->temporary + sizeof "TMPDIR="];
    snprintf(entry, sizeof entry, "TMPDIR=%s", place->temporary);
    char *environment = malloc(ENVIRONMENT_MAX);
    DIR *folder = opendir("/proc");
    ck_assert(environment != NULL && folder != NULL);
    size_t found = 0;
    for (const struct dirent *each; (each = readdir(folder)) != NULL;) {
        char *end = NULL;
        pid_t pid = (pid_t)strtol(each->d_name, &end, 10);
        size_t length = 0;
        if (*end != '\0' || !read_proc(pid, "environ", environment, ENVIRONMENT_MAX, &length) ||
            !has_entry(environment, length, entry) || (name != NULL && !is_named(pid, name)))
            continue;
        if (found < most)
            pids[found] = pid;
        found++;
    }
    closedir(folder);
    free(environment);
    return found;
}

size_t place_processes(const struct place *place, const char *name, pid_t *first)
{
    return place_list(place, name, first, first != NULL ? 1 : 0);
}

static void expect_empty(const char *path)
{
    DIR *folder = opendir(path);
    ck_assert_ptr_nonnull(folder);
    for (const struct dirent *each; (each = readdir(folder)) != NULL;)
        ck_assert_msg(strcmp(each->d_name, ".") == 0 || strcmp(each->d_name, "..") == 0,
                      "%s/%s was left behind", path, each->d_name);
    closedir(folder);
}

void place_expect_nothing_left(const struct place *place)
{
    pid_t first = 0;
    size_t left = place_processes(place, NULL, &first);
    char name[64] = "?";
    size_t length = 0;
    if (left > 0)
        read_proc(first, "comm", name, sizeof name, &length);
    ck_assert_msg(left == 0, "%zu processes were left behind, among them %d (%s)", left, (int)first,
                  name);
    expect_empty(place->temporary);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *at)
{
    (void)status;
    (void)kind;
    (void)at;
    return remove(path);
}

void place_close(struct place *place)
{
    place_expect_nothing_left(place);
    ck_assert_int_eq(nftw(place->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

// ---- Kits

__attribute__((noreturn)) static void become_kit(const struct place *place, int out, int err,
                                                 const char *const *arguments)
{
    char *vector[ARGUMENTS_MAX + 2] = {(char *)"iscsidsc-tck"};
    size_t count = 1;
    for (; *arguments != NULL && count <= ARGUMENTS_MAX; arguments++)
        vector[count++] = (char *)*arguments;
    if (*arguments != NULL) {
        dprintf(err, "%s: more than %d arguments\n", TCK_PROGRAM, ARGUMENTS_MAX);
        _exit(99);
    }
    // What Check does for its own sake is not the kit's: its handlers would end this test.
    const int numbers[] = {SIGINT, SIGTERM, SIGALRM};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        signal(numbers[i], SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0 ||
        setenv("TMPDIR", place->temporary, 1) != 0 ||
        (place->descriptors.rlim_max != 0 && setrlimit(RLIMIT_NOFILE, &place->descriptors) != 0))
        _exit(99);
    execv(TCK_PROGRAM, vector);
    dprintf(err, "%s: %s\n", TCK_PROGRAM, strerror(errno));
    _exit(99);
}

enum output { OUTPUT_FILE, OUTPUT_PIPE, OUTPUT_TERMINAL };

static void start(struct kit *kit, const struct place *place, const char *const *arguments,
                  enum output output, unsigned short columns)
{
    const struct winsize size = {.ws_row = 24, .ws_col = columns};
    bool piped = output != OUTPUT_FILE;
    int out[2] = {-1, -1};
    *kit = (struct kit){.piped = piped, .err = memfd_create("complaints", MFD_CLOEXEC)};
    if (output == OUTPUT_PIPE)
        ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
    else if (output == OUTPUT_TERMINAL)
        ck_assert_int_eq(openpty(&out[0], &out[1], NULL, NULL, &size), 0);
    else
        out[0] = memfd_create("output", MFD_CLOEXEC);
    if (output == OUTPUT_TERMINAL)
        ck_assert_int_eq(fcntl(out[0], F_SETFD, FD_CLOEXEC) | fcntl(out[1], F_SETFD, FD_CLOEXEC),
                         0);
    kit->out = out[0];
    ck_assert_int_ge(kit->out, 0);
    ck_assert_int_ge(kit->err, 0);
    fflush(NULL);
    // A signal to the kit waits until the kit has its own handling of it.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    kit->pid = fork();
    if (kit->pid == 0)
        become_kit(place, piped ? out[1] : out[0], kit->err, arguments);
    sigprocmask(SIG_SETMASK, &before, NULL);
    ck_assert_int_ge(kit->pid, 0);
    if (piped)
        close(out[1]);
    kit->ended = pidfd_open(kit->pid, PIDFD_NONBLOCK);
    ck_assert_int_ge(kit->ended, 0);
}

void kit_start(struct kit *kit, const struct place *place, const char *const *arguments)
{
    start(kit, place, arguments, OUTPUT_FILE, 0);
}

void kit_start_piped(struct kit *kit, const struct place *place, const char *const *arguments)
{
    start(kit, place, arguments, OUTPUT_PIPE, 0);
}

void kit_run_columns(struct kit *kit, const struct place *place, unsigned short columns,
                     const char *const *arguments)
{
    start(kit, place, arguments, OUTPUT_TERMINAL, columns);
    kit_wait(kit);
}

void kit_run_terminal(struct kit *kit, const struct place *place, const char *const *arguments)
{
    kit_run_columns(kit, place, 120, arguments);
}

bool kit_await(struct kit *kit, const char *text)
{
    char part[4096];
    while (kit->size == 0 || strstr(kit->said, text) == NULL) {
        ssize_t count = read(kit->out, part, sizeof part);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        char *grown = realloc(kit->said, kit->size + (size_t)count + 1);
        ck_assert_ptr_nonnull(grown);
        memcpy(grown + kit->size, part, (size_t)count);
        kit->said = grown;
        kit->size += (size_t)count;
        kit->said[kit->size] = '\0';
    }
    return true;
}

bool kit_ends_within(const struct kit *kit, int milliseconds)
{
    struct pollfd wanted = {.fd = kit->ended, .events = POLLIN};
    int result = poll(&wanted, 1, milliseconds);
    ck_assert_msg(result >= 0, "waiting for the kit: %s", strerror(errno));
    return result == 1;
}

size_t kit_await_one(const struct kit *kits, size_t count)
{
    struct pollfd watched[KITS_MAX];
    ck_assert_uint_le(count, KITS_MAX);
    for (size_t i = 0; i < count; i++)
        watched[i] = (struct pollfd){.fd = kits[i].ended, .events = POLLIN};
    ck_assert_msg(poll(watched, (nfds_t)count, END_MS) > 0, "no run ended by itself");
    size_t ended = 0;
    while (watched[ended].revents == 0)
        ended++;
    return ended;
}

void kit_wait(struct kit *kit)
{
    int status = 0;
    size_t complained = 0;
    if (kit->piped)
        read_rest(kit->out, &kit->said, &kit->size);
    if (!kit_ends_within(kit, END_MS)) {
        kill(kit->pid, SIGKILL);
        waitpid(kit->pid, NULL, 0);
        ck_abort_msg("the kit did not end by itself");
    }
    ck_assert_int_eq(waitpid(kit->pid, &status, 0), kit->pid);
    kit->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    if (!kit->piped) {
        lseek(kit->out, 0, SEEK_SET);
        read_rest(kit->out, &kit->said, &kit->size);
    }
    lseek(kit->err, 0, SEEK_SET);
    read_rest(kit->err, &kit->complained, &complained);
}

void kit_free(struct kit *kit)
{
    close(kit->ended);
    close(kit->out);
    close(kit->err);
    free(kit->said);
    free(kit->complained);
    *kit = (struct kit){.ended = -1, .out = -1, .err = -1};
}

void kit_run(struct kit *kit, const struct place *place, ...)
{
    const char *arguments[ARGUMENTS_MAX + 1] = {NULL};
    size_t count = 0;
    va_list list;
    va_start(list, place);
    for (const char *each; (each = va_arg(list, const char *)) != NULL;) {
        ck_assert_uint_lt(count, ARGUMENTS_MAX);
        arguments[count++] = each;
    }
    va_end(list);
    kit_start(kit, place, arguments);
    kit_wait(kit);
}

void kit_expect_status(const struct kit *kit, int status)
{
    ck_assert_msg(kit->status == status, "exit status %d, expected %d; it said:\n%s%s", kit->status,
                  status, kit->said, kit->complained);
}

void kit_expect_said(const struct kit *kit, const char *text)
{
    ck_assert_msg(strstr(kit->said, text) != NULL, "\"%s\" is not in what it said:\n%s%s", text,
                  kit->said, kit->complained);
}

void kit_expect_complained(const struct kit *kit, const char *text)
{
    ck_assert_msg(strstr(kit->complained, text) != NULL,
                  "\"%s\" is not in what it complained of:\n%s", text, kit->complained);
}

void kit_repeat_finding(struct kit *kit, const struct place *place, const char *library,
                        const char *scenario)
{
    const char *line = strstr(kit->said, "\n  repeat ");
    ck_assert_msg(line != NULL, "%s", kit->said);
    char *command = strndup(line + strlen("\n  repeat "), strcspn(line + 1, "\n"));
    command[strcspn(command, "\n")] = '\0';
    char *clauses = strstr(command, " -c ");
    ck_assert_msg(clauses != NULL, "%s", command);
    const char *arguments[24] = {"run", "-i", library, "-s", scenario};
    size_t count = 5;
    for (char *word = strtok(clauses, " "); word != NULL && count < 23; word = strtok(NULL, " "))
        arguments[count++] = word;
    kit_free(kit);
    kit_start(kit, place, arguments);
    kit_wait(kit);
    kit_expect_status(kit, 1);
    kit_free(kit);
    free(command);
}

// ---- The rest

json_t *kit_load_json(const char *path)
{
    json_error_t error;
    json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(json != NULL, "%s:%d: %s", path, error.line, error.text);
    return json;
}

char *kit_list_verdicts(const json_t *result)
{
    char *text = NULL;
    size_t size = 0;
    size_t i = 0;
    json_t *check = NULL;
    FILE *stream = open_memstream(&text, &size);
    const json_t *scenario = json_array_get(json_object_get(result, "scenarios"), 0);
    json_array_foreach(json_object_get(scenario, "checks"), i, check)
        fprintf(stream, "%s %s %s\n", json_string_value(json_object_get(check, "clause")),
                json_string_value(json_object_get(check, "charset")),
                json_string_value(json_object_get(check, "verdict")));
    const char *noise = json_string_value(json_object_get(result, "noise"));
    fprintf(stream, "noise: %s\n", noise != NULL ? noise : "");
    fclose(stream);
    return text;
}

char *kit_faulty(const char *name)
{
    char *path = NULL;
    ck_assert_int_gt(asprintf(&path, "%s/libfaulty-%s.so", TCK_FAULTY_FOLDER, name), 0);
    return path;
}

char *kit_shell(const char *command, int *status)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = popen(command, "r"); // NOLINT(cert-env33-c): as a person would type it
    ck_assert_ptr_nonnull(stream);
    read_rest(fileno(stream), &text, &size);
    int end = pclose(stream);
    *status = WIFSIGNALED(end) ? 128 + WTERMSIG(end) : WEXITSTATUS(end);
    return text;
}
