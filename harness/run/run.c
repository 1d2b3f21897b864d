// A run. The clauses are a Check suite: a scenario is a suite, a clause a test case, a clause in a
// charset a test; so Check's selection (CK_RUN_SUITE, CK_RUN_CASE, CK_INCLUDE_TAGS,
// CK_EXCLUDE_TAGS) and its TAP and XML output work. What isolates a test from the implementation is
// the host, so Check itself does not fork.
#include "harness/run/run.h"

#include "conformance/clauses/groups.h"
#include "conformance/judge/measure.h"
#include "conformance/transcript/circumstance.h"
#include "emulator/emulator.h"
#include "emulator/process/process.h"
#include "harness/driver/host.h"
#include "harness/probes/call_list.h"
#include "harness/probes/changes.h"
#include "harness/probes/probes.h"
#include "harness/report/report.h"
#include "harness/run/judgement.h"

#include <check.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct running {
    const struct run_options *options;
    const char *folder;
    const struct reporter *reporter;
    struct result *result;
    struct supervisor *supervisor;
    size_t *sources; // for each scenario of the result, which one of the options it is
    // The scenario whose checks are being judged.
    size_t entered; // SIZE_MAX: none yet
    struct transcript *transcript;
    struct evidence_store *store;
    char unsuited[256];              // why its sessions can't be made here; "": they can
    unsigned hangs;                  // calls that did not return in time, over all scenarios
    unsigned long long calls;        // of the scenarios before
    struct sigaction own_signals[2]; // how the loop had SIGINT and SIGTERM handled
};

static const int signals[] = {SIGINT, SIGTERM};

// Check hands nothing to a test but a number, so the run under way stands here while it has the
// suite run. One process makes one run at a time.
static struct running *under_way;

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

// ---- What Check's environment selects
// --------------------------------------------------------------

static void clause_tags(const struct clause *clause, char *tags, size_t size)
{
    snprintf(tags, size, "%s %s %s", clause_group_of(clause)->name, level_name(clause->level),
             basis_name(clause->basis));
}

static bool has_tag(const char *tags, const char *wanted)
{
    char list[1024];
    snprintf(list, sizeof list, "%s", wanted);
    char *rest = NULL;
    for (char *tag = strtok_r(list, " ", &rest); tag != NULL; tag = strtok_r(NULL, " ", &rest)) {
        const char *at = strstr(tags, tag);
        size_t length = strlen(tag);
        if (at != NULL && (at == tags || at[-1] == ' ') &&
            (at[length] == ' ' || at[length] == '\0'))
            return true;
    }
    return false;
}

static bool named(const char *variable, const char *name)
{
    const char *wanted = getenv(variable);
    return wanted == NULL || wanted[0] == '\0' || strcmp(wanted, name) == 0;
}

// What Check will run, so that the plan counts neither more nor less.
static bool check_selects(const char *scenario, const struct clause *clause)
{
    const char *include = getenv("CK_INCLUDE_TAGS");
    const char *exclude = getenv("CK_EXCLUDE_TAGS");
    char tags[128];
    clause_tags(clause, tags, sizeof tags);
    return named("CK_RUN_SUITE", scenario) && named("CK_RUN_CASE", clause->id) &&
           (include == NULL || has_tag(tags, include)) &&
           (exclude == NULL || !has_tag(tags, exclude));
}

// ---- Planning
// --------------------------------------------------------------------------------------

static struct traits traits_of_topology(const struct topology *topology)
{
    struct traits traits = {0};
    for (size_t i = 0; i < topology->session_count; i++) {
        const struct topology_session *session = &topology->sessions[i];
        if (session->at_first != STATE_ABSENT)
            traits_add(&traits, session->initiator_name, topology->targets[session->target].name,
                       session->at_first == STATE_CONNECTIONLESS);
    }
    return traits;
}

