// SPDX-License-Identifier: Apache-2.0
// What a library exports, on each operating system.
#ifndef TCK_REFERENCE_EXPORT_H
#define TCK_REFERENCE_EXPORT_H

// On 32-bit Windows the linker also takes the "@12" off the name (--kill-at): a caller looks the
// function up under the plain one.
#ifdef _WIN32
#define EXPORT __attribute__((dllexport))
#else
#define EXPORT __attribute__((visibility("default")))
#endif

#endif
