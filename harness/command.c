// What several commands share: options of judging, their checks, and messages.
#include "harness/command.h"

#include "conformance/deviation.h"
#include "harness/report.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NEAREST_MAX = 3,
    NAME_SIZE = 32, // of a clause or group, with room for misspelling
};

// As argp does in its own messages: without the folder that the kit was called from.
static const char *short_name(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash == NULL ? name : slash + 1;
}

int command_complain(const char *name, const struct failure *failure)
{
    fflush(stdout);
    fprintf(stderr, "%s: %s\n", short_name(name), failure->text);
    return failure->status == 0 ? STATUS_UNTRUSTED : failure->status;
}

int command_flush(const char *name, int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fprintf(stderr,
            "%s: standard output could not be written: %s; what was printed is incomplete\n",
            short_name(name), strerror(errno));
    return status > STATUS_UNTRUSTED ? status : STATUS_UNTRUSTED;
}

int texts_add(struct texts *texts, const char *text)
{
    const char **items = reallocarray(texts->items, texts->count + 1, sizeof *items);
    if (items == NULL)
        return ENOMEM;
    texts->items = items;
    texts->items[texts->count++] = text;
    return 0;
}

void texts_free(struct texts *texts)
{
    free(texts->items);
    *texts = (struct texts){0};
}

// ---- Options
// ---------------------------------------------------------------------------------------

enum option_key {
    OPTION_PROFILE = 0x100,
    OPTION_STRICT,
    OPTION_JSON,
    OPTION_TAP,
    OPTION_COLOR,
};

static const struct argp_option judging_options[] = {
    {"clause", 'c', "ID", 0, "Judge this clause, or the clauses of this group; may be repeated", 1},
    {"profile", OPTION_PROFILE, "NAME", 0,
     "documented (default): judge all of it; windows: tolerate what callers report of Windows", 1},
    {"strict", OPTION_STRICT, NULL, 0, "Count should clauses as must", 1},
    {"json", OPTION_JSON, "FILE", 0, "Write the complete result as JSON (- is standard output)", 2},
    {"tap", OPTION_TAP, "FILE", 0, "Write the result in the Test Anything Protocol", 2},
    {"color", OPTION_COLOR, "WHEN", 0, "auto (default), always or never", 2},
    {0},
};

