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
};

// Why what does not hold is VERDICT_KNOWN, where it isn't the profile that tolerates it.
enum excuse_kind {
    EXCUSE_NONE,
    EXCUSE_WAIVER,   // a waiver of the user's
    EXCUSE_BASELINE, // it failed in the baseline, too
};

struct excuse {
    enum excuse_kind kind;
    enum verdict_kind was; // VERDICT_FAIL or VERDICT_WARN: what the judge said
    char *text;            // owned: the reason, in words
};

// One clause in one scenario in one charset, judged.
struct check {
    const struct clause *clause;
    enum check_charset charset;
    bool judged;            // false while planned only; a run that ends so can't be trusted
    struct verdict verdict; // its `record` is NULL or points to `evidence`
    // A copy of the call at fault; `said` is owned. Its bytes are the scenario's (see `kept`), and
    // there only for what fails, warns or is known.
    struct record evidence;
    size_t evidence_index; // of that call in its transcript
    struct excuse excuse;
};

// What was seen of the implementation beside the verdicts, in one charset: no clause says what it
// must be, but a caller may have come to rely on it.
struct observation {
    bool has_required;
    uint32_t required; // the size that the first query was answered with
    bool has_returned;
    uint32_t returned; // *BufferSize after a call with room to spare
};

// A point of the size sweep: what one size offered was answered with.
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

// What is kept of buffers: longer lists than this, and what is beyond the total, are not.
enum {
    KEPT_BYTES_MAX = 2 << 20,        // of one call
    KEPT_BYTES_TOTAL_MAX = 32 << 20, // of one scenario
};

// The most memory that was held at a time, in bytes; 0: not known.
struct peak_memory {
    uint64_t kit;  // the process that runs the scenario, from its begin to its end
    uint64_t host; // the host process that held the most
    uint64_t tgtd; // all instances together
};

struct scenario_result {
    char *name;
    char *summary;
    char *path;
    char *digest;
    size_t session_count;
    size_t check_count;
    struct check *checks; // clause by clause, A before W; in the order of the contract
    size_t planned_count; // so many of them were planned; those behind were added to prove a skip
    unsigned long long call_count;
    uint64_t bring_up_ns;
    uint64_t probes_ns;
    struct peak_memory memory;
    uint64_t generations;           // of the truth: 1 where nothing was changed
    uint64_t changing_calls;        // made in one thread while sessions came and went
    uint64_t changing_ns;           // how long that took, both charsets together
    bool finished;                  // brought up, probed, verified, judged
    struct observation observed[2]; // A and W
    // For the pictures; A and W. All of it may be missing.
    struct sweep sweeps[2];
    struct record lists[2]; // a list as a call with room to spare left it; bytes NULL: none is kept
    size_t kept_count;
    struct kept_bytes *kept; // owns the bytes of evidence and lists
    size_t text_count;
    char **texts; // owns the circumstances of evidence and lists
};

// A waiver, and what it came to.
enum waiver_state {
    WAIVER_USED,      // it waived something
    WAIVER_UNUSED,    // what it waives was tried, and held
    WAIVER_EXPIRED,   // its last day is over: it waives nothing any more
    WAIVER_NOT_TRIED, // nothing of what it waives was part of this run
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
    size_t used; // so many checks were waived by it
};

// How sessions reached the implementation; NULL: not given, or not known.
struct result_login {
    const char *way;         // see login_way_name
    const char *commands[3]; // the templates that log in, log out and list
    const char *can;         // as given
};

// What a run came to beside its baseline, an earlier result.
struct baseline_result {
    char *path;
    struct diff diff;
};

enum { RESULT_NOISE_SIZE = 1024 };

struct result {
    char *implementation;           // as given; the reference's path when none was
    char kit_version[32];           // of the kit that made it; "": this one
    char implementation_digest[17]; // 16 hex digits over the file's bytes; "": not known
    bool is_reference;              // no -i was given
    const char *profile;
    const char *effort; // "quick", "standard", "full"
    // How the user can repeat the run, to which scenario and clause are added; NULL: not known.
    const char *command;
    bool strict;
    struct result_login login;
    struct hello hello; // of the host; zero before the first host said hello
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
    struct failure failure; // status 0: none; else what made the run untrusted, or interrupted it
    size_t owned_count;
    void **owned; // see result_own
};

