// SPDX-License-Identifier: Apache-2.0
// A folder for the files of the test under way.
#include "tests/folder.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char folder[64];

void folder_open(void)
{
    strcpy(folder, "/tmp/test-tck-XXXXXX");
    ck_assert_msg(mkdtemp(folder) != NULL, "%s: %s", folder, strerror(errno));
}

void folder_close(void)
{
    ck_assert_msg(rmdir(folder) == 0, "%s: %s", folder, strerror(errno));
}
