// SPDX-License-Identifier: Apache-2.0
// The digest of what is to be checked, and the split of a plan over machines.
#include "harness/run/shard.h"

#include "conformance/base/hash.h"
#include "harness/probes/probes.h"
#include "harness/result/words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SHARDS_MAX = 1000 };

// The time that a set of probes takes for both charsets, in ms on one machine; only the proportions
// matter. Measured with the reference over the scenarios that ship, 0 to 10,000 sessions.
struct cost {
    const char *set; // NULL: any other
    unsigned fixed;
    unsigned of_session; // of each of the first `many`
    unsigned many;       // beyond so many a call takes longer, and there are fewer: see probe_times
    unsigned of_thousand; // of each thousand sessions
};

static const struct cost costs[] = {
    {"sweep", 20, 9, 300, 650}, {"threads", 200, 8, 100, 20}, {"damage", 150, 12, 40, 300},
    {"repeat", 20, 2, 200, 80}, {"endure", 200, 25, 130, 0},  {"changing", 150, 0, 0, 50},
    {"steps", 30, 0, 0, 90},    {"events", 50, 0, 0, 90},     {NULL, 1, 0, 0, 25},
};

// For bringing a scenario up, verifying it and taking it down.
static const struct cost cost_of_scenario = {NULL, 60, 0, 0, 500};

int shard_parse(struct shard *shard, const char *text, struct failure *failure)
{
    char *end = NULL;
    errno = 0;
    unsigned long number = strtoul(text, &end, 10);
    unsigned long count = *end == '/' ? strtoul(end + 1, &end, 10) : 0;
    if (errno != 0 || *end != '\0' || text[strspn(text, "0123456789/")] != '\0' || number < 1 ||
        number > count || count > SHARDS_MAX)
        return failure_set(
            failure, STATUS_USAGE,
            "--shard %s: give this machine's number and how many there are, from 1/1 "
            "to %d/%d",
            text, SHARDS_MAX, SHARDS_MAX);
    *shard = (struct shard){(unsigned)number, (unsigned)count};
    return 0;
}

// ---- Digests

// With its terminator, so that "ab", "c" is not "a", "bc".
static uint64_t hash_text(uint64_t hash, const char *text)
{
    const char *there = text == NULL ? "" : text;
    return hash_bytes(hash, there, strlen(there) + 1);
}

static void write_digest(char digest[static 17], uint64_t hash)
{
    snprintf(digest, 17, "%016llx", (unsigned long long)hash);
}

int shard_digest_file(char digest[static 17], const char *path, struct failure *failure)
{
    uint8_t bytes[65536];
    uint64_t hash = HASH_BEGINNING;
    ssize_t got = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0)
        while ((got = read(fd, bytes, sizeof bytes)) != 0) {
            if (got < 0 && errno != EINTR)
                break;
            hash = hash_bytes(hash, bytes, got > 0 ? (size_t)got : 0);
        }
    int error = errno;
    if (fd >= 0)
        close(fd);
    if (got != 0)
        return failure_set(failure, failure_input_status(error), "%s: can't be read: %s", path,
                           strerror(error));
    write_digest(digest, hash);
    return 0;
}

// Everything that decides which checks there are and what they say; not how the plan is split, so
// that all parts and the whole have the same digest.
static uint64_t hash_plan(const struct result *result)
{
    uint64_t hash = hash_text(HASH_BEGINNING, TCK_VERSION);
    hash = hash_text(hash, result->implementation_digest);
    hash = hash_text(hash, result->profile);
    hash = hash_text(hash, result->effort);
    hash = hash_text(hash, result->strict ? "strict" : "");
    // Nothing is added for the session table, the usual way.
    if (result->login.commands[0] != NULL) {
        hash = hash_text(hash, result->login.way);
        for (size_t i = 0; i < sizeof result->login.commands / sizeof(char *); i++)
            hash = hash_text(hash, result->login.commands[i]);
        hash = hash_text(hash, result->login.can);
    }
    // Nor where nothing was left out.
    char left_out[LEFT_OUT_SIZE];
    report_describe_left_out(result, left_out, sizeof left_out);
    if (left_out[0] != '\0')
        hash = hash_text(hash, left_out);
    for (size_t i = 0; i < result->scenario_count; i++) {
        const struct scenario_result *scenario = &result->scenarios[i];
        hash = hash_text(hash, scenario->name);
        hash = hash_text(hash, scenario->digest);
        for (size_t j = 0; j < scenario->check_count; j++) {
            hash = hash_text(hash, scenario->checks[j].clause->id);
            hash = hash_text(hash, check_charset_name(scenario->checks[j].charset));
        }
    }
    return hash;
}

