// SPDX-License-Identifier: Apache-2.0
// The main() of every test program: runs the suite of its test file.
#include "tests/main.h"

#include <stdlib.h>

// These stand in where a test file has none.
__attribute__((weak)) int test_set_up(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

__attribute__((weak)) void test_clean_up(void)
{
}

int main(int argc, char **argv)
{
    int status = test_set_up(argc, argv);
    if (status != 0)
        return status;
    setenv("CK_MAX_MSG_SIZE", "1048576", 0); // messages hold whole reports
    SRunner *runner = srunner_create(test_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    test_clean_up();
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
