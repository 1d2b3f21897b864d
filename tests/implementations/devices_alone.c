// SPDX-License-Identifier: Apache-2.0
// A library that tells devices, and no list of sessions whose devices one could ask for.
#include <stdint.h>

uint32_t GetDevicesForIScsiSessionA(void *session, uint32_t *count, void *devices);
uint32_t GetDevicesForIScsiSessionW(void *session, uint32_t *count, void *devices);
uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *buffer);
uint32_t GetIScsiSessionListW(uint32_t *size, uint32_t *count, void *buffer);

enum { NOT_SUPPORTED = 50 };

uint32_t GetDevicesForIScsiSessionA(void *session, uint32_t *count, void *devices)
{
    (void)session;
    (void)devices;
    *count = 0;
    return 0;
}

uint32_t GetDevicesForIScsiSessionW(void *session, uint32_t *count, void *devices)
{
    return GetDevicesForIScsiSessionA(session, count, devices);
}

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *buffer)
{
    (void)size;
    (void)count;
    (void)buffer;
    return NOT_SUPPORTED;
}

uint32_t GetIScsiSessionListW(uint32_t *size, uint32_t *count, void *buffer)
{
    return GetIScsiSessionListA(size, count, buffer);
}
