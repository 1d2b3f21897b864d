// SPDX-License-Identifier: Apache-2.0
// Joins shards. Nothing is joined before everything was compared.
#include "harness/result/merge.h"

#include "conformance/base/text.h"

#include <stdlib.h>
#include <string.h>

static int check_shard(const struct result *part, const char *path, struct failure *failure)
{
    if (part->plan.digest[0] == '\0')
        return failure_set(failure, STATUS_UNTRUSTED,
                           "%s: has no plan, so that nothing can be "
                           "proven; merge takes what `run --shard I/N --json FILE` wrote",
                           path);
    if (part->plan.shard == 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "%s: is of a whole run, not of a shard; "
                           "merge takes what `run --shard I/N --json FILE` wrote",
                           path);
    return 0;
}

static bool same_entries(const struct plan *one, const struct plan *other)
{
    if (one->count != other->count)
        return false;
    for (size_t i = 0; i < one->count; i++)
        if (strcmp(one->entries[i].scenario, other->entries[i].scenario) != 0 ||
            one->entries[i].check_count != other->entries[i].check_count ||
            one->entries[i].shard != other->entries[i].shard)
            return false;
    return true;
}

static int refuse_pair(struct failure *failure, const char *path, const char *first,
                       const char *what, const char *here, const char *there)
{
    return failure_set(failure, STATUS_UNTRUSTED,
                       "%s: %s is %s, but that of %s is %s; merge only shards of one run", path,
                       what, here[0] == '\0' ? "unknown" : here, first,
                       there[0] == '\0' ? "unknown" : there);
}

// Are both of one run?
static int check_pair(const struct result *part, const char *path, const struct result *first,
                      const char *first_path, struct failure *failure)
{
    if (strcmp(part->kit_version, first->kit_version) != 0)
        return refuse_pair(failure, path, first_path, "the kit's version", part->kit_version,
                           first->kit_version);
    if (strcmp(part->implementation_digest, first->implementation_digest) != 0)
        return refuse_pair(failure, path, first_path, "the implementation's digest",
                           part->implementation_digest, first->implementation_digest);
    if (strcmp(part->plan.digest, first->plan.digest) != 0)
        return refuse_pair(failure, path, first_path, "the plan's digest", part->plan.digest,
                           first->plan.digest);
    if (part->plan.shard_count != first->plan.shard_count ||
        !same_entries(&part->plan, &first->plan))
        return failure_set(failure, STATUS_UNTRUSTED,
                           "%s: is one of %u shards, but %s is one of %u, or they are split "
                           "otherwise; merge only shards of one run",
                           path, part->plan.shard_count, first_path, first->plan.shard_count);
    return 0;
}

// Has it done what the plan gave it to do, and nothing else?
static int check_part(const struct result *part, const char *path, struct failure *failure)
{
    const struct plan *plan = &part->plan;
    size_t own = 0;
    for (size_t i = 0; i < plan->count; i++) {
        if (!shard_has(plan, i))
            continue;
        own++;
        const struct scenario_result *scenario =
            scenario_result_find(part, plan->entries[i].scenario);
        if (scenario == NULL || scenario->planned_count != plan->entries[i].check_count)
            return failure_set(failure, STATUS_UNTRUSTED,
                               "%s: shard %u has %zu checks of scenario %s, but %zu were planned",
                               path, plan->shard, scenario == NULL ? 0 : scenario->planned_count,
                               plan->entries[i].scenario, plan->entries[i].check_count);
    }
    if (part->scenario_count != own)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "%s: shard %u has %zu scenarios, but %zu were planned for it", path,
                           plan->shard, part->scenario_count, own);
    return 0;
}

static int check_checks(const struct result *part, const char *path, struct failure *failure)
{
    for (size_t i = 0; i < part->scenario_count; i++) {
        const struct scenario_result *scenario = &part->scenarios[i];
        for (size_t j = 0; j < scenario->check_count; j++)
            if (check_find(part, scenario->name, &scenario->checks[j]) != &scenario->checks[j])
                return failure_set(failure, STATUS_UNTRUSTED,
                                   "%s: check %s (%s) of scenario %s is in it twice", path,
                                   scenario->checks[j].clause->id,
                                   check_charset_name(scenario->checks[j].charset), scenario->name);
    }
    return 0;
}

