// SPDX-License-Identifier: Apache-2.0
// Counts what comes of the same run, made several times.
#include "harness/command/repetition.h"

#include "harness/command/command.h"
#include "harness/report/terminal_text.h"

#include <stdlib.h>
#include <string.h>

enum { RUNS_MAX = 1000000 };

struct repeated_clause {
    char *id;
    size_t failed; // in how many runs
    size_t last;   // the number of the last of them, from 1
};

int repetition_parse(struct repetition *repetition, const char *repeat, bool until_fail,
                     struct failure *failure)
{
    uint64_t wanted = 1;
    if (repeat != NULL && command_number("--repeat", repeat, 1, RUNS_MAX, &wanted, failure) != 0)
        return -1;
    *repetition = (struct repetition){
        .wanted = until_fail && repeat == NULL ? SIZE_MAX : (size_t)wanted,
        .until_fail = until_fail,
    };
    return 0;
}

void repetition_free(struct repetition *repetition)
{
    for (size_t i = 0; i < repetition->clause_count; i++)
        free(repetition->clauses[i].id);
    free(repetition->clauses);
    repetition->clauses = NULL;
    repetition->clause_count = 0;
}

static struct repeated_clause *find_clause(struct repetition *repetition, const char *id)
{
    for (size_t i = 0; i < repetition->clause_count; i++)
        if (strcmp(repetition->clauses[i].id, id) == 0)
            return &repetition->clauses[i];
    struct repeated_clause *grown =
        reallocarray(repetition->clauses, repetition->clause_count + 1, sizeof *grown);
    if (grown == NULL)
        return NULL;
    repetition->clauses = grown;
    grown[repetition->clause_count] = (struct repeated_clause){.id = strdup(id)};
    return grown[repetition->clause_count].id == NULL ? NULL : &grown[repetition->clause_count++];
}

int repetition_add(struct repetition *repetition, const struct result *result, int status)
{
    if (status >= 128) { // what it has not judged would count as not failed
        repetition->interrupted = true;
        return 0;
    }
    repetition->made++;
    repetition->broken += status == STATUS_BROKEN;
    repetition->untrusted += status != STATUS_BROKEN && status != STATUS_HELD;
    for (size_t i = 0; i < result->scenario_count; i++)
        for (size_t j = 0; j < result->scenarios[i].check_count; j++) {
            const struct check *check = &result->scenarios[i].checks[j];
            if (!check->judged || check->verdict.kind != VERDICT_FAIL)
                continue;
            struct repeated_clause *clause = find_clause(repetition, check->clause->id);
            if (clause == NULL)
                return -1;
            clause->failed += clause->last != repetition->made;
            clause->last = repetition->made;
        }
    return 0;
}

bool repetition_goes_on(const struct repetition *repetition, int status)
{
    return status < 128 && repetition->made < repetition->wanted &&
           !(repetition->until_fail && status != STATUS_HELD);
}

void repetition_announce(const struct repetition *repetition, FILE *stream)
{
    if (repetition->wanted == 1)
        return;
    fprintf(stream, "%sRun %zu", repetition->made == 0 ? "" : "\n", repetition->made + 1);
    if (repetition->wanted != SIZE_MAX)
        fprintf(stream, " of %zu", repetition->wanted);
    fputs(":\n", stream);
    fflush(stream);
}

void repetition_print(const struct repetition *repetition, FILE *stream)
{
    if (repetition->wanted == 1)
        return;
    if (repetition->made == 0) {
        fputs("\nNo run came to its end: the first was interrupted\n", stream);
        fflush(stream);
        return;
    }
    fprintf(stream, "\n%zu run%s: %zu held, %zu broken", repetition->made, plural(repetition->made),
            repetition->made - repetition->broken - repetition->untrusted, repetition->broken);
    if (repetition->untrusted > 0)
        fprintf(stream, ", %zu can't be trusted", repetition->untrusted);
    if (repetition->interrupted)
        fputs("; one more was interrupted", stream);
    fputc('\n', stream);
    for (size_t i = 0; i < repetition->clause_count; i++) {
        const struct repeated_clause *clause = &repetition->clauses[i];
        fprintf(stream, "  %s failed in %zu of %zu run%s%s\n", clause->id, clause->failed,
                repetition->made, plural(repetition->made),
                clause->failed < repetition->made ? ": flaky" : "");
    }
    fflush(stream);
}
