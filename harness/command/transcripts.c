// Loads the transcripts that a command is given.
#include "harness/command/transcripts.h"

#include "harness/command/packed_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int check_together(const struct transcripts *transcripts, const struct texts *paths,
                          struct failure *failure)
{
    const struct transcript *first = transcripts->items[0];
    for (size_t i = 1; i < transcripts->count; i++) {
        const struct transcript *one = transcripts->items[i];
        const char *path = paths->items[i];
        if (strcmp(one->implementation, first->implementation) != 0)
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
    *transcript = NULL;
    FILE *stream = packed_file_open(path);
    if (stream == NULL)
        return failure_set(failure, STATUS_USAGE,
                           "transcript %s: cannot be opened: %s; give a file made with "
                           "'iscsidsc-tck run --transcript'",
                           path, strerror(errno));
    int result = transcript_read(transcript, stream, path, failure);
    fclose(stream);
    return result;
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

void transcripts_free(struct transcripts *transcripts)
{
    for (size_t i = 0; i < transcripts->count; i++)
        transcript_free(transcripts->items[i]);
    free(transcripts->items);
}

static bool has_ex(const struct transcripts *transcripts)
{
    for (size_t i = 0; i < transcripts->count; i++)
        for (size_t j = 0; j < transcripts->items[i]->record_count; j++)
            if (transcripts->items[i]->records[j].call.charset == CHARSET_EX)
                return true;
    return false;
}

void transcripts_note_ex(const struct transcripts *transcripts, const struct clause *const *clauses,
                         size_t count, const char *name)
{
    struct failure note = {.text = "note: there are calls of GetIScsiSessionListEx here, which no "
                                   "clause chosen looks at; -c EX judges them"};
    for (size_t i = 0; i < count; i++)
        if (clauses[i]->charsets == JUDGED_EX)
            return;
    if (has_ex(transcripts))
        command_complain(name, &note);
}
