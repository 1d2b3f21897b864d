// The transcript: every call of one scenario with what came of it, and the truth it is judged
// against. It is all that a judge sees. Written to a file, it can be judged again elsewhere.
#ifndef TCK_TRANSCRIPT_H
#define TCK_TRANSCRIPT_H

#include "conformance/base/failure.h"
#include "conformance/transcript/call.h"
#include "conformance/transcript/hello.h"
#include "conformance/transcript/truth.h"

#include <stdbool.h>
#include <stddef.h>

// How sessions reached the implementation.
enum login_way {
    LOGIN_TABLE,   // by the emulator's session table
    LOGIN_COMMAND, // by commands, on an initiator of the implementation's own
};
const char *login_way_name(enum login_way way); // "table", "command"

// What could not be done in the run, or-ed: clauses that need it can't be judged.
enum lack {
    LACKS_SOURCE = 1,   // taking the source of sessions away: it is the implementation's own
    LACKS_RECOVERY = 2, // losing connections: what the initiator makes of it isn't known
    LACKS_ALL = 3,
};

struct record {
    // The name of the set of probes that it belongs to: static text where the calls were made,
    // owned by the transcript where it was loaded from a file.
    const char *probe_set;
    // See circumstance.h; kept as probe_set is. NULL: the sessions are as the scenario brought them
    // up.
    const char *circumstance;
    unsigned thread;  // which of the threads that made calls at the same time made this one: from 0
    unsigned threads; // how many there were: 1 when it was alone
    struct call call;
    struct outcome outcome;
    uint8_t *bytes; // outcome.byte_count of them; the transcript's, which has equal ones once
    size_t same_as; // the number of the first record with these bytes: its own where it is that
    char *said;     // what the library printed last, where the call did not return; NULL: nothing
};

// The bytes that one or more records have.
struct contents {
    uint64_t hash;
    uint32_t size; // 0: no contents stand here
    size_t record; // the number of the first with them
    uint8_t *bytes;
};

struct transcript {
    char *kit_version;
    char *implementation; // as given by the user
    char *scenario;       // name
    char *scenario_digest;
    char *scenario_summary;
    struct hello hello; // the host's and the library's facts
    enum login_way login;
    unsigned lacks; // enum lack
    size_t truth_count;
    struct truth **truths; // by rising generation; at least one
    size_t record_count;
    size_t record_capacity;
    struct record *records; // in the order in which the calls were made
    size_t contents_count;
    size_t contents_capacity;  // a power of two, or 0
    struct contents *contents; // by hash, each at the first free place from there
    size_t name_count;
    size_t name_capacity; // a power of two, or 0
    char **names;         // see transcript_intern; by hash, each at the first free place from there
};

// A new one with nothing in it but the given texts (copied); NULL when memory ran out.
struct transcript *transcript_create(const char *implementation, const char *scenario,
                                     const char *scenario_digest, const char *scenario_summary);
// NULL is allowed.
void transcript_free(struct transcript *transcript);

// Shares `truth`. 0, or -1 when memory ran out.
int transcript_add_truth(struct transcript *transcript, const struct truth *truth);

// Adds a record of thread 0 of 1 without a circumstance; see transcript_last. Takes over `bytes`,
// which are freed where an earlier record has the same. `probe_set` must live as long as the
// transcript: static text, or one of transcript_intern. An outcome whose `repeats` is 0 is taken
// for one call's. 0, or -1 when memory ran out (`bytes` is freed then too).
int transcript_add(struct transcript *transcript, const char *probe_set, const struct call *call,
                   const struct outcome *outcome, uint8_t *bytes);

// The record added last, to say more of it; NULL when there is none. Valid until the next one is
// added.
struct record *transcript_last(struct transcript *transcript);

// The transcript's own copy of a text, the same one for equal texts: for a probe set or a
// circumstance that is not static text. NULL when memory ran out.
const char *transcript_intern(struct transcript *transcript, const char *text);

// Writes it as JSON Lines: a head, then one line a truth, one a call, an end with their number. The
// format is described in docs/transcript.md. The file appears whole, by rename, or not at all. 0,
// or -1 with `failure` (STATUS_UNTRUSTED).
int transcript_save(const struct transcript *transcript, const char *path, struct failure *failure);

// Reads one, checking everything: a file that was cut short, edited out of range or of another
// version is -1 with `failure` (STATUS_USAGE) that names file and line. The caller owns
// `*transcript`.
int transcript_load(struct transcript **transcript, const char *path, struct failure *failure);

#endif
