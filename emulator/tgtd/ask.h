// SPDX-License-Identifier: Apache-2.0
// How an instance is asked: through tgtadm, or on its management socket directly.
#ifndef TCK_ASK_H
#define TCK_ASK_H

#include "emulator/tgtd/management.h"

struct tgtd;

// Runs tgtadm with `arguments` behind those that every command has. 0 with `*output`, malloc'ed
// and without newlines at its end, and `*wait_status`; or -1 with `failure`: process_run's.
int tgtd_run_admin(struct tgtd *tgtd, const char *const *arguments, unsigned timeout_ms,
                   char **output, int *wait_status, struct failure *failure);

// As tgtd_run_admin, and an instance that does not answer is the supervisor's trouble.
int tgtd_ask(struct tgtd *tgtd, const char *const *arguments, unsigned timeout_ms, char **output,
             int *wait_status, struct failure *failure);

// Asks without tgtadm, where that is possible. 0 with `*output`, malloc'ed; 1: tgtadm is to be
// asked; -1 with `failure`.
int tgtd_ask_directly(struct tgtd *tgtd, const struct management_request *request, char **output,
                      struct failure *failure);

// The arguments that ask for the state of the whole instance; NULL-terminated.
extern const char *const tgtd_show_system[];

// A number as an argument: tgtd_number(7).text.
struct tgtd_number {
    char text[16];
};
struct tgtd_number tgtd_number(unsigned value);

// Cuts newlines off the end of `text`; NULL is allowed.
void tgtd_trim(char *text);

#endif
