// SPDX-License-Identifier: Apache-2.0
// What a list command of --login command prints.
#include "emulator/external/login_list.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct login_list list = {0};
    struct failure failure = {0};
    char *text = fuzz_text(bytes, size);
    int result = login_list_parse(&list, text, &failure);
    fuzz_expect(result == 0 || failure.text[0] != '\0', "what is refused has a reason");
    login_list_free(&list);
    free(text);
    return 0;
}
