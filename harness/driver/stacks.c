// SPDX-License-Identifier: Apache-2.0
// Hands the images of all stacks of a scenario to the program that follows them, at once.
#include "harness/driver/stacks.h"

#include "conformance/transcript/fault_stack.h"
#include "emulator/process/process.h"
#include "harness/host/protocol.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 30000, // for all stacks of a scenario
    ANSWER_MAX = 8 << 20,
    STACKS_MAX = 256, // of a scenario; most die of the same
};

// A line of numbers in hexadecimal, then the maps, then the bytes, as place_main.c reads them.
static bool write_image(FILE *file, const struct record *record)
{
    struct stack_image image;
    if (stack_decode(&image, record->stack_image, record->stack_image_size) < 0)
        return false;
    (void)fprintf(file,
                  "%" PRIx32 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx32 " %" PRIx32
                  " %" PRIx32,
                  image.machine, image.instruction, image.host_first, image.host_end, image.address,
                  image.maps_size, image.stack_size, image.register_count);
    for (uint32_t i = 0; i < image.register_count; i++)
        (void)fprintf(file, " %" PRIx64, image.registers[i]);
    (void)fputc('\n', file);
    (void)fwrite(record->stack_image + STACK_HEADER_SIZE, 1,
                 (size_t)image.maps_size + image.stack_size, file);
    return true;
}

// Takes one stack of the answer, which ends at an empty line. What is behind it; NULL: that is no
// stack.
static const char *take_stack(struct transcript *transcript, struct record *record,
                              const char *answer)
{
    char text[STACK_TEXT_MAX];
    struct stack_frame frame;
    const char *end = strstr(answer, "\n\n");
    size_t count = 0;
    if (end == NULL)
        return NULL;
    static const char whole[] = "whole";
    size_t length = (size_t)(end - answer);
    stack_begin(text,
                length >= strlen(whole) && memcmp(end - strlen(whole), whole, strlen(whole)) == 0);
    for (const char *at = stack_next(answer, &frame); at != NULL && count < STACK_FRAMES_MAX;
         at = stack_next(at, &frame), count++)
        stack_add(text, &frame);
    if (count > 0)
        record->source.stack = transcript_intern(transcript, text);
    return end + 2;
}

static void ask(const char *program, struct supervisor *supervisor, struct transcript *transcript,
                struct record *const *records, size_t count, int file)
{
    char path[64];
    const char *arguments[] = {program, "--stacks", path, NULL};
    struct failure failure = {0};
    char *answer = NULL;
    int status = 0;
    // The program inherits nothing; the file has no name.
    snprintf(path, sizeof path, "/proc/%ld/fd/%d", (long)getpid(), file);
    if (process_run(supervisor, arguments, NULL, PATIENCE_MS, ANSWER_MAX, &answer, &status,
                    &failure) == 0 &&
        status == 0) {
        const char *at = answer;
        for (size_t i = 0; i < count && at != NULL; i++)
            at = take_stack(transcript, records[i], at);
    }
    free(answer);
}

void stacks_resolve(const char *program, struct supervisor *supervisor,
                    struct transcript *transcript)
{
    struct record *records[STACKS_MAX];
    size_t count = 0;
    int descriptor = memfd_create("iscsidsc-tck-stacks", MFD_CLOEXEC);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    for (size_t i = 0; i < transcript->record_count; i++) {
        struct record *record = &transcript->records[i];
        if (record->stack_image != NULL && file != NULL && count < STACKS_MAX &&
            write_image(file, record))
            records[count++] = record;
        free(record->stack_image);
        record->stack_image = NULL;
    }
    if (count > 0 && fflush(file) == 0)
        ask(program, supervisor, transcript, records, count, descriptor);
    if (file != NULL)
        (void)fclose(file);
    else if (descriptor >= 0)
        close(descriptor);
}
