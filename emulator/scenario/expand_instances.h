// SPDX-License-Identifier: Apache-2.0
// The instances of a scenario file and their portals.
#ifndef TCK_EXPAND_INSTANCES_H
#define TCK_EXPAND_INSTANCES_H

#include "emulator/scenario/names.h"

// Adds the instances to the topology. 0, or -1 with the expansion's failure.
int expand_instances(struct expansion *expansion);

// The instance called `name`, which stands at `path`; NULL: the first. 0, or -1 with the
// expansion's failure.
int expansion_find_instance(const struct expansion *expansion, const char *name, const char *path,
                            size_t *instance);

// The portal of instance `index` that has the address `wanted`, which stands at `path`; the first
// of several. `hint` ends the message about a text that is no address. 0, or -1 with the
// expansion's failure.
int expansion_find_portal(const struct expansion *expansion, const char *wanted, size_t index,
                          const char *path, const char *hint, size_t *portal);

#endif