// Can the scenario's sessions be made in the way that is to be? Else `why` says why not.
static bool is_suited(const struct run_options *options, const struct scenario *scenario, char *why,
                      size_t size)
{
    why[0] = '\0';
    return options->login == NULL ||
           login_command_suits(options->login, &scenario->topology, why, size);
}

// The scenario with the fewest sessions that has any, of those that can be brought up; SIZE_MAX:
// none has.
static size_t find_smallest(const struct run_options *options)
{
    size_t smallest = SIZE_MAX;
    for (size_t i = 0; i < options->scenario_count; i++) {
        size_t count = topology_first_count(&options->scenarios[i]->topology);
        char why[sizeof((struct running *)0)->unsuited];
        if (count > 0 && is_suited(options, options->scenarios[i], why, sizeof why) &&
            (smallest == SIZE_MAX ||
             count < topology_first_count(&options->scenarios[smallest]->topology)))
            smallest = i;
    }
    return smallest;
}

static int plan_scenario(const struct run_options *options, const struct scenario *scenario,
                         bool smallest, struct scenario_result *result)
{
    *result = (struct scenario_result){
        .name = strdup(scenario->name),
        .summary = strdup(scenario->summary),
        .path = strdup(scenario->path),
        .digest = strdup(scenario->digest),
        .session_count = topology_first_count(&scenario->topology),
    };
    if (result->name == NULL || result->summary == NULL || result->path == NULL ||
        result->digest == NULL)
        return -1;
    struct traits traits = traits_of_topology(&scenario->topology);
    traits.smallest = smallest;
    return judgement_plan(result, options->clauses, options->clause_count, &traits, check_selects);
}

// Leaves in the result what is this run's to do; `sources` says where it stands in the options.
static void keep_own(const struct run_options *options, struct result *result, size_t *sources)
{
    size_t kept = 0;
    for (size_t i = 0; i < result->scenario_count; i++) {
        if (!shard_has(&result->plan, i) || (options->mine != NULL && !options->mine[i])) {
            scenario_result_clear(&result->scenarios[i]);
            continue;
        }
        result->scenarios[kept] = result->scenarios[i];
        if (sources != NULL)
            sources[kept] = i;
        kept++;
    }
    result->scenario_count = kept;
}

static struct result_login describe_login(const struct login_command *command)
{
    struct result_login login = {.way = login_way_name(LOGIN_TABLE)};
    if (command == NULL)
        return login;
    login.way = login_way_name(LOGIN_COMMAND);
    login.can = login_command_can(command);
    for (int step = 0; step < LOGIN_STEPS; step++)
        login.commands[step] = login_command_template(command, (enum login_step)step);
    return login;
}

int run_plan(const struct run_options *options, struct result *result, size_t *sources)
{
    *result = (struct result){
        .implementation = strdup(options->implementation),
        .is_reference = options->is_reference,
        .profile = options->profile,
        .effort = options->effort,
        .strict = options->strict,
        .login = describe_login(options->login),
        .scenarios = calloc(options->scenario_count, sizeof *result->scenarios),
    };
    if (result->implementation == NULL || result->scenarios == NULL)
        goto failed;
    size_t smallest = find_smallest(options);
    for (size_t i = 0; i < options->scenario_count; i++) {
        result->scenario_count++;
        if (plan_scenario(options, options->scenarios[i], i == smallest, &result->scenarios[i]) !=
            0)
            goto failed;
    }
    if (options->implementation_digest != NULL)
        snprintf(result->implementation_digest, sizeof result->implementation_digest, "%s",
                 options->implementation_digest);
    if (shard_plan(result, &options->shard, &result->failure) != 0)
        return -1;
    keep_own(options, result, sources);
    return 0;
failed:
    return failure_set(&result->failure, STATUS_UNTRUSTED,
                       "memory ran out while the run was planned");
}

// ---- One scenario
// ----------------------------------------------------------------------------------

