// SPDX-License-Identifier: Apache-2.0
// Collects the units of all sessions.
#include "emulator/service/service_mappings.h"

#include "conformance/base/text.h"
#include "session_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

// One session of a question.
struct part {
    struct question *question;
    uint64_t identifier[2];
    char *text; // NULL: left out, or not known yet
};

struct question {
    struct client *client;
    size_t pending; // parts, and one while they are begun
    size_t count;
    bool exhausted;
    struct part parts[];
};

void service_mappings_print(FILE *stream, const uint64_t identifier[2], const char *target,
                            const struct lun *luns, size_t count)
{
    fprintf(stream, "\t%016" PRIx64 "\t%016" PRIx64 "\t%s\t%zu", identifier[0], identifier[1],
            target, count);
    for (size_t i = 0; i < count; i++)
        fprintf(stream, "\t%u", luns[i].number);
}

// Answers with all parts when the last one is known.
static void settle(struct question *question)
{
    char *text = NULL;
    size_t size = 0;
    if (--question->pending > 0)
        return;
    FILE *stream = question->exhausted ? NULL : open_memstream(&text, &size);
    for (size_t i = 0; i < question->count; i++) {
        if (stream != NULL && question->parts[i].text != NULL)
            fputs(question->parts[i].text, stream);
        free(question->parts[i].text);
    }
    bool good = stream != NULL && text_close(stream, &text);
    client_answer(question->client, good ? LIST_SUCCESS : LIST_ISCSI_OUT_OF_RESOURCES,
                  good ? text : "");
    free(text);
    free(question);
}

static void told(uint32_t status, const char *target, const struct lun *luns, size_t count,
                 void *argument)
{
    struct part *part = argument;
    size_t size = 0;
    bool tells = status == LIST_SUCCESS && count > 0;
    FILE *stream = tells ? open_memstream(&part->text, &size) : NULL;
    if (stream != NULL)
        service_mappings_print(stream, part->identifier, target, luns, count);
    if (tells && (stream == NULL || !text_close(stream, &part->text)))
        part->question->exhausted = true;
    settle(part->question);
}

static void add_part(const uint64_t identifier[2], void *argument)
{
    struct question *question = argument;
    question->parts[question->count++] =
        (struct part){.question = question, .identifier = {identifier[0], identifier[1]}};
}

void service_mappings_ask(struct service_sessions *sessions, struct client *client)
{
    size_t most = service_sessions_count(sessions);
    struct question *question = calloc(1, sizeof *question + most * sizeof question->parts[0]);
    if (question == NULL) {
        client_answer(client, LIST_ISCSI_OUT_OF_RESOURCES, "");
        return;
    }
    question->client = client;
    question->pending = 1;
    service_sessions_each(sessions, add_part, question);
    for (size_t i = 0; i < question->count; i++) {
        question->pending++;
        service_sessions_devices(sessions, question->parts[i].identifier, told,
                                 &question->parts[i]);
    }
    settle(question);
}
