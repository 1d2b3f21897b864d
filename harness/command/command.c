// What several commands share: options of judging, their checks, and messages.
#include "harness/command/command.h"

#include "conformance/base/text.h"
#include "conformance/base/wording.h"
#include "conformance/clauses/groups.h"
#include "conformance/judge/deviation.h"
#include "harness/report/html/page.h"
#include "harness/report/html/several_page.h"
#include "harness/report/json.h"
#include "harness/report/junit.h"
#include "harness/report/tap.h"
#include "harness/report/terminal.h"
#include "harness/report/terminal_regression.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NEAREST_MAX = 3,
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
    OPTION_JUNIT,
    OPTION_HTML,
    OPTION_COLOR,
    OPTION_BASELINE,
    OPTION_WAIVERS,
};

static const struct argp_option judging_options[] = {
    {"clause", 'c', "ID", 0, "Judge this clause, or the clauses of this group; may be repeated", 1},
    {"profile", OPTION_PROFILE, "NAME", 0,
     "documented (default): judge all of it; windows: tolerate what callers report of Windows", 1},
    {"strict", OPTION_STRICT, NULL, 0,
     "Count should clauses as must, and waivers that are expired or unused as failures", 1},
    {0},
};

static const struct argp_option reporting_options[] = {
    {"baseline", OPTION_BASELINE, "FILE", 0,
     "Hold it against an earlier result (JSON): only new failures count", 1},
    {"waivers", OPTION_WAIVERS, "FILE", 0, "Failures that don't count, with their reasons (YAML)",
     1},
    {"json", OPTION_JSON, "FILE", 0, "Write the complete result as JSON (- is standard output)", 2},
    {"tap", OPTION_TAP, "FILE", 0, "Write the result in the Test Anything Protocol", 2},
    {"junit", OPTION_JUNIT, "FILE", 0, "Write the result as JUnit XML", 2},
    {"html", OPTION_HTML, "FILE", 0, "Write the result as one HTML page with pictures", 2},
    {"color", OPTION_COLOR, "WHEN", 0, "auto (default), always or never", 2},
    {"quiet", 'q', NULL, 0, "Only what does not hold, and the verdict", 2},
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
    case ARGP_KEY_INIT:
        judging->profile = "documented";
        state->child_inputs[0] = judging;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_reporting(int key, char *argument, struct argp_state *state)
{
    struct judging *judging = state->input;
    switch (key) {
    case OPTION_BASELINE:
        judging->baseline_file = argument;
        return 0;
    case OPTION_WAIVERS:
        judging->waivers_file = argument;
        return 0;
    case 'q':
        judging->quiet = true;
        return 0;
    case OPTION_JSON:
        judging->json_file = argument;
        return 0;
    case OPTION_TAP:
        judging->tap_file = argument;
        return 0;
    case OPTION_JUNIT:
        judging->junit_file = argument;
        return 0;
    case OPTION_HTML:
        judging->html_file = argument;
        return 0;
    case OPTION_COLOR:
        judging->color = argument;
        return 0;
    case ARGP_KEY_INIT:
        judging->color = "auto";
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp reporting_argp = {.options = reporting_options, .parser = parse_reporting};
static const struct argp_child judging_children[] = {{&reporting_argp, 0, NULL, 0}, {0}};
const struct argp judging_argp = {
    .options = judging_options, .parser = parse_judging, .children = judging_children};

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

enum { FILES = 4 };

// A file that was asked for and who writes it.
struct file {
    const char *option;
    const char *path; // NULL: not asked for
    int (*write)(const struct result *result, const char *path, struct failure *failure);
};

static void list_files(const struct judging *judging, struct file files[static FILES])
{
    files[0] = (struct file){"--json", judging->json_file, report_json_write};
    files[1] = (struct file){"--tap", judging->tap_file, report_tap_write};
    files[2] = (struct file){"--junit", judging->junit_file, report_junit_write};
    files[3] = (struct file){"--html", judging->html_file, report_html_write};
}

static int check_files(const struct judging *judging, struct failure *failure)
{
    struct file files[FILES];
    list_files(judging, files);
    for (size_t i = 0; i < FILES; i++)
        for (size_t j = i + 1; j < FILES; j++)
            if (files[i].path != NULL && files[j].path != NULL &&
                strcmp(files[i].path, files[j].path) == 0)
                return failure_set(failure, STATUS_USAGE,
                                   "%s and %s both name %s; give each a file of its own",
                                   files[i].option, files[j].option, files[i].path);
    for (size_t i = 0; i < FILES; i++)
        if (command_check_output(files[i].option, files[i].path, failure) != 0)
            return -1;
    return 0;
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
    return check_files(judging, failure);
}

// ---- Clauses by name
// -------------------------------------------------------------------------------

struct nearest {
    const char *names[NEAREST_MAX];
    size_t distances[NEAREST_MAX];
    size_t count;
};

// Keeps the NEAREST_MAX closest in order; among equals the one that came first.
static void consider(struct nearest *nearest, const char *given, const char *name)
{
    size_t distance = edit_distance(given, name, true);
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
    struct file files[FILES];
    bool taken = false;
    list_files(judging, files);
    for (size_t i = 0; i < FILES; i++)
        taken = taken || takes_standard_output(files[i].path);
    return taken ? stderr : stdout;
}

bool judging_terminal(const struct judging *judging)
{
    const char *terminal = getenv("TERM");
    return isatty(fileno(judging_stream(judging))) == 1 && terminal != NULL &&
           strcmp(terminal, "dumb") != 0;
}

bool judging_colour(const struct judging *judging)
{
    const char *no_color = getenv("NO_COLOR");
    if (strcmp(judging->color, "auto") != 0)
        return strcmp(judging->color, "always") == 0;
    return judging_terminal(judging) && (no_color == NULL || no_color[0] == '\0');
}

// ---- What is excused

int judging_excuses(const struct judging *judging, struct excuses *excuses, struct failure *failure)
{
    *excuses = (struct excuses){0};
    if (judging->waivers_file != NULL &&
        waivers_load(&excuses->waivers, judging->waivers_file, day_today(), failure) != 0)
        return -1;
    return judging->baseline_file == NULL
               ? 0
               : baseline_load(&excuses->baseline, judging->baseline_file, failure);
}

void excuses_free(struct excuses *excuses)
{
    waivers_free(excuses->waivers);
    baseline_free(excuses->baseline);
    *excuses = (struct excuses){0};
}

int judging_report(struct judging_report *report, const struct judging *judging,
                   const struct excuses *excuses, struct result *result, const char *command)
{
    const struct terminal_style style = {.terminal = judging_terminal(judging),
                                         .colour = judging_colour(judging),
                                         .quiet = judging->quiet,
                                         .verbose = judging->verbose};
    *report = (struct judging_report){
        .regression = {.waivers = excuses->waivers,
                       .baseline = excuses->baseline,
                       .result = result},
    };
    if (report_terminal_styled(&report->terminal, judging_stream(judging), &style, command) != 0)
        return -1;
    report->regression.next = &report->terminal;
    regression_reporter(&report->reporter, &report->regression);
    return 0;
}

void judging_report_free(struct judging_report *report)
{
    report_terminal_free(&report->terminal);
}

int command_worse(int one, int other)
{
    static const int ladder[] = {STATUS_USAGE, STATUS_UNTRUSTED, STATUS_BROKEN};
    if (one >= 128 || other >= 128)
        return one >= 128 ? one : other;
    for (size_t i = 0; i < sizeof ladder / sizeof *ladder; i++)
        if (one == ladder[i] || other == ladder[i])
            return ladder[i];
    return STATUS_HELD;
}

int judging_write(const struct judging *judging, const char *name, const struct result *result,
                  int status)
{
    struct file files[FILES];
    bool written = true;
    fflush(judging_stream(judging));
    list_files(judging, files);
    for (size_t i = 0; i < FILES; i++) {
        struct failure failure = {0};
        if (files[i].path == NULL || files[i].write(result, files[i].path, &failure) == 0)
            continue;
        command_complain(name, &failure);
        written = false;
    }
    return command_flush(name, written || status > STATUS_UNTRUSTED ? status : STATUS_UNTRUSTED);
}

// "results/x.xml" as "results/x-2.xml".
static char *number_path(const char *path, size_t number)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(name, '.');
    size_t stem = dot == NULL || dot == name ? strlen(path) : (size_t)(dot - path);
    char *numbered = NULL;
    if (asprintf(&numbered, "%.*s-%zu%s", (int)stem, path, number, path + stem) < 0)
        return NULL;
    return numbered;
}

// A file for each of several implementations, rather than one document of all?
static bool is_numbered(const struct file *file)
{
    return file->path != NULL &&
           (file->write == report_tap_write || file->write == report_junit_write);
}

static int write_numbered(const struct file *file, const struct result *result, size_t number,
                          struct failure *failure)
{
    if (takes_standard_output(file->path))
        return file->write(result, file->path, failure);
    char *path = number_path(file->path, number);
    if (path == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    int status = file->write(result, path, failure);
    free(path);
    return status;
}

static int compare_results(const struct judging *judging, const struct result *results,
                           size_t count, struct comparison *comparison)
{
    const struct result **list = calloc(count, sizeof(struct result *));
    const char **names = calloc(count, sizeof(char *));
    int status = -1;
    if (list == NULL || names == NULL)
        goto out;
    for (size_t i = 0; i < count; i++) {
        list[i] = &results[i];
        names[i] = results[i].implementation == NULL ? "?" : results[i].implementation;
    }
    status = comparison_make(comparison, list, count);
    if (status == 0)
        report_comparison(judging_stream(judging), comparison, names, judging_colour(judging));
out:
    free(list);
    free(names);
    return status;
}

int judging_write_several(const struct judging *judging, const char *name,
                          const struct result *results, size_t count, int status)
{
    struct file files[FILES];
    struct comparison comparison = {0};
    struct failure failure = {0};
    list_files(judging, files);
    if (compare_results(judging, results, count, &comparison) != 0)
        failure_set(&failure, STATUS_UNTRUSTED, "out of memory");
    fflush(judging_stream(judging));
    if (judging->json_file != NULL)
        report_json_several(results, count, status, &comparison, judging->json_file, &failure);
    if (judging->html_file != NULL)
        report_html_several(&(struct several_document){.comparison = &comparison,
                                                       .results = results,
                                                       .count = count},
                            judging->html_file, &failure);
    for (size_t i = 0; i < FILES; i++)
        for (size_t j = 0; is_numbered(&files[i]) && j < count; j++)
            write_numbered(&files[i], &results[j], j + 1, &failure);
    comparison_free(&comparison);
    if (failure.status != 0)
        status = command_worse(status, command_complain(name, &failure));
    return command_flush(name, status);
}

void command_append(FILE *stream, const char *option, const char *value)
{
    fprintf(stream, " %s", option);
    if (value == NULL)
        return;
    putc(' ', stream);
    print_shell_word(stream, value);
}
