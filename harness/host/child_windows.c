// SPDX-License-Identifier: Apache-2.0
// A listener's child on Windows: the program itself, with two pipes as its channel and one for what
// it prints. A job object ends it, and what it has started, with the listener.
#include "harness/host/host_windows.h"
#include "harness/host/listener_os.h"

#include <psapi.h>

#include <stdlib.h>
#include <string.h>

enum {
    PIPE_SIZE = 256 * 1024,
    PATH_SIZE = 4096,
    LINE_SIZE = 2 * PATH_SIZE + 256,
    POLL_MS = 20, // how often it is looked whether something was printed
};

struct os_child {
    HANDLE process;
    HANDLE job;
    HANDLE into; // its channel
    HANDLE from;
    HANDLE output;
};

// --- the start

static void close_if_open(HANDLE handle)
{
    if (handle != NULL)
        CloseHandle(handle);
}

// One end of a pipe is inherited.
static bool make_pipe(HANDLE *ours, HANDLE *theirs, bool they_read)
{
    SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
    return CreatePipe(they_read ? theirs : ours, they_read ? ours : theirs, &inherited,
                      PIPE_SIZE) &&
           SetHandleInformation(*ours, HANDLE_FLAG_INHERIT, 0);
}

static wchar_t *add_text(wchar_t *at, const wchar_t *text)
{
    while (*text != '\0')
        *at++ = *text++;
    *at = '\0';
    return at;
}

static wchar_t *add_hex(wchar_t *at, uint64_t number, unsigned least)
{
    unsigned digits = 16;
    while (digits > least && number >> (4 * (digits - 1)) == 0)
        digits--;
    while (digits-- > 0)
        *at++ = L"0123456789abcdef"[number >> (4 * digits) & 15];
    *at = '\0';
    return at;
}

// "PROGRAM" pipe:INPUT:OUTPUT "LIBRARY"; paths have no quotes.
static bool make_line(wchar_t *line, const wchar_t *program, HANDLE input, HANDLE output,
                      const char *library)
{
    static wchar_t path[PATH_SIZE];
    if (MultiByteToWideChar(CP_UTF8, 0, library, -1, path, PATH_SIZE) == 0)
        return false;
    line = add_text(add_text(add_text(line, L"\""), program), L"\" pipe:");
    line = add_hex(add_text(add_hex(line, (uintptr_t)input, 1), L":"), (uintptr_t)output, 1);
    line = add_text(line, L" \"");
    add_text(add_text(line, path), L"\"");
    return true;
}

// The variable as the request has it, in this process's own environment, from which the child's is
// made; what it was is put back later.
struct table {
    bool changed;
    bool was_set;
    wchar_t was[PATH_SIZE];
};
static const wchar_t table_name[] = L"ISCSIDSC_SESSION_TABLE";

static bool set_table(struct table *table, const struct relay_request *request)
{
    static wchar_t value[RELAY_TABLE_MAX];
    table->changed = request->table_is != RELAY_TABLE_KEEP;
    if (!table->changed)
        return true;
    table->was_set = GetEnvironmentVariableW(table_name, table->was, PATH_SIZE) > 0;
    if (request->table_is == RELAY_TABLE_UNSET)
        return SetEnvironmentVariableW(table_name, NULL) || !table->was_set;
    return MultiByteToWideChar(CP_UTF8, 0, request->table, -1, value, RELAY_TABLE_MAX) > 0 &&
           SetEnvironmentVariableW(table_name, value);
}

static void put_back(const struct table *table)
{
    if (table->changed)
        SetEnvironmentVariableW(table_name, table->was_set ? table->was : NULL);
}

static HANDLE make_job(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits;
    HANDLE job = CreateJobObjectW(NULL, NULL);
    memset(&limits, 0, sizeof limits);
    limits.BasicLimitInformation.LimitFlags =
        JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
    if (job != NULL)
        SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
    return job;
}

// What the child is given of pipes, and the file that is its standard input.
struct ends {
    HANDLE input;
    HANDLE output;
    HANDLE printed;
    HANDLE nothing;
};

static bool make_ends(struct os_child *child, struct ends *ends)
{
    SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
    if (!make_pipe(&child->into, &ends->input, true) ||
        !make_pipe(&child->from, &ends->output, false) ||
        !make_pipe(&child->output, &ends->printed, false))
        return false;
    ends->nothing = CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                &inherited, OPEN_EXISTING, 0, NULL);
    if (ends->nothing == INVALID_HANDLE_VALUE)
        ends->nothing = NULL;
    return true;
}