static error_t parse_judging(int key, char *argument, struct argp_state *state)
{
    struct judging *judging = state->input;
    switch (key) {
    case 'c':
        return texts_add(&judging->clause_names, argument);
    case OPTION_PROFILE:
        judging->profile = argument;
        return 0;
    case OPTION_STRICT:
        judging->strict = true;
        return 0;
    case OPTION_JSON:
        judging->json_file = argument;
        return 0;
    case OPTION_TAP:
        judging->tap_file = argument;
        return 0;
    case OPTION_COLOR:
        judging->color = argument;
        return 0;
    case ARGP_KEY_INIT:
        judging->profile = "documented";
        judging->color = "auto";
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp judging_argp = {.options = judging_options, .parser = parse_judging};

// The names of all profiles, once each, in `text`.
static void list_profiles(char *text, size_t size)
{
    snprintf(text, size, "documented");
    for (size_t i = 0; deviations[i].id != NULL; i++) {
        bool seen = false;
        for (size_t j = 0; j < i && !seen; j++)
            seen = strcmp(deviations[j].profile, deviations[i].profile) == 0;
        size_t used = strlen(text);
        if (!seen)
            snprintf(text + used, size - used, ", %s", deviations[i].profile);
    }
}

int judging_check(const struct judging *judging, struct failure *failure)
{
    char profiles[256];
    list_profiles(profiles, sizeof profiles);
    if (!profile_exists(judging->profile))
        return failure_set(failure, STATUS_USAGE, "--profile %s: no such profile (there are: %s)",
                           judging->profile, profiles);
    if (strcmp(judging->color, "auto") != 0 && strcmp(judging->color, "always") != 0 &&
        strcmp(judging->color, "never") != 0)
        return failure_set(failure, STATUS_USAGE, "--color %s: give auto, always or never",
                           judging->color);
    if (judging->json_file != NULL && judging->tap_file != NULL &&
        strcmp(judging->json_file, judging->tap_file) == 0)
        return failure_set(failure, STATUS_USAGE,
                           "--json and --tap both name %s; give each a file of its own",
                           judging->json_file);
    if (command_check_output("--json", judging->json_file, failure) != 0)
        return -1;
    return command_check_output("--tap", judging->tap_file, failure);
}

// ---- Clauses by name
// -------------------------------------------------------------------------------

static size_t smaller(size_t one, size_t other)
{
    return one < other ? one : other;
}

// How many letters must be changed, added or removed (Levenshtein), ignoring case.
static size_t edit_distance(const char *one, const char *other)
{
    size_t row[NAME_SIZE];
    size_t length = smaller(strlen(other), NAME_SIZE - 1);
    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 0; one[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < length; j++) {
            bool same = toupper((unsigned char)one[i]) == toupper((unsigned char)other[j]);
            size_t replaced = diagonal + (same ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = smaller(replaced, smaller(row[j], row[j + 1]) + 1);
        }
    }
    return row[length];
}

struct nearest {
    const char *names[NEAREST_MAX];
    size_t distances[NEAREST_MAX];
    size_t count;
};

// Keeps the NEAREST_MAX closest in order; among equals the one that came first.
static void consider(struct nearest *nearest, const char *given, const char *name)
{
    size_t distance = edit_distance(given, name);
    size_t place = nearest->count;
    while (place > 0 && nearest->distances[place - 1] > distance)
        place--;
    if (distance > 3 || place == NEAREST_MAX)
        return;
    if (nearest->count < NEAREST_MAX)
        nearest->count++;
    for (size_t i = nearest->count - 1; i > place; i--) {
        nearest->names[i] = nearest->names[i - 1];
        nearest->distances[i] = nearest->distances[i - 1];
    }
    nearest->names[place] = name;
    nearest->distances[place] = distance;
}

int command_refuse_clause(const char *option, const char *name, struct failure *failure)
{
    struct nearest nearest = {0};
    char text[512] = "";
    for (size_t i = 0; clause_groups[i] != NULL; i++) {
        consider(&nearest, name, clause_groups[i]->name);
        for (size_t j = 0; j < clause_groups[i]->count; j++)
            consider(&nearest, name, clause_groups[i]->clauses[j].id);
    }
    for (size_t i = 0; i < nearest.count; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s %s", i == 0 ? "; did you mean" : " or",
                 nearest.names[i]);
    }
    return failure_set(failure, STATUS_USAGE,
                       "%s %s: no such clause or group%s%s \"iscsidsc-tck list clauses\" names all",
                       option, name, text, nearest.count == 0 ? ";" : "?");
}

static bool is_selected(const struct judging *judging, const struct clause_group *group,
                        const struct clause *clause)
{
    if (judging->clause_names.count == 0)
        return true;
    for (size_t i = 0; i < judging->clause_names.count; i++) {
        const char *name = judging->clause_names.items[i];
        if (strcasecmp(name, group->name) == 0 || strcasecmp(name, clause->id) == 0)
            return true;
    }
    return false;
}

int judging_clauses(const struct judging *judging, const struct clause ***clauses, size_t *count,
                    struct failure *failure)
{
    size_t total = 0;
    *clauses = NULL;
    *count = 0;
    for (size_t i = 0; i < judging->clause_names.count; i++) {
        const char *name = judging->clause_names.items[i];
        if (clause_find(name) == NULL && clause_group_find(name) == NULL)
            return command_refuse_clause("--clause", name, failure);
    }
    for (size_t i = 0; clause_groups[i] != NULL; i++)
        total += clause_groups[i]->count;
    *clauses = calloc(total + 1, sizeof(struct clause *)); // never of no size
    if (*clauses == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    for (size_t i = 0; clause_groups[i] != NULL; i++) {
        const struct clause_group *group = clause_groups[i];
        for (size_t j = 0; j < group->count; j++)
            if (is_selected(judging, group, &group->clauses[j]))
                (*clauses)[(*count)++] = &group->clauses[j];
    }
    return 0;
}

// ---- Output
// ----------------------------------------------------------------------------------------

int command_check_output(const char *option, const char *path, struct failure *failure)
{
    struct stat status;
    if (path == NULL || strcmp(path, "-") == 0)
        return 0;
    // A report is written beside its name and renamed over it, which would replace a device or a
    // pipe.
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
        return failure_set(failure, STATUS_USAGE,
                           "%s %s: exists and is not a regular file; give a file's name, or - for "
                           "standard output",
                           option, path);
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
    if (folder == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    int result = 0;
    if (path[0] == '\0' || (slash != NULL && slash[1] == '\0'))
        result = failure_set(failure, STATUS_USAGE, "%s %s: not the name of a file", option, path);
    else if (access(folder, W_OK | X_OK) != 0)
        result =
            failure_set(failure, STATUS_USAGE,
                        "%s %s: folder %s: %s; name a folder that exists and can be written to",
                        option, path, folder, strerror(errno));
    free(folder);
    return result;
}

static bool takes_standard_output(const char *path)
{
    return path != NULL && strcmp(path, "-") == 0;
}

FILE *judging_stream(const struct judging *judging)
{
    bool taken =
        takes_standard_output(judging->json_file) || takes_standard_output(judging->tap_file);
    return taken ? stderr : stdout;
}

bool judging_terminal(const struct judging *judging)
{
    const char *terminal = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");
    if (strcmp(judging->color, "auto") != 0)
        return strcmp(judging->color, "always") == 0;
    return isatty(fileno(judging_stream(judging))) == 1 && terminal != NULL &&
           strcmp(terminal, "dumb") != 0 && (no_color == NULL || no_color[0] == '\0');
}

int judging_write(const struct judging *judging, const char *name, const struct result *result,
                  int status)
{
    struct failure json = {0};
    struct failure tap = {0};
    fflush(judging_stream(judging));
    if (judging->json_file != NULL && report_json_write(result, judging->json_file, &json) != 0)
        command_complain(name, &json);
    if (judging->tap_file != NULL && report_tap_write(result, judging->tap_file, &tap) != 0)
        command_complain(name, &tap);
    bool written = json.status == 0 && tap.status == 0;
    return command_flush(name, written || status > STATUS_UNTRUSTED ? status : STATUS_UNTRUSTED);
}

// In single quotes where a shell would see more than one plain word.
static void append_word(FILE *stream, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-+=./:,@%";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        fputs(word, stream);
        return;
    }
    putc('\'', stream);
    for (const char *letter = word; *letter != '\0'; letter++) {
        if (*letter == '\'')
            fputs("'\\''", stream);
        else
            putc(*letter, stream);
    }
    putc('\'', stream);
}

void command_append(FILE *stream, const char *option, const char *value)
{
    fprintf(stream, " %s", option);
    if (value == NULL)
        return;
    putc(' ', stream);
    append_word(stream, value);
}
