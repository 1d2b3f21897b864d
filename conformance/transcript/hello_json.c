// SPDX-License-Identifier: Apache-2.0
// Facts about the library's file, to and from JSON.
#include "conformance/transcript/hello_json.h"

#include "conformance/base/text.h"
#include "conformance/transcript/function.h"

static void add_text(json_t **object, const char *name, const char *text)
{
    if (text[0] != '\0')
        object_add(object, name, text_to_json(text));
}

void hello_file_to_json(json_t **object, const struct hello *hello)
{
    add_text(object, "version", hello->version);
    add_text(object, "build_id", hello->build_id);
    add_text(object, "decorated", hello->decorated);
}

// The functions after GetIScsiSessionListEx, by bit.
static const char *const *more_names(void)
{
    static const char *names[CHARSETS - CHARSET_EX];
    for (int i = 0; i < CHARSETS - CHARSET_EX - 1; i++)
        names[i] = function_of((enum charset)(CHARSET_EX + 1 + i))->name;
    return names;
}

void hello_exports_to_json(json_t **object, const struct hello *hello)
{
    object_add(object, "has_a", json_boolean(hello->has_a));
    object_add(object, "has_w", json_boolean(hello->has_w));
    if (hello->has_ex)
        object_add(object, "has_ex", json_true());
    if (hello->has_more != 0)
        object_add(object, "exports", flags_to_json(more_names(), hello->has_more));
}

int hello_exports_from_json(const struct json_reading *reading, const json_t *object,
                            struct hello *hello)
{
    bool has_a = false;
    bool has_w = false;
    bool has_ex = false;
    unsigned more = 0;
    if (json_read_bool(reading, object, "has_a", &has_a) != 0 ||
        json_read_bool(reading, object, "has_w", &has_w) != 0 ||
        (json_object_get(object, "has_ex") != NULL &&
         json_read_bool(reading, object, "has_ex", &has_ex) != 0) ||
        (json_object_get(object, "exports") != NULL &&
         json_read_flags(reading, object, "exports", more_names(), &more) != 0))
        return -1;
    hello->has_a = has_a;
    hello->has_w = has_w;
    hello->has_ex = has_ex;
    hello->has_more = (uint16_t)more;
    return 0;
}

static int read_text(const struct json_reading *reading, const json_t *object, const char *name,
                     char *text, size_t size)
{
    if (json_object_get(object, name) == NULL)
        return 0;
    return json_read_short_text(reading, object, name, text, size);
}

int hello_file_from_json(const struct json_reading *reading, const json_t *object,
                         struct hello *hello)
{
    return read_text(reading, object, "version", hello->version, sizeof hello->version) != 0 ||
                   read_text(reading, object, "build_id", hello->build_id,
                             sizeof hello->build_id) != 0 ||
                   read_text(reading, object, "decorated", hello->decorated,
                             sizeof hello->decorated) != 0
               ? -1
               : 0;
}

int hello_code_page_from_json(const struct json_reading *reading, const json_t *object,
                              struct hello *hello)
{
    if (json_read_u32(reading, object, "code_page", &hello->code_page) != 0)
        return -1;
    if (code_page_known(hello->code_page))
        return 0;
    return json_refuse(reading,
                       "\"code_page\" is %u, and this machine can't read texts of that code page "
                       "(iconv has no CP%u)",
                       hello->code_page, hello->code_page);
}
