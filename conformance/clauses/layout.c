// SPDX-License-Identifier: Apache-2.0
// LAYOUT: how the list is arranged in the buffer.
#include "conformance/clauses/groups.h"
#include "conformance/judge/judging.h"

#include <stdlib.h>
#include <string.h>

// A member that points to a string, with its name.
struct member_text {
    const char *name;
    const struct listed_text *text;
};

enum { SESSION_MEMBERS = 3, CONNECTION_MEMBERS = 2 };

static void session_members(const struct listed_session *session,
                            struct member_text members[static SESSION_MEMBERS])
{
    members[0] = (struct member_text){"InitiatorName", &session->initiator_name};
    members[1] = (struct member_text){"TargetNodeName", &session->target_node_name};
    members[2] = (struct member_text){"TargetName", &session->target_name};
}

static void connection_members(const struct listed_connection *connection,
                               struct member_text members[static CONNECTION_MEMBERS])
{
    members[0] = (struct member_text){"InitiatorAddress", &connection->initiator_address};
    members[1] = (struct member_text){"TargetAddress", &connection->target_address};
}

// Calls `each` for every string of the list until it returns false.
typedef bool each_text(const struct evidence *evidence, const struct listing *listing,
                       const struct listed_text *text, const char *name, size_t session,
                       const struct record *record, struct verdict *verdict);

static bool visit(const struct evidence *evidence, const struct member_text *members, size_t count,
                  const struct listing *listing, size_t session, const struct record *record,
                  struct verdict *verdict, each_text *each)
{
    for (size_t i = 0; i < count; i++)
        if (!each(evidence, listing, members[i].text, members[i].name, session, record, verdict))
            return false;
    return true;
}

static void visit_texts(const struct evidence *evidence, const struct listing *listing,
                        const struct record *record, struct verdict *verdict, each_text *each)
{
    for (size_t i = 0; i < listing->session_count; i++) {
        const struct listed_session *session = &listing->sessions[i];
        struct member_text members[SESSION_MEMBERS];
        session_members(session, members);
        if (!visit(evidence, members, SESSION_MEMBERS, listing, i, record, verdict, each))
            return;
        for (size_t j = 0; j < session->connections_decoded; j++) {
            connection_members(&session->connections[j], members);
            if (!visit(evidence, members, CONNECTION_MEMBERS, listing, i, record, verdict, each))
                return;
        }
    }
}

// What else lies in the room of the claimed structures; false when nothing does.
static bool find_intruder(const struct evidence *evidence, const struct listing *listing,
                          struct piece *intruder)
{
    struct piece *pieces = NULL;
    size_t count = evidence_pieces(evidence, listing, &pieces);
    bool found = false;
    for (size_t i = 0; i < count && !found; i++) {
        *intruder = pieces[i];
        found = pieces[i].kind != PIECE_STRUCTURES &&
                pieces[i].offset < (uint64_t)listing->claimed * evidence->abi->session_size;
    }
    free(pieces);
    return found;
}

static void judge_structures_of(const struct evidence *evidence, const struct record *record,
                                const struct listing *listing, struct verdict *verdict)
{
    struct piece intruder;
    if (listing->session_count < listing->claimed)
        verdict_fail(verdict, record, "%u structures claimed, %zu within the bytes retrieved",
                     listing->claimed, listing->session_count);
    else if (find_intruder(evidence, listing, &intruder))
        verdict_fail(verdict, record,
                     "%s of session %zu is at SessionInfo + %llu, among the structures",
                     intruder.member, intruder.session, (unsigned long long)intruder.offset);
    for (size_t i = 0; i < listing->session_count && verdict->kind == VERDICT_PASS; i++) {
        const struct listed_session *session = &listing->sessions[i];
        if (!session->initiator_name.inside && !session->target_node_name.inside &&
            !session->target_name.inside)
            verdict_fail(verdict, record,
                         "no structure at SessionInfo + %u, where number %zu belongs: none of its "
                         "three names points into the buffer",
                         session->offset, i);
    }
    if (verdict->kind == VERDICT_FAIL)
        verdict_expect(verdict,
                       "%u structures of %u bytes one behind the other from SessionInfo on",
                       listing->claimed, evidence->abi->session_size);
}

