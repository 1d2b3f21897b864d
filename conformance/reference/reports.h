// SPDX-License-Identifier: Apache-2.0
// Answers a call of the functions of iscsi_reports.h, by what the initiator service says.
#ifndef TCK_REFERENCE_REPORTS_H
#define TCK_REFERENCE_REPORTS_H

#include "conformance/reference/list_writer.h"
#include "iscsi_reports.h"

// The name of the one initiator that there is, as all functions tell it.
#define REPORTS_INITIATOR "iscsidsc-tck"

// ReportActiveIScsiTargetMappings: `*size` in bytes, `mappings` those of A or of W. Returns a
// status.
uint32_t reports_mappings(enum list_charset charset, uint32_t *size, uint32_t *count,
                          void *mappings);

// ReportIScsiSendTargetPortalsEx: `*size` in bytes, `portals` those of A or of W. Returns a status.
uint32_t reports_portals(enum list_charset charset, uint32_t *count, uint32_t *size, void *portals);

// ReportIScsiInitiatorList: `*size` in characters. Returns a status.
uint32_t reports_initiators(enum list_charset charset, uint32_t *size, void *buffer);

#endif
