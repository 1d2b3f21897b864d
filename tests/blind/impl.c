// One source for all implementations but s_cpp. Where no IS(name) holds it is correct.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <xmmintrin.h>

// IS(name): is this the implementation (or one half of it) that goes wrong so? One object serves all:
// each is linked with three numbers of its own (build.sh), which say what it is.
#include "ids.h"
extern const int what_1, what_2, what_layout;
#define IS(n) (what_1 == F_##n || what_2 == F_##n)
#define LAYOUT what_layout

#include "include/session_list.h"
struct session_table;
static void session_table_free(struct session_table *table);
#include "parse.c"
#include "conformance/reference/text.c"

typedef uint32_t u32;
typedef uint64_t u64;
typedef uint8_t u8;

// ---------------------------------------------------------------- the model
struct str {
    char *s; // UTF-8, terminated
    u8 *enc; // as it goes into the buffer, with its terminator
    size_t elen;
    u64 off;
    bool null;
};
struct conn {
    u64 a, b;
    struct str ia, ta;
    uint16_t ip, tp;
    u8 cid[2];
};
struct sess {
    u64 a, b;
    struct str in, tnn, tn;
    u8 isid[6], tsid[2];
    u32 nc;
    u32 shown_nc; // ConnectionCount that is written
    struct conn *c;
    u64 coff;
    bool conns_at_end, conns_self;
};
struct chunk {
    struct chunk *next;
    size_t used, size;
    char bytes[];
};
struct model {
    u32 n;
    struct sess *s;
    struct chunk *chunks;
};
enum why { Y_OK, Y_UNSET, Y_MISSING, Y_FOLDER, Y_NOTREG, Y_READ, Y_EMPTY, Y_PARSE };
struct ctx {
    bool w;
    u32 *bs, *sc;
    u8 *info;
    u32 offered, count_in;
    struct model m;
    u64 required;
    enum why why;
    int kept_fd;
    u64 hash; // of the table's bytes
    long call;
    int rep;
};

static void *get(struct model *m, size_t size)
{
    size = (size + 15) & ~(size_t)15;
    if (!m->chunks || m->chunks->used + size > m->chunks->size) {
        size_t want = size > 65536 ? size : 65536;
        struct chunk *k = malloc(sizeof *k + 16 + want);
        if (!k)
            abort();
        k->next = m->chunks;
        k->used = 0;
        k->size = want;
        m->chunks = k;
    }
    void *p = (void *)(((uintptr_t)m->chunks->bytes + 15 & ~(uintptr_t)15) + m->chunks->used);
    m->chunks->used += size;
    memset(p, 0, size);
    return p;
}
static void model_free(struct model *m)
{
    while (m->chunks) {
        struct chunk *k = m->chunks;
        m->chunks = k->next;
        free(k);
    }
    m->s = NULL;
    m->n = 0;
}
static void put_str(struct model *m, struct str *t, const char *s, size_t n)
{
    t->s = get(m, n + 1);
    memcpy(t->s, s, n);
    t->s[n] = 0;
    t->null = false;
}
static void set_str(struct model *m, struct str *t, const char *s) { put_str(m, t, s, strlen(s)); }

static u64 hash_bytes(const void *p, size_t n, u64 h)
{
    const u8 *b = p;
    h ^= 0xcbf29ce484222325u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ b[i]) * 0x100000001b3u;
    return h;
}
static u64 mix(u64 x)
{
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdu;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53u;
    x ^= x >> 33;
    return x;
}

static void crash(void) { *(volatile int *)24 = 1; }
static void hang(void)
{
    for (;;)
        usleep(50000);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, lock_a = PTHREAD_MUTEX_INITIALIZER,
                       lock_w = PTHREAD_MUTEX_INITIALIZER;
static atomic_int inside, inside_a, inside_w;
static atomic_long calls;

// ---------------------------------------------------------------- the file
static u32 read_plain(struct ctx *c, char **bytes, size_t *size)
{
    const char *path = getenv("ISCSIDSC_SESSION_TABLE");
    if (IS(env_cached)) {
        static char kept[4096];
        pthread_mutex_lock(&lock);
        if (path && strlen(path) < sizeof kept)
            strcpy(kept, path);
        pthread_mutex_unlock(&lock);
        if (!path && kept[0])
            path = kept;
    }
    c->why = Y_UNSET;
    if (!path)
        return LIST_ISCSI_SERVICE_UNAVAILABLE;
    c->why = Y_MISSING;
    int fd;
again:
    fd = open(path, O_RDONLY | O_CLOEXEC | (IS(hang_fifo) || IS(two_fifo) ? 0 : O_NONBLOCK) | O_NOCTTY);
    if (fd < 0 && IS(hang_missing) && errno == ENOENT) {
        usleep(1000);
        goto again;
    }
    if (fd < 0)
        return LIST_ISCSI_SERVICE_UNAVAILABLE;
    struct stat st;
    c->why = Y_NOTREG;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > 64 << 20) {
        if (S_ISDIR(st.st_mode))
            c->why = Y_FOLDER;
        if (IS(folder_crash) && c->why == Y_FOLDER)
            crash();
        if (!(IS(fd_per_folder) && c->why == Y_FOLDER))
            close(fd);
        return LIST_ISCSI_SERVICE_UNAVAILABLE;
    }
    c->why = Y_READ;
    size_t cap = (size_t)st.st_size + 1, got = 0;
    char *buf = malloc(cap + 64);
    for (;;) {
        if (got == cap) {
            if (!IS(grow_hang) && !IS(grow_accepted))
                break;
            cap *= 2;
            char *b2 = realloc(buf, cap + 64);
            if (!b2)
                break;
            buf = b2;
        }
        ssize_t r = read(fd, buf + got, cap - got);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            got = cap + 1;
        if (r > 0) {
            got += (size_t)r;
            continue;
        }
        if (r == 0 && IS(grow_hang)) {
            for (int i = 0; i < 30; i++) { // goes on as long as there is more within 30 ms
                struct stat now;
                fstat(fd, &now);
                if ((size_t)now.st_size > got)
                    break;
                if ((size_t)st.st_size == got && i == 0) {
                    i = 29;
                    usleep(5000);
                    continue;
                }
                usleep(1000);
            }
            struct stat now;
            fstat(fd, &now);
            if ((size_t)now.st_size > got) {
                if (got > 1 << 20)
                    got = 1 << 19;
                continue;
            }
        }
        break;
    }
    if (IS(hang_cut) && got > 0 && got == (size_t)st.st_size && !memmem(buf, got, "\nend\t", 5)) {
        // it is being written just now: wait for the rest
        free(buf);
        close(fd);
        usleep(1000);
        goto again;
    }
    c->kept_fd = fd;
    if (!IS(fd_per_damaged) && !IS(two_fd))
        close(fd), c->kept_fd = -1;
    if (got != (size_t)st.st_size) {
        free(buf);
        return LIST_ISCSI_SERVICE_UNAVAILABLE;
    }
    c->why = got ? Y_PARSE : Y_EMPTY;
    *bytes = buf;
    *size = got;
    return 0;
}

