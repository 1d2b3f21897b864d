// Runs a program once.
#include "harness/driver/trial.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000 };

// Waits for its end, and kills it when that takes too long.
static void kill_late(pid_t pid)
{
    int fd = pidfd_open(pid, 0);
    struct pollfd end = {.fd = fd, .events = POLLIN};
    if (fd < 0 || poll(&end, 1, PATIENCE_MS) <= 0)
        kill(pid, SIGKILL);
    if (fd >= 0)
        close(fd);
}

int trial_run(const char *const *arguments)
{
    pid_t pid = 0;
    int status = 0;
    char *const environment[] = {NULL};
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0)
        return error;
    for (int output = STDOUT_FILENO; error == 0 && output <= STDERR_FILENO; output++)
        error = posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0);
    if (error == 0)
        error =
            posix_spawn(&pid, arguments[0], &actions, NULL, (char *const *)arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        return error;
    kill_late(pid);
    return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -1;
}
