// SPDX-License-Identifier: Apache-2.0
// Checks the options of a login and hands them to libiscsi.
#include "emulator/initiator/login_options.h"

#include <iscsi/iscsi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ISID_BYTES = 6,
    NAME_LIMIT = 223,   // bytes: iSCSI's. libiscsi cuts a key=value pair at 254 without a word
    SECRET_LIMIT = 254, // bytes: libiscsi's for a CHAP name or secret; it would cut it
    DEFAULT_PORT = 3260,
    TYPE_OUI = 0, // the ISID's top two bits
    TYPE_ENTERPRISE = 1,
    TYPE_RANDOM = 2,
};

// Sets an ISID with libiscsi's setters. Each takes some of its bits as numbers and fixes the
// others.
static int set_isid(struct iscsi_context *context, const uint8_t isid[ISID_BYTES])
{
    static const uint8_t zero[ISID_BYTES - 1];
    unsigned type = isid[0] >> 6;
    uint32_t below = isid[0] & 0x3FU;
    uint32_t middle = (uint32_t)isid[1] << 16 | (uint32_t)isid[2] << 8 | isid[3];
    uint32_t last = (uint32_t)isid[4] << 8 | isid[5];
    if (type == TYPE_OUI)
        return iscsi_set_isid_oui(context, below << 16 | middle >> 8, (middle & 0xFF) << 16 | last);
    if (below != 0)
        return -1;
    if (type == TYPE_ENTERPRISE)
        return iscsi_set_isid_en(context, middle, last);
    if (type == TYPE_RANDOM)
        return iscsi_set_isid_random(context, middle, last);
    if (memcmp(isid + 1, zero, sizeof zero) != 0)
        return -1;
    return iscsi_set_isid_reserved(context);
}

static int check_name(const char *what, const char *name, struct failure *failure)
{
    size_t length = strlen(name);
    if (length >= 1 && length <= NAME_LIMIT)
        return 0;
    return failure_set(failure, STATUS_UNTRUSTED,
                       "%s \"%.*s%s\" has %zu bytes; iSCSI allows 1 to %d", what, 48, name,
                       length > 48 ? "..." : "", length, NAME_LIMIT);
}

// A CHAP name and its secret: both or neither.
static int check_secret(const char *whose, const struct initiator_secret *secret,
                        struct failure *failure)
{
    if (secret->user == NULL && secret->password == NULL)
        return 0;
    size_t user = secret->user == NULL ? 0 : strlen(secret->user);
    size_t password = secret->password == NULL ? 0 : strlen(secret->password);
    if (user >= 1 && user <= SECRET_LIMIT && password >= 1 && password <= SECRET_LIMIT)
        return 0;
    return failure_set(failure, STATUS_UNTRUSTED,
                       "%s CHAP name has %zu bytes and its secret %zu; each must have 1 to %d",
                       whose, user, password, SECRET_LIMIT);
}

int login_options_check(const struct initiator_options *options, struct failure *failure)
{
    if (check_name("initiator name", options->initiator_name, failure) != 0 ||
        (!options->discovery && check_name("target name", options->target_name, failure) != 0) ||
        check_name("alias", options->alias, failure) != 0 ||
        check_secret("the initiator's", &options->secret, failure) != 0 ||
        check_secret("the target's", &options->target_secret, failure) != 0)
        return -1;
    if (options->target_secret.user != NULL && options->secret.user == NULL)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "mutual CHAP needs the initiator's name and secret, too");
    return 0;
}

// libiscsi begins in the security stage when there is a secret, else in the operational one.
static int set_secrets(struct iscsi_context *context, const struct initiator_options *options)
{
    const struct initiator_secret *own = &options->secret;
    const struct initiator_secret *target = &options->target_secret;
    if (own->user != NULL &&
        iscsi_set_initiator_username_pwd(context, own->user, own->password) != 0)
        return -1;
    if (target->user != NULL &&
        iscsi_set_target_username_pwd(context, target->user, target->password) != 0)
        return -1;
    return 0;
}

int login_options_set(struct iscsi_context *context, const struct initiator_options *options,
                      struct failure *failure)
{
    const uint8_t *isid = options->isid;
    if (set_isid(context, isid) != 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "ISID %02x%02x%02x%02x%02x%02x: libiscsi can't send it; it can send "
                           "00 to 3f and any five bytes, 40 or 80 and any five bytes, and "
                           "c00000000000",
                           isid[0], isid[1], isid[2], isid[3], isid[4], isid[5]);
    bool discovery = options->discovery;
    if (iscsi_set_alias(context, options->alias) != 0 ||
        (!discovery && iscsi_set_targetname(context, options->target_name) != 0) ||
        iscsi_set_session_type(context,
                               discovery ? ISCSI_SESSION_DISCOVERY : ISCSI_SESSION_NORMAL) != 0 ||
        iscsi_set_header_digest(context, options->header_digest ? ISCSI_HEADER_DIGEST_CRC32C
                                                                : ISCSI_HEADER_DIGEST_NONE) != 0 ||
        set_secrets(context, options) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "libiscsi refused an option: %s",
                           iscsi_get_error(context));
    iscsi_set_noautoreconnect(context, 1);
    return 0;
}

void login_parse_target_address(const char *text, char *address, size_t size, unsigned *port)
{
    snprintf(address, size, "%.*s", (int)strcspn(text, ","), text);
    char *behind = address[0] == '[' ? strstr(address, "]:") : strchr(address, ':');
    char *colon = behind != NULL && address[0] == '[' ? behind + 1 : behind;
    *port = DEFAULT_PORT;
    if (colon != NULL) {
        char *end = NULL;
        unsigned long value = strtoul(colon + 1, &end, 10);
        if (*end == '\0' && end != colon + 1 && value >= 1 && value <= UINT16_MAX) {
            *port = (unsigned)value;
            *colon = '\0';
        }
    }
    size_t length = strlen(address);
    if (address[0] == '[' && address[length - 1] == ']') {
        address[length - 1] = '\0';
        memmove(address, address + 1, length - 1);
    }
}
