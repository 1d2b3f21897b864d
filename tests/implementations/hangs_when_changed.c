// SPDX-License-Identifier: Apache-2.0
// Says that there are no sessions, as long as the session table is the first; after a change it
// does not return.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *info);
uint32_t GetIScsiSessionListW(uint32_t *size, uint32_t *count, void *info);

static uint32_t answer(uint32_t *size, uint32_t *count)
{
    char line[128] = "";
    const char *path = getenv("ISCSIDSC_SESSION_TABLE");
    FILE *file = path ? fopen(path, "r") : NULL;
    if (file) {
        if (!fgets(line, sizeof line, file))
            line[0] = '\0';
        (void)fclose(file);
    }
    const char *generation = strrchr(line, '\t'); // the last field of the first line
    while (generation && strtoul(generation, NULL, 10) > 1)
        pause();
    *size = *count = 0;
    return 0;
}

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *info)
{
    (void)info;
    return answer(size, count);
}

uint32_t GetIScsiSessionListW(uint32_t *size, uint32_t *count, void *info)
{
    (void)info;
    return answer(size, count);
}
