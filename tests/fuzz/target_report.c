// SPDX-License-Identifier: Apache-2.0
// What tgtd and tgtadm list of targets and of connections. The input is the answers, one after the
// other, with a byte 1 between them.
#include "emulator/tgtd/target_report.h"

#include "conformance/base/failure.h"
#include "emulator/tgtd/ask.h"
#include "emulator/tgtd/instance.h"
#include "tests/fuzz/fuzz.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { TARGETS = 4 };

static const char *rest; // of the answers; NULL: there are no more

static char *next_answer(void)
{
    size_t length = rest == NULL ? 0 : strcspn(rest, "\1");
    char *answer = strndup(rest == NULL ? "" : rest, length);
    fuzz_expect(answer != NULL, "there is memory");
    rest = rest == NULL || rest[length] == '\0' ? NULL : rest + length + 1;
    return answer;
}

// In place of those of the emulator, by the linker (--wrap).
int __wrap_tgtd_ask(struct tgtd *tgtd, const char *const *arguments, unsigned timeout_ms,
                    char **output, int *wait_status, struct failure *failure);
int __wrap_tgtd_ask_directly(struct tgtd *tgtd, const struct management_request *request,
                             char **output, struct failure *failure);
int __wrap_tgtd_fail(struct tgtd *tgtd, struct failure *failure, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

int __wrap_tgtd_ask(struct tgtd *tgtd, const char *const *arguments, unsigned timeout_ms,
                    char **output, int *wait_status, struct failure *failure)
{
    (void)tgtd;
    (void)arguments;
    (void)timeout_ms;
    (void)failure;
    *output = next_answer();
    *wait_status = 0;
    return 0;
}

int __wrap_tgtd_ask_directly(struct tgtd *tgtd, const struct management_request *request,
                             char **output, struct failure *failure)
{
    (void)tgtd;
    (void)request;
    (void)failure;
    *output = next_answer();
    return 0;
}

int __wrap_tgtd_fail(struct tgtd *tgtd, struct failure *failure, const char *format, ...)
{
    char text[2048];
    va_list arguments;
    (void)tgtd;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return failure_set(failure, STATUS_UNTRUSTED, "%s", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct tgtd tgtd = {0};
    struct tgtd_report report;
    struct failure failure = {0};
    char *text = fuzz_text(bytes, size);
    rest = text;
    int result = tgtd_get_report(&tgtd, TARGETS, &report, &failure);
    fuzz_expect(result == 0 || failure.text[0] != '\0', "what is refused has a reason");
    for (size_t i = 0; result == 0 && i < report.connection_count; i++)
        fuzz_expect(report.connections[i].tid >= 1 && report.connections[i].tid <= TARGETS,
                    "a connection is of a target that was made");
    tgtd_report_free(&report);
    rest = text;
    if (tgtd_get_connections(&tgtd, 1, &report, &failure) == 0)
        tgtd_report_free(&report);
    free(text);
    return 0;
}
