// SPDX-License-Identifier: Apache-2.0
// Makes a tree of libyaml's events.
#include "emulator/scenario/yaml_tree.h"

#include "conformance/base/text.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum {
    DEPTH_MAX = 16, // of nested lists and mappings; a scenario needs 5
    KEYS_MAX = 64,  // of one mapping: keeps the search for keys given twice short
};

struct yaml_reader {
    yaml_parser_t parser;
    const struct yaml_words *words;
    struct yaml_problem *problem;
};

__attribute__((format(printf, 3, 4))) static int
problem_set(struct yaml_problem *problem, struct yaml_mark mark, const char *format, ...)
{
    problem->mark = mark;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem->text, sizeof problem->text, format, arguments);
    va_end(arguments);
    return -1;
}

static int no_memory(struct yaml_problem *problem)
{
    problem->no_memory = true;
    return problem_set(problem, (struct yaml_mark){1, 1}, "memory ran out while reading it");
}

static struct yaml_mark mark_of(yaml_mark_t mark)
{
    return (struct yaml_mark){mark.line + 1, mark.column + 1};
}

// The characters that YAML allows in a file (YAML 1.1, 5.1).
static bool is_printable(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0x7E) || c == 0x85 ||
           (c >= 0xA0 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) || c >= 0x10000;
}

// libyaml takes other encodings too, and does not say where it met a character that it refuses: so
// the bytes are checked before it sees them.
static int check_bytes(const uint8_t *bytes, size_t size, const struct yaml_words *words,
                       struct yaml_problem *problem)
{
    struct yaml_mark mark = {1, 1};
    size_t i = 0;
    while (i < size) {
        uint32_t code_point = 0;
        size_t length = utf8_decode(bytes + i, size - i, &code_point);
        if (length == 0)
            return problem_set(problem, mark, "byte 0x%02X is not valid UTF-8 here", bytes[i]);
        if (!is_printable(code_point))
            return problem_set(problem, mark, "a control character (U+%04X); %s is a text file",
                               (unsigned)code_point, words->what);
        mark.column++;
        if (code_point == '\n')
            mark = (struct yaml_mark){mark.line + 1, 1};
        i += length;
    }
    return 0;
}

static int parser_problem(const struct yaml_reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    struct yaml_mark mark = mark_of(parser->problem_mark);
    const char *what = parser->problem != NULL ? parser->problem : "not valid YAML";
    if (parser->error == YAML_MEMORY_ERROR)
        return no_memory(reader->problem);
    if (parser->context != NULL && parser->context_mark.line != parser->problem_mark.line)
        return problem_set(reader->problem, mark, "%s that begins in line %zu: %s", parser->context,
                           mark_of(parser->context_mark).line, what);
    if (parser->context != NULL)
        return problem_set(reader->problem, mark, "%s: %s", parser->context, what);
    return problem_set(reader->problem, mark, "%s", what);
}

static int check_properties(const struct yaml_reader *reader, struct yaml_mark mark,
                            const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor != NULL)
        return problem_set(reader->problem, mark,
                           "an anchor (&%.40s): anchors and aliases are not used in %s",
                           (const char *)anchor, reader->words->several);
    if (tag != NULL)
        return problem_set(reader->problem, mark,
                           "a tag (%.40s): tags are not used in %s; put text that begins with '!' "
                           "in quotes",
                           (const char *)tag, reader->words->several);
    return 0;
}

static int read_text(const struct yaml_reader *reader, const yaml_event_t *event,
                     struct yaml_node *node)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    node->kind = YAML_TEXT;
    if (memchr(text, 0, length) != NULL)
        return problem_set(reader->problem, node->mark, "text with a NUL character in it");
    if (check_properties(reader, node->mark, event->data.scalar.anchor, event->data.scalar.tag) !=
        0)
        return -1;
    node->text = strndup(text, length);
    return node->text != NULL ? 0 : no_memory(reader->problem);
}

static int read_node(struct yaml_reader *reader, int depth, struct yaml_node *node);

static int check_key(const struct yaml_reader *reader, const struct yaml_node *mapping,
                     const struct yaml_node *key)
{
    if (key->kind != YAML_TEXT)
        return problem_set(reader->problem, key->mark,
                           "a key that is not plain text; quote it if it is meant to be");
    for (size_t i = 0; i < mapping->count; i++)
        if (strcmp(mapping->entries[i].key, key->text) == 0)
            return problem_set(reader->problem, key->mark,
                               "key \"%.40s\" given twice; first in line %zu", key->text,
                               mapping->entries[i].key_mark.line);
    if (mapping->count == KEYS_MAX)
        return problem_set(reader->problem, mapping->mark,
                           "a mapping with more than %d keys; none has so many", KEYS_MAX);
    return 0;
}

// The next entry of a list or mapping. 0; 1 at its end; -1 with the reader's problem.
static int read_entry(struct yaml_reader *reader, int depth, const struct yaml_node *parent,
                      struct yaml_node *entry)
{
    int result = read_node(reader, depth, entry);
    if (result != 0 || parent->kind == YAML_LIST)
        return result;
    if (check_key(reader, parent, entry) != 0)
        return -1;
    entry->key = entry->text;
    entry->key_mark = entry->mark;
    entry->text = NULL;
    return read_node(reader, depth, entry);
}

