// Builds and reads JSON values, for all of the kit's files.
#ifndef TCK_JSON_H
#define TCK_JSON_H

#include "conformance/base/failure.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- Building. All return a new reference; NULL where memory ran out.

// The text with what is not UTF-8 as \xNN. null where it is NULL.
json_t *text_to_json(const char *text);
// The same, and null where it is "".
json_t *said_to_json(const char *text);
// The text so that nothing of it is lost: where it is not UTF-8, {"hex": "..."}.
json_t *exact_text_to_json(const char *text);
// A number; those above INT64_MAX, which JSON integers can't hold, become INT64_MAX.
json_t *number_to_json(uint64_t number);
// The number as a text of 16 hexadecimal digits: many readers round integers above 2^53.
json_t *u64_to_json(uint64_t number);
// "0x" and the number in hexadecimal; null where it is not `known`.
json_t *address_to_json(uint64_t address, bool known);
// Two lower-case digits a byte.
json_t *hex_to_json(const uint8_t *bytes, size_t size);
// The name with that index; "unknown" where there are not so many. `names` ends with NULL.
json_t *name_to_json(const char *const *names, size_t index);
// The names of the bits that are set, as a list.
json_t *flags_to_json(const char *const *names, unsigned flags);

// Add a member or an element, taking over `value`. Where memory ran out, also while the value was
// made, the whole is released and becomes NULL, and stays so.
void object_add(json_t **object, const char *name, json_t *value);
void list_add(json_t **list, json_t *value);

// ---- Reading. Nothing that a file says is trusted. Functions that return an int return 0, or -1
// with the failure: a sentence that says where in the file it is, names the member, and says what
// must stand there.

// What is being read, and who is told what is wrong with it.
struct json_reading {
    struct failure *failure;
    const char *path; // NULL: `where` says enough
    size_t line;      // 0: the file is not read line by line
    const char *what; // of a file that is nothing of the kind: "not a result of ..."; NULL: nothing
    const char *remedy; // "; give ..."; NULL: nothing
    char where[160];    // in the file or line: "scenario single, check SIZE-3 (W)"; may be ""
    bool lenient; // a member that is missing or null says 0, "", NULL, false or an empty list; else
                  // each that is asked for must be there
};

// Records the failure (STATUS_USAGE), with its place before it. Returns -1.
int json_refuse(const struct json_reading *reading, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// The failure that memory ran out (STATUS_UNTRUSTED). Returns -1.
int json_refuse_memory(const struct json_reading *reading);
// "must be ..." of a member.
int json_refuse_member(const struct json_reading *reading, const char *name, const char *wanted);

// It must be an object with these members and no others: one of a newer version may change the
// meaning of the rest. Names that begin with '?' may be missing. `names` ends with NULL.
int json_check_members(const struct json_reading *reading, const json_t *object,
                       const char *const *names);

// The text of a member, borrowed; NULL where it is no text.
const char *json_text_of(const json_t *object, const char *name);

// A text, malloc'ed; as exact_text_to_json writes it too.
int json_read_text(const struct json_reading *reading, const json_t *object, const char *name,
                   char **text);
// One that must be there though the reading is lenient.
int json_read_needed_text(const struct json_reading *reading, const json_t *object,
                          const char *name, char **text);
// One of less than `size` bytes.
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

// The index of the member's text among the names, which end with NULL; -1 with the failure.
int json_read_name(const struct json_reading *reading, const json_t *object, const char *name,
                   const char *const *names);
// A list of names, as bits. Read leniently, names that are not known are left out.
int json_read_flags(const struct json_reading *reading, const json_t *object, const char *name,
                    const char *const *names, unsigned *flags);

// Exactly `size` bytes, as hex_to_json writes them.
int json_read_hex(const struct json_reading *reading, const json_t *object, const char *name,
                  uint8_t *bytes, size_t size);
// As many bytes as `text` has pairs of digits, which must be an even number of lower-case digits.
// False where something else stands there.
bool hex_decode(const char *text, uint8_t *bytes, size_t size);

#endif
