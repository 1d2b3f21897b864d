// SPDX-License-Identifier: Apache-2.0
// The entry of libFuzzer and AFL++ into a library that is linked in: an input is a case in binary
// form, whose calls are made in this process and judged by the clauses of the contract. Bytes that
// are no case choose sessions and calls, as the numbers do that `fuzz` draws.
//
// A must clause that is broken ends the process by abort(), as a crash of the library does. The
// case is written before: docs/fuzzing.md has the variables that say where.
#include "conformance/clauses/groups.h"
#include "conformance/transcript/case_binary.h"
#include "emulator/table/session_table.h"
#include "harness/fuzz/calls.h"
#include "harness/fuzz/finding.h"
#include "harness/fuzz/in_process.h"
#include "harness/fuzz/input.h"
#include "harness/fuzz/tuning.h"
#include "harness/run/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { CLAUSES_MAX = 256 };

#define EXPORT __attribute__((visibility("default")))

EXPORT int LLVMFuzzerInitialize(int *argument_count, char ***arguments);
EXPORT int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

// Of the library, which the program is linked with. Weak: it may have one of the two only.
#pragma weak GetIScsiSessionListA
#pragma weak GetIScsiSessionListW

static struct {
    struct in_process *library;
    const struct clause *clauses[CLAUSES_MAX];
    size_t clause_count;
    const char *case_path; // where each case is written before its calls are made; NULL: nowhere
    const char *findings;  // the folder of those that break a clause; NULL: the working directory
    bool judges;           // false: for measurements only
    bool calls;
} fuzzing;

static void stop_at(const struct failure *failure)
{
    fprintf(stderr, "iscsidsc-tck: %s\n", failure->text);
    abort();
}

// Those that can be judged by calls of A and W, of one thread, with the source as it should be.
static void choose_clauses(void)
{
    for (size_t i = 0; clause_groups[i] != NULL; i++)
        for (size_t j = 0; j < clause_groups[i]->count && !clause_groups[i]->by_name; j++)
            if (clause_groups[i]->clauses[j].level == LEVEL_MUST &&
                fuzzing.clause_count < CLAUSES_MAX)
                fuzzing.clauses[fuzzing.clause_count++] = &clause_groups[i]->clauses[j];
}

int LLVMFuzzerInitialize(int *argument_count, char ***arguments)
{
    char path[32];
    const char *without = getenv("ISCSIDSC_TCK_FUZZ_WITHOUT");
    (void)argument_count;
    (void)arguments;
    // In memory: nothing is left behind, however the process ends.
    int table = memfd_create("iscsidsc-session-table", MFD_CLOEXEC);
    if (table < 0)
        stop_at(&(struct failure){.text = "a file in memory can't be made"});
    snprintf(path, sizeof path, "/proc/self/fd/%d", table);
    setenv(SESSION_TABLE_VARIABLE, path, 1);
    fuzzing.case_path = getenv("ISCSIDSC_TCK_FUZZ_CASE");
    fuzzing.findings = getenv("ISCSIDSC_TCK_FUZZ_FINDINGS");
    fuzzing.calls = without == NULL || strcmp(without, "calls") != 0;
    fuzzing.judges = without == NULL;
    fuzzing.library = in_process_create(GetIScsiSessionListA, GetIScsiSessionListW, table);
    if (fuzzing.library == NULL)
        stop_at(&(struct failure){.text = "memory ran out"});
    choose_clauses();
    return 0;
}

// ---- A case

static struct transcript *call(const struct draft *draft)
{
    struct transcript *transcript = NULL;
    struct failure failure = {0};
    if (in_process_call(fuzzing.library, draft, &transcript, &failure) != 0)
        stop_at(&failure);
    return transcript;
}

static struct learned learn(const struct draft *draft)
{
    struct learned learned = {0};
    struct draft asked = draft_copy(draft);
    learned_ask(&asked);
    struct transcript *replayed = call(&asked);
    if (learned_take(&learned, draft, replayed) != 0)
        stop_at(&(struct failure){.text = "memory ran out"});
    transcript_free(replayed);
    draft_free(&asked);
    return learned;
}

