// SPDX-License-Identifier: Apache-2.0
// Buffers against inaccessible pages, canaries, and what was changed of them.
#include "harness/host/memory.h"

#include "conformance/transcript/function.h"
#include "harness/host/host_os.h"
#include "harness/host/pattern.h"
#include "harness/host/protocol.h"

#include <stdlib.h>
#include <string.h>

enum {
    CANARY_MIN = 256,   // canary bytes on a side that has no inaccessible page right there
    CELL_DISTANCE = 16, // of a cell to its inaccessible page: an 8-byte write shows as damage
    KEPT_MAX = 32 * 1024 * 1024 // a larger arena is not kept
};

// Reserved pages of which a window is accessible: at the low end or at the high end, with an
// inaccessible page on either side of the window.
struct arena {
    uint8_t *reserved;
    size_t capacity; // bytes between the outermost two pages
    size_t window;   // bytes of them accessible
    size_t touched;  // the most that was ever in use: those pages keep taking memory
    bool high;       // the window is at the high end
};

// Two arenas, as calls often come with two sizes in turn, and to change a window takes longer than
// most calls.
struct arenas {
    struct arena arena[2];
    unsigned last; // the one that was used last
};

struct memory {
    const struct pattern *pattern;
    size_t page;
    struct arenas low;  // PLACE_START, PLACE_MIDDLE
    struct arenas high; // PLACE_END, PLACE_EXACT
    struct arena kept;  // the bytes of an earlier answer
    uint8_t *cells;     // inaccessible, size's, inaccessible, count's or identifier's, inaccessible

    // The call under way:
    uint8_t *window;           // NULL: PLACE_NULL
    const struct arena *arena; // that the window is in
    size_t window_size;
    uint8_t *base;
    struct arena sparse;
    int sparse_handle; // -1: not sparse
};

static size_t round_up(size_t size, size_t unit)
{
    return (size + unit - 1) / unit * unit;
}

// --- arenas

static void arena_release(struct arena *arena, size_t page)
{
    if (arena->reserved != NULL)
        os_release(arena->reserved, arena->capacity + 2 * page);
    arena->reserved = NULL;
    arena->capacity = 0;
    arena->window = 0;
    arena->touched = 0;
}

static int arena_reserve(struct arena *arena, size_t capacity, size_t page,
                         void *(*reserve)(size_t size))
{
    arena_release(arena, page);
    arena->reserved = reserve(capacity + 2 * page);
    if (arena->reserved == NULL)
        return -1;
    arena->capacity = capacity;
    return 0;
}

static void arena_touch(struct arena *arena, size_t size)
{
    if (arena->touched < size)
        arena->touched = size;
}

static uint8_t *arena_window(const struct arena *arena, size_t page)
{
    uint8_t *low = arena->reserved + page;
    return arena->high ? low + arena->capacity - arena->window : low;
}

// Makes exactly `size` bytes, whole pages, accessible. The pages that stay so keep their content.
static int arena_open(struct arena *arena, size_t size, size_t page)
{
    if (arena->reserved != NULL && size == arena->window)
        return 0;
    size_t room = size <= SIZE_MAX / 4 ? 2 * size : size;
    if (size > arena->capacity && arena_reserve(arena, room, page, os_reserve) != 0 &&
        arena_reserve(arena, size, page, os_reserve) != 0)
        return -1;
    bool grows = size > arena->window;
    size_t near = grows ? arena->window : size;
    size_t far = grows ? size : arena->window;
    uint8_t *low = arena->reserved + page;
    uint8_t *part = arena->high ? low + arena->capacity - far : low + near;
    if (os_protect(part, far - near, grows ? OS_ACCESS_ALL : OS_ACCESS_NONE) != 0)
        return -1;
    arena->window = size;
    return 0;
}

// Makes at least that much accessible.
static int arena_room(struct arena *arena, size_t size, size_t page)
{
    return arena->reserved != NULL && size <= arena->window ? 0 : arena_open(arena, size, page);
}

// One with a window of exactly that size: as it is, or else that which was used less recently.
static struct arena *arenas_open(struct arenas *arenas, size_t size, size_t page)
{
    if (arenas->arena[arenas->last].window != size)
        arenas->last = 1 - arenas->last;
    struct arena *arena = &arenas->arena[arenas->last];
    return arena_open(arena, size, page) == 0 ? arena : NULL;
}

// Releases those of more than `most` bytes.
static void arenas_release(struct arenas *arenas, size_t most, size_t page)
{
    for (size_t i = 0; i < 2; i++)
        if (arenas->arena[i].capacity > most)
            arena_release(&arenas->arena[i], page);
}

static size_t arenas_touched(const struct arenas *arenas)
{
    return arenas->arena[0].touched + arenas->arena[1].touched;
}

// --- the cells

