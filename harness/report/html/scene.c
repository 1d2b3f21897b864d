// Finds out what there is to see of a call: the parts of its buffer, and which bytes are wrong.
#include "harness/report/html/scene.h"

#include "conformance/transcript/error_codes.h"
#include "harness/report/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    NEAR = 4096,           // a fault further from the buffer than this is told, not drawn
    PARTS_OF_SESSION = 11, // eight members and three strings
    PARTS_OF_CONNECTION = 8,
};

// ---- Parts -----------------------------------------------------------------------------------

static void add_part(struct scene *scene, struct part part, uint64_t offset, uint64_t size)
{
    part.first = (int64_t)offset;
    part.end = part.first + (int64_t)size;
    scene->parts[scene->part_count++] = part;
}

// A pointer to a string, and the string if it is there.
static void add_text(struct scene *scene, struct part part, uint64_t offset,
                     const struct listed_text *text)
{
    part.pointer = true;
    part.text = text;
    part.leads_inside = text->inside;
    part.target = text->offset;
    add_part(scene, part, offset, scene->abi->pointer_size);
    if (!text->inside || text->size == 0)
        return;
    part.kind = PART_STRING;
    part.pointer = false;
    add_part(scene, part, text->offset, text->size);
}

static void add_plain(struct scene *scene, struct part part, const char *member, uint64_t offset,
                      uint64_t size)
{
    part.member = member;
    add_part(scene, part, offset, size);
}

static void add_connection(struct scene *scene, const struct listed_connection *connection,
                           struct part part)
{
    const struct abi *abi = scene->abi;
    uint32_t offset = connection->offset;
    part.kind = PART_CONNECTION;
    add_plain(scene, part, "ConnectionId", offset + abi->connection_id, 16);
    part.member = "InitiatorAddress";
    add_text(scene, part, offset + abi->initiator_address, &connection->initiator_address);
    part.member = "TargetAddress";
    add_text(scene, part, offset + abi->target_address, &connection->target_address);
    add_plain(scene, part, "InitiatorSocket", offset + abi->initiator_socket, 2);
    add_plain(scene, part, "TargetSocket", offset + abi->target_socket, 2);
    add_plain(scene, part, "CID", offset + abi->cid, 2);
}

static void add_session(struct scene *scene, const struct listed_session *session, struct part part)
{
    const struct abi *abi = scene->abi;
    uint32_t offset = session->offset;
    part.kind = PART_SESSION;
    part.connection = -1;
    add_plain(scene, part, "SessionId", offset + abi->session_id, 16);
    part.member = "InitiatorName";
    add_text(scene, part, offset + abi->initiator_name, &session->initiator_name);
    part.member = "TargetNodeName";
    add_text(scene, part, offset + abi->target_node_name, &session->target_node_name);
    part.member = "TargetName";
    add_text(scene, part, offset + abi->target_name, &session->target_name);
    add_plain(scene, part, "ISID", offset + abi->isid, 6);
    add_plain(scene, part, "TSID", offset + abi->tsid, 2);
    add_plain(scene, part, "ConnectionCount", offset + abi->connection_count, 4);
    struct part pointer = part;
    pointer.pointer = true;
    pointer.leads_inside = session->connections_inside;
    pointer.target = session->connections_offset;
    add_plain(scene, pointer, "Connections", offset + abi->connections, abi->pointer_size);
    for (size_t i = 0; i < session->connections_decoded; i++) {
        part.connection = (long)i;
        add_connection(scene, &session->connections[i], part);
    }
}

static int compare_parts(const void *left, const void *right)
{
    const struct part *a = left;
    const struct part *b = right;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return (a->end > b->end) - (a->end < b->end);
}

static size_t count_parts(const struct listing *listing)
{
    if (listing == NULL)
        return 0;
    return listing->session_count * PARTS_OF_SESSION +
           listing->connection_total * PARTS_OF_CONNECTION;
}

// The end of the last part of a list: what it really takes up.
static int64_t end_of_parts(const struct scene *scene, bool ghost)
{
    int64_t end = 0;
    for (size_t i = 0; i < scene->part_count; i++)
        if (scene->parts[i].ghost == ghost && scene->parts[i].end > end)
            end = scene->parts[i].end;
    return end;
}

