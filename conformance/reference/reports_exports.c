// SPDX-License-Identifier: Apache-2.0
// The reference implementation of the functions that tell of mappings, initiators and portals.
#include "conformance/reference/export.h"
#include "conformance/reference/reports.h"

EXPORT uint32_t ISCSI_SESSION_LIST_CALL ReportActiveIScsiTargetMappingsA(
    uint32_t *buffer_size, uint32_t *mapping_count, iscsi_target_mapping_a *mappings)
{
    return reports_mappings(LIST_CHARSET_A, buffer_size, mapping_count, mappings);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL ReportActiveIScsiTargetMappingsW(
    uint32_t *buffer_size, uint32_t *mapping_count, iscsi_target_mapping_w *mappings)
{
    return reports_mappings(LIST_CHARSET_W, buffer_size, mapping_count, mappings);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL ReportIScsiInitiatorListA(uint32_t *buffer_size,
                                                                  char *buffer)
{
    return reports_initiators(LIST_CHARSET_A, buffer_size, buffer);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL ReportIScsiInitiatorListW(uint32_t *buffer_size,
                                                                  uint16_t *buffer)
{
    return reports_initiators(LIST_CHARSET_W, buffer_size, buffer);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL ReportIScsiSendTargetPortalsExA(
    uint32_t *portal_count, uint32_t *portal_info_size, iscsi_portal_info_ex_a *portal_info)
{
    return reports_portals(LIST_CHARSET_A, portal_count, portal_info_size, portal_info);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL ReportIScsiSendTargetPortalsExW(
    uint32_t *portal_count, uint32_t *portal_info_size, iscsi_portal_info_ex_w *portal_info)
{
    return reports_portals(LIST_CHARSET_W, portal_count, portal_info_size, portal_info);
}
