// SPDX-License-Identifier: Apache-2.0
// Waivers.
#include "harness/result/waivers.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct waivers *waivers = NULL;
    struct failure failure = {0};
    const struct day today = {"2026-11-27"};
    int result = waivers_load(&waivers, fuzz_file(bytes, size), today, &failure);
    fuzz_expect(result == 0 || failure.text[0] != '\0', "what is refused has a reason");
    if (result == 0)
        waivers_free(waivers);
    return 0;
}