static void drop_parts_before(struct scene *scene, int64_t limit)
{
    size_t kept = 0;
    for (size_t i = 0; i < scene->part_count; i++)
        if (!scene->parts[i].ghost || scene->parts[i].first >= limit)
            scene->parts[kept++] = scene->parts[i];
    scene->part_count = kept;
}

static int find_parts(struct scene *scene)
{
    size_t most = count_parts(scene->listing) + count_parts(scene->other);
    scene->parts = calloc(most + 1, sizeof *scene->parts);
    if (scene->parts == NULL)
        return -1;
    for (size_t i = 0; scene->listing != NULL && i < scene->listing->session_count; i++)
        add_session(scene, &scene->listing->sessions[i], (struct part){.session = i});
    for (size_t i = 0; scene->other != NULL && i < scene->other->session_count; i++)
        add_session(scene, &scene->other->sessions[i], (struct part){.session = i, .ghost = true});
    return 0;
}

void scene_name_part(const struct part *part, char *text, size_t size)
{
    if (part->connection >= 0)
        snprintf(text, size, "%s of connection %ld of session %zu", part->member, part->connection,
                 part->session);
    else
        snprintf(text, size, "%s of session %zu", part->member, part->session);
}

bool scene_byte(const struct scene *scene, int64_t offset, uint8_t *value, bool *own)
{
    const struct record *record = scene->record;
    *own = true;
    if (record->bytes != NULL && offset >= 0 && offset < (int64_t)record->outcome.byte_count) {
        *value = record->bytes[offset];
        return true;
    }
    *own = false;
    record = scene->other_record;
    if (record == NULL || record->bytes == NULL || offset < 0 ||
        offset >= (int64_t)record->outcome.byte_count)
        return false;
    *value = record->bytes[offset];
    return true;
}

static void describe_pointer(const struct scene *scene, const struct part *part, char *text,
                             size_t size)
{
    uint64_t pointer = 0;
    if (part->leads_inside) {
        snprintf(text, size, "SessionInfo + %" PRId64, part->target);
        return;
    }
    for (int i = 0; i < scene->abi->pointer_size; i++) {
        uint8_t byte = 0;
        bool own = false;
        if (scene_byte(scene, part->first + i, &byte, &own))
            pointer |= (uint64_t)byte << (8 * i);
    }
    uint64_t base = scene->record->outcome.base;
    if (pointer == 0)
        snprintf(text, size, "NULL");
    else if (pointer > base && pointer - base < 1 << 30)
        snprintf(text, size, "0x%" PRIx64 ", SessionInfo + %" PRIu64 ": outside", pointer,
                 pointer - base);
    else if (base > pointer && base - pointer < 1 << 30)
        snprintf(text, size, "0x%" PRIx64 ", SessionInfo - %" PRIu64 ": outside", pointer,
                 base - pointer);
    else
        snprintf(text, size, "0x%" PRIx64 ": outside", pointer);
}

void scene_describe_part(const struct scene *scene, const struct part *part, char *text,
                         size_t size)
{
    text[0] = '\0';
    if (part->pointer) {
        describe_pointer(scene, part, text, size);
        return;
    }
    if (part->kind == PART_STRING) {
        if (part->text->utf8 != NULL)
            snprintf(text, size, "\"%.160s\"", part->text->utf8);
        else
            snprintf(text, size, "%s",
                     part->text->terminated ? "not well-formed" : "without a terminator");
        return;
    }
    bool is_number = strcmp(part->member, "ConnectionCount") == 0 ||
                     strcmp(part->member, "InitiatorSocket") == 0 ||
                     strcmp(part->member, "TargetSocket") == 0;
    uint32_t number = 0;
    for (int64_t i = part->first; i < part->end; i++) {
        uint8_t byte = 0;
        bool own = false;
        if (!scene_byte(scene, i, &byte, &own))
            continue;
        if (is_number)
            number |= (uint32_t)byte << (8 * (i - part->first));
        else
            report_append(text, size, "%02x", byte);
    }
    if (is_number)
        snprintf(text, size, "%" PRIu32, number);
}

// ---- Marks -----------------------------------------------------------------------------------

