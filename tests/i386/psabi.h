// SPDX-License-Identifier: Apache-2.0
// The structures as a 32-bit Unix compiler lays them out by itself: 64-bit integers aligned to 4,
// so that a session takes 44 bytes. Included before everything else (gcc -include), it makes of the
// reference the implementation of somebody who did not use include/session_list.h.
#ifndef TCK_PSABI_H
#define TCK_PSABI_H

#include <stdalign.h>
#include <stddef.h>

// Without what aligns them, and without the assertions that would notice, here and in the sources.
#undef alignas
#define alignas(alignment)
#define _Static_assert(...) struct nothing_asserted
#include "session_list.h"

// An array of -1 elements does not compile.
typedef char session_a_takes_44_bytes[sizeof(iscsi_session_info_a) == 44 ? 1 : -1];
typedef char session_w_takes_44_bytes[sizeof(iscsi_session_info_w) == 44 ? 1 : -1];

#endif
