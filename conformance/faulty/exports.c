// SPDX-License-Identifier: Apache-2.0
// What every faulty library exports. This file is compiled once for each library, with
// -DFAULT_FUNCTION=fault_<name>, -DFAULT_IS_<name> and -DFAULT_GROUP_<group>. It passes each call
// to that fault's function. In the groups "ex" and "ex_list" that is what GetIScsiSessionListEx
// does, in "targets", "devices", "mappings", "initiators" and "portals" what the functions of
// iscsi_login.h and iscsi_reports.h do that tell of these: A and W of GetIScsiSessionList are right
// there, and the other groups do not export these functions.
#include "conformance/faulty/faulty.h"
#include "conformance/reference/export.h"
#include "iscsi_reports.h"
#include "session_list_ex.h"

#if defined FAULT_GROUP_ex || defined FAULT_GROUP_ex_list || defined FAULT_GROUP_targets ||        \
    defined FAULT_GROUP_devices || defined FAULT_GROUP_mappings ||                                 \
    defined FAULT_GROUP_initiators || defined FAULT_GROUP_portals
#define FAULT_IS_OF_SIBLING
#endif

// The names, where they are the fault.
#if defined FAULT_IS_only_a
#define NAME_A GetIScsiSessionListA
#define NAME_W GetIScsiSessionListWide
#elif defined FAULT_IS_only_w
#define NAME_A GetIScsiSessionListAnsi
#define NAME_W GetIScsiSessionListW
#elif defined FAULT_IS_names_of_the_prose
#define NAME_A GetIScsiSessionListA
#define NAME_W GetIscsiSessionListW
#elif defined FAULT_IS_names_without_letter
#define NAME_A GetIScsiSessionList
#define NAME_W GetIScsiSessionListW
#elif defined FAULT_IS_exports_nothing
#define NAME_A SessionListA
#define NAME_W SessionListW
#else
#define NAME_A GetIScsiSessionListA
#define NAME_W GetIScsiSessionListW
#endif

// Refuses calls in which an argument is NULL, so that the faults need not check. Only those that
// are about such calls get them.
static uint32_t answer(enum list_charset charset, uint32_t *buffer_size, uint32_t *session_count,
                       void *session_info)
{
    struct faulty_call call = {
        .charset = charset, .size = buffer_size, .count = session_count, .info = session_info};
#if !defined FAULT_GROUP_args && !defined FAULT_GROUP_hangs
    if (!buffer_size || !session_count)
        return LIST_INVALID_PARAMETER;
#endif
#ifdef FAULT_IS_OF_SIBLING
    return faulty_correct(&call);
#else
    return FAULT_FUNCTION(&call);
#endif
}

iscsi_session_list_a NAME_A;
iscsi_session_list_w NAME_W;