// ---- The split

static uint64_t cost_for(const struct cost *cost, size_t sessions)
{
    uint64_t some = sessions < cost->many ? sessions : cost->many;
    return cost->fixed + cost->of_session * some + cost->of_thousand * (uint64_t)sessions / 1000;
}

static const struct cost *cost_of_set(const char *set)
{
    const struct cost *cost = costs;
    while (cost->set != NULL && strcmp(cost->set, set) != 0)
        cost++;
    return cost;
}

static bool needs_set(const struct scenario_result *scenario, const char *name)
{
    for (size_t i = 0; i < scenario->check_count; i++)
        if (clause_calls_set(scenario->checks[i].clause, name))
            return true;
    return false;
}

// Of a scenario with checks; nothing is done for one without.
static uint64_t expected_cost(const struct scenario_result *scenario)
{
    uint64_t sum = cost_for(&cost_of_scenario, scenario->session_count);
    for (const struct probe_set *set = probe_sets; set->name != NULL; set++)
        if (needs_set(scenario, set->name))
            sum += cost_for(cost_of_set(set->name), scenario->session_count);
    return scenario->check_count == 0 ? 0 : sum;
}

// The most expensive scenario that has no part yet, the first among equals; SIZE_MAX: there is
// none.
static size_t dearest_left(const struct plan *plan, const uint64_t *expected)
{
    size_t dearest = SIZE_MAX;
    for (size_t i = 0; i < plan->count; i++)
        if (plan->entries[i].shard == 0 && plan->entries[i].check_count > 0 &&
            (dearest == SIZE_MAX || expected[i] > expected[dearest]))
            dearest = i;
    return dearest;
}

// The most expensive first, each to the part with the least to do: at most a third worse than the
// best split.
static int split(const struct result *result, struct plan *plan, unsigned count)
{
    uint64_t *loads = calloc(count, sizeof *loads);
    uint64_t *expected = calloc(plan->count + 1, sizeof *expected);
    if (loads == NULL || expected == NULL) {
        free(loads);
        free(expected);
        return -1;
    }
    for (size_t i = 0; i < plan->count; i++)
        expected[i] = expected_cost(&result->scenarios[i]);
    for (size_t i = dearest_left(plan, expected); i != SIZE_MAX; i = dearest_left(plan, expected)) {
        unsigned least = 0;
        for (unsigned j = 1; j < count; j++)
            if (loads[j] < loads[least])
                least = j;
        plan->entries[i].shard = least + 1;
        loads[least] += expected[i];
    }
    // Scenarios without checks cost nothing; but each belongs to a part.
    for (size_t i = 0; i < plan->count; i++)
        if (plan->entries[i].shard == 0)
            plan->entries[i].shard = 1;
    free(loads);
    free(expected);
    return 0;
}

static int check_enough(const struct result *result, const struct shard *shard,
                        struct failure *failure)
{
    size_t useful = 0;
    for (size_t i = 0; i < result->scenario_count; i++)
        useful += result->scenarios[i].check_count > 0;
    if (useful >= shard->count)
        return 0;
    // An empty part would judge nothing, which is no result.
    return failure_set(
        failure, STATUS_USAGE,
        "--shard %u/%u: scenarios are not split, and there are only %zu of them with "
        "something to check; give at most that many parts",
        shard->number, shard->count, useful);
}

int shard_plan(struct result *result, const struct shard *shard, struct failure *failure)
{
    struct plan *plan = &result->plan;
    if (shard->number > 0 && check_enough(result, shard, failure) != 0)
        return -1;
    struct left_out left_out = plan->left_out;
    plan_clear(plan);
    plan->left_out = left_out;
    plan->entries = calloc(result->scenario_count + 1, sizeof *plan->entries);
    if (plan->entries == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    for (size_t i = 0; i < result->scenario_count; i++) {
        struct plan_entry *entry = &plan->entries[plan->count];
        entry->scenario = strdup(result->scenarios[i].name);
        entry->check_count = result->scenarios[i].check_count;
        if (entry->scenario == NULL)
            return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
        plan->count++;
    }
    write_digest(plan->digest, hash_plan(result));
    plan->shard = shard->number;
    plan->shard_count = shard->number == 0 ? 0 : shard->count;
    if (shard->number > 0 && split(result, plan, shard->count) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    return 0;
}
