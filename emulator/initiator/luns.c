// SPDX-License-Identifier: Apache-2.0
// One command at a time: first REPORT LUNS, then INQUIRY of each unit. Each callback sends the next
// command; the session's loop sees that something is to be sent when libiscsi has returned.
#include "emulator/initiator/luns.h"

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>
#include <stdlib.h>

enum {
    LUNS_LIMIT = 512,
    REPORT_SIZE = 8 + 8 * LUNS_LIMIT,
    INQUIRY_SIZE = 64,
    LUN_BITS = 0x3FFF, // below the addressing method
};

struct question {
    size_t count;
    size_t known; // of `count`, whose types are known
    struct lun luns[LUNS_LIMIT];
    luns_done *done;
    void *argument;
};

static void end(struct question *question, bool good)
{
    question->done(good, question->luns, good ? question->count : 0, question->argument);
    free(question);
}

static void inquired(struct iscsi_context *context, int status, void *data, void *argument);

static void inquire_next(struct iscsi_context *context, struct question *question)
{
    if (question->known == question->count)
        end(question, true);
    else if (iscsi_inquiry_task(context, question->luns[question->known].number, 0, 0, INQUIRY_SIZE,
                                inquired, question) == NULL)
        end(question, false);
}

static void inquired(struct iscsi_context *context, int status, void *data, void *argument)
{
    struct question *question = argument;
    const struct scsi_inquiry_standard *inquiry =
        status == SCSI_STATUS_GOOD ? scsi_datain_unmarshall(data) : NULL;
    bool good = inquiry != NULL;
    if (good)
        question->luns[question->known++].type = (uint8_t)inquiry->device_type;
    scsi_free_scsi_task(data);
    if (good)
        inquire_next(context, question);
    else
        end(question, false);
}

static void reported(struct iscsi_context *context, int status, void *data, void *argument)
{
    struct question *question = argument;
    const struct scsi_reportluns_list *list =
        status == SCSI_STATUS_GOOD ? scsi_datain_unmarshall(data) : NULL;
    bool good = list != NULL && list->num <= LUNS_LIMIT;
    for (size_t i = 0; good && i < list->num; i++)
        question->luns[question->count++].number = list->luns[i] & LUN_BITS;
    scsi_free_scsi_task(data);
    if (good)
        inquire_next(context, question);
    else
        end(question, false);
}

int luns_ask(struct initiator_session *session, luns_done *done, void *argument)
{
    if (initiator_state(session) != INITIATOR_LOGGED_IN)
        return -1;
    struct question *question = calloc(1, sizeof *question);
    if (question == NULL)
        return -1;
    question->done = done;
    question->argument = argument;
    if (iscsi_reportluns_task(initiator_context(session), 0, REPORT_SIZE, reported, question) ==
        NULL) {
        free(question);
        return -1;
    }
    (void)initiator_update(session, NULL); // if it can't, the session's owner gives up in time
    return 0;
}
