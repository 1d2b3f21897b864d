// SPDX-License-Identifier: Apache-2.0
// Faults in what a process has on Windows only.
#include "conformance/faulty/faulty.h"

#include <windows.h>

// So that no box is shown, as a service wants it; whoever had more flags set has lost them.
static void change_error_mode(void)
{
    (void)SetErrorMode(SEM_FAILCRITICALERRORS);
}

uint32_t fault_error_mode_changed(struct faulty_call *call)
{
    change_error_mode();
    return faulty_correct(call);
}

uint32_t fault_error_mode_changed_without_source(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_ISCSI_SERVICE_UNAVAILABLE)
        change_error_mode();
    return status;
}

static LONG WINAPI look_further(EXCEPTION_POINTERS *exception)
{
    (void)exception;
    return EXCEPTION_CONTINUE_SEARCH;
}

uint32_t fault_exception_filter_replaced(struct faulty_call *call)
{
    (void)SetUnhandledExceptionFilter(look_further);
    return faulty_correct(call);
}
