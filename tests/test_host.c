// SPDX-License-Identifier: Apache-2.0
// The host: every way in which a library can misbehave comes out as what it was, and the next call
// is made all the same. Real processes, real faults.
#include "emulator/process/process.h"
#include "harness/driver/host.h"
#include "harness/driver/room.h"
#include "harness/host/protocol.h"
#include "tests/host_i386.h"
#include "tests/implementations/misbehaving.h"
#include "tests/listening.h"
#include "tests/main.h"
#include "tests/supervised.h"

#include <check.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIBRARY(name) TCK_TEST_LIBRARIES "/" name ".so"

static const char misbehaving[] = LIBRARY("misbehaving");

enum {
    PATIENCE_MS = 60000, // of tests that do not wait for it to pass
    SMALL = 200,         // sizes tried one by one
};

struct answers {
    size_t count;
    struct outcome *outcomes;
    uint8_t **bytes;
    char said[256]; // with the last one
    struct host *host;
};

static struct host *host;
static struct listening listening;
static const char *cpu_emulator; // that runs the host program; NULL: the processor does
static unsigned short_ms = 400;  // patience of tests that wait for it to pass

// The same tests are also compiled for the host of 32-bit Linux.
int test_set_up(int argc, char **argv)
{
    enum { SKIPPED = 77 };
    (void)argc;
    (void)argv;
    if (TCK_POINTER_SIZE == sizeof(void *))
        return 0;
    if (host_i386_find(TCK_HOST_PROGRAM, &cpu_emulator) != 0)
        return SKIPPED;
    if (cpu_emulator != NULL)
        short_ms = 3000; // it has to be loaded meanwhile
    return 0;
}

// Whether process `pid` is a child of this one.
static bool is_child(long pid)
{
    char path[64];
    char line[512];
    long parent = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    char *got = fgets(line, sizeof line, file);
    fclose(file);
    const char *behind = got == NULL ? NULL : strrchr(line, ')');
    if (behind == NULL || strlen(behind) < 4)
        return false;
    parent = strtol(behind + 4, NULL, 10); // ") S 123 ..."
    return parent == getpid();
}

// What libraries left in the background is this process's by now: it is their subreaper.
static void end_daemons(void)
{
    DIR *folder = opendir("/proc");
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        long pid = strtol(entry->d_name, NULL, 10);
        if (pid > 0 && is_child(pid)) {
            kill((pid_t)pid, SIGKILL);
            waitpid((pid_t)pid, NULL, 0);
        }
    }
    closedir(folder);
}

static void set_up(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    supervised_open();
}

static void tear_down(void)
{
    host_stop(host);
    host = NULL;
    listening_stop(&listening);
    supervised_close();
    end_daemons();
}

// The same tests are also run with the library behind a listener.
static struct remote_options *find_listener(const char *library)
{
    if (getenv("TCK_TEST_BY_LISTENER") == NULL)
        return NULL;
    listening_stop(&listening);
    listening_start(&listening, TCK_POINTER_SIZE == 4 ? LISTENING_UNIX_32 : LISTENING_UNIX,
                    library);
    return &listening.remote;
}

static void start(const char *library, unsigned timeout_ms)
{
    struct failure failure = {0};
    struct host_options options = {.program = TCK_HOST_PROGRAM,
                                   .library = library,
                                   .timeout_ms = timeout_ms,
                                   .cpu_emulator = cpu_emulator,
                                   .remote = find_listener(library)};
    ck_assert_msg(host_start(&host, supervisor, &options, &failure) == 0, "%s", failure.text);
}

static void receive(void *argument, size_t index, unsigned thread, const struct outcome *outcome,
                    uint8_t *bytes)
{
    struct answers *answers = argument;
    ck_assert_uint_eq(index, answers->count); // in order, each once
    ck_assert_uint_eq(thread, 0);
    ck_assert((bytes == NULL) == (outcome->byte_count == 0));
    answers->outcomes[index] = *outcome;
    answers->bytes[index] = bytes;
    snprintf(answers->said, sizeof answers->said, "%s", host_said(host));
    answers->count++;
}

static struct answers make(const struct call *calls, size_t count)
{
    struct failure failure = {0};
    struct answers answers = {.outcomes = calloc(count, sizeof *answers.outcomes),
                              .bytes = calloc(count, sizeof *answers.bytes)};
    ck_assert(answers.outcomes != NULL && answers.bytes != NULL);
    ck_assert_msg(host_calls(host, calls, count, receive, &answers, &failure) == 0, "%s",
                  failure.text);
    ck_assert_uint_eq(answers.count, count);
    return answers;
}

static void release(struct answers *answers)
{
    for (size_t i = 0; i < answers->count; i++)
        free(answers->bytes[i]);
    free(answers->bytes);
    free(answers->outcomes);
}

static struct call a_call(enum misbehaviour what, int32_t offset, enum placement placement,
                          uint32_t offered)
{
    return (struct call){
        .placement = (uint8_t)placement, .offered = offered, .count_in = misbehave(what, offset)};
}

// One call whose bytes are of no interest.
static struct outcome call_once(struct call call)
{
    struct answers answers = make(&call, 1);
    struct outcome outcome = answers.outcomes[0];
    release(&answers);
    return outcome;
}

static void assert_untouched(const struct outcome *outcome)
{
    ck_assert(extent_empty(outcome->inside));
    ck_assert(extent_empty(outcome->before));
    ck_assert(extent_empty(outcome->after));
    ck_assert(!outcome->size_cell_damaged && !outcome->count_cell_damaged);
}

static void assert_behaved(const struct outcome *outcome)
{
    ck_assert_int_eq(outcome->kind, OUTCOME_RETURNED);
    ck_assert_uint_eq(outcome->status, 122);
    ck_assert_uint_eq(outcome->size_out, 100);
    ck_assert_uint_eq(outcome->byte_count, 0);
    assert_untouched(outcome);
}

static void assert_fault_at(const struct outcome *outcome, int64_t offset,
                            enum fault_direction direction)
{
    ck_assert_int_eq(outcome->kind, OUTCOME_FAULT);
    ck_assert_int_eq(outcome->signal_number, SIGSEGV);
    ck_assert(outcome->fault_has_address);
    ck_assert_uint_ne(outcome->base, 0);
    ck_assert_int_eq((int64_t)(outcome->fault_address - outcome->base), offset);
#if defined(__x86_64__) || defined(__i386__) || defined(__aarch64__)
    ck_assert_int_eq(outcome->direction, direction);
#else
    (void)direction;
#endif
}

