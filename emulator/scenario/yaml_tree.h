// SPDX-License-Identifier: Apache-2.0
// A YAML file as a tree whose nodes know their line and column, so that an error that is found
// later, in what the file means, can still name its place. Reading it refuses what YAML allows and
// the kit's files don't need: several documents, anchors, aliases, tags, keys given twice, keys
// that are not plain text.
#ifndef TCK_YAML_TREE_H
#define TCK_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Line and column as an editor counts them: from 1, columns in characters.
struct yaml_mark {
    size_t line;
    size_t column;
};

enum yaml_kind {
    YAML_TEXT,
    YAML_LIST,
    YAML_MAPPING,
};

struct yaml_node {
    enum yaml_kind kind;
    struct yaml_mark mark;     // where it begins
    char *text;                // of YAML_TEXT
    struct yaml_node *entries; // of YAML_LIST and YAML_MAPPING
    size_t count;
    char *key; // of an entry of a mapping
    struct yaml_mark key_mark;
};

// How messages speak of the kind of file that is read.
struct yaml_words {
    const char *what;      // "a scenario"
    const char *several;   // "scenarios"
    const char *one;       // "one scenario": what a file holds
    const char *beginning; // the text that such a file begins with: "name: ..."
};

struct yaml_problem {
    struct yaml_mark mark;
    char text[256]; // what is wrong and what would be right; one line
    bool no_memory; // nothing is wrong with the file: memory ran out
};

// Reads `size` bytes of YAML into `top`; they need not last. 0, and `top` holds what
// yaml_tree_clear frees; or -1 with `problem`, and `top` empty. NUL bytes and malformed UTF-8 are
// problems, as is an empty document.
int yaml_tree_read(struct yaml_node *top, const struct yaml_words *words, const uint8_t *bytes,
                   size_t size, struct yaml_problem *problem);
void yaml_tree_clear(struct yaml_node *top);

// The node at `path` below `top`: "sessions[2].target", entries counted from 0; "" is `top` itself.
// NULL when there is none.
const struct yaml_node *yaml_tree_find(const struct yaml_node *top, const char *path);

// The same; where there is none, its nearest ancestor that is there. Never NULL.
const struct yaml_node *yaml_tree_nearest(const struct yaml_node *top, const char *path);

#endif