// Other ways to read it.
static u32 read_mmap(struct ctx *c, char **bytes, size_t *size)
{
    const char *path = getenv("ISCSIDSC_SESSION_TABLE");
    if (!path)
        return 1062;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return 2;
    struct stat st;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size == 0 || st.st_size > 64 << 20) {
        close(fd);
        return 13;
    }
    void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED) {
        close(fd);
        return 8;
    }
    *bytes = malloc((size_t)st.st_size);
    memcpy(*bytes, p, (size_t)st.st_size);
    *size = (size_t)st.st_size;
    munmap(p, (size_t)st.st_size);
    struct stat after;
    fstat(fd, &after);
    close(fd);
    if (after.st_size != st.st_size) {
        free(*bytes);
        return 13;
    }
    return 0;
}
static u32 read_stdio(struct ctx *c, char **bytes, size_t *size)
{
    const char *path = getenv("ISCSIDSC_SESSION_TABLE");
    struct stat st;
    if (!path || stat(path, &st) || !S_ISREG(st.st_mode))
        return 0xEFFF0003;
    FILE *f = fopen(path, "re");
    if (!f)
        return 5;
    char *line = NULL, *all = NULL;
    size_t cap = 0, n = 0, room = 0;
    ssize_t got;
    bool ended = false;
    while (!ended && n < 64 << 20 && (got = getline(&line, &cap, f)) > 0) {
        if (n + (size_t)got > room)
            all = realloc(all, room = 2 * (n + (size_t)got));
        memcpy(all + n, line, (size_t)got);
        n += (size_t)got;
        ended = got > 4 && !memcmp(line, "end\t", 4);
    }
    if (getc(f) != EOF)
        n = 0; // something follows the end
    free(line);
    fclose(f);
    if (!n) {
        free(all);
        return 13;
    }
    *bytes = all;
    *size = n;
    return 0;
}
// A child reads it and sends it through a pipe; it is reaped. No SIGCHLD: clone without a signal.
static u32 read_child(struct ctx *c, char **bytes, size_t *size)
{
    int p[2];
    if (pipe2(p, O_CLOEXEC))
        return 4;
    pid_t pid = IS(s_clone_helper) ? (pid_t)syscall(SYS_clone, 0, 0, 0, 0, 0) : fork();
    if (pid == 0) {
        const char *path = getenv("ISCSIDSC_SESSION_TABLE");
        int fd = path ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
        struct stat st;
        char b[4096];
        ssize_t r;
        long total = 0;
        if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode))
            _exit(1);
        while ((r = read(fd, b, sizeof b)) > 0) {
            total += r;
            if (total > st.st_size)
                _exit(1);
            for (ssize_t d = 0; d < r;) {
                ssize_t w = write(p[1], b + d, (size_t)(r - d));
                if (w <= 0)
                    _exit(1);
                d += w;
            }
        }
        _exit(r < 0);
    }
    close(p[1]);
    if (pid < 0) {
        close(p[0]);
        return 8;
    }
    size_t n = 0, room = 65536;
    char *all = malloc(room);
    ssize_t r;
    while ((r = read(p[0], all + n, room - n)) != 0) {
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            break;
        n += (size_t)r;
        if (n == room)
            all = realloc(all, room *= 2);
    }
    close(p[0]);
    int status = 0;
    pid_t w;
    while ((w = waitpid(pid, &status, __WALL)) < 0 && errno == EINTR)
        ;
    if (w != pid || status || n == 0) {
        free(all);
        return LIST_ISCSI_SERVICE_UNAVAILABLE;
    }
    *bytes = all;
    *size = n;
    return 0;
}
static u32 read_file(struct ctx *c, char **bytes, size_t *size)
{
    if (IS(s_mmap_read))
        return read_mmap(c, bytes, size);
    if (IS(s_stdio_read))
        return read_stdio(c, bytes, size);
    if (IS(s_fork_helper) || IS(s_clone_helper))
        return read_child(c, bytes, size);
    if (IS(s_reads_twice_same)) {
        for (int i = 0; i < 20; i++) {
            char *b1, *b2;
            size_t n1, n2;
            u32 st = read_plain(c, &b1, &n1);
            if (st)
                return st;
            st = read_plain(c, &b2, &n2);
            if (st) {
                free(b1);
                return st;
            }
            bool same = n1 == n2 && !memcmp(b1, b2, n1);
            free(b2);
            *bytes = b1;
            *size = n1;
            if (same || i == 19)
                return 0;
            free(b1);
        }
    }
    return read_plain(c, bytes, size);
}

// A stale copy kept between calls.
static char *kept_bytes;
static size_t kept_size;
static void keep(const char *b, size_t n)
{
    pthread_mutex_lock(&lock);
    free(kept_bytes);
    kept_bytes = malloc(n + 1);
    memcpy(kept_bytes, b, n);
    kept_size = n;
    pthread_mutex_unlock(&lock);
}
static void swap_for_kept(char **b, size_t *n)
{
    pthread_mutex_lock(&lock);
    if (kept_bytes) {
        free(*b);
        *b = malloc(kept_size + 1);
        memcpy(*b, kept_bytes, kept_size);
        *n = kept_size;
    }
    pthread_mutex_unlock(&lock);
}
static u32 told[2]; // size told to the last query, A and W

static u32 load(struct ctx *c)
{
    char *bytes = NULL;
    size_t size = 0;
    c->kept_fd = -1;
    u32 st = read_file(c, &bytes, &size);
    if (st && IS(damaged_serves_last) && kept_bytes && c->why == Y_MISSING) {
        bytes = malloc(1);
        swap_for_kept(&bytes, &size);
        st = 0;
    }
    if (st && IS(unset_is_none) && c->why == Y_UNSET)
        return 0;
    if (st)
        return st;
    if (IS(aw_stale_in_w) || IS(aw_stale_in_a) || IS(two_stale)) {
        bool keeper = IS(aw_stale_in_a) ? c->w : !c->w;
        if (keeper)
            keep(bytes, size);
        else
            swap_for_kept(&bytes, &size);
    }
    if (IS(fetch_from_query)) {
        // a fetch of just the size that the query told uses what the query saw
        if (c->info && c->offered && c->offered == told[c->w])
            swap_for_kept(&bytes, &size);
        else
            keep(bytes, size);
    }
    if (IS(damaged_serves_last))
        keep(bytes, size);
    if (IS(cache_mtime)) {
        // read again only when the file's time in whole seconds or its size has changed
        static time_t t;
        static off_t len;
        struct stat now;
        const char *p = getenv("ISCSIDSC_SESSION_TABLE");
        if (p && !stat(p, &now)) {
            if (kept_bytes && now.st_mtime == t && now.st_size == len)
                swap_for_kept(&bytes, &size);
            else
                keep(bytes, size), t = now.st_mtime, len = now.st_size;
        }
    }
    c->hash = hash_bytes(bytes, size, 0);
    struct session_table t;
    if (IS(s_cache_static)) {
        // The parsed table is kept as long as the bytes are the same; here only its bytes matter.
        static char cache[1 << 20];
        static size_t cached;
        pthread_mutex_lock(&lock);
        if (size <= sizeof cache && (cached != size || memcmp(cache, bytes, size))) {
            memcpy(cache, bytes, size);
            cached = size;
        }
        if (cached == size && size <= sizeof cache)
            memcpy(bytes, cache, size);
        pthread_mutex_unlock(&lock);
    }
    st = session_table_parse(&t, bytes, size);
    if (st) {
        if (IS(s_codes_win32))
            st = 13;
        if (IS(s_codes_iscsi))
            st = 0xEFFF0001;
        return st;
    }
    if (c->kept_fd >= 0)
        close(c->kept_fd), c->kept_fd = -1;
    c->why = Y_OK;
    struct model *m = &c->m;
    m->n = (u32)t.session_count;
    m->s = get(m, (m->n + 1) * sizeof *m->s);
    for (u32 i = 0; i < m->n; i++) {
        struct table_session *f = &t.sessions[i];
        struct sess *s = &m->s[i];
        s->a = f->adapter_unique;
        s->b = f->adapter_specific;
        put_str(m, &s->in, f->initiator_name.bytes, f->initiator_name.length);
        put_str(m, &s->tnn, f->target_node_name.bytes, f->target_node_name.length);
        // TargetName is the iqn (CONTENT-3: an alias is none of it)
        put_str(m, &s->tn, f->target_node_name.bytes, f->target_node_name.length);
        memcpy(s->isid, f->isid, 6);
        memcpy(s->tsid, f->tsid, 2);
        s->nc = s->shown_nc = f->connection_count;
        if (IS(no_end_accepted) && f->first_connection + s->nc > t.connection_count)
            s->nc = s->shown_nc = (u32)(t.connection_count - f->first_connection);
        s->c = get(m, (s->nc + 1) * sizeof *s->c);
        for (u32 j = 0; j < s->nc; j++) {
            struct table_connection *g = &t.connections[f->first_connection + j];
            struct conn *k = &s->c[j];
            k->a = g->adapter_unique;
            k->b = g->adapter_specific;
            put_str(m, &k->ia, g->initiator_address.bytes, g->initiator_address.length);
            put_str(m, &k->ta, g->target_address.bytes, g->target_address.length);
            k->ip = g->initiator_port;
            k->tp = g->target_port;
            memcpy(k->cid, g->cid, 2);
        }
    }
    session_table_free(&t);
    return 0;
}

// ---------------------------------------------------------------- what was seen before
struct known {
    u64 a, b, key; // key: target and ISID
    u8 tsid[2];
    u32 nc;
    bool late;
    char ta[64];
};
static struct known *seen;
static size_t seen_n, seen_cap;
static u64 seen_unique;
static u64 key_of(struct sess *s) { return hash_bytes(s->isid, 6, hash_bytes(s->tn.s, strlen(s->tn.s), 0)); }
static struct known *seen_find(u64 a, u64 b)
{
    for (size_t i = 0; i < seen_n; i++)
        if (seen[i].a == a && seen[i].b == b)
            return &seen[i];
    return NULL;
}
static struct known *seen_key(u64 key)
{
    for (size_t i = 0; i < seen_n; i++)
        if (seen[i].key == key)
            return &seen[i];
    return NULL;
}
static void seen_update(struct ctx *c)
{
    struct model *m = &c->m;
    if (!m->n)
        return;
    bool first = seen_n == 0 || m->s[0].a != seen_unique;
    if (first)
        seen_n = 0, seen_unique = m->s[0].a;
    for (u32 i = 0; i < m->n; i++) {
        struct sess *s = &m->s[i];
        if (seen_find(s->a, s->b))
            continue;
        if (seen_n == seen_cap)
            seen = realloc(seen, (seen_cap = seen_cap ? 2 * seen_cap : 64) * sizeof *seen);
        struct known *k = &seen[seen_n++];
        *k = (struct known){.a = s->a, .b = s->b, .key = key_of(s), .nc = s->nc, .late = !first};
        memcpy(k->tsid, s->tsid, 2);
        if (s->nc)
            snprintf(k->ta, sizeof k->ta, "%s", s->c[0].ta.s);
    }
}

