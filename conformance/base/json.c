// SPDX-License-Identifier: Apache-2.0
// Builds and reads JSON values.
#include "conformance/base/json.h"

#include "conformance/base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- Building

json_t *text_to_json(const char *text)
{
    if (text == NULL)
        return json_null();
    char *escaped = report_escape(text, ESCAPE_INVALID);
    json_t *value = escaped == NULL ? NULL : json_string(escaped);
    free(escaped);
    return value;
}

json_t *said_to_json(const char *text)
{
    return text_to_json(text == NULL || text[0] == '\0' ? NULL : text);
}

json_t *exact_text_to_json(const char *text)
{
    json_t *value = json_string(text);
    if (value != NULL)
        return value;
    return json_pack("{s:o}", "hex", hex_to_json((const uint8_t *)text, strlen(text)));
}

json_t *number_to_json(uint64_t number)
{
    return json_integer(number > INT64_MAX ? INT64_MAX : (json_int_t)number);
}

json_t *u64_to_json(uint64_t number)
{
    char text[17];
    snprintf(text, sizeof text, "%016" PRIx64, number);
    return json_string(text);
}

json_t *address_to_json(uint64_t address, bool known)
{
    char text[19];
    snprintf(text, sizeof text, "0x%" PRIx64, address);
    return known ? json_string(text) : json_null();
}

json_t *hex_to_json(const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(2 * size + 1);
    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    json_t *value = json_stringn_nocheck(text, 2 * size);
    free(text);
    return value;
}

json_t *name_to_json(const char *const *names, size_t index)
{
    while (index > 0 && *names != NULL) {
        names++;
        index--;
    }
    return json_string(*names == NULL ? "unknown" : *names);
}

json_t *flags_to_json(const char *const *names, unsigned flags)
{
    json_t *list = json_array();
    for (size_t bit = 0; names[bit] != NULL; bit++)
        if ((flags >> bit & 1) != 0)
            list_add(&list, json_string(names[bit]));
    return list;
}

static void drop(json_t **value)
{
    json_decref(*value);
    *value = NULL;
}

void object_add(json_t **object, const char *name, json_t *value)
{
    if (json_object_set_new(*object, name, value) != 0)
        drop(object);
}

void list_add(json_t **list, json_t *value)
{
    if (json_array_append_new(*list, value) != 0)
        drop(list);
}

// ---- Reading

int json_refuse(const struct json_reading *reading, const char *format, ...)
{
    char place[4200] = "";
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (reading->path != NULL)
        report_append(place, sizeof place, "%s:", reading->path);
    if (reading->line > 0)
        report_append(place, sizeof place, "%zu:", reading->line);
    if (reading->path != NULL)
        report_append(place, sizeof place, " ");
    if (reading->what != NULL)
        report_append(place, sizeof place, "%s: ", reading->what);
    if (reading->where[0] != '\0')
        report_append(place, sizeof place, "%s: ", reading->where);
    return failure_set(reading->failure, STATUS_USAGE, "%s%s%s", place, text,
                       reading->remedy == NULL ? "" : reading->remedy);
}

int json_refuse_memory(const struct json_reading *reading)
{
    if (reading->path == NULL)
        return failure_set(reading->failure, STATUS_UNTRUSTED, "out of memory");
    return failure_set(reading->failure, STATUS_UNTRUSTED, "%s: memory ran out while reading it",
                       reading->path);
}

int json_refuse_member(const struct json_reading *reading, const char *name, const char *wanted)
{
    return json_refuse(reading, "\"%s\" must be %s", name, wanted);
}

int json_check_members(const struct json_reading *reading, const json_t *object,
                       const char *const *names)
{
    if (!json_is_object(object))
        return json_refuse(reading, "must be an object");
    size_t there = 0;
    for (size_t i = 0; names[i] != NULL; i++) {
        const char *name = names[i] + (names[i][0] == '?');
        bool found = json_object_get(object, name) != NULL;
        if (!found && names[i][0] != '?')
            return json_refuse(reading, "\"%s\" is missing", name);
        there += found;
    }
    if (there == json_object_size(object))
        return 0;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        size_t i = 0;
        while (names[i] != NULL && strcmp(key, names[i] + (names[i][0] == '?')) != 0)
            i++;
        if (names[i] == NULL)
            return json_refuse(reading, "unknown key \"%.64s\"", key);
    }
    return 0;
}

// May the member be left at what it says where it says nothing?
static bool says_nothing(const struct json_reading *reading, const json_t *value)
{
    return reading->lenient && (value == NULL || json_is_null(value));
}

const char *json_text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

// {"hex": "..."}: NULL where memory ran out, with `*is_text` false where it is nothing of the kind.
static char *decode_text(const json_t *value, bool *is_text)
{
    const char *hex = json_text_of(value, "hex");
    size_t size = hex == NULL ? 0 : strlen(hex) / 2;
    *is_text = hex != NULL && json_object_size(value) == 1;
    char *text = *is_text ? calloc(size + 1, 1) : NULL;
    if (text == NULL)
        return NULL;
    *is_text = hex_decode(hex, (uint8_t *)text, size) && strlen(text) == size;
    return text;
}

int json_read_text(const struct json_reading *reading, const json_t *object, const char *name,
                   char **text)
{
    const json_t *value = json_object_get(object, name);
    bool is_text = json_is_string(value);
    *text = NULL;
    if (says_nothing(reading, value))
        return 0;
    *text = is_text ? strdup(json_string_value(value)) : decode_text(value, &is_text);
    if (*text != NULL && is_text)
        return 0;
    free(*text);
    *text = NULL;
    return is_text ? json_refuse_memory(reading)
                   : json_refuse_member(reading, name,
                                        "a text, or {\"hex\": \"...\"} with the bytes of one");
}

