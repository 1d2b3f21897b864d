// SPDX-License-Identifier: Apache-2.0
// A clause of the contract: data, the names of the sets of probes that it needs, and its judge.
#ifndef TCK_CLAUSE_H
#define TCK_CLAUSE_H

#include "conformance/transcript/function.h"
#include "conformance/transcript/transcript.h"

#include <stdbool.h>
#include <stddef.h>

enum level {
    LEVEL_MUST,
    LEVEL_SHOULD,
    LEVEL_NOTE,
};

enum basis {
    BASIS_DOCUMENTED, // the reference page or the official header says it
    BASIS_IMPLIED,    // it follows from what they say
    BASIS_PRACTICE,   // seen in callers or implementations
};

enum verdict_kind {
    VERDICT_PASS,
    VERDICT_FAIL,  // a must does not hold
    VERDICT_WARN,  // a should does not hold
    VERDICT_KNOWN, // does not hold, and is tolerated by the profile
    VERDICT_SKIP,  // could not be tried here; `got` says why
    VERDICT_NOTE,  // `got` says what was seen
    VERDICT_ERROR, // could not be judged: the run can't be trusted
};

// A member of a structure in a list.
struct listed_member {
    const char *name;   // as in the header: "TargetName"; NULL: none
    uint32_t session;   // the index of its session in the list,
    int32_t connection; // and of its connection in that session; -1: it is the session's own
};

struct verdict {
    enum verdict_kind kind;
    const struct record *record; // the evidence: the call at fault; NULL if none or several
    char got[1024];              // what was seen, with the numbers
    char expected[1024];         // what would have been right, with the numbers
    // FAIL, WARN and KNOWN only: what of the evidence's list is wrong; its name is static text, or
    // lives as long as the result. Its name is NULL where it is not one member, or not known.
    struct listed_member wrong;
    // SKIP only: the clause whose failure made this one impossible to judge ("no call succeeded").
    // The run proves that it failed, else the skip becomes an error: nothing is skipped silently.
    // Several with commas; BLOCKED_BY_ANY: some clause whose calls did not return. Such a check is
    // not judged (see verdict_unjudged); one that is skipped without it does not apply here. FAIL:
    // BLOCKED_BY_ANY where some of its calls were not made, so that nothing excuses the rest.
    const char *blocked_by;
    // FAIL only, where a list or its size is not what it should be: the clause that says what
    // differs, where nothing changes; NULL: it is not that, or not known.
    const char *about;
    // FAIL, WARN and KNOWN only: the clause of which this failure probably is a consequence; NULL:
    // none is known.
    const char *consequence_of;
    // PASS, NOTE and FAIL: what was left out of the comparison, because it is wrong already while
    // nothing changes: "TargetName (CONTENT-3)"; "": nothing.
    char left_out[160];
    // FAIL and WARN only, of a clause that can fail in several ways (see clause.ways): all in which
    // it does, a line each: "the table is missing: 0 (ERROR_SUCCESS)"; "": there are none.
    char ways[2048];
    // FAIL, WARN and KNOWN only: enum symptom, or-ed: all ways in which calls went wrong that break
    // the clause, not that of `record` alone. 0: not known (a result of an older kit); then it is
    // that of `record`.
    unsigned symptoms;
    // FAIL and WARN only: those of the symptoms that `got` does not tell of, in words: "12 calls
    // ended in a fault"; "": there are none.
    char also[256];
    // FAIL and WARN only: the identifier of a known deviation (see deviation.h) that this is; NULL:
    // none.
    const char *deviation;
};

#define BLOCKED_BY_ANY "*"
// No query was answered with a size.
#define BLOCKED_BY_QUERY "STATUS-2, SIZE-1, BOUNDS-3"
// No fetch succeeded.
#define BLOCKED_BY_SUCCESS "STATUS-1, SIZE-2, STATUS-2, SIZE-1, SIZE-6, CHANGE-1, CHANGE-5"
// No list had a session in it that exists.
#define BLOCKED_BY_LIST "STATUS-1, CONTENT-1, CHANGE-1, CHANGE-5"
// The same, of the other functions.
#define BLOCKED_BY_EX "EX-1, EX-2, EX-3, EX-4, EX-6"
#define BLOCKED_BY_TARGETS "TARGETS-1, TARGETS-2, TARGETS-3, TARGETS-4, TARGETS-6"
#define BLOCKED_BY_DEVICES "DEVICES-1, DEVICES-2, DEVICES-3, DEVICES-4, DEVICES-6"
#define BLOCKED_BY_MAPPINGS "MAPPINGS-1, MAPPINGS-2, MAPPINGS-3, MAPPINGS-4, MAPPINGS-6"
#define BLOCKED_BY_INITIATORS "INITIATORS-1, INITIATORS-2, INITIATORS-3, INITIATORS-4, INITIATORS-6"
#define BLOCKED_BY_PORTALS "PORTALS-1, PORTALS-2, PORTALS-3, PORTALS-4, PORTALS-6"

