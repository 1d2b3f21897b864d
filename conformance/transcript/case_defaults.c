// SPDX-License-Identifier: Apache-2.0
// The defaults of cases.
#include "conformance/transcript/case_defaults.h"

#include "conformance/base/json.h"
#include "conformance/transcript/record_json.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SESSIONS_MAX = 65536,    // that a number stands for
    CONNECTIONS_MAX = 65536, // of one session: a CID has 16 bits
    PORTS_FIRST = 49152,     // of the initiators, one after the other
    PORTS = 16384,
};

static const char REQUIRED[] = "required";

// ---- Sessions

// Those that a session and its connections have by their places.
static json_t *default_session(size_t index)
{
    char specific[17];
    char name[64];
    char isid[13];
    char tsid[5];
    size_t number = index + 1;
    snprintf(specific, sizeof specific, "%016zx", number);
    snprintf(name, sizeof name, "iqn.2024-01.test:disk-%zu", number);
    snprintf(isid, sizeof isid, "00023d%06zx", number & 0xFFFFFF);
    snprintf(tsid, sizeof tsid, "%02zx%02zx", number & 0xFF, number >> 8 & 0xFF);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i}", "adapter_unique",
                     "0000000000000001", "adapter_specific", specific, "initiator_name",
                     "iqn.2024-01.test:host", "target_node_name", name, "target_name", name, "isid",
                     isid, "tsid", tsid, "connections", 1);
}

static json_t *default_connection(size_t session, size_t index)
{
    char specific[17];
    snprintf(specific, sizeof specific, "%016zx", (session + 1) << 16 | index);
    return json_pack("{s:s, s:s, s:i, s:s, s:i, s:s, s:i}", "adapter_unique", "0000000000000001",
                     "adapter_specific", specific, "cid", (int)(index & 0xFFFF),
                     "initiator_address", "127.0.0.1", "initiator_port",
                     (int)(PORTS_FIRST + (session + index) % PORTS), "target_address", "127.0.0.1",
                     "target_port", 3260);
}

// Makes a list of so many empty objects of a number; nothing of anything else.
static int expand(json_t *object, const char *name, size_t most)
{
    const json_t *value = json_object_get(object, name);
    json_int_t count = json_integer_value(value);
    if (!json_is_integer(value) || count < 0 || (uintmax_t)count > most)
        return 0;
    json_t *list = json_array();
    for (json_int_t i = 0; i < count; i++)
        list_add(&list, json_object());
    return json_object_set_new(object, name, list);
}

// TargetName is the iSCSI name that TargetNodeName is.
static int follow_name(json_t *session, json_t *defaults)
{
    json_t *name = json_object_get(session, "target_node_name");
    return name == NULL ? 0 : json_object_set(defaults, "target_name", name);
}

static int fill_session(json_t *session, size_t index)
{
    json_t *defaults = default_session(index);
    int status = defaults == NULL || follow_name(session, defaults) != 0 ||
                         json_object_update_missing(session, defaults) != 0 ||
                         expand(session, "connections", CONNECTIONS_MAX) != 0
                     ? -1
                     : 0;
    json_decref(defaults);
    size_t i = 0;
    json_t *connection = NULL;
    json_array_foreach(json_object_get(session, "connections"), i, connection)
    {
        defaults = status == 0 && json_is_object(connection) ? default_connection(index, i) : NULL;
        if (json_is_object(connection) && json_object_update_missing(connection, defaults) != 0)
            status = -1;
        json_decref(defaults);
    }
    return status;
}

int case_fill_sessions(json_t *truth)
{
    if (expand(truth, "sessions", SESSIONS_MAX) != 0)
        return -1;
    size_t i = 0;
    json_t *session = NULL;
    json_array_foreach(json_object_get(truth, "sessions"), i, session)
    {
        if (json_is_object(session) && fill_session(session, i) != 0)
            return -1;
    }
    return 0;
}

// Takes out the members that are as in `defaults`, which it releases.
static int leave_out(json_t *object, json_t *defaults)
{
    const char *name = NULL;
    json_t *value = NULL;
    if (defaults == NULL)
        return -1;
    json_object_foreach(defaults, name, value)
    {
        if (json_equal(json_object_get(object, name), value))
            json_object_del(object, name);
    }
    json_decref(defaults);
    return 0;
}

// Makes a number of a list of empty objects.
static int collapse(json_t *object, const char *name)
{
    json_t *list = json_object_get(object, name);
    size_t i = 0;
    json_t *element = NULL;
    json_array_foreach(list, i, element)
    {
        if (json_object_size(element) > 0)
            return 0;
    }
    return json_object_set_new(object, name, json_integer((json_int_t)json_array_size(list)));
}

static int thin_session(json_t *session, size_t index)
{
    size_t i = 0;
    json_t *connection = NULL;
    json_array_foreach(json_object_get(session, "connections"), i, connection)
    {
        if (leave_out(connection, default_connection(index, i)) != 0)
            return -1;
    }
    json_t *defaults = default_session(index);
    if (defaults != NULL && follow_name(session, defaults) == 0 &&
        collapse(session, "connections") == 0)
        return leave_out(session, defaults);
    json_decref(defaults);
    return -1;
}

