// Damages a session table. Most damages are a change of the good table's text; some are something
// else under its name.
#include "emulator/table/damage.h"

#include "emulator/table/session_table.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    GARBAGE_SIZE = 4096,
    NAME_TRIES = 1000, // for a name beside the table's that is free
};

// The good table's text, to be changed.
struct table {
    char *text;
    size_t size;
    const struct truth *truth;
};

// What is done with it.
struct task {
    const char *path;
    struct table table;
    size_t line; // of those that are done to each line: which; from 1
    char *sentence;
    size_t sentence_size;
    struct failure *failure;
};

__attribute__((format(printf, 2, 3))) static void say(struct task *task, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(task->sentence, task->sentence_size, format, arguments);
    va_end(arguments);
}

static int fail_memory(struct failure *failure)
{
    return failure_set(failure, STATUS_UNTRUSTED, "session table: out of memory");
}

static int fail_at(const struct task *task, const char *what)
{
    return failure_set(task->failure, STATUS_UNTRUSTED, "session table: %s: can't %s: %s%s",
                       task->path, what, strerror(errno), failure_room(errno));
}

// It can't be tried with what there is: the good table takes its place.
static int cannot(struct task *task, const char *reason)
{
    say(task, "%s", reason);
    return damage_repair(task->path, task->table.truth, task->failure) == 0 ? 1 : -1;
}

// ---- putting something in the table's place ----

// Nothing that is renamed can take a folder's place.
static int clear_folder(const char *path, struct failure *failure)
{
    struct stat status;
    if (lstat(path, &status) != 0 || !S_ISDIR(status.st_mode) || rmdir(path) == 0)
        return 0;
    return failure_set(failure, STATUS_UNTRUSTED, "session table: %s: can't remove the folder: %s",
                       path, strerror(errno));
}

// Makes something beside `path` under a name that is free. 0, or -1 with errno.
typedef int make_entry(const char *beside, const void *argument);

// Makes something beside the table and renames it over the table's path.
static int replace(const struct task *task, make_entry *make, const void *argument)
{
    char *beside = NULL;
    int made = -1;
    for (unsigned i = 0; i < NAME_TRIES && made != 0; i++) {
        free(beside);
        if (asprintf(&beside, "%s.damaged-%u", task->path, i) < 0)
            return fail_memory(task->failure);
        made = make(beside, argument);
        if (made != 0 && errno != EEXIST)
            break;
    }
    int result = 0;
    if (made != 0)
        result = fail_at(task, "make something beside it");
    if (result == 0)
        result = clear_folder(task->path, task->failure);
    if (result == 0 && rename(beside, task->path) != 0)
        result = fail_at(task, "be replaced");
    if (made == 0 && result != 0)
        unlink(beside);
    free(beside);
    return result;
}

static int make_link(const char *beside, const void *argument)
{
    return symlink(argument, beside);
}

static int make_fifo(const char *beside, const void *argument)
{
    (void)argument;
    return mkfifo(beside, 0600);
}

static int write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        bytes += written;
        size -= (size_t)written;
    }
    return 0;
}

static int make_file(const char *beside, const void *argument)
{
    const struct table *table = argument;
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    int result = write_all(fd, table->text, table->size);
    int error = errno;
    if (close(fd) != 0 && result == 0) { // some file systems report a full disk only here
        error = errno;
        result = -1;
    }
    if (result != 0)
        unlink(beside);
    errno = error;
    return result;
}

// Puts the text as it is now at the path.
static int put(const struct task *task)
{
    return replace(task, make_file, &task->table);
}

// ---- the text ----

static size_t line_count(const struct table *table)
{
    size_t count = 0;
    for (size_t i = 0; i < table->size; i++)
        count += table->text[i] == '\n';
    return count;
}