static uint8_t *cell_page(const struct memory *memory, unsigned which)
{
    return memory->cells + ((size_t)which * 2 + 1) * memory->page;
}

static uint32_t *cell_of(const struct memory *memory, unsigned which)
{
    return (uint32_t *)(void *)(cell_page(memory, which) + memory->page - CELL_DISTANCE);
}

static void cell_restore(struct memory *memory, unsigned which)
{
    pattern_fill(memory->pattern->table[FILL_HASH_0], cell_page(memory, which), memory->page, 0);
}

// Were bytes of a cell's page beside the cell's `size` bytes changed? They are put right.
static bool cell_damaged(struct memory *memory, unsigned which, size_t size)
{
    const uint8_t *table = memory->pattern->table[FILL_HASH_0];
    size_t cell = memory->page - CELL_DISTANCE;
    size_t behind = cell + size;
    uint8_t *page = cell_page(memory, which);
    struct extent before = pattern_changes(table, page, cell, 0, 0);
    struct extent after =
        pattern_changes(table, page + behind, memory->page - behind, behind % PATTERN_PERIOD, 0);
    if (extent_empty(before) && extent_empty(after))
        return false;
    cell_restore(memory, which);
    return true;
}

static bool takes(const struct call *call, enum parameter parameter)
{
    return function_takes(function_of((enum charset)call->charset), parameter);
}

// Was the identifier or a byte beside it changed? It is read only.
static bool id_damaged(struct memory *memory, const struct call *call)
{
    bool changed = memcmp(cell_of(memory, 1), call->subject, SUBJECT_SIZE) != 0;
    return cell_damaged(memory, 1, SUBJECT_SIZE) || changed;
}

static int cells_create(struct memory *memory)
{
    memory->cells = os_reserve(5 * memory->page);
    if (memory->cells == NULL)
        return -1;
    for (unsigned which = 0; which < 2; which++) {
        if (os_protect(cell_page(memory, which), memory->page, OS_ACCESS_ALL) != 0)
            return -1;
        cell_restore(memory, which);
    }
    return 0;
}

// --- the memory of one call

struct memory *memory_create(const struct pattern *pattern)
{
    struct memory *memory = calloc(1, sizeof *memory);
    if (memory == NULL)
        return NULL;
    memory->pattern = pattern;
    memory->page = os_page_size();
    memory->high.arena[0].high = memory->high.arena[1].high = true;
    memory->sparse_handle = -1;
    if (cells_create(memory) != 0) {
        memory_destroy(memory);
        return NULL;
    }
    return memory;
}

void memory_destroy(struct memory *memory)
{
    memory_finish(memory);
    arenas_release(&memory->low, 0, memory->page);
    arenas_release(&memory->high, 0, memory->page);
    arena_release(&memory->kept, memory->page);
    if (memory->cells != NULL)
        os_release(memory->cells, 5 * memory->page);
    free(memory);
}

static int open_sparse(struct memory *memory, size_t size)
{
    struct arena *arena = &memory->sparse;
    if (arena_reserve(arena, size, memory->page, os_sparse_reserve) != 0)
        return -1;
    arena->window = size;
    memory->sparse_handle = os_sparse_map(arena_window(arena, memory->page), size);
    if (memory->sparse_handle < 0)
        arena_release(arena, memory->page);
    return memory->sparse_handle < 0 ? -1 : 0;
}

// Opens the window for the buffer and decides where in it the buffer begins.
static int open_window(struct memory *memory, const struct call *call)
{
    uint64_t bytes = call_bytes(call);
    uint64_t wanted = bytes + (uint64_t)CANARY_MIN * 2 + 32;
    if (wanted > SIZE_MAX - 4 * memory->page)
        return -1;
    size_t size = round_up((size_t)wanted, memory->page);
    bool high = call->placement == PLACE_END || call->placement == PLACE_EXACT;
    struct arena *arena = &memory->sparse;
    if ((call->flags & CALL_SPARSE) != 0) {
        if (open_sparse(memory, size) != 0)
            return -1;
    } else {
        arena = arenas_open(high ? &memory->high : &memory->low, size, memory->page);
        if (arena == NULL)
            return -1;
        arena_touch(arena, size);
    }
    memory->window = arena_window(arena, memory->page);
    memory->window_size = size;
    memory->arena = arena;
    size_t offset = 0;
    if (call->placement == PLACE_MIDDLE)
        offset = CANARY_MIN + call->misalignment;
    else if (call->placement == PLACE_EXACT)
        offset = size - (size_t)bytes;
    else if (call->placement == PLACE_END)
        offset = (size - (size_t)bytes) / 16 * 16;
    memory->base = memory->window + offset;
    return 0;
}

