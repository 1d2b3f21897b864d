// SPDX-License-Identifier: Apache-2.0
// What the faulty implementations of the functions that tell of targets and the like share.
#include "conformance/faulty/faulty_items.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

uint32_t faulty_targets_correct(const struct faulty_call *call)
{
    return inventory_targets(call->charset, call->update, call->size, call->info);
}

uint32_t faulty_devices_correct(const struct faulty_call *call)
{
    return inventory_devices(call->charset, call->session, call->size, call->info);
}

uint32_t faulty_mappings_correct(const struct faulty_call *call)
{
    return reports_mappings(call->charset, call->size, call->count, call->info);
}

uint32_t faulty_initiators_correct(const struct faulty_call *call)
{
    return reports_initiators(call->charset, call->size, call->info);
}

uint32_t faulty_portals_correct(const struct faulty_call *call)
{
    return reports_portals(call->charset, call->count, call->size, call->info);
}

uint32_t faulty_targets_required(const struct faulty_call *call)
{
    uint32_t required = 0;
    uint32_t status = inventory_targets(call->charset, false, &required, NULL);
    return status == LIST_INSUFFICIENT_BUFFER ? required : 0;
}

uint32_t faulty_devices_required(const struct faulty_call *call)
{
    uint32_t required = 0;
    uint32_t status = inventory_devices(call->charset, call->session, &required, NULL);
    return status == LIST_INSUFFICIENT_BUFFER ? required : 0;
}

uint32_t faulty_mappings_required(const struct faulty_call *call)
{
    uint32_t required = 0;
    uint32_t count = 0;
    uint32_t status = reports_mappings(call->charset, &required, &count, NULL);
    return status == LIST_INSUFFICIENT_BUFFER ? required : 0;
}

uint32_t faulty_initiators_required(const struct faulty_call *call)
{
    uint32_t required = 0;
    uint32_t status = reports_initiators(call->charset, &required, NULL);
    return status == LIST_INSUFFICIENT_BUFFER ? required : 0;
}

uint32_t faulty_portals_required(const struct faulty_call *call)
{
    uint32_t required = 0;
    uint32_t count = 0;
    uint32_t status = reports_portals(call->charset, &count, &required, NULL);
    return status == LIST_INSUFFICIENT_BUFFER ? required : 0;
}

size_t faulty_character(const struct faulty_call *call)
{
    return call->charset == LIST_CHARSET_A ? 1 : 2;
}

size_t faulty_device_size(const struct faulty_call *call)
{
    return call->charset == LIST_CHARSET_A ? sizeof(iscsi_device_on_session_a)
                                           : sizeof(iscsi_device_on_session_w);
}

size_t faulty_mapping_size(const struct faulty_call *call)
{
    return call->charset == LIST_CHARSET_A ? sizeof(iscsi_target_mapping_a)
                                           : sizeof(iscsi_target_mapping_w);
}

bool faulty_items_filled(const struct faulty_call *call, uint32_t status)
{
    return status == LIST_SUCCESS && call->info && *call->size > 0;
}

void faulty_items_zero(void *base, ptrdiff_t offset, size_t count)
{
    for (size_t i = 0; i < count; i++)
        faulty_write_at((unsigned char *)base + offset + i);
}

bool faulty_items_is_turn(unsigned period)
{
    static atomic_uint turns;
    return (atomic_fetch_add(&turns, 1) + 1) % period == 0;
}

// ---- Other threads, other sessions

enum { BUSY = 170 };

uint32_t faulty_items_alone_only(const struct faulty_call *call, faulty_answer *correct)
{
    static atomic_uint under_way;
    bool alone = atomic_fetch_add(&under_way, 1) == 0;
    uint32_t status = alone ? correct(call) : (uint32_t)BUSY;
    atomic_fetch_sub(&under_way, 1);
    return status;
}

// Sessions and connections that there are now; 0 where that can't be known.
static unsigned count_now(void)
{
    struct session_table table;
    if (session_table_read(&table) != LIST_SUCCESS)
        return 0;
    unsigned count = (unsigned)(1 + table.session_count + table.connection_count);
    session_table_free(&table);
    return count;
}

uint32_t faulty_items_settled_only(const struct faulty_call *call, faulty_answer *correct)
{
    static atomic_uint known;
    unsigned now = count_now();
    unsigned before = atomic_exchange(&known, now);
    return before != 0 && before != now ? (uint32_t)BUSY : correct(call);
}

// ---- Names

// Takes the right names apart.
static uint32_t take_names(const struct faulty_call *call, faulty_answer *correct,
                           struct faulty_names *names)
{
    uint32_t size = 0;
    char *list = NULL;
    struct faulty_call own = {.charset = LIST_CHARSET_A, .size = &size, .update = call->update};
    uint32_t status = correct(&own);
    if (status == LIST_INSUFFICIENT_BUFFER) {
        list = malloc(size);
        own.info = list;
        status = list ? correct(&own) : (uint32_t)LIST_ISCSI_OUT_OF_RESOURCES;
    }
    const char *name = list;
    while (status == LIST_SUCCESS && name && *name && names->count < FAULTY_NAMES_MAX) {
        size_t length = strlen(name);
        if (length < ISCSI_NAME_SIZE)
            memcpy(names->names[names->count++], name, length + 1);
        name += length + 1;
    }
    free(list);
    return status;
}