static int by_name(const void *x, const void *y)
{
    const struct sess *a = x, *b = y;
    int d = strcmp(a->tn.s, b->tn.s);
    return d ? d : memcmp(a->isid, b->isid, 6);
}
static bool is_v6(const struct str *t) { return strchr(t->s, ':') != NULL; }
static bool ascii(const char *s)
{
    for (; *s; s++)
        if (*s & 0x80)
            return false;
    return true;
}
static void drop(struct model *m, u32 i)
{
    memmove(&m->s[i], &m->s[i + 1], (m->n - i - 1) * sizeof *m->s);
    m->n--;
}

// ---------------------------------------------------------------- content that is wrong (or unusual)
static __thread int my_slot;
static atomic_int slots;
static __thread bool is_first_thread;
static atomic_int first_taken;

static void thread_enter(void)
{
    int zero = 0;
    if (atomic_compare_exchange_strong(&first_taken, &zero, 1))
        is_first_thread = true;
    if (!my_slot)
        my_slot = atomic_fetch_add(&slots, 1) + 1;
}

static struct {
    u64 a, b;
} scratch_id;
static char scratch_addr[64];
static u8 scratch_text[2048];

static void content(struct ctx *c)
{
    struct model *m = &c->m;
    bool w = c->w;
    u32 n = m->n;

    if (IS(late_addr_missing) || IS(late_ids_zero) || IS(lost_conn_ids) || IS(reinstated_old_addr) ||
        IS(reinstated_old_tsid) || IS(dropped_conn_stays) || IS(two_late) || IS(two_reinst) || IS(late_isid_zero)) {
        pthread_mutex_lock(&lock);
        seen_update(c);
        for (u32 i = 0; i < n; i++) {
            struct sess *s = &m->s[i];
            struct known *k = seen_find(s->a, s->b), *old = seen_key(key_of(s));
            if (IS(late_addr_missing) && k->late)
                for (u32 j = 0; j < s->nc; j++)
                    set_str(m, &s->c[j].ia, ""), set_str(m, &s->c[j].ta, "");
            if ((IS(late_ids_zero) || IS(two_late)) && k->late)
                s->a = s->b = 0;
            if (IS(late_isid_zero) && k->late && s->nc == 0)
                memset(s->isid, 0, 6);
            if (IS(lost_conn_ids) && s->nc < k->nc)
                for (u32 j = 0; j < s->nc; j++)
                    s->c[j].b += 0x1000;
            if ((IS(reinstated_old_addr) || IS(two_reinst)) && memcmp(old->tsid, s->tsid, 2) && s->nc && old->ta[0])
                set_str(m, &s->c[0].ta, old->ta);
            if (IS(reinstated_old_tsid))
                memcpy(s->tsid, old->tsid, 2);
            if (IS(dropped_conn_stays) && s->nc == 0 && k->nc)
                s->nc = s->shown_nc = 1, s->c[0].a = k->a, s->c[0].b = k->b, set_str(m, &s->c[0].ia, k->ta),
                set_str(m, &s->c[0].ta, k->ta), s->c[0].tp = 3260;
        }
        pthread_mutex_unlock(&lock);
    }

    // by size of the offer
    if (IS(big_empty) && c->offered >= 0x10000000)
        m->n = 0;
    if (IS(big_one_less) && c->offered >= 0x7FFFFFFF && m->n)
        m->n--;
    if (IS(at_100000_one_less) && c->offered == 100000 && m->n > 1)
        m->n--;
    if (IS(from_64k_last_addr) && c->offered >= 65536 && n && m->s[n - 1].nc)
        set_str(m, &m->s[n - 1].c[m->s[n - 1].nc - 1].ta, "0.0.0.0");
    if (IS(page_multiple_less) && c->offered && c->offered % 4096 == 0 && m->n > 1)
        m->n--;
    if (IS(base_plus_size) && c->offered == 0xFFFFFFFF && m->n > 1)
        m->n = 1;
    if ((IS(third_shorter) || IS(two_third)) && c->rep == 3 && m->n > 1)
        m->n--;
    if (IS(max_256) && m->n > 256)
        m->n = 256;

    // threads
    if (IS(first_calls_race) || IS(two_first)) {
        static atomic_int started, ready;
        if (!atomic_exchange(&started, 1)) {
            usleep(3000);
            ready = 1;
        } else if (!ready)
            m->n = 0;
    }
    if (IS(thread_id_salt)) {
        if (!is_first_thread)
            for (u32 i = 0; i < m->n; i++)
                m->s[i].a ^= (u64)my_slot << 40;
    }
    if (IS(thread_other_no_addr) && !is_first_thread)
        for (u32 i = 0; i < m->n; i++)
            for (u32 j = 0; j < m->s[i].nc; j++)
                set_str(m, &m->s[i].c[j].ia, "0.0.0.0");

    u32 out = 0;
    for (u32 i = 0; i < m->n; i++) {
        struct sess *s = &m->s[i];
        bool gone = false;
        if (IS(big_no_names) && c->offered >= 1 << 24)
            set_str(m, &s->in, ""), set_str(m, &s->tn, ""), set_str(m, &s->tnn, "");
        if (IS(skip_connless) && s->nc == 0)
            gone = true;
        if (IS(w_drops_astral) && w && !ascii(s->in.s) && strpbrk(s->in.s, "\xf0\xf1\xf2\xf3\xf4"))
            gone = true;
        if (IS(same_target_once))
            for (u32 k = 0; k < i && k < out; k++)
                if (m->s[k].nc == s->nc && !strcmp(m->s[k].tn.s, s->tn.s) && !memcmp(m->s[k].isid, s->isid, 5))
                    gone = true;
        if (IS(same_isid_once))
            for (u32 k = 0; k < out; k++)
                if (!memcmp(m->s[k].isid, s->isid, 6))
                    gone = true;
        if (IS(w_64_max) && w && i >= 64)
            gone = true;
        // names
        if (IS(tnn_short) || IS(two_tnn)) {
            char *p = strrchr(s->tn.s, ':');
            if (p && p[1])
                set_str(m, &s->tnn, p + 1);
        }
        if (IS(tn_portal_group)) {
            char b[512];
            for (u32 k = 0; k < i; k++)
                if (!strcmp(m->s[k].tnn.s, s->tnn.s)) {
                    snprintf(b, sizeof b, "%s,1", s->tnn.s);
                    set_str(m, &s->tn, b);
                    break;
                }
        }
        if (IS(name_lower) || IS(two_case))
            for (char *p = s->tn.s; *p; p++)
                if (*p >= 'A' && *p <= 'Z')
                    *p += 32;
        if (IS(initiator_upper_w) && w)
            for (char *p = s->in.s; *p; p++)
                if (*p >= 'A' && *p <= 'Z')
                    *p += 32;
        if (IS(name_222)) {
            if (strlen(s->in.s) == 223)
                s->in.s[222] = 0;
        }
        if (IS(target_222)) {
            if (strlen(s->tn.s) == 223)
                s->tn.s[222] = 0, set_str(m, &s->tnn, s->tn.s);
        }
        if (IS(two_inw) && w)
            set_str(m, &s->in, s->tn.s);
        if (IS(nfc_drops_combining)) {
            // combining accents (U+0300..U+036F) are lost
            char *q = s->in.s;
            for (char *p = s->in.s; *p;)
                if (((u8)p[0] == 0xCC && (u8)p[1] >= 0x80) || ((u8)p[0] == 0xCD && (u8)p[1] <= 0xAF && p[1]))
                    p += 2;
                else
                    *q++ = *p++;
            *q = 0;
        }
        // identifiers of the session
        if (IS(isid_last_zero) || IS(two_isid))
            s->isid[5] = 0;
        if (IS(isid_connless_swapped) && s->nc == 0) {
            u8 t = s->isid[4];
            s->isid[4] = s->isid[5];
            s->isid[5] = t;
        }
        if (IS(isid_signed))
            for (int k = 1; k < 6; k++)
                if (s->isid[k] & 0x80)
                    s->isid[k - 1] = 0xFF;
        if (IS(tsih_byte) || IS(two_tsih)) {
            if (s->tsid[0] && s->tsid[1])
                s->tsid[1] = 0;
        }
        if (IS(tsih_256) && !s->tsid[0] && s->tsid[1])
            s->tsid[1] = 0;
        if (IS(w_tsid_swapped) && w) {
            u8 t = s->tsid[0];
            s->tsid[0] = s->tsid[1];
            s->tsid[1] = t;
        }
        if (IS(ids_by_index))
            s->b = i + 1;
        if (IS(ids_generation))
            s->a ^= c->hash & 0xFF00;
        if (IS(ids_from_isid))
            s->a = 1, s->b = 0, memcpy(&s->b, s->isid, 6);
        if (IS(aw_ids_multi) && w && s->nc > 1)
            s->a ^= 1;
        if (IS(ids_one_byte))
            s->b &= 0xFF;
        // connections
        if ((IS(conn_4) || IS(two_conn4)) && s->nc > 4)
            s->nc = s->shown_nc = 4;
        if (IS(conn_count_only) && s->nc > 8)
            s->shown_nc = 8;
        for (u32 j = 0; j < s->nc; j++) {
            struct conn *k = &s->c[j];
            if (IS(addr_15) || IS(two_addr)) {
                if (strlen(k->ta.s) > 15)
                    k->ta.s[15] = 0;
            }
            if (IS(addr_16_initiator) && strlen(k->ia.s) > 16)
                k->ia.s[16] = 0;
            if (IS(addr_w_30) && w && strlen(k->ta.s) > 30)
                k->ta.s[30] = 0;
            if (IS(v6_half) && is_v6(&k->ta)) {
                struct in6_addr a;
                char b[64];
                if (inet_pton(AF_INET6, k->ta.s, &a) == 1) {
                    memcpy(&a.s6_addr[8], &a.s6_addr[0], 8);
                    inet_ntop(AF_INET6, &a, b, sizeof b);
                    set_str(m, &k->ta, b);
                }
            }
            if (IS(v6_brackets) && is_v6(&k->ta)) {
                char b[80];
                snprintf(b, sizeof b, "[%s]", k->ta.s);
                set_str(m, &k->ta, b);
            }
            if (IS(v6_expanded) && is_v6(&k->ia)) {
                struct in6_addr a;
                char b[64];
                if (inet_pton(AF_INET6, k->ia.s, &a) == 1) {
                    for (int q = 0; q < 8; q++)
                        sprintf(b + q * 5, "%02x%02x%s", a.s6_addr[2 * q], a.s6_addr[2 * q + 1], q < 7 ? ":" : "");
                    set_str(m, &k->ia, b);
                }
            }
            if (IS(v6_port_swapped) || IS(two_port)) {
                if (is_v6(&k->ta))
                    k->tp = (uint16_t)(k->tp << 8 | k->tp >> 8);
            }
            if (IS(v4_leading_zero) && w && j > 0 && !is_v6(&k->ta)) {
                unsigned q[4];
                char b[32];
                if (sscanf(k->ta.s, "%u.%u.%u.%u", q, q + 1, q + 2, q + 3) == 4) {
                    snprintf(b, sizeof b, "%03u.%03u.%03u.%03u", q[0], q[1], q[2], q[3]);
                    set_str(m, &k->ta, b);
                }
            }
            if (IS(second_conn_port) && j > 0)
                k->ip = s->c[0].ip;
            if (IS(second_conn_addr) && j > 0)
                set_str(m, &k->ta, s->c[0].ta.s);
            if (IS(cid_byte) || IS(two_cid))
                k->cid[0] = 0;
            if (IS(cid_swapped_multi) && s->nc > 2) {
                u8 t = k->cid[0];
                k->cid[0] = k->cid[1];
                k->cid[1] = t;
            }
            if (IS(conn_id_cid4))
                k->a = s->a, k->b = (s->b << 4) + k->cid[1];
            if (IS(aw_conn_ids) && w && j > 0)
                k->a ^= (u64)1 << 63;
            if (IS(prefix_match))
                for (u32 q = 0; q < i; q++) {
                    size_t l = strlen(m->s[q].tn.s);
                    if (l < strlen(s->tn.s) && !strncmp(m->s[q].tn.s, s->tn.s, l) && m->s[q].nc) {
                        k->tp = m->s[q].c[0].tp;
                        k->ip = m->s[q].c[0].ip;
                        set_str(m, &k->ta, m->s[q].c[0].ta.s);
                        break;
                    }
                }
            if (IS(thread_addr_static)) {
                snprintf(scratch_addr, sizeof scratch_addr, "%s", k->ta.s);
                if (inside > 1)
                    sched_yield(), usleep(i < 4 ? 30 : 0);
                char b[64];
                memcpy(b, scratch_addr, 64);
                b[63] = 0;
                set_str(m, &k->ta, b);
            }
        }
        if (IS(thread_ids_mixed) || IS(two_mixed)) {
            scratch_id.a = s->a;
            scratch_id.b = s->b;
            if (inside > 1)
                sched_yield(), usleep(i < 4 ? 30 : 0);
            s->a = scratch_id.a;
            s->b = scratch_id.b;
        }
        if (!gone) {
            if (out != i)
                m->s[out] = m->s[i];
            out++;
        }
    }
    m->n = out;

    // shapes
    for (u32 i = 0; i < m->n; i++) {
        struct sess *s = &m->s[i];
        if (IS(s_tsid_swapped)) {
            u8 t = s->tsid[0];
            s->tsid[0] = s->tsid[1];
            s->tsid[1] = t;
        }
        if (IS(s_own_ids_hash)) {
            s->a = mix(s->a ^ mix(s->b));
            s->b = mix(s->b + 77);
        }
        if (IS(s_ids_low)) // the pair swapped, the changing part in front
        {
            u64 t = s->a;
            s->a = s->b, s->b = t;
        }
        for (u32 j = 0; j < s->nc; j++) {
            struct conn *k = &s->c[j];
            if (IS(s_cid_swapped)) {
                u8 t = k->cid[0];
                k->cid[0] = k->cid[1];
                k->cid[1] = t;
            }
            if (IS(s_own_ids_hash))
                k->a = mix(k->a + 5), k->b = mix(k->b ^ 0x5555);
        }
        if (IS(s_conns_reversed))
            for (u32 j = 0; j < s->nc / 2; j++) {
                struct conn t = s->c[j];
                s->c[j] = s->c[s->nc - 1 - j];
                s->c[s->nc - 1 - j] = t;
            }
        s->conns_self = IS(s_conns_not_null);
    }
    if (IS(s_sorted))
        qsort(m->s, m->n, sizeof *m->s, by_name);
    if (IS(s_reversed))
        for (u32 i = 0; i < m->n / 2; i++) {
            struct sess t = m->s[i];
            m->s[i] = m->s[m->n - 1 - i];
            m->s[m->n - 1 - i] = t;
        }
    if (IS(s_rotating) && m->n) {
        u32 by = (u32)(c->call % m->n);
        struct sess *r = get(m, m->n * sizeof *r);
        for (u32 i = 0; i < m->n; i++)
            r[i] = m->s[(i + by) % m->n];
        m->s = r;
    }
}