static bool needs_set(const struct scenario_result *scenario, const char *name,
                      enum check_charset charset)
{
    for (size_t i = 0; i < scenario->check_count; i++) {
        const struct check *check = &scenario->checks[i];
        if (check->charset != charset && check->charset != CHECK_BOTH)
            continue;
        for (const char *const *set = check->clause->probe_sets; *set != NULL; set++)
            if (strcmp(*set, name) == 0)
                return true;
    }
    return false;
}

static bool needs_charset(const struct scenario_result *scenario, enum check_charset charset)
{
    for (const struct probe_set *set = probe_sets; set->name != NULL; set++)
        if (needs_set(scenario, set->name, charset))
            return true;
    return false;
}

static void report_progress(const struct running *running, const struct scenario_result *scenario,
                            const char *doing, unsigned long long calls)
{
    if (running->reporter->progress != NULL)
        running->reporter->progress(running->reporter->argument, running->result, scenario, doing,
                                    running->calls + calls);
}

// In place of a set of which no call would be made: one, which says so.
static int probe_nothing(struct probing *probing)
{
    struct call_list calls = {0};
    call_list_add_usual(&calls, probing, 0, PLACE_NULL);
    return call_list_make(probing, &calls);
}

static int begin_charset(struct probing *probing)
{
    // Until a query says better, the most that the sessions can take up.
    struct measure measure;
    const struct abi *abi = abi_of(host_hello(probing->host)->pointer_size);
    if (abi == NULL || measure_truth(&measure, probing->truth, abi, probing->charset) != 0)
        return failure_set(probing->failure, STATUS_UNTRUSTED,
                           "the sessions could not be measured");
    probing->structure_size = abi->session_size;
    probing->required = (uint32_t)(measure.whole + 7 * measure.pieces);
    return 0;
}

// Runs the sets of probes that are needed: those that come last, or the others.
static int probe_charset(struct running *running, struct scenario_result *scenario,
                         struct probing *probing, bool last)
{
    for (const struct probe_set *set = probe_sets; set->name != NULL; set++) {
        bool first = set == probe_sets && !last; // the query, that the others build on
        if (set->run == NULL || set->last != last ||
            (!first && !needs_set(scenario, set->name, (enum check_charset)probing->charset)))
            continue;
        char doing[64];
        snprintf(doing, sizeof doing, "%s (%c)", set->name,
                 probing->charset == CHARSET_A ? 'A' : 'W');
        report_progress(running, scenario, doing, host_call_count(probing->host));
        probing->set = set->name;
        probing->circumstance = NULL;
        bool in_vain = host_gave_up(probing->host, probing->charset);
        if ((in_vain ? probe_nothing(probing) : set->run(probing)) != 0)
            return -1;
    }
    return 0;
}

// What the scenario itself has happen, when all else is done.
static int probe_own_events(struct running *running, struct scenario_result *scenario,
                            struct probing *probings, size_t count)
{
    size_t needed = 0;
    for (size_t i = 0; i < count; i++)
        if (needs_set(scenario, PROBE_SET_EVENTS, (enum check_charset)probings[i].charset))
            probings[needed++] = probings[i];
    if (needed == 0)
        return 0;
    report_progress(running, scenario, PROBE_SET_EVENTS, host_call_count(probings[0].host));
    return probe_events(probings, needed);
}