static void judge_structures(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_listing(evidence, verdict, judge_structures_of);
}

static bool text_inside(const struct evidence *evidence, const struct listing *listing,
                        const struct listed_text *text, const char *name, size_t session,
                        const struct record *record, struct verdict *verdict)
{
    if (text->inside && text->offset < listing->size)
        return true;
    if (text->pointer == 0 && text == &listing->sessions[session].target_node_name)
        return !verdict_deviates(evidence, "node-name-is-null", verdict, record,
                                 "TargetNodeName of session %zu is NULL", session);
    verdict_fail(verdict, record, "%s of session %zu is 0x%llx, SessionInfo is 0x%llx", name,
                 session, (unsigned long long)text->pointer,
                 (unsigned long long)record->outcome.base);
    verdict_expect(verdict, "a pointer into SessionInfo's %u bytes", record->outcome.size_out);
    return false;
}

// With no connections the pointer has nothing to point to: NULL, or anywhere up to the end.
static bool array_pointer_good(const struct listing *listing, const struct listed_session *session,
                               uint64_t base)
{
    uint64_t pointer = session->connections_pointer;
    if (session->connection_count == 0)
        return pointer == 0 || pointer - base <= listing->size; // below `base`, too: it is unsigned
    return pointer - base < listing->size;
}

static void judge_pointers_of(const struct evidence *evidence, const struct record *record,
                              const struct listing *listing, struct verdict *verdict)
{
    for (size_t i = 0; i < listing->session_count; i++) {
        const struct listed_session *session = &listing->sessions[i];
        if (array_pointer_good(listing, session, record->outcome.base))
            continue;
        verdict_fail(verdict, record, "Connections of session %zu is 0x%llx, SessionInfo is 0x%llx",
                     i, (unsigned long long)session->connections_pointer,
                     (unsigned long long)record->outcome.base);
        verdict_expect(verdict, "a pointer into SessionInfo's %u bytes", record->outcome.size_out);
        return;
    }
    visit_texts(evidence, listing, record, verdict, text_inside);
}

static void judge_pointers(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_listing(evidence, verdict, judge_pointers_of);
}

static bool text_ends(const struct evidence *evidence, const struct listing *listing,
                      const struct listed_text *text, const char *name, size_t session,
                      const struct record *record, struct verdict *verdict)
{
    (void)evidence;
    if (!text->inside)
        return true; // LAYOUT-2's business
    if (text->terminated && (uint64_t)text->offset + text->size <= listing->size)
        return true;
    verdict_fail(verdict, record, "%s of session %zu, at SessionInfo + %u, %s", name, session,
                 text->offset,
                 text->terminated ? "ends past *BufferSize" : "has no terminator in the buffer");
    verdict_expect(verdict, "its terminator within SessionInfo's %u bytes",
                   record->outcome.size_out);
    return false;
}

static void judge_strings_of(const struct evidence *evidence, const struct record *record,
                             const struct listing *listing, struct verdict *verdict)
{
    visit_texts(evidence, listing, record, verdict, text_ends);
}

static void judge_strings(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_listing(evidence, verdict, judge_strings_of);
}

static void judge_arrays_of(const struct evidence *evidence, const struct record *record,
                            const struct listing *listing, struct verdict *verdict)
{
    for (size_t i = 0; i < listing->session_count; i++) {
        const struct listed_session *session = &listing->sessions[i];
        if (!session->connections_inside || session->connection_count == 0)
            continue;
        uint64_t end = session->connections_offset +
                       (uint64_t)session->connection_count * evidence->abi->connection_size;
        if (end <= listing->size)
            continue;
        verdict_fail(verdict, record,
                     "the %u connections of session %zu, at SessionInfo + %u, end at byte %llu",
                     session->connection_count, i, session->connections_offset,
                     (unsigned long long)end);
        verdict_expect(verdict, "an array that ends within SessionInfo's %u bytes",
                       record->outcome.size_out);
        return;
    }
}

