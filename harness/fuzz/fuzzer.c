// SPDX-License-Identifier: Apache-2.0
// The loop of the fuzzer.
#include "harness/fuzz/fuzzer.h"

#include "conformance/base/clock.h"
#include "conformance/base/hash.h"
#include "harness/fuzz/behaviours.h"
#include "harness/fuzz/calls.h"
#include "harness/fuzz/edits.h"
#include "harness/fuzz/learned.h"
#include "harness/fuzz/minimiser.h"
#include "harness/fuzz/tuning.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PROCESS_DRAFTS = 48, // that one host process makes
    PER_CASE_DRAFTS = 3, // of one case: two to learn from, and its own
    TRIALS_MAX = 600,    // of one minimisation
    PER_CASE_MAX = 3,    // kinds of findings of one case that are followed up
    FINDINGS_MAX = 64,   // after so many the run ends: it says what there is to say
    CLAUSES_MAX = 256,
};
static const uint64_t MINIMISE_NS = 20000000000; // at most, each
static const uint64_t PROGRESS_NS = 200000000;

// A case whose calls were made, and which is judged while the next one's are made.
struct pending {
    bool there;
    bool judged;
    int status; // of judging
    struct draft draft;
    struct trial trial;
    size_t history_count; // of what the process had made then, this case too
};

struct fuzzer {
    const struct fuzz_options *options;
    struct fuzz_stats *stats;
    struct failure *failure;
    struct replayer *replayer;
    struct draft history[PROCESS_DRAFTS]; // what the present process made, the last case too
    size_t history_count;
    bool renewed; // another process makes the next calls than made the last ones
    struct pending pending;
    struct findings_seen seen;
    struct behaviours behaviours;
    bool tried[CLAUSES_MAX]; // by the clause's place in the options
    uint64_t began_ns;
    uint64_t told_ns;
    bool ends;
};

// ---- Making a case

// The process ends with the calls from which was learned, too, in the history.
static void remember(struct fuzzer *fuzzer, struct draft *draft)
{
    draft_free(&fuzzer->history[fuzzer->history_count]);
    fuzzer->history[fuzzer->history_count++] = *draft;
    *draft = (struct draft){0};
}

// The next calls are made by a new process; the old one is ended first: a listener has one at a
// time.
static void renew(const struct fuzzer *fuzzer)
{
    replayer_renew(fuzzer->replayer);
    if (fuzzer->options->live != NULL)
        live_renew(fuzzer->options->live);
}

static void forget(struct fuzzer *fuzzer)
{
    for (size_t i = 0; i < fuzzer->history_count; i++)
        draft_free(&fuzzer->history[i]);
    fuzzer->history_count = 0;
    fuzzer->renewed = true;
    renew(fuzzer);
}

static int learn(struct fuzzer *fuzzer, const struct draft *draft, struct learned *learned)
{
    struct trial trial;
    struct draft copy = draft_copy(draft);
    struct draft *asked = &copy;
    learned_ask(asked);
    int status = trial_call(&trial, &fuzzer->options->trial, fuzzer->replayer, asked, "learn",
                            fuzzer->failure);
    if (status == 0 && learned_take(learned, draft, trial.replayed) != 0)
        status = failure_set(fuzzer->failure, STATUS_UNTRUSTED, "memory ran out");
    trial_free(&trial);
    remember(fuzzer, asked);
    return status;
}

// A case: its sessions, what the library says of them, and calls around that.
static int make_draft(struct fuzzer *fuzzer, struct draws *draws, struct draft *draft)
{
    struct learned learned = {0};
    calls_make_moments(draws, draft, fuzzer->options->sessions);
    if (draft->exhausted)
        return failure_set(fuzzer->failure, STATUS_UNTRUSTED, "memory ran out");
    int status = learn(fuzzer, draft, &learned);
    if (status == 0 && draw_chance(draws, CALLS_TUNED) && tune(draws, draft, &learned)) {
        learned_free(&learned);
        status = learn(fuzzer, draft, &learned);
    }
    if (status == 0)
        calls_make(draws, draft, &learned);
    learned_free(&learned);
    return status;
}

