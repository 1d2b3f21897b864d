// SPDX-License-Identifier: Apache-2.0
// Damages a session table. Most damages are a change of the good table's text; some put something
// else under its name.
#include "emulator/table/damages.h"

#include "emulator/table/replacement.h"

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

enum { GARBAGE_SIZE = 4096 };

// Says what is wrong with the table, or why the damage can't be tried. Returns 1, which is what
// `apply` returns in that case.
__attribute__((format(printf, 2, 3))) static int say(struct damage_task *task, const char *format,
                                                     ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(task->sentence, task->sentence_size, format, arguments);
    va_end(arguments);
    return 1;
}

static int fail_at(const struct damage_task *task, const char *what)
{
    return failure_set(task->failure, STATUS_UNTRUSTED, "session table: %s: can't %s: %s%s",
                       task->path, what, strerror(errno), failure_room(errno));
}

// ---- putting something in the table's place ----

// Makes something beside the table and renames it over the table's path.
static int replace(const struct damage_task *task, replacement_maker *make, const void *argument)
{
    return replacement_clear_folder(task->path, task->failure) != 0
               ? -1
               : replacement_put(task->path, make, argument, task->failure);
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

// Puts a file with the text, as it is now, at the path.
static int put(const struct damage_task *task)
{
    return replacement_clear_folder(task->path, task->failure) != 0
               ? -1
               : replacement_write(task->path, task->table.text, task->table.size, task->failure);
}

// ---- the text ----

static size_t line_count(const struct damage_table *table)
{
    size_t count = 0;
    for (size_t i = 0; i < table->size; i++)
        count += table->text[i] == '\n';
    return count;
}

// Where the line after the one at `at` begins; the text's size: there is none.
static size_t next_line(const struct damage_table *table, size_t at)
{
    const char *end = memchr(table->text + at, '\n', table->size - at);
    return end == NULL ? table->size : (size_t)(end - table->text) + 1;
}

// Where a line begins, from 1; past the last: the text's size.
static size_t line_start(const struct damage_table *table, size_t line)
{
    size_t at = 0;
    for (; line > 1 && at < table->size; line--)
        at = next_line(table, at);
    return at;
}

// Where a field (from 0) of the line at `at` begins, and its length. The line must have the field.
static size_t field_start(const struct damage_table *table, size_t at, size_t field, size_t *length)
{
    for (; field > 0; field--)
        at += strcspn(table->text + at, "\t\n") + 1;
    *length = strcspn(table->text + at, "\t\n");
    return at;
}

// Where the first record of a kind begins; the text's size: there is none.
static size_t find_record(const struct damage_table *table, const char *word)
{
    size_t at = 0;
    size_t length = 0;
    for (; at < table->size; at = next_line(table, at)) {
        field_start(table, at, 0, &length);
        if (length == strlen(word) && memcmp(table->text + at, word, length) == 0)
            break;
    }
    return at;
}

// Puts `text` in the place of `length` bytes at `at`.
static int exchange(struct damage_task *task, size_t at, size_t length, const char *text)
{
    struct damage_table *table = &task->table;
    size_t added = strlen(text);
    char *changed = calloc(1, table->size - length + added + 1);
    if (changed == NULL)
        return replacement_fail_memory(task->failure);
    memcpy(changed, table->text, at);
    stpcpy(changed + at, text);
    memcpy(changed + at + added, table->text + at + length, table->size - at - length);
    free(table->text);
    table->text = changed;
    table->size = table->size - length + added;
    return 0;
}

static int set_field(struct damage_task *task, size_t at, size_t field, const char *text)
{
    size_t length = 0;
    size_t start = field_start(&task->table, at, field, &length);
    return exchange(task, start, length, text) != 0 ? -1 : put(task);
}

static int set_number(struct damage_task *task, size_t at, size_t field, uint64_t number)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, number);
    return set_field(task, at, field, text);
}

// ---- the damages ----

static int apply_missing(struct damage_task *task)
{
    if (replacement_clear_folder(task->path, task->failure) != 0)
        return -1;
    return unlink(task->path) == 0 || errno == ENOENT ? 0 : fail_at(task, "be removed");
}