// Notes it, cut to fit, unless there is one already.
void result_note_noise(struct result *result, const char *line);

// How many checks have each kind of verdict, and how many were planned, over one scenario (or, with
// NULL, all).
struct tally {
    size_t planned;
    size_t judged;   // by calls that were made and gave something to judge
    size_t unjudged; // come to, and not judged: see verdict_unjudged
    size_t needed;   // of the unjudged ones: those without which a run can't be said to hold
    size_t of[VERDICT_ERROR + 1];
    unsigned long long calls;
};
struct tally result_tally(const struct result *result, const struct scenario_result *scenario);

// In what ways a check that does not hold is broken: enum symptom, or-ed. Of a result that does not
// say so (of an older kit), the symptom of its evidence alone.
unsigned check_symptoms(const struct check *check);
// Did the check fail before in all the ways in which it fails now?
bool check_failed_alike(const struct check *before, const struct check *now);

// The exit status, from the result alone: see docs/exit-status.md.
int result_exit_status(const struct result *result);

// Was everything done that was planned, and could all of it be judged? False makes the exit status
// 3, where no signal (128 + n) and no wrong input (2) ended the run before.
bool result_complete(const struct result *result);

const char *check_charset_name(enum check_charset charset); // "A", "W", "A+W"

// Does a failure count as one, though a baseline may have excused it? A failure that a waiver
// excused does not: the waiver says until when.
bool check_failing(const struct check *check);

const struct scenario_result *scenario_result_find(const struct result *result, const char *name);
// The check of another scenario's result, or of the scenario of that name in another result, that
// has the same clause and charset as `like`. NULL: none; also where `scenario` is NULL.
const struct check *check_find_in(const struct scenario_result *scenario, const struct check *like);
const struct check *check_find(const struct result *result, const char *scenario,
                               const struct check *like);

// The cause of a failure that probably is a consequence (see judge/consequence.h): a check of the
// same scenario that itself still counts. NULL: there is none, or an excuse covers it or `check`.
const struct check *check_cause(const struct scenario_result *scenario, const struct check *check);
bool check_charsets_meet(enum check_charset one, enum check_charset other);

// The scenario after `scenario` by rising number of sessions, then by the order of the result;
// RESULT_NO_SCENARIO for `scenario`: the first; returned: there is none.
#define RESULT_NO_SCENARIO SIZE_MAX
size_t result_next_by_size(const struct result *result, size_t scenario);

// The known deviation that the verdict of `check` names, from the table: the one of `profile` where
// several have that name. NULL: none, or the table does not know it.
const struct deviation *check_deviation(const struct check *check, const char *profile);

// With `strict`, waivers that are expired or unused count as a failure does. Is there one?
bool result_waivers_fail(const struct result *result);
const char *waiver_state_name(enum waiver_state state); // "used", "unused", "expired", "not tried"

// What a result that was read from a file points to, or shares with it: memory, freed with it.
// Takes `memory` over; returns it, or NULL when memory ran out (it is freed then) or it is NULL.
void *result_own(struct result *result, void *memory);

// A copy of `text` that lives as long as the scenario's result; the same one for equal texts. NULL
// when memory ran out.
const char *scenario_result_own(struct scenario_result *scenario, const char *text);

void scenario_result_clear(struct scenario_result *scenario); // frees all it holds
void baseline_result_free(struct baseline_result *baseline);  // NULL is allowed
void result_free(struct result *result);                      // all it holds, not `result` itself

// Told of a run as it goes. Any member may be NULL.
struct reporter {
    void *argument;
    void (*run_begins)(void *argument,
                       const struct result *result); // all checks planned, none judged
    void (*scenario_begins)(void *argument, const struct result *result,
                            const struct scenario_result *scenario);
    // Now and then: what is being done ("bringing up", "sweep (W)"), how far the whole run is by
    // checks judged and calls made.
    void (*progress)(void *argument, const struct result *result,
                     const struct scenario_result *scenario, const char *doing,
                     unsigned long long calls);
    // All calls of a scenario, in words, a line each; after its probes, before it ends. Making them
    // takes time: only where someone wants them.
    void (*calls_made)(void *argument, const struct scenario_result *scenario, const char *calls);
    void (*scenario_ends)(void *argument, const struct result *result,
                          const struct scenario_result *scenario);
    void (*run_ends)(void *argument, const struct result *result);
};

#endif
