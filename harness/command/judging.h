// SPDX-License-Identifier: Apache-2.0
// Options that several commands share: what is judged, how strictly, and what is excused.
#ifndef TCK_JUDGING_OPTIONS_H
#define TCK_JUDGING_OPTIONS_H

#include "conformance/judge/clause.h"
#include "harness/command/command.h"
#include "harness/command/outputs.h"
#include "harness/run/excuses.h"

// The options that `run`, `judge` and `merge` share: what is judged, how strictly, and where
// reports go. Use judging_argp as a child whose input is a struct judging. Freed with judging_free.
struct judging {
    struct texts clause_names;   // as given: ids and groups, any case
    struct texts excluded_names; // the same
    const char *profile;
    bool strict;
    struct outputs outputs;
    const char *baseline_file; // NULL: none
    const char *waivers_file;
};
// All options; and those for results that are judged already, without what decides the verdicts.
extern const struct argp judging_argp;
// What is judged and how strictly, without where reports go: of a command that writes none. Its
// outputs are those of no option.
extern const struct argp selecting_argp;
extern const struct argp reporting_argp;

// What a command that reads files was given: these options, and the paths of the files.
struct judged_files {
    struct judging judging;
    struct texts paths;
};
// The parser of such a command, whose input is a struct judged_files, and whose first child is
// one of the two above. `missing` is the error where no file is given.
error_t judging_parse_files(int key, char *argument, struct argp_state *state, const char *missing);

// Appends the options that select clauses, for a shell.
void judging_append_selection(const struct judging *judging, FILE *stream);

// Checks all of them; 0, or -1 with `failure` naming option, value and remedy.
int judging_check(const struct judging *judging, struct failure *failure);

// The clauses that were asked for, each once, in the contract's order; all of them when none was
// named. `*left_out` is how many of them --exclude left out. `*clauses` is malloc'ed, the caller
// frees. 0, or -1 with `failure` that suggests the nearest names.
int judging_clauses(const struct judging *judging, const struct clause ***clauses, size_t *count,
                    size_t *left_out, struct failure *failure);

// Adds what they read; and, for a command that reads nothing but files, checks all that it uses:
// `paths` are its arguments, called `what` in messages. See files.h.
void judging_add_inputs(const struct judging *judging, struct files *files);
int judging_check_files(const struct judging *judging, const char *what, const struct texts *paths,
                        struct failure *failure);

void judging_free(struct judging *judging);

// "No such clause or group", with the nearest names; returns -1.
int command_refuse_clause(const char *option, const char *name, struct failure *failure);

// What is excused, as the options name it.
struct excuses {
    struct waivers *waivers;   // NULL: none
    struct baseline *baseline; // NULL: none
};
int judging_excuses(const struct judging *judging, struct excuses *excuses,
                    struct failure *failure);
void excuses_free(struct excuses *excuses);

// The report for people, of a result from which waivers and baseline are taken out first: give
// `reporter` to the run.
struct judging_report {
    struct reporter reporter;
    struct reporter terminal;
    struct regression regression;
};
// `command`: how the run can be repeated. `result` is the one that the run fills. 0, or -1 when
// memory ran out. Freed with judging_report_free.
int judging_report(struct judging_report *report, const struct judging *judging,
                   const struct excuses *excuses, struct result *result, const char *command);
void judging_report_free(struct judging_report *report);

#endif