// Where a line begins, from 1; past the last: the text's end.
static size_t line_start(const struct table *table, size_t line)
{
    size_t at = 0;
    for (; line > 1 && at < table->size; line--) {
        const char *end = memchr(table->text + at, '\n', table->size - at);
        at = end == NULL ? table->size : (size_t)(end - table->text) + 1;
    }
    return at;
}

// Where a field (from 0) of the line at `at` begins, and how long it is. It must have it.
static size_t field_start(const struct table *table, size_t at, size_t field, size_t *length)
{
    for (; field > 0; field--)
        at += strcspn(table->text + at, "\t\n") + 1;
    *length = strcspn(table->text + at, "\t\n");
    return at;
}

// The first line of a kind of record; the text's size when there is none.
static size_t find_record(const struct table *table, const char *word)
{
    for (size_t at = 0; at < table->size;) {
        size_t length = 0;
        field_start(table, at, 0, &length);
        if (length == strlen(word) && memcmp(table->text + at, word, length) == 0)
            return at;
        const char *end = memchr(table->text + at, '\n', table->size - at);
        at = end == NULL ? table->size : (size_t)(end - table->text) + 1;
    }
    return table->size;
}

// Puts `text` in the place of `length` bytes at `at`.
static int exchange(struct task *task, size_t at, size_t length, const char *text)
{
    struct table *table = &task->table;
    size_t added = strlen(text);
    char *changed = calloc(1, table->size - length + added + 1);
    if (changed == NULL)
        return fail_memory(task->failure);
    memcpy(changed, table->text, at);
    stpcpy(changed + at, text);
    memcpy(changed + at + added, table->text + at + length, table->size - at - length);
    free(table->text);
    table->text = changed;
    table->size = table->size - length + added;
    return 0;
}

static int set_field(struct task *task, size_t at, size_t field, const char *text)
{
    size_t length = 0;
    size_t start = field_start(&task->table, at, field, &length);
    return exchange(task, start, length, text) != 0 ? -1 : put(task);
}

static int set_number(struct task *task, size_t at, size_t field, uint64_t number)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, number);
    return set_field(task, at, field, text);
}

// ---- the damages ----

static int apply_missing(struct task *task)
{
    say(task, "the table is missing");
    if (clear_folder(task->path, task->failure) != 0)
        return -1;
    return unlink(task->path) == 0 || errno == ENOENT ? 0 : fail_at(task, "be removed");
}

static int apply_empty(struct task *task)
{
    say(task, "the table is an empty file");
    task->table.size = 0;
    return put(task);
}

// Whether it is really unreadable is found by trying: what root or a capability may read depends on
// more than the user.
static int apply_unreadable(struct task *task)
{
    say(task, "the table may not be read (mode 000)");
    if (put(task) != 0)
        return -1;
    if (chmod(task->path, 0) != 0)
        return fail_at(task, "change its mode");
    int fd = open(task->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == EACCES)
        return 0;
    if (fd >= 0)
        close(fd);
    return cannot(task, "this user (root?) may read a file of mode 000");
}

static int apply_folder(struct task *task)
{
    say(task, "a folder is in the table's place");
    if (apply_missing(task) != 0)
        return -1;
    say(task, "a folder is in the table's place");
    return mkdir(task->path, 0700) == 0 ? 0 : fail_at(task, "make a folder there");
}

static int apply_fifo(struct task *task)
{
    say(task, "a FIFO that nobody writes to is in the table's place");
    return replace(task, make_fifo, NULL);
}

static int apply_endless(struct task *task)
{
    say(task, "the table is a symbolic link to /dev/zero, which never ends");
    return replace(task, make_link, "/dev/zero");
}

static int apply_dangling(struct task *task)
{
    say(task, "the table is a symbolic link to nothing");
    return replace(task, make_link, "there-is-no-such-file");
}

static int apply_loop(struct task *task)
{
    say(task, "the table is a symbolic link to itself");
    const char *slash = strrchr(task->path, '/');
    return replace(task, make_link, slash == NULL ? task->path : slash + 1);
}

