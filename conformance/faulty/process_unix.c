// SPDX-License-Identifier: Apache-2.0
// Faults in what a process has on Unix only: signals and the umask.
#include "conformance/faulty/faulty.h"

#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>

uint32_t fault_sigpipe_ignored(struct faulty_call *call)
{
    (void)signal(SIGPIPE, SIG_IGN);
    return faulty_correct(call);
}

uint32_t fault_signals_left_blocked(struct faulty_call *call)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    uint32_t status = faulty_correct(call);
    if (status == LIST_SUCCESS) // the way out that was forgotten is the other one
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

uint32_t fault_signals_unblocked(struct faulty_call *call)
{
    sigset_t none;
    (void)sigemptyset(&none);
    (void)pthread_sigmask(SIG_SETMASK, &none, NULL);
    return faulty_correct(call);
}

uint32_t fault_umask_cleared(struct faulty_call *call)
{
    (void)umask(0);
    return faulty_correct(call);
}

uint32_t fault_umask_cleared_without_source(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_ISCSI_SERVICE_UNAVAILABLE)
        (void)umask(0);
    return status;
}
