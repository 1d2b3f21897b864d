// SPDX-License-Identifier: Apache-2.0
// A list that is kept from call to call, as long as its source is the same one.
#include "conformance/shapes/cache.h"

#include "conformance/reference/table_file.h"
#include "conformance/system/system.h"
#include "session_list.h"

#include <string.h>

enum { HEAD_SIZE = 64 }; // holds the first line of a table: its generation

// What tells one table from another.
struct mark {
    struct table_file_mark file;
    char head[HEAD_SIZE];
};

struct cache {
    struct system_lock lock;
    bool filled;
    struct mark mark;
    struct session_table table;
};

static bool read_mark(struct mark *mark)
{
    struct table_file file;
    memset(mark, 0, sizeof *mark); // padding too: marks are compared as bytes
    if (!table_file_open(&file))
        return false;
    bool marked = file.kind == TABLE_FILE_REGULAR && table_file_mark(&file, &mark->file) &&
                  table_file_read(&file, mark->head, HEAD_SIZE) > 0;
    table_file_close(&file);
    return marked;
}

// Makes the table the one that there is now. The mark is taken before the table is read: if another
// comes between, the table is newer than its mark and will be read once more than need be.
static uint32_t refresh(struct cache *cache)
{
    struct mark mark;
    bool marked = read_mark(&mark);
    if (cache->filled && marked && memcmp(&mark, &cache->mark, sizeof mark) == 0)
        return LIST_SUCCESS;
    if (cache->filled)
        session_table_free(&cache->table);
    cache->filled = false;
    uint32_t status = session_table_read(&cache->table);
    if (status == LIST_SUCCESS && marked) {
        cache->filled = true;
        cache->mark = mark;
    } else if (status == LIST_SUCCESS) {
        session_table_free(&cache->table);
        status = LIST_ISCSI_SERVICE_UNAVAILABLE;
    }
    return status;
}

uint32_t cache_answer(const struct shape *shape, const struct shape_call *call, cache_user *user)
{
    static struct cache cache = {.lock = SYSTEM_LOCK_INITIALIZER};
    system_lock_take(&cache.lock);
    uint32_t status = refresh(&cache);
    if (status == LIST_SUCCESS)
        status = user(shape, &cache.table, call);
    system_lock_release(&cache.lock);
    return status;
}
