// SPDX-License-Identifier: Apache-2.0
// The table of faulty implementations.
#include "conformance/faulty/proof.h"

#include <stddef.h>
#include <string.h>

const struct proof proofs[] = {
#define FAULT(name, file, clause, charsets, sentence) {#name, clause, charsets, sentence},
#include "conformance/faulty/faults.def"
#undef FAULT
    {NULL, NULL, NULL, NULL},
};

const struct proof *proof_next(const char *id, const struct proof *after)
{
    for (const struct proof *proof = after == NULL ? proofs : after + 1; proof->fault != NULL;
         proof++)
        if (strcmp(proof->clause, id) == 0)
            return proof;
    return NULL;
}
