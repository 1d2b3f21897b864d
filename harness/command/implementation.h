// SPDX-License-Identifier: Apache-2.0
// The file of an implementation, as --implementation names it.
#ifndef TCK_IMPLEMENTATION_H
#define TCK_IMPLEMENTATION_H

#include "conformance/base/failure.h"

// What a library is for: which host loads it.
enum platform {
    PLATFORM_OWN,        // an ELF library of the kit's own kind
    PLATFORM_WINDOWS_64, // a DLL for x86-64
    PLATFORM_WINDOWS_32, // a DLL for i386
    PLATFORM_LINUX_32,   // an ELF library for i386, where the kit is one for x86-64
};

// Is it a shared library that a host can load? 0 with its absolute path, malloc'ed, and its
// platform; or -1 with `failure`.
int implementation_check(const char *path, char **absolute, enum platform *platform,
                         struct failure *failure);

// Says on standard error where it exports the two functions under C++ names only, which no program
// finds. `name` is the command's.
void implementation_note_names(const char *path, const char *name);

#endif
