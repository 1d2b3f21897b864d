// SPDX-License-Identifier: Apache-2.0
// The initiators of a scenario file, and the secrets that they and others have.
#ifndef TCK_EXPAND_INITIATORS_H
#define TCK_EXPAND_INITIATORS_H

#include "emulator/scenario/names.h"

// Fills the expansion's initiators and their names. 0, or -1 with the expansion's failure.
int expand_initiators(struct expansion *expansion);

// Checks the secrets of the mapping at `path`, its keys "chap" and "mutual"; NULL: not given. 0, or
// -1 with the expansion's failure.
int expansion_check_secrets(const struct expansion *expansion, const char *path,
                            const struct secret_node *chap, const struct secret_node *mutual);

// Copies a secret; none where `node` is NULL. 0, or -1 with the expansion's failure.
int expansion_copy_secret(const struct expansion *expansion, const struct secret_node *node,
                          struct topology_secret *secret);

#endif
