// SPDX-License-Identifier: Apache-2.0
// The seeded bugs. Each is a right call but for one rare case. What they remember from call to call
// is shared by all threads without a lock, as their authors forgot one.
#include "conformance/faulty/faulty.h"

#include <string.h>

#define SEEDED(name, sentence) uint32_t seeded_##name(struct faulty_call *call);
#include "conformance/seeded/seeded.def"
#undef SEEDED

enum { PAGE = 4096 };

// ---- Names

static struct text cut_96(struct faulty_table *table, struct text text)
{
    (void)table;
    return text.length == 96 ? faulty_cut(text, 95) : text;
}

static void cut_names(struct faulty_table *table)
{
    faulty_change_names(table, cut_96);
}

uint32_t seeded_name_of_96_bytes(struct faulty_call *call)
{
    return faulty_edited(call, cut_names);
}

static bool same_text(struct text one, struct text other)
{
    return one.length == other.length && memcmp(one.bytes, other.bytes, one.length) == 0;
}

static void share_names(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        struct table_session *session = &table->known.sessions[i];
        if (same_text(session->initiator_name, session->target_name))
            session->target_name.length = 0;
    }
}

uint32_t seeded_initiator_is_target(struct faulty_call *call)
{
    return faulty_edited(call, share_names);
}

// A character of four bytes is a surrogate pair in UTF-16.
static bool begins_with_pair(struct text text)
{
    return text.length >= 4 && ((unsigned char)text.bytes[0] & 0xF8) == 0xF0;
}

// Only W has such pairs: there U+FFFD stands for the half that is left.
static struct text halve_pair(struct faulty_table *table, struct text text)
{
    if (table->charset != LIST_CHARSET_W || !begins_with_pair(text))
        return text;
    return faulty_print(table, "\xEF\xBF\xBD%.*s", (int)text.length - 4, text.bytes + 4);
}

static void halve_pairs(struct faulty_table *table)
{
    faulty_change_names(table, halve_pair);
}

uint32_t seeded_pair_at_the_begin(struct faulty_call *call)
{
    return faulty_edited(call, halve_pairs);
}

static struct text cut_address(struct faulty_table *table, struct text text)
{
    (void)table;
    return text.length >= 39 ? faulty_cut(text, 38) : text;
}

static void cut_addresses(struct faulty_table *table)
{
    faulty_change_addresses(table, cut_address);
}

uint32_t seeded_longest_address(struct faulty_call *call)
{
    return faulty_edited(call, cut_addresses);
}

// ---- Numbers

static void leave_out_last(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++)
        if (table->known.sessions[i].connection_count == 33)
            table->known.sessions[i].connection_count = 32;
}

uint32_t seeded_thirty_three_connections(struct faulty_call *call)
{
    return faulty_edited(call, leave_out_last);
}

static void count_in_bytes(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++)
        table->known.sessions[i].connection_count &= 0xFF;
}

uint32_t seeded_connections_in_a_byte(struct faulty_call *call)
{
    return faulty_edited(call, count_in_bytes);
}

// NULL: it has none.
static struct table_connection *connections_of(const struct faulty_table *table,
                                               const struct table_session *session)
{
    return session->connection_count == 0 ? NULL
                                          : &table->known.connections[session->first_connection];
}

static void share_ports(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        const struct table_session *session = &table->known.sessions[i];
        struct table_connection *connections = connections_of(table, session);
        for (uint32_t j = 1; j < session->connection_count; j++)
            if ((connections[j].initiator_port ^ connections[j - 1].initiator_port) == 0x8000)
                connections[j].initiator_port = connections[j - 1].initiator_port;
    }
}

uint32_t seeded_ports_without_top_bit(struct faulty_call *call)
{
    return faulty_edited(call, share_ports);
}

static void clear_tsihs(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        uint8_t *tsid = table->known.sessions[i].tsid;
        if (tsid[0] == 0xFF && tsid[1] == 0xFF)
            memset(tsid, 0, 2);
    }
}

uint32_t seeded_tsih_all_ones(struct faulty_call *call)
{
    return faulty_edited(call, clear_tsihs);
}

static void leave_out_cid(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        struct table_session *session = &table->known.sessions[i];
        struct table_connection *connections = connections_of(table, session);
        uint32_t kept = 0;
        for (uint32_t j = 0; j < session->connection_count; j++)
            if (connections[j].cid[0] != 0x7F || connections[j].cid[1] != 0xFF)
                connections[kept++] = connections[j];
        session->connection_count = kept;
    }
}

uint32_t seeded_largest_cid(struct faulty_call *call)
{
    return faulty_edited(call, leave_out_cid);
}

