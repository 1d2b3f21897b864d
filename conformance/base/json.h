// SPDX-License-Identifier: Apache-2.0
// Builds and reads JSON values, for all of the kit's files.
#ifndef TCK_JSON_H
#define TCK_JSON_H

#include "conformance/base/failure.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- Building. All return a new reference; NULL where memory ran out.

// A text; bytes that are not UTF-8 become \xNN. JSON null where `text` is NULL.
json_t *text_to_json(const char *text);
// The same; JSON null also where `text` is "".
json_t *said_to_json(const char *text);
// A text without any loss: {"hex": "..."} where it is not UTF-8.
json_t *exact_text_to_json(const char *text);
// A number; those above INT64_MAX, which JSON integers can't hold, become INT64_MAX.
json_t *number_to_json(uint64_t number);
// The number as a text of 16 hexadecimal digits: many readers round integers above 2^53.
json_t *u64_to_json(uint64_t number);
// "0x" and the number in hexadecimal; JSON null where it is not `known`.
json_t *address_to_json(uint64_t address, bool known);
// Two lower-case hexadecimal digits for each byte.
json_t *hex_to_json(const uint8_t *bytes, size_t size);
// The name with that index; "unknown" where the index is too large. `names` ends with NULL.
json_t *name_to_json(const char *const *names, size_t index);
// The names of the bits that are set, as a list.
json_t *flags_to_json(const char *const *names, unsigned flags);

// Add a member or an element, and take over `value`. When memory ran out, also for the value (it is
// NULL then), `*object` or `*list` is released and becomes NULL. Later calls leave it NULL. So only
// the end result must be checked.
void object_add(json_t **object, const char *name, json_t *value);
void list_add(json_t **list, json_t *value);

// ---- Reading. Nothing that a file says is trusted. Functions that return an int return 0, or -1
// with the failure. Its text says where in the file the mistake is, names the member, and says what
// must be there.

// What is being read, and where mistakes in it are reported.
struct json_reading {
    struct failure *failure;
    const char *path;   // of the file; NULL: it is left out of messages
    size_t line;        // 0: the file is not read line by line
    const char *what;   // said of a file of another kind: "not a result of ..."; NULL: nothing
    const char *remedy; // the end of messages, what to do: "; give ..."; NULL: nothing
    char where[160];    // in the file or line: "scenario single, check SIZE-3 (W)"; may be ""
    // Members may be missing or null, and then read as 0, "", NULL, false or an empty list. Without
    // this, each member that is asked for must be there.
    bool lenient;
};

// Records a failure (STATUS_USAGE). The place in the file is added before the text. Returns -1.
int json_refuse(const struct json_reading *reading, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// Records that memory ran out (STATUS_UNTRUSTED). Returns -1.
int json_refuse_memory(const struct json_reading *reading);
// Records that the member `name` must be `wanted`. Returns -1.
int json_refuse_member(const struct json_reading *reading, const char *name, const char *wanted);

// Checks that it is an object with these members and no others: a member of a newer version could
// change the meaning of the others. A name that begins with '?' may be missing. `names` ends with
// NULL.
int json_check_members(const struct json_reading *reading, const json_t *object,
                       const char *const *names);

// The text of a member, owned by `object`; NULL where it is not a text.
const char *json_text_of(const json_t *object, const char *name);

// A text, malloc'ed. Also reads what exact_text_to_json writes.
int json_read_text(const struct json_reading *reading, const json_t *object, const char *name,
                   char **text);
// The same; the text must be there also in a lenient reading.
int json_read_needed_text(const struct json_reading *reading, const json_t *object,
                          const char *name, char **text);
// The same, into `text`; it must have less than `size` bytes.
int json_read_short_text(const struct json_reading *reading, const json_t *object, const char *name,
                         char *text, size_t size);

int json_read_number(const struct json_reading *reading, const json_t *object, const char *name,
                     uint64_t least, uint64_t most, uint64_t *number);
int json_read_u32(const struct json_reading *reading, const json_t *object, const char *name,
                  uint32_t *number);
int json_read_i32(const struct json_reading *reading, const json_t *object, const char *name,
                  int32_t *number);
int json_read_size(const struct json_reading *reading, const json_t *object, const char *name,
                   size_t *number);
int json_read_bool(const struct json_reading *reading, const json_t *object, const char *name,
                   bool *is);
// As u64_to_json writes it.
int json_read_u64(const struct json_reading *reading, const json_t *object, const char *name,
                  uint64_t *number);
// As address_to_json writes it.
int json_read_address(const struct json_reading *reading, const json_t *object, const char *name,
                      uint64_t *address, bool *known);

// Returns the index of the member's text in `names`, which ends with NULL; -1 with the failure.
int json_read_name(const struct json_reading *reading, const json_t *object, const char *name,
                   const char *const *names);
// A list of names, as bits. A lenient reading skips unknown names.
int json_read_flags(const struct json_reading *reading, const json_t *object, const char *name,
                    const char *const *names, unsigned *flags);

// Exactly `size` bytes, as hex_to_json writes them.
int json_read_hex(const struct json_reading *reading, const json_t *object, const char *name,
                  uint8_t *bytes, size_t size);
// Decodes `text`, whose length must be even, into half as many bytes. False where it has anything
// but lower-case hexadecimal digits.
bool hex_decode(const char *text, uint8_t *bytes, size_t size);

#endif
