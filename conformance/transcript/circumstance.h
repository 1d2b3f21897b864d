// SPDX-License-Identifier: Apache-2.0
// The circumstances of a call: texts that say how the sessions or their source differ from what the
// scenario brought up. Probes write them into the transcript; judges and reports read them.
#ifndef TCK_CIRCUMSTANCE_H
#define TCK_CIRCUMSTANCE_H

#define CIRCUMSTANCE_MORE "with a session more"
#define CIRCUMSTANCE_LOGIN "after a login"
#define CIRCUMSTANCE_LOGOUT "after a logout"
#define CIRCUMSTANCE_DROP "after a session's connection was lost"
#define CIRCUMSTANCE_REINSTATEMENT "after the session was reinstated"
#define CIRCUMSTANCE_CHANGING "while sessions come and go"
#define CIRCUMSTANCE_SETTLED "after the changes stopped"
// The calls of a further host process. It may give sessions and connections other identifiers than
// the process before.
#define CIRCUMSTANCE_FIRST "in a new process"
// Calls around an event of the scenario: "before event 2: " or "after event 2: ", and what happens.
#define CIRCUMSTANCE_BEFORE_EVENT "before event "
#define CIRCUMSTANCE_AFTER_EVENT "after event "
// The beginning of the next two.
#define CIRCUMSTANCE_SOURCE "the source is damaged"
// The source of sessions is damaged; what is wrong with it follows.
#define CIRCUMSTANCE_DAMAGED "the source is damaged: "
#define CIRCUMSTANCE_UNSET CIRCUMSTANCE_DAMAGED "the environment variable is not set"
// The source of sessions is there, but a detail is wrong; which follows.
#define CIRCUMSTANCE_DETAIL "the source is damaged in a detail: "
#define CIRCUMSTANCE_GROWING CIRCUMSTANCE_DETAIL "the table has no end and grows while it is read"
#define CIRCUMSTANCE_REPAIRED "after the source came back"

// The set of probes around a scenario's own events. An event happens only once and changes the
// topology for the calls after it. So this set makes the calls of both charsets together. In a
// scenario without events it makes none.
#define PROBE_SET_EVENTS "events"

// The set in which threads call A and W at the same time; its records are of both charsets.
#define PROBE_SET_THREADS_BOTH "threads-both"

#endif
