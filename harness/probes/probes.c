// SPDX-License-Identifier: Apache-2.0
// The table of the sets of probes, and those sets that need nothing but calls in one thread.
#include "harness/probes/probes.h"

#include "conformance/judge/abi.h"
#include "conformance/judge/evidence.h"
#include "conformance/judge/listing.h"
#include "harness/probes/call_list.h"
#include "harness/probes/callers.h"
#include "harness/probes/changes.h"
#include "harness/probes/endurance.h"
#include "harness/probes/items.h"

#include <stdlib.h>
#include <string.h>

enum {
    GENEROUS = 4096,             // bytes more than required
    SWEEP_ALL = 4096,            // if no more is required, every size is tried (--effort standard)
    SWEEP_ALL_FULL = 65536,      // the same with --effort full
    SWEEP_BEYOND = 160,          // up to so many bytes more than required are tried
    SWEEP_SAMPLE = 2000,         // random sizes, where not every size is tried
    SWEEP_SAMPLE_QUICK = 64,     // the same with --effort quick
    SWEEP_BOUNDARIES = 1000,     // ends of pieces that are tried in a large list
    SWEEP_BOUNDARIES_QUICK = 64, // the same with --effort quick
    ABSURD = 1 << 30, // a larger answer is offered once, and not taken for the size required
    REPEATS = 5,      // of the set "repeat": rounds of different calls
    REPEATED = 250,   // of the set "repeat": the same call in a row
};

static int run_query(struct probing *probing)
{
    struct call_list calls = {0};
    call_list_add_usual(&calls, probing, 0, PLACE_NULL);
    call_list_add_usual(&calls, probing, 0, PLACE_END);
    call_list_add_usual(&calls, probing, 0, PLACE_NULL);
    size_t first = probing->transcript->record_count;
    if (call_list_make(probing, &calls) != 0)
        return -1;
    for (size_t i = first; i < probing->transcript->record_count; i++) {
        const struct record *record = &probing->transcript->records[i];
        uint32_t required = record->outcome.size_out;
        if (!record_insufficient(record) || required == 0)
            continue;
        if (required > ABSURD) {
            probing->absurd = required;
            continue;
        }
        probing->required = required;
        break;
    }
    return 0;
}

static int run_null(struct probing *probing)
{
    struct call_list calls = {0};
    uint32_t required = probing->required;
    const uint32_t sizes[] = {1, 64, required > 0 ? required - 1 : 1, required > 0 ? required : 1,
                              required + GENEROUS};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        call_list_add_usual(&calls, probing, sizes[i], PLACE_NULL);
    return call_list_make(probing, &calls);
}

static int run_fetch(struct probing *probing)
{
    static const enum placement placements[] = {PLACE_END, PLACE_START, PLACE_MIDDLE};
    struct call_list calls = {0};
    for (size_t i = 0; i < sizeof placements / sizeof placements[0]; i++) {
        call_list_add_usual(&calls, probing, probing->required, placements[i]);
        call_list_add_usual(&calls, probing, probing->required + GENEROUS, placements[i]);
    }
    call_list_add_usual(&calls, probing, probing->required * 2 + 1, PLACE_END);
    if (probing->absurd > 0) {
        struct call call = call_usual(probing, probing->absurd, PLACE_START);
        call.flags = CALL_SPARSE;
        call_list_add(&calls, call);
    }
    return call_list_make(probing, &calls);
}

static int run_short(struct probing *probing)
{
    struct call_list calls = {0};
    uint32_t required = probing->required;
    const uint32_t sizes[] = {0,
                              1,
                              probing->structure_size - 1,
                              probing->structure_size,
                              required / 2,
                              required > 1 ? required - 2 : 0,
                              required > 0 ? required - 1 : 0};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        if (sizes[i] >= required && sizes[i] > 0)
            continue;
        call_list_add_usual(&calls, probing, sizes[i], PLACE_END);
        call_list_add_usual(&calls, probing, sizes[i], PLACE_MIDDLE);
    }
    return call_list_make(probing, &calls);
}

