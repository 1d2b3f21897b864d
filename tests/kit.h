// SPDX-License-Identifier: Apache-2.0
// The built kit, run by a test as a user runs it: started with its own folder for temporary files,
// its words captured, and what it leaves behind counted.
//
// Whatever fails here fails the test under way.
#ifndef TCK_KIT_H
#define TCK_KIT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

// A folder for the files of one test, and one in it that its kits have as TMPDIR. No other process
// has that TMPDIR in its environment, so whoever has it was started by one of them.
struct place {
    char folder[64];
    char temporary[80];
    struct rlimit descriptors; // how many files its kits may have open; rlim_max 0: as many as we
};

void place_open(struct place *place);

// Fails if a process or a file is left of the kits that ran there; removes the rest.
void place_close(struct place *place);

// Fails if a process or, in TMPDIR, a file is left.
void place_expect_nothing_left(const struct place *place);

// How many processes run there: all, or those of that name (of which the kernel keeps 15
// characters). The first of them, at most `most`, in `pids`.
size_t place_list(const struct place *place, const char *name, pid_t *pids, size_t most);
// The same, with the first in `*first`, unless that is NULL.
size_t place_processes(const struct place *place, const char *name, pid_t *first);

// The path of a file of that name in the folder, malloc'ed.
char *place_path(const struct place *place, const char *name);

// A kit that runs, or ran.
struct kit {
    char *said;       // what it printed, so far; whole after kit_wait
    char *complained; // after kit_wait
    size_t size;      // of `said`
    pid_t pid;
    int ended;  // pidfd: readable once it has ended
    int out;    // what it prints: a file in memory, or the read end of a pipe
    int err;    // what it complains: a file in memory
    int status; // after kit_wait: its exit status, or 128 + the signal that ended it
    bool piped; // `out` is a pipe
};

// Starts the kit with these arguments, after which there is a NULL.
void kit_start(struct kit *kit, const struct place *place, const char *const *arguments);
// The same with its output in a pipe, so that kit_await can follow it.
void kit_start_piped(struct kit *kit, const struct place *place, const char *const *arguments);

// Starts it with its output on a terminal of 120 columns, and waits for its end.
void kit_run_terminal(struct kit *kit, const struct place *place, const char *const *arguments);
// The same, on one with so many columns.
void kit_run_columns(struct kit *kit, const struct place *place, unsigned short columns,
                     const char *const *arguments);

// Waits until it has printed that text; false if it ended before.
bool kit_await(struct kit *kit, const char *text);

// Waits at most that long for its end; true if it has ended.
bool kit_ends_within(const struct kit *kit, int milliseconds);

// Waits until one of several has ended; which of them.
size_t kit_await_one(const struct kit *kits, size_t count);

// Waits for its end and collects what it said.
void kit_wait(struct kit *kit);

void kit_free(struct kit *kit);

// Starts it with the arguments that follow, up to a NULL, and waits for its end.
void kit_run(struct kit *kit, const struct place *place, ...) __attribute__((sentinel));

// Fails, showing all that it said, unless it ended with that status.
void kit_expect_status(const struct kit *kit, int status);
// Fails unless that text is in what it said, or in what it complained of.
void kit_expect_said(const struct kit *kit, const char *text);
void kit_expect_complained(const struct kit *kit, const char *text);

// Runs the clauses that the first finding's "repeat" has, of that library in that scenario, as the
// kit printed it: `kit` is that run, which is freed. Fails unless it breaks its promises again.
void kit_repeat_finding(struct kit *kit, const struct place *place, const char *library,
                        const char *scenario);

// The JSON in a file; the caller releases it.
json_t *kit_load_json(const char *path);

// "SIZE-1 A pass" and so on of a result's first scenario, one line each, and its noise; malloc'ed.
char *kit_list_verdicts(const json_t *result);

// The path of a faulty implementation, malloc'ed.
char *kit_faulty(const char *name);

// What a command line prints on standard output, malloc'ed, and its exit status.
char *kit_shell(const char *command, int *status);

#endif
