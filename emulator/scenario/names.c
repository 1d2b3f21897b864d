// SPDX-License-Identifier: Apache-2.0
// Names of a scenario file's entries: ids, patterns and the references to them.
#include "emulator/scenario/names.h"

#include "conformance/base/wording.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char place_holder[] = "{n}";

int expansion_problem(const struct expansion *expansion, const char *path, const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return yaml_file_problem(&expansion->file->yaml, expansion->failure, path, "%s", text);
}

int expansion_no_memory(const struct expansion *expansion)
{
    return failure_set(expansion->failure, STATUS_UNTRUSTED, "%s: memory ran out while reading it",
                       expansion->file->yaml.path);
}

void *expansion_array(const struct expansion *expansion, size_t count, size_t size)
{
    void *array = calloc(count > 0 ? count : 1, size);
    if (array == NULL)
        expansion_no_memory(expansion);
    return array;
}

size_t expansion_line(const struct expansion *expansion, const char *path)
{
    return yaml_tree_nearest(&expansion->file->yaml.top, path)->mark.line;
}

int expansion_number(const struct expansion *expansion, const char *path, const uint32_t *value,
                     uint32_t without, uint32_t least, uint32_t greatest, uint32_t *number)
{
    *number = without;
    return scenario_file_number(expansion->file, expansion->failure, path, value, least, greatest,
                                number);
}

// ---- Words

static int compare_texts(const void *left, const void *right)
{
    const struct word *a = left;
    const struct word *b = right;
    return strcmp(a->text, b->text);
}