static int run_repeat(struct probing *probing)
{
    struct call_list calls = {0};
    for (int i = 0; i < REPEATS; i++) {
        call_list_add_usual(&calls, probing, 0, PLACE_END);
        if (probing->required > 0)
            call_list_add_usual(&calls, probing, probing->required - 1, PLACE_END);
        call_list_add_usual(&calls, probing, probing->required, PLACE_END);
        call_list_add_usual(&calls, probing, probing->required + GENEROUS, PLACE_END);
    }
    const uint32_t sizes[] = {0, probing->required > 0 ? probing->required - 1 : 0,
                              probing->required, probing->required + GENEROUS};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct call call = call_usual(probing, sizes[i], PLACE_END);
        call.repeat = probe_times(probing, REPEATED, REPEATS);
        call_list_add(&calls, call);
    }
    return call_list_make(probing, &calls);
}

// Each form is a list of its own: if one hangs, the others are still tried.
static int run_args(struct probing *probing)
{
    static const struct {
        unsigned flags;
        const char *form;
    } forms[] = {{CALL_SIZE_NULL, "BufferSize NULL"},
                 {CALL_COUNT_NULL, "SessionCount NULL"},
                 {CALL_SIZE_NULL | CALL_COUNT_NULL, "both NULL"}};
    int result = 0;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0] && result == 0; i++) {
        struct call_list calls = {0};
        struct call variants[] = {call_usual(probing, probing->required + GENEROUS, PLACE_END),
                                  call_usual(probing, probing->required / 2, PLACE_MIDDLE),
                                  call_usual(probing, 0, PLACE_NULL)};
        for (size_t j = 0; j < sizeof variants / sizeof variants[0]; j++) {
            variants[j].flags = (uint8_t)(forms[i].flags | CALL_MEASURE);
            call_list_add(&calls, variants[j]);
        }
        probing->way = forms[i].form;
        result = call_list_make(probing, &calls);
    }
    probing->way = NULL;
    return result;
}

static int run_state(struct probing *probing)
{
    struct call_list calls = {0};
    const uint32_t sizes[] = {0, probing->required / 2, probing->required,
                              probing->required + GENEROUS};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int null = 0; null <= 1; null++) {
            struct call call = call_usual(probing, sizes[i], null ? PLACE_NULL : PLACE_END);
            call.flags = CALL_MEASURE;
            call_list_add(&calls, call);
        }
    return call_list_make(probing, &calls);
}

static int compare_sizes(const void *left, const void *right)
{
    const struct call *a = left;
    const struct call *b = right;
    return (a->offered > b->offered) - (a->offered < b->offered);
}

static uint32_t sweep_beyond(const struct probing *probing)
{
    enum { LEAST = 8 };
    return probe_times(probing, SWEEP_BEYOND, LEAST);
}

static void add_around(const struct probing *probing, struct call_list *calls, uint64_t size)
{
    for (uint64_t offered = size > 0 ? size - 1 : 0; offered <= size + 1; offered++)
        if (offered <= probing->required + sweep_beyond(probing))
            call_list_add_usual(calls, probing, (uint32_t)offered, PLACE_END);
}

// Returns n: every n-th of `count` boundaries is tried.
static size_t boundary_step(const struct probing *probing, size_t count)
{
    size_t most = count;
    if (strcmp(probing->effort, "quick") == 0)
        most = SWEEP_BOUNDARIES_QUICK;
    else if (probing->required > LARGE_LIST)
        most = probe_times(probing, SWEEP_BOUNDARIES, SWEEP_BOUNDARIES_QUICK);
    return count <= most ? 1 : (count + most - 1) / most;
}

