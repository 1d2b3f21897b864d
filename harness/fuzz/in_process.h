// SPDX-License-Identifier: Apache-2.0
// Makes the calls of a draft in this process, of a library that it is linked with: for fuzzers that
// follow the library's code (libFuzzer, AFL++). Buffers stand against inaccessible pages as in the
// host program. Nothing protects this process: a library that crashes ends it, and that is what
// such a fuzzer sees.
#ifndef TCK_FUZZ_IN_PROCESS_H
#define TCK_FUZZ_IN_PROCESS_H

#include "harness/fuzz/draft.h"
#include "session_list.h"

struct in_process;

// The library finds the sessions in the session table in the file `table` (a descriptor, the
// caller's), as the environment must say. NULL when memory ran out.
struct in_process *in_process_create(iscsi_session_list_a *a, iscsi_session_list_w *w, int table);

// Makes the calls, but for those in several threads, and leaves a transcript of them in
// `*transcript`, the caller's. 0, or -1 with `failure` (STATUS_UNTRUSTED).
int in_process_call(struct in_process *library, const struct draft *draft,
                    struct transcript **transcript, struct failure *failure);

void in_process_free(struct in_process *library); // NULL is allowed

#endif
