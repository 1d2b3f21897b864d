// SPDX-License-Identifier: Apache-2.0
// Faults in the exported names: exports.c has them. What is exported is right.
#include "conformance/faulty/faulty.h"

uint32_t fault_only_a(struct faulty_call *call)
{
    return faulty_correct(call);
}

uint32_t fault_only_w(struct faulty_call *call)
{
    return faulty_correct(call);
}

uint32_t fault_names_of_the_prose(struct faulty_call *call)
{
    return faulty_correct(call);
}

uint32_t fault_names_without_letter(struct faulty_call *call)
{
    return faulty_correct(call);
}
