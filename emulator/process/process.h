// A child process: tgtd, tgtadm, a host. Each runs in a session of its own (a Ctrl-C on the
// terminal is the kit's to handle), dies when the kit's worker dies (PR_SET_PDEATHSIG), has
// /dev/null as standard input, and what it prints on standard output and standard error is drained
// in the supervisor's loop, its last part kept. When it ends, so does what is left of its process
// group.
#ifndef TCK_PROCESS_H
#define TCK_PROCESS_H

#include "emulator/process/supervisor.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process;

struct process_options {
    const char *const *arguments;   // argv, NULL-terminated; [0] is looked up in PATH
    const char *const *environment; // "NAME=value" to add to or replace in the kit's own; a bare
                                    // "NAME" removes it; NULL-terminated; NULL: none
    int channel;                    // a descriptor that the child keeps, or -1
    int channel_as; // under which number (from 3 up) the child has it; every other one is closed.
                    // 1: as its standard output, which is then not drained
    size_t data_limit;     // RLIMIT_DATA in bytes, or 0: the kit's own
    size_t output_kept;    // how much of the end of its output is kept; 0: 4096 bytes
    bool many_descriptors; // RLIMIT_NOFILE is raised to its hard limit

    // Called from the loop when the process has ended, with waitpid's status; not for an end that
    // process_kill or process_destroy brought about. May destroy the process. May be NULL.
    void (*ended)(struct process *process, int wait_status, void *argument);
    void *argument;
};

// Starts it. Core dumps are off, and it is the first the kernel takes when memory runs out. 0, or
// -1 with `failure` (STATUS_UNTRUSTED; the program's name and errno's text, also when exec itself
// failed). The calling thread must outlive the process: the kernel ties the process to it.
int process_start(struct process **process, struct supervisor *supervisor,
                  const struct process_options *options, struct failure *failure);

pid_t process_pid(const struct process *process);

// False from the moment its end was seen in the loop.
bool process_running(const struct process *process);

// For the end of a message about its silence: that it is stopped, if it is, else "".
const char *process_describe_stop(const struct process *process);

// waitpid's status; only when !process_running.
int process_wait_status(const struct process *process);

// The end of what it printed, without a trailing newline, as a string (control characters other
// than newline and tab replaced by '?'); "" when nothing. Valid until the next turn of the loop.
const char *process_said(struct process *process);

// How many bytes it has printed so far, and, of what was printed after such a mark, what
// process_said gives.
size_t process_printed(struct process *process);
const char *process_said_since(struct process *process, size_t mark);

// Sends a signal; a process that has ended is left alone (its pid is never signalled again).
void process_signal(struct process *process, int signal_number);

// Kills it and everything in its session's process group, waits for its end, drains its output.
// Returns the wait status. Works also while the supervisor has trouble.
int process_kill(struct process *process);

// process_kill if it still runs, then frees (its handles: at the loop's next turn). NULL is
// allowed.
void process_destroy(struct process *process);

// Runs a command to its end. 0 with `*output` (malloc'ed, the caller frees; stdout and stderr as
// they came, as a string) and `*wait_status`; -1 with `failure` when it could not be started, did
// not end within `timeout_ms` (it is killed), printed more than `output_limit` bytes, or the
// supervisor has trouble; `*output` is NULL then.
int process_run(struct supervisor *supervisor, const char *const *arguments,
                const char *const *environment, unsigned timeout_ms, size_t output_limit,
                char **output, int *wait_status, struct failure *failure);

// Finds the program `name` in PATH, then in `more_folders` (colon-separated; NULL: none). A name
// with a
// '/' is taken as it is. Returns its path (malloc'ed, the caller frees), or NULL when there is
// none.
char *process_find(const char *name, const char *more_folders);

// The most memory that a process has held at a time, in bytes; 0 when that can't be known: it has
// ended, or there is no /proc.
uint64_t process_peak_memory(pid_t pid);
// From now on this process' own peak is the one from now on, where the system can do that.
void process_forget_peak(void);

// A wait status in words: "exited with status 3", "was killed by SIGSEGV".
void process_describe_end(int wait_status, char *text, size_t size);

#endif
