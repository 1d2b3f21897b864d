// SPDX-License-Identifier: Apache-2.0
// Collects the places that are not known yet, asks for those of a module at once, and remembers.
#include "harness/driver/places.h"

#include "emulator/process/process.h"
#include "harness/driver/stacks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    PATIENCE_MS = 20000,  // for all places of a module; the debug information may be a gigabyte
    ANSWER_MAX = 1 << 20, // bytes
    ASKED_MAX = 512,      // places at once; a scenario has fewer deaths
};

// An instruction, and what it was found to be; NULL and 0: not known.
struct place {
    uint64_t offset;
    bool asked;
    char *function;
    char *file;
    uint32_t line;
};

struct module {
    char *path;
    bool given_up; // it could not be read
    size_t count;
    struct place *places;
};

struct places {
    char *program;
    char *library;
    size_t count;
    struct module *modules;
};

struct places *places_create(const char *program, const char *library)
{
    struct places *places = calloc(1, sizeof *places);
    if (places == NULL)
        return NULL;
    places->program = strdup(program);
    places->library = strdup(library);
    if (places->program != NULL && places->library != NULL)
        return places;
    places_free(places);
    return NULL;
}

void places_free(struct places *places)
{
    if (places == NULL)
        return;
    for (size_t i = 0; i < places->count; i++) {
        struct module *module = &places->modules[i];
        for (size_t j = 0; j < module->count; j++) {
            free(module->places[j].function);
            free(module->places[j].file);
        }
        free(module->places);
        free(module->path);
    }
    free(places->modules);
    free(places->program);
    free(places->library);
    free(places);
}

// --- what is known

// The path of the module's file, malloc'ed; NULL when memory ran out.
static char *module_path(const struct places *places, const struct record *record)
{
    const char *slash = strrchr(places->library, '/');
    int folder = slash == NULL ? 0 : (int)(slash - places->library) + 1;
    char *path = NULL;
    if (record->source.module != NULL)
        return strdup(record->source.module);
    return asprintf(&path, "%.*s%s", folder, places->library, record->outcome.fault_module) < 0
               ? NULL
               : path;
}

// Takes over `path`; NULL when memory ran out.
static struct module *find_module(struct places *places, char *path)
{
    if (path == NULL)
        return NULL;
    for (size_t i = 0; i < places->count; i++) {
        if (strcmp(places->modules[i].path, path) == 0) {
            free(path);
            return &places->modules[i];
        }
    }
    struct module *grown =
        reallocarray(places->modules, places->count + 1, sizeof *places->modules);
    if (grown == NULL) {
        free(path);
        return NULL;
    }
    places->modules = grown;
    grown[places->count] = (struct module){.path = path};
    return &grown[places->count++];
}

static struct place *find_place(struct module *module, uint64_t offset)
{
    for (size_t i = 0; i < module->count; i++)
        if (module->places[i].offset == offset)
            return &module->places[i];
    struct place *grown = reallocarray(module->places, module->count + 1, sizeof *module->places);
    if (grown == NULL)
        return NULL;
    module->places = grown;
    grown[module->count] = (struct place){.offset = offset};
    return &grown[module->count++];
}

static bool has_place(const struct record *record)
{
    return record->outcome.kind == OUTCOME_FAULT && record->outcome.fault_module[0] != '\0';
}

// The place of a record; NULL when memory ran out. Valid until the next one is looked for.
static struct place *place_of(struct places *places, const struct record *record)
{
    struct module *module = find_module(places, module_path(places, record));
    return module == NULL ? NULL : find_place(module, record->outcome.fault_offset);
}

// --- what is asked

// The next line of the answer, cut off from what follows; NULL: there is none.
static char *next_line(char **answer)
{
    char *line = *answer;
    char *end = strchr(line, '\n');
    if (end == NULL)
        return NULL;
    *end = '\0';
    *answer = end + 1;
    return line;
}

// Takes the two lines of a place: a function, and "file:line" with more words or none behind it.
static void take_place(struct place *place, const char *function, char *position)
{
    char *colon = strrchr(position, ':');
    unsigned long line = colon == NULL ? 0 : strtoul(colon + 1, NULL, 10);
    if (strcmp(function, "??") != 0 && function[0] != '\0')
        place->function = strdup(function);
    if (line == 0 || line > UINT32_MAX)
        return;
    *colon = '\0';
    place->file = strdup(position);
    place->line = place->file == NULL ? 0 : (uint32_t)line;
}

// Takes the answer for the places that were not asked for before.
static void take_answer(struct module *module, char *answer)
{
    for (size_t i = 0; i < module->count; i++) {
        struct place *place = &module->places[i];
        if (place->asked)
            continue;
        char *function = next_line(&answer);
        char *position = function == NULL ? NULL : next_line(&answer);
        if (position == NULL)
            return;
        take_place(place, function, position);
    }
}

// Adds the places that were not asked for yet to the command line, as many as there is room for.
static size_t list_offsets(const struct module *module, char (*texts)[20], const char **arguments)
{
    size_t count = 0;
    for (size_t i = 0; i < module->count && count < ASKED_MAX; i++) {
        if (module->places[i].asked)
            continue;
        snprintf(texts[count], sizeof *texts, "%" PRIx64, module->places[i].offset);
        arguments[count] = texts[count];
        count++;
    }
    return count;
}

static bool is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static void ask(const struct places *places, struct supervisor *supervisor, struct module *module)
{
    char texts[ASKED_MAX][20];
    const char *arguments[ASKED_MAX + 3] = {places->program, module->path};
    struct failure failure = {0};
    char *answer = NULL;
    int status = 0;
    if (list_offsets(module, texts, arguments + 2) == 0)
        return;
    if (module->given_up || !is_file(module->path) ||
        process_run(supervisor, arguments, NULL, PATIENCE_MS, ANSWER_MAX, &answer, &status,
                    &failure) != 0 ||
        status != 0)
        module->given_up = true;
    else
        take_answer(module, answer);
    free(answer);
    for (size_t i = 0; i < module->count; i++)
        module->places[i].asked = true; // those that there was no room for, too
}

// --- the transcript

static void copy_place(struct transcript *transcript, struct record *record,
                       const struct place *place)
{
    struct fault_source *source = &record->source;
    if (place->function != NULL)
        source->function = transcript_intern(transcript, place->function);
    if (place->file != NULL)
        source->file = transcript_intern(transcript, place->file);
    if (source->file != NULL)
        source->line = place->line;
}

void places_resolve(struct places *places, struct supervisor *supervisor,
                    struct transcript *transcript)
{
    stacks_resolve(places->program, supervisor, transcript);
    for (size_t i = 0; i < transcript->record_count; i++)
        if (has_place(&transcript->records[i]))
            place_of(places, &transcript->records[i]);
    for (size_t i = 0; i < places->count; i++)
        ask(places, supervisor, &places->modules[i]);
    for (size_t i = 0; i < transcript->record_count; i++) {
        struct record *record = &transcript->records[i];
        const struct place *place = has_place(record) ? place_of(places, record) : NULL;
        if (place != NULL)
            copy_place(transcript, record, place);
    }
}