// ---- What was seen

static void add_digest(struct fuzz_stats *stats, const struct draft *draft)
{
    uint64_t digest = stats->digest;
    for (size_t i = 0; i < draft->moment_count; i++) {
        uint64_t sessions = truth_digest(draft->moments[i]);
        digest = hash_bytes(digest, &sessions, sizeof sessions);
    }
    for (size_t i = 0; i < draft->call_count; i++) {
        const struct draft_call *call = &draft->calls[i];
        const uint64_t numbers[] = {
            call->moment,      call->call.charset, call->call.placement, call->call.fill,
            call->call.flags,  call->call.offered, call->call.count_in,  call->call.misalignment,
            call->call.repeat, call->threads};
        digest = hash_bytes(digest, numbers, sizeof numbers);
    }
    stats->digest = digest;
}

static void note_clauses(struct fuzzer *fuzzer, const struct scenario_result *scenario)
{
    const struct trial_options *options = &fuzzer->options->trial;
    for (size_t i = 0; i < scenario->check_count; i++) {
        const struct check *check = &scenario->checks[i];
        if (!check->judged || check->verdict.kind == VERDICT_SKIP ||
            check->verdict.kind == VERDICT_ERROR)
            continue;
        for (size_t j = 0; j < options->clause_count && j < CLAUSES_MAX; j++)
            if (options->clauses[j] == check->clause) {
                fuzzer->stats->clauses += !fuzzer->tried[j];
                fuzzer->tried[j] = true;
                break;
            }
    }
}

static void tell_progress(struct fuzzer *fuzzer, bool now)
{
    uint64_t time = clock_now_ns();
    fuzzer->stats->duration_ns = time - fuzzer->began_ns;
    fuzzer->stats->behaviours = fuzzer->behaviours.count;
    if (fuzzer->options->progress == NULL || (!now && time - fuzzer->told_ns < PROGRESS_NS))
        return;
    fuzzer->told_ns = time;
    fuzzer->options->progress(fuzzer->options->argument, fuzzer->stats);
}

// ---- Findings

// All that is broken beside what is told goes with it.
static void note_kinds(struct fuzzer *fuzzer, const struct trial *trial)
{
    const struct scenario_result *scenario = trial_scenario(trial);
    bool exhausted = false;
    for (size_t i = 0; i < scenario->check_count; i++)
        if (scenario->checks[i].verdict.kind == VERDICT_FAIL ||
            scenario->checks[i].verdict.kind == VERDICT_WARN) {
            struct finding_kind kind = finding_kind_of(&scenario->checks[i], trial->replayed);
            findings_note(&fuzzer->seen, &kind, &exhausted);
        }
}

static int hand_over(struct fuzzer *fuzzer, struct fuzz_finding *finding, const struct draft *draft,
                     const struct check *check)
{
    finding->sessions = 0;
    for (size_t i = 0; i < draft->moment_count; i++)
        if (draft->moments[i]->session_count > finding->sessions)
            finding->sessions = draft->moments[i]->session_count;
    bool must = check->verdict.kind == VERDICT_FAIL;
    fuzzer->stats->findings += must;
    fuzzer->stats->warnings += !must;
    if ((must && fuzzer->options->first) ||
        fuzzer->stats->findings + fuzzer->stats->warnings >= FINDINGS_MAX)
        fuzzer->ends = true;
    tell_progress(fuzzer, false);
    return fuzzer->options->found(fuzzer->options->argument, finding, fuzzer->failure);
}

