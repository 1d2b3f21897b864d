// SPDX-License-Identifier: Apache-2.0
// The command `list`: the clauses or the scenarios, one line each, or as JSON.
#include "harness/command/command.h"

#include "conformance/base/wording.h"
#include "conformance/clauses/groups.h"
#include "conformance/faulty/proof.h"
#include "conformance/transcript/function.h"
#include "emulator/scenario/scenario.h"
#include "harness/command/paths.h"
#include "harness/report/wrapping.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum option_key { OPTION_JSON = 0x300 };

static const char doc[] =
    "Lists the clauses of the contract, or the scenarios that ship, one line each."
    "\v"
    "Examples:\n"
    "  iscsidsc-tck list clauses\n"
    "  iscsidsc-tck list scenarios --json\n"
    "\n"
    "Exit status: 0 listed, 2 there is no such list, or a scenario that ships is wrong.\n";

static const struct argp_option options[] = {
    {"json", OPTION_JSON, NULL, 0, "As one JSON array, with everything that is known of each", 0},
    {0},
};

struct arguments {
    const char *what;
    bool json;
};

static const char *const kinds[] = {"clauses", "scenarios", NULL};

static bool is_kind(const char *name)
{
    for (size_t i = 0; kinds[i] != NULL; i++)
        if (strcmp(name, kinds[i]) == 0)
            return true;
    return false;
}

static void refuse(const struct argp_state *state, const char *name)
{
    struct choices choices;
    choices_begin(&choices, name);
    for (size_t i = 0; kinds[i] != NULL; i++)
        choices_add(&choices, kinds[i]);
    argp_error(state, "%s: there is no such list%s", name, choices_end(&choices, "lists").text);
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case OPTION_JSON:
        arguments->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->what != NULL)
            argp_error(state, "%s: one list at a time", argument);
        else if (!is_kind(argument))
            refuse(state, argument);
        arguments->what = argument;
        return 0;
    case ARGP_KEY_END:
        if (arguments->what == NULL)
            argp_error(state, "which list? give clauses or scenarios");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

