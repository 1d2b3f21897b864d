// SPDX-License-Identifier: Apache-2.0
#include "tests/marked_line.h"

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

unsigned marked_line(const char *path, const char *text)
{
    char line[512];
    unsigned number = 0;
    bool found = false;
    FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    while (!found && fgets(line, sizeof line, file) != NULL) {
        number++;
        found = strstr(line, text) != NULL;
    }
    fclose(file);
    ck_assert_msg(found, "%s: no line has \"%s\"", path, text);
    return number;
}
