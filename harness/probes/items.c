// SPDX-License-Identifier: Apache-2.0
// Calls the functions that tell of targets, devices and the like. All but the first two kinds of
// calls are made for one subject only, as it is the same code that answers.
#include "harness/probes/items.h"

#include "conformance/judge/abi.h"
#include "conformance/judge/evidence.h"
#include "conformance/judge/listing.h"
#include "conformance/transcript/function.h"
#include "harness/probes/call_list.h"
#include "harness/probes/changes.h"

#include <string.h>

enum {
    MORE_UNITS = 4096, // bytes or characters more than required
    MORE_ELEMENTS = 4,
    BEYOND = 64,            // bytes or characters: the sweep goes so far past what is required
    SWEEP_ALL = 2048,       // every size is tried where no more is required
    SWEEP_SAMPLE = 512,     // else so many, evenly spread
    SWEEP_QUICK = 64,       // the same with --effort quick
    ROUNDS = 5,             // of the set "items-repeat"
    REPEATED = 50,          // the same call in a row
    ITEMS_ABSURD = 1 << 20, // a larger size required is not offered,
    BYTES_ABSURD = 1 << 26, // in characters or structures, and in bytes
    UNITS_MOST = 256,       // logical units of a session, at most
    UNIT_SIZE = 16,         // bytes of an element of LUNList
    THREADS = 8,            // of the set "items-threads"
    THREAD_ROUNDS = 4,      // in each of them
    MANY = 1 << 14,         // more calls than are made before the changes are over
    CHANGING_BYTES = 16384, // more than required: room for sessions that come meanwhile
};

static const struct function *function(const struct probing *probing)
{
    return function_of(probing->charset);
}

bool probe_is_of_items(enum charset charset)
{
    return function_of(charset)->family >= FAMILY_TARGETS;
}

static uint32_t more(const struct probing *probing)
{
    return function(probing)->unit == UNIT_ELEMENTS ? MORE_ELEMENTS : MORE_UNITS;
}

// The next calls are about that subject.
static void take_subject(struct probing *probing, size_t index)
{
    memcpy(probing->subject, probing->subjects[index], SUBJECT_SIZE);
    probing->required = probing->subject_required[index];
}

// ---- What they are about

static void add_subject(struct probing *probing, const void *subject, size_t size)
{
    uint8_t own[SUBJECT_SIZE] = {0};
    memcpy(own, subject, size);
    for (size_t i = 0; i < probing->subject_count; i++)
        if (memcmp(probing->subjects[i], own, SUBJECT_SIZE) == 0)
            return;
    if (probing->subject_count < SUBJECTS_MAX)
        memcpy(probing->subjects[probing->subject_count++], own, SUBJECT_SIZE);
}

// A list of the sessions as they were brought up, of W or of A; NULL: there is none.
static const struct record *find_list(const struct probing *probing, enum charset charset)
{
    const struct transcript *transcript = probing->transcript;
    for (size_t i = 0; i < transcript->record_count; i++) {
        const struct record *record = &transcript->records[i];
        if (record->call.charset == charset && strcmp(record->probe_set, "fetch") == 0 &&
            record_succeeded(record) && record_quiet(record))
            return record;
    }
    return NULL;
}

// The same, decoded. `*listing` is the caller's; NULL: there is none. -1 when memory ran out.
static int read_list(const struct probing *probing, struct listing **listing)
{
    const struct hello *hello = &probing->transcript->hello;
    const struct record *list = find_list(probing, CHARSET_W);
    const struct abi *abi = abi_of(hello->pointer_size);
    if (list == NULL)
        list = find_list(probing, CHARSET_A);
    *listing = NULL;
    if (list == NULL || abi == NULL)
        return 0;
    *listing = listing_decode(list, abi, hello->code_page);
    return *listing == NULL ? -1 : 0;
}

bool probe_lists_session(const struct probing *probing, const uint8_t *subject)
{
    struct listing *listing = NULL;
    bool found = false;
    if (read_list(probing, &listing) != 0)
        return false;
    for (size_t i = 0; listing != NULL && i < listing->session_count && !found; i++)
        found = memcmp(listing->sessions[i].id, subject, SUBJECT_SIZE) == 0;
    listing_free(listing);
    return found;
}

static int add_sessions(struct probing *probing)
{
    struct listing *listing = NULL;
    if (read_list(probing, &listing) != 0)
        return failure_set(probing->failure, STATUS_UNTRUSTED, "memory ran out");
    if (listing == NULL)
        return 0;
    size_t count = listing->session_count;
    size_t step = count <= SUBJECTS_MAX ? 1 : (count + SUBJECTS_MAX - 1) / SUBJECTS_MAX;
    for (size_t i = 0; i < count; i += step)
        if (listing->sessions[i].connection_count > 0)
            add_subject(probing, listing->sessions[i].id, sizeof listing->sessions[i].id);
    listing_free(listing);
    return 0;
}

