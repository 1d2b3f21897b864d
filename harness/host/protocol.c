// SPDX-License-Identifier: Apache-2.0
// Encodes and decodes the frames between kit and host. Nothing here does I/O or allocates, and the
// encoders may be called in a signal handler.
#include "harness/host/protocol.h"

#include <string.h>

static uint8_t *put8(uint8_t *at, uint8_t value)
{
    *at = value;
    return at + 1;
}

static uint8_t *put16(uint8_t *at, uint16_t value)
{
    return put8(put8(at, (uint8_t)value), (uint8_t)(value >> 8));
}

static uint8_t *put32(uint8_t *at, uint32_t value)
{
    return put16(put16(at, (uint16_t)value), (uint16_t)(value >> 16));
}

static uint8_t *put64(uint8_t *at, uint64_t value)
{
    return put32(put32(at, (uint32_t)value), (uint32_t)(value >> 32));
}

static uint8_t *put_text(uint8_t *at, const char *text, size_t size)
{
    // What lies behind the terminator is not ours to send.
    size_t length = strnlen(text, size - 1);
    memset(at, 0, size);
    memcpy(at, text, length);
    return at + size;
}

static uint8_t get8(const uint8_t **at)
{
    return *(*at)++;
}

static uint16_t get16(const uint8_t **at)
{
    uint16_t low = get8(at);
    return (uint16_t)(low | get8(at) << 8);
}

static uint32_t get32(const uint8_t **at)
{
    uint32_t low = get16(at);
    return low | (uint32_t)get16(at) << 16;
}

static uint64_t get64(const uint8_t **at)
{
    uint64_t low = get32(at);
    return low | (uint64_t)get32(at) << 32;
}

// False when the text has no terminator.
static bool get_text(const uint8_t **at, char *text, size_t size)
{
    memcpy(text, *at, size);
    *at += size;
    return memchr(text, '\0', size) != NULL;
}

// The most that a frame of that type may carry; -1 for a type that does not exist.
static int64_t payload_max(uint16_t type)
{
    switch (type) {
    case FRAME_HELLO:
        return HELLO_SIZE;
    case FRAME_CALLS:
        return CALLS_HEADER_SIZE + (int64_t)CALLS_MAX * CALL_SIZE;
    case FRAME_RESULT:
        return OUTCOME_SIZE + (int64_t)BYTES_MAX;
    case FRAME_MORE:
        return OUTCOME_SIZE;
    case FRAME_FAULT:
        return FAULT_SIZE;
    case FRAME_STACK:
        return STACK_SIZE_MAX;
    case FRAME_CLOCK:
        return CLOCK_SIZE;
    case FRAME_LOGIN:
        return LOGIN_SIZE;
    case FRAME_LOGGED:
        return LOGGED_SIZE;
    case FRAME_DONE:
    case FRAME_END:
    case FRAME_STOP:
    case FRAME_BEGIN:
        return 0;
    default:
        return -1;
    }
}

int frame_header_encode(uint8_t *bytes, size_t size, const struct frame_header *header)
{
    if (size < FRAME_HEADER_SIZE || header->payload_size > payload_max(header->type))
        return -1;
    uint8_t *at = put32(bytes, PROTOCOL_MAGIC);
    at = put64(at, header->nonce);
    at = put16(at, header->type);
    at = put16(at, PROTOCOL_VERSION);
    at = put32(at, header->payload_size);
    at = put32(at, 0); // reserved
    return (int)(at - bytes);
}

int frame_header_decode(struct frame_header *header, const uint8_t *bytes, size_t size)
{
    const uint8_t *at = bytes;
    if (size < FRAME_HEADER_SIZE || get32(&at) != PROTOCOL_MAGIC)
        return -1;
    header->nonce = get64(&at);
    header->type = get16(&at);
    uint16_t version = get16(&at);
    header->payload_size = get32(&at);
    uint32_t reserved = get32(&at);
    if (version != PROTOCOL_VERSION || reserved != 0 ||
        header->payload_size > payload_max(header->type))
        return -1;
    return (int)(at - bytes);
}