// When a clause can be tried at all; a scenario that does not fit is not planned for it.
enum clause_needs {
    NEEDS_NOTHING = 0,
    NEEDS_SESSIONS = 1,       // at least one session
    NEEDS_NO_SESSIONS = 2,    // none
    NEEDS_CONNECTIONLESS = 4, // a session without connections
    NEEDS_LONG_NAMES = 8,     // a name of 223 bytes
    NEEDS_ONCE = 16,      // sessions, and the run's smallest scenario that has any: what takes long
                          // and is the same in all
    NEEDS_CONNECTED = 32, // a session that has a connection
};

enum clause_charsets {
    JUDGED_EACH,     // once for A, once for W
    JUDGED_TOGETHER, // once, over both
    JUDGED_WIDE,     // once, for W: there is nothing to it in A
    JUDGED_EX,       // once, for GetIScsiSessionListEx
};

// Which calls a clause judges, beside those of its own sets of probes: what one answer shows is
// judged whatever the call was made for.
enum clause_scope {
    SCOPE_SETS,  // none
    SCOPE_QUIET, // all that one thread made alone while nothing changed and the source was there
    SCOPE_EVERY, // all
};

struct evidence;

struct clause {
    const char *id; // "SIZE-3"; never renumbered, never reused
    enum level level;
    enum basis basis;
    const char *sentence;          // the demand
    const char *source;            // where the demand comes from, for a reader who doubts it
    const char *why;               // who suffers when it does not hold
    const char *passing;           // what a passing answer looks like
    const char *failing;           // what a failing one looks like
    const char *const *probe_sets; // names, NULL-terminated: the calls that it can't do without
    // Names, NULL-terminated, NULL for none: sets that are called for it besides, because its scope
    // holds their calls and they show what its own can't. It is judged where they were not called.
    const char *const *more_sets;
    // Names, NULL-terminated, NULL for none: sets that are called of GetIScsiSessionList for it,
    // because what they give is what its own calls are held against.
    const char *const *list_sets;
    enum clause_scope scope;
    // Circumstances that begin so are ways to fail, each judged by itself; NULL: there are none.
    const char *ways;
    const char *const *members; // its pictures mark these; NULL-terminated, NULL: none
    bool in_sweep;              // its findings are shown in the size sweep, too
    bool of_one_list;           // judged by each list alone, also of a scenario that begins empty
    unsigned needs;             // enum clause_needs, or-ed
    enum clause_charsets charsets;
    enum family family; // the functions that it is about: those of `charsets` are its
    unsigned facts;     // enum truth_fact, or-ed: what of the truth must be known for it to hold
    unsigned wants;     // enum lack, or-ed: what the run must have been able to do
    // Pure: evidence to verdict. The verdict comes zeroed (PASS). A judge that finds the demand not
    // held says FAIL; the level turns it into WARN where it is a should.
    void (*judge)(const struct evidence *evidence, struct verdict *verdict);
};

// A group: one file of clauses.
struct clause_group {
    const char *name; // "SIZE"
    const char *title;
    const struct clause *clauses;
    size_t count;
    bool by_name; // judged only where it is named: not of GetIScsiSessionList
};

// What a scenario has that clauses may need.
struct traits {
    bool sessions;
    bool connectionless; // a session without connections
    bool long_names;     // a name of 223 bytes
    bool connected;      // a session that has a connection
    bool smallest;       // has sessions, and no scenario of the run has fewer
};

struct traits traits_of_truth(const struct truth *truth);
// Counts one session in; for those who know the sessions in another form.
void traits_add(struct traits *traits, const char *initiator_name, const char *target_name,
                bool connectionless);

// Does a scenario with these traits have what the clause needs?
bool clause_applies(const struct clause *clause, const struct traits *traits);

// The function that a clause judged in such strings is about; of one without, that without.
enum charset clause_charset(const struct clause *clause, enum strings strings);

// Is the set of probes one of those that the clause can't do without?
bool clause_needs_set(const struct clause *clause, const char *set);
// Is it called for the clause at all?
bool clause_calls_set(const struct clause *clause, const char *set);
// Is it called of GetIScsiSessionList for a clause that is of another function?
bool clause_compares_with_set(const struct clause *clause, const char *set);

// Is this the verdict of a check that was not judged: calls that it needs were not made, or gave it
// nothing to judge? It is no pass, and nothing excuses it.
bool verdict_unjudged(const struct verdict *verdict);

const char *level_name(enum level level);              // "must", ...
const char *basis_name(enum basis basis);              // "documented", ...
const char *verdict_kind_name(enum verdict_kind kind); // "pass", ...

#endif