bool mark_is_bad(enum mark_kind kind)
{
    return kind != MARK_REST && kind != MARK_UNALIGNED;
}

static void add_mark(struct scene *scene, enum mark_kind kind, int64_t first, int64_t end,
                     const char *format, ...) __attribute__((format(printf, 5, 6)));
static void add_mark(struct scene *scene, enum mark_kind kind, int64_t first, int64_t end,
                     const char *format, ...)
{
    // Of one kind not so many that there is no room for another.
    enum { OF_A_KIND_MAX = MARKS_MAX / 3 };
    size_t same = 0;
    for (size_t i = 0; i < scene->mark_count; i++)
        same += scene->marks[i].kind == kind;
    if (scene->mark_count == MARKS_MAX || same == OF_A_KIND_MAX) {
        scene->unmarked++;
        return;
    }
    struct mark *mark = &scene->marks[scene->mark_count++];
    *mark = (struct mark){.kind = kind, .first = first, .end = end};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(mark->what, sizeof mark->what, format, arguments);
    va_end(arguments);
}

// "byte 311", "bytes 311 to 312", for people.
static const char *range(int64_t first, int64_t end, char *text, size_t size)
{
    if (end - first == 1)
        snprintf(text, size, "byte %" PRId64, first);
    else
        snprintf(text, size, "bytes %" PRId64 " to %" PRId64, first, end - 1);
    return text;
}

// Which part of the other list has that byte: says what a write there was about to be.
static void name_other(const struct scene *scene, int64_t offset, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; i < scene->part_count; i++) {
        const struct part *part = &scene->parts[i];
        if (!part->ghost || offset < part->first || offset >= part->end)
            continue;
        char name[128];
        scene_name_part(part, name, sizeof name);
        bool last = part->kind == PART_STRING && part->text->terminated &&
                    offset >= part->end - (scene->record->call.charset == CHARSET_W ? 2 : 1);
        snprintf(text, size, "; where a call with room to spare has %s%s",
                 last ? "the terminator of " : "", name);
        return;
    }
}

static void mark_fault(struct scene *scene)
{
    const struct outcome *outcome = &scene->record->outcome;
    if (outcome->kind != OUTCOME_FAULT || !outcome->fault_has_address || outcome->base == 0)
        return;
    int64_t offset = (int64_t)(outcome->fault_address - outcome->base);
    if (offset < -NEAR || offset > scene->offered + NEAR)
        return;
    char name[256];
    name_other(scene, offset, name, sizeof name);
    const char *how = outcome->direction == FAULT_READ ? "read" : "write";
    if (outcome->direction != FAULT_READ && outcome->direction != FAULT_WRITE)
        how = "access";
    add_mark(scene, MARK_FAULT, offset, offset + 1, "byte %" PRId64 ": the %s that faulted%s",
             offset, how, name);
}

static void mark_written(struct scene *scene, struct extent extent, const char *where)
{
    char text[64];
    char name[256];
    if (extent_empty(extent))
        return;
    name_other(scene, extent.first, name, sizeof name);
    add_mark(scene, MARK_WRITTEN, extent.first, extent.last + 1, "%s: written %s%s",
             range(extent.first, extent.last + 1, text, sizeof text), where, name);
}

static void mark_rest(struct scene *scene)
{
    struct extent inside = scene->record->outcome.inside;
    char text[64];
    if (scene->record->outcome.kind != OUTCOME_RETURNED || extent_empty(inside))
        return;
    if (scene->returned < 0) {
        if (scene->record->outcome.status != 122)
            add_mark(scene, MARK_REST, inside.first, inside.last + 1,
                     "%s: written, though the call failed",
                     range(inside.first, inside.last + 1, text, sizeof text));
        return;
    }
    int64_t first = inside.first > scene->returned ? inside.first : scene->returned;
    if (inside.last >= first)
        add_mark(scene, MARK_REST, first, inside.last + 1,
                 "%s: written behind *BufferSize = %" PRId64,
                 range(first, inside.last + 1, text, sizeof text), scene->returned);
}

