// SPDX-License-Identifier: Apache-2.0
// Scenario files: read, expanded, their events played.
#include "emulator/scenario/scenario.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct scenario *scenario = NULL;
    struct failure failure = {0};
    int result = scenario_load(&scenario, fuzz_file(bytes, size), &failure);
    fuzz_expect(result == 0 || failure.text[0] != '\0', "what is refused has a reason");
    if (result == 0)
        scenario_free(scenario);
    return 0;
}