static int read_entries(struct yaml_reader *reader, int depth, struct yaml_node *node)
{
    if (depth > DEPTH_MAX)
        return problem_set(reader->problem, node->mark, "nested more than %d deep", DEPTH_MAX);
    for (;;) {
        struct yaml_node entry = {0};
        size_t count = node->count;
        int result = read_entry(reader, depth, node, &entry);
        if (result == 0 && (count & (count - 1)) == 0) { // full: doubled at each power of two
            struct yaml_node *entries =
                reallocarray(node->entries, count == 0 ? 1 : count * 2, sizeof *entries);
            if (entries != NULL)
                node->entries = entries;
            else
                result = no_memory(reader->problem);
        }
        if (result != 0) {
            yaml_tree_clear(&entry);
            return result > 0 ? 0 : -1;
        }
        node->entries[node->count++] = entry;
    }
}

// Reads the next node, with all below it. 0; 1 when the end of the list or mapping that it would be
// in came instead; -1 with the reader's problem.
static int read_node(struct yaml_reader *reader, int depth, struct yaml_node *node)
{
    yaml_event_t event;
    int result = 1;
    if (!yaml_parser_parse(&reader->parser, &event))
        return parser_problem(reader);
    node->mark = mark_of(event.start_mark);
    if (event.type == YAML_ALIAS_EVENT) {
        result =
            problem_set(reader->problem, node->mark,
                        "an alias (*%.40s): anchors and aliases are not used in %s; put text that "
                        "begins with '*' in quotes",
                        (const char *)event.data.alias.anchor, reader->words->several);
    } else if (event.type == YAML_SCALAR_EVENT) {
        result = read_text(reader, &event, node);
    } else if (event.type == YAML_SEQUENCE_START_EVENT) {
        node->kind = YAML_LIST;
        result = check_properties(reader, node->mark, event.data.sequence_start.anchor,
                                  event.data.sequence_start.tag);
        if (result == 0)
            result = read_entries(reader, depth + 1, node);
    } else if (event.type == YAML_MAPPING_START_EVENT) {
        node->kind = YAML_MAPPING;
        result = check_properties(reader, node->mark, event.data.mapping_start.anchor,
                                  event.data.mapping_start.tag);
        if (result == 0)
            result = read_entries(reader, depth + 1, node);
    }
    yaml_event_delete(&event);
    return result;
}

// Skips the next event. Its type; or -1 with the reader's problem.
static int skip_event(struct yaml_reader *reader, struct yaml_mark *mark)
{
    yaml_event_t event;
    if (!yaml_parser_parse(&reader->parser, &event))
        return parser_problem(reader);
    int type = (int)event.type;
    *mark = mark_of(event.start_mark);
    yaml_event_delete(&event);
    return type;
}

static int read_document(struct yaml_reader *reader, struct yaml_node *top)
{
    struct yaml_mark mark;
    if (skip_event(reader, &mark) < 0) // the stream's beginning
        return -1;
    int type = skip_event(reader, &mark);
    if (type == YAML_STREAM_END_EVENT)
        return problem_set(reader->problem, (struct yaml_mark){1, 1},
                           "nothing in it; %s begins with \"%s\"", reader->words->what,
                           reader->words->beginning);
    if (type < 0 || read_node(reader, 0, top) != 0 || skip_event(reader, &mark) < 0)
        return -1;
    type = skip_event(reader, &mark);
    if (type == YAML_DOCUMENT_START_EVENT)
        return problem_set(reader->problem, mark, "a second document; a file holds %s",
                           reader->words->one);
    return type < 0 ? -1 : 0;
}

int yaml_tree_read(struct yaml_node *top, const struct yaml_words *words, const uint8_t *bytes,
                   size_t size, struct yaml_problem *problem)
{
    struct yaml_reader reader = {.words = words, .problem = problem};
    *top = (struct yaml_node){0};
    if (check_bytes(bytes, size, words, problem) != 0)
        return -1;
    if (!yaml_parser_initialize(&reader.parser))
        return no_memory(problem);
    yaml_parser_set_input_string(&reader.parser, bytes, size);
    int result = read_document(&reader, top);
    yaml_parser_delete(&reader.parser);
    if (result != 0)
        yaml_tree_clear(top);
    return result;
}

void yaml_tree_clear(struct yaml_node *top)
{
    for (size_t i = 0; i < top->count; i++)
        yaml_tree_clear(&top->entries[i]);
    free(top->entries);
    free(top->text);
    free(top->key);
    *top = (struct yaml_node){0};
}

// The entry that the first step of `*path` names, which is taken off it; NULL when there is none.
static const struct yaml_node *step(const struct yaml_node *node, const char **path)
{
    if (**path == '[') {
        char *end = NULL;
        size_t index = strtoul(*path + 1, &end, 10);
        if (*end != ']' || node->kind != YAML_LIST || index >= node->count)
            return NULL;
        *path = end + 1;
        return &node->entries[index];
    }
    *path += **path == '.';
    size_t length = strcspn(*path, ".[");
    for (size_t i = 0; node->kind == YAML_MAPPING && i < node->count; i++) {
        const char *key = node->entries[i].key;
        if (strncmp(key, *path, length) == 0 && key[length] == '\0') {
            *path += length;
            return &node->entries[i];
        }
    }
    return NULL;
}

const struct yaml_node *yaml_tree_find(const struct yaml_node *top, const char *path)
{
    while (top != NULL && *path != '\0')
        top = step(top, &path);
    return top;
}

const struct yaml_node *yaml_tree_nearest(const struct yaml_node *top, const char *path)
{
    const struct yaml_node *nearest = top;
    while (top != NULL && *path != '\0') {
        nearest = top;
        top = step(top, &path);
    }
    return top != NULL ? top : nearest;
}
