// SPDX-License-Identifier: Apache-2.0
// CHARSET: A and W together.
#include "conformance/clauses/groups.h"
#include "conformance/judge/code_page.h"
#include "conformance/judge/judging.h"
#include "conformance/judge/pairs.h"

#include <stdlib.h>
#include <string.h>

// The next call after `after` (NULL: the first) that left a list in the evidence's charset, at the
// sessions of the call `like` (NULL: at any); NULL if there is none.
static const struct record *next_list(const struct evidence *evidence, const struct record *after,
                                      const struct record *like)
{
    const struct record *record = evidence_next(evidence, after, NULL);
    while (record != NULL && !(record_plain(record, evidence->abi) && record_succeeded(record) &&
                               (like == NULL || evidence_same_sessions(evidence, record, like))))
        record = evidence_next(evidence, record, NULL);
    return record;
}

// A list of each charset, and each session of W's beside that of A's.
struct both {
    const struct record *record_a;
    const struct record *record_w;
    const struct listing *a;
    const struct listing *w;
    const struct listed_session **of_a; // sorted
    const struct listed_session **of_w;
};

static int compare_connections(const struct listed_connection *a, const struct listed_connection *b)
{
    int order = memcmp(a->cid, b->cid, sizeof a->cid);
    if (order == 0)
        order = (int)a->initiator_port - (int)b->initiator_port;
    if (order == 0)
        order = (int)a->target_port - (int)b->target_port;
    return order;
}

// 0 where all is equal that is no string. An implementation may list the connections of a session
// in any order: the CID says which is which.
static int compare_sessions(const struct listed_session *a, const struct listed_session *b)
{
    int order = memcmp(a->isid, b->isid, sizeof a->isid);
    if (order == 0)
        order = memcmp(a->tsid, b->tsid, sizeof a->tsid);
    if (order == 0)
        order = (a->connection_count > b->connection_count) -
                (a->connection_count < b->connection_count);
    for (size_t i = 0; order == 0 && i < a->connections_decoded && i < b->connections_decoded; i++)
        order = compare_connections(a->connections_sorted[i], b->connections_sorted[i]);
    return order;
}

static int compare_names(const struct listed_text *a, const struct listed_text *b)
{
    if (a->utf8 == NULL || b->utf8 == NULL)
        return (a->utf8 != NULL) - (b->utf8 != NULL);
    return strcmp(a->utf8, b->utf8);
}

// Sessions without connections may differ in their names only: an ISID is unique for a target.
static int order_sessions(const void *left, const void *right)
{
    const struct listed_session *a = *(const struct listed_session *const *)left;
    const struct listed_session *b = *(const struct listed_session *const *)right;
    int order = compare_sessions(a, b);
    if (order == 0)
        order = compare_names(&a->target_name, &b->target_name);
    return order != 0 ? order : compare_names(&a->initiator_name, &b->initiator_name);
}

static const struct listed_session **sort_sessions(const struct listing *listing)
{
    // NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers
    const struct listed_session **sorted = calloc(listing->session_count + 1, sizeof *sorted);
    if (sorted == NULL)
        return NULL;
    for (size_t i = 0; i < listing->session_count; i++)
        sorted[i] = &listing->sessions[i];
    qsort(sorted, listing->session_count, sizeof(const struct listed_session *), order_sessions);
    return sorted;
}

// The two calls' lists. False, and says so, when memory ran out.
static bool both_open(const struct evidence *evidence, struct both *both, struct verdict *verdict)
{
    const struct evidence of_a = evidence_of(evidence, CHARSET_A);
    const struct evidence of_w = evidence_of(evidence, CHARSET_W);
    both->a = evidence_listing(&of_a, both->record_a);
    both->w = evidence_listing(&of_w, both->record_w);
    both->of_a = both->a == NULL ? NULL : sort_sessions(both->a);
    both->of_w = both->w == NULL ? NULL : sort_sessions(both->w);
    if (both->of_a != NULL && both->of_w != NULL)
        return true;
    verdict_exhaust(evidence, verdict);
    return false;
}

static void both_free(struct both *both)
{
    free(both->of_a);
    free(both->of_w);
}