// Adds the ends of all structures, arrays and strings of a list that was fetched before, and one
// byte to either side of each.
static void add_boundaries(const struct probing *probing, struct call_list *calls,
                           const struct abi *abi)
{
    const struct transcript *transcript = probing->transcript;
    const struct record *record = NULL;
    for (size_t i = 0; i < transcript->record_count && record == NULL; i++) {
        const struct record *candidate = &transcript->records[i];
        if (candidate->call.charset == probing->charset && candidate->outcome.status == 0 &&
            candidate->outcome.kind == OUTCOME_RETURNED && candidate->bytes != NULL)
            record = candidate;
    }
    if (record == NULL)
        return;
    struct listing *listing = listing_decode(record, abi, transcript->hello.code_page);
    struct piece *pieces = NULL;
    long count = listing != NULL ? listing_pieces(listing, abi, &pieces) : -1;
    if (count < 0)
        calls->out_of_memory = true;
    size_t sessions = listing != NULL ? listing->session_count : 0;
    size_t step = boundary_step(probing, sessions);
    for (size_t i = 1; i <= sessions; i += step)
        add_around(probing, calls, i * abi->session_size);
    step = boundary_step(probing, count > 0 ? (size_t)count : 0);
    for (long i = 0; i < count; i += (long)step)
        add_around(probing, calls, pieces[i].offset + pieces[i].size);
    free(pieces);
    listing_free(listing);
}

// A pseudo-random number (splitmix64). The seed is fixed, so that a run draws the same sizes on any
// machine.
static uint64_t draw(uint64_t *state)
{
    uint64_t value = (*state += 0x9E3779B97F4A7C15);
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
    return value ^ (value >> 31);
}

static void add_sample(const struct probing *probing, struct call_list *calls)
{
    uint64_t state = probing->required;
    uint32_t sample = strcmp(probing->effort, "quick") == 0
                          ? SWEEP_SAMPLE_QUICK
                          : probe_times(probing, SWEEP_SAMPLE, SWEEP_SAMPLE_QUICK);
    for (uint32_t i = 0; i < sample; i++)
        call_list_add_usual(
            calls, probing,
            (uint32_t)(draw(&state) % ((uint64_t)probing->required + sweep_beyond(probing))),
            PLACE_END);
    for (uint64_t power = 1; power <= (uint64_t)probing->required * 2; power *= 2)
        call_list_add_usual(calls, probing, (uint32_t)power, PLACE_END);
    for (uint32_t beyond = 0; beyond <= sweep_beyond(probing); beyond++)
        call_list_add_usual(calls, probing, probing->required + beyond, PLACE_END);
    add_around(probing, calls, probing->required);
}

// Sorts the calls by size, and keeps one of each size.
static void sort_sizes(struct call_list *calls)
{
    if (calls->count == 0)
        return;
    qsort(calls->calls, calls->count, sizeof *calls->calls, compare_sizes);
    size_t kept = 1;
    for (size_t i = 1; i < calls->count; i++)
        if (calls->calls[i].offered != calls->calls[kept - 1].offered)
            calls->calls[kept++] = calls->calls[i];
    calls->count = kept;
}

// Adds sizes that real programs offer in their first call, multiples of a page, and one byte to
// either side of each.
static void add_round_sizes(const struct probing *probing, struct call_list *calls)
{
    static const uint32_t sizes[] = {1024,  2048,  4096,  8192,   12288,  16384,
                                     32768, 49152, 65536, 100000, 131072, 1048576};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (uint32_t offered = sizes[i] - 1; offered <= sizes[i] + 1; offered++)
            call_list_add_usual(calls, probing, offered, PLACE_END);
    call_list_add_usual(calls, probing, (probing->required + 4095) / 4096 * 4096, PLACE_END);
}

static int run_sweep(struct probing *probing)
{
    struct call_list calls = {0};
    bool quick = strcmp(probing->effort, "quick") == 0;
    uint32_t all = strcmp(probing->effort, "full") == 0 ? SWEEP_ALL_FULL : SWEEP_ALL;
    if (!quick && probing->required <= all) {
        for (uint32_t size = 0; size <= probing->required + SWEEP_BEYOND; size++)
            call_list_add_usual(&calls, probing, size, PLACE_END);
    } else {
        call_list_add_usual(&calls, probing, 0, PLACE_END);
        const struct abi *abi =
            abi_of_function(probing->transcript->hello.pointer_size, probing->charset);
        if (abi != NULL)
            add_boundaries(probing, &calls, abi);
        add_sample(probing, &calls);
    }
    add_round_sizes(probing, &calls);
    sort_sizes(&calls);
    return call_list_make(probing, &calls);
}

