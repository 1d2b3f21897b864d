// SPDX-License-Identifier: Apache-2.0
// The status codes that the function may return, by name, for people.
#ifndef TCK_ERROR_CODES_H
#define TCK_ERROR_CODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ERROR_SUCCESS = 0,
    ERROR_INSUFFICIENT_BUFFER = 122,
    ERROR_NOACCESS = 998,
};

// The name of `status` ("ERROR_SUCCESS", "ISDSC_SERVICE_UNAVAILABLE"); NULL when the table has
// none.
const char *error_code_name(uint32_t status);

// The ranges that the documentation allows a failure to come from: the Win32 system error codes
// (1 to 15999) and the iSCSI codes (0xEFFFnnnn, nnnn not 0), named or not.
bool error_code_is_system(uint32_t status);
bool error_code_is_iscsi(uint32_t status);

// Is it a code that the documentation allows a failure to have: a Win32 system error code, or one
// of the iSCSI codes that the table has?
bool error_code_exists(uint32_t status);

// The number and what it is, "122 (ERROR_INSUFFICIENT_BUFFER)"; of codes in neither range also what
// they look like, "0x8007007A (122, ERROR_INSUFFICIENT_BUFFER, wrapped in an HRESULT)". Cut to fit.
// Returns `text`.
const char *error_code_describe(uint32_t status, char *text, size_t size);

#endif
