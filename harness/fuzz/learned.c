// SPDX-License-Identifier: Apache-2.0
// Learns what a library says of the sessions.
#include "harness/fuzz/learned.h"

#include "conformance/judge/abi.h"
#include "conformance/judge/evidence.h"
#include "conformance/judge/listing.h"

#include <stdlib.h>

enum { LIST_MAX = 1 << 16 }; // bytes of a list whose pieces are looked at

void learned_ask_at(struct draft *draft, size_t moment, enum charset charset, bool fetch)
{
    struct draft_call call = {.moment = moment,
                              .call = {.charset = (uint8_t)charset,
                                       .placement = fetch ? PLACE_END : PLACE_NULL,
                                       .repeat = 1},
                              .offer = {.usual_count = true, .of_required = fetch},
                              .threads = 1,
                              .set = fetch ? "fetch" : "query"};
    draft_add_call(draft, &call);
}

void learned_ask(struct draft *draft)
{
    for (size_t moment = 0; moment < draft->moment_count; moment++)
        for (unsigned charset = CHARSET_A; charset <= CHARSET_W; charset++)
            for (int fetch = 0; fetch < 2; fetch++)
                learned_ask_at(draft, moment, (enum charset)charset, fetch);
}

static void learn_ends(struct learned_list *list, const struct record *record,
                       const struct transcript *replayed)
{
    const struct abi *abi = abi_of(replayed->hello.pointer_size);
    struct listing *listing = abi == NULL || record->outcome.byte_count > LIST_MAX
                                  ? NULL
                                  : listing_decode(record, abi, replayed->hello.code_page);
    struct piece *pieces = NULL;
    long count = listing == NULL ? 0 : listing_pieces(listing, abi, &pieces);
    size_t step = count > LEARNED_ENDS ? (size_t)count / LEARNED_ENDS + 1 : 1;
    for (long i = 0; i < count && list->end_count < LEARNED_ENDS; i += (long)step) {
        uint64_t end = pieces[i].offset + pieces[i].size;
        if (end <= LEARNED_MAX)
            list->ends[list->end_count++] = (uint32_t)end;
    }
    for (size_t i = 1; listing != NULL && i <= listing->session_count && i < LEARNED_ENDS / 2; i++)
        if (list->end_count < LEARNED_ENDS)
            list->ends[list->end_count++] = (uint32_t)i * abi->session_size;
    free(pieces);
    listing_free(listing);
}

void learned_note(struct learned_list *list, const struct record *record,
                  const struct transcript *transcript)
{
    if (record_insufficient(record) && record->call.offered == 0 && list->required == 0 &&
        record->outcome.size_out <= LEARNED_MAX)
        list->required = record->outcome.size_out;
    if (record_succeeded(record) && record->bytes != NULL && list->end_count == 0)
        learn_ends(list, record, transcript);
}

int learned_take(struct learned *learned, const struct draft *draft,
                 const struct transcript *replayed)
{
    *learned = (struct learned){.moment_count = draft->moment_count,
                                .buffer_max = replayed->hello.buffer_max};
    learned->lists = calloc(draft->moment_count + 1, sizeof *learned->lists);
    if (learned->lists == NULL)
        return -1;
    size_t moment = 0;
    for (size_t i = 0; i < replayed->record_count; i++) {
        const struct record *record = &replayed->records[i];
        while (moment + 1 < replayed->truth_count && moment + 1 < draft->moment_count &&
               replayed->truths[moment + 1]->settled_ns <= record->outcome.began_ns)
            moment++;
        if (record->call.charset <= CHARSET_W)
            learned_note(&learned->lists[moment][record->call.charset], record, replayed);
    }
    return 0;
}

void learned_free(struct learned *learned)
{
    free(learned->lists);
    *learned = (struct learned){0};
}
