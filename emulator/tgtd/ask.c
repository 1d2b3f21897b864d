// SPDX-License-Identifier: Apache-2.0
// Asks an instance: through tgtadm, or on its management socket directly.
#include "emulator/tgtd/ask.h"

#include "emulator/tgtd/instance.h"
#include "emulator/tgtd/log.h"

#include <stdio.h>
#include <string.h>

enum { OUTPUT_LIMIT = 256 << 20 };

enum { ARGUMENTS_MAX = 16 };

void tgtd_trim(char *text)
{
    size_t length = text == NULL ? 0 : strlen(text);
    while (length > 0 && text[length - 1] == '\n')
        text[--length] = '\0';
}

int tgtd_run_admin(struct tgtd *tgtd, const char *const *arguments, unsigned timeout_ms,
                   char **output, int *wait_status, struct failure *failure)
{
    const char *line[ARGUMENTS_MAX + 6] = {tgtd->admin, "-C", "0", "--lld", "iscsi"};
    for (size_t i = 0; i < ARGUMENTS_MAX && arguments[i] != NULL; i++)
        line[5 + i] = arguments[i];
    const char *const environment[] = {tgtd->variable, NULL};
    int result = process_run(tgtd->supervisor, line, environment, timeout_ms, OUTPUT_LIMIT, output,
                             wait_status, failure);
    tgtd_trim(*output);
    return result;
}

int tgtd_ask(struct tgtd *tgtd, const char *const *arguments, unsigned timeout_ms, char **output,
             int *wait_status, struct failure *failure)
{
    struct failure silence = {0};
    tgtd->asked = process_printed(tgtd->process);
    if (tgtd_run_admin(tgtd, arguments, timeout_ms, output, wait_status, &silence) == 0)
        return 0;
    char log[1024];
    tgtd_describe_log(tgtd, 0, log, sizeof log);
    return tgtd_does_not_answer(tgtd, failure, "%s%s; it last said: %s", silence.text,
                                process_describe_stop(tgtd->process), log);
}

struct tgtd_number tgtd_number(unsigned value)
{
    struct tgtd_number number;
    snprintf(number.text, sizeof number.text, "%u", value);
    return number;
}

int tgtd_ask_directly(struct tgtd *tgtd, const struct management_request *request, char **output,
                      struct failure *failure)
{
    *output = NULL;
    if (!tgtd->direct)
        return 1;
    tgtd->asked = process_printed(tgtd->process);
    return management_ask(tgtd->supervisor, tgtd->path, request, ANSWER_TIMEOUT_MS, output,
                          failure);
}

const char *const tgtd_show_system[] = {"--op", "show", "--mode", "system", NULL};
