// SPDX-License-Identifier: Apache-2.0
// Completion in a shell, made from the options of the commands: for the program that the build
// runs.
#ifndef TCK_COMPLETION_H
#define TCK_COMPLETION_H

#include "conformance/base/failure.h"

#include <stdio.h>

// Each writes a script that completes the program's command line: for bash, to be sourced, and for
// zsh, to be found as _iscsidsc-tck. 0, or -1 with `failure`: memory ran out.
int completion_print_bash(FILE *stream, struct failure *failure);
int completion_print_zsh(FILE *stream, struct failure *failure);

#endif