// Tells of the small case, judged by all clauses, unless its kind is known by now.
static int report(struct fuzzer *fuzzer, const struct finding_kind *wanted,
                  const struct draft *draft, bool history)
{
    const struct trial_options *options = &fuzzer->options->trial;
    struct fuzz_finding finding = {.again = true, .history = history};
    struct trial trial = {0};
    struct transcript *one = NULL;
    bool exhausted = false;
    finding_name(wanted, finding.name);
    for (int round = 0; round < 2; round++) { // the second with the name of what it now is
        trial_free(&trial);
        replayer_renew(fuzzer->replayer);
        if (trial_make(&trial, options, fuzzer->replayer, draft, finding.name, options->clauses,
                       options->clause_count, fuzzer->failure) != 0)
            return -1;
        const struct check *check =
            finding_check(trial_scenario(&trial), wanted->clause, wanted->symptom);
        if (check == NULL) // it does not come each time
            goto out;
        finding.kind = finding_kind_of(check, trial.replayed);
        finding_name(&finding.kind, finding.name);
    }
    const struct check *check =
        finding_check(trial_scenario(&trial), wanted->clause, wanted->symptom);
    if (check == NULL || findings_note(&fuzzer->seen, &finding.kind, &exhausted))
        goto out;
    note_kinds(fuzzer, &trial);
    one = draft_make_case(draft, options->implementation, finding.name, check->verdict.got);
    if (one == NULL) {
        trial_free(&trial);
        return failure_set(fuzzer->failure, STATUS_UNTRUSTED, "memory ran out");
    }
    one->hello.pointer_size = trial.replayed->hello.pointer_size;
    finding.one = one;
    finding.result = &trial.result;
    int status = hand_over(fuzzer, &finding, draft, check);
    transcript_free(one);
    trial_free(&trial);
    return status;
out:
    trial_free(&trial);
    return 0;
}

// What does not come again is told as it was seen, with its outcomes.
static int report_seen(struct fuzzer *fuzzer, const struct finding_kind *kind,
                       const struct check *check, const struct draft *draft,
                       const struct trial *trial)
{
    struct fuzz_finding finding = {.kind = *kind, .one = trial->replayed, .result = &trial->result};
    char **names[] = {&trial->result.scenarios[0].name, &trial->replayed->scenario};
    finding_name(kind, finding.name);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *name = strdup(finding.name);
        if (name == NULL)
            return failure_set(fuzzer->failure, STATUS_UNTRUSTED, "memory ran out");
        free(*names[i]);
        *names[i] = name;
    }
    return hand_over(fuzzer, &finding, draft, check);
}

// All that the process did, up to the case that is looked at.
static struct draft whole_history(const struct fuzzer *fuzzer)
{
    struct draft whole = {0};
    for (size_t i = 0; i < fuzzer->pending.history_count; i++) {
        // The sessions of one case are not those of another, whose identifiers they may have.
        struct draft other = draft_copy(&fuzzer->history[i]);
        edit_shift_identifiers(&other, (uint64_t)i << 24);
        draft_append(&whole, &other);
        draft_free(&other);
    }
    return whole;
}

// What the draft breaks, made by a process that knows nothing of others: that kind, or, where
// `any`, what else there is. 1 with it in `*kind`, 0, or -1 with the failure.
static int find_broken(struct fuzzer *fuzzer, const struct draft *draft, bool any,
                       struct finding_kind *kind)
{
    const struct trial_options *options = &fuzzer->options->trial;
    struct trial trial;
    renew(fuzzer);
    int status = trial_make(&trial, options, fuzzer->replayer, draft, "again", options->clauses,
                            options->clause_count, fuzzer->failure);
    const struct check *check =
        status != 0 ? NULL : finding_check(trial_scenario(&trial), kind->clause, kind->symptom);
    for (size_t i = 0; status == 0 && any && i < trial_scenario(&trial)->check_count; i++)
        if (check == NULL && finding_is_cause(&trial_scenario(&trial)->checks[i]))
            check = &trial_scenario(&trial)->checks[i];
    if (check != NULL) {
        *kind = finding_kind_of(check, trial.replayed);
        status = 1;
    }
    trial_free(&trial);
    return status;
}

