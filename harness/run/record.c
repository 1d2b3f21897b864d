// SPDX-License-Identifier: Apache-2.0
// Records a scenario: emulator, host, probes.
#include "harness/run/record.h"

#include "conformance/base/clock.h"
#include "conformance/judge/measure.h"
#include "emulator/emulator.h"
#include "emulator/service/initiator_service.h"
#include "emulator/table/session_table.h"
#include "harness/driver/host.h"
#include "harness/driver/places.h"
#include "harness/probes/call_list.h"
#include "harness/probes/changes.h"
#include "harness/probes/events.h"
#include "harness/probes/items.h"
#include "harness/probes/probes.h"
#include "harness/run/api_logins.h"
#include "harness/run/plan.h"
#include "harness/run/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What a scenario's sessions come from, and what tells of targets and devices.
struct sources {
    struct emulator *emulator;
    struct api_logins *logins;         // NULL: not --login api
    struct initiator_service *service; // NULL: it isn't needed, or could not be reached
};

// Must the set be called of that function?
static bool needs_set(const struct scenario_result *scenario, const char *name,
                      enum charset charset)
{
    enum family family = function_of(charset)->family;
    for (size_t i = 0; i < scenario->check_count; i++) {
        const struct check *check = &scenario->checks[i];
        if (check->clause->family == family
                ? check_charsets_meet(check->charset, check_charset_of(charset)) &&
                      clause_calls_set(check->clause, name)
                : family == FAMILY_LIST && clause_compares_with_set(check->clause, name))
            return true;
    }
    return false;
}

static bool needs_charset(const struct scenario_result *scenario, enum charset charset)
{
    for (const struct probe_set *set = probe_sets; set->name != NULL; set++)
        if (needs_set(scenario, set->name, charset))
            return true;
    return false;
}

// Is anything to be called that tells of targets or devices?
static bool needs_inventory(const struct scenario_result *scenario)
{
    for (size_t i = 0; i < scenario->check_count; i++)
        if (scenario->checks[i].clause->family >= FAMILY_TARGETS)
            return true;
    return false;
}

// In place of a set whose calls would all be refused: one call, whose outcome says so.
static int probe_nothing(struct probing *probing)
{
    struct call_list calls = {0};
    call_list_add_usual(&calls, probing, 0, PLACE_NULL);
    return call_list_make(probing, &calls);
}

static int begin_charset(struct probing *probing)
{
    if (probe_is_of_items(probing->charset))
        return probe_begin_items(probing);
    // An upper limit, until a query gives the size.
    struct measure measure;
    const struct abi *abi =
        abi_of_function(host_hello(probing->host)->pointer_size, probing->charset);
    if (abi == NULL || measure_truth(&measure, probing->truth, abi, probing->charset) != 0)
        return failure_set(probing->failure, STATUS_UNTRUSTED,
                           "the sessions could not be measured: out of memory");
    probing->structure_size = abi->session_size;
    probing->required = (uint32_t)(measure.whole + 7 * measure.pieces);
    return 0;
}

// Runs the needed sets of probes of one function: those that come last, or the others.
static int probe_charset(struct running *running, struct scenario_result *scenario,
                         struct probing *probing, bool last)
{
    for (const struct probe_set *set = probe_sets; set->name != NULL; set++) {
        bool first = set == probe_set_first(probing->charset) && !last;
        if (set->run == NULL || set->last != last ||
            set->of_items != probe_is_of_items(probing->charset) ||
            (!first && !needs_set(scenario, set->name, probing->charset)))
            continue;
        char doing[64];
        snprintf(doing, sizeof doing, "%s (%s)", set->name, function_of(probing->charset)->key);
        progress_step(running, scenario, doing);
        probing->set = set->name;
        probing->hostile = last;
        probing->circumstance = NULL;
        bool in_vain = host_gave_up(probing->host, probing->charset);
        if ((in_vain ? probe_nothing(probing) : set->run(probing)) != 0)
            return -1;
    }
    return 0;
}

// The scenario's own events, when all else is done.
static int probe_own_events(struct running *running, struct scenario_result *scenario,
                            struct probing *probings, size_t count)
{
    struct probing chosen[CHARSETS];
    size_t needed = 0;
    for (size_t i = 0; i < count; i++)
        if (needs_set(scenario, PROBE_SET_EVENTS, probings[i].charset))
            chosen[needed++] = probings[i];
    if (needed == 0 || !probe_can_change(&chosen[0]))
        return 0;
    progress_step(running, scenario, PROBE_SET_EVENTS);
    return probe_events(chosen, needed);
}

