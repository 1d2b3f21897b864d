// SPDX-License-Identifier: Apache-2.0
// On Windows: changes error mode, filter of unhandled exceptions, working directory and
// floating-point mode, and puts them back.
#include "conformance/shapes/surroundings.h"

#include "conformance/system/system.h"

#include <fenv.h>
#include <windows.h>

enum { DIRECTORY_SIZE = 4096 }; // UTF-16 units

struct surroundings {
    struct system_lock lock; // held between the two
    UINT error_mode;
    LPTOP_LEVEL_EXCEPTION_FILTER filter;
    fenv_t floating_point;
    wchar_t directory[DIRECTORY_SIZE];
    DWORD directory_length; // 0: it was not changed
};

static struct surroundings *kept(void)
{
    static struct surroundings surroundings = {.lock = SYSTEM_LOCK_INITIALIZER};
    return &surroundings;
}

void surroundings_change(void)
{
    struct surroundings *surroundings = kept();
    system_lock_take(&surroundings->lock);
    surroundings->error_mode = SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOOPENFILEERRORBOX);
    surroundings->filter = SetUnhandledExceptionFilter(NULL);
    surroundings->directory_length = GetCurrentDirectoryW(DIRECTORY_SIZE, surroundings->directory);
    if (surroundings->directory_length >= DIRECTORY_SIZE || !system_leave_directory())
        surroundings->directory_length = 0;
    (void)fegetenv(&surroundings->floating_point);
    (void)fesetround(FE_TOWARDZERO);
}

void surroundings_restore(void)
{
    struct surroundings *surroundings = kept();
    (void)fesetenv(&surroundings->floating_point);
    if (surroundings->directory_length > 0)
        (void)SetCurrentDirectoryW(surroundings->directory);
    (void)SetUnhandledExceptionFilter(surroundings->filter);
    (void)SetErrorMode(surroundings->error_mode);
    system_lock_release(&surroundings->lock);
}