static int make_small(struct fuzzer *fuzzer, const struct finding_kind *kind, struct draft *draft,
                      bool history)
{
    struct minimiser minimiser = {.options = &fuzzer->options->trial,
                                  .replayer = fuzzer->replayer,
                                  .clause = kind->clause,
                                  .symptom = kind->symptom,
                                  .trials_left = TRIALS_MAX,
                                  .until_ns = clock_now_ns() + MINIMISE_NS,
                                  .failure = fuzzer->failure};
    return minimise(&minimiser, draft) != 0 ? -1 : report(fuzzer, kind, draft, history);
}

// The case alone, or all that the process did before, is to break a clause again. Then it is made
// small.
static int follow_up(struct fuzzer *fuzzer, const struct finding_kind *kind,
                     const struct check *check, const struct draft *draft,
                     const struct trial *trial)
{
    struct finding_kind broken = *kind;
    struct draft smaller = draft_copy(draft);
    bool history = false;
    int breaks = find_broken(fuzzer, &smaller, false, &broken);
    if (breaks == 0) {
        draft_free(&smaller);
        smaller = whole_history(fuzzer);
        history = true;
        breaks = find_broken(fuzzer, &smaller, true, &broken);
    }
    int status = breaks < 0    ? -1
                 : breaks == 0 ? report_seen(fuzzer, kind, check, draft, trial)
                               : make_small(fuzzer, &broken, &smaller, history);
    draft_free(&smaller);
    return status;
}

// Follows up the kinds of failures of a case that were not seen before.
static int look_at(struct fuzzer *fuzzer, const struct draft *draft, const struct trial *trial)
{
    const struct scenario_result *scenario = trial_scenario(trial);
    size_t followed = 0;
    int status = 0;
    for (size_t i = 0;
         i < scenario->check_count && status == 0 && !fuzzer->ends && followed < PER_CASE_MAX;
         i++) {
        const struct check *check = &scenario->checks[i];
        bool exhausted = false;
        fuzzer->stats->doubts += check->verdict.kind == VERDICT_ERROR;
        if (!finding_is_cause(check))
            continue;
        struct finding_kind kind = finding_kind_of(check, trial->replayed);
        if (findings_have(&fuzzer->seen, &kind))
            continue;
        followed++;
        status = follow_up(fuzzer, &kind, check, draft, trial);
        findings_note(&fuzzer->seen, &kind, &exhausted);
    }
    if (followed > 0)
        forget(fuzzer); // other calls were made by other processes meanwhile
    return status;
}

// ---- The loop

static bool gave_up(const struct fuzzer *fuzzer)
{
    const struct live *live = fuzzer->options->live;
    if (live != NULL)
        return live_gave_up(live, CHARSET_A) || live_gave_up(live, CHARSET_W);
    return replayer_gave_up(fuzzer->replayer, CHARSET_A) ||
           replayer_gave_up(fuzzer->replayer, CHARSET_W);
}

static void judge_pending(void *argument)
{
    struct fuzzer *fuzzer = argument;
    const struct trial_options *options = &fuzzer->options->trial;
    struct pending *pending = &fuzzer->pending;
    pending->status = trial_judge(&pending->trial, options, options->clauses, options->clause_count,
                                  fuzzer->failure);
    pending->judged = true;
}

static void drop_pending(struct fuzzer *fuzzer)
{
    trial_free(&fuzzer->pending.trial);
    draft_free(&fuzzer->pending.draft);
    fuzzer->pending = (struct pending){0};
}

// Counts the case that was made last, and looks at what it shows.
static int settle(struct fuzzer *fuzzer)
{
    struct pending *pending = &fuzzer->pending;
    if (!pending->there)
        return 0;
    if (!pending->judged)
        judge_pending(fuzzer);
    int status = pending->status;
    if (status == 0) {
        add_digest(fuzzer->stats, &pending->draft);
        fuzzer->stats->cases++;
        fuzzer->stats->calls += trial_scenario(&pending->trial)->call_count;
        behaviours_add(&fuzzer->behaviours, pending->trial.replayed);
        note_clauses(fuzzer, trial_scenario(&pending->trial));
        status = look_at(fuzzer, &pending->draft, &pending->trial);
    }
    drop_pending(fuzzer);
    return status;
}

