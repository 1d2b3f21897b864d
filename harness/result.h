// The result of a run: what reports are made from, and nothing else.
#ifndef TCK_RESULT_H
#define TCK_RESULT_H

#include "conformance/clause.h"
#include "conformance/deviation.h"
#include "harness/transcript.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum check_charset {
    CHECK_A,
    CHECK_W,
    CHECK_BOTH, // a clause judged over A and W together
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
    uint8_t *bytes;
};

// What is kept of buffers: longer lists than this, and what is beyond the total, are not.
enum {
    KEPT_BYTES_MAX = 2 << 20,        // of one call
    KEPT_BYTES_TOTAL_MAX = 32 << 20, // of one scenario
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
    bool finished; // brought up, probed, verified, judged
    // For the pictures; A and W. All of it may be missing.
    struct sweep sweeps[2];
    struct record lists[2]; // a list as a call with room to spare left it; bytes NULL: none is kept
    size_t kept_count;
    struct kept_bytes *kept; // owns the bytes of evidence and lists
};

struct result {
    char *implementation; // as given; the reference's path when none was
    bool is_reference;    // no -i was given
    const char *profile;
    const char *effort; // "quick", "standard", "full"
    // How the user can repeat the run, to which scenario and clause are added; NULL: not known.
    const char *command;
    bool strict;
    struct hello hello; // of the host; zero before the first host said hello
    char tgtd_version[64];
    size_t scenario_count;
    struct scenario_result *scenarios;
    uint64_t duration_ns;
    struct failure failure; // status 0: none; else what made the run untrusted, or interrupted it
};

// How many checks have each kind of verdict, and how many were planned, over one scenario (or, with
// NULL, all).
struct tally {
    size_t planned;
    size_t judged;
    size_t of[VERDICT_ERROR + 1];
    unsigned long long calls;
};
struct tally result_tally(const struct result *result, const struct scenario_result *scenario);

// The exit status, from the result alone: see docs/exit-status.md.
int result_exit_status(const struct result *result);

// Was everything done that was planned, and could all of it be judged? False makes the exit status
// 3, where no signal (128 + n) and no wrong input (2) ended the run before.
bool result_complete(const struct result *result);

const char *check_charset_name(enum check_charset charset); // "A", "W", "A+W"

// The known deviation that the verdict of `check` names, from the table: the one of `profile` where
// several have that name. NULL: none, or the table does not know it.
const struct deviation *check_deviation(const struct check *check, const char *profile);

void result_free(struct result *result); // all it holds, not `result` itself

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
    void (*scenario_ends)(void *argument, const struct result *result,
                          const struct scenario_result *scenario);
    void (*run_ends)(void *argument, const struct result *result);
};

#endif
