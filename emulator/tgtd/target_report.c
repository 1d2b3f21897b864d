// SPDX-License-Identifier: Apache-2.0
// Reads what an instance lists: its targets, their I_T nexuses and connections.
#include "emulator/tgtd/target_report.h"

#include "conformance/base/endpoint.h"
#include "emulator/tgtd/ask.h"
#include "emulator/tgtd/instance.h"
#include "emulator/tgtd/log.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// One I_T nexus of the list of targets. What iSCSI calls a session SCSI calls an I_T nexus, and
// tgtd gives both the same number.
struct nexus {
    unsigned tid;
    unsigned tsih;
    const char *initiator; // "NAME alias: ALIAS", inside the text it was read from
    bool connected;        // a connection of it was found
};

struct nexuses {
    char *text; // what tgtadm printed, cut into lines
    size_t count;
    size_t capacity;
    struct nexus *items; // by tid and tsih
    unsigned target_count;
    unsigned *of_target; // how many target `index` + 1 has
    unsigned targets_seen;
};

static void nexuses_free(struct nexuses *nexuses)
{
    free(nexuses->text);
    free(nexuses->items);
    free(nexuses->of_target);
}

// Text that is read line by line, each line cut off in place.
struct lines {
    char *rest;
    size_t number;
};

static char *next_line(struct lines *lines)
{
    if (lines->rest == NULL)
        return NULL;
    lines->number++;
    return strsep(&lines->rest, "\n");
}

// What follows `prefix` in `line`; NULL when the line does not begin with it.
static char *after(char *line, const char *prefix)
{
    size_t length = strlen(prefix);
    return line != NULL && strncmp(line, prefix, length) == 0 ? line + length : NULL;
}

static bool parse_number(const char *text, unsigned most, unsigned *value)
{
    unsigned long result = 0;
    if (text == NULL || *text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (!isdigit((unsigned char)*text))
            return false;
        result = result * 10 + (unsigned long)(*text - '0');
        if (result > most)
            return false;
    }
    *value = (unsigned)result;
    return true;
}

static int not_understood(struct tgtd *tgtd, const char *what, const struct lines *lines,
                          const char *line, struct failure *failure)
{
    tgtd_fail(tgtd, failure, "tgtadm's %s cannot be understood at line %zu: \"%s\"", what,
              lines->number, line == NULL ? "(its end)" : line);
    return -1; // the analyzer does not see that tgtd_fail returns -1
}

static int add_nexus(struct nexuses *nexuses, unsigned tid, unsigned tsih, const char *initiator)
{
    if (nexuses->count == nexuses->capacity) {
        size_t capacity = nexuses->capacity == 0 ? 64 : nexuses->capacity * 2;
        struct nexus *items = reallocarray(nexuses->items, capacity, sizeof *items);
        if (items == NULL)
            return -1;
        nexuses->items = items;
        nexuses->capacity = capacity;
    }
    nexuses->items[nexuses->count++] = (struct nexus){tid, tsih, initiator, false};
    nexuses->of_target[tid - 1]++;
    return 0;
}

static const char list_of_targets[] = "list of targets";

// Reads the lines of one nexus that follow its first one. tgtadm shows only the first of its
// connections there, so they are skipped.
static int parse_nexus(struct tgtd *tgtd, struct nexuses *nexuses, struct lines *lines,
                       unsigned tid, const char *id, struct failure *failure)
{
    unsigned tsih = 0;
    if (!parse_number(id, UINT16_MAX, &tsih))
        return not_understood(tgtd, list_of_targets, lines, id, failure);
    char *line = next_line(lines);
    const char *initiator = after(line, "            Initiator: ");
    if (initiator == NULL)
        return not_understood(tgtd, list_of_targets, lines, line, failure);
    if (add_nexus(nexuses, tid, tsih, initiator) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "tgtd: out of memory");
    return 0;
}

