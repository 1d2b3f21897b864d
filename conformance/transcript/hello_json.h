// SPDX-License-Identifier: Apache-2.0
// What a host says of the library's file, as members of JSON objects: transcripts and results have
// them alike. A member is there only where there is something to say.
#ifndef TCK_HELLO_JSON_H
#define TCK_HELLO_JSON_H

#include "conformance/base/json.h"
#include "conformance/transcript/hello.h"

// Adds "version", "build_id" and "decorated".
void hello_file_to_json(json_t **object, const struct hello *hello);
// Reads them. 0, or -1 with the failure of `reading`.
int hello_file_from_json(const struct json_reading *reading, const json_t *object,
                         struct hello *hello);

// Reads "code_page", which must be one whose texts can be read here. Likewise.
int hello_code_page_from_json(const struct json_reading *reading, const json_t *object,
                              struct hello *hello);

// Which functions are exported: members of the same object.
void hello_exports_to_json(json_t **object, const struct hello *hello);
int hello_exports_from_json(const struct json_reading *reading, const json_t *object,
                            struct hello *hello);

#endif
