// SPDX-License-Identifier: Apache-2.0
// The command `explain`: all that is known of a clause, or of a group of them.
#include "harness/command/judging.h"

#include "conformance/clauses/groups.h"
#include "conformance/faulty/proof.h"
#include "conformance/judge/deviation.h"
#include "harness/probes/probes.h"
#include "harness/report/wrapping.h"

#include <string.h>

enum {
    WIDTH_MOST = 96,
    INDENT = 12,
};

static const char doc[] = "Explains clauses: what each demands, how binding it is and where that "
                          "comes from, why it matters, "
                          "which calls try it, and what passing and failing look like."
                          "\v"
                          "Examples:\n"
                          "  iscsidsc-tck explain SIZE-3\n"
                          "  iscsidsc-tck explain BOUNDS\n"
                          "\n"
                          "Exit status: 0 explained, 2 there is no such clause or group.\n";

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct texts *names = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        return texts_add(names, argument);
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which clause? \"iscsidsc-tck list clauses\" names all");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

// Of a line: that of the terminal, if it is one that is narrower.
static size_t line_width(void)
{
    size_t columns = wrapping_width(stdout);
    if (columns == 0 || columns > WIDTH_MOST)
        return WIDTH_MOST;
    return columns < WRAPPING_NARROWEST ? WRAPPING_NARROWEST : columns;
}

static size_t word_length(const char *text)
{
    return strcspn(text, " \n");
}

// A label and a text after it, broken between words. A byte counts as a column: the texts are
// English.
static void print_field(const char *label, const char *text)
{
    size_t column = INDENT;
    size_t width = line_width();
    bool first = true;
    printf("  %-*s", INDENT - 2, label);
    while (*text != '\0') {
        size_t length = word_length(text);
        if (!first && column + 1 + length > width) {
            printf("\n%*s", INDENT, "");
            column = INDENT;
            first = true;
        }
        if (length > 0) {
            printf("%s%.*s", first ? "" : " ", (int)length, text);
            column += length + (first ? 0 : 1);
            first = false;
        }
        text += length;
        text += *text != '\0';
    }
    putchar('\n');
}

static void print_needs(unsigned needs)
{
    static const struct {
        unsigned need;
        const char *words;
    } table[] = {
        {NEEDS_SESSIONS, "at least one session"},
        {NEEDS_NO_SESSIONS, "no sessions"},
        {NEEDS_CONNECTIONLESS, "a session without connections"},
        {NEEDS_LONG_NAMES, "a name of 223 bytes"},
        {NEEDS_CONNECTED, "a session that has a connection"},
        {NEEDS_ONCE, "the fewest sessions of the run, as it takes long"},
    };
    const char *label = "Scenarios";
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char text[128];
        if ((needs & table[i].need) == 0)
            continue;
        snprintf(text, sizeof text, "those with %s", table[i].words);
        print_field(label, text);
        label = "";
    }
    if (needs == NEEDS_NOTHING)
        print_field(label, "all");
}

static void print_sets(const char *label, const char *const *sets)
{
    for (; sets != NULL && *sets != NULL; sets++) {
        char text[1024];
        const struct probe_set *set = probe_set_find(*sets);
        snprintf(text, sizeof text, "%s: %s", *sets,
                 set == NULL ? "(not known to this kit)" : set->sentence);
        print_field(label, text);
        label = "";
    }
}

// The faulty implementations that show that the clause can fail.
static void print_proofs(const struct clause *clause)
{
    const char *label = "Proved by";
    for (const struct proof *proof = proof_next(clause->id, NULL); proof != NULL;
         proof = proof_next(clause->id, proof)) {
        char text[512];
        snprintf(text, sizeof text, "%s: %s", proof->fault, proof->sentence);
        print_field(label, text);
        label = "";
    }
}

