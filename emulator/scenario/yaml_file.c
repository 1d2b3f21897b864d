// SPDX-License-Identifier: Apache-2.0
// Reads a YAML file through a libcyaml schema.
#include "emulator/scenario/yaml_file.h"

#include "conformance/base/hash.h"
#include "conformance/base/wording.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_SIZE_MAX = 1 << 20 };

// Messages.

static int problem_at(const struct yaml_file *file, struct failure *failure, struct yaml_mark mark,
                      const char *text)
{
    return failure_set(failure, STATUS_USAGE, "%s:%zu:%zu: %s", file->path, mark.line, mark.column,
                       text);
}

int yaml_file_problem(const struct yaml_file *file, struct failure *failure, const char *path,
                      const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return problem_at(file, failure, yaml_tree_nearest(&file->top, path)->mark, text);
}

// The schema, held against the tree: libcyaml forgets lines and columns, so what it would refuse is
// found before it is asked.

struct schema_check {
    const struct yaml_file *file;
    struct failure *failure;
};

static int check_value(const struct schema_check *check, const struct yaml_node *node,
                       const cyaml_schema_value_t *schema);

__attribute__((format(printf, 3, 4))) static int
refuse(const struct schema_check *check, struct yaml_mark mark, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return problem_at(check->file, check->failure, mark, text);
}

static int refuse_kind(const struct schema_check *check, const struct yaml_node *node,
                       const char *wanted)
{
    if (node->kind == YAML_TEXT)
        return refuse(check, node->mark, "%s where there must be %s", quote(node->text).text,
                      wanted);
    return refuse(check, node->mark, "a %s where there must be %s",
                  node->kind == YAML_LIST ? "list" : "mapping", wanted);
}

static const cyaml_schema_field_t *find_field(const cyaml_schema_field_t *fields, const char *key)
{
    for (; fields->key != NULL; fields++)
        if (strcmp(fields->key, key) == 0)
            return fields;
    return NULL;
}

static int refuse_key(const struct schema_check *check, const struct yaml_node *entry,
                      const cyaml_schema_field_t *fields)
{
    struct choices choices;
    choices_begin(&choices, entry->key);
    for (; fields->key != NULL; fields++)
        choices_add(&choices, fields->key);
    return refuse(check, entry->key_mark, "unknown key %s%s", quote(entry->key).text,
                  choices_end(&choices, "keys here").text);
}

static int check_mapping(const struct schema_check *check, const struct yaml_node *node,
                         const cyaml_schema_field_t *fields)
{
    if (node->kind != YAML_MAPPING)
        return refuse_kind(check, node, "a mapping, \"key: value\"");
    for (size_t i = 0; i < node->count; i++) {
        const cyaml_schema_field_t *field = find_field(fields, node->entries[i].key);
        if (field == NULL)
            return refuse_key(check, &node->entries[i], fields);
        if (check_value(check, &node->entries[i], &field->value) != 0)
            return -1;
    }
    for (; fields->key != NULL; fields++)
        if ((fields->value.flags & CYAML_FLAG_OPTIONAL) == 0 &&
            yaml_tree_find(node, fields->key) == NULL)
            return refuse(check, node->mark, "the key %s is missing here", quote(fields->key).text);
    return 0;
}

static int check_list(const struct schema_check *check, const struct yaml_node *node,
                      const cyaml_schema_value_t *schema)
{
    if (node->kind != YAML_LIST)
        return refuse_kind(check, node, "a list, each entry after \"- \"");
    for (size_t i = 0; i < node->count; i++) {
        if (i == schema->sequence.max)
            return refuse(check, node->mark, "a list of more than %u entries",
                          schema->sequence.max);
        if (check_value(check, &node->entries[i], schema->sequence.entry) != 0)
            return -1;
    }
    if (node->count < schema->sequence.min)
        return refuse(check, node->mark, "an empty list; at least one entry is needed here");
    return 0;
}

static int check_word(const struct schema_check *check, const struct yaml_node *node,
                      const cyaml_schema_value_t *schema)
{
    struct choices choices;
    choices_begin(&choices, node->text);
    for (uint32_t i = 0; i < schema->enumeration.count; i++) {
        if (strcmp(schema->enumeration.strings[i].str, node->text) == 0)
            return 0;
        choices_add(&choices, schema->enumeration.strings[i].str);
    }
    return refuse(check, node->mark, "%s is not a value for this key%s", quote(node->text).text,
                  choices_end(&choices, "values").text);
}

// As libcyaml reads one: in C's forms, and up to what does not belong to it.
static bool is_number(const char *text, size_t size)
{
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 0);
    return errno == 0 && end != text && (size >= sizeof value || value >> 8 * size == 0);
}

static int check_text(const struct schema_check *check, const struct yaml_node *node,
                      const cyaml_schema_value_t *schema)
{
    size_t length = strlen(node->text);
    if (length < schema->string.min)
        return refuse(check, node->mark, "an empty value; leave the key out if it is optional");
    if (length > schema->string.max)
        return refuse(check, node->mark, "more than %u bytes of text", schema->string.max);
    return 0;
}

