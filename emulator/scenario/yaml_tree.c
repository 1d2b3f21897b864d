// Finds the line and column of a node of a YAML file by its path.
#include "emulator/scenario/yaml_tree.h"

#include "conformance/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum {
    DEPTH_MAX = 16, // of nested lists and mappings; a scenario needs 5
    KEYS_MAX = 64,  // of one mapping: keeps the search for keys given twice short
};

struct yaml_place {
    yaml_document_t document;
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
static int check_bytes(const uint8_t *bytes, size_t size, struct yaml_problem *problem)
{
    struct yaml_mark mark = {1, 1};
    size_t i = 0;
    while (i < size) {
        uint32_t code_point = 0;
        size_t length = utf8_decode(bytes + i, size - i, &code_point);
        if (length == 0)
            return problem_set(problem, mark, "byte 0x%02X is not valid UTF-8 here", bytes[i]);
        if (!is_printable(code_point))
            return problem_set(problem, mark,
                               "a control character (U+%04X); a scenario is a text file",
                               (unsigned)code_point);
        mark.column++;
        if (code_point == '\n')
            mark = (struct yaml_mark){mark.line + 1, 1};
        i += length;
    }
    return 0;
}

static int parser_problem(const yaml_parser_t *parser, struct yaml_problem *problem)
{
    struct yaml_mark mark = mark_of(parser->problem_mark);
    const char *what = parser->problem != NULL ? parser->problem : "not valid YAML";
    if (parser->error == YAML_MEMORY_ERROR)
        return problem_set(problem, (struct yaml_mark){1, 1}, "memory ran out while reading it");
    if (parser->context != NULL && parser->context_mark.line != parser->problem_mark.line)
        return problem_set(problem, mark, "%s that begins in line %zu: %s", parser->context,
                           mark_of(parser->context_mark).line, what);
    if (parser->context != NULL)
        return problem_set(problem, mark, "%s: %s", parser->context, what);
    return problem_set(problem, mark, "%s", what);
}

struct scan {
    size_t documents;
    int depth;
};

static int check_property(const yaml_event_t *event, const yaml_char_t *anchor,
                          const yaml_char_t *tag, struct yaml_problem *problem)
{
    if (anchor != NULL)
        return problem_set(problem, mark_of(event->start_mark),
                           "an anchor (&%.40s): anchors and aliases are not used in scenarios",
                           (const char *)anchor);
    if (tag != NULL)
        return problem_set(problem, mark_of(event->start_mark),
                           "a tag (%.40s): tags are not used in scenarios; put text that begins "
                           "with '!' in quotes",
                           (const char *)tag);
    return 0;
}

static int check_event(struct scan *scan, const yaml_event_t *event, struct yaml_problem *problem)
{
    struct yaml_mark mark = mark_of(event->start_mark);
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++scan->documents > 1)
            return problem_set(problem, mark, "a second document; a file holds one scenario");
        return 0;
    case YAML_ALIAS_EVENT:
        return problem_set(problem, mark,
                           "an alias (*%.40s): anchors and aliases are not used in scenarios; put "
                           "text that begins with '*' in quotes",
                           (const char *)event->data.alias.anchor);
    case YAML_SCALAR_EVENT:
        if (memchr(event->data.scalar.value, 0, event->data.scalar.length) != NULL)
            return problem_set(problem, mark, "text with a NUL character in it");
        return check_property(event, event->data.scalar.anchor, event->data.scalar.tag, problem);
    case YAML_SEQUENCE_START_EVENT:
        if (++scan->depth > DEPTH_MAX)
            break;
        return check_property(event, event->data.sequence_start.anchor,
                              event->data.sequence_start.tag, problem);
    case YAML_MAPPING_START_EVENT:
        if (++scan->depth > DEPTH_MAX)
            break;
        return check_property(event, event->data.mapping_start.anchor,
                              event->data.mapping_start.tag, problem);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        scan->depth--;
        return 0;
    default:
        return 0;
    }
    return problem_set(problem, mark, "nested more than %d deep", DEPTH_MAX);
}

