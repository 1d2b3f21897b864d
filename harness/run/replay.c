// SPDX-License-Identifier: Apache-2.0
// Makes recorded calls again, one group (call_groups.h) after the other.
#include "harness/run/replay.h"

#include "conformance/base/clock.h"
#include "conformance/judge/abi.h"
#include "conformance/judge/evidence.h"
#include "conformance/transcript/circumstance.h"
#include "conformance/transcript/describe.h"
#include "emulator/service/initiator_service.h"
#include "emulator/table/damage.h"
#include "emulator/table/session_table.h"
#include "harness/probes/call_list.h"
#include "harness/probes/callers.h"
#include "harness/probes/changes.h"
#include "harness/probes/items.h"
#include "harness/probes/probes.h"
#include "harness/run/call_groups.h"
#include "harness/run/replay_answers.h"
#include "harness/run/told.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CHANGING_CALLS = 1 << 13 }; // more than are made before the changes are over

struct replayer {
    const struct replay_options *options;
    char *table;                   // its path
    struct host *host;             // NULL: none was started yet
    void (*spare)(void *argument); // work to be done meanwhile; NULL: none
    void *spare_argument;
};

struct replaying {
    const struct transcript *recorded;
    struct replay_difference *difference;
    struct failure *failure;
    struct probing probing;
    const char *table;                 // its path
    struct initiator_service *service; // tells of targets and devices; NULL: nobody asks
    size_t truth;         // the index of the sessions that are published; SIZE_MAX: none yet
    size_t last;          // of the sessions that the calls under way are to meet
    size_t next_damage;   // where the next one is looked for: they were made by rising number
    bool damaged;         // the table is
    bool asked[CHARSETS]; // has the function been asked for the size required by these sessions?
    bool unset;           // the host does not know the table
    struct told told;     // of a case, at the sessions that are published
    size_t *origins; // of each call of the group's list: the number of its first recorded record
};

static void leave_out(struct replaying *replaying, const struct call_group *group, const char *why)
{
    struct replay_difference *difference = replaying->difference;
    for (size_t i = group->first; i < group->end; i++)
        difference->left_out += replaying->recorded->records[i].outcome.repeats;
    if (difference->left_why[0] == '\0')
        snprintf(difference->left_why, sizeof difference->left_why, "%s", why);
}

// ---- Sessions and their source

static int publish(struct replaying *replaying, size_t index)
{
    struct failure *failure = replaying->failure;
    struct truth *truth = truth_copy(replaying->recorded->truths[index]);
    if (truth == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "memory ran out");
    truth->began_ns = clock_now_ns();
    int result = session_table_write(replaying->table, truth, failure);
    truth->settled_ns = clock_now_ns();
    if (result == 0 && transcript_add_truth(replaying->probing.transcript, truth) != 0)
        result = failure_set(failure, STATUS_UNTRUSTED, "memory ran out");
    truth_free(truth);
    replaying->truth = index;
    replaying->damaged = false;
    replaying->told = (struct told){0};
    memset(replaying->asked, 0, sizeof replaying->asked);
    return result;
}

static int mend(struct replaying *replaying)
{
    const struct truth *truth = replaying->recorded->truths[replaying->truth];
    if (replaying->unset &&
        host_set_session_table(replaying->probing.host, replaying->table, replaying->failure) != 0)
        return -1;
    replaying->unset = false;
    if (replaying->damaged && damage_repair(replaying->table, truth, replaying->failure) != 0)
        return -1;
    replaying->damaged = false;
    return 0;
}

// Damages the table as the sentence says. 0; 1 where there is no such way here; or -1.
static int damage(struct replaying *replaying, const char *sentence)
{
    const struct truth *truth = replaying->recorded->truths[replaying->truth];
    size_t count = damage_count(truth);
    for (size_t tried = 0; tried < count; tried++) {
        char made[DAMAGE_SENTENCE_SIZE];
        size_t index = (replaying->next_damage + tried) % count;
        int applied =
            damage_apply(replaying->table, truth, index, made, sizeof made, replaying->failure);
        if (applied < 0)
            return -1;
        replaying->damaged = true;
        if (applied == 0 && strcmp(made, sentence) == 0) {
            replaying->next_damage = index + 1;
            replaying->probing.way = damage_name(truth, index);
            return 0;
        }
        if (damage_repair(replaying->table, truth, replaying->failure) != 0)
            return -1;
    }
    return 1;
}

