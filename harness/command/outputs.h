// SPDX-License-Identifier: Apache-2.0
// Where a command's reports go, and how they look.
#ifndef TCK_OUTPUTS_H
#define TCK_OUTPUTS_H

#include "emulator/process/sweeper.h"
#include "harness/command/files.h"
#include "harness/result/result.h"

#include <stdio.h>

// As the options give it.
struct outputs {
    const char *json_file; // NULL: none; "-": standard output
    const char *tap_file;
    const char *junit_file;
    const char *html_file;
    const char *color; // "auto", "always", "never"
    bool quiet;        // only what does not hold, and the verdict
    bool verbose;      // every call
};

// Checks all of them; 0, or -1 with `failure` naming option, value and remedy.
int outputs_check(const struct outputs *outputs, struct failure *failure);

// Adds the files that are written for `count` implementations (see outputs_write_several).
void outputs_add_files(const struct outputs *outputs, size_t count, struct files *files);

// Can `path` be made, replaced or, where it is a pipe or a device, written to? 0, or -1 with
// `failure` naming `option`. "-" can.
int outputs_check_file(const char *option, const char *path, struct failure *failure);

// The stream of the report for people: standard output; standard error if a report file goes to
// standard output.
FILE *outputs_stream(const struct outputs *outputs);
// Can lines be redrawn there? And does it get colour?
bool outputs_terminal(const struct outputs *outputs);
bool outputs_colour(const struct outputs *outputs);

// What is run: `work` in a worker (sweeper_run), which writes the files of `outputs`.
struct outputs_work {
    const struct outputs *outputs;
    const char *name; // of the command, for messages
    char *const *implementations;
    size_t count;
    const char *kept; // a baseline, which would be lost with the run; NULL: none
    sweeper_work *work;
    void *argument;
    uint64_t deadline_ns; // see sweeper_run
};

// Runs it and returns the exit status. Before, each file that will be replaced (but for `kept`)
// says that the run is not finished, so that a run that is killed leaves no earlier verdict. Where
// the run ended otherwise than by the worker's own word, the files say that, and so does standard
// error.
int outputs_run(const struct outputs_work *run);

// Writes the files that were asked for. Returns `status`, or STATUS_UNTRUSTED after saying on
// standard error what could not be written. `name` is the command's, for messages.
int outputs_write(const struct outputs *outputs, const char *name, const struct result *result,
                  int status);

// The same for several implementations' results: where they differ from each other for people, one
// JSON document and one HTML page of all of them, and of the other kinds a file for each, "x.xml"
// as "x-1.xml", "x-2.xml".
int outputs_write_several(const struct outputs *outputs, const char *name,
                          const struct result *results, size_t count, int status);

#endif
