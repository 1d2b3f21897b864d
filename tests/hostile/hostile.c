// SPDX-License-Identifier: Apache-2.0
// The functions of the hostile library, and what its attacks share. Which attack it makes is in the
// name of its file: hostile-NAME.so. It answers by the reference's parts.
//
// It acts only where it can harm nothing else: in a PID namespace that tests/hostile/run.py made.
#include "tests/hostile/hostile.h"

#include "conformance/reference/export.h"
#include "conformance/reference/list_writer.h"
#include "session_list.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct attack {
    const char *name;
    void (*act)(const struct asked *asked);
    enum moment moment;
    enum answer answer;
};

static const struct attack attacks[] = {
#define ATTACK(name, moment, answer, ...) {#name, attack_##name, moment, answer},
#include "tests/hostile/attacks.def"
#undef ATTACK
};

static const struct attack *chosen;
static atomic_flag made = ATOMIC_FLAG_INIT;

// Whether this process is in another PID namespace than those that the runner names: where it was
// started, for all else; and the one it made, whose init it is.
static bool is_outside(const char *variable)
{
    char here[64] = "";
    const char *there = getenv(variable);
    return readlink("/proc/self/ns/pid", here, sizeof here - 1) > 0 && there != NULL &&
           strcmp(here, there) != 0;
}

static void choose(void)
{
    const char *name = strrchr(own_path(), '/');
    name = name == NULL ? own_path() : name + 1;
    for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++) {
        char file[128];
        snprintf(file, sizeof file, "hostile-%s.so", attacks[i].name);
        if (strcmp(file, name) == 0)
            chosen = &attacks[i];
    }
}

__attribute__((constructor)) static void load(void)
{
    choose();
    if (chosen == NULL || !is_outside("TCK_HOSTILE_OUTSIDE")) {
        fprintf(stderr, "this library is hostile: tests/hostile/run.py alone runs it\n");
        abort();
    }
    if (chosen->moment == LOADING)
        chosen->act(NULL);
}

static uint32_t answer(enum list_charset charset, uint32_t *size, uint32_t *count, void *buffer)
{
    struct session_table table;
    if (!size || !count)
        return LIST_INVALID_PARAMETER;
    struct asked asked = {size, count, buffer, *size, 0};
    if (chosen->moment == EVERY || (chosen->moment == ONCE && !atomic_flag_test_and_set(&made)))
        chosen->act(&asked);
    uint32_t status = session_table_read(&table);
    if (status == LIST_SUCCESS) {
        status = list_answer(&table, charset, size, count, buffer);
        session_table_free(&table);
    }
    if (status == LIST_SUCCESS)
        asked.answered = *size;
    if (status == LIST_SUCCESS && chosen->answer == WRONG)
        *count += 1;
    if (chosen->moment == AFTER)
        chosen->act(&asked);
    return status;
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL GetIScsiSessionListA(uint32_t *buffer_size,
                                                             uint32_t *session_count,
                                                             iscsi_session_info_a *session_info)
{
    return answer(LIST_CHARSET_A, buffer_size, session_count, session_info);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL GetIScsiSessionListW(uint32_t *buffer_size,
                                                             uint32_t *session_count,
                                                             iscsi_session_info_w *session_info)
{
    return answer(LIST_CHARSET_W, buffer_size, session_count, session_info);
}

// ---- What the attacks share

size_t read_text(const char *path, char *text, size_t size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    ssize_t count = 0;
    while (file >= 0 && length + 1 < size &&
           (count = read(file, text + length, size - 1 - length)) > 0)
        length += (size_t)count;
    if (file >= 0)
        close(file);
    text[length] = '\0';
    return length;
}

static pid_t read_parent(pid_t pid)
{
    char path[64];
    char text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (read_text(path, text, sizeof text) == 0)
        return 0;
    const char *behind = strrchr(text, ')'); // the end of the name
    return behind == NULL ? 0 : (pid_t)strtol(behind + 3, NULL, 10);
}

size_t list_ancestors(pid_t *pids, size_t most)
{
    // The init of the runner's namespace is the runner; that of any other is fair game.
    pid_t last = is_outside("TCK_HOSTILE_KEEPER") ? 1 : 2;
    size_t count = 0;
    for (pid_t pid = getppid(); pid >= last && count < most; pid = read_parent(pid))
        pids[count++] = pid;
    return count;
}

size_t list_named(const char *name, pid_t *pids, size_t most)
{
    DIR *folder = opendir("/proc");
    size_t count = 0;
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        char path[512];
        char text[64];
        snprintf(path, sizeof path, "/proc/%s/comm", entry->d_name);
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9' ||
            read_text(path, text, sizeof text) == 0)
            continue;
        text[strcspn(text, "\n")] = '\0';
        if (strcmp(text, name) == 0 && count < most)
            pids[count++] = (pid_t)strtol(entry->d_name, NULL, 10);
    }
    if (folder != NULL)
        closedir(folder);
    return count;
}