int hello_encode(uint8_t *bytes, size_t size, const struct hello *hello)
{
    if (size < HELLO_SIZE)
        return -1;
    uint8_t *at = put8(bytes, hello->pointer_size);
    at = put8(at, hello->long_align);
    at = put8(at, hello->has_a);
    at = put8(at, hello->has_w);
    at = put8(at, hello->has_ex);
    at = put16(at, hello->has_more);
    at = put8(at, hello->own_clock);
    at = put32(at, hello->code_page);
    at = put32(at, hello->page_size);
    at = put64(at, hello->buffer_max);
    at = put_text(at, hello->platform, sizeof hello->platform);
    at = put_text(at, hello->version, sizeof hello->version);
    at = put_text(at, hello->build_id, sizeof hello->build_id);
    at = put_text(at, hello->decorated, sizeof hello->decorated);
    at = put_text(at, hello->error, sizeof hello->error);
    return (int)(at - bytes);
}

int hello_decode(struct hello *hello, const uint8_t *bytes, size_t size)
{
    if (size != HELLO_SIZE)
        return -1;
    const uint8_t *at = bytes;
    hello->pointer_size = get8(&at);
    hello->long_align = get8(&at);
    hello->has_a = get8(&at);
    hello->has_w = get8(&at);
    hello->has_ex = get8(&at);
    hello->has_more = get16(&at);
    hello->own_clock = get8(&at);
    hello->code_page = get32(&at);
    hello->page_size = get32(&at);
    hello->buffer_max = get64(&at);
    bool texts_end = get_text(&at, hello->platform, sizeof hello->platform);
    texts_end &= get_text(&at, hello->version, sizeof hello->version);
    texts_end &= get_text(&at, hello->build_id, sizeof hello->build_id);
    texts_end &= get_text(&at, hello->decorated, sizeof hello->decorated);
    texts_end &= get_text(&at, hello->error, sizeof hello->error);
    if ((hello->pointer_size != 8 && hello->pointer_size != 4) ||
        (hello->long_align != 8 && hello->long_align != 4) || hello->has_a > 1 ||
        hello->has_w > 1 || hello->has_ex > 1 || hello->has_more > HELLO_MORE_ALL ||
        hello->own_clock > 1 || hello->page_size == 0 || !texts_end)
        return -1;
    return (int)(at - bytes);
}

const char *login_function_name(enum login_kind kind)
{
    static const char *const names[LOGIN_KINDS] = {"LoginIScsiTarget", "LogoutIScsiTarget",
                                                   "AddIScsiSendTargetPortal",
                                                   "RemoveIScsiSendTargetPortal"};
    return names[kind];
}

static uint8_t *put_name(uint8_t *at, const uint16_t *name, size_t size)
{
    for (size_t i = 0; i < size; i++)
        at = put16(at, name[i]);
    return at;
}

// False when the name has no end.
static bool get_name(const uint8_t **at, uint16_t *name, size_t size)
{
    for (size_t i = 0; i < size; i++)
        name[i] = get16(at);
    return name[size - 1] == 0;
}

static uint8_t *put_secret(uint8_t *at, uint8_t length, const uint8_t *secret)
{
    at = put8(at, length);
    memcpy(at, secret, LOGIN_SECRET_MAX);
    return at + LOGIN_SECRET_MAX;
}

static void get_secret(const uint8_t **at, uint8_t *length, uint8_t *secret)
{
    *length = get8(at);
    memcpy(secret, *at, LOGIN_SECRET_MAX);
    *at += LOGIN_SECRET_MAX;
}

static uint8_t *put_id(uint8_t *at, const struct iscsi_unique_id *id)
{
    return put64(put64(at, id->adapter_unique), id->adapter_specific);
}

static void get_id(const uint8_t **at, struct iscsi_unique_id *id)
{
    id->adapter_unique = get64(at);
    id->adapter_specific = get64(at);
}

int login_request_encode(uint8_t *bytes, size_t size, const struct login_request *request)
{
    if (size < LOGIN_SIZE)
        return -1;
    uint8_t *at = put8(bytes, (uint8_t)request->kind);
    at = put16(at, request->port);
    at = put_id(at, &request->session);
    at = put_name(at, request->target, ISCSI_NAME_SIZE);
    at = put_name(at, request->address, LOGIN_ADDRESS_SIZE);
    at = put_secret(at, request->user_length, request->user);
    at = put_secret(at, request->password_length, request->password);
    return (int)(at - bytes);
}

