// Under which circumstances a call was made, where they are not those that the scenario brought up:
// what probes write into the transcript and judges and reports read from it.
#ifndef TCK_CIRCUMSTANCE_H
#define TCK_CIRCUMSTANCE_H

#define CIRCUMSTANCE_MORE "with a session more"
#define CIRCUMSTANCE_LOGIN "after a login"
#define CIRCUMSTANCE_LOGOUT "after a logout"
#define CIRCUMSTANCE_DROP "after a session's connection was lost"
#define CIRCUMSTANCE_REINSTATEMENT "after the session was reinstated"
#define CIRCUMSTANCE_CHANGING "while sessions come and go"
#define CIRCUMSTANCE_SETTLED "after the changes stopped"
// The first calls of a process that made no others: identifiers may be others than in the one
// before.
#define CIRCUMSTANCE_FIRST "in a new process"
// Of an event of the scenario: "before event 2: " or "after event 2: " and what happens.
#define CIRCUMSTANCE_BEFORE_EVENT "before event "
#define CIRCUMSTANCE_AFTER_EVENT "after event "
// How both of these begin.
#define CIRCUMSTANCE_SOURCE "the source is damaged"
// Of the source of sessions: "the source is damaged: ..." and what is wrong with it.
#define CIRCUMSTANCE_DAMAGED "the source is damaged: "
// The same where the source is there and some detail of it is wrong.
#define CIRCUMSTANCE_DETAIL "the source is damaged in a detail: "
#define CIRCUMSTANCE_REPAIRED "after the source came back"

// The set of calls around a scenario's own events. They happen once, and leave another topology
// behind: it comes last, makes the calls of both charsets, and is empty in a scenario without
// events. What else its clauses need does not depend on it.
#define PROBE_SET_EVENTS "events"

// The set in which threads call A and W at the same time; its records are of both charsets.
#define PROBE_SET_THREADS_BOTH "threads-both"

#endif