static int check_complete(const struct result *parts, const char *const *paths, size_t count,
                          struct failure *failure)
{
    char missing[512] = "";
    for (unsigned shard = 1; shard <= parts[0].plan.shard_count; shard++) {
        const char *found = NULL;
        for (size_t i = 0; i < count; i++) {
            if (parts[i].plan.shard != shard)
                continue;
            if (found != NULL)
                return failure_set(failure, STATUS_UNTRUSTED,
                                   "%s: is shard %u of %u, as is %s; leave one of them out",
                                   paths[i], shard, parts[0].plan.shard_count, found);
            found = paths[i];
        }
        if (found == NULL)
            report_append(missing, sizeof missing, "%s%u", missing[0] == '\0' ? "" : ", ", shard);
    }
    if (missing[0] == '\0')
        return 0;
    return failure_set(failure, STATUS_UNTRUSTED,
                       "shards missing of the %u: %s; nothing is proven without them",
                       parts[0].plan.shard_count, missing);
}

static int check_all(const struct result *parts, const char *const *paths, size_t count,
                     struct failure *failure)
{
    for (size_t i = 0; i < count; i++)
        if (check_shard(&parts[i], paths[i], failure) != 0 ||
            check_pair(&parts[i], paths[i], &parts[0], paths[0], failure) != 0 ||
            check_part(&parts[i], paths[i], failure) != 0 ||
            check_checks(&parts[i], paths[i], failure) != 0)
            return -1;
    return check_complete(parts, paths, count, failure);
}

// ---- Joining

static void forget_excuses(struct scenario_result *scenario)
{
    for (size_t i = 0; i < scenario->check_count; i++) {
        struct check *check = &scenario->checks[i];
        if (check->excuse.kind == EXCUSE_NONE)
            continue;
        check->verdict.kind = check->excuse.was;
        free(check->excuse.text);
        check->excuse = (struct excuse){0};
    }
}

int merge_owned(struct result *merged, struct result *part)
{
    for (size_t i = 0; i < part->owned_count; i++) {
        void *memory = part->owned[i];
        part->owned[i] = NULL;
        if (result_own(merged, memory) == NULL && memory != NULL)
            return -1;
    }
    return 0;
}

static int take_head(struct result *merged, const struct result *first)
{
    merged->implementation = first->implementation == NULL ? NULL : strdup(first->implementation);
    memcpy(merged->kit_version, first->kit_version, sizeof merged->kit_version);
    memcpy(merged->implementation_digest, first->implementation_digest,
           sizeof merged->implementation_digest);
    memcpy(merged->tgtd_version, first->tgtd_version, sizeof merged->tgtd_version);
    merged->is_reference = first->is_reference;
    merged->profile = first->profile;
    merged->effort = first->effort;
    merged->strict = first->strict;
    merged->command = first->command;
    merged->login = first->login;
    merged->isolation = first->isolation;
    merged->hello = first->hello;
    merged->scenarios = calloc(first->plan.count + 1, sizeof *merged->scenarios);
    if ((first->implementation != NULL && merged->implementation == NULL) ||
        merged->scenarios == NULL || plan_copy(&merged->plan, &first->plan) != 0)
        return -1;
    for (size_t i = 0; i < merged->plan.count; i++)
        merged->plan.entries[i].shard = 0;
    merged->plan.shard = 0;
    merged->plan.shard_count = 0;
    return 0;
}

static void take_scenario(struct result *merged, struct result *parts, size_t count,
                          const char *name)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < parts[i].scenario_count; j++) {
            struct scenario_result *scenario = &parts[i].scenarios[j];
            if (scenario->name == NULL || strcmp(scenario->name, name) != 0)
                continue;
            forget_excuses(scenario);
            merged->scenarios[merged->scenario_count++] = *scenario;
            *scenario = (struct scenario_result){0};
            return;
        }
}

int merge_results(struct result *merged, struct result *parts, const char *const *paths,
                  size_t count, struct failure *failure)
{
    if (check_all(parts, paths, count, failure) != 0)
        return -1;
    if (take_head(merged, &parts[0]) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    for (size_t i = 0; i < count; i++) {
        if (merge_owned(merged, &parts[i]) != 0)
            return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
        // They ran at the same time: the whole took as long as the longest.
        if (parts[i].duration_ns > merged->duration_ns)
            merged->duration_ns = parts[i].duration_ns;
        if (merged->hello.pointer_size == 0)
            merged->hello = parts[i].hello;
        if (parts[i].failure.status != 0)
            failure_set(&merged->failure, STATUS_UNTRUSTED, "%s: %.3500s", paths[i],
                        parts[i].failure.text);
    }
    for (size_t i = 0; i < merged->plan.count; i++)
        take_scenario(merged, parts, count, merged->plan.entries[i].scenario);
    return 0;
}
