// SPDX-License-Identifier: Apache-2.0
// Tells another program what is up, and what happens to it.
#include "harness/command/emulate_json.h"

#include "conformance/base/json.h"
#include "conformance/transcript/truth_json.h"

#include <errno.h>
#include <string.h>

enum { EMULATE_JSON_VERSION = 1 };

// Takes over `object`.
static int write_line(FILE *stream, json_t *object, struct failure *failure)
{
    if (object == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    int status = json_dumpf(object, stream, JSON_COMPACT);
    json_decref(object);
    if (status != 0 || fputc('\n', stream) == EOF || fflush(stream) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "standard output: %s", strerror(errno));
    return 0;
}

static json_t *begin(const char *type)
{
    json_t *object = json_object();
    object_add(&object, "type", json_string(type));
    return object;
}

static json_t *portals_to_json(const struct tgtd_portal *portals, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        list_add(&list, json_pack("{s:s, s:i}", "address", portals[i].address, "port",
                                  (int)portals[i].port));
    return list;
}

static json_t *instances_to_json(const struct emulator *emulator)
{
    json_t *list = json_array();
    for (size_t i = 0; i < emulator_topology(emulator)->instance_count; i++) {
        size_t count = 0;
        const struct tgtd *tgtd = emulator_instance(emulator, i);
        const struct tgtd_portal *portals = emulator_portals(emulator, i, &count);
        json_t *object = json_object();
        object_add(&object, "name", text_to_json(tgtd_name(tgtd)));
        object_add(&object, "process", json_integer(tgtd_pid(tgtd)));
        object_add(&object, "portals", portals_to_json(portals, count));
        object_add(&object, "management_socket", text_to_json(tgtd_socket(tgtd)));
        object_add(&object, "management_command", text_to_json(tgtd_command(tgtd)));
        list_add(&list, object);
    }
    return list;
}

static json_t *targets_to_json(const struct topology *topology)
{
    json_t *list = json_array();
    for (size_t i = 0; i < topology->target_count; i++) {
        const struct topology_target *target = &topology->targets[i];
        json_t *object = json_object();
        object_add(&object, "name", text_to_json(target->name));
        object_add(&object, "instance", text_to_json(topology->instances[target->instance].name));
        object_add(&object, "luns", json_integer(target->lun_count));
        list_add(&list, object);
    }
    return list;
}

// As a transcript has them, in its truths.
static void add_sessions(json_t **object, const struct emulator *emulator)
{
    json_t *truth = truth_to_json(emulator_truth(emulator));
    object_add(object, "sessions", json_incref(json_object_get(truth, "sessions")));
    json_decref(truth);
}

// Those that have not happened yet.
static json_t *events_to_json(const struct topology *topology)
{
    json_t *list = json_array();
    for (size_t i = 0; i < topology->event_count; i++)
        if (topology->events[i].moment != MOMENT_BEFORE)
            list_add(&list, json_pack("{s:I, s:o}", "number", (json_int_t)i + 1, "sentence",
                                      text_to_json(topology->events[i].sentence)));
    return list;
}

int emulate_json_ready(FILE *stream, const struct scenario *scenario,
                       const struct emulator *emulator, struct failure *failure)
{
    json_t *object = begin("ready");
    object_add(&object, "version", json_integer(EMULATE_JSON_VERSION));
    object_add(&object, "kit",
               json_pack("{s:s, s:s}", "name", "iscsidsc-tck", "version", TCK_VERSION));
    object_add(&object, "scenario",
               json_pack("{s:o, s:o}", "name", text_to_json(scenario->name), "summary",
                         text_to_json(scenario->summary)));
    object_add(&object, "session_table", text_to_json(emulator_session_table(emulator)));
    object_add(&object, "instances", instances_to_json(emulator));
    object_add(&object, "targets", targets_to_json(&scenario->topology));
    add_sessions(&object, emulator);
    object_add(&object, "events", events_to_json(&scenario->topology));
    return write_line(stream, object, failure);
}

int emulate_json_event(FILE *stream, const struct emulator *emulator, size_t number,
                       struct failure *failure)
{
    json_t *object = begin("event");
    object_add(&object, "number", json_integer((json_int_t)number));
    object_add(&object, "sentence",
               text_to_json(emulator_topology(emulator)->events[number - 1].sentence));
    add_sessions(&object, emulator);
    return write_line(stream, object, failure);
}

int emulate_json_ending(FILE *stream, struct failure *failure)
{
    return write_line(stream, begin("ending"), failure);
}
