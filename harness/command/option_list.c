// SPDX-License-Identifier: Apache-2.0
// Lists the options of argp structures, and finds them on a command line.
#include "harness/command/option_list.h"

#include "conformance/base/wording.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { LETTERS = 128 };

// Argp has these in every command, and no structure that names them.
static const struct argp_option common[] = {
    {"help", '?', NULL, 0, "Give this help list", -1},
    {"usage", 0x7F00, NULL, 0, "Give a short usage message", -1},
    {"version", 'V', NULL, 0, "Print program version", -1},
    {0},
};

static bool is_letter(int key)
{
    return key > ' ' && key < LETTERS - 1;
}

static int add(struct option_list *list, const struct argp_option *option)
{
    struct option_entry *grown =
        reallocarray(list->items, list->count + 1, sizeof(struct option_entry));
    if (grown == NULL)
        return -1;
    list->items = grown;
    list->items[list->count++] = (struct option_entry){
        .name = option->name,
        .letter = is_letter(option->key) ? (char)option->key : '\0',
        .argument = option->arg,
        .sentence = option->doc,
        .group = option->group,
    };
    return 0;
}

static int add_all(struct option_list *list, const struct argp_option *options)
{
    for (; options != NULL && (options->name != NULL || options->doc != NULL); options++)
        if (options->name != NULL && add(list, options) != 0)
            return -1;
    return 0;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the argp structures are nested
static int add_argp(struct option_list *list, const struct argp *argp)
{
    if (add_all(list, argp->options) != 0)
        return -1;
    for (const struct argp_child *child = argp->children; child != NULL && child->argp != NULL;
         child++)
        if (add_argp(list, child->argp) != 0)
            return -1;
    return 0;
}

// Argp's order: by group, negative ones last; in a group by letter or name, whatever the case.
static int compare(const void *left, const void *right)
{
    const struct option_entry *one = left;
    const struct option_entry *other = right;
    if (one->group != other->group) {
        if ((one->group < 0) != (other->group < 0))
            return one->group < 0 ? 1 : -1;
        return one->group < other->group ? -1 : 1;
    }
    return strcasecmp(one->name, other->name);
}

int option_list_make(struct option_list *list, const struct argp *argp, struct failure *failure)
{
    *list = (struct option_list){0};
    if (add_argp(list, argp) == 0 && add_all(list, common) == 0) {
        qsort(list->items, list->count, sizeof *list->items, compare);
        return 0;
    }
    option_list_free(list);
    return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
}

void option_list_free(struct option_list *list)
{
    free(list->items);
    *list = (struct option_list){0};
}

const struct option_entry *option_list_find(const struct option_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return &list->items[i];
    return NULL;
}

const char *const *option_words(const char *name)
{
    static const struct {
        const char *name;
        const char *words[4];
    } table[] = {
        {"set", {"standard", "scale", "all"}},
        {"effort", {"quick", "standard", "full"}},
        {"profile", {"documented", "windows"}},
        {"color", {"auto", "always", "never"}},
        {"isolation", {"auto", "full", "none"}},
        {"login", {"table", "command", "api"}},
        {"language", {"c", "c++"}},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(name, table[i].name) == 0)
            return table[i].words;
    return NULL;
}

// ---- A command line

// What getopt_long needs to know; `letters` has room for all of them. NULL: memory ran out.
static struct option *describe(const struct option_list *list, bool first, char *letters)
{
    struct option *options = calloc(list->count + 1, sizeof *options);
    *letters++ = first ? '+' : '-'; // '-': in the order in which they stand
    *letters++ = ':';               // nothing is printed
    for (size_t i = 0; options != NULL && i < list->count; i++) {
        const struct option_entry *entry = &list->items[i];
        int has = entry->argument == NULL ? no_argument : required_argument;
        options[i] = (struct option){entry->name, has, NULL, LETTERS * 2 + (int)i};
        if (entry->letter == '\0')
            continue;
        *letters++ = entry->letter;
        if (entry->argument != NULL)
            *letters++ = ':';
    }
    *letters = '\0';
    return options;
}

static const struct option_entry *find_key(const struct option_list *list, int key)
{
    if (key >= LETTERS * 2)
        return &list->items[key - LETTERS * 2];
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].letter == key)
            return &list->items[i];
    return NULL;
}

static enum option_scan refuse(const struct option_list *list, const char *word,
                               struct failure *failure)
{
    size_t length = strcspn(word, "=");
    char *name = strndup(word, length);
    struct choices choices;
    if (name == NULL) {
        failure_set(failure, STATUS_UNTRUSTED, "out of memory");
        return SCAN_WRONG;
    }
    choices_begin(&choices, name);
    for (size_t i = 0; i < list->count; i++) {
        char known[64];
        // The beginning of several is ambiguous, which argp says.
        if (strncmp(list->items[i].name, name + 2, length - 2) == 0) {
            free(name);
            return SCAN_RIGHT;
        }
        snprintf(known, sizeof known, "--%s", list->items[i].name);
        choices_add(&choices, known);
    }
    failure_set(failure, STATUS_USAGE, "%s: no such option%s", name,
                choices_hint(&choices, "--help", "lists all").text);
    free(name);
    return SCAN_WRONG;
}

enum option_scan option_list_scan(const struct option_list *list, int argc, char **argv, bool first,
                                  option_given *given, void *argument, struct failure *failure)
{
    char letters[2 * LETTERS + 3];
    struct option *options = describe(list, first, letters);
    enum option_scan scan = SCAN_RIGHT;
    int key = 0;
    if (options == NULL) {
        failure_set(failure, STATUS_UNTRUSTED, "out of memory");
        return SCAN_WRONG;
    }
    optind = 0; // begin anew
    while (scan == SCAN_RIGHT && (key = getopt_long(argc, argv, letters, options, NULL)) != -1) {
        const struct option_entry *entry = find_key(list, key);
        if (key == '?' && optopt == 0)
            scan = refuse(list, argv[optind - 1], failure);
        else if (key == '?' && optopt == 'h')
            scan = SCAN_HELP;
        else if (key != '?' && key != ':' && key != 1 && given != NULL && entry != NULL &&
                 given(argument, entry, optarg) != 0)
            scan = SCAN_WRONG;
    }
    free(options);
    return scan;
}
