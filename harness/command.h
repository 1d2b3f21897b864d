// The command line: one function a command, and what several commands share.
#ifndef TCK_COMMAND_H
#define TCK_COMMAND_H

#include "conformance/clause.h"
#include "emulator/failure.h"
#include "harness/result.h"

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
    const char *color; // "auto", "always", "never"
};
extern const struct argp judging_argp;

// Checks all of them; 0, or -1 with `failure` naming option, value and remedy.
int judging_check(const struct judging *judging, struct failure *failure);

// The clauses that were asked for, each once, in the contract's order; all of them when none was
// named.
// `*clauses` is malloc'ed, the caller frees. 0, or -1 with `failure` that suggests the nearest
// names.
int judging_clauses(const struct judging *judging, const struct clause ***clauses, size_t *count,
                    struct failure *failure);

// Where the report for people goes: standard output, or standard error where a file goes to the
// former.
FILE *judging_stream(const struct judging *judging);
// Does that get colour and a progress line?
bool judging_terminal(const struct judging *judging);

// Writes the files that were asked for. Returns `status`, or STATUS_UNTRUSTED after saying on
// standard error what could not be written.
int judging_write(const struct judging *judging, const char *name, const struct result *result,
                  int status);

// "No such clause or group", with the nearest names; returns -1.
int command_refuse_clause(const char *option, const char *name, struct failure *failure);

// Can `path` be made or replaced as a file? 0, or -1 with `failure` naming `option`. "-" can.
int command_check_output(const char *option, const char *path, struct failure *failure);

// Appends ` OPTION VALUE` to `stream`, quoted for a shell where it must be; VALUE may be NULL.
void command_append(FILE *stream, const char *option, const char *value);

#endif