// The same bytes in every run, of all values, so neither text nor zeroes.
static int apply_garbage(struct task *task)
{
    say(task, "the table is %d bytes of garbage", (int)GARBAGE_SIZE);
    char *garbage = malloc(GARBAGE_SIZE + 1);
    if (garbage == NULL)
        return fail_memory(task->failure);
    uint32_t state = 2463534242U; // Marsaglia's xorshift
    for (size_t i = 0; i < GARBAGE_SIZE; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        garbage[i] = (char)(state & 0xFF);
    }
    garbage[GARBAGE_SIZE] = '\0';
    free(task->table.text);
    task->table.text = garbage;
    task->table.size = GARBAGE_SIZE;
    return put(task);
}

static int apply_version(struct task *task)
{
    say(task, "the table's first line names version 2 of the format");
    return set_field(task, 0, 1, "2");
}

static int apply_no_header(struct task *task)
{
    say(task, "the table's first line is not there");
    return exchange(task, 0, line_start(&task->table, 2), "") != 0 ? -1 : put(task);
}

static int apply_no_end(struct task *task)
{
    say(task, "the table's last line, end, is not there");
    task->table.size = line_start(&task->table, line_count(&task->table));
    return put(task);
}

static int apply_end_high(struct task *task)
{
    size_t count = task->table.truth->session_count;
    say(task, "the table's end says %zu sessions, and it has %zu", count + 1, count);
    return set_number(task, find_record(&task->table, "end"), 1, count + 1);
}

static int apply_end_low(struct task *task)
{
    size_t count = task->table.truth->session_count;
    if (count == 0)
        return cannot(task, "the table has no session, so its end can't say fewer");
    say(task, "the table's end says %zu sessions, and it has %zu", count - 1, count);
    return set_number(task, find_record(&task->table, "end"), 1, count - 1);
}

// Fields of the first session's line, and of the first connection's.
enum {
    SESSION_UNIQUE = 1,
    SESSION_ISID = 6,
    SESSION_TSID = 7,
    SESSION_CONNECTIONS = 8,
    CONNECTION_PORT = 6,
};

static int apply_count_high(struct task *task)
{
    size_t at = find_record(&task->table, "session");
    if (at == task->table.size)
        return cannot(task, "the table has no session");
    size_t count = task->table.truth->sessions[0].connection_count;
    say(task, "the table's first session says %zu connections, and has %zu", count + 1, count);
    return set_number(task, at, SESSION_CONNECTIONS, count + 1);
}

// The first session that has a connection says one fewer.
static int apply_count_low(struct task *task)
{
    const struct truth *truth = task->table.truth;
    size_t line = 2;
    size_t i = 0;
    for (; i < truth->session_count && truth->sessions[i].connection_count == 0; i++)
        line++;
    if (i == truth->session_count)
        return cannot(task, "the table has no connection");
    size_t count = truth->sessions[i].connection_count;
    say(task, "the table's session in line %zu says %zu connections, and has %zu", line, count - 1,
        count);
    return set_number(task, line_start(&task->table, line), SESSION_CONNECTIONS, count - 1);
}

// Where a hex digit would be, so that it is wrong whether a reader thinks in bytes or in strings.
static int apply_nul(struct task *task)
{
    size_t at = find_record(&task->table, "session");
    size_t length = 0;
    bool session = at < task->table.size;
    say(task, "the table has a NUL byte in its %s", session ? "first session's line" : "end");
    if (session)
        at = field_start(&task->table, at, SESSION_UNIQUE, &length) + length / 2;
    else
        at = field_start(&task->table, find_record(&task->table, "end"), 1, &length);
    task->table.text[at] = '\0';
    return put(task);
}

static int apply_hex(struct task *task)
{
    size_t at = find_record(&task->table, "session");
    if (at == task->table.size)
        return cannot(task, "the table has no session");
    say(task, "the table's first session has an ISID that is not hexadecimal");
    return set_field(task, at, SESSION_ISID, "00023dxyz001");
}