// The tree that libyaml makes shows neither anchors nor a second document: they are seen as events.
static int check_events(const uint8_t *bytes, size_t size, struct yaml_problem *problem)
{
    struct scan scan = {0, 0};
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return problem_set(problem, (struct yaml_mark){1, 1}, "memory ran out while reading it");
    yaml_parser_set_input_string(&parser, bytes, size);

    int result = 0;
    bool more = true;
    while (more && result == 0) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            result = parser_problem(&parser, problem);
            break;
        }
        result = check_event(&scan, &event, problem);
        more = event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    if (result == 0 && scan.documents == 0)
        result = problem_set(problem, (struct yaml_mark){1, 1}, YAML_PLACE_EMPTY);
    yaml_parser_delete(&parser);
    return result;
}

static yaml_node_t *node_at(const struct yaml_place *place, int index)
{
    // libyaml asks for a pointer to what it doesn't change.
    return yaml_document_get_node((yaml_document_t *)&place->document, index);
}

static const char *scalar_text(const yaml_node_t *node)
{
    return (const char *)node->data.scalar.value;
}

static size_t pair_count(const yaml_node_t *mapping)
{
    return (size_t)(mapping->data.mapping.pairs.top - mapping->data.mapping.pairs.start);
}

static int check_keys(const struct yaml_place *place, const yaml_node_t *mapping,
                      struct yaml_problem *problem)
{
    size_t count = pair_count(mapping);
    const yaml_node_pair_t *pairs = mapping->data.mapping.pairs.start;
    if (count > KEYS_MAX)
        return problem_set(problem, mark_of(mapping->start_mark),
                           "a mapping with %zu keys; none has more than %d", count, KEYS_MAX);
    for (size_t i = 0; i < count; i++) {
        const yaml_node_t *key = node_at(place, pairs[i].key);
        if (key->type != YAML_SCALAR_NODE)
            return problem_set(problem, mark_of(key->start_mark),
                               "a key that is not plain text; quote it if it is meant to be");
        for (size_t j = 0; j < i; j++) {
            const yaml_node_t *earlier = node_at(place, pairs[j].key);
            if (strcmp(scalar_text(key), scalar_text(earlier)) == 0)
                return problem_set(problem, mark_of(key->start_mark),
                                   "key \"%.40s\" given twice; first in line %zu", scalar_text(key),
                                   mark_of(earlier->start_mark).line);
        }
    }
    return 0;
}

static int check_mappings(const struct yaml_place *place, struct yaml_problem *problem)
{
    for (int index = 1;; index++) {
        const yaml_node_t *node = node_at(place, index);
        if (node == NULL)
            return 0;
        if (node->type == YAML_MAPPING_NODE && check_keys(place, node, problem) != 0)
            return -1;
    }
}

static int load_tree(struct yaml_place *place, const uint8_t *bytes, size_t size,
                     struct yaml_problem *problem)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return problem_set(problem, (struct yaml_mark){1, 1}, "memory ran out while reading it");
    yaml_parser_set_input_string(&parser, bytes, size);
    int result = 0;
    if (!yaml_parser_load(&parser, &place->document)) {
        // What it had begun is freed by it; what is left must not be freed again.
        place->document = (yaml_document_t){0};
        result = parser_problem(&parser, problem);
    }
    yaml_parser_delete(&parser);
    return result;
}

int yaml_place_parse(struct yaml_place **place, const uint8_t *bytes, size_t size,
                     struct yaml_problem *problem)
{
    struct yaml_place *made = NULL;
    if (check_bytes(bytes, size, problem) != 0 || check_events(bytes, size, problem) != 0)
        goto out;
    made = calloc(1, sizeof *made);
    if (made == NULL) {
        problem_set(problem, (struct yaml_mark){1, 1}, "memory ran out while reading it");
        goto out;
    }
    if (load_tree(made, bytes, size, problem) != 0 || check_mappings(made, problem) != 0)
        goto out;
    *place = made;
    return 0;
out:
    yaml_place_free(made);
    return -1;
}

