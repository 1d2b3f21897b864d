// SPDX-License-Identifier: Apache-2.0
// Lists the parts that a call's buffer is made of, and says what each of them holds.
#include "harness/report/html/parts.h"

#include "conformance/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PARTS_OF_SESSION = 11, // eight members and three strings
    PARTS_OF_CONNECTION = 8,
};

static void add_part(struct scene *scene, struct scene_part part, uint64_t offset, uint64_t size)
{
    part.first = (int64_t)offset;
    part.end = part.first + (int64_t)size;
    scene->parts[scene->part_count++] = part;
}

// A pointer to a string, and the string if it is there.
static void add_text(struct scene *scene, struct scene_part part, uint64_t offset,
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

static void add_plain(struct scene *scene, struct scene_part part, const char *member,
                      uint64_t offset, uint64_t size)
{
    part.member = member;
    add_part(scene, part, offset, size);
}

static void add_connection(struct scene *scene, const struct listed_connection *connection,
                           struct scene_part part)
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

static void add_session(struct scene *scene, const struct listed_session *session,
                        struct scene_part part)
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
    struct scene_part pointer = part;
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
    const struct scene_part *a = left;
    const struct scene_part *b = right;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return (a->end > b->end) - (a->end < b->end);
}

void scene_sort_parts(struct scene *scene)
{
    qsort(scene->parts, scene->part_count, sizeof *scene->parts, compare_parts);
}

static size_t count_parts(const struct listing *listing)
{
    if (listing == NULL)
        return 0;
    return listing->session_count * PARTS_OF_SESSION +
           listing->connection_total * PARTS_OF_CONNECTION;
}

int64_t scene_end_of_parts(const struct scene *scene, bool ghost)
{
    int64_t end = 0;
    for (size_t i = 0; i < scene->part_count; i++)
        if (scene->parts[i].ghost == ghost && scene->parts[i].end > end)
            end = scene->parts[i].end;
    return end;
}

void scene_drop_ghosts_before(struct scene *scene, int64_t limit)
{
    size_t kept = 0;
    for (size_t i = 0; i < scene->part_count; i++)
        if (!scene->parts[i].ghost || scene->parts[i].first >= limit)
            scene->parts[kept++] = scene->parts[i];
    scene->part_count = kept;
}

int scene_find_parts(struct scene *scene)
{
    size_t most = count_parts(scene->listing) + count_parts(scene->other);
    scene->parts = calloc(most + 1, sizeof *scene->parts);
    if (scene->parts == NULL)
        return -1;
    for (size_t i = 0; scene->listing != NULL && i < scene->listing->session_count; i++)
        add_session(scene, &scene->listing->sessions[i], (struct scene_part){.session = i});
    for (size_t i = 0; scene->other != NULL && i < scene->other->session_count; i++)
        add_session(scene, &scene->other->sessions[i],
                    (struct scene_part){.session = i, .ghost = true});
    return 0;
}

void scene_name_part(const struct scene_part *part, char *text, size_t size)
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

static void describe_pointer(const struct scene *scene, const struct scene_part *part, char *text,
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

void scene_describe_part(const struct scene *scene, const struct scene_part *part, char *text,
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