EXPORT uint32_t ISCSI_SESSION_LIST_CALL NAME_A(uint32_t *buffer_size, uint32_t *session_count,
                                               iscsi_session_info_a *session_info)
{
    return answer(LIST_CHARSET_A, buffer_size, session_count, session_info);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL NAME_W(uint32_t *buffer_size, uint32_t *session_count,
                                               iscsi_session_info_w *session_info)
{
    return answer(LIST_CHARSET_W, buffer_size, session_count, session_info);
}

#if defined FAULT_GROUP_ex || defined FAULT_GROUP_ex_list
iscsi_session_list_ex GetIScsiSessionListEx;

EXPORT uint32_t ISCSI_SESSION_LIST_CALL GetIScsiSessionListEx(uint32_t *buffer_size,
                                                              uint32_t *session_count,
                                                              iscsi_session_info_ex *session_info)
{
    struct faulty_call call = {.charset = LIST_CHARSET_A,
                               .size = buffer_size,
                               .count = session_count,
                               .info = session_info};
    if (!buffer_size || !session_count)
        return LIST_INVALID_PARAMETER;
    return FAULT_FUNCTION(&call);
}
#endif

#ifdef FAULT_GROUP_targets
static uint32_t answer_targets(enum list_charset charset, uint8_t update, uint32_t *size,
                               void *buffer)
{
    struct faulty_call call = {
        .charset = charset, .size = size, .info = buffer, .update = update != 0};
    if (!size)
        return LIST_INVALID_PARAMETER;
    return FAULT_FUNCTION(&call);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL ReportIScsiTargetsA(uint8_t force_update,
                                                            uint32_t *buffer_size, char *buffer)
{
    return answer_targets(LIST_CHARSET_A, force_update, buffer_size, buffer);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL ReportIScsiTargetsW(uint8_t force_update,
                                                            uint32_t *buffer_size, uint16_t *buffer)
{
    return answer_targets(LIST_CHARSET_W, force_update, buffer_size, buffer);
}
#endif

#ifdef FAULT_GROUP_devices
static uint32_t answer_devices(enum list_charset charset, struct iscsi_unique_id *session,
                               uint32_t *count, void *devices)
{
    struct faulty_call call = {
        .charset = charset, .size = count, .info = devices, .session = session};
    if (!session || !count)
        return LIST_INVALID_PARAMETER;
    return FAULT_FUNCTION(&call);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL GetDevicesForIScsiSessionA(
    struct iscsi_unique_id *session_id, uint32_t *device_count, iscsi_device_on_session_a *devices)
{
    return answer_devices(LIST_CHARSET_A, session_id, device_count, devices);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL GetDevicesForIScsiSessionW(
    struct iscsi_unique_id *session_id, uint32_t *device_count, iscsi_device_on_session_w *devices)
{
    return answer_devices(LIST_CHARSET_W, session_id, device_count, devices);
}
#endif

#ifdef FAULT_GROUP_mappings
static uint32_t answer_mappings(enum list_charset charset, uint32_t *size, uint32_t *count,
                                void *mappings)
{
    struct faulty_call call = {.charset = charset, .size = size, .count = count, .info = mappings};
    if (!size || !count)
        return LIST_INVALID_PARAMETER;
    return FAULT_FUNCTION(&call);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL ReportActiveIScsiTargetMappingsA(
    uint32_t *buffer_size, uint32_t *mapping_count, iscsi_target_mapping_a *mappings)
{
    return answer_mappings(LIST_CHARSET_A, buffer_size, mapping_count, mappings);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL ReportActiveIScsiTargetMappingsW(
    uint32_t *buffer_size, uint32_t *mapping_count, iscsi_target_mapping_w *mappings)
{
    return answer_mappings(LIST_CHARSET_W, buffer_size, mapping_count, mappings);
}
#endif

#ifdef FAULT_GROUP_initiators
static uint32_t answer_initiators(enum list_charset charset, uint32_t *size, void *buffer)
{
    struct faulty_call call = {.charset = charset, .size = size, .info = buffer};
    if (!size)
        return LIST_INVALID_PARAMETER;
    return FAULT_FUNCTION(&call);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL ReportIScsiInitiatorListA(uint32_t *buffer_size,
                                                                  char *buffer)
{
    return answer_initiators(LIST_CHARSET_A, buffer_size, buffer);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL ReportIScsiInitiatorListW(uint32_t *buffer_size,
                                                                  uint16_t *buffer)
{
    return answer_initiators(LIST_CHARSET_W, buffer_size, buffer);
}
#endif

#ifdef FAULT_GROUP_portals
static uint32_t answer_portals(enum list_charset charset, uint32_t *count, uint32_t *size,
                               void *portals)
{
    struct faulty_call call = {.charset = charset, .size = size, .count = count, .info = portals};
    if (!size || !count)
        return LIST_INVALID_PARAMETER;
    return FAULT_FUNCTION(&call);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL ReportIScsiSendTargetPortalsExA(
    uint32_t *portal_count, uint32_t *portal_info_size, iscsi_portal_info_ex_a *portal_info)
{
    return answer_portals(LIST_CHARSET_A, portal_count, portal_info_size, portal_info);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL ReportIScsiSendTargetPortalsExW(
    uint32_t *portal_count, uint32_t *portal_info_size, iscsi_portal_info_ex_w *portal_info)
{
    return answer_portals(LIST_CHARSET_W, portal_count, portal_info_size, portal_info);
}
#endif