static int begin_growth(struct replaying *replaying)
{
    const struct truth *truth = replaying->recorded->truths[replaying->truth];
    replaying->damaged = true;
    replaying->probing.way = "growing";
    return damage_grow_begin(&replaying->probing.growth, replaying->table, truth,
                             replaying->failure);
}

// The same as what the words of the circumstance say. 0; 1 where it can't be done; or -1.
static int arrange(struct replaying *replaying, const char *circumstance)
{
    const size_t damaged = strlen(CIRCUMSTANCE_DAMAGED);
    const size_t detail = strlen(CIRCUMSTANCE_DETAIL);
    if (mend(replaying) != 0)
        return -1;
    if (circumstance == NULL)
        return 0;
    if (strcmp(circumstance, CIRCUMSTANCE_FIRST) == 0)
        return host_renew(replaying->probing.host, replaying->failure);
    if (strcmp(circumstance, CIRCUMSTANCE_GROWING) == 0)
        return begin_growth(replaying);
    if (strncmp(circumstance, CIRCUMSTANCE_DETAIL, detail) == 0)
        return damage(replaying, circumstance + detail);
    if (strcmp(circumstance, CIRCUMSTANCE_UNSET) != 0)
        return strncmp(circumstance, CIRCUMSTANCE_DAMAGED, damaged) == 0
                   ? damage(replaying, circumstance + damaged)
                   : 0;
    replaying->unset = true;
    return host_set_session_table(replaying->probing.host, NULL, replaying->failure);
}

// ---- Answers

// Sizes were offered that suit what the recorded library required when it was first asked at these
// sessions. For one that then requires another they prove nothing.
static int check_required(struct replaying *replaying, const struct record *recorded,
                          const struct record *replayed)
{
    const struct outcome *there = &recorded->outcome;
    const struct outcome *here = &replayed->outcome;
    bool *asked = &replaying->asked[replayed->call.charset];
    if (*asked || !record_insufficient(recorded) || !record_insufficient(replayed))
        return 0;
    *asked = true;
    if (there->size_out == here->size_out)
        return 0;
    char code_pages[80] = "";
    unsigned code_there = replaying->recorded->hello.code_page;
    unsigned code_here = host_hello(replaying->probing.host)->code_page;
    if (code_there != code_here)
        snprintf(code_pages, sizeof code_pages, " (with code page %u here, %u there)", code_here,
                 code_there);
    return failure_set(replaying->failure, STATUS_UNTRUSTED,
                       "scenario %s: this library requires %u bytes for its list, and the recorded "
                       "one required %u%s, so that the recorded offers do not suit it: judge it "
                       "with the command run",
                       replaying->recorded->scenario, here->size_out, there->size_out, code_pages);
}

// The records from `first` on are those of the list's calls, in order; each is held against the
// first record of the same call. 0, or -1 with the failure where it can't be.
static int compare(struct replaying *replaying, size_t first, size_t count)
{
    const struct transcript *replayed = replaying->probing.transcript;
    size_t call = 0;
    uint64_t made = 0;
    for (size_t i = first; i < replayed->record_count && call < count; i++) {
        const struct record *record = &replayed->records[i];
        const struct record *recorded = &replaying->recorded->records[replaying->origins[call]];
        if (record->outcome.kind != OUTCOME_NOT_TRIED &&
            recorded->outcome.kind != OUTCOME_NOT_TRIED &&
            !record_met_a_change(replaying->recorded, &recorded->outcome)) {
            replay_compare(replaying->difference, recorded, record);
            if (check_required(replaying, recorded, record) != 0)
                return -1;
        }
        made += record->outcome.repeats;
        if (record->outcome.kind != OUTCOME_RETURNED || made >= record->call.repeat) {
            call++;
            made = 0;
        }
    }
    return 0;
}

// ---- The calls

static struct replaying *replaying_of(struct probing *probing)
{
    return (struct replaying *)((char *)probing - offsetof(struct replaying, probing));
}

// Lets the sessions change while calls are made: each change waits for an answer after the last.
static int change(struct probing *probing)
{
    struct replaying *replaying = replaying_of(probing);
    for (size_t index = replaying->truth + 1; index <= replaying->last; index++)
        if (probe_await_answer(probing) != 0 || publish(replaying, index) != 0)
            return -1;
    return probe_await_answer(probing);
}