static int compare_words(const void *left, const void *right)
{
    const struct word *a = left;
    const struct word *b = right;
    int order = compare_texts(a, b);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

// As compare_words; words that differ only in the case of letters are equal.
static int compare_caseless(const void *left, const void *right)
{
    const struct word *a = left;
    const struct word *b = right;
    int order = strcasecmp(a->text, b->text);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

// Sorts the words. Returns the first one of the file that is equal to an earlier one, and that one
// in `*earlier`; NULL when all are different.
static const struct word *sort_words(struct words *words, bool caseless,
                                     const struct word **earlier)
{
    const struct word *repeated = NULL;
    int (*same)(const char *, const char *) = caseless ? strcasecmp : strcmp;
    qsort(words->list, words->count, sizeof *words->list,
          caseless ? compare_caseless : compare_words);
    for (size_t i = 1; i < words->count; i++) {
        const struct word *word = &words->list[i];
        if (same(word[-1].text, word->text) != 0 ||
            (repeated != NULL && repeated->index < word->index))
            continue;
        repeated = word;
        *earlier = word - 1;
    }
    return repeated;
}

int names_check_label(const struct expansion *expansion, const char *path, const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    enum { LABEL_MAX = 64 };
    size_t length = strlen(name);
    if (length <= LABEL_MAX && strspn(name, allowed) == length && name[0] != '-')
        return 0;
    return expansion_problem(expansion, path,
                             "%s is not a name: at most %d letters a to z, digits and '-', not "
                             "'-' first",
                             quote(name).text, LABEL_MAX);
}

// ---- Patterns

bool pattern_has_number(const char *text)
{
    return strstr(text, place_holder) != NULL;
}

char *pattern_fill(const char *pattern, size_t number)
{
    char digits[24];
    size_t digit_count = (size_t)snprintf(digits, sizeof digits, "%zu", number);
    size_t holders = 0;
    for (const char *at = pattern; (at = strstr(at, place_holder)) != NULL; at += 3)
        holders++;
    char *text = malloc(strlen(pattern) + holders * digit_count + 1);
    if (text == NULL)
        return NULL;
    char *out = text;
    while (*pattern != '\0') {
        if (strncmp(pattern, place_holder, 3) == 0) {
            memcpy(out, digits, digit_count);
            out += digit_count;
            pattern += 3;
        } else {
            *out++ = *pattern++;
        }
    }
    *out = '\0';
    return text;
}

// ---- Lists with names

static int check_naming(const struct expansion *expansion, const char *entry,
                        const struct entry_naming *naming, uint32_t count_max, uint32_t *count)
{
    struct node_path pattern = node_path("%s.pattern", entry);
    struct node_path count_path = node_path("%s.count", entry);
    if (naming->name == NULL && naming->pattern == NULL)
        return expansion_problem(expansion, entry,
                                 "neither \"name\" nor \"pattern\"; give one of them");
    if (naming->name != NULL && naming->pattern != NULL)
        return expansion_problem(expansion, pattern.text,
                                 "both \"name\" and \"pattern\"; give one of them");
    if (naming->name != NULL && naming->count != NULL)
        return expansion_problem(expansion, count_path.text,
                                 "\"count\" goes with \"pattern\", there is one of each name");
    if (naming->pattern != NULL && !pattern_has_number(naming->pattern))
        return expansion_problem(expansion, pattern.text, "%s has no {n} where the number goes",
                                 quote(naming->pattern).text);
    if (naming->pattern != NULL && naming->count == NULL)
        return expansion_problem(expansion, entry, "a pattern without \"count\"; say how many");
    return expansion_number(expansion, count_path.text, naming->count, 1, 1, count_max, count);
}

static int check_ids(const struct expansion *expansion, struct named_list *list)
{
    static const char *const keys[] = {"id", "name", "pattern"};
    const struct word *earlier = NULL;
    const struct word *repeated = sort_words(&list->ids, false, &earlier);
    if (repeated == NULL)
        return 0;
    struct node_path entry = node_path("%s[%zu]", list->name, repeated->index);
    struct node_path path = entry;
    for (size_t i = sizeof keys / sizeof keys[0]; i-- > 0;) {
        struct node_path key = node_path("%s.%s", entry.text, keys[i]);
        if (yaml_tree_find(&expansion->file->yaml.top, key.text) != NULL)
            path = key;
    }
    struct node_path first = node_path("%s[%zu]", list->name, earlier->index);
    return expansion_problem(expansion, path.text, "two %s are called %s; the first in line %zu",
                             list->name, quote(repeated->text).text,
                             expansion_line(expansion, first.text));
}

int names_measure(struct expansion *expansion, struct named_list *list,
                  struct entry_naming (*naming)(const struct scenario_node *node, size_t entry))
{
    list->groups = expansion_array(expansion, list->entry_count, sizeof *list->groups);
    list->ids.list = expansion_array(expansion, list->entry_count, sizeof *list->ids.list);
    if (list->groups == NULL || list->ids.list == NULL)
        return -1;
    for (size_t i = 0; i < list->entry_count; i++) {
        struct node_path path = node_path("%s[%zu]", list->name, i);
        struct entry_naming entry = naming(expansion->node, i);
        uint32_t count = 0;
        if (check_naming(expansion, path.text, &entry, (uint32_t)list->max, &count) != 0)
            return -1;
        list->groups[i] = (struct group){list->total, count};
        list->total += count;
        if (list->total > list->max)
            return expansion_problem(expansion, node_path("%s.count", path.text).text,
                                     "%zu %s so far; at most %zu are allowed", list->total,
                                     list->name, list->max);
        const char *id = entry.id != NULL     ? entry.id
                         : entry.name != NULL ? entry.name
                                              : entry.pattern;
        list->ids.list[list->ids.count++] = (struct word){id, i};
    }
    return check_ids(expansion, list);
}

static size_t entry_of(const struct named_list *list, size_t index)
{
    size_t entry = 0;
    while (entry + 1 < list->entry_count && index >= list->groups[entry + 1].first)
        entry++;
    return entry;
}

int names_check_differ(const struct expansion *expansion, const struct named_list *list,
                       const char *(*name_of)(const struct expansion *expansion, size_t index))
{
    struct words names = {expansion_array(expansion, list->total, sizeof *names.list), list->total};
    const struct word *earlier = NULL;
    int result = 0;
    if (names.list == NULL)
        return -1;
    for (size_t i = 0; i < names.count; i++)
        names.list[i] = (struct word){name_of(expansion, i), i};
    const struct word *repeated = sort_words(&names, true, &earlier);
    if (repeated != NULL) {
        size_t entry = entry_of(list, repeated->index);
        struct node_path path = node_path("%s[%zu].name", list->name, entry);
        struct node_path first = node_path("%s[%zu]", list->name, entry_of(list, earlier->index));
        if (yaml_tree_find(&expansion->file->yaml.top, path.text) == NULL)
            path = node_path("%s[%zu].pattern", list->name, entry);
        size_t line = expansion_line(expansion, first.text);
        result =
            strcmp(repeated->text, earlier->text) == 0
                ? expansion_problem(expansion, path.text,
                                    "two %s have the name %s; the first in line %zu", list->name,
                                    quote(repeated->text).text, line)
                : expansion_problem(expansion, path.text,
                                    "the names %s and %s differ only in the case of letters, "
                                    "which makes no difference in an iSCSI name; the first "
                                    "in line %zu",
                                    quote(repeated->text).text, quote(earlier->text).text, line);
    }
    free(names.list);
    return result;
}

int names_find(const struct expansion *expansion, const struct named_list *list, const char *path,
               const char *what, const char *id, size_t *entry)
{
    const struct word wanted = {id, 0};
    const struct word *found =
        bsearch(&wanted, list->ids.list, list->ids.count, sizeof wanted, compare_texts);
    if (found != NULL) {
        *entry = found->index;
        return 0;
    }
    char here[32];
    struct choices choices;
    choices_begin(&choices, id);
    for (size_t i = 0; i < list->ids.count; i++)
        choices_add(&choices, list->ids.list[i].text);
    snprintf(here, sizeof here, "%s here", list->name);
    return expansion_problem(expansion, path, "unknown %s %s%s", what, quote(id).text,
                             choices_end(&choices, here).text);
}