static int run_counts(struct probing *probing)
{
    struct call_list calls = {0};
    uint32_t n = (uint32_t)probing->truth->session_count;
    const uint32_t counts[] = {0, 1, n > 0 ? n - 1 : 0, n, n + 1, 0x7FFFFFFF, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct call sufficient = call_usual(probing, probing->required + GENEROUS, PLACE_END);
        sufficient.count_in = counts[i];
        call_list_add(&calls, sufficient);
        sufficient.offered = probing->required;
        call_list_add(&calls, sufficient);
        struct call query = call_usual(probing, 0, PLACE_NULL);
        query.count_in = counts[i];
        call_list_add(&calls, query);
    }
    return call_list_make(probing, &calls);
}

static int run_fills(struct probing *probing)
{
    static const enum fill fills[] = {FILL_HASH_0, FILL_HASH_1, FILL_ZERO, FILL_ONES};
    struct call_list calls = {0};
    const uint32_t sizes[] = {probing->required / 2, probing->required,
                              probing->required + GENEROUS};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (size_t j = 0; j < sizeof fills / sizeof fills[0]; j++) {
            struct call call = call_usual(probing, sizes[i], PLACE_END);
            call.fill = (uint8_t)fills[j];
            call_list_add(&calls, call);
        }
    return call_list_make(probing, &calls);
}

static int run_offsets(struct probing *probing)
{
    struct call_list calls = {0};
    for (uint32_t misalignment = 1; misalignment < 16; misalignment++) {
        struct call call = call_usual(probing, probing->required + GENEROUS, PLACE_MIDDLE);
        call.misalignment = misalignment;
        call_list_add(&calls, call);
        call.offered = probing->required / 2;
        call.count_in = call.offered / probing->structure_size;
        call_list_add(&calls, call);
    }
    call_list_add_usual(&calls, probing, probing->required + 1, PLACE_EXACT);
    call_list_add_usual(&calls, probing, probing->required + 3, PLACE_EXACT);
    return call_list_make(probing, &calls);
}

static int make_large(struct probing *probing, const uint32_t *sizes, size_t count)
{
    struct call_list calls = {0};
    for (size_t i = 0; i < count; i++) {
        struct call call = call_usual(probing, sizes[i], PLACE_START);
        call.flags = CALL_SPARSE;
        call_list_add(&calls, call);
    }
    return call_list_make(probing, &calls);
}

