// SPDX-License-Identifier: Apache-2.0
// Fixtures of Check for tests in which processes and sessions are supervised.
#include "tests/supervised.h"

#include "tests/folder.h"

#include <check.h>
#include <stddef.h>

struct supervisor *supervisor;

void supervised_open(void)
{
    struct failure failure = {0};
    ck_assert_msg(supervisor_create(&supervisor, &failure) == 0, "%s", failure.text);
}

void supervised_close(void)
{
    supervisor_destroy(supervisor);
    supervisor = NULL;
}

void supervised_folder_open(void)
{
    folder_open();
    supervised_open();
}

void supervised_folder_close(void)
{
    supervised_close();
    folder_close();
}