static void mark_part(struct scene *scene, const struct part *part)
{
    char name[128];
    char value[256];
    char text[64];
    int64_t limit = (int64_t)scene->listing->size;
    scene_name_part(part, name, sizeof name);
    range(part->first, part->end, text, sizeof text);
    if (part->pointer && !part->leads_inside) {
        const struct listed_session *session = &scene->listing->sessions[part->session];
        if (part->text == NULL && session->connection_count == 0)
            return;
        scene_describe_part(scene, part, value, sizeof value);
        add_mark(scene, MARK_POINTER, part->first, part->end, "%s: %s is %s", text, name, value);
    } else if (part->kind == PART_STRING && !part->text->terminated) {
        add_mark(scene, MARK_UNTERMINATED, part->first, part->end,
                 "%s: %s has no terminator before the end", text, name);
    } else if (part->end > limit) {
        int64_t first = part->first > limit ? part->first : limit;
        add_mark(scene, MARK_PAST_END, first, part->end, "%s: %s ends past *BufferSize = %" PRId64,
                 range(first, part->end, value, sizeof value), name, limit);
    }
}

// The structures and connections that are claimed, where not all of them are there.
static void mark_arrays(struct scene *scene)
{
    const struct listing *listing = scene->listing;
    int64_t limit = (int64_t)listing->size;
    int64_t end = (int64_t)listing->claimed * scene->abi->session_size;
    if (end > limit)
        add_mark(scene, MARK_PAST_END, limit, end,
                 "%" PRIu32 " structures are claimed: they end at byte %" PRId64
                 ", past *BufferSize = %" PRId64,
                 listing->claimed, end, limit);
    for (size_t i = 0; i < listing->session_count; i++) {
        const struct listed_session *session = &listing->sessions[i];
        int64_t first = session->connections_offset;
        end = first + (int64_t)session->connection_count * scene->abi->connection_size;
        if (!session->connections_inside || session->connection_count == 0)
            continue;
        if (end > limit)
            add_mark(scene, MARK_PAST_END, first > limit ? first : limit, end,
                     "the %" PRIu32 " connections of session %zu end at byte %" PRId64
                     ", past *BufferSize = %" PRId64,
                     session->connection_count, i, end, limit);
        if (first % 8 != 0 && scene->record->outcome.base % 8 == 0)
            add_mark(scene, MARK_UNALIGNED, first, first + scene->abi->connection_size,
                     "byte %" PRId64 ": the connections of session %zu are not aligned to 8", first,
                     i);
    }
}

// As LAYOUT-5 has it: equal strings may be shared, nothing else.
static int mark_overlaps(struct scene *scene)
{
    struct piece *pieces = NULL;
    long count = listing_pieces(scene->listing, scene->abi, &pieces);
    if (count < 0)
        return -1;
    for (long i = 1, farthest = 0; i < count; i++) {
        const struct piece *before = &pieces[farthest];
        const struct piece *piece = &pieces[i];
        int64_t before_end = (int64_t)(before->offset + before->size);
        int64_t end = (int64_t)(piece->offset + piece->size);
        bool shared = before->kind == PIECE_STRING && piece->kind == PIECE_STRING &&
                      before->offset == piece->offset && before->size == piece->size;
        if (!shared && (int64_t)piece->offset < before_end) {
            char text[64];
            int64_t last = end < before_end ? end : before_end;
            add_mark(scene, MARK_OVERLAP, (int64_t)piece->offset, last,
                     "%s: both %s of session %zu and %s of session %zu",
                     range((int64_t)piece->offset, last, text, sizeof text), piece->member,
                     piece->session, before->member, before->session);
        }
        if (end > before_end)
            farthest = i;
    }
    free(pieces);
    return 0;
}

// What a list with room to spare has behind the end of this one, or behind what is said to be
// required.
static void mark_missing(struct scene *scene)
{
    int64_t end = end_of_parts(scene, true);
    if (scene->returned >= 0 && end > scene->returned)
        add_mark(scene, MARK_MISSING, scene->returned, end,
                 "from byte %" PRId64 " on: missing; the list that a call with room to spare left "
                 "ends at byte %" PRId64,
                 scene->returned, end);
    if (scene->required >= 0 && end > scene->required)
        add_mark(
            scene, MARK_MISSING, scene->required, end,
            "from byte %" PRId64 " on: *BufferSize says that %" PRId64
            " are required, the list that a call with room to spare left ends at byte %" PRId64,
            scene->required, scene->required, end);
}