static int parse_target(struct tgtd *tgtd, struct nexuses *nexuses, const struct lines *lines,
                        char *line, unsigned *tid, struct failure *failure)
{
    char *id = after(line, "Target ");
    char *name = id == NULL ? NULL : strstr(id, ": ");
    if (name == NULL)
        return not_understood(tgtd, list_of_targets, lines, line, failure);
    *name = '\0';
    if (!parse_number(id, nexuses->target_count, tid) || *tid == 0)
        return tgtd_fail(tgtd, failure, "it has a target %s, and %u were made", id,
                         nexuses->target_count);
    nexuses->targets_seen++;
    return 0;
}

static int parse_targets(struct tgtd *tgtd, struct nexuses *nexuses, struct failure *failure)
{
    struct lines lines = {.rest = nexuses->text[0] == '\0' ? NULL : nexuses->text};
    unsigned tid = 0;
    bool in_nexuses = false;
    int result = 0;
    char *line = NULL;
    while (result == 0 && (line = next_line(&lines)) != NULL) {
        const char *id = in_nexuses ? after(line, "        I_T nexus: ") : NULL;
        bool indented = strncmp(line, "    ", 4) == 0 && tid != 0;
        if (id != NULL) {
            result = parse_nexus(tgtd, nexuses, &lines, tid, id, failure);
        } else if (!indented) {
            in_nexuses = false;
            result = parse_target(tgtd, nexuses, &lines, line, &tid, failure);
        } else if (strcmp(line, "    I_T nexus information:") == 0) {
            in_nexuses = true;
        } else if (strcmp(line, "    LUN information:") == 0) {
            in_nexuses = false;
        } else if (in_nexuses && after(line, "            Connection: ") == NULL &&
                   after(line, "                IP Address: ") == NULL) {
            result = not_understood(tgtd, list_of_targets, &lines, line, failure);
        }
    }
    if (result == 0 && nexuses->targets_seen + tgtd->deleted != nexuses->target_count)
        result = tgtd_fail(tgtd, failure, "it has %u targets, and %u were made",
                           nexuses->targets_seen, nexuses->target_count - tgtd->deleted);
    return result;
}

static int compare_nexuses(const void *left, const void *right)
{
    const struct nexus *a = left;
    const struct nexus *b = right;
    if (a->tid != b->tid)
        return a->tid < b->tid ? -1 : 1;
    return a->tsih < b->tsih ? -1 : a->tsih > b->tsih;
}

// Runs a tgtadm command that shows something. 0 with `*output`, malloc'ed and without newlines at
// its end; or -1 with `failure`: `what` cannot be had.
static int show(struct tgtd *tgtd, const char *const *arguments, const char *what, char **output,
                struct failure *failure)
{
    int status = 0;
    int result = tgtd_ask(tgtd, arguments, ANSWER_TIMEOUT_MS, output, &status, failure);
    if (result == 0 && status != 0)
        result = tgtd_fail(tgtd, failure, "%s cannot be had: tgtadm said: %s", what, *output);
    return result;
}

static int read_nexuses(struct tgtd *tgtd, unsigned target_count, struct nexuses *nexuses,
                        struct failure *failure)
{
    const char *const arguments[] = {"--op", "show", "--mode", "target", NULL};
    memset(nexuses, 0, sizeof *nexuses);
    nexuses->target_count = target_count;
    nexuses->of_target = calloc((size_t)target_count + 1, sizeof *nexuses->of_target);
    if (tgtd_memory_ran_out(nexuses->of_target, failure))
        return -1;
    if (show(tgtd, arguments, "the list of targets", &nexuses->text, failure) != 0 ||
        parse_targets(tgtd, nexuses, failure) != 0)
        return -1;
    if (nexuses->count > 0)
        qsort(nexuses->items, nexuses->count, sizeof *nexuses->items, compare_nexuses);
    return 0;
}

// An entry of the list of connections; its texts lie in the text that was read.
struct listed {
    unsigned tsih;
    unsigned cid;
    const char *initiator;
    const char *address;
};