void yaml_place_free(struct yaml_place *place)
{
    if (place == NULL)
        return;
    yaml_document_delete(&place->document);
    free(place);
}

static const yaml_node_pair_t *find_pair(const struct yaml_place *place, const yaml_node_t *mapping,
                                         const char *key, size_t length)
{
    if (mapping->type != YAML_MAPPING_NODE)
        return NULL;
    for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
         pair < mapping->data.mapping.pairs.top; pair++) {
        const yaml_node_t *node = node_at(place, pair->key);
        if (node->data.scalar.length == length && memcmp(scalar_text(node), key, length) == 0)
            return pair;
    }
    return NULL;
}

static const yaml_node_t *find_entry(const struct yaml_place *place, const yaml_node_t *list,
                                     size_t index)
{
    if (list->type != YAML_SEQUENCE_NODE)
        return NULL;
    const yaml_node_item_t *items = list->data.sequence.items.start;
    if (index >= (size_t)(list->data.sequence.items.top - items))
        return NULL;
    return node_at(place, items[index]);
}

// One step of `*path` down from `node`; NULL when there is no such node.
static const yaml_node_t *step(const struct yaml_place *place, const yaml_node_t *node,
                               const char **path)
{
    if (**path == '[') {
        char *end = NULL;
        size_t index = strtoul(*path + 1, &end, 10);
        if (*end != ']')
            return NULL;
        *path = end + 1;
        return find_entry(place, node, index);
    }
    *path += **path == '.';
    size_t length = strcspn(*path, ".[");
    const yaml_node_pair_t *pair = find_pair(place, node, *path, length);
    *path += length;
    return pair != NULL ? node_at(place, pair->value) : NULL;
}

// The node at `path`, with `*whole` true; or the nearest ancestor that is there, with it false.
static const yaml_node_t *find_node(const struct yaml_place *place, const char *path, bool *whole)
{
    const yaml_node_t *node = node_at(place, 1);
    while (node != NULL && *path != '\0') {
        const yaml_node_t *next = step(place, node, &path);
        if (next == NULL) {
            *whole = false;
            return node;
        }
        node = next;
    }
    *whole = node != NULL;
    return node;
}

struct yaml_mark yaml_place_value(const struct yaml_place *place, const char *path)
{
    bool whole = false;
    const yaml_node_t *node = find_node(place, path, &whole);
    return node != NULL ? mark_of(node->start_mark) : (struct yaml_mark){1, 1};
}

struct yaml_mark yaml_place_key(const struct yaml_place *place, const char *path, const char *key)
{
    bool whole = false;
    const yaml_node_t *node = find_node(place, path, &whole);
    if (node == NULL)
        return (struct yaml_mark){1, 1};
    const yaml_node_pair_t *pair = whole ? find_pair(place, node, key, strlen(key)) : NULL;
    return mark_of(pair != NULL ? node_at(place, pair->key)->start_mark : node->start_mark);
}

enum yaml_kind yaml_place_kind(const struct yaml_place *place, const char *path)
{
    bool whole = false;
    const yaml_node_t *node = find_node(place, path, &whole);
    if (!whole)
        return YAML_ABSENT;
    return node->type == YAML_SCALAR_NODE     ? YAML_TEXT
           : node->type == YAML_SEQUENCE_NODE ? YAML_LIST
                                              : YAML_MAPPING;
}

const char *yaml_place_text(const struct yaml_place *place, const char *path)
{
    bool whole = false;
    const yaml_node_t *node = find_node(place, path, &whole);
    return whole && node->type == YAML_SCALAR_NODE ? scalar_text(node) : NULL;
}
