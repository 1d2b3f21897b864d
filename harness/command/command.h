// SPDX-License-Identifier: Apache-2.0
// The command line: one function for each command, and what all commands share.
#ifndef TCK_COMMAND_H
#define TCK_COMMAND_H

#include "conformance/base/failure.h"

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// Each parses its own arguments (argv[0] is how the user called the kit, a space and the command's
// name, for messages) and returns the exit status.
int command_run(int argc, char **argv);
int command_list(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_judge(int argc, char **argv);
int command_emulate(int argc, char **argv);
int command_diff(int argc, char **argv);
int command_replay(int argc, char **argv);
int command_merge(int argc, char **argv);
int command_fuzz(int argc, char **argv);
int command_convert(int argc, char **argv);
int command_init(int argc, char **argv);

// Their options.
extern const struct argp command_run_argp;
extern const struct argp command_list_argp;
extern const struct argp command_explain_argp;
extern const struct argp command_judge_argp;
extern const struct argp command_emulate_argp;
extern const struct argp command_diff_argp;
extern const struct argp command_replay_argp;
extern const struct argp command_merge_argp;
extern const struct argp command_fuzz_argp;
extern const struct argp command_convert_argp;
extern const struct argp command_init_argp;

// Says what went wrong on standard error, as "NAME: TEXT", and returns the failure's exit status.
int command_complain(const char *name, const struct failure *failure);

// Flushes standard output. Returns `status`, or STATUS_UNTRUSTED, after saying so, where it could
// not be written to.
int command_flush(const char *name, int status);

// Opens /dev/null in place of standard input, output and error where these are closed. Else the
// next file that is opened would get their number. main() calls this first.
void command_open_standard(void);

// For atexit: command_flush where --help or --version ended the program. `name` in messages is
// that of program_invocation_short_name.
void command_flush_at_exit(void);

// Ends the kit with STATUS_UNTRUSTED where libraries that can't do without memory get none. main()
// calls this before it uses them.
void command_guard_memory(void);

// The help_filter of a command: what stands behind its options is broken between words where the
// terminal is narrower than argp takes it to be.
char *command_filter_help(int key, const char *text, void *input);

// argp_parse, which returns ENOMEM where an option could not be kept: that ends the kit likewise.
error_t command_parse(const struct argp *argp, int argc, char **argv, unsigned flags, int *index,
                      void *input);

// A list of texts that an option was given, in order.
struct texts {
    const char **items; // borrowed texts; the array is owned
    size_t count;
};
int texts_add(struct texts *texts, const char *text); // 0 or ENOMEM, as an argp parser returns it
void texts_free(struct texts *texts);

// The one of two exit statuses that outranks the other: a signal, then wrong input, then a run that
// can't be trusted, then a broken clause.
int command_worse(int one, int other);

// An option's value, a whole number between the two. 0, or -1 with `failure` (STATUS_USAGE).
int command_number(const char *option, const char *text, uint64_t least, uint64_t most,
                   uint64_t *number, struct failure *failure);

// The value of --timeout, in milliseconds. 0, or -1 with `failure` (STATUS_USAGE).
int command_timeout(const char *text, unsigned *timeout_ms, struct failure *failure);

// Appends ` OPTION VALUE` for each of the values, as command_append does.
void command_append_each(FILE *stream, const char *option, const struct texts *values);

// Appends ` OPTION VALUE` to `stream`, quoted for a shell where it must be; VALUE may be NULL.
void command_append(FILE *stream, const char *option, const char *value);

#endif
