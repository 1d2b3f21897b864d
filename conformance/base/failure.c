// SPDX-License-Identifier: Apache-2.0
// Records what went wrong.
#include "conformance/base/failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

int failure_set(struct failure *failure, int status, const char *format, ...)
{
    if (failure == NULL || failure->status != 0)
        return -1;
    failure->status = status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(failure->text, sizeof failure->text, format, arguments);
    va_end(arguments);
    return -1;
}

int failure_input_status(int error)
{
    return error == ENOMEM || error == EMFILE || error == ENFILE ? STATUS_UNTRUSTED : STATUS_USAGE;
}

void failure_no_memory(void)
{
    static const char text[] = "iscsidsc-tck: out of memory\n";
    ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
    (void)written;
    _exit(STATUS_UNTRUSTED);
}

const char *failure_room(int error)
{
    return error == ENOSPC || error == EDQUOT ? " (set TMPDIR to a folder with more room)" : "";
}