static void put(const struct faulty_call *call, uint32_t index, char character)
{
    if (call->charset == LIST_CHARSET_A) {
        ((char *)call->info)[index] = character;
    } else {
        uint16_t wide = (unsigned char)character;
        memcpy((unsigned char *)call->info + (size_t)index * sizeof wide, &wide, sizeof wide);
    }
}

// Returns the characters that they take; writes them if `writes`.
static uint32_t lay_out(const struct faulty_call *call, const struct faulty_names *names,
                        bool writes)
{
    uint32_t units = 0;
    for (size_t i = 0; i < names->count; i++) {
        bool last = i + 1 == names->count;
        for (const char *at = names->names[i]; *at; at++, units++)
            if (writes)
                put(call, units, *at);
        if (writes)
            put(call, units, last ? '\0' : names->between);
        units++;
    }
    if (!names->one_end && writes)
        put(call, units, '\0');
    return units + !names->one_end;
}

uint32_t faulty_names_edited(const struct faulty_call *call, faulty_answer *correct,
                             faulty_names_edit *edit)
{
    struct faulty_names *names = calloc(1, sizeof *names);
    if (!names)
        return LIST_ISCSI_OUT_OF_RESOURCES;
    uint32_t status = take_names(call, correct, names);
    if (status == LIST_SUCCESS) {
        edit(names, call);
        uint32_t needed = lay_out(call, names, false);
        if (!call->info || *call->size < needed)
            status = LIST_INSUFFICIENT_BUFFER;
        else
            (void)lay_out(call, names, true);
        *call->size = needed;
    }
    free(names);
    return status;
}

// ---- Devices

struct iscsi_scsi_address *faulty_device_address(const struct faulty_call *call, void *device)
{
    return call->charset == LIST_CHARSET_A ? &((iscsi_device_on_session_a *)device)->address
                                           : &((iscsi_device_on_session_w *)device)->address;
}

struct iscsi_device_number *faulty_device_number(const struct faulty_call *call, void *device)
{
    return call->charset == LIST_CHARSET_A ? &((iscsi_device_on_session_a *)device)->number
                                           : &((iscsi_device_on_session_w *)device)->number;
}

uint32_t faulty_devices_changed(const struct faulty_call *call, faulty_device_change *change)
{
    uint32_t status = faulty_devices_correct(call);
    for (uint32_t i = 0; faulty_items_filled(call, status) && i < *call->size; i++)
        change((unsigned char *)call->info + i * faulty_device_size(call), call, i);
    return status;
}

// ---- Mappings

struct faulty_mapping faulty_mapping_at(const struct faulty_call *call, uint32_t index)
{
    iscsi_target_mapping_a *narrow = (iscsi_target_mapping_a *)call->info + index;
    iscsi_target_mapping_w *wide = (iscsi_target_mapping_w *)call->info + index;
    if (call->charset == LIST_CHARSET_A)
        return (struct faulty_mapping){narrow,
                                       narrow->initiator_name,
                                       narrow->target_name,
                                       narrow->os_device_name,
                                       &narrow->session_id,
                                       &narrow->os_bus_number,
                                       &narrow->lun_count,
                                       &narrow->lun_list};
    return (struct faulty_mapping){wide,
                                   wide->initiator_name,
                                   wide->target_name,
                                   wide->os_device_name,
                                   &wide->session_id,
                                   &wide->os_bus_number,
                                   &wide->lun_count,
                                   &wide->lun_list};
}

uint32_t faulty_mappings_changed(const struct faulty_call *call, faulty_mapping_change *change)
{
    uint32_t status = faulty_mappings_correct(call);
    for (uint32_t i = 0; faulty_items_filled(call, status) && i < *call->count; i++) {
        const struct faulty_mapping mapping = faulty_mapping_at(call, i);
        change(&mapping, call, i);
    }
    return status;
}

// ---- Portals

struct faulty_portal faulty_portal_at(const struct faulty_call *call, uint32_t index)
{
    iscsi_portal_info_ex_a *narrow = (iscsi_portal_info_ex_a *)call->info + index;
    iscsi_portal_info_ex_w *wide = (iscsi_portal_info_ex_w *)call->info + index;
    if (call->charset == LIST_CHARSET_A)
        return (struct faulty_portal){narrow->initiator_name, &narrow->initiator_port,
                                      narrow->symbolic_name,  narrow->address,
                                      &narrow->socket,        &narrow->options};
    return (struct faulty_portal){wide->initiator_name, &wide->initiator_port, wide->symbolic_name,
                                  wide->address,        &wide->socket,         &wide->options};
}

uint32_t faulty_portals_changed(const struct faulty_call *call, faulty_portal_change *change)
{
    uint32_t status = faulty_portals_correct(call);
    for (uint32_t i = 0; faulty_items_filled(call, status) && i < *call->count; i++) {
        const struct faulty_portal portal = faulty_portal_at(call, i);
        change(&portal, call, i);
    }
    return status;
}