// Prints and releases; NULL stands for memory that ran out.
static int print_json(json_t *array, struct failure *failure)
{
    if (array == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    wrapping_end();
    int result = json_dumpf(array, stdout, JSON_INDENT(2));
    json_decref(array);
    putchar('\n');
    return result == 0 ? 0
                       : failure_set(failure, STATUS_UNTRUSTED, "the list could not be written");
}

// ---- Clauses

static json_t *names_to_json(const char *const *names)
{
    json_t *array = json_array();
    for (size_t i = 0; array != NULL && names[i] != NULL; i++) {
        if (json_array_append_new(array, json_string(names[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *proofs_to_json(const char *id)
{
    json_t *array = json_array();
    for (const struct proof *proof = proof_next(id, NULL); array != NULL && proof != NULL;
         proof = proof_next(id, proof)) {
        if (json_array_append_new(array, json_string(proof->fault)) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

// The functions whose calls it judges, as they are exported.
static json_t *functions_to_json(const struct clause *clause)
{
    json_t *array = json_array();
    for (int i = 0; array != NULL && i < CHARSETS; i++) {
        const struct function *function = function_of((enum charset)i);
        if (function->family != clause->family ||
            (clause->charsets == JUDGED_WIDE && function->strings != STRINGS_WIDE))
            continue;
        if (json_array_append_new(array, json_string(function->name)) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *clause_to_json(const struct clause *clause)
{
    const struct clause_group *group = clause_group_of(clause);
    return json_pack("{s:s, s:s, s:b, s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "id",
                     clause->id, "group", group->name, "by_name", group->by_name, "functions",
                     functions_to_json(clause), "level", level_name(clause->level), "basis",
                     basis_name(clause->basis), "sentence", clause->sentence, "source",
                     clause->source, "why", clause->why, "passing", clause->passing, "failing",
                     clause->failing, "probe_sets", names_to_json(clause->probe_sets), "proved_by",
                     proofs_to_json(clause->id));
}

static json_t *clauses_to_json(void)
{
    json_t *array = json_array();
    for (size_t i = 0; array != NULL && clause_groups[i] != NULL; i++) {
        for (size_t j = 0; j < clause_groups[i]->count; j++) {
            if (json_array_append_new(array, clause_to_json(&clause_groups[i]->clauses[j])) != 0) {
                json_decref(array);
                return NULL;
            }
        }
    }
    return array;
}

// The first few by name; `explain` has them all.
static void print_proofs(const struct clause *clause)
{
    enum { NAMED = 2 };
    size_t count = 0;
    for (const struct proof *proof = proof_next(clause->id, NULL); proof != NULL;
         proof = proof_next(clause->id, proof)) {
        if (count < NAMED)
            printf("%s%s", count == 0 ? "  [proved by " : ", ", proof->fault);
        count++;
    }
    if (count > NAMED)
        printf(" and %zu more", count - NAMED);
    puts(count > 0 ? "]" : "");
}

static int list_clauses(bool json, struct failure *failure)
{
    if (json)
        return print_json(clauses_to_json(), failure);
    for (size_t i = 0; clause_groups[i] != NULL; i++) {
        for (size_t j = 0; j < clause_groups[i]->count; j++) {
            const struct clause *clause = &clause_groups[i]->clauses[j];
            printf("%-11s  %-6s  %-10s  %s", clause->id, level_name(clause->level),
                   basis_name(clause->basis), clause->sentence);
            print_proofs(clause);
        }
    }
    return 0;
}

// ---- Scenarios

static json_t *scenario_to_json(const struct scenario *scenario)
{
    const struct topology *topology = &scenario->topology;
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "name", scenario->name, "set",
        scenario->set, "summary", scenario->summary, "why", scenario->why, "path", scenario->path,
        "digest", scenario->digest, "instances", (json_int_t)topology->instance_count, "targets",
        (json_int_t)topology->target_count, "sessions", (json_int_t)topology->session_count);
}

static json_t *scenarios_to_json(struct scenario *const *scenarios, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; array != NULL && i < count; i++) {
        if (json_array_append_new(array, scenario_to_json(scenarios[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static int print_scenarios(struct scenario *const *scenarios, size_t count)
{
    int width = 0;
    for (size_t i = 0; i < count; i++)
        width = (int)strlen(scenarios[i]->name) > width ? (int)strlen(scenarios[i]->name) : width;
    for (size_t i = 0; i < count; i++)
        printf("%-*s  %-8s  %5zu %s  %s\n", width, scenarios[i]->name, scenarios[i]->set,
               scenarios[i]->topology.session_count,
               scenarios[i]->topology.session_count == 1 ? "session " : "sessions",
               scenarios[i]->summary);
    return 0;
}

static int list_scenarios(bool json, struct failure *failure)
{
    char *folder = NULL;
    struct scenario **scenarios = NULL;
    size_t count = 0;
    int result = -1;
    if (paths_scenarios(&folder, failure) != 0 ||
        scenario_load_set(&scenarios, &count, folder, "all", failure) != 0)
        goto out;
    result = json ? print_json(scenarios_to_json(scenarios, count), failure)
                  : print_scenarios(scenarios, count);
out:
    for (size_t i = 0; i < count; i++)
        scenario_free(scenarios[i]);
    free(scenarios);
    free(folder);
    return result;
}

const struct argp command_list_argp = {.options = options,
                                       .parser = parse,
                                       .args_doc = "clauses|scenarios",
                                       .doc = doc,
                                       .help_filter = command_filter_help};

int command_list(int argc, char **argv)
{
    struct arguments arguments = {0};
    struct failure failure = {0};
    if (command_parse(&command_list_argp, argc, argv, 0, NULL, &arguments) != 0)
        return STATUS_USAGE;
    int result = strcmp(arguments.what, "clauses") == 0 ? list_clauses(arguments.json, &failure)
                                                        : list_scenarios(arguments.json, &failure);
    if (result != 0)
        return command_complain(argv[0], &failure);
    return command_flush(argv[0], STATUS_HELD);
}
