// SPDX-License-Identifier: Apache-2.0
// Applies the damages of the table in damages.c, and lets a table grow.
#include "emulator/table/damage.h"

#include "conformance/base/text.h"
#include "emulator/table/damages.h"
#include "emulator/table/replacement.h"
#include "emulator/table/session_table.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Lines of the truth's table: header, sessions, connections, end.
static size_t truth_lines(const struct truth *truth)
{
    size_t lines = 2 + truth->session_count;
    for (size_t i = 0; i < truth->session_count; i++)
        lines += truth->sessions[i].connection_count;
    return lines;
}

// After those of the table come: cut after each line but the last two (which would be the good
// table and "no-end"), then cut in the middle of each line.
size_t damage_count(const struct truth *truth)
{
    size_t lines = truth_lines(truth);
    return damages_count + (lines - 2) + lines;
}

static const struct damage *find_damage(const struct truth *truth, size_t index, size_t *line)
{
    size_t lines = truth_lines(truth);
    *line = 0;
    if (index < damages_count)
        return &damages[index];
    index -= damages_count;
    if (index < lines - 2) {
        *line = index + 1;
        return &damages_cut_after;
    }
    index -= lines - 2;
    *line = index + 1;
    return index < lines ? &damages_cut_in : NULL;
}

size_t damage_once_count(void)
{
    return damages_count;
}

const char *damage_name(const struct truth *truth, size_t index)
{
    size_t line = 0;
    const struct damage *damage = find_damage(truth, index, &line);
    return damage == NULL ? NULL : damage->name;
}

bool damage_is_detail(const struct truth *truth, size_t index)
{
    size_t line = 0;
    const struct damage *damage = find_damage(truth, index, &line);
    return damage != NULL && damage->is_detail;
}

int damage_apply(const char *path, const struct truth *truth, size_t index, char *sentence,
                 size_t size, struct failure *failure)
{
    struct damage_task task = {.path = path,
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
    task.damage = damage;
    if (damage->sentence != NULL)
        snprintf(sentence, size, "%s", damage->sentence);
    int result = damage->apply(&task);
    if (result > 0 && damage_repair(path, truth, failure) != 0)
        result = -1;
    free(task.table.text);
    return result;
}

int damage_repair(const char *path, const struct truth *truth, struct failure *failure)
{
    if (replacement_clear_folder(path, failure) != 0)
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
    int result = -1;
    struct damage_growth *begun = calloc(1, sizeof *begun);
    if (begun == NULL)
        return replacement_fail_memory(failure);
    begun->fd = -1;
    begun->path = strdup(path);
    char *text = session_table_text(truth, &begun->size, failure);
    if (begun->path == NULL || text == NULL) {
        replacement_fail_memory(failure);
        goto out;
    }
    do // without the last line
        begun->size--;
    while (begun->size > 0 && text[begun->size - 1] != '\n');
    if (replacement_clear_folder(path, failure) != 0 ||
        replacement_write(path, text, begun->size, failure) != 0)
        goto out;
    begun->unique = truth->session_count > 0 ? truth->sessions[0].adapter_unique : 1;
    begun->specific = UINT64_C(1) << 32; // far from those of the truth
    begun->fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    result = begun->fd >= 0 ? 0
                            : failure_set(failure, STATUS_UNTRUSTED,
                                          "session table: %s: can't be opened to grow: %s", path,
                                          strerror(errno));

out:
    free(text);
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
        return replacement_fail_memory(failure);
    for (long written = 0; written >= 0 && (size_t)written < size; written = ftell(stream))
        fprintf(stream,
                "session\t%016" PRIx64 "\t%016" PRIx64
                "\tiqn.2024-01.test:growing\tiqn.2024-01.test:growing\tgrowing\t00023d000001\t"
                "0100\t0\n",
                growth->unique, ++growth->specific);
    if (!text_close(stream, &text))
        return replacement_fail_memory(failure);
    int result = replacement_write_all(growth->fd, text, length);
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