// The phase of the first byte of the window: the buffer's own is 0.
static size_t window_phase(const struct memory *memory)
{
    size_t before = (size_t)(memory->base - memory->window) % PATTERN_PERIOD;
    return (PATTERN_PERIOD - before) % PATTERN_PERIOD;
}

static void fill_window(const struct memory *memory, const struct call *call)
{
    const uint8_t *canary = memory->pattern->table[FILL_HASH_0];
    size_t bytes = (size_t)call_bytes(call);
    size_t before = (size_t)(memory->base - memory->window);
    size_t after = memory->window_size - before - bytes;
    pattern_fill(canary, memory->window, before, window_phase(memory));
    pattern_fill(canary, memory->base + bytes, after, bytes % PATTERN_PERIOD);
    // Sparse memory is zero already, and must not be touched.
    if (memory->sparse_handle < 0)
        pattern_fill(memory->pattern->table[call->fill], memory->base, bytes, 0);
}

// An identifier takes more bytes than a count: what an earlier call had there is put right.
static void fill_cells(const struct memory *memory, const struct call *call)
{
    size_t phase = (memory->page - CELL_DISTANCE) % PATTERN_PERIOD;
    uint8_t *second = (uint8_t *)cell_of(memory, 1);
    *cell_of(memory, 0) = call->offered;
    if (takes(call, PARAMETER_ID)) {
        memcpy(second, call->subject, SUBJECT_SIZE);
        return;
    }
    pattern_fill(memory->pattern->table[FILL_HASH_0], second, SUBJECT_SIZE, phase);
    *cell_of(memory, 1) = call->count_in;
}

int memory_place(struct memory *memory, const struct call *call, struct arguments *arguments)
{
    memory_finish(memory);
    if (call->placement != PLACE_NULL) {
        if (open_window(memory, call) != 0) {
            memory_finish(memory);
            return -1;
        }
        fill_window(memory, call);
    }
    fill_cells(memory, call);
    arguments->size = (call->flags & CALL_SIZE_NULL) != 0 ? NULL : cell_of(memory, 0);
    arguments->count = (call->flags & CALL_COUNT_NULL) != 0 ? NULL : cell_of(memory, 1);
    arguments->buffer = memory->base;
    arguments->id = takes(call, PARAMETER_ID) ? (uint8_t *)cell_of(memory, 1) : NULL;
    return 0;
}

// Makes all bytes zero that were touched.
static int clear_sparse(const struct memory *memory)
{
    uint64_t start = 0;
    uint64_t stop = 0;
    for (uint64_t at = 0; at < memory->window_size; at = stop) {
        int found = os_sparse_next(memory->sparse_handle, at, &start, &stop);
        if (found <= 0)
            return found;
        memset(memory->window + start, 0, (size_t)(stop - start));
    }
    return 0;
}

int memory_refill(struct memory *memory, const struct call *call)
{
    fill_cells(memory, call);
    if (memory->window == NULL)
        return 0;
    if (memory->sparse_handle >= 0 && clear_sparse(memory) != 0)
        return -1;
    fill_window(memory, call);
    return 0;
}

// The changes in sparse memory. Only ranges that may have been touched are read, because reading
// takes memory, too.
static int sparse_changes(const struct memory *memory, uint64_t bytes, struct extent *changes)
{
    const uint8_t *zero = memory->pattern->table[FILL_ZERO];
    uint64_t begin = (uint64_t)(memory->base - memory->window);
    uint64_t end = begin + bytes;
    uint64_t start = 0;
    uint64_t stop = 0;
    *changes = extent_none();
    for (uint64_t at = begin; at < end; at = stop) {
        int found = os_sparse_next(memory->sparse_handle, at, &start, &stop);
        if (found <= 0)
            return found;
        start = start < begin ? begin : start;
        stop = stop > end ? end : stop;
        if (start >= stop)
            return 0;
        struct extent part = pattern_changes(zero, memory->window + start, (size_t)(stop - start),
                                             0, (int64_t)(start - begin));
        if (extent_empty(part))
            continue;
        if (extent_empty(*changes))
            *changes = part;
        changes->last = part.last;
    }
    return 0;
}

// Adds what was written into the inaccessible page at `page`, which stands beside the window: who
// handles its own faults can get there unseen. Pages that were part of a window once are left out.
static void add_guard(const struct memory *memory, uint8_t *page, struct extent *changes)
{
    size_t first = 0;
    size_t last = 0;
    if (!os_guard_written(page, &first, &last))
        return;
    const struct extent written = {page + first - memory->base, page + last - memory->base};
    if (extent_empty(*changes))
        *changes = written;
    if (written.first < changes->first)
        changes->first = written.first;
    if (written.last > changes->last)
        changes->last = written.last;
}

