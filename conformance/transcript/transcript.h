// SPDX-License-Identifier: Apache-2.0
// The transcript: every call made in one scenario, with its outcome, and the truth to judge it
// against. A judge sees nothing else. A transcript in a file can be judged again on any machine.
#ifndef TCK_TRANSCRIPT_H
#define TCK_TRANSCRIPT_H

#include "conformance/base/failure.h"
#include "conformance/transcript/call.h"
#include "conformance/transcript/hello.h"
#include "conformance/transcript/inventory.h"
#include "conformance/transcript/truth.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

// How the implementation learns the sessions.
enum login_way {
    LOGIN_TABLE,    // from the emulator's session table
    LOGIN_COMMAND,  // from its own initiator, which logs in by the user's commands
    LOGIN_API,      // from its own initiator, which logs in by functions of the implementation
    LOGIN_RECORDED, // from the emulator's session table, which has the sessions of an earlier run
};
const char *login_way_name(enum login_way way); // "table", "command", "api", "recorded"

// What could not be done in the run, or-ed: clauses that need it can't be judged.
enum lack {
    LACKS_SOURCE = 1,   // damage the source of sessions: it belongs to the implementation
    LACKS_RECOVERY = 2, // lose connections: it is not known what the initiator then does
    LACKS_CHANGES = 4,  // have sessions come and go: they are recorded ones
    LACKS_ALL = 7,
};

// Where a fault happened, beyond its outcome's module and offset. The texts are kept as those of a
// record are; NULL: not known.
struct fault_source {
    const char *module; // the path of the module's file; not kept in files
    const char *function;
    const char *file;  // of the source code, with its folder as the compiler noted it
    uint32_t line;     // of that file, from 1; 0: not known
    const char *stack; // see fault_stack.h
};

// What a case says of a call's numbers, which depend on the implementation.
struct offer {
    bool of_required; // *BufferSize is the size required at the sessions that the call meets,
    int32_t beyond;   // and so much more
    bool usual_count; // *SessionCount is the number of structures that the buffer can hold
};

struct record {
    // The name of the set of probes that it belongs to: static text where the calls were made,
    // owned by the transcript where it was loaded from a file.
    const char *probe_set;
    // See circumstance.h; kept as probe_set is. NULL: the sessions are as the scenario brought them
    // up.
    const char *circumstance;
    unsigned thread;  // which thread made it, of those that made calls at the same time: from 0
    unsigned threads; // the number of these threads: 1 for one alone
    struct call call;
    struct outcome outcome;
    struct fault_source source; // of a fault
    // What its stack can be followed by, until that is done; not kept in files. Owned by the
    // transcript; NULL: nothing.
    uint8_t *stack_image;
    size_t stack_image_size;
    uint8_t *bytes; // outcome.byte_count of them; owned by the transcript, which shares equal ones
    size_t same_as; // the number of the first record with these bytes; its own if it is the first
    char *said;     // what the library printed last, where the call did not return; NULL: nothing
    struct offer offer; // of a case only
};

// An entry of the hash table of bytes: those that one or more records have.
struct contents {
    uint64_t hash;
    uint32_t size; // 0: the entry is free
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
    unsigned lacks;              // enum lack
    struct inventory *inventory; // of the targets; NULL: nothing was called that is about them
    // A case (see case.h), whose records have no outcomes; and what came of a case: it is judged by
    // the calls that there are.
    bool calls_only;
    bool of_case;
    size_t truth_count;
    struct truth **truths; // by rising generation; at least one
    size_t record_count;
    size_t record_capacity;
    struct record *records; // in the order in which the calls were made
    size_t contents_count;
    size_t contents_capacity;  // a power of two, or 0
    struct contents *contents; // a hash table with linear probing
    size_t name_count;
    size_t name_capacity; // a power of two, or 0
    char **names;         // see transcript_intern; a hash table with linear probing
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
// transcript: static text, or one of transcript_intern. An outcome whose `repeats` is 0 counts as
// that of one call. 0, or -1 when memory ran out (`bytes` is freed then too).
int transcript_add(struct transcript *transcript, const char *probe_set, const struct call *call,
                   const struct outcome *outcome, uint8_t *bytes);

// The record added last, so that the caller can set its other members; NULL when there is none.
// Valid until the next one is added.
struct record *transcript_last(struct transcript *transcript);

// The transcript's own copy of a text, the same one for equal texts: for a probe set or a
// circumstance that is not static text. NULL when memory ran out.
const char *transcript_intern(struct transcript *transcript, const char *text);

// Writes it as JSON Lines: a head, then one line a truth, one a call, an end with their number. The
// format is described in docs/transcript.md. The file appears whole, by rename, or not at all. 0,
// or -1 with `failure` (STATUS_UNTRUSTED).
int transcript_save(const struct transcript *transcript, const char *path, struct failure *failure);
// The same of a case, in binary form (case_binary.h).
int transcript_save_binary(const struct transcript *one, const char *path, struct failure *failure);

// Reads one, or a case in either form, checking everything: a file that was cut short, edited out
// of range or of another version is -1 with `failure` (STATUS_USAGE) that names file and line. The
// caller owns
// `*transcript`, and `stream`, which `path` is the name of.
int transcript_read(struct transcript **transcript, FILE *stream, const char *path,
                    struct failure *failure);
// The same, and closes `opened`. NULL: `path` could not be opened, for the reason in errno.
int transcript_load(struct transcript **transcript, FILE *opened, const char *path,
                    struct failure *failure);

#endif