int probe_begin_items(struct probing *probing)
{
    static const uint8_t flags[] = {0, 1};
    uint32_t size =
        function_structure_size(function(probing), probing->transcript->hello.pointer_size);
    probing->structure_size = size > 0 ? size : 1;
    probing->subject_count = 0;
    if (function_takes(function(probing), PARAMETER_ID))
        return add_sessions(probing);
    // Without such an argument there is one subject: nothing.
    size_t subjects = function_takes(function(probing), PARAMETER_FLAG) ? sizeof flags : 1;
    for (size_t i = 0; i < subjects; i++)
        add_subject(probing, &flags[i], 1);
    return 0;
}

// Without a list of sessions no device can be asked for: one call that says that none was made.
static int make(struct probing *probing, struct call_list *calls)
{
    return probing->subject_count == 0 ? call_list_leave_out(probing, calls)
                                       : call_list_make(probing, calls);
}

// ---- The sets

// What that query was answered, of those from `first` on; 0: with no size that can be offered.
static uint32_t answered(const struct probing *probing, size_t first)
{
    uint32_t absurd = function(probing)->unit == UNIT_BYTES ? BYTES_ABSURD : ITEMS_ABSURD;
    for (size_t i = first; i < probing->transcript->record_count; i++) {
        const struct record *record = &probing->transcript->records[i];
        if (record_insufficient(record) && record->outcome.size_out > 0 &&
            record->outcome.size_out <= absurd)
            return record->outcome.size_out;
    }
    return 0;
}

// About as much as there can be, where a query does not say: what all targets or sessions take.
static uint32_t estimate(const struct probing *probing)
{
    const struct inventory *inventory = probing->transcript->inventory;
    uint64_t bytes = (uint64_t)probing->truth->session_count *
                     (probing->structure_size + UNITS_MOST * UNIT_SIZE);
    uint32_t characters = 1;
    uint32_t elements = 1;
    if (function(probing)->unit == UNIT_BYTES)
        return bytes < BYTES_ABSURD ? (uint32_t)bytes : BYTES_ABSURD;
    for (size_t i = 0; inventory != NULL && i < inventory->target_count; i++) {
        const struct inventory_target *target = &inventory->targets[i];
        characters += (uint32_t)strlen(target->name) + 1;
        if (target->disk_count != DISKS_UNKNOWN && target->disk_count >= elements)
            elements = target->disk_count + 1;
    }
    return function(probing)->unit == UNIT_ELEMENTS ? elements : characters;
}

int probe_items_query(struct probing *probing)
{
    size_t subjects = probing->subject_count > 0 ? probing->subject_count : 1;
    for (size_t i = 0; i < subjects; i++) {
        struct call_list calls = {0};
        size_t first = probing->transcript->record_count;
        take_subject(probing, i);
        call_list_add_usual(&calls, probing, 0, PLACE_NULL);
        call_list_add_usual(&calls, probing, 0, PLACE_END);
        if (make(probing, &calls) != 0)
            return -1;
        uint32_t size = answered(probing, first);
        probing->subject_required[i] = size > 0 ? size : estimate(probing);
    }
    return 0;
}

int probe_items_null(struct probing *probing)
{
    struct call_list calls = {0};
    take_subject(probing, 0);
    uint32_t required = probing->required;
    const uint32_t sizes[] = {1, required > 1 ? required - 1 : 1, required, required + 1,
                              required + more(probing)};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        call_list_add_usual(&calls, probing, sizes[i], PLACE_NULL);
    return make(probing, &calls);
}

int probe_items_fetch(struct probing *probing)
{
    static const enum placement placements[] = {PLACE_START, PLACE_MIDDLE};
    struct call_list calls = {0};
    size_t subjects = probing->subject_count > 0 ? probing->subject_count : 1;
    for (size_t i = 0; i < subjects; i++) {
        take_subject(probing, i);
        call_list_add_usual(&calls, probing, probing->required, PLACE_END);
        call_list_add_usual(&calls, probing, probing->required + more(probing), PLACE_END);
    }
    take_subject(probing, 0);
    for (size_t i = 0; i < sizeof placements / sizeof placements[0]; i++) {
        call_list_add_usual(&calls, probing, probing->required, placements[i]);
        call_list_add_usual(&calls, probing, probing->required + more(probing), placements[i]);
    }
    call_list_add_usual(&calls, probing, probing->required * 2 + 1, PLACE_END);
    return make(probing, &calls);
}