int json_read_needed_text(const struct json_reading *reading, const json_t *object,
                          const char *name, char **text)
{
    if (json_read_text(reading, object, name, text) != 0)
        return -1;
    return *text != NULL ? 0 : json_refuse_member(reading, name, "a text");
}

int json_read_short_text(const struct json_reading *reading, const json_t *object, const char *name,
                         char *text, size_t size)
{
    char *copy = NULL;
    if (json_read_text(reading, object, name, &copy) != 0)
        return -1;
    int length = snprintf(text, size, "%s", copy == NULL ? "" : copy);
    free(copy);
    if (length < 0 || (size_t)length >= size)
        return json_refuse(reading, "\"%s\" is longer than %zu bytes", name, size - 1);
    return 0;
}

int json_read_number(const struct json_reading *reading, const json_t *object, const char *name,
                     uint64_t least, uint64_t most, uint64_t *number)
{
    const json_t *value = json_object_get(object, name);
    json_int_t read = json_integer_value(value);
    *number = 0;
    if (says_nothing(reading, value))
        return 0;
    if (!json_is_integer(value) || read < 0 || (uint64_t)read < least || (uint64_t)read > most)
        return json_refuse(reading, "\"%s\" must be an integer from %" PRIu64 " to %" PRIu64, name,
                           least, most);
    *number = (uint64_t)read;
    return 0;
}

int json_read_u32(const struct json_reading *reading, const json_t *object, const char *name,
                  uint32_t *number)
{
    uint64_t wide = 0;
    int status = json_read_number(reading, object, name, 0, UINT32_MAX, &wide);
    *number = (uint32_t)wide;
    return status;
}

int json_read_i32(const struct json_reading *reading, const json_t *object, const char *name,
                  int32_t *number)
{
    const json_t *value = json_object_get(object, name);
    json_int_t read = json_integer_value(value);
    *number = 0;
    if (says_nothing(reading, value))
        return 0;
    if (!json_is_integer(value) || read < INT32_MIN || read > INT32_MAX)
        return json_refuse_member(reading, name, "an integer of 32 bits");
    *number = (int32_t)read;
    return 0;
}

int json_read_size(const struct json_reading *reading, const json_t *object, const char *name,
                   size_t *number)
{
    uint64_t wide = 0;
    int status = json_read_number(reading, object, name, 0, SIZE_MAX, &wide);
    *number = (size_t)wide;
    return status;
}

int json_read_bool(const struct json_reading *reading, const json_t *object, const char *name,
                   bool *is)
{
    const json_t *value = json_object_get(object, name);
    *is = json_is_true(value);
    if (json_is_boolean(value) || reading->lenient)
        return 0;
    return json_refuse_member(reading, name, "true or false");
}

int json_read_u64(const struct json_reading *reading, const json_t *object, const char *name,
                  uint64_t *number)
{
    uint8_t bytes[8] = {0};
    int status = json_read_hex(reading, object, name, bytes, sizeof bytes);
    *number = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        *number = *number << 8 | bytes[i];
    return status;
}

int json_read_address(const struct json_reading *reading, const json_t *object, const char *name,
                      uint64_t *address, bool *known)
{
    const char *text = json_text_of(object, name);
    char *end = NULL;
    *address = 0;
    *known = text != NULL;
    if (text == NULL)
        return 0;
    errno = 0;
    *address = strtoull(text, &end, 16);
    if (errno != 0 || strncmp(text, "0x", 2) != 0 || *end != '\0')
        return json_refuse_member(reading, name, "an address, \"0x...\"");
    return 0;
}

// The index of the text among the names; -1 where it is none of them.
static int find_name(const char *text, const char *const *names)
{
    for (int i = 0; text != NULL && names[i] != NULL; i++)
        if (strcmp(names[i], text) == 0)
            return i;
    return -1;
}

static int refuse_name(const struct json_reading *reading, const char *name, const char *text)
{
    return text == NULL ? json_refuse(reading, "\"%s\" is missing or no text", name)
                        : json_refuse(reading, "\"%s\" is \"%.40s\", which this kit does not know",
                                      name, text);
}

int json_read_name(const struct json_reading *reading, const json_t *object, const char *name,
                   const char *const *names)
{
    const char *text = json_text_of(object, name);
    int index = find_name(text, names);
    return index >= 0 ? index : refuse_name(reading, name, text);
}

int json_read_flags(const struct json_reading *reading, const json_t *object, const char *name,
                    const char *const *names, unsigned *flags)
{
    const json_t *list = json_object_get(object, name);
    *flags = 0;
    if (!json_is_array(list) && !reading->lenient)
        return json_refuse_member(reading, name, "a list");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        int bit = find_name(text, names);
        if (bit >= 0)
            *flags |= 1U << bit;
        else if (!reading->lenient)
            return refuse_name(reading, name, text);
    }
    return 0;
}

int json_read_hex(const struct json_reading *reading, const json_t *object, const char *name,
                  uint8_t *bytes, size_t size)
{
    const json_t *value = json_object_get(object, name);
    const char *text = json_string_value(value);
    if (text != NULL && json_string_length(value) == 2 * size && hex_decode(text, bytes, size))
        return 0;
    return json_refuse(reading, "\"%s\" must be a string of %zu lower-case hex digits", name,
                       2 * size);
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

bool hex_decode(const char *text, uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        int high = hex_value(text[2 * i]);
        int low = high < 0 ? -1 : hex_value(text[2 * i + 1]);
        if (low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return text[2 * size] == '\0';
}
