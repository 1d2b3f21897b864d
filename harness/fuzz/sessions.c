// SPDX-License-Identifier: Apache-2.0
// Makes and changes sessions.
#include "harness/fuzz/sessions.h"

#include "harness/fuzz/names.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static uint16_t draw_port(struct draws *draws)
{
    static const uint16_t ports[] = {1, 255, 256, 257, 860, 3260, 32767, 32768, 65534, 65535};
    return draw_chance(draws, 60) ? DRAW_ONE(draws, ports) : (uint16_t)draw_from(draws, 1, 65535);
}

// Numeric and canonical, of any length.
static void draw_address(struct draws *draws, char address[static ADDRESS_TEXT_SIZE])
{
    static const char *const extremes[] = {
        "127.0.0.1", "0.0.0.0", "255.255.255.255", "::", "::1", "fe80::1", "::ffff:10.0.0.1"};
    uint8_t bytes[16];
    if (draw_chance(draws, 50)) {
        strcpy(address, DRAW_ONE(draws, extremes));
        return;
    }
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)draw_bits(draws);
    bytes[0] |= 0x20; // no IPv4 address in IPv6's form
    inet_ntop(draw_chance(draws, 50) ? AF_INET : AF_INET6, bytes, address, ADDRESS_TEXT_SIZE);
}

static size_t draw_connection_count(struct draws *draws)
{
    uint64_t kind = draw_below(draws, 200);
    if (kind < 50)
        return 0;
    if (kind < 150)
        return 1;
    if (kind < 190)
        return draw_from(draws, 2, 5);
    return kind < 199 ? draw_from(draws, 6, 40) : draw_from(draws, 254, 260);
}

// CIDs of one session: no two are each other's with the bytes swapped, which nobody could tell
// apart where an implementation swaps them.
static uint16_t cid_of(uint64_t base, size_t index, size_t count)
{
    if (count > 255)
        return (uint16_t)index;
    return (uint16_t)((base & 0xFF00) | ((base + index) & 0xFF));
}

// An identifier that no other session or connection of the case has; some of its bytes are extreme.
static uint64_t draw_identifier(struct draws *draws, uint32_t number)
{
    static const uint64_t highs[] = {0, 0, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x01000000};
    return DRAW_ONE(draws, highs) << 32 | number;
}

// Connections have identifiers above those of sessions.
static uint32_t next_number(struct sessions_made *made)
{
    return ++made->count;
}

static bool make_connections(struct draws *draws, struct sessions_made *made,
                             struct truth_session *session, size_t count)
{
    static const uint16_t bases[] = {0, 0, 0, 1, 0x00FF, 0x0100, 0x7FFF, 0x8000, 0xFF00, 0xFFFF};
    uint64_t base = draw_chance(draws, 80) ? DRAW_ONE(draws, bases) : draw_bits(draws);
    session->connections = calloc(count + 1, sizeof *session->connections);
    if (session->connections == NULL)
        return false;
    session->connection_count = count;
    for (size_t i = 0; i < count; i++) {
        struct truth_connection *connection = &session->connections[i];
        connection->adapter_unique = session->adapter_unique;
        connection->adapter_specific = draw_identifier(draws, next_number(made));
        connection->cid = cid_of(base, i, count);
        draw_address(draws, connection->initiator_address);
        draw_address(draws, connection->target_address);
        connection->initiator_port = draw_port(draws);
        connection->target_port = draw_port(draws);
    }
    return true;
}

// A name of its own, or one that a session before has.
static char *choose_name(struct draws *draws, const struct truth *truth, size_t made, bool target)
{
    char name[NAME_SIZE];
    if (made > 0 && draw_chance(draws, 40)) {
        const struct truth_session *other = &truth->sessions[draw_below(draws, made)];
        return strdup(target ? other->target_node_name : other->initiator_name);
    }
    if (target && draw_chance(draws, 4)) // its own initiator's
        return strdup(truth->sessions[made].initiator_name);
    draw_name(draws, name);
    return strdup(name);
}

static void draw_isid(struct draws *draws, uint32_t number, uint8_t isid[ISID_SIZE])
{
    static const uint8_t firsts[] = {0x00, 0x40, 0x80, 0xFF};
    isid[0] = DRAW_ONE(draws, firsts);
    isid[1] = (uint8_t)draw_bits(draws);
    isid[2] = draw_chance(draws, 30) ? 0 : (uint8_t)draw_bits(draws);
    isid[3] = (uint8_t)(number >> 16);
    isid[4] = (uint8_t)(number >> 8);
    isid[5] = (uint8_t)number;
}