// The next connection of the list: 0; 1 at its end; -1 with `failure`.
static int parse_connection(struct tgtd *tgtd, struct lines *lines, struct listed *listed,
                            struct failure *failure)
{
    static const char what[] = "list of connections";
    char *line = next_line(lines);
    if (line == NULL)
        return 1;
    if (!parse_number(after(line, "Session: "), UINT16_MAX, &listed->tsih))
        return not_understood(tgtd, what, lines, line, failure);
    line = next_line(lines);
    if (!parse_number(after(line, "    Connection: "), UINT16_MAX, &listed->cid))
        return not_understood(tgtd, what, lines, line, failure);
    line = next_line(lines);
    listed->initiator = after(line, "        Initiator: ");
    if (listed->initiator == NULL)
        return not_understood(tgtd, what, lines, line, failure);
    line = next_line(lines);
    // tgtd shows no address for a connection whose peer has just closed it.
    listed->address = line != NULL && (line[0] == '\0' || strcmp(line, "        ") == 0)
                          ? ""
                          : after(line, "        IP Address: ");
    if (listed->address == NULL)
        return not_understood(tgtd, what, lines, line, failure);
    return 0;
}

static int copy_text(struct tgtd *tgtd, char *to, size_t size, const char *from, const char *what,
                     struct failure *failure)
{
    size_t length = strlen(from);
    if (length >= size)
        return tgtd_fail(tgtd, failure,
                         "%s of %zu bytes is longer than the %zu that can be: \"%s\"", what, length,
                         size - 1, from);
    memcpy(to, from, length + 1);
    return 0;
}

// The alias of a listed connection's session, from the list of targets. 0; 1 when the two lists are
// of different moments; -1 with `failure`.
static int find_alias(struct tgtd *tgtd, struct nexuses *nexuses, unsigned tid,
                      const struct listed *listed, const char **alias, struct failure *failure)
{
    static const char separator[] = " alias: ";
    char canonical[ADDRESS_TEXT_SIZE];
    struct nexus key = {.tid = tid, .tsih = listed->tsih};
    struct nexus *nexus = nexuses->count == 0 ? NULL
                                              : bsearch(&key, nexuses->items, nexuses->count,
                                                        sizeof *nexuses->items, compare_nexuses);
    size_t length = strlen(listed->initiator);
    if (nexus == NULL || listed->address[0] == '\0' ||
        strncmp(nexus->initiator, listed->initiator, length) != 0 ||
        strncmp(nexus->initiator + length, separator, strlen(separator)) != 0)
        return 1;
    if (address_canonical(listed->address, canonical) != 0)
        return tgtd_fail(tgtd, failure,
                         "connection %u of session %u of target %u: \"%s\" is no address",
                         listed->cid, listed->tsih, tid, listed->address);
    nexus->connected = true;
    *alias = nexus->initiator + length + strlen(separator);
    if (strcmp(*alias, "none") == 0) // how tgtd shows that there is no alias
        *alias = "";
    return 0;
}

// Room for one more: doubled whenever the count is a power of two.
static struct tgtd_connection *extend(struct tgtd_report *report)
{
    size_t count = report->connection_count;
    if ((count & (count - 1)) == 0) {
        struct tgtd_connection *connections =
            reallocarray(report->connections, count == 0 ? 1 : count * 2, sizeof *connections);
        if (connections == NULL)
            return NULL;
        report->connections = connections;
    }
    return &report->connections[report->connection_count++];
}

// The list of one target's connections, as tgtadm prints it. Asked for on the management socket
// where that is possible: one tgtadm for each of hundreds of targets takes half as long as all
// logins.
static int show_connections(struct tgtd *tgtd, unsigned tid, char **text, struct failure *failure)
{
    const struct management_request request = {
        .mode = MANAGEMENT_CONNECTION, .operation = MANAGEMENT_SHOW, .tid = (int)tid};
    struct tgtd_number id = tgtd_number(tid);
    const char *const arguments[] = {"--op", "show", "--mode", "conn", "--tid", id.text, NULL};
    int result = tgtd_ask_directly(tgtd, &request, text, failure);
    return result <= 0 ? result : show(tgtd, arguments, "the list of connections", text, failure);
}

