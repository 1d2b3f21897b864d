// SPDX-License-Identifier: Apache-2.0
// Transcripts: read, written and read again, and judged by every clause.
#include "conformance/transcript/transcript.h"
#include "conformance/clauses/groups.h"
#include "conformance/judge/evidence.h"
#include "conformance/judge/judge.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void judge(const struct transcript *transcript, enum charset charset)
{
    const struct judge_options options = {.profile = "windows", .strict = true};
    struct evidence evidence = {
        .transcript = transcript,
        .charset = charset,
        .abi = abi_of_function(transcript->hello.pointer_size, charset),
        .store = evidence_store_create(transcript),
    };
    fuzz_expect(evidence.store != NULL && evidence.abi != NULL, "there is memory, and a layout");
    for (size_t i = 0; clause_groups[i] != NULL; i++)
        for (size_t j = 0; j < clause_groups[i]->count; j++) {
            struct verdict verdict;
            clause_judge(&clause_groups[i]->clauses[j], &evidence, &options, &verdict);
            fuzz_expect(strnlen(verdict.got, sizeof verdict.got) < sizeof verdict.got,
                        "a verdict's words end");
        }
    evidence_store_free(evidence.store);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct transcript *transcript = NULL;
    struct failure failure = {0};
    FILE *stream = size == 0 ? NULL : fmemopen((void *)bytes, size, "r");
    if (stream == NULL)
        return 0;
    int result = transcript_read(&transcript, stream, "input", &failure);
    fclose(stream);
    fuzz_expect(result == 0 || (transcript == NULL && failure.text[0] != '\0'),
                "what is refused has a reason");
    if (result == 0)
        for (int charset = 0; charset < CHARSETS; charset++)
            judge(transcript, (enum charset)charset);
    transcript_free(transcript);
    return 0;
}
