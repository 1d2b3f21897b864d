// SPDX-License-Identifier: Apache-2.0
// Makes a descriptor of a child's end.
#include "emulator/process/ending.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STACK_SIZE = 64 << 10 };

struct waiting {
    pid_t child;
    int told; // write end; the thread's
};

static void *wait_for_end(void *argument)
{
    struct waiting *waiting = argument;
    siginfo_t ended;
    while (waitid(P_PID, (id_t)waiting->child, &ended, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
    close(waiting->told);
    free(waiting);
    return NULL;
}

// Signals are for the thread that has the loop. 0 or an errno.
static int start_thread(struct waiting *waiting)
{
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all;
    sigset_t before;
    int error = pthread_attr_init(&attributes);
    if (error != 0)
        return error;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    error = pthread_create(&thread, &attributes, wait_for_end, waiting);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return error;
}

static int open_by_thread(pid_t child)
{
    int ends[2];
    struct waiting *waiting = malloc(sizeof *waiting);
    if (waiting == NULL || pipe2(ends, O_CLOEXEC) != 0) {
        free(waiting);
        return -1;
    }
    *waiting = (struct waiting){child, ends[1]};
    int error = start_thread(waiting);
    if (error == 0)
        return ends[0];
    close(ends[0]);
    close(ends[1]);
    free(waiting);
    errno = error;
    return -1;
}

int ending_open(pid_t child)
{
    int descriptor = pidfd_open(child, 0);
    return descriptor >= 0 || errno != ENOSYS ? descriptor : open_by_thread(child);
}