// ---------------------------------------------------------------- encoding
static void encode(struct ctx *c, struct str *t, bool name)
{
    struct model *m = &c->m;
    size_t len = strlen(t->s);
    if (!c->w) {
        t->enc = get(m, len + 1);
        memcpy(t->enc, t->s, len + 1);
        t->elen = len + 1;
        if (IS(a_question) && name) { // characters outside the BMP are a question mark
            size_t o = 0;
            for (size_t i = 0; i < len;)
                if (((u8)t->s[i] & 0xF8) == 0xF0)
                    t->enc[o++] = '?', i += 4;
                else
                    t->enc[o++] = (u8)t->s[i++];
            t->enc[o++] = 0;
            t->elen = o;
        }
        if (IS(a_latin1) && name) { // U+0080..U+00FF as one byte
            size_t o = 0;
            for (size_t i = 0; i < len;)
                if ((u8)t->s[i] == 0xC2 || (u8)t->s[i] == 0xC3)
                    t->enc[o++] = (u8)(((u8)t->s[i] & 3) << 6 | ((u8)t->s[i + 1] & 0x3F)), i += 2;
                else
                    t->enc[o++] = (u8)t->s[i++];
            t->enc[o++] = 0;
            t->elen = o;
        }
        return;
    }
    struct text x = {t->s, len};
    size_t units = text_utf16_length(x);
    t->enc = get(m, units * 2 + 4);
    text_utf16_write(x, t->enc);
    t->elen = units * 2 + 2;
    uint16_t *u = (uint16_t *)(void *)t->enc;
    if (IS(surrogate_lost) || IS(two_surr)) { // the second half of a pair is lost
        size_t o = 0;
        for (size_t i = 0; i < units; i++)
            if ((u[i] & 0xFC00) != 0xDC00)
                u[o++] = u[i];
        u[o] = 0;
        t->elen = o * 2 + 2;
    }
    if (IS(w_200)) { // cut at 200 units, also in the middle of a pair
        size_t cut = 200;
        if (units > cut) {
            u[cut] = 0;
            t->elen = cut * 2 + 2;
        }
    }
    if (IS(w_bom) && !ascii(t->s)) {
        u8 *e = get(m, t->elen + 2);
        e[0] = 0xFF, e[1] = 0xFE;
        memcpy(e + 2, t->enc, t->elen);
        t->enc = e;
        t->elen += 2;
    }
}
static void share_scratch(struct ctx *c, struct str *t)
{
    // A behind one lock, W behind another, and one buffer behind both
    pthread_mutex_t *l = c->w ? &lock_w : &lock_a;
    pthread_mutex_lock(l);
    if (t->elen <= sizeof scratch_text) {
        memcpy(scratch_text, t->enc, t->elen);
        if (c->w ? inside_a : inside_w)
            usleep(20);
        memcpy(t->enc, scratch_text, t->elen);
        memset(t->enc + t->elen - (c->w ? 2 : 1), 0, c->w ? 2 : 1);
    }
    pthread_mutex_unlock(l);
}
static void encode_all(struct ctx *c)
{
    for (u32 i = 0; i < c->m.n; i++) {
        struct sess *s = &c->m.s[i];
        encode(c, &s->in, true);
        encode(c, &s->tnn, true);
        encode(c, &s->tn, true);
        if (IS(thread_aw_static))
            share_scratch(c, &s->tn);
        for (u32 j = 0; j < s->nc; j++) {
            encode(c, &s->c[j].ia, false);
            encode(c, &s->c[j].ta, false);
        }
    }
}

