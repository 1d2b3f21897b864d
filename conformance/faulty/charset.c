// SPDX-License-Identifier: Apache-2.0
// Faults in A and W: what one says and the other doesn't, and what happens to characters on the
// way.
#include "conformance/faulty/faulty.h"

#include <string.h>

// --- CHARSET-1: the same sessions ---

static void drop_last_in_a(struct faulty_table *table)
{
    if (table->charset == LIST_CHARSET_A && table->known.session_count > 0)
        table->known.session_count--;
}

uint32_t fault_a_drops_a_session(struct faulty_call *call)
{
    return faulty_edited(call, drop_last_in_a);
}

static void drop_first_in_w(struct faulty_table *table)
{
    if (table->charset != LIST_CHARSET_W || table->known.session_count == 0)
        return;
    table->known.session_count--;
    memmove(table->known.sessions, table->known.sessions + 1,
            table->known.session_count * sizeof *table->known.sessions);
}

uint32_t fault_w_drops_a_session(struct faulty_call *call)
{
    return faulty_edited(call, drop_first_in_w);
}

static void isid_of_w(struct faulty_table *table)
{
    for (size_t i = 0; table->charset == LIST_CHARSET_W && i < table->known.session_count; i++)
        table->known.sessions[i].isid[5] ^= 1;
}

uint32_t fault_w_has_other_isids(struct faulty_call *call)
{
    return faulty_edited(call, isid_of_w);
}

// --- CHARSET-2: the same strings ---

// Changes characters of ASCII, and those beyond it.
static struct text upper(struct faulty_table *table, struct text text)
{
    struct text copy = faulty_print(table, "%.*s", (int)text.length, text.bytes);
    char *bytes = table->spare - copy.length;
    for (size_t i = 0; i < copy.length; i++) {
        if (bytes[i] >= 'a' && bytes[i] <= 'z')
            bytes[i] = (char)(bytes[i] - 'a' + 'A');
    }
    return copy;
}

static void upper_in_w(struct faulty_table *table)
{
    if (table->charset == LIST_CHARSET_W)
        faulty_change_names(table, upper);
}

uint32_t fault_w_in_capitals(struct faulty_call *call)
{
    return faulty_edited(call, upper_in_w);
}

// One '?' for each byte, or each character, that isn't ASCII.
static struct text questioned(struct faulty_table *table, struct text text)
{
    struct text copy = faulty_print(table, "%.*s", (int)text.length, text.bytes);
    char *bytes = table->spare - copy.length;
    size_t length = 0;
    for (size_t i = 0; i < copy.length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte < 0x80 || byte >= 0xC0)
            bytes[length++] = byte < 0x80 ? bytes[i] : '?';
    }
    copy.length = length;
    return copy;
}

static void questioned_in_a(struct faulty_table *table)
{
    if (table->charset == LIST_CHARSET_A)
        faulty_change_names(table, questioned);
}

uint32_t fault_a_has_question_marks(struct faulty_call *call)
{
    return faulty_edited(call, questioned_in_a);
}

// Each byte of the UTF-8 becomes a unit of its own.
static struct text widened(struct faulty_table *table, struct text text)
{
    struct text whole = faulty_print(table, "%s", "");
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];
        if (byte < 0x80)
            whole.length += faulty_print(table, "%c", byte).length;
        else
            whole.length +=
                faulty_print(table, "%c%c", 0xC0 | byte >> 6, 0x80 | (byte & 0x3F)).length;
    }
    return whole;
}

static void widened_in_w(struct faulty_table *table)
{
    if (table->charset == LIST_CHARSET_W)
        faulty_change_names(table, widened);
}

uint32_t fault_w_has_widened_bytes(struct faulty_call *call)
{
    return faulty_edited(call, widened_in_w);
}

static struct text one_less(struct faulty_table *table, struct text text)
{
    (void)table;
    return faulty_cut(text, text.length - 1);
}

static void cut_in_w(struct faulty_table *table)
{
    if (table->charset == LIST_CHARSET_W)
        faulty_change_addresses(table, one_less);
}

uint32_t fault_w_cuts_addresses(struct faulty_call *call)
{
    return faulty_edited(call, cut_in_w);
}

// --- CHARSET-3: long names ---

static struct text at_most_222(struct faulty_table *table, struct text text)
{
    (void)table;
    return faulty_cut(text, 222);
}

static void cut_at_222(struct faulty_table *table)
{
    faulty_change_names(table, at_most_222);
}

uint32_t fault_names_cut_at_222(struct faulty_call *call)
{
    return faulty_edited(call, cut_at_222);
}

static struct text at_most_127(struct faulty_table *table, struct text text)
{
    (void)table;
    return faulty_cut(text, 127);
}

static void cut_at_127(struct faulty_table *table)
{
    faulty_change_names(table, at_most_127);
}

uint32_t fault_names_cut_at_127(struct faulty_call *call)
{
    return faulty_edited(call, cut_at_127);
}

static struct text none_if_long(struct faulty_table *table, struct text text)
{
    (void)table;
    return text.length > 200 ? (struct text){"", 0} : text;
}

static void long_left_out(struct faulty_table *table)
{
    faulty_change_names(table, none_if_long);
}

uint32_t fault_long_names_left_out(struct faulty_call *call)
{
    return faulty_edited(call, long_left_out);
}

// --- CHARSET-4: well-formed UTF-16 ---

// What becomes of the two halves of each character beyond the BMP.
typedef void change_pair(uint16_t pair[2]);

static void change_pairs(char *string, change_pair *change)
{
    uint32_t units = faulty_string_size(string, LIST_CHARSET_W) / 2;
    for (uint32_t i = 0; i + 1 < units; i++) {
        uint16_t pair[2];
        memcpy(pair, string + (size_t)i * 2, sizeof pair);
        if (pair[0] >> 10 != 0xD800 >> 10)
            continue;
        change(pair);
        memcpy(string + (size_t)i * 2, pair, sizeof pair);
        i++;
    }
}

static uint32_t pairs_changed(const struct faulty_call *call, change_pair *change)
{
    uint32_t status = faulty_correct(call);
    if (status != LIST_SUCCESS || call->charset != LIST_CHARSET_W)
        return status;
    for (uint32_t i = 0; i < *call->count; i++)
        change_pairs(faulty_session(call->info, i).initiator_name, change);
    return status;
}

static void swap_halves(uint16_t pair[2])
{
    uint16_t high = pair[0];
    pair[0] = pair[1];
    pair[1] = high;
}

uint32_t fault_w_pairs_swapped(struct faulty_call *call)
{
    return pairs_changed(call, swap_halves);
}

static void lose_low_half(uint16_t pair[2])
{
    pair[1] = '?';
}

uint32_t fault_w_low_half_lost(struct faulty_call *call)
{
    return pairs_changed(call, lose_low_half);
}

// 0x10000 is not taken off before the halves are made.
static void miss_offset(uint16_t pair[2])
{
    pair[0] = (uint16_t)(pair[0] + 0x40);
    if (pair[0] > 0xDBFF)
        pair[1] = 0xD800;
}

uint32_t fault_w_pairs_of_wrong_offset(struct faulty_call *call)
{
    return pairs_changed(call, miss_offset);
}

static void high_half_twice(uint16_t pair[2])
{
    pair[1] = pair[0];
}

uint32_t fault_w_high_half_twice(struct faulty_call *call)
{
    return pairs_changed(call, high_half_twice);
}