static int probe(struct running *running, struct scenario_result *scenario,
                 struct emulator *emulator)
{
    struct failure *failure = &running->result->failure;
    struct host *host = NULL;
    struct host_options options = {
        .program = running->options->host_program,
        .library = running->options->implementation,
        .session_table = emulator_session_table(emulator),
        .own_environment = running->options->login != NULL,
        .timeout_ms = running->options->timeout_ms,
    };
    if (host_start(&host, running->supervisor, &options, failure) != 0)
        return -1;
    int result = 0;
    running->transcript->hello = *host_hello(host);
    running->result->hello = *host_hello(host);
    struct probing probings[2];
    size_t probed = 0;
    for (int charset = CHARSET_A; charset <= CHARSET_W && result == 0; charset++) {
        bool exported = charset == CHARSET_A ? host_hello(host)->has_a : host_hello(host)->has_w;
        if (!exported || !needs_charset(scenario, (enum check_charset)charset))
            continue;
        struct probing *probing = &probings[probed++];
        *probing = (struct probing){
            .host = host,
            .emulator = emulator,
            .supervisor = running->supervisor,
            .transcript = running->transcript,
            .truth = emulator_truth(emulator),
            .charset = (enum charset)charset,
            .effort = running->options->effort,
            .failure = failure,
        };
        result = begin_charset(probing);
        if (result == 0)
            result = probe_charset(running, scenario, probing, false);
    }
    if (result == 0 && probed == 2 && needs_set(scenario, PROBE_SET_THREADS_BOTH, CHECK_BOTH)) {
        probings[0].set = probings[1].set = PROBE_SET_THREADS_BOTH;
        result = probe_threads_both(probings);
    }
    if (result == 0)
        result = probe_own_events(running, scenario, probings, probed);
    for (size_t i = 0; i < probed && result == 0; i++)
        result = probe_refresh(&probings[i]);
    for (size_t i = 0; i < probed && result == 0; i++)
        result = probe_charset(running, scenario, &probings[i], true);
    scenario->call_count = host_call_count(host);
    scenario->memory.host = host_peak_memory(host);
    host_stop(host);
    return result;
}

static int save_transcript(const struct running *running)
{
    if (running->options->transcript_folder == NULL)
        return 0;
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/%s.jsonl", running->options->transcript_folder,
                          running->transcript->scenario);
    if (length < 0 || (size_t)length >= sizeof path)
        return failure_set(&running->result->failure, STATUS_UNTRUSTED, "%s: the path is too long",
                           running->options->transcript_folder);
    return transcript_save(running->transcript, path, &running->result->failure);
}

static int start_emulator(struct emulator **emulator, const struct running *running,
                          const struct topology *topology, struct failure *failure)
{
    const struct login_command *login = running->options->login;
    return login == NULL
               ? emulator_start(emulator, running->supervisor, topology, running->folder, failure)
               : emulator_start_outside(emulator, running->supervisor, topology, running->folder,
                                        login, failure);
}

static void note_login(const struct running *running, const struct emulator *emulator)
{
    struct transcript *transcript = running->transcript;
    unsigned abilities = emulator_abilities(emulator);
    transcript->login = running->options->login == NULL ? LOGIN_TABLE : LOGIN_COMMAND;
    transcript->lacks |= abilities & EMULATOR_HAS_TABLE ? 0 : LACKS_SOURCE;
    transcript->lacks |= abilities & EMULATOR_CAN_LOSE ? 0 : LACKS_RECOVERY;
}

// Brings the scenario up, makes all calls, sees that all is still as it was, and takes it down
// again: what is left is the transcript.
static int record(struct running *running, struct scenario_result *scenario,
                  const struct scenario *source)
{
    struct failure *failure = &running->result->failure;
    struct emulator *emulator = NULL;
    int result = -1;
    report_progress(running, scenario, "bringing up", 0);
    uint64_t began = now_ns();
    if (start_emulator(&emulator, running, &source->topology, failure) != 0)
        goto out;
    note_login(running, emulator);
    scenario->bring_up_ns = now_ns() - began;
    if (transcript_add_truth(running->transcript, emulator_truth(emulator)) != 0) {
        failure_set(failure, STATUS_UNTRUSTED, "memory ran out");
        goto out;
    }
    began = now_ns();
    if (probe(running, scenario, emulator) != 0)
        goto out;
    scenario->probes_ns = now_ns() - began;
    if (emulator_verify(emulator, failure) != 0 || emulator_finish(emulator, failure) != 0)
        goto out;
    scenario->memory.tgtd = emulator_peak_memory(emulator);
    result = save_transcript(running);
out:
    emulator_stop(emulator);
    return result;
}

