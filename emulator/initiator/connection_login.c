// SPDX-License-Identifier: Apache-2.0
// Logs a further connection in. A response is taken when it is what this moment of the login
// allows; anything else ends the connection with words.
#include "emulator/initiator/connection_login.h"

#include "conformance/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROUNDS_LIMIT = 8, // login requests of one stage
    LOGIN_TAG = 1,    // the Initiator Task Tag of all of a login
    FLAG_TRANSIT = 0x80,
    FLAG_CONTINUE = 0x40,
};

static enum connection_stage stage_after(enum connection_stage stage)
{
    return stage == STAGE_SECURITY ? STAGE_OPERATIONAL : STAGE_FULL_FEATURE;
}

// A Login Request of the present stage, which asks to go on to the next.
static int send_login(struct connection_login *login, const char *text, size_t size)
{
    uint8_t header[PDU_HEADER_SIZE] = {OPCODE_LOGIN | OPCODE_IMMEDIATE};
    if (login->rounds++ == ROUNDS_LIMIT)
        return pdu_refuse(login->pdus, "the target keeps negotiating after %d login requests",
                          ROUNDS_LIMIT);
    header[1] = (uint8_t)(FLAG_TRANSIT | (unsigned)login->stage << 2 | stage_after(login->stage));
    memcpy(header + 8, login->isid, sizeof login->isid);
    memcpy(header + 14, login->tsih, sizeof login->tsih);
    pdu_put32(header + 16, LOGIN_TAG);
    pdu_put16(header + 20, login->cid);
    return pdu_send(login->pdus, header, text, size);
}

// The login begins in the security stage although there is nothing to secure: one that begins in
// the operational stage gets a session of its own from tgtd, whatever its TSIH says.
int connection_login_begin(struct connection_login *login)
{
    login->stage = STAGE_SECURITY;
    int result = send_login(login, login->offers, login->offers_size);
    free(login->offers);
    login->offers = NULL;
    return result;
}

static int begin_operational_stage(struct connection_login *login)
{
    static const char text[] = "HeaderDigest=None\0DataDigest=None";
    login->stage = STAGE_OPERATIONAL;
    login->rounds = 0;
    return send_login(login, text, sizeof text);
}

// ---- what the target says during login ----

// Status-Class and Status-Detail in words (RFC 7143, 11.13.5).
static const char *login_status(unsigned status)
{
    static const struct {
        unsigned status;
        const char *words;
    } words[] = {
        {0x0101, "the target has moved for now"},
        {0x0102, "the target has moved for good"},
        {0x0200, "initiator error"},
        {0x0201, "authentication failed"},
        {0x0202, "not allowed"},
        {0x0203, "no such target, or not for this initiator"},
        {0x0204, "the target was removed"},
        {0x0205, "unsupported version"},
        {0x0206, "too many connections"},
        {0x0207, "a parameter is missing"},
        {0x0208, "the connection can't be included in the session"},
        {0x0209, "session type not supported"},
        {0x020A, "the session does not exist"},
        {0x020B, "invalid during login"},
        {0x0300, "target error"},
        {0x0301, "service unavailable"},
        {0x0302, "out of resources"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i].status == status)
            return words[i].words;
    }
    return "unknown status";
}

// Is the key a declaration of the target's, or an answer to what we offered?
static bool needs_no_answer(const char *pair, size_t key_size)
{
    static const char *const keys[] = {
        "TargetPortalGroupTag", "TargetAlias", "TargetAddress",           "AuthMethod",
        "HeaderDigest",         "DataDigest",  "MaxRecvDataSegmentLength"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strlen(keys[i]) == key_size && memcmp(keys[i], pair, key_size) == 0)
            return true;
    }
    return false;
}

// Checks an answer to an offer of ours: only None is offered.
static int check_answer(struct connection_login *login, const char *pair, size_t key_size)
{
    static const char *const offered[] = {"AuthMethod", "HeaderDigest", "DataDigest"};
    for (size_t i = 0; i < sizeof offered / sizeof *offered; i++) {
        if (strlen(offered[i]) == key_size && memcmp(offered[i], pair, key_size) == 0 &&
            strcmp(pair + key_size + 1, "None") != 0)
            return pdu_refuse(login->pdus, "login: the target wants %.200s; only None is offered",
                              pair);
    }
    return 0;
}

