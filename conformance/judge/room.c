// SPDX-License-Identifier: Apache-2.0
// Holds *BufferSize against what lists take up.
#include "conformance/judge/room.h"

#include "conformance/judge/measure.h"

#include <stdlib.h>

bool room_open(struct room *room, const struct evidence *evidence)
{
    room->least = calloc(evidence->transcript->truth_count + 1, sizeof *room->least);
    if (room->least == NULL)
        evidence_exhaust(evidence);
    return room->least != NULL;
}

void room_close(struct room *room)
{
    free(room->least);
}

uint64_t room_least(const struct room *room, const struct evidence *evidence, size_t generation)
{
    const struct truth *truth = evidence->transcript->truths[generation];
    struct measure measure;
    if (room->least[generation] > 0)
        return room->least[generation];
    if (evidence_measure(evidence, truth, &measure) != 0) {
        evidence_exhaust(evidence);
        return 0;
    }
    room->least[generation] = measure.least - measure.initiator_addresses;
    return room->least[generation];
}

uint64_t room_least_of(const struct room *room, const struct evidence *evidence,
                       const struct record *record)
{
    const struct truth *truth = evidence_truth(evidence, record);
    size_t generation = 0;
    while (evidence->transcript->truths[generation] != truth)
        generation++;
    return room_least(room, evidence, generation);
}

enum size_fault size_fault_of_insufficient(const struct record *record, uint64_t least)
{
    if (record->outcome.size_out <= record->call.offered)
        return SIZE_NOT_MORE;
    return record->outcome.size_out < least ? SIZE_HOLDS_LESS : SIZE_FITS;
}

enum size_fault size_fault_of_success(const struct evidence *evidence, const struct record *record,
                                      uint64_t *end)
{
    const struct listing *listing = evidence_listing(evidence, record);
    struct piece *pieces = NULL;
    size_t count = listing == NULL ? 0 : evidence_pieces(evidence, listing, &pieces);
    *end = 0;
    for (size_t i = 0; i < count; i++)
        if (pieces[i].offset + pieces[i].size > *end)
            *end = pieces[i].offset + pieces[i].size;
    free(pieces);
    if (record->outcome.size_out > record->call.offered)
        return SIZE_ABOVE_OFFERED;
    return record->outcome.size_out < *end ? SIZE_CUTS_LIST : SIZE_FITS;
}