static void draw_tsid(struct draws *draws, uint8_t tsid[TSID_SIZE])
{
    static const uint16_t tsihs[] = {0x0001, 0x0100, 0x00FF, 0xFF00, 0xFFFF, 0x8000};
    uint16_t tsih =
        draw_chance(draws, 40) ? DRAW_ONE(draws, tsihs) : (uint16_t)draw_from(draws, 1, 65535);
    tsid[0] = (uint8_t)(tsih >> 8);
    tsid[1] = (uint8_t)tsih;
}

// The session at `index`; those before it are made. False when memory ran out.
static bool make_session(struct draws *draws, struct sessions_made *made, struct truth *truth,
                         size_t index, size_t connections)
{
    struct truth_session *session = &truth->sessions[index];
    uint32_t number = next_number(made);
    *session = (struct truth_session){
        .adapter_unique = draw_chance(draws, 80) ? 1 : UINT64_MAX,
        .adapter_specific = draw_identifier(draws, number),
        .initiator_name = choose_name(draws, truth, index, false),
    };
    if (session->initiator_name != NULL)
        session->target_node_name = choose_name(draws, truth, index, true);
    if (session->target_node_name != NULL)
        session->target_name = strdup(session->target_node_name);
    draw_isid(draws, number, session->isid);
    draw_tsid(draws, session->tsid);
    return make_connections(draws, made, session, connections) && session->initiator_name != NULL &&
           session->target_name != NULL;
}

static size_t draw_session_count(struct draws *draws)
{
    uint64_t kind = draw_below(draws, 1000);
    if (kind < 60)
        return 0;
    if (kind < 850)
        return draw_from(draws, 1, 6);
    if (kind < 970)
        return draw_from(draws, 7, 70);
    if (kind < 997)
        return draw_from(draws, 254, 258);
    return draw_from(draws, 1000, 4000);
}

struct truth *sessions_make(struct draws *draws, struct sessions_made *made)
{
    enum { MANY = 40 }; // sessions; more have few connections, or lists get too long
    size_t drawn = draw_session_count(draws);
    size_t count = drawn < made->most ? drawn : made->most;
    struct truth *truth = calloc(1, sizeof *truth);
    if (truth == NULL)
        return NULL;
    truth->sessions = calloc(count + 1, sizeof *truth->sessions);
    bool good = truth->sessions != NULL;
    for (size_t i = 0; i < count && good; i++) {
        size_t connections = draw_connection_count(draws);
        truth->session_count = i + 1;
        good =
            make_session(draws, made, truth, i, count > MANY && connections > 2 ? 2 : connections);
    }
    if (good)
        return truth;
    truth_free(truth);
    return NULL;
}

// ---- Changes

static bool log_in(struct draws *draws, struct sessions_made *made, struct truth *truth)
{
    if (truth->session_count >= made->most)
        return true;
    struct truth_session *grown =
        reallocarray(truth->sessions, truth->session_count + 2, sizeof *grown);
    if (grown == NULL)
        return false;
    truth->sessions = grown;
    size_t last = truth->session_count++;
    if (!make_session(draws, made, truth, last, draw_connection_count(draws)))
        return false;
    // An implementation may list it anywhere.
    size_t place = draw_below(draws, truth->session_count);
    struct truth_session moved = truth->sessions[last];
    memmove(&truth->sessions[place + 1], &truth->sessions[place],
            (last - place) * sizeof truth->sessions[0]);
    truth->sessions[place] = moved;
    return true;
}

static bool log_out(struct draws *draws, struct truth *truth)
{
    if (truth->session_count == 0)
        return true;
    size_t place = draw_below(draws, truth->session_count);
    truth_session_clear(&truth->sessions[place]);
    truth->session_count--;
    memmove(&truth->sessions[place], &truth->sessions[place + 1],
            (truth->session_count - place) * sizeof truth->sessions[0]);
    return true;
}

// The session stays, with other connections or none.
static bool reconnect(struct draws *draws, struct sessions_made *made, struct truth *truth)
{
    if (truth->session_count == 0)
        return true;
    struct truth_session *session = &truth->sessions[draw_below(draws, truth->session_count)];
    free(session->connections);
    session->connection_count = 0;
    session->connections = NULL;
    return make_connections(draws, made, session,
                            draw_chance(draws, 50) ? 0 : draw_connection_count(draws));
}

