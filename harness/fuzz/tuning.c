// SPDX-License-Identifier: Apache-2.0
// Lengthens names.
#include "harness/fuzz/tuning.h"

#include "harness/fuzz/names.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096 };

// How many characters more the names of the sessions can have.
static size_t room_in(const struct truth *truth)
{
    size_t room = 0;
    for (size_t i = 0; i < truth->session_count; i++)
        room += NAME_SIZE - 1 - strlen(truth->sessions[i].initiator_name);
    return room;
}

static bool lengthen(struct truth_session *session, size_t more)
{
    size_t length = strlen(session->initiator_name);
    char *longer = realloc(session->initiator_name, length + more + 1);
    if (longer == NULL)
        return false;
    memset(longer + length, 'x', more);
    longer[length + more] = '\0';
    session->initiator_name = longer;
    return true;
}

// The same session at the moments after.
static bool lengthen_everywhere(struct draft *draft, uint64_t identifier, size_t more)
{
    for (size_t i = 0; i < draft->moment_count; i++)
        for (size_t j = 0; j < draft->moments[i]->session_count; j++) {
            struct truth_session *session = &draft->moments[i]->sessions[j];
            if (session->adapter_specific == identifier && !lengthen(session, more))
                return false;
        }
    return true;
}

bool tune(struct draws *draws, struct draft *draft, const struct learned *learned)
{
    const struct truth *first = draft->moments[0];
    enum charset charset = draw_chance(draws, 50) ? CHARSET_A : CHARSET_W;
    uint32_t unit = charset == CHARSET_A ? 1 : 2;
    uint32_t required = learned->lists[0][charset].required;
    uint32_t beyond = (uint32_t)draw_below(draws, 9); // 4: none
    uint32_t more = (2 * PAGE + beyond - 4 - required % PAGE) % PAGE;
    size_t left = more / unit;
    if (required == 0 || more % unit != 0 || left > room_in(first))
        return false;
    for (size_t i = 0; i < first->session_count && left > 0 && !draft->exhausted; i++) {
        size_t room = NAME_SIZE - 1 - strlen(first->sessions[i].initiator_name);
        size_t own = room < left ? room : left;
        draft->exhausted |= !lengthen_everywhere(draft, first->sessions[i].adapter_specific, own);
        left -= own;
    }
    return true;
}
