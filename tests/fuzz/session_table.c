// SPDX-License-Identifier: Apache-2.0
// Session tables, as the reference reads them.
#include "conformance/reference/session_table_reader.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct session_table table;
    setenv("ISCSIDSC_SESSION_TABLE", fuzz_file(bytes, size), 1);
    if (session_table_read(&table) == 0)
        session_table_free(&table);
    return 0;
}
