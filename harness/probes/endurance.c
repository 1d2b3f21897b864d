// SPDX-License-Identifier: Apache-2.0
// Each kind of call is repeated by itself, in two halves. What the first half leaves behind may be
// a cache; what the second adds is a leak.
#include "harness/probes/endurance.h"

#include "conformance/transcript/circumstance.h"
#include "emulator/table/damage.h"
#include "harness/probes/call_list.h"
#include "harness/probes/changes.h"

enum {
    GENEROUS = 4096, // bytes beyond what is required
    HALF = 5000,     // calls of a kind
    HALF_LEAST = 100,
    FAILING_HALF = 500,
    THREADS = 8,
    THREAD_BATCHES = 64, // of a half
};

static void add_halves(struct call_list *calls, struct call call, uint32_t half)
{
    call.repeat = half;
    call.flags |= CALL_MEASURE;
    call_list_add(calls, call);
    call_list_add(calls, call);
}

// Makes calls in half of the threads, and then one call that measures the process. That call
// differs from all others, so that the judge finds it.
static int make_threads(struct probing *probing)
{
    struct call_list measured = {0};
    uint32_t size = probing->required + GENEROUS;
    for (int i = 0; i < THREAD_BATCHES; i++) {
        struct call_list calls = {0};
        call_list_add_usual(&calls, probing, size, PLACE_END);
        if (call_list_make_while(probing, &calls, THREADS, NULL) != 0)
            return -1;
    }
    struct call call = call_usual(probing, size, PLACE_MIDDLE);
    call.flags = CALL_MEASURE;
    call_list_add(&measured, call);
    return call_list_make(probing, &measured);
}

// Is it already certain that each call leaks a descriptor? More such calls would use up all
// descriptors, and the other function could not be judged any more.
static bool loses_descriptors(const struct probing *probing)
{
    enum { MANY = 1000 };
    const struct outcome *last = &transcript_last(probing->transcript)->outcome;
    return last->has_state && last->state_after.descriptors > last->state_before.descriptors + MANY;
}

int probe_endurance(struct probing *probing)
{
    uint32_t half = probe_times(probing, HALF, HALF_LEAST);
    const struct call kinds[] = {
        call_usual(probing, 0, PLACE_NULL),
        call_usual(probing, probing->required + GENEROUS, PLACE_END),
        call_usual(probing, probing->required / 2, PLACE_END),
        call_usual(probing, probing->required + GENEROUS, PLACE_NULL),
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct call_list calls = {0};
        add_halves(&calls, kinds[i], half);
        if (call_list_make(probing, &calls) != 0)
            return -1;
        if (loses_descriptors(probing))
            return 0;
    }
    return make_threads(probing) != 0 ? -1 : make_threads(probing);
}

static int endure_null(struct probing *probing)
{
    static const unsigned forms[] = {CALL_SIZE_NULL, CALL_COUNT_NULL};
    static const char *const names[] = {"BufferSize NULL", "SessionCount NULL"};
    int result = 0;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0] && result == 0; i++) {
        struct call_list calls = {0};
        struct call call = call_usual(probing, probing->required + GENEROUS, PLACE_END);
        call.flags = (uint8_t)forms[i];
        add_halves(&calls, call, FAILING_HALF);
        probing->way = names[i];
        result = call_list_make(probing, &calls);
    }
    probing->way = NULL;
    return result;
}

static int endure_damage(struct probing *probing, size_t index)
{
    struct call_list calls = {0};
    int applied = probe_damaged(probing, index);
    if (applied != 0)
        return applied < 0 ? -1 : 0; // this damage can't be made here
    add_halves(&calls, call_usual(probing, probing->required, PLACE_END), FAILING_HALF);
    return call_list_make(probing, &calls);
}

int probe_endurance_failing(struct probing *probing)
{
    if (endure_null(probing) != 0)
        return -1;
    if ((emulator_abilities(probing->emulator) & EMULATOR_HAS_TABLE) == 0)
        return 0;
    int result = 0;
    for (size_t i = 0; i < damage_once_count() && result == 0; i++)
        result = endure_damage(probing, i);
    probing->way = NULL;
    probing->circumstance = NULL;
    return damage_repair(emulator_session_table(probing->emulator), probing->truth,
                         probing->failure) != 0
               ? -1
               : result;
}
