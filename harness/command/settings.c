// SPDX-License-Identifier: Apache-2.0
// Collects options from several sources.
#include "harness/command/settings.h"

#include "conformance/base/wording.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char typed_source[] = "command line";

static int no_memory(struct failure *failure)
{
    return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
}

bool settings_repeats(const char *option)
{
    static const char *const names[] = {"implementation", "scenario", "exclude-scenario", "clause",
                                        "exclude"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(option, names[i]) == 0)
            return true;
    return false;
}

int settings_add(struct settings *settings, const struct option_entry *option, const char *value,
                 const char *source, struct failure *failure)
{
    struct setting *grown =
        reallocarray(settings->items, settings->count + 1, sizeof(struct setting));
    if (grown == NULL)
        return no_memory(failure);
    settings->items = grown;
    struct setting *setting = &settings->items[settings->count++];
    *setting = (struct setting){
        .option = option,
        .value = value == NULL ? NULL : strdup(value),
        .source = strdup(source),
        .typed = source == typed_source,
    };
    return setting->source == NULL || (value != NULL && setting->value == NULL) ? no_memory(failure)
                                                                                : 0;
}

struct beginning {
    struct settings *settings;
    struct failure *failure;
};

static int take(void *argument, const struct option_entry *option, const char *value)
{
    const struct beginning *beginning = argument;
    return settings_add(beginning->settings, option, value, typed_source, beginning->failure);
}

int settings_begin(struct settings *settings, const struct argp *argp, int argc, char **argv,
                   struct failure *failure)
{
    struct beginning beginning = {settings, failure};
    *settings = (struct settings){0};
    if (option_list_make(&settings->options, argp, failure) != 0)
        return -1;
    return option_list_scan(&settings->options, argc, argv, false, take, &beginning, failure) ==
                   SCAN_WRONG
               ? -1
               : 0;
}

void settings_free(struct settings *settings)
{
    for (size_t i = 0; i < settings->count; i++) {
        free(settings->items[i].value);
        free(settings->items[i].source);
    }
    for (size_t i = 0; i < settings->word_count; i++)
        free(settings->words[i]);
    free(settings->words);
    free(settings->items);
    option_list_free(&settings->options);
    *settings = (struct settings){0};
}

static const struct setting *find(const struct settings *settings, const char *option)
{
    for (size_t i = 0; i < settings->count; i++)
        if (strcmp(settings->items[i].option->name, option) == 0)
            return &settings->items[i];
    return NULL;
}

const char *settings_value(const struct settings *settings, const char *option)
{
    const struct setting *setting = find(settings, option);
    if (setting == NULL)
        return NULL;
    return setting->value == NULL ? "" : setting->value;
}

const char *settings_source(const struct settings *settings, const char *option)
{
    const struct setting *setting = find(settings, option);
    return setting == NULL ? NULL : setting->source;
}

// Options that answer the same question as another: what is judged, where, by what sessions, how
// often. Whoever gives the one leaves out the other.
static const struct rival {
    const char *given;
    const char *value; // NULL: whatever it is
    const char *displaces;
} rivals[] = {
    {"scenario", NULL, "set"},
    {"scenario", NULL, "exclude-scenario"},
    {"set", NULL, "scenario"},
    {"implementation", NULL, "host"},
    {"implementation", NULL, "token-file"},
    {"host", NULL, "implementation"},
    {"host", NULL, "jobs"},
    {"host", NULL, "offline"},
    {"quiet", NULL, "verbose"},
    {"verbose", NULL, "quiet"},
    {"watch", NULL, "repeat"},
    {"watch", NULL, "until-fail"},
    {"offline", NULL, "login"},
    {"offline", NULL, "login-command"},
    {"offline", NULL, "logout-command"},
    {"offline", NULL, "list-command"},
    {"offline", NULL, "login-can"},
    {"offline", NULL, "login-timeout"},
    {"offline", NULL, "listen"},
    {"login", NULL, "offline"},
    {"login", "table", "login-command"},
    {"login", "table", "logout-command"},
    {"login", "table", "list-command"},
    {"login", "table", "login-can"},
    {"login", "table", "login-timeout"},
    {"login", "table", "listen"},
    {"login", "api", "login-command"},
    {"login", "api", "logout-command"},
    {"login", "api", "list-command"},
    {"login", "api", "login-can"},
    {"login", "api", "jobs"},
    {"login", "command", "jobs"},
};

