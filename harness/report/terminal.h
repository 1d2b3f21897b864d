// SPDX-License-Identifier: Apache-2.0
// The terminal report, for people.
#ifndef TCK_TERMINAL_H
#define TCK_TERMINAL_H

#include "harness/result/result.h"

#include <stdbool.h>
#include <stdio.h>

struct terminal_style {
    bool terminal; // lines can be redrawn: a progress line
    bool colour;
    bool quiet;   // only what does not hold, and the verdict
    bool verbose; // every call
};

// Fills `reporter`, which writes to `stream` as the run goes. `command` is how the user can repeat
// a run ("iscsidsc-tck run -i ./libx.so", quoted for a shell where needed), to which scenario and
// clause are added; NULL: nothing to repeat is shown. Returns 0, or -1 when memory ran out. Freed
// with report_terminal_free.
int report_terminal_styled(struct reporter *reporter, FILE *stream,
                           const struct terminal_style *style, const char *command);
// The same with the usual style. With `terminal`, colour (unless NO_COLOR is set or TERM is dumb)
// and a progress line that is redrawn; without, plain lines.
int report_terminal(struct reporter *reporter, FILE *stream, bool terminal, const char *command);
void report_terminal_free(struct reporter *reporter);

#endif