static int check_value(const struct schema_check *check, const struct yaml_node *node,
                       const cyaml_schema_value_t *schema)
{
    bool number = schema->type == CYAML_UINT;
    if (schema->type == CYAML_MAPPING)
        return check_mapping(check, node, schema->mapping.fields);
    if (schema->type == CYAML_SEQUENCE)
        return check_list(check, node, schema);
    if (node->kind != YAML_TEXT || (number && !is_number(node->text, schema->data_size)))
        return refuse_kind(check, node, number ? "a whole number" : "a single value");
    if (schema->type == CYAML_ENUM)
        return check_word(check, node, schema);
    return schema->type == CYAML_STRING ? check_text(check, node, schema) : 0;
}

// Reading.

static const cyaml_config_t configuration = {
    .mem_fn = cyaml_mem,
    .flags = CYAML_CFG_NO_ALIAS,
};

static int read_bytes(int fd, const char *path, uint8_t *bytes, size_t size,
                      struct failure *failure)
{
    size_t used = 0;
    while (used < size) {
        ssize_t got = read(fd, bytes + used, size - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failure_set(failure, failure_input_status(errno), "%s: can't read it: %s", path,
                               strerror(errno));
        if (got == 0)
            return failure_set(failure, STATUS_USAGE, "%s: became shorter while it was read", path);
        used += (size_t)got;
    }
    return 0;
}

static int read_file(struct yaml_file *file, uint8_t **bytes, size_t *size, struct failure *failure)
{
    const char *path = file->path;
    int result = -1;
    struct stat status;
    // Not to wait for a writer where the path is a pipe's.
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return failure_set(failure, failure_input_status(errno), "%s: can't open it: %s", path,
                           strerror(errno));
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        failure_set(failure, STATUS_USAGE, "%s: not a file; %s is a YAML file", path,
                    file->form->words.what);
        goto out;
    }
    if (status.st_size > FILE_SIZE_MAX) {
        failure_set(failure, STATUS_USAGE, "%s: larger than 1 MiB; %s", path,
                    file->form->when_large);
        goto out;
    }
    file->owner = status.st_uid;
    file->mode = status.st_mode;
    *size = (size_t)status.st_size;
    *bytes = malloc(*size + 1);
    if (*bytes == NULL)
        failure_set(failure, STATUS_UNTRUSTED, "%s: memory ran out while reading it", path);
    else
        result = read_bytes(fd, path, *bytes, *size, failure);
out:
    close(fd);
    return result;
}

static void digest(const uint8_t *bytes, size_t size, char text[static 17])
{
    uint64_t hash = hash_bytes(HASH_BEGINNING, bytes, size);
    snprintf(text, 17, "%016llx", (unsigned long long)hash);
}

static int parse(struct yaml_file *file, const uint8_t *bytes, size_t size, struct failure *failure)
{
    const struct yaml_words *words = &file->form->words;
    const struct schema_check check = {file, failure};
    struct yaml_problem problem = {0};
    int result = yaml_tree_read(&file->top, words, bytes, size, &problem);
    if (result != 0 && problem.no_memory)
        return failure_set(failure, STATUS_UNTRUSTED, "%s: %s", file->path, problem.text);
    if (result != 0)
        return problem_at(file, failure, problem.mark, problem.text);
    if (file->top.kind != YAML_MAPPING)
        return refuse(&check, file->top.mark, "not a mapping; %s begins with \"%s\"", words->what,
                      words->beginning);
    if (file->form->schema == NULL)
        return 0;
    if (check_value(&check, &file->top, file->form->schema) != 0)
        return -1;
    cyaml_err_t error =
        cyaml_load_data(bytes, size, &configuration, file->form->schema, &file->data, NULL);
    // libyaml has read the file before, so only memory can have been missing now.
    if (error == CYAML_ERR_OOM || error == CYAML_ERR_LIBYAML_PARSER_INIT ||
        error == CYAML_ERR_LIBYAML_PARSER)
        return failure_set(failure, STATUS_UNTRUSTED, "%s: memory ran out while reading it",
                           file->path);
    if (error != CYAML_OK)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "%s: internal error: libcyaml refuses what was found right: %s",
                           file->path, cyaml_strerror(error));
    return 0;
}

int yaml_file_read(struct yaml_file *file, const struct yaml_form *form, const char *path,
                   struct failure *failure)
{
    int result = -1;
    uint8_t *bytes = NULL;
    size_t size = 0;
    *file = (struct yaml_file){.form = form, .path = strdup(path)};
    if (file->path == NULL) {
        failure_set(failure, STATUS_UNTRUSTED, "%s: memory ran out while reading it", path);
        goto out;
    }
    if (read_file(file, &bytes, &size, failure) != 0 || parse(file, bytes, size, failure) != 0)
        goto out;
    digest(bytes, size, file->digest);
    result = 0;
out:
    free(bytes);
    if (result != 0)
        yaml_file_clear(file);
    return result;
}

void yaml_file_clear(struct yaml_file *file)
{
    if (file->data != NULL)
        cyaml_free(&configuration, file->form->schema, file->data, 0);
    yaml_tree_clear(&file->top);
    free(file->path);
    *file = (struct yaml_file){0};
}
