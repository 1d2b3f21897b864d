// SPDX-License-Identifier: Apache-2.0
// The scene of the test under way, for tests of the judges: a fixture of Check; and what several of
// them ask of it.
#ifndef TCK_TESTS_SCENE_FIXTURE_H
#define TCK_TESTS_SCENE_FIXTURE_H

#include "tests/scene.h"

extern struct scene scene;
extern uint32_t required;    // in A, by the first truth
extern struct record *fetch; // the one whose list is altered; a test chooses it

// SCENE_SESSIONS sessions: before any call, after the quiet calls, and after the changing ones too.
void scene_set_up(void);
void scene_set_up_quiet(void);
void scene_set_up_changing(void);
void scene_tear_down(void);

// Begins again with that many sessions, before any call. `required` stays what it was.
void reopen(size_t sessions);
// The same with all sessions, and instead of the quiet calls a query and so many fetches.
void reopen_with_fetches(size_t fetches);
// Another call of "large", with half the size.
void call_large(void);

// Which offer is where in "fetch": the size required, 4,096 more, twice as much; and where in
// "short" and in "sweep".
enum { FETCH_EXACT, FETCH_GENEROUS, FETCH_TWICE };
enum { SHORT_1, SHORT_2_LESS, SHORT_1_LESS };
enum { SWEEP_0, SWEEP_1_LESS, SWEEP_EXACT, SWEEP_1_MORE, SWEEP_64_MORE };
// Where in "steps" is what, and in "changing".
enum { LOGIN, LOGIN_AGAIN, LOGOUT, DROP_QUERY, DROP, REINSTATEMENT_QUERY, REINSTATEMENT };
enum { CHANGING_QUERY, CHANGING, SETTLED_QUERY, SETTLED, SETTLED_QUERY_2, SETTLED_2 };

// The index-th record of that set in A, and where it stands among all records.
struct record *in(const char *set, size_t index);
size_t index_of(const struct record *record);

// Alters the last byte of the ISID of the session with one connection.
void spoil(struct record *record);

// In the list of `fetch`: a member of a session, of one of its connections, and a pointer.
uint8_t *member(size_t session, uint32_t offset);
uint8_t *connection(size_t session, size_t index, uint32_t offset);
void swap(uint8_t *bytes); // the first two

// Fails unless the clause says that of A; and of W, by itself or beside A.
void expect(const char *clause, enum verdict_kind kind);
void expect_of_w(const char *clause, enum verdict_kind kind);
// The same, and what it says was got contains the text.
void expect_told(const char *clause, enum verdict_kind kind, const char *told);
void expect_told_of_w(const char *clause, enum verdict_kind kind, const char *told);
// Fails unless the clause fails for that call and says that of it.
void expect_at(const char *clause, size_t record, const char *got);

#endif
