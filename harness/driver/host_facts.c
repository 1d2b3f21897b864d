// SPDX-License-Identifier: Apache-2.0
// What is known of a host and of what it has said.
#include "harness/driver/host.h"

#include "harness/driver/host_process.h"

#include <stdio.h>
#include <string.h>

const struct hello *host_hello(const struct host *host)
{
    return &host->hello;
}

const char *host_remote_library(const struct host *host)
{
    return host->remote_library;
}

const char *host_said(const struct host *host)
{
    if (host->process != NULL)
        return instance_said(host->process);
    return host->said != NULL ? host->said : "";
}

// Each line behind a mark: a line that begins with what the library chose could be a command to
// whoever reads what the kit prints.
void host_add_said(struct host *host)
{
    static const char begin[] = "; it last printed:";
    struct failure *failure = &host->failure;
    size_t used = strlen(failure->text);
    const char *line = host->said != NULL ? host->said : "";
    if (line[0] != '\0')
        used += (size_t)snprintf(failure->text + used, sizeof failure->text - used, "%s", begin);
    while (line[0] != '\0' && used < sizeof failure->text) {
        size_t length = strcspn(line, "\n");
        used += (size_t)snprintf(failure->text + used, sizeof failure->text - used, "\n| %.*s",
                                 (int)length, line);
        line += length + (line[length] == '\n' ? 1 : 0);
    }
}

const char *host_fault_path(const struct host *host)
{
    return host->fault_path;
}

uint8_t *host_take_stack(struct host *host, size_t *size)
{
    uint8_t *stack = host->stack;
    *size = host->stack_size;
    host->stack = NULL;
    return stack;
}

const char *host_noise(const struct host *host)
{
    return host->noise;
}

unsigned long long host_call_count(const struct host *host)
{
    return host->call_count;
}

uint64_t host_peak_memory(struct host *host)
{
    host_process_note_peak(host);
    return host->peak_memory;
}