static int add_connection(struct tgtd *tgtd, struct tgtd_report *report, unsigned tid,
                          const struct listed *listed, const char *alias, struct failure *failure)
{
    struct tgtd_connection *connection = extend(report);
    if (tgtd_memory_ran_out(connection, failure))
        return -1;
    *connection = (struct tgtd_connection){
        .tid = tid, .tsih = (uint16_t)listed->tsih, .cid = (uint16_t)listed->cid};
    if (copy_text(tgtd, connection->initiator_name, sizeof connection->initiator_name,
                  listed->initiator, "an initiator name", failure) != 0 ||
        copy_text(tgtd, connection->initiator_address, sizeof connection->initiator_address,
                  listed->address, "an address", failure) != 0)
        return -1;
    return copy_text(tgtd, connection->initiator_alias, sizeof connection->initiator_alias, alias,
                     "an alias", failure);
}

// Adds the connections of one target; their aliases are empty where `nexuses` is NULL. Returns as
// find_alias.
static int read_connections(struct tgtd *tgtd, struct nexuses *nexuses, unsigned tid,
                            struct tgtd_report *report, struct failure *failure)
{
    char *text = NULL;
    int result = show_connections(tgtd, tid, &text, failure);
    struct lines lines = {.rest = text != NULL && text[0] != '\0' ? text : NULL};
    while (result == 0) {
        struct listed listed = {0, 0, "", ""};
        const char *alias = "";
        result = parse_connection(tgtd, &lines, &listed, failure);
        if (result > 0) { // the list's end
            result = 0;
            break;
        }
        if (result == 0 && nexuses != NULL)
            result = find_alias(tgtd, nexuses, tid, &listed, &alias, failure);
        if (result == 0)
            result = add_connection(tgtd, report, tid, &listed, alias, failure);
    }
    free(text);
    return result;
}

// Reads the lists once. No command shows the connections of all targets, so each target with
// sessions takes a command of its own, and sessions may come and go between them. Returns as
// find_alias.
static int read_report(struct tgtd *tgtd, unsigned target_count, struct tgtd_report *report,
                       struct failure *failure)
{
    struct nexuses nexuses;
    int result = read_nexuses(tgtd, target_count, &nexuses, failure);
    for (unsigned tid = 1; tid <= target_count && result == 0; tid++) {
        if (nexuses.of_target[tid - 1] > 0)
            result = read_connections(tgtd, &nexuses, tid, report, failure);
    }
    for (size_t i = 0; i < nexuses.count && result == 0; i++)
        result = nexuses.items[i].connected ? 0 : 1;
    nexuses_free(&nexuses);
    return result;
}

int tgtd_get_connections(struct tgtd *tgtd, unsigned tid, struct tgtd_report *report,
                         struct failure *failure)
{
    memset(report, 0, sizeof *report);
    int result = read_connections(tgtd, NULL, tid, report, failure);
    if (result != 0)
        tgtd_report_free(report);
    return result;
}

int tgtd_get_report(struct tgtd *tgtd, unsigned target_count, struct tgtd_report *report,
                    struct failure *failure)
{
    enum { READINGS = 20 };
    memset(report, 0, sizeof *report);
    int result = 1;
    for (int i = 0; i < READINGS && result > 0; i++) {
        tgtd_report_free(report);
        result = read_report(tgtd, target_count, report, failure);
    }
    if (result > 0)
        result = tgtd_fail(
            tgtd, failure,
            "its list of targets and its lists of connections named different sessions in "
            "each of %d readings",
            READINGS);
    if (result != 0)
        tgtd_report_free(report);
    return result;
}

void tgtd_report_free(struct tgtd_report *report)
{
    free(report->connections);
    memset(report, 0, sizeof *report);
}
