// SPDX-License-Identifier: Apache-2.0
// Compares the two sides of the sessions of the kit's own initiators: what the initiators know, and
// what each tgtd reports.
#ifndef TCK_COMPARISON_H
#define TCK_COMPARISON_H

#include "emulator/state.h"

// Compares all sessions with all that the instances report (`reports`: one for each), and takes
// over the TSIHs. 0; or -1 with `failure`: both sides of the first that differ.
int comparison_of_all(const struct emulator_sessions *sessions, const struct tgtd_report *reports,
                      size_t instance_count, struct failure *failure);

// The same for one target, from the list of its connections (tgtd_get_connections), which has no
// aliases: known TSIHs are matched, and what is left must be the session just logged in, whose TSIH
// isn't known yet.
int comparison_of_target(const struct emulator_sessions *sessions, const struct tgtd_report *report,
                         size_t instance, unsigned tid, struct failure *failure);

#endif