// Calls `each` with the first list of A and the first of W at the same sessions, for each of the
// states of the sessions in turn, until it fails the verdict.
typedef void judge_both(const struct both *both, struct verdict *verdict);
static void judge_each_both(const struct evidence *evidence, judge_both *each,
                            struct verdict *verdict)
{
    const struct evidence of_a = evidence_of(evidence, CHARSET_A);
    const struct evidence of_w = evidence_of(evidence, CHARSET_W);
    const struct record *last = NULL;
    size_t compared = 0;
    for (const struct record *a = next_list(&of_a, NULL, NULL);
         a != NULL && verdict->kind == VERDICT_PASS; a = next_list(&of_a, a, NULL)) {
        if (last != NULL && evidence_same_sessions(evidence, last, a))
            continue;
        last = a;
        struct both both = {.record_a = a, .record_w = next_list(&of_w, NULL, a)};
        if (both.record_w == NULL)
            continue;
        compared++;
        if (both_open(evidence, &both, verdict))
            each(&both, verdict);
        both_free(&both);
    }
    if (compared == 0)
        verdict_block(verdict, BLOCKED_BY_SUCCESS, "GetIScsiSessionList%c gave no list",
                      last == NULL ? 'A' : 'W');
}

static void compare_both(const struct both *both, struct verdict *verdict)
{
    if (both->a->session_count != both->w->session_count) {
        verdict_fail(verdict, both->record_w, "A lists %zu sessions, W %zu", both->a->session_count,
                     both->w->session_count);
    } else {
        for (size_t i = 0; i < both->a->session_count; i++) {
            if (compare_sessions(both->of_a[i], both->of_w[i]) == 0)
                continue;
            const uint8_t *isid = both->of_w[i]->isid;
            verdict_fail(
                verdict, both->record_w,
                "the session with ISID %02x%02x%02x%02x%02x%02x of W is not in A, or not with "
                "this TSID and these connections",
                isid[0], isid[1], isid[2], isid[3], isid[4], isid[5]);
            break;
        }
    }
    if (verdict->kind == VERDICT_FAIL)
        verdict_expect(verdict, "the same sessions from A and from W");
}

static void judge_same_sessions(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_both(evidence, compare_both, verdict);
}

static bool same_text(const struct listed_text *a, const struct listed_text *w)
{
    if (!a->inside || !w->inside)
        return true; // LAYOUT-2's business
    if (a->utf8 == NULL || w->utf8 == NULL)
        return a->utf8 == w->utf8;
    return code_page_gives(a->code_page, a->utf8, w->utf8, false);
}

static void compare_texts(const struct both *both, const struct listed_text *a,
                          const struct listed_text *w, const char *member, struct verdict *verdict)
{
    if (verdict->kind != VERDICT_PASS)
        return;
    if (same_text(a, w)) {
        if (verdict->got[0] == '\0' && a->utf8 != NULL && w->utf8 != NULL &&
            code_page_replaced(a->code_page, a->utf8, w->utf8))
            verdict_note(verdict, "%s \"%s\" is \"%s\" in A: code page %u does not have it all",
                         member, w->utf8, a->utf8, a->code_page);
        return;
    }
    verdict_fail(verdict, both->record_a, "%s is \"%s\" in A", member,
                 a->utf8 != NULL ? a->utf8 : "(not of its code page)");
    verdict_expect(verdict, "\"%s\", as in W", w->utf8 != NULL ? w->utf8 : "(not UTF-16)");
}

static void compare_strings(const struct both *both, struct verdict *verdict)
{
    size_t count = both->a->session_count < both->w->session_count ? both->a->session_count
                                                                   : both->w->session_count;
    for (size_t i = 0; i < count; i++) {
        const struct listed_session *a = both->of_a[i];
        const struct listed_session *w = both->of_w[i];
        if (compare_sessions(a, w) != 0)
            break; // CHARSET-1's business
        compare_texts(both, &a->initiator_name, &w->initiator_name, "InitiatorName", verdict);
        compare_texts(both, &a->target_node_name, &w->target_node_name, "TargetNodeName", verdict);
        compare_texts(both, &a->target_name, &w->target_name, "TargetName", verdict);
        for (size_t j = 0; j < a->connections_decoded && j < w->connections_decoded; j++) {
            const struct listed_connection *of_a = a->connections_sorted[j];
            const struct listed_connection *of_w = w->connections_sorted[j];
            compare_texts(both, &of_a->initiator_address, &of_w->initiator_address,
                          "InitiatorAddress", verdict);
            compare_texts(both, &of_a->target_address, &of_w->target_address, "TargetAddress",
                          verdict);
        }
    }
}

static void judge_same_strings(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_both(evidence, compare_strings, verdict);
}

enum { NAME_MAX_BYTES = 223 };

