// SPDX-License-Identifier: Apache-2.0
// The reference implementation of the functions that tell of targets and devices.
#include "conformance/reference/export.h"
#include "conformance/reference/inventory.h"

EXPORT uint32_t ISCSI_SESSION_LIST_CALL ReportIScsiTargetsA(uint8_t force_update,
                                                            uint32_t *buffer_size, char *buffer)
{
    return inventory_targets(LIST_CHARSET_A, force_update != 0, buffer_size, buffer);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL ReportIScsiTargetsW(uint8_t force_update,
                                                            uint32_t *buffer_size, uint16_t *buffer)
{
    return inventory_targets(LIST_CHARSET_W, force_update != 0, buffer_size, buffer);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL GetDevicesForIScsiSessionA(
    struct iscsi_unique_id *session_id, uint32_t *device_count, iscsi_device_on_session_a *devices)
{
    return inventory_devices(LIST_CHARSET_A, session_id, device_count, devices);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL GetDevicesForIScsiSessionW(
    struct iscsi_unique_id *session_id, uint32_t *device_count, iscsi_device_on_session_w *devices)
{
    return inventory_devices(LIST_CHARSET_W, session_id, device_count, devices);
}