static void add_guards(const struct memory *memory, struct outcome *outcome)
{
    const struct arena *arena = memory->arena;
    uint8_t *low = arena->reserved;
    uint8_t *high = low + memory->page + arena->capacity;
    if (memory->window == low + memory->page)
        add_guard(memory, low, &outcome->before);
    if (memory->window + memory->window_size == high)
        add_guard(memory, high, &outcome->after);
}

static int window_changes(const struct memory *memory, const struct call *call,
                          struct outcome *outcome)
{
    const uint8_t *canary = memory->pattern->table[FILL_HASH_0];
    size_t bytes = (size_t)call_bytes(call);
    size_t before = (size_t)(memory->base - memory->window);
    size_t after = memory->window_size - before - bytes;
    outcome->before =
        pattern_changes(canary, memory->window, before, window_phase(memory), -(int64_t)before);
    outcome->after = pattern_changes(canary, memory->base + bytes, after, bytes % PATTERN_PERIOD,
                                     (int64_t)bytes);
    add_guards(memory, outcome);
    if (memory->sparse_handle >= 0)
        return sparse_changes(memory, bytes, &outcome->inside);
    outcome->inside =
        pattern_changes(memory->pattern->table[call->fill], memory->base, bytes, 0, 0);
    return 0;
}

int memory_examine(struct memory *memory, const struct call *call, struct outcome *outcome)
{
    bool with_size = (call->flags & CALL_SIZE_NULL) == 0;
    bool with_count = (call->flags & CALL_COUNT_NULL) == 0 && takes(call, PARAMETER_COUNT);
    outcome->size_out = with_size ? *cell_of(memory, 0) : 0;
    outcome->count_out = with_count ? *cell_of(memory, 1) : 0;
    outcome->size_cell_damaged = cell_damaged(memory, 0, sizeof(uint32_t));
    outcome->count_cell_damaged = takes(call, PARAMETER_ID)
                                      ? id_damaged(memory, call)
                                      : cell_damaged(memory, 1, sizeof(uint32_t));
    outcome->inside = outcome->before = outcome->after = extent_none();
    outcome->byte_count = 0;
    if (memory->window == NULL)
        return 0;
    if (window_changes(memory, call, outcome) != 0)
        return -1;
    if (outcome->status != 0)
        return 0;
    uint64_t there = call_bytes(call);
    uint64_t bytes =
        (uint64_t)outcome->size_out * function_of((enum charset)call->charset)->unit_size;
    if (bytes < (uint64_t)(outcome->inside.last + 1))
        bytes = (uint64_t)(outcome->inside.last + 1);
    if (bytes > there)
        bytes = there;
    outcome->byte_count = bytes > BYTES_MAX ? BYTES_MAX : (uint32_t)bytes;
    return 0;
}

int memory_keep_room(struct memory *memory, const struct call *call)
{
    uint64_t most = call->placement == PLACE_NULL ? 0 : call_bytes(call);
    if (most > BYTES_MAX)
        most = BYTES_MAX;
    return arena_room(&memory->kept, round_up((size_t)most + 1, memory->page), memory->page);
}

void memory_keep(struct memory *memory, const struct outcome *outcome)
{
    if (outcome->byte_count == 0)
        return;
    memcpy(arena_window(&memory->kept, memory->page), memory->base, outcome->byte_count);
    arena_touch(&memory->kept, round_up(outcome->byte_count, memory->page));
}

static bool same_extent(struct extent left, struct extent right)
{
    return left.first == right.first && left.last == right.last;
}

bool memory_same(const struct memory *memory, const struct outcome *kept,
                 const struct outcome *outcome)
{
    return kept->status == outcome->status && kept->size_out == outcome->size_out &&
           kept->count_out == outcome->count_out &&
           kept->size_cell_damaged == outcome->size_cell_damaged &&
           kept->count_cell_damaged == outcome->count_cell_damaged &&
           same_extent(kept->inside, outcome->inside) &&
           same_extent(kept->before, outcome->before) && same_extent(kept->after, outcome->after) &&
           kept->byte_count == outcome->byte_count &&
           (outcome->byte_count == 0 || memcmp(arena_window(&memory->kept, memory->page),
                                               memory->base, outcome->byte_count) == 0);
}

uint64_t memory_footprint(const struct memory *memory)
{
    return (uint64_t)arenas_touched(&memory->low) + arenas_touched(&memory->high) +
           memory->kept.touched + 2 * memory->page; // the cells
}

void memory_finish(struct memory *memory)
{
    if (memory->sparse_handle >= 0)
        os_sparse_close(memory->sparse_handle);
    memory->sparse_handle = -1;
    arena_release(&memory->sparse, memory->page);
    arenas_release(&memory->low, KEPT_MAX, memory->page);
    arenas_release(&memory->high, KEPT_MAX, memory->page);
    if (memory->kept.capacity > KEPT_MAX)
        arena_release(&memory->kept, memory->page);
    memory->window = NULL;
    memory->base = NULL;
}
