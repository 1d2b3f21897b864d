// SPDX-License-Identifier: Apache-2.0
// Writes the session table. docs/session-table.md describes the format.
#include "emulator/table/session_table.h"

#include "conformance/base/text.h"
#include "emulator/table/replacement.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

// A name with the format's own separators would be read as several fields. The scenario loader
// refuses names with control characters; if one gets here, the run must stop.
static bool fits_field(const char *text)
{
    if (text[0] == '\0')
        return false;
    for (const char *byte = text; *byte != '\0'; byte++) {
        if ((unsigned char)*byte < ' ' || *byte == 0x7F)
            return false;
    }
    return true;
}

static int session_check(const struct truth_session *session, struct failure *failure)
{
    const char *names[] = {session->initiator_name, session->target_node_name,
                           session->target_name};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!fits_field(names[i]))
            return failure_set(failure, STATUS_UNTRUSTED,
                               "session table: session %016" PRIx64 ": the name \"%s\" is empty or "
                               "has control characters, which the table can't hold",
                               session->adapter_specific, names[i]);
    }
    return 0;
}

static void session_print(FILE *stream, const struct truth_session *session)
{
    const uint8_t *isid = session->isid;
    fprintf(stream,
            "session\t%016" PRIx64 "\t%016" PRIx64 "\t%s\t%s\t%s\t%02x%02x%02x%02x%02x%02x\t"
            "%02x%02x\t%zu\n",
            session->adapter_unique, session->adapter_specific, session->initiator_name,
            session->target_node_name, session->target_name, isid[0], isid[1], isid[2], isid[3],
            isid[4], isid[5], session->tsid[0], session->tsid[1], session->connection_count);
    for (size_t i = 0; i < session->connection_count; i++) {
        const struct truth_connection *connection = &session->connections[i];
        // On the wire the CID is big-endian: its bytes are the digits of the number, in this order.
        fprintf(stream, "connection\t%016" PRIx64 "\t%016" PRIx64 "\t%s\t%u\t%s\t%u\t%04x\n",
                connection->adapter_unique, connection->adapter_specific,
                connection->initiator_address, connection->initiator_port,
                connection->target_address, connection->target_port, connection->cid);
    }
}

char *session_table_text(const struct truth *truth, size_t *size, struct failure *failure)
{
    char *text = NULL;
    FILE *stream = open_memstream(&text, size);
    if (stream == NULL) {
        replacement_fail_memory(failure);
        return NULL;
    }
    bool good = true;
    fprintf(stream, "iscsidsc-session-table\t1\t%" PRIu64 "\n", truth->generation);
    for (size_t i = 0; good && i < truth->session_count; i++) {
        good = session_check(&truth->sessions[i], failure) == 0;
        if (good)
            session_print(stream, &truth->sessions[i]);
    }
    fprintf(stream, "end\t%zu\n", truth->session_count);
    if (!text_close(stream, &text)) {
        replacement_fail_memory(failure);
    } else if (!good) {
        free(text);
        text = NULL;
    }
    return text;
}

int session_table_write(const char *path, const struct truth *truth, struct failure *failure)
{
    size_t size = 0;
    char *text = session_table_text(truth, &size, failure);
    int result = text == NULL ? -1 : replacement_write(path, text, size, failure);
    free(text);
    return result;
}