int login_request_decode(struct login_request *request, const uint8_t *bytes, size_t size)
{
    const uint8_t *at = bytes;
    if (size != LOGIN_SIZE)
        return -1;
    request->kind = (enum login_kind)get8(&at);
    request->port = get16(&at);
    get_id(&at, &request->session);
    bool names_end = get_name(&at, request->target, ISCSI_NAME_SIZE);
    names_end &= get_name(&at, request->address, LOGIN_ADDRESS_SIZE);
    get_secret(&at, &request->user_length, request->user);
    get_secret(&at, &request->password_length, request->password);
    return request->kind < LOGIN_KINDS && names_end ? (int)(at - bytes) : -1;
}

int login_answer_encode(uint8_t *bytes, size_t size, const struct login_answer *answer)
{
    if (size < LOGGED_SIZE)
        return -1;
    uint8_t *at = put8(bytes, answer->exported);
    at = put32(at, answer->status);
    at = put_id(at, &answer->session);
    at = put_id(at, &answer->connection);
    return (int)(at - bytes);
}

int login_answer_decode(struct login_answer *answer, const uint8_t *bytes, size_t size)
{
    const uint8_t *at = bytes;
    if (size != LOGGED_SIZE)
        return -1;
    uint8_t exported = get8(&at);
    answer->exported = exported == 1;
    answer->status = get32(&at);
    get_id(&at, &answer->session);
    get_id(&at, &answer->connection);
    return exported <= 1 ? (int)(at - bytes) : -1;
}

int clock_encode(uint8_t *bytes, size_t size, uint64_t now_ns)
{
    if (size < CLOCK_SIZE)
        return -1;
    return (int)(put64(bytes, now_ns) - bytes);
}

int clock_decode(uint64_t *now_ns, const uint8_t *bytes, size_t size)
{
    const uint8_t *at = bytes;
    if (size != CLOCK_SIZE)
        return -1;
    *now_ns = get64(&at);
    return (int)(at - bytes);
}

int calls_header_encode(uint8_t *bytes, size_t size, uint32_t thread_count, uint32_t call_count)
{
    if (size < CALLS_HEADER_SIZE)
        return -1;
    uint8_t *at = put32(bytes, thread_count);
    at = put32(at, call_count);
    return (int)(at - bytes);
}

int calls_header_decode(uint32_t *thread_count, uint32_t *call_count, const uint8_t *bytes,
                        size_t size)
{
    if (size < CALLS_HEADER_SIZE)
        return -1;
    const uint8_t *at = bytes;
    *thread_count = get32(&at);
    *call_count = get32(&at);
    if (*thread_count < 1 || *thread_count > THREADS_MAX || *call_count > CALLS_MAX)
        return -1;
    return (int)(at - bytes);
}

static bool call_valid(const struct call *call)
{
    return call->charset < CHARSETS && call->placement <= PLACE_EXACT && call->fill <= FILL_ONES &&
           call->flags <= (CALL_SIZE_NULL | CALL_COUNT_NULL | CALL_SPARSE | CALL_MEASURE) &&
           call->misalignment <= 15;
}

int call_encode(uint8_t *bytes, size_t size, const struct call *call)
{
    if (size < CALL_SIZE || !call_valid(call))
        return -1;
    uint8_t *at = put8(bytes, call->charset);
    at = put8(at, call->placement);
    at = put8(at, call->fill);
    at = put8(at, call->flags);
    at = put32(at, call->offered);
    at = put32(at, call->count_in);
    at = put32(at, call->misalignment);
    at = put32(at, call->repeat);
    memcpy(at, call->subject, sizeof call->subject);
    at += sizeof call->subject;
    return (int)(at - bytes);
}

int call_decode(struct call *call, const uint8_t *bytes, size_t size)
{
    if (size < CALL_SIZE)
        return -1;
    const uint8_t *at = bytes;
    call->charset = get8(&at);
    call->placement = get8(&at);
    call->fill = get8(&at);
    call->flags = get8(&at);
    call->offered = get32(&at);
    call->count_in = get32(&at);
    call->misalignment = get32(&at);
    call->repeat = get32(&at);
    memcpy(call->subject, at, sizeof call->subject);
    at += sizeof call->subject;
    if (!call_valid(call))
        return -1;
    return (int)(at - bytes);
}

static uint8_t *put_extent(uint8_t *at, struct extent extent)
{
    at = put64(at, (uint64_t)extent.first);
    return put64(at, (uint64_t)extent.last);
}