static void judge_arrays(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_listing(evidence, verdict, judge_arrays_of);
}

static void judge_overlap_of(const struct evidence *evidence, const struct record *record,
                             const struct listing *listing, struct verdict *verdict)
{
    struct piece *pieces = NULL;
    size_t count = evidence_pieces(evidence, listing, &pieces);
    size_t farthest = 0; // the piece that reaches farthest so far
    for (size_t i = 1; i < count; i++) {
        const struct piece *before = &pieces[farthest];
        const struct piece *piece = &pieces[i];
        bool shared = before->kind == PIECE_STRING && piece->kind == PIECE_STRING &&
                      before->offset == piece->offset; // and so they have the same end
        if (!shared && piece->offset < before->offset + before->size) {
            verdict_fail(
                verdict, record,
                "%s of session %zu (bytes %llu to %llu) overlaps %s of session %zu (bytes %llu "
                "to %llu)",
                piece->member, piece->session, (unsigned long long)piece->offset,
                (unsigned long long)(piece->offset + piece->size) - 1, before->member,
                before->session, (unsigned long long)before->offset,
                (unsigned long long)(before->offset + before->size) - 1);
            verdict_expect(verdict,
                           "pieces apart from each other; only equal strings may be shared");
            break;
        }
        if (piece->offset + piece->size > before->offset + before->size)
            farthest = i;
    }
    if (verdict->kind == VERDICT_PASS && listing->exhausted) {
        verdict_fail(verdict, record, "structures point to the same bytes over and over");
        verdict_expect(verdict, "pieces apart from each other; only equal strings may be shared");
    }
    free(pieces);
}

static void judge_overlap(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_listing(evidence, verdict, judge_overlap_of);
}

static void judge_alignment_of(const struct evidence *evidence, const struct record *record,
                               const struct listing *listing, struct verdict *verdict)
{
    struct piece *pieces = NULL;
    size_t count = evidence_pieces(evidence, listing, &pieces);
    for (size_t i = 0; i < count; i++) {
        const struct piece *piece = &pieces[i];
        unsigned alignment = piece->kind == PIECE_CONNECTIONS                                ? 8
                             : piece->kind == PIECE_STRING && evidence->charset == CHARSET_W ? 2
                                                                                             : 1;
        if ((record->outcome.base + piece->offset) % alignment == 0)
            continue;
        verdict_fail(verdict, record, "%s of session %zu is at SessionInfo + %llu", piece->member,
                     piece->session, (unsigned long long)piece->offset);
        verdict_expect(verdict, "an address that is a multiple of %u, as SessionInfo's is",
                       alignment);
        break;
    }
    free(pieces);
}

static void judge_alignment(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_listing(evidence, verdict, judge_alignment_of);
}

// The list that the others are compared with, as long as the sessions stay the same.
struct arrangement {
    const struct listing *listing;
    const struct record *record;
};

static bool judge_arrangement_of(const struct evidence *evidence, const struct record *record,
                                 void *context, struct verdict *verdict)
{
    struct arrangement *first = context;
    const struct listing *listing =
        record_plain(record, evidence->abi) ? evidence_listing(evidence, record) : NULL;
    if (listing == NULL)
        return false;
    if (first->listing == NULL || !evidence_same_sessions(evidence, first->record, record)) {
        *first = (struct arrangement){listing, record};
    } else if (listing_same_order(first->listing, listing) &&
               !listing_same_arrangement(first->listing, listing)) {
        verdict_fail(verdict, record,
                     "the offsets differ from those with SessionInfo = 0x%llx and %u bytes",
                     (unsigned long long)first->record->outcome.base, first->record->call.offered);
        verdict_expect(verdict, "the same offsets wherever the buffer stands");
    }
    return true;
}

