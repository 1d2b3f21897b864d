// SPDX-License-Identifier: Apache-2.0
// Options of judging, clauses by name, and what is excused.
#include "harness/command/judging.h"

#include "conformance/base/wording.h"
#include "conformance/clauses/groups.h"
#include "conformance/judge/deviation.h"
#include "harness/report/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum option_key {
    OPTION_PROFILE = 0x100,
    OPTION_EXCLUDE,
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
    {"exclude", OPTION_EXCLUDE, "ID", 0,
     "Leave this clause out, or the clauses of this group; may be repeated", 1},
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

static error_t parse_selecting(int key, char *argument, struct argp_state *state)
{
    struct judging *judging = state->input;
    switch (key) {
    case 'c':
        return texts_add(&judging->clause_names, argument);
    case OPTION_EXCLUDE:
        return texts_add(&judging->excluded_names, argument);
    case OPTION_PROFILE:
        judging->profile = argument;
        return 0;
    case OPTION_STRICT:
        judging->strict = true;
        return 0;
    case ARGP_KEY_INIT:
        judging->profile = "documented";
        judging->outputs.color = "auto";
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_judging(int key, char *argument, struct argp_state *state)
{
    if (key == ARGP_KEY_INIT)
        state->child_inputs[0] = state->input;
    return parse_selecting(key, argument, state);
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
        judging->outputs.quiet = true;
        return 0;
    case OPTION_JSON:
        judging->outputs.json_file = argument;
        return 0;
    case OPTION_TAP:
        judging->outputs.tap_file = argument;
        return 0;
    case OPTION_JUNIT:
        judging->outputs.junit_file = argument;
        return 0;
    case OPTION_HTML:
        judging->outputs.html_file = argument;
        return 0;
    case OPTION_COLOR:
        judging->outputs.color = argument;
        return 0;
    case ARGP_KEY_INIT:
        judging->outputs.color = "auto";
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp selecting_argp = {.options = judging_options, .parser = parse_selecting};
const struct argp reporting_argp = {.options = reporting_options, .parser = parse_reporting};
static const struct argp_child judging_children[] = {{&reporting_argp, 0, NULL, 0}, {0}};
const struct argp judging_argp = {
    .options = judging_options, .parser = parse_judging, .children = judging_children};

error_t judging_parse_files(int key, char *argument, struct argp_state *state, const char *missing)
{
    struct judged_files *files = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &files->judging;
        return 0;
    case ARGP_KEY_ARG:
        return texts_add(&files->paths, argument);
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "%s", missing);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

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

void judging_append_selection(const struct judging *judging, FILE *stream)
{
    command_append_each(stream, "-c", &judging->clause_names);
    command_append_each(stream, "--exclude", &judging->excluded_names);
}

int judging_check(const struct judging *judging, struct failure *failure)
{
    char profiles[256];
    list_profiles(profiles, sizeof profiles);
    if (!profile_exists(judging->profile))
        return failure_set(failure, STATUS_USAGE, "--profile %s: no such profile (there are: %s)",
                           judging->profile, profiles);
    return outputs_check(&judging->outputs, failure);
}

int command_refuse_clause(const char *option, const char *name, struct failure *failure)
{
    struct choices choices;
    choices_begin(&choices, name);
    for (size_t i = 0; clause_groups[i] != NULL; i++) {
        choices_add(&choices, clause_groups[i]->name);
        for (size_t j = 0; j < clause_groups[i]->count; j++)
            choices_add(&choices, clause_groups[i]->clauses[j].id);
    }
    return failure_set(failure, STATUS_USAGE, "%s %s: no such clause or group%s", option, name,
                       choices_hint(&choices, "iscsidsc-tck list clauses", "names all").text);
}

static bool is_named(const struct texts *names, const struct clause_group *group,
                     const struct clause *clause)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcasecmp(names->items[i], group->name) == 0 ||
            strcasecmp(names->items[i], clause->id) == 0)
            return true;
    return false;
}

static int check_names(const char *option, const struct texts *names, struct failure *failure)
{
    for (size_t i = 0; i < names->count; i++)
        if (clause_find(names->items[i]) == NULL && clause_group_find(names->items[i]) == NULL)
            return command_refuse_clause(option, names->items[i], failure);
    return 0;
}

int judging_clauses(const struct judging *judging, const struct clause ***clauses, size_t *count,
                    size_t *left_out, struct failure *failure)
{
    size_t total = 0;
    *clauses = NULL;
    *count = 0;
    *left_out = 0;
    if (check_names("--clause", &judging->clause_names, failure) != 0 ||
        check_names("--exclude", &judging->excluded_names, failure) != 0)
        return -1;
    for (size_t i = 0; clause_groups[i] != NULL; i++)
        total += clause_groups[i]->count;
    *clauses = calloc(total + 1, sizeof(struct clause *)); // never of no size
    if (*clauses == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    for (size_t i = 0; clause_groups[i] != NULL; i++) {
        const struct clause_group *group = clause_groups[i];
        for (size_t j = 0; j < group->count; j++) {
            const struct clause *clause = &group->clauses[j];
            if ((judging->clause_names.count > 0 || group->by_name) &&
                !is_named(&judging->clause_names, group, clause))
                continue;
            if (is_named(&judging->excluded_names, group, clause))
                ++*left_out;
            else
                (*clauses)[(*count)++] = clause;
        }
    }
    if (*count > 0)
        return 0;
    return failure_set(failure, STATUS_USAGE,
                       "--exclude %s: no clause is left to judge; leave out fewer",
                       judging->excluded_names.items[judging->excluded_names.count - 1]);
}

void judging_add_inputs(const struct judging *judging, struct files *files)
{
    files_add_input(files, "--baseline", judging->baseline_file);
    files_add_input(files, "--waivers", judging->waivers_file);
}

int judging_check_files(const struct judging *judging, const char *what, const struct texts *paths,
                        struct failure *failure)
{
    struct files files = {0};
    outputs_add_files(&judging->outputs, 1, &files);
    for (size_t i = 0; i < paths->count; i++)
        files_add_input(&files, what, paths->items[i]);
    judging_add_inputs(judging, &files);
    int status = files_check(&files, failure);
    files_free(&files);
    return status;
}

void judging_free(struct judging *judging)
{
    texts_free(&judging->clause_names);
    texts_free(&judging->excluded_names);
}

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
    const struct terminal_style style = {.terminal = outputs_terminal(&judging->outputs),
                                         .colour = outputs_colour(&judging->outputs),
                                         .quiet = judging->outputs.quiet,
                                         .verbose = judging->outputs.verbose};
    *report = (struct judging_report){
        .regression = {.waivers = excuses->waivers,
                       .baseline = excuses->baseline,
                       .result = result},
    };
    if (report_terminal_styled(&report->terminal, outputs_stream(&judging->outputs), &style,
                               command) != 0)
        return -1;
    report->regression.next = &report->terminal;
    regression_reporter(&report->reporter, &report->regression);
    return 0;
}

void judging_report_free(struct judging_report *report)
{
    report_terminal_free(&report->terminal);
}
