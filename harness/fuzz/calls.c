// SPDX-License-Identifier: Apache-2.0
// Makes calls. A block is a few calls that seek one kind of edge; a moment gets some blocks of
// either charset, drawn at random.
#include "harness/fuzz/calls.h"

#include "harness/fuzz/sessions.h"

enum {
    PAGE = 4096,
    BORDER = 65536,
    STRUCTURE = 64, // of a library with pointers of 8 bytes; others are as good with it
    GENEROUS = 4096,
};

// What calls are made for: one moment and charset.
struct aim {
    struct draws *draws;
    struct draft *draft;
    size_t moment;
    uint8_t charset;
    const struct learned_list *list;
    uint32_t required;
    uint32_t sessions;
};

typedef void block(const struct aim *aim);

// ---- One call

static struct draft_call call_of(const struct aim *aim, const char *set, uint64_t offered,
                                 enum placement placement)
{
    return (struct draft_call){
        .moment = aim->moment,
        .call = {.charset = aim->charset,
                 .placement = (uint8_t)placement,
                 .offered = offered > UINT32_MAX ? UINT32_MAX : (uint32_t)offered,
                 .repeat = 1},
        .offer = {.usual_count = true},
        .threads = 1,
        .set = set,
    };
}

static void add(const struct aim *aim, const struct draft_call *call)
{
    draft_add_call(aim->draft, call);
}

static bool is_aligned(const struct draft_call *call)
{
    switch (call->call.placement) {
    case PLACE_MIDDLE:
        return call->call.misalignment % 8 == 0;
    case PLACE_EXACT:
        return call->call.offered % 8 == 0;
    default:
        return true;
    }
}

// The set of probes that a call of this kind belongs to in a run.
static const char *set_for(const struct aim *aim, const struct draft_call *call)
{
    if (call->call.offered == 0)
        return "query";
    if (call->call.placement == PLACE_NULL)
        return "null";
    if (!is_aligned(call))
        return "offsets";
    if (call->call.placement == PLACE_END && draw_chance(aim->draws, 50))
        return "sweep";
    return call->call.offered < aim->required ? "short" : "fetch";
}

static void offer_at(const struct aim *aim, uint64_t offered, enum placement placement)
{
    struct draft_call call = call_of(aim, "", offered, placement);
    if (placement == PLACE_MIDDLE && draw_chance(aim->draws, 30))
        call.call.misalignment = 8;
    call.set = set_for(aim, &call);
    add(aim, &call);
}

static enum placement draw_placement(struct draws *draws)
{
    static const enum placement placements[] = {PLACE_END, PLACE_END, PLACE_START, PLACE_MIDDLE,
                                                PLACE_EXACT};
    return DRAW_ONE(draws, placements);
}

// `size` and so much more or less; 0 instead of less than that.
static uint64_t beside(uint64_t size, int64_t by)
{
    return by < 0 && size < (uint64_t)-by ? 0 : size + (uint64_t)by;
}

static int64_t draw_step(struct draws *draws, int64_t most)
{
    return (int64_t)draw_below(draws, (uint64_t)(2 * most + 1)) - most;
}

// ---- Blocks

static void ask_block(const struct aim *aim)
{
    for (uint64_t count = draw_from(aim->draws, 1, 4); count > 0; count--) {
        struct draft_call call =
            call_of(aim, "query", 0, draw_chance(aim->draws, 50) ? PLACE_NULL : PLACE_END);
        if (draw_chance(aim->draws, 30)) {
            call.offer.usual_count = false;
            call.call.count_in = (uint32_t)draw_below(aim->draws, 2 * (uint64_t)aim->sessions + 2);
        }
        add(aim, &call);
    }
}

static void ends_block(const struct aim *aim)
{
    for (size_t i = 0; i < 16 && aim->list->end_count > 0; i++) {
        uint32_t end = aim->list->ends[draw_below(aim->draws, aim->list->end_count)];
        offer_at(aim, beside(end, draw_step(aim->draws, 1)), draw_placement(aim->draws));
    }
}

