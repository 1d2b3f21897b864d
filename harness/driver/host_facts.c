// What is known of a host and of what it has said.
#include "harness/driver/host.h"

#include "harness/driver/host_process.h"

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

const char *host_fault_path(const struct host *host)
{
    return host->fault_path;
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
