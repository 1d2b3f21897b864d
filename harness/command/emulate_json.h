// SPDX-License-Identifier: Apache-2.0
// What `emulate --json` prints: one JSON object a line; docs/scenarios.md describes them.
#ifndef TCK_EMULATE_JSON_H
#define TCK_EMULATE_JSON_H

#include "emulator/emulator.h"

#include <stdio.h>

// Each writes one line to `stream` and flushes it. 0, or -1 with `failure` (STATUS_UNTRUSTED) where
// memory ran out or the stream can't be written to.

// The scenario is up.
int emulate_json_ready(FILE *stream, const struct scenario *scenario,
                       const struct emulator *emulator, struct failure *failure);
// The event with that number, from 1, has happened.
int emulate_json_event(FILE *stream, const struct emulator *emulator, size_t number,
                       struct failure *failure);
// A signal ends it.
int emulate_json_ending(FILE *stream, struct failure *failure);

#endif