// False unless it is the one empty extent or lies within `lowest` to `highest`.
static bool get_extent(const uint8_t **at, struct extent *extent, int64_t lowest, int64_t highest)
{
    extent->first = (int64_t)get64(at);
    extent->last = (int64_t)get64(at);
    if (extent_empty(*extent))
        return extent->first == 0 && extent->last == -1;
    return extent->first >= lowest && extent->last <= highest;
}

static uint8_t *put_state(uint8_t *at, const struct process_state *state)
{
    at = put64(at, state->memory_bytes);
    at = put32(at, state->descriptors);
    at = put32(at, state->threads);
    at = put32(at, state->children);
    at = put64(at, state->caller_descriptors);
    at = put64(at, state->signal_mask);
    at = put64(at, state->signal_handlers);
    at = put64(at, state->directory);
    at = put32(at, state->umask);
    at = put64(at, state->timers);
    at = put64(at, state->limits);
    at = put64(at, state->mapped_bytes);
    return put64(at, state->floating_point);
}

static void get_state(const uint8_t **at, struct process_state *state)
{
    state->memory_bytes = get64(at);
    state->descriptors = get32(at);
    state->threads = get32(at);
    state->children = get32(at);
    state->caller_descriptors = get64(at);
    state->signal_mask = get64(at);
    state->signal_handlers = get64(at);
    state->directory = get64(at);
    state->umask = get32(at);
    state->timers = get64(at);
    state->limits = get64(at);
    state->mapped_bytes = get64(at);
    state->floating_point = get64(at);
}

int outcome_encode(uint8_t *bytes, size_t size, uint32_t thread, uint32_t index,
                   const struct outcome *outcome)
{
    if (size < OUTCOME_SIZE)
        return -1;
    uint8_t *at = put32(bytes, thread);
    at = put32(at, index);
    at = put8(at, outcome->kind);
    at = put8(at, outcome->size_cell_damaged);
    at = put8(at, outcome->count_cell_damaged);
    at = put8(at, outcome->fault_has_address);
    at = put32(at, outcome->status);
    at = put32(at, outcome->size_out);
    at = put32(at, outcome->count_out);
    at = put_extent(at, outcome->inside);
    at = put_extent(at, outcome->before);
    at = put_extent(at, outcome->after);
    at = put32(at, (uint32_t)outcome->signal_number);
    at = put32(at, outcome->direction);
    at = put64(at, outcome->fault_address);
    at = put32(at, (uint32_t)outcome->exit_code);
    at = put64(at, outcome->base);
    at = put64(at, outcome->began_ns);
    at = put64(at, outcome->ended_ns);
    at = put32(at, outcome->byte_count);
    at = put32(at, outcome->repeats);
    at = put64(at, outcome->first_ended_ns);
    at = put64(at, outcome->last_began_ns);
    at = put32(at, outcome->has_state);
    at = put_state(at, &outcome->state_before);
    at = put_state(at, &outcome->state_after);
    return (int)(at - bytes);
}

// False when it is neither 0 nor 1.
static bool get_bool(const uint8_t **at, bool *value)
{
    uint8_t byte = get8(at);
    *value = byte == 1;
    return byte <= 1;
}

// Whether what it says of repetitions can be so.
static bool repeats_valid(const struct outcome *outcome)
{
    if (outcome->ended_ns < outcome->began_ns || outcome->repeats < 1)
        return false;
    if (outcome->repeats == 1)
        return outcome->first_ended_ns == outcome->ended_ns &&
               outcome->last_began_ns == outcome->began_ns;
    return outcome->began_ns <= outcome->first_ended_ns &&
           outcome->first_ended_ns <= outcome->last_began_ns &&
           outcome->last_began_ns <= outcome->ended_ns;
}