// Adds calls around the edges of what the library is found to say of the sessions of a draft
// without calls.
static void add_calls(struct draws *draws, struct draft *draft)
{
    struct learned learned = learn(draft);
    if (draw_chance(draws, CALLS_TUNED) && tune(draws, draft, &learned)) {
        learned_free(&learned);
        learned = learn(draft);
    }
    calls_make(draws, draft, &learned);
    learned_free(&learned);
}

static void make_draft_of_bytes(struct draws *draws, struct draft *draft)
{
    calls_make_moments(draws, draft, SIZE_MAX);
    add_calls(draws, draft);
}

// Takes the draft out of the input. Its own calls come first at each moment.
static void make_draft_of_input(struct input *input, struct draft *draft)
{
    struct draws draws = draws_of(input->seed, 0);
    struct draft own = input->draft;
    input->draft = (struct draft){0};
    *draft = own;
    if (!input->more)
        return;
    *draft = (struct draft){.moments = own.moments, .moment_count = own.moment_count};
    add_calls(&draws, draft);
    struct draft more = *draft;
    own.moments = more.moments; // names may be longer
    draft_merge_calls(&own, &more);
    free(more.calls);
    *draft = own;
}

// False: the bytes are a damaged case, with which nothing can be done.
static bool make_draft(const uint8_t *bytes, size_t size, struct draft *draft)
{
    struct input input;
    struct draws draws = draws_of_bytes(bytes, size);
    if (input_decode(&input, bytes, size))
        make_draft_of_input(&input, draft);
    else if (!case_binary_begins(bytes, size))
        make_draft_of_bytes(&draws, draft);
    else
        return false;
    return true;
}

static void save(const struct draft *draft, const char *name, const char *summary, const char *path)
{
    struct failure failure = {0};
    struct transcript *one = draft_make_case(draft, "", name, summary);
    if (one == NULL)
        return;
    one->hello.pointer_size = sizeof(void *);
    if (transcript_save(one, path, &failure) != 0)
        fprintf(stderr, "iscsidsc-tck: %s\n", failure.text);
    transcript_free(one);
}

// ---- Judging

_Noreturn static void tell(const struct draft *draft, const struct check *check,
                           const struct transcript *transcript)
{
    const struct finding_kind kind = finding_kind_of(check, transcript);
    char name[FINDING_NAME_SIZE];
    char path[512];
    finding_name(&kind, name);
    snprintf(path, sizeof path, "%s%s%s.jsonl", fuzzing.findings == NULL ? "" : fuzzing.findings,
             fuzzing.findings == NULL ? "" : "/", name);
    save(draft, name, check->verdict.got, path);
    fprintf(stderr,
            "iscsidsc-tck: %s is broken: %s\n  call: %s\n  got: %s\n  expected: %s\n"
            "  case: %s; iscsidsc-tck replay -i LIBRARY %s makes it again\n",
            check->clause->id, check->clause->sentence, kind.shape, check->verdict.got,
            check->verdict.expected, path, path);
    abort();
}

static void judge(const struct draft *draft, const struct transcript *transcript)
{
    const struct judge_options options = {.profile = "documented"};
    struct result result = {0};
    if (run_judge(transcript, fuzzing.clauses, fuzzing.clause_count, &options, &result) != 0)
        stop_at(&(struct failure){.text = "memory ran out while a case was judged"});
    const struct scenario_result *scenario = &result.scenarios[0];
    for (size_t i = 0; i < scenario->check_count; i++)
        if (finding_is_cause(&scenario->checks[i]))
            tell(draft, &scenario->checks[i], transcript);
    result_free(&result);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct draft draft = {0};
    if (!fuzzing.calls || !make_draft(bytes, size, &draft))
        return 0;
    if (fuzzing.case_path != NULL)
        save(&draft, "case", "", fuzzing.case_path);
    struct transcript *transcript = call(&draft);
    if (fuzzing.judges)
        judge(&draft, transcript);
    transcript_free(transcript);
    draft_free(&draft);
    return 0;
}
