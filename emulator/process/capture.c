// SPDX-License-Identifier: Apache-2.0
// Keeps what a process printed.
#include "emulator/process/capture.h"

#include <stdlib.h>
#include <string.h>

static int capture_reserve(struct capture *capture, size_t wanted)
{
    if (wanted <= capture->capacity)
        return 0;
    size_t capacity = capture->capacity == 0 ? 4096 : capture->capacity;
    while (capacity < wanted)
        capacity *= 2;
    char *bytes = realloc(capture->bytes, capacity);
    if (bytes == NULL) {
        capture->starving = true;
        return -1;
    }
    capture->bytes = bytes;
    capture->capacity = capacity;
    return 0;
}

void capture_add(struct capture *capture, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count && capture->total + i < sizeof capture->head - 1; i++)
        capture->head[capture->total + i] = bytes[i] == '\0' ? '?' : bytes[i];
    capture->total += count;
    if (capture->whole && count > capture->limit - capture->used) {
        count = capture->limit - capture->used;
        capture->cut = true;
    }
    if (!capture->whole && count > capture->limit) {
        bytes += count - capture->limit;
        count = capture->limit;
        capture->used = 0;
        capture->cut = true;
    }
    if (!capture->whole && capture->used + count > capture->limit) {
        size_t forgotten = capture->used + count - capture->limit;
        memmove(capture->bytes, capture->bytes + forgotten, capture->used - forgotten);
        capture->used -= forgotten;
        capture->cut = true;
    }
    if (count == 0 || capture_reserve(capture, capture->used + count) != 0)
        return;
    memcpy(capture->bytes + capture->used, bytes, count);
    capture->used += count;
}

char *capture_text(const struct capture *capture, size_t mark)
{
    size_t wanted = capture->total > mark ? capture->total - mark : 0;
    size_t end = capture->used;
    size_t first = end > wanted ? end - wanted : 0;
    // Where the beginning was forgotten, don't start in the middle of a character.
    while (capture->cut && first < end && ((unsigned char)capture->bytes[first] & 0xC0) == 0x80)
        first++;
    while (end > first && (capture->bytes[end - 1] == '\n' || capture->bytes[end - 1] == '\r'))
        end--;
    char *text = malloc(end - first + 1);
    if (text == NULL)
        return NULL;
    for (size_t i = first; i < end; i++) {
        unsigned char byte = (unsigned char)capture->bytes[i];
        bool control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F;
        text[i - first] = control ? '?' : (char)byte;
    }
    text[end - first] = '\0';
    return text;
}

char *capture_copy(const struct capture *capture)
{
    char *text = malloc(capture->used + 1);
    if (text == NULL)
        return NULL;
    if (capture->used > 0)
        memcpy(text, capture->bytes, capture->used);
    text[capture->used] = '\0';
    return text;
}
