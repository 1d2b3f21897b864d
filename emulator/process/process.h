// SPDX-License-Identifier: Apache-2.0
// A child process: tgtd, tgtadm, a host. Each has a (Unix) session of its own, so that a Ctrl-C in
// the terminal reaches the kit only. It dies when the kit's worker dies (PR_SET_PDEATHSIG). Its
// standard input is /dev/null. Its standard output and standard error are read in the supervisor's
// loop, and the end of them is kept. When it ends, the rest of its process group is killed.
#ifndef TCK_PROCESS_H
#define TCK_PROCESS_H

#include "emulator/process/launch.h"
#include "emulator/process/supervisor.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// Starts it. Core dumps are off, and it is the first that the kernel kills when memory runs out. 0,
// or -1 with `failure` (STATUS_UNTRUSTED; the program's name and errno's text, also when exec
// itself failed). The calling thread must outlive the process: the kernel ties the process to it.
int process_start(struct process **process, struct supervisor *supervisor,
                  const struct process_options *options, struct failure *failure);

pid_t process_pid(const struct process *process);

// False from the moment its end was seen in the loop.
bool process_running(const struct process *process);

// The end of a message that it does not answer: says so if it is stopped (SIGSTOP); else "".
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

// The first bytes that it printed, as they came; valid as long as `process`.
const char *process_said_first(struct process *process);

// What it wrote to the pipe of has_word before its end, as a string; "": nothing. Valid as long as
// `process`.
const char *process_word(struct process *process);

// Sends a signal; a process that has ended is left alone (its pid is never signalled again).
void process_signal(struct process *process, int signal_number);

// Kills it and everything in its session's process group (with ends_whole: has it end all that it
// started), waits for its end, drains its output.
// Returns the wait status. Works also while the supervisor has trouble.
int process_kill(struct process *process);

// Has all that a process with ends_whole started ended before it did? False: nobody knows.
bool process_ended_whole(const struct process *process);

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

// The most memory that a process has held at any time, in bytes; 0 where that can't be known: it
// has ended, or there is no /proc.
uint64_t process_peak_memory(pid_t pid);
// What it holds now, likewise.
uint64_t process_memory(pid_t pid);
// The same, but a page that it has in several places, as a host's sparse buffers have theirs,
// counts once. It takes long where there is much.
uint64_t process_memory_once(pid_t pid);
// How much of that is shared memory and files in memory.
uint64_t process_memory_mapped(pid_t pid);
// Resets the peak memory of this process to what it holds now, where the system can do that.
void process_forget_peak(void);

// A wait status in words: "exited with status 3", "was killed by SIGSEGV".
void process_describe_end(int wait_status, char *text, size_t size);

#endif
