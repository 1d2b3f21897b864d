// SPDX-License-Identifier: Apache-2.0
// Cases in binary form: read, and where they are cases, written and read again, and as text.
#include "conformance/transcript/case_binary.h"
#include "conformance/transcript/case_file.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static char *text_of(const struct transcript *one)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    fuzz_expect(stream != NULL && case_file_write(stream, one) == 0 && fclose(stream) == 0,
                "a case can be written as text");
    return text;
}

// The text form, read again, is the same case.
static void expect_text(const struct transcript *one, char *text)
{
    struct failure failure = {0};
    struct transcript *other = NULL;
    FILE *stream = fmemopen(text, strlen(text), "r");
    fuzz_expect(stream != NULL, "there is memory");
    fuzz_expect(transcript_read(&other, stream, "text", &failure) == 0, failure.text);
    fclose(stream);
    char *again = text_of(other);
    fuzz_expect(strcmp(text, again) == 0, "the text form loses nothing");
    fuzz_expect(one->record_count == other->record_count, "nor a call");
    transcript_free(other);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct transcript *one = NULL;
    struct transcript *other = NULL;
    struct failure failure = {0};
    uint8_t *again = NULL;
    size_t size_again = 0;
    int result = case_binary_decode(&one, bytes, size, "input", &failure);
    fuzz_expect(result == 0 || (one == NULL && failure.text[0] != '\0'),
                "what is refused has a reason");
    if (result != 0)
        return 0;
    fuzz_expect(case_binary_encode(one, &again, &size_again, &failure) == 0, failure.text);
    fuzz_expect(case_binary_decode(&other, again, size_again, "again", &failure) == 0,
                failure.text);
    char *text = text_of(one);
    char *text_again = text_of(other);
    fuzz_expect(strcmp(text, text_again) == 0, "the binary form loses nothing");
    expect_text(one, text);
    transcript_free(one);
    transcript_free(other);
    free(text);
    free(text_again);
    free(again);
    return 0;
}