static void judge_arrangement(const struct evidence *evidence, struct verdict *verdict)
{
    struct arrangement first = {0};
    size_t seen = judge_each_record(evidence, judge_arrangement_of, &first, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_SUCCESS, "no call succeeded", verdict);
}

static const char *const sets_success[] = {"fetch", "sweep", NULL};
static const char *const sets_fetch[] = {"fetch", NULL};
static const char *const sets_offsets[] = {"offsets", NULL};

static const struct clause clauses[] = {
    {.id = "LAYOUT-1",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "the structures are contiguous from SessionInfo on",
     .source = SOURCE_PAGE_INFO,
     .why = "Callers index SessionInfo as an array.",
     .passing = "structure i at SessionInfo + i times the structure's size",
     .failing = "each structure followed by its own connections and strings",
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .of_one_list = true,
     .judge = judge_structures},
    {.id = "LAYOUT-2",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "every pointer lies inside [SessionInfo, SessionInfo + *BufferSize)",
     .source = SOURCE_PAGE_INFO,
     .why =
         "The caller frees one buffer. A pointer elsewhere is a leak, a dangling pointer or memory "
         "that another call overwrites; go-win-iscsidsc checks each.",
     .passing = "each pointer is SessionInfo plus an offset below *BufferSize",
     .failing = "offsets left as they are; pointers to static memory; NULL for an empty name",
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .of_one_list = true,
     .judge = judge_pointers},
    {.id = "LAYOUT-3",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "every string ends, with its terminator, inside the buffer",
     .source = SOURCE_PAGE_INFO,
     .why = "Callers read up to the terminator.",
     .passing = "a terminator of one byte (A) or two (W) behind each string",
     .failing = "the last string's terminator left out for want of room",
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .of_one_list = true,
     .judge = judge_strings},
    {.id = "LAYOUT-4",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "connection arrays lie wholly inside the buffer",
     .source = SOURCE_PAGE_INFO,
     .why = "Callers walk ConnectionCount structures.",
     .passing = "the array's end at or before *BufferSize",
     .failing = "room for one connection, ConnectionCount = 2",
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .of_one_list = true,
     .judge = judge_arrays},
    {.id = "LAYOUT-5",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "structures, connection arrays and strings do not overlap (equal strings may be "
                 "shared)",
     .source = SOURCE_PAGE_INFO,
     .why = "Callers that modify one string in place must not change another's.",
     .passing = "each byte belongs to one piece",
     .failing = "a string that begins on the terminator of the one before",
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .of_one_list = true,
     .judge = judge_overlap},
    {.id = "LAYOUT-6",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "in an aligned buffer, connection arrays are aligned to 8 and UTF-16 strings to 2",
     .source = "callers on processors and compilers that require alignment",
     .why = "Reading a 64-bit integer or a UTF-16 unit at an odd address is undefined in C, and "
            "faults "
            "on some processors.",
     .passing = "addresses that are multiples of 8 and of 2",
     .failing = "a connection array right behind a string of odd length",
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .of_one_list = true,
     .judge = judge_alignment},
    {.id = "LAYOUT-7",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "the arrangement, as offsets, is the same wherever the buffer stands",
     .source = "callers that compare two lists, and testers",
     .why = "An arrangement that depends on the address makes the size required depend on it too.",
     .passing = "the same offsets in three buffers",
     .failing = "strings aligned to absolute addresses in multiples of 64",
     .probe_sets = sets_fetch,
     .more_sets = sets_offsets,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .of_one_list = true,
     .judge = judge_arrangement},
};

const struct clause_group group_layout = {
    .name = "LAYOUT",
    .title = "how the list is arranged",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
};