static bool gave_up(const struct running *running)
{
    return running->hangs >= HOST_HANGS_MAX;
}

static void leave_scenario(struct running *running)
{
    evidence_store_free(running->store);
    transcript_free(running->transcript);
    running->store = NULL;
    running->transcript = NULL;
    malloc_trim(0); // what a large scenario took is not the next one's
}

static bool is_changing(const struct record *record)
{
    return record->circumstance != NULL && record->threads == 1 &&
           strcmp(record->circumstance, CIRCUMSTANCE_CHANGING) == 0;
}

// How much was called while sessions came and went, for the report.
static void count_changes(const struct transcript *transcript, struct scenario_result *scenario)
{
    const struct record *before = NULL;
    scenario->generations = transcript->truth_count;
    for (size_t i = 0; i < transcript->record_count; i++) {
        const struct record *record = &transcript->records[i];
        if (!is_changing(record)) {
            before = NULL;
            continue;
        }
        scenario->changing_calls += record->outcome.repeats;
        scenario->changing_ns +=
            record->outcome.ended_ns -
            (before != NULL ? before->outcome.ended_ns : record->outcome.began_ns);
        before = record;
    }
}

static int enter_scenario(struct running *running, size_t index)
{
    struct scenario_result *scenario = &running->result->scenarios[index];
    running->entered = index;
    if (running->result->failure.status != 0)
        return -1;
    if (running->reporter->scenario_begins != NULL)
        running->reporter->scenario_begins(running->reporter->argument, running->result, scenario);
    const struct scenario *source = running->options->scenarios[running->sources[index]];
    if (!is_suited(running->options, source, running->unsuited, sizeof running->unsuited) ||
        gave_up(running))
        return 0;
    process_forget_peak();
    running->transcript = transcript_create(running->options->implementation, scenario->name,
                                            scenario->digest, scenario->summary);
    if (running->transcript == NULL)
        return failure_set(&running->result->failure, STATUS_UNTRUSTED, "memory ran out");
    if (record(running, scenario, source) != 0)
        return -1;
    running->calls += scenario->call_count;
    for (size_t i = 0; i < running->transcript->record_count; i++)
        running->hangs += running->transcript->records[i].outcome.kind == OUTCOME_HUNG;
    count_changes(running->transcript, scenario);
    running->store = evidence_store_create(running->transcript);
    if (running->store == NULL)
        return failure_set(&running->result->failure, STATUS_UNTRUSTED, "memory ran out");
    report_progress(running, scenario, "judging", 0);
    return 0;
}

static void end_scenario(struct running *running, struct scenario_result *scenario,
                         const struct judge_options *options)
{
    char *calls = running->reporter->calls_made != NULL && running->transcript != NULL
                      ? report_calls(running->transcript)
                      : NULL;
    if (running->transcript != NULL &&
        (judgement_prove_skips(scenario, running->transcript, running->store, options) != 0 ||
         judgement_keep(scenario, running->transcript) != 0))
        failure_set(&running->result->failure, STATUS_UNTRUSTED, "memory ran out");
    else
        scenario->finished = true;
    scenario->memory.kit = process_peak_memory(getpid());
    leave_scenario(running);
    if (calls != NULL)
        running->reporter->calls_made(running->reporter->argument, scenario, calls);
    free(calls);
    if (running->reporter->scenario_ends != NULL)
        running->reporter->scenario_ends(running->reporter->argument, running->result, scenario);
}

// ---- The suite
// -------------------------------------------------------------------------------------

// Which check is test number `number`?
static struct check *find_check(struct result *result, size_t number, size_t *scenario, bool *last)
{
    for (size_t i = 0; i < result->scenario_count; i++) {
        // Checks added to prove a skip stand behind the planned ones and have no test; they are
        // added when the scenario's last test was run, so they never shift a number that is still
        // to come.
        size_t planned = result->scenarios[i].planned_count;
        if (number < planned) {
            *scenario = i;
            *last = number + 1 == planned;
            return &result->scenarios[i].checks[number];
        }
        number -= planned;
    }
    return NULL;
}