static int apply_short_hex(struct task *task)
{
    size_t at = find_record(&task->table, "session");
    if (at == task->table.size)
        return cannot(task, "the table has no session");
    say(task, "the table's first session has a TSID of two digits");
    return set_field(task, at, SESSION_TSID, "01");
}

static int apply_missing_field(struct task *task)
{
    size_t at = find_record(&task->table, "session");
    size_t length = 0;
    if (at == task->table.size)
        return cannot(task, "the table has no session");
    say(task, "the table's first session lacks its last field");
    at = field_start(&task->table, at, SESSION_CONNECTIONS, &length) - 1; // with the TAB before it
    return exchange(task, at, length + 1, "") != 0 ? -1 : put(task);
}

static int apply_port(struct task *task)
{
    size_t at = find_record(&task->table, "connection");
    if (at == task->table.size)
        return cannot(task, "the table has no connection");
    say(task, "the table's first connection has a port that is no number");
    return set_field(task, at, CONNECTION_PORT, "iscsi");
}

static int apply_cut_after(struct task *task)
{
    say(task, "the table is cut after line %zu", task->line);
    task->table.size = line_start(&task->table, task->line + 1);
    return put(task);
}

static int apply_cut_in(struct task *task)
{
    size_t start = line_start(&task->table, task->line);
    size_t end = line_start(&task->table, task->line + 1);
    say(task, "the table is cut in the middle of line %zu", task->line);
    task->table.size = start + (end - start) / 2;
    return put(task);
}

struct damage {
    const char *name;
    int (*apply)(struct task *task); // as damage_apply
};

// Those that are done once. `/dev/zero`, garbage and the rest are ordered from gone to subtle.
static const struct damage damages[] = {
    {"missing", apply_missing},
    {"empty", apply_empty},
    {"unreadable", apply_unreadable},
    {"folder", apply_folder},
    {"fifo", apply_fifo},
    {"endless", apply_endless},
    {"dangling-link", apply_dangling},
    {"link-to-itself", apply_loop},
    {"garbage", apply_garbage},
    {"other-version", apply_version},
    {"no-header", apply_no_header},
    {"no-end", apply_no_end},
    {"end-count-high", apply_end_high},
    {"end-count-low", apply_end_low},
    {"connection-count-high", apply_count_high},
    {"connection-count-low", apply_count_low},
    {"nul-byte", apply_nul},
    {"not-hexadecimal", apply_hex},
    {"short-hexadecimal", apply_short_hex},
    {"missing-field", apply_missing_field},
    {"port-no-number", apply_port},
};

enum { DAMAGES = sizeof damages / sizeof damages[0] };

static const struct damage cut_after = {"cut-after-line", apply_cut_after};
static const struct damage cut_in = {"cut-in-line", apply_cut_in};

// Lines of the truth's table: header, sessions, connections, end.
static size_t truth_lines(const struct truth *truth)
{
    size_t lines = 2 + truth->session_count;
    for (size_t i = 0; i < truth->session_count; i++)
        lines += truth->sessions[i].connection_count;
    return lines;
}

// Behind those of the table: cut after each line, but for the last two, which are the good table
// and "no-end"; then in the middle of each line.
size_t damage_count(const struct truth *truth)
{
    size_t lines = truth_lines(truth);
    return DAMAGES + (lines - 2) + lines;
}

static const struct damage *find_damage(const struct truth *truth, size_t index, size_t *line)
{
    size_t lines = truth_lines(truth);
    *line = 0;
    if (index < DAMAGES)
        return &damages[index];
    index -= DAMAGES;
    if (index < lines - 2) {
        *line = index + 1;
        return &cut_after;
    }
    index -= lines - 2;
    *line = index + 1;
    return index < lines ? &cut_in : NULL;
}

