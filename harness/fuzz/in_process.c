// SPDX-License-Identifier: Apache-2.0
// Makes the calls of drafts in this process.
#include "harness/fuzz/in_process.h"

#include "conformance/base/clock.h"
#include "conformance/base/text.h"
#include "conformance/judge/abi.h"
#include "conformance/judge/evidence.h"
#include "emulator/table/session_table.h"
#include "harness/host/memory.h"
#include "harness/host/pattern.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REPEATS_MAX = 8 };

struct in_process {
    iscsi_session_list_a *a;
    iscsi_session_list_w *w;
    int table;
    struct memory *memory;
};

// One draft, while its calls are made.
struct calling {
    struct in_process *library;
    const struct draft *draft;
    struct transcript *transcript;
    uint32_t required[2]; // at the present sessions, as a query of A, of W was told; 0: none was
    bool asked[2];        // was there a query of it?
    struct failure *failure;
};

struct in_process *in_process_create(iscsi_session_list_a *a, iscsi_session_list_w *w, int table)
{
    struct in_process *library = calloc(1, sizeof *library);
    struct pattern *pattern = pattern_create(); // for all that are made
    if (library == NULL)
        return NULL;
    *library = (struct in_process){.a = a, .w = w, .table = table};
    library->memory = pattern == NULL ? NULL : memory_create(pattern);
    if (library->memory != NULL)
        return library;
    free(library);
    return NULL;
}

void in_process_free(struct in_process *library)
{
    if (library != NULL)
        memory_destroy(library->memory);
    free(library);
}

static int fail_memory(const struct calling *calling)
{
    return failure_set(calling->failure, STATUS_UNTRUSTED, "memory ran out");
}

static int write_table(const struct calling *calling, const struct truth *truth)
{
    size_t size = 0;
    int table = calling->library->table;
    char *text = session_table_text(truth, &size, calling->failure);
    if (text == NULL)
        return -1;
    bool good = ftruncate(table, 0) == 0 && pwrite(table, text, size, 0) == (ssize_t)size;
    free(text);
    return good ? 0
                : failure_set(calling->failure, STATUS_UNTRUSTED,
                              "the session table can't be written: %s", strerror(errno));
}

// The sessions of that moment become those that the library finds.
static int publish(struct calling *calling, size_t moment)
{
    struct truth *truth = truth_copy(calling->draft->moments[moment]);
    if (truth == NULL)
        return fail_memory(calling);
    truth->generation = calling->transcript->truth_count + 1;
    truth->began_ns = clock_now_ns();
    int status = write_table(calling, truth);
    truth->settled_ns = clock_now_ns();
    if (status == 0 && transcript_add_truth(calling->transcript, truth) != 0)
        status = fail_memory(calling);
    truth_free(truth);
    memset(calling->required, 0, sizeof calling->required);
    memset(calling->asked, 0, sizeof calling->asked);
    return status;
}

// The call with its numbers, where the draft leaves them to what is required.
static struct call settle(const struct calling *calling, const struct draft_call *made)
{
    struct call call = made->call;
    call.repeat = 1;
    if (made->offer.of_required) {
        int64_t size = (int64_t)calling->required[call.charset] + made->offer.beyond;
        call.offered = size < 0 ? 0 : size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
    }
    if (made->offer.usual_count)
        call.count_in = call.offered / abi_of(sizeof(void *))->session_size;
    return call;
}

static int add_record(struct calling *calling, const struct draft_call *made,
                      const struct call *call, const struct outcome *outcome, const uint8_t *buffer)
{
    uint8_t *bytes = NULL;
    if (outcome->byte_count > 0) {
        bytes = malloc(outcome->byte_count);
        if (bytes == NULL)
            return fail_memory(calling);
        memcpy(bytes, buffer, outcome->byte_count);
    }
    if (transcript_add(calling->transcript, made->set, call, outcome, bytes) != 0 ||
        draft_add_circumstance(calling->transcript, made) != 0)
        return fail_memory(calling);
    const struct record *record = transcript_last(calling->transcript);
    calling->asked[call->charset] |= call->offered == 0;
    if (calling->required[call->charset] == 0 && call->offered == 0 && record_insufficient(record))
        calling->required[call->charset] = outcome->size_out;
    return 0;
}

static uint32_t call_function(const struct in_process *library, const struct call *call,
                              const struct arguments *arguments)
{
    void *buffer = arguments->buffer;
    return call->charset == CHARSET_A ? library->a(arguments->size, arguments->count, buffer)
                                      : library->w(arguments->size, arguments->count, buffer);
}

static int make_one(struct calling *calling, const struct draft_call *made)
{
    const struct in_process *library = calling->library;
    const struct call call = settle(calling, made);
    struct arguments arguments;
    struct outcome outcome = {.kind = OUTCOME_RETURNED};
    if (memory_place(library->memory, &call, &arguments) != 0)
        return 0; // there is no buffer of that size
    outcome.base = (uint64_t)(uintptr_t)arguments.buffer;
    outcome.began_ns = clock_now_ns();
    outcome.status = call_function(library, &call, &arguments);
    outcome.ended_ns = clock_now_ns();
    outcome_single(&outcome);
    int status = memory_examine(library->memory, &call, &outcome) != 0
                     ? failure_set(calling->failure, STATUS_UNTRUSTED, "the buffer was closed")
                     : add_record(calling, made, &call, &outcome, arguments.buffer);
    memory_finish(library->memory);
    return status;
}

// A size that depends on what is required is found out by a query, if none was made.
static int make_call(struct calling *calling, const struct draft_call *made)
{
    struct draft_call query = {.moment = made->moment,
                               .call = {.charset = made->call.charset, .repeat = 1},
                               .offer = {.usual_count = true},
                               .threads = 1,
                               .set = "query"};
    if (made->offer.of_required && !calling->asked[made->call.charset] &&
        make_one(calling, &query) != 0)
        return -1;
    return make_one(calling, made);
}

static int make_calls(struct calling *calling)
{
    const struct draft *draft = calling->draft;
    size_t moment = SIZE_MAX;
    int status = 0;
    for (size_t i = 0; i < draft->call_count && status == 0; i++) {
        const struct draft_call *made = &draft->calls[i];
        bool exported = made->call.charset == CHARSET_A ? calling->library->a != NULL
                                                        : calling->library->w != NULL;
        uint32_t repeats = made->call.repeat < REPEATS_MAX ? made->call.repeat : REPEATS_MAX;
        if (made->moment != moment)
            status = publish(calling, made->moment);
        moment = made->moment;
        for (uint32_t j = 0; j < repeats && exported && made->threads == 1 && status == 0; j++)
            status = make_call(calling, made);
    }
    return status;
}

int in_process_call(struct in_process *library, const struct draft *draft,
                    struct transcript **transcript, struct failure *failure)
{
    struct calling calling = {.library = library,
                              .draft = draft,
                              .transcript = transcript_create("", "case", "", ""),
                              .failure = failure};
    *transcript = NULL;
    if (calling.transcript == NULL || draft->exhausted) {
        transcript_free(calling.transcript);
        return fail_memory(&calling);
    }
    calling.transcript->of_case = true;
    calling.transcript->hello = (struct hello){.pointer_size = sizeof(void *),
                                               .long_align = 8,
                                               .has_a = library->a != NULL,
                                               .has_w = library->w != NULL,
                                               .code_page = CODE_PAGE_UTF_8};
    if (make_calls(&calling) != 0) {
        transcript_free(calling.transcript);
        return -1;
    }
    *transcript = calling.transcript;
    return 0;
}