// A process of 32 bits has no room for all of these, and may have none for a second one. What no
// caller can offer is not tried: instead of it a round number, and the largest odd one that there
// can be. Each is made in a new process, which the system lays out a little differently: with as
// little room as one process of many may have.
static int run_large(struct probing *probing)
{
    enum { MARGIN = 64 << 20 }; // of the largest that there could be in the first process
    static const uint32_t all[] = {0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    enum { COUNT = sizeof all / sizeof all[0] };
    uint64_t most = probing->transcript->hello.buffer_max;
    if (most >= all[COUNT - 1])
        return make_large(probing, all, COUNT);
    most = most > MARGIN ? most - MARGIN : most;
    const uint32_t largest = most < all[0] ? (uint32_t)(most - 1) | 1 : all[0];
    const uint32_t sizes[] = {0x40000000, largest, all[1]};
    for (size_t i = 0; i < COUNT; i++)
        if (sizes[i] <= most && (host_renew(probing->host, probing->failure) != 0 ||
                                 make_large(probing, &sizes[i], 1) != 0))
            return -1;
    return 0;
}

int probe_refresh(struct probing *probing)
{
    if (probing->truth == emulator_truth(probing->emulator) || probe_is_of_items(probing->charset))
        return 0;
    probing->truth = emulator_truth(probing->emulator);
    probing->set = "query";
    probing->circumstance = NULL;
    uint32_t size = 0;
    if (probe_ask(probing, &size) != 0)
        return -1;
    if (size > 0)
        probing->required = size;
    return 0;
}

const struct probe_set probe_sets[] = {
    {"query",
     "BufferSize 0, with SessionInfo NULL and not NULL; made first, others build on its answer",
     run_query, false, false},
    {"null", "SessionInfo NULL with BufferSize 1, 64, around the size required, and 4,096 more",
     run_null, false, false},
    {"fetch",
     "the size required and 4,096 bytes more: before an inaccessible page, behind one, and "
     "between canary bytes; and twice the size required",
     run_fetch, false, false},
    {"short", "0, 1, 63 and 64 bytes, half the size required, 2 less and 1 less than required",
     run_short, false, false},
    {"repeat",
     "nothing, one byte less than required, the size required, 4,096 more: five times in turn, "
     "then 250 times each (fewer where more than 16 KiB are required)",
     run_repeat, false, false},
    {"sweep",
     "every size from 0 to 160 past the size required, where that is up to 4 KiB (64 KiB with "
     "--effort full); beyond that the end of each structure, array and string and one byte "
     "either side, powers of two, the sizes that programs offer first, and 2,000 sizes drawn by a "
     "seeded generator; where more than 64 KiB are required, a share of these, smaller the more "
     "that is",
     run_sweep, false, false},
    {"counts",
     "*SessionCount 0, 1, n - 1, n, n + 1, 0x7FFFFFFF and 0xFFFFFFFF (n sessions), in "
     "sufficient buffers and in queries",
     run_counts, false, false},
    {"fills",
     "half the size required, the size required and 4,096 more, in buffers of noise, other "
     "noise, zeros and ones",
     run_fills, false, false},
    {"state",
     "with SessionInfo NULL and not NULL: 0 bytes, half the size required, the size required, and "
     "4,096 more; the process's descriptors, signal mask and handlers, timers, resource limits, "
     "working directory, umask and floating-point mode before and after",
     run_state, false, false},
    {"endure",
     "queries, fetches, calls with half the size required, calls with a size and SessionInfo NULL: "
     "10,000 of each (fewer where more than 16 KiB are required); and fetches in 1,024 threads "
     "that end; the process's memory, descriptors, threads and children after each half",
     probe_endurance, false, false},
    {"threads",
     "queries, fetches and failures in 2, 8 and 32 threads at once; and in 8 while sessions "
     "come and go (in fewer where more than 16 KiB are required)",
     probe_threads, false, false},
    {"caller-os-win",
     "the calls of os-win, on the topology as it is, and with a login and a logout between",
     probe_caller, false, false},
    {"caller-go-win-iscsidsc",
     "the calls of go-win-iscsidsc, on the topology as it is, and with a login and a logout "
     "between",
     probe_caller, false, false},
    {"caller-go-win-iscsidsc-small",
     "the calls of go-win-iscsidsc with 2 bytes, on the topology as it is, and with a login and a "
     "logout between",
     probe_caller, false, false},
    {"caller-hpe",
     "the calls of hpe-storage/common-host-libs, on the topology as it is, and with a login and a "
     "logout between",
     probe_caller, false, false},
    {"caller-flydisk",
     "the calls of FlyDisk, on the topology as it is, and with a login and a logout between",
     probe_caller, false, false},
    {"caller-go-server",
     "the calls of a block storage server in Go, on the topology as it is, and with a login and a "
     "logout between",
     probe_caller, false, false},
    {"caller-lisp",
     "the calls of a Lisp binding, on the topology as it is, and with a login and a logout between",
     probe_caller, false, false},
    {"caller-reservations",
     "the calls of a persistent reservation tool, on the topology as it is, and with a login and a "
     "logout between",
     probe_caller, false, false},
    {"caller-replication",
     "the calls of a replication agent, on the topology as it is, and with a login and a logout "
     "between",
     probe_caller, false, false},
    {"steps",
     "with a session more, a query, a login, the fetch with the size from before, a fetch with the "
     "new size; the logout of that session, a fetch with the size from before; a session's "
     "connection lost, and the session reinstated, a query and a fetch after each",
     probe_steps, false, false},
    {"changing",
     "fetches and queries without pause while sessions log in and out, lose their connection "
     "and are reinstated; then, with the changes stopped and a session more than at first, two "
     "rounds of query and fetch",
     probe_changing, false, false},
    {PROBE_SET_THREADS_BOTH,
     "queries, fetches and failures of A and of W in 16 threads at once, half of them each", NULL,
     false, false},
    {PROBE_SET_EVENTS,
     "the scenario's own events: between a query and a fetch, or after as many calls as the "
     "scenario says, with a second fetch where the first says that more is needed; and while "
     "fetches and queries are made without pause, with two rounds of query and fetch after",
     NULL, false, false},
    // The sets in which an implementation may crash or hang come last.
    {"large",
     "0x7FFFFFFF, 0x80000000 and 0xFFFFFFFF bytes of sparse memory; on 32 bits 0x40000000, and "
     "those that there can be, or the largest odd size",
     run_large, true, false},
    {"offsets", "buffers that start 1 to 15 bytes past a multiple of 16", run_offsets, true, false},
    {"args",
     "BufferSize NULL, SessionCount NULL, both, and all three; with a large buffer and a small one",
     run_args, true, false},
    {"endure-failing",
     "1,000 calls with each pointer NULL, and with the source of sessions damaged in each way that "
     "is done once; measured likewise",
     probe_endurance_failing, true, false},
    {"damage-details",
     "the same with the source there and wrong in a detail: a field missing or not to be read, a "
     "count that isn't what follows, a NUL byte, growing without end, a FIFO",
     probe_damage_details, true, false},
    {"damage",
     "a query and two fetches with the source of sessions gone, unreadable or damaged in each way "
     "that is done once, and cut in at most 24 places; and after each, with it back",
     probe_damage, true, false},
    // In a process of its own, so after all else.
    {"threads-first", "the first calls of a process, made by 8 threads at once",
     probe_threads_first, true, false},
    {PROBE_SET_ITEMS_QUERY,
     "size 0, with the buffer NULL and not NULL, for each value of ForceUpdate, or each of up to "
     "64 sessions of the list, where the function takes such; made first, others build on its "
     "answer",
     probe_items_query, false, true},
    {"items-null",
     "the buffer NULL with the size 1, around the size required, and 4,096 more (4 structures)",
     probe_items_null, false, true},
    {"items-fetch",
     "the size required, and 4,096 bytes or characters or 4 structures more, for each value of "
     "ForceUpdate or each of up to 64 sessions; of the first of them also behind an inaccessible "
     "page and between canary bytes, and twice the size required",
     probe_items_fetch, false, true},
    {"items-short", "the size 0, 1, half of what is required, 2 less and 1 less", probe_items_short,
     false, true},
    {"items-repeat",
     "nothing, 1 less than required, the size required, more: five times in turn, then 50 times "
     "each",
     probe_items_repeat, false, true},
    {"items-sweep",
     "every size from 0 to 64 bytes or characters (4 structures) past what is required; 512 sizes, "
     "and those near it, where that is more than 2,048",
     probe_items_sweep, false, true},
    {"items-unknown",
     "identifiers that no session has: zeros, ones, that of a session with one byte changed; with "
     "and without a buffer",
     probe_items_unknown, false, true},
    {"items-threads",
     "nothing, 1 less than required, the size required, more, by 8 threads at once; of the first "
     "subject",
     probe_items_threads, false, true},
    {"items-changing",
     "the size required, more, and queries without pause while sessions log in and out, lose their "
     "connection and are reinstated; of the first subject",
     probe_items_changing, false, true},
    {NULL, NULL, NULL, false, false},
};

const struct probe_set *probe_set_first(enum charset charset)
{
    return probe_set_find(probe_is_of_items(charset) ? PROBE_SET_ITEMS_QUERY : "query");
}

const struct probe_set *probe_set_find(const char *name)
{
    for (const struct probe_set *set = probe_sets; set->name != NULL; set++)
        if (strcmp(set->name, name) == 0)
            return set;
    return NULL;
}