// Says of the next calls what the record says.
static int describe_calls(struct replaying *replaying, const struct record *first)
{
    struct probing *probing = &replaying->probing;
    const struct probe_set *set = probe_set_find(first->probe_set);
    const char *circumstance = first->circumstance;
    probing->set =
        set != NULL ? set->name : transcript_intern(probing->transcript, first->probe_set);
    probing->hostile = set != NULL && set->last;
    probing->charset = (enum charset)first->call.charset;
    probing->circumstance =
        circumstance == NULL ? NULL : transcript_intern(probing->transcript, circumstance);
    return probing->set == NULL || (circumstance != NULL && probing->circumstance == NULL)
               ? failure_set(replaying->failure, STATUS_UNTRUSTED, "memory ran out")
               : 0;
}

static int list_calls(struct replaying *replaying, const struct call_group *group,
                      struct call_list *calls)
{
    size_t count = 0;
    unsigned thread = call_group_thread(replaying->recorded, group, &count);
    struct call_reading reading = {replaying->recorded, group, thread, group->first, {0}, 0, 0};
    free(replaying->origins);
    replaying->origins = calloc(count, sizeof *replaying->origins);
    if (replaying->origins == NULL)
        return failure_set(replaying->failure, STATUS_UNTRUSTED, "memory ran out");
    for (size_t i = 0; i < count && call_reading_next(&reading); i++) {
        replaying->origins[i] = reading.origin;
        told_settle(&replaying->told, &replaying->recorded->records[reading.origin],
                    host_hello(replaying->probing.host)->pointer_size, &reading.call);
        call_list_add(calls, reading.call);
    }
    // They end with the changes.
    for (size_t i = 0; group->last > group->truth && i < CHANGING_CALLS && !calls->out_of_memory;
         i++)
        call_list_add(calls, calls->calls[i % count]);
    return 0;
}

// A group of a case has calls of several sets: says of each new record which.
static int name_sets(struct replaying *replaying, size_t first, size_t count)
{
    struct transcript *replayed = replaying->probing.transcript;
    size_t call = 0;
    uint64_t made = 0;
    for (size_t i = first; i < replayed->record_count && call < count; i++) {
        struct record *record = &replayed->records[i];
        const char *set = replaying->recorded->records[replaying->origins[call]].probe_set;
        const struct probe_set *known = probe_set_find(set);
        record->probe_set = known != NULL ? known->name : transcript_intern(replayed, set);
        if (record->probe_set == NULL)
            return failure_set(replaying->failure, STATUS_UNTRUSTED, "memory ran out");
        made += record->outcome.repeats;
        if (record->outcome.kind != OUTCOME_RETURNED || made >= record->call.repeat) {
            call++;
            made = 0;
        }
    }
    return 0;
}

static int make_calls(struct replaying *replaying, const struct call_group *group)
{
    const struct record *first = &replaying->recorded->records[group->first];
    struct probing *probing = &replaying->probing;
    bool changes = group->last > group->truth;
    bool grows = probing->growth != NULL;
    struct call_list calls = {0};
    size_t before = probing->transcript->record_count;
    replaying->last = group->last;
    int result =
        describe_calls(replaying, first) != 0 || list_calls(replaying, group, &calls) != 0 ? -1 : 0;
    size_t count = calls.count;
    if (result == 0) // which frees the list
        result = call_list_make_while(probing, &calls, first->threads,
                                      grows ? probe_grow : (changes ? change : NULL));
    damage_grow_end(probing->growth);
    probing->growth = NULL;
    told_note(&replaying->told, probing->transcript, before);
    if (result == 0 && replaying->recorded->calls_only && first->threads == 1)
        result = name_sets(replaying, before, count);
    if (result == 0 && first->threads == 1 && !changes && !replaying->recorded->calls_only)
        result = compare(replaying, before, count);
    return result;
}

// The last size that a query was told while the sessions were as brought up; 0: not known.
static uint32_t required_by(const struct transcript *transcript, uint8_t charset)
{
    for (size_t i = transcript->record_count; i-- > 0;) {
        const struct record *record = &transcript->records[i];
        if (record->call.charset == charset && record->circumstance == NULL &&
            record_insufficient(record) && record->outcome.size_out < 1U << 30)
            return record->outcome.size_out;
    }
    return 0;
}

static int change_between(struct probing *probing, unsigned number, size_t *session)
{
    struct replaying *replaying = replaying_of(probing);
    (void)number;
    (void)session;
    return replaying->truth < replaying->last ? publish(replaying, replaying->truth + 1) : 0;
}