// The scenario was not brought up. After too many hangs nothing more is called; that they happened
// is in the scenarios before.
static void skip_check(struct check *check, const char *unsuited, unsigned hangs)
{
    check->judged = true;
    check->verdict = (struct verdict){.kind = VERDICT_SKIP};
    if (unsuited[0] != '\0') {
        snprintf(check->verdict.got, sizeof check->verdict.got, "login by command: %s", unsuited);
        return;
    }
    check->verdict.blocked_by = BLOCKED_BY_ANY;
    snprintf(check->verdict.got, sizeof check->verdict.got,
             "not tried: %u calls in the scenarios before did not return in time", hangs);
}

static void judge_test(int number)
{
    struct running *running = under_way;
    // Check has put handlers of its own in the place of the loop's, which end the whole process
    // group.
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], &running->own_signals[i], NULL);
    size_t index = 0;
    bool last = false;
    struct check *check = find_check(running->result, (size_t)number, &index, &last);
    if (check == NULL)
        ck_abort_msg("test %d was not planned", number);
    if (running->entered != index && enter_scenario(running, index) != 0)
        leave_scenario(running);
    if (running->result->failure.status != 0)
        ck_abort_msg("not judged: %s", running->result->failure.text);
    struct judge_options options = {.profile = running->options->profile,
                                    .strict = running->options->strict};
    if (running->transcript == NULL)
        skip_check(check, running->unsuited, running->hangs);
    else
        judgement_check(check, running->transcript, running->store, &options);
    struct verdict verdict = check->verdict;
    if (last)
        end_scenario(running, &running->result->scenarios[index], &options);
    if (verdict.kind == VERDICT_FAIL || verdict.kind == VERDICT_ERROR)
        ck_abort_msg("%s; expected: %s", verdict.got, verdict.expected);
}

// A test's name and entry; Check keeps pointers to them.
struct test {
    char name[32];
    TTest entry;
};

static Suite *make_suite(const struct scenario_result *scenario, struct test *tests, int first)
{
    Suite *suite = suite_create(scenario->name);
    TCase *clause_case = NULL;
    for (size_t i = 0; i < scenario->check_count; i++) {
        const struct check *check = &scenario->checks[i];
        if (i == 0 || scenario->checks[i - 1].clause != check->clause) {
            char tags[128];
            clause_tags(check->clause, tags, sizeof tags);
            clause_case = tcase_create(check->clause->id);
            tcase_set_tags(clause_case, tags);
            suite_add_tcase(suite, clause_case);
        }
        struct test *test = &tests[i];
        judgement_name(check, test->name, sizeof test->name);
        test->entry = (TTest){test->name, judge_test, __FILE__, __LINE__};
        _tcase_add_test(clause_case, &test->entry, 0, 0, first + (int)i, first + (int)i + 1);
    }
    return suite;
}

// Has Check run all planned checks.
static int run_suites(struct running *running)
{
    struct result *result = running->result;
    size_t planned = result_tally(result, NULL).planned;
    if (planned == 0 || planned > INT_MAX)
        return failure_set(&result->failure, STATUS_USAGE,
                           "no check is left to make: none of the selected clauses applies to the "
                           "selected scenarios");
    struct test *tests = calloc(planned, sizeof *tests);
    if (tests == NULL)
        return failure_set(&result->failure, STATUS_UNTRUSTED, "memory ran out");
    SRunner *runner = srunner_create(NULL);
    int first = 0;
    for (size_t i = 0; i < result->scenario_count; i++) {
        struct scenario_result *scenario = &result->scenarios[i];
        scenario->planned_count = scenario->check_count;
        if (scenario->check_count == 0)
            scenario->finished = true; // nothing of it was selected
        else
            srunner_add_suite(runner, make_suite(scenario, tests + first, first));
        first += (int)scenario->check_count;
    }
    srunner_set_fork_status(runner, CK_NOFORK);
    if (running->options->check_tap_file != NULL)
        srunner_set_tap(runner, running->options->check_tap_file);
    if (running->options->check_xml_file != NULL)
        srunner_set_xml(runner, running->options->check_xml_file);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], NULL, &running->own_signals[i]);
    under_way = running;
    srunner_run_all(runner, CK_SILENT);
    under_way = NULL;
    srunner_free(runner);
    free(tests);
    return 0;
}

