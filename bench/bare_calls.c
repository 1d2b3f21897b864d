// SPDX-License-Identifier: Apache-2.0
// The calls of a transcript in a bare loop: in one process, with nothing around them. Fill the
// buffer, call, compare with the first answer to the same call, and see that nothing changed behind
// what was written. This is what `bench/measure` holds the kit against.
//
//     bare_calls TRANSCRIPT LIBRARY ROUNDS
//
// Prints the number of calls and the seconds of the processor. Of the calls it makes those of
// GetIScsiSessionListA and W, with a buffer or NULL, at the sessions of the beginning.
#include "conformance/transcript/transcript.h"
#include "emulator/table/session_table.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef uint32_t list_function(uint32_t *size, uint32_t *count, void *buffer);

// What the first answer to a call was.
struct answer {
    uint32_t status;
    uint32_t size;
    uint32_t count;
    uint8_t *bytes; // of status 0: `size` of them
};

struct bare {
    list_function *functions[2]; // by charset
    uint8_t *buffer;
    uint8_t *pattern; // that the buffer is filled with
    struct answer answers[2];
    size_t calls;
};

static double processor_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

__attribute__((noreturn)) static void give_up(const char *what)
{
    fprintf(stderr, "bare_calls: %s\n", what);
    exit(1);
}

static bool is_of_interest(const struct record *record)
{
    const struct call *call = &record->call;
    return call->charset <= CHARSET_W && record->circumstance == NULL && record->threads == 1 &&
           (call->flags & (CALL_SIZE_NULL | CALL_COUNT_NULL | CALL_SPARSE)) == 0 &&
           record->outcome.kind == OUTCOME_RETURNED && call->offered <= BYTES_MAX;
}

static void keep(struct answer *answer, uint32_t size, uint32_t count, const uint8_t *buffer)
{
    *answer = (struct answer){.size = size, .count = count, .bytes = malloc(size + 1)};
    if (answer->bytes == NULL)
        give_up("out of memory");
    memcpy(answer->bytes, buffer, size);
}

static void call_once(struct bare *bare, const struct call *call, uint32_t expected)
{
    uint32_t size = call->offered;
    uint32_t count = call->count_in;
    bool none = call->placement == PLACE_NULL;
    struct answer *answer = &bare->answers[call->charset];
    if (!none)
        memcpy(bare->buffer, bare->pattern, size);
    uint32_t status = bare->functions[call->charset](&size, &count, none ? NULL : bare->buffer);
    bare->calls++;
    if (status != expected)
        give_up("another status than in the transcript");
    if (status == 0 && answer->bytes == NULL)
        keep(answer, size, count, bare->buffer);
    size_t written = status == 0 ? size : 0;
    if (status == 0 && (size != answer->size || count != answer->count ||
                        memcmp(bare->buffer, answer->bytes, size) != 0))
        give_up("another answer than before");
    if (!none &&
        memcmp(bare->buffer + written, bare->pattern + written, call->offered - written) != 0)
        give_up("more was written than the answer");
}

static double make_calls(struct bare *bare, const struct transcript *transcript)
{
    double begin = processor_seconds();
    for (size_t i = 0; i < transcript->record_count; i++) {
        const struct record *record = &transcript->records[i];
        if (is_of_interest(record))
            for (uint32_t j = 0; j < record->outcome.repeats; j++)
                call_once(bare, &record->call, record->outcome.status);
    }
    return processor_seconds() - begin;
}

static void load_library(struct bare *bare, const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        give_up(dlerror());
    void *symbols[] = {dlsym(library, "GetIScsiSessionListA"),
                       dlsym(library, "GetIScsiSessionListW")};
    if (symbols[CHARSET_A] == NULL || symbols[CHARSET_W] == NULL)
        give_up("the library does not export both functions");
    memcpy(bare->functions, symbols, sizeof symbols);
}

static void make_buffers(struct bare *bare, const struct transcript *transcript)
{
    uint32_t most = 1;
    for (size_t i = 0; i < transcript->record_count; i++)
        if (is_of_interest(&transcript->records[i]) && transcript->records[i].call.offered > most)
            most = transcript->records[i].call.offered;
    bare->buffer = malloc(most);
    bare->pattern = malloc(most);
    if (bare->buffer == NULL || bare->pattern == NULL)
        give_up("out of memory");
    for (uint32_t i = 0; i < most; i++)
        bare->pattern[i] = (uint8_t)((i * 2654435761U) >> 24);
}

int main(int argc, char **argv)
{
    char table[] = "/tmp/tck-bare-calls-XXXXXX";
    struct failure failure = {0};
    struct transcript *transcript = NULL;
    struct bare bare = {0};
    double seconds = 0;
    if (argc != 4)
        give_up("usage: bare_calls TRANSCRIPT LIBRARY ROUNDS");
    if (transcript_load(&transcript, fopen(argv[1], "re"), argv[1], &failure) != 0)
        give_up(failure.text[0] != '\0' ? failure.text : "the transcript can't be opened");
    int fd = mkstemp(table);
    if (fd < 0 || session_table_write(table, transcript->truths[0], &failure) != 0)
        give_up("no session table can be made");
    close(fd);
    setenv(SESSION_TABLE_VARIABLE, table, 1);
    load_library(&bare, argv[2]);
    make_buffers(&bare, transcript);
    for (long rounds = strtol(argv[3], NULL, 10); rounds > 0; rounds--)
        seconds += make_calls(&bare, transcript);
    printf("%zu %.6f\n", bare.calls, seconds);
    unlink(table);
    transcript_free(transcript);
    for (int i = 0; i < 2; i++)
        free(bare.answers[i].bytes);
    free(bare.buffer);
    free(bare.pattern);
    return 0;
}