// What a library writes in an inaccessible page shows also where it hides the fault.
START_TEST(a_hidden_overrun_shows)
{
    static const struct {
        enum placement placement;
        int32_t offset;
    } places[] = {{PLACE_EXACT, 256},
                  {PLACE_EXACT, 256 + 4095},
                  {PLACE_END, 256},
                  {PLACE_START, -1},
                  {PLACE_START, -4096}};
    start(misbehaving, PATIENCE_MS);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct outcome outcome =
            call_once(a_call(CHANGE_GUARD_AT, places[i].offset, places[i].placement, 256));
        const struct extent *changes = places[i].offset < 0 ? &outcome.before : &outcome.after;
        const struct extent *other = places[i].offset < 0 ? &outcome.after : &outcome.before;
        ck_assert_int_eq(outcome.kind, OUTCOME_RETURNED);
        ck_assert_int_eq(changes->first, places[i].offset);
        ck_assert_int_eq(changes->last, places[i].offset);
        ck_assert(extent_empty(*other) && extent_empty(outcome.inside));
        // It is gone before the next call.
        outcome = call_once(a_call(BEHAVE, 0, places[i].placement, 256));
        assert_behaved(&outcome);
    }
}
END_TEST

// --- what a library is

START_TEST(hello_says_what_there_is)
{
    start(misbehaving, PATIENCE_MS);
    const struct hello *hello = host_hello(host);
    ck_assert_int_eq(hello->pointer_size, TCK_POINTER_SIZE);
    ck_assert(hello->has_a == 1 && hello->has_w == 1);
    ck_assert_uint_eq(hello->code_page, 65001);
    ck_assert_str_eq(hello->error, "");
    ck_assert_ptr_nonnull(strstr(hello->platform, "linux"));
    if (TCK_POINTER_SIZE == 4)
        ck_assert_ptr_nonnull(strstr(hello->platform, "i386"));
    if (cpu_emulator != NULL)
        ck_assert_ptr_nonnull(strstr(hello->platform, " (qemu-i386)"));
}
END_TEST

START_TEST(missing_exports_are_no_failure)
{
    start(LIBRARY("no_export"), PATIENCE_MS);
    ck_assert(host_hello(host)->has_a == 0 && host_hello(host)->has_w == 0);
    struct outcome outcome = call_once(a_call(BEHAVE, 0, PLACE_END, 100));
    ck_assert_int_eq(outcome.kind, OUTCOME_NOT_TRIED);
    ck_assert_uint_eq(host_call_count(host), 0);
    host_stop(host);
    start(LIBRARY("only_w"), PATIENCE_MS);
    ck_assert(host_hello(host)->has_a == 0 && host_hello(host)->has_w == 1);
}
END_TEST

static const struct {
    const char *library;
    const char *says[2];
} unusable[] = {
    {LIBRARY("no_such_library"), {"can't be loaded", "No such file"}},
    {LIBRARY("undefined"), {"can't be loaded", "a_symbol_that_nobody_has"}},
    {LIBRARY("load_crash"), {"while it loaded it", "SIGSEGV"}},
    {LIBRARY("load_exit"), {"exited with status 5", "no licence found"}},
    {LIBRARY("load_hang"), {"did not end within", "load_hang"}},
    {LIBRARY("load_close"), {"closed every descriptor", "load_close"}},
    {TCK_TEST_LIBRARIES, {"can't be loaded", TCK_TEST_LIBRARIES}},
};

START_TEST(unusable_libraries)
{
    struct failure failure = {0};
    bool hangs = strstr(unusable[_i].library, "hang") != NULL;
    struct host_options options = {.program = TCK_HOST_PROGRAM,
                                   .library = unusable[_i].library,
                                   .cpu_emulator = cpu_emulator,
                                   .timeout_ms = hangs ? short_ms : PATIENCE_MS};
    ck_assert_int_eq(host_start(&host, supervisor, &options, &failure), -1);
    ck_assert_ptr_null(host);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    for (int i = 0; i < 2; i++)
        ck_assert_msg(strstr(failure.text, unusable[_i].says[i]) != NULL, "%s", failure.text);
}
END_TEST

