// SPDX-License-Identifier: Apache-2.0
// What the functions of iscsi_reports.h answer. The initiator service is asked for each call, and
// nothing is kept from call to call.
#include "conformance/reference/reports.h"

#include "conformance/reference/initiator_client.h"

#include <string.h>

static const struct text initiator_name = {REPORTS_INITIATOR, sizeof REPORTS_INITIATOR - 1};

// ---- ReportActiveIScsiTargetMappings ----

// There is no such device on this machine, so its name leads nowhere.
static const struct text device_name = {"\\device\\iscsidsc-tck",
                                        sizeof "\\device\\iscsidsc-tck" - 1};

// One session of the answer.
struct mapping {
    struct iscsi_unique_id session;
    struct text target;
    uint32_t lun_count;
    struct initiator_answer luns; // the rest of the answer, which begins with its units
};

// What the list takes, or where it goes.
struct extent {
    uint32_t count;     // structures
    uint32_t lun_count; // of all of them
};

static size_t structure_size(enum list_charset charset)
{
    return charset == LIST_CHARSET_A ? sizeof(iscsi_target_mapping_a)
                                     : sizeof(iscsi_target_mapping_w);
}

// Takes the next session off an answer, with its units. False: there is none, or it isn't whole.
static bool take_mapping(enum list_charset charset, struct initiator_answer *answer,
                         struct mapping *mapping)
{
    uint32_t number = 0;
    if (!initiator_answer_take_id(answer, &mapping->session.adapter_unique) ||
        !initiator_answer_take_id(answer, &mapping->session.adapter_specific) ||
        !initiator_answer_take(answer, &mapping->target) ||
        caller_text_units(charset, mapping->target) > ISCSI_NAME_SIZE ||
        !initiator_answer_take_number(answer, &mapping->lun_count))
        return false;
    mapping->luns = *answer;
    for (uint32_t i = 0; i < mapping->lun_count; i++)
        if (!initiator_answer_take_number(answer, &number))
            return false;
    return true;
}

static struct extent measure(enum list_charset charset, struct initiator_answer answer)
{
    struct extent extent = {0, 0};
    struct mapping mapping;
    while (take_mapping(charset, &answer, &mapping)) {
        extent.count++;
        extent.lun_count += mapping.lun_count;
    }
    return extent;
}

// The operating system's number of a unit is the target's here.
static void write_luns(struct mapping mapping, struct iscsi_lun *luns)
{
    for (uint32_t i = 0; i < mapping.lun_count; i++) {
        memset(&luns[i], 0, sizeof luns[i]);
        (void)initiator_answer_take_number(&mapping.luns, &luns[i].os_lun);
        luns[i].target_lun = luns[i].os_lun;
    }
}

static void write_a(const struct mapping *mapping, uint32_t index, struct iscsi_lun *luns,
                    iscsi_target_mapping_a *to)
{
    memset(to, 0, sizeof *to);
    (void)caller_text_write(LIST_CHARSET_A, initiator_name, to->initiator_name);
    (void)caller_text_write(LIST_CHARSET_A, mapping->target, to->target_name);
    (void)caller_text_write(LIST_CHARSET_A, device_name, to->os_device_name);
    to->session_id = mapping->session;
    to->os_target_number = index;
    to->lun_count = mapping->lun_count;
    to->lun_list = luns;
}

static void write_w(const struct mapping *mapping, uint32_t index, struct iscsi_lun *luns,
                    iscsi_target_mapping_w *to)
{
    memset(to, 0, sizeof *to);
    (void)caller_text_write(LIST_CHARSET_W, initiator_name, to->initiator_name);
    (void)caller_text_write(LIST_CHARSET_W, mapping->target, to->target_name);
    (void)caller_text_write(LIST_CHARSET_W, device_name, to->os_device_name);
    to->session_id = mapping->session;
    to->os_target_number = index;
    to->lun_count = mapping->lun_count;
    to->lun_list = luns;
}

// All structures, and then the units of each.
static void write_mappings(enum list_charset charset, struct initiator_answer answer,
                           uint32_t count, void *mappings)
{
    struct mapping mapping;
    unsigned char *place = mappings;
    struct iscsi_lun *luns = (void *)(place + count * structure_size(charset));
    for (uint32_t i = 0; i < count && take_mapping(charset, &answer, &mapping); i++) {
        if (charset == LIST_CHARSET_A)
            write_a(&mapping, i, luns, (iscsi_target_mapping_a *)mappings + i);
        else
            write_w(&mapping, i, luns, (iscsi_target_mapping_w *)mappings + i);
        write_luns(mapping, luns);
        luns += mapping.lun_count;
    }
}