static bool create(struct os_child *child, const struct ends *ends, wchar_t *line,
                   const wchar_t *program)
{
    STARTUPINFOW startup;
    PROCESS_INFORMATION process;
    memset(&startup, 0, sizeof startup);
    startup.cb = sizeof startup;
    startup.dwFlags = STARTF_USESTDHANDLES;
    startup.hStdInput = ends->nothing;
    startup.hStdOutput = ends->printed;
    startup.hStdError = ends->printed;
    // Suspended until it is in the job; without the listener's console, whose Ctrl-C is not for it.
    if (!CreateProcessW(program, line, NULL, NULL, TRUE,
                        CREATE_SUSPENDED | CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP, NULL, NULL,
                        &startup, &process))
        return false;
    child->process = process.hProcess;
    if (child->job != NULL)
        AssignProcessToJobObject(child->job, process.hProcess);
    ResumeThread(process.hThread);
    CloseHandle(process.hThread);
    return true;
}

void os_child_free(struct os_child *child)
{
    close_if_open(child->into);
    close_if_open(child->from);
    close_if_open(child->output);
    close_if_open(child->process);
    close_if_open(child->job);
    free(child);
}

// One at a time: what is static here belongs to the one that is being started.
struct os_child *os_child_start(const char *library, const struct relay_request *request)
{
    static wchar_t program[PATH_SIZE];
    static wchar_t line[LINE_SIZE];
    static struct table table;
    struct ends ends = {NULL, NULL, NULL, NULL};
    struct os_child *child = calloc(1, sizeof *child);
    DWORD length = GetModuleFileNameW(NULL, program, PATH_SIZE);
    if (child == NULL)
        return NULL;
    child->job = make_job();
    bool started = length > 0 && length < PATH_SIZE && make_ends(child, &ends) &&
                   make_line(line, program, ends.input, ends.output, library) &&
                   set_table(&table, request) && create(child, &ends, line, program);
    put_back(&table);
    close_if_open(ends.input);
    close_if_open(ends.output);
    close_if_open(ends.printed);
    close_if_open(ends.nothing);
    if (started)
        return child;
    os_child_free(child);
    return NULL;
}

// --- its channel and its output

long os_child_read(struct os_child *child, void *into, size_t room)
{
    DWORD got = 0;
    // Where it has ended, the pipe has no other end any more: nothing that it starts inherits it.
    return ReadFile(child->from, into, (DWORD)room, &got, NULL) ? (long)got : 0;
}

int os_child_write(struct os_child *child, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    while (size > 0) {
        DWORD written = 0;
        if (!WriteFile(child->into, at, (DWORD)size, &written, NULL))
            return -1;
        at += written;
        size -= written;
    }
    return 0;
}

static DWORD count_printed(const struct os_child *child)
{
    DWORD there = 0;
    return PeekNamedPipe(child->output, NULL, 0, NULL, &there, NULL) ? there : 0;
}

long os_child_said(struct os_child *child, void *into, size_t room)
{
    DWORD there = count_printed(child);
    DWORD got = 0;
    if (there == 0)
        return 0;
    return ReadFile(child->output, into, there < room ? there : (DWORD)room, &got, NULL) ? (long)got
                                                                                         : 0;
}

void os_child_await_said(struct os_child *child, unsigned milliseconds)
{
    for (unsigned waited = 0; waited < milliseconds && count_printed(child) == 0; waited += POLL_MS)
        Sleep(POLL_MS);
}

bool os_child_memory(struct os_child *child, struct relay_memory *memory)
{
    PROCESS_MEMORY_COUNTERS counters;
    if (!K32GetProcessMemoryInfo(child->process, &counters, sizeof counters))
        return false;
    memory->now = counters.WorkingSetSize;
    memory->peak = counters.PeakWorkingSetSize;
    return true;
}

// --- its end

void os_child_kill(struct os_child *child)
{
    TerminateProcess(child->process, 1);
    if (child->job != NULL)
        TerminateJobObject(child->job, 1);
}

void os_child_end(struct os_child *child, unsigned patience_ms, struct relay_exit *end)
{
    DWORD code = 0;
    bool by_itself = WaitForSingleObject(child->process, patience_ms) == WAIT_OBJECT_0;
    GetExitCodeProcess(child->process, &code);
    os_child_kill(child); // and what it has started
    WaitForSingleObject(child->process, INFINITE);
    end->how = by_itself ? RELAY_END_EXITED : RELAY_END_CHANNEL;
    end->code = by_itself ? code : 0;
}
