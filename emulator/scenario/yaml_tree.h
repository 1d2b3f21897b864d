// Where in a YAML file things stand. libcyaml turns a file into structures but forgets lines and
// columns; this reads the same bytes as a tree, so that an error found later, in what the
// structures mean, can still name the place. It also refuses what YAML allows and scenario files
// don't need: several documents, anchors, aliases, tags, keys given twice, keys that are not plain
// text.
//
// A node is named by its path from the top: "sessions[2].target", entries counted from 0; "" is the
// top.
#ifndef TCK_YAML_TREE_H
#define TCK_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct yaml_place;

// Line and column as an editor counts them: from 1, columns in characters.
struct yaml_mark {
    size_t line;
    size_t column;
};

struct yaml_problem {
    struct yaml_mark mark;
    char text[256]; // what is wrong and what would be right; one line
};

enum yaml_kind {
    YAML_ABSENT, // no node has that path
    YAML_TEXT,
    YAML_LIST,
    YAML_MAPPING,
};

// What is wrong with a file without a document.
#define YAML_PLACE_EMPTY "nothing in it"

// Reads `size` bytes of YAML; they need not last. 0 and `*place`, owned by the caller; or -1 with
// `problem`. NUL bytes and malformed UTF-8 are problems, as is an empty document.
int yaml_place_parse(struct yaml_place **place, const uint8_t *bytes, size_t size,
                     struct yaml_problem *problem);

// NULL is allowed.
void yaml_place_free(struct yaml_place *place);

// Where the node at `path` begins; where there is none, its nearest ancestor that is there.
struct yaml_mark yaml_place_value(const struct yaml_place *place, const char *path);

// Where the key `key` of the mapping at `path` stands; the mapping itself when it has no such key.
struct yaml_mark yaml_place_key(const struct yaml_place *place, const char *path, const char *key);

enum yaml_kind yaml_place_kind(const struct yaml_place *place, const char *path);

// The text at `path`, owned by `place`; NULL when there is none.
const char *yaml_place_text(const struct yaml_place *place, const char *path);

#endif