uint32_t seeded_sessions_in_a_byte(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    if (*call->count == 256)
        *call->count = 0;
    return status;
}

// ---- Sizes and places

uint32_t seeded_whole_pages(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_correct(call);
    if (status == LIST_SUCCESS && offered > 0 && offered % PAGE == 0 && *call->size == offered)
        return LIST_INSUFFICIENT_BUFFER;
    return status;
}

uint32_t seeded_ends_3_past_a_page(struct faulty_call *call)
{
    unsigned char *bytes = call->info;
    uint32_t offered = *call->size;
    uint32_t status = faulty_correct(call);
    if (status == LIST_SUCCESS && bytes != NULL && *call->size > 0 &&
        ((uintptr_t)bytes + offered) % PAGE == 3)
        bytes[*call->size - 1] = 0xA5;
    return status;
}

// The name at that offset of the list, if it is one of W beyond ASCII and all but its first
// character lies on the next page.
static void spoil_name(const struct faulty_list *list, uintptr_t offset)
{
    unsigned char *name = list->bytes + offset;
    if (list->charset == LIST_CHARSET_W && offset % PAGE == PAGE - 2 && name[1] != 0)
        memset(name, '?', 2);
}

static void spoil_names(const struct faulty_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        iscsi_session_info_a session = faulty_session(list->bytes, i);
        spoil_name(list, (uintptr_t)session.initiator_name);
        spoil_name(list, (uintptr_t)session.target_node_name);
        spoil_name(list, (uintptr_t)session.target_name);
    }
}

uint32_t seeded_name_across_pages(struct faulty_call *call)
{
    struct faulty_list list;
    uint32_t status = faulty_list_take(&list, call->charset);
    if (status != LIST_SUCCESS)
        return status;
    spoil_names(&list);
    status = faulty_list_answer(call, &list);
    *call->count = list.count;
    faulty_list_free(&list);
    return status;
}

// ---- What is remembered from call to call

uint32_t seeded_after_seven_refusals(struct faulty_call *call)
{
    static unsigned refusals;
    uint32_t status = faulty_correct(call);
    if (status == LIST_SUCCESS && refusals == 7 && *call->count > 0)
        --*call->count;
    refusals = status == LIST_INSUFFICIENT_BUFFER ? refusals + 1 : 0;
    return status;
}

uint32_t seeded_a_after_w(struct faulty_call *call)
{
    static bool after_w;
    bool is_a = call->charset == LIST_CHARSET_A;
    uint32_t status = faulty_correct(call);
    if (is_a && after_w && status == LIST_INSUFFICIENT_BUFFER)
        *call->size *= 2;
    after_w = !is_a && status == LIST_SUCCESS && *call->size > 0;
    return status;
}

uint32_t seeded_third_odd_offer(struct faulty_call *call)
{
    static uint32_t last;
    static unsigned times;
    uint32_t offered = *call->size;
    uint32_t status = faulty_correct(call);
    times = offered == last ? times + 1 : 1;
    last = offered;
    bool is_small = offered < sizeof(iscsi_session_info_a) - 1;
    return is_small && offered % 2 == 1 && times == 3 ? LIST_INVALID_PARAMETER : status;
}

uint32_t seeded_shrinks_after_growing(struct faulty_call *call)
{
    static uint32_t last;
    static bool has_grown;
    uint32_t status = faulty_correct(call);
    uint32_t now = *call->count;
    if (status != LIST_SUCCESS)
        return status;
    if (has_grown && now > 0 && now < last / 2)
        *call->count = last;
    if (now != last)
        has_grown = now / 2 > last;
    last = now;
    return status;
}

uint32_t seeded_emptied_at_once(struct faulty_call *call)
{
    static uint32_t last;
    uint32_t status = faulty_correct(call);
    uint32_t now = *call->count;
    if (status == LIST_SUCCESS && now == 0 && last >= 3)
        *call->count = last;
    else if (status == LIST_SUCCESS)
        last = now;
    return status;
}

uint32_t seeded_same_size_in_turn(struct faulty_call *call)
{
    static uint32_t offered_to_a;
    static uint32_t required_by_a;
    uint32_t offered = *call->size;
    uint32_t status = faulty_correct(call);
    if (status != LIST_INSUFFICIENT_BUFFER || call->charset != LIST_CHARSET_A) {
        if (status == LIST_INSUFFICIENT_BUFFER && offered > 0 && offered == offered_to_a)
            *call->size = required_by_a;
        offered_to_a = 0;
        return status;
    }
    offered_to_a = offered;
    required_by_a = *call->size;
    return status;
}
