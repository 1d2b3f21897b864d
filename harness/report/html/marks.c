// SPDX-License-Identifier: Apache-2.0
// Finds the bytes of a call's buffer that are wrong, and says what is wrong with them.
#include "harness/report/html/marks.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NEAR = 4096 }; // faults further from the buffer are not drawn

bool mark_is_bad(enum mark_kind kind)
{
    return kind != MARK_REST && kind != MARK_UNALIGNED;
}

static void add_mark(struct scene *scene, enum mark_kind kind, int64_t first, int64_t end,
                     const char *format, ...) __attribute__((format(printf, 5, 6)));
static void add_mark(struct scene *scene, enum mark_kind kind, int64_t first, int64_t end,
                     const char *format, ...)
{
    // No kind of mark may take the room of the others.
    enum { OF_A_KIND_MAX = MARKS_MAX / 3 };
    size_t same = 0;
    for (size_t i = 0; i < scene->mark_count; i++)
        same += scene->marks[i].kind == kind;
    if (scene->mark_count == MARKS_MAX || same == OF_A_KIND_MAX) {
        scene->unmarked++;
        return;
    }
    struct scene_mark *mark = &scene->marks[scene->mark_count++];
    *mark = (struct scene_mark){.kind = kind, .first = first, .end = end};
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

// Names the part that a complete list has at that byte: what a write there was meant to store.
static void name_other(const struct scene *scene, int64_t offset, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; i < scene->part_count; i++) {
        const struct scene_part *part = &scene->parts[i];
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

static void mark_part(struct scene *scene, const struct scene_part *part)
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

// Is it the member that the verdict names?
static bool is_wrong(const struct scene *scene, const struct scene_part *part)
{
    const struct listed_member *wrong = &scene->wrong;
    return !part->ghost && part->session == wrong->session &&
           part->connection == wrong->connection && strcmp(part->member, wrong->name) == 0;
}

// The member that is wrong: the string that it points to, where there is one.
static void mark_wrong(struct scene *scene)
{
    const struct scene_part *found = NULL;
    char name[128];
    char value[256];
    char text[64];
    for (size_t i = 0; i < scene->part_count && scene->wrong.name != NULL; i++)
        if (is_wrong(scene, &scene->parts[i]) &&
            (found == NULL || scene->parts[i].kind == PART_STRING))
            found = &scene->parts[i];
    if (found == NULL)
        return;
    scene_name_part(found, name, sizeof name);
    scene_describe_part(scene, found, value, sizeof value);
    add_mark(scene, MARK_WRONG, found->first, found->end, "%s: %s is %s, which is wrong",
             range(found->first, found->end, text, sizeof text), name, value);
}

// Arrays of structures that reach past the end, by the counts that the call returned.
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
        if (first % 8 != 0 && scene->record->outcome.base % 8 == 0 && scene->wrong.name == NULL)
            add_mark(scene, MARK_UNALIGNED, first, first + scene->abi->connection_size,
                     "byte %" PRId64 ": the connections of session %zu are not aligned to 8", first,
                     i);
    }
}

// Pieces that overlap; as in LAYOUT-5, pointers may share a string, and nothing else is shared.
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

// What a complete list (of a call with room to spare) has behind the end of this one, or behind the
// size that the call said is required.
static void mark_missing(struct scene *scene)
{
    int64_t end = scene_end_of_parts(scene, true);
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

int scene_find_marks(struct scene *scene)
{
    mark_fault(scene);
    mark_written(scene, scene->record->outcome.before, "before SessionInfo");
    mark_written(scene, scene->record->outcome.after, "at or past the end of the buffer");
    if (scene->listing != NULL) {
        mark_wrong(scene);
        mark_arrays(scene);
        for (size_t i = 0; i < scene->part_count; i++)
            if (!scene->parts[i].ghost)
                mark_part(scene, &scene->parts[i]);
        if (mark_overlaps(scene) != 0)
            return -1;
    }
    mark_missing(scene);
    // Where one member is what the clause is about, what is only odd elsewhere would mislead.
    if (scene->wrong.name == NULL)
        mark_rest(scene);
    return 0;
}