// A and W in threads at the same time. They come first.
static int probe_both(struct running *running, struct scenario_result *scenario,
                      struct probing *probings, size_t count)
{
    if (count < 2 || probings[1].charset != CHARSET_W ||
        !needs_set(scenario, PROBE_SET_THREADS_BOTH, CHARSET_A))
        return 0;
    progress_step(running, scenario, PROBE_SET_THREADS_BOTH);
    for (size_t i = 0; i < count; i++)
        probings[i].set = PROBE_SET_THREADS_BOTH;
    return host_gave_up(probings[0].host, CHARSET_A) || host_gave_up(probings[0].host, CHARSET_W)
               ? probe_nothing(&probings[0])
               : probe_threads_both(probings);
}

// What may hang or crash an implementation comes after all else was tried with both functions. Here
// in turn: each function's own sets, both at once, the scenario's events, and then that.
static int probe_all(struct running *running, struct scenario_result *scenario,
                     struct probing *probings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (begin_charset(&probings[i]) != 0 ||
            probe_charset(running, scenario, &probings[i], false) != 0)
            return -1;
    if (probe_both(running, scenario, probings, count) != 0 ||
        probe_own_events(running, scenario, probings, count) != 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (probe_refresh(&probings[i]) != 0)
            return -1;
    for (size_t i = 0; i < count; i++)
        if (probe_charset(running, scenario, &probings[i], true) != 0)
            return -1;
    return 0;
}

// What fails while the sessions are up, and is not said to be of something else, is the emulator's;
// but not that time is up.
static void blame_emulator(const struct running *running)
{
    struct failure *failure = &running->result->failure;
    uint64_t deadline_ns = running->options->deadline_ns;
    if (deadline_ns != 0 && clock_now_ns() >= deadline_ns)
        return;
    if (failure->status == STATUS_UNTRUSTED && failure->of == FAILURE_OF_KIT)
        failure->of = FAILURE_OF_EMULATOR;
}

// With --login api, an implementation without an initiator of its own can use the kit's, if it is
// on this machine: `service`, or NULL. Without logins the service tells of targets and devices.
static struct host_options host_options_of(const struct running *running, const char *table,
                                           const struct initiator_service *service)
{
    struct host_options options = {
        .program = running->options->host_program,
        .library = running->options->implementation,
        .session_table = table,
        .own_environment = running->options->login != NULL,
        .timeout_ms = running->options->timeout_ms,
        .wine = running->wine,
        .cpu_emulator = running->options->cpu_emulator,
        .remote = running->options->remote,
        .room = running->options->room,
    };
    if (service != NULL)
        options.initiator = initiator_service_address(service);
    if (service != NULL && running->options->login != NULL) {
        options.own_environment = false;
        options.session_table = initiator_service_table(service);
    }
    return options;
}

static int probe(struct running *running, struct scenario_result *scenario,
                 const struct sources *sources, struct transcript *transcript)
{
    struct emulator *emulator = sources->emulator;
    struct failure *failure = &running->result->failure;
    struct host *host = NULL;
    struct host_options options =
        host_options_of(running, emulator_session_table(emulator), sources->service);
    if (host_start(&host, running->supervisor, &options, failure) != 0)
        return -1;
    transcript->hello = *host_hello(host);
    running->result->hello = *host_hello(host);
    running->progress.host = host;
    struct probing probings[CHARSETS];
    size_t probed = 0;
    for (int charset = 0; charset < CHARSETS; charset++) {
        if (!hello_exports(host_hello(host), (enum charset)charset) ||
            !needs_charset(scenario, (enum charset)charset))
            continue;
        struct probing *probing = &probings[probed++];
        *probing = (struct probing){
            .host = host,
            .emulator = emulator,
            .supervisor = running->supervisor,
            .transcript = transcript,
            .truth = emulator_truth(emulator),
            .charset = (enum charset)charset,
            .effort = running->options->effort,
            .hangs = running->hangs,
            .failure = failure,
        };
    }
    int result = probe_all(running, scenario, probings, probed);
    if (result != 0)
        blame_emulator(running);
    running->progress.host = NULL;
    scenario->call_count = host_call_count(host);
    scenario->memory.host = host_peak_memory(host);
    result_note_noise(running->result, host_noise(host));
    host_stop(host);
    return result;
}

char *record_path(const char *folder, const char *scenario)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s.jsonl", folder, scenario) < 0 ? NULL : path;
}

int record_save(const struct transcript *transcript, const char *folder, struct failure *failure)
{
    if (folder == NULL)
        return 0;
    char *path = record_path(folder, transcript->scenario);
    int result = path == NULL ? failure_set(failure, STATUS_UNTRUSTED, "memory ran out")
                              : transcript_save(transcript, path, failure);
    free(path);
    return result;
}

// Has the user set a variable that the service would set? Then the implementation has an initiator.
static bool has_initiator(void)
{
    return getenv(SESSION_TABLE_VARIABLE) != NULL || getenv(INITIATOR_SERVICE_VARIABLE) != NULL;
}