int outcome_decode(struct outcome *outcome, uint32_t *thread, uint32_t *index, const uint8_t *bytes,
                   size_t size)
{
    enum { SIGNAL_MAX = 128, GAP_MAX = 1 << 24 };
    if (size < OUTCOME_SIZE)
        return -1;
    const uint8_t *at = bytes;
    *thread = get32(&at);
    *index = get32(&at);
    outcome->kind = get8(&at);
    bool valid = get_bool(&at, &outcome->size_cell_damaged);
    valid &= get_bool(&at, &outcome->count_cell_damaged);
    valid &= get_bool(&at, &outcome->fault_has_address);
    outcome->status = get32(&at);
    outcome->size_out = get32(&at);
    outcome->count_out = get32(&at);
    valid &= get_extent(&at, &outcome->inside, 0, (int64_t)UINT32_MAX - 1);
    valid &= get_extent(&at, &outcome->before, -(int64_t)GAP_MAX, -1);
    valid &= get_extent(&at, &outcome->after, 0, (int64_t)UINT32_MAX + GAP_MAX);
    outcome->signal_number = (int32_t)get32(&at);
    uint32_t direction = get32(&at);
    outcome->direction = (uint8_t)direction;
    outcome->fault_address = get64(&at);
    outcome->exit_code = (int32_t)get32(&at);
    outcome->base = get64(&at);
    outcome->began_ns = get64(&at);
    outcome->ended_ns = get64(&at);
    outcome->byte_count = get32(&at);
    outcome->repeats = get32(&at);
    outcome->first_ended_ns = get64(&at);
    outcome->last_began_ns = get64(&at);
    uint32_t has_state = get32(&at);
    outcome->has_state = has_state == 1;
    get_state(&at, &outcome->state_before);
    get_state(&at, &outcome->state_after);
    if (!valid || has_state > 1 || !repeats_valid(outcome) || *thread >= THREADS_MAX ||
        *index >= CALLS_MAX || outcome->kind > OUTCOME_DAMAGED || direction > FAULT_EXECUTE ||
        outcome->signal_number < 0 || outcome->signal_number > SIGNAL_MAX ||
        outcome->byte_count > BYTES_MAX)
        return -1;
    return (int)(at - bytes);
}

int fault_encode(uint8_t *bytes, size_t size, uint32_t thread, uint32_t index,
                 const struct outcome *outcome, const char *path)
{
    if (size < FAULT_SIZE || outcome_encode(bytes, size, thread, index, outcome) < 0)
        return -1;
    uint8_t *at = put32(bytes + OUTCOME_SIZE, outcome->exception);
    at = put64(at, outcome->fault_offset);
    at = put_text(at, outcome->fault_module, sizeof outcome->fault_module);
    at = put_text(at, path, FAULT_PATH_MAX);
    return (int)(at - bytes);
}

int fault_decode(struct outcome *outcome, char *path, uint32_t *thread, uint32_t *index,
                 const uint8_t *bytes, size_t size)
{
    if (size != FAULT_SIZE || outcome_decode(outcome, thread, index, bytes, OUTCOME_SIZE) < 0)
        return -1;
    const uint8_t *at = bytes + OUTCOME_SIZE;
    outcome->exception = get32(&at);
    outcome->fault_offset = get64(&at);
    bool texts_end = get_text(&at, outcome->fault_module, sizeof outcome->fault_module);
    texts_end &= get_text(&at, path, FAULT_PATH_MAX);
    return texts_end ? (int)(at - bytes) : -1;
}

int stack_encode(uint8_t *bytes, size_t size, const struct stack_image *image)
{
    if (size < STACK_HEADER_SIZE)
        return -1;
    uint8_t *at = put32(put32(bytes, image->machine), image->register_count);
    at = put64(put64(put64(at, image->host_first), image->host_end), image->instruction);
    for (size_t i = 0; i < STACK_REGISTERS_MAX; i++)
        at = put64(at, image->registers[i]);
    at = put32(put32(put64(at, image->address), image->maps_size), image->stack_size);
    return (int)(at - bytes);
}

int stack_decode(struct stack_image *image, const uint8_t *bytes, size_t size)
{
    const uint8_t *at = bytes;
    if (size < STACK_HEADER_SIZE)
        return -1;
    image->machine = get32(&at);
    image->register_count = get32(&at);
    image->host_first = get64(&at);
    image->host_end = get64(&at);
    image->instruction = get64(&at);
    for (size_t i = 0; i < STACK_REGISTERS_MAX; i++)
        image->registers[i] = get64(&at);
    image->address = get64(&at);
    image->maps_size = get32(&at);
    image->stack_size = get32(&at);
    if (image->register_count > STACK_REGISTERS_MAX || image->maps_size > STACK_MAPS_MAX ||
        image->stack_size > STACK_BYTES_MAX ||
        size != STACK_HEADER_SIZE + (size_t)image->maps_size + image->stack_size)
        return -1;
    return (int)(at - bytes);
}