START_TEST(no_host_program)
{
    struct failure failure = {0};
    struct host_options options = {.program = TCK_TEST_LIBRARIES "/no-such-program",
                                   .library = misbehaving,
                                   .timeout_ms = PATIENCE_MS};
    ck_assert_int_eq(host_start(&host, supervisor, &options, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_msg(strstr(failure.text, "no-such-program") != NULL, "%s", failure.text);
}
END_TEST

// A library may end with the exit code of a room that could not be made (ends_are_recognised).
START_TEST(no_room_is_not_the_librarys_fault)
{
    struct failure failure = {0};
    const struct room room = {.program = TCK_ROOM_PROGRAM, .programs = "/no-such-folder"};
    struct host_options options = {.program = TCK_HOST_PROGRAM,
                                   .library = misbehaving,
                                   .room = &room,
                                   .timeout_ms = PATIENCE_MS};
    ck_assert_int_eq(host_start(&host, supervisor, &options, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_int_eq(failure.of, FAILURE_OF_KIT);
    ck_assert_msg(strstr(failure.text, "its room cannot be made: ") != NULL, "%s", failure.text);
}
END_TEST

// --- faults and ends

static const struct {
    enum misbehaviour what;
    int signal_number;
    int has_address; // -1: either
} faults[] = {
    {WRITE_NULL, SIGSEGV, 1},       {WRITE_NONCANONICAL, SIGSEGV, -1},
    {OVERFLOW_STACK, SIGSEGV, 1},   {OVERFLOW_STACK_WITHOUT_ALTERNATE, SIGSEGV, 0},
    {DIVIDE_BY_ZERO, SIGFPE, 0},    {ABORT, SIGABRT, 0},
    {SAY_AND_ABORT, SIGABRT, 0},    {HANDLE_AND_CRASH, SIGSEGV, 0},
    {IGNORE_AND_CRASH, SIGSEGV, 0}, {BLOCK_AND_CRASH, SIGSEGV, 0},
    {EAT_MEMORY, SIGABRT, 0},       {CRASH_IN_THREAD, SIGSEGV, 1},
};

// The fault, and after it a call as if nothing had been.
START_TEST(faults_are_recognised)
{
    start(misbehaving, PATIENCE_MS);
    struct call calls[] = {a_call(BEHAVE, 0, PLACE_END, 64),
                           a_call(faults[_i].what, 0, PLACE_END, 64),
                           a_call(BEHAVE, 0, PLACE_END, 64)};
    struct answers answers = make(calls, 3);
    const struct outcome *fault = &answers.outcomes[1];
    assert_behaved(&answers.outcomes[0]);
    ck_assert_int_eq(fault->kind, OUTCOME_FAULT);
    ck_assert_int_eq(fault->signal_number, faults[_i].signal_number);
    if (faults[_i].has_address >= 0)
        ck_assert_int_eq(fault->fault_has_address, faults[_i].has_address);
    ck_assert_uint_le(fault->began_ns, fault->ended_ns);
    assert_untouched(fault);
    assert_behaved(&answers.outcomes[2]);
    ck_assert_uint_eq(host_call_count(host), 3);
    release(&answers);
}
END_TEST

START_TEST(illegal_instruction)
{
    start(misbehaving, PATIENCE_MS);
    struct outcome outcome = call_once(a_call(ILLEGAL_INSTRUCTION, 0, PLACE_END, 64));
    ck_assert_int_eq(outcome.kind, OUTCOME_FAULT);
    ck_assert(outcome.signal_number == SIGILL || outcome.signal_number == SIGTRAP);
}
END_TEST

START_TEST(null_write_has_address_and_direction)
{
    start(misbehaving, PATIENCE_MS);
    struct outcome outcome = call_once(a_call(WRITE_NULL, 0, PLACE_END, 64));
    ck_assert(outcome.fault_has_address && outcome.fault_address == 0);
#if defined(__x86_64__)
    ck_assert_int_eq(outcome.direction, FAULT_WRITE);
    if (TCK_POINTER_SIZE == 4)
        return; // where every address is one that there can be
    outcome = call_once(a_call(WRITE_NONCANONICAL, 0, PLACE_END, 64));
    ck_assert(!outcome.fault_has_address && outcome.direction == FAULT_UNKNOWN);
#endif
}
END_TEST

START_TEST(executing_the_buffer)
{
    start(misbehaving, PATIENCE_MS);
    struct outcome outcome = call_once(a_call(EXECUTE_BUFFER, 0, PLACE_END, 64));
    assert_fault_at(&outcome, 0, FAULT_EXECUTE);
}
END_TEST

START_TEST(jump_nowhere_is_a_fault_or_an_end)
{
    start(misbehaving, PATIENCE_MS);
    struct outcome outcome = call_once(a_call(JUMP_NOWHERE, 0, PLACE_END, 64));
    ck_assert(outcome.kind == OUTCOME_FAULT || outcome.kind == OUTCOME_ENDED);
    outcome = call_once(a_call(BEHAVE, 0, PLACE_END, 64));
    assert_behaved(&outcome);
}
END_TEST

static const struct {
    enum misbehaviour what;
    int exit_code;
    int signal_number;
} ends[] = {
    {EXIT, 7, 0},
    {EXIT_HARD, 8, 0},
    {EXIT_THREAD, 0, 0},
    {EXIT_AS_HOST_USAGE, HOST_EXIT_USAGE, 0},
    {EXIT_AS_HOST_CHANNEL, HOST_EXIT_CHANNEL, 0},
    {EXIT_AS_HOST_MEMORY, HOST_EXIT_MEMORY, 0},
    {EXIT_AS_ROOM, 125, 0},
    {KILL_SELF, -1, SIGKILL},
    {TERMINATE_SELF, -1, SIGTERM},
    {CATCH_AND_EXIT, 9, 0},
    {DAEMON_AND_EXIT, 3, 0},
};

START_TEST(ends_are_recognised)
{
    start(misbehaving, PATIENCE_MS);
    struct call calls[] = {a_call(ends[_i].what, 0, PLACE_START, 10),
                           a_call(BEHAVE, 0, PLACE_START, 10)};
    struct answers answers = make(calls, 2);
    ck_assert_int_eq(answers.outcomes[0].kind, OUTCOME_ENDED);
    ck_assert_int_eq(answers.outcomes[0].exit_code, ends[_i].exit_code);
    ck_assert_int_eq(answers.outcomes[0].signal_number, ends[_i].signal_number);
    assert_behaved(&answers.outcomes[1]);
    release(&answers);
}
END_TEST

START_TEST(hangs_are_recognised)
{
    static const enum misbehaviour hangs[] = {HANG, SPIN, STOP_SELF};
    start(misbehaving, short_ms);
    struct call calls[] = {a_call(hangs[_i], 0, PLACE_END, 10), a_call(BEHAVE, 0, PLACE_END, 10)};
    struct answers answers = make(calls, 2);
    ck_assert_int_eq(answers.outcomes[0].kind, OUTCOME_HUNG);
    ck_assert_int_eq(answers.outcomes[1].kind, OUTCOME_NOT_TRIED);
    release(&answers);
    struct outcome outcome = call_once(a_call(BEHAVE, 0, PLACE_END, 10));
    assert_behaved(&outcome);
}
END_TEST

// Not for ever: after so many deaths or hangs the rest is not tried.
START_TEST(deaths_are_limited)
{
    enum { COUNT = HOST_FAULTS_MAX + 5 };
    start(misbehaving, PATIENCE_MS);
    struct call calls[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        calls[i] = a_call(i % 2 == 0 ? ABORT : EXIT, 0, PLACE_END, 10);
    struct answers answers = make(calls, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        ck_assert((answers.outcomes[i].kind == OUTCOME_NOT_TRIED) == (i >= HOST_FAULTS_MAX));
    ck_assert_uint_eq(host_call_count(host), HOST_FAULTS_MAX);
    release(&answers);
    struct outcome outcome = call_once(a_call(BEHAVE, 0, PLACE_END, 10));
    assert_behaved(&outcome);
}
END_TEST

// A call of one of the functions, as often as told, one batch each.
static void call_each(enum charset charset, enum misbehaviour what, size_t times, uint8_t kind)
{
    struct call call = a_call(what, 0, PLACE_END, 10);
    call.charset = (uint8_t)charset;
    for (size_t i = 0; i < times; i++) {
        struct outcome outcome = call_once(call);
        ck_assert_msg(outcome.kind == kind, "call %zu of %zu: kind %d, expected %d", i + 1, times,
                      outcome.kind, kind);
    }
}

// A function that never returns is given up over all batches, and the other one is not.
START_TEST(deaths_in_a_row_are_limited)
{
    start(misbehaving, PATIENCE_MS);
    call_each(CHARSET_A, EXIT, HOST_FAULTS_IN_A_ROW_MAX - 1, OUTCOME_ENDED);
    call_each(CHARSET_A, BEHAVE, 1, OUTCOME_RETURNED);
    call_each(CHARSET_A, EXIT, HOST_FAULTS_IN_A_ROW_MAX - 1, OUTCOME_ENDED);
    ck_assert(!host_gave_up(host, CHARSET_A));
    call_each(CHARSET_W, EXIT, 1, OUTCOME_ENDED);
    call_each(CHARSET_W, BEHAVE, 1, OUTCOME_RETURNED);
    call_each(CHARSET_A, EXIT, 1, OUTCOME_ENDED);
    ck_assert(host_gave_up(host, CHARSET_A));
    unsigned long long made = host_call_count(host);
    call_each(CHARSET_A, BEHAVE, 2, OUTCOME_NOT_TRIED);
    ck_assert_uint_eq(host_call_count(host), made);
    // In one list with calls of the other, too.
    struct call calls[6];
    for (size_t i = 0; i < 6; i++) {
        calls[i] = a_call(i == 3 ? EXIT : BEHAVE, 0, PLACE_END, 10);
        calls[i].charset = i % 3 == 0 ? CHARSET_W : CHARSET_A;
    }
    struct answers answers = make(calls, 6);
    for (size_t i = 0; i < 6; i++)
        ck_assert_int_eq(answers.outcomes[i].kind, i == 0   ? OUTCOME_RETURNED
                                                   : i == 3 ? OUTCOME_ENDED
                                                            : OUTCOME_NOT_TRIED);
    release(&answers);
    ck_assert(!host_gave_up(host, CHARSET_W));
}
END_TEST

// One that dies of every second call is given up later.
START_TEST(deaths_over_a_life_are_limited)
{
    start(misbehaving, PATIENCE_MS);
    for (size_t i = 0; i < HOST_FAULTS_LIFE_MAX; i++) {
        call_each(CHARSET_W, BEHAVE, 1, OUTCOME_RETURNED);
        call_each(CHARSET_W, EXIT, 1, OUTCOME_ENDED);
    }
    call_each(CHARSET_W, BEHAVE, 1, OUTCOME_NOT_TRIED);
    call_each(CHARSET_A, BEHAVE, 1, OUTCOME_RETURNED);
}
END_TEST

// A hang costs the rest of its batch, and no other.
START_TEST(hangs_are_limited)
{
    enum { COUNT = 3 };
    start(misbehaving, short_ms);
    struct call calls[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        calls[i] = a_call(HANG, 0, PLACE_END, 10);
    struct answers answers = make(calls, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        ck_assert_int_eq(answers.outcomes[i].kind, i == 0 ? OUTCOME_HUNG : OUTCOME_NOT_TRIED);
    release(&answers);
    struct outcome outcome = call_once(a_call(BEHAVE, 0, PLACE_END, 10));
    assert_behaved(&outcome);
}
END_TEST

START_TEST(last_words_are_kept)
{
    start(misbehaving, PATIENCE_MS);
    struct call call = a_call(SAY_AND_ABORT, 0, PLACE_END, 10);
    struct answers answers = make(&call, 1);
    ck_assert_str_eq(answers.said, "about to abort");
    ck_assert_str_eq(host_said(host), "about to abort");
    release(&answers);
}
END_TEST

START_TEST(a_signal_ends_the_calls)
{
    struct failure failure = {0};
    start(misbehaving, PATIENCE_MS);
    struct call call = a_call(HANG, 0, PLACE_END, 10);
    struct outcome outcome;
    uint8_t *bytes = NULL;
    struct answers answers = {.outcomes = &outcome, .bytes = &bytes};
    raise(SIGTERM);
    ck_assert_int_eq(host_calls(host, &call, 1, receive, &answers, &failure), -1);
    ck_assert_int_eq(failure.status, 128 + SIGTERM);
    ck_assert_uint_eq(answers.count, 0);
}
END_TEST

// --- what upsets a host and must not

static const enum misbehaviour survivable[] = {
    CLOSE_SOME, CLOSE_CHANNEL, REPLACE_CHANNEL, UNBLOCK_CHANNEL,
    PRINT_MUCH, DAEMON,        FORK_AND_RETURN, CHANGE_HANDLERS,
};

START_TEST(upset_and_going_on)
{
    start(misbehaving, PATIENCE_MS);
    struct call calls[] = {a_call(survivable[_i], 0, PLACE_END, 64),
                           a_call(survivable[_i], 0, PLACE_END, 64),
                           a_call(WRITE_AT, 64, PLACE_END, 64), a_call(BEHAVE, 0, PLACE_END, 64)};
    struct answers answers = make(calls, 4);
    assert_behaved(&answers.outcomes[0]);
    assert_behaved(&answers.outcomes[1]);
    assert_fault_at(&answers.outcomes[2], 64, FAULT_WRITE); // its handlers are there again
    assert_behaved(&answers.outcomes[3]);
    release(&answers);
}
END_TEST

static const enum misbehaviour damaging[] = {CLOSE_ALL, SHUT_CHANNEL_DOWN, SPRAY};

START_TEST(damage_is_recognised)
{
    start(misbehaving, PATIENCE_MS);
    struct call calls[] = {a_call(damaging[_i], 0, PLACE_END, 64),
                           a_call(BEHAVE, 0, PLACE_END, 64)};
    struct answers answers = make(calls, 2);
    ck_assert_int_eq(answers.outcomes[0].kind, OUTCOME_DAMAGED);
    assert_behaved(&answers.outcomes[1]);
    release(&answers);
}
END_TEST

// With room above the limit that the library sees, closing all up to it does not reach the channel.
START_TEST(closing_up_to_the_limit)
{
    start(misbehaving, PATIENCE_MS);
    struct call calls[] = {a_call(CLOSE_UP_TO_LIMIT, 0, PLACE_END, 64),
                           a_call(BEHAVE, 0, PLACE_END, 64)};
    struct answers answers = make(calls, 2);
    ck_assert(answers.outcomes[0].kind == OUTCOME_RETURNED ||
              answers.outcomes[0].kind == OUTCOME_DAMAGED);
    assert_behaved(&answers.outcomes[1]);
    release(&answers);
}
END_TEST

START_TEST(buffer_taken_away)
{
    start(misbehaving, PATIENCE_MS);
    struct outcome outcome = call_once(a_call(UNMAP_BUFFER, 0, PLACE_START, 4096));
    ck_assert_int_eq(outcome.kind, OUTCOME_FAULT);
}
END_TEST

// --- the memory

static const enum placement placements[] = {PLACE_END, PLACE_START, PLACE_MIDDLE, PLACE_EXACT};
enum { PLACEMENTS = sizeof placements / sizeof placements[0] };

static uint32_t misalignments_of(enum placement placement)
{
    return placement == PLACE_MIDDLE ? 16 : 1;
}

// Whether the byte at `offset`, just beside the buffer, is on an inaccessible page.
static bool is_guarded(enum placement placement, uint32_t size, int64_t offset)
{
    if (offset < 0)
        return placement == PLACE_START;
    return placement == PLACE_EXACT || (placement == PLACE_END && size % 16 == 0);
}

static void check_beside(struct call call, int32_t offset)
{
    call.count_in = misbehave(WRITE_AT, offset);
    if (host_gave_up(host, CHARSET_A)) {
        host_stop(host);
        start(misbehaving, PATIENCE_MS);
    }
    struct outcome outcome = call_once(call);
    if (is_guarded((enum placement)call.placement, call.offered, offset)) {
        assert_fault_at(&outcome, offset, FAULT_WRITE);
        return;
    }
    const struct extent *hit = offset < 0 ? &outcome.before : &outcome.after;
    ck_assert_int_eq(outcome.kind, OUTCOME_RETURNED);
    ck_assert_int_eq(hit->first, offset);
    ck_assert_int_eq(hit->last, offset);
    ck_assert(extent_empty(outcome.inside));
    ck_assert(extent_empty(offset < 0 ? outcome.after : outcome.before));
    ck_assert_uint_eq(outcome.byte_count, 0);
}

// One byte before and one byte after, whatever the size and the place.
START_TEST(one_byte_beside)
{
    start(misbehaving, PATIENCE_MS);
    for (uint32_t size = 0; size <= SMALL; size++) {
        for (uint32_t i = 0; i < misalignments_of(placements[_i]); i++) {
            struct call call = a_call(BEHAVE, 0, placements[_i], size);
            call.misalignment = i;
            call.fill = (uint8_t)(size % 4);
            check_beside(call, -1);
            check_beside(call, (int32_t)size);
        }
    }
}
END_TEST

// The same by reading: on guarded sides a fault that says so, elsewhere nothing.
START_TEST(one_byte_read_beside)
{
    start(misbehaving, PATIENCE_MS);
    for (uint32_t size = 0; size <= SMALL; size += 8) {
        const int32_t offsets[] = {-1, (int32_t)size};
        for (int i = 0; i < 2; i++) {
            struct outcome outcome = call_once(a_call(READ_AT, offsets[i], placements[_i], size));
            if (is_guarded(placements[_i], size, offsets[i]))
                assert_fault_at(&outcome, offsets[i], FAULT_READ);
            else
                ck_assert_int_eq(outcome.kind, OUTCOME_RETURNED);
            assert_untouched(&outcome);
        }
    }
}
END_TEST

// Each single byte of a buffer, with each fill, and the bytes that come back.
START_TEST(one_byte_inside)
{
    start(misbehaving, PATIENCE_MS);
    static struct call calls[SMALL];
    for (uint32_t i = 0; i < SMALL; i++) {
        calls[i] = a_call(CHANGE_AT, (int32_t)i, placements[_i], SMALL);
        calls[i].fill = (uint8_t)(i % 4);
        calls[i].misalignment = placements[_i] == PLACE_MIDDLE ? i % 16 : 0;
    }
    struct answers answers = make(calls, SMALL);
    for (uint32_t i = 0; i < SMALL; i++) {
        const struct outcome *outcome = &answers.outcomes[i];
        ck_assert_int_eq(outcome->inside.first, i);
        ck_assert_int_eq(outcome->inside.last, i);
        ck_assert_uint_eq(outcome->byte_count, i + 1);
        ck_assert(extent_empty(outcome->before) && extent_empty(outcome->after));
        uint8_t changed = answers.bytes[i][i];
        if (calls[i].fill == FILL_ZERO)
            ck_assert_int_eq(changed, 0xFF);
        if (calls[i].fill == FILL_ONES)
            ck_assert_int_eq(changed, 0);
    }
    release(&answers);
}
END_TEST

START_TEST(base_is_where_it_should_be)
{
    start(misbehaving, PATIENCE_MS);
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    for (uint32_t size = 0; size <= 3 * SMALL; size++) {
        struct call call = a_call(BEHAVE, 0, placements[_i], size);
        call.misalignment = placements[_i] == PLACE_MIDDLE ? size % 16 : 0;
        struct outcome outcome = call_once(call);
        assert_behaved(&outcome);
        uint64_t end = outcome.base + size;
        if (placements[_i] == PLACE_START)
            ck_assert_uint_eq(outcome.base % page, 0);
        if (placements[_i] == PLACE_MIDDLE)
            ck_assert_uint_eq(outcome.base % 16, size % 16);
        if (placements[_i] == PLACE_EXACT)
            ck_assert_uint_eq(end % page, 0);
        if (placements[_i] == PLACE_END)
            ck_assert(outcome.base % 16 == 0 && (page - end % page) % page < 16);
    }
}
END_TEST

// The two hashes differ in each byte, and are the same wherever the buffer stands.
START_TEST(fills)
{
    enum { SIZE = 40000 }; // more than the pattern's period
    start(misbehaving, PATIENCE_MS);
    struct call calls[6];
    for (size_t i = 0; i < 6; i++) {
        calls[i] = a_call(FILL_ALL, 0, i < 4 ? PLACE_END : PLACE_MIDDLE, SIZE);
        calls[i].fill = (uint8_t)(i % 4);
        calls[i].misalignment = i < 4 ? 0 : 5;
    }
    struct answers answers = make(calls, 6);
    for (size_t i = 0; i < 6; i++) {
        ck_assert_uint_eq(answers.outcomes[i].byte_count, SIZE);
        ck_assert_int_eq(answers.outcomes[i].inside.first, 0);
        ck_assert_int_eq(answers.outcomes[i].inside.last, SIZE - 1);
    }
    for (size_t i = 0; i < SIZE; i++) {
        ck_assert_int_ne(answers.bytes[0][i], answers.bytes[1][i]);
        ck_assert_int_eq(answers.bytes[2][i], 0xFF);
        ck_assert_int_eq(answers.bytes[3][i], 0);
    }
    ck_assert_mem_eq(answers.bytes[0], answers.bytes[4], SIZE);
    ck_assert_mem_eq(answers.bytes[1], answers.bytes[5], SIZE);
    release(&answers);
}
END_TEST

START_TEST(cells_damaged)
{
    start(misbehaving, PATIENCE_MS);
    static const struct {
        enum misbehaviour what;
        bool size;
        bool count;
    } damages[] = {{WIDE_SIZE, true, false},   {BEHAVE, false, false}, {WIDE_COUNT, false, true},
                   {BEFORE_SIZE, true, false}, {BEHAVE, false, false}, {BEFORE_COUNT, false, true},
                   {BEHAVE, false, false}};
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        struct outcome outcome = call_once(a_call(damages[i].what, 0, PLACE_END, 64));
        ck_assert_int_eq(outcome.kind, OUTCOME_RETURNED);
        ck_assert_int_eq(outcome.size_cell_damaged, damages[i].size);
        ck_assert_int_eq(outcome.count_cell_damaged, damages[i].count);
    }
    struct outcome outcome = call_once(a_call(FAR_SIZE, 0, PLACE_END, 64));
    ck_assert_int_eq(outcome.kind, OUTCOME_FAULT);
}
END_TEST

START_TEST(null_arguments)
{
    start(misbehaving, PATIENCE_MS);
    struct outcome outcome = call_once(a_call(BEHAVE, 0, PLACE_NULL, 4096));
    assert_behaved(&outcome);
    ck_assert_uint_eq(outcome.base, 0);
    for (uint8_t flags = 1; flags <= 3; flags++) {
        struct call call = a_call(BEHAVE, 0, PLACE_END, 32);
        call.flags = flags;
        outcome = call_once(call);
        ck_assert_int_eq(outcome.kind, OUTCOME_RETURNED);
        ck_assert_uint_eq(outcome.status, 14); // what the library says when it got a NULL
        ck_assert_uint_eq(outcome.size_out, (flags & CALL_SIZE_NULL) != 0 ? 0 : 32);
    }
}
END_TEST

// An answer that claims more than there is brings no more bytes than there are.
START_TEST(answered_size_is_capped)
{
    start(misbehaving, PATIENCE_MS);
    struct outcome outcome = call_once(a_call(WRITE_SIZES, 0, PLACE_END, 80));
    ck_assert_uint_eq(outcome.size_out, UINT32_MAX);
    ck_assert_uint_eq(outcome.count_out, UINT32_MAX);
    ck_assert_uint_eq(outcome.byte_count, 80);
    outcome = call_once(a_call(WRITE_SIZES, 0, PLACE_NULL, 80));
    ck_assert_uint_eq(outcome.byte_count, 0);
}
END_TEST

START_TEST(large_buffers)
{
    static const uint32_t sizes[] = {10U << 20, (40U << 20) + 1, 100, (10U << 20) + 3, 70U << 20};
    start(misbehaving, PATIENCE_MS);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct call call = a_call(FILL_ALL, 0, placements[i % PLACEMENTS], sizes[i]);
        struct answers answers = make(&call, 1);
        const struct outcome *outcome = &answers.outcomes[0];
        ck_assert_int_eq(outcome->kind, OUTCOME_RETURNED);
        ck_assert_int_eq(outcome->inside.first, 0);
        ck_assert_int_eq(outcome->inside.last, (int64_t)sizes[i] - 1);
        ck_assert_uint_eq(outcome->byte_count, sizes[i] < BYTES_MAX ? sizes[i] : BYTES_MAX);
        ck_assert(extent_empty(outcome->before) && extent_empty(outcome->after));
        release(&answers);
    }
    // More than the host may have.
    struct outcome outcome = call_once(a_call(BEHAVE, 0, PLACE_END, UINT32_MAX));
    ck_assert_int_eq(outcome.kind, OUTCOME_NOT_TRIED);
}
END_TEST

static const uint32_t sparse_sizes[] = {1, 4096, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};

// A process of 32 bits has room for one large buffer, as long as it has made no other.
static void renew_narrow_host(void)
{
    struct failure failure = {0};
    if (TCK_POINTER_SIZE == 4)
        ck_assert_int_eq(host_renew(host, &failure), 0);
}

static struct outcome call_sparse(struct call call)
{
    renew_narrow_host();
    return call_once(call);
}

// Really there to the last byte, and no further.
START_TEST(sparse_buffers)
{
    start(misbehaving, PATIENCE_MS);
    uint32_t size = sparse_sizes[_i];
    for (size_t i = 0; i < PLACEMENTS; i++) {
        struct call call = a_call(BEHAVE, 0, placements[i], size);
        call.flags = CALL_SPARSE;
        struct outcome outcome = call_sparse(call);
        if (size > host_hello(host)->buffer_max) { // on 32 bits
            ck_assert_int_eq(outcome.kind, OUTCOME_NOT_TRIED);
            continue;
        }
        assert_behaved(&outcome);
        call.count_in = misbehave(WRITE_AT, -1);
        outcome = call_sparse(call);
        if (placements[i] == PLACE_START)
            assert_fault_at(&outcome, -1, FAULT_WRITE);
        else
            ck_assert(outcome.before.first == -1 && outcome.before.last == -1);
        call.count_in = misbehave(TOUCH_ENDS, 0);
        renew_narrow_host();
        struct answers answers = make(&call, 1);
        outcome = answers.outcomes[0];
        ck_assert_int_eq(outcome.kind, OUTCOME_RETURNED);
        ck_assert_int_eq(outcome.inside.first, 0);
        ck_assert_int_eq(outcome.inside.last, size == 1 ? -1 : (int64_t)size - 1);
        ck_assert_uint_eq(outcome.byte_count, size < BYTES_MAX ? size : BYTES_MAX);
        ck_assert_int_eq(answers.bytes[0][0], size == 1 ? 0 : 0xFF); // flipped twice
        ck_assert(extent_empty(outcome.before) && extent_empty(outcome.after));
        release(&answers);
    }
}
END_TEST

START_TEST(past_the_end_of_sparse_memory)
{
    start(misbehaving, PATIENCE_MS);
    struct call call = a_call(WRITE_AT, 1 << 20, PLACE_END, 1 << 20);
    call.flags = CALL_SPARSE;
    struct outcome outcome = call_once(call);
    assert_fault_at(&outcome, 1 << 20, FAULT_WRITE);
    call = a_call(CHANGE_AT, (1 << 20) + 7, PLACE_END, (1 << 20) + 7);
    call.flags = CALL_SPARSE;
    outcome = call_once(call);
    ck_assert_int_eq(outcome.after.first, (1 << 20) + 7);
    ck_assert_int_eq(outcome.after.last, (1 << 20) + 7);
}
END_TEST

// --- batches

// Far more calls than fit in one batch or in any buffer between the two, of all sizes and places.
START_TEST(long_sweep)
{
    enum { COUNT = 20000 };
    start(misbehaving, PATIENCE_MS);
    struct call *calls = calloc(COUNT, sizeof *calls);
    ck_assert_ptr_nonnull(calls);
    for (uint32_t i = 0; i < COUNT; i++) {
        calls[i] = a_call(i % 3 == 0 ? FILL_ALL : BEHAVE, 0, placements[i % PLACEMENTS], i % 9000);
        calls[i].charset = i % 2 == 0 ? CHARSET_A : CHARSET_W;
    }
    struct answers answers = make(calls, COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        ck_assert_int_eq(answers.outcomes[i].kind, OUTCOME_RETURNED);
        ck_assert_uint_eq(answers.outcomes[i].byte_count, i % 3 == 0 ? i % 9000 : 0);
        ck_assert(extent_empty(answers.outcomes[i].before));
        ck_assert(extent_empty(answers.outcomes[i].after));
    }
    ck_assert_uint_eq(host_call_count(host), COUNT);
    release(&answers);
    free(calls);
}
END_TEST

// Crashes in the midst of a batch: each at its own call, the others as they should be.
START_TEST(crashes_amid_a_sweep)
{
    enum { COUNT = 5000, EVERY = 1000 };
    start(misbehaving, PATIENCE_MS);
    static struct call calls[COUNT];
    for (uint32_t i = 0; i < COUNT; i++)
        calls[i] = a_call(i % EVERY == 777 ? EXIT_HARD : BEHAVE, 0, PLACE_END, i);
    struct answers answers = make(calls, COUNT);
    for (uint32_t i = 0; i < COUNT; i++)
        ck_assert_int_eq(answers.outcomes[i].kind,
                         i % EVERY == 777 ? OUTCOME_ENDED : OUTCOME_RETURNED);
    release(&answers);
}
END_TEST

START_TEST(no_calls)
{
    start(misbehaving, PATIENCE_MS);
    struct failure failure = {0};
    ck_assert_int_eq(host_calls(host, NULL, 0, receive, NULL, &failure), 0);
}
END_TEST

// --- the host program by itself: threads, and what the kit would never send

struct raw {
    struct process *process;
    int channel;
};

static void raw_send(const struct raw *raw, const struct frame_header *header)
{
    uint8_t bytes[FRAME_HEADER_SIZE];
    frame_header_encode(bytes, sizeof bytes, header);
    ck_assert_int_eq(send(raw->channel, bytes, sizeof bytes, MSG_NOSIGNAL), sizeof bytes);
}

static struct raw raw_start(void)
{
    int pair[2];
    struct failure failure = {0};
    struct raw raw = {NULL, -1};
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    const char *const arguments[] = {cpu_emulator, TCK_HOST_PROGRAM, "3", misbehaving, NULL};
    struct process_options options = {
        .arguments = arguments + (cpu_emulator == NULL), .channel = pair[1], .channel_as = 3};
    ck_assert_msg(process_start(&raw.process, supervisor, &options, &failure) == 0, "%s",
                  failure.text);
    close(pair[1]);
    raw.channel = pair[0];
    raw_send(&raw, &(struct frame_header){0xAA, FRAME_BEGIN, 0});
    return raw;
}

static void raw_stop(struct raw *raw)
{
    close(raw->channel);
    process_destroy(raw->process);
}

static void raw_read(const struct raw *raw, void *into, size_t size)
{
    ck_assert_int_eq(recv(raw->channel, into, size, MSG_WAITALL), (ssize_t)size);
}

static struct frame_header raw_header(const struct raw *raw)
{
    uint8_t bytes[FRAME_HEADER_SIZE];
    struct frame_header header;
    raw_read(raw, bytes, sizeof bytes);
    ck_assert_int_gt(frame_header_decode(&header, bytes, sizeof bytes), 0);
    ck_assert_uint_eq(header.nonce, 0xAA);
    return header;
}

static void raw_hello(const struct raw *raw)
{
    uint8_t payload[HELLO_SIZE];
    ck_assert_int_eq(raw_header(raw).type, FRAME_HELLO);
    raw_read(raw, payload, sizeof payload);
}

static void raw_send_calls(const struct raw *raw, uint32_t threads, const struct call *calls,
                           uint32_t count)
{
    static uint8_t bytes[FRAME_HEADER_SIZE + CALLS_HEADER_SIZE + 1000 * CALL_SIZE];
    struct frame_header header = {0xAA, FRAME_CALLS, CALLS_HEADER_SIZE + count * CALL_SIZE};
    uint8_t *at = bytes;
    at += frame_header_encode(at, FRAME_HEADER_SIZE, &header);
    at += calls_header_encode(at, CALLS_HEADER_SIZE, threads, count);
    for (uint32_t i = 0; i < count; i++)
        at += call_encode(at, CALL_SIZE, &calls[i]);
    ck_assert_int_eq(send(raw->channel, bytes, (size_t)(at - bytes), MSG_NOSIGNAL), at - bytes);
}

static bool raw_ended(void *argument)
{
    return !process_running(((struct raw *)argument)->process);
}

static void raw_await_exit(struct raw *raw, int code)
{
    struct failure failure = {0};
    ck_assert_int_eq(supervisor_wait(supervisor, raw_ended, raw, PATIENCE_MS, &failure), 0);
    ck_assert_int_eq(process_wait_status(raw->process), code << 8);
}

// Every thread makes all calls, in buffers of its own, and each answer says whose it is.
START_TEST(threads_make_all_calls)
{
    enum { THREADS = 16, COUNT = 500 };
    static struct call calls[COUNT];
    uint32_t next[THREADS] = {0};
    struct raw raw = raw_start();
    raw_hello(&raw);
    for (uint32_t i = 0; i < COUNT; i++)
        calls[i] = a_call(FILL_ALL, 0, placements[i % PLACEMENTS], i);
    raw_send_calls(&raw, THREADS, calls, COUNT);
    for (uint32_t i = 0; i < THREADS * COUNT; i++) {
        uint8_t payload[OUTCOME_SIZE + COUNT];
        struct outcome outcome;
        uint32_t thread = 0;
        uint32_t index = 0;
        struct frame_header header = raw_header(&raw);
        ck_assert_int_eq(header.type, FRAME_RESULT);
        ck_assert_uint_le(header.payload_size, sizeof payload);
        raw_read(&raw, payload, header.payload_size);
        ck_assert_int_gt(outcome_decode(&outcome, &thread, &index, payload, OUTCOME_SIZE), 0);
        ck_assert_uint_lt(thread, THREADS);
        ck_assert_uint_eq(index, next[thread]);
        next[thread]++;
        ck_assert_uint_eq(outcome.byte_count, index);
        ck_assert(extent_empty(outcome.before) && extent_empty(outcome.after));
    }
    ck_assert_int_eq(raw_header(&raw).type, FRAME_DONE);
    raw_stop(&raw);
}
END_TEST

// Of several threads that crash at once, one says so.
START_TEST(threads_crash)
{
    struct raw raw = raw_start();
    raw_hello(&raw);
    struct call call = a_call(OVERFLOW_STACK, 0, PLACE_END, 64);
    raw_send_calls(&raw, 8, &call, 1);
    ck_assert_int_eq(raw_header(&raw).type, FRAME_FAULT);
    raw_stop(&raw);
}
END_TEST

START_TEST(thread_ended_by_the_library)
{
    struct raw raw = raw_start();
    raw_hello(&raw);
    struct call call = a_call(EXIT_THREAD, 0, PLACE_END, 64);
    raw_send_calls(&raw, 2, &call, 1);
    raw_await_exit(&raw, HOST_EXIT_THREAD);
    raw_stop(&raw);
}
END_TEST

START_TEST(host_ends_when_told)
{
    struct raw raw = raw_start();
    raw_hello(&raw);
    raw_send(&raw, &(struct frame_header){0xAA, FRAME_END, 0});
    raw_await_exit(&raw, 0);
    raw_stop(&raw);
}
END_TEST

START_TEST(host_ends_with_its_kit)
{
    struct raw raw = raw_start();
    raw_hello(&raw);
    ck_assert_int_eq(shutdown(raw.channel, SHUT_RDWR), 0);
    raw_await_exit(&raw, 0);
    raw_stop(&raw);
}
END_TEST

// Another nonce, a frame for the kit, noise: the host ends and says what was wrong.
START_TEST(host_refuses_nonsense)
{
    static const struct frame_header wrong[] = {
        {0xAB, FRAME_END, 0}, {0xAA, FRAME_DONE, 0}, {0xAA, FRAME_CALLS, 0}};
    uint8_t bytes[FRAME_HEADER_SIZE] = "this is no frame at all";
    struct raw raw = raw_start();
    raw_hello(&raw);
    if (_i < 3)
        frame_header_encode(bytes, sizeof bytes, &wrong[_i]);
    ck_assert_int_eq(send(raw.channel, bytes, sizeof bytes, MSG_NOSIGNAL), sizeof bytes);
    raw_await_exit(&raw, HOST_EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(process_said(raw.process), "iscsidsc-tck-host: the kit sent"));
    raw_stop(&raw);
}
END_TEST

START_TEST(host_refuses_its_command_line)
{
    static const char *const lines[][4] = {{TCK_HOST_PROGRAM, NULL},
                                           {TCK_HOST_PROGRAM, "3", NULL},
                                           {TCK_HOST_PROGRAM, "99", misbehaving, NULL},
                                           {TCK_HOST_PROGRAM, "1", misbehaving, NULL}};
    const char *const arguments[] = {cpu_emulator, lines[_i][0], lines[_i][1],
                                     lines[_i][2], lines[_i][3], NULL};
    struct failure failure = {0};
    char *output = NULL;
    int status = 0;
    ck_assert_msg(process_run(supervisor, arguments + (cpu_emulator == NULL), NULL, PATIENCE_MS,
                              4096, &output, &status, &failure) == 0,
                  "%s", failure.text);
    ck_assert_int_eq(status, HOST_EXIT_USAGE << 8);
    ck_assert_ptr_nonnull(strstr(output, "iscsidsc-tck-host: "));
    free(output);
}
END_TEST

#define COUNT_OF(table) ((int)(sizeof(table) / sizeof(table)[0]))

static TCase *add_case(Suite *suite, const char *name)
{
    TCase *tests = tcase_create(name);
    tcase_set_timeout(tests, 300);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    suite_add_tcase(suite, tests);
    return tests;
}

static void add_library_tests(Suite *suite)
{
    TCase *tests = add_case(suite, "libraries");
    tcase_add_test(tests, a_hidden_overrun_shows);
    tcase_add_test(tests, hello_says_what_there_is);
    tcase_add_test(tests, missing_exports_are_no_failure);
    tcase_add_test(tests, no_room_is_not_the_librarys_fault);
    tcase_add_loop_test(tests, unusable_libraries, 0, COUNT_OF(unusable));
    tcase_add_test(tests, no_host_program);
}

static void add_fault_tests(Suite *suite)
{
    TCase *tests = add_case(suite, "faults");
    tcase_add_loop_test(tests, faults_are_recognised, 0, COUNT_OF(faults));
    tcase_add_test(tests, illegal_instruction);
    tcase_add_test(tests, null_write_has_address_and_direction);
    tcase_add_test(tests, executing_the_buffer);
    tcase_add_test(tests, jump_nowhere_is_a_fault_or_an_end);
    tcase_add_loop_test(tests, ends_are_recognised, 0, COUNT_OF(ends));
    tcase_add_loop_test(tests, hangs_are_recognised, 0, 3);
    tcase_add_test(tests, deaths_are_limited);
    tcase_add_test(tests, deaths_in_a_row_are_limited);
    tcase_add_test(tests, deaths_over_a_life_are_limited);
    tcase_add_test(tests, hangs_are_limited);
    tcase_add_test(tests, last_words_are_kept);
    tcase_add_test(tests, a_signal_ends_the_calls);
    tcase_add_loop_test(tests, upset_and_going_on, 0, COUNT_OF(survivable));
    tcase_add_loop_test(tests, damage_is_recognised, 0, COUNT_OF(damaging));
    tcase_add_test(tests, closing_up_to_the_limit);
    tcase_add_test(tests, buffer_taken_away);
}

static void add_memory_tests(Suite *suite)
{
    TCase *tests = add_case(suite, "memory");
    tcase_add_loop_test(tests, one_byte_beside, 0, PLACEMENTS);
    tcase_add_loop_test(tests, one_byte_read_beside, 0, PLACEMENTS);
    tcase_add_loop_test(tests, one_byte_inside, 0, PLACEMENTS);
    tcase_add_loop_test(tests, base_is_where_it_should_be, 0, PLACEMENTS);
    tcase_add_test(tests, fills);
    tcase_add_test(tests, cells_damaged);
    tcase_add_test(tests, null_arguments);
    tcase_add_test(tests, answered_size_is_capped);
    tcase_add_test(tests, large_buffers);
    tcase_add_loop_test(tests, sparse_buffers, 0, COUNT_OF(sparse_sizes));
    tcase_add_test(tests, past_the_end_of_sparse_memory);
}

static void add_batch_tests(Suite *suite)
{
    TCase *tests = add_case(suite, "batches");
    tcase_add_test(tests, long_sweep);
    tcase_add_test(tests, crashes_amid_a_sweep);
    tcase_add_test(tests, no_calls);
}

static void add_program_tests(Suite *suite)
{
    TCase *tests = add_case(suite, "program");
    tcase_add_test(tests, threads_make_all_calls);
    tcase_add_test(tests, threads_crash);
    tcase_add_test(tests, thread_ended_by_the_library);
    tcase_add_test(tests, host_ends_when_told);
    tcase_add_test(tests, host_ends_with_its_kit);
    tcase_add_loop_test(tests, host_refuses_nonsense, 0, 4);
    tcase_add_loop_test(tests, host_refuses_its_command_line, 0, 4);
}

Suite *test_suite(void)
{
    Suite *suite = suite_create("host");
    add_library_tests(suite);
    add_fault_tests(suite);
    add_memory_tests(suite);
    add_batch_tests(suite);
    add_program_tests(suite);
    return suite;
}