static int apply_empty(struct damage_task *task)
{
    task->table.size = 0;
    return put(task);
}

// Tries whether the file is unreadable now: what root or a capability may read depends on more than
// the user.
static int apply_unreadable(struct damage_task *task)
{
    if (put(task) != 0)
        return -1;
    if (chmod(task->path, 0) != 0)
        return fail_at(task, "change its mode");
    int fd = open(task->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == EACCES)
        return 0;
    if (fd >= 0)
        close(fd);
    return say(task, "this user (root?) may read a file of mode 000");
}

static int apply_folder(struct damage_task *task)
{
    if (apply_missing(task) != 0)
        return -1;
    return mkdir(task->path, 0700) == 0 ? 0 : fail_at(task, "make a folder there");
}

static int apply_fifo(struct damage_task *task)
{
    return replace(task, make_fifo, NULL);
}

static int apply_link(struct damage_task *task)
{
    return replace(task, make_link, task->damage->text);
}

static int apply_loop(struct damage_task *task)
{
    const char *slash = strrchr(task->path, '/');
    return replace(task, make_link, slash == NULL ? task->path : slash + 1);
}

// The same bytes in every run, of all values, so neither text nor zeroes.
static int apply_garbage(struct damage_task *task)
{
    say(task, "the table is %d bytes of garbage", (int)GARBAGE_SIZE);
    char *garbage = malloc(GARBAGE_SIZE + 1);
    if (garbage == NULL)
        return replacement_fail_memory(task->failure);
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

static int apply_no_header(struct damage_task *task)
{
    return exchange(task, 0, line_start(&task->table, 2), "") != 0 ? -1 : put(task);
}

static int apply_no_end(struct damage_task *task)
{
    task->table.size = line_start(&task->table, line_count(&task->table));
    return put(task);
}

static int apply_end_high(struct damage_task *task)
{
    size_t count = task->table.truth->session_count;
    say(task, "the table's end says %zu sessions, and it has %zu", count + 1, count);
    return set_number(task, find_record(&task->table, "end"), 1, count + 1);
}

static int apply_end_low(struct damage_task *task)
{
    size_t count = task->table.truth->session_count;
    if (count == 0)
        return say(task, "the table has no session, so its end can't say fewer");
    say(task, "the table's end says %zu sessions, and it has %zu", count - 1, count);
    return set_number(task, find_record(&task->table, "end"), 1, count - 1);
}

enum { // fields of lines
    HEADER_VERSION = 1,
    SESSION_UNIQUE = 1,
    SESSION_INITIATOR = 3,
    SESSION_ISID = 6,
    SESSION_TSID = 7,
    SESSION_CONNECTIONS = 8,
    CONNECTION_PORT = 6,
};

// Writes the text into the field of the first record of the kind.
static int apply_field(struct damage_task *task)
{
    const struct damage *damage = task->damage;
    size_t at = find_record(&task->table, damage->record);
    if (at == task->table.size)
        return say(task, "the table has no %s", damage->record);
    return set_field(task, at, damage->field, damage->text);
}

static int apply_count_high(struct damage_task *task)
{
    size_t at = find_record(&task->table, "session");
    if (at == task->table.size)
        return say(task, "the table has no session");
    size_t count = task->table.truth->sessions[0].connection_count;
    say(task, "the table's first session says %zu connections, and has %zu", count + 1, count);
    return set_number(task, at, SESSION_CONNECTIONS, count + 1);
}

// In the first session that has a connection.
static int apply_count_low(struct damage_task *task)
{
    const struct truth *truth = task->table.truth;
    size_t line = 2;
    size_t i = 0;
    for (; i < truth->session_count && truth->sessions[i].connection_count == 0; i++)
        line++;
    if (i == truth->session_count)
        return say(task, "the table has no connection");
    size_t count = truth->sessions[i].connection_count;
    say(task, "the table's session in line %zu says %zu connections, and has %zu", line, count - 1,
        count);
    return set_number(task, line_start(&task->table, line), SESSION_CONNECTIONS, count - 1);
}

// In place of a hex digit, so that the line is wrong both for a reader of bytes and of strings.
static int apply_nul(struct damage_task *task)
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

// A reader of strings takes what stands before it for the name.
static int apply_nul_in_name(struct damage_task *task)
{
    size_t at = find_record(&task->table, "session");
    size_t length = 0;
    if (at == task->table.size)
        return say(task, "the table has no session");
    at = field_start(&task->table, at, SESSION_INITIATOR, &length) + length - 1;
    task->table.text[at] = '\0';
    return put(task);
}

static int apply_missing_field(struct damage_task *task)
{
    size_t at = find_record(&task->table, "session");
    size_t length = 0;
    if (at == task->table.size)
        return say(task, "the table has no session");
    at = field_start(&task->table, at, SESSION_CONNECTIONS, &length) - 1; // with the TAB before it
    return exchange(task, at, length + 1, "") != 0 ? -1 : put(task);
}

static int apply_cut_after(struct damage_task *task)
{
    say(task, "the table is cut after line %zu", task->line);
    task->table.size = line_start(&task->table, task->line + 1);
    return put(task);
}

static int apply_cut_in(struct damage_task *task)
{
    size_t start = line_start(&task->table, task->line);
    size_t end = line_start(&task->table, task->line + 1);
    say(task, "the table is cut in the middle of line %zu", task->line);
    task->table.size = start + (end - start) / 2;
    return put(task);
}

const struct damage damages[] = {
    {"missing", apply_missing, .sentence = "the table is missing"},
    {"empty", apply_empty, .sentence = "the table is an empty file"},
    {"unreadable", apply_unreadable, .sentence = "the table may not be read (mode 000)"},
    {"folder", apply_folder, .sentence = "a folder is in the table's place"},
    {"fifo", apply_fifo, .sentence = "a FIFO that nobody writes to is in the table's place",
     .is_detail = true},
    {"endless", apply_link,
     .sentence = "the table is a symbolic link to /dev/zero, which never ends", .text = "/dev/zero",
     .is_detail = true},
    {"dangling-link", apply_link, .sentence = "the table is a symbolic link to nothing",
     .text = "there-is-no-such-file"},
    {"link-to-itself", apply_loop, .sentence = "the table is a symbolic link to itself"},
    {"garbage", apply_garbage, .sentence = NULL},
    {"other-version", apply_field,
     .sentence = "the table's first line names version 2 of the format",
     .record = "iscsidsc-session-table", .field = HEADER_VERSION, .text = "2"},
    {"no-header", apply_no_header, .sentence = "the table's first line is not there"},
    {"no-end", apply_no_end, .sentence = "the table's last line, end, is not there"},
    {"end-count-high", apply_end_high, .sentence = NULL},
    {"end-count-low", apply_end_low, .sentence = NULL},
    {"connection-count-high", apply_count_high, .sentence = NULL, .is_detail = true},
    {"connection-count-low", apply_count_low, .sentence = NULL, .is_detail = true},
    {"nul-byte", apply_nul, .sentence = NULL, .is_detail = true},
    {"nul-in-name", apply_nul_in_name,
     .sentence = "the table's first session has a NUL byte in its initiator name",
     .is_detail = true},
    {"not-hexadecimal", apply_field,
     .sentence = "the table's first session has an ISID that is not hexadecimal",
     .record = "session", .field = SESSION_ISID, .text = "00023dxyz001", .is_detail = true},
    {"short-hexadecimal", apply_field,
     .sentence = "the table's first session has a TSID of two digits", .record = "session",
     .field = SESSION_TSID, .text = "01", .is_detail = true},
    {"missing-field", apply_missing_field,
     .sentence = "the table's first session lacks its last field", .is_detail = true},
    {"port-no-number", apply_field,
     .sentence = "the table's first connection has a port that is no number",
     .record = "connection", .field = CONNECTION_PORT, .text = "iscsi", .is_detail = true},
};

const size_t damages_count = sizeof damages / sizeof damages[0];

const struct damage damages_cut_after = {"cut-after-line", apply_cut_after, .sentence = NULL};
const struct damage damages_cut_in = {"cut-in-line", apply_cut_in, .sentence = NULL};
