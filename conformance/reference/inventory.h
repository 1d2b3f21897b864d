// SPDX-License-Identifier: Apache-2.0
// Answers a call of the functions that tell of targets and devices, by what the initiator service
// says.
#ifndef TCK_REFERENCE_INVENTORY_H
#define TCK_REFERENCE_INVENTORY_H

#include "conformance/reference/list_writer.h"
#include "iscsi_login.h"

#include <stdbool.h>

// ReportIScsiTargets: `*size` in characters. Returns a status.
uint32_t inventory_targets(enum list_charset charset, bool update, uint32_t *size, void *buffer);

// GetDevicesForIScsiSession: `*count` in structures, those of A or of W. Returns a status.
uint32_t inventory_devices(enum list_charset charset, const struct iscsi_unique_id *session,
                           uint32_t *count, void *devices);

#endif