const char *damage_name(const struct truth *truth, size_t index)
{
    size_t line = 0;
    const struct damage *damage = find_damage(truth, index, &line);
    return damage == NULL ? NULL : damage->name;
}

int damage_apply(const char *path, const struct truth *truth, size_t index, char *sentence,
                 size_t size, struct failure *failure)
{
    struct task task = {.path = path,
                        .table.truth = truth,
                        .sentence = sentence,
                        .sentence_size = size,
                        .failure = failure};
    const struct damage *damage = find_damage(truth, index, &task.line);
    if (damage == NULL)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "session table: there is no damage %zu; there are %zu", index,
                           damage_count(truth));
    task.table.text = session_table_text(truth, &task.table.size, failure);
    if (task.table.text == NULL)
        return -1;
    int result = damage->apply(&task);
    free(task.table.text);
    return result;
}

int damage_repair(const char *path, const struct truth *truth, struct failure *failure)
{
    if (clear_folder(path, failure) != 0)
        return -1;
    return session_table_write(path, truth, failure);
}

// ---- growth ----

struct damage_growth {
    int fd;
    size_t size;
    uint64_t unique;
    uint64_t specific; // of the last session appended
    char *path;
};

int damage_grow_begin(struct damage_growth **growth, const char *path, const struct truth *truth,
                      struct failure *failure)
{
    struct task task = {.path = path, .table.truth = truth, .failure = failure};
    char sentence[DAMAGE_SENTENCE_SIZE];
    task.sentence = sentence;
    task.sentence_size = sizeof sentence;
    int result = -1;
    struct damage_growth *begun = calloc(1, sizeof *begun);
    if (begun == NULL)
        return fail_memory(failure);
    begun->fd = -1;
    begun->path = strdup(path);
    task.table.text = session_table_text(truth, &task.table.size, failure);
    if (begun->path == NULL || task.table.text == NULL) {
        fail_memory(failure);
        goto out;
    }
    if (apply_no_end(&task) != 0)
        goto out;
    begun->size = task.table.size;
    begun->unique = truth->session_count > 0 ? truth->sessions[0].adapter_unique : 1;
    begun->specific = UINT64_C(1) << 32; // far from those of the truth
    begun->fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    result = begun->fd >= 0 ? 0 : fail_at(&task, "be opened to grow");

out:
    free(task.table.text);
    if (result == 0)
        *growth = begun;
    else
        damage_grow_end(begun);
    return result;
}

int damage_grow_step(struct damage_growth *growth, size_t size, struct failure *failure)
{
    char *text = NULL;
    size_t length = 0;
    if (growth->size >= DAMAGE_GROWTH_LIMIT)
        return 1;
    if (size > DAMAGE_GROWTH_LIMIT - growth->size)
        size = DAMAGE_GROWTH_LIMIT - growth->size;
    FILE *stream = open_memstream(&text, &length);
    if (stream == NULL)
        return fail_memory(failure);
    for (long written = 0; written >= 0 && (size_t)written < size; written = ftell(stream))
        fprintf(stream,
                "session\t%016" PRIx64 "\t%016" PRIx64
                "\tiqn.2024-01.test:growing\tiqn.2024-01.test:growing\tgrowing\t00023d000001\t"
                "0100\t0\n",
                growth->unique, ++growth->specific);
    bool broken = ferror(stream) != 0;
    if (fclose(stream) != 0 || broken) {
        free(text);
        return fail_memory(failure);
    }
    int result = write_all(growth->fd, text, length);
    if (result != 0)
        result = failure_set(failure, STATUS_UNTRUSTED, "session table: %s: can't grow: %s%s",
                             growth->path, strerror(errno), failure_room(errno));
    growth->size += length;
    free(text);
    return result;
}

void damage_grow_end(struct damage_growth *growth)
{
    if (growth == NULL)
        return;
    if (growth->fd >= 0)
        close(growth->fd);
    free(growth->path);
    free(growth);
}