// Is the option given, the last time with that value?
static bool is_given(const struct settings *settings, const char *option, const char *value)
{
    const char *last = NULL;
    if (value == NULL)
        return find(settings, option) != NULL;
    for (size_t i = 0; i < settings->count; i++)
        if (strcmp(settings->items[i].option->name, option) == 0)
            last = settings->items[i].value;
    return last != NULL && strcmp(last, value) == 0;
}

bool settings_displaced(const struct settings *settings, const char *option)
{
    if (find(settings, option) != NULL)
        return true;
    for (size_t i = 0; i < sizeof rivals / sizeof rivals[0]; i++)
        if (strcmp(option, rivals[i].displaces) == 0 &&
            is_given(settings, rivals[i].given, rivals[i].value))
            return true;
    return false;
}

static int add_word(struct settings *settings, char *word, struct failure *failure)
{
    char **grown = reallocarray(settings->words, settings->word_count + 2, sizeof *grown);
    if (grown != NULL)
        settings->words = grown;
    if (grown == NULL || word == NULL) {
        free(word);
        return no_memory(failure);
    }
    settings->words[settings->word_count++] = word;
    settings->words[settings->word_count] = NULL;
    return 0;
}

// "--json=FILE": one word, so that a value may begin with a dash.
static char *make_word(const struct setting *setting)
{
    char *word = NULL;
    int length = setting->value == NULL
                     ? asprintf(&word, "--%s", setting->option->name)
                     : asprintf(&word, "--%s=%s", setting->option->name, setting->value);
    return length < 0 ? NULL : word;
}

int settings_words(struct settings *settings, int argc, char **argv, struct failure *failure)
{
    if (add_word(settings, strdup(argv[0]), failure) != 0)
        return -1;
    for (size_t i = 0; i < settings->count; i++)
        if (!settings->items[i].typed &&
            add_word(settings, make_word(&settings->items[i]), failure) != 0)
            return -1;
    for (int i = 1; i < argc; i++)
        if (add_word(settings, strdup(argv[i]), failure) != 0)
            return -1;
    return 0;
}

// The message behind "--NAME", with which it begins; NULL: with something else.
static const char *behind_name(const char *text, const struct setting *setting)
{
    size_t length = strlen(setting->option->name);
    if (strncmp(text, "--", 2) != 0 || strncmp(text + 2, setting->option->name, length) != 0)
        return NULL;
    text += 2 + length;
    return *text == ':' || *text == ' ' ? text : NULL;
}

// Does the message begin with "--NAME VALUE", or with "--NAME" alone?
static bool begins_with(const char *text, const struct setting *setting)
{
    text = behind_name(text, setting);
    if (text == NULL || *text == ':' || setting->value == NULL)
        return text != NULL;
    struct quoted quoted = quote(setting->value);
    return strncmp(text + 1, setting->value, strlen(setting->value)) == 0 ||
           strncmp(text + 1, quoted.text, strlen(quoted.text)) == 0;
}

// Where the message has the option's value; SIZE_MAX: nowhere.
static size_t find_blame(const char *text, const struct setting *setting)
{
    if (setting->typed)
        return SIZE_MAX;
    if (strncmp(text, "--", 2) == 0)
        return begins_with(text, setting) ? 0 : SIZE_MAX;
    const char *at =
        setting->value == NULL || setting->value[0] == '\0' ? NULL : strstr(text, setting->value);
    return at == NULL ? SIZE_MAX : (size_t)(at - text);
}

// What is wrong stands first in a message, before what would be right.
void settings_blame(const struct settings *settings, struct failure *failure)
{
    struct failure placed = {.of = failure->of};
    const struct setting *blamed = NULL;
    size_t first = SIZE_MAX;
    for (size_t i = 0; i < settings->count; i++) {
        size_t at = find_blame(failure->text, &settings->items[i]);
        if (at < first) {
            first = at;
            blamed = &settings->items[i];
        }
    }
    // "--json and --html both name x"
    for (size_t i = 0; i < settings->count && blamed == NULL; i++)
        if (!settings->items[i].typed && behind_name(failure->text, &settings->items[i]) != NULL)
            blamed = &settings->items[i];
    if (blamed == NULL)
        return;
    failure_set(&placed, failure->status, "%s: %s", blamed->source, failure->text);
    *failure = placed;
}
