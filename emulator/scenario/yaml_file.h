// SPDX-License-Identifier: Apache-2.0
// A YAML file of the user's: its bytes checked against a libcyaml schema and turned into
// structures, with one line of what is wrong, and where, when they don't fit.
#ifndef TCK_YAML_FILE_H
#define TCK_YAML_FILE_H

#include "conformance/base/failure.h"
#include "emulator/scenario/yaml_tree.h"

#include <cyaml/cyaml.h>
#include <sys/types.h>

enum { YAML_FILE_TEXT_MAX = 4096 }; // of one value, in bytes; for schemas

// What kind of file it is.
struct yaml_form {
    // Of a mapping, CYAML_FLAG_POINTER; below it mappings, sequences, texts, unsigned numbers and
    // strict enumerations. NULL: the caller checks `top`, and there is no `data`.
    const cyaml_schema_value_t *schema;
    struct yaml_words words;
    const char *when_large; // what to do about one of more than 1 MiB
};

struct yaml_file {
    const struct yaml_form *form;
    char *path;
    char digest[17]; // 16 hex digits over the bytes
    uid_t owner;     // of the file that was read, and its mode
    mode_t mode;
    struct yaml_node top;
    cyaml_data_t *data; // the mapping's structure
};

// Reads and checks the file at `path`. 0, and `file` holds what yaml_file_clear frees; or -1 with
// `failure` (STATUS_USAGE): "PATH:LINE:COLUMN: what is wrong and what would be right", and `file`
// empty.
int yaml_file_read(struct yaml_file *file, const struct yaml_form *form, const char *path,
                   struct failure *failure);
void yaml_file_clear(struct yaml_file *file);

// Records that something is wrong with the node at `path` (see yaml_tree_find). Returns -1 always.
int yaml_file_problem(const struct yaml_file *file, struct failure *failure, const char *path,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