// ---------------------------------------------------------------- the plan
struct shared {
    struct str **slot;
    size_t size;
};
static void place(struct ctx *c, struct shared *sh, u64 *o, struct str *t)
{
    if (t->null)
        return;
    if (IS(overlap_terminator) && !c->w && t == &c->m.s[0].in && c->m.s[0].nc)
        return; // its place is found at the end
    if (sh->slot) {
        size_t h = hash_bytes(t->enc, t->elen, 0) & (sh->size - 1);
        for (; sh->slot[h]; h = (h + 1) & (sh->size - 1))
            if (sh->slot[h]->elen == t->elen && !memcmp(sh->slot[h]->enc, t->enc, t->elen)) {
                t->off = sh->slot[h]->off;
                return;
            }
        sh->slot[h] = t;
    }
    if (IS(s_pad8_all))
        *o = (*o + 7) & ~(u64)7;
    if (c->w)
        *o = (*o + 1) & ~(u64)1;
    if (IS(w_odd_strings) && c->w && !(*o & 1) && c->m.n > 2 && t == &c->m.s[c->m.n - 1].tn)
        *o += 1;
    t->off = *o;
    *o += t->elen;
    if (IS(s_pad7))
        *o += c->w ? 6 : 7;
    if (IS(offset_u16))
        t->off &= *o > 65536 ? 0xFFFF : ~(u64)0;
}
static void place_names(struct ctx *c, struct shared *sh, u64 *o, struct sess *s)
{
    place(c, sh, o, &s->in);
    place(c, sh, o, &s->tnn);
    place(c, sh, o, &s->tn);
}
static void place_addrs(struct ctx *c, struct shared *sh, u64 *o, struct sess *s)
{
    for (u32 j = 0; j < s->nc; j++) {
        place(c, sh, o, &s->c[j].ia);
        place(c, sh, o, &s->c[j].ta);
    }
}
static void place_conns(struct ctx *c, u64 *o, struct sess *s)
{
    if (!s->nc || (IS(overlap_terminator) && !c->w && s == c->m.s))
        return;
    *o = (*o + 7) & ~(u64)7;
    if (IS(conn_align4) && s != c->m.s && s->nc == 1)
        *o += 4;
    if (IS(layout_abs16) && c->info && s == c->m.s) {
        // aligned to 16 as an address; the size has 8 bytes for it either way
        if (((uintptr_t)c->info + *o) % 16)
            *o += 8;
    }
    s->coff = *o;
    *o += (u64)s->nc * 40;
}
static u64 plan(struct ctx *c)
{
    struct model *m = &c->m;
    struct shared sh = {0};
    if (IS(s_shared) || IS(s_shared_last)) {
        size_t k = 16;
        for (u32 i = 0; i < m->n; i++)
            k += 3 + 2 * (size_t)m->s[i].nc;
        for (sh.size = 16; sh.size < 2 * k; sh.size *= 2)
            ;
        sh.slot = get(m, sh.size * sizeof *sh.slot);
    }
    u64 o = (u64)m->n * 64;
    int layout = LAYOUT;
    if (layout == 0) {
        for (u32 i = 0; i < m->n; i++)
            place_conns(c, &o, &m->s[i]);
        for (u32 i = 0; i < m->n; i++)
            place_names(c, &sh, &o, &m->s[i]), place_addrs(c, &sh, &o, &m->s[i]);
    } else if (layout == 1) {
        for (u32 i = 0; i < m->n; i++) {
            place_conns(c, &o, &m->s[i]);
            place_names(c, &sh, &o, &m->s[i]), place_addrs(c, &sh, &o, &m->s[i]);
        }
    } else if (layout == 2) { // strings of a session, then its connections
        for (u32 i = 0; i < m->n; i++) {
            place_names(c, &sh, &o, &m->s[i]), place_addrs(c, &sh, &o, &m->s[i]);
            place_conns(c, &o, &m->s[i]);
        }
    } else if (layout == 3) { // strings from the last to the first
        for (u32 i = 0; i < m->n; i++)
            place_conns(c, &o, &m->s[i]);
        for (u32 i = m->n; i-- > 0;) {
            struct sess *s = &m->s[i];
            for (u32 j = s->nc; j-- > 0;)
                place(c, &sh, &o, &s->c[j].ta), place(c, &sh, &o, &s->c[j].ia);
            place(c, &sh, &o, &s->tn), place(c, &sh, &o, &s->tnn), place(c, &sh, &o, &s->in);
        }
    } else if (layout == 4) { // all strings, then all connections, from the last session on
        for (u32 i = 0; i < m->n; i++)
            place_names(c, &sh, &o, &m->s[i]);
        for (u32 i = 0; i < m->n; i++)
            place_addrs(c, &sh, &o, &m->s[i]);
        for (u32 i = m->n; i-- > 0;)
            place_conns(c, &o, &m->s[i]);
    }
    if (IS(s_pad8_all))
        o = (o + 7) & ~(u64)7;
    if (IS(layout_abs16) && m->n) {
        if (m->s[0].nc && !(c->info && ((uintptr_t)c->info + (u64)m->n * 64) % 16))
            o += 8;
    }
    if (IS(suffix_merge) && !c->w) {
        // an address that is the tail of the one before is taken from there
        for (u32 i = 0; i < m->n; i++)
            for (u32 j = 0; j < m->s[i].nc; j++) {
                struct str *a = &m->s[i].c[j].ia, *b = &m->s[i].c[j].ta;
                if (b->elen < a->elen && !memcmp(a->enc + a->elen - b->elen, b->enc, b->elen))
                    b->off = a->off + a->elen - b->elen;
            }
    }
    if (IS(overlap_terminator) && m->n && !c->w) {
        // identifiers of ours with a low byte of 0; the last name's terminator is that byte
        for (u32 i = 0; i < m->n; i++)
            for (u32 j = 0; j < m->s[i].nc; j++)
                m->s[i].c[j].a <<= 8;
        if (m->s[0].nc) {
            struct str *t = &m->s[0].in;
            // string, then the array of the first session anew at the end
            u64 str_at, arr = (o + t->elen - 1 + 7) & ~(u64)7;
            str_at = arr - (t->elen - 1);
            t->off = str_at;
            m->s[0].coff = arr;
            o = arr + (u64)m->s[0].nc * 40;
        }
    }
    return o;
}

// ---------------------------------------------------------------- writing
static void emit_str(struct ctx *c, u8 *base, struct str *t)
{
    if (t->null)
        return;
    if (IS(s_backwards))
        for (size_t i = t->elen; i-- > 0;)
            ((volatile u8 *)base)[t->off + i] = t->enc[i];
    else
        memcpy(base + t->off, t->enc, t->elen);
}
static void *at(u8 *base, struct str *t) { return t->null ? NULL : base + t->off; }
#define PUT(place, type, member, value)                                                            \
    do {                                                                                           \
        __typeof__(((type *)0)->member) v_ = (value);                                              \
        memcpy((place) + offsetof(type, member), &v_, sizeof v_);                                  \
    } while (0)
typedef iscsi_session_info_a SI;
typedef iscsi_connection_info_a CI;

