// SPDX-License-Identifier: Apache-2.0
// A call and its outcome as JSON, for the two files that hold them.
#ifndef TCK_RECORD_JSON_H
#define TCK_RECORD_JSON_H

#include "conformance/base/json.h"
#include "conformance/transcript/transcript.h"

// Where the two files spell a member differently, this decides.
enum record_form {
    // docs/transcript.md: all members of an outcome, whatever its kind; 64 bits as 16 hex digits; a
    // range that is empty as [0, -1]. When read, nothing else may be there, and each range is held
    // against the call's arguments.
    FORM_TRANSCRIPT,
    // docs/result-json.md: also in words; of an outcome the members of its kind only, and how long
    // it took in place of when; addresses as "0x..."; null for what is not there. Read leniently.
    FORM_RESULT,
};

// Each a new reference; NULL where memory ran out.
json_t *call_to_json(const struct record *record, enum record_form form);
json_t *outcome_to_json(const struct record *record, enum record_form form);

// 0, or -1 with the failure. `reading` is lenient for FORM_RESULT, strict for FORM_TRANSCRIPT.
int call_from_json(const struct json_reading *reading, const json_t *object, enum record_form form,
                   struct call *call);
// `call` is the one that it is the outcome of. fault_function, fault_file, fault_line and
// fault_stack are of the record, and left to the caller.
int outcome_from_json(const struct json_reading *reading, const json_t *object,
                      enum record_form form, const struct call *call, struct outcome *outcome);

#endif
