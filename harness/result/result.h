// SPDX-License-Identifier: Apache-2.0
// The result of a run: what reports are made from, and nothing else.
#ifndef TCK_RESULT_H
#define TCK_RESULT_H

#include "conformance/judge/clause.h"
#include "conformance/judge/deviation.h"
#include "conformance/judge/symptom.h"
#include "conformance/transcript/transcript.h"
#include "harness/result/differences.h"
#include "harness/result/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum check_charset {
    CHECK_A,
    CHECK_W,
    CHECK_BOTH, // a clause judged over A and W together
    CHECK_EX,   // of GetIScsiSessionListEx
    CHECK_CHARSETS,
};

// Who excuses a failure that the judge found. The profile's own excuses are not here: of them the
// judge itself says VERDICT_KNOWN.
enum excuse_kind {
    EXCUSE_NONE,
    EXCUSE_WAIVER,   // a waiver in the user's file
    EXCUSE_BASELINE, // the check failed in the baseline, too
};

struct excuse {
    enum excuse_kind kind;
    enum verdict_kind was; // what the judge said: VERDICT_FAIL or VERDICT_WARN
    char *text;            // the reason, in words; owned
};

// A check: one clause, judged in one scenario for one charset.
struct check {
    const struct clause *clause;
    enum check_charset charset;
    bool judged;            // false: only planned so far. If a run ends so, it can't be trusted
    struct verdict verdict; // its `record` is NULL or points to `evidence`
    // A copy of the call that shows the failure. The copy owns its `said`. Its `bytes` belong to
    // the scenario (see `kept`); they are NULL unless the verdict is FAIL, WARN or KNOWN.
    struct record evidence;
    size_t evidence_index; // the number of that call in the transcript
    struct excuse excuse;
};

// Sizes that the implementation answered, for one charset. No clause says what they must be, but
// callers may rely on them. So a comparison of two results reports a difference.
struct observation {
    bool has_required;
    uint32_t required; // the size in the answer to the first query
    bool has_returned;
    uint32_t returned; // *BufferSize after a success with a larger buffer than required
};

// A point of the size sweep: one size offered, and the answer.
struct sweep_point {
    uint32_t offered;
    uint32_t status;   // with OUTCOME_RETURNED
    uint32_t size_out; // with OUTCOME_RETURNED
    uint8_t kind;      // enum outcome_kind
};

struct sweep {
    size_t count;
    struct sweep_point *points; // by rising size
};

// The bytes that a call left, kept once for all checks whose evidence it is.
struct kept_bytes {
    size_t index; // of the call in its transcript
    size_t size;
    uint8_t *bytes;
};

// Limits of `kept`, in bytes. A longer list is not kept, and nothing is once the total is reached.
enum {
    KEPT_BYTES_MAX = 2 << 20,        // of one call
    KEPT_BYTES_TOTAL_MAX = 32 << 20, // of one scenario
};

// The most memory that was held at any time, in bytes; 0: not known.
struct peak_memory {
    uint64_t kit;  // by the process that runs the scenario, from its begin to its end
    uint64_t host; // by the host process that held the most
    uint64_t tgtd; // by all instances together
};

// How the answers to calls that were made again differ from the recorded ones. Calls, with each of
// a repetition counted. Those that several threads made at once, or that met a change of the
// sessions, are not compared: what they answer depends on the moment.
struct replay_difference {
    uint64_t compared;
    uint64_t other;     // did not end in the same way, or with another status, size or count
    uint64_t left_out;  // could not be made again
    char first[512];    // of the other answers, in words; "": there is none
    char left_why[256]; // why the first of them was left out; "": none was
};

struct scenario_result {
    char *name;
    char *summary;
    char *path;
    char *digest;
    size_t session_count;
    size_t check_count;
    struct check *checks; // clause by clause, A before W; in the order of the contract
    // The first so many of `checks` were planned. The others were added to prove a skip (see
    // verdict.blocked_by).
    size_t planned_count;
    unsigned long long call_count;
    uint64_t bring_up_ns;
    uint64_t probes_ns;
    struct peak_memory memory;
    uint64_t generations;    // of the truth: 1 where nothing was changed
    uint64_t changing_calls; // made in one thread while sessions came and went
    uint64_t changing_ns;    // how long that took, both charsets together
    bool finished;           // brought up, probed, verified, judged
    bool replayed;           // its calls are those of a transcript, made again:
    struct replay_difference replay;
    struct observation observed[2]; // A and W
    // For the pictures; A and W. All of it may be missing.
    struct sweep sweeps[2];
    struct record lists[2]; // a call whose buffer was larger than required; bytes NULL: not kept
    size_t kept_count;
    struct kept_bytes *kept; // owns the bytes of the checks' evidence and of `lists`
    size_t text_count;
    char **texts; // owns the circumstances of the checks' evidence and of `lists`
};