// A program's calls follow from the answers, which may be others now. So the program is asked anew.
static int make_calls_of_program(struct replaying *replaying, const struct call_group *group)
{
    const struct record *first = &replaying->recorded->records[group->first];
    struct probing *probing = &replaying->probing;
    const struct abi *abi =
        abi_of_function(host_hello(probing->host)->pointer_size, (enum charset)first->call.charset);
    replaying->last = group->last;
    if (describe_calls(replaying, first) != 0)
        return -1;
    probing->structure_size = abi == NULL ? 0 : abi->session_size;
    probing->required = required_by(probing->transcript, first->call.charset);
    return probe_as_caller(probing, record_is_changing(first) ? change_between : NULL);
}

// Of a function that the implementation does not export no call can be made.
static bool is_exported(const struct replaying *replaying, const struct call_group *group)
{
    for (size_t i = group->first; i < group->end; i++)
        if (!hello_exports(host_hello(replaying->probing.host),
                           (enum charset)replaying->recorded->records[i].call.charset))
            return false;
    return true;
}

// A session's devices can be asked for where this library gives the session the same identifier.
static bool knows_sessions(const struct replaying *replaying, const struct call_group *group)
{
    for (size_t i = group->first; i < group->end; i++) {
        const struct record *record = &replaying->recorded->records[i];
        const struct function *function = function_of((enum charset)record->call.charset);
        if (function_takes(function, PARAMETER_ID) &&
            strcmp(record->probe_set, "items-unknown") != 0 &&
            !probe_lists_session(&replaying->probing, record->call.subject))
            return false;
    }
    return true;
}

static bool was_made(const struct replaying *replaying, const struct call_group *group)
{
    for (size_t i = group->first; i < group->end; i++)
        if (replaying->recorded->records[i].outcome.kind != OUTCOME_NOT_TRIED)
            return true;
    return false;
}

// What was not made when it was recorded says so here, too: the first call of a set that was given
// up stands for calls that nobody knows.
static int copy_unmade(struct replaying *replaying, const struct call_group *group)
{
    struct transcript *transcript = replaying->probing.transcript;
    for (size_t i = group->first; i < group->end; i++) {
        const struct record *record = &replaying->recorded->records[i];
        if (describe_calls(replaying, record) != 0)
            return -1;
        if (transcript_add(transcript, replaying->probing.set, &record->call, &record->outcome,
                           NULL) != 0)
            return failure_set(replaying->failure, STATUS_UNTRUSTED, "memory ran out");
        struct record *added = transcript_last(transcript);
        added->circumstance = replaying->probing.circumstance;
        added->thread = record->thread;
        added->threads = record->threads;
    }
    return 0;
}

static int replay_group(struct replaying *replaying, const struct call_group *group)
{
    const struct record *first = &replaying->recorded->records[group->first];
    replaying->probing.way = NULL;
    if (!is_exported(replaying, group)) {
        leave_out(replaying, group, "the function is not exported");
        return 0;
    }
    if (!knows_sessions(replaying, group)) {
        leave_out(replaying, group, "the sessions have other identifiers here");
        return 0;
    }
    if (!was_made(replaying, group))
        return copy_unmade(replaying, group);
    if (group->truth != replaying->truth &&
        (mend(replaying) != 0 || publish(replaying, group->truth) != 0))
        return -1;
    for (int charset = CHARSET_A; charset <= CHARSET_W; charset++)
        if (told_is_needed(replaying->recorded, group, (enum charset)charset) &&
            (mend(replaying) != 0 ||
             told_ask(&replaying->told, &replaying->probing, (enum charset)charset) != 0))
            return -1;
    int arranged = arrange(replaying, first->circumstance);
    if (arranged > 0)
        leave_out(replaying, group, first->circumstance);
    if (arranged != 0)
        return arranged < 0 ? -1 : 0;
    return probe_is_caller(first->probe_set) ? make_calls_of_program(replaying, group)
                                             : make_calls(replaying, group);
}

static int replay_groups(struct replaying *replaying)
{
    struct call_group group = {0};
    while (group.end < replaying->recorded->record_count) {
        group = call_group_next(replaying->recorded, &group);
        if (replay_group(replaying, &group) != 0)
            return -1;
    }
    return 0;
}

static const struct truth *truth_now(void *argument)
{
    const struct transcript *transcript = argument;
    return transcript->truths[transcript->truth_count - 1];
}

// What there was to tell of targets and devices is told again.
static int start_service(struct replaying *replaying, const char *folder,
                         struct host_options *options)
{
    struct transcript *transcript = replaying->probing.transcript;
    if (replaying->recorded->inventory == NULL)
        return 0;
    transcript->inventory = inventory_copy(replaying->recorded->inventory);
    if (transcript->inventory == NULL)
        return failure_set(replaying->failure, STATUS_UNTRUSTED, "memory ran out");
    if (initiator_service_start(&replaying->service, replaying->probing.supervisor, folder,
                                options->wine != NULL, replaying->failure) != 0)
        return -1;
    const struct service_told told = {transcript->inventory, truth_now, transcript};
    initiator_service_tell(replaying->service, &told);
    options->initiator = initiator_service_address(replaying->service);
    return 0;
}