static void compare_long(const struct pair *pair, const struct listed_text *text, const char *known,
                         const char *member, struct verdict *verdict)
{
    // That there is no name at all is LAYOUT-2's and CONTENT-3's business.
    if (verdict->kind != VERDICT_PASS || text->pointer == 0 || strlen(known) < NAME_MAX_BYTES ||
        text_is_name(text, known))
        return;
    verdict_fail(verdict, pair->record, "a name of %zu bytes comes out as %s of %zu", strlen(known),
                 member, text->utf8 != NULL ? strlen(text->utf8) : 0);
    verdict_expect(verdict, "the whole name: iSCSI allows 223 bytes");
    verdict_point(verdict, pair->index, -1, member);
}

static void judge_long_names_of(const struct pair *pair, struct verdict *verdict)
{
    const struct truth_session *known = pair->known;
    compare_long(pair, &pair->listed->initiator_name, known->initiator_name, "InitiatorName",
                 verdict);
    compare_long(pair, &pair->listed->target_node_name, known->target_node_name, "TargetNodeName",
                 verdict);
    compare_long(pair, &pair->listed->target_name, known->target_node_name, "TargetName", verdict);
}

static void judge_long_names(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_pair(evidence, verdict, judge_long_names_of);
}

static void judge_text_formed(struct verdict *verdict, const struct record *record,
                              const struct listed_text *text, const char *member, size_t session)
{
    if (verdict->kind != VERDICT_PASS || !text->terminated || text->well_formed)
        return;
    verdict_fail(verdict, record,
                 "%s of session %zu, at SessionInfo + %u, is not well-formed UTF-16", member,
                 session, text->offset);
    verdict_expect(verdict, "each surrogate followed by its other half");
}

static void judge_formed_of(const struct evidence *evidence, const struct record *record,
                            const struct listing *listing, struct verdict *verdict)
{
    (void)evidence;
    for (size_t i = 0; i < listing->session_count; i++) {
        const struct listed_session *session = &listing->sessions[i];
        judge_text_formed(verdict, record, &session->initiator_name, "InitiatorName", i);
        judge_text_formed(verdict, record, &session->target_node_name, "TargetNodeName", i);
        judge_text_formed(verdict, record, &session->target_name, "TargetName", i);
        for (size_t j = 0; j < session->connections_decoded; j++) {
            judge_text_formed(verdict, record, &session->connections[j].initiator_address,
                              "InitiatorAddress", i);
            judge_text_formed(verdict, record, &session->connections[j].target_address,
                              "TargetAddress", i);
        }
    }
}

static void judge_formed(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_listing(evidence, verdict, judge_formed_of);
}

static const char *const sets_fetch[] = {"fetch", NULL};

static const struct clause clauses[] = {
    {.id = "CHARSET-1",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "A and W report the same sessions",
     .source = "the two are one function in two character sets",
     .why = "A program that mixes them must see one world.",
     .passing = "the same ISIDs, TSIDs and connections from both",
     .failing = "A leaves out sessions whose names it can't write",
     .probe_sets = sets_fetch,
     .needs = NEEDS_SESSIONS,
     .charsets = JUDGED_TOGETHER,
     .judge = judge_same_sessions},
    {.id = "CHARSET-2",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "the strings of A are those of W in the ANSI code page (on Linux: UTF-8)",
     .source = "the two are one function in two character sets",
     .why = "A name that one writes and the other can't find is two names.",
     .passing = "the same text from both",
     .failing = "each UTF-16 unit cut to its low byte; '?' for what is beyond ASCII",
     .probe_sets = sets_fetch,
     .needs = NEEDS_SESSIONS,
     .charsets = JUDGED_TOGETHER,
     .judge = judge_same_strings},
    {.id = "CHARSET-3",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "names of the full length that iSCSI allows, 223 bytes, come out whole",
     .source = "RFC 7143, section 4.2.7.1: a name is up to 223 bytes",
     .why = "A name cut off is another name.",
     .passing = "all 223 bytes and a terminator",
     .failing = "222 bytes and a terminator: a buffer of 223 for a string of 223",
     .probe_sets = sets_fetch,
     .needs = NEEDS_LONG_NAMES,
     .judge = judge_long_names},
    {.id = "CHARSET-4",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "W strings are well-formed UTF-16",
     .source = "callers that convert to UTF-8 refuse or replace half surrogate pairs",
     .why = "A lone surrogate can't be written to a log, a file or a database.",
     .passing = "a pair of surrogates for each character beyond the BMP",
     .failing = "the two in the wrong order; one of them cut off",
     .probe_sets = sets_fetch,
     .needs = NEEDS_SESSIONS,
     .charsets = JUDGED_WIDE,
     .judge = judge_formed},
};

const struct clause_group group_charset = {
    .name = "CHARSET",
    .title = "A and W together",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
};
