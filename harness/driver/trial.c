// SPDX-License-Identifier: Apache-2.0
// Runs a program once.
#include "harness/driver/trial.h"

#include "emulator/process/ending.h"
#include "emulator/process/launch.h"
#include "emulator/process/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000 };

// Waits for its end, and kills it when that takes too long.
static void kill_late(pid_t pid)
{
    int fd = ending_open(pid);
    if (fd < 0 || transfer_await(fd, POLLIN, PATIENCE_MS) <= 0)
        kill(pid, SIGKILL);
    if (fd >= 0)
        close(fd);
}

// Starts it with standard error at `error_output`; errno.
static int start(const char *const *arguments, int error_output, pid_t *pid)
{
    char *const environment[] = {NULL};
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0)
        return error;
    error = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(&actions, error_output, STDERR_FILENO);
    if (error == 0)
        error =
            posix_spawn(pid, arguments[0], &actions, NULL, (char *const *)arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

int trial_run_and_read(const char *const *arguments, char *said, size_t size)
{
    pid_t pid = 0;
    int status = 0;
    int output[2];
    if (pipe2(output, O_CLOEXEC) != 0)
        return errno;
    int error = start(arguments, output[1], &pid);
    close(output[1]);
    if (error == 0) {
        kill_late(pid);
        error = launch_await_end(pid, &status) && status == 0 ? 0 : -1;
    }
    // All of it is there: a pipe has room for more than is asked for.
    ssize_t got =
        fcntl(output[0], F_SETFL, O_NONBLOCK) == 0 ? transfer_read(output[0], said, size - 1) : 0;
    said[got > 0 ? got : 0] = '\0';
    close(output[0]);
    return error;
}

int trial_run(const char *const *arguments)
{
    char ignored[1];
    return trial_run_and_read(arguments, ignored, sizeof ignored);
}