static uint32_t answer_mappings(enum list_charset charset, struct initiator_answer answer,
                                uint32_t *size, uint32_t *count, void *mappings)
{
    struct extent extent = measure(charset, answer);
    uint64_t needed = (uint64_t)extent.count * structure_size(charset) +
                      (uint64_t)extent.lun_count * sizeof(struct iscsi_lun);
    uint32_t offered = *size;
    if (needed > UINT32_MAX)
        return LIST_ISCSI_OUT_OF_RESOURCES;
    *size = (uint32_t)needed;
    *count = extent.count;
    if (needed > 0 && (!mappings || offered < needed))
        return LIST_INSUFFICIENT_BUFFER;
    if (needed > 0)
        write_mappings(charset, answer, extent.count, mappings);
    return LIST_SUCCESS;
}

uint32_t reports_mappings(enum list_charset charset, uint32_t *size, uint32_t *count,
                          void *mappings)
{
    struct initiator_request request;
    struct initiator_answer answer;
    if (!size || !count)
        return LIST_INVALID_PARAMETER;
    initiator_request_begin(&request, "mappings");
    uint32_t status = initiator_ask(&request, &answer);
    if (status != LIST_SUCCESS)
        return status;
    status = answer_mappings(charset, answer, size, count, mappings);
    initiator_answer_free(&answer);
    return status;
}

// ---- ReportIScsiSendTargetPortalsEx ----

static bool take_portal(struct initiator_answer *answer, struct text *address, uint16_t *port)
{
    uint32_t number = 0;
    if (!initiator_answer_take(answer, address) || address->length >= ISCSI_PORTAL_TEXT_SIZE ||
        !initiator_answer_take_number(answer, &number) || number > UINT16_MAX)
        return false;
    *port = (uint16_t)number;
    return true;
}

// It is not told how the service logs in at a portal, so the options are empty.
static void write_portal(enum list_charset charset, struct text address, uint16_t port,
                         void *portals, uint32_t index)
{
    iscsi_portal_info_ex_a *narrow = (iscsi_portal_info_ex_a *)portals + index;
    iscsi_portal_info_ex_w *wide = (iscsi_portal_info_ex_w *)portals + index;
    if (charset == LIST_CHARSET_A) {
        memset(narrow, 0, sizeof *narrow);
        (void)caller_text_write(charset, initiator_name, narrow->initiator_name);
        (void)caller_text_write(charset, address, narrow->address);
        narrow->initiator_port = ISCSI_ANY_PORT;
        narrow->socket = port;
    } else {
        memset(wide, 0, sizeof *wide);
        (void)caller_text_write(charset, initiator_name, wide->initiator_name);
        (void)caller_text_write(charset, address, wide->address);
        wide->initiator_port = ISCSI_ANY_PORT;
        wide->socket = port;
    }
}

// How many portals an answer has; writes them unless `portals` is NULL.
static uint32_t list_portals(enum list_charset charset, struct initiator_answer answer,
                             void *portals)
{
    struct text address;
    uint16_t port = 0;
    uint32_t count = 0;
    for (; take_portal(&answer, &address, &port); count++)
        if (portals)
            write_portal(charset, address, port, portals, count);
    return count;
}

uint32_t reports_portals(enum list_charset charset, uint32_t *count, uint32_t *size, void *portals)
{
    struct initiator_request request;
    struct initiator_answer answer;
    if (!size || !count)
        return LIST_INVALID_PARAMETER;
    initiator_request_begin(&request, "portals");
    uint32_t status = initiator_ask(&request, &answer);
    if (status != LIST_SUCCESS)
        return status;
    uint32_t offered = *size;
    *count = list_portals(charset, answer, NULL);
    *size = *count * (uint32_t)(charset == LIST_CHARSET_A ? sizeof(iscsi_portal_info_ex_a)
                                                          : sizeof(iscsi_portal_info_ex_w));
    if (*size > 0 && (!portals || offered < *size))
        status = LIST_INSUFFICIENT_BUFFER;
    else
        (void)list_portals(charset, answer, portals);
    initiator_answer_free(&answer);
    return status;
}

// ---- ReportIScsiInitiatorList ----

// The service is one initiator, and is there if it answers.
uint32_t reports_initiators(enum list_charset charset, uint32_t *size, void *buffer)
{
    const struct text end = {"", 0};
    struct initiator_request request;
    struct initiator_answer answer;
    if (!size)
        return LIST_INVALID_PARAMETER;
    initiator_request_begin(&request, "name");
    uint32_t status = initiator_ask(&request, &answer);
    if (status != LIST_SUCCESS)
        return status;
    initiator_answer_free(&answer);
    uint32_t offered = *size;
    *size = (uint32_t)caller_text_units(charset, initiator_name) + 1;
    if (!buffer || offered < *size)
        return LIST_INSUFFICIENT_BUFFER;
    (void)caller_text_write(charset, end, caller_text_write(charset, initiator_name, buffer));
    return LIST_SUCCESS;
}
