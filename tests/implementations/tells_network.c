// SPDX-License-Identifier: Apache-2.0
// An implementation that writes the TCP sockets of its network into the file that the environment
// variable SEEN_NETWORK names.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *buffer);

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *buffer)
{
    char line[512];
    const char *path = getenv("SEEN_NETWORK");
    FILE *sockets = fopen("/proc/self/net/tcp", "re");
    FILE *seen = path != NULL ? fopen(path, "we") : NULL;
    (void)size;
    (void)count;
    (void)buffer;
    while (sockets != NULL && seen != NULL && fgets(line, sizeof line, sockets) != NULL)
        fputs(line, seen);
    if (seen != NULL)
        fclose(seen);
    if (sockets != NULL)
        fclose(sockets);
    return 1;
}
