// SPDX-License-Identifier: Apache-2.0
// The table of the clauses that look at the same thing.
#include "conformance/judge/consequence.h"

#include "conformance/transcript/circumstance.h"

#include <string.h>

// What two findings must have in common, so that one can't be told from the other's consequence.
enum bond {
    BOND_PLACE,    // scenario and charset: whatever breaks the one is judged by the other, too
    BOND_CALL,     // the very same call
    BOND_ANSWER,   // the same status, or neither call returned, for the same reason
    BOND_LOSS,     // neither call returned, for the same reason
    BOND_CHANGING, // both were seen while sessions came and went
    BOND_LATE,     // the finding's call was made when sessions had come and gone before
    BOND_ABOUT,    // a list differs in what the cause is the clause of
    BOND_DIFFERS,  // two lists differ in the same from what they should be
    BOND_NO_LIST,  // scenario and charset, and the finding is about no list
};

// A name is that of a clause or of a whole group.
struct relation {
    const char *consequences;
    const char *causes;
    enum bond bond;
};

static const struct relation relations[] = {
    // A write outside of the buffer explains why the call did not return, and what it damaged.
    {"STATUS, SIZE, BOUNDS-3, BOUNDS-4, BOUNDS-8, ARGS, CHANGE, THREADS, FAULT",
     "BOUNDS-1, BOUNDS-2", BOND_CALL},
    {"STATUS-5", "BOUNDS-1, BOUNDS-2", BOND_PLACE},
    // What a sufficient buffer is answered with shows wherever one is offered.
    {"STATUS-3, SIZE-2, SIZE-7, SIZE-10, COUNT-3, COUNT-5, BOUNDS-8, EMPTY-1", "STATUS-1",
     BOND_ANSWER},
    {"SIZE-7", "SIZE-2", BOND_ANSWER},
    {"CHANGE, THREADS, FAULT-2", "STATUS-1, STATUS-2", BOND_LOSS},
    // The same of one that is too small.
    {"STATUS-3, SIZE-7, BOUNDS-3", "STATUS-2", BOND_ANSWER},
    {"EMPTY-1", "BOUNDS-3", BOND_ANSWER},
    {"SIZE-3, SIZE-7", "STATUS-2", BOND_CALL},
    {"SIZE-4", "SIZE-1", BOND_CALL},
    {"COUNT-5", "COUNT-3", BOND_ANSWER},
    // What was right in a call before, or for other sizes, and then is not, is not stable.
    {"STATUS-1, STATUS-2", "STATUS-4", BOND_CALL},
    {"SIZE-9, COUNT-1, COUNT-4, LAYOUT, CONTENT", "STABLE-1", BOND_CALL},
    {"SIZE-5, BOUNDS-5", "STABLE-1, STABLE-2", BOND_PLACE},
    {"STABLE-1", "STABLE-2", BOND_CALL},
    // What goes wrong when sessions come and go may stay wrong.
    {"STATUS-1, STATUS-2, STATUS-4, SIZE, COUNT, LAYOUT, CONTENT, STABLE-1, STABLE-2",
     "CHANGE, THREADS-1", BOND_LATE},
    {"CHANGE, THREADS, FAULT-2, BOUNDS-8, CALLERS", "COUNT-1, CONTENT, STABLE-2", BOND_ABOUT},
    {"CHANGE-2, CHANGE-3, CHANGE-4, CHANGE-5, THREADS, FAULT-2, BOUNDS-8, CALLERS", "CHANGE-1",
     BOND_DIFFERS},
    {"CHANGE-3, CHANGE-4, CHANGE-5, THREADS, FAULT-2, BOUNDS-8, CALLERS", "CHANGE-2", BOND_DIFFERS},
    {"CHANGE-3, CHANGE-4, THREADS, FAULT-2, BOUNDS-8, CALLERS", "CHANGE-5", BOND_DIFFERS},
    {"CHANGE-4, THREADS, FAULT-2, BOUNDS-8, CALLERS", "CHANGE-3", BOND_DIFFERS},
    {"THREADS", "CHANGE-3", BOND_CHANGING},
    {"THREADS-2", "THREADS-1", BOND_PLACE},
    // A list that can't be read, or not all of it, has no right content.
    {"COUNT-4, SIZE-9, LAYOUT, CONTENT-1, CONTENT-8, EMPTY-1", "COUNT-1", BOND_CALL},
    {"SIZE-9, LAYOUT-2, LAYOUT-3, LAYOUT-4", "COUNT-4, SIZE-5", BOND_CALL},
    {"SIZE-9, LAYOUT-2, LAYOUT-3, LAYOUT-4, LAYOUT-5, LAYOUT-6, LAYOUT-7, CONTENT", "LAYOUT-1",
     BOND_CALL},
    {"LAYOUT-2, LAYOUT-3, LAYOUT-4", "SIZE-9", BOND_CALL},
    {"LAYOUT-3, LAYOUT-4", "LAYOUT-2", BOND_CALL},
    {"CONTENT-2, CONTENT-3, CONTENT-7, CONTENT-10, CONTENT-11",
     "SIZE-9, LAYOUT-2, LAYOUT-3, LAYOUT-5", BOND_CALL},
    {"CONTENT-6, CONTENT-7, CONTENT-8, CONTENT-9", "SIZE-9, LAYOUT-2, LAYOUT-4, LAYOUT-5",
     BOND_CALL},
    // One demand contains the other.
    {"CONTENT-9", "CONTENT-6", BOND_CALL},
    {"CONTENT-10", "CONTENT-7", BOND_CALL},
    {"CONTENT-11, CHARSET-3, CHARSET-4", "CONTENT-2, CONTENT-3", BOND_CALL},
    {"CHARSET-1", "COUNT-1, LAYOUT-1, CONTENT-1, CONTENT-4, CONTENT-5, CONTENT-6", BOND_PLACE},
    {"CHARSET-2", "LAYOUT, CONTENT-2, CONTENT-3, CONTENT-7, CONTENT-10, CONTENT-11", BOND_PLACE},
    {"SIZE-6", "COUNT-1, CONTENT-1, CONTENT-2, CONTENT-3, CONTENT-6, CONTENT-7", BOND_PLACE},
    {"ARGS-3", "ARGS-1, ARGS-2", BOND_ANSWER},
    {"FAULT-3", "FAULT-1", BOND_ANSWER},
    // A program sees what the other clauses see, from outside.
    {"CALLERS",
     "STATUS-1, STATUS-2, SIZE-1, SIZE-2, SIZE-4, SIZE-5, SIZE-6, COUNT-2, COUNT-3, COUNT-5, "
     "BOUNDS-3, CHANGE-1, CHANGE-2",
     BOND_NO_LIST},
};