static bool change_one(struct draws *draws, struct sessions_made *made, struct truth *truth)
{
    switch (draw_below(draws, 3)) {
    case 0:
        return log_in(draws, made, truth);
    case 1:
        return log_out(draws, truth);
    default:
        return reconnect(draws, made, truth);
    }
}

struct truth *sessions_change(struct draws *draws, struct sessions_made *made,
                              const struct truth *before)
{
    struct truth *truth = truth_copy(before);
    size_t changes = draw_chance(draws, 70) ? 1 : draw_from(draws, 2, 5);
    bool good = truth != NULL;
    if (good && draw_chance(draws, 10))
        while (truth->session_count > 0)
            log_out(draws, truth);
    for (size_t i = 0; i < changes && good; i++)
        good = change_one(draws, made, truth);
    if (good)
        return truth;
    truth_free(truth);
    return NULL;
}

// ---- Variations

static void note_number(struct sessions_made *made, uint64_t number)
{
    if (made->count < (uint32_t)number)
        made->count = (uint32_t)number;
}

void sessions_note(struct sessions_made *made, const struct truth *truth)
{
    for (size_t i = 0; i < truth->session_count; i++) {
        const struct truth_session *session = &truth->sessions[i];
        note_number(made, session->adapter_specific);
        note_number(made, (uint64_t)session->isid[3] << 16 | (uint64_t)session->isid[4] << 8 |
                              session->isid[5]);
        for (size_t j = 0; j < session->connection_count; j++)
            note_number(made, session->connections[j].adapter_specific);
    }
}

static bool replace_name(char **name, char *other)
{
    if (other == NULL)
        return false;
    free(*name);
    *name = other;
    return true;
}

static bool rename_one(struct draws *draws, struct truth *truth, struct truth_session *session)
{
    bool target = draw_chance(draws, 50);
    char *name = choose_name(draws, truth, (size_t)(session - truth->sessions), target);
    if (!target)
        return replace_name(&session->initiator_name, name);
    return replace_name(&session->target_node_name, name) &&
           replace_name(&session->target_name, strdup(session->target_node_name));
}

// The same connections, one of them with another number or address.
static void vary_connection(struct draws *draws, struct truth_session *session)
{
    if (session->connection_count == 0)
        return;
    struct truth_connection *connection =
        &session->connections[draw_below(draws, session->connection_count)];
    switch (draw_below(draws, 4)) {
    case 0:
        connection->initiator_port = draw_port(draws);
        break;
    case 1:
        connection->target_port = draw_port(draws);
        break;
    case 2:
        draw_address(draws, connection->initiator_address);
        break;
    default:
        draw_address(draws, connection->target_address);
    }
}

// Numbers at which counters, buffers and arrays end.
static size_t draw_limit(struct draws *draws)
{
    static const uint16_t limits[] = {3,  4,  5,  7,  8,   9,   15,  16,  17,  31, 32,
                                      33, 63, 64, 65, 127, 128, 129, 255, 256, 257};
    return DRAW_ONE(draws, limits);
}

static bool reconnect_to_limit(struct draws *draws, struct sessions_made *made,
                               struct truth_session *session)
{
    free(session->connections);
    session->connection_count = 0;
    session->connections = NULL;
    return make_connections(draws, made, session, draw_limit(draws));
}

bool sessions_grow(struct draws *draws, struct sessions_made *made, struct truth *truth)
{
    size_t count = draw_limit(draws);
    if (count <= truth->session_count)
        return true;
    struct truth_session *grown = reallocarray(truth->sessions, count + 1, sizeof *grown);
    if (grown == NULL)
        return false;
    truth->sessions = grown;
    while (truth->session_count < count) {
        size_t last = truth->session_count++;
        if (!make_session(draws, made, truth, last, draw_below(draws, 3)))
            return false;
    }
    return true;
}

bool sessions_vary(struct draws *draws, struct sessions_made *made, struct truth *truth)
{
    uint64_t kind = draw_below(draws, 10);
    if (truth->session_count == 0 || kind < 4)
        return change_one(draws, made, truth);
    struct truth_session *session = &truth->sessions[draw_below(draws, truth->session_count)];
    if (kind < 5)
        return reconnect_to_limit(draws, made, session);
    if (kind < 8)
        return rename_one(draws, truth, session);
    if (kind < 9)
        draw_tsid(draws, session->tsid);
    else
        vary_connection(draws, session);
    return true;
}