// A waiver, and whether the run needed it.
enum waiver_state {
    WAIVER_USED,      // it excused a failure
    WAIVER_UNUSED,    // its checks were judged, and none failed
    WAIVER_EXPIRED,   // its last day is over: it excuses nothing
    WAIVER_NOT_TRIED, // none of its checks was part of this run
};

struct waiver_result {
    char *place;    // "FILE:LINE"
    char *clause;   // the clause or group
    char *scenario; // name or pattern
    char *charset;  // NULL: any
    char *reason;
    char *reference; // NULL: none
    char *expires;   // the last day on which it holds, "2025-12-31"; NULL: never
    enum waiver_state state;
    size_t used; // the number of checks that it excused
};

// How the implementation learned the sessions; NULL: not given, or not known.
struct result_login {
    const char *way;         // see login_way_name
    const char *commands[3]; // the templates that log in, log out and list
    const char *can;         // what else the user said that the initiator can do, as given
};

// Did the library run in namespaces of its own? NULL: not known.
struct result_isolation {
    const char *mode; // "full" or "none"
    const char *why;  // there is none
};

// How a run differs from its baseline, which is an earlier result.
struct baseline_result {
    char *path;
    struct diff diff;
};

enum { RESULT_NOISE_SIZE = 1024 };

struct result {
    char *implementation;           // the path as given (-i); else that of the reference
    char kit_version[32];           // of the kit that made the result; "": this one
    char implementation_digest[17]; // of the file's bytes, 16 hex digits; "": not known
    bool is_reference;              // no -i was given
    const char *profile;
    const char *effort; // "quick", "standard", "full"
    // The command line that repeats the run. Reports add the scenario and clause. NULL: not known.
    const char *command;
    // What was selected, as it is put behind `command` to repeat the whole run: " -s single -c
    // SIZE", or "". NULL: not known. It is not in the JSON.
    const char *selection;
    bool strict;
    struct result_login login;
    struct result_isolation isolation;
    struct hello hello; // the first message of the host; zero before it came
    char tgtd_version[64];
    size_t scenario_count;
    struct scenario_result *scenarios;
    uint64_t duration_ns;
    unsigned hangs; // calls that did not return in time
    // The first line that the library printed during calls that returned; "": none.
    char noise[RESULT_NOISE_SIZE];
    // The first call that did not return in time, in words; "": all did.
    char first_hang[RESULT_NOISE_SIZE];
    struct plan plan;
    size_t waiver_count; // with --waivers
    struct waiver_result *waivers;
    struct baseline_result *baseline; // with --baseline, once the run has ended; NULL: none
    struct failure failure; // what made the run untrusted, or interrupted it; status 0: nothing
    size_t owned_count;
    void **owned; // see result_own
};

// Sets `noise`, cut to fit, unless it is set already.
void result_note_noise(struct result *result, const char *line);

// The number of checks of one scenario (of all scenarios where `scenario` is NULL).
struct tally {
    size_t planned;
    size_t judged;   // those whose calls were made and gave something to judge
    size_t unjudged; // those whose calls were not made or gave nothing: see verdict_unjudged
    size_t skipped;  // those that this run could not try, and nobody is to blame for that
    // Those that were not judged, or only in part, and without which the run can't end with status
    // 0: of `must` clauses, with --strict also of `should` clauses.
    size_t needed;
    size_t of[VERDICT_ERROR + 1]; // by kind of verdict
    unsigned long long calls;
};
struct tally result_tally(const struct result *result, const struct scenario_result *scenario);

// Those that the run is through with.
static inline size_t tally_done(const struct tally *tally)
{
    return tally->judged + tally->unjudged + tally->skipped;
}

// In what ways a check that does not hold is broken: enum symptom, or-ed. Of a result that does not
// say so (of an older kit), the symptom of its evidence alone.
unsigned check_symptoms(const struct check *check);
// Did the check fail before in all the ways in which it fails now?
bool check_failed_alike(const struct check *before, const struct check *now);

