// SPDX-License-Identifier: Apache-2.0
// Measures the truth.
#include "conformance/judge/measure.h"

#include "conformance/base/text.h"

#include <stdlib.h>
#include <string.h>

// Can nobody say how many bytes it takes: a char string, beyond ASCII, of another code page?
static bool is_open(const char *text, enum charset charset, uint32_t code_page)
{
    if (charset != CHARSET_A || code_page == CODE_PAGE_UTF_8 || code_page == 0)
        return false;
    for (; *text != '\0'; text++)
        if ((unsigned char)*text >= 0x80)
            return true;
    return false;
}

// The most that such a string takes.
static uint64_t open_size(const char *text)
{
    enum { CHARACTER_MAX = 4 };
    uint64_t size = 1;
    for (; *text != '\0'; text++)
        if (((unsigned char)*text & 0xC0) != 0x80)
            size += (unsigned char)*text < 0x80 ? 1 : CHARACTER_MAX;
    return size;
}

static uint64_t text_size(const char *text, enum charset charset)
{
    if (charset == CHARSET_A)
        return strlen(text) + 1;
    uint64_t units = 1;
    for (const unsigned char *byte = (const unsigned char *)text; *byte != 0; byte++) {
        if ((*byte & 0xC0) != 0x80)
            units += *byte >= 0xF0 ? 2 : 1; // a surrogate pair beyond the BMP
    }
    return units * 2;
}

static int compare_texts(const void *left, const void *right)
{
    const char *a = *(const char *const *)left;
    const char *b = *(const char *const *)right;
    if (a == NULL || b == NULL)
        return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

// A text that isn't known is NULL here. It may be as short as can be, or as long.
enum { UNKNOWN_TEXT_MAX = 255 }; // characters

static size_t text_count(const struct truth *truth)
{
    size_t count = 0;
    for (size_t i = 0; i < truth->session_count; i++)
        count += 3 + 2 * truth->sessions[i].connection_count;
    return count;
}

static void collect_texts(const char **texts, const struct truth *truth)
{
    size_t count = 0;
    for (size_t i = 0; i < truth->session_count; i++) {
        const struct truth_session *session = &truth->sessions[i];
        texts[count++] = session->initiator_name;
        texts[count++] = session->target_node_name;
        texts[count++] = session->target_node_name; // TargetName is the same
        for (size_t j = 0; j < session->connection_count; j++) {
            const struct truth_connection *connection = &session->connections[j];
            texts[count++] =
                connection->unknown & FACT_INITIATOR_ADDRESS ? NULL : connection->initiator_address;
            texts[count++] =
                connection->unknown & FACT_TARGET_ADDRESS ? NULL : connection->target_address;
        }
    }
}

int measure_truth(struct measure *measure, const struct truth *truth, const struct abi *abi,
                  enum charset charset)
{
    return measure_truth_in(measure, truth, abi, charset, CODE_PAGE_UTF_8);
}

int measure_truth_in(struct measure *measure, const struct truth *truth, const struct abi *abi,
                     enum charset charset, uint32_t code_page)
{
    size_t count = abi->has_texts ? text_count(truth) : 0;
    const char **texts = calloc(count + 1, sizeof *texts);
    if (texts == NULL)
        return -1;
    if (count > 0)
        collect_texts(texts, truth);
    qsort(texts, count, sizeof *texts, compare_texts);
    *measure = (struct measure){.pieces = count + (truth->session_count > 0)};
    for (size_t i = 0; i < truth->session_count; i++) {
        const struct truth_session *session = &truth->sessions[i];
        measure->whole += abi->session_size + session->connection_count * abi->connection_size;
        measure->pieces += session->connection_count > 0;
        for (size_t j = 0; abi->has_texts && j < session->connection_count; j++)
            measure->initiator_addresses +=
                text_size(session->connections[j].initiator_address, charset);
    }
    measure->least = measure->whole;
    for (size_t i = 0; i < count; i++) {
        if (texts[i] == NULL) {
            measure->whole += (UNKNOWN_TEXT_MAX + 1) * text_size("", charset);
            continue;
        }
        if (is_open(texts[i], charset, code_page)) {
            measure->whole += open_size(texts[i]);
            continue;
        }
        uint64_t size = text_size(texts[i], charset);
        measure->whole += size;
        if (i == 0 || texts[i - 1] == NULL || strcmp(texts[i - 1], texts[i]) != 0)
            measure->least += size;
    }
    free(texts);
    return 0;
}
