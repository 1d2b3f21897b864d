// The command line: one function a command, and what several commands share.
#ifndef TCK_COMMAND_H
#define TCK_COMMAND_H

#include "conformance/base/failure.h"
#include "conformance/judge/clause.h"
#include "harness/result/result.h"
#include "harness/run/excuses.h"

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

// Each parses its own arguments (argv[0] is how the user called the kit, a space and the command's
// name, for messages) and returns the exit status.
int command_run(int argc, char **argv);
int command_list(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_judge(int argc, char **argv);
int command_emulate(int argc, char **argv);
int command_diff(int argc, char **argv);
int command_merge(int argc, char **argv);

// Says what went wrong on standard error, as "NAME: TEXT", and returns the failure's exit status.
int command_complain(const char *name, const struct failure *failure);

// Whatever was printed must have arrived: `status`, or STATUS_UNTRUSTED (and words) where standard
// output could not be written to.
int command_flush(const char *name, int status);

// A list of texts that an option was given, in order.
struct texts {
    const char **items; // borrowed texts; the array is owned
    size_t count;
};
int texts_add(struct texts *texts, const char *text); // 0 or ENOMEM, as an argp parser returns it
void texts_free(struct texts *texts);

// The options that `run` and `judge` share: what is judged, how strictly, and where reports go. Use
// judging_argp as a child whose input is a struct judging.
struct judging {
    struct texts clause_names; // as given: ids and groups, any case
    const char *profile;
    bool strict;
    const char *json_file; // NULL: none; "-": standard output
    const char *tap_file;
    const char *junit_file;
    const char *html_file;
    const char *color;         // "auto", "always", "never"
    bool quiet;                // only what does not hold, and the verdict
    bool verbose;              // every call
    const char *baseline_file; // NULL: none
    const char *waivers_file;
};
// All of them; and without what decides the verdicts, for results that are judged already.
extern const struct argp judging_argp;
extern const struct argp reporting_argp;

// Checks all of them; 0, or -1 with `failure` naming option, value and remedy.
int judging_check(const struct judging *judging, struct failure *failure);

// The clauses that were asked for, each once, in the contract's order; all of them when none was
// named.
// `*clauses` is malloc'ed, the caller frees. 0, or -1 with `failure` that suggests the nearest
// names.
int judging_clauses(const struct judging *judging, const struct clause ***clauses, size_t *count,
                    struct failure *failure);

// What is excused, as the options name it.
struct excuses {
    struct waivers *waivers;   // NULL: none
    struct baseline *baseline; // NULL: none
};
int judging_excuses(const struct judging *judging, struct excuses *excuses,
                    struct failure *failure);
void excuses_free(struct excuses *excuses);

// The report for people behind what excuses: tell `reporter` of the run.
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

// Of two exit statuses the one that says more: a signal, then wrong input, a run that can't be
// trusted, a broken clause.
int command_worse(int one, int other);

// Where the report for people goes: standard output, or standard error where a file goes to the
// former.
FILE *judging_stream(const struct judging *judging);
// Can lines be redrawn there? And does it get colour?
bool judging_terminal(const struct judging *judging);
bool judging_colour(const struct judging *judging);

// Writes the files that were asked for. Returns `status`, or STATUS_UNTRUSTED after saying on
// standard error what could not be written.
int judging_write(const struct judging *judging, const char *name, const struct result *result,
                  int status);

// The same for several implementations' results: where they differ from each other for people, one
// JSON document and one HTML page of all of them, and of the other kinds a file for each, "x.xml"
// as "x-1.xml", "x-2.xml".
int judging_write_several(const struct judging *judging, const char *name,
                          const struct result *results, size_t count, int status);

// "No such clause or group", with the nearest names; returns -1.
int command_refuse_clause(const char *option, const char *name, struct failure *failure);

// Can `path` be made or replaced as a file? 0, or -1 with `failure` naming `option`. "-" can.
int command_check_output(const char *option, const char *path, struct failure *failure);

// Appends ` OPTION VALUE` to `stream`, quoted for a shell where it must be; VALUE may be NULL.
void command_append(FILE *stream, const char *option, const char *value);

#endif
