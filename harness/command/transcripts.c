// SPDX-License-Identifier: Apache-2.0
// Loads the transcripts that a command is given.
#include "harness/command/transcripts.h"

#include "harness/command/packed_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check_together(const struct transcripts *transcripts, const struct texts *paths,
                          struct failure *failure)
{
    const struct transcript *first = transcripts->items[0];
    for (size_t i = 1; i < transcripts->count; i++) {
        const struct transcript *one = transcripts->items[i];
        const char *path = paths->items[i];
        if (!one->calls_only && !first->calls_only &&
            strcmp(one->implementation, first->implementation) != 0)
            return failure_set(
                failure, STATUS_USAGE,
                "%s: recorded from %s, but %s from %s; judge one implementation at a "
                "time",
                path, one->implementation, paths->items[0], first->implementation);
        for (size_t j = 0; j < i; j++)
            if (strcmp(one->scenario, transcripts->items[j]->scenario) == 0)
                return failure_set(failure, STATUS_USAGE,
                                   "%s: of scenario \"%s\", as is %s; leave one of them out", path,
                                   one->scenario, paths->items[j]);
    }
    return 0;
}

int transcripts_read(struct transcript **transcript, const char *path, struct failure *failure)
{
    struct failure wrong = {0};
    if (transcript_load(transcript, packed_file_open(path), path, &wrong) == 0)
        return 0;
    // What comes of a damaged file may look like text that somebody got wrong.
    if (wrong.status == STATUS_USAGE && packed_file_is_damaged(path))
        return failure_set(failure, STATUS_USAGE,
                           "%s: is damaged or cut short: what gzip packed can't be unpacked; copy "
                           "or pack it again",
                           path);
    return failure_set(failure, wrong.status, "%s", wrong.text);
}

int transcripts_load(struct transcripts *transcripts, const struct texts *paths,
                     struct failure *failure)
{
    transcripts->items = calloc(paths->count, sizeof(struct transcript *));
    if (transcripts->items == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    for (size_t i = 0; i < paths->count; i++) {
        if (transcripts_read(&transcripts->items[i], paths->items[i], failure) != 0)
            return -1;
        transcripts->count++;
    }
    return check_together(transcripts, paths, failure);
}

int transcripts_refuse_cases(const struct transcripts *transcripts, const struct texts *paths,
                             struct failure *failure)
{
    for (size_t i = 0; i < transcripts->count; i++)
        if (transcripts->items[i]->calls_only)
            return failure_set(failure, STATUS_USAGE,
                               "%s: a case, whose calls have no outcomes; `iscsidsc-tck replay` "
                               "makes them and judges what comes of them",
                               paths->items[i]);
    return 0;
}

void transcripts_free(struct transcripts *transcripts)
{
    for (size_t i = 0; i < transcripts->count; i++)
        transcript_free(transcripts->items[i]);
    free(transcripts->items);
}

// The first call of a function of that family; NULL: there is none.
static const struct call *find_call(const struct transcripts *transcripts, enum family family)
{
    for (size_t i = 0; i < transcripts->count; i++)
        for (size_t j = 0; j < transcripts->items[i]->record_count; j++) {
            const struct call *call = &transcripts->items[i]->records[j].call;
            if (function_of((enum charset)call->charset)->family == family)
                return call;
        }
    return NULL;
}

static bool has_clause_of(const struct clause *const *clauses, size_t count, enum family family)
{
    for (size_t i = 0; i < count; i++)
        if (clauses[i]->family == family)
            return true;
    return false;
}

void transcripts_note_siblings(const struct transcripts *transcripts,
                               const struct clause *const *clauses, size_t count, const char *name)
{
    static const char *const groups[FAMILIES] = {
        [FAMILY_EX] = "EX",
        [FAMILY_TARGETS] = "TARGETS",
        [FAMILY_DEVICES] = "DEVICES",
        [FAMILY_MAPPINGS] = "MAPPINGS",
        [FAMILY_INITIATORS] = "INITIATORS",
        [FAMILY_PORTALS] = "PORTALS",
    };
    for (int family = FAMILY_EX; family < FAMILIES; family++) {
        const struct call *call = find_call(transcripts, (enum family)family);
        struct failure note = {0};
        if (call == NULL || groups[family] == NULL ||
            has_clause_of(clauses, count, (enum family)family))
            continue;
        snprintf(note.text, sizeof note.text,
                 "note: there are calls of %s here, which no clause chosen looks at; -c %s judges "
                 "them",
                 function_of((enum charset)call->charset)->name, groups[family]);
        command_complain(name, &note);
    }
}
