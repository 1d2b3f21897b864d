// Runs a program once.
#include "harness/driver/trial.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

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
    return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -1;
}