// Is the clause, or its group, among the names?
static bool is_named(const char *names, const char *id)
{
    size_t group = strcspn(id, "-");
    for (const char *name = names; *name != '\0'; name += strspn(name, ", ")) {
        size_t length = strcspn(name, ",");
        if ((length == group || length == strlen(id)) && strncmp(name, id, length) == 0)
            return true;
        name += length;
    }
    return false;
}

static bool same_loss(const struct outcome *one, const struct outcome *other)
{
    return one->kind != OUTCOME_RETURNED && one->kind == other->kind &&
           one->signal_number == other->signal_number && one->exit_code == other->exit_code;
}

static bool same_answer(const struct outcome *one, const struct outcome *other)
{
    return same_loss(one, other) ||
           (one->kind == OUTCOME_RETURNED && other->kind == OUTCOME_RETURNED &&
            one->status == other->status);
}

static bool is_changing(const struct record *record)
{
    return record->circumstance != NULL && strcmp(record->circumstance, CIRCUMSTANCE_CHANGING) == 0;
}

// Was it made when the sessions had changed before, by a set of probes that comes after that?
static bool is_late(const struct record *record)
{
    static const char caller[] = "caller-";
    return strncmp(record->probe_set, caller, sizeof caller - 1) == 0 ||
           strcmp(record->probe_set, "steps") == 0 || strcmp(record->probe_set, "changing") == 0 ||
           strcmp(record->probe_set, PROBE_SET_EVENTS) == 0;
}

static bool same_text(const char *one, const char *other)
{
    return one != NULL && other != NULL && strcmp(one, other) == 0;
}

static bool are_bound_by_calls(const struct finding *one, const struct finding *other,
                               enum bond bond)
{
    const struct record *record = one->verdict->record;
    const struct record *cause = other->verdict->record;
    if (record == NULL || cause == NULL)
        return false;
    switch (bond) {
    case BOND_CALL:
        return one->index == other->index;
    case BOND_ANSWER:
        return same_answer(&record->outcome, &cause->outcome);
    case BOND_LOSS: // what is late is itself the consequence of a change
        return same_loss(&record->outcome, &cause->outcome) && !is_late(cause);
    case BOND_CHANGING:
        return is_changing(record) && is_changing(cause);
    case BOND_ABOUT: // the same
        return same_text(one->verdict->about, other->clause->id) && !is_late(cause);
    default:
        return false;
    }
}

static bool are_bound(const struct finding *one, const struct finding *other, enum bond bond)
{
    switch (bond) {
    case BOND_PLACE:
        return true;
    case BOND_NO_LIST:
        return one->verdict->about == NULL;
    case BOND_LATE:
        return one->verdict->record != NULL && is_late(one->verdict->record);
    case BOND_DIFFERS:
        return same_text(one->verdict->about, other->verdict->about);
    default:
        return are_bound_by_calls(one, other, bond);
    }
}

// 0: it is no failure.
static int weight(enum verdict_kind kind)
{
    return kind == VERDICT_FAIL ? 2 : kind == VERDICT_WARN ? 1 : 0;
}

bool is_consequence(const struct finding *finding, const struct finding *cause)
{
    int own = weight(finding->verdict->kind);
    if (finding->clause == cause->clause || own == 0 || weight(cause->verdict->kind) < own)
        return false;
    for (size_t i = 0; i < sizeof relations / sizeof relations[0]; i++)
        if (is_named(relations[i].consequences, finding->clause->id) &&
            is_named(relations[i].causes, cause->clause->id) &&
            are_bound(finding, cause, relations[i].bond))
            return true;
    return false;
}
