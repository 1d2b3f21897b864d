// SPDX-License-Identifier: Apache-2.0
// Names: their form, their number, and whether two answers have the same.
#include "conformance/judge/name_judges.h"

#include "conformance/judge/item_judges.h"
#include "conformance/judge/judging.h"

#include <inttypes.h>
#include <string.h>

bool judge_read_names(const struct evidence *evidence, const struct record *record,
                      struct item_names *names, struct verdict *verdict)
{
    if (item_names_read(names, record))
        return true;
    verdict_exhaust(evidence, verdict);
    return false;
}

static bool judge_size_of(const struct evidence *evidence, const struct record *record,
                          struct verdict *verdict)
{
    struct item_names names;
    uint32_t told = record->outcome.size_out;
    if (judge_read_names(evidence, record, &names, verdict) &&
        (told > record->call.offered || told < names.units)) {
        verdict_fail(verdict, record,
                     "success with *BufferSize = %u, for %u characters offered and %" PRIu64
                     " filled",
                     told, record->call.offered, names.units);
        verdict_expect(verdict,
                       "the characters retrieved: no more than offered, no less than filled");
    }
    item_names_free(&names);
    return true;
}

void judge_names_size(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_success(evidence, judge_size_of, verdict);
}

static bool judge_form_of(const struct evidence *evidence, const struct record *record,
                          struct verdict *verdict)
{
    struct item_names names;
    if (judge_read_names(evidence, record, &names, verdict) && !names.ended) {
        verdict_fail(verdict, record,
                     "%zu terminated names, and no empty one after them in the "
                     "%u bytes of the answer",
                     names.count, record->outcome.byte_count);
        verdict_expect(verdict, "each name ends with a NUL, and after the last comes one more");
    }
    item_names_free(&names);
    return true;
}

void judge_names_form(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_success(evidence, judge_form_of, verdict);
}

size_t item_names_count(const struct item_names *names, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < names->count; i++)
        count += strcmp(names->names[i], name) == 0;
    return count;
}

static bool beyond_ascii(const struct item_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        if (strchr(names->names[i], ITEM_BEYOND_ASCII) != NULL)
            return true;
    return false;
}

// Of names beyond ASCII, only how many there are can be compared between A and W: each may have
// them in another encoding, and A may replace what its code page does not have.
static bool equal_names(const struct record *one, const struct item_names *names,
                        const struct record *other, const struct item_names *others)
{
    bool recoded = one->call.charset != other->call.charset;
    if (recoded && (beyond_ascii(names) || beyond_ascii(others)))
        return names->count == others->count;
    return item_names_equal(names, others);
}

bool names_equal(const struct evidence *evidence, const struct record *one,
                 const struct record *other)
{
    struct item_names names;
    struct item_names others = {0};
    bool read = item_names_read(&names, one) && item_names_read(&others, other);
    bool same = read && equal_names(one, &names, other, &others);
    if (!read)
        evidence_exhaust(evidence);
    item_names_free(&names);
    item_names_free(&others);
    return same;
}

void judge_names_agree(const struct evidence *evidence, struct verdict *verdict)
{
    judge_items_agree(evidence, names_equal, verdict);
}

void judge_names_same(const struct evidence *evidence, struct verdict *verdict)
{
    judge_items_same(evidence, names_equal, verdict);
}
