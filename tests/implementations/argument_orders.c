// SPDX-License-Identifier: Apache-2.0
// A library that exports all functions that the kit knows, and notices whether each gets its
// arguments in its own order: the size holds 7, the count 3, the flag is TRUE, the identifier is
// all ones, the buffer begins with what the host fills it with. Who was called rightly returns 0,
// sets the size to 5 and the count to 2.
#include "iscsi_reports.h"
#include "session_list_ex.h"

enum { SIZE_IN = 7, COUNT_IN = 3, SIZE_OUT = 5, COUNT_OUT = 2, WRONG = 87 };

static uint32_t check_size(uint32_t *size, const void *buffer)
{
    if (*size != SIZE_IN || !buffer)
        return WRONG;
    *size = SIZE_OUT;
    return 0;
}

static uint32_t check_both(uint32_t *size, uint32_t *count, const void *buffer)
{
    if (*count != COUNT_IN || check_size(size, buffer) != 0)
        return WRONG;
    *count = COUNT_OUT;
    return 0;
}

static uint32_t check_session(const struct iscsi_unique_id *id, uint32_t *size, const void *buffer)
{
    return id->adapter_unique == UINT64_MAX && id->adapter_specific == UINT64_MAX
               ? check_size(size, buffer)
               : WRONG;
}

iscsi_session_list_ex GetIScsiSessionListEx;

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, iscsi_session_info_a *info)
{
    return check_both(size, count, info);
}

uint32_t GetIScsiSessionListW(uint32_t *size, uint32_t *count, iscsi_session_info_w *info)
{
    return check_both(size, count, info);
}

uint32_t GetIScsiSessionListEx(uint32_t *size, uint32_t *count, iscsi_session_info_ex *info)
{
    return check_both(size, count, info);
}

uint32_t ReportIScsiTargetsA(uint8_t update, uint32_t *size, char *buffer)
{
    return update == 1 ? check_size(size, buffer) : WRONG;
}

uint32_t ReportIScsiTargetsW(uint8_t update, uint32_t *size, uint16_t *buffer)
{
    return update == 1 ? check_size(size, buffer) : WRONG;
}

uint32_t GetDevicesForIScsiSessionA(struct iscsi_unique_id *id, uint32_t *count,
                                    iscsi_device_on_session_a *devices)
{
    return check_session(id, count, devices);
}

uint32_t GetDevicesForIScsiSessionW(struct iscsi_unique_id *id, uint32_t *count,
                                    iscsi_device_on_session_w *devices)
{
    return check_session(id, count, devices);
}

uint32_t ReportActiveIScsiTargetMappingsA(uint32_t *size, uint32_t *count,
                                          iscsi_target_mapping_a *mappings)
{
    return check_both(size, count, mappings);
}

uint32_t ReportActiveIScsiTargetMappingsW(uint32_t *size, uint32_t *count,
                                          iscsi_target_mapping_w *mappings)
{
    return check_both(size, count, mappings);
}

uint32_t ReportIScsiInitiatorListA(uint32_t *size, char *buffer)
{
    return check_size(size, buffer);
}

uint32_t ReportIScsiInitiatorListW(uint32_t *size, uint16_t *buffer)
{
    return check_size(size, buffer);
}

uint32_t ReportIScsiSendTargetPortalsExA(uint32_t *count, uint32_t *size,
                                         iscsi_portal_info_ex_a *portals)
{
    return check_both(size, count, portals);
}

uint32_t ReportIScsiSendTargetPortalsExW(uint32_t *count, uint32_t *size,
                                         iscsi_portal_info_ex_w *portals)
{
    return check_both(size, count, portals);
}

uint32_t ReportIScsiPersistentLoginsA(uint32_t *count, iscsi_persistent_login_a *info,
                                      uint32_t *size)
{
    return check_both(size, count, info);
}

uint32_t ReportIScsiPersistentLoginsW(uint32_t *count, iscsi_persistent_login_w *info,
                                      uint32_t *size)
{
    return check_both(size, count, info);
}