int probe_items_short(struct probing *probing)
{
    struct call_list calls = {0};
    take_subject(probing, 0);
    uint32_t required = probing->required;
    const uint32_t sizes[] = {0, 1, required / 2, required > 1 ? required - 2 : 0,
                              required > 0 ? required - 1 : 0};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        if (sizes[i] >= required && sizes[i] > 0)
            continue;
        call_list_add_usual(&calls, probing, sizes[i], PLACE_END);
        call_list_add_usual(&calls, probing, sizes[i], PLACE_MIDDLE);
    }
    return make(probing, &calls);
}

int probe_items_repeat(struct probing *probing)
{
    struct call_list calls = {0};
    take_subject(probing, 0);
    const uint32_t sizes[] = {0, probing->required > 0 ? probing->required - 1 : 0,
                              probing->required, probing->required + more(probing)};
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
            call_list_add_usual(&calls, probing, sizes[i], PLACE_END);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct call call = call_usual(probing, sizes[i], PLACE_END);
        call.repeat = REPEATED;
        call_list_add(&calls, call);
    }
    return make(probing, &calls);
}

int probe_items_sweep(struct probing *probing)
{
    struct call_list calls = {0};
    take_subject(probing, 0);
    uint32_t beyond = function(probing)->unit == UNIT_ELEMENTS ? MORE_ELEMENTS : BEYOND;
    uint32_t end = probing->required + beyond;
    uint32_t sample = strcmp(probing->effort, "quick") == 0 ? SWEEP_QUICK : SWEEP_SAMPLE;
    bool all = end <= SWEEP_ALL && sample != SWEEP_QUICK;
    uint32_t step = all || end <= sample ? 1 : end / sample;
    for (uint32_t size = 0; size <= end; size++) {
        bool near = size + 2 >= probing->required && size <= probing->required + 2;
        if (near || size % step == 0)
            call_list_add_usual(&calls, probing, size, PLACE_END);
    }
    return make(probing, &calls);
}

int probe_items_unknown(struct probing *probing)
{
    enum { ELEMENTS = 16 };
    struct call_list calls = {0};
    uint8_t subjects[4][SUBJECT_SIZE] = {{0}};
    take_subject(probing, 0);
    memset(subjects[1], 0xFF, SUBJECT_SIZE);
    memcpy(subjects[2], probing->subject, SUBJECT_SIZE);
    memcpy(subjects[3], probing->subject, SUBJECT_SIZE);
    // The identifier of a session with one half of another: neither half alone names a session.
    subjects[2][SUBJECT_SIZE / 2 - 1] ^= 0x5A;
    subjects[3][SUBJECT_SIZE - 1] ^= 0x5A;
    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
        memcpy(probing->subject, subjects[i], SUBJECT_SIZE);
        call_list_add_usual(&calls, probing, 0, PLACE_NULL);
        call_list_add_usual(&calls, probing, ELEMENTS, PLACE_END);
    }
    return make(probing, &calls);
}

// The calls of "items-query" and "items-repeat", so that there is an answer to hold each against.
int probe_items_threads(struct probing *probing)
{
    enum { REPEATS = 4 };
    struct call_list calls = {0};
    take_subject(probing, 0);
    for (int round = 0; round < THREAD_ROUNDS; round++) {
        struct call generous = call_usual(probing, probing->required + more(probing), PLACE_END);
        generous.repeat = REPEATS;
        call_list_add(&calls, generous);
        call_list_add_usual(&calls, probing, probing->required, PLACE_END);
        call_list_add_usual(&calls, probing, 0, PLACE_NULL);
        if (probing->required > 0)
            call_list_add_usual(&calls, probing, probing->required - 1, PLACE_END);
    }
    return probing->subject_count == 0 ? call_list_leave_out(probing, &calls)
                                       : call_list_make_while(probing, &calls, THREADS, NULL);
}

int probe_items_changing(struct probing *probing)
{
    struct call_list calls = {0};
    uint32_t beyond =
        function(probing)->unit == UNIT_BYTES ? (uint32_t)CHANGING_BYTES : more(probing);
    if (!probe_can_change(probing))
        return 0;
    take_subject(probing, 0);
    if (probing->subject_count == 0) {
        call_list_add_usual(&calls, probing, 0, PLACE_NULL);
        return call_list_leave_out(probing, &calls);
    }
    for (int i = 0; i < MANY; i += 3) {
        call_list_add_usual(&calls, probing, probing->required + beyond, PLACE_END);
        call_list_add_usual(&calls, probing, probing->required, PLACE_END);
        call_list_add_usual(&calls, probing, 0, PLACE_NULL);
    }
    return probe_make_while_changing(probing, &calls);
}
