// SPDX-License-Identifier: Apache-2.0
// Checks sessions and calls of cases.
#include "conformance/transcript/case_check.h"

#include "conformance/transcript/case.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 223 }; // of iSCSI, and so of the session table

static int compare_sessions(const void *left, const void *right)
{
    const struct truth_session *a = *(const struct truth_session *const *)left;
    const struct truth_session *b = *(const struct truth_session *const *)right;
    int order = strcmp(a->target_node_name, b->target_node_name);
    if (order == 0)
        order = strcmp(a->initiator_name, b->initiator_name);
    return order != 0 ? order : memcmp(a->isid, b->isid, sizeof a->isid);
}

static int compare_numbers(const void *left, const void *right)
{
    const struct truth_session *a = *(const struct truth_session *const *)left;
    const struct truth_session *b = *(const struct truth_session *const *)right;
    if (a->adapter_unique != b->adapter_unique)
        return a->adapter_unique < b->adapter_unique ? -1 : 1;
    return (a->adapter_specific > b->adapter_specific) -
           (a->adapter_specific < b->adapter_specific);
}

// Are two of them alike by that order?
static int refuse_alike(const struct json_reading *reading, const struct truth *truth,
                        const struct truth_session **sorted,
                        int (*compare)(const void *left, const void *right), const char *what)
{
    qsort(sorted, truth->session_count, sizeof(const struct truth_session *), compare);
    for (size_t i = 1; i < truth->session_count; i++)
        if (compare(&sorted[i - 1], &sorted[i]) == 0)
            return json_refuse(reading,
                               "sessions[%zu] and sessions[%zu] have the same %s, so that they "
                               "can't be told apart; give one of them another",
                               (size_t)(sorted[i - 1] - truth->sessions),
                               (size_t)(sorted[i] - truth->sessions), what);
    return 0;
}

static int compare_cids(const void *left, const void *right)
{
    return *(const uint16_t *)left - *(const uint16_t *)right;
}

// What no session can be like, and an implementation would be blamed for.
static int check_session(const struct json_reading *reading, const struct truth_session *session,
                         size_t index)
{
    if (strcmp(session->target_name, session->target_node_name) != 0)
        return json_refuse(reading,
                           "sessions[%zu]: \"target_name\" must be the same as "
                           "\"target_node_name\"; give one of them only",
                           index);
    uint16_t *cids = calloc(session->connection_count + 1, sizeof *cids);
    if (cids == NULL)
        return json_refuse_memory(reading);
    int status = 0;
    for (size_t i = 0; i < session->connection_count; i++)
        cids[i] = session->connections[i].cid;
    qsort(cids, session->connection_count, sizeof *cids, compare_cids);
    for (size_t i = 1; i < session->connection_count && status == 0; i++)
        if (cids[i] == cids[i - 1])
            status = json_refuse(reading, "sessions[%zu]: two connections have the \"cid\" %u",
                                 index, (unsigned)cids[i]);
    free(cids);
    return status;
}

int case_check_sessions(const struct json_reading *reading, const struct truth *truth)
{
    // NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers
    const struct truth_session **sorted = calloc(truth->session_count + 1, sizeof *sorted);
    int status = sorted == NULL ? json_refuse_memory(reading) : 0;
    for (size_t i = 0; i < truth->session_count && status == 0; i++) {
        const struct truth_session *session = &truth->sessions[i];
        sorted[i] = session;
        if (strlen(session->initiator_name) > NAME_MAX_BYTES ||
            strlen(session->target_node_name) > NAME_MAX_BYTES ||
            strlen(session->target_name) > NAME_MAX_BYTES)
            status = json_refuse(reading,
                                 "sessions[%zu]: a name has more than the %d bytes that "
                                 "iSCSI allows",
                                 i, NAME_MAX_BYTES);
        else
            status = check_session(reading, session, i);
    }
    if (status == 0)
        status =
            refuse_alike(reading, truth, sorted, compare_sessions, "initiator, target and ISID");
    if (status == 0)
        status = refuse_alike(reading, truth, sorted, compare_numbers,
                              "\"adapter_unique\" and \"adapter_specific\"");
    free(sorted);
    return status;
}

int case_check_call(const struct json_reading *reading, const struct call *call)
{
    if (call->repeat < 1 || call->repeat > CASE_REPEAT_MAX)
        return json_refuse(reading, "\"repeat\" must be a number from 1 to %d", CASE_REPEAT_MAX);
    if (call->charset > CHARSET_W)
        return json_refuse_member(reading, "charset", "\"A\" or \"W\"");
    if (call->misalignment != 0 && call->placement != PLACE_MIDDLE)
        return json_refuse(reading, "\"misalignment\" needs \"placement\": \"middle\"");
    return 0;
}