static void near_block(const struct aim *aim)
{
    static const int64_t steps[] = {-64, -16, -9, -8, -7, -4, -3, -2, -1, 0,
                                    1,   2,   3,  4,  7,  8,  9,  15, 16, 64};
    for (size_t i = 0; i < 16; i++)
        offer_at(aim, beside(aim->required, DRAW_ONE(aim->draws, steps)),
                 draw_placement(aim->draws));
}

static void pages_block(const struct aim *aim)
{
    for (size_t i = 0; i < 12; i++) {
        uint64_t border = draw_chance(aim->draws, 85) ? PAGE : BORDER;
        uint64_t below = aim->required / border + 2;
        uint64_t size = border * draw_from(aim->draws, 1, below > 16 ? 16 : below);
        if (draw_chance(aim->draws, 30)) // the end of the list's last page
            size = border * (below - 1);
        offer_at(aim, beside(size, draw_step(aim->draws, 4)), draw_placement(aim->draws));
    }
}

static void counts_block(const struct aim *aim)
{
    const uint32_t n = aim->sessions;
    const uint32_t counts[] = {0,   1,     n > 0 ? n - 1 : 0, n,          n + 1,     255,
                               256, 65536, 0x7FFFFFFF,        0x80000000, 0xFFFFFFFF};
    for (size_t i = 0; i < 8; i++) {
        bool query = draw_chance(aim->draws, 25);
        struct draft_call call =
            call_of(aim, "counts", query ? 0 : aim->required + draw_below(aim->draws, 100),
                    query ? PLACE_NULL : PLACE_END);
        call.offer.usual_count = false;
        call.call.count_in = DRAW_ONE(aim->draws, counts);
        add(aim, &call);
    }
}

static uint64_t draw_size(const struct aim *aim)
{
    uint64_t required = aim->required;
    switch (draw_below(aim->draws, 6)) {
    case 0:
        return required;
    case 1:
        return beside(required, draw_step(aim->draws, 20));
    case 2:
        return draw_below(aim->draws, required + 1);
    case 3:
        return required + draw_below(aim->draws, GENEROUS);
    case 4:
        return draw_below(aim->draws, 2 * required + 160);
    default:
        return draw_below(aim->draws, (uint64_t)aim->sessions * STRUCTURE + 2);
    }
}

static void fills_block(const struct aim *aim)
{
    uint64_t size = draw_size(aim);
    for (unsigned fill = FILL_HASH_0; fill <= FILL_ONES; fill++) {
        struct draft_call call = call_of(aim, "fills", size, PLACE_END);
        call.call.fill = (uint8_t)fill;
        add(aim, &call);
    }
}

static void offsets_block(const struct aim *aim)
{
    for (size_t i = 0; i < 8; i++) {
        struct draft_call call = call_of(aim, "offsets", draw_size(aim), PLACE_MIDDLE);
        call.call.misalignment = (uint32_t)draw_from(aim->draws, 1, 15);
        if (call.call.misalignment != 8 && call.call.offered > 0)
            add(aim, &call);
    }
}

static void null_block(const struct aim *aim)
{
    for (size_t i = 0; i < 4; i++)
        offer_at(aim, draw_size(aim), PLACE_NULL);
}

static void args_block(const struct aim *aim)
{
    for (size_t i = 0; i < 3; i++) {
        bool null = draw_chance(aim->draws, 30);
        struct draft_call call =
            call_of(aim, "args", null ? 0 : draw_size(aim), null ? PLACE_NULL : PLACE_END);
        call.call.flags =
            (uint8_t)draw_from(aim->draws, CALL_SIZE_NULL, CALL_SIZE_NULL | CALL_COUNT_NULL);
        add(aim, &call);
    }
}