// Reads the target's keys. What it offers is accepted as it is, and written to `answers`: it
// concerns commands, and none are sent on this connection.
static int read_keys(struct connection_login *login, FILE *answers)
{
    const char *text = (const char *)login->pdus->data;
    size_t left = login->pdus->data_size;
    if (left > 0 && text[left - 1] != '\0')
        return pdu_refuse(login->pdus, "login: the target's text does not end");
    while (left > 0) {
        size_t size = strlen(text) + 1; // there is a NUL, see above
        const char *equals = strchr(text, '=');
        size_t key_size = equals == NULL ? 0 : (size_t)(equals - text);
        if (key_size == 0)
            return pdu_refuse(login->pdus, "login: the target sent a text that is no key=value");
        if (check_answer(login, text, key_size) != 0)
            return -1;
        if (!needs_no_answer(text, key_size))
            fwrite(text, 1, size, answers);
        text += size;
        left -= size;
    }
    return 0;
}

// Continues this stage when the target wants to negotiate more, or begins the next one.
static int go_on(struct connection_login *login, unsigned flags, const char *answers, size_t size)
{
    if ((flags & FLAG_TRANSIT) == 0)
        return send_login(login, answers, size);
    if ((flags & 3) != (unsigned)stage_after(login->stage))
        return pdu_refuse(login->pdus, "login: the target goes on from stage %d to stage %u",
                          (int)login->stage, flags & 3);
    if (login->stage == STAGE_SECURITY)
        return begin_operational_stage(login);
    if (memcmp(login->pdus->header + 14, login->tsih, sizeof login->tsih) != 0)
        return pdu_refuse(
            login->pdus, "login: the target put it into session %02x%02x, not %02x%02x",
            login->pdus->header[14], login->pdus->header[15], login->tsih[0], login->tsih[1]);
    login->stage = STAGE_FULL_FEATURE;
    return 0;
}

static int check_login_response(struct connection_login *login)
{
    const uint8_t *header = login->pdus->header;
    unsigned status = pdu_get16(header + 36);
    if (header[0] != OPCODE_LOGIN_RESPONSE)
        return pdu_refuse(login->pdus, "login: the target answered with opcode 0x%02x", header[0]);
    if (pdu_get32(header + 16) != LOGIN_TAG)
        return pdu_refuse(login->pdus,
                          "login: the target answered task 0x%08x, and 0x%08x was asked",
                          pdu_get32(header + 16), LOGIN_TAG);
    // The rest is checked only now: a refusal need not have it.
    if (status != 0)
        return pdu_refuse(login->pdus, "login refused: %s (status 0x%04x)", login_status(status),
                          status);
    if (header[3] != 0)
        return pdu_refuse(login->pdus, "login: the target speaks version %u of iSCSI", header[3]);
    if (memcmp(header + 8, login->isid, sizeof login->isid) != 0)
        return pdu_refuse(login->pdus, "login: the target answered for another ISID");
    if ((unsigned)(header[1] >> 2 & 3) != (unsigned)login->stage)
        return pdu_refuse(login->pdus, "login: the target answered for stage %d in stage %d",
                          header[1] >> 2 & 3, (int)login->stage);
    if ((header[1] & FLAG_CONTINUE) != 0)
        return pdu_refuse(login->pdus, "login: the target's text is longer than one PDU");
    return 0;
}

int connection_login_take(struct connection_login *login)
{
    if (check_login_response(login) != 0)
        return -1;
    char *answers = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&answers, &size);
    if (stream == NULL)
        return pdu_refuse(login->pdus, "out of memory");
    login->pdus->command_number = pdu_get32(login->pdus->header + 28); // ExpCmdSN
    login->pdus->status_number = pdu_get32(login->pdus->header + 24) + 1;
    int result = read_keys(login, stream);
    if (!text_close(stream, &answers))
        result = pdu_refuse(login->pdus, "out of memory");
    if (result == 0)
        result = go_on(login, login->pdus->header[1], answers, size);
    free(answers);
    return result;
}