static int find_marks(struct scene *scene)
{
    mark_fault(scene);
    mark_written(scene, scene->record->outcome.before, "before SessionInfo");
    mark_written(scene, scene->record->outcome.after, "at or past the end of the buffer");
    if (scene->listing != NULL) {
        mark_arrays(scene);
        for (size_t i = 0; i < scene->part_count; i++)
            if (!scene->parts[i].ghost)
                mark_part(scene, &scene->parts[i]);
        if (mark_overlaps(scene) != 0)
            return -1;
    }
    mark_missing(scene);
    mark_rest(scene);
    return 0;
}

// ---- The whole -------------------------------------------------------------------------------

static void find_range(struct scene *scene)
{
    const int64_t farthest = 1 << 26;
    for (size_t i = 0; i < scene->part_count; i++)
        if (scene->parts[i].end > scene->end)
            scene->end = scene->parts[i].end;
    for (size_t i = 0; i < scene->mark_count; i++) {
        const struct mark *mark = &scene->marks[i];
        if (mark->first < scene->first)
            scene->first = mark->first;
        if (mark->end > scene->end)
            scene->end = mark->end < farthest ? mark->end : mark->first + 1;
    }
    // A buffer that is little larger than what stands in it is shown whole.
    if (scene->has_buffer && scene->offered > scene->end && scene->offered <= scene->end + 128)
        scene->end = scene->offered;
    if (scene->end > farthest)
        scene->end = farthest;
}

static struct listing *decode(const struct result *result, const struct scene *scene,
                              const struct record *record, bool *exhausted)
{
    if (record == NULL || record->bytes == NULL)
        return NULL;
    struct listing *listing = listing_decode(record, scene->abi, result->hello.code_page);
    if (listing == NULL)
        *exhausted = true;
    return listing;
}

static void find_sizes(struct scene *scene)
{
    const struct call *call = &scene->record->call;
    const struct outcome *outcome = &scene->record->outcome;
    scene->has_buffer = call->placement != PLACE_NULL;
    scene->offered = scene->has_buffer ? call->offered : 0;
    scene->returned = -1;
    scene->required = -1;
    if (outcome->kind != OUTCOME_RETURNED || (call->flags & CALL_SIZE_NULL) != 0)
        return;
    if (outcome->status == 0 && scene->has_buffer)
        scene->returned = outcome->size_out;
    if (outcome->status == 122)
        scene->required = outcome->size_out;
}

struct scene *scene_create(const struct result *result, const struct scenario_result *scenario,
                           const struct check *check, bool *exhausted)
{
    const struct record *record = check->verdict.record;
    const struct abi *abi = abi_of(result->hello.pointer_size);
    *exhausted = false;
    if (record == NULL || abi == NULL || record->call.charset > CHARSET_W)
        return NULL;
    struct scene *scene = calloc(1, sizeof *scene);
    if (scene == NULL) {
        *exhausted = true;
        return NULL;
    }
    scene->record = record;
    scene->abi = abi;
    // Only a call with the sessions that the scenario brought up can be compared with it.
    if (record->circumstance == NULL)
        scene->other_record = &scenario->lists[record->call.charset];
    find_sizes(scene);
    if (record->outcome.kind == OUTCOME_RETURNED && record->outcome.status == 0)
        scene->listing = decode(result, scene, record, exhausted);
    scene->other = decode(result, scene, scene->other_record, exhausted);
    if (*exhausted || find_parts(scene) != 0 || find_marks(scene) != 0) {
        *exhausted = true;
        scene_free(scene);
        return NULL;
    }
    // Of the other list, what this one does not have.
    if (scene->listing != NULL)
        drop_parts_before(scene, scene->returned);
    qsort(scene->parts, scene->part_count, sizeof *scene->parts, compare_parts);
    find_range(scene);
    if (scene->part_count == 0 && scene->mark_count == 0) {
        scene_free(scene);
        return NULL;
    }
    return scene;
}

void scene_free(struct scene *scene)
{
    if (scene == NULL)
        return;
    listing_free(scene->listing);
    listing_free(scene->other);
    free(scene->parts);
    free(scene);
}
