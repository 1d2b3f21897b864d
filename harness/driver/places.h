// SPDX-License-Identifier: Apache-2.0
// Finds the places of faults in the source code, each once in a run. A program of the kit's own,
// iscsidsc-tck-place, reads the modules: these files may be damaged, or so large that reading them
// takes too long.
#ifndef TCK_PLACES_H
#define TCK_PLACES_H

#include "conformance/transcript/transcript.h"
#include "emulator/process/supervisor.h"

struct places;

// `program` is the path of iscsidsc-tck-place, `library` that of the implementation; both are
// copied. NULL when memory ran out.
struct places *places_create(const char *program, const char *library);
void places_free(struct places *places); // NULL is allowed

// Adds to the faults of the transcript the stack, as far as its frames can be found, and the
// function, file and line, as far as the debug information of the module has them. What can't be
// found is left unknown: that is no failure. Only a module whose file is a regular file is read.
// Where the host gave no path, that is the file of the module's name in the folder of the
// implementation.
//
// Runs the supervisor's loop. No calls may be under way.
void places_resolve(struct places *places, struct supervisor *supervisor,
                    struct transcript *transcript);

#endif
