// A list that is kept from call to call, as long as its source is the same one.
#include "conformance/shapes/cache.h"

#include "session_list.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD_SIZE = 64 }; // holds the first line of a table: its generation

// What tells one table from another. Each alone might be the same by chance: a file's number is
// used again, and its time is that of a clock which ticks slowly.
struct mark {
    dev_t device;
    ino_t number;
    off_t size;
    struct timespec modified;
    struct timespec changed;
    char head[HEAD_SIZE];
};

struct cache {
    pthread_mutex_t lock;
    bool filled;
    struct mark mark;
    struct session_table table;
};

static bool read_mark(struct mark *mark)
{
    const char *path = getenv("ISCSIDSC_SESSION_TABLE");
    struct stat status;
    int file = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
    if (file < 0)
        return false;
    memset(mark, 0, sizeof *mark); // padding too: marks are compared as bytes
    bool read_well = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
    ssize_t count = -1;
    do
        count = read_well ? read(file, mark->head, HEAD_SIZE) : -1;
    while (count < 0 && read_well && errno == EINTR);
    (void)close(file);
    if (count <= 0)
        return false;
    mark->device = status.st_dev;
    mark->number = status.st_ino;
    mark->size = status.st_size;
    mark->modified = status.st_mtim;
    mark->changed = status.st_ctim;
    return true;
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
    static struct cache cache = {.lock = PTHREAD_MUTEX_INITIALIZER};
    (void)pthread_mutex_lock(&cache.lock);
    uint32_t status = refresh(&cache);
    if (status == LIST_SUCCESS)
        status = user(shape, &cache.table, call);
    (void)pthread_mutex_unlock(&cache.lock);
    return status;
}