// Makes the calls, while the case before is judged and then looked at. Where that took another
// process, they are made once more: what this case shows must come from calls that are known.
static int call_case(struct fuzzer *fuzzer, const struct draft *draft, struct trial *trial)
{
    const struct trial_options *options = &fuzzer->options->trial;
    fuzzer->renewed = false;
    if (fuzzer->pending.there)
        replayer_work_meanwhile(fuzzer->replayer, judge_pending, fuzzer);
    int status = trial_call(trial, options, fuzzer->replayer, draft, "case", fuzzer->failure);
    if (status == 0)
        status = settle(fuzzer);
    if (status != 0 || !fuzzer->renewed || fuzzer->ends)
        return status;
    trial_free(trial);
    return trial_call(trial, options, fuzzer->replayer, draft, "case", fuzzer->failure);
}

// With real sessions a case is drawn while it is made.
static int make_case(struct fuzzer *fuzzer, uint64_t number, struct draft *draft,
                     struct trial *trial)
{
    struct draws draws = draws_of(fuzzer->options->seed, number);
    if (fuzzer->options->live != NULL)
        return live_make(fuzzer->options->live, &draws, draft, &trial->replayed, fuzzer->failure);
    int status = make_draft(fuzzer, &draws, draft);
    return status != 0 ? status : call_case(fuzzer, draft, trial);
}

static int run_case(struct fuzzer *fuzzer, uint64_t number)
{
    struct draft draft = {0};
    struct trial trial = {0};
    int status = make_case(fuzzer, number, &draft, &trial);
    if (status != 0 || fuzzer->ends) {
        trial_free(&trial);
        draft_free(&draft);
        return status;
    }
    struct draft kept = draft_copy(&draft);
    remember(fuzzer, &kept);
    fuzzer->pending = (struct pending){
        .there = true, .draft = draft, .trial = trial, .history_count = fuzzer->history_count};
    bool process_ends = fuzzer->history_count + PER_CASE_DRAFTS > PROCESS_DRAFTS || gave_up(fuzzer);
    if (process_ends || fuzzer->options->live != NULL)
        status = settle(fuzzer);
    if (process_ends)
        forget(fuzzer);
    return status;
}

static bool goes_on(const struct fuzzer *fuzzer, uint64_t number)
{
    const struct fuzz_options *options = fuzzer->options;
    return !fuzzer->ends && (options->cases == 0 || number < options->cases) &&
           (options->time_ns == 0 || clock_now_ns() - fuzzer->began_ns < options->time_ns);
}

int fuzz(const struct fuzz_options *options, struct fuzz_stats *stats, struct failure *failure)
{
    *stats = (struct fuzz_stats){.digest = HASH_BEGINNING};
    struct fuzzer *fuzzer = calloc(1, sizeof *fuzzer);
    if (fuzzer == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "memory ran out");
    *fuzzer = (struct fuzzer){.options = options,
                              .stats = stats,
                              .failure = failure,
                              .replayer = replayer_create(&options->trial.replay),
                              .began_ns = clock_now_ns()};
    int status =
        fuzzer->replayer == NULL ? failure_set(failure, STATUS_UNTRUSTED, "memory ran out") : 0;
    for (uint64_t number = 0; status == 0 && goes_on(fuzzer, number); number++) {
        status = run_case(fuzzer, number);
        tell_progress(fuzzer, false);
    }
    if (status == 0)
        status = settle(fuzzer);
    drop_pending(fuzzer);
    tell_progress(fuzzer, true);
    for (size_t i = 0; i < fuzzer->history_count; i++)
        draft_free(&fuzzer->history[i]);
    replayer_free(fuzzer->replayer);
    findings_free(&fuzzer->seen);
    free(fuzzer);
    return status;
}
