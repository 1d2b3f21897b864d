// The file of an implementation, as --implementation names it.
#ifndef TCK_IMPLEMENTATION_H
#define TCK_IMPLEMENTATION_H

#include "conformance/base/failure.h"

// Is it a shared library that the host can load? 0 with its absolute path, malloc'ed; or -1 with
// `failure`.
int implementation_check(const char *path, char **absolute, struct failure *failure);

// Says on standard error where it exports the two functions under C++ names only, which no program
// finds. `name` is the command's.
void implementation_note_names(const char *path, const char *name);

#endif