// Where something is to be told, by a host that knows whom to ask.
static int start_host(struct replaying *replaying, struct replayer *replayer)
{
    struct host_options options = replayer->options->host;
    options.session_table = replayer->table;
    if (replaying->recorded->inventory != NULL)
        replayer_renew(replayer);
    if (start_service(replaying, replayer->options->folder, &options) != 0)
        return -1;
    return replayer->host != NULL ? 0
                                  : host_start(&replayer->host, replayer->options->supervisor,
                                               &options, replaying->failure);
}

// The sessions must be there before the host loads the library.
static int replay_all(struct replaying *replaying, struct replayer *replayer)
{
    struct probing *probing = &replaying->probing;
    if (publish(replaying, 0) != 0 || start_host(replaying, replayer) != 0)
        return -1;
    probing->host = replayer->host;
    probing->transcript->hello = *host_hello(probing->host);
    return replay_groups(replaying) != 0 || mend(replaying) != 0 ? -1 : 0;
}

// In a folder to itself, which is all that an isolated host may see. Where that can't be made,
// writing the table says so.
static char *make_table_path(const char *folder)
{
    char *path = NULL;
    if (asprintf(&path, "%s/table/sessions", folder) < 0)
        return NULL;
    char *slash = strrchr(path, '/');
    *slash = '\0';
    mkdir(path, 0700); // another replayer of this run may have made it
    *slash = '/';
    return path;
}

struct replayer *replayer_create(const struct replay_options *options)
{
    struct replayer *replayer = calloc(1, sizeof *replayer);
    if (replayer == NULL)
        return NULL;
    replayer->options = options;
    replayer->table = make_table_path(options->folder);
    if (replayer->table != NULL)
        return replayer;
    free(replayer);
    return NULL;
}

void replayer_work_meanwhile(struct replayer *replayer, void (*work)(void *argument),
                             void *argument)
{
    replayer->spare = work;
    replayer->spare_argument = argument;
}

void replayer_renew(struct replayer *replayer)
{
    host_stop(replayer->host);
    replayer->host = NULL;
}

bool replayer_gave_up(const struct replayer *replayer, enum charset charset)
{
    return replayer->host != NULL && host_gave_up(replayer->host, charset);
}

void replayer_free(struct replayer *replayer)
{
    if (replayer == NULL)
        return;
    host_stop(replayer->host);
    free(replayer->table);
    free(replayer);
}

int replayer_run(struct replayer *replayer, const struct transcript *recorded,
                 struct transcript **replayed, struct replay_difference *difference,
                 struct failure *failure)
{
    const struct replay_options *options = replayer->options;
    struct replaying replaying = {
        .recorded = recorded,
        .table = replayer->table,
        .difference = difference,
        .failure = failure,
        .truth = SIZE_MAX,
        .probing = {.supervisor = options->supervisor,
                    .hangs = options->hangs,
                    .spare = replayer->spare,
                    .spare_argument = replayer->spare_argument,
                    .failure = failure},
    };
    replayer->spare = NULL;
    *difference = (struct replay_difference){0};
    struct transcript *transcript =
        transcript_create(options->host.library, recorded->scenario, recorded->scenario_digest,
                          recorded->scenario_summary);
    replaying.probing.transcript = transcript;
    int result = -1;
    if (transcript == NULL) {
        failure_set(failure, STATUS_UNTRUSTED, "memory ran out");
    } else {
        transcript->lacks = recorded->lacks;
        transcript->of_case = recorded->of_case;
        result = replay_all(&replaying, replayer);
    }
    if (replaying.service != NULL) // which the host knows
        replayer_renew(replayer);
    initiator_service_stop(replaying.service);
    free(replaying.origins);
    if (result != 0) {
        transcript_free(transcript);
        transcript = NULL;
    }
    *replayed = transcript;
    return result;
}

int replay_transcript(const struct transcript *recorded, const struct replay_options *options,
                      struct transcript **replayed, struct replay_difference *difference,
                      struct failure *failure)
{
    struct replayer *replayer = replayer_create(options);
    *replayed = NULL;
    if (replayer == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "memory ran out");
    int result = replayer_run(replayer, recorded, replayed, difference, failure);
    replayer_free(replayer);
    return result;
}