// Prepares the implementation's own logins. Whoever is on another machine can't reach the service.
static int start_logins(struct sources *sources, const struct running *running,
                        struct failure *failure)
{
    if (running->options->remote == NULL && !has_initiator() &&
        initiator_service_start(&sources->service, running->supervisor, running->folder,
                                running->wine != NULL, failure) != 0)
        return -1;
    struct host_options options = host_options_of(running, NULL, sources->service);
    options.timeout_ms = login_command_timeout_ms(running->options->login);
    options.for_logins = true;
    return api_logins_start(&sources->logins, running->supervisor, &options, failure);
}

static int start_sources(struct sources *sources, const struct running *running,
                         const struct topology *topology, const struct truth *recorded,
                         struct failure *failure)
{
    const struct login_command *login = running->options->login;
    if (recorded != NULL)
        return emulator_start_recorded(&sources->emulator, running->supervisor, topology,
                                       running->folder, recorded, failure);
    if (login == NULL)
        return emulator_start(&sources->emulator, running->supervisor, topology, running->folder,
                              failure);
    if (login_command_is_api(login) && start_logins(sources, running, failure) != 0)
        return -1;
    return emulator_start_external(
        &sources->emulator, running->supervisor, topology, running->folder, login,
        sources->logins != NULL ? api_logins_agent(sources->logins) : NULL, failure);
}

static const struct truth *truth_now(void *argument)
{
    return emulator_truth(argument);
}

// Notes which targets and portals there are. Where sessions come from a table, the initiator
// service is there to tell of them.
static int start_inventory(struct sources *sources, const struct running *running,
                           struct transcript *transcript, struct failure *failure)
{
    bool by_table = running->options->login == NULL;
    transcript->inventory =
        emulator_inventory(sources->emulator, by_table, sources->service == NULL);
    if (transcript->inventory == NULL ||
        (sources->logins != NULL &&
         api_logins_list_portals(sources->logins, transcript->inventory) != 0))
        return failure_set(failure, STATUS_UNTRUSTED, "memory ran out");
    if (!by_table)
        return 0;
    if (initiator_service_start(&sources->service, running->supervisor, running->folder,
                                running->wine != NULL, failure) != 0)
        return -1;
    const struct service_told told = {transcript->inventory, truth_now, sources->emulator};
    initiator_service_tell(sources->service, &told);
    return 0;
}

// The emulator logs out what is logged in, and needs the others for that. A service that was told
// of the emulator ends before it.
static void stop_sources(struct sources *sources)
{
    struct initiator_service *telling = sources->logins == NULL ? sources->service : NULL;
    initiator_service_stop(telling);
    emulator_stop(sources->emulator);
    api_logins_stop(sources->logins);
    if (telling == NULL)
        initiator_service_stop(sources->service);
}

static void note_login(const struct running *running, const struct emulator *emulator,
                       struct transcript *transcript)
{
    unsigned abilities = emulator_abilities(emulator);
    transcript->login = plan_login_way(running->options);
    transcript->lacks |= abilities & EMULATOR_HAS_TABLE ? 0 : LACKS_SOURCE;
    transcript->lacks |= abilities & EMULATOR_CAN_LOSE ? 0 : LACKS_RECOVERY;
    transcript->lacks |= abilities & EMULATOR_IS_LIVE ? 0 : LACKS_CHANGES;
}

int record_scenario(struct running *running, struct scenario_result *scenario, size_t source,
                    struct transcript *transcript)
{
    const struct run_options *options = running->options;
    struct failure *failure = &running->result->failure;
    struct sources sources = {0};
    int result = -1;
    progress_step(running, scenario, "bringing up");
    uint64_t began = clock_now_ns();
    if (start_sources(&sources, running, &options->scenarios[source]->topology,
                      options->recorded != NULL ? options->recorded[source] : NULL, failure) != 0) {
        blame_emulator(running);
        goto out;
    }
    if (needs_inventory(scenario) && start_inventory(&sources, running, transcript, failure) != 0)
        goto out;
    note_login(running, sources.emulator, transcript);
    scenario->bring_up_ns = clock_now_ns() - began;
    if (transcript_add_truth(transcript, emulator_truth(sources.emulator)) != 0) {
        failure_set(failure, STATUS_UNTRUSTED, "memory ran out");
        goto out;
    }
    began = clock_now_ns();
    if (probe(running, scenario, &sources, transcript) != 0)
        goto out;
    scenario->probes_ns = clock_now_ns() - began;
    if (running->places != NULL)
        places_resolve(running->places, running->supervisor, transcript);
    if (emulator_verify(sources.emulator, failure) != 0 ||
        emulator_finish(sources.emulator, failure) != 0) {
        blame_emulator(running);
        goto out;
    }
    scenario->memory.tgtd = emulator_peak_memory(sources.emulator);
    result = record_save(transcript, options->transcript_folder, failure);
out:
    stop_sources(&sources);
    return result;
}