int run(const struct run_options *options, const char *folder, const struct reporter *reporter,
        struct result *result)
{
    struct running running = {
        .options = options,
        .folder = folder,
        .reporter = reporter,
        .result = result,
        .sources = calloc(options->scenario_count, sizeof *running.sources),
        .entered = SIZE_MAX,
        .hangs = options->hangs,
    };
    uint64_t began = now_ns();
    if (running.sources == NULL) {
        failure_set(&result->failure, STATUS_UNTRUSTED, "memory ran out while the run was planned");
        goto out;
    }
    if (run_plan(options, result, running.sources) != 0)
        goto out;
    if (supervisor_create(&running.supervisor, &result->failure) != 0)
        goto out;
    if (reporter->run_begins != NULL)
        reporter->run_begins(reporter->argument, result);
    if (tgtd_version(running.supervisor, result->tgtd_version, sizeof result->tgtd_version,
                     &result->failure) == 0)
        run_suites(&running);
out:
    leave_scenario(&running);
    supervisor_destroy(running.supervisor);
    free(running.sources);
    result->hangs = running.hangs;
    result->duration_ns = now_ns() - began;
    if (reporter->run_ends != NULL)
        reporter->run_ends(reporter->argument, result);
    return result_exit_status(result);
}

// ---- Stored transcripts
// ----------------------------------------------------------------------------

int run_judge(const struct transcript *transcript, const struct clause *const *clauses,
              size_t clause_count, const struct judge_options *options, struct result *result)
{
    struct scenario_result *grown =
        realloc(result->scenarios, (result->scenario_count + 1) * sizeof *result->scenarios);
    if (grown == NULL)
        return -1;
    result->scenarios = grown;
    struct scenario_result *scenario = &result->scenarios[result->scenario_count++];
    *scenario = (struct scenario_result){
        .name = strdup(transcript->scenario),
        .summary = strdup(transcript->scenario_summary),
        .path = strdup(""),
        .digest = strdup(transcript->scenario_digest),
        .session_count = transcript->truths[0]->session_count,
    };
    for (size_t i = 0; i < transcript->record_count; i++)
        if (transcript->records[i].outcome.kind != OUTCOME_NOT_TRIED)
            scenario->call_count += transcript->records[i].outcome.repeats;
    struct traits traits = traits_of_truth(transcript->truths[0]);
    struct evidence_store *store = evidence_store_create(transcript);
    int status = -1;
    if (scenario->name == NULL || scenario->summary == NULL || scenario->path == NULL ||
        scenario->digest == NULL || store == NULL)
        goto out;
    result->hello = transcript->hello;
    result->login.way = login_way_name(transcript->login);
    if (judgement_plan(scenario, clauses, clause_count, &traits, NULL) != 0)
        goto out;
    judgement_drop_unprobed(scenario, transcript);
    scenario->planned_count = scenario->check_count;
    for (size_t i = 0; i < scenario->check_count; i++)
        judgement_check(&scenario->checks[i], transcript, store, options);
    if (judgement_prove_skips(scenario, transcript, store, options) != 0 ||
        judgement_keep(scenario, transcript) != 0)
        goto out;
    scenario->finished = true;
    status = 0;
out:
    evidence_store_free(store);
    return status;
}