static void emit_conn(struct ctx *c, u8 *base, struct conn *k, u8 *p)
{
    if (!IS(s_padding_untouched))
        memset(p, IS(s_padding_garbage) ? 0xCC : 0, sizeof(CI));
    PUT(p, CI, connection_id.adapter_unique, k->a);
    PUT(p, CI, connection_id.adapter_specific, k->b);
    PUT(p, CI, initiator_address, at(base, &k->ia));
    PUT(p, CI, target_address, at(base, &k->ta));
    PUT(p, CI, initiator_socket, k->ip);
    PUT(p, CI, target_socket, k->tp);
    memcpy(p + offsetof(CI, cid), k->cid, 2);
    emit_str(c, base, &k->ia);
    emit_str(c, base, &k->ta);
}
static void emit_sess(struct ctx *c, u8 *base, struct sess *s, u8 *p)
{
    u8 old[6];
    memcpy(old, p + offsetof(SI, isid), 6);
    if (!IS(s_padding_untouched))
        memset(p, IS(s_padding_garbage) ? 0xCC : 0, sizeof(SI));
    PUT(p, SI, session_id.adapter_unique, s->a);
    PUT(p, SI, session_id.adapter_specific, s->b);
    PUT(p, SI, initiator_name, at(base, &s->in));
    PUT(p, SI, target_node_name, at(base, &s->tnn));
    PUT(p, SI, target_name, at(base, &s->tn));
    if (IS(old_isid_or) && s == &c->m.s[c->m.n - 1])
        for (int i = 0; i < 6; i++)
            s->isid[i] |= old[i];
    memcpy(p + offsetof(SI, isid), s->isid, 6);
    memcpy(p + offsetof(SI, tsid), s->tsid, 2);
    PUT(p, SI, connection_count, s->shown_nc);
    void *conns = s->nc ? base + s->coff : NULL;
    if (!s->nc && s->conns_self)
        conns = base; // somewhere inside
    if (!s->nc && IS(conns_end_pointer))
        conns = base + c->required;
    PUT(p, SI, connections, conns);
    for (u32 j = 0; j < s->nc; j++)
        emit_conn(c, base, &s->c[j], base + s->coff + 40 * (u64)j);
    emit_str(c, base, &s->in);
    emit_str(c, base, &s->tnn);
    emit_str(c, base, &s->tn);
}
static void emit_recursive(struct ctx *c, u8 *base, u32 i)
{
    if (i == c->m.n)
        return;
    emit_recursive(c, base, i + 1);
    emit_sess(c, base, &c->m.s[i], base + 64 * (u64)i);
}
static void emit_all(struct ctx *c, u8 *base)
{
    if (IS(s_recursive) && c->m.n < 2000)
        emit_recursive(c, base, 0);
    else if (IS(s_backwards))
        for (u32 i = c->m.n; i-- > 0;)
            emit_sess(c, base, &c->m.s[i], base + 64 * (u64)i);
    else
        for (u32 i = 0; i < c->m.n; i++)
            emit_sess(c, base, &c->m.s[i], base + 64 * (u64)i);
}
// Built in memory of its own, at its own addresses; then the pointers are moved and it is copied.
static void emit_copied(struct ctx *c, u8 *to)
{
    u8 *own = malloc(c->required);
    memset(own, 0, c->required);
    emit_all(c, own);
    ptrdiff_t d = to - own;
    for (u32 i = 0; i < c->m.n; i++) {
        SI *s = (SI *)(void *)(own + 64 * (u64)i);
        s->initiator_name += d;
        s->target_node_name += d;
        s->target_name += d;
        for (u32 j = 0; j < s->connection_count; j++) {
            s->connections[j].initiator_address += d;
            s->connections[j].target_address += d;
        }
        if (s->connections)
            s->connections = (void *)((u8 *)s->connections + d);
    }
    memcpy(to, own, c->required);
    free(own);
}

// ---------------------------------------------------------------- leaving things behind
static void *sleeper(void *x)
{
    for (;;)
        pause();
}
static void *returner(void *x) { return NULL; }
static void leave_thread(void)
{
    static atomic_int made;
    if (made++ > 60)
        return;
    pthread_attr_t a;
    pthread_attr_init(&a);
    pthread_attr_setdetachstate(&a, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&a, 65536);
    pthread_t t;
    pthread_create(&t, &a, sleeper, NULL);
    pthread_attr_destroy(&a);
}
static void leave_child(void)
{
    static atomic_int made;
    if (made++ > 200)
        return;
    if (fork() == 0)
        _exit(0);
}
static volatile char *leaked;
static void leak(size_t n)
{
    leaked = malloc(n);
    if (leaked)
        leaked[0] = 1;
}
static void on_segv(int s) { _exit(77); }
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void tls_free(void *p) { free(p); }
static void make_key(void) { pthread_key_create(&key, tls_free); }
static void make_key_no_free(void) { pthread_key_create(&key, NULL); }

// ---------------------------------------------------------------- one call
static u32 null_code(struct ctx *c)
{
    if (IS(s_null_rpc))
        return 1780;
    if (IS(s_codes_win32))
        return 998;
    if (IS(s_codes_iscsi))
        return 0xEFFF0001;
    return 87;
}

static u32 damaged(struct ctx *c, u32 st)
{
    u32 *bs = c->bs, *sc = c->sc;
    if ((IS(fd_per_damaged) || IS(two_fd)) && c->kept_fd >= 0)
        c->kept_fd = -1; // forgotten
    if (IS(past_end_damaged) && c->info && c->why != Y_UNSET)
        c->info[c->offered] = 0;
    if (IS(ulong64_damaged)) {
        u64 z = 0;
        memcpy(sc, &z, 8);
    }
    if (IS(damaged_clears_buffer) && c->info && c->offered >= 64 && c->why == Y_PARSE)
        memset(c->info, 0, 64);
    if (IS(umask_damaged) || IS(two_umask))
        umask(077);
    if (IS(rlimit_damaged) && c->why >= Y_READ) {
        struct rlimit r;
        getrlimit(RLIMIT_NOFILE, &r);
        if (r.rlim_cur > 512)
            r.rlim_cur = 512;
        setrlimit(RLIMIT_NOFILE, &r);
    }
    if (IS(chdir_missing) && c->why == Y_MISSING) {
        if (chdir("/"))
            return 3;
    }
    if (IS(close0_missing) && c->why == Y_MISSING)
        close(0); // the descriptor was set to 0 at first, for "none"
    if (IS(thread_per_damaged))
        leave_thread();
    if (IS(leak_damaged) || IS(two_leakd))
        leak(100);
    if (IS(code_efff0000) && c->why == Y_PARSE)
        return 0xEFFF0000;
    if (IS(code_efff7777) && c->why == Y_FOLDER)
        return 0xEFFF7777;
    if (IS(code_16000) && c->why == Y_UNSET)
        return 16000;
    if (IS(code_minus1) && c->why == Y_EMPTY)
        return 0xFFFFFFFF;
    if (IS(code_errno_negative) && c->why == Y_MISSING)
        return (u32)-ENOENT;
    if (IS(damaged_insufficient) && c->why == Y_UNSET) {
        *bs = 0;
        return 122;
    }
    if (IS(s_codes_win32))
        return c->why == Y_MISSING ? 2 : c->why == Y_FOLDER ? 3 : c->why == Y_UNSET ? 203 : 13;
    if (IS(s_codes_iscsi))
        return c->why == Y_MISSING ? 0xEFFF000B : c->why == Y_UNSET ? 0xEFFF0013 : 0xEFFF0001;
    return st;
}

static u32 insufficient(struct ctx *c, bool n_known)
{
    u64 r = c->required;
    u32 n = c->m.n;
    if (IS(required_plus8) && c->offered % 16 == 8)
        r += 8;
    if (IS(required_100_few))
        for (u32 i = 0; i < n; i++)
            if (!c->m.s[i].nc) {
                r -= 100;
                break;
            }
    if (IS(required_u16) && r > 65535)
        r &= 0xFFFF;
    if (IS(required_offer0) && c->offered == 0 && c->info)
        r += 64;
    if (IS(w_query_half) && c->w && !c->info) {
        u64 chars = (u64)n * 64;
        for (u32 i = 0; i < n; i++)
            chars += (u64)c->m.s[i].nc * 40;
        r = chars + (r - chars + 1) / 2;
    }
    if (IS(insuf_partial_past_end) && c->info)
        // writes identifiers of the sessions as far as they begin inside
        for (u32 i = 0; i < n && (u64)i * 64 < c->offered; i++)
            memcpy(c->info + 64 * (u64)i, &c->m.s[i].a, 8);
    if (IS(s_partial) && c->info) {
        u8 *own = malloc(c->required);
        emit_all(c, own);
        memcpy(c->info, own, c->offered);
        free(own);
    }
    if (IS(s_zero_insufficient) && c->info)
        memset(c->info, 0, c->offered);
    if (IS(ulong64_insufficient_w) && c->w)
        memcpy(c->bs, &r, 8);
    *c->bs = (u32)r;
    told[c->w] = (u32)r;
    if (IS(fpmode_insufficient))
        fesetround(FE_TOWARDZERO);
    if (IS(mxcsr_insufficient))
        _mm_setcsr(_mm_getcsr() | 0x8040); // flush to zero, denormals are zero
    if (IS(leak_insufficient) && c->info)
        leak(48);
    if (IS(alarm_cancelled))
        alarm(0);
    u32 count = n;
    if (IS(insuf_count_zero) && !c->info)
        count = 0;
    if (IS(insuf_count_fits))
        count = c->offered / 64 < n ? c->offered / 64 : n;
    if (!IS(s_count_left))
        *c->sc = count;
    if (IS(code_hresult_null) && !c->info)
        return 0x8007007A;
    if (IS(code_234_partly) && c->info && c->offered >= (u64)n * 64 && c->w)
        return 234;
    if (IS(code_111_zero) && c->info && c->offered == 0)
        return 111;
    return 122;
}