// The exit status, from the result alone: see docs/exit-status.md.
int result_exit_status(const struct result *result);
// Was every check of a whole run skipped, so that nothing was seen to hold?
bool result_all_skipped(const struct result *result, const struct tally *tally);

// Was everything done that was planned, and could all of it be judged? False makes the exit status
// 3, where no signal (128 + n) and no wrong input (2) ended the run before.
bool result_complete(const struct result *result);

const char *check_charset_name(enum check_charset charset); // "A", "W", "A+W", "Ex"
// That of such a name; CHECK_CHARSETS: none.
enum check_charset check_charset_find(const char *name);
// Of the checks of one function: what tells it from the others of its family.
enum check_charset check_charset_of(enum charset charset);

// Does the check fail? It does also where only the baseline excuses the failure, and does not where
// a waiver excuses it: a waiver says until when it holds.
bool check_failing(const struct check *check);

const struct scenario_result *scenario_result_find(const struct result *result, const char *name);
// Finds the check with the same clause and charset as `like`: in another scenario's result, or in
// the scenario named `scenario` of another result. NULL: there is none, or `scenario` is NULL.
const struct check *check_find_in(const struct scenario_result *scenario, const struct check *like);
const struct check *check_find(const struct result *result, const char *scenario,
                               const struct check *like);

// The check of the same scenario whose failure probably caused that of `check` (see
// judge/consequence.h). NULL: there is none, or one of the two failures is excused.
const struct check *check_cause(const struct scenario_result *scenario, const struct check *check);
// Is the charset the same, or one of them CHECK_BOTH? Of checks of the same functions only.
bool check_charsets_meet(enum check_charset one, enum check_charset other);
// Do both check the same function?
bool checks_meet(const struct check *one, const struct check *other);

// Lists the scenarios by rising number of sessions; equal ones in the order of the result. Returns
// the index of the one after `scenario`, and of the first for RESULT_NO_SCENARIO. Returns
// RESULT_NO_SCENARIO after the last one.
#define RESULT_NO_SCENARIO SIZE_MAX
size_t result_next_by_size(const struct result *result, size_t scenario);

// The entry of the table of known deviations that the verdict of `check` names. Where several
// profiles have one of that name: that of `profile`. NULL: the verdict names none, or an unknown
// one.
const struct deviation *check_deviation(const struct check *check, const char *profile);

// Is a waiver expired or unused? With --strict that makes the run fail.
bool result_waivers_fail(const struct result *result);
const char *waiver_state_name(enum waiver_state state); // "used", "unused", "expired", "not tried"

// Makes the result the owner of `memory` (malloc'ed), which is then freed with it: for what its
// `const char *` members point to. Returns `memory`. NULL: `memory` is NULL, or memory ran out;
// `memory` is freed then.
void *result_own(struct result *result, void *memory);

// A copy of `text` that lives as long as the scenario's result; the same one for equal texts. NULL
// when memory ran out.
const char *scenario_result_own(struct scenario_result *scenario, const char *text);

void scenario_result_clear(struct scenario_result *scenario); // frees all it holds
void baseline_result_free(struct baseline_result *baseline);  // NULL is allowed
void result_free(struct result *result);                      // all it holds, not `result` itself

// Functions that are called while a run goes on. Any of them may be NULL.
struct reporter {
    void *argument;
    void (*run_begins)(void *argument,
                       const struct result *result); // all checks planned, none judged
    void (*scenario_begins)(void *argument, const struct result *result,
                            const struct scenario_result *scenario);
    // Called now and then. `doing` is what the run does at present ("bringing up", "sweep (W)");
    // `calls` is how many calls the whole run has made.
    void (*progress)(void *argument, const struct result *result,
                     const struct scenario_result *scenario, const char *doing,
                     unsigned long long calls);
    // Called after a scenario's probes, before scenario_ends. `calls` describes all its calls, a
    // line each. Making that text takes time, so leave this NULL where nobody reads it.
    void (*calls_made)(void *argument, const struct scenario_result *scenario, const char *calls);
    void (*scenario_ends)(void *argument, const struct result *result,
                          const struct scenario_result *scenario);
    void (*run_ends)(void *argument, const struct result *result);
};

#endif