int case_thin_sessions(json_t *truth)
{
    size_t i = 0;
    json_t *session = NULL;
    json_array_foreach(json_object_get(truth, "sessions"), i, session)
    {
        if (thin_session(session, i) != 0)
            return -1;
    }
    return collapse(truth, "sessions");
}

// ---- Calls

static const char *skip_blanks(const char *text)
{
    while (*text == ' ')
        text++;
    return text;
}

// "required", "required + 8", "required - 1". False where it is none of them.
static bool read_required(const char *text, int32_t *beyond)
{
    *beyond = 0;
    if (strncmp(text, REQUIRED, strlen(REQUIRED)) != 0)
        return false;
    text = skip_blanks(text + strlen(REQUIRED));
    if (*text == '\0')
        return true;
    char sign = *text;
    text = skip_blanks(text + 1);
    if ((sign != '+' && sign != '-') || !isdigit((unsigned char)*text))
        return false;
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0' || number > INT32_MAX)
        return false;
    *beyond = sign == '-' ? -(int32_t)number : (int32_t)number;
    return true;
}

static bool has_flag(const json_t *call, const char *name)
{
    size_t i = 0;
    json_t *flag = NULL;
    json_array_foreach(json_object_get(call, "flags"), i, flag)
    {
        const char *text = json_string_value(flag);
        if (text != NULL && strcmp(text, name) == 0)
            return true;
    }
    return false;
}

// Where the buffer stands if nothing is said of it: nowhere, if it has no size.
static const char *default_placement(const json_t *call, const struct offer *offer)
{
    const json_t *offered = json_object_get(call, "offered");
    if (!offer->of_required && (offered == NULL || json_integer_value(offered) == 0))
        return "null";
    if (json_object_get(call, "misalignment") != NULL)
        return "middle";
    return has_flag(call, "sparse") ? "start" : "end";
}

int case_fill_call(json_t *call, struct offer *offer)
{
    const char *text = json_text_of(call, "offered");
    *offer = (struct offer){.usual_count = json_object_get(call, "count_in") == NULL};
    if (text != NULL) {
        if (!read_required(text, &offer->beyond))
            return 1;
        offer->of_required = true;
        if (json_object_set_new(call, "offered", json_integer(0)) != 0)
            return -1;
    }
    json_t *defaults =
        json_pack("{s:s, s:s, s:s, s:[], s:i, s:i, s:i, s:i}", "charset", "W", "placement",
                  default_placement(call, offer), "fill", "hash-0", "flags", "offered", 0,
                  "count_in", 0, "misalignment", 0, "repeat", 1);
    int status = defaults == NULL ? -1 : json_object_update_missing(call, defaults);
    json_decref(defaults);
    return status;
}

// The text that read_required reads.
static json_t *required_to_json(int32_t beyond)
{
    char text[48];
    if (beyond == 0)
        return json_string(REQUIRED);
    snprintf(text, sizeof text, "%s %c %" PRId64, REQUIRED, beyond < 0 ? '-' : '+',
             beyond < 0 ? -(int64_t)beyond : (int64_t)beyond);
    return json_string(text);
}

// What is always said, and what decides the defaults of the rest.
static json_t *begin_call(const struct record *record, const json_t *whole)
{
    const struct call *call = &record->call;
    json_t *thin = json_object();
    object_add(&thin, "charset", json_incref(json_object_get(whole, "charset")));
    if (record->offer.of_required)
        object_add(&thin, "offered", required_to_json(record->offer.beyond));
    else if (call->offered != 0)
        object_add(&thin, "offered", number_to_json(call->offered));
    if (!record->offer.usual_count)
        object_add(&thin, "count_in", number_to_json(call->count_in));
    if (call->misalignment != 0)
        object_add(&thin, "misalignment", number_to_json(call->misalignment));
    if (call->flags != 0)
        object_add(&thin, "flags", json_incref(json_object_get(whole, "flags")));
    return thin;
}

json_t *case_thin_call(const struct record *record)
{
    json_t *whole = call_to_json(record, FORM_TRANSCRIPT);
    json_t *thin = begin_call(record, whole);
    json_t *filled = json_deep_copy(thin);
    struct offer offer;
    const char *name = NULL;
    json_t *value = NULL;
    if (filled == NULL || case_fill_call(filled, &offer) != 0)
        object_add(&thin, "", NULL); // memory ran out
    json_object_del(whole, "offered");
    json_object_del(whole, "count_in");
    json_object_foreach(whole, name, value)
    {
        if (json_object_get(thin, name) == NULL &&
            !json_equal(json_object_get(filled, name), value))
            object_add(&thin, name, json_incref(value));
    }
    json_decref(filled);
    json_decref(whole);
    return thin;
}
