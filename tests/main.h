// SPDX-License-Identifier: Apache-2.0
// What a test file gives to the common main() in tests/main.c.
#ifndef TCK_MAIN_H
#define TCK_MAIN_H

#include <check.h>

// Makes the suite; every test file has this one.
Suite *test_suite(void);

// Called before the suite is made, if the test file has it. The tests are run if it returns 0; any
// other value ends the program with that exit status.
int test_set_up(int argc, char **argv);

// Called after the tests, if the test file has it.
void test_clean_up(void);

#endif
