// SPDX-License-Identifier: Apache-2.0
// Keeps the session table's bytes as long as the path leads to a file of that size, written at that
// time.
//
// Two files in turn can have one size and one time only where the second was written within a tick
// of the clock that stamps files. So bytes are kept only of a file that is older than any such tick
// when it is looked at: what is written later then has a later time.
#include "conformance/reference/kept_table.h"

#include "conformance/reference/table_file.h"

#include <stdlib.h>
#include <string.h>
#include <windows.h>

enum { SETTLED = 100 * 10000 }; // 100 ms, in 100 ns: Linux stamps files each 1 to 10 ms

static struct {
    SRWLOCK lock;
    struct kept_table_mark mark; // is_settled: there is something
    char *bytes;
    size_t size;
} kept = {.lock = SRWLOCK_INIT};

static uint64_t join(DWORD high, DWORD low)
{
    return (uint64_t)high << 32 | low;
}

static struct kept_table_mark look(void)
{
    struct kept_table_mark mark = {0};
    WIN32_FILE_ATTRIBUTE_DATA file;
    wchar_t room[TABLE_FILE_PATH_SIZE];
    const wchar_t *path = table_file_path(room);
    FILETIME clock;
    if (!path || !GetFileAttributesExW(path, GetFileExInfoStandard, &file))
        return mark;
    GetSystemTimeAsFileTime(&clock);
    uint64_t now = join(clock.dwHighDateTime, clock.dwLowDateTime);
    mark.size = join(file.nFileSizeHigh, file.nFileSizeLow);
    mark.written = join(file.ftLastWriteTime.dwHighDateTime, file.ftLastWriteTime.dwLowDateTime);
    mark.is_settled = now > mark.written && now - mark.written > SETTLED;
    return mark;
}

static bool is_kept(const struct kept_table_mark *mark)
{
    return mark->is_settled && kept.mark.is_settled && mark->size == kept.mark.size &&
           mark->written == kept.mark.written;
}

bool kept_table_take(struct text *text, char **bytes, struct kept_table_mark *mark)
{
    *mark = look();
    AcquireSRWLockShared(&kept.lock);
    bool found = is_kept(mark);
    char *copy = found ? malloc(kept.size + 1) : NULL; // +1: it may be empty
    if (copy) {
        memcpy(copy, kept.bytes, kept.size);
        *text = (struct text){copy, kept.size};
        *bytes = copy;
    }
    ReleaseSRWLockShared(&kept.lock);
    return copy != NULL;
}

void kept_table_put(struct text text, const struct kept_table_mark *mark)
{
    char *copy = mark->is_settled && mark->size == text.length ? malloc(text.length + 1) : NULL;
    if (!copy)
        return;
    memcpy(copy, text.bytes, text.length);
    AcquireSRWLockExclusive(&kept.lock);
    char *old = kept.bytes;
    kept.bytes = copy;
    kept.size = text.length;
    kept.mark = *mark;
    ReleaseSRWLockExclusive(&kept.lock);
    free(old);
}