void signal_all(const pid_t *pids, size_t count, int number)
{
    for (size_t i = 0; i < count; i++)
        kill(pids[i], number);
}

const char *temporary_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder == NULL ? "/nonexistent" : folder;
}

const char *kit_folder(void)
{
    static _Thread_local char folder[512];
    DIR *temporary = opendir(temporary_folder());
    snprintf(folder, sizeof folder, "/nonexistent");
    for (struct dirent *entry; temporary != NULL && (entry = readdir(temporary)) != NULL;)
        if (strncmp(entry->d_name, "iscsidsc-tck-", 13) == 0)
            snprintf(folder, sizeof folder, "%s/%s", temporary_folder(), entry->d_name);
    if (temporary != NULL)
        closedir(temporary);
    return folder;
}

const char *own_path(void)
{
    static Dl_info info;
    return dladdr((const void *)&chosen, &info) == 0 ? "" : info.dli_fname;
}

const char *own_folder(void)
{
    static _Thread_local char folder[512];
    snprintf(folder, sizeof folder, "%s", own_path());
    *strrchr(folder, '/') = '\0';
    return folder;
}

const char *path_in(const char *folder, const char *name)
{
    static _Thread_local char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

bool write_text(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return false;
    bool written = write(file, text, strlen(text)) == (ssize_t)strlen(text);
    close(file);
    return written;
}

size_t list_sockets(int *descriptors, size_t most)
{
    size_t count = 0;
    for (int descriptor = 0; descriptor < 70000 && count < most; descriptor++) {
        struct stat status;
        if (fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode))
            descriptors[count++] = descriptor;
    }
    return count;
}

uint64_t read_nonce(void)
{
    char text[1024];
    size_t length = read_text("/proc/self/cmdline", text, sizeof text);
    for (size_t at = 0; at < length; at += strlen(text + at) + 1)
        if (strlen(text + at) == 16 && strspn(text + at, "0123456789abcdef") == 16)
            return strtoull(text + at, NULL, 16);
    return 0;
}

pid_t fork_daemon(void)
{
    pid_t first = fork();
    if (first != 0)
        return first;
    setsid();
    if (fork() != 0)
        _exit(0);
    return 0;
}

void live_on(void)
{
    for (int second = 0; second < LIFETIME_S; second++)
        sleep_ms(1000);
    _exit(0);
}

void sleep_ms(long milliseconds)
{
    struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    nanosleep(&pause, NULL);
}

size_t list_mappings(const char *text, struct mapping *mappings, size_t most)
{
    FILE *file = fopen("/proc/self/maps", "re");
    char line[512];
    size_t count = 0;
    while (file != NULL && count < most && fgets(line, sizeof line, file) != NULL) {
        struct mapping *mapping = &mappings[count];
        mapping->path[0] = '\0';
        if (strstr(line, text) != NULL &&
            // NOLINTNEXTLINE(cert-err34-c): the kernel writes it
            sscanf(line, "%lx-%lx %4s %*s %*s %*s %255s", &mapping->start, &mapping->end,
                   mapping->access, mapping->path) >= 3)
            count++;
    }
    if (file != NULL)
        fclose(file);
    return count;
}