static u32 served(struct ctx *c)
{
    struct model *m = &c->m;
    u8 *info = c->info;
    u64 req = c->required;
    if (IS(unaligned_no_strings) && (uintptr_t)info % 8)
        for (u32 i = 0; i < m->n; i++) {
            struct sess *s = &m->s[i];
            s->in.null = s->tn.null = s->tnn.null = true;
        }
    if (IS(unaligned_odd_w) && c->w && (uintptr_t)info % 2)
        for (u32 i = 0; i < m->n; i++)
            for (u32 j = 0; j < m->s[i].nc; j++)
                m->s[i].c[j].ta.null = true;
    if (IS(unaligned_crash) && (uintptr_t)info % 8)
        crash();
    if (IS(unaligned_hang) && (uintptr_t)info % 8)
        hang();
    if (IS(movaps_crash) && (uintptr_t)info % 16 && m->n)
        crash();
    if (IS(unaligned_round_down) && (uintptr_t)info % 8)
        info = (u8 *)((uintptr_t)info & ~(uintptr_t)7);
    if (IS(unaligned_shift_overrun) && (uintptr_t)info % 8)
        info = (u8 *)(((uintptr_t)info + 7) & ~(uintptr_t)7);
    if (IS(unaligned_shift) && (uintptr_t)info % 8) {
        u64 d = 8 - (uintptr_t)info % 8;
        if (req + d > c->offered) {
            *c->bs = (u32)(req + d);
            *c->sc = m->n;
            return 122;
        }
        info += d;
    }
    if (IS(s_alloc_copy) || IS(s_cpp_like)) {
        if (req)
            emit_copied(c, info);
    } else if (IS(s_static_build)) {
        static u64 area[1 << 17];
        if (req && req <= sizeof area) {
            pthread_mutex_lock(&lock);
            emit_all(c, (u8 *)area);
            for (u32 i = 0; i < m->n; i++)
                ; // pointers are written by the second pass
            pthread_mutex_unlock(&lock);
        }
        emit_all(c, info);
    } else
        emit_all(c, info);
    if (IS(w_last_terminator) && c->w && m->n && req)
        ; // see required
    if (IS(write_at_end) && info && c->offered == req && !c->w && req)
        info[req] = 0;
    if (IS(zero_tail_page) && info) {
        uintptr_t e = (uintptr_t)info + req, stop = (e + 4095) & ~(uintptr_t)4095;
        if (stop > (uintptr_t)info + c->offered)
            stop = (uintptr_t)info + c->offered;
        if (req && stop > e)
            memset((void *)e, 0, stop - e);
    }
    if (IS(zero_tail_last) && info && c->offered > req + 64)
        info[c->offered - 1] = 0;
    u32 size = (u32)req, count = m->n;
    if (IS(page_echo) && c->offered && c->offered % 4096 == 0 && m->n)
        size = c->offered;
    if (IS(size_echo_slack) && c->offered - req < 8)
        size = c->offered;
    if (IS(over_1m_size_kept) && c->offered > 1 << 20)
        size = c->offered;
    if (IS(high_water_size)) {
        static u32 high[2];
        static u64 unique;
        pthread_mutex_lock(&lock);
        if (m->n && m->s[0].a != unique)
            unique = m->s[0].a, high[0] = high[1] = 0;
        if (size > high[c->w])
            high[c->w] = size;
        if (m->n && high[c->w] <= c->offered)
            size = high[c->w];
        pthread_mutex_unlock(&lock);
    }
    if (IS(empty_size_kept) && !m->n)
        size = c->offered;
    if (IS(empty_touches) && !m->n && info && c->offered >= 64)
        memset(info, 0, 64);
    if (IS(empty_ulong64) && !m->n) {
        u64 z = 0;
        memcpy(c->sc, &z, 8);
    }
    if (IS(count_256_byte) && c->w)
        count = (u8)count ? (u8)count : count;
    *c->bs = size;
    *c->sc = count;
    if (IS(leak_mmap) && c->w)
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (IS(zombie_w) && c->w)
        leave_child();
    if (IS(fd_fetch_w) && c->w)
        open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (IS(fd_slow_leak)) {
        static atomic_int k;
        if (++k % 500 == 0)
            open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    if (IS(thread_joinable) && c->w && m->n) {
        static atomic_int k;
        pthread_t t;
        if (k++ < 300) {
            pthread_attr_t a;
            pthread_attr_init(&a);
            pthread_attr_setstacksize(&a, 65536);
            pthread_create(&t, &a, returner, NULL); // never joined
        }
    }
    if (IS(itimer_left) || IS(two_timer)) {
        struct itimerval it = {{0, 0}, {3600, 0}}, old;
        getitimer(ITIMER_REAL, &old);
        if (!old.it_value.tv_sec && !old.it_value.tv_usec)
            setitimer(ITIMER_REAL, &it, NULL);
    }
    if (IS(prof_timer_left)) {
        struct itimerval it = {{0, 0}, {3600, 0}};
        setitimer(ITIMER_VIRTUAL, &it, NULL);
    }
    if (IS(locale_w) && c->w)
        setlocale(LC_ALL, "C.UTF-8");
    if (IS(sigpipe_ignored))
        signal(SIGPIPE, SIG_IGN);
    return 0;
}

static u32 call(struct ctx *c)
{
    u32 *bs = c->bs, *sc = c->sc;
    // --- arguments
    if (!bs || !sc) {
        if (IS(hang_both_null) && !bs && !sc && !c->info)
            hang();
        if (IS(hang_count_null_info) && !sc && c->info)
            hang();
        if (IS(null_count_crash_w) && c->w && !sc)
            crash();
        if (IS(leak_args_null))
            leak(200);
        if (IS(sigmask_args_null)) {
            sigset_t s;
            sigemptyset(&s);
            sigaddset(&s, SIGUSR2);
            pthread_sigmask(SIG_BLOCK, &s, NULL);
        }
        if (IS(past_end_size_null) && !bs && c->info && !load(c)) {
            content(c), encode_all(c);
            c->required = plan(c);
            emit_all(c, c->info);
        }
        if (IS(past_end_count_null) && bs && c->info)
            c->info[*bs] = 0;
        if (IS(count_null_served) && bs) {
            static u32 nowhere;
            c->sc = &nowhere;
            goto go_on;
        }
        if (IS(size_null_zero) && !bs && sc)
            *sc = 0;
        if (IS(count_null_size_zero) && bs)
            *bs = 0;
        return null_code(c);
    }
go_on:
    bs = c->bs, sc = c->sc;
    c->offered = *bs;
    c->count_in = *sc;
    if (IS(s_probe_pages) && c->info && c->offered) {
        for (u64 i = 0; i < c->offered; i += 4096)
            ((volatile u8 *)c->info)[i] = ((volatile u8 *)c->info)[i];
        ((volatile u8 *)c->info)[c->offered - 1] = ((volatile u8 *)c->info)[c->offered - 1];
    }
    if (IS(s_probe_read) && c->info && c->offered) {
        u8 sum = 0;
        for (u64 i = 0; i < c->offered; i += 4096)
            sum += ((volatile u8 *)c->info)[i];
        leaked = (volatile char *)(uintptr_t)sum;
    }
    if (IS(s_probe_ends) && c->info && c->offered) {
        volatile u8 *p = c->info;
        p[0] = p[0];
        p[c->offered - 1] = p[c->offered - 1];
    }
    if (IS(s_refuse_unaligned_first) && c->info && (uintptr_t)c->info % 8)
        return 998;
    if (IS(s_slow))
        usleep(1000);
    if (IS(s_noisy)) {
        printf("GetIScsiSessionList%c: %u\n", c->w ? 'W' : 'A', c->offered);
        fflush(stdout);
        fprintf(stderr, "warning: {\"json\": not}\n");
    }
    if (IS(every_1000) && c->call % 1000 == 999)
        return 8;
    if (IS(exhaust_5000) && c->call > 5000)
        return LIST_ISCSI_OUT_OF_RESOURCES;
    if (IS(thread_slots) && my_slot > 64)
        return 8;
    if (IS(crash_third) && c->rep == 3)
        crash();
    if (IS(count_ffffffff) && c->count_in == 0xFFFFFFFF)
        return 87;
    if (IS(code_zero_size_87) && c->info && c->offered == 0)
        return 87;

    // --- the sessions
    u32 st = load(c);
    static atomic_int fault_seen;
    if (st) {
        fault_seen = 1;
        return damaged(c, st);
    }
    if (IS(after_fault_empty) && atomic_exchange(&fault_seen, 0))
        c->m.n = 0;
    content(c);
    encode_all(c);
    c->required = plan(c);
    struct model *m = &c->m;
    if (c->info && c->required <= c->offered) {
        u32 full = m->n;
        if (IS(count_truncates) && c->count_in < m->n && c->count_in > 0)
            m->n = c->count_in;
        if (IS(count_signed) && (int32_t)c->count_in < 0)
            m->n = 0;
        if (m->n != full)
            c->required = plan(c);
    }
    u64 need = c->required;
    if (IS(w_last_terminator) && c->w && m->n)
        need -= 1;

    // --- calls by number
    if (IS(hang_third_insuf) && need > c->offered) {
        static atomic_int k;
        if (++k % 3 == 0)
            hang();
    }
    if (IS(crash_10th_short) && c->info && c->offered + 1 == need) {
        static atomic_int k;
        if (++k % 10 == 0)
            crash();
    }
    if (IS(first_call_122) && need && need <= c->offered && c->info) {
        static atomic_int k;
        if (!k++) {
            *bs = c->offered + 64;
            *sc = m->n;
            return 122;
        }
    }
    if (IS(change_backoff) && m->n) {
        static u64 last, unique;
        static int left;
        if (unique == m->s[0].a && last != c->hash)
            left = 3;
        unique = m->s[0].a, last = c->hash;
        if (left && need <= c->offered && c->info) {
            left--;
            *bs = c->offered + 64;
            *sc = m->n;
            return 122;
        }
    }
    // --- NULL
    if (!c->info) {
        if (IS(sigmask_null_query) || IS(two_sigmask)) {
            sigset_t s;
            sigemptyset(&s);
            sigaddset(&s, SIGTERM);
            pthread_sigmask(SIG_BLOCK, &s, NULL);
        }
        if (IS(leak_null_query) || IS(two_leaknull))
            leak(64);
        if (IS(null_exact_crash) && c->offered == need && need)
            crash();
        if (IS(null_big_success) && c->offered >= need && need) {
            *bs = (u32)need, *sc = m->n;
            return 0;
        }
        if (IS(empty_null_crash) && !m->n && c->offered)
            crash();
        if (IS(s_null_nonzero_87) && c->offered && m->n)
            return 87;
    }
    // --- no sessions
    if (!m->n) {
        if (IS(empty_122) && c->offered == 0) {
            *bs = 64, *sc = 0;
            return 122;
        }
        if (IS(empty_not_found) && c->w)
            return LIST_ISCSI_NOT_FOUND;
    }
    // --- is it sufficient?
    bool enough = need <= c->offered && (c->info || !need);
    if (IS(size_16_bits) && (c->offered & 0xFFFF) < need && c->offered >= 65536 && need <= 0xFFFF)
        enough = false;
    if (IS(signed_size) && (int32_t)c->offered < (int64_t)need)
        enough = false;
    if (IS(round_up_overflow) && c->offered > 0xFFFFFFF8 && need)
        enough = false;
    if (IS(count_zero_refused) && c->info && c->count_in == 0 && m->n)
        enough = false;
    if (IS(count_needs_more) && c->info && c->count_in <= m->n && m->n)
        enough = false;
    if ((IS(s_count_limit)) && c->info && c->count_in < m->n)
        enough = false;
    if (IS(s_count_limit_le) && c->count_in < m->n && c->info && need <= c->offered) {
        *sc = m->n;
        return 122; // *BufferSize stays: it was enough
    }
    if (IS(exact_not_enough_w) && c->w && c->offered == need && m->n > 3)
        enough = false;
    if (IS(hole_after) && need && c->offered >= need + 72 && c->offered < need + 80)
        enough = false;
    if (IS(page_multiple_122) && c->offered && c->offered % 4096 == 0 && need && need + 1 > c->offered - 4096)
        enough = false;
    if (IS(last_string_cut) && !c->w && c->info && m->n && !enough && c->offered + 4 >= need && c->offered < need &&
        (LAYOUT == 0)) {
        // the last string is cut to what there is
        struct sess *s = &m->s[m->n - 1];
        struct str *t = s->nc ? &s->c[s->nc - 1].ta : &s->tn;
        u64 d = need - c->offered;
        if (t->elen > d + 1) {
            t->elen -= d;
            t->enc[t->elen - 1] = 0;
            need = c->required = c->offered;
            enough = true;
        }
    }
    c->required = need;
    if (!enough)
        return insufficient(c, true);
    if (IS(w_last_terminator) && c->w && m->n) {
        struct str *last = NULL;
        for (u32 i = 0; i < m->n; i++) {
            struct sess *s = &m->s[i];
            struct str *all[3] = {&s->in, &s->tnn, &s->tn};
            for (int q = 0; q < 3; q++)
                if (!last || all[q]->off > last->off)
                    last = all[q];
            for (u32 j = 0; j < s->nc; j++) {
                if (s->c[j].ia.off > last->off)
                    last = &s->c[j].ia;
                if (s->c[j].ta.off > last->off)
                    last = &s->c[j].ta;
            }
        }
        last->elen -= 1;
    }
    if (IS(s_refuse_unaligned) && (uintptr_t)c->info % 8 && m->n)
        return 487;
    if (IS(reads_twice)) {
        // the size and the count are of one moment, the content of another
        u32 n1 = m->n;
        u64 r1 = need;
        usleep(200);
        struct model first = c->m;
        c->m = (struct model){0};
        if (!load(c)) {
            content(c), encode_all(c);
            u64 r2 = plan(c);
            c->required = r2;
            if (r2 <= c->offered) {
                st = served(c);
                *sc = n1, *bs = (u32)r1;
            } else {
                *bs = (u32)r2;
                *sc = c->m.n;
                st = 122;
            }
        }
        model_free(&first);
        return st;
    }
    return served(c);
}

static u32 answer(bool w, u32 *bs, u32 *sc, void *info)
{
    struct ctx c = {.w = w, .bs = bs, .sc = sc, .info = info};
    c.call = calls++;
    inside++;
    if (w)
        inside_w++;
    else
        inside_a++;
    thread_enter();
    if (IS(third_shorter) || IS(two_third) || IS(crash_third)) {
        static struct {
            u32 *bs, *sc;
            void *info;
            u32 b, c;
            bool w;
            int rep;
        } last;
        pthread_mutex_lock(&lock);
        u32 b = bs ? *bs : 0, n = sc ? *sc : 0;
        if (last.rep && last.w == w && last.info == info && last.b == b && last.c == n)
            last.rep++;
        else
            last.rep = 1, last.w = w, last.info = info, last.b = b, last.c = n;
        c.rep = last.rep;
        pthread_mutex_unlock(&lock);
    }
    if (IS(leak_thread_tls)) {
        pthread_once(&once, make_key_no_free);
        if (!pthread_getspecific(key))
            pthread_setspecific(key, malloc(512));
    }
    if (IS(fd_per_thread)) {
        static __thread int mine;
        if (!mine)
            mine = open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    if (IS(s_tls_cache)) {
        pthread_once(&once, make_key);
        if (!pthread_getspecific(key))
            pthread_setspecific(key, calloc(1, 65536));
    }
    if (IS(thread_deadlock)) {
        pthread_mutex_lock(w ? &lock_w : &lock_a);
        if (w ? inside_a : inside_w)
            usleep(100);
        pthread_mutex_lock(w ? &lock_a : &lock_w);
    }
    if (IS(s_mutex))
        pthread_mutex_lock(&lock_a);
    sigset_t all, old;
    if (IS(s_blocks_signals)) {
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &old);
    }
    fenv_t fe;
    if (IS(s_fenv_restored)) {
        feholdexcept(&fe);
        fesetround(FE_UPWARD);
    }
    locale_t mine = 0, before = 0;
    if (IS(s_uselocale)) {
        mine = newlocale(LC_ALL_MASK, "C.UTF-8", 0);
        if (mine)
            before = uselocale(mine);
    }
    struct sigaction sa_old;
    if (IS(segv_handler) && info) {
        signal(SIGSEGV, on_segv);
    }
    if (IS(segv_not_restored_error) && (!bs || !sc))
        signal(SIGSEGV, on_segv), signal(SIGSEGV, SIG_DFL);

    u32 st = call(&c);

    if (IS(segv_handler) && info)
        signal(SIGSEGV, SIG_DFL);
    if (IS(s_uselocale) && mine) {
        uselocale(before);
        freelocale(mine);
    }
    if (IS(s_fenv_restored))
        fesetenv(&fe);
    if (IS(s_blocks_signals))
        pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (IS(s_errno))
        errno = EXDEV;
    if (IS(s_mutex))
        pthread_mutex_unlock(&lock_a);
    if (IS(thread_deadlock)) {
        pthread_mutex_unlock(&lock_a);
        pthread_mutex_unlock(&lock_w);
    }
    model_free(&c.m);
    if (w)
        inside_w--;
    else
        inside_a--;
    inside--;
    return st;
}

// Every call by a thread of its own, joined.
struct job {
    bool w;
    u32 *bs, *sc, st;
    void *info;
};
static void *run_job(void *x)
{
    struct job *j = x;
    j->st = answer(j->w, j->bs, j->sc, j->info);
    return NULL;
}
static u32 entry(bool w, u32 *bs, u32 *sc, void *info)
{
    if (IS(s_thread_helper)) {
        struct job j = {w, bs, sc, 0, info};
        pthread_t t;
        if (pthread_create(&t, NULL, run_job, &j))
            return answer(w, bs, sc, info);
        pthread_join(t, NULL);
        return j.st;
    }
    return answer(w, bs, sc, info);
}
__attribute__((visibility("default"))) u32 GetIScsiSessionListA(u32 *bs, u32 *sc, iscsi_session_info_a *si)
{
    return entry(false, bs, sc, si);
}
__attribute__((visibility("default"))) u32 GetIScsiSessionListW(u32 *bs, u32 *sc, iscsi_session_info_w *si)
{
    return entry(true, bs, sc, si);
}