// The same call in a row, or so many that fail and then one that does not.
static void repeat_block(const struct aim *aim)
{
    struct draft_call call = call_of(aim, "repeat", draw_size(aim), PLACE_END);
    uint64_t times = draw_from(aim->draws, 2, 6);
    if (draw_chance(aim->draws, 25)) {
        call.call.repeat = (uint32_t)draw_from(aim->draws, 2, 40);
        times = 1;
    }
    for (; times > 0; times--)
        add(aim, &call);
    call = call_of(aim, "repeat", aim->required + draw_below(aim->draws, 3), PLACE_END);
    add(aim, &call);
}

// A and W in turn, each with a size that suits it.
static void turns_block(const struct aim *aim)
{
    struct aim turn = *aim;
    const struct learned_list *lists = aim->list - aim->charset; // of A and W
    uint64_t size = 0;
    for (size_t i = 0; i < 6; i++) {
        turn.charset = (uint8_t)(turn.charset == CHARSET_A ? CHARSET_W : CHARSET_A);
        turn.list = &lists[turn.charset];
        turn.required = turn.list->required;
        if (i == 0 || draw_chance(aim->draws, 50)) // else the same for both
            size = draw_size(&turn);
        offer_at(&turn, size, PLACE_END);
    }
}

static void threads_block(const struct aim *aim)
{
    unsigned threads = (unsigned)draw_from(aim->draws, 2, 8);
    for (uint64_t count = draw_from(aim->draws, 2, 4); count > 0; count--) {
        bool query = draw_chance(aim->draws, 30);
        struct draft_call call =
            call_of(aim, "threads", query ? 0 : draw_size(aim), query ? PLACE_NULL : PLACE_END);
        call.threads = threads;
        add(aim, &call);
    }
}

static void any_block(const struct aim *aim)
{
    for (size_t i = 0; i < 16; i++)
        offer_at(aim, draw_size(aim), draw_placement(aim->draws));
}

static void whole_block(const struct aim *aim)
{
    enum { SMALL = 512, STEP = 61 };
    uint64_t step = aim->required <= SMALL ? 1 : aim->required / STEP;
    for (uint64_t size = draw_below(aim->draws, step); size <= aim->required + 8ULL; size += step)
        add(aim, &(struct draft_call){.moment = aim->moment,
                                      .call = {.charset = aim->charset,
                                               .placement = PLACE_END,
                                               .offered = (uint32_t)size,
                                               .repeat = 1},
                                      .offer = {.usual_count = true},
                                      .threads = 1,
                                      .set = "sweep"});
}

// Which block comes how often, and how much it costs where the list is large.
static const struct {
    block *make;
    unsigned weight;
} blocks[] = {
    {near_block, 20}, {ends_block, 14}, {pages_block, 12}, {any_block, 12},    {repeat_block, 12},
    {turns_block, 8}, {ask_block, 6},   {counts_block, 5}, {fills_block, 5},   {offsets_block, 5},
    {whole_block, 5}, {null_block, 3},  {args_block, 2},   {threads_block, 1},
};

static block *draw_block(struct draws *draws)
{
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
        sum += blocks[i].weight;
    uint64_t at = draw_below(draws, sum);
    size_t i = 0;
    while (at >= blocks[i].weight)
        at -= blocks[i++].weight;
    return blocks[i].make;
}

// ---- A moment

// How many blocks: fewer where the list is large, so that no case takes long.
static uint64_t draw_block_count(struct draws *draws, uint32_t required)
{
    if (required > 1 << 18)
        return 0;
    if (required > 1 << 15)
        return 1;
    return required > 1 << 13 ? draw_from(draws, 1, 4) : draw_from(draws, 4, 16);
}

static struct aim aim_at(struct draws *draws, struct draft *draft, const struct learned *learned,
                         size_t moment, uint8_t charset)
{
    const struct learned_list *list = &learned->lists[moment][charset];
    return (struct aim){.draws = draws,
                        .draft = draft,
                        .moment = moment,
                        .charset = charset,
                        .list = list,
                        .required = list->required,
                        .sessions = (uint32_t)draft->moments[moment]->session_count};
}

