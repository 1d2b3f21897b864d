// Records what went wrong.
#include "conformance/base/failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

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

const char *failure_room(int error)
{
    return error == ENOSPC || error == EDQUOT ? " (set TMPDIR to a folder with more room)" : "";
}
