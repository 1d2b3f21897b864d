// SPDX-License-Identifier: Apache-2.0
// The configuration file iscsidsc-tck.yaml: options of `run` by their long names.
#ifndef TCK_CONFIG_H
#define TCK_CONFIG_H

#include "harness/command/settings.h"

#define CONFIG_NAME "iscsidsc-tck.yaml"

// Adds what the file says to `settings`, but for what is displaced there. The file is the one that
// --config names or, unless --no-config is given, the nearest of that name in the working folder
// and those above it. One that was found and not named must belong to the user or to root, and
// nobody else may be able to write to it.
//
// 0, also where there is no file; or -1 with `failure` (STATUS_USAGE) naming file, line, value and
// remedy. `*path` (malloc'ed, the caller frees) is the file; NULL: there is none.
int config_add(struct settings *settings, char **path, struct failure *failure);

#endif