void calls_make_at(struct draws *draws, struct draft *draft, const struct learned *learned,
                   size_t moment)
{
    uint8_t first = draw_chance(draws, 50) ? CHARSET_A : CHARSET_W;
    for (uint8_t turn = 0; turn < 2; turn++) {
        struct aim aim = aim_at(draws, draft, learned, moment, first ^ turn);
        struct draft_call query = call_of(&aim, "query", 0, PLACE_NULL);
        struct draft_call fetch = call_of(&aim, "fetch", aim.required, PLACE_END);
        add(&aim, &query);
        if (aim.required > 0)
            add(&aim, &fetch);
    }
    uint64_t count = draw_block_count(draws, learned->lists[moment][CHARSET_A].required);
    for (uint64_t i = 0; i < count; i++) {
        const struct aim aim =
            aim_at(draws, draft, learned, moment, draw_chance(draws, 50) ? CHARSET_A : CHARSET_W);
        draw_block(draws)(&aim);
    }
}

// ---- A change

void calls_add_around(struct draft *draft, size_t moment, enum charset charset, uint32_t offered,
                      bool after)
{
    const struct aim aim = {.draft = draft, .moment = moment, .charset = (uint8_t)charset};
    struct draft_call call =
        call_of(&aim, "events", offered, offered == 0 ? PLACE_NULL : PLACE_END);
    call.event = (unsigned)moment + (after ? 0 : 1);
    call.after = after;
    add(&aim, &call);
}

static void call_before(struct draft *draft, size_t moment)
{
    for (int charset = CHARSET_A; charset <= CHARSET_W; charset++)
        calls_add_around(draft, moment, (enum charset)charset, 0, false);
}

// Fetches with the size from before, and with the size that is required now.
static void call_after(struct draft *draft, const struct learned *learned, size_t moment)
{
    for (int charset = CHARSET_A; charset <= CHARSET_W; charset++)
        for (size_t of = moment - 1; of <= moment; of++)
            calls_add_around(draft, moment, (enum charset)charset,
                             learned->lists[of][charset].required, true);
}

void calls_make_moments(struct draws *draws, struct draft *draft, size_t most)
{
    struct sessions_made made = {.most = most};
    uint64_t kind = draw_below(draws, 100);
    size_t moments = kind < 45 ? 1 : kind < 75 ? 2 : kind < 90 ? 3 : draw_from(draws, 4, 6);
    draft_add_moment(draft, sessions_make(draws, &made));
    while (!draft->exhausted && draft->moment_count < moments)
        draft_add_moment(draft,
                         sessions_change(draws, &made, draft->moments[draft->moment_count - 1]));
}

// The largest offers, of memory that is hardly there, at the last moment. They take long, so they
// are rare.
static void call_large(struct draws *draws, struct draft *draft, const struct learned *learned)
{
    static const uint32_t sizes[] = {0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    size_t moment = draft->moment_count - 1;
    const struct aim aim =
        aim_at(draws, draft, learned, moment, draw_chance(draws, 50) ? CHARSET_A : CHARSET_W);
    struct draft_call call = call_of(&aim, "large", DRAW_ONE(draws, sizes), PLACE_START);
    call.call.flags = CALL_SPARSE;
    if (learned->buffer_max >= UINT32_MAX) // on 32 bits it depends on the process what fits
        add(&aim, &call);
}

void calls_make(struct draws *draws, struct draft *draft, const struct learned *learned)
{
    enum { LARGE = 3 }; // of 100 cases
    bool around = false;
    for (size_t moment = 0; moment < draft->moment_count; moment++) {
        if (moment > 0 && around)
            call_after(draft, learned, moment);
        calls_make_at(draws, draft, learned, moment);
        around = draw_chance(draws, 60);
        if (moment + 1 < draft->moment_count && around)
            call_before(draft, moment);
    }
    if (draw_chance(draws, LARGE))
        call_large(draws, draft, learned);
}