static void print_tolerated(const struct clause *clause)
{
    const char *label = "Tolerated";
    for (size_t i = 0; deviations[i].id != NULL; i++) {
        char text[1024];
        if (strcmp(deviations[i].clause, clause->id) != 0)
            continue;
        snprintf(text, sizeof text, "with --profile %s: %s (%s; %s)", deviations[i].profile,
                 deviations[i].what, deviations[i].id, deviations[i].source);
        print_field(label, text);
        label = "";
    }
}

static void explain_clause(const struct clause *clause)
{
    static const char *const judged[] = {
        [JUDGED_EACH] = "once for A, once for W",
        [JUDGED_TOGETHER] = "once, over A and W together",
        [JUDGED_WIDE] = "once, for W",
        [JUDGED_EX] = "once, for GetIScsiSessionListEx",
    };
    static const char *const levels[] = {
        "must: breaking it fails the run",
        "should: breaking it warns; with --strict it fails the run",
        "note: recorded, never judged",
    };
    static const char *const bases[] = {
        "documented: the reference page or the official header says it",
        "implied: it follows from what they say",
        "practice: seen in callers or implementations",
    };
    static const char *const family_names[FAMILIES] = {
        [FAMILY_LIST] = "GetIScsiSessionListA, GetIScsiSessionListW",
        [FAMILY_EX] = "GetIScsiSessionListEx",
        [FAMILY_TARGETS] = "ReportIScsiTargetsA, ReportIScsiTargetsW",
        [FAMILY_DEVICES] = "GetDevicesForIScsiSessionA, GetDevicesForIScsiSessionW",
        [FAMILY_MAPPINGS] = "ReportActiveIScsiTargetMappingsA, ReportActiveIScsiTargetMappingsW",
        [FAMILY_INITIATORS] = "ReportIScsiInitiatorListA, ReportIScsiInitiatorListW",
        [FAMILY_PORTALS] = "ReportIScsiSendTargetPortalsExA, ReportIScsiSendTargetPortalsExW",
    };
    printf("%s\n", clause->id);
    print_field("Demand", clause->sentence);
    print_field("Function", family_names[clause->family]);
    print_field("Level", levels[clause->level]);
    print_field("Basis", bases[clause->basis]);
    print_field("Source", clause->source);
    print_field("Why", clause->why);
    print_needs(clause->needs);
    print_field("Judged", judged[clause->charsets]);
    print_sets("Probes", clause->probe_sets);
    print_sets("And", clause->more_sets);
    print_field("Passing", clause->passing);
    print_field("Failing", clause->failing);
    print_tolerated(clause);
    print_proofs(clause);
}

static void explain_group(const struct clause_group *group)
{
    printf("%s: %s\n", group->name, group->title);
    for (size_t i = 0; i < group->count; i++) {
        putchar('\n');
        explain_clause(&group->clauses[i]);
    }
}

static int explain(const struct texts *names, struct failure *failure)
{
    // All are looked up before anything is printed.
    for (size_t i = 0; i < names->count; i++)
        if (clause_find(names->items[i]) == NULL && clause_group_find(names->items[i]) == NULL)
            return command_refuse_clause("CLAUSE", names->items[i], failure);
    for (size_t i = 0; i < names->count; i++) {
        const struct clause *clause = clause_find(names->items[i]);
        if (i > 0)
            putchar('\n');
        if (clause != NULL)
            explain_clause(clause);
        else
            explain_group(clause_group_find(names->items[i]));
    }
    return 0;
}

const struct argp command_explain_argp = {
    .parser = parse, .args_doc = "CLAUSE|GROUP...", .doc = doc, .help_filter = command_filter_help};

int command_explain(int argc, char **argv)
{
    struct texts names = {0};
    struct failure failure = {0};
    int status = STATUS_USAGE;
    if (command_parse(&command_explain_argp, argc, argv, 0, NULL, &names) == 0)
        status = explain(&names, &failure) == 0 ? command_flush(argv[0], STATUS_HELD)
                                                : command_complain(argv[0], &failure);
    texts_free(&names);
    return status;
}
